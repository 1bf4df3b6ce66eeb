"""WordPress as most newsrooms theme it. A theme that names its content otherwise falls through to the general extractor."""

from __future__ import annotations

from datetime import date

from crawlers.rules.layout import Layout, has_class

CONTENT = (
    "entry-content", "wp-block-post-content", "post-content", "td-post-content", "single-post-content", "article-content", "post__content",
)  # fmt: skip

LAYOUTS = (
    Layout(
        name="wordpress/2026-11",
        seen_on=date(2026, 11, 22),
        single=True,
        body=(
            *(f"//*[self::div or self::section][{has_class(name)}]" for name in CONTENT),
        ),
        drop=(
            *(
                f".//*[{has_class(name)}]"
                for name in (
                    "sharedaddy", "jp-relatedposts", "yarpp", "addtoany_share_save_container", "heateor_sss_sharing_container",
                    "post-tags", "tagcloud", "author-box", "saboxplugin-wrap", "wp-block-embed", "wp-block-buttons", "newsletter",
                    "wp-block-latest-posts", "code-block", "related-posts", "crp_related", "navigation", "post-navigation",
                    "wp-caption-text", "mc4wp-form", "swp_social_panel", "td-a-rec", "wp-block-query", "rp4wp-related-posts",
                    "ez-toc-container",
                )
            ),
            ".//figure", ".//form", ".//nav", ".//aside", './/*[@id="comments"]',
        ),
    ),
)  # fmt: skip
