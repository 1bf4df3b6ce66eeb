"""What the daemon finds due, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.outlet import Endpoint, EndpointStatus, Outlet
from scheduler.plan import Waiting, plan_tick, tick_interval

NOW = datetime(2022, 11, 14, 12, 0, tzinfo=UTC)
FEED = "http://radio.example/rss"


def outlet(*, enabled: bool = True, status: EndpointStatus = EndpointStatus.VERIFIED) -> Outlet:
    return Outlet(
        id="radio_en",
        name="Radio",
        language="en",
        owner="radio",
        homepage="http://radio.example/",
        domains=("radio.example",),
        enabled=enabled,
        reason="" if enabled else "off for the test",
        endpoints=(Endpoint(url=FEED, status=status),),
    )


@pytest.mark.parametrize(
    ("card", "waiting", "is_due"),
    [
        (outlet(), None, True),  # Never read: due at once.
        (outlet(), Waiting(feeds={FEED: NOW - timedelta(seconds=1)}), True),
        (outlet(), Waiting(feeds={FEED: NOW + timedelta(seconds=1)}), False),
        (outlet(), Waiting(feeds={FEED: None}), False),  # Read, and never to be read again.
        (outlet(), Waiting(feeds={FEED: NOW + timedelta(days=1)}, due_rechecks=1), True),
        (outlet(), Waiting(feeds={FEED: NOW + timedelta(days=1)}, open_visits=3), True),  # Left over by a crawl that was killed.
        (outlet(enabled=False), Waiting(feeds={}, open_visits=3), False),
        (outlet(status=EndpointStatus.DEAD), None, False),  # No live end point, nothing left over.
    ],
)
def test_an_outlet_is_due_when_it_has_something_to_do(card: Outlet, waiting: Waiting | None, is_due: bool) -> None:
    plan = plan_tick([card], {card.id: waiting} if waiting else {}, now=NOW)
    assert plan.outlets == (("radio_en",) if is_due else ())
    assert plan.is_empty is not is_due


def test_the_plan_counts_why() -> None:
    plan = plan_tick([outlet()], {"radio_en": Waiting(feeds={}, open_visits=2, due_rechecks=5)}, now=NOW)
    assert (plan.feeds, plan.rechecks, plan.resumed) == (1, 5, 2)


@pytest.mark.parametrize(
    ("feed_s", "recheck_s", "tick_s"),
    [(900, 900, 60), (60, 900, 6), (2, 2, 1), (100, 0, 10), (86400, 86400, 60)],
)
def test_the_daemon_looks_ten_times_as_often_as_its_shortest_rhythm(feed_s: float, recheck_s: float, tick_s: float) -> None:
    assert tick_interval(feed_s, recheck_s).total_seconds() == tick_s
