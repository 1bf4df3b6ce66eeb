"""Backup, restore and copy on real databases, with writers at work."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import queries, search
from storage.backup import BackupRefusedError, back_up, restore
from storage.copying import CopyRefusedError, copy_database
from storage.database import Database, open_database
from storage.errors import DatabaseUnusableError
from storage.locks import LockHeldError, daemon_lock
from storage.verification import verify_database
from tests.conftest import NewDatabase
from tests.integration.storage.builders import Writer, all_copies, make_extraction, make_outlet

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
TEXT = "Number {number}: soldiers who refuse are held in a cellar near the village, their relatives told this newsroom on Friday."


def fill(database: Database, count: int, *, first: int = 0) -> Writer:
    writer = Writer(database, [make_outlet("radio"), make_outlet("paper")], NOW)
    for number in range(first, first + count):
        writer.write(f"http://radio.example/a/{number}", make_extraction(f"Title {number}", TEXT.format(number=number)), NOW)
    # A copy at another outlet, a revision, and a headline with letters of four bytes.
    writer.write("http://paper.example/1", make_extraction("Copied", TEXT.format(number=first)), NOW, outlet="paper")
    writer.write(f"http://radio.example/a/{first}", make_extraction("🇺🇦 підвал", TEXT.format(number=99)), NOW + timedelta(hours=3))
    return writer


@pytest.fixture
def filled(sqlite_url: str) -> Iterator[Database]:
    with closing(open_database(sqlite_url)) as database:
        fill(database, 8)
        yield database


def counts(url: str) -> dict[str, int]:
    with closing(open_database(url)) as database, database.read() as session:
        return queries.counts(session)


@pytest.mark.rows(98)
def test_a_backup_taken_while_others_write_is_one_sound_state(filled: Database, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        number = 1000
        writer = Writer(filled, [make_outlet("radio")], NOW)
        while not stop.is_set():
            writer.write(f"http://radio.example/a/{number}", make_extraction("More", TEXT.format(number=number)), NOW)
            number += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = [back_up(filled.url, tmp_path / f"{number}.backup") for number in range(3)]
    finally:
        stop.set()
        thread.join()
    for backup in made:
        assert verify_database(f"sqlite:///{backup.file}") == []
        assert counts(f"sqlite:///{backup.file}")["articles"] == backup.articles >= 9
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".backup"] * 3, "no log or part is left beside them"


@pytest.mark.rows(98)
def test_the_restore_drill(filled: Database, tmp_path: Path) -> None:
    before = counts(filled.url)
    backup = back_up(filled.url, tmp_path / "x.backup")
    fill(filled, 3, first=50)
    filled.close()
    file = Path(filled.url.removeprefix("sqlite:///"))
    file.write_bytes(b"overwritten by accident" * 1000)
    aside = restore(backup.file, filled.url, now=NOW, holder="host:1")
    assert aside is not None and aside.read_bytes().startswith(b"overwritten")
    assert counts(filled.url) == before
    assert verify_database(filled.url) == []
    with closing(open_database(filled.url)) as database, database.read() as session:
        assert len(search.search(session, "підвалі")) == 1
    with closing(open_database(filled.url)) as database:
        fill(database, 1, first=70)  # It can be written again.


def test_a_restore_keeps_what_only_the_log_of_the_former_database_held(filled: Database, tmp_path: Path) -> None:
    backup = back_up(filled.url, tmp_path / "x.backup")
    fill(filled, 3, first=50)  # Stands in the write-ahead log, not in the file.
    after = counts(filled.url)
    aside = restore(backup.file, filled.url, now=NOW, holder="host:1")
    assert counts(f"sqlite:///{aside}") == after


def test_no_backup_overwrites_a_file_and_no_restore_happens_under_a_daemon(filled: Database, tmp_path: Path) -> None:
    backup = back_up(filled.url, tmp_path / "x.backup")
    with pytest.raises(BackupRefusedError, match="exists"):
        back_up(filled.url, backup.file)
    with daemon_lock(filled, "host:42"), pytest.raises(LockHeldError, match="host:42"):
        restore(backup.file, filled.url, now=NOW, holder="host:1")


@pytest.mark.parametrize("damage", ["cut", "text", "other"])
def test_a_damaged_backup_is_refused_before_anything_is_moved(filled: Database, tmp_path: Path, damage: str) -> None:
    backup = back_up(filled.url, tmp_path / "x.backup")
    if damage == "cut":
        backup.file.write_bytes(backup.file.read_bytes()[: backup.size // 2])
    elif damage == "text":
        backup.file.write_text("not a database")
    else:
        backup.file.unlink()
        with closing(sqlite3.connect(backup.file)) as connection:
            connection.execute("CREATE TABLE other (x)")
    before = counts(filled.url)
    with pytest.raises(DatabaseUnusableError):
        restore(backup.file, filled.url, now=NOW, holder="host:1")
    assert counts(filled.url) == before


def test_postgresql_is_told_its_own_tools_without_its_password() -> None:
    url = "postgresql://desk:secret@server/db"
    with pytest.raises(BackupRefusedError, match=r"pg_dump .*desk@server/db") as refused:
        back_up(url, Path("x.backup"))
    assert "secret" not in str(refused.value)
    with pytest.raises(BackupRefusedError, match="pg_restore"):
        restore(Path("x.backup"), url, now=NOW, holder="host:1")


@pytest.mark.parametrize(("from_kind", "to_kind"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_a_copy_holds_the_same_and_goes_on_living(new_database: NewDatabase, from_kind: str, to_kind: str) -> None:
    with new_database(from_kind) as source, new_database(to_kind) as target:
        with closing(open_database(source)) as database:
            fill(database, 6)
            with database.read() as session:
                before = all_copies(session)
        assert before
        tables = copy_database(source, target, progress=lambda _message: None)
        assert {table.table: table.rows for table in tables}["articles"] == 7
        assert counts(source) == counts(target)
        assert verify_database(target) == []
        with closing(open_database(target)) as database:
            with database.read() as session:
                assert [hit.title for hit in search.search(session, "підвалі")] == ["🇺🇦 підвал"]
                assert all_copies(session) == before
            fill(database, 2, first=80)  # New rows get numbers of their own.
        with pytest.raises(CopyRefusedError, match="is not empty"):
            copy_database(source, target, progress=lambda _message: None)


def test_a_copy_that_is_not_equal_keeps_nothing(new_database: NewDatabase, filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage import copying

    def lose_one(writing: object) -> None:
        writing.execute(text("DELETE FROM capture_bodies WHERE sha256 = (SELECT min(sha256) FROM capture_bodies)"))  # type: ignore[attr-defined]

    monkeypatch.setattr(copying, "_move_sequences", lose_one)
    with new_database("postgresql") as target:
        with pytest.raises(CopyRefusedError, match="capture_bodies is not equal"):
            copy_database(filled.url, target, progress=lambda _message: None)
        assert counts(target)["articles"] == 0
