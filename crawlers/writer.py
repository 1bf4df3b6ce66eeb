"""The one thread of a crawl that writes. Items are committed in groups; an item is acknowledged after its group's commit.

An item is a function of a session. It may run more than once (a group is repeated when the database was lost), so it changes
nothing but the session, and returns what the caller needs to know.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar

import structlog

from crawlers.errors import WriterClosedError
from storage.database import Database, savepoint, settle
from storage.errors import DatabaseBusyError, DatabaseUnusableError

T = TypeVar("T")

Session = Any
"""SQLAlchemy's session. Only storage imports SQLAlchemy, so it is opaque here: it is handed on, nothing else."""

Item = Callable[[Session], T]

GROUP_ITEMS = 50
GROUP_S = 0.2
"""A group is committed when it has so many items, or when its first one has waited so long."""

HELD_S = 0.2
"""A transaction that has worked so long is committed with what it has: its items wait no longer, and other processes may write."""

LINGER_S = 0.02
"""A group is committed at once when nothing more arrives for so long: one item alone need not wait for company."""

BACKOFF_S = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""Waits between the tries of a group while the database is lost; the last one repeats."""

GIVE_UP_S = 300.0
"""After so long without a usable database the crawl ends; what was not acknowledged stays pending. A busy or full one is waited for."""

HURRY_S = 10.0
"""As GIVE_UP_S, for any loss, once somebody waits for the crawl to end."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Entry:
    item: Item[Any]
    future: asyncio.Future[Any]
    loop: asyncio.AbstractEventLoop


class _ItemFailedError(Exception):
    """An item of a group failed, and the others were undone with it."""


class Writer:
    """Owns the write engine. Start it, ``await submit(item)`` from one event loop, close it.

    ``renew`` is an item that is run every ``renew_s`` seconds, also when there is nothing else to do: leases live by it.
    """

    def __init__(self, database: Database, *, renew: Item[None] | None = None, renew_s: float = 15.0) -> None:
        self._database = database
        self._renew = renew
        self._renew_s = renew_s
        self._entries: queue.SimpleQueue[_Entry | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._hurried_at: float | None = None
        self._forced = threading.Event()
        self._failed: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self.on_acknowledged: Callable[[], None] = lambda: None
        """Called on the event loop after each acknowledgement or refusal."""
        self.groups = 0
        self.items = 0
        """Acknowledged so far."""

    def start(self) -> None:
        self._thread.start()

    @property
    def failed(self) -> BaseException | None:
        """Why the writer ended by itself; None while it works."""
        return self._failed

    async def submit(self, item: Item[T]) -> T:
        """Run ``item`` in the next group and return its result after the commit.

        Its failure undoes nothing else, and is raised here.

        Raises: ItemRefusedError (the database refused the data), WriterClosedError, or what the item raised.
        """
        if self._failed is not None or self._closing.is_set():
            raise WriterClosedError("the writer has ended") from self._failed
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._entries.put(_Entry(item, future, loop))
        try:
            return await future
        finally:
            self.on_acknowledged()

    def hurry(self) -> None:
        """The crawl is to end: a database that stays lost is given up after HURRY_S. Callable from a signal handler."""
        self._hurried_at = monotonic()

    def close(self, *, timeout_s: float = 60.0) -> None:
        """Commit what is queued and end the thread. After ``timeout_s`` without a database the rest is given up."""
        if self._thread.is_alive():
            self._closing.set()
            self._entries.put(None)
            self._thread.join(timeout_s)
            self._forced.set()
            self._thread.join(5.0)

    def _run(self) -> None:
        renewed_at = monotonic()
        group: list[_Entry] = []
        try:
            while True:
                wait_s = max(0.0, renewed_at + self._renew_s - monotonic())
                group, ended = self._gather(wait_s)
                if self._renew is not None and monotonic() - renewed_at >= self._renew_s:
                    renewed_at = monotonic()
                    self._commit(group, renew=True)
                elif group:
                    self._commit(group, renew=False)
                if ended:
                    return
        except (DatabaseBusyError, DatabaseUnusableError, WriterClosedError) as error:
            log.error("writer_ended", reason=str(error))
            self._failed = error
        except BaseException as error:
            self._failed = error
            raise
        finally:
            # Whatever ended the thread, nobody may wait for ever; what was acknowledged before is not touched by this.
            self._refuse(group, self._failed)
            self._refuse_rest()

    def _gather(self, wait_s: float) -> tuple[list[_Entry], bool]:
        """The next group, and whether the writer was asked to end after it."""
        try:
            first = self._entries.get(timeout=wait_s) if wait_s > 0 else self._entries.get_nowait()
        except queue.Empty:
            return [], False
        if first is None:
            return [], True
        group = [first]
        until = monotonic() + GROUP_S
        while len(group) < GROUP_ITEMS:
            try:
                entry = self._entries.get(timeout=max(0.0, min(LINGER_S, until - monotonic())))
            except queue.Empty:
                break
            if entry is None:
                return group, True
            group.append(entry)
        return group, False

    def _commit(self, group: list[_Entry], *, renew: bool) -> None:
        """Commit a group, in as many parts as its time needs, again and again while the database is lost."""
        lost_at: float | None = None
        tries = 0
        apart = False
        while group or renew:
            try:
                results = self._attempt(group, renew=renew, apart=apart)
            except _ItemFailedError:
                # Nothing of the group is stored. The bad item is found, and undone alone, when each has a savepoint of its own.
                apart = True
            except (DatabaseBusyError, DatabaseUnusableError) as error:
                lost_at = monotonic() if lost_at is None else lost_at
                unusable = isinstance(error, DatabaseUnusableError) and monotonic() - lost_at > GIVE_UP_S
                hurried = self._hurried_at is not None and monotonic() - max(lost_at, self._hurried_at) > HURRY_S
                if unusable or hurried or self._forced.is_set():
                    raise
                wait_s = BACKOFF_S[min(tries, len(BACKOFF_S) - 1)]
                tries += 1
                log.warning("database_lost", reason=str(error), items=len(group), retry_in_s=wait_s)
                self._forced.wait(wait_s)
            else:
                self.groups += 1
                self.items += len(results)
                for entry, (result, fault) in zip(group, results, strict=False):
                    _resolve(entry, result, fault)
                group, renew = group[len(results) :], False
                lost_at, tries = None, 0

    def _attempt(self, group: list[_Entry], *, renew: bool, apart: bool) -> list[tuple[Any, BaseException | None]]:
        """Commit what of the group can be done in its time, one item at least; the results of that.

        Savepoints are a tenth of the writer's work and hardly an item fails, so the items have one each only when ``apart``.

        Raises: _ItemFailedError (not ``apart``), DatabaseBusyError, DatabaseUnusableError; nothing is stored then.
        """
        results: list[tuple[Any, BaseException | None]] = []
        until = monotonic() + HELD_S
        with self._database.write(grouped=not apart) as session:
            if renew and self._renew is not None:
                self._renew(session)
            for entry in group:
                if results and monotonic() > until:
                    break
                try:
                    with savepoint(session) if apart else _flushed(session):
                        result = entry.item(session)
                except (DatabaseBusyError, DatabaseUnusableError):
                    raise
                except Exception as error:  # The item border: whoever submitted it decides what its failure means.
                    if not apart:
                        raise _ItemFailedError from error
                    if hasattr(error, "connection_invalidated"):
                        # The driver lost the database, not the item its data; ``Database.write`` gives it its name.
                        raise
                    results.append((None, error))
                else:
                    results.append((result, None))
            if not apart:
                _settle(session)
        return results

    def _refuse(self, group: list[_Entry], cause: BaseException | None) -> None:
        for entry in group:
            fault = WriterClosedError("not acknowledged: the writer has ended")
            fault.__cause__ = cause
            _resolve(entry, None, fault)

    def _refuse_rest(self) -> None:
        self._closing.set()
        rest = []
        while True:
            try:
                entry = self._entries.get_nowait()
            except queue.Empty:
                break
            if entry is not None:
                rest.append(entry)
        self._refuse(rest, self._failed)


def _settle(session: Session) -> None:
    """Write what the items put off; what is wrong with it is the fault of one of them."""
    try:
        settle(session)
    except (DatabaseBusyError, DatabaseUnusableError):
        raise
    except Exception as error:
        raise _ItemFailedError from error


@contextmanager
def _flushed(session: Session) -> Iterator[None]:
    """What an item left to be written is its own to answer for, not the next one's."""
    yield
    session.flush()


def _resolve(entry: _Entry, result: Any, fault: BaseException | None) -> None:
    def finish() -> None:
        if entry.future.done():
            return
        if fault is None:
            entry.future.set_result(result)
        else:
            entry.future.set_exception(fault)

    try:
        entry.loop.call_soon_threadsafe(finish)
    except RuntimeError:
        # The loop has ended before its crawl did, by a second signal. What was committed is committed.
        return
