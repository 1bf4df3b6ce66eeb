"""One layout of one CMS: where the text stands, what lies in it and is not text. Dated, since publishers rebuild their sites."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawlers.markup import lines_of

MIN_CHARACTERS = 150
"""A match with less text is an empty container of another layout, or a caption."""

MIN_SHARE = 0.4
"""Of the text in the page's paragraphs. A match with less holds teasers, and the article stands in something we do not know."""

PARAGRAPH = 80
"""Characters from which a paragraph counts for that share."""

_NAMED_PARTS = XPath(".//*[self::div or self::section or self::ul or self::p or self::span or self::aside][@class or @id]")
_SIDE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:shares?|sharing|share-?(?:bar|buttons?|links?)|social|related|recommend\w*|newsletter|adverts?|advertisement|promo|"
    r"subscribe|tags?|tag-?(?:list|links|cloud)|comments?|read-?(?:more|next|also)|also-read|print-?only|breadcrumbs?|rating|likes)(?:$|[\s_-])",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…:;»”\"')]\s*$")


def has_class(name: str) -> str:
    """XPath condition: the element carries this class."""
    return f'contains(concat(" ", normalize-space(@class), " "), " {name} ")'


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Selectors are XPath 1.0. The first body selector whose elements hold enough text decides."""

    name: str
    """The CMS and the month of the layout: "pangea/2026-11"."""
    seen_on: date
    """When somebody last looked at pages of this layout."""
    body: tuple[str, ...]
    single: bool = False
    """Of several matches only the largest is the body; the others are those of teasers."""
    drop: tuple[str, ...] = ()
    """Elements inside the body that are not text: teasers, players, share bars."""
    captions: tuple[str, ...] = ()
    """Text of a page without a body: what a video page says under its player."""
    _body: tuple[XPath, ...] = field(init=False, repr=False, compare=False)
    _drop: tuple[XPath, ...] = field(init=False, repr=False, compare=False)
    _captions: tuple[XPath, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("body", "drop", "captions"):
            object.__setattr__(self, f"_{name}", tuple(XPath(expression) for expression in getattr(self, name)))

    def read_body(self, tree: HtmlElement) -> list[str]:
        """The paragraphs of the body; empty when no selector matches the article's text. The tree stays as it is."""
        needed = max(MIN_CHARACTERS, MIN_SHARE * _paragraph_text(tree))
        for selector in self._body:
            elements = _outermost(selector(tree))
            if self.single and elements:
                elements = [max(elements, key=lambda element: len(element.text_content()))]
            lines = [line for element in elements for line in self._read(element)]
            if sum(map(len, lines)) >= needed:
                return lines
        return []

    def read_captions(self, tree: HtmlElement) -> list[str]:
        """The first caption found; empty when there is none."""
        for selector in self._captions:
            for element in selector(tree):
                lines = self._read(element)
                if lines:
                    return lines
        return []

    def _read(self, element: HtmlElement) -> list[str]:
        element = deepcopy(element)
        element.tail = None
        for selector in self._drop:
            for unwanted in selector(element):
                _drop(unwanted)
        _drop_side_lines(element)
        return lines_of(element)


def _drop(element: HtmlElement) -> None:
    if element.getparent() is not None:
        # HtmlElement.drop_tree keeps what follows the element, which lxml calls its tail.
        element.drop_tree()


def _drop_side_lines(element: HtmlElement) -> None:
    """Take out, in place, what any CMS puts among the paragraphs: share bars by their names, and lines that are only a link."""
    whole = len(element.text_content())
    for part in _NAMED_PARTS(element):
        # A wrapper of the text itself may be called "article-share-wrapper"; it holds most of it.
        if _SIDE_NAMES.search(f"{part.get('class') or ''} {part.get('id') or ''}") and len(part.text_content()) < 0.3 * whole:
            _drop(part)
    for line in list(element.iter("p", "li", "h3", "h4")):
        text = line.text_content().strip()
        linked = sum(len(anchor.text_content().strip()) for anchor in line.iter("a"))
        if text and linked > 0.9 * len(text) and len(text) < 200 and not _SENTENCE_END.search(text):
            _drop(line)


def _paragraph_text(tree: HtmlElement) -> int:
    """Characters in the page's real paragraphs."""
    total = 0
    for paragraph in tree.iter("p"):
        length = len(paragraph.text_content().strip())
        if length >= PARAGRAPH and next(paragraph.iterancestors("footer", "nav", "form"), None) is None:
            total += length
    return total


def _outermost(elements: list[HtmlElement]) -> list[HtmlElement]:
    """The elements that lie in none of the others, in document order."""
    chosen = set(elements)
    return [element for element in elements if not any(parent in chosen for parent in element.iterancestors())]
