"""Pangea, the CMS of RFE/RL, VOA and Martí. One id space over all hosts; pages at ``/a/<slug>/<id>.html`` and ``/a/<id>.html``."""

from __future__ import annotations

from datetime import date

from crawlers.rules.layout import Layout, has_class

_NOT_TEXT = (
    f".//*[{has_class('media-block')} and {has_class('also-read')}]",
    f".//*[{has_class('wsw__embed')}]",
    f".//*[{has_class('wsw__embed--large')}]",
    f".//*[{has_class('media-download')}]",
    f".//ul[{has_class('share__list')}]",
    './/*[@data-sp_api="pangea-video"]',
    './/*[@id="comments"]',
    f".//*[{has_class('region')} and .//*[{has_class('media-block')}]]",
    f".//*[{has_class('js-media-hide-on-print')}]",
    f".//*[{has_class('c-author--hidden')}]",
    f".//*[{has_class('bktn-cta')}]",
)

LAYOUTS = (
    Layout(
        name="pangea/2026-11",
        seen_on=date(2026, 11, 22),
        body=(
            f'//*[@id="article-content"]//*[{has_class("wsw")}]',
            f"//div[{has_class('wsw')}]",
            # Current Time has its own names for the same.
            f'//*[@id="nrtk-content"]//*[{has_class("wsw")}]',
            '//*[@id="nrtk-content"]',
            f"//div[{has_class('body-container')}]//*[{has_class('wsw')}]",
            f"//div[{has_class('body-container')}]",
        ),
        drop=_NOT_TEXT,
        # About half of the video pages have no body at all; what they say stands beside the player.
        captions=(
            f"//*[{has_class('intro')} and not(ancestor::*[{has_class('media-block')}])]",
            f"//*[{has_class('media-container')}]//*[{has_class('caption')}]",
            f"//figcaption//*[{has_class('caption')}]",
        ),
    ),
)
