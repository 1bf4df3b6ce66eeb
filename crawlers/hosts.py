"""What a crawl knows of the hosts it has leased: their delays, their rules, and whether they want to be left alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

import structlog

from crawlers import ledger, robots
from crawlers.crawl import Crawl
from crawlers.errors import TaskCrashError, TaskTimeoutError
from crawlers.frontier import Step
from crawlers.guard import is_loopback, is_on_site
from crawlers.hops import Failure, Read, Stop, Trail
from storage.identity import host_key
from storage.records import ClaimedVisit, Outcome, VisitResult
from storage.run_records import HostState

MIN_DELAY_S = 1.0
"""No publisher is asked more often than once in this time, whatever the settings say; loopback is nobody's."""

_HOST_IS_GONE = frozenset({Outcome.DNS_ERROR, Outcome.CONNECT_ERROR, Outcome.TLS_ERROR, Outcome.BLOCKED_ADDRESS})
"""Failures of robots.txt that say the same of every page of the host, and more plainly than "robots unreachable"."""

log = structlog.get_logger(__name__)


class Hosts:
    """Opens lanes, learns rules, keeps pauses, and has all of it written down."""

    def __init__(self, crawl: Crawl) -> None:
        self._crawl = crawl
        self._run = crawl.run
        self._settings = crawl.run.settings
        self._frontier = crawl.frontier
        self._closed: dict[str, Failure] = {}
        """Hosts whose rules could not be had in this run."""
        self._left: dict[str, datetime] = {}
        """Hosts that are left alone for another reason than their own Retry-After."""
        self._unsaved: dict[str, HostState] = {}
        self._new_rules: set[str] = set()
        """Hosts whose robots.txt is to be written with their times."""
        self._saving = False

    def open(self, state: HostState) -> None:
        """Begin to serve a leased host; rules that are fresh enough are not fetched again."""
        loopback = is_loopback(state.key, self._settings.connect_to)
        host = urlsplit(state.key).hostname or ""
        delays = [self._settings.crawl.delay_s, 0.0 if loopback else MIN_DELAY_S]
        delays += [outlet.politeness.delay_s or 0.0 for outlet in self._run.outlets.values() if is_on_site(host, outlet)]
        lane = self._frontier.open_lane(state, delay_s=max(delays), now=self._run.clock(), clock=monotonic())
        if robots.is_fresh(state, self._run.clock(), self._settings.crawl.robots_ttl_s):
            lane.rules_asked = True
            self._crawl.spawn(self._load_rules(state.key, state.robots_body or b""))

    async def open_leased(self, key: str) -> bool:
        """Lease one more host, to which a redirect leads. False: another process holds it."""
        if key in self._frontier:
            return True
        obtained = await self._crawl.writer.submit(partial(ledger.lease, run=self._run, keys=[key]))
        if key not in obtained:
            log.info("host_held", host=key)
            return False
        if key not in self._frontier:
            self.open(obtained[key])
        return True

    def left_until(self, key: str) -> datetime | None:
        """Until when the host is not to be asked; None: it may be."""
        asked = self._frontier.lane(key).state.retry_after_until if key in self._frontier else None
        times = [time for time in (asked, self._left.get(key)) if time is not None and time > self._run.clock()]
        return max(times, default=None)

    def closed(self, key: str) -> Failure | None:
        """Why the host's pages cannot be asked for in this run; None: they can."""
        return self._closed.get(key)

    @property
    def closed_keys(self) -> Collection[str]:
        """Hosts of which no more visits are claimed in this run: they would all end alike."""
        return self._closed.keys()

    def enter_lane(self, step: Step) -> None:
        """A request is made: should the process be killed now, the next one must not ask the host sooner than this one may."""
        lane = self._frontier.lane(step.host_key)
        if lane.delay_s:
            self._change(step.host_key, next_request_at=self._run.clock() + timedelta(seconds=lane.pace_s))

    def leave_lane(self, step: Step, started: float | None, *, in_trouble: bool = False) -> None:
        """The step's request has ended; the next one to the host has to wait its delay, and longer while the host is in trouble."""
        if started is not None:
            self._frontier.adapt(step.host_key, in_trouble=in_trouble)
        self._frontier.free(step.host_key, started=started, now=self._run.clock(), clock=monotonic())
        if started is not None and step.host_key in self._frontier:
            self._save_soon(self._frontier.lane(step.host_key).state)
        self._crawl.wake.set()

    async def pause(self, key: str, pause_s: float) -> None:
        """A host asked to be left alone: nothing more is sent, its waiting visits go back until then."""
        until = self._run.clock() + timedelta(seconds=pause_s)
        self._change(key, retry_after_until=until)
        log.info("host_paused", host=key, seconds=round(pause_s, 1))
        await self._send_back(key, until)

    async def leave(self, key: str) -> None:
        """The way to a host's rules leads through a host we may not ask now: try again when that one's lease may have ended."""
        until = self._left[key] = self._run.clock() + timedelta(seconds=self._settings.crawl.lease_s)
        await self._send_back(key, until)

    async def _send_back(self, key: str, until: datetime) -> None:
        await self._crawl.release([visit for visit, _ in self._frontier.drain(key)], until=until)
        if key in self._frontier:
            lane = self._frontier.lane(key)
            lane.rules_asked = lane.rules is not None

    async def read_rules(self, step: Step, decision: Read | Stop, status: int, body: bytes) -> None:
        """What the answer to robots.txt means for the host whose rules were asked for."""
        if isinstance(decision, Stop) and decision.pause_s is not None:
            await self.pause(host_key(decision.trail.url), decision.pause_s)
            if step.rules_of != step.host_key:
                await self.pause(step.rules_of, decision.pause_s)
            return
        if isinstance(decision, Stop) and decision.outcome in (Outcome.REDIRECT_LOOP, Outcome.BLOCKED_SCHEME):
            # Neither the host nor the network failed: it sends us round and round, which 2.3.1.2 lets count as "no rules".
            status = 302
        kept = robots.robots_body(status, body if isinstance(decision, Read) else b"")
        if kept is None:
            assert isinstance(decision, Stop)
            # That another host, to which we were sent, is gone says nothing of this one.
            outcome = decision.outcome if step.host_key == step.rules_of else Outcome.ROBOTS_UNREACHABLE
            self.close(step.rules_of, Failure(outcome=outcome, detail=decision.detail), status)
            return
        self._change(step.rules_of, robots_body=kept, robots_status=status, robots_fetched_at=self._run.clock())
        await self._load_rules(step.rules_of, kept)

    async def _load_rules(self, key: str, body: bytes) -> None:
        try:
            is_small = len(body) <= robots.SMALL_BYTES
            rules = robots.parse_rules(body) if is_small else await self._crawl.pool.run(robots.parse_rules, body)
        except (TaskTimeoutError, TaskCrashError) as error:
            self.close(key, Failure(outcome=Outcome.ROBOTS_UNREACHABLE, detail=f"cannot be read: {error}"), 0)
            return
        self._frontier.set_rules(key, rules)
        self._crawl.wake.set()

    def close(self, key: str, failure: Failure, status: int) -> None:
        """No rules, no page (RFC 9309, 2.3.1.4): the host's visits end here, with what hindered us where that is plain."""
        outcome = failure.outcome if failure.outcome in _HOST_IS_GONE else Outcome.ROBOTS_UNREACHABLE
        named = self._closed[key] = Failure(outcome=outcome, detail=f"robots.txt: {failure.detail or failure.outcome}")
        self._change(key, robots_body=None, robots_status=status, robots_fetched_at=self._run.clock())
        log.warning("host_closed", host=key, outcome=outcome.value, detail=named.detail)
        for visit, trail in self._frontier.drain(key):
            self._crawl.spawn(self.end(visit, named, trail))

    async def end(self, visit: ClaimedVisit, failure: Failure, trail: Trail | None = None) -> None:
        """End a visit for which no request is made."""
        self._crawl.under_way[visit.visit_id] = visit
        hops = trail.hops if trail is not None else ()
        result = VisitResult(visit=visit, finished_at=self._run.clock(), detail=failure.detail, hops=hops)
        await self._crawl.reader.end(result, failure.outcome)
        self._crawl.note_done(visit, counts=bool(hops))

    def _change(self, key: str, **changes: Any) -> None:
        if key in self._frontier:
            lane = self._frontier.lane(key)
            lane.state = replace(lane.state, **changes)
            if "robots_body" in changes:
                self._new_rules.add(key)
            self._save_soon(lane.state)

    def _save_soon(self, state: HostState) -> None:
        """Write the host's state with the writer's next group; several changes before that become one row."""
        self._unsaved[state.key] = state
        if not self._saving:
            self._saving = True
            self._crawl.spawn(self._save())

    async def _save(self) -> None:
        states, with_rules = list(self._unsaved.values()), frozenset(self._new_rules)
        self._unsaved.clear()
        self._new_rules.clear()
        self._saving = False
        await self._crawl.writer.submit(partial(ledger.save_hosts, states=states, with_rules=with_rules))
