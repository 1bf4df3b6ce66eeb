"""What a visit of an end point says of it; and the Issues of those that lead nowhere any more."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, assert_never

from config.outlet import EndpointKind, EndpointStatus, Outlet
from storage import endpoints, issues, mutes
from storage.database import Database
from storage.identity import same_page
from storage.records import Outcome
from storage.run_records import EndpointVerdict, FeedReading

STALE_AFTER = timedelta(days=14)
"""Age of a feed's newest entry from which nobody feeds it any more. A weekly magazine misses an issue; a newsroom does not."""

NO_ROUTE = frozenset({EndpointVerdict.DEAD, EndpointVerdict.NOT_A_FEED, EndpointVerdict.BLOCKED, EndpointVerdict.EMPTY})
"""Verdicts on an end point by which nothing comes in."""

_PROMISED = (EndpointStatus.VERIFIED, EndpointStatus.LISTED)
_PASSING = frozenset(
    {Outcome.TIMEOUT, Outcome.SERVER_ERROR, Outcome.DNS_ERROR, Outcome.CONNECT_ERROR, Outcome.TRUNCATED, Outcome.PROTOCOL_ERROR}
    | {Outcome.ROBOTS_UNREACHABLE, Outcome.TLS_ERROR, Outcome.EXTRACT_CRASH, Outcome.EXTRACT_TIMEOUT}
)
"""Outcomes that pass by themselves often enough: one feed among others that gives them once is no news."""
_HTTP = re.compile(r"^http (?=\d{3}$)")


def judge_reading(reading: FeedReading, kind: EndpointKind, now: datetime) -> tuple[EndpointVerdict, str]:
    """What one visit says of an end point, and in a few words why. Pure."""
    match reading.outcome:
        case Outcome.FEED_READ:
            landed = _moved_to(reading)
            if landed:
                return EndpointVerdict.MOVED, f"is now at {landed}"
            if reading.newest_at is not None and now - reading.newest_at > STALE_AFTER and kind is not EndpointKind.VIDEO_SITEMAP:
                return EndpointVerdict.STALE, f"its newest entry is of {reading.newest_at:%Y-%m-%d}"
            return EndpointVerdict.ALIVE, reading.detail
        case Outcome.NOT_MODIFIED:
            return EndpointVerdict.ALIVE, "not modified"
        case Outcome.FEED_EMPTY:
            return EndpointVerdict.EMPTY, reading.detail or "it has no entries"
        case Outcome.BLOCKED:
            return EndpointVerdict.BLOCKED, _HTTP.sub("HTTP status ", reading.detail) or f"HTTP status {reading.status}"
        case Outcome.ROBOTS_DENIED:
            return EndpointVerdict.BLOCKED, "robots.txt disallows it"
        case Outcome.OFF_SITE:
            return EndpointVerdict.MOVED, f"redirects to another site: {reading.detail}"
        case Outcome.NOT_A_FEED | Outcome.BAD_FEED | Outcome.TOO_LARGE | Outcome.BAD_ENCODING | Outcome.EXTRACT_TIMEOUT:
            return EndpointVerdict.NOT_A_FEED, reading.detail
        case Outcome.EXTRACT_CRASH | Outcome.QUARANTINED | Outcome.EXTRACT_EMPTY | Outcome.NOT_AN_ARTICLE:
            return EndpointVerdict.NOT_A_FEED, reading.detail
        case (
            Outcome.GONE | Outcome.HTTP_ERROR | Outcome.SERVER_ERROR | Outcome.ROBOTS_UNREACHABLE | Outcome.BLOCKED_ADDRESS
            | Outcome.BLOCKED_SCHEME | Outcome.REDIRECT_LOOP | Outcome.TIMEOUT | Outcome.TLS_ERROR | Outcome.DNS_ERROR
            | Outcome.CONNECT_ERROR | Outcome.TRUNCATED | Outcome.PROTOCOL_ERROR | Outcome.TRAP_LIMIT
        ):  # fmt: skip
            return EndpointVerdict.DEAD, _why_dead(reading)
        case (
            Outcome.STORED
            | Outcome.REVISED
            | Outcome.UNCHANGED
            | Outcome.ALIAS
            | Outcome.METADATA_ONLY
            | Outcome.BUDGET
            | Outcome.FORGOTTEN
        ):
            return EndpointVerdict.UNCHECKED, reading.outcome.value
        case _:
            assert_never(reading.outcome)


def _moved_to(reading: FeedReading) -> str:
    """The address a permanent redirect led to; empty without one. A temporary one means: keep asking here."""
    permanent = [hop for hop in reading.hops if hop.status in (301, 308)]
    return permanent[-1].location if permanent else ""


def _why_dead(reading: FeedReading) -> str:
    words = reading.outcome.value.replace("_", " ")
    status = f", HTTP status {reading.status}" if reading.status else ""
    detail = "" if _HTTP.match(reading.detail) else f" {reading.detail}"
    return f"{words}{status}{detail}".rstrip()


def is_on(outlet: Outlet, url: str) -> bool:
    return any(endpoint.url == url and endpoint.is_enabled for endpoint in outlet.endpoints)


def route_key(outlet: Outlet, url: str) -> str:
    """Key of the Issue about one end point."""
    return f"endpoint:{outlet.id}:{url}"


def record_broken_route(session: Any, outlet: Outlet, url: str, verdict: EndpointVerdict, detail: str, now: datetime) -> str:
    """Make an Issue of an end point that is not what its card says; its message."""
    message = f"{outlet.id}: {url} is {verdict.value.replace('_', ' ')}: {detail}"
    data = {"url": url, "verdict": verdict.value, "detail": detail}
    issues.record_issue(session, key=route_key(outlet, url), kind="endpoint", message=message, outlet_id=outlet.id, data=data, now=now)
    return message


def note_routes(database: Database, outlets: Sequence[Outlet], run_id: int, failed: Collection[str], now: datetime) -> None:
    """Make an Issue of each end point that a crawl found to lead nowhere, and end those that are over: so that a feed that was
    emptied, moved or closed does not look like a quiet one.

    Of an outlet that failed altogether every end point counts; of others those that its card calls verified or listed, and what
    passes by itself (a timeout) only then.
    """
    cards = {outlet.id: outlet for outlet in outlets}
    with database.write() as session:
        muted = mutes.load_mutes(session, now)
        for reading in endpoints.feed_outcomes(session, run_id):
            outlet = cards.get(reading.outlet_id)
            point = next((p for p in outlet.live_endpoints if same_page(p.url, reading.url, outlet)), None) if outlet else None
            if outlet is None or point is None:
                continue
            verdict, detail = judge_reading(reading, point.kind, now)
            if verdict not in NO_ROUTE:
                if verdict is not EndpointVerdict.UNCHECKED:
                    issues.resolve_issue(session, route_key(outlet, point.url), now)
                continue
            counts = outlet.id in failed or (point.status in _PROMISED and reading.outcome not in _PASSING)
            if counts and not outlet.reason and outlet.id not in muted:
                record_broken_route(session, outlet, point.url, verdict, detail, now)
