"""What each part of each outlet brought so far for the reports that are followed: what a crawl with a budget learns from.

A part is a section of the outlet's addresses, or the feed that announces its pages where addresses have no sections.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storage.deferred import defer_work
from storage.dialects import insert
from storage.models import PageRow, VisitRow, YieldRow
from storage.records import PageKind

MAX_SECTION = 60

WEIGHT = 0.3
"""What a part all of whose pages are on the subject adds to the promise of its next page; words add up to 1."""
PRIOR = 0.05
"""Share of pages on the subject that a part is taken to have before it was read, as if after PRIOR_PAGES pages."""
PRIOR_PAGES = 6
CURIOSITY = 0.08
"""What is added for a part of which nothing was read; it falls with the number of pages read, so that every part is tried."""

_NUMBERS = re.compile(r"[\d.-]*")


def section_of(url: str, feed_url: str = "") -> str:
    """The part of an outlet that a page belongs to; empty when neither its address nor the feed's tells.

    >>> section_of("http://a.example/politics/2022/11/20/some-headline.html")
    'politics'
    >>> section_of("http://a.example/a/32139461.html", "http://a.example/api/zrqiteuuir")
    'feed:/api/zrqiteuuir'
    """
    folders = [part for part in urlsplit(url).path.split("/")[1:-1] if len(part) > 2 and not _NUMBERS.fullmatch(part)]
    if folders:
        return folders[0].lower()[:MAX_SECTION]
    parts = urlsplit(feed_url)
    place = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return f"feed:{place}"[:MAX_SECTION] if place.strip("/") else ""


def note_read(session: Session, outlet_id: str, section: str, nearness: float) -> None:
    """Count one page that was read, at the end of the transaction. ``nearness`` 0..1 says how surely it is on a report's subject."""
    defer_work(session, _count_read, (outlet_id, section, nearness))


def _count_read(session: Session, read: Sequence[tuple[str, str, float]]) -> None:
    pages: Counter[tuple[str, str]] = Counter((outlet_id, section) for outlet_id, section, _ in read)
    near: defaultdict[tuple[str, str], float] = defaultdict(float)
    for outlet_id, section, nearness in read:
        near[outlet_id, section] += nearness
    # In one order, so that two crawls do not wait for each other's rows.
    for part in sorted(pages):
        values = {"outlet_id": part[0], "section": part[1], "pages": pages[part], "near": near[part]}
        statement = insert(session, YieldRow).values(**values)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=[YieldRow.outlet_id, YieldRow.section],
                set_={"pages": YieldRow.pages + statement.excluded.pages, "near": YieldRow.near + statement.excluded.near},
            )
        )


def promise() -> ColumnElement[float]:
    """What a visit's part adds to its own priority; to be used with an outer join on outlet and section."""
    pages, near = func.coalesce(YieldRow.pages, 0), func.coalesce(YieldRow.near, 0.0)
    share = (near + PRIOR * PRIOR_PAGES) / (pages + PRIOR_PAGES)
    # One over the count and not over its root: SQLite may be built without mathematics.
    found: ColumnElement[float] = WEIGHT * share + CURIOSITY / (1 + pages)
    return found


def pages_made(session: Session, outlet_ids: Collection[str], *, since: datetime) -> dict[str, int]:
    """How many pages of each outlet were visited since a time, feeds and sitemaps not counted; outlets without any are missing."""
    statement = (
        select(VisitRow.outlet_id, func.count())
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .where(VisitRow.outlet_id.in_(list(outlet_ids)), VisitRow.finished_at >= since)
        .where(PageRow.kind.in_((PageKind.ARTICLE, PageKind.VIDEO)))
        .group_by(VisitRow.outlet_id)
    )
    return dict(session.execute(statement).all())
