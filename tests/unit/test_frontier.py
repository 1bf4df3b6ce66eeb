"""The order and the times of requests. The clock is a number that the test sets."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from crawlers.frontier import JITTER, MAX_PACE_S, Frontier, Lane, Step
from crawlers.hops import Trail
from crawlers.robots import RobotsRules, parse_rules
from storage.records import ClaimedVisit, Hop, PageKind
from storage.run_records import HostState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
A, B = "http://a.example:80", "http://b.example:80"


class _NoJitter(random.Random):
    def random(self) -> float:
        return 0.0


def make_frontier(*keys: str, delay_s: float = 2.0, known: bool = True, **state: datetime) -> Frontier:
    frontier = Frontier(_NoJitter())
    for key in keys:
        frontier.open_lane(HostState(key=key, **state), delay_s=delay_s, now=NOW, clock=100.0)  # type: ignore[arg-type]
        if known:
            frontier.set_rules(key, RobotsRules())
    return frontier


def step(
    key: str, number: int, *, priority: float = 0.0, kind: PageKind = PageKind.ARTICLE, not_before: float = 0.0, hops: int = 0
) -> Step:
    visit = ClaimedVisit(visit_id=number, page_id=number, url=f"{key}/{number}", kind=kind, outlet_id="a", host_key=key, priority=priority)
    trail = Trail(url=visit.url, hops=tuple(Hop(url=visit.url) for _ in range(hops)))
    return Step(host_key=key, trail=trail, visit=visit, not_before=not_before)


def number_of(found: Step | float | None) -> int:
    assert isinstance(found, Step) and found.visit is not None
    return found.visit.visit_id


def drive(frontier: Frontier, clock: float, *, took: float = 0.0) -> int:
    """Take the next step, and end its request ``took`` seconds later."""
    found = frontier.pop(clock)
    assert isinstance(found, Step)
    frontier.free(found.host_key, started=clock, now=NOW, clock=clock + took)
    return number_of(found)


def test_an_empty_frontier_has_nothing_and_waits_for_nothing() -> None:
    assert make_frontier(A).pop(100.0) is None


def test_rules_come_before_the_first_page_and_are_asked_for_once() -> None:
    frontier = make_frontier(A, known=False)
    frontier.push(step(A, 1))
    first = frontier.pop(100.0)
    assert isinstance(first, Step) and first.is_robots
    assert (first.trail.url, first.rules_of) == ("http://a.example:80/robots.txt", A)
    frontier.free(A, started=100.0, now=NOW, clock=100.5)
    assert frontier.pop(103.0) is None  # asked for, not yet known
    frontier.set_rules(A, RobotsRules())
    assert number_of(frontier.pop(103.0)) == 1


def test_no_host_has_two_requests_in_flight() -> None:
    frontier = make_frontier(A)
    for number in (1, 2):
        frontier.push(step(A, number))
    assert number_of(frontier.pop(100.0)) == 1
    assert frontier.pop(1000.0) is None
    frontier.free(A, started=100.0, now=NOW, clock=1000.0)
    assert number_of(frontier.pop(1000.0 + MAX_PACE_S)) == 2


def test_the_delay_runs_from_an_answer_to_the_next_request() -> None:
    frontier = make_frontier(A, delay_s=2.0)
    for number in (1, 2, 3):
        frontier.push(step(A, number))
    assert drive(frontier, 100.0, took=0.5) == 1
    assert frontier.pop(100.5) == 2.0
    assert drive(frontier, 102.5, took=1.9) == 2
    assert drive(frontier, 106.5) == 3


def test_a_host_that_takes_long_over_an_answer_gets_as_long_to_rest() -> None:
    frontier = make_frontier(A, delay_s=2.0)
    for number in (1, 2, 3):
        frontier.push(step(A, number))
    assert drive(frontier, 100.0, took=5.0) == 1
    assert frontier.pop(105.0) == 5.0
    assert drive(frontier, 110.0, took=500.0) == 2
    assert frontier.pop(610.0) == MAX_PACE_S


def test_a_host_in_trouble_is_asked_less_often_and_later_as_before() -> None:
    frontier = make_frontier(A, delay_s=2.0)
    for _ in range(3):
        frontier.adapt(A, in_trouble=True)
    assert frontier.lane(A).pace_s == 16.0
    for _ in range(9):
        frontier.adapt(A, in_trouble=True)
    assert frontier.lane(A).pace_s == MAX_PACE_S
    frontier.push(step(A, 1))
    drive(frontier, 100.0)
    # The next process goes on as slowly.
    state = frontier.lane(A).state
    assert state.delay_s == MAX_PACE_S
    later = Frontier(_NoJitter())
    later.open_lane(state, delay_s=2.0, now=NOW, clock=0.0)
    assert later.lane(A).pace_s == MAX_PACE_S
    for _ in range(20):
        later.adapt(A, in_trouble=False)
    assert later.lane(A).pace_s == 2.0


def test_nothing_slows_down_a_host_that_was_promised_no_delay() -> None:
    frontier = make_frontier(A, delay_s=0.0)
    frontier.adapt(A, in_trouble=True)
    assert frontier.lane(A).pace_s == 0.0


def test_a_request_that_was_never_sent_costs_no_delay() -> None:
    frontier = make_frontier(A)
    for number in (1, 2):
        frontier.push(step(A, number))
    assert number_of(frontier.pop(100.0)) == 1
    frontier.free(A, started=None, now=NOW, clock=100.0)
    assert number_of(frontier.pop(100.0)) == 2


def test_jitter_only_lengthens_a_delay() -> None:
    frontier = Frontier(random.Random(1))
    frontier.open_lane(HostState(key=A), delay_s=2.0, now=NOW, clock=0.0)
    waits = set()
    for number in range(50):
        lane = frontier.lane(A)
        lane.ready_at = 0.0
        frontier.free(A, started=10.0, now=NOW, clock=10.0)
        waits.add(lane.ready_at - 10.0)
        assert number < 50
    assert min(waits) >= 2.0 and max(waits) <= 2.0 * (1 + JITTER) and len(waits) > 40


def test_the_next_time_is_kept_as_a_time_of_day_and_honoured_by_the_next_process() -> None:
    frontier = make_frontier(A, delay_s=5.0)
    frontier.push(step(A, 1))
    drive(frontier, 100.0, took=1.0)
    state = frontier.lane(A).state
    assert state.next_request_at == NOW + timedelta(seconds=5)
    later = Frontier(_NoJitter())
    later.open_lane(state, delay_s=5.0, now=NOW + timedelta(seconds=1), clock=7.0)
    later.set_rules(A, RobotsRules())
    later.push(step(A, 2))
    assert later.pop(7.0) == 4.0
    assert number_of(later.pop(11.0)) == 2


def test_hosts_take_turns() -> None:
    frontier = make_frontier(A, B, delay_s=0.0)
    for number in (1, 2, 3):
        frontier.push(step(A, number))
    for number in (11, 12, 13):
        frontier.push(step(B, number))
    assert [drive(frontier, 100.0) for _ in range(6)] == [1, 11, 2, 12, 3, 13]


def test_the_best_comes_first_and_equals_in_order() -> None:
    frontier = make_frontier(A, delay_s=0.0)
    for number, priority in ((1, 0.1), (2, 0.9), (3, 0.9), (4, 2.0)):
        frontier.push(step(A, number, priority=priority))
    assert [drive(frontier, 100.0) for _ in range(4)] == [4, 2, 3, 1]


def test_a_visit_under_way_goes_on_before_new_ones_begin() -> None:
    frontier = make_frontier(A, delay_s=0.0)
    frontier.push(step(A, 1, priority=2.0))
    frontier.push(step(A, 2, hops=1))
    assert drive(frontier, 100.0) == 2


def test_a_retry_waits_and_lets_others_pass() -> None:
    frontier = make_frontier(A, delay_s=0.0)
    frontier.push(step(A, 1, hops=1, not_before=110.0))
    frontier.push(step(A, 2))
    assert drive(frontier, 100.0) == 2
    assert frontier.pop(100.0) == 10.0
    assert drive(frontier, 110.0) == 1


def test_a_crawl_delay_slows_a_host_down_and_never_speeds_it_up() -> None:
    frontier = make_frontier(A, B, delay_s=2.0)
    frontier.set_rules(A, parse_rules(b"User-agent: *\nCrawl-delay: 10"))
    frontier.set_rules(B, parse_rules(b"User-agent: *\nCrawl-delay: 0.1"))
    assert (frontier.lane(A).delay_s, frontier.lane(B).delay_s) == (10.0, 2.0)


def test_draining_gives_every_waiting_visit_back_in_order() -> None:
    frontier = make_frontier(A, delay_s=0.0)
    for number, priority in ((1, 0.1), (2, 0.9), (3, 0.5)):
        frontier.push(step(A, number, priority=priority))
    assert [visit.visit_id for visit, _ in frontier.drain(A)] == [2, 3, 1]
    assert frontier.queued == 0 and frontier.pop(100.0) is None
    assert frontier.drain("http://unknown.example:80") == []


def test_rules_of_one_host_may_be_fetched_from_another_without_that_ones_rules() -> None:
    frontier = make_frontier(B, known=False)
    frontier.push(Step(host_key=B, rules_of=A, trail=Trail(url=f"{B}/robots.txt")))
    found = frontier.pop(100.0)
    assert isinstance(found, Step) and (found.rules_of, found.host_key) == (A, B)


def test_freeing_an_unknown_host_is_harmless() -> None:
    make_frontier(A).free(B, started=1.0, now=NOW, clock=1.0)


def test_a_lane_counts_what_waits_in_it() -> None:
    frontier = make_frontier(A, B)
    frontier.push(step(A, 1))
    frontier.push(step(A, 2))
    lanes: dict[str, Lane] = {lane.key: lane for lane in frontier.lanes()}
    assert (lanes[A].queued, lanes[B].queued, frontier.queued) == (2, 0, 2)
    assert A in frontier and "http://c.example:80" not in frontier and len(frontier) == 2
