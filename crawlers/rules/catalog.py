"""Which layouts a card's ``cms`` means, newest first."""

from __future__ import annotations

import re
from collections.abc import Mapping

from crawlers.rules import dw, ippen, pangea, wordpress
from crawlers.rules.layout import Layout

LAYOUTS: Mapping[str, tuple[Layout, ...]] = {
    "pangea": pangea.LAYOUTS,
    "ippen": ippen.LAYOUTS,
    "wordpress": wordpress.LAYOUTS,
    "dw": dw.LAYOUTS,
}
"""A name that is not here is no fault: the general extractor reads those pages."""

_SIGNS = (
    ("pangea", ('class="wsw', 'class="pg-title')),
    ("ippen", ("id-StoryElement-",)),
    ("wordpress", ("/wp-content/",)),
)
"""What the markup of a system cannot be without, for pages whose card is unknown: saved files, archives, single addresses."""

_WORDPRESS_CONTENT = re.compile(r"class=[\"'](?:[^\"'<>]*\s)?(?:" + "|".join(wordpress.CONTENT) + r")[\s\"']")


def detect_cms(markup: str) -> str:
    """The system that made a page, as a card would name it; empty where no layout of ours is known to fit."""
    for cms, signs in _SIGNS:
        if all(sign in markup for sign in signs):
            return "" if cms == "wordpress" and not _WORDPRESS_CONTENT.search(markup) else cms
    return ""


RULES_VERSION = "2026.11.6"
"""Part of every extraction's key. Change it with any change that can change an extraction, here or in ``crawlers.extraction``."""
