"""One daemon a database. Held by the operating system or the server, so that a killed holder frees it at once."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url

from storage.database import Database
from storage.errors import StorageError

_ADVISORY_KEY = 0x5EC0_4D5C
"""An arbitrary constant: PostgreSQL's advisory locks are named by a number, per database."""


class LockHeldError(StorageError):
    """Another process holds the lock. ``holder`` is "host:pid"."""

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"held by {holder}")


@contextmanager
def daemon_lock(database: Database, holder: str) -> Iterator[None]:
    """Hold the daemon's place for the length of the block.

    Raises: LockHeldError naming the other daemon.
    """
    if database.dialect == "sqlite":
        with _file_lock(Path(make_url(database.url).database or "secondsource.db"), holder):
            yield
    else:
        with _advisory_lock(database, holder):
            yield


@contextmanager
def sqlite_lock(file: Path, holder: str) -> Iterator[None]:
    """The daemon's place at a database file, whether or not the file is there or sound.

    Raises: LockHeldError naming the daemon.
    """
    with _file_lock(file, holder):
        yield


@contextmanager
def _file_lock(file: Path, holder: str) -> Iterator[None]:
    lock = file.with_name(file.name + ".daemon.lock")
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockHeldError(os.pread(descriptor, 300, 0).decode("utf-8", "replace").strip() or "unknown:0") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, holder.encode(), 0)
        # The file stays: removing it would let a third process lock a new file of the same name beside a waiting second.
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock(database: Database, holder: str) -> Iterator[None]:
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Whoever finds the lock taken reads the holder from the server's own list of connections.
        connection.execute(text("SELECT set_config('application_name', :name, false)"), {"name": f"ssd {holder}"[:63]})
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}):
            other = connection.scalar(
                text(
                    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                    "WHERE l.locktype = 'advisory' AND l.objid = :key AND l.granted LIMIT 1"
                ),
                {"key": _ADVISORY_KEY},
            )
            raise LockHeldError(str(other or "unknown:0").removeprefix("ssd "))
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
