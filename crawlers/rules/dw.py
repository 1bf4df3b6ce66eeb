"""Deutsche Welle: one site for all its languages."""

from __future__ import annotations

from datetime import date

from crawlers.rules.layout import Layout, has_class

LAYOUTS = (
    Layout(
        name="dw/2022-12",
        seen_on=date(2026, 11, 22),
        body=(
            f"//article//*[{has_class('rich-text')}]",
            f'//*[@id="main-content"]//*[{has_class("rich-text")}]',
        ),
        drop=(
            ".//figure",
            ".//aside",
            f".//*[{has_class('embed')}]",
            f".//*[{has_class('advertisement')}]",
            f".//*[{has_class('vjs-wrapper')}]",
            './/*[@data-tracking-name="rich-text-related-content"]',
            './/*[contains(@class, "teaser")]',
        ),
    ),
    # The layout before December 2022, as archives still hold it.
    Layout(
        name="dw/2010-01",
        seen_on=date(2026, 11, 22),
        body=(f'//*[@id="bodyContent"]//*[{has_class("longText")}]', f"//div[{has_class('longText')}]"),
        drop=(
            f".//*[{has_class('picBox')}]",
            f".//*[{has_class('col1')} and .//*[{has_class('linkable')}]]",
            f".//*[{has_class('gallery')}]",
            f".//*[{has_class('av')}]",
        ),
    ),
)
