"""What a publisher takes down is recorded and looked at again, whatever the way in which the page says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from config.settings import Settings
from crawlers import findings
from crawlers.ledger import RunContext
from storage.captures import record_capture
from storage.database import Database
from storage.models import PageRow
from storage.near_duplicates import fingerprint
from storage.pages import claim_visits, plan_visit, record_page
from storage.queries import load_article
from storage.records import Capture, Outcome, PageClass, PageKind, VisitResult
from tests.integration.storage.builders import LEASE_S, Writer, make_extraction, make_outlet, published
from tests.integration.storage.texts import WIRE

URL = "http://radio.example/power-cut"
HOUR = timedelta(hours=1)


@pytest.fixture
def writer(database: Database, now: datetime) -> Writer:
    return Writer(database, [make_outlet("radio")], now)


def look(writer: Writer, now: datetime, url: str = URL, *, says: PageClass | None = None) -> Outcome:
    """A visit that finds "gone", or a page of this class."""
    settings = Settings(database=writer.database.url)
    run = RunContext(run_id=writer.run_id, holder="test:0", settings=settings, outlets=writer.outlets, clock=lambda: now)
    with writer.database.write() as session:
        page_id = record_page(session, url=url, outlet=writer.outlets["radio"], kind=PageKind.ARTICLE, now=now)
        plan_visit(session, page_id, reason="recheck", priority=0.3, now=now)
        [visit] = claim_visits(session, writer.run_id, outlet_ids=["radio"], limit=1, lease_s=LEASE_S, now=now, page_ids=[page_id])
        if says is None:
            return findings.finish(session, run, VisitResult(visit=visit, finished_at=now, status=404), outcome=Outcome.GONE)
        capture = Capture(requested_url=url, final_url=url, status=200, body=b"There is nothing here.", fetched_at=now)
        capture_id = record_capture(session, capture, page_id=page_id, run_id=writer.run_id)
        extraction = replace(make_extraction("Not found", "There is nothing here."), page_class=says)
        print_ = fingerprint("Not found", extraction.text, "en")
        result = VisitResult(visit=visit, finished_at=now, capture=capture, extraction=extraction, fingerprint=print_)
        return findings.finish_page(session, run, result, capture_id)


def next_look(writer: Writer, url: str = URL) -> datetime | None:
    with writer.database.read() as session:
        return session.scalars(select(PageRow.next_due_at).where(PageRow.url == url)).one()


@pytest.mark.parametrize("says", [None, PageClass.SOFT_404])
def test_a_removed_article_is_marked_and_looked_at_again_a_day_later(writer: Writer, now: datetime, says: PageClass | None) -> None:
    key = writer.write(URL, make_extraction("Power cut", WIRE, published=published(now - HOUR)), now).change.key
    look(writer, now + HOUR, says=says)
    with writer.database.read() as session:
        article = load_article(session, key)
    assert (article.gone_at, article.text) == (now + HOUR, WIRE)
    assert next_look(writer) == now + 25 * HOUR
    writer.write(URL, make_extraction("Power cut", WIRE), now + 26 * HOUR)
    with writer.database.read() as session:
        assert load_article(session, key).gone_at is None


def test_a_page_of_another_kind_in_its_place_is_no_removal(writer: Writer, now: datetime) -> None:
    key = writer.write(URL, make_extraction("Power cut", WIRE), now).change.key
    assert look(writer, now + HOUR, says=PageClass.LISTING) is Outcome.NOT_AN_ARTICLE
    with writer.database.read() as session:
        assert load_article(session, key).gone_at is None
    assert next_look(writer) == now + 25 * HOUR


@pytest.mark.parametrize("says", [None, PageClass.SOFT_404])
def test_where_no_article_was_nobody_looks_again(writer: Writer, now: datetime, says: PageClass | None) -> None:
    look(writer, now, "http://radio.example/typo", says=says)
    assert next_look(writer, "http://radio.example/typo") is None
