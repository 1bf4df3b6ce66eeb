"""What one item of the writer does to the database: each function is one indivisible step of a crawl.

All take a session first and may run twice (the writer repeats a lost group). They decide nothing about the network.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from config.catalog import Catalog
from config.outlet import Outlet
from config.settings import Settings
from crawlers.due import next_due
from crawlers.errors import VisitLostError
from crawlers.writer import Session
from storage import addresses, articles, captures, clusters, hosts, issues, outlets, pages, quarantine, runs, search, sightings, visits
from storage.identity import sha256_hex
from storage.records import (
    KEPT_BYTES,
    Capture,
    ClaimedVisit,
    Extraction,
    HostState,
    Outcome,
    PageClass,
    PageKind,
    RunState,
    VisitResult,
)

SILENT_LEASES = 4.0
"""A run that has not renewed for so many leases is over, wherever it ran."""

SAME_BODY_PAGES = 3
"""Pages of one host that may answer with the same bytes; beyond that they say "not found" in a friendly way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunContext:
    """Who writes: the same for all items of a crawl."""

    run_id: int
    holder: str
    settings: Settings
    outlets: Mapping[str, Outlet]
    clock: Callable[[], datetime]

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
    was_full: bool = False
    """As many were claimed as were asked for: there may be more."""


def plan(session: Session, run: RunContext, selected: Sequence[Outlet], request: Any) -> frozenset[int] | None:
    """Plan what the request asks for. Returns the pages to which the crawl is restricted, or None for everything that is open."""
    now = run.clock()
    outlets.sync_outlets(session, selected, now)
    if request.feeds:
        pages.plan_feeds(session, selected, now=now, interval_s=run.settings.feed_interval_s, force=request.force_feeds)
    if request.rechecks:
        pages.plan_rechecks(session, [outlet.id for outlet in selected], now=now)
    asked = set()
    for url in request.urls:
        outlet = outlet_at(url, selected)
        outlets.ensure_outlet(session, outlet, now)
        page_id = addresses.record_page(session, url=url, outlet=outlet, kind=PageKind.ARTICLE, now=now)
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
    return Claim(visits=mine, hosts=obtained, held=held, was_full=len(found) >= limit)


def lease(session: Session, run: RunContext, keys: Collection[str]) -> dict[str, HostState]:
    """Lease hosts for this process; those obtained."""
    if not keys:
        return {}
    return hosts.lease_hosts(session, keys, holder=run.holder, lease_s=run.lease_s, now=run.clock())


def renew(session: Session, run: RunContext) -> None:
    """Keep what this process holds: its run, its hosts, its visits."""
    now = run.clock()
    runs.heartbeat(session, run.run_id, now)
    hosts.renew_hosts(session, run.holder, lease_s=run.lease_s, now=now)
    visits.renew_visits(session, run.run_id, lease_s=run.lease_s, now=now)


def release(session: Session, run: RunContext, visit_ids: Collection[int], *, not_before: datetime | None = None) -> int:
    return visits.release_visits(session, run.run_id, visit_ids, not_before=not_before)


def store_capture(session: Session, run: RunContext, visit: ClaimedVisit, capture: Capture) -> int:
    """Store a response before anything is done with it."""
    capture_id = captures.record_capture(session, capture, page_id=visit.page_id, run_id=run.run_id)
    visits.attach_capture(session, visit.visit_id, capture_id)
    return capture_id


def load_capture(session: Session, capture_id: int) -> Capture:
    """What an interrupted run has stored."""
    return captures.load_capture(session, capture_id)


def judge_extraction(extraction: Extraction, *, keep_reserved: str = "") -> tuple[Outcome | None, str]:
    """What a page's class means for the visit. None: it is an article, and its identity decides.

    ``keep_reserved`` is the outlet card's reason for keeping texts that their publisher reserves; empty: the reservation holds.
    """
    match extraction.page_class:
        case PageClass.ARTICLE | PageClass.VIDEO | PageClass.LIVE_BLOG | PageClass.PAYWALL_STUB:
            if not extraction.noarchive:
                return None, ""
            return (None, f"reserved, kept: {keep_reserved}") if keep_reserved else (Outcome.METADATA_ONLY, "noarchive")
        case PageClass.CHALLENGE | PageClass.CONSENT_WALL | PageClass.LOGIN_WALL:
            return Outcome.BLOCKED, extraction.page_class.value
        case PageClass.SOFT_404 | PageClass.LISTING | PageClass.SCRIPT_SHELL:
            return Outcome.NOT_AN_ARTICLE, extraction.page_class.value
        case PageClass.EMPTY:
            return Outcome.EXTRACT_EMPTY, "no text found"


def finish(
    session: Session,
    run: RunContext,
    result: VisitResult,
    *,
    outcome: Outcome,
    capture_id: int | None = None,
    article_id: int | None = None,
    pause_s: float | None = None,
) -> Outcome:
    """End a visit with an outcome, keep unreadable bytes, and set when the page is looked at again.

    Raises: VisitLostError when the visit is no longer this run's; nothing of the item is then stored.
    """
    now = run.clock()
    published = result.extraction.published.at if result.extraction is not None else None
    if published is None and result.visit.entry is not None:
        published = result.visit.entry.published.at
    due = next_due(
        outcome,
        kind=result.visit.kind,
        published_at=published,
        now=now,
        recheck_s=run.settings.recheck_s,
        feed_interval_s=run.settings.feed_interval_s,
        pause_s=pause_s,
    )
    if not visits.finish_visit(
        session,
        result,
        run_id=run.run_id,
        outcome=outcome,
        detail=result.detail,
        capture_id=capture_id,
        article_id=article_id,
        next_due_at=due,
        now=now,
    ):
        raise VisitLostError(result.visit.visit_id)
    if outcome in KEPT_BYTES and result.capture is not None:
        quarantine.keep_bytes(session, result.visit.visit_id, reason=outcome, detail=result.detail, body=result.capture.body, now=now)
    if outcome is Outcome.GONE and result.visit.kind in (PageKind.ARTICLE, PageKind.VIDEO):
        articles.mark_gone(session, result.visit.page_id, now)
    return outcome


def finish_page(session: Session, run: RunContext, result: VisitResult, capture_id: int) -> Outcome:
    """Turn an extraction into article, revision, alias and copies, and end the visit with what came of it.

    Raises: VisitLostError.
    """
    assert result.extraction is not None and result.fingerprint is not None and result.capture is not None
    extraction = result.extraction
    outlet = run.outlets[result.visit.outlet_id]
    outcome, detail = judge_extraction(extraction, keep_reserved=outlet.keep_reserved)
    if outcome is None and _is_same_everywhere(session, result):
        outcome, detail = Outcome.NOT_AN_ARTICLE, PageClass.SOFT_404.value
    if outcome is Outcome.METADATA_ONLY:
        # The publisher wants no copy kept: neither the bytes nor the text, only what a card index would hold.
        captures.drop_body(session, capture_id)
        extraction = replace(extraction, text="", description="", links=())
    extraction_id = articles.record_extraction(session, capture_id, extraction)
    if outcome is not None and outcome is not Outcome.METADATA_ONLY:
        return finish(session, run, replace(result, detail=detail), outcome=outcome, capture_id=capture_id)
    change = articles.record_article(
        session,
        outlet=outlet,
        visit=result.visit,
        capture_id=capture_id,
        extraction_id=extraction_id,
        extraction=extraction,
        fingerprint=result.fingerprint,
        urls=_urls(result),
        now=run.clock(),
    )
    if outcome is Outcome.METADATA_ONLY:
        # The lemmas of a text are the text in another form; the headline alone is indexed.
        search.index_article(session, change.article_id, result.fingerprint.title_lemmas, "", result.fingerprint.lemmatiser)
    elif change.text_changed:
        search.index_article(
            session,
            change.article_id,
            result.fingerprint.title_lemmas,
            result.fingerprint.body_lemmas,
            result.fingerprint.lemmatiser,
        )
        clusters.record_copies(session, change.article_id, fingerprint=result.fingerprint, now=run.clock())
    return finish(
        session,
        run,
        replace(result, detail=detail or result.detail, extraction=extraction),
        outcome=outcome or change.outcome,
        capture_id=capture_id,
        article_id=change.article_id,
    )


def _urls(result: VisitResult) -> tuple[str, ...]:
    """The addresses of the page as ``record_article`` wants them: declared, arrived at, asked for."""
    assert result.capture is not None and result.extraction is not None
    found = [result.extraction.canonical_url, result.capture.final_url, result.visit.url]
    return tuple(dict.fromkeys(url for url in found if url))


def _is_same_everywhere(session: Session, result: VisitResult) -> bool:
    """Whether a host answers many addresses with these very bytes. A page that names another address as its own is an alias instead."""
    assert result.capture is not None and result.extraction is not None
    canonical = result.extraction.canonical_url
    if canonical and canonical not in (result.capture.final_url, result.visit.url):
        return False
    digest = sha256_hex(result.capture.body)
    return captures.pages_with_body(session, digest, result.visit.host_key) > SAME_BODY_PAGES


def finish_feed(
    session: Session,
    run: RunContext,
    result: VisitResult,
    *,
    since: datetime | None,
    until: datetime | None,
) -> sightings.SightingCounts:
    """Record what a feed announced, plan its pages, and end its visit.

    Raises: VisitLostError.
    """
    assert result.listing is not None
    outlet = run.outlets[result.visit.outlet_id]
    counts = sightings.SightingCounts()
    if result.listing.entries:
        counts = sightings.record_sightings(
            session, result.visit, outlet, result.listing, result.priorities, now=run.clock(), since=since, until=until
        )
    finish(session, run, result, outcome=result.listing.outcome)
    return counts


def quarantine_item(session: Session, run: RunContext, result: VisitResult, *, reason: str, capture_id: int | None) -> Outcome:
    """End a visit whose data the database or our own code could not take, and say so in an issue."""
    visit = result.visit
    issues.record_issue(
        session,
        key=f"item:{visit.page_id}",
        kind="quarantined",
        message=f"{visit.url}: {reason}",
        outlet_id=visit.outlet_id,
        data={"run": run.run_id, "visit": visit.visit_id},
        now=run.clock(),
    )
    # Whatever was refused may be in the result; only what the ledger itself made goes in again.
    bare = VisitResult(visit=visit, finished_at=result.finished_at, detail=reason[:500], status=result.status, capture=result.capture)
    return finish(session, run, bare, outcome=Outcome.QUARANTINED, capture_id=capture_id)


def save_hosts(session: Session, states: Collection[HostState]) -> None:
    """Write down when these hosts may be asked again, and what their robots.txt says."""
    for state in states:
        hosts.save_host(session, state)


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
    return freed
