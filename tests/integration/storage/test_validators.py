"""Conditional requests are made where the server is honest; one that lies is found out and asked without."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.database import Database
from storage.pages import claim_visits, finish_visit, plan_visit, record_page
from storage.records import Capture, ClaimedVisit, Outcome, PageKind, VisitResult
from storage.visits import UNMODIFIED_BELIEVED
from tests.integration.storage.builders import LEASE_S, make_outlet, start_run

RADIO = make_outlet("radio")
URL = "http://radio.example/feed.xml"


class Site:
    """One feed, visited again and again in one run."""

    def __init__(self, database: Database, now: datetime) -> None:
        self.database = database
        self.now = now
        with database.write() as session:
            self.run_id = start_run(session, [RADIO], now)

    def visit(self, outcome: Outcome, body: bytes = b"", *, etag: str = "", last_modified: str = "") -> ClaimedVisit:
        """Make one visit; what it was claimed with."""
        self.now += timedelta(hours=1)
        with self.database.write() as session:
            page_id = record_page(session, url=URL, outlet=RADIO, kind=PageKind.FEED, now=self.now)
            plan_visit(session, page_id, reason="feed", priority=2.0, now=self.now)
            [visit] = claim_visits(session, self.run_id, outlet_ids=["radio"], limit=1, lease_s=LEASE_S, now=self.now)
        capture = Capture(requested_url=URL, final_url=URL, status=200, body=body, fetched_at=self.now) if body else None
        result = VisitResult(visit=visit, finished_at=self.now, capture=capture, etag=etag, last_modified=last_modified)
        with self.database.write() as session:
            assert finish_visit(
                session,
                result,
                run_id=self.run_id,
                outcome=outcome,
                detail="",
                capture_id=None,
                article_id=None,
                next_due_at=None,
                now=self.now,
            )
        return visit


def test_an_honest_server_is_asked_conditionally(database: Database, now: datetime) -> None:
    site = Site(database, now)
    assert site.visit(Outcome.FEED_READ, b"one", etag='"1"').etag == ""
    assert site.visit(Outcome.NOT_MODIFIED).etag == '"1"'
    assert site.visit(Outcome.FEED_READ, b"two", etag='"2"').etag == '"1"'
    assert site.visit(Outcome.NOT_MODIFIED).etag == '"2"'


def test_a_validator_that_comes_with_other_bytes_is_not_sent_again(database: Database, now: datetime) -> None:
    site = Site(database, now)
    site.visit(Outcome.FEED_READ, b"one", etag='"1"')
    site.visit(Outcome.FEED_READ, b"two", etag='"1"')
    assert site.visit(Outcome.FEED_READ, b"three", etag='"3"').etag == ""
    assert site.visit(Outcome.FEED_READ, b"three", etag='"3"').etag == ""


def test_a_date_beside_an_honest_tag_convicts_nobody(database: Database, now: datetime) -> None:
    site = Site(database, now)
    date = "Sun, 01 Nov 2026 12:00:00 GMT"
    site.visit(Outcome.FEED_READ, b"one", etag='"1"', last_modified=date)
    site.visit(Outcome.FEED_READ, b"two", etag='"2"', last_modified=date)
    assert site.visit(Outcome.FEED_READ, b"two", etag='"2"', last_modified=date).etag == '"2"'


def test_a_server_that_only_ever_says_not_modified_is_asked_for_the_whole_once_in_a_while(database: Database, now: datetime) -> None:
    site = Site(database, now)
    site.visit(Outcome.FEED_READ, b"one", etag='"1"')
    assert [site.visit(Outcome.NOT_MODIFIED).etag for _ in range(UNMODIFIED_BELIEVED)] == ['"1"'] * UNMODIFIED_BELIEVED
    # The whole answer shows that it had changed all along under the same tag.
    assert site.visit(Outcome.FEED_READ, b"two", etag='"1"').etag == ""
    assert site.visit(Outcome.FEED_READ, b"three", etag='"1"').etag == ""
