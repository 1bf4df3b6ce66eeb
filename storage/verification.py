"""Is what is stored still what was stored? Finds corruption, not tampering: whoever can write the bytes can write their hashes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import islice

from sqlalchemy import except_, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.captures import inflate
from storage.database import open_reader, quick_check
from storage.dialects import is_postgresql
from storage.engines import parse_database_url
from storage.identity import exact_sha256, sha256_hex
from storage.models import (
    ArticleRow,
    BandRow,
    CaptureBodyRow,
    CaptureRow,
    ExtractionRow,
    QuarantineRow,
    RevisionRow,
    RunRow,
    SearchRow,
    SignatureRow,
    VisitRow,
)
from storage.records import Outcome
from storage.seals import check_seals
from storage.search_tags import make_tags

SAFE_SQLITE = (3, 51, 3)
"""Older ones can, rarely, lose a committed transaction when a write-ahead log is reset while it is read (sqlite.org, WAL-reset)."""


def verify_database(url: str) -> list[str]:
    """Every fault found, one line each; empty when sound. Reads everything once.

    Raises: DatabaseUnusableError when it cannot even be opened.
    """
    with closing(open_reader(url)) as database:
        faults = quick_check(database)
        with database.read() as session:
            faults += _bodies(session)
            faults += _ledger(session)
            faults += check_seals(session)
            faults += _references(session)
            faults += _index(session)
            faults += _signatures(session)
    return faults


def sqlite_warning(url: str) -> str | None:
    """A remark, not a fault: this SQLite has the WAL-reset bug."""
    if parse_database_url(url).get_backend_name() == "sqlite" and sqlite3.sqlite_version_info < SAFE_SQLITE:
        return f"SQLite {sqlite3.sqlite_version} is older than 3.51.3, which mends a rare loss in write-ahead mode; upgrade when you can"
    return None


def _bodies(session: Session) -> list[str]:
    faults = []
    for row in session.scalars(select(CaptureBodyRow).order_by(CaptureBodyRow.sha256).execution_options(yield_per=50)):
        try:
            body = inflate(row.codec, row.bytes)
        except Exception as error:  # noqa: BLE001 - whatever the decompressor says of broken bytes is the finding
            faults.append(f"capture body {row.sha256} cannot be inflated: {error}")
            continue
        if sha256_hex(body) != row.sha256:
            faults.append(f"capture body {row.sha256} does not match its hash")
        session.expunge(row)
    return faults


def _ledger(session: Session) -> list[str]:
    """Per ended run: claimed = outcomes + released. Over all: every visit has an outcome of the closed list, or is open; none is held by
    a run that has ended, and none lies in quarantine that was read."""
    finished = dict(
        session.execute(
            select(VisitRow.run_id, func.count()).where(VisitRow.state == "done", VisitRow.run_id.is_not(None)).group_by(VisitRow.run_id)
        ).all()
    )
    faults = [
        f"run {row.id}: {row.claimed} visits claimed, {finished.get(row.id, 0)} with an outcome, {row.released} released"
        for row in session.scalars(select(RunRow).where(RunRow.state != "running").order_by(RunRow.id))
        if row.claimed != finished.get(row.id, 0) + row.released
    ]
    counted = session.execute(select(VisitRow.state, VisitRow.outcome, func.count()).group_by(VisitRow.state, VisitRow.outcome)).all()
    faults += [
        f"{count} visits are {state} with the outcome {outcome}"
        for state, outcome, count in counted
        if (state == "done" and outcome not in set(Outcome)) or (state != "done" and outcome is not None)
    ]
    ended = select(RunRow.id).where(RunRow.state != "running")
    held = session.scalar(select(func.count()).where(VisitRow.state == "claimed", VisitRow.run_id.in_(ended)))
    if held:
        faults.append(f"{held} visits are held by runs that have ended")
    kept = select(func.count()).select_from(QuarantineRow).join(VisitRow, VisitRow.id == QuarantineRow.visit_id)
    if read := session.scalar(kept.where(VisitRow.outcome.is_distinct_from(QuarantineRow.reason))):
        faults.append(f"{read} items lie in quarantine for another reason than their visit's outcome")
    return faults


def _references(session: Session) -> list[str]:
    """What the schema cannot forbid: articles without a text or with another's, bodies that nothing names, texts beside their hash."""
    faults = []
    for key in session.scalars(select(ArticleRow.key).where(ArticleRow.current_revision_id.is_(None)).order_by(ArticleRow.key)):
        faults.append(f"article {key} has no revision")
    foreign = select(ArticleRow.key).join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
    for key in session.scalars(foreign.where(RevisionRow.article_id != ArticleRow.id).order_by(ArticleRow.key)):
        faults.append(f"article {key} has a revision of another article")
    named = select(CaptureRow.body_sha256)
    for sha256 in session.scalars(select(CaptureBodyRow.sha256).where(CaptureBodyRow.sha256.not_in(named)).limit(20)):
        faults.append(f"capture body {sha256} belongs to no capture")
    for row in session.execute(select(ExtractionRow.id, ExtractionRow.text, ExtractionRow.text_sha256).execution_options(yield_per=100)):
        if exact_sha256(row.text) != row.text_sha256:
            faults.append(f"extraction {row.id}: its text does not match its hash")
    return faults


def _index(session: Session) -> list[str]:
    """Every article has its words in the full-text index, and the index has no others."""
    words = select(SearchRow.article_id)
    missing = session.scalars(select(ArticleRow.key).where(ArticleRow.id.not_in(words)).order_by(ArticleRow.key).limit(20)).all()
    faults = [f"article {key} is not in the full-text index" for key in missing]
    try:
        if is_postgresql(session):
            extra = session.scalars(text("SELECT article_id FROM search_lemmas EXCEPT SELECT article_id FROM search_index")).all()
            faults += [f"the words of article number {article_id} are not indexed" for article_id in extra[:20]]
        else:
            # FTS5's own "integrity-check" has the form of an INSERT, which a read-only connection refuses; its table of sizes does.
            indexed = session.scalar(text("SELECT count(*) FROM search_index_docsize"))
            stored = session.scalar(select(func.count()).select_from(SearchRow))
            if indexed != stored:
                faults.append(f"the full-text index holds {indexed} articles, {stored} have words")
        faults += _tags(session)
    except DBAPIError as error:
        faults.append(f"the full-text index cannot be read: {type(error.orig).__name__}")
    return faults


def _tags(session: Session) -> list[str]:
    """By its tags an article is found where a filter asks for its outlet, language, kind and time."""
    asked = select(ArticleRow.key, ArticleRow.outlet_id, ArticleRow.language, ArticleRow.kind, SearchRow.tags)
    asked = asked.add_columns(func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at).label("at"))
    rows = session.execute(asked.join(SearchRow, SearchRow.article_id == ArticleRow.id).execution_options(yield_per=1000))
    changed = (row.key for row in rows if row.tags != make_tags(outlet_id=row.outlet_id, language=row.language, kind=row.kind, at=row.at))
    return [f"article {key} has changed since its tags in the full-text index were written" for key in sorted(islice(changed, 20))]


def _signatures(session: Session) -> list[str]:
    """The hashes by which copies are found are those of signatures that are there: the schema does not check it row by row."""
    strays = except_(select(BandRow.article_id), select(SignatureRow.article_id)).subquery()
    return [f"hashes of article number {article_id} are of no signature" for article_id in session.scalars(select(strays).limit(20))]
