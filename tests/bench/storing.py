"""What the store does with many articles: rate, size, search, copies, memory, on both databases.

    python -m tests.bench.storing --articles 10000,100000 [--database sqlite|postgresql|both] [--plot docs/images] [--keep DIR] [--json]

Each article goes the whole way of a crawl's writer (page, visit, capture, extraction, article, index, copies, outcome), 50 a
transaction. What the worker computes (lemmas, shingles, signature) comes from a process of its own, as in a crawl, and is ready
before the clock starts. The bodies of the first 10,000 captures are kept. At each mark the rate is that of the last tenth before it.
CPU seconds are those of this process and, for PostgreSQL, of the server's processes; wall times are given beside them, since the
machine may be busy with other work.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import queue
import random
import resource
import sys
import tempfile
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.articles import record_article, record_extraction
from storage.captures import record_capture
from storage.clusters import Comparison, compare_later, confirm_copies, find_candidates
from storage.database import Database, open_database, settle, upgrade_database
from storage.models import CopyRow
from storage.near_duplicates import fingerprint
from storage.outlets import sync_outlets
from storage.pages import plan_visit, record_page
from storage.records import Capture, ClaimedVisit, Extraction, Fingerprint, PageClass, PageKind, Precision, PublishedTime, VisitResult
from storage.runs import open_run
from storage.search_index import index_article
from storage.visits import attach_capture, claim_visits, finish_visit
from tests.bench.charts import Line, draw_chart
from tests.bench.corpus import Item, generate, outlets
from tests.bench.searching import DATABASE, START, load_sample, measure_search, percentiles, save_sample
from tests.postgres import Server

GROUP = 50
AHEAD = 8
"""Groups prepared and not yet written."""
BODIES_KEPT = 10_000
PROGRESS = 20_000
"""Articles after which the rate is told."""
SERVED = ("shared_buffers=512MB", "max_wal_size=8GB")
"""What a server in service is given; those of tests have 32 MB."""
CHECKED = 1_000
"""Articles whose copies are looked for once more at a mark, one by one."""
SAMPLED = 2_000
"""Articles from which queries are drawn."""


@dataclass
class Store:
    """One database under measurement."""

    name: str
    database: Database
    size: Callable[[], int]
    cpu: Callable[[], float]
    """CPU seconds so far of this process and of the server's."""
    cards: dict[str, Outlet]
    run_id: int = 0
    ids: array[int] = field(default_factory=lambda: array("q", [0]))
    """Article id of each item, by number."""
    writes: list[tuple[int, float, float]] = field(default_factory=list)
    """(articles, CPU seconds, wall seconds) of each group."""
    last: deque[Comparison] = field(default_factory=lambda: deque(maxlen=CHECKED))
    """The articles stored last."""
    copies: Counter[str] = field(default_factory=Counter)

    def write(self, group: list[tuple[Item, Fingerprint]], now: datetime) -> None:
        cpu, wall = self.cpu(), time.monotonic()
        with self.database.write(grouped=True) as session:
            for item, _ in group:
                page_id = record_page(session, url=item.url, outlet=self.cards[item.outlet], kind=PageKind.ARTICLE, now=now)
                plan_visit(session, page_id, reason="new", priority=0.5, now=now)
            claimed = claim_visits(session, self.run_id, outlet_ids=list(self.cards), limit=len(group), lease_s=60.0, now=now)
            visits = {visit.url: visit for visit in claimed}
            for item, print_ in group:
                self._write_one(session, item, visits[item.url], print_, now)
            settle(session)
        self.writes.append((len(group), self.cpu() - cpu, time.monotonic() - wall))
        self._count_copies([item for item, _ in group])

    def _write_one(self, session: Session, item: Item, visit: ClaimedVisit, print_: Fingerprint, now: datetime) -> None:
        card = self.cards[item.outlet]
        body = f"<html><h1>{item.title}</h1><p>{item.text}</p></html>".encode() if item.number <= BODIES_KEPT else b""
        capture = Capture(requested_url=item.url, final_url=item.url, status=200, body=body, fetched_at=now)
        capture_id = record_capture(session, capture, page_id=visit.page_id, run_id=self.run_id)
        attach_capture(session, visit.visit_id, capture_id)
        extraction = Extraction(
            extractor="bench",
            extractor_version="1",
            rules_version="1",
            page_class=PageClass.ARTICLE,
            title=item.title,
            text=item.text,
            language=item.language,
            published=PublishedTime(at=now - timedelta(minutes=5), precision=Precision.SECOND, source="json-ld"),
        )
        extraction_id = record_extraction(session, capture_id, extraction, capture=capture)
        change = record_article(
            session,
            outlet=card,
            visit=visit,
            capture_id=capture_id,
            extraction_id=extraction_id,
            extraction=extraction,
            fingerprint=print_,
            urls=[item.url],
            now=now,
            capture=capture,
        )
        index_article(session, change.article_id, print_.title_lemmas, print_.body_lemmas, print_.lemmatiser)
        compare_later(session, change.article_id, fingerprint=print_, now=now)
        self.ids.append(change.article_id)
        self.last.append(Comparison(change.article_id, print_, now))
        result = VisitResult(visit=visit, finished_at=now, status=200, extraction=extraction)
        finish_visit(
            session,
            result,
            run_id=self.run_id,
            outcome=change.outcome,
            detail="",
            capture_id=capture_id,
            article_id=change.article_id,
            next_due_at=now + timedelta(days=1),
            now=now,
        )

    def _count_copies(self, items: Sequence[Item]) -> None:
        """What was found of these, the articles stored last: pairs whose later article is one of them."""
        ids = [self.ids[item.number] for item in items]
        with self.database.read() as session:
            found = session.execute(select(CopyRow.article_b, CopyRow.article_a).where(CopyRow.article_b.in_(ids))).all()
        partners: dict[int, set[int]] = {article_id: set() for article_id in ids}
        for later, earlier in found:
            partners[later].add(earlier)
        for item, article_id in zip(items, ids, strict=True):
            if item.original is None:
                self.copies["false"] += bool(partners[article_id])
            else:
                self.copies[f"{item.kind} made"] += 1
                self.copies[f"{item.kind} found"] += self.ids[item.original] in partners[article_id]

    def check_copies(self) -> tuple[list[float], list[float]]:
        """Wall and CPU milliseconds (the latter of this process only) of looking for the copies of the articles stored last, one by one:
        candidates found and confirmed on the whole texts."""
        wall, cpu = [], []
        with self.database.read() as session:
            for each in self.last:
                started, cpu_started = time.perf_counter(), time.process_time()
                confirm_copies(session, each, find_candidates(session, [each])[each.article_id])
                wall.append((time.perf_counter() - started) * 1000)
                cpu.append((time.process_time() - cpu_started) * 1000)
        return wall, cpu

    def progress(self, articles: int) -> dict[str, Any]:
        """Rates of the groups since the last PROGRESS articles."""
        return {"articles": articles, **rates(self.writes[-PROGRESS // GROUP :])}


def measure(store: Store, articles: int, items: list[Item]) -> dict[str, Any]:
    """All figures at one mark. ``items`` are some of the articles, to ask for what is there."""
    tail = max(1000, articles // 10)
    if store.name == "postgresql":
        # A server in service analyses by itself; the bench's has autovacuum off.
        with store.database.write() as session:
            session.execute(sql("ANALYZE"))
    copy_ms, copy_cpu_ms = store.check_copies()
    return {
        "articles": articles,
        **rates(store.writes[-tail // GROUP :]),
        "bytes_per_article": round(store.size() / articles),
        "copy_check_ms": percentiles(copy_ms),
        "copy_check_cpu_ms": percentiles(copy_cpu_ms),
        "copies": dict(sorted(store.copies.items())),
        "search_ms": measure_search(store.database, items, "relevance"),
        "search_by_date_ms": measure_search(store.database, items, "newest"),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def rates(writes: Sequence[tuple[int, float, float]]) -> dict[str, int]:
    stored = sum(count for count, _, _ in writes)
    return {
        "articles_per_cpu_s": round(stored / sum(cpu for _, cpu, _ in writes)),
        "articles_per_s_wall": round(stored / sum(wall for _, _, wall in writes)),
    }


def plot(results: dict[str, list[dict[str, Any]]], folder: Path) -> None:
    """Curves of what grows with the number of articles, one picture a question. CPU times: they bear other work on the machine."""
    folder.mkdir(parents=True, exist_ok=True)
    questions: dict[str, tuple[str, Callable[[dict[str, Any]], float]]] = {
        "storing-rate": ("articles stored a CPU second", lambda mark: mark["articles_per_cpu_s"]),
        "storing-search": ("search, CPU ms at p95", lambda mark: mark["search_ms"]["cpu"]["p95"]),
        "storing-copies": ("copy check, CPU ms at p95", lambda mark: mark["copy_check_cpu_ms"]["p95"]),
        "storing-size": ("kilobytes an article", lambda mark: mark["bytes_per_article"] / 1000),
    }
    for name, (title, value) in questions.items():
        lines = [Line(store, [(float(mark["articles"]), value(mark)) for mark in marks]) for store, marks in results.items()]
        (folder / f"{name}.svg").write_text(draw_chart(title, "articles in the database", lines))


@contextmanager
def open_store(name: str, cards: list[Outlet], keep: Path | None = None) -> Iterator[Store]:
    by_id = {card.id: card for card in cards}
    with ExitStack() as stack:
        if name == "sqlite":
            folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="storing-")))
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / DATABASE
            url, cpu = f"sqlite:///{file}", time.process_time

            def size() -> int:
                return sum(part.stat().st_size for part in file.parent.iterdir())
        else:
            server = Server.create(options=SERVED)
            stack.callback(server.remove)
            server.execute("CREATE DATABASE scale")
            url = server.url("scale")

            def cpu() -> float:
                return time.process_time() + server_cpu(server)

            def size() -> int:
                return int(server.execute("SELECT pg_database_size('scale')")[0][0])

        resumed = upgrade_database(url) is None
        database = stack.enter_context(closing(open_database(url)))
        store = Store(name=name, database=database, size=size, cpu=cpu, cards=by_id)
        with database.write() as session:
            if resumed:
                stored = session.execute(sql("SELECT CAST(identity AS bigint), id FROM articles ORDER BY 1")).all()
                store.ids.extend(article_id for _, article_id in stored)
                assert [number for number, _ in stored] == list(range(1, len(store.ids))), "an article is missing"
            sync_outlets(session, cards, START)
            store.run_id = open_run(session, kind="crawl", outlets=list(by_id), request={}, holder="bench:1", user_agent="bench", now=START)
        yield store


def server_cpu(server: Server) -> float:
    """CPU seconds of the server and of its processes that still run: those that wrote for us do."""
    total, ticks = 0, os.sysconf("SC_CLK_TCK")
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(folder.name) == server.pid or int(fields[1]) == server.pid:
                total += int(fields[11]) + int(fields[12])
    return total / ticks


@dataclass(frozen=True, slots=True)
class Group:
    """Articles of one transaction with what the worker made of them."""

    items: list[tuple[Item, Fingerprint]]
    worker_cpu_s: float
    """CPU seconds of the worker since it began."""


def prepared(count: int, marks: list[int], stored: int = 0) -> Iterator[Group]:
    """Groups of articles after the ``stored`` ones, made by a process of its own a few groups ahead of their use; each mark ends one."""
    # "spawn": the parent has a server's connections and threads.
    context = multiprocessing.get_context("spawn")
    groups: Queue[Group | None] = context.Queue(AHEAD)
    worker = context.Process(target=_prepare, args=(count, marks, stored, groups), daemon=True)
    worker.start()
    try:
        while (group := _next(groups, worker)) is not None:
            yield group
    finally:
        worker.terminate()
        worker.join()


def _next(groups: Queue[Group | None], worker: BaseProcess) -> Group | None:
    while True:
        try:
            return groups.get(timeout=10.0)
        except queue.Empty:
            if not worker.is_alive():
                raise RuntimeError("the worker died") from None


def _prepare(count: int, marks: list[int], stored: int, groups: Queue[Group | None]) -> None:
    items: list[tuple[Item, Fingerprint]] = []
    for item in islice(generate(count), stored, None):
        items.append((item, fingerprint(item.title, item.text, item.language)))
        if len(items) == GROUP or item.number in marks:
            groups.put(Group(items, time.process_time()))
            items = []
    groups.put(None)


def run(marks: list[int], names: list[str], keep: Path | None = None) -> dict[str, Any]:
    cards = outlets()
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with ExitStack() as stack:
        stores = [stack.enter_context(open_store(name, cards, keep)) for name in names]
        sample: list[Item] = []
        draw = random.Random(9)
        first = len(stores[0].ids) - 1
        if first and keep is not None:
            sample = load_sample(keep)
        for group in prepared(max(marks), marks, first):
            last = group.items[-1][0].number
            _sample(draw, sample, [item for item, _ in group.items if item.original is None], last)
            # A minute for each group: 1,000,000 articles are two weeks of a large fleet.
            now = START + timedelta(minutes=last // GROUP)
            for store in stores:
                store.write(group.items, now)
                if last % PROGRESS == 0 or last in marks:
                    _say(store, store.progress(last))
            if last in marks:
                if keep is not None:
                    save_sample(keep, sample)
                for store in stores:
                    found = {**measure(store, last, sample), "worker_cpu_ms": round(group.worker_cpu_s / (last - first) * 1000, 2)}
                    results[store.name].append(found)
                    _say(store, found)
    return results


def _sample(draw: random.Random, sample: list[Item], items: list[Item], seen: int) -> None:
    """Keep an even choice of all items seen so far."""
    for item in items:
        if len(sample) < SAMPLED:
            sample.append(item)
        elif (place := draw.randrange(seen)) < SAMPLED:
            sample[place] = item


def _say(store: Store, what: dict[str, Any]) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {store.name} {json.dumps(what)}", file=sys.stderr, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", default="10000,100000", help="marks, ascending, joined by commas")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--plot", type=Path, help="folder for the curves, as SVG; they need two marks")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="make the SQLite file there, or go on with it, and leave it")
    parser.add_argument("--json", action="store_true", help="print one JSON document only")
    options = parser.parse_args()
    names = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    marks = sorted({int(mark) for mark in options.articles.split(",")})
    results = run(marks, names, options.keep)
    if options.plot is not None:
        plot(results, options.plot)
    print(json.dumps(results, indent=None if options.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
