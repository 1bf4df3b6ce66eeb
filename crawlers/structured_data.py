"""What a page says about itself in JSON-LD (schema.org), however badly it says it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml.html import HtmlElement

from crawlers.markup import plain_text

Node = Mapping[str, Any]

MAX_SCRIPTS = 60
MAX_SCRIPT_CHARACTERS = 2_000_000
MAX_NODES = 5_000
"""Bounds of one page; real ones have some ten scripts and a few hundred nodes."""

ARTICLE_TYPES = frozenset(
    {
        "article", "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "backgroundnewsarticle", "opinionnewsarticle",
        "reviewnewsarticle", "askpublicnewsarticle", "satiricalarticle", "advertisercontentarticle",
        "blogposting", "liveblogposting", "techarticle", "scholarlyarticle", "socialmediaposting", "report", "review",
    }
)  # fmt: skip
VIDEO_TYPES = frozenset({"videoobject", "videoobjectsnapshot", "broadcastevent", "clip", "tvepisode", "episode"})
LISTING_TYPES = frozenset({"collectionpage", "searchresultspage", "profilepage", "itemlist"})

_DESCENDED = ("@graph", "mainEntity", "mainEntityOfPage")
"""Where the node that describes this page may lie. Not itemListElement, hasPart or relatedLink: those are other pages."""

_COMMENT = re.compile(r"^\s*(?:/\*.*?\*/|//[^\n]*\n|<!--|<!\[CDATA\[)\s*|\s*(?:-->|\]\]>|/\*.*?\*/|//\s*\]\]>)\s*$", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_FIELD = r'"%s"\s*:\s*"((?:[^"\\\n]|\\.){1,2000})"'


@dataclass(frozen=True, slots=True, kw_only=True)
class StructuredData:
    """The nodes of a page. ``article`` and ``video`` are the ones that describe the page itself."""

    nodes: tuple[Node, ...] = ()
    article: Node = field(default_factory=dict)
    video: Node = field(default_factory=dict)
    types: frozenset[str] = frozenset()
    """Lower-case types of all nodes that could describe the page."""
    by_id: Mapping[str, Node] = field(default_factory=dict)

    def resolve(self, value: Any) -> Any:
        """The node that a bare ``{"@id": …}`` points to, else ``value`` itself."""
        if isinstance(value, dict) and set(value) <= {"@id", "@type"} and isinstance(value.get("@id"), str):
            return self.by_id.get(value["@id"], value)
        return value


def read_structured_data(tree: HtmlElement, urls: tuple[str, ...]) -> StructuredData:
    """All JSON-LD of the page. ``urls`` are the page's own addresses: of several articles the one that names them is meant."""
    nodes: list[Node] = []
    by_id: dict[str, Node] = {}
    scripts = [script for script in tree.iter("script") if "ld+json" in (script.get("type") or "").lower()]
    for script in scripts[:MAX_SCRIPTS]:
        text = "".join(script.itertext())
        if len(text) > MAX_SCRIPT_CHARACTERS:
            continue
        for value in _load(text):
            for node in _walk(value):
                if len(nodes) >= MAX_NODES:
                    break
                nodes.append(node)
                name = node.get("@id")
                if isinstance(name, str) and len(node) > 2:
                    by_id.setdefault(name, node)
    articles = [node for node in nodes if types_of(node) & ARTICLE_TYPES]
    videos = [node for node in nodes if types_of(node) & VIDEO_TYPES]
    return StructuredData(
        nodes=tuple(nodes),
        article=_own(articles, urls),
        video=_own(videos, urls),
        types=frozenset(kind for node in nodes for kind in types_of(node)),
        by_id=by_id,
    )


def types_of(node: Node) -> frozenset[str]:
    """Lower-case names of the node's types, without the vocabulary's address."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return frozenset(name.rstrip("/").rpartition("/")[2].rpartition(":")[2].lower() for name in names if isinstance(name, str))


def text_field(node: Node, *names: str) -> str:
    """The first of these fields that holds text, as plain text; empty when none does."""
    for name in names:
        value = node.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("@value") or value.get("name")
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip():
            # Headlines are often escaped a second time ("&amp;quot;").
            return html.unescape(plain_text(str(value)))
    return ""


def url_field(node: Node, *names: str) -> str:
    """The first of these fields that holds an address, be it text, a node or a list of either."""
    for name in names:
        value = node.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, dict):
            value = value.get("url") or value.get("@id") or value.get("contentUrl")
            if isinstance(value, list) and value:
                value = value[0]
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


def _own(nodes: list[Node], urls: tuple[str, ...]) -> Node:
    """The node that describes this page: one that names its address, else the first that has a name, else the first."""
    wanted = {_bare(url) for url in urls if url}
    for node in nodes:
        named = (url_field(node, "url"), url_field(node, "mainEntityOfPage"), url_field(node, "@id"))
        if any(_bare(url) in wanted for url in named if url):
            return node
    named_nodes = (node for node in nodes if text_field(node, "headline", "name"))
    return next(named_nodes, nodes[0] if nodes else {})


def _bare(url: str) -> str:
    return re.sub(r"^https?://(?:www\.)?", "", url.partition("#")[0].partition("?")[0]).rstrip("/").lower()


def _walk(value: Any, depth: int = 0) -> Iterator[Node]:
    if depth > 6:
        return
    if isinstance(value, list):
        for item in value[:500]:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in _DESCENDED:
            if isinstance(value.get(name), (dict, list)):
                yield from _walk(value[name], depth + 1)


def _load(text: str) -> list[Any]:
    """Every JSON value in a script, mended where it can be; the last resort reads single fields out of a broken one."""
    text = text.strip().strip("\ufeff")
    if text[:1] not in ("{", "[") or text[-1:] not in ("}", "]"):
        for _ in range(3):
            text = _COMMENT.sub("", text)
        text = text.strip().rstrip(";").strip()
    if not text:
        return []
    values = _decode(text) or _decode(_TRAILING_COMMA.sub(r"\1", text))
    if not values and ("&quot;" in text or "&#34;" in text or "&#x22;" in text.lower()):
        values = _decode(html.unescape(text))
    if values:
        return values
    broken = _fields_of_broken(text)
    return [broken] if broken else []


def _decode(text: str) -> list[Any]:
    """One value, or several put one after the other; nothing if the first is already broken."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    start = 0
    try:
        while start < len(text) and len(values) < 50:
            value, start = decoder.raw_decode(text, start)
            values.append(value)
            start += len(text[start:]) - len(text[start:].lstrip(" \t\r\n;,"))
    except (ValueError, RecursionError):
        pass
    return [value for value in values if isinstance(value, (dict, list))]


def _fields_of_broken(text: str) -> dict[str, Any]:
    """The fields we use, where they can still be made out in JSON that no parser takes."""
    found: dict[str, Any] = {}
    for name in ("@type", "headline", "datePublished", "dateModified", "uploadDate", "description", "duration", "inLanguage"):
        match = re.search(_FIELD % re.escape(name), text)
        if match:
            try:
                found[name] = json.loads(f'"{match[1]}"', strict=False)
            except ValueError:
                found[name] = match[1]
    match = re.search(r'"author"\s*:\s*[\[{].{0,300}?"name"\s*:\s*"((?:[^"\\\n]|\\.){1,200})"', text, re.DOTALL)
    if match:
        found["author"] = [{"@type": "Person", "name": match[1]}]
    match = re.search(r'"isAccessibleForFree"\s*:\s*"?(true|false)', text, re.IGNORECASE)
    if match:
        found["isAccessibleForFree"] = match[1].lower()
    return found if "@type" in found else {}
