"""When a page is looked at again. Pure.

Articles: often while they are young, since most corrections come within hours, then ever less, and not at all after a year (the
rungs of diffengine and newsdiffs: 15 minutes, 1 h, 3 h, 1 d, 3 d, 30 d), as seldom as the outlet bears. What its publisher took
down is looked at again, since it may come back. Whatever failed for a reason that may pass is tried again later; whatever was
refused is asked again seldom; what is settled is left alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import assert_never

from storage.records import Outcome, PageKind

_LADDER = (
    # (age up to, seconds until the next look at least); the first rung is the setting's, 15 minutes.
    (timedelta(hours=1), 0.0),
    (timedelta(hours=6), 3600.0),
    (timedelta(days=1), 3 * 3600.0),
    (timedelta(days=7), 86400.0),
    (timedelta(days=30), 3 * 86400.0),
    (timedelta(days=365), 30 * 86400.0),
)
UNKNOWN_AGE = timedelta(hours=6)
"""How old an article without a believable date is taken to be when it is first met: it was announced just now, but it may be an old one."""
LOOKS_AT_ONCE = 300
"""Delays of an outlet between two looks at one of its articles, at least: so many can be watched closely while new ones are still read."""
TAKEN_DOWN_S = 86400.0
"""Shortest time until a page that was taken down is looked at again."""

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
    first_seen_at: datetime | None = None,
    delay_s: float = 0.0,
    holds_article: bool = False,
    pause_s: float | None = None,
    reading_s: float | None = None,
) -> datetime | None:
    """The time of the next visit, or None for never (unless it is asked for by name).

    ``recheck_s`` is the shortest time between two looks at an article, ``delay_s`` the outlet's between two requests; an article
    without a believable date ages from ``first_seen_at``. ``holds_article``: one was read at this page before. ``pause_s`` is what
    the host asked to wait, ``reading_s`` the time until a feed is read again (see ``crawlers.rhythm``; None takes ``feed_interval_s``).
    """
    if kind in (PageKind.FEED, PageKind.SITEMAP):
        return now + timedelta(seconds=max(reading_s or feed_interval_s, pause_s or 0.0))
    age = now - published_at if published_at is not None else UNKNOWN_AGE + (now - (first_seen_at or now))
    wait_s = _page_wait_s(outcome, age, max(recheck_s, LOOKS_AT_ONCE * delay_s), holds_article)
    return None if wait_s is None else now + timedelta(seconds=max(wait_s, pause_s or 0.0))


def _page_wait_s(outcome: Outcome, age: timedelta, recheck_s: float, holds_article: bool) -> float | None:
    match outcome:
        case Outcome.STORED | Outcome.REVISED | Outcome.UNCHANGED | Outcome.NOT_MODIFIED:
            return _ladder_s(age, recheck_s)
        case Outcome.GONE | Outcome.NOT_AN_ARTICLE:
            return _ladder_s(age, max(TAKEN_DOWN_S, recheck_s)) if holds_article else None
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
            return max(min(max(FAILED_AGAIN_S, FAILED_SHARE * age.total_seconds()), DENIED_AGAIN_S), recheck_s)
        case Outcome.BLOCKED:
            return max(REFUSED_AGAIN_S, recheck_s)
        case Outcome.ROBOTS_DENIED:
            return max(DENIED_AGAIN_S, recheck_s)
        case (
            Outcome.ALIAS
            | Outcome.METADATA_ONLY
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
