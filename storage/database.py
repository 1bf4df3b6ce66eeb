"""Opening a database: one file for one machine, or a PostgreSQL server for several. Two engines, a writer and a reader."""

from __future__ import annotations

import os
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from storage.errors import DatabaseBusyError, DatabaseUnusableError, ItemRefusedError, StorageError
from storage.migrations import REVISIONS

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT_MS = 30_000
"""How long a writer waits for another one; an analyst's tool may hold a lock for seconds."""
MIGRATIONS = Path(__file__).parent / "migrations"

# Primary SQLite result codes (https://www.sqlite.org/rescode.html), by what the caller can do about them.
_CORRUPT = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NO_RIGHTS = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})


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
    def write(self) -> Iterator[Session]:
        """One transaction, committed on leaving the block, rolled back by an exception. Writers wait for each other at its start.

        Raises: DatabaseBusyError (nothing stored, try again later), DatabaseUnusableError.
        """
        with _translated(self), Session(self.writer, expire_on_commit=False) as session, session.begin():
            # The lock is taken here and not at the first statement, so that whatever is read below is not outdated.
            session.connection()
            yield session

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


@contextmanager
def savepoint(session: Session) -> Iterator[None]:
    """Isolate one item of a group: when the database refuses it, only the item is undone.

    Raises: ItemRefusedError in place of the database's own complaint about the data. Any other exception passes unchanged,
    after the item was undone.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except exc.DBAPIError as error:
        if error.connection_invalidated or isinstance(error, exc.OperationalError):
            raise
        raise ItemRefusedError(_reason(error)) from error
    except exc.StatementError as error:
        raise ItemRefusedError(_reason(error)) from error


def open_database(url: str) -> Database:
    """Open for reading and writing.

    Raises: DatabaseUnusableError when it is absent, unwritable, corrupt, unreachable, or of another schema.
    """
    made = _make_url(url)
    if made.get_backend_name() == "sqlite":
        file = _existing_file(made, url)
        _require_writable(file, url)
        database = Database(url, _sqlite_reader(file), _sqlite_writer(file))
    else:
        database = Database(url, _postgresql(made, read_only=True), _postgresql(made, read_only=False))
    return _checked(database, database.writer)


def open_reader(url: str) -> Database:
    """Open for reading; needs no right to write, neither to the file nor to its folder.

    Raises: DatabaseUnusableError when it is absent, corrupt, unreachable, or of another schema.
    """
    made = _make_url(url)
    if made.get_backend_name() == "sqlite":
        file = _existing_file(made, url)
        return _checked(Database(url, _sqlite_reader(file), None))
    return _checked(Database(url, _postgresql(made, read_only=True), None))


def upgrade_database(url: str) -> str | None:
    """Create the database or bring its schema to this version, in one transaction; an older SQLite file is copied beside itself first.

    Returns the schema's revision when something was done, None when it was up to date.

    Raises: DatabaseUnusableError when it cannot be written or is of an unknown schema.
    """
    made = _make_url(url)
    if made.get_backend_name() == "sqlite":
        file = _file_of(made, url)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseUnusableError(f"{file.parent} cannot be made: {error.strerror}", "name another place with --database") from error
        if file.exists():
            _require_writable(file, url)
        engine = _sqlite_writer(file)
    else:
        file = None
        engine = _postgresql(made, read_only=False)
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
    made = _make_url(url)
    if made.get_backend_name() == "sqlite":
        if _file_of(made, url).exists():
            return False
    else:
        engine = _postgresql(made, read_only=False)
        try:
            with _translated(Database(url, engine, engine)), engine.connect() as connection:
                if inspect(connection).get_table_names():
                    return False
        finally:
            engine.dispose()
    upgrade_database(url)
    return True


def show_url(url: str) -> str:
    """The URL without its password, for people and logs."""
    try:
        return make_url(url).render_as_string(hide_password=True)
    except exc.ArgumentError:
        return "(not a database URL)"


def upgrade_command(url: str) -> str:
    """What to type to make or migrate this database."""
    return f"secondsource --database {shlex.quote(show_url(url))} db upgrade"


def alembic_config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, made in code: there is no alembic.ini to be found or not found from some folder."""
    from alembic.config import Config

    config = Config()
    # Alembic reads "%" in options as its own interpolation.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


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


def _make_url(url: str) -> URL:
    try:
        made = make_url(url)
    except exc.ArgumentError as error:
        raise DatabaseUnusableError("the database setting is not a URL", "give sqlite:///PATH or postgresql://…") from error
    if made.get_backend_name() == "sqlite":
        return made
    if made.drivername == "postgres" or made.get_backend_name() == "postgresql":
        return made.set(drivername="postgresql+psycopg")
    raise DatabaseUnusableError(f"{made.drivername} is no supported database", "give sqlite:///PATH or postgresql://…")


def _file_of(made: URL, url: str) -> Path:
    if not made.database or made.database == ":memory:":
        raise DatabaseUnusableError(f"{show_url(url)} names no file", "give sqlite:///PATH")
    return Path(made.database)


def _existing_file(made: URL, url: str) -> Path:
    file = _file_of(made, url)
    try:
        if file.is_file():
            return file
    except OSError as error:
        raise DatabaseUnusableError(f"{file} cannot be looked at: {error.strerror}", "check the rights of its folders") from error
    if file.exists():
        raise DatabaseUnusableError(f"{file} is not a file", "name a file with --database")
    raise DatabaseUnusableError(f"there is no database at {file}", f"create it with: {upgrade_command(url)}")


def _require_writable(file: Path, url: str) -> None:
    """Asked of the system and not found out by a failing write: SQLite opens an unwritable file read-only without a word."""
    for what in (file, file.parent):
        if not os.access(what, os.W_OK):
            remedy = f"give this user the right to write it, or name another database with --database (now {show_url(url)})"
            raise DatabaseUnusableError(f"{what} cannot be written", remedy)


def _sqlite_writer(file: Path) -> Engine:
    engine = create_engine(URL.create("sqlite", database=str(file)), connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own, late BEGIN is turned off: the transaction begins where "begin" below says.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A deferred transaction that reads and then writes fails at once when another wrote between, whatever the timeout.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _sqlite_reader(file: Path) -> Engine:
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


def _postgresql(made: URL, *, read_only: bool) -> Engine:
    options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if read_only else {}
    return create_engine(made, pool_pre_ping=True, execution_options=options, connect_args={"connect_timeout": 10})


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
