"""How the bytes at an address that announces pages are to be read: what the card says of it, or of where it was found. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from config.outlet import Archive, Endpoint, EndpointKind, Outlet
from storage.identity import same_page
from storage.records import ClaimedVisit, PageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What is said of one address."""

    kind: EndpointKind | None = None
    """None: nothing, so the bytes alone decide (children of a sitemap index)."""
    links: str = ""
    next_page: str = ""
    pages: int = 1
    """Pages for people that may be read in a row."""


def place_of(visit: ClaimedVisit, outlet: Outlet) -> Place:
    """How what is served at the visit's address is to be read."""
    for endpoint in outlet.endpoints:
        if same_page(endpoint.url, visit.url, outlet):
            return _place(endpoint)
    for archive in outlet.archives:
        if _template(archive.url).fullmatch(visit.url):
            return _place(archive)
    if visit.kind is not PageKind.FEED:
        return Place()
    # A further page of a listing: of the one whose address it shares most of.
    points: list[Endpoint | Archive] = [*outlet.endpoints, *outlet.archives]
    listings = [point for point in points if point.kind is EndpointKind.LISTING]
    if visit.depth > 0 and listings:
        return _place(max(listings, key=lambda point: _shared(point.url, visit.url)))
    return Place(kind=EndpointKind.FEED)


def archive_kind(url: str, outlet: Outlet) -> PageKind:
    """What the ledger calls an archive listing: a feed where its entries are dated by publication, else a sitemap."""
    archive = next((archive for archive in outlet.archives if _template(archive.url).fullmatch(url)), None)
    return PageKind.FEED if archive is not None and "sitemap" not in archive.kind else PageKind.SITEMAP


def _place(point: Endpoint | Archive) -> Place:
    return Place(kind=point.kind, links=point.links, next_page=point.next_page, pages=point.pages)


def _shared(first: str, second: str) -> int:
    """Characters that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False)))


@lru_cache(maxsize=500)
def _template(url: str) -> re.Pattern[str]:
    """Matches what an archive's template expands to."""
    return re.compile("".join(r"\d[\d-]*" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", url)))
