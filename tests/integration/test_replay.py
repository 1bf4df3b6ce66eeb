"""Quarantine tried again: what can be read now is stored, what cannot stays with its reason, and no address is asked."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from config.settings import Settings
from scheduler.keeping import replay
from storage import quarantine, queries, runs
from storage.database import Database, open_database
from storage.outlets import sync_outlets
from storage.pages import plan_visit, record_page
from storage.records import Outcome, PageKind
from storage.verification import verify_database
from storage.visits import claim_visits
from tests.integration.storage.builders import LEASE_S, finish, make_outlet
from tests.outlet_site import pages

CARD = 'id = "radio"\nname = "radio"\nlanguage = "en"\nowner = "radio"\nhomepage = "http://radio.example/"\ndomains = ["radio.example"]\n'
OUTLET = make_outlet("radio")

KEPT = {
    # path: (kind, reason, bytes)
    "/a/read": (PageKind.ARTICLE, Outcome.EXTRACT_CRASH, pages.article("/a/read").encode()),
    "/a/packed": (PageKind.ARTICLE, Outcome.BAD_ENCODING, gzip.compress(pages.article("/a/packed").encode())),
    "/a/empty": (PageKind.ARTICLE, Outcome.EXTRACT_EMPTY, b"<html></html>"),
    "/a/cut": (PageKind.ARTICLE, Outcome.EXTRACT_TIMEOUT, b"<p>x</p>" * (quarantine.MAX_BYTES // 8 + 1)),
    "/a/future": (PageKind.ARTICLE, Outcome.BAD_ENCODING, b"some coding of tomorrow"),
    "/feed.xml": (PageKind.FEED, Outcome.BAD_FEED, pages.feed("radio.example", ["/a/announced"]).encode()),
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with closing(open_database(database_url)) as opened:
        yield opened


@pytest.mark.rows(69)
def test_what_can_be_read_by_now_leaves_quarantine(database: Database, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "radio.toml").write_text(CARD)
    with database.write() as session:
        sync_outlets(session, [OUTLET], now)
        run_id = runs.open_run(session, kind="crawl", outlets=["radio"], request={}, holder="t:1", user_agent="t", now=now)
        for path, (kind, reason, body) in KEPT.items():
            page_id = record_page(session, url=f"http://radio.example{path}", outlet=OUTLET, kind=kind, now=now)
            plan_visit(session, page_id, reason="new", priority=0.5, now=now)
            [visit] = claim_visits(session, run_id, outlet_ids=["radio"], limit=1, lease_s=LEASE_S, now=now, page_ids=[page_id])
            assert finish(session, visit, run_id, reason, now)
            quarantine.keep_bytes(session, visit.visit_id, reason=reason, detail="", body=body, now=now)
    settings = Settings(database=database.url, outlets_dir=tmp_path, bundled_outlets=False)
    done = replay(settings)
    assert (done.read, done.kept, done.cut, done.waiting) == (3, 2, 1, 0)
    assert dict(done.outcomes) == {"stored": 2, "feed_read": 1, "extract_empty": 1, "bad_encoding": 1}
    with database.read() as session:
        left = {item.url.removeprefix("http://radio.example"): item.reason for item in quarantine.load_quarantine(session)}
        titles = [article.title for article in queries.load_articles(session)]
        summary = runs.summarise_run(session, run_id + 1)
    assert left == {"/a/empty": "extract_empty", "/a/cut": "extract_timeout", "/a/future": "bad_encoding"}
    assert len(titles) == 2
    assert summary.unexplained == 0 and summary.claimed == 5
    assert verify_database(database.url) == []
    # Again: nothing changes, and the same items are tried.
    assert replay(settings, reason=Outcome.EXTRACT_EMPTY).kept == 1
