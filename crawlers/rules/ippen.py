"""The Ippen network (fr.de, merkur.de, tz.de, hna.de and some fifty more): one CMS, story elements named by their classes."""

from __future__ import annotations

from datetime import date

from crawlers.rules.layout import Layout, has_class

LAYOUTS = (
    Layout(
        name="ippen/2026-11",
        seen_on=date(2026, 11, 22),
        body=(
            '//*[not(self::a) and (contains(@class, "id-StoryElement-leadText") or contains(@class, "id-StoryElement-paragraph")'
            ' or contains(@class, "id-StoryElement-crosshead") or contains(@class, "id-StoryElement-list")'
            ' or contains(@class, "id-StoryElement-citation") or contains(@class, "id-StoryElement-interview"))]',
            f"//article//*[{has_class('id-Article-body')}]",
        ),
        drop=(
            './/*[contains(@class, "id-StoryElement-factBox")]',
            './/*[contains(@class, "id-StoryElement-image")]',
            './/*[contains(@class, "id-StoryElement-embed")]',
            './/*[contains(@class, "id-StoryElement-inArticleReco")]',
            './/*[contains(@class, "id-Recommendation")]',
            ".//figure",
        ),
    ),
)
