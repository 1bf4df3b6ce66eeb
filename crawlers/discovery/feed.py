"""RSS 0.9 to 2.0, RDF and Atom through feedparser, which reads what no standard allows. It is given bytes, never a name.

feedparser opens what it is given as text: a body of ``/dev/zero`` ate 3 GB. And it costs half a millisecond an item: of a feed of
100,000 items it is handed the newest only.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from crawlers.dates import read_duration, read_time
from crawlers.markup import absolute_url, plain_text
from storage.records import Entry, Listing, Outcome, Precision, PublishedTime
from storage.sanitise import sanitise_line

DESCRIPTION_LIMIT = 5_000
TITLE_LIMIT = 1_000
GUID_LIMIT = 1_000

MAX_CUT_BYTES = 8 * 1024 * 1024
"""Bytes handed to feedparser where the items cannot be told apart."""

_ITEM = re.compile(rb"<(item|entry|rss:item|atom:entry)[\s>/]", re.IGNORECASE)
_DATE = re.compile(rb"<(?:pubDate|published|issued|dc:date|updated|modified|date)\b[^>]*>\s*(?:<!\[CDATA\[)?([^<\]]{6,60})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=", re.IGNORECASE)


def read_feed(body: bytes, *, url: str, content_type: str = "", max_entries: int, now: datetime) -> Listing:
    """Entries of a feed. Pure; an ill-formed one gives what could be read and says what was wrong."""
    import feedparser  # Here, in a worker: the crawl, which imports this module too, has no use for it.

    body, cut = _trimmed(body, max_entries, now)
    headers = {"content-location": url}
    if _CHARSET.search(content_type):
        # Without a charset the header would only make feedparser assume ASCII for text/xml, as RFC 3023 once did.
        headers["content-type"] = content_type
    try:
        parsed = feedparser.parse(io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, LookupError, RecursionError) as error:
        # Its tolerant parser trips over some markup (an unfinished declaration, a broken character reference).
        return Listing(dialect="", outcome=Outcome.BAD_FEED, fault=_one_line(f"{type(error).__name__}: {error}"))
    dialect = _dialect(str(parsed.get("version") or ""))
    language = _language(parsed.feed.get("language"))
    entries: dict[str, Entry] = {}
    dropped = 0
    for item in parsed.entries:
        address = _address(item, url)
        if address is None:
            dropped += 1
        elif address not in entries:
            entries[address] = _entry(item, address, language, now)
    kept, over = newest(entries.values(), max_entries)
    fault = _fault(parsed)
    if kept:
        outcome = Outcome.FEED_READ
    elif dialect and (not fault or dropped):
        outcome = Outcome.FEED_EMPTY
    else:
        outcome = Outcome.BAD_FEED if dialect else Outcome.NOT_A_FEED
    return Listing(dialect=dialect, entries=kept, outcome=outcome, fault=fault, truncated=cut + over, dropped=dropped)


def newest(entries: Iterable[Entry], limit: int) -> tuple[tuple[Entry, ...], int]:
    """At most ``limit`` entries, the newest by what they say of themselves, in their own order; and how many were left out.

    Undated ones count as older than dated ones, and among equals the earlier listed stay.
    """
    every = tuple(entries)
    if len(every) <= limit:
        return every, 0
    oldest = datetime.min.replace(tzinfo=UTC)
    order = sorted(range(len(every)), key=lambda index: every[index].published.at or every[index].modified.at or oldest, reverse=True)
    chosen = set(order[:limit])
    return tuple(entry for index, entry in enumerate(every) if index in chosen), len(every) - limit


def _trimmed(body: bytes, max_entries: int, now: datetime) -> tuple[bytes, int]:
    """The body with only its newest items, and how many were cut out; as it is when it has few enough."""
    starts = [match.start() for match in _ITEM.finditer(body)]
    if len(starts) <= max_entries:
        return (body, 0) if len(body) <= MAX_CUT_BYTES or starts else (body[:MAX_CUT_BYTES], 0)
    name = _ITEM.match(body, starts[0])
    closing = b"</" + name[1].lower() + b">" if name else b"</item>"
    last = body.lower().rfind(closing)
    if last < starts[-1]:
        # The last item is not closed: the feed was cut on its way.
        starts.pop()
        last = body.lower().rfind(closing, 0, None)
    end = last + len(closing)
    bounds = [*starts, end]
    pieces = [body[begin:stop] for begin, stop in pairwise(bounds)]
    dates = [_quick_date(piece, now) for piece in pieces]
    order = sorted(range(len(pieces)), key=lambda index: dates[index], reverse=True)
    chosen = sorted(order[:max_entries])
    return body[: starts[0]] + b"".join(pieces[index] for index in chosen) + body[end:], len(pieces) - len(chosen)


def _quick_date(piece: bytes, now: datetime) -> datetime:
    match = _DATE.search(piece)
    found = read_time(match[1].decode("ascii", "replace"), source="feed", now=now).at if match else None
    return found or datetime.min.replace(tzinfo=UTC)


def _address(item: Mapping[str, Any], url: str) -> str | None:
    """The item's page: its link, an alternate link, or a guid that is an address; None when none is a usable http(s) one."""
    candidates = [item.get("link")]
    candidates += [link.get("href") for link in item.get("links") or () if link.get("rel") in ("alternate", None)]
    guid = item.get("id")
    if isinstance(guid, str) and guid.startswith(("http://", "https://")):
        candidates.append(guid)
    base = str(item.get("base") or "") or url
    found = (absolute_url(base, text) for text in candidates if isinstance(text, str) and text)
    # feedparser makes the feed's own address of a link that is only a scheme.
    return next((address for address in found if address and address != url), None)


def _entry(item: Mapping[str, Any], address: str, language: str, now: datetime) -> Entry:
    description = item.get("summary") or next((part.get("value") for part in item.get("content") or () if part.get("value")), "")
    thumbnails = item.get("media_thumbnail") or [{}]
    media = item.get("media_content") or [{}]
    return Entry(
        url=address,
        title=sanitise_line(plain_text(str(item.get("title") or "")), TITLE_LIMIT),
        description=sanitise_line(plain_text(str(description or "")), DESCRIPTION_LIMIT),
        published=_time(item, "published", now) or _time(item, "created", now) or PublishedTime(),
        modified=_time(item, "updated", now) or PublishedTime(),
        guid=sanitise_line(str(item.get("id") or ""), GUID_LIMIT),
        duration_s=read_duration(item.get("itunes_duration")) or read_duration(media[0].get("duration")),
        thumbnail_url=absolute_url(address, str(thumbnails[0].get("url") or "")) or "",
        language=_language(item.get("language")) or language,
    )


def _time(item: Mapping[str, Any], name: str, now: datetime) -> PublishedTime | None:
    """The item's time of this name. feedparser reads formats that we do not (Korean, Hungarian, …); those give a day."""
    raw = item.get(name) if name in item else None
    if not isinstance(raw, str) or not raw.strip():
        return None
    found = read_time(raw, source="feed", now=now)
    parsed = item.get(f"{name}_parsed")
    if found.at is None and parsed is not None and not any(ch.isascii() and ch.isalpha() for ch in raw.replace("T", "").replace("Z", "")):
        try:
            year, month, day, hour, minute, second = parsed[:6]
            at = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        except (ValueError, TypeError):
            return found
        # Written out again it passes the same bounds as every other date.
        again = read_time(at.isoformat(), source="feed", now=now)
        return replace(again, precision=Precision.DAY if again.at else None, raw=found.raw)
    return replace(found, raw=sanitise_line(found.raw or "", 100))


def _dialect(version: str) -> str:
    """Ours for feedparser's name of the version: "rss20" is rss; RSS 0.90 and 1.0 are RDF."""
    if version.startswith("atom"):
        return "atom"
    if version in ("rss090", "rss10"):
        return "rdf"
    return "rss" if version.startswith(("rss", "cdf")) else ""


def _language(raw: object) -> str:
    match = re.match(r"\s*([A-Za-z]{2})(?:[-_]|\s*$)", str(raw or ""))
    code = match[1].lower() if match else ""
    return "uk" if code == "ua" else code


def _fault(parsed: Mapping[str, Any]) -> str:
    """What feedparser found wrong; an encoding that was not the declared one is worth knowing, an odd content type is not."""
    if not parsed.get("bozo"):
        return ""
    error = parsed.get("bozo_exception")
    if type(error).__name__ == "NonXMLContentType":
        return ""
    return _one_line(str(error) or type(error).__name__)


def _one_line(text: str) -> str:
    return sanitise_line(text, 200)
