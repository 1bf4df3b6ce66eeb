"""An article forgotten: every row and byte that says what it said, or where it was. What stays is what the ledger's sums need, nameless."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, ColumnElement, delete, func, or_, select, text, update
from sqlalchemy.orm import Session

from storage.captures import drop_body
from storage.clusters import forget_copies
from storage.database import Database
from storage.dialects import affected, is_postgresql
from storage.dossiers import drop_dossiers
from storage.engines import file_of, parse_database_url
from storage.errors import NotFoundError
from storage.models import (
    OPEN,
    AliasRow,
    ArticleRow,
    Base,
    CaptureRow,
    DerivationRow,
    ExtractionRow,
    IssueRow,
    PageRow,
    QuarantineRow,
    ReportRow,
    RevisionRow,
    RunRow,
    SightingRow,
    VectorBlockRow,
    VisitRow,
)
from storage.records import Outcome
from storage.sanitise import sanitise_line
from storage.search_index import unindex_article
from storage.tombstones import article_mark, bury, page_mark

_KEPT_TABLES = frozenset({"articles", "revisions", "pages", "visits"})
"""Tables that name articles and are treated one by one below. All others lose their rows of the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What was erased, in numbers only."""

    pages: int
    revisions: int
    captures: int
    vector_blocks: int
    """Blocks of vectors dropped whole: they hold texts by hash, and are made again for what is still there."""


def forget_article(session: Session, key: str, *, note: str, now: datetime) -> Erased:
    """Erase an article: text, revisions, captures, index, vectors, matches, judgements, sightings, quarantine, addresses.

    Its pages and visits stay as rows without a name, since the ledger's sums count them. ``clean_up`` afterwards takes the bytes
    out of the file. Backups and dossiers made before are the operator's to erase.

    Raises: NotFoundError.
    """
    article = session.scalars(select(ArticleRow).where(ArticleRow.key == key).with_for_update()).one_or_none()
    if article is None:
        raise NotFoundError("article", key)
    if not is_postgresql(session):
        session.execute(text("PRAGMA secure_delete = ON"))
    page_ids = _pages(session, article)
    capture_ids = set(session.scalars(select(RevisionRow.capture_id).where(RevisionRow.article_id == article.id)))
    capture_ids |= set(session.scalars(select(CaptureRow.id).where(CaptureRow.page_id.in_(page_ids))))
    urls = [article.url, *session.scalars(select(AliasRow.url).where(AliasRow.article_id == article.id))]
    urls += session.scalars(select(PageRow.url).where(PageRow.id.in_(page_ids)))
    blocks = _forget_vectors(session, article, capture_ids)
    _forget_issues(session, article, page_ids, urls)
    _forget_requests(session, urls)
    unindex_article(session, article.id)
    forget_copies(session, article.id)
    _unsettle(session, article.id)
    drop_dossiers(session)
    for table in reversed(Base.metadata.sorted_tables):
        for column in _naming(table.columns.values(), "articles.id"):
            if table.name not in _KEPT_TABLES:
                session.execute(table.delete().where(column == article.id))
    article.current_revision_id = None
    session.flush()
    revisions = affected(session, delete(RevisionRow).where(RevisionRow.article_id == article.id))
    marks = {article_mark(article.identity_space, article.identity)}
    _forget_pages(session, page_ids, marks, note=note, now=now)
    # A page that once held two pieces may have a response that is still another article's.
    others = set(session.scalars(select(RevisionRow.capture_id).where(RevisionRow.capture_id.in_(capture_ids))))
    for capture_id in sorted(capture_ids - others):
        erase_capture(session, capture_id)
    session.delete(article)
    session.flush()
    return Erased(pages=len(page_ids), revisions=revisions, captures=len(capture_ids), vector_blocks=blocks)


def forget_page(session: Session, page_id: int, *, now: datetime) -> None:
    """Erase a page that turned out to lead to an article that was forgotten before."""
    capture_ids = list(session.scalars(select(CaptureRow.id).where(CaptureRow.page_id == page_id)))
    _forget_pages(session, {page_id}, set(), note="leads to what was erased", now=now)
    for capture_id in capture_ids:
        erase_capture(session, capture_id)


def erase_capture(session: Session, capture_id: int) -> None:
    """Delete a response with its provenance, its readings, and its bytes unless another response has the same."""
    session.execute(update(VisitRow).where(VisitRow.capture_id == capture_id).values(capture_id=None))
    session.execute(delete(ExtractionRow).where(ExtractionRow.capture_id == capture_id))
    drop_body(session, capture_id)
    session.execute(delete(CaptureRow).where(CaptureRow.id == capture_id))


def clean_up(database: Database) -> None:
    """Take what was deleted out of the file: the index is rewritten, freed pages are blank, the write-ahead log is emptied.

    PostgreSQL keeps deleted rows until it is told ``VACUUM FULL``, which locks its tables, so that is left to the operator.
    """
    if database.dialect == "postgresql":
        return
    with database.write() as session:
        session.execute(text("PRAGMA secure_delete = ON"))
        session.execute(text("INSERT INTO search_index(search_index) VALUES ('optimize')"))
    with closing(sqlite3.connect(file_of(parse_database_url(database.url), database.url), timeout=30)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _pages(session: Session, article: ArticleRow) -> set[int]:
    """Pages of the article, and those under any of its addresses."""
    aliases = select(AliasRow.url).where(AliasRow.article_id == article.id)
    condition = or_(PageRow.article_id == article.id, PageRow.url == article.url, PageRow.url.in_(aliases))
    found = set(session.scalars(select(PageRow.id).where(condition)))
    read = select(CaptureRow.page_id).join(RevisionRow, RevisionRow.capture_id == CaptureRow.id)
    found |= set(session.scalars(read.where(RevisionRow.article_id == article.id)))
    return found | set(session.scalars(select(VisitRow.page_id).where(VisitRow.article_id == article.id)))


def _naming(columns: Collection[Column[object]], target: str) -> list[Column[object]]:
    return [column for column in columns if any(key.target_fullname == target for key in column.foreign_keys)]


def _forget_vectors(session: Session, article: ArticleRow, capture_ids: Collection[int]) -> int:
    """A vector cannot be older than the first sight of the text it stands for; one that is, stands for another text, too."""
    languages = set(session.scalars(select(ExtractionRow.language).where(ExtractionRow.capture_id.in_(capture_ids)))) | {article.language}
    chosen = VectorBlockRow.made_at >= article.first_seen_at, VectorBlockRow.language.in_(languages)
    dropped = affected(session, delete(VectorBlockRow).where(*chosen))
    if dropped:
        # A background of the user's own is known by vectors alone, and these may be among them: the bundled one takes its place.
        session.execute(update(ReportRow).where(ReportRow.background > 0).values(background=0))
    return dropped


def _forget_issues(session: Session, article: ArticleRow, page_ids: Collection[int], urls: Collection[str]) -> None:
    position = func.strpos if is_postgresql(session) else func.instr
    keys = [f"flipping:{article.key}", *(f"item:{page_id}" for page_id in page_ids)]
    named: list[ColumnElement[bool]] = [IssueRow.key.in_(keys)]
    named += [position(IssueRow.message, word) > 0 for word in {article.key, *urls}]
    session.execute(delete(IssueRow).where(or_(*named)).execution_options(synchronize_session=False))


def _forget_requests(session: Session, urls: Collection[str]) -> None:
    """Runs that were asked for the page by name."""
    for run in session.scalars(select(RunRow).where(RunRow.kind == "fetch")):
        asked = run.request.get("request", {}).get("urls") or []
        if any(url in urls for url in asked):
            kept = ["(forgotten)" if url in urls else url for url in asked]
            run.request = {**run.request, "request": {**run.request["request"], "urls": kept}}
    session.flush()


def _unsettle(session: Session, article_id: int) -> None:
    """Articles that rest on this one are compared anew."""
    resting = select(DerivationRow.article_id).where(DerivationRow.source_article_id == article_id)
    statement = update(ArticleRow).where(ArticleRow.id.in_(resting)).values(pending_match=True)
    session.execute(statement.execution_options(synchronize_session=False))


def _forget_pages(session: Session, page_ids: Collection[int], marks: set[str], *, note: str, now: datetime) -> None:
    pages = list(session.scalars(select(PageRow).where(PageRow.id.in_(page_ids))))
    digests = bury(session, {*marks, *(page_mark(page.url_sha256) for page in pages)}, note=sanitise_line(note, 200), now=now)
    visits = list(session.scalars(select(VisitRow.id).where(VisitRow.page_id.in_(page_ids))))
    session.execute(delete(QuarantineRow).where(QuarantineRow.visit_id.in_(visits)))
    session.execute(delete(SightingRow).where(or_(SightingRow.page_id.in_(page_ids), SightingRow.feed_page_id.in_(page_ids))))
    mine = VisitRow.page_id.in_(page_ids)
    session.execute(update(VisitRow).where(mine).values(detail="", hops=[], article_id=None))
    ended = {"state": "done", "outcome": Outcome.FORGOTTEN, "finished_at": now, "lease_until": None, "run_id": None}
    session.execute(update(VisitRow).where(OPEN, mine, VisitRow.state == "pending").values(**ended))
    for page in pages:
        digest = digests[page_mark(page.url_sha256)]
        page.url, page.url_sha256 = f"forgotten:{digest}", digest
        page.article_id = page.next_due_at = None
        page.etag = page.last_modified = ""
        page.body_sha256 = None
    session.flush()
