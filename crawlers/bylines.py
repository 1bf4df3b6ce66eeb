"""Who wrote it: the places of a page where that stands, surest first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lxml.html import HtmlElement

from crawlers.authors import clean_authors
from crawlers.markup import text_of
from crawlers.meta_elements import MetaElements
from crawlers.structured_data import StructuredData

_AUTHOR_NAMES = (
    "author", "article:author", "article:author_name", "parsely-author", "sailthru.author", "dcsext.author", "cxenseparse:author",
    "byl", "dc.creator", "dcterms.creator", "citation_author", "og:author", "og:article:author", "mediator_author", "article-author",
)  # fmt: skip
_BYLINE = re.compile(r"(?:^|[\s_-])(?:byline|author(?!ed)|autor|writer)(?:$|[\s_-]|s$|name|s?__)", re.IGNORECASE)
_NO_BYLINE = re.compile(
    r"bio|avatar|image|photo|comment|related|social|follow|box|more|footer|description|card|list-item|teaser", re.IGNORECASE
)


def read_authors(tree: HtmlElement, meta: MetaElements, structured: StructuredData, site_names: Sequence[str]) -> tuple[str, ...]:
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
