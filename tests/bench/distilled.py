"""A static table of words distilled from E5 vectors, as a first pass: measured against the first look with USE (E5 for Ukrainian).

    python -m tests.bench.distilled --vectors FOLDER      (the folder of `tests.eval.gate --vectors`, filled by a run of each part)

Fits one vector a word and a word's beginning, so that their mean is near the E5 vector, on the sentences of the evaluation sets' tuning
part. Then every article of the test set is scored by headline and lead as a first look scores it, with the table and with the packaged
encoders: what share of the other sets' articles is left to be read where no related article, or one in thirty, may be lost.
See docs/decisions/no-distilled-table.md for what was seen.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from comparison.background import Yardstick, background_sentences, claim_text, kernels
from comparison.encoders import load_encoders, text_key
from comparison.folding import fold
from comparison.kernels import kernel
from comparison.leads import first_encoder, headline_and_lead
from comparison.lexicon import features, likeness
from comparison.passages import pairs, sentences
from comparison.reference import read_report
from comparison.relevance import BEST_CLAIMS, WORDS
from interfaces.demo.newsroom import read_newsroom
from storage.claim_records import ClaimKind
from tests.eval.recorded import RecordedEncoder, recorded, save
from tests.eval.sets import Group, Part, bench_sets, read_set
from tests.eval.store import stored_text

Vectors = NDArray[np.float32]
LANGUAGES = ("en", "de", "ru", "uk")
TEST_SET = "shakhta-vybukh"
BEGINNING = 5
RIDGE = 3.0
_WORD = re.compile(r"\w+")


def pieces(text: str) -> list[str]:
    words = _WORD.findall(fold(text))
    return words + [word[:BEGINNING] + "*" for word in words]


class Table:
    """Piece -> vector. A text's vector is the mean of its pieces'."""

    def __init__(self, texts: Sequence[str], wanted: Vectors) -> None:
        bags = [pieces(text) for text in texts]
        counts = Counter(piece for bag in bags for piece in set(bag))
        self.ids = {piece: number for number, piece in enumerate(piece for piece, count in counts.items() if count > 1)}
        rows = np.zeros((len(texts), len(self.ids)), dtype=np.float32)
        for row, bag in enumerate(bags):
            for piece in bag:
                if piece in self.ids:
                    rows[row, self.ids[piece]] += 1
        rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1)
        self.mean = wanted.mean(axis=0)
        solved = np.linalg.solve(rows @ rows.T + RIDGE * np.eye(len(texts), dtype=np.float32), wanted - self.mean)
        self.vectors: Vectors = (rows.T @ solved).astype(np.float32)

    def encode(self, texts: Sequence[str]) -> Vectors:
        get = self.ids.get
        found = [[number for piece in pieces(text) if (number := get(piece)) is not None] for text in texts]
        sums = np.array([self.vectors[ids].sum(axis=0) / len(ids) ** 0.5 if ids else self.vectors[0] * 0 for ids in found])
        sums += self.mean
        rows: Vectors = (sums / np.linalg.norm(sums, axis=1, keepdims=True)).astype(np.float32)
        return rows


def known_texts(encoder: RecordedEncoder) -> list[str]:
    """Sentences, pairs, headlines and leads of the tuning part that have a recorded vector."""
    known, found = encoder.known, dict[bytes, str]()
    for one in (read_set(folder) for folder in bench_sets()):
        for article in one.articles:
            if one.key != TEST_SET and one.part_of(article) is Part.TUNING:
                single = sentences(stored_text(article), article.language)
                texts = [kernel(stored_text(article)[span.start : span.end], article.language) for span in (*single, *pairs(single))]
                for text in (*texts, headline_and_lead(article.title, "", stored_text(article))):
                    if (key := text_key(text)) in known:
                        found[key] = text
    return list(found.values())


def newsroom_texts() -> list[str]:
    """Sentences of the demo's articles: more of the kind, and of no evaluation set."""
    newsroom = read_newsroom()
    return [
        kernel(document.text[span.start : span.end], language)
        for document in newsroom.documents.values()
        for language in [newsroom.outlets[document.site].language]
        for span in sentences(document.text, language)
    ]


def _concepts(text: str, language: str) -> dict[str, float]:
    return {name: weight for name, weight in features(text, language, lemmas=False).items() if name.startswith("c:")}


def _best(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.sort(scores, axis=0)[-BEST_CLAIMS:].mean(axis=0)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vectors", type=Path, required=True)
    options = parser.parse_args()
    encoders = recorded(load_encoders("auto"), options.vectors)
    e5 = next(encoder for encoder in encoders.all if encoder.languages is None)
    assert isinstance(e5, RecordedEncoder)
    texts = list(dict.fromkeys([*known_texts(e5), *newsroom_texts()]))
    texts += [text for language in LANGUAGES for text in kernels(background_sentences(language), language)]
    wanted_vectors = e5.encode(texts)
    save(encoders)
    started = time.process_time()
    table = Table(texts, wanted_vectors)
    print(f"{len(texts)} texts, {len(table.ids)} pieces, fitted in {time.process_time() - started:.0f} CPU s")
    started = time.process_time()
    table.encode(texts)
    print(f"{len(texts) / (time.process_time() - started):.0f} texts a CPU second")

    test = next(one for one in (read_set(folder) for folder in bench_sets()) if one.key == TEST_SET)
    report = read_report(test.folder / "report.toml")
    claims = [claim_text(claim, report.language) for claim in report.claims if claim.kind is not ClaimKind.ABOUT_SOURCE]
    articles = [(one, article) for one in (read_set(folder) for folder in bench_sets()) for article in one.articles]
    related = np.array([one.key == TEST_SET and article.group in (Group.CARRYING, Group.COPY) for one, article in articles])
    other = np.array([one.key != TEST_SET for one, _ in articles])

    concepts = [_concepts(headline_and_lead(one.title, "", stored_text(one), whole=True), one.language) for _, one in articles]
    wanted = [_concepts(claim.text, report.language) for claim in report.claims if claim.kind is not ClaimKind.ABOUT_SOURCE]
    words = _best(np.array([[likeness(claim, own) for own in concepts] for claim in wanted]))

    def scores(encode: Callable[[str], Callable[[Sequence[str]], Vectors]]) -> NDArray[np.float64]:
        found = np.zeros(len(articles))
        for language in LANGUAGES:
            rows = [row for row, (_, article) in enumerate(articles) if article.language == language]
            model = encode(language)
            background = model(kernels(background_sentences(language), language))
            against = model(claims) @ background.T
            yardstick = Yardstick(
                model(claims),
                against.mean(axis=1).astype(float),
                against.std(axis=1).astype(float),
                model(kernels(background_sentences(report.language), report.language)),
            )
            leads = model([headline_and_lead(articles[row][1].title, "", stored_text(articles[row][1])) for row in rows])
            found[rows] = _best(yardstick.score(leads))
        return found + WORDS * words

    def packaged(language: str) -> Callable[[Sequence[str]], Vectors]:
        first = first_encoder(encoders, language)
        assert first is not None
        return first.encode

    for name, found in (("packaged", scores(packaged)), ("table", scores(lambda _: table.encode))):
        for lost in (0.0, 1 / 30):
            left = float((found[other] >= np.quantile(found[related], lost)).mean())
            print(f"{name:9} related {related.sum()}, may lose {lost:.3f}: {left:.3f} of {other.sum()} other articles are left to be read")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
