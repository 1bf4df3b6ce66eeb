"""Where the entries of a live blog begin in its text, and when each was published. Pure.

An entry's own time comes from the page's JSON-LD (schema.org LiveBlogPosting, liveBlogUpdate) or, failing that, from the machine-readable
time that stands in the entry itself. An entry that is not found in the text, or that has no time, gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from lxml.html import HtmlElement

from crawlers.dates import read_time
from crawlers.markup import lines_of, plain_text
from crawlers.structured_data import StructuredData, text_field, types_of
from storage.records import LiveEntry

MAX_ENTRIES = 1_000
MIN_ENTRIES = 2
"""One time alone is the page's, not an entry's."""
KEY = 40
"""Letters by which a line of an entry is found again in the text."""
MIN_KEY = 8
MAX_TIMES = 3_000

_NO_LETTER = re.compile(r"\W+")


def find_entries(tree: HtmlElement, structured: StructuredData, text: str, *, now: datetime) -> tuple[LiveEntry, ...]:
    """The entries with times, in the order of the text; empty where fewer than two were found."""
    for found in (_declared(structured, now), _visible(tree, now)):
        entries = _placed(list(found), text)
        if len(entries) >= MIN_ENTRIES:
            return entries
    return ()


def _declared(structured: StructuredData, now: datetime) -> Iterator[tuple[datetime, list[str]]]:
    for node in structured.nodes:
        if "liveblogposting" not in types_of(node):
            continue
        updates = node.get("liveBlogUpdate")
        for update in (updates if isinstance(updates, list) else [updates])[:MAX_ENTRIES]:
            known = structured.resolve(update)
            if isinstance(known, dict):
                time = read_time(text_field(known, "datePublished", "dateModified"), source="json-ld", now=now)
                body = plain_text(str(known.get("articleBody") or ""), 2_000)
                if time.at is not None:
                    yield time.at, [text_field(known, "headline", "name"), body]


def _visible(tree: HtmlElement, now: datetime) -> Iterator[tuple[datetime, list[str]]]:
    times = [element for element in tree.iter("time") if element.get("datetime")][:MAX_TIMES]
    held: dict[HtmlElement, int] = {}
    for element in times:
        for parent in element.iterancestors():
            held[parent] = held.get(parent, 0) + 1
    for element in times[:MAX_ENTRIES]:
        # The largest element around the time that holds no other time is its entry.
        entry = element
        for parent in element.iterancestors():
            if held[parent] > 1 or parent.tag in ("body", "html"):
                break
            entry = parent
        time = read_time(element.get("datetime"), source="page", now=now)
        if time.at is not None and entry is not element:
            yield time.at, lines_of(entry)


def _placed(found: Sequence[tuple[datetime, list[str]]], text: str) -> tuple[LiveEntry, ...]:
    """Each entry at the first line of the text that is one of its own."""
    places: dict[str, list[int]] = {}
    offset = 0
    for line in text.split("\n"):
        places.setdefault(_key(line), []).append(offset)
        offset += len(line) + 1
    entries: dict[int, datetime] = {}
    for at, lines in found:
        starts = [places[key][0] for line in lines if len(key := _key(line)) >= MIN_KEY and len(places.get(key, ())) == 1]
        if starts:
            entries.setdefault(min(starts), at)
    return tuple(LiveEntry(start=start, at=at) for start, at in sorted(entries.items()))


def _key(line: str) -> str:
    return _NO_LETTER.sub("", line[: 4 * KEY])[:KEY].casefold()
