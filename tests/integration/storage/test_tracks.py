"""The subtitles that a video's page publishes are fetched as any page, and what they say becomes part of the video's article."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from config.catalog import Catalog
from config.settings import Settings
from crawlers import findings
from crawlers.ledger import RunContext
from crawlers.transcripts import extract_words
from storage.database import Database
from storage.near_duplicates import fingerprint
from storage.pages import claim_visits, plan_visit, record_page
from storage.queries import load_article
from storage.records import ArticleKind, Capture, ClaimedVisit, Extraction, Outcome, PageKind, VisitResult
from storage.search import search
from tests.integration.storage.builders import LEASE_S, make_extraction, make_outlet, start_run

RADIO = make_outlet("radio")
VIDEO, TRACK = "http://radio.example/v/1.html", "http://radio.example/subs/1.vtt"
SAID = b"WEBVTT\n\n00:01.000 --> 00:04.000\nMy brother is held in a basement\n\n00:04.000 --> 00:06.000\ntogether with all who refused.\n"


def start(database: Database, now: datetime) -> RunContext:
    with database.write() as session:
        run_id = start_run(session, [RADIO], now)
    catalog = Catalog({RADIO.id: RADIO})
    settings = Settings(database=database.url)
    return RunContext(run_id=run_id, holder="host:1", settings=settings, outlets=catalog.outlets, clock=lambda: now, catalog=catalog)


def take(database: Database, run: RunContext, now: datetime) -> list[ClaimedVisit]:
    with database.write() as session:
        return claim_visits(session, run.run_id, outlet_ids=["radio"], limit=9, lease_s=LEASE_S, now=now)


def read(database: Database, run: RunContext, visit: ClaimedVisit, extraction: Extraction, body: bytes) -> Outcome:
    capture = Capture(requested_url=visit.url, final_url=visit.url, status=200, body=body, fetched_at=run.clock(), user_agent="test")
    mark = fingerprint(extraction.title, extraction.text, extraction.language)
    result = VisitResult(visit=visit, finished_at=run.clock(), status=200, capture=capture, extraction=extraction, fingerprint=mark)
    with database.write() as session:
        return findings.finish_page(session, run, result, findings.store_capture(session, run, visit, capture))


def film(*tracks: str) -> Extraction:
    return replace(make_extraction("Held in cellars", "Relatives speak."), kind=ArticleKind.VIDEO, tracks=tracks)


def test_published_subtitles_become_part_of_the_video_and_are_read_once(database: Database, now: datetime) -> None:
    run = start(database, now)
    with database.write() as session:
        page_id = record_page(session, url=VIDEO, outlet=RADIO, kind=PageKind.VIDEO, now=now)
        plan_visit(session, page_id, reason="new", priority=0.5, now=now)
    [video] = take(database, run, now)
    assert read(database, run, video, film(TRACK, "http://player.example/1.vtt"), b"<html>") is Outcome.STORED
    [track] = take(database, run, now)
    assert (track.url, track.entry.video_url if track.entry else "") == (TRACK, VIDEO)
    # As many servers say it: subtitles under a type of their own are rare.
    words = extract_words(SAID, content_type="text/plain", language="en", entry=track.entry)
    assert words is not None
    assert read(database, run, track, words, SAID) is Outcome.UNCHANGED
    with database.read() as session:
        [hit] = search(session, "basement refused").hits
        article = load_article(session, hit.article)
    assert (article.url, article.kind, article.title, article.revision) == (VIDEO, ArticleKind.VIDEO, "Held in cellars", 1)
    assert article.text == "Relatives speak.\nMy brother is held in a basement together with all who refused."
    # The page read again is as it was, and its subtitles are not asked for again.
    with database.write() as session:
        plan_visit(session, page_id, reason="recheck", priority=0.5, now=now)
    [again] = take(database, run, now)
    assert read(database, run, again, film(TRACK), b"<html>") is Outcome.UNCHANGED
    assert take(database, run, now) == []
    with database.read() as session:
        assert "basement" in load_article(session, hit.article).text


def test_what_is_no_subtitles_behind_their_address_becomes_no_article(database: Database, now: datetime) -> None:
    run = start(database, now)
    with database.write() as session:
        page_id = record_page(session, url=VIDEO, outlet=RADIO, kind=PageKind.VIDEO, now=now)
        plan_visit(session, page_id, reason="new", priority=0.5, now=now)
    [video] = take(database, run, now)
    read(database, run, video, film(TRACK), b"<html>")
    [track] = take(database, run, now)
    page = make_extraction("Not found", "This page is not here, but its text is long enough to be read as one. " * 3)
    assert read(database, run, track, page, b"<html>not found</html>") is Outcome.NOT_AN_ARTICLE
    with database.read() as session:
        assert load_article(session, f"radio:{_key(database)}").text == "Relatives speak."


def _key(database: Database) -> str:
    with database.read() as session:
        [hit] = search(session, "relatives").hits
    return hit.article.partition(":")[2]
