"""When a page is looked at again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.due import next_due
from storage.records import Outcome, PageKind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def due(outcome: Outcome, *, kind: PageKind = PageKind.ARTICLE, age: timedelta | None = None, **values: object) -> timedelta | None:
    published = None if age is None else NOW - age
    options: dict[str, object] = {"recheck_s": 900.0, "feed_interval_s": 600.0, **values}
    found = next_due(outcome, kind=kind, published_at=published, now=NOW, **options)  # type: ignore[arg-type]
    return None if found is None else found - NOW


@pytest.mark.parametrize(
    ("age", "wait"),
    [
        (timedelta(0), 15 * MINUTE),
        (-HOUR, 15 * MINUTE),  # dated ahead of our clock
        (HOUR, 15 * MINUTE),
        (2 * HOUR, HOUR),
        (12 * HOUR, 3 * HOUR),
        (2 * DAY, DAY),
        (5 * DAY, DAY),
        (20 * DAY, 3 * DAY),
        (31 * DAY, 30 * DAY),
        (365 * DAY, 30 * DAY),
        (366 * DAY, None),
        (None, HOUR),
    ],
)
def test_an_article_is_looked_at_ever_less_and_after_a_year_no_more(age: timedelta | None, wait: timedelta | None) -> None:
    for outcome in (Outcome.STORED, Outcome.REVISED, Outcome.UNCHANGED, Outcome.NOT_MODIFIED):
        assert due(outcome, age=age) == wait


def test_no_look_comes_sooner_than_the_setting() -> None:
    assert due(Outcome.STORED, age=2 * HOUR, recheck_s=7200.0) == 2 * HOUR
    assert due(Outcome.STORED, age=timedelta(0), recheck_s=0.0) == timedelta(0)


def test_an_article_without_a_date_ages_since_it_was_first_seen() -> None:
    ages = [timedelta(0), 17 * HOUR, 5 * DAY, 20 * DAY, 100 * DAY, 400 * DAY]
    waits = [due(Outcome.NOT_MODIFIED, first_seen_at=NOW - age) for age in ages]
    assert waits == [HOUR, 3 * HOUR, DAY, 3 * DAY, 30 * DAY, None]


def test_a_slow_outlet_is_looked_at_less_often() -> None:
    # 300 requests at one in ten seconds.
    assert due(Outcome.STORED, age=timedelta(0), delay_s=10.0) == 50 * MINUTE
    assert due(Outcome.STORED, age=2 * HOUR, delay_s=10.0) == HOUR
    assert due(Outcome.STORED, age=timedelta(0), delay_s=2.0) == 15 * MINUTE


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.NOT_AN_ARTICLE])
def test_what_was_taken_down_is_looked_at_again(outcome: Outcome) -> None:
    waits = [due(outcome, age=age, holds_article=True) for age in (HOUR, 20 * DAY, 100 * DAY, 400 * DAY)]
    assert waits == [DAY, 3 * DAY, 30 * DAY, None]


@pytest.mark.parametrize(
    ("outcome", "wait"),
    [
        (Outcome.TIMEOUT, HOUR),
        (Outcome.SERVER_ERROR, HOUR),
        (Outcome.ROBOTS_UNREACHABLE, HOUR),
        (Outcome.BLOCKED, DAY),
        (Outcome.ROBOTS_DENIED, 7 * DAY),
        (Outcome.GONE, None),
        (Outcome.ALIAS, None),
        (Outcome.NOT_AN_ARTICLE, None),
        (Outcome.EXTRACT_CRASH, None),
    ],
)
def test_what_failed_is_tried_later_and_what_is_settled_is_left_alone(outcome: Outcome, wait: timedelta | None) -> None:
    assert due(outcome, age=HOUR) == wait


@pytest.mark.parametrize(
    ("age", "wait"), [(timedelta(0), HOUR), (2 * DAY, 12 * HOUR), (20 * DAY, 5 * DAY), (400 * DAY, 7 * DAY), (None, 1.5 * HOUR)]
)
def test_the_older_an_article_the_later_a_failed_look_is_tried_again(age: timedelta | None, wait: timedelta) -> None:
    assert due(Outcome.CONNECT_ERROR, age=age) == wait


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_feed_is_always_read_again(outcome: Outcome) -> None:
    for kind in (PageKind.FEED, PageKind.SITEMAP):
        assert due(outcome, kind=kind) == 10 * MINUTE


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_an_answer(outcome: Outcome) -> None:
    wait = due(outcome, age=HOUR)
    assert wait is None or wait >= timedelta(0)


def test_a_pause_that_the_host_asked_for_is_kept() -> None:
    assert due(Outcome.BLOCKED, age=HOUR, pause_s=3 * 86400.0) == 3 * DAY
    assert due(Outcome.SERVER_ERROR, kind=PageKind.FEED, pause_s=7200.0) == 2 * HOUR
