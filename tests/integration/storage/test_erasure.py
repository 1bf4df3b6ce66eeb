"""What was forgotten is in no row, no index and no byte of the file, and does not come back."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, inspect, select, text

from config.settings import Settings
from crawlers import findings, ledger
from crawlers.ledger import RunContext
from crawlers.request import CrawlRequest
from storage import issues, quarantine, runs, search, vectors
from storage.captures import record_capture
from storage.claim_records import ReferenceReport
from storage.clusters import cluster_of
from storage.database import Database
from storage.erasure import clean_up, forget_article
from storage.errors import ForgottenError, NotFoundError
from storage.models import ArticleRow, PageRow, TombstoneRow, VisitRow
from storage.near_duplicates import fingerprint
from storage.nearness import use_background
from storage.pages import plan_visit, record_page, record_sightings
from storage.queries import is_forgotten, load_article
from storage.records import Capture, Entry, Listing, Outcome, PageKind, VisitResult
from storage.reports import load_report, save_report
from storage.run_records import RunState
from storage.verification import verify_database
from storage.visits import claim_visits
from tests.integration.storage.builders import LEASE_S, Writer, make_extraction, make_outlet
from tests.integration.storage.texts import EMBEDDED, INDEPENDENT, WIRE

CARDS = [make_outlet("radio"), make_outlet("paper")]
NAME = "Zephyrine Quillfeather"
URL = "http://radio.example/zephyrine-quillfeather"
OTHER = "http://radio.example/print/zephyrine-quillfeather"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def writer(database: Database, now: datetime) -> Writer:
    return Writer(database, CARDS, now)


def fill(writer: Writer, now: datetime) -> str:
    """An article with revisions, an alias, a copy elsewhere, a sighting, vectors, an issue, and something in quarantine; its key."""
    feed = listed(writer, now, URL, f"{NAME} speaks")
    assert feed == (1, 0)
    story = f"{NAME} says so. {WIRE}"
    first = writer.write(URL, make_extraction(f"{NAME} speaks", story), now)
    writer.write(URL, make_extraction(f"{NAME} speaks again", f"{story}\nAnd {NAME} adds 5."), now + MINUTE)
    writer.write(OTHER, make_extraction(f"{NAME} speaks", story, canonical_url=URL), now + MINUTE)
    copy = writer.write("http://paper.example/x", make_extraction("A copy", WIRE), now + 2 * MINUTE, outlet="paper")
    writer.write("http://paper.example/y", make_extraction("Another", INDEPENDENT + EMBEDDED), now + 2 * MINUTE, outlet="paper")
    with writer.database.write() as session:
        assert len(cluster_of(session, copy.change.article_id)) == 2
        keys = [bytes([number]) * 32 for number in range(3)]
        vectors.save_vectors(session, "m" * 64, "en", keys, np.eye(3, dtype=np.float32), now)
        issues.record_issue(session, key="x", kind="test", message=f"{URL}: odd", now=now)
        quarantine.keep_bytes(
            session, first.visit.visit_id, reason=Outcome.EXTRACT_EMPTY, detail=NAME, body=f"<p>{NAME}</p>".encode(), now=now
        )
    return first.change.key


def listed(writer: Writer, now: datetime, url: str, title: str) -> tuple[int, int]:
    """Read a feed with one entry; new pages, and entries refused."""
    with writer.database.write() as session:
        page_id = record_page(session, url="http://radio.example/feed.xml", outlet=CARDS[0], kind=PageKind.FEED, now=now)
        plan_visit(session, page_id, reason="feed", priority=2.0, now=now)
        [visit] = claim_visits(session, writer.run_id, outlet_ids=["radio"], limit=1, lease_s=LEASE_S, now=now, feeds_only=True)
        counts = record_sightings(session, visit, CARDS[0], Listing(dialect="rss", entries=(Entry(url=url, title=title),)), (), now=now)
        runs.heartbeat(session, writer.run_id, now)
        findings.finish(session, context(writer, now), VisitResult(visit=visit, finished_at=now), outcome=Outcome.FEED_READ)
    return counts.new_pages, counts.refused


def context(writer: Writer, now: datetime) -> RunContext:
    settings = Settings(database=writer.database.url)
    return RunContext(run_id=writer.run_id, holder="test:0", settings=settings, outlets=writer.outlets, clock=lambda: now)


def everything(database: Database) -> str:
    """Every value of every table, the index's own included."""
    found = []
    with database.read() as session:
        for table in inspect(session.connection()).get_table_names():
            if table.startswith("search_index") and database.dialect == "sqlite":
                continue
            for row in session.execute(text(f'SELECT * FROM "{table}"')):
                found += [bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value) for value in row]
    return "\n".join(found)


@pytest.mark.rows(105)
def test_what_is_forgotten_is_nowhere_and_the_rest_stays(writer: Writer, now: datetime) -> None:
    key = fill(writer, now)
    database = writer.database
    assert "quillfeather" in everything(database).lower()
    with database.write() as session:
        # Drawn from vectors that are dropped with the article's.
        save_report(session, ReferenceReport(key="own", title="Own", language="en"), now)
        use_background(session, "own", 3)
        erased = forget_article(session, key, note="asked by the person", now=now + timedelta(hours=1))
    clean_up(database)
    with database.read() as session:
        assert load_report(session, "own").background == 0
    assert (erased.revisions, erased.captures, erased.pages, erased.vector_blocks) == (2, 3, 2, 1)
    assert "quillfeather" not in everything(database).lower()
    if database.dialect == "sqlite":
        file = database.url.removeprefix("sqlite:///")
        for part in (file, f"{file}-wal"):
            with open(part, "rb") as opened:
                assert b"quillfeather" not in opened.read().lower()
    with database.read() as session:
        assert search.search(session, "Quillfeather").hits == ()
        assert session.scalar(select(func.count()).select_from(ArticleRow)) == 2
        [copy] = session.scalars(select(ArticleRow).where(ArticleRow.url == "http://paper.example/x")).all()
        assert cluster_of(session, copy.id) == []
        assert load_article(session, copy.key).text == WIRE
        notes = set(session.scalars(select(TombstoneRow.note)))
    assert notes == {"asked by the person"}
    with database.write() as session:
        runs.close_run(session, writer.run_id, RunState.DONE, now=now)
    assert verify_database(database.url) == []


@pytest.mark.rows(105)
def test_what_was_forgotten_does_not_come_back_by_any_way(writer: Writer, now: datetime) -> None:
    key = fill(writer, now)
    with writer.database.write() as session:
        forget_article(session, key, note="", now=now)
    # A feed lists it again, also with a tracking parameter.
    assert listed(writer, now + MINUTE, f"{URL}?utm_source=rss", "again") == (0, 1)
    # Somebody asks for it by name.
    with writer.database.write() as session:
        with pytest.raises(ForgottenError):
            record_page(session, url=URL, outlet=CARDS[0], kind=PageKind.ARTICLE, now=now)
        asked = ledger.plan(session, context(writer, now), CARDS, CrawlRequest(urls=(URL,), feeds=False, rechecks=False))
        assert asked == frozenset()
        assert is_forgotten(session, URL, CARDS[0])
        assert not is_forgotten(session, "http://radio.example/else", CARDS[0])
    # Another address redirects to it, or declares it.
    for number, (answered, declared) in enumerate([(URL, ""), ("http://radio.example/new-1", URL)]):
        asked_url = f"http://radio.example/new-{number}"
        with writer.database.write() as session:
            page_id = record_page(session, url=asked_url, outlet=CARDS[0], kind=PageKind.ARTICLE, now=now)
            plan_visit(session, page_id, reason="new", priority=0.5, now=now)
            [visit] = claim_visits(session, writer.run_id, outlet_ids=["radio"], limit=1, lease_s=LEASE_S, now=now, page_ids=[page_id])
            capture = Capture(requested_url=asked_url, final_url=answered, status=200, body=NAME.encode(), fetched_at=now)
            capture_id = record_capture(session, capture, page_id=page_id, run_id=writer.run_id)
            extraction = make_extraction(NAME, f"{NAME} {WIRE}", canonical_url=declared)
            print_ = fingerprint(extraction.title, extraction.text, "en")
            result = VisitResult(visit=visit, finished_at=now, capture=capture, extraction=extraction, fingerprint=print_)
            assert findings.finish_page(session, context(writer, now), result, capture_id) is Outcome.FORGOTTEN
        assert NAME not in everything(writer.database)


@pytest.mark.rows(105)
def test_a_visit_that_was_planned_is_not_made(writer: Writer, now: datetime) -> None:
    key = writer.write(URL, make_extraction(NAME, WIRE), now).change.key
    with writer.database.write() as session:
        page_id = record_page(session, url=URL, outlet=CARDS[0], kind=PageKind.ARTICLE, now=now)
        plan_visit(session, page_id, reason="recheck", priority=0.5, now=now)
        forget_article(session, key, note="", now=now)
        assert claim_visits(session, writer.run_id, outlet_ids=["radio"], limit=9, lease_s=LEASE_S, now=now) == []
        assert session.scalars(select(VisitRow.outcome).order_by(VisitRow.id.desc()).limit(1)).one() == Outcome.FORGOTTEN
        assert session.scalars(select(PageRow.url)).one().startswith("forgotten:")
        with pytest.raises(NotFoundError):
            forget_article(session, key, note="", now=now)
