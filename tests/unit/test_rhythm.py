"""When a feed is read again, as a table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawlers.rhythm import next_reading_s
from storage.records import Outcome

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
LOW, HIGH = 900.0, 21_600.0


def every(minutes: int, *, count: int = 30, silent: timedelta = timedelta(0)) -> list[datetime]:
    return [NOW - silent - timedelta(minutes=minutes * number) for number in range(count)]


CASES = [
    # A wire that publishes every ten minutes is read as often as is allowed; one with three pieces a day every four hours.
    (Outcome.FEED_READ, every(10), None, 0, LOW),
    (Outcome.FEED_READ, every(8 * 60), None, 0, 4 * 3600.0),
    # A weekly magazine: the card's longest time.
    (Outcome.FEED_READ, every(7 * 24 * 60), None, 0, HIGH),
    # It used to publish hourly and has been silent for a day: 2.4 hours.
    (Outcome.FEED_READ, every(60, silent=timedelta(days=1)), None, 0, 8640.0),
    # Without dates, or with too few, it is read as often as is allowed.
    (Outcome.FEED_READ, [], None, 0, LOW),
    (Outcome.FEED_READ, every(600, count=3), None, 0, LOW),
    # Dates of the future say nothing of the rhythm.
    (Outcome.FEED_READ, [NOW + timedelta(days=n) for n in range(1, 9)], None, 0, LOW),
    # Not modified: later each time, to the longest time.
    (Outcome.NOT_MODIFIED, [], LOW, 0, 1350.0),
    (Outcome.NOT_MODIFIED, [], HIGH, 0, HIGH),
    # Failures double the time, to a day, and no further: it is never given up.
    (Outcome.TIMEOUT, [], LOW, 0, 2 * LOW),
    (Outcome.BLOCKED, [], LOW, 3, 16 * LOW),
    (Outcome.FEED_EMPTY, [], LOW, 0, 2 * LOW),
    (Outcome.GONE, [], LOW, 500, 86_400.0),
]


@pytest.mark.parametrize(("outcome", "dates", "previous_s", "failures", "expected"), CASES)
def test_the_next_reading_follows_the_feeds_own_rhythm(
    outcome: Outcome, dates: list[datetime], previous_s: float | None, failures: int, expected: float
) -> None:
    found = next_reading_s(outcome, dates, now=NOW, previous_s=previous_s, failures=failures, low_s=LOW, high_s=HIGH)
    assert found == expected
