"""One layout of one CMS: where the text stands, what lies in it and is not text. Dated, since publishers rebuild their sites."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawlers.markup import lines_of

MIN_CHARACTERS = 150
"""A match with less text is an empty container of another layout, or a caption."""


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
        """The paragraphs of the body; empty when no selector matches a text. The tree stays as it is."""
        for selector in self._body:
            lines = [line for element in _outermost(selector(tree)) for line in self._read(element)]
            if sum(map(len, lines)) >= MIN_CHARACTERS:
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
                parent = unwanted.getparent()
                if parent is not None:
                    # HtmlElement.drop_tree keeps what follows the element, which lxml calls its tail.
                    unwanted.drop_tree()
        return lines_of(element)


def _outermost(elements: list[HtmlElement]) -> list[HtmlElement]:
    """The elements that lie in none of the others, in document order."""
    chosen = set(elements)
    return [element for element in elements if not any(parent in chosen for parent in element.iterancestors())]
