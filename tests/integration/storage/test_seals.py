"""Seals and ``db verify``: what is found when somebody or something changes what was stored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from storage import runs
from storage.database import Database, open_database
from storage.run_records import RunState
from storage.seals import Seal, check_seals, load_seals
from storage.verification import verify_database
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WORDS = "Soldiers who refuse are held in a cellar near the village, their relatives told this newsroom. Number {number}."


@pytest.fixture
def sealed(database_url: str) -> Iterator[Database]:
    """Two ended runs of three captures each, and an ended one without any."""
    with closing(open_database(database_url)) as database:
        for run in range(3):
            writer = Writer(database, [make_outlet("radio")], NOW)
            for number in range(run * 10, run * 10 + (3 if run < 2 else 0)):
                writer.write(f"http://radio.example/a/{number}", make_extraction(f"T{number}", WORDS.format(number=number)), NOW)
            with database.write() as session:
                runs.close_run(session, writer.run_id, RunState.DONE, now=NOW + timedelta(hours=run))
        yield database


def chain(database: Database) -> list[Seal]:
    with database.read() as session:
        return list(load_seals(session))


def change(database: Database, statement: str) -> None:
    with database.write() as session:
        session.execute(text(statement))


def test_each_run_is_sealed_once_and_chained_to_the_one_before(sealed: Database) -> None:
    seals = chain(sealed)
    assert [(seal.number, seal.captures) for seal in seals] == [(1, 3), (2, 3), (3, 0)]
    assert seals[0].previous == "0" * 64
    assert [seal.previous for seal in seals[1:]] == [seal.digest for seal in seals[:-1]]
    with sealed.write() as session:
        runs.close_run(session, seals[0].run_id, RunState.DONE, now=NOW)
    assert chain(sealed) == seals
    assert verify_database(sealed.url) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE captures SET final_url = 'http://radio.example/other' WHERE id = 2", "capture 2 of run 1 is not what was sealed"),
        ("UPDATE captures SET status = 404 WHERE id = 5", "capture 5 of run 2 is not what was sealed"),
        ("UPDATE captures SET run_id = 2 WHERE id = 1", "capture 1 was added to run 2 after it was sealed"),
        ("DELETE FROM seals WHERE number = 2", "seal 3 of run 3 does not follow the one before"),
        ("UPDATE seals SET root = previous WHERE number = 2", "seal 2 of run 2 does not match its own leaves"),
    ],
)
def test_a_change_of_what_was_sealed_is_found(sealed: Database, statement: str, found: str) -> None:
    change(sealed, statement)
    with sealed.read() as session:
        assert found in check_seals(session)


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE capture_bodies SET bytes = (SELECT max(bytes) FROM capture_bodies)", "does not match its hash"),
        ("UPDATE extractions SET text = 'other' WHERE id = 1", "extraction 1: its text does not match its hash"),
        ("UPDATE articles SET current_revision_id = NULL WHERE id = 1", "has no revision"),
        ("UPDATE articles SET current_revision_id = 2 WHERE id = 1", "has a revision of another article"),
        ("UPDATE runs SET claimed = claimed + 1 WHERE id = 1", "run 1: 4 visits claimed, 3 with an outcome, 0 released"),
    ],
)
def test_db_verify_names_what_does_not_hold(sealed: Database, statement: str, found: str) -> None:
    change(sealed, statement)
    faults = verify_database(sealed.url)
    assert any(found in fault for fault in faults), faults


def test_an_article_missing_from_the_index_is_found(sealed: Database) -> None:
    change(sealed, "DELETE FROM search_index WHERE " + ("rowid = 1" if sealed.dialect == "sqlite" else "article_id = 1"))
    assert any("full-text index" in fault or "not indexed" in fault for fault in verify_database(sealed.url))
