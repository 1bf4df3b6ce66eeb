"""What counts as a layout change and as silence, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from config.outlet import Expectations
from scheduler.breaks import find_breaks, find_frozen, find_silence
from storage.measures import FeedArrivals, PageMeasure
from storage.records import Outcome

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def pages(
    count: int,
    *,
    run: int = 1,
    outcome: Outcome = Outcome.STORED,
    title: bool = True,
    date: bool = True,
    author: bool = True,
    chars: int = 3000,
) -> list[PageMeasure]:
    return [
        PageMeasure(
            run_id=run, url=f"http://a.example/{n}", outcome=outcome, has_title=title, has_date=date, has_author=author, text_chars=chars
        )
        for n in range(count)
    ]


BEFORE = pages(40)
CASES: list[tuple[Sequence[PageMeasure], Sequence[PageMeasure], Expectations, set[str]]] = [
    (pages(10), BEFORE, Expectations(), set()),
    # The body moved: nothing is readable any more, and no title, date or author is found.
    (pages(10, outcome=Outcome.EXTRACT_EMPTY, title=False, date=False, author=False, chars=0), BEFORE, Expectations(),
     {"readable", "titled", "dated", "signed"}),
    # Refused pages give nothing either.
    (pages(10, outcome=Outcome.BLOCKED, title=False, date=False, author=False, chars=0), BEFORE, Expectations(),
     {"readable", "titled", "dated", "signed"}),
    (pages(10, date=False), BEFORE, Expectations(), {"dated"}),
    # Only teasers are left; or menus have come into the text.
    (pages(10, chars=400), BEFORE, Expectations(), {"length"}),
    (pages(10, chars=9000), BEFORE, Expectations(), {"length"}),
    (pages(10, chars=1600), BEFORE, Expectations(), set()),
    # Four pages prove nothing; nine before are no history.
    (pages(4, date=False), BEFORE, Expectations(), set()),
    (pages(10, date=False), pages(9), Expectations(), set()),
    # A field that was never usual cannot break.
    (pages(10, author=False), pages(40, author=False), Expectations(), set()),
    # Pages that were not looked at say nothing.
    (pages(10, outcome=Outcome.NOT_MODIFIED, title=False, date=False, author=False, chars=0), BEFORE, Expectations(), set()),
    # The card's floors hold without any history.
    (pages(10, chars=400), [], Expectations(text_chars=800), {"length"}),
    (pages(10, date=False), [], Expectations(dated_share=0.9), {"dated"}),
]  # fmt: skip


@pytest.mark.parametrize(("now", "before", "floors", "expected"), CASES)
def test_a_break_is_a_fall_against_ones_own_history_or_the_cards_floor(
    now: Sequence[PageMeasure], before: Sequence[PageMeasure], floors: Expectations, expected: set[str]
) -> None:
    assert {item.measure for item in find_breaks(now, before, floors)} == expected


def test_a_break_carries_the_figures_before_and_now() -> None:
    (found,) = find_breaks(pages(10, date=False), BEFORE, Expectations())
    assert (found.before, found.now, found.message) == (1.0, 0.0, "share of pages with a date fell from 100% to 0%")


def hourly(count: int, *, silent: timedelta) -> list[datetime]:
    return [NOW - silent - timedelta(hours=number) for number in range(count)]


@pytest.mark.rows(45)
@pytest.mark.parametrize(
    ("arrived", "floors", "silent"),
    [
        (hourly(30, silent=timedelta(hours=20)), Expectations(), False),
        # Eight usual gaps would be eight hours; a day at least, since nights are quiet.
        (hourly(30, silent=timedelta(hours=25)), Expectations(), True),
        (hourly(30, silent=timedelta(hours=7)), Expectations(silent_after_h=6), True),
        # Too little is known to call it silence.
        (hourly(5, silent=timedelta(days=9)), Expectations(), False),
        ([], Expectations(silent_after_h=1), False),
        (hourly(60, silent=timedelta(hours=20)), Expectations(articles_per_day=10), True),
        (hourly(60, silent=timedelta(hours=1)), Expectations(articles_per_day=10), False),
    ],
)
def test_silence_is_measured_by_ones_own_rhythm_or_the_cards_floor(arrived: list[datetime], floors: Expectations, silent: bool) -> None:
    assert (find_silence(arrived, NOW, floors) is not None) is silent


def feed(name: str, *, every: timedelta, silent: timedelta, count: int = 40) -> FeedArrivals:
    return FeedArrivals(url=f"http://a.example/{name}", seen=tuple(NOW - silent - number * every for number in range(count)))


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ALIVE = feed("all", every=HOUR, silent=HOUR)


@pytest.mark.rows(45)
@pytest.mark.parametrize(
    ("other", "is_frozen"),
    [
        (feed("news", every=HOUR, silent=4 * DAY), True),
        # Three days at least: sections are quiet over a weekend.
        (feed("news", every=HOUR, silent=2 * DAY), False),
        # Twenty usual gaps are twenty days here.
        (feed("weekly", every=DAY, silent=19 * DAY), False),
        (feed("weekly", every=DAY, silent=21 * DAY), True),
        # Too little is known.
        (feed("young", every=HOUR, silent=9 * DAY, count=8), False),
        # What one reading brought is one arrival, however much it was.
        (feed("archive", every=timedelta(), silent=9 * DAY), False),
        (FeedArrivals(url="http://a.example/empty", seen=()), False),
    ],
)
def test_a_feed_that_stands_still_while_others_go_on_is_frozen(other: FeedArrivals, is_frozen: bool) -> None:
    found = find_frozen([ALIVE, other], NOW)
    assert [item.measure for item in found] == ([f"frozen:{other.url}"] if is_frozen else [])


def test_an_outlet_without_any_news_is_silent_and_its_feeds_are_not_frozen_one_by_one() -> None:
    assert find_frozen([feed("a", every=HOUR, silent=5 * DAY), feed("b", every=HOUR, silent=6 * DAY)], NOW) == ()


def test_a_frozen_feed_is_said_in_multiples_of_its_usual_gap() -> None:
    (found,) = find_frozen([ALIVE, feed("news", every=2 * HOUR, silent=4 * DAY)], NOW)
    assert found.message == "http://a.example/news has announced nothing new for 96 h, 48 times its usual 2.0 h"
    assert (found.before, found.now) == (2.0, 96.0)


def test_a_break_that_lasts_is_measured_by_what_was_before_it() -> None:
    broken = pages(10, outcome=Outcome.EXTRACT_EMPTY, title=False, date=False, author=False, chars=0)
    mixed = broken * 3 + BEFORE
    assert find_breaks(broken, mixed, Expectations()) == ()
    assert {found.measure for found in find_breaks(broken, mixed, Expectations(), {"readable": 1.0})} == {"readable"}
    assert find_breaks(pages(10), mixed, Expectations(), {"readable": 1.0}) == ()
    # The whole pages may have passed out of sight long ago.
    assert {found.measure for found in find_breaks(broken, [], Expectations(), {"readable": 1.0})} == {"readable"}
