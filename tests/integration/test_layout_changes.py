"""A site of the newsroom switches its template: one that is read all the same is no issue, one that hides its texts is."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import jinja2
import pytest
from sqlalchemy.orm import Session
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from config.card_text import render_card
from config.settings import Settings
from crawlers.importing import ImportRequest
from interfaces.cli.main import _run
from interfaces.demo.documents import FIRST_WORLD, Document, Newsroom
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.pages import Pages, make_environment
from scheduler import jobs
from scheduler.breaks import note_breaks
from scheduler.importing import import_saved
from scheduler.readings import note_routes
from storage import issues
from storage.database import Database, open_database
from storage.pages import plan_feeds, record_sightings
from storage.records import ClaimedVisit, Entry, Listing, Outcome, VisitResult
from storage.visits import claim_visits, finish_visit
from tests.integration.storage.builders import LEASE_S, make_outlet, start_run

SITE = "harbour_en"
PAGES = 12
SHELL = """<!doctype html><html><head><title>{{ outlet.name }}</title></head><body><div id="app"></div>
<script>window.__STATE__ = {{ doc.title|tojson }};</script><script src="/app.js"></script></body></html>"""


def shown(newsroom: Newsroom, documents: list[Document], template: str) -> bytes:
    """The documents as the site shows them with this template, as a WARC file."""
    environment = make_environment()
    assert environment.loader is not None
    environment.loader = jinja2.ChoiceLoader([jinja2.DictLoader({"shell.html.j2": SHELL}), environment.loader])
    sites = {**newsroom.sites, SITE: replace(newsroom.sites[SITE], template=template)}
    pages = Pages(replace(newsroom, sites=sites), environment)
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=False)
    for document in documents:
        if template == "shell":
            text = environment.get_template("shell.html.j2").render(outlet=newsroom.outlets[SITE], doc=document)
        else:
            text = pages.article(document, FIRST_WORLD)
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        body = text.encode()
        record = writer.create_warc_record(document.url, "response", payload=io.BytesIO(body), length=len(body), http_headers=headers)
        writer.write_record(record)
    return stream.getvalue()


def test_a_switched_template_is_an_issue_only_when_it_costs_something(tmp_path: Path, sqlite_url: str) -> None:
    newsroom = read_newsroom()
    cards = tmp_path / "cards"
    cards.mkdir()
    settings = Settings(database=sqlite_url, bundled_outlets=False, outlets_dir=cards, contact="desk@your.org")
    outlet = newsroom.outlets[SITE]
    (cards / f"{SITE}.toml").write_text(render_card(outlet))
    documents = [document for document in newsroom.documents.values() if document.site == SITE][:PAGES]
    assert len(documents) >= 10

    def crawl(template: str) -> list[str]:
        file = tmp_path / f"{template}.warc"
        file.write_bytes(shown(newsroom, documents, template))
        run_id = import_saved(settings, ImportRequest(files=(file,)), report=lambda _page: None, kind="crawl").summary.run_id
        with closing(open_database(settings.database)) as database:
            return note_breaks(database, [outlet], run_id, jobs.now())

    own = newsroom.sites[SITE].template
    assert crawl(own) == []
    assert crawl("wordpress") == []
    assert f"{SITE}: share of pages that gave an article fell from 100% to 0%" in crawl("shell")
    with closing(open_database(settings.database)) as database, database.read() as session:
        found = {issue.key: issue.data for issue in issues.list_issues(session, kind="layout")}
    evidence = found[f"layout:{SITE}:readable"]
    assert (evidence["before"], evidence["now"], len(evidence["pages_before"]), len(evidence["pages"])) == (1.0, 0.0, 3, 3)
    # It lasts: what is broken does not become usual, although there are soon more broken pages than whole ones.
    for _ in range(3):
        assert f"{SITE}: share of pages that gave an article fell from 100% to 0%" in crawl("shell")
    # The old template is back: what was broken is over.
    assert crawl(own) == []
    with closing(open_database(settings.database)) as database, database.read() as session:
        assert issues.list_issues(session, kind="layout") == []


@pytest.fixture(autouse=True)
def _no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.rows(45)
def test_a_feed_that_stands_still_is_said_by_health_until_it_goes_on(
    database_url: str, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    hour = timedelta(hours=1)
    points = [{"url": f"http://radio.example/{name}.xml", "status": "verified"} for name in ("news", "sport")]
    outlet = make_outlet("radio", endpoints=points)
    with closing(open_database(database_url)) as database:
        with database.write() as session:
            run_id = start_run(session, [outlet], now)
            plan_feeds(session, [outlet], now=now, interval_s=900, force=True)
            claimed = claim_visits(session, run_id, outlet_ids=["radio"], limit=2, lease_s=LEASE_S, now=now)
        news, sport = sorted(claimed, key=lambda visit: visit.url)

        def read(session: Session, feed: ClaimedVisit, at: datetime) -> None:
            entry = Entry(url=f"{feed.url}/{at:%d-%H}", title="Something happened")
            record_sightings(session, feed, outlet, Listing(dialect="rss", entries=(entry,)), [0.5], now=at)

        # Both bring something every hour for a day; then one stands still, and the other goes on for four days.
        with database.write() as session:
            for number in range(24 * 5):
                read(session, news, now + number * hour)
                if number < 24:
                    read(session, sport, now + number * hour)
        later = now + 24 * 5 * hour
        (said,) = note_breaks(database, [outlet], run_id, later)
        assert said == "radio: http://radio.example/sport.xml has announced nothing new for 97 h, 97 times its usual 1.0 h"
        assert _run(["--database", database_url, "health"]) == 1
        assert said in capsys.readouterr().out
        with database.write() as session:
            read(session, sport, later)
        assert note_breaks(database, [outlet], run_id, later) == []
    assert _run(["--database", database_url, "health"]) == 0


@pytest.mark.rows(45, 46)
def test_a_feed_that_leads_nowhere_any_more_is_an_issue_until_it_does(database: Database, now: datetime) -> None:
    points = [{"url": f"http://radio.example/{name}.xml", "status": "verified"} for name in ("news", "sport")]
    outlet = make_outlet("radio", endpoints=points)

    def crawl(news: Outcome, sport: Outcome, failed: tuple[str, ...] = ()) -> list[str]:
        with database.write() as session:
            run_id = start_run(session, [outlet], now)
            plan_feeds(session, [outlet], now=now, interval_s=900, force=True)
            for visit in claim_visits(session, run_id, outlet_ids=["radio"], limit=2, lease_s=LEASE_S, now=now):
                outcome, result = (news if "news" in visit.url else sport), VisitResult(visit=visit, finished_at=now, status=200)
                finish_visit(
                    session, result, run_id=run_id, outcome=outcome, detail="", capture_id=None, article_id=None, next_due_at=now, now=now
                )
        note_routes(database, [outlet], run_id, failed, now)
        with database.read() as session:
            return sorted(issue.message.split(" is ")[1] for issue in issues.list_issues(session, kind="endpoint"))

    assert crawl(Outcome.FEED_READ, Outcome.FEED_READ) == []
    assert crawl(Outcome.FEED_READ, Outcome.FEED_EMPTY) == ["empty: it has no entries"]
    # One timeout is no news while another feed is read; where none is, it is.
    assert crawl(Outcome.TIMEOUT, Outcome.FEED_READ) == []
    assert crawl(Outcome.TIMEOUT, Outcome.GONE, failed=("radio",)) == ["dead: gone, HTTP status 200", "dead: timeout, HTTP status 200"]
    assert crawl(Outcome.NOT_MODIFIED, Outcome.FEED_READ) == []
