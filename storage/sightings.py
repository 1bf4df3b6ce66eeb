"""What a feed or sitemap announced: pages made, sightings kept, visits planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select, update
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.addresses import move_page, page_values, record_page
from storage.dialects import add_rows, chunks
from storage.errors import ForgottenError
from storage.identity import canonical_url, clean_url, headline_mark, page_key
from storage.models import OPEN, PageRow, SightingRow, VisitRow
from storage.records import ClaimedVisit, Entry, Listing, PageKind
from storage.sanitise import sanitise_line, sanitise_text, sanitise_url
from storage.times import believe
from storage.tombstones import find_buried, page_mark
from storage.visits import FEED_PRIORITY, PAGES, visit_values
from storage.yields import section_of

CHUNK = 400
"""Entries looked at in one go."""
TRACK_PRIORITY = 0.6
"""Of the subtitles of a video that was read: above most pages, whose subject nobody knows."""
MAX_DURATION_S = 7 * 24 * 3600
"""A longer "video" is a mistake; the column is a 32-bit number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SightingCounts:
    """What came of one listing. Entries = ``new_pages + known + repeated + refused``."""

    new_pages: int = 0
    """Seen for the first time."""
    known: int = 0
    planned: int = 0
    """Visits planned for new pages, and for known ones that were never visited or are due sitemaps."""
    outside: int = 0
    """Left unplanned because of ``since`` and ``until``; recorded all the same."""
    repeated: int = 0
    """Listed twice in this listing."""
    refused: int = 0
    """Without a usable address, or with one that was erased on request."""

    def __add__(self, other: SightingCounts) -> SightingCounts:
        """What came of two parts of one listing; what both of them list counts as known in the second."""
        return SightingCounts(
            new_pages=self.new_pages + other.new_pages,
            known=self.known + other.known,
            planned=self.planned + other.planned,
            outside=self.outside + other.outside,
            repeated=self.repeated + other.repeated,
            refused=self.refused + other.refused,
        )


@dataclass(slots=True)
class _Known:
    """What has to be known of a page to decide on it."""

    id: int
    url: str
    outlet_id: str
    host_key: str
    kind: str
    last_visit_at: datetime | None
    next_due_at: datetime | None


def record_sightings(
    session: Session,
    feed: ClaimedVisit,
    outlet: Outlet,
    listing: Listing,
    priorities: Sequence[float],
    *,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> SightingCounts:
    """Record what ``feed`` announced. New pages get a visit, best first; known ones only a later ``last_seen_at``.

    ``priorities`` has one number (0..1) an entry, or is empty. A page that was left out by ``since``/``until`` is planned when a
    later reading without them lists it again.
    """
    entries: dict[str, tuple[Entry, float]] = {}
    refused = repeated = 0
    for position, entry in enumerate(listing.entries):
        try:
            key = page_key(entry.url, outlet)
        except ValueError:
            refused += 1
            continue
        if key in entries:
            repeated += 1
        else:
            entries[key] = (entry, priorities[position] if position < len(priorities) else 0.0)
    buried = find_buried(session, [page_mark(key) for key in entries])
    refused += len(buried)
    entries = {key: found for key, found in entries.items() if page_mark(key) not in buried}
    known = _load(session, list(entries))
    new = [key for key in entries if key not in known]
    for part in chunks(new, CHUNK):
        rows = [
            page_values(
                entries[key][0].url, key=key, outlet=outlet, kind=entries[key][0].kind, now=now, depth=_depth(feed, entries[key][0])
            )
            for key in part
        ]
        add_rows(session, PageRow, rows, missing_only=True)
    pages = {**known, **_load(session, new)}
    _see(session, feed, entries, pages, now)
    outside = 0
    visits = []
    for key, (entry, priority) in entries.items():
        page = pages[key]
        if key in known:
            _prefer_canonical(session, page, entry.url, outlet)
        if page.id == feed.page_id or not _is_wanted(page, now):
            continue
        if _is_outside(entry, since, until, now):
            outside += 1
        else:
            first = FEED_PRIORITY if page.kind not in PAGES else priority
            section = section_of(page.url, feed.url)
            visits.append(visit_values(page.id, page.outlet_id, page.host_key, reason="new", priority=first, now=now, section=section))
    planned = _plan(session, visits)
    return SightingCounts(new_pages=len(new), known=len(known), planned=planned, outside=outside, repeated=repeated, refused=refused)


def announce_track(session: Session, outlet: Outlet, video_page_id: int, url: str, video_url: str, *, now: datetime) -> None:
    """Record that the page of a video names its subtitles, and plan a visit of them unless they were ever visited. Idempotent."""
    try:
        page_id = record_page(session, url=url, outlet=outlet, kind=PageKind.VIDEO, now=now)
    except (ForgottenError, ValueError):
        return
    page = session.execute(select(PageRow.url, PageRow.host_key, PageRow.last_visit_at).where(PageRow.id == page_id)).one()
    if page_id == video_page_id or page.last_visit_at is not None:
        return
    values = _sighting_values(video_page_id, page_id, Entry(url=url, kind=PageKind.VIDEO, video_url=video_url), now)
    add_rows(session, SightingRow, [values], missing_only=True)
    _plan(session, [visit_values(page_id, outlet.id, page.host_key, reason="transcript", priority=TRACK_PRIORITY, now=now)])


def _load(session: Session, keys: Sequence[str]) -> dict[str, _Known]:
    found = {}
    columns = (PageRow.url_sha256, PageRow.id, PageRow.url, PageRow.outlet_id, PageRow.host_key, PageRow.kind)
    for part in chunks(keys):
        statement = select(*columns, PageRow.last_visit_at, PageRow.next_due_at).where(PageRow.url_sha256.in_(part))
        for key, *rest in session.execute(statement):
            found[key] = _Known(*rest)  # type: ignore[arg-type]
    return found


def _see(session: Session, feed: ClaimedVisit, entries: dict[str, tuple[Entry, float]], pages: dict[str, _Known], now: datetime) -> None:
    for part in chunks(list(entries), CHUNK):
        of_these = and_(SightingRow.feed_page_id == feed.page_id, SightingRow.page_id.in_([pages[key].id for key in part]))
        before = set(session.scalars(select(SightingRow.page_id).where(of_these)))
        if before:
            session.execute(update(SightingRow).where(of_these).values(last_seen_at=now))
        new = [_sighting_values(feed.page_id, pages[key].id, entries[key][0], now) for key in part if pages[key].id not in before]
        add_rows(session, SightingRow, new, missing_only=True)


def _plan(session: Session, visits: Sequence[Mapping[str, Any]]) -> int:
    """Plan those whose page has no open visit yet; how many."""
    planned = 0
    for part in chunks(visits, CHUNK):
        pages = [visit["page_id"] for visit in part]
        waiting = set(session.scalars(select(VisitRow.page_id).where(VisitRow.page_id.in_(pages), OPEN)))
        new = [visit for visit in part if visit["page_id"] not in waiting]
        add_rows(session, VisitRow, new, missing_only=True)
        planned += len(new)
    return planned


def _sighting_values(feed_page_id: int, page_id: int, entry: Entry, now: datetime) -> dict[str, Any]:
    published, modified = believe(entry.published, now), believe(entry.modified, now)
    title = sanitise_line(entry.title)
    duration = entry.duration_s if entry.duration_s is not None and 0 <= entry.duration_s <= MAX_DURATION_S else None
    return {
        "page_id": page_id,
        "feed_page_id": feed_page_id,
        "first_seen_at": now,
        "last_seen_at": now,
        "title": title,
        "headline": headline_mark(title),
        "description": sanitise_text(entry.description, 5000),
        "published_at": published.at,
        "published_precision": published.precision,
        "published_raw": published.raw,
        "modified_at": modified.at,
        "modified_raw": modified.raw,
        "entry": {
            "url": sanitise_url(entry.url),
            "kind": entry.kind,
            "guid": sanitise_line(entry.guid),
            "duration_s": duration,
            "thumbnail_url": sanitise_url(entry.thumbnail_url)[:4000],
            "language": sanitise_line(entry.language, 8),
            **({"video_url": sanitise_url(entry.video_url)} if entry.video_url else {}),
            "source": published.source or "feed",
        },
    }


def _prefer_canonical(session: Session, page: _Known, url: str, outlet: Outlet) -> None:
    """See ``storage.pages.record_page``."""
    clean = clean_url(url, outlet)
    if clean != page.url and clean == canonical_url(url, outlet) and page.url != canonical_url(page.url, outlet):
        move_page(session, page.id, clean)


def _is_wanted(page: _Known, now: datetime) -> bool:
    """A page that was never visited; or a child sitemap whose time has come. Articles are looked at again by plan_rechecks."""
    if page.last_visit_at is None:
        return True
    return page.kind not in PAGES and page.next_due_at is not None and page.next_due_at <= now


def _is_outside(entry: Entry, since: datetime | None, until: datetime | None, now: datetime) -> bool:
    """Whether what the entry says of its time rules it out. One without a time is never ruled out."""
    published, modified = believe(entry.published, now).at, believe(entry.modified, now).at
    if entry.kind not in PAGES:
        # A child sitemap's time is its newest page's: an older one holds nothing wanted, a newer one may hold anything.
        latest = modified or published
        return since is not None and latest is not None and latest < since
    # What was last changed before ``since`` was published before it, too.
    latest = published or modified
    if since is not None and latest is not None and latest < since:
        return True
    return until is not None and published is not None and published > until


def _depth(feed: ClaimedVisit, entry: Entry) -> int:
    return feed.depth + 1 if entry.kind in (PageKind.SITEMAP, PageKind.FEED) else 0
