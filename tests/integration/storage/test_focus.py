"""A crawl that follows a report takes the best first, learns which part of which outlet yields, and follows what an article cites."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from comparison.learned_words import LearnedWords
from config.catalog import Catalog
from config.settings import Settings
from crawlers import findings
from crawlers.ledger import RunContext
from crawlers.reordering import EVERY, Reordering
from storage.citations import list_citations, raise_same_headline
from storage.database import Database
from storage.models import VisitRow
from storage.near_duplicates import fingerprint
from storage.pages import claim_visits, plan_feeds, plan_visit, record_page, record_sightings
from storage.records import Capture, ClaimedVisit, Entry, Extraction, Listing, Outcome, PageKind, VisitResult
from storage.waiting import most_promising, promise_at, set_promises, waiting_pages
from storage.yields import note_read, pages_made, section_of
from tests.integration.storage.builders import LEASE_S, make_extraction, make_outlet, start_run

RADIO, PAPER, QUIET = make_outlet("radio"), make_outlet("paper"), make_outlet("quiet")
ALL = [RADIO, PAPER, QUIET]


def plan(database: Database, url: str, priority: float, now: datetime) -> None:
    outlet = next(outlet for outlet in ALL if outlet.domains[0] in url)
    with database.write() as session:
        page_id = record_page(session, url=url, outlet=outlet, kind=PageKind.ARTICLE, now=now)
        plan_visit(session, page_id, reason="new", priority=priority, now=now)


def start(database: Database, now: datetime) -> RunContext:
    with database.write() as session:
        run_id = start_run(session, ALL, now)
    catalog = Catalog({outlet.id: outlet for outlet in ALL})
    settings = Settings(database=database.url)
    return RunContext(run_id=run_id, holder="host:1", settings=settings, outlets=catalog.outlets, clock=lambda: now, catalog=catalog)


def take(database: Database, run: RunContext, now: datetime, limit: int) -> list[ClaimedVisit]:
    with database.write() as session:
        return claim_visits(session, run.run_id, outlet_ids=list(run.outlets), limit=limit, lease_s=LEASE_S, now=now, best_first=True)


def read(database: Database, run: RunContext, visit: ClaimedVisit, extraction: Extraction, nearness: float | None) -> Outcome:
    """What the crawl does with a page, from its response on."""
    capture = Capture(
        requested_url=visit.url, final_url=visit.url, status=200, body=visit.url.encode(), fetched_at=run.clock(), user_agent="test"
    )
    result = VisitResult(
        visit=visit, finished_at=run.clock(), status=200, capture=capture, extraction=extraction, nearness=nearness,
        fingerprint=fingerprint(extraction.title, extraction.text, extraction.language),
    )  # fmt: skip
    with database.write() as session:
        return findings.finish_page(session, run, result, findings.store_capture(session, run, visit, capture))


def test_the_best_of_all_hosts_come_first_but_every_part_of_every_outlet_has_its_turn(database: Database, now: datetime) -> None:
    run = start(database, now)
    for number in range(30):
        plan(database, f"http://radio.example/war/{number}", 0.5 + number / 100, now)
    plan(database, "http://quiet.example/4711", 0.0, now)
    found = [visit.url for visit in take(database, run, now, 20)]
    assert found[:18] == [f"http://radio.example/war/{number}" for number in range(29, 11, -1)]
    assert "http://quiet.example/4711" in found[18:], "a tenth goes to those who announce nothing"


def test_what_a_part_of_an_outlet_brought_decides_between_pages_that_say_nothing(database: Database, now: datetime) -> None:
    run = start(database, now)
    for number in range(5):
        plan(database, f"http://radio.example/sport/{number}", 0.1, now)
        plan(database, f"http://paper.example/front/{number}", 0.1, now)
    with database.write() as session:
        for _ in range(10):
            note_read(session, "radio", "sport", 0.0)
            note_read(session, "paper", "front", 1.0)
    with database.read() as session:
        best, *_, last = most_promising(session, limit=10)
    assert (best.outlet, best.section, best.section_read, best.section_near, best.page) == ("paper", "front", 10, 10.0, 0.1)
    assert (last.outlet, last.section_near) == ("radio", 0.0)
    assert best.promise == round(best.page + best.part, 3) > last.promise
    assert [visit.outlet_id for visit in take(database, run, now, 5)][:4] == ["paper"] * 4


def test_a_page_on_the_subject_raises_its_part_and_what_it_cites_is_visited_and_recorded(database: Database, now: datetime) -> None:
    run = start(database, now)
    plan(database, "http://radio.example/war/2022/11/20/cellars-123456.html", 0.9, now)
    [visit] = take(database, run, now, 1)
    assert visit.section == "war"
    links = (
        "http://paper.example/a/mothers-of-soldiers-778899.html",
        "http://paper.example/tag/war",
        "http://elsewhere.example/1234567.html",
    )
    extraction = replace(make_extraction("Cellars", "Soldiers who refuse are held in cellars. " * 5), links=links)
    assert read(database, run, visit, extraction, nearness=0.8) is Outcome.STORED
    [cited] = take(database, run, now, 10)
    assert (cited.url, cited.priority) == (links[0], 0.9)
    with database.read() as session:
        assert session.get(VisitRow, cited.visit_id).reason == "cited"  # type: ignore[union-attr]
        [citation] = list_citations(session, 1)
        assert (citation.url, citation.outlet, citation.article) == (links[0], "paper", None)
    read(database, run, cited, make_extraction("Mothers", "Mothers of soldiers ask where their sons are held. " * 5), nearness=0.0)
    with database.read() as session:
        [citation] = list_citations(session, 1)
        assert citation.article is not None and citation.article.startswith("paper:")


def test_a_waiting_page_with_the_same_headline_is_hurried(database: Database, now: datetime) -> None:
    run = start(database, now)
    headline = "Soldiers who “refused” are held in cellars"
    with database.write() as session:
        plan_feeds(session, [PAPER], now=now, interval_s=900)
    [feed] = take(database, run, now, 1)
    titles = ["Something else altogether", 'Soldiers who "refused"  are held in Cellars', "News in brief", ""]
    entries = tuple(Entry(url=f"http://paper.example/{number}", title=title) for number, title in enumerate(titles, 1))
    with database.write() as session:
        record_sightings(session, feed, PAPER, Listing(dialect="rss", entries=entries), (0.3, 0.1, 0.05, 0.05), now=now)
        assert raise_same_headline(session, "News in brief") == raise_same_headline(session, "") == 0
    plan(database, "http://radio.example/war/1", 0.9, now)
    [visit] = take(database, run, now, 1)
    read(database, run, visit, make_extraction(headline, "They are held in cellars. " * 9), nearness=0.9)
    assert [visit.url for visit in take(database, run, now, 2)] == ["http://paper.example/2", "http://paper.example/1"]


def test_nothing_is_followed_where_no_report_is_followed(database: Database, now: datetime) -> None:
    run = start(database, now)
    plan(database, "http://radio.example/war/2022/11/20/cellars-123456.html", 0.5, now)
    [visit] = take(database, run, now, 1)
    extraction = replace(make_extraction("Cellars", "Held in cellars. " * 9), links=("http://paper.example/a/778899.html",))
    read(database, run, visit, extraction, nearness=None)
    assert take(database, run, now, 10) == []


def test_pages_of_a_day_are_counted_by_outlet(database: Database, now: datetime) -> None:
    run = start(database, now)
    for number in range(3):
        plan(database, f"http://radio.example/{number}", 0.5, now)
    for visit in take(database, run, now, 2):
        read(database, run, visit, make_extraction(visit.url, f"A text of its own, {visit.url}. " * 5), nearness=None)
    with database.read() as session:
        assert pages_made(session, ["radio", "paper"], since=now - timedelta(hours=1)) == {"radio": 2}
        assert pages_made(session, ["radio"], since=now + timedelta(seconds=1)) == {}


def test_a_section_is_a_word_of_the_address_or_the_feed() -> None:
    assert section_of("http://a.example/2022/11/20/x-1.html") == ""
    assert section_of("http://a.example/World/europe/x-1.html", "http://a.example/rss") == "world"
    assert section_of("http://a.example/1.html", "http://a.example/rss?topic=war") == "feed:/rss?topic=war"


def test_what_was_read_changes_the_order_of_what_waits_but_not_the_place_of_what_is_cited(database: Database, now: datetime) -> None:
    run = start(database, now)
    with database.write() as session:
        plan_feeds(session, [PAPER], now=now, interval_s=900)
    [feed] = take(database, run, now, 1)
    entries = tuple(
        Entry(url=f"http://paper.example/{number}", title=title)
        for number, title in enumerate(("Festival at the lake", "The refuseniks of the silo", "Cited piece"))
    )
    with database.write() as session:
        record_sightings(session, feed, PAPER, Listing(dialect="rss", entries=entries), (0.3, 0.2, 0.95), now=now)
    learner = LearnedWords(lambda _entry, _outlet: 0.25)
    for _ in range(EVERY // 2):
        learner.learn(make_extraction("Refuseniks held in a silo", "They refuse."), near=True)
        learner.learn(make_extraction("Festival opens", "It opens."), near=False)

    async def submit(item: Callable[[Session], Any]) -> Any:
        with database.write() as session:
            return item(session)

    reordering = Reordering(run, learner, submit)
    with database.read() as session:
        assert (promise_at(session, ["paper"], 1), promise_at(session, ["paper"], 2)) == (0.2, 0.0)
        assert [page.promise for page in waiting_pages(session, ["paper"], after=0, limit=9, at_least=0.25)] == [0.3]
    assert asyncio.run(reordering.refresh()) == 2
    assert asyncio.run(reordering.refresh()) == 0, "nothing was learned since"
    taken = take(database, run, now, 3)
    assert [visit.url for visit in taken] == [f"http://paper.example/{number}" for number in (2, 1, 0)]
    assert taken[0].priority == 0.95
    with database.read() as session:
        assert promise_at(session, ["paper"], 0) == 0.0, "all are taken"
    # What is under way keeps its place.
    with database.write() as session:
        set_promises(session, [(taken[1].visit_id, 0.01)])
    with database.read() as session:
        assert session.get(VisitRow, taken[1].visit_id).priority == taken[1].priority  # type: ignore[union-attr]
