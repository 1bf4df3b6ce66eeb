"""Generated pages, feeds, sitemaps, robots.txt files and texts, as many as wanted: no reader may raise, all that comes out can be stored.

    python -m tests.bench.fuzz [--factor 250] [--seed 1] [--state FILE] [--json]

Runs the properties of ``tests/unit/test_extraction_fuzz.py``, of which CI runs 410 examples, so many times over, in slices of a
seed each. Each slice is printed with its seed when it has ended; with ``--state`` it is written there too, and a run that was
stopped goes on behind it. A slice that fails is printed with the smallest example that hypothesis found, and the run goes on.
Ends with exit code 1 if any failed or one example took a worker's whole time.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from tests.unit.test_extraction_fuzz import PROPERTIES

SLICE = 500
"""Examples of one seed: some ten seconds of pages, and few enough for hypothesis to stay fast."""
LIMIT_S = 20.0
"""CPU seconds of one example; what a worker is given."""


def slices(factor: int, first_seed: int) -> Iterator[tuple[str, int, int]]:
    """Kind, seed and examples of each slice; the kinds take turns, so that a run that is stopped has seen all of them."""
    left = {kind: examples * factor for kind, (examples, _, _) in PROPERTIES.items()}
    number = first_seed
    while any(left.values()):
        for kind, examples in left.items():
            if examples:
                yield kind, number, min(SLICE, examples)
                left[kind] -= min(SLICE, examples)
        number += 1


def run_slice(kind: str, number: int, examples: int) -> dict[str, Any]:
    """One slice: what was found, in CPU seconds."""
    _, strategies, check = PROPERTIES[kind]
    made, slowest = 0, 0.0

    def timed(values: tuple[Any, ...]) -> None:
        nonlocal made, slowest
        made += 1
        started = time.process_time()
        try:
            check(*values)
        finally:
            slowest = max(slowest, time.process_time() - started)

    started = time.process_time()
    fault = ""
    chosen = settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    test = chosen(given(st.tuples(*strategies))(timed))
    try:
        seed(number)(test)()
    except Exception as error:  # noqa: BLE001 - whatever a reader raises is what this looks for.
        notes = " ".join(getattr(error, "__notes__", ()))
        fault = " ".join(f"{type(error).__name__}: {error} {notes}".split())[:2000]
    return {
        "kind": kind, "seed": number, "asked": examples, "examples": made, "slowest_s": round(slowest, 2), "fault": fault,
        "cpu_s": round(time.process_time() - started, 1),
    }  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--factor", type=int, default=250, help="250 makes 102,500 examples")
    parser.add_argument("--seed", type=int, default=1, help="of the first slice of each kind")
    parser.add_argument("--state", type=Path, help="where finished slices are written down, and not run again")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    done: list[dict[str, Any]] = []
    if options.state is not None and options.state.exists():
        done = [json.loads(line) for line in options.state.read_text().splitlines()]
    known = {(row["kind"], row["seed"], row["asked"]) for row in done}
    wanted = list(slices(options.factor, options.seed))
    for position, (kind, number, examples) in enumerate(wanted, 1):
        if (kind, number, examples) in known:
            continue
        row = run_slice(kind, number, examples)
        done.append(row)
        print(f"{position} of {len(wanted)}: {json.dumps(row)}", file=sys.stderr, flush=True)
        if options.state is not None:
            with options.state.open("a") as file:
                file.write(json.dumps(row) + "\n")
    counts: Counter[str] = Counter()
    for row in done:
        counts[row["kind"]] += row["examples"]
    result = {
        "examples": dict(counts), "all": sum(counts.values()), "cpu_s": round(sum(row["cpu_s"] for row in done)),
        "slowest_s": max((row["slowest_s"] for row in done), default=0.0), "faults": [row for row in done if row["fault"]],
    }  # fmt: skip
    print(json.dumps(result, indent=2) if options.json else ", ".join(f"{name} {value}" for name, value in result.items()))
    return 1 if result["faults"] or result["slowest_s"] >= LIMIT_S else 0


if __name__ == "__main__":
    logging.disable(logging.ERROR)
    sys.exit(main())
