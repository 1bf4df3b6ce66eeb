"""Fixtures of all tests: own databases, a fixed time, no network but loopback."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
import pytest_socket

from storage.database import Database, open_database, upgrade_database
from tests.postgres import USER, shared_server

NewDatabase = Callable[[str], AbstractContextManager[str]]
# Each run of the suite is the same run. `pytest --hypothesis-profile explore` looks for new examples, tests/bench/fuzz.py for very many.
hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis.settings.register_profile("explore", max_examples=2000, deadline=None)
hypothesis.settings.load_profile("fixed")

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


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> NewDatabase:
    """``with new_database("sqlite" | "postgresql") as url:`` gives a migrated, empty database for the length of the block."""

    @contextmanager
    def make(kind: str) -> Iterator[str]:
        if kind == "sqlite":
            file = tmp_path_factory.mktemp("database") / "secondsource.db"
            shutil.copyfile(request.getfixturevalue("_sqlite_template"), file)
            yield f"sqlite:///{file}"
        else:
            # The server is started when the first test wants it.
            folder, template = request.getfixturevalue("_postgresql_template")
            name = f"{template.replace('template', 'test')}_{next(_numbers)}"
            _execute(folder, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            yield _url(folder, name)
            _execute(folder, f"DROP DATABASE {name} WITH (FORCE)")

    return make


def _url(folder: str, name: str) -> str:
    return f"postgresql://{USER}@/{name}?host={folder}"


def _execute(folder: str, statement: str) -> None:
    with psycopg.connect(_url(folder, "postgres"), autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.fixture
def sqlite_url(new_database: NewDatabase) -> Iterator[str]:
    with new_database("sqlite") as url:
        yield url


@pytest.fixture
def postgresql_url(new_database: NewDatabase) -> Iterator[str]:
    with new_database("postgresql") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[str]:
    """A database of this test's own; each test that asks for it runs on both."""
    with new_database(request.param) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened
