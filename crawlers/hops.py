"""What to do after each answer or failure of a visit: follow, retry, read, or stop with an outcome. Pure.

Stands in the place of Scrapy's redirect, retry, off-site and HTTP error middlewares, which drop requests without telling
anybody. The state is a ``Trail``; the spider makes the request a decision asks for and comes back with what happened.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urldefrag, urljoin, urlsplit

from config.outlet import Outlet
from config.settings import CrawlSettings
from crawlers.guard import is_on_site, judge_url
from storage.records import Hop, Outcome

MAX_BACKOFF_S = 60.0
"""A retry waits at most this long; a host that needs more says so with Retry-After."""

DEFAULT_PAUSE_S = 60.0
"""What a 429 without a usable Retry-After means."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_REFUSALS = frozenset({401, 402, 403, 429, 451})
_PERMANENT_5XX = frozenset({501, 505, 506, 508, 510, 511})
"""5xx that another try a few seconds later cannot change."""

OVERLOADED = frozenset({408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 529})
"""Answers of a host, or of what stands before it, that has too much to do."""

_RETRIED = frozenset(
    {
        Outcome.TIMEOUT,
        Outcome.DNS_ERROR,
        Outcome.CONNECT_ERROR,
        Outcome.TRUNCATED,
        Outcome.PROTOCOL_ERROR,
    }
)
"""Failures that may pass. A certificate, a size or an encoding does not become right by asking again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """How far a visit has come."""

    url: str
    """The address to be requested now."""
    hops: tuple[Hop, ...] = ()
    """Every request made so far, retries included."""
    redirects: int = 0
    tries: int = 0
    """Failed tries of ``url``."""
    seen: frozenset[str] = frozenset()
    """Addresses that have already redirected elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The part of a response that decides. ``location`` and ``retry_after`` are the raw header values, empty when absent."""

    status: int
    location: str = ""
    retry_after: str = ""
    conditional: bool = False
    """The request carried validators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why no response came, in the ledger's words."""

    outcome: Outcome
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What bounds a visit."""

    max_hops: int
    retries: int
    max_retry_after_s: float
    backoff_s: float
    """Seconds before the first retry; doubled for each further one. The host's own delay, so that a slow host gets more."""
    connect_to: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settings: CrawlSettings, connect_to: Mapping[str, str], delay_s: float) -> Limits:
        return cls(
            max_hops=settings.max_hops,
            retries=settings.retries,
            max_retry_after_s=settings.max_retry_after_s,
            backoff_s=delay_s,
            connect_to=connect_to,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """Request ``trail.url`` now: the page has moved."""

    trail: Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Request ``trail.url`` again after ``wait_s`` seconds."""

    trail: Trail
    wait_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """The response is the page: read its body."""

    trail: Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """The visit ends here."""

    trail: Trail
    outcome: Outcome
    detail: str = ""
    pause_s: float | None = None
    """Leave the whole host alone for so many seconds."""


Decision = Follow | Retry | Read | Stop


def decide_answer(trail: Trail, answer: Answer, outlet: Outlet | None, limits: Limits, now: datetime) -> Decision:
    """What follows from a response. ``outlet`` None lets redirects leave the site (robots.txt may move anywhere, RFC 9309 2.3.1.2)."""
    status = answer.status
    trail = replace(trail, hops=(*trail.hops, Hop(url=trail.url, status=status, location=answer.location)))
    if status in _REDIRECTS:
        return _follow(trail, answer.location, outlet, limits)
    if 200 <= status <= 299:
        return Read(trail=trail)
    if status == 304:
        if answer.conditional:
            return Stop(trail=trail, outcome=Outcome.NOT_MODIFIED)
        return Stop(trail=trail, outcome=Outcome.PROTOCOL_ERROR, detail="304 to a request without validators")
    pause_s = read_retry_after(answer.retry_after, now, limits.max_retry_after_s)
    if status in (404, 410):
        return Stop(trail=trail, outcome=Outcome.GONE, detail=f"http {status}")
    if status in _REFUSALS:
        if status == 429 and pause_s is None:
            pause_s = min(DEFAULT_PAUSE_S, limits.max_retry_after_s)
        return Stop(trail=trail, outcome=Outcome.BLOCKED, detail=f"http {status}", pause_s=pause_s)
    if 500 <= status <= 599:
        if pause_s is not None:
            # The host named its time; asking again before it would be the opposite of what it said.
            return Stop(trail=trail, outcome=Outcome.SERVER_ERROR, detail=f"http {status}", pause_s=pause_s)
        if status in _PERMANENT_5XX:
            return Stop(trail=trail, outcome=Outcome.SERVER_ERROR, detail=f"http {status}")
        return _retry(trail, Outcome.SERVER_ERROR, f"http {status}", limits)
    if status == 408:
        return _retry(trail, Outcome.HTTP_ERROR, "http 408", limits)
    if 300 <= status <= 499:
        return Stop(trail=trail, outcome=Outcome.HTTP_ERROR, detail=f"http {status}")
    return Stop(trail=trail, outcome=Outcome.PROTOCOL_ERROR, detail=f"status {status}")


def decide_failure(trail: Trail, failure: Failure, limits: Limits) -> Decision:
    """What follows from a request that brought no response."""
    error = f"{failure.outcome}: {failure.detail}" if failure.detail else str(failure.outcome)
    trail = replace(trail, hops=(*trail.hops, Hop(url=trail.url, error=error[:300])))
    if failure.outcome in _RETRIED:
        return _retry(trail, failure.outcome, failure.detail, limits)
    return Stop(trail=trail, outcome=failure.outcome, detail=failure.detail)


def _retry(trail: Trail, outcome: Outcome, detail: str, limits: Limits) -> Decision:
    if trail.tries >= limits.retries:
        return Stop(trail=trail, outcome=outcome, detail=detail)
    wait_s = min(limits.backoff_s * 2.0 ** min(trail.tries, 16), MAX_BACKOFF_S)
    return Retry(trail=replace(trail, tries=trail.tries + 1), wait_s=wait_s)


def _follow(trail: Trail, location: str, outlet: Outlet | None, limits: Limits) -> Decision:
    if not location.strip():
        return Stop(trail=trail, outcome=Outcome.PROTOCOL_ERROR, detail="redirect without a Location")
    # Browsers strip the ends of a Location; whatever else is odd in it is the guard's to refuse.
    location = location.strip(" \t\r\n")
    scheme = re.match(r"([A-Za-z][A-Za-z0-9+.-]*):", location)
    if scheme and scheme[1].lower() not in ("http", "https"):
        return Stop(trail=trail, outcome=Outcome.BLOCKED_SCHEME, detail=scheme[1].lower()[:40])
    try:
        url = urldefrag(urljoin(trail.url, location)).url
    except ValueError:
        return Stop(trail=trail, outcome=Outcome.PROTOCOL_ERROR, detail="Location cannot be read")
    # A raw space is common in real Locations and means %20; no parser disagrees about that.
    url = url.replace(" ", "%20")
    refusal = judge_url(url, limits.connect_to)
    if refusal is not None:
        return Stop(trail=trail, outcome=refusal.outcome, detail=refusal.detail)
    host = urlsplit(url).hostname or ""
    if outlet is not None and not is_on_site(host, outlet):
        return Stop(trail=trail, outcome=Outcome.OFF_SITE, detail=host[:200])
    if _bare(url) == _bare(trail.url):
        return Stop(trail=trail, outcome=Outcome.REDIRECT_LOOP, detail="redirects to itself")
    if _bare(url) in trail.seen:
        return Stop(trail=trail, outcome=Outcome.REDIRECT_LOOP, detail="redirects in a circle")
    if trail.redirects >= limits.max_hops:
        return Stop(trail=trail, outcome=Outcome.REDIRECT_LOOP, detail=f"more than {limits.max_hops} redirects")
    return Follow(
        trail=replace(trail, url=url, redirects=trail.redirects + 1, tries=0, seen=trail.seen | {_bare(trail.url)}),
    )


def _bare(url: str) -> str:
    """An address without its fragment, which is never sent."""
    return urldefrag(url).url


def read_retry_after(value: str, now: datetime, limit_s: float) -> float | None:
    """Seconds to wait, from either form of Retry-After (RFC 9110, 10.2.3), between 0 and ``limit_s``. None: absent or unreadable."""
    value = value.strip()
    if not value:
        return None
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value, re.ASCII):
        # Absurdly long numbers become infinite and are cut like every other.
        seconds = float(value) if len(value) < 300 else math.inf
        return min(seconds, limit_s)
    try:
        until = parsedate_to_datetime(value)
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        wait_s = (until - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(wait_s, 0.0), limit_s)
