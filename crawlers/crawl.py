"""The state of one crawl that its parts share: what is under way, who writes, what runs beside the requests."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from crawlers import ledger
from crawlers.errors import WriterClosedError
from crawlers.frontier import Frontier
from crawlers.ledger import RunContext
from crawlers.reader import Reader
from crawlers.reordering import Reordering
from crawlers.request import CrawlRequest
from crawlers.unpacking import Unpacker
from crawlers.workers import WorkerPool
from crawlers.writer import Writer
from storage.records import ClaimedVisit, PageKind

log = structlog.get_logger(__name__)

FEEDS = (PageKind.FEED, PageKind.SITEMAP)


@dataclass(slots=True, kw_only=True)
class Crawl:
    """Made by ``crawlers.run``, worked on by the spider, ``claims`` and ``hosts``; all on one event loop."""

    run: RunContext
    request: CrawlRequest
    writer: Writer
    pool: WorkerPool
    reader: Reader
    reordering: Reordering | None = None
    """None: what was read does not change the order of what waits."""
    only_pages: frozenset[int] | None = None
    """The pages to which the crawl is restricted; None for all that is open."""
    frontier: Frontier = field(default_factory=Frontier)
    held: dict[str, str] = field(default_factory=dict)
    """Wanted hosts that another process holds: host key to "host:pid"."""
    under_way: dict[int, ClaimedVisit] = field(default_factory=dict)
    """Visits between their first request and their outcome."""
    feeds_open: set[int] = field(default_factory=set)
    """Claimed visits of feeds that have no outcome yet: pages under a budget are chosen after them."""
    fetched: dict[str, int] = field(default_factory=dict)
    """Pages claimed and not given back, by outlet: what budgets count."""
    made_today: dict[str, int] = field(default_factory=dict)
    """Pages visited before this run since midnight UTC, by outlet."""
    claim_due: bool = True
    """There may be visits to claim."""
    stopping: bool = False
    fault: BaseException | None = None
    """A broken assumption; the crawl ends and its run is marked failed."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    unpacker: Unpacker = field(init=False)

    def __post_init__(self) -> None:
        self.unpacker = Unpacker(self.run.settings, self.pool, leaving=lambda: self.reader.leaving)
        self.writer.on_acknowledged = self.wake.set

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run beside the requests. The crawl does not end before it, and does not go on when it fails."""
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self._note_end)
        return task

    def _note_end(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.fail(task.exception())
        self.wake.set()

    def fail(self, error: BaseException | None) -> None:
        """End the crawl because of ``error``. A closed writer is no news: its own cause is reported."""
        self.stopping = True
        if not isinstance(error, WriterClosedError) and self.fault is None:
            self.fault = error
            log.error("crawl_failed", exc_info=error)
        self.wake.set()

    async def settle(self) -> None:
        """Wait for everything that was spawned, and for what that spawns."""
        while self.tasks:
            await asyncio.wait(set(self.tasks))

    def note_claimed(self, visit: ClaimedVisit) -> None:
        if visit.kind in FEEDS:
            self.feeds_open.add(visit.visit_id)
        else:
            self.fetched[visit.outlet_id] = self.fetched.get(visit.outlet_id, 0) + 1

    def note_done(self, visit: ClaimedVisit, *, counts: bool = True) -> None:
        """The visit has its outcome or was given back. ``counts`` False: it cost no request and no budget."""
        self.under_way.pop(visit.visit_id, None)
        if visit.kind in FEEDS:
            self.feeds_open.discard(visit.visit_id)
            self.claim_due = True
        elif not counts:
            self.fetched[visit.outlet_id] = max(0, self.fetched.get(visit.outlet_id, 0) - 1)
            self.claim_due = True
        if self.reader.may_have_planned:
            self.reader.may_have_planned = False
            self.claim_due = True
        self.wake.set()

    async def release(self, visits: list[ClaimedVisit], *, until: datetime | None) -> None:
        """Give visits back unmade, not to be claimed before ``until``."""
        if visits:
            ids = [visit.visit_id for visit in visits]
            await self.writer.submit(partial(ledger.release, run=self.run, visit_ids=ids, not_before=until))
        for visit in visits:
            self.note_done(visit, counts=False)
