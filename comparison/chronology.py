"""Which of several publications came first, as far as their times tell. A day decides nothing within itself. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.records import Precision, PublishedTime, StoredArticle, time_at

# A day without a clock may be any zone's: it begins 14 hours before and ends 12 hours after the same day in UTC.
_EARLIEST_ZONE = timedelta(hours=14)
_LATEST_ZONE = timedelta(hours=12)


@dataclass(frozen=True, slots=True, order=True)
class Moment:
    """The earliest and the latest instant that a publisher's time may mean, both included."""

    earliest: datetime
    latest: datetime


def moment_of(published: PublishedTime) -> Moment | None:
    """None when the publisher gave no time that could be believed. A time without a known precision is taken as a day."""
    at = published.at
    if at is None:
        return None
    if published.precision is Precision.SECOND:
        return Moment(at, at)
    if published.precision is Precision.MINUTE:
        start = at.replace(second=0, microsecond=0)
        return Moment(start, start + timedelta(seconds=59))
    start = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return Moment(start - _EARLIEST_ZONE, start + timedelta(days=1) + _LATEST_ZONE)


def time_of_passage(article: StoredArticle, offset: int) -> PublishedTime:
    """When what stands at a place of the text was published: a live blog's entry has a time of its own."""
    at = time_at(article.entries, offset)
    return article.published if at is None else entry_time(at)


def entry_time(at: datetime) -> PublishedTime:
    """The time of a live blog's entry. One dated by its day alone is stored as that day's midnight, so midnight may be any hour."""
    has_clock = any((at.hour, at.minute, at.second))
    return PublishedTime(at=at, precision=Precision.MINUTE if has_clock else Precision.DAY, source="entry")


def comes_before(first: PublishedTime, second: PublishedTime) -> bool | None:
    """Whether ``first`` was published before ``second``; None when their times cannot tell."""
    one, other = moment_of(first), moment_of(second)
    if one is None or other is None:
        return None
    if one.latest < other.earliest:
        return True
    if other.latest < one.earliest:
        return False
    return None


def distance_days(first: PublishedTime, second: PublishedTime) -> float | None:
    """Days from ``first`` to ``second``, negative when ``second`` is earlier; None when either is unknown."""
    if first.at is None or second.at is None:
        return None
    return (second.at - first.at).total_seconds() / 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """Who was first among publications, each known by its index in the list that was given."""

    first: int | None
    """None when it cannot be placed."""
    candidates: tuple[int, ...] = ()
    """Those of which any may have been first; one when it could be placed."""
    undated: tuple[int, ...] = ()
    """Those without a time: nothing is said of them."""


def place_first(times: Sequence[PublishedTime]) -> Placing:
    """The publication whose latest instant lies before every other's earliest.

    >>> from datetime import UTC
    >>> noon = PublishedTime(at=datetime(2022, 11, 14, 12, tzinfo=UTC), precision=Precision.SECOND)
    >>> day = PublishedTime(at=datetime(2022, 11, 14, tzinfo=UTC), precision=Precision.DAY)
    >>> place_first([noon, day]).first is None
    True
    """
    moments = [(index, moment) for index, time in enumerate(times) if (moment := moment_of(time)) is not None]
    undated = tuple(index for index, time in enumerate(times) if time.at is None)
    if not moments:
        return Placing(first=None, undated=undated)
    bound = min(moment.latest for _, moment in moments)
    candidates = tuple(index for index, moment in moments if moment.earliest <= bound)
    return Placing(first=candidates[0] if len(candidates) == 1 else None, candidates=candidates, undated=undated)
