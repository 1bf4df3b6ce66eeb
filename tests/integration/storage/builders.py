"""Small outlets, pages and articles, and a writer that does what the crawl's does, in its order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.articles import ArticleChange, record_article, record_extraction
from storage.captures import record_capture
from storage.clusters import record_copies
from storage.copies import copies_among
from storage.database import Database
from storage.models import ArticleRow
from storage.near_duplicates import fingerprint
from storage.outlets import sync_outlets
from storage.pages import attach_capture, claim_visits, finish_visit, plan_visit, record_page
from storage.records import Capture, ClaimedVisit, CopyPair, Extraction, Outcome, PageClass, PageKind, PublishedTime, VisitResult
from storage.runs import open_run
from storage.search_index import index_article

LEASE_S = 60.0


def make_outlet(name: str = "radio", language: str = "en", **fields: Any) -> Outlet:
    """``radio`` lives on http://radio.example/ and has one feed."""
    return Outlet.model_validate(
        {
            "id": name,
            "name": name.title(),
            "language": language,
            "owner": name,
            "homepage": f"http://{name}.example/",
            "domains": [f"{name}.example"],
            "endpoints": [{"url": f"http://{name}.example/feed.xml", "status": "verified"}],
            **fields,
        }
    )


def make_extraction(title: str, text: str, language: str = "en", **fields: Any) -> Extraction:
    return Extraction(
        extractor="test",
        extractor_version="1",
        rules_version="1",
        page_class=PageClass.ARTICLE,
        title=title,
        text=text,
        language=language,
        **fields,
    )


def start_run(session: Session, outlets: list[Outlet], now: datetime, holder: str = "host:1") -> int:
    sync_outlets(session, outlets, now)
    return open_run(session, kind="crawl", outlets=[outlet.id for outlet in outlets], request={}, holder=holder, user_agent="test", now=now)


@dataclass(frozen=True)
class Written:
    change: ArticleChange
    copies: tuple[CopyPair, ...]
    visit: ClaimedVisit


class Writer:
    """Plans, claims, stores and finishes one page at a time."""

    def __init__(self, database: Database, outlets: list[Outlet], now: datetime) -> None:
        self.database = database
        self.outlets = {outlet.id: outlet for outlet in outlets}
        with database.write() as session:
            self.run_id = start_run(session, outlets, now)

    def write(
        self,
        url: str,
        extraction: Extraction,
        now: datetime,
        *,
        outlet: str = "radio",
        final_url: str | None = None,
        body: bytes | None = None,
        rules_version: str = "1",
    ) -> Written:
        """Fetch ``url`` in thought; ``body`` defaults to bytes that differ with the text."""
        card = self.outlets[outlet]
        extraction = replace(extraction, rules_version=rules_version)
        with self.database.write() as session:
            page_id = record_page(session, url=url, outlet=card, kind=PageKind.ARTICLE, now=now)
            plan_visit(session, page_id, reason="asked", priority=1.0, now=now)
            [visit] = claim_visits(session, self.run_id, outlet_ids=[outlet], limit=1, lease_s=LEASE_S, now=now)
        capture = Capture(
            requested_url=visit.url,
            final_url=final_url or visit.url,
            status=200,
            body=body if body is not None else f"<h1>{extraction.title}</h1>{extraction.text}".encode("utf-8", "replace"),
            fetched_at=now,
        )
        with self.database.write() as session:
            capture_id = record_capture(session, capture, page_id=visit.page_id, run_id=self.run_id)
            attach_capture(session, visit.visit_id, capture_id)
        print_ = fingerprint(extraction.title, extraction.text, extraction.language)
        with self.database.write() as session:
            extraction_id = record_extraction(session, capture_id, extraction)
            change = record_article(
                session,
                outlet=card,
                visit=visit,
                capture_id=capture_id,
                extraction_id=extraction_id,
                extraction=extraction,
                fingerprint=print_,
                urls=[extraction.canonical_url, capture.final_url, visit.url],
                now=now,
            )
            copies: tuple[CopyPair, ...] = ()
            if change.text_changed:
                index_article(session, change.article_id, print_.title_lemmas, print_.body_lemmas, print_.lemmatiser)
                copies = record_copies(session, change.article_id, fingerprint=print_, now=now)
            result = VisitResult(visit=visit, finished_at=now, status=200, extraction=extraction)
            done = finish_visit(
                session,
                result,
                run_id=self.run_id,
                outcome=change.outcome,
                detail="",
                capture_id=capture_id,
                article_id=change.article_id,
                next_due_at=now + timedelta(hours=1),
                now=now,
            )
            assert done
        return Written(change, copies, visit)


def published(at: datetime | None, **fields: Any) -> PublishedTime:
    return PublishedTime(at=at, source="json-ld", **fields)


def finish(session: Session, visit: ClaimedVisit, run_id: int, outcome: Outcome, now: datetime, **fields: Any) -> bool:
    """Finish a visit without a capture."""
    return finish_visit(
        session,
        VisitResult(visit=visit, finished_at=now, **fields),
        run_id=run_id,
        outcome=outcome,
        detail="",
        capture_id=None,
        article_id=None,
        next_due_at=None,
        now=now,
    )


def all_copies(session: Session) -> list[CopyPair]:
    return copies_among(session, session.scalars(select(ArticleRow.id)).all())
