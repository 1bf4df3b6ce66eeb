"""How connections are made and what is said when none can be: SQLite files and PostgreSQL servers."""

from __future__ import annotations

import os
import shlex
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url

from storage.errors import DatabaseUnusableError

BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for another one; an analyst's tool may hold a lock for seconds."""
CACHE_KIB = 64 * 1024
"""Pages that the writer keeps. An article touches some forty leaves of the table of shingles, each elsewhere: SQLite's two megabytes
hold none of them any more by the time they are wanted again."""
READER_CACHE_KIB = 32 * 1024
"""Pages that a reader keeps. A search whose filter ends within a day looks at the rows of some thousand articles, which lie on hundreds of
pages."""
CHECKPOINT_PAGES = 4000
"""Pages of the log (16 MB) after which it is written into the file: a group of fifty articles fills SQLite's own 1,000 by itself, and
pages that the next groups change again would be written twice."""
WAL_BYTES_KEPT = 64 * 1024 * 1024
"""What of the log stays on the disk once it was written into the file: one great transaction, or a reader that held the log up for an
hour, would otherwise leave gigabytes there for ever."""

MOST_CHANGES = 2**31
"""SQLite keeps ``user_version`` in 32 bits with a sign."""


def show_url(url: str) -> str:
    """The URL without its password, for people and logs."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError:
        return "(not a database URL)"


def upgrade_command(url: str) -> str:
    """What to type to make or migrate this database."""
    return f"secondsource --database {shlex.quote(show_url(url))} db upgrade"


def parse_database_url(url: str) -> URL:
    """``postgresql://`` and ``postgres://`` mean psycopg 3.

    Raises: DatabaseUnusableError for anything but SQLite and PostgreSQL.
    """
    try:
        made = make_url(url)
    except exc.ArgumentError as error:
        raise DatabaseUnusableError("the database setting is not a URL", "give sqlite:///PATH or postgresql://…") from error
    if made.get_backend_name() == "sqlite":
        return made
    if made.drivername == "postgres" or made.get_backend_name() == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    raise DatabaseUnusableError(f"{made.drivername} is no supported database", "give sqlite:///PATH or postgresql://…")


def file_of(made: URL, url: str) -> Path:
    """The SQLite file that a URL names, there or not.

    Raises: DatabaseUnusableError when it names none.
    """
    if not made.database or made.database == ":memory:":
        raise DatabaseUnusableError(f"{show_url(url)} names no file", "give sqlite:///PATH")
    return Path(made.database)


def existing_file(made: URL, url: str) -> Path:
    """Raises: DatabaseUnusableError with the command that would make it."""
    file = file_of(made, url)
    try:
        if file.is_file():
            return file
    except OSError as error:
        raise DatabaseUnusableError(f"{file} cannot be looked at: {error.strerror}", "check the rights of its folders") from error
    if file.exists():
        raise DatabaseUnusableError(f"{file} is not a file", "name a file with --database")
    raise DatabaseUnusableError(f"there is no database at {file}", f"create it with: {upgrade_command(url)}")


def require_writable(file: Path, url: str) -> None:
    """Asked of the system and not found out by a failing write: SQLite opens an unwritable file read-only without a word.

    Raises: DatabaseUnusableError.
    """
    for what in (file, file.parent):
        if not os.access(what, os.W_OK):
            remedy = f"give this user the right to write it, or name another database with --database (now {show_url(url)})"
            raise DatabaseUnusableError(f"{what} cannot be written", remedy)


def sqlite_writer(file: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own, late BEGIN is turned off: the transaction begins where "begin" below says.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES_KEPT}")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another wrote between, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.info["changes"] = _changes(connection)

    @event.listens_for(engine, "commit")
    def _on_commit(connection: Connection) -> None:
        # Counts the transactions that changed something, in the file and by all processes: what was made of a state can be told to be
        # of the present one (see storage.dossiers).
        if _changes(connection) != connection.info.get("changes"):
            count = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            connection.exec_driver_sql(f"PRAGMA user_version = {(count + 1) % MOST_CHANGES}")

    return engine


def _changes(connection: Connection) -> int:
    """Rows that this connection wrote since it was opened."""
    found: int = connection.connection.driver_connection.total_changes  # type: ignore[union-attr]
    return found


def sqlite_reader(file: Path) -> Engine:
    absolute = quote(str(file.absolute()))

    def connect() -> sqlite3.Connection:
        connection = _connect_read_only(f"file:{absolute}?mode=ro")
        try:
            connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        except sqlite3.OperationalError as error:
            wal = file.with_name(file.name + "-wal")
            unopenable = (error.sqlite_errorcode & 0xFF) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            if not unopenable or (wal.exists() and wal.stat().st_size):
                raise
            # A file in WAL mode wants a shared-memory file beside it. In a folder that cannot be written, with nothing
            # left in the log, nobody is writing: the file can be read as it is.
            connection.close()
            connection = _connect_read_only(f"file:{absolute}?mode=ro&immutable=1")
        # Not before: it reads the schema, and so would fail where the statement above may.
        connection.execute(f"PRAGMA cache_size = -{READER_CACHE_KIB}")
        return connection

    # The address is only shown; "creator" makes the connections.
    engine = create_engine(URL.create("sqlite", database=str(file)), creator=connect)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _connect_read_only(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False, isolation_level=None)
    connection.execute("PRAGMA query_only = ON")
    return connection


def postgresql_engine(made: URL, *, read_only: bool) -> Engine:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if read_only else {}
    return create_engine(made, pool_pre_ping=True, execution_options=options, connect_args={"connect_timeout": 10})
