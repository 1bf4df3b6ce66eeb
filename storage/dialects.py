"""The one statement that SQLAlchemy does not share between databases: INSERT … ON CONFLICT."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import UpdateBase
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

Item = TypeVar("Item")
CHUNK = 400
"""Keys of one IN list: SQLite before 3.32 allowed 999 variables, and plans for longer lists get slow."""


def insert(session: Session, table: Any) -> postgresql.Insert:
    """An INSERT that knows ``on_conflict_do_nothing``, ``on_conflict_do_update`` and ``returning`` on either database.

    SQLite's class has the same methods and is only typed apart.
    """
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)  # type: ignore[return-value]
    return postgresql.insert(table)


def is_postgresql(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def affected(session: Session, statement: UpdateBase) -> int:
    """Execute an UPDATE or DELETE; how many rows it touched. (An INSERT says so by RETURNING only.)"""
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
