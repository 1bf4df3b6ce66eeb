"""The one spider: serves all outlets of a run, visit by visit, and ends every one of them with an outcome.

``start`` hands out what the frontier says is next; ``answered`` and ``failed`` ask ``hops`` what follows. Redirects and retries
go back to the frontier, so that every request of the crawl passes the same lease, rules, delay and guard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog
from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from crawlers import robots
from crawlers.claims import CLAIM_EVERY_S, Claims
from crawlers.crawl import FEEDS, Crawl
from crawlers.errors import WriterClosedError
from crawlers.failures import name_failure
from crawlers.frontier import Step
from crawlers.guard import is_on_site, judge_url
from crawlers.hops import OVERLOADED, Answer, Decision, Failure, Follow, Limits, Read, Retry, Stop, Trail, decide_answer, decide_failure
from crawlers.hosts import Hosts
from storage.identity import host_key
from storage.records import Capture, ClaimedVisit, Outcome, VisitResult

OPEN_FACTOR = 8
"""Visits under way for each request in flight: some pages wait to be read while the answers of others need no reading."""

log = structlog.get_logger(__name__)


class OutletSpider(Spider):
    """See the module. ``crawl`` is handed in through ``AsyncCrawlerProcess.crawl``."""

    name = "outlet"

    def __init__(self, crawl: Crawl, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._crawl = crawl
        self._run = crawl.run
        self._settings = crawl.run.settings
        self._frontier = crawl.frontier
        self._hosts = Hosts(crawl)
        self._claims = Claims(crawl, self._hosts)
        self._acting = 0
        """Answers and failures that are being acted on. Rules that are being read belong to no visit, and nothing else tells of them."""

    async def start(self) -> AsyncIterator[Request]:
        """Requests, each at its time, until nothing is left to claim, to fetch or to read."""
        crawl = self._crawl
        while not crawl.stopping and crawl.writer.failed is None:
            crawl.wake.clear()
            if self._has_room():
                await self._claims.refill()
            self._reread()
            step = self._frontier.pop(monotonic()) if self._has_room() else None
            if isinstance(step, Step):
                request = self._make_request(step)
                if request is not None:
                    yield request
                continue
            if step is None and not self._is_busy():
                if self._frontier.queued:
                    await self._release_stranded()
                if not crawl.claim_due:
                    return
                continue
            try:
                await asyncio.wait_for(crawl.wake.wait(), CLAIM_EVERY_S if step is None else min(step, CLAIM_EVERY_S))
            except TimeoutError:
                continue

    def _has_room(self) -> bool:
        """Whether one more request may be made. Scrapy would queue it, but then it would count as in flight and hold its host.

        Responses that are not stored would have to be asked for again after a crash, so these are bounded too.
        """
        concurrency = self._settings.crawl.concurrency
        is_free = self._frontier.in_flight < concurrency and self._crawl.reader.unstored < concurrency
        return is_free and len(self._crawl.under_way) < OPEN_FACTOR * concurrency

    def _is_busy(self) -> bool:
        return bool(self._crawl.tasks or self._crawl.under_way or self._frontier.in_flight or self._acting)

    async def _release_stranded(self) -> None:
        """Visits that wait for something which nobody works on. There should be none; should there be, they are not lost."""
        for lane in list(self._frontier.lanes()):
            visits = [visit for visit, _ in self._frontier.drain(lane.key)]
            if visits:
                log.error("visits_stranded", host=lane.key, visits=len(visits))
                await self._crawl.release(visits, until=self._run.clock() + timedelta(seconds=self._settings.crawl.lease_s))

    def _reread(self) -> None:
        for visit in self._claims.rereads:
            self._crawl.spawn(self._reread_one(visit))
        self._claims.rereads.clear()

    async def _reread_one(self, visit: ClaimedVisit) -> None:
        try:
            await self._crawl.reader.reread_page(visit)
        except WriterClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - the item border.
            await self._crawl.reader.quarantine(visit, error)
        self._crawl.note_done(visit)

    # -- requests ----------------------------------------------------------------------------------------------------------

    def _make_request(self, step: Step) -> Request | None:
        """The request for a step, or None when it is refused before it is made; then its visit is being ended."""
        refused = self._refuse(step)
        if refused is None:
            try:
                return self._request(step)
            except ValueError as error:
                refused = Failure(outcome=Outcome.BLOCKED_ADDRESS, detail=f"cannot be read: {error}"[:200])
        self._hosts.leave_lane(step, None)
        if step.visit is None:
            self._hosts.close(step.rules_of, refused, 0)
        else:
            self._crawl.spawn(self._hosts.end(step.visit, refused, step.trail))
        return None

    def _refuse(self, step: Step) -> Failure | None:
        refusal = judge_url(step.trail.url, self._settings.connect_to)
        if refusal is not None:
            return Failure(outcome=refusal.outcome, detail=refusal.detail)
        if step.visit is None:
            return None
        host = urlsplit(step.trail.url).hostname or ""
        if not is_on_site(host, self._run.outlets[step.visit.outlet_id]):
            return Failure(outcome=Outcome.OFF_SITE, detail=host[:200])
        rules = self._frontier.lane(step.host_key).rules
        if rules is not None and not rules.allows(step.trail.url):
            return Failure(outcome=Outcome.ROBOTS_DENIED, detail="robots.txt")
        return None

    def _request(self, step: Step) -> Request:
        headers = {}
        visit = step.visit
        if visit is not None and step.trail.url == visit.url:
            # Validators belong to one address; after a redirect they would be about another one.
            if visit.etag:
                headers["If-None-Match"] = visit.etag
            if visit.last_modified:
                headers["If-Modified-Since"] = visit.last_modified
        request = Request(
            step.trail.url,
            callback=self.answered,
            errback=self.failed,
            headers=headers,
            dont_filter=True,
            meta={"step": step, "download_slot": step.host_key, "conditional": bool(headers)},
        )
        if visit is not None:
            self._crawl.under_way[visit.visit_id] = visit
        self._hosts.enter_lane(step)
        return request

    # -- what comes of them ------------------------------------------------------------------------------------------------

    async def answered(self, response: Response) -> None:
        """Every response, of whatever status, comes here."""
        assert response.request is not None
        step: Step = response.request.meta["step"]
        self._hosts.leave_lane(step, response.request.meta.get("started"), in_trouble=response.status in OVERLOADED)
        answer = Answer(
            status=response.status,
            location=_header(response, "Location"),
            retry_after=_header(response, "Retry-After"),
            conditional=response.request.meta["conditional"],
        )
        outlet = self._run.outlets[step.visit.outlet_id] if step.visit is not None else None
        await self._act(step, decide_answer(step.trail, answer, outlet, self._limits(step), self._run.clock()), response)

    async def failed(self, failure: TwistedFailure) -> None:
        """Every request that brought no response comes here."""
        request: Request = failure.request  # type: ignore[attr-defined]
        step: Step = request.meta["step"]
        assert failure.value is not None
        fault = name_failure(failure.value, limit=self._settings.crawl.max_body_bytes)
        self._hosts.leave_lane(step, request.meta.get("started"), in_trouble=fault.outcome is Outcome.TIMEOUT)
        await self._act(step, decide_failure(step.trail, fault, self._limits(step)), None)

    async def _act(self, step: Step, decision: Decision, response: Response | None) -> None:
        """Do what was decided. The item border of the crawl: what fails here ends one visit, not the run."""
        self._acting += 1
        try:
            if isinstance(decision, Follow | Retry):
                wait_s = decision.wait_s if isinstance(decision, Retry) else 0.0
                await self._go_on(replace(step, trail=decision.trail, not_before=monotonic() + wait_s))
            elif isinstance(decision, Read):
                assert response is not None
                await self._read(step, decision, response)
            else:
                await self._end(step, decision, response, b"")
        except WriterClosedError as error:
            self._crawl.fail(error)
        except Exception as error:  # noqa: BLE001 - the item border.
            await self._give_up(step, error)
        finally:
            self._acting -= 1
            self._crawl.wake.set()

    async def _read(self, step: Step, decision: Read, response: Response) -> None:
        """Undo the content coding, in a worker, and read what is inside."""
        codings = [value.decode("latin-1") for value in response.headers.getlist("Content-Encoding")]
        async with self._crawl.unpacker.unpacked(response.body, codings) as found:
            if found is None:
                # The crawl is to end: the visit goes back, and the page is asked for again.
                if step.visit is not None:
                    self._crawl.note_done(step.visit)
            elif found.outcome is not None:
                stop = Stop(trail=decision.trail, outcome=found.outcome, detail=found.detail)
                # Bytes that cannot be undone are kept as they came.
                await self._end(step, stop, response, response.body)
            else:
                await self._end(step, decision, response, found.body)

    async def _end(self, step: Step, decision: Read | Stop, response: Response | None, body: bytes) -> None:
        if step.visit is not None:
            await self._conclude(step.visit, decision, response, body)
        else:
            # Rules that cannot be undone are as good as no answer, whatever its status was.
            status = 0 if response is None or (isinstance(decision, Stop) and body) else response.status
            await self._hosts.read_rules(step, decision, status, body)

    async def _go_on(self, step: Step) -> None:
        """Queue the next request of a visit in the lane of the host it leads to, which must be ours, and willing."""
        key = host_key(step.trail.url)
        step = replace(step, host_key=key)
        visit = step.visit
        is_ours = await self._hosts.open_leased(key)
        until = self._hosts.left_until(key)
        closed = self._hosts.closed(key)
        if visit is None:
            if is_ours and until is None:
                self._frontier.push(step)
            else:
                await self._hosts.leave(step.rules_of)
        elif not is_ours or until is not None:
            # Without a time the visit would be claimed, and would lead there, again at once.
            await self._crawl.release([visit], until=until or self._run.clock() + timedelta(seconds=self._settings.crawl.lease_s))
        elif closed is not None:
            await self._hosts.end(visit, closed, step.trail)
        else:
            self._crawl.under_way.pop(visit.visit_id, None)
            self._frontier.push(step)
        self._crawl.wake.set()

    async def _conclude(self, visit: ClaimedVisit, decision: Read | Stop, response: Response | None, body: bytes) -> None:
        """End a visit. ``body`` is what is to be read or, after a Stop, what could not be; empty then: nothing is to be kept."""
        trail = decision.trail
        # Validators belong to one address: those of a page to which we were sent on are not the visited address's.
        validated = response if trail.redirects == 0 else None
        result = VisitResult(
            visit=visit,
            finished_at=self._run.clock(),
            status=response.status if response is not None else None,
            hops=trail.hops,
            etag=_header(validated, "ETag")[:500],
            last_modified=_header(validated, "Last-Modified")[:200],
            elapsed_ms=_latency_ms(response),
        )
        reader = self._crawl.reader
        if isinstance(decision, Stop):
            if decision.pause_s is not None:
                await self._hosts.pause(host_key(trail.url), decision.pause_s)
            capture = self._capture(visit, trail, response, body) if body else None
            result = replace(result, detail=decision.detail, retry_after_s=decision.pause_s, capture=capture)
            await reader.end(result, decision.outcome, pause_s=decision.pause_s)
        else:
            assert response is not None
            result = replace(result, capture=self._capture(visit, trail, response, body))
            await (reader.read_feed(result) if visit.kind in FEEDS else reader.read_page(result))
        self._crawl.note_done(visit)

    async def _give_up(self, step: Step, error: Exception) -> None:
        if step.visit is None:
            log.error("robots_failed", host=step.rules_of, exc_info=error)
            self._hosts.close(step.rules_of, Failure(outcome=Outcome.ROBOTS_UNREACHABLE, detail=type(error).__name__), 0)
            return
        try:
            await self._crawl.reader.quarantine(step.visit, error)
        except WriterClosedError as closed:
            self._crawl.fail(closed)
        self._crawl.note_done(step.visit)

    def _capture(self, visit: ClaimedVisit, trail: Trail, response: Response | None, body: bytes) -> Capture:
        return Capture(
            requested_url=visit.url,
            final_url=trail.url,
            status=response.status if response is not None else 0,
            headers=_headers(response),
            content_type=_header(response, "Content-Type"),
            body=body,
            fetched_at=self._run.clock(),
            user_agent=self._settings.user_agent,
            hops=trail.hops,
        )

    def _limits(self, step: Step) -> Limits:
        delay_s = self._frontier.lane(step.host_key).delay_s if step.host_key in self._frontier else self._settings.crawl.delay_s
        limits = Limits.of(self._settings.crawl, self._settings.connect_to, delay_s)
        return replace(limits, max_hops=robots.MAX_REDIRECTS) if step.is_robots else limits


def _header(response: Response | None, name: str) -> str:
    """The first value of a header; UTF-8 where it is, else Latin-1, which reads everything. Empty when there is none."""
    value = response.headers.get(name) if response is not None else None
    if value is None:
        return ""
    try:
        return bytes(value).decode("utf-8")
    except UnicodeDecodeError:
        return bytes(value).decode("latin-1")


def _headers(response: Response | None) -> tuple[tuple[str, str], ...]:
    if response is None:
        return ()
    return tuple(
        (name.decode("latin-1"), value.decode("utf-8", "replace")) for name, values in response.headers.items() for value in values
    )


def _latency_ms(response: Response | None) -> float:
    """Milliseconds from the request to the first byte of its response."""
    latency_s = response.request.meta.get("download_latency", 0.0) if response is not None and response.request is not None else 0.0
    return round(1000.0 * latency_s, 1)
