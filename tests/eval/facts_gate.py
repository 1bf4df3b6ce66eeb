"""How often the facts side by side are right, on the labelled pairs of ``facts.tsv``, and their floors.

    python -m tests.eval.facts_gate [--part dev|test|all] [--failures [FIELD]] [--json]

For each field: precision and recall of "differs" and of "agrees", each with its number of judged pairs and Wilson's lower bound (95 %).
A difference reported in a field that is not the row's own is a false one of that field. Exit code 1 when a figure of the test part
lies below its floor in ``floors.toml``, section ``facts``.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import math
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from comparison.claims import annotate
from comparison.facts import compare_facts
from storage.claim_records import Claim, FactPair, FactVerdict

TABLE = Path(__file__).parent / "facts.tsv"
FLOORS = Path(__file__).parent / "floors.toml"
FIELDS = ("number", "place", "date", "duration", "unit", "quote")
GATED = 75
"""Judged pairs below which a figure is indicative and no gate."""
_SALT = "facts-46:"
_Z = 1.959964
_STRONGEST = (FactVerdict.DIFFERS, FactVerdict.AGREES, FactVerdict.NOT_STATED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One labelled pair, as README.md describes the columns."""

    id: str
    part: str
    field: str
    kind: str
    verdict: FactVerdict
    claim_language: str
    claim_published: datetime
    claim: str
    passage_language: str
    passage_published: datetime
    passage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A row beside what the code says; ``found`` has the fields in which it says anything."""

    row: Row
    found: Mapping[str, FactVerdict]
    pairs: tuple[FactPair, ...]

    @property
    def verdict(self) -> FactVerdict:
        return self.found.get(self.row.field, FactVerdict.NO_KEY_FACT)

    @property
    def strays(self) -> tuple[str, ...]:
        """Other fields in which a difference is reported that no reader would see."""
        return tuple(field for field, verdict in self.found.items() if field != self.row.field and verdict is FactVerdict.DIFFERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    hits: int
    n: int

    @property
    def value(self) -> float:
        """0..1; 1 when nothing was judged."""
        return self.hits / self.n if self.n else 1.0

    @property
    def lower(self) -> float:
        """Wilson's lower bound, 95 %.

        >>> round(Share(hits=9, n=10).lower, 3)
        0.596
        """
        if not self.n:
            return 0.0
        share = self.value
        centre = share + _Z**2 / (2 * self.n)
        spread = _Z * math.sqrt(share * (1 - share) / self.n + _Z**2 / (4 * self.n**2))
        return max(0.0, (centre - spread) / (1 + _Z**2 / self.n))

    def __str__(self) -> str:
        return f"{self.value:.3f} (>= {self.lower:.2f}) {self.hits:3d}/{self.n:<3d}"


def part_of(row_id: str) -> str:
    """Which part a row belongs to: all rows of one claim sentence are in the same."""
    return "test" if hashlib.sha256((_SALT + row_id.split("-", maxsplit=1)[0]).encode()).digest()[0] % 2 else "dev"


def read_rows(file: Path = TABLE) -> tuple[Row, ...]:
    with file.open(encoding="utf-8", newline="") as stream:
        return tuple(
            Row(
                id=row["id"],
                part=row["part"],
                field=row["field"],
                kind=row["kind"],
                verdict=FactVerdict(row["verdict"]),
                claim_language=row["claim_language"],
                claim_published=_day(row["claim_published"]),
                claim=row["claim"],
                passage_language=row["passage_language"],
                passage_published=_day(row["passage_published"]),
                passage=row["passage"],
            )
            for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        )


def _day(text: str) -> datetime:
    # Noon, so that no zone moves it to another day.
    return datetime.fromisoformat(text).replace(hour=12, tzinfo=UTC)


def judge(row: Row) -> Judged:
    """What the product says of a row: the claim is annotated as a report's is."""
    claim = annotate(Claim(id=row.id, text=row.claim), row.claim_language, row.claim_published)
    _, pairs = compare_facts(claim, row.passage, row.passage_language, row.passage_published)
    verdicts = defaultdict(set)
    for pair in pairs:
        verdicts[pair.field].add(pair.verdict)
    found = {field: next(verdict for verdict in _STRONGEST if verdict in said) for field, said in verdicts.items()}
    return Judged(row=row, found=found, pairs=pairs)


def measure(judged: Sequence[Judged]) -> dict[str, dict[str, Share]]:
    """Field -> name of the figure -> share."""
    figures: dict[str, dict[str, Share]] = {}
    for field in FIELDS:
        own = [one for one in judged if one.row.field == field]
        if not own:
            continue
        strays = sum(field in one.strays for one in judged)
        figures[field] = {
            "differs precision": _precision(own, FactVerdict.DIFFERS, strays),
            "differs recall": _recall(own, FactVerdict.DIFFERS),
            "agrees precision": _precision(own, FactVerdict.AGREES, 0),
            "agrees recall": _recall(own, FactVerdict.AGREES),
            "right": Share(hits=sum(one.verdict is one.row.verdict for one in own), n=len(own)),
        }
    return figures


def _precision(own: Iterable[Judged], verdict: FactVerdict, strays: int) -> Share:
    said = [one for one in own if one.verdict is verdict]
    return Share(hits=sum(one.row.verdict is verdict for one in said), n=len(said) + strays)


def _recall(own: Iterable[Judged], verdict: FactVerdict) -> Share:
    labelled = [one for one in own if one.row.verdict is verdict]
    return Share(hits=sum(one.verdict is verdict for one in labelled), n=len(labelled))


def read_floors(file: Path = FLOORS) -> dict[str, dict[str, float]]:
    """Field -> figure -> least value on the test part."""
    floors: dict[str, dict[str, float]] = tomllib.loads(file.read_text(encoding="utf-8"))["facts"]
    return floors


def below_floor(figures: Mapping[str, Mapping[str, Share]], floors: Mapping[str, Mapping[str, float]]) -> list[str]:
    """One line for each figure under its floor."""
    return [
        f"{field}: {name} {figures[field][name].value:.3f} < {floor:.3f}"
        for field, named in floors.items()
        for name, floor in named.items()
        if name in figures[field] and figures[field][name].value < floor
    ]


def describe(one: Judged) -> str:
    row = one.row
    said = ", ".join(f"{pair.field} {pair.claim_value!r} | {pair.passage_value!r} {pair.verdict.value}" for pair in one.pairs)
    return (
        f"{row.id} [{row.field}, {row.kind}] {row.verdict.value} -> {one.verdict.value} {' '.join(one.strays)}"
        f"\n    {row.claim_language} {row.claim_published:%Y-%m-%d} {row.claim}"
        f"\n    {row.passage_language} {row.passage_published:%Y-%m-%d} {row.passage}\n    {said}"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", choices=("dev", "test", "all"), default="test")
    parser.add_argument("--failures", nargs="?", const="", default=None, metavar="FIELD")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    rows = [row for row in read_rows() if arguments.part in ("all", row.part)]
    judge(rows[0])  # Loads the word lists, which is no part of a pair's cost.
    started = time.process_time()
    judged = [judge(row) for row in rows]
    seconds = time.process_time() - started
    figures = measure(judged)
    if arguments.failures is not None:
        for one in judged:
            if (one.verdict is not one.row.verdict or one.strays) and arguments.failures in ("", one.row.field, *one.strays):
                print(describe(one))
    if arguments.json:
        print(json.dumps({field: {name: share.value for name, share in named.items()} for field, named in figures.items()}, indent=1))
    else:
        print(f"{len(rows)} pairs of part {arguments.part}, {1000 * seconds / len(rows):.2f} ms CPU a pair (claim read and compared)")
        print(f"{'field':<10}" + "".join(f"{name:<27}" for name in next(iter(figures.values()))))
        for field, named in figures.items():
            print(f"{field:<10}" + "".join(f"{share!s:<27}" for share in named.values()))
    faults = below_floor(figures, read_floors()) if arguments.part == "test" else []
    for fault in faults:
        print("below its floor:", fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
