"""Times as publishers write them: what is believed, how finely, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.dates import read_duration, read_time, read_written_time
from storage.records import Precision, PublishedTime

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
DAY, MINUTE, SECOND = Precision.DAY, Precision.MINUTE, Precision.SECOND

MACHINE = [
    # As written, the time in UTC, precision.
    ("2022-11-21T10:05:09+02:00", "2022-11-21T08:05:09", SECOND),
    ("2022-11-21T10:05:09&#x2B;02:00", "2022-11-21T08:05:09", SECOND),
    ("2022-11-21T10:05:09.123Z", "2022-11-21T10:05:09", SECOND),
    ("2022-11-21T10:05:09+0200", "2022-11-21T08:05:09", SECOND),
    ("2022-11-21T10:05:09 +02", "2022-11-21T08:05:09", SECOND),
    ("2022-11-21 10:05:09 +0200", "2022-11-21T08:05:09", SECOND),
    ("2022-11-21 10:05:09 UTC", "2022-11-21T10:05:09", SECOND),
    ("2022-11-21 13:05 MSK", "2022-11-21T10:05:00", MINUTE),
    ("2022-11-21T10:05+02:00", "2022-11-21T08:05:00", MINUTE),
    ("20221121T100509Z", "2022-11-21T10:05:09", SECOND),
    ("2022-11-21T00:30:00+03:00", "2022-11-20T21:30:00", SECOND),
    ("2022-11-21T24:00:00Z", "2022-11-22T00:00:00", SECOND),
    ("2022-11-21T10:05:09-05:30", "2022-11-21T15:35:09", SECOND),
    ("2022-11-21T10:05:09−05:00", "2022-11-21T15:05:09", SECOND),
    ("2022-11-21", "2022-11-21T00:00:00", DAY),
    ("20221121", "2022-11-21T00:00:00", DAY),
    ("2022/11/21", "2022-11-21T00:00:00", DAY),
    # Without a zone the hour is a guess, and a guess must not decide who was first.
    ("2022-11-21T10:05:09", "2022-11-21T10:05:09", DAY),
    ("Mon, 21 Nov 2022 10:05:09 GMT", "2022-11-21T10:05:09", SECOND),
    ("Mon, 21 Nov 2022 10:05:09 -0000", "2022-11-21T10:05:09", DAY),
    ("21 Nov 2022 10:05:09 EST", "2022-11-21T15:05:09", SECOND),
    ("Mon, 21 Nov 2022 12:05:09 CEST", "2022-11-21T10:05:09", SECOND),
    ("1669025109", "2022-11-21T10:05:09", SECOND),
    ("1669025109000", "2022-11-21T10:05:09", SECOND),
]

UNBELIEVED = [
    # Clock zeros, template defaults, the future, and no dates at all.
    "1970-01-01T00:00:00Z", "1969-12-31T19:00:00-05:00", "0001-01-01T00:00:00", "1900-01-01", "0", "2099-01-01", "2026-11-03T12:00:00Z",
    "9999-12-31T23:59:59+99:99", "2022-13-45", "2022-11-31T10:00:00Z", "today", "n/a", "{{ date }}", "99999999999999999999", "-1",
    "2022-11",
    "Mon, 99 Nov 2022 10:00:00 GMT", "\ud800", "0000-00-00 00:00:00",
]  # fmt: skip

WRITTEN = [
    ("21 November 2022, 10:05", "2022-11-21T10:05:00"),
    ("November 21, 2022 at 10:05 p.m.", "2022-11-21T22:05:00"),
    ("21. November 2022", "2022-11-21T00:00:00"),
    ("Stand: 21.11.2022, 10:05 Uhr", "2022-11-21T10:05:00"),
    ("1. März 2022", "2022-03-01T00:00:00"),
    ("21 ноября 2022, 10:05", "2022-11-21T10:05:00"),
    ("5 мая 2022 г.", "2022-05-05T00:00:00"),
    ("21 листопада 2022, 10:05", "2022-11-21T10:05:00"),
    ("3 травня 2022 року", "2022-05-03T00:00:00"),
    ("Опубліковано 21.11.2022", "2022-11-21T00:00:00"),
    ("13/11/2022", "2022-11-13T00:00:00"),
]


@pytest.mark.parametrize(("raw", "at", "precision"), MACHINE)
def test_machine_readable_times(raw: str, at: str, precision: Precision) -> None:
    found = read_time(raw, source="meta", now=NOW)
    assert (found.at, found.precision, found.source) == (datetime.fromisoformat(at).replace(tzinfo=UTC), precision, "meta")


@pytest.mark.parametrize("raw", UNBELIEVED)
def test_what_cannot_be_believed_is_kept_only_as_written(raw: str) -> None:
    found = read_time(raw, source="meta", now=NOW)
    assert (found.at, found.precision, found.raw) == (None, None, raw)


@pytest.mark.parametrize(("raw", "at"), WRITTEN)
def test_times_as_people_read_them_give_a_day(raw: str, at: str) -> None:
    found = read_written_time(raw, source="time", now=NOW)
    assert (found.at, found.precision) == (datetime.fromisoformat(at).replace(tzinfo=UTC), DAY)


@pytest.mark.parametrize("raw", ["5/11/2022", "11 parts", "2 hours ago", "32 ноября 2022", "12 bananas 2022"])
def test_what_could_be_two_days_or_none_is_no_date(raw: str) -> None:
    assert read_written_time(raw, source="time", now=NOW).at is None


def test_nothing_written_is_no_time_at_all() -> None:
    assert read_time("", source="meta", now=NOW) == PublishedTime() == read_time(None, source="meta", now=NOW)


def test_a_clock_that_runs_ahead_a_little_is_cut_to_our_now() -> None:
    found = read_time("2026-11-01T12:05:30Z", source="meta", now=NOW)
    assert (found.at, found.precision) == (NOW, SECOND)


def test_a_day_that_has_begun_elsewhere_is_today_here() -> None:
    evening = datetime(2026, 11, 1, 20, tzinfo=UTC)
    assert read_time("2026-11-02", source="meta", now=evening).at == datetime(2026, 11, 1, tzinfo=UTC)
    assert read_time("2026-11-04", source="meta", now=evening).at is None


def test_raw_is_never_longer_than_a_hundred_characters() -> None:
    assert len(read_time("x" * 10_000_000, source="meta", now=NOW).raw or "") == 100


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        ("PT3M5S", 185), ("PT1H", 3600), ("P0DT1H2M3S", 3723), ("pt185s", 185), ("PT2M3.5S", 123), ("185", 185), (185, 185), ("3:05", 185),
        ("1:02:03", 3723), ("185.4", 185), ("PT0S", None), ("0", None), ("", None), (None, None), ("soon", None), ("P400D", None),
    ],
)  # fmt: skip
def test_durations(raw: object, seconds: int | None) -> None:
    assert read_duration(raw) == seconds
