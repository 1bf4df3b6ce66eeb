"""The accuracy of the comparison on the evaluation sets, and its floors.

    python -m tests.eval.gate [--part dev|test|all] [--encoder packaged|model-free] [--failures [MEASURE]] [--vectors FOLDER] [--json]
    python -m tests.eval.gate [...] --encoder hub --model FOLDER [--prompt TEXT] [--alone]

The articles of each set are written into a database of its own as the crawl writes them (with those of the other sets, which are
unrelated to its report), and the real pipeline runs: copies, relevance, passages, origins, matrix. Exit code 1 when a figure lies
below its floor in floors.toml.

``dev``: the sets that thresholds may be set on, without their test languages. ``test``: a set in which nothing was set, and the test
languages of the others (there with all their set's articles stored, and without a decision, since those rest on both parts).
``--vectors`` keeps what was encoded in a folder, so that the next run need not. ``hub`` is a model of the user's own; its floors are
pinned under the name of its folder, with ``--alone`` those of the model without the packaged encoders beside it.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from comparison.candidates import match_articles
from comparison.closer_look import score_articles
from comparison.derivation import derive
from comparison.encoders import Encoders, load_encoders, with_own
from comparison.hub_encoder import HubEncoder
from comparison.matrix import build_matrix
from comparison.reference import read_report
from storage import matches, nearness
from storage.database import open_database, upgrade_database
from storage.reports import save_report
from tests.eval.figures import Share
from tests.eval.measures import ALL, Run, Tally, measure, relevance_at
from tests.eval.recorded import recorded, save
from tests.eval.sets import LANGUAGES, TEST_SETS, EvaluationSet, Part, find_sets, read_set
from tests.eval.store import fill

FLOORS = Path(__file__).parent / "floors.toml"
ALLOWED_DROP = 0.03
NOW = datetime(2026, 11, 1, tzinfo=UTC)
LOW_IS_GOOD = frozenset(
    {
        "unknown shown as independent",
        "chain shown as independent",
        "false absence",
        "unrelated passing",
        "hard negatives passing",
        "hard negatives at 1 %",
    }
)


def is_test_only(one: EvaluationSet) -> bool:
    return one.key in TEST_SETS


def run_set(one: EvaluationSet, others: Sequence[EvaluationSet], encoders: Encoders, part: str) -> Run:
    """Store a set (and the articles of ``others``), run the pipeline, read what it made."""
    wanted = {"dev": {Part.TUNING}, "test": {Part.TEST}, "all": {Part.TUNING, Part.TEST}}[part]
    stored_parts = {Part.TUNING} if part == "dev" else {Part.TUNING, Part.TEST}
    present = tuple(article for article in one.articles if one.part_of(article) in stored_parts)
    foreign = [article for other in others for article in other.articles if other.part_of(article) in wanted]
    report = read_report(one.folder / "report.toml")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/eval.db"
        upgrade_database(url)
        with closing(open_database(url)) as database:
            stored = fill(database, [one, *others], [*present, *foreign], NOW)
            with database.write() as session:
                save_report(session, report, NOW)
            score_articles(database, report.key, encoders, now=NOW)
            match_articles(database, report.key, encoders, now=NOW)
            derive(database, report.key, encoders, now=NOW)
            matrix = build_matrix(database, report.key, encoders)
            with database.read() as session:
                relevance = nearness.load_relevance(session, report.key)
                derivations = matches.load_derivations(session, report.key)
    return Run(
        evaluation_set=one,
        stored=stored,
        matrix=matrix,
        relevance=relevance,
        derivations=derivations,
        present=present,
        measured=frozenset(article.id for article in present if one.part_of(article) in wanted),
        foreign=frozenset(stored.ids[article.id] for article in foreign),
        decides=part != "test" or is_test_only(one),
    )


def evaluate(part: str, encoders: Encoders, only: str | None = None) -> Tally:
    sets = [read_set(folder) for folder in find_sets()]
    if part == "dev":
        sets = [one for one in sets if not is_test_only(one)]
    tally = Tally()
    for one in sets:
        if only is None or one.key == only:
            measure(run_set(one, [other for other in sets if other is not one], encoders, part), tally)
    for name, share in relevance_at(tally).items():
        tally.shares[name, ALL] = share
    return tally


def load_floors(part: str, encoder: str) -> dict[str, float]:
    """ "measure" or "measure/language" -> the pinned figure."""
    if not FLOORS.is_file():
        return {}
    data = tomllib.loads(FLOORS.read_text(encoding="utf-8"))
    return {str(name): float(value) for name, value in data.get(part, {}).get(encoder, {}).items()}


def below_floors(tally: Tally, floors: dict[str, float]) -> list[str]:
    """What is worse than its floor by more than three points."""
    found = []
    for name, floor in sorted(floors.items()):
        measure_name, _, language = name.partition("/")
        value = tally.shares[measure_name, language or ALL].value
        if value is None:
            found.append(f"{name}: nothing was judged")
            continue
        drop = value - floor if measure_name in LOW_IS_GOOD else floor - value
        if drop > ALLOWED_DROP:
            found.append(f"{name}: {value:.3f}, pinned {floor:.3f}")
    return found


def to_json(tally: Tally) -> dict[str, dict[str, object]]:
    rows: dict[str, dict[str, object]] = {}
    for (name, language), share in sorted(tally.shares.items()):
        low, high = share.interval
        rows.setdefault(name, {})[language] = {
            "value": None if share.value is None else round(share.value, 4),
            "n": share.n,
            "low": round(low, 4),
            "high": round(high, 4),
            "indicative": not share.is_gated,
        }
    return rows


def print_table(tally: Tally) -> None:
    names = list(dict.fromkeys(name for name, _ in tally.shares))
    for name in names:
        total: Share = tally.shares[name, ALL]
        parts = "  ".join(
            f"{language} {share.value:.2f} ({share.n:g})"
            for language in LANGUAGES
            if (share := tally.shares.get((name, language))) is not None and share.value is not None
        )
        print(f"{name:34} {total!s:38} {'' if total.is_gated else 'indicative'}  {parts}")


def chosen(kind: str, model: Path | None, prompt: str | None, *, alone: bool) -> tuple[Encoders, str]:
    """The encoders, and the name under which their floors are pinned."""
    if model is None:
        return load_encoders("auto" if kind == "packaged" else "none"), kind
    own = HubEncoder(model, prompt)
    name = f"hub-{own.folder.name}"
    return (Encoders((own,), deciding=own), f"{name}-alone") if alone else (with_own(own), name)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("dev", "test", "all"), default="test")
    parser.add_argument("--encoder", choices=("packaged", "model-free", "hub"), default="packaged")
    parser.add_argument("--model", type=Path, metavar="FOLDER", help="of the model that `--encoder hub` takes")
    parser.add_argument("--prompt", help="put before every text, in place of the model's own prompt")
    parser.add_argument("--alone", action="store_true", help="without the packaged encoders, as where they do not run")
    parser.add_argument("--set", help="one report's key only")
    parser.add_argument("--failures", nargs="?", const="", help="list what went wrong, of one measure or all")
    parser.add_argument("--vectors", type=Path, help="folder in which vectors are kept between runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if (options.encoder == "hub") is not (options.model is not None):
        parser.error("`--encoder hub` and `--model FOLDER` belong together")
    encoders, name = chosen(options.encoder, options.model, options.prompt, alone=options.alone)
    if options.vectors is not None:
        encoders = recorded(encoders, options.vectors)
    tally = evaluate(options.part, encoders, options.set)
    if options.vectors is not None:
        print(f"{save(encoders)} texts encoded", file=sys.stderr)
    if options.json:
        print(json.dumps(to_json(tally), indent=2))
    else:
        print(f"{options.part} part, {encoders.label}")
        print_table(tally)
    if options.failures is not None:
        for name, text in sorted(tally.failures):
            if name.startswith(options.failures):
                print(f"- {name}: {text}", file=sys.stderr if options.json else sys.stdout)
    faults = below_floors(tally, load_floors(options.part, name)) if options.set is None else []
    for fault in faults:
        print(f"below its floor: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
