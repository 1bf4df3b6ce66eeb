"""New matches as an Atom feed (RFC 4287): what a claim was lately found carried by. It says where to read, never what is true."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO
from xml.etree.ElementTree import Element, ElementTree, SubElement, register_namespace

from comparison.inert import inert, safe_url
from storage.claim_records import MatchNews

NAMESPACE = "http://www.w3.org/2005/Atom"
QUOTE = 400
"""Characters of a passage that are quoted."""
NOTICE = "Finds passages to read. Does not decide whether a claim is true."


def write_atom(news: Iterable[MatchNews], target: IO[bytes], *, title: str) -> int:
    """The feed, newest first as given; how many entries. ``updated`` is the newest entry's time, so equal content is equal bytes."""
    register_namespace("", NAMESPACE)
    feed = Element(_tag("feed"))
    _text(feed, "id", f"urn:secondsource:matches:{title}")
    _text(feed, "title", f"Second Source: {title}")
    _text(feed, "subtitle", NOTICE)
    updated = SubElement(feed, _tag("updated"))
    _text(SubElement(feed, _tag("author")), "name", "Second Source")
    newest = datetime(1970, 1, 1, tzinfo=UTC)
    count = 0
    for item in news:
        newest = max(newest, item.made_at)
        entry = SubElement(feed, _tag("entry"))
        _text(entry, "id", f"urn:secondsource:match:{item.report}:{item.claim}:{item.article}:{item.revision}:{item.start}")
        _text(entry, "title", f"{item.claim}: {item.outlet_name}, {item.level.value}: {item.title}")
        _text(entry, "updated", _time(item.made_at))
        if item.published_at is not None:
            _text(entry, "published", _time(item.published_at))
        if (link := safe_url(item.url)) != "":
            SubElement(entry, _tag("link"), {"href": link, "rel": "alternate"})
        SubElement(entry, _tag("category"), {"term": item.verdict.value})
        quote = item.passage if len(item.passage) <= QUOTE else item.passage[: QUOTE - 1] + "…"
        _text(entry, "summary", f"Claim: {item.claim_text}\n\nPassage: {quote}" if quote else f"Claim: {item.claim_text}")
        count += 1
    updated.text = _time(newest)
    ElementTree(feed).write(target, encoding="utf-8", xml_declaration=True)
    return count


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _text(parent: Element, name: str, text: str) -> None:
    # XML 1.0 has no place for control characters, not even escaped; lone surrogates and non-characters neither (section 2.2).
    allowed = "".join(char for char in inert(text) if not 0xD800 <= ord(char) <= 0xDFFF and ord(char) not in (0xFFFE, 0xFFFF))
    SubElement(parent, _tag(name)).text = allowed


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
