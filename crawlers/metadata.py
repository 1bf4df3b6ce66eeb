"""What a page says about itself: JSON-LD first, then its meta elements, what is marked up in the text, and what its feed said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawlers.authors import clean_authors
from crawlers.dates import read_duration, read_time, read_written_time
from crawlers.markup import absolute_url, plain_text, text_of
from crawlers.structured_data import Node, StructuredData, read_structured_data, text_field, types_of, url_field
from crawlers.titles import TitleCandidates, choose_title
from storage.records import Entry, Precision, PublishedTime

TITLE_LIMIT = 1_000
"""Characters of a headline that are looked at."""

_AUTHOR_NAMES = (
    "author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "dcsext.author", "cxenseparse:author",
    "byl", "dc.creator", "dcterms.creator", "citation_author", "og:author", "og:article:author", "mediator_author", "article-author",
)  # fmt: skip
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
_DURATION_NAMES = ("og:video:duration", "video:duration", "duration")
_BYLINE = re.compile(r"(?:^|[\s_-])(?:byline|author(?!ed)|autor|writer)(?:$|[\s_-]|s$|name|s?__)", re.IGNORECASE)
_NO_BYLINE = re.compile(
    r"bio|avatar|image|photo|comment|related|social|follow|box|more|footer|description|card|list-item|teaser", re.IGNORECASE
)
_ROBOTS_NO = frozenset({"noarchive", "nocache"})
"""The second is Bing's older word for the first."""
_URL_DATE = re.compile(r"/((?:19|20)\d{2})[/-]?(\d{2})[/-]?(\d{2})(?=[/_-]|$)")
_NO_TIME = PublishedTime()
_FINER = {Precision.SECOND: 2, Precision.MINUTE: 1, Precision.DAY: 0, None: -1}


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


class _Meta:
    """The page's ``<meta>`` elements by lower-case name, property or itemprop; several contents each, in order."""

    def __init__(self, tree: HtmlElement) -> None:
        self.values: dict[str, list[str]] = {}
        for element in tree.iter("meta"):
            content = (element.get("content") or "").strip()
            if not content:
                continue
            for attribute in ("name", "property", "itemprop", "http-equiv"):
                for name in (element.get(attribute) or "").lower().split():
                    self.values.setdefault(name, []).append(content)

    def first(self, *names: str) -> str:
        return next((self.values[name][0] for name in names if name in self.values), "")

    def all(self, *names: str) -> Iterator[str]:
        for name in names:
            yield from self.values.get(name, ())


def read_metadata(
    tree: HtmlElement, *, url: str, headers: Sequence[tuple[str, str]] = (), entry: Entry | None = None, now: datetime
) -> Metadata:
    """Metadata of a page. ``url`` may be empty (a file); ``entry`` is what a feed or sitemap said of it."""
    meta = _Meta(tree)
    base = _base_url(tree, meta, url)
    canonical = _canonical(tree, meta, base, url)
    structured = read_structured_data(tree, (url, canonical))
    article, video = structured.article, structured.video
    main = article or video
    publisher = structured.resolve(main.get("publisher"))
    site_names = _site_names(meta, publisher, url or canonical)
    return Metadata(
        title=_title(tree, meta, structured, entry, site_names),
        authors=_authors(tree, meta, structured, site_names),
        description=_description(meta, main, entry),
        published=_published(tree, meta, structured, url or canonical, entry, now),
        modified=_modified(meta, main, entry, now),
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


def _base_url(tree: HtmlElement, meta: _Meta, url: str) -> str:
    for element in tree.iter("base"):
        found = absolute_url(url, element.get("href") or "")
        if found:
            return found
    return url or absolute_url("", meta.first("og:url")) or ""


def _canonical(tree: HtmlElement, meta: _Meta, base: str, url: str) -> str:
    candidates = [link.get("href") or "" for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    own = urlsplit(url)
    for candidate in (*candidates, meta.first("og:url")):
        found = absolute_url(base, candidate)
        # A template that puts its home page here would make all its articles one.
        if found and not (urlsplit(found).path in ("", "/") and not urlsplit(found).query and (own.path not in ("", "/") or own.query)):
            return found
    return ""


def _site_names(meta: _Meta, publisher: object, url: str) -> list[str]:
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


def _title(tree: HtmlElement, meta: _Meta, structured: StructuredData, entry: Entry | None, site_names: Sequence[str]) -> str:
    document = next((text_of(element)[:TITLE_LIMIT] for element in tree.iter("title")), "")
    headings = [text_of(element)[:TITLE_LIMIT] for element in islice(tree.iter("h1"), 20)]
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


def _description(meta: _Meta, main: Node, entry: Entry | None) -> str:
    candidates = (
        plain_text(meta.first("og:description")),
        text_field(main, "description"),
        plain_text(meta.first("description", "dcterms.description", "twitter:description")),
        entry.description if entry else "",
    )
    return next((text for text in candidates if text), "")


def _authors(tree: HtmlElement, meta: _Meta, structured: StructuredData, site_names: Sequence[str]) -> tuple[str, ...]:
    """Names from the first source that gives any but the site's own name; that, where nothing better is found."""
    own = {re.sub(r"\W+", "", name.casefold()) for name in site_names}
    fallback: tuple[str, ...] = ()
    # Each source is read only when those before it gave nothing: the last ones walk the whole page.
    sources: tuple[Callable[[], list[str]], ...] = (
        lambda: _structured_authors(structured),
        lambda: list(meta.all(*_AUTHOR_NAMES)),
        lambda: _marked_authors(tree),
        lambda: _bylines(tree),
    )
    for read in sources:
        names = clean_authors(read())
        if any(re.sub(r"\W+", "", name.casefold()) not in own for name in names):
            return names
        fallback = fallback or names
    return fallback


def _structured_authors(structured: StructuredData) -> list[str]:
    names = []
    node = structured.article or structured.video
    value = node.get("author") or node.get("creator")
    for item in value if isinstance(value, list) else [value]:
        author = structured.resolve(item)
        if isinstance(author, str):
            names.append(author)
        elif isinstance(author, dict):
            name = author.get("name")
            parts = name if isinstance(name, list) else [name]
            found = [part for part in parts if isinstance(part, str) and part.strip()]
            if not found and isinstance(author.get("familyName"), str):
                found = [f"{author.get('givenName') or ''} {author['familyName']}"]
            names.extend(found)
    return names


def _marked_authors(tree: HtmlElement) -> list[str]:
    """Names that the page marks as its author's, by microdata or link relation."""
    names = []
    for element in tree.xpath('//*[@itemprop="author"] | //a[@rel="author"]')[:20]:
        inner = element.xpath('.//*[@itemprop="name"]')
        text = text_of(inner[0]) if inner else (element.get("content") or text_of(element))
        if text and len(text) < 150:
            names.append(text)
    return names


def _bylines(tree: HtmlElement) -> list[str]:
    """The first short element whose class says that it is a byline; further ones are often those of other articles."""
    for element in tree.xpath("//*[@class]"):
        kind = element.get("class")
        if len(kind) < 300 and _BYLINE.search(kind) and not _NO_BYLINE.search(kind):
            links = [text_of(link) for link in element.iter("a") if "author" in (link.get("href") or "").lower()]
            if links and all(0 < len(link) < 60 for link in links[:5]):
                return links[:5]
            text = text_of(element)
            if 3 < len(text) < 120 and not re.search(r"\d{4}|\d:\d\d", text):
                return [text]
    return []


def _published(tree: HtmlElement, meta: _Meta, structured: StructuredData, url: str, entry: Entry | None, now: datetime) -> PublishedTime:
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
    believed = [time for time in found if time.at is not None]
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


def _signs(element: HtmlElement) -> str:
    parent = element.getparent()
    return " ".join(
        str(node.get(name) or "") for node in (element, parent) if node is not None for name in ("class", "itemprop", "id", "property")
    )


def _modified(meta: _Meta, main: Node, entry: Entry | None, now: datetime) -> PublishedTime:
    found = [read_time(main.get("dateModified"), source="json-ld", now=now)] if isinstance(main.get("dateModified"), str) else []
    found += [read_time(text, source="meta", now=now) for text in meta.all(*_MODIFIED_NAMES)]
    if entry is not None:
        found.append(entry.modified)
    return next((time for time in found if time.at is not None), next((time for time in found if time.raw), PublishedTime()))


def _languages(tree: HtmlElement, meta: _Meta, main: Node) -> tuple[str, ...]:
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


def _duration(meta: _Meta, structured: StructuredData, entry: Entry | None) -> int | None:
    found = read_duration(structured.video.get("duration")) or read_duration(structured.article.get("duration"))
    if found is None:
        found = next((seconds for text in meta.all(*_DURATION_NAMES) if (seconds := read_duration(text))), None)
    return found if found is not None or entry is None else entry.duration_s


def _noarchive(meta: _Meta, headers: Sequence[tuple[str, str]]) -> bool:
    """Whether the publisher asks for no copies: robots meta of any robot, X-Robots-Tag, or a text-and-data-mining reservation.

    A rule that a page makes for another robot by name is kept too: who wants no copy at one does not want ours.
    """
    rules = [content for name, contents in meta.values.items() if name == "robots" or name.endswith("bot") for content in contents]
    rules += [value for name, value in headers if name.lower() == "x-robots-tag"]
    if any(word in _ROBOTS_NO for rule in rules for word in re.split(r"[\s,:;]+", rule.lower())):
        return True
    reserved = [*meta.all("tdm-reservation"), *(value for name, value in headers if name.lower() == "tdm-reservation")]
    return any(value.strip() == "1" for value in reserved)


def _is_free(article: Node, meta: _Meta) -> bool | None:
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
