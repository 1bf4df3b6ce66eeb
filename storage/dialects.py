"""Writing rows on either database. INSERT … ON CONFLICT is the one statement that SQLAlchemy does not share between them.

Statements are built once per table and set of columns and then only given values: building one takes longer than running it,
and the writer shares its process with the crawl.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, TypeVar

from sqlalchemy import Executable, Table, UpdateBase
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage.batches import batch_of, new_id
from storage.models import Base
from storage.statements import Rows, execute, execute_many

Item = TypeVar("Item")
Row = type[Base]
CHUNK = 400
"""Keys of one IN list: SQLite before 3.32 allowed 999 variables, and plans for longer lists get slow."""


def run(session: Session, statement: Executable, **values: Any) -> Rows:
    """Execute a statement that was made once, at import (see storage.statements).

    ``values`` are its bound parameters and, of an UPDATE, the columns to set. Objects that the session holds are not told of
    the change, so nothing that is written this way is also written as an object in the same transaction.
    """
    return execute(session, statement, values)


def run_past(session: Session, statement: Executable, **values: Any) -> Rows:
    """The same for a SELECT by keys of which nothing waits in the session's batch: it need not be written for that."""
    return execute(session, statement, values, past=True)


def change_row(session: Session, row: Row, statement: Executable, *, key: int, **values: Any) -> bool:
    """``run`` an UPDATE of the row with the id ``key``; whether it met one row. In a session with a batch it waits there, and True is
    a promise that is kept or breaks the transaction."""
    batch = batch_of(session)
    if batch is None:
        return execute(session, statement, values).rowcount == 1
    batch.change(table_of(row), statement, values, key)
    return True


def insert(session: Session, row: Row) -> postgresql.Insert:
    """An INSERT that knows ``on_conflict_do_nothing``, ``on_conflict_do_update`` and ``returning`` on either database."""
    return _insert(session.get_bind().dialect.name, row)


def add_row(session: Session, row: Row, values: Mapping[str, Any]) -> int:
    """Insert one row; its id. It waits in the session's batch, where there is one."""
    batch = batch_of(session)
    if batch is None:
        return int(execute(session, _adding(_dialect(session), row, "id", False), values).scalar_one())
    made = new_id(session, table_of(row))
    batch.add(table_of(row), {**values, "id": made}, made)
    return made


def add_new(session: Session, row: Row, values: Mapping[str, Any], *, keys: Sequence[Hashable] = ()) -> int | None:
    """As ``add_missing`` for a row that was looked for and not found, or that nothing can have made before.

    In the session's batch, where there is one, it waits under its id and these ``keys``; that it is there after all breaks the
    transaction.
    """
    batch = batch_of(session)
    if batch is None:
        return add_missing(session, row, values)
    made = new_id(session, table_of(row))
    batch.add(table_of(row), {**values, "id": made}, made, *keys)
    return made


def add_missing(session: Session, row: Row, values: Mapping[str, Any], *, key: str = "id") -> int | None:
    """Insert one row unless one with a key of its is there; its id (the column ``key``), or None when nothing was inserted."""
    made: int | None = execute(session, _adding(_dialect(session), row, key, True), values).scalar()
    return made


def add_rows(session: Session, row: Row, values: Sequence[Mapping[str, Any]], *, missing_only: bool = False) -> None:
    """Insert many rows; with ``missing_only`` those whose keys are not there."""
    execute_many(session, _adding(_dialect(session), row, "", missing_only), values)


def put_row(session: Session, row: Row, values: Mapping[str, Any], *, key: str | tuple[str, ...]) -> None:
    """Insert one row, or overwrite the given columns of the one with the same ``key``."""
    keys = (key,) if isinstance(key, str) else key
    execute(session, _putting(_dialect(session), row, keys, tuple(name for name in values if name not in keys)), values)


def put_rows(session: Session, row: Row, values: Sequence[Mapping[str, Any]], *, key: str | tuple[str, ...]) -> None:
    """Insert many rows of equal columns, or overwrite those with the same ``key``."""
    if values:
        keys = (key,) if isinstance(key, str) else key
        names = tuple(name for name in values[0] if name not in keys)
        execute_many(session, _putting(_dialect(session), row, keys, names), values)


def put_columns(
    session: Session, row: Row, columns: Mapping[str, Sequence[Any]], constant: Mapping[str, Any], *, key: tuple[str, ...]
) -> None:
    """As :func:`put_rows` for very many rows, given as columns of one length and values that all of them share.

    Values are converted column by column and handed to the driver at once: a third of the time.
    """
    table, dialect = table_of(row), session.get_bind().dialect
    names = (*columns, *constant)
    converters = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    quoted = {name: dialect.identifier_preparer.quote(name) for name in names}
    marks = ", ".join(["?" if dialect.name == "sqlite" else "%s"] * len(names))
    changes = ", ".join(f"{quoted[name]} = excluded.{quoted[name]}" for name in names if name not in key)
    statement = (
        f"INSERT INTO {table.name} ({', '.join(quoted.values())}) VALUES ({marks}) "  # noqa: S608 - names of our own tables
        f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"
    )

    def converted(name: str, values: Iterable[Any]) -> Iterable[Any]:
        convert = converters[name]
        return values if convert is None else map(convert, values)

    fixed = [repeat(*converted(name, [value])) for name, value in constant.items()]
    varying = [converted(name, values) for name, values in columns.items()]
    rows = list(zip(*varying, *fixed, strict=False))
    if rows:
        session.connection().exec_driver_sql(statement, rows)


def is_postgresql(session: Session) -> bool:
    return _dialect(session) == "postgresql"


def affected(session: Session, statement: UpdateBase) -> int:
    """Execute an UPDATE or DELETE; how many rows it touched. (An INSERT says so by RETURNING only.)"""
    result = session.execute(statement)
    return int(result.rowcount)  # type: ignore[attr-defined]


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def table_of(row: Row) -> Table:
    table = row.__table__
    assert isinstance(table, Table)
    return table


def _dialect(session: Session) -> str:
    return session.get_bind().dialect.name


def _insert(dialect: str, row: Row) -> postgresql.Insert:
    # SQLite's class has the same methods and is only typed apart.
    return sqlite.insert(table_of(row)) if dialect == "sqlite" else postgresql.insert(table_of(row))  # type: ignore[return-value]


@lru_cache(maxsize=256)
def _adding(dialect: str, row: Row, returning: str, missing_only: bool) -> Any:
    statement = _insert(dialect, row)
    if missing_only:
        statement = statement.on_conflict_do_nothing()
    return statement.returning(table_of(row).c[returning]) if returning else statement


@lru_cache(maxsize=256)
def _putting(dialect: str, row: Row, keys: tuple[str, ...], names: tuple[str, ...]) -> Any:
    statement = _insert(dialect, row)
    columns = table_of(row).c
    return statement.on_conflict_do_update(
        index_elements=[columns[key] for key in keys], set_={name: statement.excluded[name] for name in names}
    )
