"""What a crawl is asked to do. Kept apart from the crawl itself, so that whoever asks need not import Scrapy."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlRequest:
    """One crawl, as the command line or the daemon asks for it. Stored with the run as JSON."""

    outlets: tuple[str, ...] = ()
    """Outlet ids; empty: all enabled ones."""
    since: datetime | None = None
    """Entries dated before are not planned; undated ones are."""
    until: datetime | None = None
    max_pages: int | None = None
    """Pages fetched at most, feeds not counted; the rest stays pending."""
    budget: int | None = None
    """As ``max_pages``, but chosen by promise for ``report``: coverage then says "sampled"."""
    report: str | None = None
    urls: tuple[str, ...] = ()
    """Fetch these pages by name, whether due or not."""
    listings: tuple[str, ...] = ()
    """Archive listings to read, as the cards' templates expand; see ``scheduler.backfill``."""
    by_ids: bool = False
    """Leave out entries whose id says that they are not of the time from ``since`` to ``until``."""
    feeds: bool = True
    """Plan the reading of feeds."""
    force_feeds: bool = True
    """Read feeds that are not due yet, too."""
    rechecks: bool = True
    """Look again at articles whose next look is due."""

    def to_dict(self) -> dict[str, Any]:
        """For JSON; times as ISO text."""
        values = asdict(self)
        for key in ("since", "until"):
            values[key] = values[key].isoformat() if values[key] else None
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> CrawlRequest:
        changed = dict(values)
        for key in ("since", "until"):
            changed[key] = datetime.fromisoformat(changed[key]) if changed.get(key) else None
        for key in ("outlets", "urls", "listings"):
            changed[key] = tuple(changed.get(key) or ())
        return cls(**changed)
