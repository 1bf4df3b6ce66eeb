"""The facts that a page's class is judged by, counted from its tree before anything is taken out of it."""

from __future__ import annotations

from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawlers.markup import text_of
from crawlers.metadata import Metadata
from crawlers.page_class import SHORT, THIN, PageFacts
from crawlers.structured_data import text_field
from storage.records import Entry, PageKind

SEEN_LIMIT = 20_000
"""Characters of visible text that are kept for wording."""

NAME_LIMIT = 500
"""Characters of a title or heading that are looked at; a hostile one has ten million."""

_APP_ROOTS = ("root", "app", "__next", "__nuxt", "main-app", "app-root", "react-root", "svelte")
_PLAYERS = (
    "youtube.com/embed",
    "youtube-nocookie.com/embed",
    "player.vimeo.com",
    "dailymotion.com/embed",
    "rutube.ru/play",
    "vk.com/video_ext",
    "jwplayer",
    "brightcove",
    "/embed/player",
)
_SEEN = XPath(
    "//body//text()[not(parent::script or parent::style or parent::template or parent::noscript or parent::textarea or parent::option)]",
    smart_strings=False,
)
_MARKED_PLAYER = XPath(
    'boolean(//*[@data-sp_api="pangea-video"] | //div[@data-sources] | //*[contains(@itemtype, "schema.org/VideoObject")])'
)
_ROOTS = XPath("//*[" + " or ".join(f'@id="{name}"' for name in _APP_ROOTS) + "]")
_NAMES = XPath("//@id | //@class", smart_strings=False)


def read_facts(tree: HtmlElement, metadata: Metadata, *, url: str, entry: Entry | None) -> PageFacts:
    """Facts without ``text``, which only the extractor knows. The tree stays as it is."""
    structured = metadata.structured
    node = structured.article
    seen = _seen(tree)
    links = [" ".join(anchor.text_content().split()) for anchor in tree.iter("a")]
    scripts = list(tree.iter("script"))
    frames = [element.get("src") or element.get("data-src") or "" for element in tree.iter("iframe", "embed")]
    return PageFacts(
        url=url,
        title=metadata.title,
        document_title=next((text_of(element)[:NAME_LIMIT] for element in tree.iter("title")), ""),
        headings=tuple(text_of(element)[:NAME_LIMIT] for element in islice(tree.iter("h1"), 5)),
        seen=seen[:SEEN_LIMIT],
        seen_length=len(seen),
        linked_length=sum(map(len, links)),
        headline_links=sum(text.count(" ") >= 4 for text in links),
        teasers=sum(1 for _ in tree.iter("article")),
        times=sum(1 for _ in tree.iter("time")),
        password_field=any((element.get("type") or "").lower() == "password" for element in tree.iter("input")),
        player=_has_player(tree, frames),
        script_length=sum(1_000 if script.get("src") else len(script.text or "") for script in scripts),
        app_root=len(seen) < 4 * SHORT and _has_empty_root(tree),
        noscript=" ".join(" ".join(element.text_content() for element in tree.iter("noscript")).split())[:2_000],
        markup_signs=_signs(tree, scripts, frames) if len(seen) < 4 * THIN else "",
        refresh=any((element.get("http-equiv") or "").lower() == "refresh" for element in tree.iter("meta")),
        page_type=metadata.page_type,
        types=structured.types,
        has_article_node=bool(text_field(node, "headline", "name")) and any(node.get(name) for name in ("datePublished", "dateModified")),
        has_video_node=bool(structured.video),
        has_date=metadata.published.source in ("json-ld", "meta"),
        is_free=metadata.is_free,
        word_count=metadata.word_count,
        expected_video=entry is not None and entry.kind is PageKind.VIDEO,
    )


def _seen(tree: HtmlElement) -> str:
    """What stands on the page for a reader, in one line. Filtering inside libxml2 is many times faster than here."""
    return " ".join(" ".join(_SEEN(tree)).split())


def _has_player(tree: HtmlElement, frames: list[str]) -> bool:
    if any(name in source for source in frames for name in _PLAYERS) or next(tree.iter("video"), None) is not None:
        return True
    return bool(_MARKED_PLAYER(tree))


def _has_empty_root(tree: HtmlElement) -> bool:
    return any(len(element.text_content().strip()) < 100 for element in _ROOTS(tree))


def _signs(tree: HtmlElement, scripts: list[HtmlElement], frames: list[str]) -> str:
    """Ids, classes, and where scripts, frames and forms point: what gives the makers of walls away."""
    signs = [script.get("src") or (script.text or "")[:500] for script in scripts]
    signs += frames
    signs += [form.get("action") or "" for form in tree.iter("form")]
    signs += _NAMES(tree)
    return " ".join(signs)[:100_000]
