"""Sizes, growth, and what retention may drop."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import text

from config.settings import Settings, load_settings
from crawlers.request import CrawlRequest
from interfaces.cli.main import main
from scheduler import jobs
from storage import reports, runs
from storage.captures import expire_bodies
from storage.claim_records import ReferenceReport
from storage.database import Database, open_database
from storage.errors import LowDiskError
from storage.nearness import Relevance, save_relevance
from storage.sizes import free_bytes, low_disk_issue, measure, require_room
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WORDS = "Soldiers who refuse are held in a cellar near the village, their relatives told this newsroom. Number {number}."


def fill(database: Database, moments: list[datetime]) -> None:
    writer = Writer(database, [make_outlet("radio")], NOW)
    for number, moment in enumerate(moments):
        writer.write(f"http://radio.example/a/{number}", make_extraction(f"T{number}", WORDS.format(number=number)), moment)


def test_growth_is_that_of_the_last_week(database: Database) -> None:
    fill(database, [NOW - 20 * DAY, NOW - 15 * DAY, NOW - 3 * DAY, NOW - 2 * DAY])
    sizes = measure(database.url, NOW)
    assert sizes.total > 0 and 0 < sizes.bodies <= sizes.bodies_inflated
    assert sizes.a_day == sizes.total * 2 / 4 / 7
    if database.dialect == "sqlite":
        assert sizes.free and sizes.days_until_full == sizes.free / sizes.a_day
    else:
        assert sizes.free is None and sizes.days_until_full is None and sizes.tables["articles"] > 0


def test_no_rate_is_told_of_a_database_an_hour_old(database: Database) -> None:
    assert measure(database.url, NOW).a_day is None
    fill(database, [NOW])
    assert measure(database.url, NOW).a_day is None


@pytest.mark.rows(94)
def test_too_little_room_is_told_before_a_crawl_is_begun(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    free = free_bytes(database.url)
    require_room(database.url, 0)
    assert low_disk_issue(database.url, 1, NOW) == []
    # More than any disk has.
    settings = Settings(database=database.url, contact="desk@your.org", min_free_bytes=10**18)
    if database.dialect == "postgresql":
        assert free is None, "the disk of a server is not ours to see"
        assert low_disk_issue(database.url, 10**18, NOW) == []
        return
    with pytest.raises(LowDiskError, match="min_free_bytes"):
        jobs.crawl(settings, CrawlRequest())
    with database.read() as session:
        assert runs.list_runs(session, limit=1) == []
    [issue] = low_disk_issue(database.url, 10**18, NOW)
    assert issue.kind == "low_disk"
    monkeypatch.setenv("SECONDSOURCE_MIN_FREE_BYTES", str(10**18))
    for command, code, words in [(["health"], 1, "low_disk: "), (["db", "stats"], 0, "needs attention: the disk of")]:
        with pytest.raises(SystemExit) as ended:
            main(["--database", database.url, *command])
        assert (ended.value.code or 0) == code
        assert words in capsys.readouterr().out


def kept(database: Database) -> set[str]:
    with database.read() as session:
        rows = session.execute(
            text("SELECT DISTINCT p.url FROM captures c JOIN pages p ON p.id = c.page_id JOIN capture_bodies b ON b.sha256 = c.body_sha256")
        )
        return {url.rpartition("/")[2] for (url,) in rows}


def test_only_bytes_that_no_report_needs_are_dropped(database: Database) -> None:
    old = NOW - 40 * DAY
    fill(database, [old, old, old, old, NOW - DAY, old])
    with database.write() as session:
        assert expire_bodies(session, before=NOW - 30 * DAY) == 0, "without a report nothing is unrelated"
        reports.save_report(session, ReferenceReport(key="r", title="R", language="en", claims=()), NOW)
        session.execute(text("UPDATE articles SET pending_match = (id = 2)"))
        session.execute(text("UPDATE captures SET provenance = 'imported by hand' WHERE id = 3"))
        score = partial(Relevance, text_sha256="0" * 64, model_hash="m", score=5.0, parts={})
        scores = [score(article_id=4, related=True), score(article_id=6, related=False)]
        save_relevance(session, "r", scores, NOW)
    with database.write() as session:
        assert expire_bodies(session, before=NOW - 30 * DAY) == 2
    # Not compared yet, imported, related, young: kept. The first and the last are not.
    assert kept(database) == {"1", "2", "3", "4"}


def test_zero_days_keep_for_ever(sqlite_url: str) -> None:
    with closing(open_database(sqlite_url)) as database:
        fill(database, [NOW - 4000 * DAY])
        with database.write() as session:
            reports.save_report(session, ReferenceReport(key="r", title="R", language="en", claims=()), NOW)
            session.execute(text("UPDATE articles SET pending_match = FALSE"))
        settings = load_settings(None, {"database": sqlite_url, "keep_captures_days": 0, "keep_quarantine_days": 0})
        assert jobs.expire(settings) == 0 and kept(database) == {"0"}
        assert jobs.expire(load_settings(None, {"database": sqlite_url})) == 1 and kept(database) == set()
