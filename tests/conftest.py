"""Fixtures of all tests: own databases, a fixed time, no network but loopback."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
import pytest_socket

from storage.database import Database, open_database, upgrade_database
from tests.postgres import USER, shared_server

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
_numbers = count(1)


def pytest_runtest_setup() -> None:
    pytest_socket.socket_allow_hosts(["127.0.0.0/8", "::1"], allow_unix_socket=True)


@pytest.fixture
def now() -> datetime:
    """The time of the tests; pass ``now + timedelta(…)`` for later."""
    return NOW


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    upgrade_database(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def _postgresql_template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[tuple[str, str]]:
    """The folder of the server's socket, and the name of a migrated database to clone."""
    base = tmp_path_factory.getbasetemp()
    with shared_server(base if worker_id == "master" else base.parent) as folder:
        name = f"template_{worker_id}"
        _execute(folder, f"CREATE DATABASE {name}")
        upgrade_database(_url(folder, name))
        yield folder, name


def _url(folder: str, name: str) -> str:
    return f"postgresql://{USER}@/{name}?host={folder}"


def _execute(folder: str, statement: str) -> None:
    with psycopg.connect(_url(folder, "postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite file of this test's own."""
    file = tmp_path / "secondsource.db"
    shutil.copyfile(_sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_url(_postgresql_template: tuple[str, str], worker_id: str) -> Iterator[str]:
    """A migrated, empty PostgreSQL database of this test's own."""
    folder, template = _postgresql_template
    name = f"test_{worker_id}_{next(_numbers)}"
    _execute(folder, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield _url(folder, name)
    _execute(folder, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test that asks for it runs on both databases."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened
