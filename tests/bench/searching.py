"""What a search takes among many articles: mixed queries, each in a session of its own, snippets included.

    python -m tests.bench.searching --kept DIR [--json]

asks anew in a database that ``tests.bench.storing --keep DIR`` left: wall time, and CPU time of this process, by kind of query.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from storage.database import Database, open_reader
from storage.search import search
from tests.bench.corpus import COMMON, PLACES, Item

QUERIES = 160
START = datetime(2025, 1, 1, tzinfo=UTC)
DATABASE, SAMPLE = "storing.db", "sample.json"
"""Files in the folder of a database that was kept: the database, and some of its articles."""


def measure_search(database: Database, items: Sequence[Item], sort: Any) -> dict[str, Any]:
    """Percentiles over all queries, and of each kind; and how many of the searches had more hits than are put in order."""
    with database.read() as session:
        # The dictionaries are read once a process, and are no part of a search.
        search(session, "warm")
    times: list[float] = []
    cpu: list[float] = []
    kinds: dict[str, list[float]] = {}
    cut = 0
    for kind, query, filters in queries(items):
        started, cpu_started = time.perf_counter(), time.process_time()
        with database.read() as session:
            cut += search(session, query, sort=sort, **filters).is_cut
        times.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - cpu_started) * 1000)
        kinds.setdefault(kind, []).append(cpu[-1])
    found = {kind: percentiles(each)["p95"] for kind, each in kinds.items()}
    return {**percentiles(times), "cpu": percentiles(cpu), "cpu_p95_by_kind": found, "cut": cut}


def queries(items: list[Item]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What people ask, in equal shares: words of stored articles, alone and together, and filters."""
    draw = random.Random(3)
    for number in range(QUERIES):
        item = draw.choice(items)
        words = [word for word in re.findall(r"[^\W\d]{4,}", item.text) if word.lower() not in COMMON[item.language].split()]
        one, two, three = draw.sample(words, 3)
        place = draw.choice(PLACES[draw.choice(list(PLACES))])
        start = draw.randrange(len(item.text.split()) - 3)
        phrase = " ".join(item.text.split()[start : start + 3])
        yield [
            ("word", one, {}),
            ("two words", f"{one} {two}", {}),
            ("phrase", f'"{phrase}"', {}),
            ("prefix", f"{one[:4]}*", {}),
            ("place", place, {}),
            ("place and word", f"{place} {one}", {}),
            ("alternatives", f"({one} OR {two}) -{three}", {}),
            ("outlet and language", one, {"outlets": [item.outlet], "languages": [item.language]}),
            ("common word", draw.choice(COMMON[item.language].split()), {}),
            ("a week", one, {"since": START + timedelta(hours=2), "until": START + timedelta(days=7)}),
        ][number % 10]


def percentiles(values: Sequence[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) for name, share in (("p50", 0.5), ("p95", 0.95))}


def save_sample(folder: Path, items: Sequence[Item]) -> None:
    (folder / SAMPLE).write_text(json.dumps([asdict(item) for item in items]))


def load_sample(folder: Path) -> list[Item]:
    return [Item(**each) for each in json.loads((folder / SAMPLE).read_text())]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kept", type=Path, required=True, metavar="DIR")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    items = load_sample(options.kept)
    with closing(open_reader(f"sqlite:///{options.kept / DATABASE}")) as database:
        found = {sort: measure_search(database, items, sort) for sort in ("relevance", "newest")}
    print(json.dumps(found, indent=None if options.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
