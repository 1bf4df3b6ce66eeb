"""Which layouts a card's ``cms`` means, newest first."""

from __future__ import annotations

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

RULES_VERSION = "2026.11.2"
"""Part of every extraction's key. Change it with any change that can change an extraction, here or in ``crawlers.extraction``."""
