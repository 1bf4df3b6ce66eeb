"""The facts that a page's class is judged by, each read from its tree when somebody asks for it: most pages answer with a few."""

from __future__ import annotations

from functools import cached_property
from itertools import islice

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawlers.markup import text_of
from crawlers.metadata import Metadata
from crawlers.structured_data import text_field
from storage.records import Entry, PageKind

SEEN_LIMIT = 20_000
"""Characters of visible text that are kept for wording."""

NAME_LIMIT = 500
"""Characters of a title or heading that are looked at; a hostile one has ten million."""

MOST_SIGNS = 100_000
"""Characters of ids, classes and addresses that are looked at."""

WALL_TEXT = 6_000
"""Characters of visible text from which a page is not one big wall."""

ROOT_TEXT = 100
"""Characters below which an element that a script is to fill is still empty."""

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


class PageFacts:
    """What is judged. All counts are of the whole page. The tree must stay as it is for as long as facts are asked for."""

    def __init__(self, tree: HtmlElement, metadata: Metadata, *, text: str, url: str, entry: Entry | None) -> None:
        structured = metadata.structured
        node = structured.article
        self._tree = tree
        self.text = text
        """What the extractor took for the article."""
        self.url = url
        self.title = metadata.title
        self.page_type = metadata.page_type
        """``og:type``."""
        self.types = structured.types
        """JSON-LD types, lower case."""
        self.has_article_node = bool(text_field(node, "headline", "name")) and any(
            node.get(name) for name in ("datePublished", "dateModified")
        )
        """JSON-LD describes an article with a headline and a date."""
        self.has_video_node = bool(structured.video)
        self.has_date = metadata.published.source in ("json-ld", "meta")
        """The page itself gives a publication time in its metadata."""
        self.is_free = metadata.is_free
        self.word_count = metadata.word_count
        self.expected_video = entry is not None and entry.kind is PageKind.VIDEO
        """Announced as a video by its sitemap."""

    @cached_property
    def document_title(self) -> str:
        """The ``<title>``, with the site's name."""
        return next((text_of(element)[:NAME_LIMIT] for element in self._tree.iter("title")), "")

    @cached_property
    def headings(self) -> tuple[str, ...]:
        """The ``<h1>``, lower case or not."""
        return tuple(text_of(element)[:NAME_LIMIT] for element in islice(self._tree.iter("h1"), 5))

    @cached_property
    def _whole(self) -> str:
        return " ".join(" ".join(_SEEN(self._tree)).split())

    @cached_property
    def seen(self) -> str:
        """What a reader sees of the whole page, in one line, at most some 20,000 characters."""
        return self._whole[:SEEN_LIMIT]

    @cached_property
    def seen_length(self) -> int:
        return len(self._whole)

    @cached_property
    def _links(self) -> list[str]:
        return [" ".join(anchor.text_content().split()) for anchor in self._tree.iter("a")]

    @cached_property
    def linked_length(self) -> int:
        """Characters of ``seen_length`` that are inside links."""
        return sum(map(len, self._links))

    @cached_property
    def headline_links(self) -> int:
        """Links of at least five words: headlines of other pages."""
        return sum(text.count(" ") >= 4 for text in self._links)

    @cached_property
    def teasers(self) -> int:
        """``<article>`` elements."""
        return sum(1 for _ in self._tree.iter("article"))

    @cached_property
    def times(self) -> int:
        """``<time>`` elements."""
        return sum(1 for _ in self._tree.iter("time"))

    @cached_property
    def password_field(self) -> bool:
        return any((element.get("type") or "").lower() == "password" for element in self._tree.iter("input"))

    @cached_property
    def _frames(self) -> list[str]:
        return [element.get("src") or element.get("data-src") or "" for element in self._tree.iter("iframe", "embed")]

    @cached_property
    def player(self) -> bool:
        """A video player or an embedded one."""
        if any(name in source for source in self._frames for name in _PLAYERS) or next(self._tree.iter("video"), None) is not None:
            return True
        return bool(_MARKED_PLAYER(self._tree))

    @cached_property
    def script_length(self) -> int:
        """Characters of inline scripts, plus a thousand for each loaded one."""
        return sum(1_000 if script.get("src") else len(script.text or "") for script in self._tree.iter("script"))

    @cached_property
    def app_root(self) -> bool:
        """An empty element that a script is to fill ("root", "app", "__next")."""
        return any(len(element.text_content().strip()) < ROOT_TEXT for element in _ROOTS(self._tree))

    @cached_property
    def noscript(self) -> str:
        """Text of ``<noscript>``."""
        return " ".join(" ".join(element.text_content() for element in self._tree.iter("noscript")).split())[:2_000]

    @cached_property
    def markup_signs(self) -> str:
        """Ids, classes, and where scripts, frames and forms point, in one string: what gives the makers of walls away.

        Empty where so much is seen that the page is no wall: articles are full of such names too.
        """
        if self.seen_length >= WALL_TEXT:
            return ""
        signs = [script.get("src") or (script.text or "")[:500] for script in self._tree.iter("script")]
        signs += self._frames
        signs += [form.get("action") or "" for form in self._tree.iter("form")]
        signs += _NAMES(self._tree)
        return " ".join(signs)[:MOST_SIGNS]

    @cached_property
    def refresh(self) -> bool:
        """The page sends its reader on by itself."""
        return any((element.get("http-equiv") or "").lower() == "refresh" for element in self._tree.iter("meta"))
