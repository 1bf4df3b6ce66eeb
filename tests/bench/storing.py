"""What the store does with many articles: rate, size, search, copies, memory, on both databases.

    python -m tests.bench.storing --articles 10000,100000 [--database sqlite|postgresql|both] [--plot docs/images] [--json]

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
import random
import re
import resource
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.pool import AsyncResult
from pathlib import Path
from typing import Any

from sqlalchemy import text as sql
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.articles import record_article, record_extraction
from storage.captures import record_capture
from storage.clusters import record_copies
from storage.database import Database, open_database, upgrade_database
from storage.near_duplicates import fingerprint
from storage.outlets import sync_outlets
from storage.pages import plan_visit, record_page
from storage.records import Capture, ClaimedVisit, Extraction, Fingerprint, PageClass, PageKind, Precision, PublishedTime, VisitResult
from storage.runs import open_run
from storage.search import index_article, search
from storage.visits import attach_capture, claim_visits, finish_visit
from tests.bench.charts import Line, draw_chart
from tests.bench.corpus import COMMON, PLACES, Item, generate, outlets
from tests.postgres import Server

GROUP = 50
AHEAD = 8
"""Groups prepared and not yet written."""
BODIES_KEPT = 10_000
START = datetime(2025, 1, 1, tzinfo=UTC)
QUERIES = 160


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
    ids: dict[int, int] = field(default_factory=dict)
    """Number of an item that may be copied -> article id."""
    writes: list[tuple[int, float, float]] = field(default_factory=list)
    """(articles, CPU seconds, wall seconds) of each group."""
    copy_ms: list[tuple[float, float]] = field(default_factory=list)
    """Wall and CPU milliseconds of each copy check, the latter of this process only."""
    copies: Counter[str] = field(default_factory=Counter)

    def write(self, group: list[tuple[Item, Fingerprint]], now: datetime) -> None:
        cpu, wall = self.cpu(), time.monotonic()
        with self.database.write() as session:
            for item, _ in group:
                page_id = record_page(session, url=item.url, outlet=self.cards[item.outlet], kind=PageKind.ARTICLE, now=now)
                plan_visit(session, page_id, reason="new", priority=0.5, now=now)
            claimed = claim_visits(session, self.run_id, outlet_ids=list(self.cards), limit=len(group), lease_s=60.0, now=now)
            visits = {visit.url: visit for visit in claimed}
            for item, print_ in group:
                self._write_one(session, item, visits[item.url], print_, now)
        self.writes.append((len(group), self.cpu() - cpu, time.monotonic() - wall))

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
        extraction_id = record_extraction(session, capture_id, extraction)
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
        )
        index_article(session, change.article_id, print_.title_lemmas, print_.body_lemmas, print_.lemmatiser)
        started, cpu = time.perf_counter(), time.process_time()
        found = record_copies(session, change.article_id, fingerprint=print_, now=now)
        self.copy_ms.append(((time.perf_counter() - started) * 1000, (time.process_time() - cpu) * 1000))
        self._count_copies(item, change.article_id, {pair for copy in found for pair in (copy.article_a, copy.article_b)})
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

    def _count_copies(self, item: Item, article_id: int, partners: set[int]) -> None:
        if item.original is None:
            self.ids[item.number] = article_id
            self.copies["false"] += bool(partners)
        else:
            self.copies[f"{item.kind} made"] += 1
            self.copies[f"{item.kind} found"] += self.ids.get(item.original) in partners


def measure(store: Store, articles: int, items: list[Item]) -> dict[str, Any]:
    """All figures at one mark. ``items`` are some of the articles, to ask for what is there."""
    tail = store.writes[-max(1, articles // 10 // GROUP) :]
    stored = sum(count for count, _, _ in tail)
    recent_copies = store.copy_ms[-max(1000, articles // 10) :]
    if store.name == "postgresql":
        # A server in service analyses by itself; the bench's has autovacuum off.
        with store.database.write() as session:
            session.execute(sql("ANALYZE"))
    return {
        "articles": articles,
        "articles_per_cpu_s": round(stored / sum(cpu for _, cpu, _ in tail)),
        "articles_per_s_wall": round(stored / sum(wall for _, _, wall in tail)),
        "bytes_per_article": round(store.size() / articles),
        "copy_check_ms": _percentiles([wall for wall, _ in recent_copies]),
        "copy_check_cpu_ms": _percentiles([cpu for _, cpu in recent_copies]),
        "copies": dict(sorted(store.copies.items())),
        "search_ms": _search(store, items, "relevance"),
        "search_by_date_ms": _search(store, items, "newest"),
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _search(store: Store, items: list[Item], sort: Any) -> dict[str, Any]:
    """Time of a search in a session of its own, snippets included, over mixed queries: wall, and CPU of this process; the slowest kind."""
    with store.database.read() as session:
        # The dictionaries are read once a process, and are no part of a search.
        search(session, "warm")
    times: list[float] = []
    cpu: list[float] = []
    kinds: dict[str, list[float]] = {}
    for kind, query, filters in queries(items):
        started, cpu_started = time.perf_counter(), time.process_time()
        with store.database.read() as session:
            search(session, query, sort=sort, **filters)
        times.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - cpu_started) * 1000)
        kinds.setdefault(kind, []).append(cpu[-1])
    worst = max((_percentiles(each)["p95"], kind) for kind, each in kinds.items())[1]
    return {**_percentiles(times), "cpu": _percentiles(cpu), "worst_kind": worst}


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


def _percentiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {name: round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2) for name, share in (("p50", 0.5), ("p95", 0.95))}


@contextmanager
def open_store(name: str, cards: list[Outlet]) -> Iterator[Store]:
    by_id = {card.id: card for card in cards}
    with ExitStack() as stack:
        if name == "sqlite":
            file = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="scale-"))) / "scale.db"
            url, cpu = f"sqlite:///{file}", time.process_time

            def size() -> int:
                return sum(part.stat().st_size for part in file.parent.iterdir())
        else:
            server = Server.create()
            stack.callback(server.remove)
            server.execute("CREATE DATABASE scale")
            url = server.url("scale")

            def cpu() -> float:
                return time.process_time() + server_cpu(server)

            def size() -> int:
                return int(server.execute("SELECT pg_database_size('scale')")[0][0])

        upgrade_database(url)
        database = stack.enter_context(closing(open_database(url)))
        store = Store(name=name, database=database, size=size, cpu=cpu, cards=by_id)
        with database.write() as session:
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


def prepared(count: int, marks: list[int]) -> Iterator[list[tuple[Item, Fingerprint]]]:
    """Groups of articles with what the worker makes of them; each mark ends one. A few groups ahead of their use."""
    # "spawn": the parent has a server's connections and threads.
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        waiting: deque[AsyncResult[list[tuple[Item, Fingerprint]]]] = deque()
        group: list[Item] = []
        for item in generate(count):
            group.append(item)
            if len(group) == GROUP or item.number in marks:
                waiting.append(pool.apply_async(_prepare, (group,)))
                group = []
            if len(waiting) > AHEAD:
                yield waiting.popleft().get()
        while waiting:
            yield waiting.popleft().get()


def _prepare(group: list[Item]) -> list[tuple[Item, Fingerprint]]:
    return [(item, fingerprint(item.title, item.text, item.language)) for item in group]


def run(marks: list[int], names: list[str]) -> dict[str, Any]:
    cards = outlets()
    results: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with ExitStack() as stack:
        stores = [stack.enter_context(open_store(name, cards)) for name in names]
        sample: list[Item] = []
        draw = random.Random(9)
        for group in prepared(max(marks), marks):
            last = group[-1][0].number
            sample += [item for item, _ in group if item.original is None and draw.random() < 0.02]
            # A minute for each group: 1,000,000 articles are two weeks of a large fleet.
            now = START + timedelta(minutes=last // GROUP)
            for store in stores:
                store.write(group, now)
            if last in marks:
                for store in stores:
                    results[store.name].append(measure(store, last, sample))
                    print(f"{store.name} {json.dumps(results[store.name][-1])}", file=sys.stderr, flush=True)
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--articles", default="10000,100000", help="marks, ascending, joined by commas")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--plot", type=Path, help="folder for the curves, as SVG; they need two marks")
    parser.add_argument("--json", action="store_true", help="print one JSON document only")
    options = parser.parse_args()
    names = ["sqlite", "postgresql"] if options.database == "both" else [options.database]
    marks = sorted({int(mark) for mark in options.articles.split(",")})
    results = run(marks, names)
    if options.plot is not None:
        plot(results, options.plot)
    print(json.dumps(results, indent=None if options.json else 2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
