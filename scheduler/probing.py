"""``outlets check``: ask every end point once, politely, and say what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from config.outlet import EndpointStatus, Outlet
from config.settings import Settings
from crawlers.request import CrawlRequest
from crawlers.verdict import is_expected
from scheduler import jobs
from scheduler.readings import NO_ROUTE, is_on, judge_reading, record_broken_route, route_key
from scheduler.rehearsal import rehearse
from storage import endpoints, issues, mutes
from storage.database import open_database
from storage.identity import host_key, same_page
from storage.run_records import EndpointCheck, EndpointVerdict, FeedReading


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletCheck:
    """One outlet's end points, and whether somebody must look."""

    outlet: str
    endpoints: tuple[EndpointCheck, ...]
    needs_attention: bool
    known: str = ""
    """Why it is listed but does not count: the card's reason, or who muted it and why."""


def check_outlets(settings: Settings, outlet_ids: Sequence[str], *, progress: jobs.Progress = jobs.quiet) -> list[OutletCheck]:
    """Ask every end point of these outlets (all enabled ones when none is named), on or off; store and return what was found.

    No page is fetched. An end point that is on and does not answer becomes an Issue, which ends when it answers again.

    Raises: ConfigError, CrawlProcessError.
    """
    from config.catalog import load_catalog

    catalog = load_catalog(settings)
    selected = catalog.select(outlet_ids) if outlet_ids else catalog.enabled()
    jobs.require_contact(settings, [_all_on(outlet) for outlet in selected])
    readings: list[FeedReading] = []
    with rehearse(settings, [_all_on(outlet) for outlet in selected], max_sitemap_depth=0) as rehearsal:
        if any(outlet.endpoints for outlet in selected):
            summary = rehearsal.crawl(CrawlRequest(max_pages=0, rechecks=False), progress)
            if summary is not None:
                with rehearsal.database.read() as session:
                    readings = endpoints.feed_readings(session, summary.run_id)
        busy = dict(rehearsal.busy)
    now = jobs.now()
    checks = {outlet.id: _checks(outlet, readings, busy, now) for outlet in selected}
    with closing(open_database(settings.database)) as database, database.write() as session:
        muted = mutes.load_mutes(session, now)
        endpoints.save_checks(session, [check for found in checks.values() for check in found])
        for outlet in selected:
            for check in checks[outlet.id]:
                key = route_key(outlet, check.url)
                if check.verdict in (EndpointVerdict.ALIVE, EndpointVerdict.UNCHECKED) or not is_on(outlet, check.url):
                    if check.verdict is EndpointVerdict.ALIVE:
                        issues.resolve_issue(session, key, now)
                    continue
                if outlet.reason or outlet.id in muted:
                    continue
                record_broken_route(session, outlet, check.url, check.verdict, check.detail, now)
    known = {outlet.id: outlet.reason or (f"muted: {muted[outlet.id].note}" if outlet.id in muted else "") for outlet in selected}
    return [
        OutletCheck(
            outlet=outlet.id,
            endpoints=checks[outlet.id],
            needs_attention=not known[outlet.id] and needs_attention(outlet, checks[outlet.id]),
            known=known[outlet.id],
        )
        for outlet in selected
    ]


def needs_attention(outlet: Outlet, checks: Iterable[EndpointCheck]) -> bool:
    """Whether an outlet that should work has an end point called verified or listed that does not, or no way in at all."""
    on = [check for check in checks if is_on(outlet, check.url) and check.verdict is not EndpointVerdict.UNCHECKED]
    if not on or not outlet.enabled:
        return False
    promised = {e.url for e in outlet.endpoints if e.status in (EndpointStatus.VERIFIED, EndpointStatus.LISTED)}
    broken = [check for check in on if check.verdict in NO_ROUTE]
    return any(check.url in promised for check in broken) or (len(broken) == len(on) and is_expected(outlet))


def _checks(outlet: Outlet, readings: Sequence[FeedReading], busy: dict[str, str], now: datetime) -> tuple[EndpointCheck, ...]:
    found = []
    for endpoint in outlet.endpoints:
        reading = next((r for r in readings if r.outlet_id == outlet.id and same_page(r.url, endpoint.url, outlet)), None)
        if reading is None:
            holder = busy.get(host_key(endpoint.url))
            detail = f"{holder} crawls this host now" if holder else "the host wants no request yet"
            check = EndpointCheck(outlet_id=outlet.id, url=endpoint.url, verdict=EndpointVerdict.UNCHECKED, detail=detail, checked_at=now)
        else:
            verdict, detail = judge_reading(reading, endpoint.kind, now)
            check = EndpointCheck(
                outlet_id=outlet.id,
                url=endpoint.url,
                verdict=verdict,
                detail=detail,
                status=reading.status,
                entries=reading.entries,
                newest_at=reading.newest_at,
                checked_at=now,
            )
        found.append(check)
    return tuple(found)


def _all_on(outlet: Outlet) -> Outlet:
    points = tuple(endpoint.model_copy(update={"enabled": True}) for endpoint in outlet.endpoints)
    return outlet.model_copy(update={"enabled": True, "endpoints": points})


def count_verdicts(checks: Iterable[OutletCheck]) -> dict[str, int]:
    """How many end points have which verdict."""
    return dict(Counter(check.verdict.value for outlet in checks for check in outlet.endpoints))
