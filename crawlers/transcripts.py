"""Subtitles and plain text as extractions. Pure.

WebVTT is the W3C's format; SubRip has no standard, only numbered cues with comma times.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace

from crawlers.charset import decode
from crawlers.language import detect_language
from storage.records import TRANSCRIPT, ArticleKind, Entry, Extraction, PageClass

RULES_VERSION = "1"
PARAGRAPH_PAUSE_S = 2.0
"""A silence this long between two cues begins a paragraph."""
MIN_WORDS = 3
"""A file with fewer words holds no transcript."""

TRANSCRIPT_TYPES = ("text/vtt", "application/x-subrip")

_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|article|div|p)\b", re.IGNORECASE)
_TIMES = re.compile(r"^\s*(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})\s+-->\s+(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})")
_TAG = re.compile(r"<[^<>]{0,200}>")
_BLOCK = ("WEBVTT", "NOTE", "STYLE", "REGION")


def extract_words(body: bytes, *, content_type: str, language: str, entry: Entry | None = None) -> Extraction | None:
    """What a page that is no HTML says; None for anything but subtitles and plain text, and for HTML that is served as text.

    ``entry`` gives headline and date, which such files do not hold.
    """
    media = content_type.partition(";")[0].strip().lower()
    # Servers that do not know the type call it plain text, or a stream of bytes.
    if media in TRANSCRIPT_TYPES or body.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        found = extract_transcript(body, content_type=content_type, language=language)
    elif media == "text/plain" and not _MARKUP.search(body[:4096]):
        found = extract_plain_text(body, content_type=content_type, language=language)
    else:
        return None
    if entry is None:
        return found
    return replace(found, title=entry.title or found.title, published=entry.published, duration_s=entry.duration_s)


def extract_transcript(body: bytes, *, content_type: str, language: str) -> Extraction:
    """The words of a subtitle file, one paragraph for what was said without a pause; repeated lines of rolling captions once."""
    decoded = decode(body, content_type)
    paragraphs: list[list[str]] = [[]]
    ended_s, last = 0.0, ""
    for block in re.split(r"\n\s*\n", decoded.text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.split("\n")
        if lines[0].lstrip("\ufeff").startswith(_BLOCK):
            continue
        at = next((number for number, line in enumerate(lines) if _TIMES.match(line)), None)
        if at is None:
            continue
        begun_s, until_s = _seconds(lines[at])
        if paragraphs[-1] and begun_s - ended_s >= PARAGRAPH_PAUSE_S:
            paragraphs.append([])
        ended_s = until_s
        for line in lines[at + 1 :]:
            said = " ".join(html.unescape(_TAG.sub("", line)).split())
            if said and said != last:
                paragraphs[-1].append(said)
                last = said
    text = "\n".join(" ".join(paragraph) for paragraph in paragraphs if paragraph)
    return _extraction(TRANSCRIPT, text, title="", kind=ArticleKind.VIDEO, language=language, charset=decoded.charset)


def extract_plain_text(body: bytes, *, content_type: str, language: str) -> Extraction:
    """A text file: its first line is the headline, the rest the text; lines that belong together are joined."""
    decoded = decode(body, content_type)
    text = decoded.text.replace("\r\n", "\n").replace("\r", "\n").strip().lstrip("\ufeff")
    title, _, rest = text.partition("\n")
    paragraphs = [" ".join(paragraph.split()) for paragraph in re.split(r"\n\s*\n", rest)]
    if len(paragraphs) == 1:
        # No empty lines: every line is a paragraph.
        paragraphs = [" ".join(line.split()) for line in rest.split("\n")]
    body_text = "\n".join(paragraph for paragraph in paragraphs if paragraph)
    return _extraction("plain-text", body_text, title=title, kind=ArticleKind.ARTICLE, language=language, charset=decoded.charset)


def _extraction(extractor: str, text: str, *, title: str, kind: ArticleKind, language: str, charset: str) -> Extraction:
    readable = PageClass.VIDEO if kind is ArticleKind.VIDEO else PageClass.ARTICLE
    return Extraction(
        extractor=extractor,
        extractor_version=RULES_VERSION,
        rules_version=RULES_VERSION,
        page_class=readable if len(text.split()) >= MIN_WORDS else PageClass.EMPTY,
        kind=kind,
        title=" ".join(title.split()),
        text=text,
        language=detect_language(text, (language,)),
        charset=charset,
    )


def _seconds(line: str) -> tuple[float, float]:
    found = _TIMES.match(line)
    assert found is not None
    hours, minutes, seconds, millis, hours2, minutes2, seconds2, millis2 = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds + millis / 1000, hours2 * 3600 + minutes2 * 60 + seconds2 + millis2 / 1000
