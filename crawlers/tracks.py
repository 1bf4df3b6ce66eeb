"""Subtitle tracks that a page publishes for its video (HTML, 4.8.11.1: the ``track`` element). Pure."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawlers.markup import absolute_url

MAX_LOOKED_AT = 50
_SPOKEN = ("subtitles", "captions", "")
"""Kinds whose words are those that are spoken; "descriptions", "chapters" and "metadata" are others. A missing kind means subtitles."""


def read_tracks(tree: HtmlElement, base_url: str, language: str) -> tuple[str, ...]:
    """The address of the track in the page's own language, else of the first one; empty where there is none.

    One is enough: the others are its translations.
    """
    own: list[str] = []
    others: list[str] = []
    for number, track in enumerate(tree.iter("track")):
        if number >= MAX_LOOKED_AT:
            break
        address = absolute_url(base_url, (track.get("src") or "").strip())
        if address is None or (track.get("kind") or "").strip().lower() not in _SPOKEN:
            continue
        (own if (track.get("srclang") or "")[:2].lower() == language else others).append(address)
    return tuple((own or others)[:1])
