"""Warnings as rows: one a key, counted when it comes again, resolved when it is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.dialects import affected, chunks, insert
from storage.identity import sha256_hex
from storage.models import IssueRow
from storage.run_records import IssueRecord
from storage.sanitise import sanitise_json, sanitise_line

MAX_KEY = 200


def record_issue(
    session: Session,
    *,
    key: str,
    kind: str,
    message: str,
    now: datetime,
    outlet_id: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Note that something needs attention. The same ``key`` again counts up, takes the newest message and reopens a resolved one."""
    values = {
        "key": _key(key),
        "kind": sanitise_line(kind, 40),
        "outlet_id": outlet_id,
        "message": sanitise_line(message, 2000),
        "data": sanitise_json(dict(data or {})),
        "first_seen_at": now,
        "last_seen_at": now,
        "count": 1,
    }
    statement = insert(session, IssueRow).values(**values)
    changed = {name: statement.excluded[name] for name in ("kind", "outlet_id", "message", "data", "last_seen_at")}
    session.execute(
        statement.on_conflict_do_update(index_elements=[IssueRow.key], set_={**changed, "count": IssueRow.count + 1, "resolved_at": None})
    )


def resolve_issue(session: Session, key: str, now: datetime) -> bool:
    """Close an issue; whether one was open."""
    statement = update(IssueRow).where(IssueRow.key == _key(key), IssueRow.resolved_at.is_(None)).values(resolved_at=now)
    return affected(session, statement) > 0


def resolve_issues(session: Session, keys: Iterable[str], now: datetime) -> int:
    """Close those of these issues that are open; how many there were. Hardly one ever is, so all are asked about at once."""
    closed = 0
    for part in chunks(sorted({_key(key) for key in keys})):
        statement = update(IssueRow).where(IssueRow.key.in_(part), IssueRow.resolved_at.is_(None)).values(resolved_at=now)
        closed += affected(session, statement)
    return closed


def list_issues(session: Session, *, outlet_id: str | None = None, kind: str | None = None, resolved: bool = False) -> list[IssueRecord]:
    """Open issues, newest first; with ``resolved`` the closed ones too."""
    statement = select(IssueRow).order_by(IssueRow.last_seen_at.desc(), IssueRow.key)
    if outlet_id is not None:
        statement = statement.where(IssueRow.outlet_id == outlet_id)
    if kind is not None:
        statement = statement.where(IssueRow.kind == kind)
    if not resolved:
        statement = statement.where(IssueRow.resolved_at.is_(None))
    return [
        IssueRecord(
            key=row.key,
            kind=row.kind,
            message=row.message,
            outlet_id=row.outlet_id,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            count=row.count,
            data=row.data,
        )
        for row in session.scalars(statement)
    ]


def _key(key: str) -> str:
    clean = sanitise_line(key, 10_000)
    return clean if len(clean) <= MAX_KEY else f"{clean[: MAX_KEY - 65]}~{sha256_hex(clean.encode())}"
