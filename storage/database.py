"""Opening a database: one file for one machine, or a PostgreSQL server for several. Two engines, a writer and a reader."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from sqlalchemy import Connection, Engine, exc, inspect, text
from sqlalchemy.orm import Session

from storage.batches import BatchSession, open_batch, write_batch
from storage.deferred import deferred_mark, forget_deferred, open_queue, run_deferred, run_works
from storage.engines import (
    existing_file,
    file_of,
    parse_database_url,
    postgresql_engine,
    require_writable,
    show_url,
    sqlite_reader,
    sqlite_writer,
    upgrade_command,
)
from storage.errors import DatabaseBusyError, DatabaseUnusableError, ItemRefusedError, StorageError
from storage.migrations import REVISIONS
from storage.schema_state import require_columns

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"

__all__ = [
    "Database",
    "alembic_config",
    "ensure_database",
    "is_empty",
    "open_database",
    "open_reader",
    "quick_check",
    "savepoint",
    "settle",
    "show_url",
    "upgrade_command",
    "upgrade_database",
]

# Primary SQLite result codes (https://www.sqlite.org/rescode.html), by what the caller can do about them.
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_RIGHTS = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})
_ENDING = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_INTERRUPT})
"""After these SQLite may have rolled the whole transaction back by itself (https://www.sqlite.org/lang_transaction.html, 3)."""


class Database:
    """An open database. Thread-safe; sessions are not. ``writer`` is None when it was opened for reading only."""

    def __init__(self, url: str, reader: Engine, writer: Engine | None) -> None:
        self.url = url
        self.shown_url = show_url(url)
        self.dialect: Literal["sqlite", "postgresql"] = "sqlite" if reader.dialect.name == "sqlite" else "postgresql"
        self._reader = reader
        self._writer = writer

    @property
    def writer(self) -> Engine:
        """Raises: DatabaseUnusableError when the database was opened for reading only."""
        if self._writer is None:
            raise DatabaseUnusableError(f"{self.shown_url} was opened for reading only", "open it with open_database()")
        return self._writer

    @property
    def reader(self) -> Engine:
        return self._reader

    @contextmanager
    def write(self, *, grouped: bool = False) -> Iterator[Session]:
        """One transaction, committed on leaving the block, rolled back by an exception. Writers wait for each other at its start.

        ``grouped`` says that it holds many items and is optimistic about them: a server gets their rows together (storage.batches).
        Whoever asks for it calls :func:`settle` when the items are done, and does them again without it where that fails.

        Raises: DatabaseBusyError (nothing stored, try again later), DatabaseUnusableError.
        """
        batching = grouped and self.dialect == "postgresql"
        made = BatchSession if batching else Session
        with _translated(self), made(self.writer, expire_on_commit=False) as session, session.begin():
            # The lock is taken here and not at the first statement, so that whatever is read below is not outdated.
            session.connection()
            open_queue(session)
            if batching:
                open_batch(session)
            yield session
            settle(session)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One read-only transaction that sees one state of the database from beginning to end."""
        with _translated(self), Session(self._reader, expire_on_commit=False, autoflush=False) as session:
            yield session

    def close(self) -> None:
        """Give back all connections. The object can be used again, as far as its engines are concerned."""
        self._reader.dispose()
        if self._writer is not None:
            self._writer.dispose()


def settle(session: Session) -> None:
    """Write what was put off in this transaction."""
    session.flush()
    run_deferred(session)
    write_batch(session)


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Isolate one item of a group: when the database refuses it, only the item is undone.

    Raises: ItemRefusedError in place of the database's own complaint about the data. Any other exception passes unchanged,
    after the item was undone.
    """
    run_works(session)
    write_batch(session)
    mark = deferred_mark(session)
    try:
        with _forgetting(session, mark), session.begin_nested():
            yield
            session.flush()
            run_works(session)
            write_batch(session)
    except exc.DBAPIError as error:
        if (lost := _end_of_transaction(error)) is not None:
            raise lost from None
        if error.connection_invalidated or isinstance(error, exc.OperationalError):
            raise
        raise ItemRefusedError(_reason(error)) from error
    except exc.StatementError as error:
        raise ItemRefusedError(_reason(error)) from error


def _end_of_transaction(error: BaseException) -> exc.DBAPIError | None:
    """The error with which SQLite gave up the whole transaction (a full disk), when ``error`` is only its complaint about going back
    to a savepoint that went with it."""
    while (cause := error.__context__) is not None:
        error = cause
        if isinstance(error, exc.OperationalError) and getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _ENDING:
            return error
    return None


@contextmanager
def _forgetting(session: Session, mark: int) -> Iterator[None]:
    try:
        yield
    except BaseException:
        forget_deferred(session, mark)
        raise


def open_database(url: str) -> Database:
    """Open for reading and writing.

    Raises: DatabaseUnusableError when it is absent, unwritable, corrupt, unreachable, or of another schema.
    """
    made = parse_database_url(url)
    if made.get_backend_name() == "sqlite":
        file = existing_file(made, url)
        require_writable(file, url)
        database = Database(url, sqlite_reader(file), sqlite_writer(file))
    else:
        database = Database(url, postgresql_engine(made, read_only=True), postgresql_engine(made, read_only=False))
    return _checked(database, database.writer)


def open_reader(url: str) -> Database:
    """Open for reading; needs no right to write, neither to the file nor to its folder.

    Raises: DatabaseUnusableError when it is absent, corrupt, unreachable, or of another schema.
    """
    made = parse_database_url(url)
    if made.get_backend_name() == "sqlite":
        file = existing_file(made, url)
        return _checked(Database(url, sqlite_reader(file), None))
    return _checked(Database(url, postgresql_engine(made, read_only=True), None))


def upgrade_database(url: str) -> str | None:
    """Create the database or bring its schema to this version, in one transaction; an older SQLite file is copied beside itself first.

    Returns the schema's revision when something was done, None when it was up to date.

    Raises: DatabaseUnusableError when it cannot be written or is of an unknown schema.
    """
    made = parse_database_url(url)
    if made.get_backend_name() == "sqlite":
        file = file_of(made, url)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnusableError(f"{file.parent} cannot be made: {error.strerror}", "name another place with --database") from error
        if file.exists():
            require_writable(file, url)
        engine = sqlite_writer(file)
    else:
        file = None
        engine = postgresql_engine(made, read_only=False)
    database = Database(url, engine, engine)
    try:
        with _translated(database):
            return _migrate(engine, url, file)
    finally:
        engine.dispose()


def ensure_database(url: str) -> bool:
    """Create the database when there is none yet, and say so by True. One that is there is left as it is, whatever its schema.

    Raises: DatabaseUnusableError when it cannot be made or reached.
    """
    made = parse_database_url(url)
    if made.get_backend_name() == "sqlite":
        if file_of(made, url).exists():
            return False
    else:
        engine = postgresql_engine(made, read_only=False)
        try:
            with _translated(Database(url, engine, engine)), engine.connect() as connection:
                if inspect(connection).get_table_names():
                    return False
        finally:
            engine.dispose()
    upgrade_database(url)
    return True


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, made in code: there is no alembic.ini to be found or not found from some folder."""
    from alembic.config import Config

    config = Config()
    # Alembic reads "%" in options as its own interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def is_empty(session: Session) -> bool:
    """Whether no article is stored. Counting a million takes longer than asking for one."""
    return session.scalar(text("SELECT id FROM articles LIMIT 1")) is None


def quick_check(database: Database) -> list[str]:
    """What is wrong inside an SQLite file, as SQLite says it; empty when nothing is. PostgreSQL checks its own pages: always empty."""
    if database.dialect == "postgresql":
        return []
    with database.read() as session:
        found = [str(row[0]) for row in session.execute(text("PRAGMA quick_check(20)"))]
        found += [f"broken reference in {row[0]}" for row in session.execute(text("PRAGMA foreign_key_check"))]
    return [line for line in found if line != "ok"]


def _migrate(engine: Engine, url: str, file: Path | None) -> str | None:
    from alembic import command

    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Two upgrades at once would both find the tables missing; the second waits here and then finds them.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('secondsource.upgrade'))"))
        current = _revision(connection)
        if current == REVISIONS[-1]:
            require_columns(connection, url)
            return None
        if current is not None and current not in REVISIONS:
            raise _unknown_schema(url, current)
        if current is None and inspect(connection).get_table_names():
            raise DatabaseUnusableError(f"{show_url(url)} holds tables of something else", "name an empty database with --database")
        if current is not None and file is not None:
            _copy_aside(file, current)
        command.upgrade(alembic_config(connection), "head")
    return REVISIONS[-1]


def _revision(connection: Connection) -> str | None:
    """The schema's revision; None for a database without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _copy_aside(file: Path, revision: str) -> None:
    """Keep the state before a migration as ``NAME.schema-REVISION``. Reads beside the writer's lock, which WAL allows."""
    source = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True)
    target = sqlite3.connect(file.with_name(f"{file.name}.schema-{revision}"))
    try:
        source.backup(target)
    finally:
        source.close()
        target.close()


def _checked(database: Database, probe: Engine | None = None) -> Database:
    """Compare the schema with this version's before anything else is asked of it."""
    try:
        with _translated(database), (probe or database.reader).connect() as connection:
            found = _revision(connection)
            if found == REVISIONS[-1]:
                require_columns(connection, database.url)
    except StorageError:
        database.close()
        raise
    if found == REVISIONS[-1]:
        return database
    database.close()
    if found is None:
        raise DatabaseUnusableError(f"{database.shown_url} is empty", f"create its tables with: {upgrade_command(database.url)}")
    if found in REVISIONS:
        remedy = f"migrate it with: {upgrade_command(database.url)}"
        raise DatabaseUnusableError(f"{database.shown_url} has the older schema {found}", remedy)
    raise _unknown_schema(database.url, found)


def _unknown_schema(url: str, found: str) -> DatabaseUnusableError:
    return DatabaseUnusableError(
        f"{show_url(url)} has the schema {found!r}, which this version does not know", "use the newer version that wrote it"
    )


@contextmanager
def _translated(database: Database) -> Iterator[None]:
    """Turn the drivers' errors about the database itself into this package's, which say what to do next."""
    try:
        yield
    except exc.DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise _sqlite_error(error, error.orig, database) from error
        if error.connection_invalidated or isinstance(error, exc.OperationalError):
            if database.dialect == "postgresql" and not _was_connected(error):
                raise DatabaseUnusableError(
                    f"{database.shown_url} cannot be reached: {_reason(error)}", "start the server or correct --database"
                ) from error
            raise DatabaseBusyError(_reason(error)) from error
        raise


def _sqlite_error(error: exc.DBAPIError, origin: sqlite3.Error, database: Database) -> Exception:
    code = getattr(origin, "sqlite_errorcode", 0) & 0xFF
    if code in _CORRUPT:
        return DatabaseUnusableError(
            f"{database.shown_url} is damaged ({origin})",
            "run `secondsource db verify`, then restore a backup with `secondsource db restore`",
        )
    if code in _NO_RIGHTS:
        return DatabaseUnusableError(
            f"{database.shown_url} cannot be opened or written ({origin})", "check the rights of the file and its folder"
        )
    if isinstance(error, exc.OperationalError) and code != sqlite3.SQLITE_ERROR:
        # Locked, full, an input-output error, interrupted: the transaction is gone, the file is not.
        return DatabaseBusyError(f"{origin}")
    return error


def _was_connected(error: exc.DBAPIError) -> bool:
    """An error of a statement has a SQL state or a statement; a failed connection has neither."""
    return error.statement is not None


def _reason(error: exc.StatementError) -> str:
    """The first line of the complaint, without the statement and its values, which may be foreign text."""
    lines = str(error.orig or error).strip().splitlines()
    return lines[0][:500] if lines else type(error).__name__
