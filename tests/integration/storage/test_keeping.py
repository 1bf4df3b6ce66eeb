"""Captures, hosts, issues, quarantine, outlets: small rows with rules of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from config.catalog import other_outlet
from storage.captures import drop_body, expire_bodies, load_body, load_capture, pages_with_body, record_capture
from storage.claim_records import ReferenceReport
from storage.database import Database
from storage.errors import NotFoundError
from storage.hosts import lease_holders, lease_hosts, load_host, release_hosts, renew_hosts, save_host, save_pace
from storage.identity import sha256_hex
from storage.issues import list_issues, record_issue, resolve_issue, resolve_issues
from storage.models import CaptureBodyRow, OutletRow
from storage.nearness import Relevance, clear_pending, save_relevance
from storage.outlets import ensure_outlet, sync_outlets
from storage.pages import claim_visits, plan_visit, record_page
from storage.quarantine import MAX_BYTES, keep_bytes, load_quarantine, release_bytes
from storage.queries import load_articles
from storage.records import Capture, Hop, Outcome, PageKind
from storage.reports import save_report
from storage.run_records import HostState
from tests.integration.storage.builders import Writer, make_extraction, make_outlet, start_run
from tests.integration.storage.texts import EDITED, OTHER_DAY, WIRE

MINUTE = timedelta(minutes=1)
RADIO = make_outlet()


def _page(database: Database, now: datetime, path: str = "a") -> int:
    with database.write() as session:
        sync_outlets(session, [RADIO], now)
        return record_page(session, url=f"http://radio.example/{path}", outlet=RADIO, kind=PageKind.ARTICLE, now=now)


def test_a_capture_comes_back_whole(database: Database, now: datetime) -> None:
    page_id = _page(database, now)
    capture = Capture(
        requested_url="http://radio.example/a",
        final_url="http://radio.example/b",
        status=200,
        headers=(("Content-Type", "text/html"), ("X-Odd", "line")),
        content_type="text/html",
        body=bytes(range(256)) * 500,
        fetched_at=now,
        user_agent="test",
        provenance="crawl",
        hops=(Hop(url="http://radio.example/a", status=301, location="/b"), Hop(url="http://radio.example/b", status=200)),
    )
    with database.write() as session:
        capture_id = record_capture(session, capture, page_id=page_id, run_id=None)
    with database.read() as session:
        assert load_capture(session, capture_id) == capture
        with pytest.raises(NotFoundError, match="no capture '999'"):
            load_capture(session, 999)


def test_hostile_headers_are_stored_inert(database: Database, now: datetime) -> None:
    page_id = _page(database, now)
    capture = Capture(
        requested_url="http://a/\x00", final_url="http://a/\ud800", status=200, headers=(("a\x00", "b\x1b[31m\ud800"),), fetched_at=now
    )
    with database.write() as session:
        loaded = load_capture(session, record_capture(session, capture, page_id=page_id, run_id=None))
    assert (loaded.requested_url, loaded.final_url, loaded.headers) == ("http://a/", "http://a/\ufffd", (("a", "b[31m\ufffd"),))


def test_identical_bodies_are_kept_once_and_dropped_with_the_last(database: Database, now: datetime) -> None:
    ids = []
    for path in "abcde":
        page_id = _page(database, now, path)
        with database.write() as session:
            capture = Capture(
                requested_url="http://radio.example/",
                final_url="http://radio.example/",
                status=200,
                body=b"<p>same</p>" * 99,
                fetched_at=now,
            )
            ids.append(record_capture(session, capture, page_id=page_id, run_id=None))
    digest = sha256_hex(b"<p>same</p>" * 99)
    with database.write() as session:
        assert session.scalar(select(func.count()).select_from(CaptureBodyRow)) == 1
        assert pages_with_body(session, digest, "http://radio.example:80") == 5
        assert pages_with_body(session, digest, "http://paper.example:80") == 0
        assert not drop_body(session, ids[0]), "others still need it"
        assert load_body(session, digest) is not None
    page_id = _page(database, now, "f")
    with database.write() as session:
        capture = Capture(requested_url="http://x/", final_url="http://x/", status=200, body=b"alone", fetched_at=now)
        lonely = record_capture(session, capture, page_id=page_id, run_id=None)
        assert drop_body(session, lonely)
        assert load_body(session, sha256_hex(b"alone")) is None
        assert load_capture(session, lonely).body == b"", "the provenance stays"


def test_a_host_has_one_holder_until_its_lease_ends(database: Database, now: datetime) -> None:
    keys = ["http://a.example:80", "http://b.example:80"]

    def lease(holder: str, when: datetime) -> list[str]:
        with database.write() as session:
            return sorted(lease_hosts(session, keys, holder=holder, lease_s=60, now=when))

    assert lease("one", now) == keys
    assert lease("two", now + MINUTE) == []
    assert lease("one", now + MINUTE) == keys, "the holder renews"
    with database.write() as session:
        assert lease_holders(session, [*keys, "http://c.example:80"], now + MINUTE) == dict.fromkeys(keys, "one")
        assert renew_hosts(session, "one", lease_s=60, now=now + 2 * MINUTE) == 2
    assert lease("two", now + 3 * MINUTE) == []
    assert lease("two", now + 3 * MINUTE + timedelta(seconds=1)) == keys
    with database.write() as session:
        assert release_hosts(session, "one") == 0
        assert release_hosts(session, "two") == 2
        assert lease_holders(session, keys, now) == {}
    assert lease("three", now) == keys


def test_politeness_survives_leases(database: Database, now: datetime) -> None:
    state = HostState(
        key="http://a.example:80",
        delay_s=2.5,
        next_request_at=now + MINUTE,
        retry_after_until=now + 9 * MINUTE,
        robots_body=b"User-agent: *\n" * 50_000,
        robots_status=200,
        robots_fetched_at=now,
    )
    with database.write() as session:
        lease_hosts(session, [state.key], holder="one", lease_s=60, now=now)
        save_host(session, state)
        release_hosts(session, "one")
        [found] = lease_hosts(session, [state.key], holder="two", lease_s=60, now=now).values()
        assert (found.delay_s, found.next_request_at, found.retry_after_until) == (2.5, now + MINUTE, now + 9 * MINUTE)
        assert found.robots_body == (b"User-agent: *\n" * 50_000)[: 512 * 1024]
        save_pace(session, replace(found, delay_s=5.0, next_request_at=now + 2 * MINUTE, robots_body=None))
        [again] = lease_hosts(session, [state.key], holder="two", lease_s=60, now=now).values()
        assert again == load_host(session, state.key) == replace(found, delay_s=5.0, next_request_at=now + 2 * MINUTE)
        assert load_host(session, "http://never.example:80") is None
        save_host(session, HostState(key="http://new.example:80", robots_body=b""))
        assert load_host(session, "http://new.example:80") == HostState(key="http://new.example:80", robots_body=b"")


def test_an_issue_is_counted_resolved_and_reopened(database: Database, now: datetime) -> None:
    with database.write() as session:
        for step in range(3):
            record_issue(
                session,
                key="feed:radio",
                kind="silent",
                outlet_id="radio",
                message=f"nothing \x00new {step}",
                data={"x": "\ud800"},
                now=now + step * MINUTE,
            )
        [issue] = list_issues(session, outlet_id="radio")
        assert (issue.count, issue.message, issue.first_seen_at, issue.last_seen_at) == (3, "nothing new 2", now, now + 2 * MINUTE)
        assert resolve_issue(session, "feed:radio", now)
        assert resolve_issues(session, ["feed:radio", "feed:none"], now) == 0
        assert list_issues(session) == []
        assert len(list_issues(session, resolved=True)) == 1
        record_issue(session, key="feed:radio", kind="silent", outlet_id="radio", message="again", now=now)
        assert [found.count for found in list_issues(session, kind="silent")] == [4]
        assert resolve_issues(session, ["feed:none", "feed:radio"], now) == 1
        assert list_issues(session) == []
        for tail in ("a", "b"):
            record_issue(session, key="k" * 5000 + tail, kind="long", message="m", now=now)
        assert len(list_issues(session, kind="long")) == 2


def test_unreadable_bytes_are_kept_capped_with_the_reason(database: Database, now: datetime) -> None:
    page_id = _page(database, now)
    with database.write() as session:
        run_id = start_run(session, [RADIO], now)
        plan_visit(session, page_id, reason="new", priority=0, now=now)
        [visit] = claim_visits(session, run_id, outlet_ids=["radio"], limit=1, lease_s=60, now=now)
        keep_bytes(session, visit.visit_id, reason=Outcome.EXTRACT_TIMEOUT, detail="20 s\x00", body=b"a" * (MAX_BYTES + 5), now=now)
        [item] = load_quarantine(session)
        assert (item.reason, item.detail, item.size, len(item.body), item.url) == (
            Outcome.EXTRACT_TIMEOUT,
            "20 s",
            MAX_BYTES + 5,
            MAX_BYTES,
            "http://radio.example/a",
        )
        assert list(load_quarantine(session, reason=Outcome.BAD_FEED)) == []
        keep_bytes(session, visit.visit_id, reason=Outcome.BAD_FEED, detail="", body=b"", now=now)
        assert [found.body for found in load_quarantine(session)] == [b""]
        assert release_bytes(session, visit.visit_id)
        assert not release_bytes(session, visit.visit_id)


def test_outlets_follow_their_cards(database: Database, now: datetime) -> None:
    with database.write() as session:
        assert sync_outlets(session, [RADIO, make_outlet("paper")], now) == 2
        assert sync_outlets(session, [RADIO, make_outlet("paper")], now + MINUTE) == 0
        assert sync_outlets(session, [make_outlet(owner="other_owner")], now + MINUTE) == 1
        rows = session.execute(select(OutletRow.id, OutletRow.owner, OutletRow.updated_at).order_by(OutletRow.id)).all()
    assert [tuple(row) for row in rows] == [("paper", "paper", now), ("radio", "other_owner", now + MINUTE)]


@pytest.mark.parametrize("host", ["news.example", "127.0.0.1", "[::1]", ".".join(["x" * 60] * 4) + ".example"])
def test_a_host_without_a_card_gets_an_outlet_of_its_own(database: Database, now: datetime, host: str) -> None:
    outlet = other_outlet(host)
    with database.write() as session:
        ensure_outlet(session, outlet, now)
        ensure_outlet(session, outlet, now)
        page_id = record_page(session, url=f"http://{host}/a", outlet=outlet, kind=PageKind.ARTICLE, now=now)
        assert plan_visit(session, page_id, reason="asked", priority=1, now=now) is not None
        assert session.scalars(select(OutletRow.id)).one() == f"other:{host}"


def test_old_bodies_of_unrelated_pages_expire(database: Database, now: datetime) -> None:
    writer = Writer(database, [make_outlet("radio"), make_outlet("paper")], now - timedelta(days=40))
    old = now - timedelta(days=40)
    related = writer.write("http://radio.example/a", make_extraction("Related", WIRE), old, body=b"related")
    writer.write("http://radio.example/b", make_extraction("Unrelated", OTHER_DAY), old, body=b"unrelated")
    writer.write("http://radio.example/c", make_extraction("Seen again", EDITED), old, body=b"seen again")
    writer.write("http://paper.example/c", make_extraction("Seen again", EDITED), now, body=b"seen again", outlet="paper")
    with database.write() as session:
        save_report(session, ReferenceReport(key="r", title="Report", language="en"), now)
        score = Relevance(article_id=related.change.article_id, text_sha256="0" * 64, model_hash="m", score=1, related=True, parts={})
        save_relevance(session, "r", [score], now)
        clear_pending(session, [article.article_id for article in load_articles(session)])
        assert expire_bodies(session, before=now - timedelta(days=30), limit=100) == 1
        assert expire_bodies(session, before=now - timedelta(days=30), limit=100) == 0
        kept = {body for body in (b"related", b"unrelated", b"seen again") if load_body(session, sha256_hex(body)) is not None}
    assert kept == {b"related", b"seen again"}
    with database.read() as session:
        assert len(list(load_articles(session))) == 4, "articles, revisions and provenance stay"
