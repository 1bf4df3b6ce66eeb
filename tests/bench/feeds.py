"""Feeds nobody here wrote, and generated monsters: every one must be read without a traceback, and in bounded time.

    python -m tests.bench.feeds --data DIR [--json] [--list]

DIR holds ``feedparser_tests/`` (some 2,100 files with odd encodings and ill-formed XML); it is not part of this repository.
"""

from __future__ import annotations

import argparse
import gzip
import json
import multiprocessing
import resource
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.outlet import EndpointKind
from crawlers.discovery.listing import read_listing
from storage.records import Listing, Outcome

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def corpus(folder: Path, show: bool) -> dict[str, Any]:
    outcomes: Counter[str] = Counter()
    entries = crashed = slow = 0
    slowest = 0.0
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.suffix not in (".xml", ".json", ".z", ".gz", ".txt", ".html"):
            continue
        started = time.process_time()
        try:
            listing = read_listing(path.read_bytes(), url="http://feeds.example/feed", max_entries=5000, now=NOW)
        except Exception as error:  # noqa: BLE001 - this is what is measured
            crashed += 1
            print(f"{path}: {type(error).__name__}: {error}", file=sys.stderr)
            continue
        elapsed = time.process_time() - started
        slowest = max(slowest, elapsed)
        slow += elapsed > 1
        outcomes[listing.outcome.value] += 1
        entries += len(listing.entries)
        if show and not listing.entries:
            print(f"{listing.outcome.value:12} {listing.dialect:8} {path.name} {listing.fault}")
    return {
        "files": sum(outcomes.values()) + crashed, "crashed": crashed, "entries": entries, "slower_than_1s": slow,
        "slowest_s": round(slowest, 3), **{f"outcome_{name}": count for name, count in sorted(outcomes.items())},
    }  # fmt: skip


def alone(body: bytes, kind: EndpointKind | None) -> tuple[Listing, float, float]:
    """One reading in a process of its own: the listing, CPU seconds, and megabytes beyond those of an idle process with the body."""
    reading, writing = multiprocessing.Pipe(duplex=False)

    def work() -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.process_time()
        found = read_listing(body, url="http://feeds.example/feed", kind=kind, max_entries=5000, now=NOW)
        cpu_s = time.process_time() - started
        writing.send((found, round(cpu_s, 2), round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, 1)))

    # Forked, so that the body is there and imports are not measured; nothing else runs in this process.
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    result: tuple[Listing, float, float] = reading.recv()
    child.join()
    return result


def monsters() -> dict[str, Any]:
    def rss(count: int) -> bytes:
        items = "".join(
            f"<item><title>Piece {n}</title><link>http://feeds.example/a/{n}</link><guid>g{n}</guid>"
            f"<pubDate>{(NOW - timedelta(minutes=n)).strftime('%a, %d %b %Y %H:%M:%S +0000')}</pubDate></item>"
            for n in range(count)
        )
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()

    def sitemap(count: int) -> bytes:
        urls = "".join(f"<url><loc>http://feeds.example/a/{n}</loc><lastmod>2022-11-21</lastmod></url>" for n in range(count))
        return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'.encode()

    def json_feed(count: int) -> bytes:
        items = [
            {"id": f"g{n}", "url": f"http://feeds.example/a/{n}", "title": f"Piece {n}",
             "date_published": (NOW - timedelta(minutes=n)).isoformat()}
            for n in range(count)
        ]  # fmt: skip
        return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items}).encode()

    def front(count: int) -> bytes:
        rows = "".join(f'<article><h2><a href="/2022/11/a/{n}">Piece {n}</a></h2></article>' for n in range(count))
        return f"<!doctype html><html><body><main>{rows}</main></body></html>".encode()

    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    cases = {
        "rss of 100,000 items": rss(100_000),
        "rss of 5,000 items": rss(5_000),
        "sitemap of 50,000 addresses, gzipped": gzip.compress(sitemap(50_000)),
        "JSON feed of 100,000 items": json_feed(100_000),
        "listing of 20,000 links": front(20_000),
        "billion laughs": f'<!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]><rss version="2.0"><title>&l9;</title></rss>'.encode(),
        "gzip bomb of 300 MB": gzip.compress(b"\0" * 300_000_000, 1),
    }
    rows: dict[str, Any] = {}
    for name, body in cases.items():
        kind = EndpointKind.LISTING if name.startswith("listing") else None
        listing, cpu_s, peak_mb = alone(body, kind)
        rows[name] = {
            "bytes": len(body), "cpu_s": cpu_s, "peak_mb": peak_mb, "outcome": listing.outcome.value,
            "entries": len(listing.entries), "truncated": listing.truncated,
        }  # fmt: skip
        if listing.outcome is Outcome.FEED_READ:
            assert listing.entries[0].url.endswith("/a/0"), "the newest must stay"
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--list", action="store_true", help="name every file that gave no entries")
    options = parser.parse_args()
    folder = options.data / "feedparser_tests"
    if not folder.is_dir():
        print(f"{folder} is absent: nothing to measure", file=sys.stderr)
        return 2
    result = {"corpus": corpus(folder, options.list), "monsters": monsters()}
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for name, row in (("corpus", result["corpus"]), *result["monsters"].items()):
            print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in row.items()))
    return 1 if result["corpus"]["crashed"] else 0


if __name__ == "__main__":
    sys.exit(main())
