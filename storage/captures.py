"""Responses as received: a provenance row each, and the bytes once for identical bodies."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import zstandard
from sqlalchemy import bindparam, delete, func, or_, select
from sqlalchemy.orm import Session

from storage.batches import batch_of
from storage.dialects import add_row, add_rows, affected, chunks, run, table_of
from storage.errors import NotFoundError
from storage.identity import sha256_hex
from storage.models import OPEN, ArticleRow, CaptureBodyRow, CaptureRow, MatchRow, PageRow, RelevanceRow, ReportRow, RevisionRow, VisitRow
from storage.records import Capture, Hop
from storage.sanitise import sanitise_json, sanitise_line, sanitise_url

ZSTD_LEVEL = 3
MAX_HEADERS = 200
MAX_BODY = 64 * 1024 * 1024
"""Bytes after inflation that are ever read back; larger than any limit of the crawl."""

_bodies, _captures, _pages = table_of(CaptureBodyRow), table_of(CaptureRow), table_of(PageRow)
_HAS_BODY = select(_bodies.c.sha256).where(_bodies.c.sha256 == bindparam("sha256"))
_STORED = select(_bodies.c.sha256).where(_bodies.c.sha256.in_(bindparam("digests", expanding=True)))
_PAGES_WITH_BODY = (
    select(func.count(func.distinct(_captures.c.page_id)))
    .join_from(_captures, _pages, _pages.c.id == _captures.c.page_id)
    .where(_captures.c.body_sha256 == bindparam("sha256"), _pages.c.host_key == bindparam("host"))
)


def record_capture(session: Session, capture: Capture, *, page_id: int, run_id: int | None) -> int:
    """Store a response; its id. The body is compressed, and stored only if no identical one is there."""
    digest = sha256_hex(capture.body)
    record_body(session, digest, capture.body)
    values = {
        "page_id": page_id,
        "run_id": run_id,
        "requested_url": sanitise_url(capture.requested_url),
        "final_url": sanitise_url(capture.final_url),
        "hops": dump_hops(capture.hops),
        "status": capture.status,
        "headers": [[sanitise_line(name, 200), sanitise_line(value, 8000)] for name, value in capture.headers[:MAX_HEADERS]],
        "content_type": sanitise_line(capture.content_type, 200),
        "body_sha256": digest,
        "size": len(capture.body),
        "fetched_at": capture.fetched_at,
        "user_agent": sanitise_line(capture.user_agent, 300),
        "provenance": sanitise_line(capture.provenance, 16),
        "note": sanitise_line(capture.note, 1000),
    }
    return add_row(session, CaptureRow, values)


def was_read(session: Session, url: str, fetched_at: datetime) -> bool:
    """Whether the response that this address gave at this moment is stored, and its visit ended: nothing is left to do with it."""
    unread = select(VisitRow.id).where(OPEN, VisitRow.page_id == CaptureRow.page_id, VisitRow.capture_id == CaptureRow.id).exists()
    asked = select(CaptureRow.id).where(CaptureRow.fetched_at == fetched_at, CaptureRow.requested_url == url, ~unread).limit(1)
    return session.scalar(asked) is not None


def record_body(session: Session, digest: str, body: bytes) -> None:
    """Store bytes under their hash. Idempotent."""
    batch = batch_of(session)
    if batch is not None:
        batch.add_later(_bodies, _missing_bodies, (digest, body), digest)
    elif run(session, _HAS_BODY, sha256=digest).scalar() is None:
        add_rows(session, CaptureBodyRow, [_body_values(digest, body)], missing_only=True)


def _missing_bodies(session: Session, bodies: Sequence[tuple[str, bytes]]) -> list[dict[str, Any]]:
    """Rows for those of the bodies, by their digests, that are not stored."""
    wanted = dict(bodies)
    for part in chunks(list(wanted)):
        for stored in run(session, _STORED, digests=part).scalars():
            del wanted[stored]
    return [_body_values(digest, body) for digest, body in wanted.items()]


def _body_values(digest: str, body: bytes) -> dict[str, Any]:
    codec, packed = compress(body)
    return {"sha256": digest, "codec": codec, "size": len(body), "bytes": packed}


def captures_of(session: Session, article_id: int) -> list[int]:
    """Ids of the captures that an article's revisions rest on, oldest first."""
    rows = session.scalars(
        select(RevisionRow.capture_id).where(RevisionRow.article_id == article_id).order_by(RevisionRow.captured_at, RevisionRow.number)
    )
    return list(dict.fromkeys(rows))


def load_capture(session: Session, capture_id: int) -> Capture:
    """A capture with its body, which is empty when retention has dropped it (``load_body`` tells).

    Raises: NotFoundError.
    """
    row = session.get(CaptureRow, capture_id)
    if row is None:
        raise NotFoundError("capture", str(capture_id))
    return Capture(
        requested_url=row.requested_url,
        final_url=row.final_url,
        status=row.status,
        headers=tuple((name, value) for name, value in row.headers),
        content_type=row.content_type,
        body=load_body(session, row.body_sha256) or b"",
        fetched_at=row.fetched_at,
        user_agent=row.user_agent,
        provenance=row.provenance,
        note=row.note,
        hops=load_hops(row.hops),
    )


def load_body(session: Session, sha256: str) -> bytes | None:
    """The bytes with this hash; None when they are not kept (any more)."""
    found = session.execute(select(CaptureBodyRow.codec, CaptureBodyRow.bytes).where(CaptureBodyRow.sha256 == sha256)).one_or_none()
    return None if found is None else inflate(found.codec, found.bytes)


def drop_body(session: Session, capture_id: int) -> bool:
    """Forget a capture's bytes unless another capture has the same; the capture's row stays. Whether bytes were deleted."""
    digest = session.scalar(select(CaptureRow.body_sha256).where(CaptureRow.id == capture_id))
    if digest is None:
        raise NotFoundError("capture", str(capture_id))
    shared = session.scalar(
        select(func.count()).select_from(CaptureRow).where(CaptureRow.body_sha256 == digest, CaptureRow.id != capture_id)
    )
    if shared:
        return False
    session.execute(delete(CaptureBodyRow).where(CaptureBodyRow.sha256 == digest))
    return True


def expire_bodies(session: Session, *, before: datetime, limit: int = 1000) -> int:
    """Delete up to ``limit`` bodies last fetched before a time that no report needs; how many.

    Kept whatever their age: what a report was found related to or a claim cites, what was not compared yet, what was imported by
    hand, and everything while there is no report to compare with. Texts, revisions, provenance and hashes stay; what is gone can
    no longer be extracted anew.
    """
    if session.scalar(select(func.count()).select_from(ReportRow)) == 0:
        return 0
    digest = CaptureBodyRow.sha256
    recent = select(CaptureRow.body_sha256).where(or_(CaptureRow.fetched_at >= before, CaptureRow.provenance != "crawl"))
    needed = (
        select(CaptureRow.body_sha256)
        .join(RevisionRow, RevisionRow.capture_id == CaptureRow.id)
        .join(ArticleRow, ArticleRow.id == RevisionRow.article_id)
        .where(
            or_(
                ArticleRow.pending_match,
                ArticleRow.id.in_(select(RelevanceRow.article_id).where(RelevanceRow.related)),
                ArticleRow.id.in_(select(MatchRow.article_id)),
            )
        )
    )
    expired = select(digest).where(digest.not_in(recent), digest.not_in(needed)).order_by(digest).limit(limit)
    return affected(session, delete(CaptureBodyRow).where(digest.in_(expired)).execution_options(synchronize_session=False))


def pages_with_body(session: Session, sha256: str, host_key: str) -> int:
    """How many pages of one host answered with these very bytes: more than three say "not found" in a friendly way."""
    return run(session, _PAGES_WITH_BODY, sha256=sha256, host=host_key).scalar() or 0


def compress(body: bytes) -> tuple[str, bytes]:
    """Codec and bytes: zstd, or "raw" where that would not be smaller."""
    packed = zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(body)
    return ("zstd", packed) if len(packed) < len(body) else ("raw", body)


def inflate(codec: str, packed: bytes) -> bytes:
    """Undo ``compress``.

    Raises: ValueError for a codec of a later version.
    """
    match codec:
        case "raw":
            return packed
        case "zstd":
            return zstandard.ZstdDecompressor().decompress(packed, max_output_size=MAX_BODY)
        case _:
            raise ValueError(f"unknown codec {codec!r}")


def dump_hops(hops: tuple[Hop, ...]) -> list[Any]:
    found = [{"url": hop.url, "status": hop.status, "location": hop.location, "error": hop.error} for hop in hops[:50]]
    cleaned: list[Any] = sanitise_json(found)
    return cleaned


def load_hops(rows: list[Any]) -> tuple[Hop, ...]:
    return tuple(Hop(url=row["url"], status=row["status"], location=row["location"], error=row["error"]) for row in rows)
