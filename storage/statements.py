"""Statements that were made once and are handed to the driver as they are: what a crawl's writer does some twenty times an article.

SQLAlchemy writes the statement, once per dialect and set of names, and names the types that convert values; its own execution is
passed over, which takes 15 to 60 microseconds a statement where SQLite needs one to ten. Errors are SQLAlchemy's all the same, so that
whoever tells a refused row from a lost database (storage.database) need not know which way a statement went.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Select, Table, TextClause, exc
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler

_KEY = "driver"
WAITING = "batch"
"""Under this name a session keeps what waits to be written (storage.batches)."""

Convert = Callable[[Any], Any] | None


class Rows:
    """What a statement gave back, read to its end. A row is a tuple whose columns are attributes too."""

    __slots__ = ("_converters", "_make", "_raw", "rowcount")

    def __init__(self, raw: Sequence[Any], rowcount: int, make: Callable[[Any], Any] | None, converters: tuple[Convert, ...]) -> None:
        self._raw = raw
        self._make = make
        self._converters = converters
        self.rowcount = rowcount
        """Rows that an UPDATE or DELETE touched."""

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all())

    def all(self) -> list[Any]:
        return [self._row(row) for row in self._raw]

    def first(self) -> Any:
        return self._row(self._raw[0]) if self._raw else None

    def one_or_none(self) -> Any:
        """Raises: MultipleResultsFound."""
        if len(self._raw) > 1:
            raise exc.MultipleResultsFound("more rows than the one that was asked for")
        return self.first()

    def one(self) -> Any:
        """Raises: NoResultFound, MultipleResultsFound."""
        if not self._raw:
            raise exc.NoResultFound("no row where one was asked for")
        return self.one_or_none()

    def scalars(self) -> list[Any]:
        """The first column of each row."""
        convert = self._converters[0] if self._converters else None
        return [row[0] for row in self._raw] if convert is None else [convert(row[0]) for row in self._raw]

    def scalar(self) -> Any:
        """The first column of the first row; None when there is no row."""
        return self.scalars()[0] if self._raw else None

    def scalar_one(self) -> Any:
        """The same of the only row.

        Raises: NoResultFound, MultipleResultsFound.
        """
        return self.one()[0]

    def _row(self, row: Any) -> Any:
        if any(self._converters):
            row = [value if convert is None else convert(value) for value, convert in zip(row, self._converters, strict=True)]
        return row if self._make is None else self._make(row)


@dataclass(slots=True)
class _Prepared:
    """One statement in one dialect's language."""

    sql: str
    plan: tuple[tuple[str, Convert, Any], ...]
    """(Name of a parameter, how its value is converted, its value where the caller gives none), in their order."""
    given: frozenset[str]
    """Names that the caller gives."""
    positional: bool
    converters: tuple[Convert, ...]
    """Of the columns that come back; empty where SQLAlchemy knows of none."""
    reads: frozenset[str] | None
    """The tables of a SELECT. None for what may read any, and for what writes: its references may point to any row."""
    make: Callable[[Any], Any] | None = None
    """Set when the first rows came and their names are known."""

    def parameters(self, values: Mapping[str, Any]) -> Any:
        given = self.given
        if self.positional:
            return [
                fixed if name not in given else values[name] if convert is None else convert(values[name])
                for name, convert, fixed in self.plan
            ]
        return {
            name: fixed if name not in given else values[name] if convert is None else convert(values[name])
            for name, convert, fixed in self.plan
        }


def execute(session: Session, statement: Any, values: Mapping[str, Any], *, past: bool = False) -> Rows:
    """Execute a statement that was made once, at import, past SQLAlchemy. ``values`` are all its parameters.

    What waits for a table that it reads is written first, unless it goes ``past`` that because its caller knows better.

    Raises: what SQLAlchemy raises.
    """
    prepared = _prepare(statement, session.get_bind().dialect, tuple(values))
    if not past:
        _write_waiting(session, None if prepared is None else prepared.reads)
    if prepared is None:
        result = session.connection().execute(statement, values)
        return Rows(result.all() if result.returns_rows else (), result.rowcount, None, ())
    parameters = prepared.parameters(values)
    try:
        cursor = _driver(session).cursor()
        cursor.execute(prepared.sql, parameters)
        rows = cursor.fetchall() if cursor.description else ()
    except Exception as error:
        raise _translated(session, error, prepared.sql, parameters) from error
    if rows and prepared.make is None:
        prepared.make = _row_class(tuple(column[0] for column in cursor.description))
    found = Rows(rows, cursor.rowcount, prepared.make, prepared.converters)
    cursor.close()
    return found


def execute_many(session: Session, statement: Any, values: Sequence[Mapping[str, Any]]) -> int:
    """Execute it for each of these, which have the same names, at once; how many rows an UPDATE or DELETE touched in all."""
    if len(values) <= 1:
        return execute(session, statement, values[0]).rowcount if values else 0
    prepared = _prepare(statement, session.get_bind().dialect, tuple(values[0]))
    _write_waiting(session, None)
    if prepared is None:
        return session.connection().execute(statement, values).rowcount
    parameters = [prepared.parameters(each) for each in values]
    try:
        cursor = _driver(session).cursor()
        cursor.executemany(prepared.sql, parameters)
        touched: int = cursor.rowcount
        cursor.close()
    except Exception as error:
        raise _translated(session, error, prepared.sql, None) from error
    return touched


def copy_rows(session: Session, sql: str, rows: Sequence[Sequence[Any]]) -> None:
    """Hand rows to PostgreSQL's COPY.

    Raises: what SQLAlchemy raises of an INSERT.
    """
    try:
        with _driver(session).cursor() as cursor, cursor.copy(sql) as copy:
            for row in rows:
                copy.write_row(row)
    except Exception as error:
        raise _translated(session, error, sql, None) from error


def _write_waiting(session: Session, tables: frozenset[str] | None) -> None:
    batch = session.info.get(WAITING)
    if batch is not None and batch.concerns(tables):
        batch.write(session)


def _tables_read(statement: Any) -> frozenset[str] | None:
    if not isinstance(statement, Select):
        return None
    parts = list(visitors.iterate(statement))
    if any(isinstance(part, TextClause) for part in parts):
        return None
    return frozenset(part.name for part in parts if isinstance(part, Table))


def _row_class(names: tuple[str, ...]) -> Callable[[Any], Any]:
    made: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
    make: Callable[[Any], Any] = made._make
    return make


def _driver(session: Session) -> Any:
    """The driver's connection. It is asked for once in a transaction, and once in a savepoint: a session begins either only then."""
    began = (session.get_transaction(), session.get_nested_transaction())
    known = session.info.get(_KEY)
    if known is None or known[0] is None or known[:2] != began:
        driver = session.connection().connection.driver_connection
        known = session.info[_KEY] = (session.get_transaction(), session.get_nested_transaction(), driver)
    return known[2]


def _translated(session: Session, error: Exception, sql: str, parameters: Any) -> Exception:
    """The driver's error as SQLAlchemy's own execution would have raised it; any other error as it is."""
    dialect = session.get_bind().dialect
    driver = dialect.loaded_dbapi
    if not isinstance(error, driver.Error):
        return error
    connection: Connection = session.connection()
    is_lost = connection.invalidated or dialect.is_disconnect(error, connection.connection.driver_connection, None)
    if is_lost:
        connection.invalidate(error)
    found = exc.DBAPIError.instance(sql, parameters, error, driver.Error, connection_invalidated=is_lost, dialect=dialect)
    assert isinstance(found, Exception)
    return found


@lru_cache(maxsize=1024)
def _prepare(statement: Any, dialect: Dialect, names: tuple[str, ...]) -> _Prepared | None:
    """None for a statement whose text depends on its values (a list of any length)."""
    compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=list(names))
    if any(bind.expanding for bind in compiled.binds.values()):
        return None
    defaults: dict[str, Any] = {column.key: column.default for column in compiled.insert_prefetch}
    given = frozenset(names)
    plan = []
    for name in compiled.positiontup or compiled.binds:
        bind = compiled.binds[name]
        convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
        fixed = None
        if name not in given:
            if name in defaults:
                default = defaults[name]
                fixed = default.arg(None) if default.is_callable else default.arg
            elif bind.required:
                raise exc.InvalidRequestError(f"the statement wants a value for {name!r}")
            else:
                fixed = bind.effective_value
            fixed = fixed if convert is None else convert(fixed)
        plan.append((name, convert, fixed))
    columns = getattr(statement, "exported_columns", ())
    return _Prepared(
        sql=str(compiled),
        plan=tuple(plan),
        given=given,
        positional=compiled.positiontup is not None,
        converters=tuple(column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns),
        reads=_tables_read(statement),
    )
