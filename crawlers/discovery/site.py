"""What a front page tells of its site: feeds, name, language, content system, links that look like articles. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from config.outlet import Endpoint, EndpointKind
from crawlers.charset import decode
from crawlers.discovery.page_links import is_headline, looks_like_article
from crawlers.markup import absolute_url, parse_page
from storage.sanitise import sanitise_line

_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
_COMMENTS = re.compile(r"comment|oembed|xmlrpc", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"(?:^|[\r\n])[^\S\r\n]*site-?map\s*:\s*(\S+)", re.IGNORECASE)

CMS_MARKS = {
    "wordpress": re.compile(r"wp-content/|wp-json|WordPress"),
    "pangea": re.compile(r"pangea|/rssfeeds\b|vomx-tpe"),
    "ippen": re.compile(r"id-StoryElement|ippen\.media"),
    "dw": re.compile(r"//(?:rss|static)\.dw\.com/"),
}
"""Traces of the content systems that have extraction rules, in a front page."""

WELL_KNOWN = {
    "wordpress": (
        ("/feed/", EndpointKind.FEED),
        ("/wp-sitemap.xml", EndpointKind.SITEMAP),
        ("/wp-json/wp/v2/posts?per_page=50", EndpointKind.FEED),
    ),
    "pangea": (("/rss/?count=50", EndpointKind.FEED), ("/rssfeeds", EndpointKind.FEED_INDEX)),
    "ippen": (("/news.xml", EndpointKind.NEWS_SITEMAP), ("/rssfeed.rdf", EndpointKind.FEED)),
    "": (
        ("/sitemap.xml", EndpointKind.SITEMAP),
        ("/news-sitemap.xml", EndpointKind.NEWS_SITEMAP),
        ("/rss.xml", EndpointKind.FEED),
        ("/feed", EndpointKind.FEED),
    ),
}
"""Where each system usually announces its pages; under "" what is tried at any site that names nothing itself."""

PATTERNS = (
    r"/\d{4}/\d{2}/\d{2}/",
    r"/\d{4}/\d{2}/",
    r"/a/(?:[^/]+/)?\d{6,9}\.html",
    r"-\d{5,}\.html",
    r"/\d{5,}(?:[/-]|$)",
    r"-\d{5,}",
    r"\.s?html",
)
"""Forms of articles' addresses, the more telling first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What a front page says of its site."""

    name: str = ""
    language: str = ""
    """Two letters; empty when it does not say."""
    cms: str = ""
    feeds: tuple[tuple[str, str], ...] = ()
    """(address, title) of the feeds that it declares; feeds of comments are left out."""
    articles: tuple[str, ...] = ()
    """Links on its own host that look like articles."""
    others: tuple[str, ...] = ()
    """Its other links on that host."""


def read_site(body: bytes, *, url: str, content_type: str = "") -> SiteFacts:
    """Read a front page."""
    text = decode(body, content_type).text
    tree = parse_page(text)
    if tree is None:
        return SiteFacts()
    host = urlsplit(url).hostname
    own: dict[str, bool] = {}
    for anchor in tree.iter("a"):
        link = (absolute_url(url, (anchor.get("href") or "").strip()) or "").partition("#")[0]
        if urlsplit(link).hostname == host:
            own[link] = own.get(link, False) or looks_like_article(link) or is_headline(anchor, link)
    return SiteFacts(
        name=_name(tree),
        language=_language(tree),
        cms=next((name for name, mark in CMS_MARKS.items() if mark.search(text)), ""),
        feeds=tuple(_feeds(tree, url)),
        articles=tuple(link for link, looks in own.items() if looks),
        others=tuple(link for link, looks in own.items() if not looks),
    )


def declared_sitemaps(robots: bytes, url: str) -> tuple[str, ...]:
    """The sitemaps that a robots.txt names (RFC 9309 leaves them to sitemaps.org, which puts no order on them)."""
    found = (absolute_url(url, text) for text in _SITEMAP_LINE.findall(robots.decode("utf-8-sig", "replace")))
    return tuple(dict.fromkeys(address for address in found if address))


def candidates(facts: SiteFacts, sitemaps: tuple[str, ...], url: str, limit: int) -> tuple[Endpoint, ...]:
    """End points worth one request each: what the site names, then what its system usually has, then its front page as a listing."""
    found: dict[str, Endpoint] = {}
    for address, title in facts.feeds:
        found.setdefault(address, Endpoint(url=address, title=sanitise_line(title, 100), evidence="named by the front page"))
    for address in sitemaps:
        found.setdefault(address, Endpoint(url=address, kind=_sitemap_kind(address), evidence="named by robots.txt"))
    usual = WELL_KNOWN.get(facts.cms, ()) + (() if found and facts.cms not in ("", "wordpress") else WELL_KNOWN[""])
    for path, kind in usual:
        address = urljoin(url, path)
        # One of a kind is enough: what the site names itself is better than what we guess.
        if not any(_group(point.kind) == _group(kind) for point in found.values()):
            found.setdefault(address, Endpoint(url=address, kind=kind, evidence="usual place"))
    kept = list(found.values())[: limit - 1]
    return (*kept, Endpoint(url=url, kind=EndpointKind.LISTING, evidence="front page"))


def article_pattern(announced: list[str], others: tuple[str, ...]) -> str | None:
    """A regular expression that nearly all announced addresses match and hardly any other link of the site; None when none does."""
    if not announced:
        return None
    for pattern in PATTERNS:
        hits = sum(1 for address in announced if re.search(pattern, address))
        misses = sum(1 for address in others if re.search(pattern, address))
        if hits >= 0.95 * len(announced) and misses <= 0.05 * len(others):
            return pattern
    return None


def _group(kind: EndpointKind) -> str:
    return "sitemap" if "sitemap" in kind.value else kind.value


def _sitemap_kind(address: str) -> EndpointKind:
    path = urlsplit(address).path.lower()
    return EndpointKind.NEWS_SITEMAP if "news" in path else EndpointKind.VIDEO_SITEMAP if "video" in path else EndpointKind.SITEMAP


def _name(tree: HtmlElement) -> str:
    named = str(tree.xpath("string(//meta[@property='og:site_name']/@content)"))
    title = str(tree.xpath("string(//title)"))
    return sanitise_line(named or re.split(r"\s+[-–—|:·]\s+", title.strip())[0], 200)


def _language(tree: HtmlElement) -> str:
    for raw in (tree.get("lang"), tree.xpath("string(//meta[@property='og:locale']/@content)")):
        code = str(raw or "").strip().lower()[:2]
        if len(code) == 2 and code.isascii() and code.isalpha():
            return "uk" if code == "ua" else code
    return ""


def _feeds(tree: HtmlElement, url: str) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for link in tree.xpath("//link[@rel]"):
        kind = (link.get("type") or "").partition(";")[0].strip().lower()
        address = absolute_url(url, (link.get("href") or "").strip())
        if address is None or "alternate" not in link.get("rel").lower().split() or kind not in _FEED_TYPES:
            continue
        if kind == "application/json" and "feed" not in address:
            continue
        if not _COMMENTS.search(address) and not _COMMENTS.search(link.get("title") or ""):
            found.setdefault(address, link.get("title") or "")
    return list(found.items())
