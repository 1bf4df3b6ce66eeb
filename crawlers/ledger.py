"""What the writer does for a crawl as a whole: plan, claim, lease, renew, release, end. Each function is one indivisible item.

All take a session first and may run twice (the writer repeats a lost group). What a visit found is written by ``findings``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from config.catalog import Catalog
from config.outlet import Outlet
from config.settings import Settings
from crawlers.discovery.places import archive_kind
from crawlers.request import CrawlRequest
from crawlers.writer import Session
from storage import addresses, hosts, outlets, pages, runs, visits
from storage.errors import ForgottenError
from storage.records import ClaimedVisit, PageKind
from storage.run_records import HostState, RunState

log = structlog.get_logger(__name__)

SILENT_LEASES = 4.0
"""A run that has not renewed for so many leases is over, wherever it ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Who writes: the same for all items of a crawl."""

    run_id: int
    holder: str
    settings: Settings
    outlets: Mapping[str, Outlet]
    clock: Callable[[], datetime]
    catalog: Catalog = field(default_factory=lambda: Catalog({}))
    """All outlets with cards: links to them are followed where a report is followed."""

    @property
    def lease_s(self) -> float:
        return self.settings.crawl.lease_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a claim brought: visits whose hosts are ours, those hosts' states, and who holds the others."""

    visits: tuple[ClaimedVisit, ...] = ()
    hosts: Mapping[str, HostState]
    held: Mapping[str, str]
    """Host key to "host:pid"."""


def plan(session: Session, run: RunContext, selected: Sequence[Outlet], request: CrawlRequest) -> frozenset[int] | None:
    """Plan what the request asks for. Returns the pages to which the crawl is restricted, or None for everything that is open."""
    now = run.clock()
    outlets.sync_outlets(session, selected, now)
    if request.feeds:
        pages.plan_feeds(session, selected, now=now, interval_s=run.settings.feed_interval_s, force=request.force_feeds)
    if request.rechecks:
        pages.plan_rechecks(session, [outlet.id for outlet in selected], now=now)
    for url in request.listings:
        outlet = outlet_at(url, selected)
        page_id = addresses.record_page(session, url=url, outlet=outlet, kind=archive_kind(url, outlet), now=now)
        pages.plan_visit(session, page_id, reason="backfill", priority=visits.FEED_PRIORITY, now=now)
    asked = set()
    for url in request.urls:
        outlet = outlet_at(url, selected)
        outlets.ensure_outlet(session, outlet, now)
        try:
            page_id = addresses.record_page(session, url=url, outlet=outlet, kind=PageKind.ARTICLE, now=now)
        except ForgottenError:
            log.warning("forgotten", outlet=outlet.id)
            continue
        pages.plan_visit(session, page_id, reason="asked", priority=1.0, now=now)
        asked.add(page_id)
    return frozenset(asked) if request.urls and not request.feeds else None


def outlet_at(url: str, selected: Sequence[Outlet]) -> Outlet:
    """The outlet whose card covers the address, else one made up for its host alone."""
    return Catalog({outlet.id: outlet for outlet in selected}).outlet_at(urlsplit(url).hostname or "", url)


def claim(
    session: Session,
    run: RunContext,
    *,
    limit: int,
    outlet_ids: Collection[str],
    busy: Collection[str],
    leased: Collection[str],
    page_ids: Collection[int] | None = None,
    feeds_only: bool = False,
    best_first: bool = False,
) -> Claim:
    """Claim visits and lease their hosts. Visits of hosts that another process holds are given back in the same transaction."""
    now = run.clock()
    found = visits.claim_visits(
        session,
        run.run_id,
        outlet_ids=outlet_ids,
        limit=limit,
        lease_s=run.lease_s,
        now=now,
        busy_hosts=busy,
        page_ids=page_ids,
        feeds_only=feeds_only,
        best_first=best_first,
    )
    wanted = {visit.host_key for visit in found} - set(leased)
    obtained = lease(session, run, wanted)
    refused = wanted - set(obtained)
    held: dict[str, str] = {}
    if refused:
        visits.release_visits(session, run.run_id, [visit.visit_id for visit in found if visit.host_key in refused])
        holders = hosts.lease_holders(session, refused, now)
        held = {key: holders.get(key, "another process") for key in refused}
    mine = tuple(visit for visit in found if visit.host_key not in refused)
    return Claim(visits=mine, hosts=obtained, held=held)


def lease(session: Session, run: RunContext, keys: Collection[str]) -> dict[str, HostState]:
    """Lease hosts for this process; those obtained."""
    if not keys:
        return {}
    return hosts.lease_hosts(session, keys, holder=run.holder, lease_s=run.lease_s, now=run.clock())


def renew(session: Session, run: RunContext) -> int:
    """Keep what this process holds: its run, its hosts, its visits. How many hosts that were."""
    now = run.clock()
    runs.heartbeat(session, run.run_id, now)
    visits.renew_visits(session, run.run_id, lease_s=run.lease_s, now=now)
    return hosts.renew_hosts(session, run.holder, lease_s=run.lease_s, now=now)


def release(session: Session, run: RunContext, visit_ids: Collection[int], *, not_before: datetime | None = None) -> int:
    return visits.release_visits(session, run.run_id, visit_ids, not_before=not_before)


def save_hosts(session: Session, states: Collection[HostState], with_rules: Collection[str] = ()) -> None:
    """Write down when these hosts may be asked again; of those in ``with_rules`` also what their robots.txt says."""
    for state in states:
        if state.key in with_rules:
            hosts.save_host(session, state)
        else:
            hosts.save_pace(session, state)


def close(
    session: Session, run: RunContext, *, state: RunState, discovered: int, failed: Sequence[str], states: Sequence[HostState], detail: str
) -> None:
    """End the run: give everything back that was claimed and leased, and write down how it ended."""
    save_hosts(session, states)
    visits.release_visits(session, run.run_id, None)
    hosts.release_hosts(session, run.holder)
    runs.close_run(session, run.run_id, state, now=run.clock(), failed_outlets=failed, discovered=discovered, detail=detail)


def take_over_dead(session: Session, run: RunContext) -> list[int]:
    """End the runs of processes that are gone, and free at once what they held. A killed crawl resumes without waiting."""
    freed = []
    now = run.clock()
    silent = timedelta(seconds=SILENT_LEASES * run.lease_s)
    for other in runs.stale_runs(session, now=now + timedelta(seconds=1), older_than_s=0):
        beat = other.heartbeat_at or other.started_at
        # A holder of our own name is a dead process whose number we were given.
        gone = runs.is_dead(other.holder) or other.holder == run.holder or now - beat > silent
        if other.run_id == run.run_id or not gone:
            continue
        visits.release_visits(session, other.run_id, None)
        hosts.release_hosts(session, other.holder)
        runs.close_run(session, other.run_id, RunState.INTERRUPTED, now=run.clock(), detail=f"its process {other.holder} is gone")
        freed.append(other.run_id)
    # A run may have been closed for a process that died by whoever had started it, and its hosts still be leased.
    for holder in hosts.holders(session, now):
        if holder != run.holder and runs.is_dead(holder):
            hosts.release_hosts(session, holder)
    return freed
