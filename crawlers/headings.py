"""The element that holds a page's headline."""

from __future__ import annotations

from itertools import islice

from lxml.html import HtmlElement

from crawlers.markup import text_of
from crawlers.titles import fold

MAX_HEADINGS = 20


def find_headings(tree: HtmlElement) -> list[HtmlElement]:
    """All ``<h1>``; on a page without one, as old systems make them, the lesser headings that its ``<title>`` quotes in full."""
    main = list(islice(tree.iter("h1"), MAX_HEADINGS))
    if main:
        return main
    document = f" {fold(next((text_of(element) for element in tree.iter('title')), ''))} "
    found = []
    for element in islice(tree.iter("h2", "h3"), MAX_HEADINGS):
        text = fold(text_of(element))
        if len(text.split()) >= 2 and f" {text} " in document:
            found.append(element)
    return found
