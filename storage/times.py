"""Which times of publishers are believed. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from storage.records import Precision, PublishedTime
from storage.sanitise import sanitise_line

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
"""Nothing on the web is older; 1970 means that a clock or a field was empty."""
LEEWAY = timedelta(days=1)
"""How far a publisher's clock or time zone may run ahead of ours."""


def believe(time: PublishedTime, now: datetime) -> PublishedTime:
    """The same time with ``at`` and ``precision`` None when it lies before 1990 or more than a day after ``now``; ``raw`` stays."""
    raw = sanitise_line(time.raw, 200) if time.raw else None
    source = sanitise_line(time.source, 16) if time.source else None
    if time.at is None:
        return PublishedTime(raw=raw, source=source if raw else None)
    at = time.at if time.at.tzinfo is not None else time.at.replace(tzinfo=UTC)
    if not EARLIEST <= at <= now + LEEWAY:
        return PublishedTime(raw=raw or time.at.isoformat(), source=source)
    return replace(time, at=at.astimezone(UTC), raw=raw, source=source, precision=time.precision or Precision.SECOND)


def better(first: PublishedTime, second: PublishedTime) -> PublishedTime:
    """The more useful of two readings: a known time before none, a finer before a coarser, else the first."""
    return second if _rank(second) > _rank(first) else first


def _rank(time: PublishedTime) -> int:
    if time.at is None:
        return 0
    return 1 if time.precision is Precision.DAY else 2
