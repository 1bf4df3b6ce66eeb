"""What the site serves where nothing is wrong: articles whose text depends on their address, and feeds that announce them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from xml.sax.saxutils import escape

_WORDS = re.findall(
    r"\w+",
    "council river bridge market harvest railway minister district teacher winter budget library harbour engineer festival "
    "museum hospital farmer election journalist committee factory village archive orchestra glacier lighthouse vineyard quarry "
    "ferry tunnel observatory workshop bakery stadium reservoir parliament exhibition court surgeon pilot forest captain",
)


def article(path: str, *, extra: str = "", head: str = "") -> str:
    """A page with a headline, a date and seven paragraphs; the same for the same path, another for another."""
    rng = random.Random(path)
    title = f"The {rng.choice(_WORDS)} and the {rng.choice(_WORDS)} of {path.strip('/').replace('/', ' ')}"
    paragraphs = "".join(f"<p>{_sentence(rng)} {_sentence(rng)} {_sentence(rng)}</p>\n" for _ in range(7))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta property="article:published_time" content="2024-05-01T10:00:00+00:00">{head}</head>'
        f"<body><main><article><h1>{escape(title)}</h1><time datetime='2024-05-01T10:00:00+00:00'>1 May 2024</time>\n"
        f"{paragraphs}{extra}</article></main></body></html>"
    )


def _sentence(rng: random.Random) -> str:
    words = [rng.choice(_WORDS) for _ in range(rng.randint(9, 16))]
    return f"In {rng.randint(1950, 2020)} the {' '.join(words[:4])} said that the {' '.join(words[4:])} would reopen."


def feed(host: str, paths: Iterable[str]) -> str:
    """An RSS feed of these paths, or of whole addresses on other hosts."""
    items = "".join(
        f"<item><title>About {escape(path)}</title><link>{escape(path if '://' in path else f'http://{host}{path}')}</link>"
        f"<guid>{escape(path)}</guid><pubDate>Wed, 01 May 2024 10:00:00 GMT</pubDate></item>"
        for path in paths
    )
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{host}</title>{items}</channel></rss>'


def sitemap(urls: Iterable[str], *, index: bool = False) -> str:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    places = "".join(f"<{inner}><loc>{escape(url)}</loc></{inner}>" for url in urls)
    return f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</{outer}>'
