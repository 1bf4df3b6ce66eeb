"""The text of an article: by a dated layout rule where the outlet's card names a CMS, else by trafilatura."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree
from lxml.html import HtmlElement

from crawlers.markup import absolute_url, lines_of
from crawlers.prose import Prose, cut_out, find_prose
from crawlers.rules.catalog import LAYOUTS

THIN = 500
"""Characters below which a text is looked at twice."""

THINNEST = 250
"""Characters below which it is not believed in any case: what is left of a page that a script fills may be a banner."""

THIN_SHARE = 0.25
"""Of the prose in the part that was read. With less, the extractor took teasers for the article, or found nothing."""

SHORT_SHARE = 0.7
"""Of all prose on the page: a text shorter than THIN that holds this much of it is a short article."""

MAX_ELEMENTS = 30_000
"""Elements of a part or page that the extractor is given. Real pages have up to 10,000; it needs minutes for 200,000."""

MAX_LINKS = 200

BEGINNING = 200
"""Characters of a paragraph by which it is known again; spaces are many in markup."""

PRUNED = ("script", "style", "svg", "template", "iframe", "nav", "button", "select", "input", "textarea")
"""Never article text. Without them trafilatura takes a fifth less time and gives the same text on 274 real pages
(tests/bench/extraction.py, November 2026); where a page has its text in one of them, the whole tree is read after all."""

FORM_TEXT = 400
"""Characters of text above which a form is not a form: some servers wrap the whole page in one (ASP.NET)."""

_ELEMENTS = etree.XPath("count(descendant::*)")
_NO_WORD = re.compile(r"\W+")
_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The text, paragraphs separated by one newline, and who read it."""

    text: str = ""
    extractor: str = "trafilatura"
    element: HtmlElement | None = None
    """The part of the page that was read; None: the whole."""


def read_body(tree: HtmlElement, *, cms: str = "") -> Body:
    """The article's text. The tree stays as it is."""
    for layout in LAYOUTS.get(cms, ()):
        lines = layout.read_body(tree)
        if lines:
            return Body(text=_joined(lines), extractor=layout.name)
    prose = find_prose(tree)
    if prose is None:
        return _read_whole(tree)
    part = cut_out(tree, prose)
    if _count(part) > MAX_ELEMENTS:
        return _read_plainly(prose.element)
    text = _general(part, fast=True)
    if _is_thin(text, prose):
        whole = _read_whole(tree)
        if len(whole.text) > len(text):
            return whole
    return Body(text=text, element=prose.element)


def _is_thin(text: str, prose: Prose) -> bool:
    """Whether the part gave so little that the extractor has to see the whole page."""
    if len(text) < THIN_SHARE * prose.length:
        return True
    return len(text) < THINNEST or (len(text) < THIN and len(text) < SHORT_SHARE * prose.page_length)


def _read_whole(tree: HtmlElement) -> Body:
    """By the extractor's slow way, which compares three readings of the page."""
    if _count(tree) > MAX_ELEMENTS:
        return _read_plainly(tree)
    pruned = deepcopy(tree)
    for form in list(pruned.iter("form")):
        if len(form.text_content()) < FORM_TEXT:
            form.drop_tree()
    etree.strip_elements(pruned, *PRUNED, with_tail=False)
    text = _general(pruned, fast=False)
    if len(text) < THIN:
        # It reads JSON-LD too, for one, where nothing else gives a text.
        unpruned = _general(tree, fast=False)
        text = max(text, unpruned, key=len)
    return Body(text=text)


def _read_plainly(element: HtmlElement) -> Body:
    """Every line that is seen, of a page that nobody could read in the time a page gets."""
    return Body(text=_joined(lines_of(element)), extractor="plain", element=element)


def _count(tree: HtmlElement) -> int:
    return int(_ELEMENTS(tree))


def read_captions(tree: HtmlElement, *, cms: str) -> list[str]:
    """What a layout rule knows of the text beside a player; empty without a rule."""
    for layout in LAYOUTS.get(cms, ()):
        lines = layout.read_captions(tree)
        if lines:
            return lines
    return []


def _general(tree: HtmlElement, *, fast: bool) -> str:
    import trafilatura

    # The same as extract() but for the last step; on one page in a hundred the text format loses half of what this finds.
    document = trafilatura.bare_extraction(tree, options=_options(fast))
    text = getattr(document, "text", None) or ""
    return _joined(text.split("\n"))


@lru_cache(maxsize=2)
def _options(fast: bool) -> Any:
    """Made once: reading its configuration takes as long as a short page."""
    from trafilatura.settings import Extractor

    return Extractor(output_format="python", fast=fast, comments=False, dedup=False, tables=True)


def _joined(lines: Sequence[str]) -> str:
    """Lines without empty ones and without outer spaces, one newline between them."""
    return "\n".join(line for raw in lines if (line := _SPACES.sub(" ", raw).strip()))


def read_links(tree: HtmlElement, body: Body, base_url: str) -> tuple[str, ...]:
    """Addresses linked from within the text, in order, each once: links whose block of the page became a paragraph of it."""
    paragraphs = {_start(line) for line in body.text.split("\n")}
    found: dict[str, None] = {}
    is_paragraph: dict[HtmlElement, bool] = {}
    for anchor in _anchors(tree if body.element is None else body.element):
        block = _block(anchor)
        if block is None:
            continue
        if block not in is_paragraph:
            is_paragraph[block] = _start(block.text_content()[:BEGINNING]) in paragraphs
        if not is_paragraph[block]:
            continue
        address = absolute_url(base_url, anchor.get("href") or "")
        if address and not _is_same_page(address, base_url):
            found[address] = None
        if len(found) >= MAX_LINKS:
            break
    return tuple(found)


def _anchors(tree: HtmlElement) -> Iterator[HtmlElement]:
    for count, anchor in enumerate(tree.iter("a")):
        if count >= 5_000:
            return
        if anchor.get("href") and not anchor.get("href").startswith("#"):
            yield anchor


def _block(anchor: HtmlElement) -> HtmlElement | None:
    """The paragraph, item or cell that the link stands in; at worst the nearest division."""
    for parent in anchor.iterancestors():
        if parent.tag in ("p", "li", "blockquote", "td", "h2", "h3", "h4", "dd", "div", "section"):
            return parent
        if parent.tag in ("body", "html", "article", "main"):
            return None
    return None


def _start(line: str) -> str:
    """The first words of a paragraph, as far as trafilatura's and our own spacing agree on them."""
    return _NO_WORD.sub("", line[:BEGINNING])[:40].casefold()


def _is_same_page(address: str, base_url: str) -> bool:
    return bool(base_url) and address.partition("#")[0] == base_url.partition("#")[0]
