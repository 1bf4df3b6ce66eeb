"""Is what is stored still what was stored? Finds corruption, not tampering: whoever can write the bytes can write their hashes."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.captures import inflate
from storage.database import open_reader, quick_check
from storage.identity import sha256_hex
from storage.models import CaptureBodyRow, RunRow, VisitRow

SAFE_SQLITE = (3, 51, 3)
"""Older ones can, rarely, lose a committed transaction when a write-ahead log is reset while it is read (sqlite.org, WAL-reset)."""


def verify_database(url: str) -> list[str]:
    """Every fault found, one line each; empty when sound. Reads everything once.

    Raises: DatabaseUnusableError when it cannot even be opened.
    """
    with closing(open_reader(url)) as database:
        faults = quick_check(database)
        with database.read() as session:
            faults += _bodies(session)
            faults += _ledger(session)
    return faults


def sqlite_warning(dialect: str) -> str | None:
    """A remark, not a fault: this SQLite has the WAL-reset bug."""
    if dialect == "sqlite" and sqlite3.sqlite_version_info < SAFE_SQLITE:
        return f"SQLite {sqlite3.sqlite_version} is older than 3.51.3, which mends a rare loss in write-ahead mode; upgrade when you can"
    return None


def _bodies(session: Session) -> list[str]:
    faults = []
    for row in session.scalars(select(CaptureBodyRow).order_by(CaptureBodyRow.sha256).execution_options(yield_per=50)):
        try:
            body = inflate(row.codec, row.bytes)
        except Exception as error:  # noqa: BLE001 - whatever the decompressor says of broken bytes is the finding
            faults.append(f"capture body {row.sha256} cannot be inflated: {error}")
            continue
        if sha256_hex(body) != row.sha256:
            faults.append(f"capture body {row.sha256} does not match its hash")
        session.expunge(row)
    return faults


def _ledger(session: Session) -> list[str]:
    """Per finished run: claimed = outcomes + released."""
    finished = dict(
        session.execute(
            select(VisitRow.run_id, func.count()).where(VisitRow.state == "done", VisitRow.run_id.is_not(None)).group_by(VisitRow.run_id)
        ).all()
    )
    return [
        f"run {row.id}: {row.claimed} visits claimed, {finished.get(row.id, 0)} with an outcome, {row.released} released"
        for row in session.scalars(select(RunRow).where(RunRow.state != "running").order_by(RunRow.id))
        if row.claimed != finished.get(row.id, 0) + row.released
    ]
