"""How big the database is, how fast it grows, and when the disk will be full at that rate."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.database import open_reader
from storage.engines import file_of, parse_database_url
from storage.errors import LowDiskError
from storage.models import Base, CaptureBodyRow, CaptureRow
from storage.run_records import IssueRecord

WINDOW = timedelta(days=7)
"""Growth is that of the last week, or of all the time there was when that is less."""
SHORTEST = timedelta(hours=1)
"""With less than that behind it no rate is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Bytes unless the name says otherwise. None: cannot be told."""

    total: int
    """File and log on SQLite; the whole database on PostgreSQL."""
    bodies: int
    """Compressed captures; what retention can free."""
    bodies_inflated: int
    """The same as they were received."""
    tables: dict[str, int]
    """With their indexes, the largest first. Empty where this SQLite cannot tell."""
    a_day: float | None
    free: int | None
    """On the disk of an SQLite file; a server's disk is not ours to see."""
    days_until_full: float | None


def free_bytes(url: str) -> int | None:
    """Bytes free for this user on the disk of an SQLite file, made or not; None for a server, whose disk is not ours to see.

    Raises: DatabaseUnusableError for what is no database's address.
    """
    made = parse_database_url(url)
    if made.get_backend_name() != "sqlite":
        return None
    return shutil.disk_usage(_folder(file_of(made, url))).free


def require_room(url: str, floor: int) -> None:
    """Raises: LowDiskError when the database's disk has less than ``floor`` bytes free."""
    free = free_bytes(url) if floor else None
    if free is not None and free < floor:
        raise LowDiskError(str(_folder(file_of(parse_database_url(url), url))), free, floor)


def low_disk_issue(url: str, floor: int, now: datetime) -> list[IssueRecord]:
    """The one issue that is no row, since it is told from the disk as it is; empty where there is room."""
    try:
        require_room(url, floor)
    except LowDiskError as error:
        record = IssueRecord(
            key="low_disk", kind="low_disk", message=str(error), outlet_id=None, first_seen_at=now, last_seen_at=now, count=1
        )
        return [record]
    return []


def _folder(file: Path) -> Path:
    """The nearest folder above a file that is there."""
    return next(folder for folder in file.absolute().parents if folder.is_dir())


def measure(url: str, now: datetime) -> Sizes:
    """Raises: DatabaseUnusableError."""
    made = parse_database_url(url)
    with closing(open_reader(url)) as database, database.read() as session:
        bodies, inflated = session.execute(
            select(func.coalesce(func.sum(func.length(CaptureBodyRow.bytes)), 0), func.coalesce(func.sum(CaptureBodyRow.size), 0))
        ).one()
        if database.dialect == "sqlite":
            file = file_of(made, url)
            log = file.with_name(f"{file.name}-wal")
            total = file.stat().st_size + (log.stat().st_size if log.exists() else 0)
            free = free_bytes(url)
            tables = _sqlite_tables(session)
        else:
            total = session.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
            free = None
            tables = _postgresql_tables(session)
        rate = _growth(session, total, now)
    full = free / rate if free is not None and rate else None
    return Sizes(total=total, bodies=bodies, bodies_inflated=inflated, tables=tables, a_day=rate, free=free, days_until_full=full)


def _growth(session: Session, total: int, now: datetime) -> float | None:
    """Bytes a day: the database's size times the share of its captures that came within the window."""
    captures, first = session.execute(select(func.count(), func.min(CaptureRow.fetched_at)).where(CaptureRow.provenance == "crawl")).one()
    if not captures or now - first < SHORTEST:
        return None
    recent = session.scalars(
        select(func.count()).select_from(CaptureRow).where(CaptureRow.provenance == "crawl", CaptureRow.fetched_at > now - WINDOW)
    ).one()
    days = min(WINDOW, now - first) / timedelta(days=1)
    return float(total * recent / captures / days)


def _sqlite_tables(session: Session) -> dict[str, int]:
    # dbstat is a compile-time option; where it is missing the sizes of single tables cannot be had.
    if not session.scalar(text("SELECT count(*) FROM pragma_module_list WHERE name = 'dbstat'")):
        return {}
    rows = session.execute(
        text(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_schema m ON m.name = s.name "
            "WHERE s.aggregate = TRUE GROUP BY m.tbl_name ORDER BY 2 DESC, 1"
        )
    )
    return {str(name): int(size) for name, size in rows}


def _postgresql_tables(session: Session) -> dict[str, int]:
    sizes = {
        name: int(session.execute(text("SELECT pg_total_relation_size(to_regclass(:name))"), {"name": name}).scalar_one() or 0)
        for name in (*Base.metadata.tables, "search_index")
    }
    return dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0])))
