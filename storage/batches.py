"""Rows and changes of many items that are written together, on a server.

To a server each statement is a round trip, and a row alone costs several times what it costs among others. So in a transaction of many
items (``Database.write(grouped=True)``: the crawl's writer) what nobody has to see at once is put off. A row gets its id from a block
taken from the sequence; all rows of a table then go by one COPY, all changes of a kind as one batch.

Nothing is read past what waits: a statement that reads a table for which rows wait has them written first, and so does every statement
that writes by itself, unless its caller knows that the keys it asks for do not wait (``waits``, ``dialects.run_past``).

It is optimistic. That a row's key was there already, or that a change did not meet its row, shows only when the batch is written: the
transaction then fails as a whole, and whoever opened it does its items again one by one, with nothing put off.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import Dialect, FromClause, Table, event, text
from sqlalchemy.orm import ORMExecuteState, Session

from storage.errors import StaleBatchError
from storage.models import Base
from storage.statements import WAITING, copy_rows, execute, execute_many

IDS = 100
"""Ids taken from a sequence at a time. Those that a process leaves are gaps, as those of any transaction that fails."""

_NEXT_IDS = text("SELECT nextval(pg_get_serial_sequence(:table, 'id')) FROM generate_series(1, :number)")
_ORDER = {table.name: number for number, table in enumerate(Base.metadata.sorted_tables)}
"""References point to tables that stand before."""


MakeRows = Callable[[Session, Sequence[Any]], Sequence[dict[str, Any]]]


@dataclass(slots=True)
class Batch:
    """What waits in one transaction."""

    _rows: dict[str, tuple[FromClause, list[dict[str, Any]]]] = field(default_factory=dict)
    _unmade: dict[tuple[str, MakeRows], tuple[FromClause, list[Any]]] = field(default_factory=dict)
    _changes: dict[tuple[int, tuple[str, ...]], tuple[Any, list[Mapping[str, Any]]]] = field(default_factory=dict)
    _tables: set[str] = field(default_factory=set)
    _keys: dict[tuple[str, Hashable], dict[str, Any]] = field(default_factory=dict)

    def concerns(self, tables: Collection[str] | None) -> bool:
        """Whether something waits for one of these tables; None: for any."""
        return bool(self._tables) if tables is None else not self._tables.isdisjoint(tables)

    def add(self, table: FromClause, values: Mapping[str, Any], *keys: Hashable) -> None:
        """Put a row off. ``keys`` are what ``waits`` can be asked for."""
        name = _name(table)
        row = dict(values)
        self._rows.setdefault(name, (table, []))[1].append(row)
        self._note(name, keys, row)

    def add_later(self, table: FromClause, make: MakeRows, item: Any, key: Hashable) -> None:
        """Put off to make rows of items: ``make`` is given all of a kind at once, and the rows that it returns go with the others."""
        name = _name(table)
        self._unmade.setdefault((name, make), (table, []))[1].append(item)
        self._note(name, (key,), {})

    def change(self, table: FromClause, statement: Any, values: Mapping[str, Any], key: Hashable) -> None:
        """Put off an UPDATE that meets exactly one row."""
        self._changes.setdefault((id(statement), tuple(values)), (statement, []))[1].append(values)
        self._note(_name(table), (key,), {})

    def waiting(self, table: FromClause, key: Hashable) -> dict[str, Any] | None:
        """The row, or a change of the row, that waits under this key; what is set in a row that waits is written with it."""
        return self._keys.get((_name(table), key))

    def write(self, session: Session) -> None:
        """Write all that waits.

        Raises: StaleBatchError when a change does not meet its row; what SQLAlchemy raises.
        """
        rows, unmade, changes = self._rows, self._unmade, self._changes
        self._rows, self._unmade, self._changes = {}, {}, {}
        self._tables, self._keys = set(), {}
        for (name, make), (table, items) in unmade.items():
            rows.setdefault(name, (table, []))[1].extend(make(session, items))
        for name in sorted(rows, key=lambda name: _ORDER.get(name, len(_ORDER))):
            table, some = rows[name]
            sql, plan = _copying(table, session.get_bind().dialect)
            if some:
                copy_rows(session, sql, [_in_order(plan, row) for row in some])
        for statement, values in changes.values():
            if execute_many(session, statement, values) != len(values):
                raise StaleBatchError

    def _note(self, table: str, keys: Sequence[Hashable], row: dict[str, Any]) -> None:
        self._tables.add(table)
        for key in keys:
            self._keys[table, key] = row


class BatchSession(Session):
    """A session whose own statements see what waits."""


@event.listens_for(BatchSession, "do_orm_execute")
def _before_statement(state: ORMExecuteState) -> None:
    write_batch(state.session)


@event.listens_for(BatchSession, "before_flush")
def _before_flush(session: Session, _context: Any, _instances: Any) -> None:
    write_batch(session)


def open_batch(session: Session) -> None:
    """From now on rows and changes may be put off. Whoever opens it calls ``write_batch`` before the commit."""
    session.info[WAITING] = Batch()


def batch_of(session: Session) -> Batch | None:
    """None where everything is written at once."""
    found: Batch | None = session.info.get(WAITING)
    return found


def write_batch(session: Session) -> None:
    """Write what waits, if anything does.

    Raises: StaleBatchError.
    """
    batch = batch_of(session)
    if batch is not None and batch.concerns(None):
        batch.write(session)


def waits(session: Session, table: FromClause, key: Hashable) -> bool:
    """Whether a row with this key, or a change of it, is put off."""
    batch = batch_of(session)
    return batch is not None and batch.waiting(table, key) is not None


def new_id(session: Session, table: Table) -> int:
    """An id that no other row of the table has or will have."""
    blocks: dict[str, deque[int]] = session.connection().info.setdefault("ids", {})
    block = blocks.setdefault(table.name, deque())
    if not block:
        block.extend(execute(session, _NEXT_IDS, {"table": table.name, "number": IDS}, past=True).scalars())
    return block.popleft()


def _name(table: FromClause) -> str:
    name: str = table.name  # type: ignore[attr-defined]
    return name


_Plan = tuple[tuple[str, Callable[[Any], Any] | None, Any], ...]
"""(Name of a column, how its value is converted, its value where none is given)."""


@lru_cache(maxsize=64)
def _copying(table: FromClause, dialect: Dialect) -> tuple[str, _Plan]:
    quote = dialect.identifier_preparer.quote
    plan = []
    for column in table.columns:
        convert = column.type.dialect_impl(dialect).bind_processor(dialect)
        default = getattr(column, "default", None)
        plan.append((column.name, convert, default))
    names = ", ".join(quote(name) for name, _, _ in plan)
    return f"COPY {quote(_name(table))} ({names}) FROM STDIN", tuple(plan)


def _in_order(plan: _Plan, row: Mapping[str, Any]) -> list[Any]:
    found = []
    for name, convert, default in plan:
        if name in row:
            value = row[name]
        elif default is None:
            value = None
        else:
            value = default.arg(None) if default.is_callable else default.arg
        found.append(value if convert is None else convert(value))
    return found
