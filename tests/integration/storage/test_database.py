"""What is wrong with a database is said in one line with the act that mends it; one bad item spoils no group."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.pool import NullPool

from storage.database import Database, open_database, open_reader, quick_check, savepoint, show_url, upgrade_database
from storage.errors import DatabaseBusyError, DatabaseUnusableError, ItemRefusedError
from storage.issues import list_issues, record_issue
from storage.models import HostRow, IssueRow, OutletRow
from storage.outlets import sync_outlets
from tests.integration.storage.builders import make_outlet
from tests.postgres import Server


def test_an_absent_file_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'no such.db'}"
    for opening in (open_database, open_reader):
        with pytest.raises(DatabaseUnusableError) as caught:
            opening(url)
        assert caught.value.remedy == f"create it with: secondsource --database '{url}' db upgrade"
    assert list(tmp_path.iterdir()) == [], "looking makes no file"


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_an_unusable_url_is_refused(url: str) -> None:
    for act in (open_database, open_reader, upgrade_database):
        with pytest.raises(DatabaseUnusableError):
            act(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_every_spelling_of_a_server_means_psycopg(postgresql_url: str, scheme: str) -> None:
    with closing(open_reader(postgresql_url.replace("postgresql", scheme, 1))) as database:
        assert database.dialect == "postgresql"


def test_an_unreachable_server_is_one_line_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnusableError) as caught:
        open_database(f"postgresql://me:s3cret@/db?host={tmp_path}")
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "cannot be reached" in caught.value.what


@pytest.mark.rows(97)
def test_an_empty_and_a_newer_and_a_foreign_database_are_refused(database_url: str, tmp_path: Path) -> None:
    with closing(open_database(database_url)) as database, database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (open_database, open_reader, upgrade_database):
        with pytest.raises(DatabaseUnusableError, match="'9999', which this version does not know; use the newer version"):
            act(database_url)
    foreign = tmp_path / "foreign.db"
    with closing(sqlite3.connect(foreign)) as connection:
        connection.execute("CREATE TABLE notes (x)")
    with pytest.raises(DatabaseUnusableError, match="is empty; create its tables with"):
        open_database(f"sqlite:///{foreign}")
    with pytest.raises(DatabaseUnusableError, match="holds tables of something else"):
        upgrade_database(f"sqlite:///{foreign}")


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ("ALTER TABLE search_lemmas DROP COLUMN tags", "but lacks search_lemmas.tags: an unreleased state"),
        ("ALTER TABLE hosts ADD COLUMN mood INTEGER NOT NULL DEFAULT 0", None),
        ("ALTER TABLE hosts ADD COLUMN mood INTEGER", None),
        ("ALTER TABLE tombstones RENAME COLUMN note TO remark", "but lacks tombstones.note: an unreleased state"),
        ("DROP TABLE yields", r"but lacks yields\.near, yields\.outlet_id, yields\.pages and 1 more: "),
        ("CREATE TABLE notes_of_mine (x INTEGER NOT NULL)", None),
    ],
)
def test_a_schema_that_only_has_the_right_name_is_refused(database_url: str, change: str, wrong: str | None) -> None:
    """A database that an unreleased state of this version made ends in one line, not in a statement that fails midway."""
    with closing(open_database(database_url)) as database, database.write() as session:
        session.execute(text(change))
    for act in (open_database, open_reader, upgrade_database):
        if wrong is None:
            opened = act(database_url)
            if isinstance(opened, Database):
                opened.close()
        else:
            with pytest.raises(DatabaseUnusableError, match=wrong) as caught:
                act(database_url)
            assert "move it aside and create a new one with: secondsource" in caught.value.remedy


@pytest.mark.rows(97)
def test_an_older_schema_is_refused_with_the_exact_command(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # As long as there is one migration nothing is older, so a second one is made up.
    monkeypatch.setattr("storage.database.REVISIONS", ("0001", "0002"))
    with pytest.raises(DatabaseUnusableError) as caught:
        open_reader(sqlite_url)
    assert caught.value.what.endswith("has the older schema 0001")
    assert caught.value.remedy == f"migrate it with: secondsource --database {sqlite_url} db upgrade"


@pytest.mark.rows(97)
def test_a_migration_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_connection: object) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("storage.views.drop_views", fail)
    file = tmp_path / "half.db"
    with pytest.raises(RuntimeError):
        upgrade_database(f"sqlite:///{file}")
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    monkeypatch.undo()
    assert upgrade_database(f"sqlite:///{file}") == "0001"


@pytest.mark.rows(96)
def test_a_damaged_file_is_refused(sqlite_url: str) -> None:
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    content = file.read_bytes()
    file.write_bytes(b"not a database" + content[14:])
    for opening in (open_database, open_reader):
        with pytest.raises(DatabaseUnusableError, match=r"is damaged .* db verify"):
            opening(sqlite_url)
    # A page in the middle: found when it is read, by the check at the latest.
    file.write_bytes(content[:8192] + os.urandom(16384) + content[24576:])
    try:
        with closing(open_reader(sqlite_url)) as database:
            found = quick_check(database)
    except DatabaseUnusableError as error:
        found = [error.what]
    assert found != []


def test_a_sound_file_passes_the_check(database: Database) -> None:
    assert quick_check(database) == []


# Another user may not even read the programs, so everything is imported and used once before the change of user.
_AS_NOBODY = """
import os, pwd, sys
from storage.database import open_database, open_reader
from storage.errors import DatabaseUnusableError
from storage.queries import counts

def look():
    with open_reader(sys.argv[1]).read() as session:
        return counts(session)["outlets"]

if os.geteuid() == 0:
    with open_reader(sys.argv[2]).read() as session:
        counts(session)
    os.setgroups([])
    os.setuid(pwd.getpwnam("nobody").pw_uid)
print(look())
try:
    open_database(sys.argv[1])
except DatabaseUnusableError as error:
    print(error)
"""


@pytest.mark.rows(95)
@pytest.mark.parametrize("has_log", [False, True])
def test_a_reader_needs_no_right_to_write(sqlite_url: str, now: datetime, has_log: bool) -> None:
    # Root may write anywhere, so that another user has to look; pytest's own folder is closed to others.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        url = f"sqlite:///{folder / 'a.db'}"
        upgrade_database(url)
        with closing(open_database(url)) as database:
            with database.write() as session:
                sync_outlets(session, [make_outlet()], now)
            if not has_log:
                database.close()
            assert (folder / "a.db-wal").exists() is has_log
            for file in folder.iterdir():
                file.chmod(0o444)
            folder.chmod(0o555)
            done = subprocess.run([sys.executable, "-c", _AS_NOBODY, url, sqlite_url], capture_output=True, text=True, check=False)
            folder.chmod(0o755)
    assert done.stdout.splitlines()[:1] == ["1"], done.stderr
    assert "cannot be written; give this user the right to write it" in done.stdout


def test_a_reader_cannot_write(database: Database) -> None:
    with closing(open_reader(database.url)) as reader:
        with pytest.raises(DatabaseUnusableError), reader.write():
            pass
        with pytest.raises(Exception, match=r"read.?only"), reader.read() as session:
            session.execute(text("DELETE FROM outlets"))


def test_a_reader_sees_one_state(database: Database, now: datetime) -> None:
    with database.read() as reading:
        assert reading.scalar(select(func.count()).select_from(OutletRow)) == 0
        with database.write() as session:
            sync_outlets(session, [make_outlet()], now)
        assert reading.scalar(select(func.count()).select_from(OutletRow)) == 0
    with database.read() as reading:
        assert reading.scalar(select(func.count()).select_from(OutletRow)) == 1


def test_a_failed_group_leaves_nothing(database: Database, now: datetime) -> None:
    with pytest.raises(KeyError), database.write() as session:
        sync_outlets(session, [make_outlet()], now)
        raise KeyError("x")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(OutletRow)) == 0


@pytest.mark.rows(100)
def test_one_bad_item_among_a_hundred(database: Database, now: datetime) -> None:
    refused = 0
    with database.write() as session:
        for number in range(100):
            try:
                with savepoint(session):
                    session.execute(text("UPDATE issues SET count = count + 1"))
                    # A key that is there already for every 50th, a column that must not be empty for another.
                    key: str | None = "0" if number == 50 else None if number == 51 else str(number)
                    session.add(
                        IssueRow(key=key, kind="x", message="m", data={}, first_seen_at=now, last_seen_at=now)  # type: ignore[arg-type]
                    )
            except ItemRefusedError as error:
                refused += 1
                assert "\n" not in str(error)
    assert refused == 2
    with database.read() as session:
        assert len(list_issues(session)) == 98
        assert session.scalars(select(IssueRow.count).where(IssueRow.key == "0")).one() == 98, "the bad item's other work is undone, too"


def test_a_naive_time_inside_a_savepoint_is_the_items_fault(database: Database) -> None:
    with database.write() as session, pytest.raises(ItemRefusedError, match="naive time"), savepoint(session):
        record_issue(session, key="a", kind="k", message="m", now=datetime(2026, 1, 1))  # noqa: DTZ001 - the fault under test


def test_times_are_stored_in_utc(database: Database) -> None:
    given = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=timezone(timedelta(hours=3)))
    with database.write() as session:
        session.add(HostRow(key="a", next_request_at=given))
        session.add(HostRow(key="b", next_request_at=datetime(2026, 3, 1, 9, 0, 0, 4, tzinfo=UTC)))
    with database.read() as session:
        found = session.scalars(select(HostRow.next_request_at).order_by(HostRow.next_request_at)).all()
        assert found == [given - timedelta(microseconds=1), given]
        assert found[1] is not None
        assert found[1].isoformat() == "2026-03-01T09:00:00.000005+00:00"
        if database.dialect == "sqlite":
            raw = session.execute(text("SELECT next_request_at FROM hosts WHERE key = 'a'")).scalar_one()
            assert raw == "2026-03-01T09:00:00.000005Z"


@pytest.mark.rows(90, 91)
def test_settings_of_the_sqlite_writer(sqlite_url: str) -> None:
    with closing(open_database(sqlite_url)) as database, database.write() as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


def test_a_great_transaction_leaves_no_great_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.engines.WAL_BYTES_KEPT", 100_000)
    url = f"sqlite:///{tmp_path / 'a.db'}"
    upgrade_database(url)
    log = tmp_path / "a.db-wal"
    with closing(open_database(url)) as database:
        with database.write() as session:
            session.execute(text("CREATE TABLE great (body BLOB)"))
            session.execute(text("INSERT INTO great SELECT randomblob(4000000) FROM (VALUES (1), (2), (3), (4), (5), (6))"))
        assert log.stat().st_size > 16_000_000, "as long as nothing was written after it"
        for _ in range(2):
            with database.write() as session:
                session.execute(text("INSERT INTO great VALUES (x'00')"))
        assert log.stat().st_size <= 200_000


@pytest.mark.rows(99)
def test_eight_writers_lose_nothing(database: Database, now: datetime) -> None:
    faults: list[Exception] = []

    def write(number: int) -> None:
        try:
            for step in range(20):
                with database.write() as session:
                    seen = session.scalar(select(func.count()).select_from(IssueRow))
                    assert seen is not None
                    record_issue(session, key="shared", kind="k", message=str(step), now=now)
                    record_issue(session, key=f"{number}-{step}", kind="k", message="m", now=now)
        except Exception as error:  # noqa: BLE001 - brought back to the test's thread
            faults.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.read() as session:
        issues = {issue.key: issue.count for issue in list_issues(session)}
    assert issues.pop("shared") == 160
    assert len(issues) == 160


@pytest.mark.rows(90)
def test_a_locked_file_is_busy_for_writers_and_open_to_readers(sqlite_url: str, now: datetime) -> None:
    file = sqlite_url.removeprefix("sqlite:///")
    with closing(open_database(sqlite_url)) as database, closing(sqlite3.connect(file)) as analyst:
        # Not the half minute of everyday use: nobody gives way here.
        event.listen(database.writer, "checkout", lambda connection, *_rest: connection.execute("PRAGMA busy_timeout = 50"))
        analyst.execute("BEGIN EXCLUSIVE")
        with database.read() as session:
            assert list_issues(session) == []
        with pytest.raises(DatabaseBusyError, match="locked"), database.write() as session:
            record_issue(session, key="a", kind="k", message="m", now=now)
        analyst.rollback()
        with database.write() as session:
            record_issue(session, key="a", kind="k", message="m", now=now)
            assert [issue.count for issue in list_issues(session)] == [1]


@pytest.mark.rows(92)
def test_a_server_that_dies_loses_nothing_acknowledged_and_is_found_again(now: datetime) -> None:
    server = Server.create()
    try:
        server.execute("CREATE DATABASE drill")
        url = server.url("drill")
        upgrade_database(url)
        with closing(open_database(url)) as database:
            acknowledged = []
            for step in range(6):
                with database.write() as session:
                    record_issue(session, key=f"kept {step}", kind="k", message="m", now=now)
                acknowledged.append(f"kept {step}")
                with pytest.raises(DatabaseBusyError), database.write() as session:
                    record_issue(session, key=f"lost {step}", kind="k", message="m", now=now)
                    server.kill()
                    session.execute(text("SELECT 1"))
                with pytest.raises((DatabaseUnusableError, DatabaseBusyError)), database.write() as session:
                    record_issue(session, key="nothing answers", kind="k", message="m", now=now)
                server.start()
            with database.read() as session:
                assert sorted(issue.key for issue in list_issues(session)) == acknowledged
    finally:
        server.remove()


@pytest.mark.rows(79)
def test_passwords_are_never_shown() -> None:
    assert show_url("postgresql://me:s3cret@db.example/x") == "postgresql://me:***@db.example/x"
    assert "s3cret" not in show_url("nonsense s3cret")


@pytest.mark.rows(93)
def test_a_connection_that_was_cut_while_idle_is_replaced(postgresql_url: str, now: datetime) -> None:
    with closing(open_database(postgresql_url)) as database:
        for use in range(2):
            with database.read() as session:
                session.execute(text("SELECT 1"))
            with database.write() as session:
                record_issue(session, key=f"use:{use}", kind="test", message="", now=now)
            # Without a pool: a connection left in one would be found open when the garbage is collected, in some later test.
            engine = create_engine(postgresql_url.replace("postgresql:", "postgresql+psycopg:"), poolclass=NullPool)
            with engine.connect() as other:
                mine = "datname = current_database() AND pid <> pg_backend_pid()"
                other.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {mine}"))
