"""From a response to rows: store the capture, read it in a worker, write what was found. Knows no network and no Scrapy."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import structlog

from config.outlet import EndpointKind, Outlet
from crawlers import findings
from crawlers.discovery.archives import id_window, is_in_window
from crawlers.discovery.places import place_of
from crawlers.errors import TaskCrashError, TaskTimeoutError, VisitLostError, WriterClosedError
from crawlers.learning import learned_from
from crawlers.ledger import RunContext
from crawlers.reordering import Learner
from crawlers.request import CrawlRequest
from crawlers.verdict import Tally, is_failure
from crawlers.workers import WorkerPool
from crawlers.writer import Writer
from storage.pages import SightingCounts
from storage.records import Capture, ClaimedVisit, Entry, Extraction, Listing, Outcome, PageKind, VisitResult

Relevance = Callable[[Entry, Outlet], float]
"""How promising an entry is, 0..1; at most 1 ms a call."""

Nearness = Callable[[Extraction], float]
"""How surely a page that was read is on a followed report's subject, 0..1; at most 1 ms a call."""

SITEMAP_PRIORITY = 2.0
"""Children of a sitemap index are feeds: they are read before any page."""

_BREATH = 25
"""Entries judged before the event loop gets a turn."""

log = structlog.get_logger(__name__)


class Reader:
    """Ends visits. Every method returns the outcome that was committed, or None when the visit has none from this run: another
    run has taken it, or the crawl is to end and leaves it to the next.
    """

    def __init__(
        self,
        run: RunContext,
        writer: Writer,
        pool: WorkerPool,
        request: CrawlRequest,
        relevance: Relevance,
        nearness: Nearness | None = None,
        learner: Learner | None = None,
    ) -> None:
        self._run = run
        self._writer = writer
        self._pool = pool
        self._request = request
        self._relevance = relevance
        self._nearness = nearness
        self._learner = learner
        self._turns = asyncio.Semaphore(run.settings.extract.workers)
        self.tally = Tally()
        self.unstored = 0
        """Responses that are not stored yet: after a crash they would have to be asked for again."""
        self.may_have_planned = False
        """A page that was read may have led to visits of others; whoever claims them sets it back."""
        self.leaving = False
        """The crawl is to end: what waits to be read is left to the next one, which finds the response stored."""

    async def end(self, result: VisitResult, outcome: Outcome, *, pause_s: float | None = None) -> Outcome | None:
        """End a visit that brought nothing to read."""
        return await self._finish(result, partial(findings.finish, run=self._run, result=result, outcome=outcome, pause_s=pause_s), None)

    async def end_unasked(self, refused: Sequence[tuple[VisitResult, Outcome]]) -> None:
        """End visits for which nobody was asked, all in one go: a feed may name thousands of pages of somebody else."""
        await self._writer.submit(partial(findings.finish_unasked, run=self._run, refused=refused))
        for result, outcome in refused:
            self.tally.count(result.visit, failed=is_failure(result.visit.kind, outcome))
            log.info("visit", outlet=result.visit.outlet_id, url=result.visit.url, outcome=outcome.value, detail=result.detail)

    async def read_page(self, result: VisitResult) -> Outcome | None:
        """Store the response, extract it, store what it holds."""
        assert result.capture is not None
        visit, capture = result.visit, result.capture
        item = partial(findings.store_capture, run=self._run, visit=visit, capture=capture)
        self.unstored += 1
        try:
            capture_id: int = await self._writer.submit(item)
        except WriterClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - the item border.
            return await self._quarantine(result, error, None)
        finally:
            self.unstored -= 1
        return await self._extract(result, capture_id)

    async def reread_page(self, visit: ClaimedVisit) -> Outcome | None:
        """Extract a capture that an interrupted run has stored; nothing is fetched."""
        assert visit.capture_id is not None
        capture = await self._writer.submit(partial(findings.load_capture, capture_id=visit.capture_id))
        result = VisitResult(visit=visit, finished_at=self._run.clock(), status=capture.status, hops=capture.hops, capture=capture)
        return await self._extract(result, visit.capture_id)

    async def _extract(self, result: VisitResult, capture_id: int) -> Outcome | None:
        visit, capture = result.visit, result.capture
        assert capture is not None
        outlet = self._run.outlets[visit.outlet_id]
        try:
            async with self._turns:
                if self.leaving:
                    return None
                extraction, fingerprint = await self._pool.extract(
                    capture.body,
                    url=capture.final_url,
                    content_type=capture.content_type,
                    headers=capture.headers,
                    outlet_language=outlet.language,
                    cms=outlet.cms,
                    entry=visit.entry,
                    now=capture.fetched_at,
                )
        except (TaskTimeoutError, TaskCrashError) as error:
            outcome = Outcome.EXTRACT_TIMEOUT if isinstance(error, TaskTimeoutError) else Outcome.EXTRACT_CRASH
            failed = replace(result, detail=str(error))
            return await self._finish(
                failed, partial(findings.finish, run=self._run, result=failed, outcome=outcome, capture_id=capture_id), capture_id
            )
        read = replace(result, finished_at=self._run.clock(), extraction=extraction, fingerprint=fingerprint)
        if self._nearness is not None:
            read = replace(read, nearness=self._nearness(extraction))
        ended = await self._finish(read, partial(findings.finish_page, run=self._run, result=read, capture_id=capture_id), capture_id)
        near = learned_from(read, ended)
        # Subtitles, and what an article on a report's subject cites, wait from now on.
        self.may_have_planned = self.may_have_planned or near is True or bool(extraction.tracks)
        if self._learner is not None and near is not None:
            self._learner.learn(extraction, near=near)
        return ended

    async def read_feed(self, result: VisitResult) -> Outcome | None:
        """Read a feed or sitemap and plan what it announces."""
        assert result.capture is not None
        visit, capture = result.visit, result.capture
        outlet = self._run.outlets[visit.outlet_id]
        place = place_of(visit, outlet)
        try:
            async with self._turns:
                if self.leaving:
                    return None
                listing = await self._pool.read_listing(
                    capture.body,
                    url=capture.final_url,
                    content_type=capture.content_type,
                    kind=place.kind,
                    links=place.links,
                    next_page=place.next_page,
                    max_entries=self._run.settings.crawl.max_entries,
                    now=capture.fetched_at,
                )
        except (TaskTimeoutError, TaskCrashError) as error:
            outcome = Outcome.EXTRACT_TIMEOUT if isinstance(error, TaskTimeoutError) else Outcome.EXTRACT_CRASH
            failed = replace(result, detail=str(error))
            return await self._finish(failed, partial(findings.finish, run=self._run, result=failed, outcome=outcome), None)
        max_depth = place.pages - 1 if place.kind is EndpointKind.LISTING else self._run.settings.crawl.max_sitemap_depth
        listing = wanted_entries(listing, outlet, depth=visit.depth, max_depth=max_depth, window=self._id_window(outlet))
        read = replace(
            result,
            finished_at=self._run.clock(),
            detail=_listing_detail(listing),
            listing=listing,
            priorities=await self._priorities(listing, outlet),
        )
        try:
            counts = await self._announce(read)
        except VisitLostError:
            return None
        except WriterClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - the item border.
            return await self._quarantine(read, error, None)
        self.tally.discovered += counts.new_pages
        self.tally.count(visit, failed=is_failure(visit.kind, listing.outcome))
        log.info("feed", outlet=outlet.id, url=visit.url, outcome=listing.outcome.value, entries=len(listing.entries), new=counts.new_pages)
        return listing.outcome

    async def _announce(self, read: VisitResult) -> SightingCounts:
        """Write down what a feed announced, a slice at a time, so that nobody waits for the whole of a long one."""
        since, until = self._request.since, self._request.until
        announced = findings.announced_in(read)
        counts = SightingCounts()
        while len(announced) > findings.SLICE:
            part, announced = announced[: findings.SLICE], announced[findings.SLICE :]
            counts += await self._writer.submit(
                partial(findings.record_announced, run=self._run, result=read, announced=part, since=since, until=until)
            )
        last = partial(findings.finish_feed, run=self._run, result=read, announced=announced, before=counts, since=since, until=until)
        return await self._writer.submit(last)

    @property
    def is_focused(self) -> bool:
        """Whether reports are followed, so that some pages promise more than others."""
        return self._nearness is not None

    def _id_window(self, outlet: Outlet) -> tuple[int, int] | None:
        asked = self._request
        if not asked.by_ids or asked.since is None or asked.until is None:
            return None
        return id_window(outlet, asked.since.date(), asked.until.date())

    async def _priorities(self, listing: Listing, outlet: Outlet) -> tuple[float, ...]:
        found = []
        for number, entry in enumerate(listing.entries):
            if entry.kind in (PageKind.FEED, PageKind.SITEMAP):
                found.append(SITEMAP_PRIORITY)
            else:
                found.append(min(max(self._relevance(entry, outlet), 0.0), 1.0))
            if number % _BREATH == _BREATH - 1:
                await asyncio.sleep(0)
        return tuple(found)

    async def _finish(self, result: VisitResult, item: Callable[..., Outcome], capture_id: int | None) -> Outcome | None:
        try:
            outcome = await self._writer.submit(item)
        except VisitLostError as error:
            log.warning("visit_lost", visit=error.visit_id, url=result.visit.url)
            return None
        except WriterClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - the item border: a bad item is an issue, and the crawl goes on.
            return await self._quarantine(result, error, capture_id)
        if result.retry_after_s is None:
            # A host that only asked us to come later has not failed.
            self.tally.count(result.visit, failed=is_failure(result.visit.kind, outcome))
        log.info("visit", outlet=result.visit.outlet_id, url=result.visit.url, outcome=outcome.value, detail=result.detail)
        return outcome

    async def _quarantine(self, result: VisitResult, error: Exception, capture_id: int | None) -> Outcome | None:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        log.error("item_refused", url=result.visit.url, reason=reason, exc_info=error)
        item = partial(findings.quarantine_item, run=self._run, result=result, reason=reason, capture_id=capture_id)
        try:
            outcome = await self._writer.submit(item)
        except VisitLostError:
            return None
        self.tally.count(result.visit, failed=True)
        return outcome

    async def quarantine(self, visit: ClaimedVisit, error: Exception, capture: Capture | None = None) -> Outcome | None:
        """End a visit at which our own code failed."""
        return await self._quarantine(VisitResult(visit=visit, finished_at=self._run.clock(), capture=capture), error, None)


def wanted_entries(listing: Listing, outlet: Outlet, *, depth: int, max_depth: int, window: tuple[int, int] | None = None) -> Listing:
    """The listing without entries that the card calls no articles, without indexes that lie too deep, and without pages whose id
    lies outside ``window``.

    Pages are counted in ``dropped``, indexes in ``fault``; addresses on other sites stay, since the ledger is to say what became of them.
    """
    pattern = re.compile(outlet.article_pattern) if outlet.article_pattern else None
    kept = []
    deep = 0
    for entry in listing.entries:
        if entry.kind in (PageKind.FEED, PageKind.SITEMAP):
            if depth < max_depth:
                kept.append(entry)
            else:
                deep += 1
        elif (pattern is None or pattern.search(entry.url)) and (window is None or is_in_window(entry.url, outlet, window)):
            kept.append(entry)
    below = f"an index; {deep} of the lists below it left unread" if deep else ""
    fault = "; ".join(part for part in (listing.fault, below) if part)
    return replace(listing, entries=tuple(kept), dropped=listing.dropped + len(listing.entries) - len(kept) - deep, fault=fault)


def _listing_detail(listing: Listing) -> str:
    parts = [listing.fault]
    if listing.truncated:
        parts.append(f"{listing.truncated} entries left unread")
    if listing.dropped:
        parts.append(f"{listing.dropped} entries dropped")
    return "; ".join(part for part in parts if part)
