"""What is asked all day reads what it needs: the open visits, not every visit that was ever made; the full-text index, not every text."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from storage import statements
from storage.citations import raise_same_headline
from storage.database import open_database, open_reader
from storage.pages import (
    claim_visits,
    due_work,
    open_visits,
    plan_feeds,
    plan_visit,
    record_page,
    record_sightings,
    release_visits,
    renew_visits,
)
from storage.records import Entry, Listing, PageKind
from storage.search import search
from tests.integration.storage.builders import LEASE_S, make_outlet, start_run

RADIO = make_outlet("radio")


def test_open_visits_are_found_by_an_index(sqlite_url: str, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, Any]] = []
    execute = statements.execute

    def noted(session: Any, statement: Any, values: Any, **how: Any) -> Any:
        prepared = statements._prepare(statement, session.get_bind().dialect, tuple(values))
        if prepared is not None:
            seen.append((prepared.sql, prepared.parameters(values)))
        return execute(session, statement, values, **how)

    monkeypatch.setattr("storage.dialects.execute", noted)
    with closing(open_database(sqlite_url)) as database:
        event.listen(database.writer, "before_cursor_execute", lambda _c, _k, sql, values, *_rest: seen.append((sql, values)))
        with database.write() as session:
            run_id = start_run(session, [RADIO], now)
            plan_feeds(session, [RADIO], now=now, interval_s=60)
            page_id = record_page(session, url="http://radio.example/1", outlet=RADIO, kind=PageKind.ARTICLE, now=now)
            plan_visit(session, page_id, reason="new", priority=0.1, now=now)
            plan_visit(session, page_id, reason="asked", priority=0.9, now=now)
            feed, *_ = claim_visits(session, run_id, outlet_ids=["radio"], limit=10, lease_s=LEASE_S, now=now, best_first=True)
            record_sightings(session, feed, RADIO, Listing(dialect="rss", entries=(Entry(url="http://radio.example/2"),)), (), now=now)
            renew_visits(session, run_id, lease_s=LEASE_S, now=now)
            raise_same_headline(session, "A headline that is long enough")
            open_visits(session, ["radio"])
            due_work(session, [RADIO], now=now)
            release_visits(session, run_id, None)
            asked = [(sql, values) for sql, values in seen if "visits" in sql and not sql.startswith(("INSERT", "PRAGMA"))]
            plans = {sql: session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(values)).all() for sql, values in asked}
    assert len(plans) >= 10
    assert {sql: plan for sql, plan in plans.items() if any(row[3] in ("SCAN visits", "SCAN v") for row in plan)} == {}
    # What bears a headline costs what it finds, not every page that waits.
    [hurrying] = [{row[3] for row in plan} for sql, plan in plans.items() if "headline" in sql]
    assert hurrying == {
        "LIST SUBQUERY 1", "SEARCH sightings USING INDEX ix_sightings_headline (headline=?)",
        "SEARCH visits USING INDEX uq_visits_open_page_id (page_id=?)",
    }  # fmt: skip


def test_a_search_on_a_server_reads_no_text_that_the_index_does_not_name(postgresql_url: str) -> None:
    plans: list[str] = []

    def explain(connection: Any, _cursor: Any, sql: str, values: Any, *_rest: Any) -> None:
        if "search_index" in sql:
            plan = connection.connection.driver_connection.execute(f"EXPLAIN {sql}", values)
            plans.append("\n".join(row[0] for row in plan))

    with closing(open_reader(postgresql_url)) as database:
        event.listen(database.reader, "before_cursor_execute", explain)
        with database.read() as session:
            for query in ("cellar", '"two schools"', "cell*", "(cellar OR school) -mayor"):
                search(session, query)
                search(session, query, sort="newest", outlets=["radio"], languages=["en"])
    assert len(plans) >= 8
    assert [plan for plan in plans if "Seq Scan on search_index" in plan or "Index Scan Backward" in plan] == []
    assert [plan for plan in plans if "ix_search_index" not in plan] == []
