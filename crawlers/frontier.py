"""Which request is made next, and when: one lane a host, one request in flight a lane, the most promising first.

Pure but for its own state: no clock, no network, no database. All times are seconds of one monotonic clock that the caller reads.
A lane holds what this process knows of a host it has leased; ``storage.hosts`` holds what outlives the process.
"""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crawlers.hops import Trail
from crawlers.robots import RobotsRules, robots_url
from storage.records import ClaimedVisit
from storage.run_records import HostState

JITTER = 0.25
"""Share by which a delay is drawn longer, at random: a fixed beat is easily taken for an attack, and never shortened below
what was promised."""


SLOWER, FASTER = 2.0, 0.8
"""By what the delay of a host is multiplied after an answer that it is overloaded, and after each good one."""

MAX_PACE_S = 60.0
"""A host in trouble is asked once a minute at least; one that wants more says so with Retry-After."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One request to be made for a visit, or for the rules of a host."""

    host_key: str
    """Of the host that is asked."""
    trail: Trail
    visit: ClaimedVisit | None = None
    """None: the step fetches robots.txt."""
    rules_of: str = ""
    """Host key whose rules are fetched; another one than ``host_key`` after a redirect."""
    not_before: float = 0.0

    @property
    def is_robots(self) -> bool:
        return self.visit is None


@dataclass(slots=True, kw_only=True)
class Lane:
    """One leased host."""

    key: str
    state: HostState
    delay_s: float
    """Seconds between the starts of two requests, before jitter: what was promised, never less."""
    pace_s: float
    """The same as it is now: longer than ``delay_s`` while the host is in trouble."""
    ready_at: float = 0.0
    in_flight: bool = False
    rules: RobotsRules | None = None
    """None: not known yet; no page is asked for before."""
    rules_asked: bool = False
    _heap: list[tuple[float, int, Step]] = field(default_factory=list)
    _errands: deque[Step] = field(default_factory=deque)

    @property
    def queued(self) -> int:
        return len(self._heap)


class Frontier:
    """All lanes of a crawl."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self._lanes: dict[str, Lane] = {}
        self._order = 0
        self._rng = rng or random.Random()  # noqa: S311 - spreads requests, protects nothing

    def __contains__(self, key: str) -> bool:
        return key in self._lanes

    def __len__(self) -> int:
        """Hosts that are served."""
        return len(self._lanes)

    def lane(self, key: str) -> Lane:
        """Raises: KeyError for a host that is not leased."""
        return self._lanes[key]

    def lanes(self) -> Iterator[Lane]:
        return iter(self._lanes.values())

    @property
    def queued(self) -> int:
        """Visits waiting for their turn."""
        return sum(lane.queued for lane in self._lanes.values())

    @property
    def in_flight(self) -> int:
        """Requests handed out by ``pop`` and not yet given to ``free``."""
        return sum(lane.in_flight for lane in self._lanes.values())

    def open_lane(self, state: HostState, *, delay_s: float, now: datetime, clock: float) -> Lane:
        """Begin to serve a leased host. What its last process learned is kept: ``next_request_at``, and how slowly it was asked."""
        pace_s = max(delay_s, min(state.delay_s, MAX_PACE_S)) if delay_s else 0.0
        lane = Lane(key=state.key, state=state, delay_s=delay_s, pace_s=pace_s, ready_at=clock)
        if state.next_request_at is not None:
            lane.ready_at = clock + max(0.0, (state.next_request_at - now).total_seconds())
        self._lanes[state.key] = lane
        return lane

    def push(self, step: Step) -> None:
        """Queue a step in its host's lane. Feeds come before pages, higher priorities before lower, older before newer."""
        lane = self._lanes[step.host_key]
        if step.visit is None:
            lane._errands.append(step)
            return
        self._order += 1
        # A visit that is under way goes on before new ones are begun.
        under_way = 10.0 if step.trail.hops else 0.0
        heapq.heappush(lane._heap, (-(step.visit.priority + under_way), self._order, step))

    def pop(self, clock: float) -> Step | float | None:
        """The next step, the seconds until there may be one, or None when nothing waits.

        Lanes take turns. A lane whose rules are unknown gives the step that fetches them first. The step's lane counts as in
        flight until ``free``.
        """
        wait: float | None = None
        for lane in list(self._lanes.values()):
            if lane.in_flight or not (lane._errands or lane._heap):
                continue
            if lane.ready_at > clock:
                wait = _sooner(wait, lane.ready_at - clock)
                continue
            step = self._take(lane, clock)
            if isinstance(step, float):
                wait = _sooner(wait, step)
            elif step is not None:
                lane.in_flight = True
                # The lane goes to the end of the line.
                self._lanes[lane.key] = self._lanes.pop(lane.key)
                return step
        return wait

    def _take(self, lane: Lane, clock: float) -> Step | float | None:
        wait: float | None = None
        for _ in range(len(lane._errands)):
            if lane._errands[0].not_before <= clock:
                return lane._errands.popleft()
            wait = _sooner(wait, lane._errands[0].not_before - clock)
            lane._errands.rotate(-1)
        if not lane._heap:
            return wait
        if lane.rules is None:
            if lane.rules_asked:
                return wait
            lane.rules_asked = True
            return Step(host_key=lane.key, rules_of=lane.key, trail=Trail(url=robots_url(lane._heap[0][2].trail.url)))
        early: list[tuple[float, int, Step]] = []
        found: Step | None = None
        while lane._heap and found is None:
            item = heapq.heappop(lane._heap)
            if item[2].not_before <= clock:
                found = item[2]
            else:
                early.append(item)
                wait = _sooner(wait, item[2].not_before - clock)
        for item in early:
            heapq.heappush(lane._heap, item)
        return found if found is not None else wait

    def free(self, key: str, *, started: float | None, now: datetime, clock: float) -> None:
        """The lane's request has ended. ``started`` is when it began; None: it was never sent, and costs no delay."""
        lane = self._lanes.get(key)
        if lane is None:
            return
        lane.in_flight = False
        if started is None:
            return
        rest_s = lane.pace_s * (1 + self._rng.random() * JITTER)
        if lane.delay_s:
            # A host that takes long over an answer gets as long to rest.
            rest_s = max(rest_s, min(clock - started, MAX_PACE_S))
        # Counted from the answer: when the host got the request only the host knows, but surely it was before that.
        lane.ready_at = max(lane.ready_at, clock + rest_s)
        lane.state = replace(lane.state, delay_s=lane.pace_s, next_request_at=now + timedelta(seconds=max(0.0, lane.ready_at - clock)))

    def adapt(self, key: str, *, in_trouble: bool) -> None:
        """An answer, or none, told how the host is: ask it less often, or come back to what was promised, a little at a time."""
        lane = self._lanes.get(key)
        if lane is not None:
            pace_s = lane.pace_s * (SLOWER if in_trouble else FASTER)
            lane.pace_s = max(lane.delay_s, min(pace_s, MAX_PACE_S))

    def set_rules(self, key: str, rules: RobotsRules) -> None:
        """The host's rules are known; its Crawl-delay holds from now on, where it asks for more than we do."""
        lane = self._lanes.get(key)
        if lane is not None:
            lane.rules = rules
            lane.delay_s = max(lane.delay_s, rules.crawl_delay_s)
            lane.pace_s = max(lane.pace_s, lane.delay_s)

    def drain(self, key: str) -> list[tuple[ClaimedVisit, Trail]]:
        """Take all waiting visits out of a lane, each with how far it has come."""
        lane = self._lanes.get(key)
        if lane is None:
            return []
        steps = [step for _, _, step in sorted(lane._heap, key=lambda item: item[:2])]
        lane._heap.clear()
        return [(step.visit, step.trail) for step in steps if step.visit is not None]


def _sooner(first: float | None, second: float) -> float:
    return second if first is None else min(first, second)
