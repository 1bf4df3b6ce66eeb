"""A site of the newsroom switches its template: one that is read all the same is no issue, one that hides its texts is."""

from __future__ import annotations

import io
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from config.card_text import render_card
from config.settings import Settings
from crawlers.importing import ImportRequest
from interfaces.demo.documents import FIRST_WORLD, Document, Newsroom
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.pages import Pages, make_environment
from scheduler import jobs
from scheduler.breaks import note_breaks
from scheduler.importing import import_saved
from storage import issues
from storage.database import open_database

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
        found = {issue.key for issue in issues.list_issues(session, kind="layout")}
    assert f"layout:{SITE}:readable" in found
    # The old template is back: what was broken is over.
    assert crawl(own) == []
    with closing(open_database(settings.database)) as database, database.read() as session:
        assert issues.list_issues(session, kind="layout") == []


@pytest.fixture(autouse=True)
def _no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
