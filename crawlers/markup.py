"""A page as a tree, and foreign markup as plain text and absolute addresses. Nothing here fetches anything."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

URL_LIMIT = 4096
"""Characters of an address; longer ones are traps or data, and no server is obliged to take them (RFC 9110, 4.1: 8000)."""

LONG_TAG = 20_000
"""Bytes from which a tag is looked at; real ones with data in an attribute have up to a few hundred thousand."""

MAX_ATTRIBUTES = 1_000
"""Attributes of a tag of that length from which it is hostile; libxml2 takes 2 ms for so many."""

BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "body", "br", "caption", "dd", "details", "dialog", "div", "dl", "dt", "fieldset",
        "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "legend", "li", "main", "nav", "ol",
        "option", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "title", "tr", "ul",
    )
)  # fmt: skip
"""Elements that end a line of text (HTML standard, 15.3, "flow content")."""

UNSEEN = frozenset(
    (
        "script", "style", "noscript", "template", "svg", "iframe", "object", "embed", "select", "textarea", "button", "head", "video",
        "audio", "canvas",
    )
)  # fmt: skip
"""Elements whose content is not text that a reader sees in place."""

_QUOTED = re.compile(rb"\"[^\"]*\"|'[^']*'")
_TAG = re.compile(r"<[A-Za-z/!?][^<>]*>")
_DROPPED = re.compile(r"<(script|style)\b[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_BREAK = re.compile(r"<(?:/?(?:p|div|li|ul|ol|h[1-6]|tr|td|blockquote)\b[^<>]*|br\s*/?|hr\s*/?)>", re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CONTROLS = bytes((*range(9), 11, 12, *range(14, 32)))
_NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
"""U+FFFE and U+FFFF in UTF-8; with the controls and the surrogates all that XML 1.0, 2.2 leaves out. Their first byte alone is found
ten times faster, and most pages have none."""
_PLAIN_URL = re.compile(r"https?://[a-z0-9][a-z0-9.-]*(?:/[\w.~!$&'()*+,;=:@%/?#-]*)?", re.ASCII)
"""Addresses that joining and checking would leave as they are; nearly all, and large sitemaps hold 50,000."""
_ONLY_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/*")
_LINE_ENDS = re.compile(r"[\t\r\n]")
_OUTER = "".join(map(chr, range(33)))
"""Controls and space, which browsers strip from both ends (WHATWG URL, 4.4)."""
_DOCTYPE = re.compile(r"^\s*<!doctype[^>]*>", re.IGNORECASE)


def parse_page(text: str) -> HtmlElement | None:
    """The page's tree, or None where there is no element at all. No network, no entities, no huge trees."""
    # libxml2 cuts a document at NUL, and refuses text that declares another encoding than the one it is handed in.
    text = _DOCTYPE.sub("<!DOCTYPE html>", text, count=1)
    markup = _as_utf8(text)
    if markup is None:
        markup = _NOT_XML.sub("\ufffd", text).encode("utf-8")
    markup = _without_endless_tags(markup)
    parser = etree.HTMLParser(
        collect_ids=False, default_doctype=False, encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True, huge_tree=False
    )
    # lxml.html asks a Python function for the class of every element it touches; that is a tenth of all reading.
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=HtmlElement))
    try:
        tree = etree.fromstring(markup, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return tree if isinstance(tree, HtmlElement) else None


def _without_endless_tags(markup: bytes) -> bytes:
    """Take the attributes off tags with thousands of them: libxml2 compares each new one with all before it (50,000: 5 s)."""
    start = 0
    # Looking backwards from as far ahead as a tag may reach, nearly every step ends at its first byte or soon after.
    while len(markup) - start > LONG_TAG:
        end = markup.rfind(b">", start, start + LONG_TAG)
        if end >= 0:
            start = end + 1
            continue
        end = markup.find(b">", start + LONG_TAG)
        end = len(markup) if end < 0 else end
        begin = markup.rfind(b"<", start, end)
        tag = markup[begin:end] if begin >= 0 else b""
        if len(tag) > LONG_TAG and len(_QUOTED.sub(b"", tag).split()) > MAX_ATTRIBUTES:
            markup = markup[:begin] + tag.split(maxsplit=1)[0][:LONG_TAG] + markup[end:]
            start = begin
        else:
            start = end
    return markup


def _as_utf8(text: str) -> bytes | None:
    """``text`` encoded, or None where it holds a character that libxml2 does not take. Ten times faster than a regular expression."""
    try:
        markup = text.encode("utf-8")
    except UnicodeEncodeError:
        return None
    is_clean = len(markup.translate(None, _CONTROLS)) == len(markup) and (
        b"\xef" not in markup or not any(code in markup for code in _NONCHARACTERS)
    )
    return markup if is_clean else None


def text_of(element: etree._Element) -> str:
    """All text of an element that a reader sees, in one line."""
    return " ".join(" ".join(_seen(element)).split())


def _seen(element: etree._Element) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in UNSEEN:
        return
    skipped = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            if skipped is None and (not isinstance(node.tag, str) or node.tag in UNSEEN):
                skipped = node
            if skipped is None and node.text:
                yield node.text
        else:
            if node is skipped:
                skipped = None
            if skipped is None and node is not element and node.tail:
                yield node.tail


def lines_of(element: etree._Element) -> list[str]:
    """The element's seen text, one line a block, without empty ones; in-line markup does not break a line."""
    lines: list[str] = []
    line: list[str] = []

    def end_line() -> None:
        text = " ".join("".join(line).split())
        if text:
            lines.append(text)
        line.clear()

    skipped = None
    for event, node in etree.iterwalk(element, events=("start", "end")):
        is_block = isinstance(node.tag, str) and node.tag in BLOCKS
        if event == "start":
            if skipped is None and (not isinstance(node.tag, str) or node.tag in UNSEEN):
                skipped = node
            if skipped is None:
                if is_block:
                    end_line()
                line.append(node.text or "")
        else:
            if node is skipped:
                skipped = None
            if skipped is None:
                if is_block:
                    end_line()
                if node is not element:
                    line.append(node.tail or "")
    end_line()
    return lines


def plain_text(fragment: str, limit: int = 20_000) -> str:
    """A fragment of HTML, as feeds and metadata carry it, as one line of plain text: tags gone, entities read once."""
    fragment = fragment[:limit]
    if "<" in fragment:
        fragment = _DROPPED.sub(" ", fragment)
        fragment = _BREAK.sub(" ", fragment)
        fragment = _TAG.sub("", fragment)
    if "&" in fragment:
        fragment = html.unescape(fragment)
    return " ".join(fragment.split())


def absolute_url(base: str, link: str) -> str | None:
    """``link`` as an absolute http(s) address, or None where it is none (``javascript:``, no host, too long)."""
    if _PLAIN_URL.fullmatch(link) and len(link) <= URL_LIMIT:
        return link
    link = _LINE_ENDS.sub("", link).strip(_OUTER)
    # A scheme with nothing behind it would be joined to the base itself.
    if not link or len(link) > URL_LIMIT or _ONLY_SCHEME.fullmatch(link):
        return None
    try:
        found = urljoin(base, link)
        parts = urlsplit(found)
        if parts.scheme not in ("http", "https") or not parts.hostname or len(found) > URL_LIMIT:
            return None
        # Reading it checks it: "http://h:port" raises only here.
        _ = parts.port
    except ValueError:
        return None
    return found.replace(" ", "%20")
