"""Sitemaps (sitemaps.org 0.9) with Google's news and video extensions, and sitemap indexes; streamed, so their size does not matter."""

from __future__ import annotations

import heapq
import io
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache

from lxml import etree

from config.outlet import EndpointKind
from crawlers.dates import read_duration, read_time
from crawlers.markup import absolute_url, plain_text
from storage.records import Entry, Listing, Outcome, PageKind, PublishedTime
from storage.sanitise import sanitise_line

DESCRIPTION_LIMIT = 5_000
TITLE_LIMIT = 1_000
_CLOSED = re.compile(rb"</(?:[\w.-]+:)?(?:urlset|sitemapindex)\s*>", re.IGNORECASE)
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, frozen=True)
class _Raw:
    """One ``<url>`` as far as it must be read to know whether it is kept."""

    address: str
    published: PublishedTime
    modified: PublishedTime
    values: dict[str, str]
    is_child: bool


@dataclass(slots=True)
class _Newest:
    """A heap that keeps the newest entries of a stream of any length, with their order."""

    limit: int
    heap: list[tuple[datetime, int, _Raw]] = field(default_factory=list)
    seen: int = 0

    def add(self, raw: _Raw) -> None:
        self.seen += 1
        key = raw.published.at or raw.modified.at or _OLDEST
        # The second part makes earlier listed entries win among equals, so that entries themselves are never compared.
        item = (key, -self.seen, raw)
        if len(self.heap) < self.limit:
            heapq.heappush(self.heap, item)
        elif item > self.heap[0]:
            heapq.heapreplace(self.heap, item)

    def in_order(self) -> list[_Raw]:
        return [raw for _, _, raw in sorted(self.heap, key=lambda item: -item[1])]


def read_sitemap(body: bytes, *, url: str, kind: EndpointKind | None = None, max_entries: int, now: datetime) -> Listing:
    """Entries of a sitemap or of a sitemap index (kind SITEMAP). Pure; what is broken gives what stood before the break."""
    body = _without_cut_end(body)
    kept = _Newest(limit=max_entries)
    dropped = 0
    found: set[str] = set()
    is_index = False
    fault = ""
    seen: set[str] = set()
    stream = etree.iterparse(
        io.BytesIO(body), events=("end",), recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        for _, element in stream:
            name = _name(element.tag) if isinstance(element.tag, str) else ""
            if name not in ("url", "sitemap"):
                continue
            is_child = name == "sitemap"
            is_index = is_index or is_child
            raw = _read_url(element, url=url, is_child=is_child, now=now)
            if raw is None:
                dropped += 1
            elif raw.address not in seen:
                seen.add(raw.address)
                found.update(name.partition(":")[0] for name in raw.values if ":" in name)
                kept.add(raw)
            _forget(element)
    except etree.XMLSyntaxError as error:
        fault = sanitise_line(str(error), 200)
    if not fault and len(stream.error_log):
        fault = sanitise_line(str(stream.error_log[0].message), 200)
    entries = tuple(_entry(raw, url=url, endpoint=kind) for raw in kept.in_order())
    dialect = "sitemap_index" if is_index else "video_sitemap" if "video" in found else "news_sitemap" if "news" in found else "sitemap"
    outcome = Outcome.FEED_READ if entries else Outcome.BAD_FEED if fault and not dropped else Outcome.FEED_EMPTY
    return Listing(dialect=dialect, entries=entries, outcome=outcome, fault=fault, truncated=kept.seen - len(entries), dropped=dropped)


def read_text_sitemap(body: bytes, *, url: str, max_entries: int) -> Listing | None:
    """A sitemap in the protocol's plain form, one address a line; None when the body is something else."""
    lines = [line.strip() for line in body.decode("utf-8", "replace").lstrip("\ufeff").splitlines()]
    lines = [line for line in lines if line]
    if not lines or any(not line.startswith(("http://", "https://")) or " " in line for line in lines[:50]):
        return None
    usable = [found for line in lines if (found := absolute_url(url, line))]
    addresses = dict.fromkeys(usable)
    entries = tuple(Entry(url=address) for address in list(addresses)[:max_entries])
    return Listing(
        dialect="sitemap",
        entries=entries,
        truncated=max(len(addresses) - max_entries, 0),
        dropped=len(lines) - len(usable),
    )


def _without_cut_end(body: bytes) -> bytes:
    """The body up to its last whole entry where the end is missing: half an address is another address."""
    if _CLOSED.search(body[-200:]):
        return body
    last = max(body.rfind(b"</url>"), body.rfind(b"</sitemap>"))
    if last >= 0:
        return body[: body.index(b">", last) + 1]
    first = re.search(rb"<(?:url|sitemap)[\s>]", body)
    return body[: first.start()] if first else body


def _read_url(element: etree._Element, *, url: str, is_child: bool, now: datetime) -> _Raw | None:
    """One ``<url>`` or ``<sitemap>``; None without a usable address."""
    values = _values(element)
    address = absolute_url(url, values.get("loc", ""))
    if address is None:
        return None
    published = PublishedTime()
    for name in ("news:publication_date", "video:publication_date"):
        if published.at is None and values.get(name):
            published = read_time(values[name], source="sitemap", now=now)
    modified = read_time(values.get("lastmod"), source="sitemap", now=now)
    return _Raw(address, published, modified, values, is_child)


def _entry(raw: _Raw, *, url: str, endpoint: EndpointKind | None) -> Entry:
    values = raw.values
    if raw.is_child:
        return Entry(url=raw.address, kind=PageKind.SITEMAP, modified=_clean(raw.modified))
    has_video = any(name.startswith("video:") for name in values)
    has_news = any(name.startswith("news:") for name in values)
    return Entry(
        url=raw.address,
        # A news sitemap may name the film inside an article; that page is an article all the same.
        kind=PageKind.VIDEO if has_video and (endpoint is EndpointKind.VIDEO_SITEMAP or not has_news) else PageKind.ARTICLE,
        title=sanitise_line(plain_text(values.get("news:title") or values.get("video:title") or ""), TITLE_LIMIT),
        description=sanitise_line(plain_text(values.get("video:description", "")), DESCRIPTION_LIMIT),
        published=_clean(raw.published),
        modified=_clean(raw.modified),
        duration_s=read_duration(values.get("video:duration")),
        thumbnail_url=absolute_url(url, values.get("video:thumbnail_loc", "")) or "",
        language=_language(values.get("news:language", "")),
    )


def _values(element: etree._Element) -> dict[str, str]:
    """First text of each field: "loc", "lastmod", "news:title", "video:duration"; nested ones by their own name."""
    values: dict[str, str] = {}
    for child in element.iterdescendants():
        if not isinstance(child.tag, str):
            continue
        text = child.text
        if len(child):
            # CDATA and unresolved entities are text too; elements inside are fields of their own.
            if any(isinstance(part.tag, str) for part in child):
                continue
            text = "".join(child.itertext())
        if text and (text := text.strip()):
            values.setdefault(_name(child.tag), text)
    return values


@lru_cache(maxsize=1_000)
def _name(tag: str) -> str:
    """ "url", "loc"; with "news:" or "video:" before it for Google's extensions, be they declared or merely prefixed."""
    space, _, local = tag.rpartition("}")
    prefix, _, local = local.rpartition(":")
    match = re.search(r"sitemap-(news|video|image|mobile|pagemap)|(xhtml)", space)
    prefix = (match[1] or match[2]) if match else prefix.lower()
    return f"{prefix}:{local.lower()}" if prefix else local.lower()


def _forget(element: etree._Element) -> None:
    """Free what was read, or a sitemap of 50 MB stays in memory as a tree of ten times that."""
    element.clear()
    parent = element.getparent()
    if parent is not None:
        while element.getprevious() is not None:
            del parent[0]


def _language(raw: str) -> str:
    code = raw.strip().lower()[:2]
    return "uk" if code == "ua" else code if len(code) == 2 and code.isalpha() else ""


def _clean(found: PublishedTime) -> PublishedTime:
    return replace(found, raw=sanitise_line(found.raw, 100)) if found.raw else found
