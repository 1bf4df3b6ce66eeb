"""A kept dossier is given back as long as nothing was written, and no longer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

import pytest

from storage.database import Database, open_database, upgrade_database
from storage.dossiers import drop_dossiers, load_dossier, read_mark, save_dossier
from storage.issues import record_issue
from storage.reports import save_report
from tests.integration.storage.test_comparison_rows import REPORT
from tests.postgres import Server


@pytest.fixture(scope="module")
def quiet_server() -> Iterator[Server]:
    """A server that no other test writes to: any transaction on a server makes another mark."""
    server = Server.create()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "sqlite":
        url: str = request.getfixturevalue("sqlite_url")
    else:
        server: Server = request.getfixturevalue("quiet_server")
        server.execute(f"CREATE DATABASE {request.node.originalname}")
        url = server.url(request.node.originalname)
        upgrade_database(url)
    with closing(open_database(url)) as opened:
        yield opened


def keep(database: Database, mark: str, text: str = "the dossier – Досьє") -> bool:
    with database.write() as session:
        return save_dossier(session, REPORT.key, "md", "basis", mark, text)


def mark_of(database: Database) -> str:
    with database.read() as session:
        return read_mark(session)


def loaded(database: Database, format_: str = "md", basis: str = "basis") -> str | None:
    with database.read() as session:
        return load_dossier(session, REPORT.key, format_, basis)


def test_a_dossier_is_given_back_until_anything_is_written(database: Database, now: datetime) -> None:
    with database.write() as session:
        save_report(session, REPORT, now)
    assert keep(database, mark_of(database), "older")
    assert keep(database, mark_of(database))
    assert loaded(database) == loaded(database) == "the dossier – Досьє"
    assert loaded(database, format_="html") is None, "another format is another dossier"
    assert loaded(database, basis="other") is None, "made with other options or by another program"
    with database.write():
        pass
    assert loaded(database) is not None, "a transaction that writes nothing changes nothing"
    with database.write() as session:
        record_issue(session, key="any", kind="any", message="anything at all", now=now)
    assert loaded(database) is None


def test_what_was_made_of_an_older_state_is_not_kept(database: Database, now: datetime) -> None:
    with database.write() as session:
        save_report(session, REPORT, now)
    mark = mark_of(database)
    with database.write() as session:
        record_issue(session, key="any", kind="any", message="came in between", now=now)
    assert not keep(database, mark)
    assert loaded(database) is None


def test_an_erasure_takes_all_dossiers_with_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        save_report(session, REPORT, now)
    assert keep(database, mark_of(database))
    with database.write() as session:
        drop_dossiers(session)
        assert session.connection().exec_driver_sql("SELECT count(*) FROM dossiers").scalar() == 0
