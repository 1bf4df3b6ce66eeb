"""A copy of a running SQLite database, and the way back. SQLite's own backup interface; a plain file copy of a database in WAL mode
is broken as often as not. A PostgreSQL server has its own tools, which are named instead."""

from __future__ import annotations

import hashlib
import os
import shlex
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL

from storage.database import open_reader
from storage.engines import file_of, parse_database_url
from storage.errors import DatabaseUnusableError, StorageError
from storage.locks import sqlite_lock

STEP_PAGES = 2_000
"""Database pages copied at a time (8 MB); between two steps writers get their turn."""


class BackupRefusedError(StorageError):
    """What was asked for would destroy something, or is not this program's to do. The message says what to do instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished backup."""

    file: Path
    size: int
    sha256: str
    schema: str
    articles: int


def back_up(url: str, target: Path) -> Backup:
    """Copy the database to a new file while it is in use. What the copy holds is one moment's state; the file is whole or not there.

    Raises: BackupRefusedError for PostgreSQL (with its command) and when ``target`` exists; DatabaseUnusableError.
    """
    made = parse_database_url(url)
    if made.get_backend_name() != "sqlite":
        command = f"pg_dump --format=custom --file={shlex.quote(str(target))} {shlex.quote(_libpq_url(url))}"
        raise BackupRefusedError(f"a PostgreSQL server backs itself up; type: {command}")
    if target.exists():
        raise BackupRefusedError(f"{target} exists; name a new file")
    with closing(open_reader(url)):
        pass  # Refuses what is no database of this schema.
    part = target.with_name(f"{target.name}.part")
    try:
        _copy(file_of(made, url), part)
        found = _examine(part)
        part.replace(target)
    except (OSError, sqlite3.Error) as error:
        raise DatabaseUnusableError(f"{target} cannot be written: {error}", "name another place with --out") from error
    finally:
        part.unlink(missing_ok=True)
    return Backup(file=target, size=found.size, sha256=found.sha256, schema=found.schema, articles=found.articles)


def restore(source: Path, url: str, *, now: datetime, holder: str) -> Path | None:
    """Put a backup in the database's place; where the former database was moved to, None when there was none.

    The former one is never deleted: it is renamed with the moment of the restore. Refused while a daemon serves it.

    Raises: BackupRefusedError, LockHeldError, DatabaseUnusableError when ``source`` is no sound database.
    """
    made = parse_database_url(url)
    if made.get_backend_name() != "sqlite":
        command = f"pg_restore --clean --if-exists --dbname={shlex.quote(_libpq_url(url))} {shlex.quote(str(source))}"
        raise BackupRefusedError(f"a PostgreSQL server restores itself; type: {command}")
    if not source.is_file():
        raise BackupRefusedError(f"there is no backup at {source}")
    _examine(source)
    file = file_of(made, url)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.restore")
    with sqlite_lock(file, holder):
        try:
            _copy(source, part)
            _examine(part)
            aside = _move_aside(file, now) if file.exists() else None
            part.replace(file)
        except (OSError, sqlite3.Error) as error:
            raise DatabaseUnusableError(f"{file} cannot be restored: {error}", "nothing was changed; mend that and try again") from error
        finally:
            part.unlink(missing_ok=True)
    return aside


def _move_aside(file: Path, now: datetime) -> Path:
    """Rename a database together with its log, which belongs to it: without it the last transactions would be lost."""
    aside = file.with_name(f"{file.name}.before-restore-{now:%Y%m%dT%H%M%SZ}")
    if aside.exists():
        raise BackupRefusedError(f"{aside} exists; move it away first")
    for suffix in ("-wal", "-shm", ""):
        part = file.with_name(file.name + suffix)
        if part.exists():
            part.replace(aside.with_name(aside.name + suffix))
    return aside


def _copy(source: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    reading = sqlite3.connect(f"file:{quote(str(source.absolute()))}?mode=ro", uri=True, timeout=30)
    with closing(reading), closing(sqlite3.connect(target)) as writing:
        reading.backup(writing, pages=STEP_PAGES, sleep=0.01)
        # The copy stands alone: no log beside it is needed to read it.
        writing.execute("PRAGMA journal_mode = DELETE")
    with target.open("rb+") as written:
        os.fsync(written.fileno())


def _examine(file: Path) -> Backup:
    """Raises: DatabaseUnusableError when the file is no sound database of ours."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)) as connection:
            (state,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise DatabaseUnusableError(f"{file} is no sound database of this program ({error})", "name another backup") from error
    if state != "ok":
        raise DatabaseUnusableError(f"{file} is damaged: {state}", "name another backup")
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return Backup(file=file, size=file.stat().st_size, sha256=digest, schema=schema, articles=articles)


def _libpq_url(url: str) -> str:
    """The address as PostgreSQL's tools read it, without the password, which they ask for or find in their own file."""
    made = parse_database_url(url)
    bare = URL.create("postgresql", username=made.username, host=made.host, port=made.port, database=made.database, query=made.query)
    return bare.render_as_string()
