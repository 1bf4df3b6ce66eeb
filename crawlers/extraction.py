"""One capture's bytes to one Extraction: decode, parse once, read the metadata, read the body, say what the page is. Pure."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from importlib.metadata import version

from lxml.html import HtmlElement

from crawlers.body import Body, read_body, read_captions, read_links
from crawlers.charset import decode
from crawlers.dates import read_time
from crawlers.language import detect_language
from crawlers.live_blog import find_entries
from crawlers.markup import parse_page, plain_text
from crawlers.metadata import Metadata, read_metadata
from crawlers.page_class import classify_page
from crawlers.page_dates import read_stated
from crawlers.page_facts import PageFacts
from crawlers.page_words import CONSENT
from crawlers.rules.catalog import RULES_VERSION, detect_cms
from crawlers.structured_data import text_field
from crawlers.titles import fold
from crawlers.tracks import read_tracks
from storage.records import ArticleKind, Entry, Extraction, PageClass, PublishedTime
from storage.sanitise import is_changed, sanitise_line, sanitise_text

DESCRIPTION_LIMIT = 5_000
NAME_LIMIT = 200
MAX_REPLACED = 0.2
"""Share of unreadable characters from which a body is no text at all."""

_OTHER_FORMATS = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x7fELF", b"\x1f\x8b\x08", b"RIFF")
"""How documents begin that are served where a page was asked for, and that would be read as strange letters."""

MAX_SEARCHED = 20_000
"""Elements of a page in which a date is searched for; the search tries many patterns on every one of them."""

_KINDS = {PageClass.VIDEO: ArticleKind.VIDEO, PageClass.LIVE_BLOG: ArticleKind.LIVE_BLOG}
READABLE = frozenset({PageClass.ARTICLE, PageClass.VIDEO, PageClass.LIVE_BLOG, PageClass.PAYWALL_STUB})
"""Classes whose text is an article's; the others' text is that of a wall, an error or a list."""


def extract_page(
    body: bytes,
    *,
    url: str,
    content_type: str = "",
    headers: Sequence[tuple[str, str]] = (),
    outlet_language: str = "",
    cms: str = "",
    entry: Entry | None = None,
    now: datetime,
) -> Extraction:
    """What one page says. Never raises over the content of ``body``; what is no page gives the class EMPTY.

    ``url`` is the final address, empty for a file; ``headers`` are the response's; ``outlet_language`` and ``cms`` come from the
    outlet's card; ``entry`` is what a feed or sitemap announced, used where the page itself is silent; ``now`` bounds its dates.
    """
    started = time.process_time()
    decoded = decode(body, content_type)
    is_text = decoded.replaced < MAX_REPLACED and not body.startswith(_OTHER_FORMATS)
    tree = parse_page(decoded.text) if is_text and decoded.text.strip() else None
    if tree is None:
        return _sealed(
            Extraction(
                extractor="none",
                extractor_version="",
                rules_version=RULES_VERSION,
                page_class=PageClass.EMPTY,
                language=outlet_language,
                charset=decoded.charset,
            ),
            started,
        )
    cms = cms or detect_cms(decoded.text)
    metadata = read_metadata(tree, url=url, headers=headers, entry=entry, now=now)
    found = read_body(tree, cms=cms)
    links = read_links(tree, found, metadata.base_url)
    page_class = classify_page(PageFacts(tree, metadata, text=found.text, url=url, entry=entry))
    text = "" if page_class is PageClass.EMPTY else found.text
    if page_class is PageClass.VIDEO:
        text = _video_text(found, metadata, read_captions(tree, cms=cms), entry)
    published = metadata.published
    if not published.raw and page_class in READABLE:
        published = _published_by_search(tree, url, now)
    extraction = _extraction(found, metadata, page_class, text, links, published, decoded.charset, outlet_language)
    if page_class is PageClass.VIDEO:
        extraction = replace(extraction, tracks=read_tracks(tree, metadata.base_url, extraction.language))
    if page_class is PageClass.LIVE_BLOG:
        extraction = replace(extraction, entries=find_entries(tree, metadata.structured, extraction.text, now=now))
    return _sealed(extraction, started)


def _extraction(
    found: Body,
    metadata: Metadata,
    page_class: PageClass,
    text: str,
    links: tuple[str, ...],
    published: PublishedTime,
    charset: str,
    outlet_language: str,
) -> Extraction:
    title = sanitise_line(metadata.title)
    clean = sanitise_text(text)
    # A feed of the outlet may carry other languages too, so the text decides; the headline alone is often too short to.
    language = detect_language(f"{title}\n{clean}", [outlet_language, *metadata.languages])
    return Extraction(
        extractor=found.extractor,
        extractor_version=_trafilatura_version() if found.extractor == "trafilatura" else RULES_VERSION,
        rules_version=RULES_VERSION,
        page_class=page_class,
        kind=_KINDS.get(page_class, ArticleKind.ARTICLE),
        title=title,
        text=clean,
        authors=tuple(name for author in metadata.authors if (name := sanitise_line(author, NAME_LIMIT))),
        description=sanitise_line(metadata.description, DESCRIPTION_LIMIT),
        language=language,
        published=_sanitised_time(published),
        modified=_sanitised_time(metadata.modified),
        canonical_url=metadata.canonical_url,
        image_url=metadata.image_url,
        site_name=sanitise_line(metadata.site_name, NAME_LIMIT),
        duration_s=metadata.duration_s if page_class is PageClass.VIDEO else None,
        links=links,
        charset=charset,
        partial=page_class is PageClass.PAYWALL_STUB,
        noarchive=metadata.noarchive,
        sanitised=is_changed(metadata.title, title) or is_changed(text, clean),
    )


_CLOCK_LINE = re.compile(r"[\d:\s/|–-]*")


def _video_text(found: Body, metadata: Metadata, captions: Sequence[str], entry: Entry | None) -> str:
    """What a video page says in words: its body if it has one, else transcript, captions and descriptions, each once."""
    # A player shows its times, and some pages set the headline above it: neither is text.
    spoken = [line for line in found.text.split("\n") if not _CLOCK_LINE.fullmatch(line) and fold(line) != fold(metadata.title)]
    found = replace(found, text="\n".join(spoken))
    video = metadata.structured.video
    described = metadata.description or text_field(video, "description")
    is_body = len(found.text) >= 2 * max(len(described), 100) or fold(described)[:60] in fold(found.text)
    if len(found.text) > 2_000 or (found.text and is_body and (described or found.extractor != "trafilatura")):
        return found.text
    lines: list[str] = []
    for text in (
        *captions,
        text_field(video, "description"),
        metadata.description,
        entry.description if entry else "",
        plain_text(str(video.get("transcript") or ""), 200_000),
        # With hardly a body there, the general extractor is apt to take a banner or teasers for it.
        "" if captions or described else "\n".join(line for line in found.text.split("\n") if not CONSENT.search(line)),
        "" if captions or described else metadata.title,
    ):
        for line in text.split("\n"):
            folded = fold(line)
            if folded and not any(folded in fold(known) for known in lines):
                lines = [known for known in lines if fold(known) not in folded]
                lines.append(line.strip())
    return "\n".join(lines)


def _published_by_search(tree: HtmlElement, url: str, now: datetime) -> PublishedTime:
    """The last resort: what the text calls its date, else trafilatura's quick search for a date anywhere in the page. It gives a day.

    Not that search's extensive way, which always finds something: asked on 18 of 548 pages of ``tests.bench.repeated_pages``, it gave
    two right days, and on twelve the first of January of a year that the text speaks of, at 2 s for loading and 60 ms a page. A false
    time of publication is worse evidence than none (November 2026).
    """
    if sum(1 for _ in tree.iter()) > MAX_SEARCHED:
        return PublishedTime()
    stated = read_stated(tree, now)
    if stated.at is not None:
        return stated
    from htmldate import find_date

    found = find_date(tree, url=url or None, original_date=True, extensive_search=False, max_date=now.date().isoformat())
    return read_time(found, source="trafilatura", now=now) if found else PublishedTime()


def _sanitised_time(time_found: PublishedTime) -> PublishedTime:
    return replace(time_found, raw=sanitise_line(time_found.raw, 100)) if time_found.raw else time_found


def _sealed(extraction: Extraction, started: float) -> Extraction:
    return replace(extraction, cpu_ms=round((time.process_time() - started) * 1000, 3))


@lru_cache(maxsize=1)
def _trafilatura_version() -> str:
    return version("trafilatura")
