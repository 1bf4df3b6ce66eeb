"""What a page says about itself: JSON-LD first, then its meta elements, what is marked up in the text, and what its feed said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawlers.bylines import read_authors
from crawlers.dates import read_duration
from crawlers.headings import find_headings
from crawlers.markup import absolute_url, plain_text, text_of
from crawlers.meta_elements import MetaElements
from crawlers.page_dates import read_modified, read_published
from crawlers.structured_data import Node, StructuredData, read_structured_data, text_field, url_field
from crawlers.titles import TitleCandidates, choose_title
from storage.records import Entry, PublishedTime

TITLE_LIMIT = 1_000
"""Characters of a headline that are looked at."""

_DURATION_NAMES = ("og:video:duration", "video:duration", "duration")
_ROBOTS_NO = frozenset({"noarchive", "nocache"})
"""The second is Bing's older word for the first."""
_NO_TIME = PublishedTime()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """All that is not the body. Text is plain and not yet sanitised; addresses are absolute http(s) or empty."""

    title: str = ""
    authors: tuple[str, ...] = ()
    description: str = ""
    published: PublishedTime = _NO_TIME
    modified: PublishedTime = _NO_TIME
    canonical_url: str = ""
    base_url: str = ""
    """Against which the page's links are to be read."""
    image_url: str = ""
    site_name: str = ""
    languages: tuple[str, ...] = ()
    """What the page says of its language, two letters each, surest first."""
    page_type: str = ""
    """``og:type``, lower case."""
    duration_s: int | None = None
    noarchive: bool = False
    is_free: bool | None = None
    """False: behind a paywall by its own word; None: it does not say."""
    word_count: int | None = None
    """Of the whole article, by the page's word."""
    structured: StructuredData = field(default_factory=StructuredData)


def read_metadata(
    tree: HtmlElement, *, url: str, headers: Sequence[tuple[str, str]] = (), entry: Entry | None = None, now: datetime
) -> Metadata:
    """Metadata of a page. ``url`` may be empty (a file); ``entry`` is what a feed or sitemap said of it."""
    meta = MetaElements(tree)
    base = _base_url(tree, meta, url)
    canonical = _canonical(tree, meta, base, url)
    structured = read_structured_data(tree, (url, canonical))
    article, video = structured.article, structured.video
    main = article or video
    publisher = structured.resolve(main.get("publisher"))
    site_names = _site_names(meta, publisher, url or canonical)
    return Metadata(
        title=_title(tree, meta, structured, entry, site_names),
        authors=read_authors(tree, meta, structured, site_names),
        description=_description(meta, main, entry),
        published=read_published(tree, meta, structured, url or canonical, entry, now),
        modified=read_modified(meta, main, entry, now),
        canonical_url=canonical,
        base_url=base,
        image_url=absolute_url(base, meta.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src"))
        or absolute_url(base, url_field(main, "image", "thumbnailUrl"))
        or (entry.thumbnail_url if entry else ""),
        site_name=site_names[0] if site_names else "",
        languages=_languages(tree, meta, main),
        page_type=meta.first("og:type").lower(),
        duration_s=_duration(meta, structured, entry),
        noarchive=_noarchive(meta, headers),
        is_free=_is_free(article, meta),
        word_count=_word_count(article),
        structured=structured,
    )


def _base_url(tree: HtmlElement, meta: MetaElements, url: str) -> str:
    for element in tree.iter("base"):
        found = absolute_url(url, element.get("href") or "")
        if found:
            return found
    return url or absolute_url("", meta.first("og:url")) or ""


def _canonical(tree: HtmlElement, meta: MetaElements, base: str, url: str) -> str:
    candidates = [link.get("href") or "" for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    own = urlsplit(url)
    for candidate in (*candidates, meta.first("og:url")):
        found = absolute_url(base, candidate)
        # A template that puts its home page here would make all its articles one.
        if found and not (urlsplit(found).path in ("", "/") and not urlsplit(found).query and (own.path not in ("", "/") or own.query)):
            return found
    return ""


def _site_names(meta: MetaElements, publisher: object, url: str) -> list[str]:
    names = [meta.first("og:site_name")]
    if isinstance(publisher, dict):
        names += [text_field(publisher, "name"), text_field(publisher, "alternateName")]
    elif isinstance(publisher, str):
        names.append(publisher)
    names += [meta.first("application-name"), meta.first("apple-mobile-web-app-title"), meta.first("twitter:site").lstrip("@")]
    try:
        host = (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        host = ""
    if host:
        labels = host.split(".")
        names += [host, max(labels[:-1] or labels, key=len)]
    cleaned = [plain_text(name, 200) for name in names]
    return list(dict.fromkeys(name for name in cleaned if name and len(name) < 100))


def _title(tree: HtmlElement, meta: MetaElements, structured: StructuredData, entry: Entry | None, site_names: Sequence[str]) -> str:
    document = next((text_of(element)[:TITLE_LIMIT] for element in tree.iter("title")), "")
    headings = [text_of(element)[:TITLE_LIMIT] for element in find_headings(tree)]
    headline = text_field(structured.article, "headline", "alternativeHeadline") or text_field(structured.video, "name", "headline")
    return choose_title(
        TitleCandidates(
            structured=headline[:TITLE_LIMIT],
            open_graph=plain_text(meta.first("og:title"), TITLE_LIMIT),
            headings=headings,
            twitter=plain_text(meta.first("twitter:title"), TITLE_LIMIT),
            document=document,
            announced=entry.title[:TITLE_LIMIT] if entry else "",
        ),
        site_names,
    )


def _description(meta: MetaElements, main: Node, entry: Entry | None) -> str:
    candidates = (
        plain_text(meta.first("og:description")),
        text_field(main, "description"),
        plain_text(meta.first("description", "dcterms.description", "twitter:description")),
        entry.description if entry else "",
    )
    return next((text for text in candidates if text), "")


def _languages(tree: HtmlElement, meta: MetaElements, main: Node) -> tuple[str, ...]:
    root = tree.getroottree().getroot()
    values = [
        root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang") or "",
        text_field(main, "inLanguage"),
        meta.first("og:locale"),
        meta.first("content-language", "language", "dc.language", "dcterms.language"),
    ]
    codes = [match[1].lower() for value in values if (match := re.match(r"\s*([A-Za-z]{2,3})(?:[-_]|\s*$)", value))]
    # "ua" is the country; publishers write it for the language all the same.
    return tuple(dict.fromkeys("uk" if code in ("ua", "ukr") else code[:2] if code in ("rus", "eng") else code for code in codes))


def _duration(meta: MetaElements, structured: StructuredData, entry: Entry | None) -> int | None:
    found = read_duration(structured.video.get("duration")) or read_duration(structured.article.get("duration"))
    if found is None:
        found = next((seconds for text in meta.all(*_DURATION_NAMES) if (seconds := read_duration(text))), None)
    return found if found is not None or entry is None else entry.duration_s


def _noarchive(meta: MetaElements, headers: Sequence[tuple[str, str]]) -> bool:
    """Whether the publisher asks for no copies: robots meta of any robot, X-Robots-Tag, or a text-and-data-mining reservation.

    A rule that a page makes for another robot by name is kept too: who wants no copy at one does not want ours.
    """
    rules = [content for name, contents in meta.values.items() if name == "robots" or name.endswith("bot") for content in contents]
    rules += [value for name, value in headers if name.lower() == "x-robots-tag"]
    if any(word in _ROBOTS_NO for rule in rules for word in re.split(r"[\s,:;]+", rule.lower())):
        return True
    reserved = [*meta.all("tdm-reservation"), *(value for name, value in headers if name.lower() == "tdm-reservation")]
    return any(value.strip() == "1" for value in reserved)


def _is_free(article: Node, meta: MetaElements) -> bool | None:
    value = article.get("isAccessibleForFree")
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, (bool, str)):
        return str(value).strip().lower() not in ("false", "no", "0")
    tier = meta.first("article:content_tier").lower()
    return None if tier not in ("free", "locked", "metered") else tier != "locked"


def _word_count(article: Node) -> int | None:
    value = str(article.get("wordCount") or "")
    return int(value) if value.isdigit() and len(value) < 7 and int(value) > 0 else None
