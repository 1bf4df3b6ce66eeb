"""Where on a page its running text stands, and that part cut out of it: a tenth of the elements, so a fraction of the reading time.

Nothing is decided here about what the article is; the extractor does that, on the part. Whoever reads a part has to be ready to
read the whole page instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree
from lxml.html import HtmlElement

from crawlers.headings import find_headings

MIN_RUN = 40
"""Characters from which a run of text between two tags counts as prose, and not as a label, a button or a name."""

SHARE = 0.9
"""The part holds at least this share of its surroundings' prose. With less, a text of two columns would lose one."""

LINKED = 0.5
"""Share of a box's characters inside links above which it is navigation, if it also holds no prose."""

MAX_RUNS = 20_000
"""Runs of prose that are looked at. A novel has some 3,000; the hostile page that this is about has 200,000."""

LONGEST_NAME = 500
"""Characters of a class or id that the extractor is given: it tries some twenty patterns on each."""

_LONG_NAMES = etree.XPath(f"descendant::*/@*[string-length(.) > {LONGEST_NAME}][name() = 'class' or name() = 'id' or name() = 'style']")
_RUNS = etree.XPath(f"descendant::text()[string-length(.) > {MIN_RUN}]")

NOT_PROSE = frozenset(
    (
        "a", "figcaption", "figure", "footer", "nav", "aside", "button", "label", "option", "select", "textarea", "noscript", "script",
        "style", "template", "svg", "iframe", "time", "cite", "head", "title", "object", "video", "audio", "canvas", "dialog", "menu",
    )
)  # fmt: skip
"""Elements whose text is not the page's own prose, however long."""

_OTHERS = re.compile(
    r"(?:cookie|consent|gdpr|privacy)[-_]?(?:banner|bar|box|consent|dialog|law|manager|message|modal|notice|overlay|popup|policy|wall)|"
    r"onetrust|usercentrics|didomi|cookiebot|cmplz|borlabs|sp_message|truste|qc-cmp|"
    r"(?:^|\s)comments?(?:$|\s|[-_](?:area|block|box|container|list|section|thread|wrap))|disqus_thread",
    re.IGNORECASE,
)
"""Names of boxes whose text is not the page's own: consent banners of the makers that most sites use, and readers' comments."""

_STEMS = (
    "ookie", "onsent", "gdpr", "rivacy", "onetrust", "usercentrics", "didomi", "cmplz", "borlabs", "sp_message", "truste", "qc-cmp",
    "omment", "disqus",
)  # fmt: skip
"""One of these is in every name that ``_OTHERS`` finds; looking for them first is ten times faster."""

_DROPPED = (
    "script", "style", "svg", "template", "iframe", "nav", "form", "button", "select", "input", "textarea", "noscript", "footer", "aside",
    "link", "meta", "figure", "picture", "video", "audio", "canvas", "object", "embed", "img", "source", "label", "time", "dialog", "menu",
    "map", "fieldset", "option", "head",
)  # fmt: skip
"""What the extractor discards first of all, in many walks over the page (``trafilatura.settings.MANUALLY_CLEANED``)."""

_UNWRAPPED = (
    "b", "i", "em", "strong", "u", "font", "small", "big", "abbr", "acronym", "ins", "mark", "wbr", "tbody", "thead", "tfoot", "nobr",
    "bdi", "bdo", "data", "dfn", "hgroup", "ruby", "kbd", "samp", "tt", "var", "address",
)  # fmt: skip
"""Tags that the extractor takes off from around their text (``MANUALLY_STRIPPED`` there, and emphasis)."""

_BOXES = frozenset(("div", "section", "ul", "ol", "article", "header", "details", "dl", "main", "form"))
_NO_CONTAINER = frozenset(("p", "td", "th", "tr", "tbody", "table", "li", "ul", "ol", "span", "blockquote", "h1", "h2", "h3"))
"""A part does not end inside one of these: their neighbours are the same text's."""

_NAMING = ("class", "id", "role", "style", "itemprop", "aria-hidden", "data-component", "data-lp-replacement-content")
"""Attributes by which the extractor tells what an element holds (``trafilatura.xpaths``)."""

_DROPPED_SET = frozenset(_DROPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prose:
    """``element`` is the part; the characters of prose in it, and on the whole page."""

    element: HtmlElement
    length: int
    page_length: int
    weights: Mapping[HtmlElement, int]
    """Characters of prose under every element that has any, up to but without ``<body>``."""


def find_prose(tree: HtmlElement) -> Prose | None:
    """The smallest element that holds nearly all prose of its surroundings; None on a page without any. The tree stays as it is."""
    body = tree.find("body")
    if body is None:
        return None
    weights = _weigh(body)
    total = weights.pop(body, 0)
    if not total:
        return None
    element, length = body, total
    while True:
        best = max(element, key=lambda child: weights.get(child, 0), default=None)
        if best is None or best.tag in _NO_CONTAINER or weights.get(best, 0) < SHARE * length:
            return Prose(element=element, length=length, page_length=total, weights=weights)
        element, length = best, weights[best]


def _weigh(body: HtmlElement) -> dict[HtmlElement, int]:
    """Characters of prose under each element that has any, the body's own included."""
    depths: dict[HtmlElement, int | None] = {body: 0}
    weights: dict[HtmlElement, int] = {body: 0}
    for count, text in enumerate(_RUNS(body)):
        if count >= MAX_RUNS:
            break
        parent = text.getparent().getparent() if text.is_tail else text.getparent()
        if _depth(parent, depths) is not None and (length := len(" ".join(text.split()))) >= MIN_RUN:
            weights[parent] = weights.get(parent, 0) + length
    # From the innermost outwards each element hands its sum on once.
    levels: dict[int, list[HtmlElement]] = {}
    for element in weights:
        levels.setdefault(depths[element] or 0, []).append(element)
    for level in range(max(levels), 0, -1):
        for element in levels.get(level, ()):
            parent = element.getparent()
            if parent not in weights:
                weights[parent] = 0
                levels.setdefault(level - 1, []).append(parent)
            weights[parent] += weights[element]
    return weights


def _depth(element: HtmlElement, depths: dict[HtmlElement, int | None]) -> int | None:
    """Levels below the body, or None inside of something whose text is not the page's prose. ``depths`` holds the body and grows."""
    path = []
    while element not in depths:
        path.append(element)
        element = element.getparent()
    depth = depths[element]
    for element in reversed(path):
        depth = None if depth is None or _is_other(element) else depth + 1
        depths[element] = depth
    return depth


def _is_other(element: HtmlElement) -> bool:
    if element.tag in NOT_PROSE:
        return True
    if element.tag in ("p", "span", "li"):
        return False
    name = element.get("class")
    other = element.get("id")
    return (name is not None or other is not None) and _names_other(f"{name or ''} {other or ''}")


@lru_cache(maxsize=20_000)
def _names_other(names: str) -> bool:
    """Remembered: a site's pages have the same boxes."""
    return any(stem in names for stem in _STEMS) and bool(_OTHERS.search(names))


def cut_out(tree: HtmlElement, prose: Prose) -> HtmlElement:
    """A new page of the part alone, inside copies of the elements around it, since their names tell the extractor what they hold.

    What stands between the headline and the part comes along: an introduction is often set apart from the rest.
    """
    part = _copy(prose.element, prose.weights)
    heading = next(iter(find_headings(tree)), None)
    above = {heading, *heading.iterancestors()} if heading is not None else set()
    element = prose.element
    is_below = heading is not None and element not in above
    while element.tag != "body":
        parent = element.getparent()
        if parent is None or parent.tag == "html":
            break
        outer = _shell(parent)
        if is_below:
            for before in _before(parent, element, above):
                if prose.weights.get(before):
                    outer.append(_copy(before, prose.weights))
            is_below = parent not in above
        outer.append(part)
        part, element = outer, parent
    page = part.makeelement("html")
    page.append(part)
    etree.strip_elements(page, *_DROPPED, with_tail=False)
    etree.strip_tags(page, *_UNWRAPPED)
    for attribute in _LONG_NAMES(page):
        element, name = attribute.getparent(), attribute.attrname
        element.set(name, element.get(name)[:LONGEST_NAME])
    return page


def _before(parent: HtmlElement, element: HtmlElement, above: set[HtmlElement]) -> Iterator[HtmlElement]:
    """The children of ``parent`` that stand before ``element``, from the one with the headline on where it is among them."""
    children = list(element.itersiblings(preceding=True))
    children.reverse()
    start = next((index for index, child in enumerate(children) if child in above), 0) if parent in above else 0
    return iter(children[start:])


def _shell(element: HtmlElement) -> HtmlElement:
    """The element without what is in it. A wrapper's form is not one to fill in."""
    tag = "div" if element.tag == "form" else element.tag
    # What names a whole page ("has-comments", "cookies-not-set") says nothing about the text in it.
    attributes = {} if tag == "body" else {name: value for name in _NAMING if (value := element.get(name))}
    try:
        return element.makeelement(tag, attributes)
    except ValueError:
        # The parser lets names through that libxml2 would not make ("a<b").
        return element.makeelement("div", attributes)


def _copy(element: HtmlElement, weights: Mapping[HtmlElement, int]) -> HtmlElement:
    """The element without boxes that hold nothing, or links only."""
    copied = _shell(element)
    copied.text = element.text
    for child in element:
        if child.tag in _BOXES:
            if child in weights:
                inner = _copy(child, weights)
                inner.tail = child.tail
                copied.append(inner)
                continue
            if not _is_navigation(child):
                copied.append(deepcopy(child))
                continue
        elif child.tag not in _DROPPED_SET:
            copied.append(deepcopy(child))
            continue
        if child.tail and not child.tail.isspace():
            _add_text(copied, child.tail)
    return copied


def _is_navigation(box: HtmlElement) -> bool:
    length = len("".join(box.text_content().split()))
    if not length:
        return True
    return sum(len("".join(anchor.text_content().split())) for anchor in box.iter("a")) > LINKED * length


def _add_text(element: HtmlElement, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
