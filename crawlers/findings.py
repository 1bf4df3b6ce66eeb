"""What the writer does with what a visit found: captures, extractions, articles, sightings, and the visit's one outcome.

Each function is one indivisible item. All take a session first and may run twice (the writer repeats a lost group).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from config.outlet import EndpointKind, Outlet
from crawlers.due import next_due
from crawlers.errors import VisitLostError
from crawlers.guard import is_on_site
from crawlers.learning import learn_from
from crawlers.ledger import RunContext
from crawlers.rhythm import next_reading_s
from crawlers.writer import Session
from storage import articles, captures, clusters, endpoints, erasure, issues, pages, quarantine, search_index, sightings, visits
from storage.identity import article_identity, own_identity, page_key, sha256_hex
from storage.near_duplicates import fingerprint, headline_only
from storage.records import (
    KEPT_BYTES,
    TRANSCRIPT,
    Capture,
    ClaimedVisit,
    Entry,
    Extraction,
    Listing,
    Outcome,
    PageClass,
    PageKind,
    VisitResult,
)
from storage.tombstones import article_mark, find_buried, page_mark

SAME_BODY_PAGES = 3
"""Pages of one host that may answer with the same bytes; beyond that they say "not found" in a friendly way."""


LONGEST_FACTOR = 4.0
"""Longest time between two readings of a working feed, in ``feed_interval_s``, where its card gives none."""


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
    is_page = result.visit.kind in (PageKind.ARTICLE, PageKind.VIDEO)
    standing = None
    if is_page and (published is None or outcome in (Outcome.GONE, Outcome.NOT_AN_ARTICLE)):
        standing = pages.page_standing(session, result.visit.page_id)
        published = published or standing.published_at
    bounds = run.outlets[result.visit.outlet_id].politeness
    due = next_due(
        outcome,
        kind=result.visit.kind,
        published_at=published,
        now=now,
        recheck_s=bounds.recheck_min_s or run.settings.recheck_s,
        feed_interval_s=run.settings.feed_interval_s,
        first_seen_at=standing.first_seen_at if standing is not None else None,
        delay_s=max(bounds.delay_s or 0.0, run.settings.crawl.delay_s),
        holds_article=standing is not None and standing.holds_article,
        pause_s=pause_s,
        reading_s=None if is_page else _reading_s(session, run, result, outcome, now),
    )
    if not visits.finish_visit(
        session,
        result,
        run_id=run.run_id,
        outcome=outcome,
        detail=result.detail,
        capture_id=capture_id,
        article_id=article_id,
        # Subtitles are read once: who corrects them corrects the video's page.
        next_due_at=None if result.visit.entry is not None and result.visit.entry.video_url else due,
        now=now,
    ):
        raise VisitLostError(result.visit.visit_id)
    if outcome in KEPT_BYTES and result.capture is not None:
        quarantine.keep_bytes(session, result.visit.visit_id, reason=outcome, detail=result.detail, body=result.capture.body, now=now)
    if standing is not None and (outcome is Outcome.GONE or (standing.holds_article and _says_not_found(result))):
        articles.mark_gone(session, result.visit.page_id, now)
    learn_from(session, run, result, outcome, article_id)
    return outcome


def finish_unasked(session: Session, run: RunContext, refused: Sequence[tuple[VisitResult, Outcome]]) -> None:
    """End visits for which nobody was asked. One that is no longer this run's is somebody else's to end."""
    for result, outcome in refused:
        with suppress(VisitLostError):
            finish(session, run, result, outcome=outcome)


def _says_not_found(result: VisitResult) -> bool:
    """Whether a page that answers 200 says in words that there is nothing."""
    return result.extraction is not None and result.extraction.page_class is PageClass.SOFT_404


def _reading_s(session: Session, run: RunContext, result: VisitResult, outcome: Outcome, now: datetime) -> float:
    """Seconds until this feed is read again, within its card's bounds."""
    bounds = run.outlets[result.visit.outlet_id].politeness
    low_s = bounds.poll_min_s or run.settings.feed_interval_s
    state = endpoints.feed_state(session, result.visit.page_id)
    entries = result.listing.entries if result.listing is not None else ()
    return next_reading_s(
        outcome,
        # The last edits of a sitemap's pages are no publications.
        [entry.published.at for entry in entries if entry.published.at is not None],
        now=now,
        previous_s=state.interval_s,
        failures=state.failures,
        low_s=low_s,
        high_s=max(low_s, bounds.poll_max_s or LONGEST_FACTOR * run.settings.feed_interval_s),
    )


def finish_page(session: Session, run: RunContext, result: VisitResult, capture_id: int) -> Outcome:
    """Turn an extraction into article, revision, alias and copies, and end the visit with what came of it.

    Raises: VisitLostError.
    """
    assert result.extraction is not None and result.fingerprint is not None and result.capture is not None
    extraction = result.extraction
    outlet = run.outlets[result.visit.outlet_id]
    video_url = result.visit.entry.video_url if result.visit.entry is not None else ""
    if video_url:
        # Published subtitles are the words of their video: they belong to its article, and to no other.
        result = _as_of(result, video_url)
    if _is_forgotten(session, outlet, result):
        erasure.forget_page(session, result.visit.page_id, now=run.clock())
        nameless = VisitResult(visit=result.visit, finished_at=result.finished_at, status=result.status)
        return finish(session, run, nameless, outcome=Outcome.FORGOTTEN)
    outcome, detail = judge_extraction(extraction, keep_reserved=outlet.keep_reserved)
    if outcome is None and _is_same_everywhere(session, result):
        outcome, detail = Outcome.NOT_AN_ARTICLE, PageClass.SOFT_404.value
    if outcome is Outcome.METADATA_ONLY:
        # The publisher wants no copy kept: neither the bytes nor the text, only what a card index would hold.
        captures.drop_body(session, capture_id)
        extraction = replace(extraction, text="", description="", links=())
        assert result.fingerprint is not None
        # Nor its lemmas and shingles, which are the text in another form; the headline alone is indexed.
        result = replace(result, fingerprint=headline_only(result.fingerprint, extraction.title))
    if extraction.extractor == TRANSCRIPT:
        attached = articles.with_transcript(session, outlet, result.visit.url, extraction)
        if video_url and attached is extraction:
            return finish(session, run, replace(result, detail="subtitles of a video that is not stored"), outcome=Outcome.NOT_AN_ARTICLE)
        extraction, detail = attached, "transcript attached"
        result = replace(result, fingerprint=fingerprint(extraction.title, extraction.text, extraction.language))
    elif video_url:
        return finish(session, run, replace(result, detail="no subtitles"), outcome=Outcome.NOT_AN_ARTICLE, capture_id=capture_id)
    assert result.fingerprint is not None
    extraction_id = articles.record_extraction(session, capture_id, extraction, capture=result.capture)
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
        capture=result.capture,
    )
    if outcome is Outcome.METADATA_ONLY:
        # Also where nothing changed: the text was kept until its publisher asked for no copy.
        search_index.index_article(session, change.article_id, result.fingerprint.title_lemmas, "", result.fingerprint.lemmatiser)
    elif change.text_changed:
        search_index.index_article(
            session,
            change.article_id,
            result.fingerprint.title_lemmas,
            result.fingerprint.body_lemmas,
            result.fingerprint.lemmatiser,
        )
        clusters.compare_later(session, change.article_id, fingerprint=result.fingerprint, now=run.clock())
    if change.outcome in (Outcome.STORED, Outcome.REVISED):
        _plan_tracks(session, run, outlet, result)
    return finish(
        session,
        run,
        replace(result, detail=detail or result.detail, extraction=extraction),
        outcome=outcome or change.outcome,
        capture_id=capture_id,
        article_id=change.article_id,
    )


def _as_of(result: VisitResult, url: str) -> VisitResult:
    """The result as if it had been found at another address."""
    assert result.capture is not None
    capture = replace(result.capture, requested_url=url, final_url=url)
    return replace(result, visit=replace(result.visit, url=url), capture=capture)


def _plan_tracks(session: Session, run: RunContext, outlet: Outlet, result: VisitResult) -> None:
    """Plan a visit of the subtitles that a video's page publishes on its outlet's own hosts; robots.txt is asked as for any page."""
    assert result.extraction is not None and result.capture is not None
    for url in result.extraction.tracks:
        if is_on_site(urlsplit(url).hostname or "", outlet):
            sightings.announce_track(session, outlet, result.visit.page_id, url, result.capture.final_url, now=run.clock())


def _is_forgotten(session: Session, outlet: Outlet, result: VisitResult) -> bool:
    """Whether the page is, or leads to, what ``db forget`` has erased."""
    urls = _urls(result)
    assert result.extraction is not None
    fetched = [url for url in urls if url != result.extraction.canonical_url] or list(urls)
    space, identity = article_identity(outlet, *urls, declared=result.extraction.canonical_url)
    marks = {article_mark(space, identity), article_mark(space, own_identity(outlet, fetched[0]))}
    marks |= {page_mark(page_key(url, outlet)) for url in fetched}
    return bool(find_buried(session, marks))


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


SLICE = 100
"""Entries of a feed written in one go: some 16 ms. A feed may list thousands, and other outlets' pages are waiting."""


def announced_in(result: VisitResult) -> list[tuple[Entry, float]]:
    """The entries of a feed that are written down, each with its priority; without the next page of a listing."""
    assert result.listing is not None
    is_listing = result.listing.dialect == EndpointKind.LISTING.value
    pairs = zip(result.listing.entries, result.priorities, strict=True)
    return [(entry, priority) for entry, priority in pairs if not (is_listing and entry.kind is PageKind.FEED)]


def record_announced(
    session: Session,
    run: RunContext,
    result: VisitResult,
    announced: Sequence[tuple[Entry, float]],
    *,
    since: datetime | None,
    until: datetime | None,
) -> sightings.SightingCounts:
    """Record a part of what a feed announced, and plan its pages. The visit goes on."""
    assert result.listing is not None
    if not announced:
        return sightings.SightingCounts()
    part = replace(result.listing, entries=tuple(entry for entry, _ in announced))
    priorities = [priority for _, priority in announced]
    outlet = run.outlets[result.visit.outlet_id]
    return sightings.record_sightings(session, result.visit, outlet, part, priorities, now=run.clock(), since=since, until=until)


def finish_feed(
    session: Session,
    run: RunContext,
    result: VisitResult,
    announced: Sequence[tuple[Entry, float]],
    *,
    before: sightings.SightingCounts,
    since: datetime | None,
    until: datetime | None,
) -> sightings.SightingCounts:
    """Record the last part of what a feed announced, and end its visit. ``before`` counts the other parts; the whole comes back.

    Raises: VisitLostError.
    """
    assert result.listing is not None
    counts = before + record_announced(session, run, result, announced, since=since, until=until)
    listing = result.listing
    if listing.dialect == EndpointKind.LISTING.value:
        following = tuple(entry for entry in listing.entries if entry.kind is PageKind.FEED)
        pages = replace(listing, entries=tuple(entry for entry in listing.entries if entry.kind is not PageKind.FEED))
        if following and _goes_on(pages, counts, since):
            outlet = run.outlets[result.visit.outlet_id]
            sightings.record_sightings(session, result.visit, outlet, replace(listing, entries=following), (), now=run.clock())
    finish(session, run, result, outcome=listing.outcome)
    return counts


def _goes_on(listing: Listing, counts: sightings.SightingCounts, since: datetime | None) -> bool:
    """Whether the next page of a listing is read: while pages bring something new or, for a time asked for, until it is passed."""
    if since is None:
        return counts.new_pages > 0
    return any(entry.published.at is None or entry.published.at >= since for entry in listing.entries)


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
