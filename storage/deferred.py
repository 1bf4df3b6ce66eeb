"""What is kept until the end of a transaction, where many of one kind are done as one.

For what nothing else in the transaction reads. Statements: the full-text index, because FTS5 writes its words out whenever a savepoint
is opened, and a server wants a round trip for each. Work: the comparison of new texts with all others, which asks the same of each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Executable
from sqlalchemy.orm import Session

from storage.statements import execute, execute_many

_KEY = "deferred"
Item = TypeVar("Item")


@dataclass(slots=True)
class _Queue:
    items: list[tuple[Executable, dict[str, Any]]] = field(default_factory=list)
    works: list[tuple[Callable[[Session, Sequence[Any]], object], Any]] = field(default_factory=list)


def open_queue(session: Session) -> None:
    """From now on ``defer`` keeps what it is given. Whoever opens the queue calls ``run_deferred`` before the commit."""
    session.info[_KEY] = _Queue()


def defer(session: Session, statement: Executable, **values: Any) -> None:
    """Execute a statement that was made once at the end of the transaction, after all that was deferred before it; at once in a
    session without a queue."""
    queue: _Queue | None = session.info.get(_KEY)
    if queue is None:
        execute(session, statement, values)
    else:
        queue.items.append((statement, values))


def defer_work(session: Session, work: Callable[[Session, Sequence[Item]], object], item: Item) -> None:
    """Call ``work`` at the end of the transaction, or of its savepoint, with all that was deferred for it; at once in a session without a
    queue."""
    queue: _Queue | None = session.info.get(_KEY)
    if queue is None:
        work(session, [item])
    else:
        queue.works.append((work, item))


def run_works(session: Session) -> None:
    """Do the work that was deferred so far."""
    queue: _Queue | None = session.info.get(_KEY)
    if queue is None:
        return
    works: dict[Callable[[Session, Sequence[Any]], object], list[Any]] = {}
    for work, item in queue.works:
        works.setdefault(work, []).append(item)
    queue.works = []
    for work, items in works.items():
        work(session, items)


def run_deferred(session: Session) -> None:
    """Do the work that was deferred so far, then execute the statements, in order."""
    run_works(session)
    queue: _Queue | None = session.info.get(_KEY)
    if queue is None:
        return
    items, queue.items = queue.items, []
    for _, same in groupby(items, key=lambda item: id(item[0])):
        some = list(same)
        execute_many(session, some[0][0], [values for _, values in some])


def deferred_mark(session: Session) -> int:
    """A point to which ``forget_deferred`` goes back."""
    queue: _Queue | None = session.info.get(_KEY)
    return len(queue.items) if queue is not None else 0


def forget_deferred(session: Session, mark: int) -> None:
    """Drop what was deferred since ``mark``: its savepoint is undone. Work never outlives its savepoint."""
    queue: _Queue | None = session.info.get(_KEY)
    if queue is not None:
        del queue.items[mark:]
        queue.works.clear()
