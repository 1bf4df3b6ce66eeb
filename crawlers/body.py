"""The text of an article: by a dated layout rule where the outlet's card names a CMS, else by trafilatura."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawlers.markup import absolute_url, text_of
from crawlers.rules.catalog import LAYOUTS

THIN = 500
"""Characters below which the pruned tree is not trusted and the whole page is read again."""

MAX_LINKS = 200

PRUNED = ("script", "style", "svg", "template", "iframe", "nav", "form", "button", "select", "input", "textarea")
"""Never article text. Without them trafilatura takes a fifth less time and gives the same text on 274 real pages
(tests/bench/extraction.py, November 2026); where a page has its text in one of them, the whole tree is read after all."""

FORM_TEXT = 400
"""Characters of text above which a form is not a form: some servers wrap the whole page in one (ASP.NET)."""

_SPACES = re.compile(r"[^\S\n]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The text, paragraphs separated by one newline, and who read it."""

    text: str = ""
    extractor: str = "trafilatura"


def read_body(tree: HtmlElement, *, cms: str = "", again: Callable[[], HtmlElement | None]) -> Body:
    """The article's text. Takes the tree apart: read everything else out of it first. ``again`` parses the page anew."""
    for layout in LAYOUTS.get(cms, ()):
        lines = layout.read_body(tree)
        if lines:
            return Body(text=_joined(lines), extractor=layout.name)
    prune(tree)
    text = _general(tree)
    if len(text) < THIN and (whole := again()) is not None:
        other = _general(whole)
        if len(other) > len(text):
            text = other
    return Body(text=text)


def prune(tree: HtmlElement) -> None:
    """Take out, in place, what is never article text."""
    for element in list(tree.iter(*PRUNED)):
        if element.getparent() is not None and (element.tag != "form" or len(element.text_content()) < FORM_TEXT):
            element.drop_tree()


def read_captions(tree: HtmlElement, *, cms: str) -> list[str]:
    """What a layout rule knows of the text beside a player; empty without a rule."""
    for layout in LAYOUTS.get(cms, ()):
        lines = layout.read_captions(tree)
        if lines:
            return lines
    return []


def _general(tree: HtmlElement) -> str:
    import trafilatura

    # The same as extract() but for the last step; on one page in a hundred the text format loses half of what this finds.
    document = trafilatura.bare_extraction(tree, include_comments=False, deduplicate=False, include_tables=True)
    text = getattr(document, "text", None) or ""
    return _joined(text.split("\n"))


def _joined(lines: Sequence[str]) -> str:
    """Lines without empty ones and without outer spaces, one newline between them."""
    return "\n".join(line for raw in lines if (line := _SPACES.sub(" ", raw).strip()))


def read_links(tree: HtmlElement, text: str, base_url: str) -> tuple[str, ...]:
    """Addresses linked from within ``text``, in order, each once: links whose block of the page became a paragraph of it."""
    paragraphs = {_start(line) for line in text.split("\n")}
    found: dict[str, None] = {}
    for anchor in _anchors(tree):
        block = _block(anchor)
        if block is None or _start(text_of(block)) not in paragraphs:
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
    return re.sub(r"\W+", "", line)[:40].casefold()


def _is_same_page(address: str, base_url: str) -> bool:
    return bool(base_url) and address.partition("#")[0] == base_url.partition("#")[0]
