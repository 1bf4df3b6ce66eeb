"""Extraction rows: immutable, one a capture and version of the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storage.dialects import add_new, run, table_of
from storage.errors import NotFoundError
from storage.identity import exact_sha256
from storage.models import CaptureRow, ExtractionRow
from storage.records import Capture, Extraction
from storage.sanitise import is_changed, sanitise_line, sanitise_text, sanitise_url
from storage.times import believe

MAX_AUTHORS = 50
MAX_LINKS = 200
MAX_ENTRIES = 1_000
AHEAD = timedelta(days=1)
"""A clock may be ahead by so much; a later time is none."""
MAX_DURATION_S = 7 * 24 * 3600
"""A longer "video" is a mistake; the column is a 32-bit number."""

_captures = table_of(CaptureRow)
_FETCHED_AT = select(_captures.c.fetched_at).where(_captures.c.id == bindparam("capture"))


def record_extraction(session: Session, capture_id: int, extraction: Extraction, *, capture: Capture | None = None) -> int:
    """Store what was read out of a capture; its id. The same version of the rules again is the row that is there.

    ``capture`` is the recorded one, where the caller has it: a question less.

    Raises: NotFoundError when there is no such capture.
    """
    fetched_at = capture.fetched_at if capture is not None else run(session, _FETCHED_AT, capture=capture_id).scalar()
    if fetched_at is None:
        raise NotFoundError("capture", str(capture_id))
    clean = sanitise_extraction(extraction, fetched_at)
    made = add_new(session, ExtractionRow, _values(capture_id, clean))
    if made is not None:
        return made
    return session.scalars(
        select(ExtractionRow.id).where(
            ExtractionRow.capture_id == capture_id,
            ExtractionRow.extractor == clean.extractor,
            ExtractionRow.extractor_version == clean.extractor_version,
            ExtractionRow.rules_version == clean.rules_version,
        )
    ).one()


@lru_cache(maxsize=8)
def sanitise_extraction(extraction: Extraction, now: datetime) -> Extraction:
    """The same extraction as it can be stored: clean, cut to length, without unbelievable dates. Idempotent.

    Remembered for a moment: the same reading is stored as an extraction and then compared with its article.
    """
    title, text = sanitise_line(extraction.title), sanitise_text(extraction.text)
    duration = extraction.duration_s
    return replace(
        extraction,
        extractor=sanitise_line(extraction.extractor, 40),
        extractor_version=sanitise_line(extraction.extractor_version, 40),
        rules_version=sanitise_line(extraction.rules_version, 40),
        title=title,
        text=text,
        description=sanitise_text(extraction.description, 5000),
        authors=tuple(sanitise_line(name, 200) for name in extraction.authors[:MAX_AUTHORS]),
        language=sanitise_line(extraction.language, 8),
        published=believe(extraction.published, now),
        modified=believe(extraction.modified, now),
        canonical_url=sanitise_url(extraction.canonical_url),
        image_url=sanitise_url(extraction.image_url)[:4000],
        site_name=sanitise_line(extraction.site_name, 200),
        duration_s=duration if duration is not None and 0 <= duration <= MAX_DURATION_S else None,
        links=tuple(sanitise_url(link)[:4000] for link in extraction.links[:MAX_LINKS]),
        entries=tuple(e for e in extraction.entries[:MAX_ENTRIES] if 0 <= e.start < len(text) and e.at <= now + AHEAD),
        charset=sanitise_line(extraction.charset, 40),
        sanitised=extraction.sanitised or is_changed(extraction.title, title) or is_changed(extraction.text, text),
    )


def _values(capture_id: int, clean: Extraction) -> dict[str, Any]:
    return {
        "capture_id": capture_id,
        "extractor": clean.extractor,
        "extractor_version": clean.extractor_version,
        "rules_version": clean.rules_version,
        "page_class": clean.page_class,
        "kind": clean.kind,
        "title": clean.title,
        "text": clean.text,
        "text_sha256": exact_sha256(clean.text),
        "description": clean.description,
        "authors": list(clean.authors),
        "language": clean.language,
        "published_at": clean.published.at,
        "published_precision": clean.published.precision,
        "published_source": clean.published.source,
        "published_raw": clean.published.raw,
        "modified_at": clean.modified.at,
        "modified_precision": clean.modified.precision,
        "modified_source": clean.modified.source,
        "modified_raw": clean.modified.raw,
        "canonical_url": clean.canonical_url,
        "image_url": clean.image_url,
        "site_name": clean.site_name,
        "duration_s": clean.duration_s,
        "links": list(clean.links),
        "entries": [[entry.start, entry.at.isoformat()] for entry in clean.entries],
        "charset": clean.charset,
        "partial": clean.partial,
        "noarchive": clean.noarchive,
        "sanitised": clean.sanitised,
        "cpu_ms": clean.cpu_ms,
    }
