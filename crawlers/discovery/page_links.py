"""Pages written for people as listings: teasers with links, a next page, and indexes of feeds. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from urllib.parse import urlsplit

from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from config.outlet import EndpointKind
from crawlers.charset import decode
from crawlers.dates import read_time
from crawlers.discovery.feed import TITLE_LIMIT
from crawlers.markup import absolute_url, parse_page, text_of
from storage.records import Entry, Listing, Outcome, PageKind, PublishedTime
from storage.sanitise import sanitise_line

TEASER_DEPTH = 4
"""Elements above a link in which its teaser's date is looked for."""

MAX_TEASER_LINKS = 2
"""Different addresses in one teaser: the article's, and its section's. What holds more is a list of teasers."""

HEADLINE_WORDS = 4
"""Words of a heading from which it is a headline: sections have one or two."""
_HEADINGS = ("h1", "h2", "h3", "h4")

MAX_PAGE_BYTES = 5 * 1024 * 1024

_ARTICLE = re.compile(r"/\d{4}/\d{2}/|\d{5,}|(?:[^/-]+-){3,}[^/-]*/?$|[^/]{8,}\.s?html?$")
"""What addresses of articles have and those of sections lack: a date, a long number, a slug of four words, a file name."""
_NO_ARTICLE = re.compile(r"/(?:tag|tags|author|authors|category|topic|page|search|login|account|about|contact|privacy|wp-json)(?:/|$)")
_NEXT = 'link[rel~="next"], a[rel~="next"]'
_FEED_LINK = re.compile(r"/(?:api/z|rss|feed|atom)|\.(?:rss|xml|rdf|atom)(?:$|\?)", re.IGNORECASE)


def read_page_links(
    body: bytes,
    *,
    url: str,
    kind: EndpointKind,
    content_type: str = "",
    links: str = "",
    next_page: str = "",
    max_entries: int,
    now: datetime,
) -> Listing:
    """Entries of a page for people, in its order.

    ``links`` is a CSS selector of links, or of elements that hold them; empty takes every link on the same host that looks like
    an article's (for FEED_INDEX: like a feed's). ``next_page`` selects the link to the next page; empty looks for ``rel=next``.
    The next page, and the feeds of an index, are entries of kind FEED.
    """
    if len(body) > MAX_PAGE_BYTES:
        return Listing(dialect="", outcome=Outcome.TOO_LARGE, fault=f"{len(body)} bytes of HTML")
    tree = parse_page(decode(body, content_type).text)
    if tree is None:
        return Listing(dialect="", outcome=Outcome.NOT_A_FEED, fault="no element in it")
    is_index = kind is EndpointKind.FEED_INDEX
    base = absolute_url(url, (tree.xpath("string(//base/@href)") or "").strip() or url) or url
    host = urlsplit(url).hostname
    entries: dict[str, Entry] = {}
    for anchor in _anchors(tree, links or "a[href]"):
        address = _bare(absolute_url(base, (anchor.get("href") or "").strip()) or "")
        if not address or address == _bare(url):
            continue
        if not links:
            looks = _FEED_LINK.search(address) is not None if is_index else looks_like_article(address) or is_headline(anchor, address)
            if urlsplit(address).hostname != host or not looks:
                continue
        title = sanitise_line(_words(anchor), TITLE_LIMIT)
        known = entries.get(address)
        if known is None or len(known.title) < len(title):
            published = PublishedTime() if is_index else _teaser_date(anchor, now)
            entries[address] = Entry(url=address, kind=PageKind.FEED if is_index else PageKind.ARTICLE, title=title, published=published)
    found = list(entries.values())
    truncated = max(0, len(found) - max_entries)
    found = found[:max_entries]
    following = None if is_index else next((a for a in _addresses(tree, next_page or _NEXT, base) if _bare(a) != _bare(url)), None)
    if found and following is not None:
        found.append(Entry(url=following, kind=PageKind.FEED, title="next page"))
    outcome = Outcome.FEED_READ if found else Outcome.FEED_EMPTY
    fault = "" if found else f"no link matches {links!r}" if links else "no link looks like " + ("a feed's" if is_index else "an article's")
    return Listing(dialect=kind.value, entries=tuple(found), outcome=outcome, fault=fault, truncated=truncated)


def looks_like_article(url: str) -> bool:
    """Whether an address has the form of an article's; a guess, for where no card says.

    >>> looks_like_article("http://a.example/2026/11/03/x/"), looks_like_article("http://a.example/tag/2026-budget-of-the-town/")
    (True, False)
    """
    path = urlsplit(url).path
    return _ARTICLE.search(path) is not None and _NO_ARTICLE.search(path) is None


def is_headline(anchor: HtmlElement, address: str) -> bool:
    """Whether a link is a teaser's headline, whatever the form of its address: a heading of several words in it or around it."""
    path = urlsplit(address).path
    if path.strip("/") == "" or _NO_ARTICLE.search(path) is not None or len(_words(anchor).split()) < HEADLINE_WORDS:
        return False
    return any(up.tag in _HEADINGS for up in islice(anchor.iterancestors(), 2)) or any(True for _ in anchor.iter(*_HEADINGS))


def _anchors(tree: HtmlElement, selector: str) -> Iterable[HtmlElement]:
    for element in CSSSelector(selector, translator="html")(tree):
        if element.tag == "a":
            yield element
        else:
            yield from element.iter("a")


def _addresses(tree: HtmlElement, selector: str, base: str) -> Iterable[str]:
    for element in CSSSelector(selector, translator="html")(tree):
        address = absolute_url(base, (element.get("href") or "").strip())
        if address is not None:
            yield address


def _words(anchor: HtmlElement) -> str:
    return text_of(anchor) or (anchor.get("title") or anchor.get("aria-label") or "").strip()


def _teaser_date(anchor: HtmlElement, now: datetime) -> PublishedTime:
    """The machine-readable time in the smallest element around the link that has one; two times in it are nobody's."""
    element = anchor
    for _ in range(TEASER_DEPTH):
        times = element.xpath(".//time[@datetime]")
        if len(times) == 1:
            return read_time(times[0].get("datetime"), source="page", now=now)
        parent = element.getparent()
        if times or parent is None or _holds_many(parent):
            break
        element = parent
    return PublishedTime()


def _holds_many(element: HtmlElement) -> bool:
    """Whether more addresses are linked from within than one teaser has. Stops at the first too many: fronts have thousands."""
    found: set[str] = set()
    for anchor in element.iter("a"):
        found.add(_bare(anchor.get("href") or ""))
        if len(found) > MAX_TEASER_LINKS:
            return True
    return False


def _bare(url: str) -> str:
    return url.partition("#")[0]
