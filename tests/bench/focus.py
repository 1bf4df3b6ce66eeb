"""How much of what matters a crawl finds with a fifth of the pages: the most promising first, beside breadth first and newest first.

    python -m tests.bench.focus [--documents 20000] [--related 0.02] [--budget 0.2] [--crawl 300] [--json]

The newsroom is that of ``tests.bench.focus_corpus``. Everything is announced at once, and each order claims its pages from a database of
its own by the product's own query, in the portions of ``crawlers.claims``; what is claimed is "fetched" from memory and, for the focused
order, goes through the product's own writing of a page, from which it learns. The other two follow no report: all pages are alike
(breadth first: in turns over the hosts, in the order announced), or the newest is the most promising.

``--crawl`` pages of the same newsroom are then served from loopback and crawled by the installed command, ``crawl --report … --budget …``.
Ends with exit code 1 when the focused order finds less than 90 % of the related pages, or no more than another.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from comparison.focus import lexical_nearness, lexical_relevance
from comparison.learned_words import LearnedWords
from config.catalog import Catalog
from config.logs import configure_logs
from config.settings import Settings
from crawlers import findings, ledger
from crawlers.claims import FOCUSED
from crawlers.learning import learned_from
from crawlers.ledger import RunContext
from crawlers.reordering import Reordering
from storage import citations, pages
from storage.database import Database, open_database, upgrade_database
from storage.near_duplicates import fingerprint
from storage.records import Capture, Entry, Listing, Outcome, VisitResult
from storage.runs import open_run
from tests.bench.focus_corpus import REPORTED_AT, Document, Newsroom, make_newsroom
from tests.bench.focus_crawl import crawl_small

BAR = 0.9
NOW = datetime(2023, 3, 1, tzinfo=UTC)
SLICE = 400

Promise = Callable[[Entry, Any], float]


def newest(entry: Entry, _outlet: Any) -> float:
    at = entry.published.at or entry.modified.at
    return 0.0 if at is None else 0.5 + (at - REPORTED_AT).total_seconds() / 86400 / 365


def announce(database: Database, newsroom: Newsroom, run: RunContext, promise: Promise) -> float:
    """Write down what all feeds say, as the crawl does; CPU seconds that the judging took."""
    spent = 0.0
    by_feed: dict[str, list[Document]] = defaultdict(list)
    for document in newsroom.documents:
        by_feed[document.feed].append(document)
    with database.write() as session:
        pages.plan_feeds(session, newsroom.outlets, now=NOW, interval_s=0)
        feeds = ledger.claim(session, run, limit=10_000, outlet_ids=list(run.outlets), busy=(), leased=(), feeds_only=True).visits
    for feed in feeds:
        outlet = run.outlets[feed.outlet_id]
        mine = by_feed.get(feed.url, [])
        for start in range(0, max(len(mine), 1), SLICE):
            entries = tuple(document.entry for document in mine[start : start + SLICE])
            started = time.process_time()
            priorities = tuple(promise(entry, outlet) for entry in entries)
            spent += time.process_time() - started
            listing = Listing(dialect="rss", entries=entries)
            with database.write() as session:
                pages.record_sightings(session, feed, outlet, listing, priorities, now=NOW)
        with database.write() as session:
            findings.finish(
                session, run, VisitResult(visit=feed, finished_at=NOW, listing=Listing(dialect="rss")), outcome=Outcome.FEED_READ
            )
    return spent


def visit_all(database: Database, newsroom: Newsroom, run: RunContext, budget: int, promise: Promise, *, focused: bool) -> dict[str, Any]:
    """Spend the budget; how many related pages came after each twentieth of all pages."""
    by_url = {document.entry.url: document for document in newsroom.documents}
    nearness = lexical_nearness(newsroom.reports)
    found, order, curve = 0, [], []
    by_way: dict[str, int] = defaultdict(int)
    step = len(newsroom.documents) // 20
    claiming = reordering_s = 0.0
    learner = LearnedWords(promise)

    async def submit(item: Callable[..., Any]) -> Any:
        with database.write() as session:
            return item(session)

    reordering = Reordering(run, learner, submit)
    while len(order) < budget:
        started = time.process_time()
        if focused:
            asyncio.run(reordering.refresh())
            reordering_s += time.process_time() - started
            started = time.process_time()
        with database.write() as session:
            limit = min(FOCUSED, budget - len(order))
            claimed = ledger.claim(
                session, run, limit=limit, outlet_ids=list(run.outlets), busy=(), leased=list(run.outlets), best_first=focused
            )
        claiming += time.process_time() - started
        if not claimed.visits:
            break
        reordering.forget(visit.visit_id for visit in claimed.visits)
        for visit in claimed.visits:
            document = by_url[visit.url]
            order.append(document)
            found += document.related
            by_way[newsroom.ways[document.outlet]] += document.related
            if len(order) % step == 0:
                curve.append(found)
            result = VisitResult(visit=visit, finished_at=NOW, status=200)
            with database.write() as session:
                if focused:
                    near = nearness(document.extraction)
                    outcome = _write_page(session, run, result, document, near)
                    on_subject = learned_from(replace(result, nearness=near), outcome)
                    if on_subject is not None:
                        learner.learn(document.extraction, near=on_subject)
                else:
                    findings.finish(session, run, result, outcome=Outcome.STORED)
    related = sum(document.related for document in newsroom.documents)
    ways: dict[str, int] = defaultdict(int)
    for document in newsroom.documents:
        ways[newsroom.ways[document.outlet]] += document.related
    return {
        "fetched": len(order),
        "related_found": found,
        "share": round(found / related, 4),
        "after_each_twentieth": [round(number / related, 3) for number in curve],
        "by_announcement": {way: f"{by_way[way]}/{total}" for way, total in sorted(ways.items())},
        "outlets_never_asked": len(run.outlets) - len({document.outlet for document in order}),
        "reordering_cpu_s": round(reordering_s, 1),
        "claim_cpu_ms": round(1000 * claiming / max(1, len(order) / FOCUSED), 1),
    }


def _write_page(session: Any, run: RunContext, result: VisitResult, document: Document, nearness: float) -> Outcome:
    extraction = document.extraction
    body = f"{document.number} {extraction.title}".encode()
    capture = Capture(requested_url=result.visit.url, final_url=result.visit.url, status=200, body=body, fetched_at=NOW, user_agent="bench")
    capture_id = findings.store_capture(session, run, result.visit, capture)
    mark = fingerprint(extraction.title, extraction.text, extraction.language)
    read = VisitResult(
        visit=result.visit, finished_at=NOW, status=200, capture=capture, extraction=extraction, fingerprint=mark, nearness=nearness
    )
    return findings.finish_page(session, run, read, capture_id)


def measure(newsroom: Newsroom, budget: int, promise: Promise, *, focused: bool) -> dict[str, Any]:
    started = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.model_validate({"database": f"sqlite:///{folder}/focus.db", "crawl": {"lease_s": 1e6}})
        upgrade_database(settings.database)
        with closing(open_database(settings.database)) as database:
            catalog = Catalog({outlet.id: outlet for outlet in newsroom.outlets})
            with database.write() as session:
                names = list(catalog.outlets)
                ledger.outlets.sync_outlets(session, newsroom.outlets, NOW)
                run_id = open_run(session, kind="crawl", outlets=names, request={}, holder="bench:1", user_agent="bench", now=NOW)
            run = RunContext(
                run_id=run_id, holder="bench:1", settings=settings, outlets=catalog.outlets, clock=lambda: NOW, catalog=catalog
            )
            judging = announce(database, newsroom, run, promise)
            result = visit_all(database, newsroom, run, budget, promise, focused=focused)
    judged_ms = round(1000 * judging / len(newsroom.documents), 3)
    return {**result, "judging_cpu_ms_an_entry": judged_ms, "cpu_s": round(time.process_time() - started, 1)}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--related", type=float, default=0.02)
    parser.add_argument("--budget", type=float, default=0.2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--crawl", type=int, default=300, help="pages of the true crawl; 0 leaves it out")
    parser.add_argument("--sets", nargs="+", default=["luhansk_cellars"], help="evaluation sets whose reports are followed")
    parser.add_argument("--without-headlines", action="store_true", help="hurry no page for bearing the headline of a related one")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    configure_logs("json")
    if options.without_headlines:
        citations.raise_same_headline = lambda _session, _title: 0
    newsroom = make_newsroom(options.documents, round(options.related * options.documents), options.seed, options.sets)
    budget = round(options.budget * options.documents)
    rows: dict[str, Any] = {}
    for name, promise, focused in (
        ("most promising first", lexical_relevance(newsroom.reports), True),
        ("breadth first", lambda _entry, _outlet: 0.5, False),
        ("newest first", newest, False),
    ):
        rows[name] = measure(newsroom, budget, promise, focused=focused)
        if not options.json:
            print(f"{name:22} {json.dumps(rows[name])}", flush=True)
    if options.crawl:
        rows["true crawl"] = crawl_small(
            make_newsroom(options.crawl, options.crawl // 10, options.seed, options.sets), round(options.budget * options.crawl)
        )
        if not options.json:
            print(f"{'true crawl':22} {json.dumps(rows['true crawl'])}")
    if options.json:
        print(json.dumps(rows, indent=2))
    ours = rows["most promising first"]["share"]
    return 0 if ours >= BAR and all(ours > rows[name]["share"] for name in ("breadth first", "newest first")) else 1


if __name__ == "__main__":
    sys.exit(main())
