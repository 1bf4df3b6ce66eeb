"""One reading of an address that announces pages: what the bytes are decides, not what the server or the card calls them."""

from __future__ import annotations

import re
import zlib
from datetime import datetime

from config.outlet import EndpointKind
from crawlers.discovery.feed import read_feed
from crawlers.discovery.json_feed import read_json
from crawlers.discovery.page_links import read_page_links
from crawlers.discovery.sitemap import read_sitemap, read_text_sitemap
from storage.records import Listing, Outcome

MAX_BYTES = 50 * 1024 * 1024
"""Bytes after inflation; the limit that sitemaps.org sets for one sitemap. Readers stream, so memory stays far below."""

MAX_STRANGE_BYTES = 10 * 1024 * 1024
"""The same for what does not even begin like a listing."""

_SITEMAP_ROOTS = ("urlset", "sitemapindex")
_FEED_ROOTS = ("rss", "rdf", "feed", "channel")

_PROLOG = 16_384
"""Bytes in which the first element is looked for."""

_SKIPPED = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>|<[?!][^>]*>", re.DOTALL | re.IGNORECASE)
_ELEMENT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_ENTITY = re.compile(rb"<!ENTITY\s+(?:%\s+)?[\w.-]+\s+([^>]*)>", re.IGNORECASE)
_MAX_ENTITIES = 300
"""All of HTML's Latin ones are declared in some feeds; more is no feed's business."""


class _TooLargeError(Exception):
    """Inflation went over the limit. Never leaves this module."""


def read_listing(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    kind: EndpointKind | None = None,
    links: str = "",
    next_page: str = "",
    max_entries: int,
    now: datetime,
    max_bytes: int = MAX_BYTES,
) -> Listing:
    """Entries of a feed, sitemap, JSON list or page for people, gzipped or not. Pure, and never raises over the content of ``body``.

    ``url`` is where it came from, for relative links; ``kind`` what the card says it is (it only helps where the bytes do not
    tell, and an HTML page is a listing only where it says so); ``links`` and ``next_page`` as in ``page_links``; at most
    ``max_entries`` entries, the newest, in their order; times after ``now`` are not believed.
    """
    try:
        body = _inflated(body, max_bytes)
    except _TooLargeError:
        return Listing(dialect="", outcome=Outcome.TOO_LARGE, fault=f"more than {max_bytes} bytes after inflation")
    except zlib.error as error:
        return Listing(dialect="", outcome=Outcome.BAD_FEED, fault=f"broken gzip: {error}")
    if len(body) > max_bytes:
        return Listing(dialect="", outcome=Outcome.TOO_LARGE, fault=f"{len(body)} bytes")
    if body[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return read_json(body, url=url, max_entries=max_entries, now=now)
    if kind in (EndpointKind.LISTING, EndpointKind.FEED_INDEX) and root_name(body) not in _FEED_ROOTS:
        return read_page_links(
            body, url=url, kind=kind, content_type=content_type, links=links, next_page=next_page, max_entries=max_entries, now=now
        )
    body = _as_ascii_superset(body)
    if not body.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        return Listing(dialect="", outcome=Outcome.FEED_EMPTY, fault="empty body")
    fault = _entity_fault(body)
    if fault:
        return Listing(dialect="", outcome=Outcome.BAD_FEED, fault=fault)
    root = root_name(body)
    if root in _SITEMAP_ROOTS:
        return read_sitemap(body, url=url, kind=kind, max_entries=max_entries, now=now)
    if root in _FEED_ROOTS:
        return read_feed(body, url=url, content_type=content_type, max_entries=max_entries, now=now)
    if root in ("html", "head", "body"):
        return Listing(dialect="", outcome=Outcome.NOT_A_FEED, fault="an HTML page")
    if not root and kind is not EndpointKind.FEED:
        lines = read_text_sitemap(body, url=url, max_entries=max_entries)
        if lines is not None:
            return lines
    if len(body) > MAX_STRANGE_BYTES:
        return Listing(dialect="", outcome=Outcome.TOO_LARGE, fault=f"{len(body)} bytes of what is no listing")
    # Fragments, wrong prologs and exotic encodings: feedparser makes a feed of some of them.
    found = read_feed(body, url=url, content_type=content_type, max_entries=max_entries, now=now)
    if found.entries:
        return found
    what = f"its first element is <{root}>" if root else "no element in it"
    return Listing(dialect="", outcome=Outcome.NOT_A_FEED, fault=what)


def root_name(body: bytes) -> str:
    """Lower-case name of the first element without its prefix; empty when none begins in the first 16 KiB."""
    head = body[:_PROLOG].lstrip(b"\xef\xbb\xbf\0")
    position = 0
    while match := _SKIPPED.match(head, position):
        position = match.end()
    match = _ELEMENT.match(head, position) or (_ELEMENT.search(head, position) if b"<" in head[position : position + 200] else None)
    return match[1].decode("ascii", "replace").lower() if match else ""


def _inflated(body: bytes, max_bytes: int) -> bytes:
    """The body without its gzip layers (at most two); what follows the stream is ignored, as browsers do.

    Raises: _TooLargeError, zlib.error.
    """
    for _ in range(2):
        if not body.startswith(b"\x1f\x8b\x08"):
            break
        parts: list[bytes] = []
        size = 0
        while body.startswith(b"\x1f\x8b\x08"):
            member = zlib.decompressobj(31)
            part = member.decompress(body, max_bytes + 1 - size)
            size += len(part)
            if size > max_bytes or (size > MAX_STRANGE_BYTES and b"<" not in (parts[0] if parts else part)[:1024]):
                raise _TooLargeError
            parts.append(part)
            # A stream that was cut gives what it has; the XML readers then say where it broke.
            body = member.unused_data if member.eof else b""
        body = b"".join(parts)
    return body


def _as_ascii_superset(body: bytes) -> bytes:
    """UTF-16 and UTF-32 as UTF-8, so that markup can be looked for in bytes; everything else as it is."""
    for mark, codec in (
        (b"\xff\xfe\0\0", "utf-32-le"), (b"\0\0\xfe\xff", "utf-32-be"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"),
        (b"<\0?\0", "utf-16-le"), (b"\0<\0?", "utf-16-be"), (b"<\0\0\0", "utf-32-le"), (b"\0\0\0<", "utf-32-be"),
    ):  # fmt: skip
        if body.startswith(mark):
            text = body.decode(codec, "replace").lstrip("\ufeff")
            return re.sub(r"(<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']", r"\1", text, count=1).encode("utf-8", "replace")
    return body


def _entity_fault(body: bytes) -> str:
    """Why a document type is refused: entities built of entities grow without bound, and external ones name files."""
    head = body[: 4 * _PROLOG]
    if b"<!ENTITY" not in head.upper():
        return ""
    values = [match[1].strip() for match in _ENTITY.finditer(head)]
    if len(values) > _MAX_ENTITIES:
        return f"{len(values)} entity declarations"
    for value in values:
        if value[:6].upper() in (b"SYSTEM", b"PUBLIC"):
            return "an external entity is declared"
        if re.search(rb"&(?!#|amp;|lt;|gt;|quot;|apos;)|%\w", value):
            return "an entity is declared in terms of other entities"
    return ""
