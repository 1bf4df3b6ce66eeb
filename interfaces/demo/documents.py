"""What the bundled newsroom is made of: sites and their documents, frozen; which page stands where in which world.

The world has two states. World 1 is what the first crawl sees; in world 2 the ``[changed]`` part of a document applies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from config.outlet import Outlet

FIRST_WORLD = 1
CHANGED_WORLD = 2

_LINK = re.compile(r"\[\[(https?://[^|\]\s]+)\|([^\]]+)\]\]")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


class DocumentKind(StrEnum):
    ARTICLE = "article"
    VIDEO = "video"
    LIVE = "live"


class AddressKind(StrEnum):
    """Why a document has another address."""

    TRACKING = "tracking"
    AMP = "amp"
    MIRROR = "mirror"


class Channel(StrEnum):
    """Where a document is announced; a site's listings each draw on one."""

    FEED = "feed"
    SITEMAP = "sitemap"
    VIDEO_SITEMAP = "video_sitemap"


class Dialect(StrEnum):
    """What a listing is written in."""

    RSS = "rss"
    ATOM = "atom"
    RDF = "rdf"
    SITEMAP_INDEX = "sitemap_index"
    SITEMAP = "sitemap"
    NEWS_SITEMAP = "news_sitemap"
    VIDEO_SITEMAP = "video_sitemap"

    @property
    def channel(self) -> Channel:
        if self in (Dialect.RSS, Dialect.ATOM, Dialect.RDF):
            return Channel.FEED
        return Channel.VIDEO_SITEMAP if self is Dialect.VIDEO_SITEMAP else Channel.SITEMAP


class SiteFault(StrEnum):
    """How a site fails its readers."""

    UNAVAILABLE = "unavailable"
    """503 to everything but robots.txt."""
    BOT_WALL = "bot_wall"
    """Listings are served; every page for people answers 403 with a "checking your browser" page."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words of a paragraph; ``href`` is None where it is not a link."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    pieces: tuple[Piece, ...]
    is_heading: bool = False

    @property
    def text(self) -> str:
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherAddress:
    """Another URL at which the same page is served and, where ``announced_in`` says so, announced."""

    url: str
    kind: AddressKind
    announced_in: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the publisher does to a page between the two worlds; None leaves a field as it was."""

    title: str | None = None
    lead: str | None = None
    body: str | None = None
    modified: datetime | None = None
    removed: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One page of one site as it stands in one world."""

    id: str
    site: str
    path: str
    """Absolute path, with the query where the site's addresses have one."""
    kind: DocumentKind
    published: datetime
    section: str
    title: str
    lead: str
    body: str
    authors: tuple[str, ...] = ()
    modified: datetime | None = None
    tags: tuple[str, ...] = ()
    duration_s: int | None = None
    announced_in: tuple[Channel, ...] = (Channel.FEED, Channel.SITEMAP)
    also_at: tuple[OtherAddress, ...] = ()
    changed: Change | None = None
    group: str = ""
    """Name of the folder it was read from."""
    host: str = ""
    """Of its site's card."""
    removed: bool = False
    """True in world 2 for a page that was taken down."""

    @property
    def url(self) -> str:
        return f"http://{self.host}{self.path}"

    @property
    def last_edit(self) -> datetime:
        return self.modified or self.published

    @property
    def number(self) -> str:
        """The digits that the CMS shows as the page's own number; empty for WordPress."""
        numbers = re.findall(r"\d{5,}", self.path)
        return numbers[-1] if numbers else ""

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(read_paragraphs(self.body))

    @property
    def text(self) -> str:
        """The body as a reader sees it, one line a paragraph: what a perfect extraction gives."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)

    def in_world(self, world: int) -> Document:
        if world < CHANGED_WORLD or self.changed is None:
            return self
        change = self.changed
        return replace(
            self,
            title=self.title if change.title is None else change.title,
            lead=self.lead if change.lead is None else change.lead,
            body=self.body if change.body is None else change.body,
            modified=change.modified or self.modified,
            removed=change.removed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """One feed or sitemap that a site serves."""

    url: str
    dialect: Dialect
    parts: tuple[str, ...] = ()
    """Addresses that a sitemap index names."""
    limit: int = 100
    """Newest entries only, as feeds do."""
    section: str = ""
    """Only documents of this section; empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """How a site is built and served. Who publishes it is on its outlet card."""

    id: str
    template: str
    charset: str = "utf-8"
    faults: tuple[SiteFault, ...] = ()
    validators: tuple[str, ...] = ("etag", "last_modified")
    """What it sends for conditional requests; an empty tuple: every answer is a full one."""
    compress: bool = False
    """Sends gzip to those who accept it."""
    shows_time: bool = True
    """False: a page shows the day only, and no machine-readable time."""
    crawl_delay_s: float | None = None
    disallow: tuple[str, ...] = ()
    prefix: str = "/"
    """Paths of this site on a host that several sites share."""
    sections: tuple[str, ...] = ()
    """Names in the navigation."""
    listings: tuple[Listing, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """All of it, frozen. Documents are those of world 1; ``in_world`` gives them as they stand later."""

    outlets: Mapping[str, Outlet]
    sites: Mapping[str, Site]
    documents: Mapping[str, Document]
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Words of the page furniture, by language."""

    def host_of(self, site_id: str) -> str:
        return urlsplit(self.outlets[site_id].homepage).netloc

    def hosts(self) -> tuple[str, ...]:
        """Every host that is served, mirrors and feed hosts too, sorted."""
        found = {self.host_of(site_id) for site_id in self.sites}
        for outlet in self.outlets.values():
            found.update(outlet.identity.mirrors)
        for site in self.sites.values():
            found.update(urlsplit(listing.url).netloc for listing in site.listings)
        return tuple(sorted(found))

    def of_site(self, site_id: str, world: int = FIRST_WORLD) -> tuple[Document, ...]:
        """The site's pages that stand in ``world``, newest first, removed ones left out."""
        standing = (document.in_world(world) for document in self.documents.values() if document.site == site_id)
        return tuple(sorted((d for d in standing if not d.removed), key=lambda d: (d.published, d.id), reverse=True))

    def edited_at(self, document_id: str, world: int) -> datetime:
        """When the page's file was last written: after a silent edit too, which shows no date to readers."""
        document = self.documents[document_id]
        if world < CHANGED_WORLD or document.changed is None:
            return document.last_edit
        return max(document.in_world(world).last_edit, document.last_edit + timedelta(minutes=1))

    def listings_edited_at(self, site_id: str, world: int) -> datetime:
        """When the site's feeds and sitemaps were last written: when its newest page was, and again after any change."""
        own = [document for document in self.documents.values() if document.site == site_id]
        newest = max(self.edited_at(document.id, world) for document in own)
        changed = world >= CHANGED_WORLD and any(document.changed for document in own)
        return newest + timedelta(minutes=1) if changed else newest


def read_paragraphs(body: str) -> Iterator[Paragraph]:
    """Split a body at its blank lines; ``## `` begins a heading, ``[[url|words]]`` is a link."""
    for block in _BLANK_LINE.split(body.strip("\n")):
        text = block.strip()
        if text.startswith("## "):
            heading, _, text = text.removeprefix("## ").partition("\n")
            yield Paragraph((Piece(heading.strip()),), is_heading=True)
        if text.strip():
            yield Paragraph(tuple(_read_pieces(text.strip().replace("\n", " "))))


def _read_pieces(text: str) -> Iterator[Piece]:
    position = 0
    for link in _LINK.finditer(text):
        if link.start() > position:
            yield Piece(text[position : link.start()])
        yield Piece(link[2], link[1])
        position = link.end()
    if position < len(text):
        yield Piece(text[position:])
