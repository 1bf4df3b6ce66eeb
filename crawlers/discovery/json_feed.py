"""JSON that announces pages: JSON Feed (jsonfeed.org, 1.0 and 1.1) and the post lists of WordPress (REST API, wp/v2)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crawlers.dates import read_duration, read_time
from crawlers.discovery.feed import DESCRIPTION_LIMIT, GUID_LIMIT, TITLE_LIMIT, newest
from crawlers.markup import absolute_url, plain_text
from storage.records import Entry, Listing, Outcome, PublishedTime
from storage.sanitise import sanitise_line

MAX_JSON_BYTES = 30 * 1024 * 1024
"""Bytes that are parsed at all: a JSON document cannot be streamed, and becomes some five times its size in memory."""

_DATES = ("date_published", "date_gmt", "date", "published_at", "date_modified", "modified_gmt")
_LISTS = ("items", "posts", "entries", "articles", "data", "results")
"""Keys under which publishers' own APIs keep what JSON Feed calls items."""


def read_json(body: bytes, *, url: str, max_entries: int, now: datetime) -> Listing:
    """Entries of a JSON listing. Pure; what is no list of pages is NOT_A_FEED."""
    if len(body) > MAX_JSON_BYTES:
        return Listing(dialect="", outcome=Outcome.TOO_LARGE, fault=f"{len(body)} bytes of JSON")
    try:
        found = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError) as error:
        return Listing(dialect="", outcome=Outcome.BAD_FEED, fault=sanitise_line(f"broken JSON: {error}", 200))
    head: Mapping[str, Any] = found if isinstance(found, dict) else {}
    listed = found if isinstance(found, list) else next((head[name] for name in _LISTS if isinstance(head.get(name), list)), None)
    if not isinstance(listed, list):
        what = str(head.get("message") or head.get("error") or "")
        return Listing(dialect="", outcome=Outcome.NOT_A_FEED, fault=sanitise_line(f"JSON without a list of items {what}", 200).strip())
    dialect = "json_feed" if "jsonfeed.org" in str(head.get("version", "")) else "wordpress" if _is_wordpress(listed) else "json"
    items: list[dict[str, Any]] = [item for item in listed if isinstance(item, dict)]
    cut = 0
    if len(items) > max_entries:
        # Only dates of one form can be compared as text; that is so within one listing, and exactness matters to nobody here.
        order = sorted(range(len(items)), key=lambda number: _raw_date(items[number]), reverse=True)[:max_entries]
        cut = len(items) - max_entries
        items = [items[number] for number in sorted(order)]
    entries: dict[str, Entry] = {}
    dropped = 0
    for item in items:
        entry = _entry(item, url=url, language=_language(head.get("language")), now=now)
        if entry is None:
            dropped += 1
        else:
            entries.setdefault(entry.url, entry)
    kept, over = newest(entries.values(), max_entries)
    if not kept and dropped:
        return Listing(dialect="", outcome=Outcome.NOT_A_FEED, fault="JSON whose items have no address", dropped=dropped)
    outcome = Outcome.FEED_READ if kept else Outcome.FEED_EMPTY
    return Listing(dialect=dialect, entries=kept, outcome=outcome, truncated=cut + over, dropped=dropped)


def _is_wordpress(items: Sequence[Any]) -> bool:
    return bool(items) and isinstance(items[0], dict) and isinstance(items[0].get("title"), dict) and "rendered" in items[0]["title"]


def _entry(item: Mapping[str, Any], *, url: str, language: str, now: datetime) -> Entry | None:
    address = next(
        (found for name in ("url", "link", "external_url", "permalink") if (found := absolute_url(url, _text(item, name)))), None
    )
    if address is None:
        address = absolute_url(url, _text(item, "id")) if _text(item, "id").startswith(("http://", "https://")) else None
    if address is None:
        return None
    attachments = item.get("attachments")
    first = attachments[0] if isinstance(attachments, list) and attachments and isinstance(attachments[0], dict) else {}
    return Entry(
        url=address,
        title=sanitise_line(plain_text(_text(item, "title")), TITLE_LIMIT),
        description=sanitise_line(plain_text(_text(item, "summary", "excerpt", "description", "content_text")), DESCRIPTION_LIMIT),
        published=_time(item, ("date_published", "date_gmt", "published_at", "date"), now),
        modified=_time(item, ("date_modified", "modified_gmt", "modified"), now),
        guid=sanitise_line(_text(item, "id", "guid"), GUID_LIMIT),
        duration_s=read_duration(first.get("duration_in_seconds")),
        thumbnail_url=absolute_url(address, _text(item, "image", "banner_image")) or "",
        language=_language(item.get("language")) or language,
    )


def _text(item: Mapping[str, Any], *names: str) -> str:
    """The first of these that holds text; WordPress wraps it in ``{"rendered": …}``."""
    for name in names:
        value = item.get(name)
        if isinstance(value, dict):
            value = value.get("rendered")
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _raw_date(item: Mapping[str, Any]) -> str:
    return next((value for name in _DATES if isinstance(value := item.get(name), str) and value), "")


def _time(item: Mapping[str, Any], names: Sequence[str], now: datetime) -> PublishedTime:
    for name in names:
        raw = item.get(name)
        if isinstance(raw, str | int) and not isinstance(raw, bool) and str(raw).strip():
            # WordPress gives UTC under "…_gmt", without saying so in the value.
            text = f"{raw}Z" if name.endswith("_gmt") and str(raw)[-1:].isdigit() else str(raw)
            found = read_time(text, source="feed", now=now)
            if found.at is not None:
                return found
    return PublishedTime()


def _language(raw: object) -> str:
    code = str(raw or "").strip().lower()[:2]
    return "uk" if code == "ua" else code if len(code) == 2 and code.isascii() and code.isalpha() else ""
