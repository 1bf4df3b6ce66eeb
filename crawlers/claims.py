"""Taking visits from the ledger into the frontier: how many, whose, and within which budget."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from functools import partial
from time import monotonic
from urllib.parse import urlsplit

from config.outlet import Outlet
from crawlers import ledger
from crawlers.crawl import FEEDS, Crawl
from crawlers.frontier import Step
from crawlers.guard import is_on_site, judge_url
from crawlers.hops import Failure, Trail
from crawlers.hosts import Hosts
from storage.records import ClaimedVisit, Outcome, VisitResult

MAX_CLAIMED = 200
"""Visits held at a time. More would only keep other processes from them."""

FOCUSED = 50
"""Pages claimed at a time while a budget goes to the best: what they bring decides on the next."""

LANE_FULL = 25
"""Waiting visits of one host beyond which other hosts' are claimed before more of it."""

SLICE = 25
"""Refused visits that are ended in one go."""

CLAIM_EVERY_S = 1.0
"""Seconds between two claims while there is work enough."""


class Claims:
    """Claims visits when there is room and there may be some."""

    def __init__(self, crawl: Crawl, hosts: Hosts) -> None:
        self._crawl = crawl
        self._hosts = hosts
        self._claimed_at = float("-inf")
        self._claiming: asyncio.Task[None] | None = None
        self._ending = asyncio.Lock()
        self._listings: dict[str, int] = {}
        """Sitemaps below an index that were claimed, by outlet."""
        self.rereads: list[ClaimedVisit] = []
        """Claimed visits whose response an interrupted run has stored: they are read, not fetched."""

    async def refill(self) -> None:
        """Claim once, if it is time: beside the requests while some wait to be made, else the answer is waited for.

        ``crawl.claim_due`` then says whether there may be more.
        """
        crawl = self._crawl
        waiting = crawl.frontier.queued
        if self._claiming is not None and not self._claiming.done():
            if not waiting:
                await asyncio.shield(self._claiming)
            return
        hungry = waiting < crawl.run.settings.crawl.concurrency or monotonic() - self._claimed_at >= CLAIM_EVERY_S
        if not crawl.claim_due or not hungry or waiting >= MAX_CLAIMED:
            return
        if self._ending.locked() and waiting:
            # What was claimed and refused is still being written down; more of it would only pile up.
            return
        self._claimed_at = monotonic()
        # Shielded: a stop must not cut us off from the answer to a claim that the database may have made already.
        self._claiming = crawl.spawn(self._claim(MAX_CLAIMED - waiting))
        if not waiting:
            await asyncio.shield(self._claiming)

    async def _claim(self, limit: int) -> None:
        crawl = self._crawl
        focused = crawl.reader.is_focused
        crawl.claim_due = False
        full = {lane.key for lane in crawl.frontier.lanes() if lane.queued >= LANE_FULL}
        with_room, without_room, left = self._budgets()
        if left is None:
            found = await self._take(limit, with_room, full)
            if without_room and found < limit:
                found += await self._take(limit - found, without_room, full, feeds_only=True)
        else:
            # Under a budget the best are wanted, not the first: pages are chosen when all feeds have been read.
            limit_pages = min(limit, left, FOCUSED) if focused else min(limit, left)
            found = await self._take(limit, [*with_room, *without_room], full, feeds_only=True)
            if not found and not crawl.feeds_open and limit_pages:
                if focused and crawl.reordering is not None:
                    await crawl.reordering.refresh()
                found = await self._take(limit_pages, with_room, full, best_first=focused)
                limit = limit_pages
        crawl.claim_due = crawl.claim_due or (found >= limit > 0) or bool(full)

    def _budgets(self) -> tuple[list[str], list[str], int | None]:
        """Outlets that may have more pages, outlets that may not, and the pages left for the run (None: no bound)."""
        crawl = self._crawl
        bounds = [bound for bound in (crawl.request.max_pages, crawl.request.budget) if bound is not None]
        left = None if not bounds else max(0, min(bounds) - sum(crawl.fetched.values()))
        with_room: list[str] = []
        without_room: list[str] = []
        for outlet in crawl.run.outlets.values():
            bound = self._bound(outlet)
            has_room = left != 0 and (bound is None or crawl.fetched.get(outlet.id, 0) < bound)
            (with_room if has_room else without_room).append(outlet.id)
        return with_room, without_room, left

    def _bound(self, outlet: Outlet) -> int | None:
        """Pages of one outlet in this run at most; None: no bound."""
        limits = outlet.politeness
        today = None if limits.max_pages_per_day is None else max(0, limits.max_pages_per_day - self._crawl.made_today.get(outlet.id, 0))
        return min((bound for bound in (limits.max_pages_per_run, today) if bound is not None), default=None)

    async def _take(
        self, limit: int, outlets: Collection[str], full: Collection[str], *, feeds_only: bool = False, best_first: bool = False
    ) -> int:
        """Claim up to ``limit`` visits and queue them; how many the database gave."""
        crawl = self._crawl
        if not outlets:
            return 0
        claimed = await crawl.writer.submit(
            partial(
                ledger.claim,
                run=crawl.run,
                limit=limit,
                outlet_ids=list(outlets),
                busy={*full, *crawl.held, *self._hosts.closed_keys},
                leased=[lane.key for lane in crawl.frontier.lanes()],
                page_ids=crawl.only_pages,
                feeds_only=feeds_only,
                best_first=best_first,
            )
        )
        crawl.held.update(claimed.held)
        for state in claimed.hosts.values():
            # A redirect may have opened it while the claim was waited for.
            if state.key not in crawl.frontier:
                self._hosts.open(state)
        if crawl.reordering is not None:
            crawl.reordering.forget(visit.visit_id for visit in claimed.visits)
        over = self._over_budget(claimed.visits)
        refused: list[tuple[ClaimedVisit, Failure]] = []
        for visit in claimed.visits:
            crawl.note_claimed(visit)
            if visit.visit_id in over:
                continue
            refusal = self._refuse(visit) if visit.capture_id is None else None
            if refusal is None:
                await self._queue(visit)
            else:
                refused.append((visit, refusal))
        if refused:
            crawl.spawn(self._end(refused))
        await crawl.release([visit for visit in claimed.visits if visit.visit_id in over], until=None)
        return len(claimed.visits)

    def _over_budget(self, visits: Collection[ClaimedVisit]) -> set[int]:
        """Pages beyond a card's bounds, which a claim over several outlets cannot know of."""
        crawl = self._crawl
        counts = dict(crawl.fetched)
        over = set()
        for visit in visits:
            if visit.kind in FEEDS:
                continue
            counts[visit.outlet_id] = counts.get(visit.outlet_id, 0) + 1
            bound = self._bound(crawl.run.outlets[visit.outlet_id])
            if bound is not None and counts[visit.outlet_id] > bound:
                over.add(visit.visit_id)
        return over

    async def _queue(self, visit: ClaimedVisit) -> None:
        crawl = self._crawl
        if visit.capture_id is not None:
            crawl.under_way[visit.visit_id] = visit
            self.rereads.append(visit)
            return
        until = self._hosts.left_until(visit.host_key)
        failure = self._hosts.closed(visit.host_key)
        if until is not None:
            await crawl.release([visit], until=until)
        elif failure is not None:
            crawl.spawn(self._hosts.end(visit, failure))
        else:
            crawl.frontier.push(Step(host_key=visit.host_key, trail=Trail(url=visit.url), visit=visit))

    def _refuse(self, visit: ClaimedVisit) -> Failure | None:
        """Why nobody is asked for this, not even for a robots.txt."""
        refusal = judge_url(visit.url, self._crawl.run.settings.connect_to)
        if refusal is not None:
            return Failure(outcome=refusal.outcome, detail=refusal.detail)
        host = urlsplit(visit.url).hostname or ""
        if not is_on_site(host, self._crawl.run.outlets[visit.outlet_id]):
            return Failure(outcome=Outcome.OFF_SITE, detail=host[:200])
        if self._is_trap(visit):
            return Failure(outcome=Outcome.TRAP_LIMIT, detail="too many sitemaps of one outlet in one run")
        return None

    async def _end(self, refused: Sequence[tuple[ClaimedVisit, Failure]]) -> None:
        """End visits without a request, a slice at a time: there may be thousands, and others wait for the writer, too."""
        async with self._ending:
            for start in range(0, len(refused), SLICE):
                if self._crawl.stopping:
                    return
                part = refused[start : start + SLICE]
                now = self._crawl.run.clock()
                ends = [(VisitResult(visit=visit, finished_at=now, detail=failure.detail), failure.outcome) for visit, failure in part]
                await self._crawl.reader.end_unasked(ends)
                for visit, _ in part:
                    self._crawl.note_done(visit, counts=False)

    def _is_trap(self, visit: ClaimedVisit) -> bool:
        """Whether the outlet's sitemaps lead to ever more sitemaps. Those that its card names are never given up."""
        if visit.kind not in FEEDS or visit.depth == 0:
            return False
        self._listings[visit.outlet_id] = self._listings.get(visit.outlet_id, 0) + 1
        return self._listings[visit.outlet_id] > self._crawl.run.settings.crawl.max_listings
