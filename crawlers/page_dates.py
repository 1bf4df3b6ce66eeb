"""When a page says it was published and edited: every place where that stands, and which of them is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawlers.dates import read_time, read_written_time
from crawlers.headings import find_headings
from crawlers.markup import text_of
from crawlers.meta_elements import MetaElements
from crawlers.structured_data import Node, StructuredData, types_of
from storage.records import Entry, Precision, PublishedTime

_PUBLISHED_NAMES = (
    "article:published_time", "og:article:published_time", "datepublished", "og:published_time", "cxenseparse:recs:publishtime",
    "cxenseparse:publishtime", "parsely-pub-date", "sailthru.date", "publish-date", "publishdate", "pubdate", "publication_date",
    "article.published", "rnews:datepublished", "dcterms.created", "dcterms.issued", "dcterms.date", "dc.date.issued", "dc.date",
    "citation_publication_date", "mediator_published_time", "video:release_date", "og:video:release_date", "date", "og:pubdate",
)  # fmt: skip
_MODIFIED_NAMES = (
    "article:modified_time", "og:article:modified_time", "og:updated_time", "datemodified", "lastmod", "last-modified", "article.updated",
    "dcterms.modified", "dc.date.modified", "revised", "cxenseparse:recs:modifiedtime", "updated_time",
)  # fmt: skip
_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-]?(\d{2})[/-]?(\d{2})(?=[/_-]|$)")
_STATED = re.compile(
    r"(?<!\w)(?:(?:first |originally )?published|posted|veröffentlicht|erschienen|(?:дата )?(?:публикации|публікації)|"
    r"опубликован[оа]?|опубліковано)(?!\w)[\s:]*(?:on |am |vom )?[\s:]*(.{6,40})",
    re.IGNORECASE,
)
_BLOCK_CHARACTERS = 200
"""A block with more text than this is the article, or holds it."""
_DATE_LINE_CHARACTERS = 80
_NEAR = 4
_FINER = {Precision.SECOND: 2, Precision.MINUTE: 1, Precision.DAY: 0, None: -1}


def read_published(
    tree: HtmlElement, meta: MetaElements, structured: StructuredData, url: str, entry: Entry | None, now: datetime
) -> PublishedTime:
    """The first believable time in the order of trust; one of the same day that is finer replaces a mere day."""
    found = [read_time(node.get(name), source="json-ld", now=now) for node, name in _structured_dates(structured) if node.get(name)]
    found += [read_time(text, source="meta", now=now) for text in meta.all(*_PUBLISHED_NAMES)]
    if not any(time.at is not None and _FINER[time.precision] > 0 for time in found):
        found += _marked_times(tree, now)
    if entry is not None:
        found.append(entry.published)
    match = _URL_DATE.search(urlsplit(url).path) if url else None
    if match:
        found.append(read_time("-".join(match.groups()), source="url", now=now))
    believed = [time for time in found if time.at is not None] or _written_beside_headline(tree, now)
    if not believed:
        return next((time for time in found if time.raw), PublishedTime())
    best = believed[0]
    if best.precision is Precision.DAY and best.at is not None:
        for time in believed[1:]:
            if time.at is not None and _FINER[time.precision] > 0 and abs(time.at - best.at) < timedelta(hours=36):
                return time
    return best


def _structured_dates(structured: StructuredData) -> Iterator[tuple[Node, str]]:
    for node in (structured.article, structured.video):
        for name in ("datePublished", "uploadDate", "dateCreated"):
            if isinstance(node.get(name), (str, int)):
                yield node, name
    for node in structured.nodes:
        if types_of(node) & {"webpage"} and isinstance(node.get("datePublished"), str):
            yield node, "datePublished"


def _marked_times(tree: HtmlElement, now: datetime) -> list[PublishedTime]:
    """``<time>`` and microdata that belong to this article: marked as its publication, or standing close to the headline."""
    marked = tree.xpath('//*[@itemprop="datePublished"][@datetime or @content] | //time[@pubdate][@datetime]')
    heading = next(iter(tree.iter("h1")), None)
    near: list[HtmlElement] = []
    if heading is not None:
        around = heading
        for _ in range(4):
            parent = around.getparent()
            if parent is None or parent.tag in ("body", "html"):
                break
            around = parent
            near = around.xpath(".//time[@datetime]") or around.xpath(".//time")
            if near:
                break
    published = [element for element in near if re.search("publi|creat|date", _signs(element), re.IGNORECASE)]
    times = []
    for element in [*marked, *published, *near][:12]:
        text = element.get("datetime") or element.get("content") or text_of(element)
        if not re.search("modif|updat", _signs(element), re.IGNORECASE):
            times.append(read_written_time(text, source="time", now=now))
    return times


def _written_beside_headline(tree: HtmlElement, now: datetime) -> list[PublishedTime]:
    """A date that readers see by the headline and no machine is told: the nearest short text before it that is one, else after it.

    Only the block around the headline is searched; lists of other news, with their dates, stand outside of it.
    """
    for heading in find_headings(tree)[:1]:
        block = heading
        while (parent := block.getparent()) is not None and parent.tag not in ("body", "html") and len(text_of(block)) < _BLOCK_CHARACTERS:
            block = parent
        before: list[str] = []
        after: list[str] = []
        seen = False
        for element in block.iter():
            if element is heading:
                seen = True
            for text in (element.text, element.tail):
                short = (text or "").strip()
                if 6 <= len(short) <= _DATE_LINE_CHARACTERS and any(char.isdigit() for char in short):
                    (after if seen else before).append(short)
        for text in [*reversed(before[-_NEAR:]), *after[:_NEAR]]:
            time = read_written_time(text, source="page", now=now)
            if time.at is not None:
                return [time]
    return []


def read_stated(tree: HtmlElement, now: datetime) -> PublishedTime:
    """The first date that the page's text calls that of publication ("Published: November 21, 2022"); empty where none is."""
    body = tree.find("body")
    for match in _STATED.finditer(text_of(body)) if body is not None else ():
        found = read_written_time(match[1], source="page", now=now)
        if found.at is not None:
            return found
    return PublishedTime()


def _signs(element: HtmlElement) -> str:
    parent = element.getparent()
    return " ".join(
        str(node.get(name) or "") for node in (element, parent) if node is not None for name in ("class", "itemprop", "id", "property")
    )


def read_modified(meta: MetaElements, main: Node, entry: Entry | None, now: datetime) -> PublishedTime:
    found = [read_time(main.get("dateModified"), source="json-ld", now=now)] if isinstance(main.get("dateModified"), str) else []
    found += [read_time(text, source="meta", now=now) for text in meta.all(*_MODIFIED_NAMES)]
    if entry is not None:
        found.append(entry.modified)
    return next((time for time in found if time.at is not None), next((time for time in found if time.raw), PublishedTime()))
