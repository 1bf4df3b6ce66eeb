"""Statements past SQLAlchemy: the same values, the same errors, and inside the same transaction as all others."""

from __future__ import annotations

from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta, timezone

import psycopg
import pytest
from sqlalchemy import bindparam, exc, select, text, update

from storage.database import Database, open_database, savepoint
from storage.dialects import add_missing, add_row, add_rows, put_rows, run, table_of
from storage.errors import DatabaseBusyError, ItemRefusedError
from storage.models import HostRow, IssueRow, PageRow

_issues, _hosts = table_of(IssueRow), table_of(HostRow)
_KEYS = select(_issues.c.key, _issues.c.data, _issues.c.first_seen_at, _issues.c.count).order_by(_issues.c.id)
_ISSUE = select(_issues).where(_issues.c.key == bindparam("wanted"))
_HOST = update(_hosts).where(_hosts.c.key == bindparam("host"))
_AMONG = select(_issues.c.id).where(_issues.c.key.in_(bindparam("keys", expanding=True))).order_by(_issues.c.key)


def issue(key: str, at: datetime) -> dict[str, object]:
    return {"key": key, "kind": "test", "message": key, "first_seen_at": at, "last_seen_at": at}


def test_values_are_converted_both_ways_and_defaults_are_those_of_the_table(database: Database) -> None:
    at = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=5)))
    with database.write() as session:
        made = add_row(session, IssueRow, issue("a", at))
        add_row(session, IssueRow, {**issue("b", at), "data": {"ключ": [1, None]}, "count": 7})
        found = run(session, _KEYS).all()
        row = run(session, _ISSUE, wanted="a").one()
        assert (row.id, row.outlet_id, row.resolved_at) == (made, None, None)
        assert [tuple(row) for row in found] == [
            ("a", {}, at.astimezone(UTC), 1),
            ("b", {"ключ": [1, None]}, at.astimezone(UTC), 7),
        ]
        assert found[0].first_seen_at.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused_as_everywhere(database: Database, now: datetime) -> None:
    with database.write() as session, pytest.raises(ValueError, match="naive"):
        add_row(session, IssueRow, issue("a", now.replace(tzinfo=None)))


def test_one_row_is_one_row(database: Database, now: datetime) -> None:
    with database.write() as session:
        add_rows(session, IssueRow, [issue("a", now), issue("b", now)])
        assert run(session, _ISSUE, wanted="none").one_or_none() is None
        assert run(session, _ISSUE, wanted="none").first() is None
        assert run(session, _ISSUE, wanted="none").scalar() is None
        with pytest.raises(exc.NoResultFound):
            run(session, _ISSUE, wanted="none").one()
        with pytest.raises(exc.MultipleResultsFound):
            run(session, _KEYS).scalar_one()
        assert len(run(session, _AMONG, keys=["a", "b", "c"]).scalars()) == 2


def test_what_is_there_stays_or_is_overwritten_as_asked(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert add_missing(session, IssueRow, issue("a", now)) is not None
        assert add_missing(session, IssueRow, issue("a", now)) is None
        put_rows(session, HostRow, [{"key": key, "delay_s": 1.0} for key in "ab"], key="key")
        put_rows(session, HostRow, [{"key": key, "delay_s": 2.0} for key in "bc"], key="key")
        assert run(session, _HOST, host="b", delay_s=3.0).rowcount == 1
        assert run(session, _HOST, host="z", delay_s=3.0).rowcount == 0
        assert session.execute(select(HostRow.key, HostRow.delay_s).order_by(HostRow.key)).all() == [("a", 1.0), ("b", 3.0), ("c", 2.0)]


def test_an_item_is_undone_with_its_savepoint_and_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        add_row(session, IssueRow, issue("before", now))
        with suppress(ValueError), savepoint(session):
            add_row(session, IssueRow, issue("undone", now))
            raise ValueError
        with savepoint(session):
            add_row(session, IssueRow, issue("kept", now))
        add_row(session, IssueRow, issue("after", now))
    with database.read() as session:
        assert run(session, _KEYS).scalars() == ["before", "kept", "after"]


def test_data_that_the_database_refuses_spoils_its_item_only(database: Database, now: datetime) -> None:
    page = {
        "url": "http://a.example/",
        "url_sha256": "0" * 64,
        "outlet_id": "nobody",
        "kind": "article",
        "host_key": "",
        "first_seen_at": now,
    }
    with database.write() as session:
        for wrong in ([page], [page, {**page, "url_sha256": "1" * 64}], [{**page, "url": None}]):
            with pytest.raises(ItemRefusedError) as caught, savepoint(session):
                add_rows(session, PageRow, wrong)
            assert isinstance(caught.value.__cause__, exc.IntegrityError)
        add_row(session, IssueRow, issue("after", now))
    with database.read() as session:
        assert run(session, _KEYS).scalars() == ["after"]


@pytest.mark.parametrize("many", [1, 3])
def test_a_lost_server_is_said_to_be_busy_and_the_next_transaction_works(postgresql_url: str, now: datetime, many: int) -> None:
    with closing(open_database(postgresql_url)) as database:
        with pytest.raises(DatabaseBusyError), database.write() as session:
            add_row(session, IssueRow, issue("lost", now))
            with psycopg.connect(postgresql_url) as other:
                mine = "datname = current_database() AND pid <> pg_backend_pid()"
                other.execute(f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {mine}")
            with savepoint(session):
                add_rows(session, IssueRow, [issue(str(number), now) for number in range(many)])
        with database.write() as session:
            add_row(session, IssueRow, issue("next", now))
        with database.read() as session:
            assert session.scalars(text("SELECT key FROM issues")).all() == ["next"]
