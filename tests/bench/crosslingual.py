"""How near each signal of the comparison brings two sentences that say the same, over real sentences that nobody here wrote.

    python -m tests.bench.crosslingual --data FOLDER [--sentences 300] [--model FOLDER] [--json]    # --data holds xling/

Two tables. Translations (Tatoeba): of each foreign sentence, is its English one the nearest of all? Graded likeness (STS benchmark in
English and its translations into German and Russian, the last rows, which are from news): Spearman's rank correlation of the
likeness with what people said, within a language and across two. ``words`` is the model-free likeness (comparison.lexicon), ``mean``
that of the encoders' standardised cosines, as claims and passages are scored (comparison.scoring). ``--model`` measures a model of one's
own in place of the packaged encoders. The third table is the sentences that each encodes in a CPU second.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import Encoder, load_encoders
from comparison.hub_encoder import HubEncoder
from comparison.lexicon import features, likeness

Likenesses = NDArray[np.float64]

TRANSLATED = {"de": "deu", "ru": "rus", "uk": "ukr"}
GRADED = ("en", "de", "ru")


def read_translations(folder: Path, language: str, count: int) -> tuple[list[str], list[str]]:
    """The foreign sentences and their English ones, in one order."""
    name = TRANSLATED[language]
    foreign, english = ((folder / f"tatoeba.{name}-eng.{side}").read_text(encoding="utf-8").splitlines() for side in (name, "eng"))
    return foreign[:count], english[:count]


def read_graded(folder: Path, count: int) -> tuple[dict[str, list[tuple[str, str]]], NDArray[np.float64]]:
    """By language the pairs, the same ones in the same order, and what people said of each (0..5)."""
    pairs, grades = {}, np.zeros(0)
    for language in GRADED:
        with (folder / f"stsb-{language}-dev.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[-count:]
        pairs[language] = [(row[0], row[1]) for row in rows]
        grades = np.array([float(row[2]) for row in rows])
    return pairs, grades


def measure_translations(folder: Path, encoders: list[Encoder], count: int) -> dict[str, dict[str, float]]:
    """By language and signal: the share of foreign sentences whose nearest English sentence is their own, 0..1."""
    found: dict[str, dict[str, float]] = {}
    for language in TRANSLATED:
        foreign, english = read_translations(folder, language, count)
        tables = {one.short: one.encode(foreign) @ one.encode(english).T for one in encoders if knows(one, language)}
        tables["mean"] = np.mean([standardised(table) for table in tables.values()], axis=0)
        left, right = [features(text, language) for text in foreign], [features(text, "en") for text in english]
        tables["words"] = np.array([[likeness(one, other) for other in right] for one in left])
        found[language] = {name: share_first(table) for name, table in tables.items()} | {"n": len(foreign)}
    return found


def share_first(table: Likenesses) -> float:
    """The share of rows in which the column of the same number, and no other, has the greatest likeness."""
    own = np.diagonal(table).copy()
    others = table.copy()
    np.fill_diagonal(others, -np.inf)
    return round(float((own > others.max(axis=1)).mean()), 3)


def measure_graded(folder: Path, encoders: list[Encoder], count: int) -> dict[str, dict[str, float]]:
    """By pair of languages and signal: Spearman's correlation with what people said, -1..1."""
    pairs, grades = read_graded(folder, count)
    texts = {(language, side): [pair[side] for pair in pairs[language]] for language in GRADED for side in (0, 1)}
    vectors = {one.short: {key: one.encode(lines) for key, lines in texts.items()} for one in encoders}
    words = {key: [features(line, key[0]) for line in lines] for key, lines in texts.items()}
    found = {}
    for number, left in enumerate(GRADED):
        for right in GRADED[number:]:
            rows = {name: (sides[left, 0] * sides[right, 1]).sum(axis=1) for name, sides in vectors.items()}
            rows["mean"] = np.mean([standardised(row) for row in rows.values()], axis=0)
            rows["words"] = np.array([likeness(one, other) for one, other in zip(words[left, 0], words[right, 1], strict=True)])
            found[f"{left}-{right}"] = {name: rank_correlation(row, grades) for name, row in rows.items()} | {"n": len(grades)}
    return found


def measure_speed(folder: Path, encoders: list[Encoder], count: int) -> dict[str, dict[str, float]]:
    """By language the sentences that each encoder encodes in a CPU second, loading it left out."""
    found: dict[str, dict[str, float]] = {}
    for language in TRANSLATED:
        sentences = read_translations(folder, language, count)[0]
        found[language] = {"n": len(sentences)}
        for one in encoders:
            if knows(one, language):
                one.encode(sentences[:1])
                before = time.process_time()
                one.encode(sentences)
                found[language][one.short] = round(len(sentences) / (time.process_time() - before), 1)
    return found


def rank_correlation(left: Likenesses, right: Likenesses) -> float:
    """Spearman's, with the mean rank for equal values."""
    return round(float(np.corrcoef(ranks(left), ranks(right))[0, 1]), 3)


def ranks(values: Likenesses) -> Likenesses:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    found: Likenesses = (last - (counts - 1) / 2)[inverse]
    return found


def knows(encoder: Encoder, language: str) -> bool:
    return encoder.languages is None or language in encoder.languages


def standardised(values: NDArray[Any]) -> Likenesses:
    found: Likenesses = (values - values.mean()) / values.std()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with xling/")
    parser.add_argument("--sentences", type=int, default=300, help="of each table and language")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="of a model of one's own, measured in place of the packaged ones")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = options.data / "xling"
    if not folder.is_dir():
        print(f"{folder} is not there: nothing is measured", file=sys.stderr)
        return 2
    encoders: list[Encoder] = list(load_encoders("auto").all) if options.model is None else [HubEncoder(options.model)]
    found = {
        "translations": measure_translations(folder, encoders, options.sentences),
        "graded": measure_graded(folder, encoders, options.sentences),
        "speed": measure_speed(folder, encoders, min(options.sentences, 50)),
    }
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for table, rows in found.items():
        for name, row in rows.items():
            print(f"{table:14} {name:6} " + "  ".join(f"{key} {value}" for key, value in row.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
