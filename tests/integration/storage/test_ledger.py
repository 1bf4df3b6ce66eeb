"""Every visit is claimed by one run at a time and ends with one outcome; per run claimed = outcomes + released."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

from sqlalchemy import func, select

from config.outlet import Outlet
from storage.database import Database
from storage.models import PageRow, SightingRow, VisitRow
from storage.pages import (
    attach_capture,
    awaits_bodies,
    claim_visits,
    open_visits,
    plan_feeds,
    plan_rechecks,
    plan_visit,
    record_page,
    record_sightings,
    release_visits,
    renew_visits,
)
from storage.records import ClaimedVisit, Entry, Listing, Outcome, PageKind, PublishedTime, VisitResult
from storage.run_records import RunState
from storage.runs import close_run, heartbeat, load_run, stale_runs, summarise_run
from storage.verification import verify_database
from tests.integration.storage.builders import LEASE_S, finish, make_outlet, start_run

RADIO, PAPER = make_outlet("radio"), make_outlet("paper")
BOTH = ["radio", "paper"]
MINUTE = timedelta(minutes=1)


def claim(
    database: Database, run_id: int, now: datetime, limit: int = 100, ids: list[str] | None = None, busy: tuple[str, ...] = ()
) -> list[ClaimedVisit]:
    with database.write() as session:
        return claim_visits(session, run_id, outlet_ids=ids or BOTH, limit=limit, lease_s=LEASE_S, now=now, busy_hosts=busy)


def start(database: Database, now: datetime, holder: str = "host:1") -> int:
    with database.write() as session:
        return start_run(session, [RADIO, PAPER], now, holder)


def plan_pages(database: Database, outlet: Outlet, number: int, now: datetime, first_priority: float = 0.0) -> None:
    with database.write() as session:
        for index in range(number):
            page = record_page(session, url=f"http://{outlet.id}.example/{index}", outlet=outlet, kind=PageKind.ARTICLE, now=now)
            plan_visit(session, page, reason="new", priority=first_priority + index / 100, now=now)


def list_pages(database: Database, urls: list[str], now: datetime, **options: object) -> tuple[ClaimedVisit, Listing]:
    entries = tuple(Entry(url=url, title=f"Title of {url}") for url in urls)
    return feed_visit(database, now), Listing(dialect="rss", entries=entries)


def feed_visit(database: Database, now: datetime, outlet: Outlet = RADIO) -> ClaimedVisit:
    run_id = start(database, now)
    with database.write() as session:
        plan_feeds(session, [outlet], now=now, interval_s=900, force=True)
    [visit] = [item for item in claim(database, run_id, now, ids=[outlet.id]) if item.kind is PageKind.FEED]
    return visit


def test_feeds_come_first_then_hosts_take_turns_each_with_its_best(database: Database, now: datetime) -> None:
    run_id = start(database, now)
    plan_pages(database, RADIO, 5, now, first_priority=0.5)
    plan_pages(database, PAPER, 2, now)
    with database.write() as session:
        assert plan_feeds(session, [RADIO, PAPER], now=now, interval_s=900) == 2
    found = [(visit.outlet_id, visit.url.rpartition("/")[2]) for visit in claim(database, run_id, now, limit=7)]
    assert sorted(found[:2]) == [("paper", "feed.xml"), ("radio", "feed.xml")]
    assert found[2:] == [("radio", "4"), ("paper", "1"), ("radio", "3"), ("paper", "0"), ("radio", "2")]


def test_busy_hosts_and_other_outlets_are_left_alone(database: Database, now: datetime) -> None:
    run_id = start(database, now)
    plan_pages(database, RADIO, 2, now)
    plan_pages(database, PAPER, 2, now)
    assert {visit.outlet_id for visit in claim(database, run_id, now, busy=("http://radio.example:80",))} == {"paper"}
    assert claim(database, run_id, now, ids=["paper"]) == []
    assert len(claim(database, run_id, now, ids=["radio"])) == 2


def test_a_page_has_one_open_visit_which_takes_the_higher_priority(database: Database, now: datetime) -> None:
    start(database, now)
    with database.write() as session:
        page = record_page(session, url="http://radio.example/a", outlet=RADIO, kind=PageKind.ARTICLE, now=now)
        assert record_page(session, url="https://RADIO.example/a?utm_source=x#y", outlet=RADIO, kind=PageKind.ARTICLE, now=now) == page
        first = plan_visit(session, page, reason="new", priority=0.1, now=now)
        assert first is not None
        assert plan_visit(session, page, reason="asked", priority=0.9, now=now) is None
        assert plan_visit(session, page, reason="asked", priority=0.2, now=now) is None
        assert session.scalar(select(VisitRow.priority)) == 0.9


def test_the_sums_hold_through_finish_release_and_takeover(database: Database, now: datetime) -> None:
    first, second = start(database, now, "host:1"), start(database, now, "host:2")
    plan_pages(database, RADIO, 6, now)
    visits = claim(database, first, now)
    with database.write() as session:
        assert finish(session, visits[0], first, Outcome.NOT_AN_ARTICLE, now)
        assert finish(session, visits[1], first, Outcome.TIMEOUT, now)
        assert release_visits(session, first, [visits[2].visit_id]) == 1
    # The first run dies here: its lease ends, and the second takes over what it still held, and what it gave back.
    assert claim(database, second, now + timedelta(seconds=LEASE_S - 1), limit=1)[0].visit_id == visits[2].visit_id
    later = now + timedelta(seconds=LEASE_S + 1)
    taken = claim(database, second, later)
    assert {visit.visit_id for visit in taken} == {visit.visit_id for visit in visits[3:]}
    with database.write() as session:
        for visit in taken:
            assert finish(session, visit, second, Outcome.UNCHANGED, later)
        # The dead run was only slow: its late result must not count twice.
        assert not finish(session, visits[3], first, Outcome.STORED, later)
        assert release_visits(session, second, None) == 1
        close_run(session, first, RunState.FAILED, now=later)
        close_run(session, second, RunState.DONE, now=later, claimed=4, released=1, discovered=0)
    with database.read() as session:
        one, two = summarise_run(session, first), summarise_run(session, second)
        assert (one.claimed, dict(one.outcomes), one.released, one.unexplained) == (6, {"not_an_article": 1, "timeout": 1}, 4, 0)
        assert (two.claimed, dict(two.outcomes), two.released, two.unexplained) == (4, {"unchanged": 3}, 1, 0)
        assert open_visits(session, BOTH) == 1
        visits_in_all = session.scalar(select(func.count()).select_from(VisitRow))
        assert visits_in_all == sum(one.outcomes.values()) + sum(two.outcomes.values()) + 1


def test_a_renewed_lease_is_not_taken_over(database: Database, now: datetime) -> None:
    first, second = start(database, now), start(database, now)
    plan_pages(database, RADIO, 2, now)
    claim(database, first, now)
    with database.write() as session:
        assert renew_visits(session, first, lease_s=LEASE_S, now=now + timedelta(seconds=50)) == 2
    assert claim(database, second, now + timedelta(seconds=LEASE_S + 1)) == []
    assert len(claim(database, second, now + timedelta(seconds=LEASE_S + 51))) == 2


def test_a_released_visit_waits_for_its_time_and_keeps_its_capture(database: Database, now: datetime) -> None:
    from storage.captures import record_capture
    from storage.records import Capture

    run_id = start(database, now)
    plan_pages(database, RADIO, 1, now)
    [visit] = claim(database, run_id, now)
    with database.write() as session:
        capture = Capture(requested_url=visit.url, final_url=visit.url, status=200, body=b"x", fetched_at=now)
        capture_id = record_capture(session, capture, page_id=visit.page_id, run_id=run_id)
        attach_capture(session, visit.visit_id, capture_id)
        release_visits(session, run_id, None, not_before=now + MINUTE)
    assert claim(database, run_id, now + timedelta(seconds=59)) == []
    [again] = claim(database, run_id, now + MINUTE)
    assert again.capture_id == capture_id


def test_a_finished_visit_moves_its_page(database: Database, now: datetime) -> None:
    run_id = start(database, now)
    plan_pages(database, RADIO, 1, now)

    def visit_once(outcome: Outcome, when: datetime, **fields: object) -> PageRow:
        with database.write() as session:
            page_id = session.scalars(select(PageRow.id)).one()
            plan_visit(session, page_id, reason="asked", priority=0, now=when)
        [visit] = claim(database, run_id, when)
        with database.write() as session:
            assert finish(session, visit, run_id, outcome, when, **fields)
            return session.get_one(PageRow, page_id, populate_existing=True)

    page = visit_once(Outcome.STORED, now, etag='"1"', last_modified="Sun")
    assert (page.etag, page.last_modified, page.failures, page.last_outcome) == ('"1"', "Sun", 0, "stored")
    page = visit_once(Outcome.NOT_MODIFIED, now)
    assert (page.etag, page.failures) == ('"1"', 0)
    page = visit_once(Outcome.TIMEOUT, now)
    page = visit_once(Outcome.SERVER_ERROR, now)
    assert (page.etag, page.failures) == ('"1"', 2)
    page = visit_once(Outcome.ROBOTS_DENIED, now)
    assert page.failures == 2
    page = visit_once(Outcome.GONE, now)
    page = visit_once(Outcome.GONE, now + MINUTE)
    assert page.gone_at == now
    page = visit_once(Outcome.UNCHANGED, now + MINUTE)
    assert (page.etag, page.failures, page.gone_at) == ("", 0, None)


def test_feeds_are_planned_when_due(database: Database, now: datetime) -> None:
    run_id = start(database, now)

    def plan(when: datetime, force: bool = False) -> int:
        with database.write() as session:
            return plan_feeds(session, [RADIO], now=when, interval_s=900, force=force)

    assert plan(now) == 1
    assert plan(now) == 0, "an open visit is enough"
    [visit] = claim(database, run_id, now)
    assert (visit.kind, visit.priority, visit.entry) == (PageKind.FEED, 2.0, None)
    with database.write() as session:
        finish(session, visit, run_id, Outcome.FEED_READ, now)
    assert plan(now + 14 * MINUTE) == 0
    assert plan(now + 15 * MINUTE) == 1
    claim(database, run_id, now + 15 * MINUTE)
    with database.write() as session:
        release_visits(session, run_id, None)
    assert plan(now + 15 * MINUTE) == 0
    assert plan(now, force=True) == 0, "force makes no second open visit"


def test_bodies_are_awaited_unless_every_feed_can_be_asked_whether_it_changed(database: Database, now: datetime) -> None:
    visit = feed_visit(database, now)

    def awaited() -> bool:
        with database.read() as session:
            return awaits_bodies(session, [RADIO])

    assert awaited(), "a feed that was never read"
    with database.write() as session:
        page = session.execute(select(PageRow).where(PageRow.id == visit.page_id)).scalar_one()
        page.etag = '"1"'
    assert not awaited()
    plan_pages(database, RADIO, 1, now)
    assert awaited(), "a page that waits"


def test_rechecks_are_planned_for_due_pages_only(database: Database, now: datetime) -> None:
    from storage.pages import finish_visit

    run_id = start(database, now)
    plan_pages(database, RADIO, 3, now)
    visits = claim(database, run_id, now)
    with database.write() as session:
        for visit, due in zip(visits, (now + MINUTE, now + 60 * MINUTE, None), strict=True):
            result = VisitResult(visit=visit, finished_at=now)
            finish_visit(
                session,
                result,
                run_id=run_id,
                outcome=Outcome.UNCHANGED,
                detail="",
                capture_id=None,
                article_id=None,
                next_due_at=due,
                now=now,
            )
        assert plan_rechecks(session, BOTH, now=now) == 0
        assert plan_rechecks(session, ["paper"], now=now + MINUTE) == 0
        assert plan_rechecks(session, BOTH, now=now + MINUTE) == 1
        assert plan_rechecks(session, BOTH, now=now + MINUTE) == 0
    [visit] = claim(database, run_id, now + MINUTE)
    assert visit.page_id == visits[0].page_id


def test_being_listed_again_only_moves_the_sighting(database: Database, now: datetime) -> None:
    feed, listing = list_pages(database, [f"http://radio.example/{index}?utm_source=rss" for index in range(3)], now)
    with database.write() as session:
        counts = record_sightings(session, feed, RADIO, listing, [0.1, 0.9, 0.5], now=now)
    assert (counts.new_pages, counts.known, counts.planned, counts.outside) == (3, 0, 3, 0)
    run_id = start(database, now)
    visits = claim(database, run_id, now)
    assert [visit.url for visit in visits] == ["http://radio.example/1", "http://radio.example/2", "http://radio.example/0"]
    assert visits[0].entry is not None
    assert visits[0].entry.title == "Title of http://radio.example/1?utm_source=rss"
    with database.write() as session:
        for visit in visits:
            finish(session, visit, run_id, Outcome.STORED, now)
        counts = record_sightings(session, feed, RADIO, listing, [], now=now + MINUTE)
        assert (counts.new_pages, counts.known, counts.planned) == (0, 3, 0)
        sightings = session.execute(select(SightingRow.first_seen_at, SightingRow.last_seen_at)).all()
    assert {tuple(row) for row in sightings} == {(now, now + MINUTE)}


def test_since_and_until_leave_pages_for_later(database: Database, now: datetime) -> None:
    day = timedelta(days=1)
    entries = (
        Entry(url="http://radio.example/old", published=PublishedTime(at=now - 9 * day)),
        Entry(url="http://radio.example/old-sitemap", modified=PublishedTime(at=now - 9 * day)),
        Entry(url="http://radio.example/edited", published=PublishedTime(at=now - 9 * day), modified=PublishedTime(at=now)),
        Entry(url="http://radio.example/inside", published=PublishedTime(at=now - 2 * day)),
        Entry(url="http://radio.example/late", published=PublishedTime(at=now)),
        Entry(url="http://radio.example/undated"),
        Entry(url="http://radio.example/future", published=PublishedTime(at=now + 900 * day)),
    )
    feed = feed_visit(database, now)
    with database.write() as session:
        listing = Listing(dialect="sitemap", entries=entries)
        counts = record_sightings(session, feed, RADIO, listing, [], now=now, since=now - 3 * day, until=now - day)
        assert (counts.new_pages, counts.planned, counts.outside) == (7, 3, 4)
        # Without the window, what was left out is planned although its page is known.
        counts = record_sightings(session, feed, RADIO, listing, [], now=now)
        assert (counts.new_pages, counts.planned, counts.outside) == (0, 4, 0)


def test_a_large_hostile_listing_is_recorded_whole(database: Database, now: datetime) -> None:
    entries = [Entry(url=f"http://radio.example/{index % 2900}", title="a\x00b\ud800" * 700) for index in range(3000)]
    entries += [Entry(url="http://radio.example/" + "y" * 120_000), Entry(url="http://[bad"), Entry(url="http://radio.example/feed.xml")]
    feed = feed_visit(database, now)
    with database.write() as session:
        counts = record_sightings(session, feed, RADIO, Listing(dialect="rss", entries=tuple(entries)), [], now=now)
        assert (counts.new_pages, counts.known, counts.planned, counts.repeated, counts.refused) == (2901, 1, 2901, 100, 1)
        title = session.scalars(select(SightingRow.title).limit(1)).one()
    assert title == ("ab\ufffd" * 700)[:1000]


def test_a_mirror_seen_first_gives_way_to_the_canonical_address(database: Database, now: datetime) -> None:
    outlet = make_outlet("radio", identity={"mirrors": ["mirror.test"]})
    start(database, now)
    with database.write() as session:
        page = record_page(session, url="http://mirror.test/a", outlet=outlet, kind=PageKind.ARTICLE, now=now)
        plan_visit(session, page, reason="new", priority=0, now=now)
        assert session.get_one(PageRow, page).url == "http://mirror.test/a"
        assert record_page(session, url="http://radio.example/a", outlet=outlet, kind=PageKind.ARTICLE, now=now) == page
        assert record_page(session, url="http://mirror.test/a", outlet=outlet, kind=PageKind.ARTICLE, now=now) == page
        row = session.get_one(PageRow, page, populate_existing=True)
        assert (row.url, row.host_key) == ("http://radio.example/a", "http://radio.example:80")
        assert session.scalars(select(VisitRow.host_key)).one() == "http://radio.example:80"


def test_a_silent_run_is_stale_until_it_speaks(database: Database, now: datetime) -> None:
    run_id = start(database, now)
    with database.write() as session:
        assert [run.run_id for run in stale_runs(session, now=now + 2 * MINUTE, older_than_s=60)] == [run_id]
        heartbeat(session, run_id, now + 2 * MINUTE)
        assert stale_runs(session, now=now + 2 * MINUTE, older_than_s=60) == []
        record = load_run(session, run_id)
    assert (record.outlets, record.state, record.holder) == (("radio", "paper"), RunState.RUNNING, "host:1")


_CLAIMER = """
import sys
from datetime import datetime
from storage.database import open_database
from storage.pages import claim_visits
url, run_id, now = sys.argv[1], int(sys.argv[2]), datetime.fromisoformat(sys.argv[3])
database = open_database(url)
print("ready", flush=True)
sys.stdin.readline()
while True:
    with database.write() as session:
        got = claim_visits(session, run_id, outlet_ids=["radio"], limit=7, lease_s=60, now=now)
    if not got:
        break
    print(*[visit.visit_id for visit in got], flush=True)
database.close()
"""


def test_two_processes_never_get_the_same_visit(database: Database, now: datetime) -> None:
    plan_run = start(database, now)
    assert plan_run
    plan_pages(database, RADIO, 300, now)
    runs = [start(database, now, f"host:{number}") for number in (1, 2)]
    command = [sys.executable, "-c", _CLAIMER, database.url]
    children = [
        subprocess.Popen([*command, str(run), now.isoformat()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for run in runs
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    got = [[int(word) for word in child.communicate(timeout=60)[0].split()] for child in children]
    assert [child.returncode for child in children] == [0, 0]
    assert len(got[0]) + len(got[1]) == 300
    assert set(got[0]).isdisjoint(got[1])
    with database.read() as session:
        assert [summarise_run(session, run).claimed for run in runs] == [len(got[0]), len(got[1])]


def test_verify_finds_what_cannot_be(database: Database, now: datetime) -> None:
    run_id = start(database, now)
    plan_pages(database, RADIO, 3, now)
    visits = claim(database, run_id, now)
    with database.write() as session:
        close_run(session, run_id, RunState.DONE, now=now)
    found = verify_database(database.url)
    assert found == [
        f"run {run_id}: {len(visits)} visits claimed, 0 with an outcome, 0 released",
        f"{len(visits)} visits are held by runs that have ended",
    ]
