"""When a page is looked at again. Pure.

Articles: often while they are young, since most corrections come within hours, then ever less, and not at all after a month
(the ladder of diffengine and newsdiffs: minutes, hours, days). Whatever failed for a reason that may pass is tried again later;
whatever was refused is asked again seldom; what is settled is left alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from storage.records import Outcome, PageKind

_LADDER = (
    # (age up to, seconds until the next look at least)
    (timedelta(hours=1), 0.0),
    (timedelta(hours=6), 3600.0),
    (timedelta(days=1), 3 * 3600.0),
    (timedelta(days=3), 12 * 3600.0),
    (timedelta(days=7), 2 * 86400.0),
    (timedelta(days=30), 7 * 86400.0),
)
UNKNOWN_AGE = timedelta(hours=6)
"""How old an article without a believable date is taken to be: it was announced just now, but it may be an old one."""

FAILED_AGAIN_S = 3600.0
FAILED_SHARE = 0.25
"""Share of an article's age after which a failed look is tried again: an old one may wait, and a dead host is not counted hourly."""
REFUSED_AGAIN_S = 24 * 3600.0
DENIED_AGAIN_S = 7 * 86400.0


def next_due(
    outcome: Outcome,
    *,
    kind: PageKind,
    published_at: datetime | None,
    now: datetime,
    recheck_s: float,
    feed_interval_s: float,
    pause_s: float | None = None,
    reading_s: float | None = None,
) -> datetime | None:
    """The time of the next visit, or None for never (unless it is asked for by name).

    ``recheck_s`` is the shortest time between two looks at an article, ``pause_s`` what the host asked to wait,
    ``reading_s`` the time until a feed is read again (see ``crawlers.rhythm``; None takes ``feed_interval_s``).
    """
    if kind in (PageKind.FEED, PageKind.SITEMAP):
        return now + timedelta(seconds=max(reading_s or feed_interval_s, pause_s or 0.0))
    wait_s = _page_wait_s(outcome, None if published_at is None else now - published_at, recheck_s)
    return None if wait_s is None else now + timedelta(seconds=max(wait_s, pause_s or 0.0))


def _page_wait_s(outcome: Outcome, age: timedelta | None, recheck_s: float) -> float | None:
    match outcome:
        case Outcome.STORED | Outcome.REVISED | Outcome.UNCHANGED | Outcome.NOT_MODIFIED:
            return _ladder_s(UNKNOWN_AGE if age is None else age, recheck_s)
        case (
            Outcome.TIMEOUT
            | Outcome.DNS_ERROR
            | Outcome.CONNECT_ERROR
            | Outcome.TLS_ERROR
            | Outcome.TRUNCATED
            | Outcome.PROTOCOL_ERROR
            | Outcome.SERVER_ERROR
            | Outcome.ROBOTS_UNREACHABLE
            | Outcome.HTTP_ERROR
            | Outcome.BUDGET
        ):
            known = UNKNOWN_AGE if age is None else age
            return max(min(max(FAILED_AGAIN_S, FAILED_SHARE * known.total_seconds()), DENIED_AGAIN_S), recheck_s)
        case Outcome.BLOCKED:
            return max(REFUSED_AGAIN_S, recheck_s)
        case Outcome.ROBOTS_DENIED:
            return max(DENIED_AGAIN_S, recheck_s)
        case (
            Outcome.ALIAS
            | Outcome.NOT_AN_ARTICLE
            | Outcome.METADATA_ONLY
            | Outcome.GONE
            | Outcome.BLOCKED_ADDRESS
            | Outcome.BLOCKED_SCHEME
            | Outcome.OFF_SITE
            | Outcome.REDIRECT_LOOP
            | Outcome.TOO_LARGE
            | Outcome.TRAP_LIMIT
            | Outcome.FORGOTTEN
            | Outcome.BAD_ENCODING
            | Outcome.EXTRACT_EMPTY
            | Outcome.EXTRACT_TIMEOUT
            | Outcome.EXTRACT_CRASH
            | Outcome.QUARANTINED
            | Outcome.FEED_READ
            | Outcome.FEED_EMPTY
            | Outcome.NOT_A_FEED
            | Outcome.BAD_FEED
        ):
            return None
        case _:
            assert_never(outcome)


def _ladder_s(age: timedelta, recheck_s: float) -> float | None:
    for limit, wait_s in _LADDER:
        if age <= limit:
            return max(wait_s, recheck_s)
    return None
