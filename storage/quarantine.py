"""Bytes that could not be read, with the reason, so that a later version can try them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, delete, select
from sqlalchemy.orm import Session

from storage.captures import compress, inflate
from storage.dialects import affected, put_row
from storage.models import PageRow, QuarantineRow, VisitRow
from storage.records import Outcome, PageKind
from storage.sanitise import sanitise_line

MAX_BYTES = 1024 * 1024
"""Of one item; what could not be read once is not worth ten megabytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineRecord:
    """One item. ``size`` is what was received; ``body`` may be shorter."""

    visit_id: int
    page_id: int
    kind: PageKind
    url: str
    outlet_id: str
    reason: Outcome
    detail: str
    size: int
    body: bytes
    kept_at: datetime


def keep_bytes(session: Session, visit_id: int, *, reason: Outcome, detail: str, body: bytes, now: datetime) -> None:
    """Keep the first mebibyte of a response that could not be read. Once more for the same visit replaces it."""
    codec, packed = compress(body[:MAX_BYTES])
    values = {
        "visit_id": visit_id,
        "reason": reason,
        "detail": sanitise_line(detail),
        "codec": codec,
        "size": len(body),
        "bytes": packed,
        "kept_at": now,
    }
    put_row(session, QuarantineRow, values, key="visit_id")


def load_quarantine(session: Session, *, reason: Outcome | None = None) -> Iterator[QuarantineRecord]:
    """What is kept, oldest first, one at a time."""
    statement = _items().order_by(QuarantineRow.id).execution_options(yield_per=20)
    if reason is not None:
        statement = statement.where(QuarantineRow.reason == reason)
    for found in session.execute(statement):
        yield _record(found)


def load_item(session: Session, visit_id: int) -> QuarantineRecord | None:
    """What is kept of one visit; None when nothing is, any more."""
    found = session.execute(_items().where(QuarantineRow.visit_id == visit_id)).one_or_none()
    return None if found is None else _record(found)


def _items() -> Select[QuarantineRow, int, str, str, str]:
    return (
        select(QuarantineRow, VisitRow.page_id, PageRow.kind, PageRow.url, VisitRow.outlet_id)
        .join(VisitRow, VisitRow.id == QuarantineRow.visit_id)
        .join(PageRow, PageRow.id == VisitRow.page_id)
    )


def _record(found: Row[QuarantineRow, int, str, str, str]) -> QuarantineRecord:
    row, page_id, kind, url, outlet_id = found
    return QuarantineRecord(
        visit_id=row.visit_id,
        page_id=page_id,
        kind=PageKind(kind),
        url=url,
        outlet_id=outlet_id,
        reason=Outcome(row.reason),
        detail=row.detail,
        size=row.size,
        body=inflate(row.codec, row.bytes),
        kept_at=row.kept_at,
    )


def release_bytes(session: Session, visit_id: int) -> bool:
    """Forget an item, when it was read after all or is wanted no more; whether there was one."""
    return affected(session, delete(QuarantineRow).where(QuarantineRow.visit_id == visit_id)) > 0


def expire_bytes(session: Session, *, before: datetime) -> int:
    """Forget items kept since before a time; how many. Their visits keep outcome and reason."""
    return affected(session, delete(QuarantineRow).where(QuarantineRow.kept_at < before))
