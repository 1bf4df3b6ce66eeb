"""Does a healthy outlet wait because others misbehave? Delays between a page's turn and its request, alone and among bad neighbours.

    python -m tests.bench.neighbours [--pages 120] [--delay 0.2] [--json]

A healthy host of N pages is crawled at a fixed delay, first alone, then while six others hang, drip, never end, send bombs and pages
that take a parser half a minute, all at once. Compared are the gaps between the server's own time stamps of the healthy host's
requests: the delay that was asked for, and whatever came on top. The bar: the 99th percentile stays below twice the one alone.

These gaps are as good as the machine is idle. What the crawl itself can do about them is to keep the turns of its event loop short;
they are timed beside, in CPU of the reactor's thread, which no load changes (``tests/bench/turns.py``).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from storage.database import upgrade_database
from tests.outlet_site.bench import Bench

BAD = ("bad-hang", "bad-drip", "bad-neverend", "bad-bomb", "bad-inflated", "bad-heavy", "bad-deep", "bad-feed")


def watch(folder: Path, pages: int, delay_s: float, bad: tuple[str, ...]) -> dict[str, Any]:
    """One crawl: the gaps between the requests to the healthy host, and the turns of the event loop."""
    folder.mkdir()
    url = f"sqlite:///{folder}/crawl.db"
    upgrade_database(url)
    turns = folder / "turns.json"
    (folder / "bad").mkdir()
    # The bad ones have a server of their own: what keeps it busy must not hold up the healthy one's answers.
    with closing(Bench(folder, url)) as bench, closing(Bench(folder / "bad", url)) as others:
        host = f"stack-{pages}-healthy.example"
        bench.add(host, more=f"[politeness]\ndelay_s = {delay_s}\n")
        for name in bad:
            bench.add(f"{name}.example", port=others.ports["http"])
        summary = bench.crawl(
            module="tests.bench.turns", environment={"TURNS_FILE": str(turns)},
            timeout_s=5, retries=1, max_body_bytes=10 * 1024 * 1024, patience_s=1800,
        )  # fmt: skip
        times = [line["time"] for line in bench.requests() if line["host"] == host and line["path"].startswith("/a/")]
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return {
        "p50_s": percentile(gaps, 0.5), "p99_s": percentile(gaps, 0.99), "longest_s": round(gaps[-1], 3),
        "load": round(os.getloadavg()[0], 1), "outcomes": summary["outcomes"], "turns": json.loads(turns.read_text()),
    }  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    return round(values[min(len(values) - 1, int(share * len(values)))], 3)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--pages", type=int, default=120)
    parser.add_argument("--delay", type=float, default=0.2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result: dict[str, Any] = {"pages": options.pages, "delay_s": options.delay}
    with tempfile.TemporaryDirectory(prefix="neighbours-") as folder:
        for name, bad in (("alone", ()), ("among_bad", BAD)):
            result[name] = watch(Path(folder) / name, options.pages, options.delay, bad)
    result["p99_ratio"] = round(result["among_bad"]["p99_s"] / result["alone"]["p99_s"], 2)
    print(json.dumps(result, indent=2) if options.json else result)
    return 1 if result["p99_ratio"] >= 2 else 0


if __name__ == "__main__":
    sys.exit(main())
