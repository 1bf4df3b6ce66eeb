"""The Ippen network (fr.de, merkur.de, tz.de, hna.de and some fifty more): one CMS, story elements named by their classes."""

from __future__ import annotations

from datetime import date

from crawlers.rules.layout import Layout, has_class

_PARTS = ("leadText", "summary", "paragraph", "crosshead", "list", "citation", "interview")
_TEXT = " or ".join(
    [f'contains(@class, "id-StoryElement-{part}")' for part in _PARTS]
    + [f'contains(@class, "id-Article-content-item-{part}")' for part in ("summary", "paragraph", "crosshead", "list")]
)
_NOT_TEXT = (
    "id-DonaldBreadcrumb--default", "id-Breadcrumb-item", "id-StoryElement-headline", "id-Story-timestamp", "id-Story-authors",
    "id-Story-interactionBar", "id-Comments", "id-ClsPrevention", "id-AuthorList-item", "enclosure",
)  # fmt: skip

LAYOUTS = (
    Layout(
        name="ippen/2026-11",
        seen_on=date(2026, 11, 22),
        body=(
            f"//*[not(self::a) and ({_TEXT})]",
            f"//article//*[{has_class('id-Article-body')}]",
            f"//*[{has_class('idjs-Story')}]",
        ),
        drop=(
            './/*[contains(@class, "id-StoryElement-factBox")]',
            './/*[contains(@class, "id-StoryElement-image")]',
            './/*[contains(@class, "id-StoryElement-embed")]',
            './/*[contains(@class, "id-StoryElement-inArticleReco")]',
            './/*[contains(@class, "id-Recommendation")]',
            ".//figure",
            *(f".//*[{has_class(name)}]" for name in _NOT_TEXT),
        ),
    ),
)
