"""Rows that wait for the end of their transaction, on a server: nobody reads past them, and what does not fit undoes all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import bindparam, exc, func, select, update
from sqlalchemy.orm import Session

from crawlers.writer import Writer
from storage.articles import record_article, record_extraction
from storage.batches import batch_of
from storage.captures import load_body, pages_with_body, record_capture
from storage.clusters import compare_later
from storage.database import Database, open_database, settle
from storage.dialects import add_new, add_row, change_row, run, table_of
from storage.errors import StaleBatchError
from storage.identity import sha256_hex
from storage.models import ArticleRow, CaptureBodyRow, CaptureRow, CopyRow, ExtractionRow, IssueRow, PageRow, RevisionRow, VisitRow
from storage.near_duplicates import fingerprint
from storage.pages import attach_capture, claim_visits, finish_visit, plan_visit, record_page
from storage.queries import counts
from storage.records import Capture, Outcome, PageKind, VisitResult
from storage.search import search
from storage.search_index import index_article
from tests.integration.storage.builders import LEASE_S, make_extraction, make_outlet, start_run
from tests.integration.storage.texts import EDITED, INDEPENDENT, WIRE

OUTLETS = {name: make_outlet(name) for name in ("agency", "paper", "radio")}
PIECES = [
    ("http://agency.example/a", WIRE),
    ("http://paper.example/a", WIRE),
    ("http://radio.example/a", EDITED),
    ("http://radio.example/b", INDEPENDENT),
    # The same piece once more, at an address that names the first as its own.
    ("http://agency.example/print/a", WIRE),
]
_issues, _pages = table_of(IssueRow), table_of(PageRow)
_COUNT = select(func.count()).select_from(_issues)
_TOUCH = update(_issues).where(_issues.c.id == bindparam("issue"))


@pytest.fixture
def server(postgresql_url: str) -> Iterator[Database]:
    with closing(open_database(postgresql_url)) as opened:
        yield opened


def issue(key: str, at: datetime) -> dict[str, object]:
    return {"key": key, "kind": "test", "message": key, "first_seen_at": at, "last_seen_at": at}


def store_pieces(database: Database, now: datetime, *, grouped: bool, pieces: Sequence[tuple[str, str]] = PIECES) -> None:
    """All pieces in one transaction, each the whole way of a crawled page."""
    with database.write() as session:
        run_id = start_run(session, list(OUTLETS.values()), now)
    with database.write(grouped=grouped) as session:
        for url, _ in pieces:
            page_id = record_page(session, url=url, outlet=OUTLETS[_outlet(url)], kind=PageKind.ARTICLE, now=now)
            assert plan_visit(session, page_id, reason="new", priority=0.5, now=now) is not None
        # The last one once more: it waits already.
        assert plan_visit(session, page_id, reason="new", priority=0.5, now=now) is None
        visits = {
            visit.url: visit
            for visit in claim_visits(session, run_id, outlet_ids=list(OUTLETS), limit=len(pieces), lease_s=LEASE_S, now=now)
        }
        for url, text in pieces:
            visit = visits[url]
            capture = Capture(requested_url=url, final_url=url, status=200, body=text.encode(), fetched_at=now)
            capture_id = record_capture(session, capture, page_id=visit.page_id, run_id=run_id)
            attach_capture(session, visit.visit_id, capture_id)
            extraction = make_extraction("A headline", text, canonical_url=url.replace("/print", ""))
            extraction_id = record_extraction(session, capture_id, extraction, capture=capture)
            print_ = fingerprint(extraction.title, text, "en")
            change = record_article(
                session,
                outlet=OUTLETS[_outlet(url)],
                visit=visit,
                capture_id=capture_id,
                extraction_id=extraction_id,
                extraction=extraction,
                fingerprint=print_,
                urls=[extraction.canonical_url],
                now=now,
                capture=capture,
            )
            if change.text_changed:
                index_article(session, change.article_id, print_.title_lemmas, print_.body_lemmas, print_.lemmatiser)
                compare_later(session, change.article_id, fingerprint=print_, now=now)
            result = VisitResult(visit=visit, finished_at=now, status=200, extraction=extraction, capture=capture)
            assert finish_visit(
                session,
                result,
                run_id=run_id,
                outcome=change.outcome,
                detail="",
                capture_id=capture_id,
                article_id=change.article_id,
                next_due_at=now + timedelta(hours=1),
                now=now,
            )
        settle(session)


def _outlet(url: str) -> str:
    return url.removeprefix("http://").partition(".")[0]


def what_is_stored(database: Database) -> dict[str, Any]:
    with database.read() as session:
        article = select(ArticleRow.key, ArticleRow.url, RevisionRow.number, ExtractionRow.text, CaptureRow.final_url)
        article = article.join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        article = article.join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        article = article.join(CaptureRow, CaptureRow.id == RevisionRow.capture_id)
        keys = dict(session.execute(select(ArticleRow.id, ArticleRow.key)).all())
        visits = select(PageRow.url, PageRow.article_id, VisitRow.outcome, CaptureRow.final_url, PageRow.body_sha256)
        visits = visits.join(VisitRow, VisitRow.page_id == PageRow.id).join(CaptureRow, CaptureRow.id == VisitRow.capture_id)
        return {
            "counts": counts(session),
            "articles": sorted(tuple(row) for row in session.execute(article)),
            "visits": sorted((url, keys[article_id], *rest) for url, article_id, *rest in session.execute(visits)),
            "bodies": {digest: load_body(session, digest) for digest in session.scalars(select(CaptureBodyRow.sha256))},
            "copies": sorted(
                (keys[pair.article_a], keys[pair.article_b], pair.kind, pair.jaccard, pair.containment_a)
                for pair in session.scalars(select(CopyRow))
            ),
            "found": {word: sorted(hit.article for hit in search(session, word)) for word in ("headline", "the", "police")},
        }


def test_a_group_stores_what_its_items_store_one_by_one(server: Database, sqlite_url: str, now: datetime) -> None:
    store_pieces(server, now, grouped=True)
    stored = what_is_stored(server)
    with closing(open_database(sqlite_url)) as plain:
        store_pieces(plain, now, grouped=False)
        assert stored == what_is_stored(plain)
    outcomes = [outcome for _, _, outcome, *_ in stored["visits"]]
    assert sorted(outcomes) == [Outcome.ALIAS, *[Outcome.STORED] * 4]
    assert len(stored["copies"]) == 3


def test_an_article_of_a_group_costs_three_round_trips(server: Database, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(name: str) -> Any:
        whole = getattr(psycopg.Cursor, name)

        def ask(cursor: Any, query: Any, *rest: Any, **how: Any) -> Any:
            asked.append(str(query))
            return whole(cursor, query, *rest, **how)

        return ask

    for name in ("execute", "executemany", "copy"):
        monkeypatch.setattr(psycopg.Cursor, name, counted(name))
    counts = []
    for first, number in ((0, 2), (2, 2), (4, 12)):
        pieces = [(f"http://radio.example/{n}", f"Word{n} " * 40 + "was all they said.") for n in range(first, first + number)]
        asked.clear()
        store_pieces(server, now, grouped=True, pieces=pieces)
        counts.append(len(asked))
    # The first group also fetches ids. Each article asks for its page by address, for an article of its identity, and, as it comes with its
    # capture, for the page's validators.
    assert counts[2] - counts[1] == 3 * 10


def test_what_waits_is_seen_by_whatever_reads_its_table(server: Database, now: datetime) -> None:
    with server.write(grouped=True) as session:
        made = add_row(session, IssueRow, issue("a", now))
        batch = batch_of(session)
        assert batch is not None and batch.waiting(_issues, made)
        assert run(session, _COUNT).scalar_one() == 1
        add_row(session, IssueRow, issue("b", now))
        assert session.scalar(_COUNT) == 2
        third = add_row(session, IssueRow, issue("c", now))
        found = session.get(IssueRow, third)
        assert found is not None and found.key == "c"
        change_row(session, IssueRow, _TOUCH, key=made, issue=made, message="changed")
        assert session.scalar(select(IssueRow.message).where(IssueRow.id == made)) == "changed"
        assert not batch.concerns(None)


def test_a_reading_of_other_tables_leaves_it_waiting(server: Database, now: datetime) -> None:
    with server.write(grouped=True) as session:
        made = add_row(session, IssueRow, issue("a", now))
        assert pages_with_body(session, sha256_hex(b""), "host") == 0
        batch = batch_of(session)
        assert batch is not None and batch.waiting(_issues, made)


def test_a_row_that_was_there_undoes_the_transaction(server: Database, now: datetime) -> None:
    with server.write() as session:
        add_row(session, IssueRow, issue("a", now))
    with pytest.raises(exc.IntegrityError), server.write(grouped=True) as session:
        assert add_new(session, IssueRow, issue("b", now)) is not None
        assert add_new(session, IssueRow, issue("a", now)) is not None
    with server.read() as session:
        assert session.scalars(select(IssueRow.key)).all() == ["a"]


def test_a_change_that_does_not_meet_its_row_undoes_the_transaction(server: Database, now: datetime) -> None:
    with pytest.raises(StaleBatchError), server.write(grouped=True) as session:
        add_row(session, IssueRow, issue("a", now))
        assert change_row(session, IssueRow, _TOUCH, key=-1, issue=-1, message="nobody's")
    with server.read() as session:
        assert session.scalar(_COUNT) == 0


def test_an_item_that_does_not_fit_is_refused_alone(server: Database, now: datetime) -> None:
    def add(session: Session, key: str) -> int | None:
        return add_new(session, IssueRow, issue(key, now))

    def touch(session: Session, number: int) -> bool:
        return change_row(session, IssueRow, _TOUCH, key=number, issue=number, message="nobody's")

    async def work() -> list[Any]:
        items: list[Any] = [partial(add, key=key) for key in ("a", "b", "a", "c")]
        return await asyncio.gather(*(writer.submit(item) for item in (*items, partial(touch, number=-1))))

    writer = Writer(server)
    writer.start()
    made = asyncio.run(work())
    writer.close()
    assert [bool(each) for each in made] == [True, True, False, True, False]
    with server.read() as session:
        assert sorted(session.scalars(select(IssueRow.key))) == ["a", "b", "c"]
