"""One reading of one page: its text, the addresses it goes by, its dates, and what it says about whose text it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from config.outlet import Outlet
from storage.identity import article_identity, canonical_url, clean_url, normalise_text, own_identity, page_key
from storage.near_duplicates import shingle_set
from storage.records import ClaimedVisit, Extraction, PublishedTime
from storage.times import believe, better

SAME_PIECE = 0.5
"""Share of the shorter text's shingles that must be in the longer one when only a declared address says they are one article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading of one page, ready to be compared."""

    outlet: Outlet
    url: str
    """The address that answered."""
    asked_url: str
    declared_url: str
    """What the page says its address is; may be empty or false."""
    primary_url: str
    """The address by which the article is known, as far as this reading says."""
    capture_id: int
    captured_at: datetime
    extraction_id: int
    extraction: Extraction
    """As it is stored: see storage.extractions.sanitise_extraction."""
    normal_sha256: str
    published: PublishedTime
    now: datetime

    @property
    def language(self) -> str:
        return self.extraction.language or self.outlet.language


def publication_time(extraction: Extraction, visit: ClaimedVisit, now: datetime) -> PublishedTime:
    """When the piece was published, as its page or else the feed says."""
    announced = believe(visit.entry.published, now) if visit.entry is not None else PublishedTime()
    found = better(extraction.published, announced)
    # An unbelievable date is kept as the publisher wrote it.
    return found if found.at is not None or found.raw is not None else announced


def primary_url(outlet: Outlet, fetched: str, declared: str, identity: str) -> str:
    """The declared address where it names this very article, else the canonical form of the one that answered."""
    try:
        if declared and identity in (article_identity(outlet, declared)[1], own_identity(outlet, declared)):
            return clean_url(declared, outlet)
    except ValueError:
        pass
    return canonical_url(fetched, outlet)


def is_own_address(article_key: str, outlet: Outlet, asked: str, answered: str, declared: str) -> bool:
    """Whether a reading is of the article's own page: asked for or answered at its address, or at one that calls itself canonical.

    A publisher who renames an address often keeps both; an AMP form or a mirror never calls itself canonical.
    """
    answered_key = page_key(answered, outlet)
    if article_key in (answered_key, page_key(asked, outlet)):
        return True
    try:
        return bool(declared) and page_key(declared, outlet) == answered_key
    except ValueError:
        return False


def is_same_piece(title: str, text: str, extraction: Extraction) -> bool:
    """Whether a stored text and one under a merely declared address are one piece: one mostly inside the other, or both without text
    and with the same headline."""
    theirs, ours = shingle_set(text), shingle_set(extraction.text)
    if not theirs or not ours:
        return normalise_text(title) == normalise_text(extraction.title)
    return len(theirs & ours) / min(len(theirs), len(ours)) >= SAME_PIECE
