"""Quarantine tried again: bytes that an earlier version could not read go once more through the workers and the writer. No network."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import structlog

from config.outlet import Outlet
from crawlers import ledger
from crawlers.crawl import FEEDS
from crawlers.errors import TaskCrashError, TaskTimeoutError
from crawlers.ledger import RunContext
from crawlers.reader import Reader, Relevance
from crawlers.request import CrawlRequest
from crawlers.worker_tasks import unpack
from crawlers.workers import WorkerPool
from crawlers.writer import Session, Writer
from storage import pages, quarantine, visits
from storage.database import Database
from storage.quarantine import QuarantineRecord
from storage.records import KEPT_BYTES, Capture, ClaimedVisit, Outcome, VisitResult

log = structlog.get_logger(__name__)

_MAGIC = ((b"\x1f\x8b", "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"))
"""Codings that can be told from their first bytes; the header that named them was not kept."""


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What became of the items."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """Of those that were tried."""
    read: int = 0
    """Now read, and therefore no longer in quarantine."""
    kept: int = 0
    """Tried, and as unreadable as before."""
    cut: int = 0
    """Not tried: only the first mebibyte is kept of them."""
    waiting: int = 0
    """Not tried: the page is about to be fetched anyway, or its outlet has no card any more."""


def replay_quarantine(
    database: Database, run: RunContext, *, outlets: Sequence[Outlet], reason: Outcome | None, relevance: Relevance
) -> Replayed:
    """Try every item (of one ``reason``) again, as visits of ``run``, which the caller opened and closes.

    An item that can be read leaves quarantine; one that cannot gives its place to the newer failure.
    """
    return asyncio.run(_Replay(database, run, outlets, relevance).work(reason))


class _Replay:
    def __init__(self, database: Database, run: RunContext, outlets: Sequence[Outlet], relevance: Relevance) -> None:
        self._database = database
        self._run = run
        self._known = {outlet.id for outlet in outlets}
        self._pool = WorkerPool(run.settings.extract)
        self._writer = Writer(database, renew=partial(_renew, run=run))
        self._reader = Reader(run, self._writer, self._pool, CrawlRequest(feeds=False, rechecks=False), relevance)
        self._done = Replayed()

    async def work(self, reason: Outcome | None) -> Replayed:
        self._writer.start()
        try:
            async with self._pool:
                # Read first: what fails again is kept again, and would be met a second time.
                with self._database.read() as session:
                    found = [item.visit_id for item in quarantine.load_quarantine(session, reason=reason)]
                for visit_id in found:
                    await self._try(visit_id)
        finally:
            await asyncio.to_thread(self._writer.close)
        return self._done

    async def _try(self, visit_id: int) -> None:
        with self._database.read() as session:
            item = quarantine.load_item(session, visit_id)
        if item is None:
            return
        if item.size > len(item.body):
            self._done.cut += 1
            return
        visit = await self._writer.submit(partial(_claim, run=self._run, item=item)) if item.outlet_id in self._known else None
        if visit is None:
            self._done.waiting += 1
            return
        outcome = await self._read(visit, item)
        if outcome is None:
            return
        self._done.outcomes[outcome.value] += 1
        await self._writer.submit(partial(quarantine.release_bytes, visit_id=visit_id))
        if outcome in KEPT_BYTES:
            self._done.kept += 1
        else:
            self._done.read += 1

    async def _read(self, visit: ClaimedVisit, item: QuarantineRecord) -> Outcome | None:
        body = item.body
        capture = Capture(
            requested_url=item.url, final_url=item.url, status=200, body=body, fetched_at=item.kept_at, user_agent="", provenance="replay"
        )
        result = VisitResult(visit=visit, finished_at=self._run.clock(), status=200, capture=capture)
        if item.reason is Outcome.BAD_ENCODING:
            coding = next((name for mark, name in _MAGIC if body.startswith(mark)), None)
            body = await self._unpacked(body, coding) if coding else b""
            if not body:
                return await self._reader.end(replace(result, detail=item.detail), Outcome.BAD_ENCODING)
            result = replace(result, capture=replace(capture, body=body))
        return await (self._reader.read_feed(result) if visit.kind in FEEDS else self._reader.read_page(result))

    async def _unpacked(self, body: bytes, coding: str) -> bytes:
        """The bytes inside; empty when there are none to be had."""
        try:
            return (await self._pool.run(unpack, body, (coding,), self._run.settings.crawl.max_body_bytes)).body
        except (TaskTimeoutError, TaskCrashError):
            return b""


def _renew(session: Session, run: RunContext) -> None:
    ledger.renew(session, run)


def _claim(session: Session, run: RunContext, item: QuarantineRecord) -> ClaimedVisit | None:
    """A visit of the item's page for this run; None when one is open already."""
    planned = pages.plan_visit(session, item.page_id, reason="replay", priority=0.0, now=run.clock())
    if planned is None:
        return None
    claimed = visits.claim_visits(
        session, run.run_id, outlet_ids=[item.outlet_id], limit=1, lease_s=run.lease_s, now=run.clock(), page_ids=[item.page_id]
    )
    return claimed[0]
