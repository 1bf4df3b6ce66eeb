"""What another reading of a known article means: a revision, an alias, an older version, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.dialects import add_row, add_rows, run, table_of
from storage.identity import clean_url, page_key, piece_sha256, sha256_hex
from storage.issues import record_issue
from storage.models import AliasRow, ArticleRow, CaptureRow, ExtractionRow, PageRow, RevisionRow
from storage.readings import Reading, is_own_address, is_same_piece
from storage.records import TRANSCRIPT, Outcome, Precision, PublishedTime
from storage.search_index import retag_article
from storage.times import better

FLIP_WINDOW = timedelta(hours=1)
"""A text that was current this recently and is served again is a flip: caches and tests of two headlines do that."""
MAX_FLIPS = 1
"""A publisher may take an edit back once within the window."""

_articles, _revisions, _captures = table_of(ArticleRow), table_of(RevisionRow), table_of(CaptureRow)
_extractions, _pages = table_of(ExtractionRow), table_of(PageRow)
_ARTICLE = update(_articles).where(_articles.c.id == bindparam("article"))
_REVISION = update(_revisions).where(_revisions.c.id == bindparam("revision"))
_CURRENT = select(_revisions).where(_revisions.c.id == bindparam("revision"))
_LAST_NUMBER = select(func.max(_revisions.c.number)).where(_revisions.c.article_id == bindparam("article"))
_HAD = select(_revisions.c.number).where(_revisions.c.article_id == bindparam("article"), _revisions.c.normal_sha256 == bindparam("digest"))
_TEXTS = (
    select(_revisions.c.normal_sha256, _revisions.c.captured_at)
    .where(_revisions.c.article_id == bindparam("article"))
    .order_by(_revisions.c.number)
)
_CURRENT_TEXT = (
    select(_revisions.c.normal_sha256, _extractions.c.title, _extractions.c.text)
    .join_from(_revisions, _extractions, _extractions.c.id == _revisions.c.extraction_id)
    .where(_revisions.c.id == bindparam("revision"))
)
_READ_AT = (
    select(_captures.c.requested_url, _captures.c.final_url, _extractions.c.canonical_url)
    .join_from(_captures, _extractions, _extractions.c.id == bindparam("extraction"))
    .where(_captures.c.id == bindparam("capture"))
)
_BODIES = select(_captures.c.body_sha256).where(_captures.c.id.in_((bindparam("first"), bindparam("second"))))
_LOOK_AGAIN = update(_pages).where(
    _pages.c.id == select(_captures.c.page_id).where(_captures.c.id == bindparam("capture")).scalar_subquery()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleChange:
    """What a page's text changed."""

    article_id: int
    key: str
    outcome: Outcome
    """STORED, REVISED, UNCHANGED or ALIAS."""
    revision: int
    """Number of the current revision."""
    text_changed: bool = False
    """Index and compare the article anew. True for STORED and REVISED, and when the text of an AMP form or mirror gives way to
    that of the article's own address, which is no revision."""


@dataclass(slots=True)
class _Known:
    """An article as it is stored, and the columns of it that change."""

    row: Row[*tuple[Any, ...]]
    changes: dict[str, Any] = field(default_factory=dict)

    def take_extraction(self, reading: Reading) -> None:
        self.changes |= {"kind": reading.extraction.kind, "language": reading.language, "pending_match": True}
        self.take_dates(reading)

    def take_dates(self, reading: Reading) -> None:
        """Keep the finer date: a later version of a page often says less. Of two equally fine ones the newer reading counts."""
        precision = self.row.published_precision
        stored = PublishedTime(at=self.row.published_at, precision=Precision(precision) if precision else None)
        if better(reading.published, stored) is stored:
            return
        self.changes |= {
            "published_at": reading.published.at,
            "published_precision": reading.published.precision,
            "published_source": reading.published.source,
            "published_raw": reading.published.raw or self.row.published_raw,
        }


def add_revision(session: Session, article_id: int, reading: Reading, number: int) -> int:
    """A revision that rests on this reading; its id."""
    values = {
        "article_id": article_id,
        "number": number,
        "capture_id": reading.capture_id,
        "extraction_id": reading.extraction_id,
        "normal_sha256": reading.normal_sha256,
        "captured_at": reading.captured_at,
    }
    return add_row(session, RevisionRow, values)


def set_article(session: Session, article_id: int, **values: Any) -> None:
    """Set columns of an article."""
    run(session, _ARTICLE, article=article_id, **values)


def note_aliases(session: Session, article_id: int, own_url: str, reading: Reading) -> None:
    """Keep the other addresses at which the article was met. Tracking parameters and http/https make none."""
    own_key = page_key(own_url, reading.outlet)
    for url in {reading.url, reading.asked_url}:
        if page_key(url, reading.outlet) != own_key:
            clean = clean_url(url, reading.outlet)
            values = {"article_id": article_id, "url": clean, "url_sha256": sha256_hex(clean.encode()), "first_seen_at": reading.now}
            add_rows(session, AliasRow, [values], missing_only=True)


def is_piece_of(session: Session, article: Row[*tuple[Any, ...]], reading: Reading) -> bool:
    """Whether the text under a merely declared address is that article's: equal, or one mostly inside the other."""
    found = run(session, _CURRENT_TEXT, revision=article.current_revision_id).one()
    return found.normal_sha256 == reading.normal_sha256 or is_same_piece(found.title, found.text, reading.extraction)


def compare_reading(session: Session, row: Row[*tuple[Any, ...]], reading: Reading) -> ArticleChange:
    """Compare a reading with the article it is of, locked by the caller, and store what changed."""
    article = _Known(row)
    change = _compare(session, article, reading)
    set_article(session, row.id, last_checked_at=reading.now, **article.changes)
    if not change.text_changed and article.changes.get("published_at", row.published_at) != row.published_at:
        retag_article(session, row.id)
    return change


def _compare(session: Session, article: _Known, reading: Reading) -> ArticleChange:
    row = article.row
    current = run(session, _CURRENT, revision=row.current_revision_id).one()
    note_aliases(session, row.id, row.url, reading)
    own_key = page_key(row.url, reading.outlet)
    is_own = is_own_address(own_key, reading.outlet, reading.asked_url, reading.url, reading.declared_url)
    asked_own = page_key(reading.asked_url, reading.outlet) == own_key
    quiet = Outcome.UNCHANGED if asked_own else Outcome.ALIAS
    if is_own:
        article.changes["gone_at"] = None
        article.take_dates(reading)
    if reading.extraction.extractor == TRANSCRIPT:
        # What a video says, attached by hand: the publisher's page is as it was, only more of it can be read.
        run(session, _REVISION, revision=current.id, extraction_id=reading.extraction_id)
        article.take_extraction(reading)
        return _change(row, quiet, current.number, text_changed=True)
    if current.normal_sha256 == reading.normal_sha256 or not is_own:
        return _change(row, quiet, current.number)
    if not _is_from_own_address(session, current, own_key, reading.outlet):
        if not is_piece_of(session, row, reading):
            _look_again(session, current.capture_id, reading.now)
        # Until now the text came from another address of the article: this is the same edition, read better.
        replaced = {"capture_id": reading.capture_id, "extraction_id": reading.extraction_id, "normal_sha256": reading.normal_sha256}
        run(session, _REVISION, revision=current.id, **replaced)
        article.take_extraction(reading)
        return _change(row, quiet, current.number, text_changed=True)
    if _is_same_bytes(session, current, reading):
        # Only our own rules changed since: the revision takes the new reading, the publisher changed nothing.
        run(session, _REVISION, revision=current.id, extraction_id=reading.extraction_id, normal_sha256=reading.normal_sha256)
        article.take_extraction(reading)
        return _change(row, quiet, current.number, text_changed=True)
    if _is_by_other_rules(session, row, reading.normal_sha256):
        run(session, _REVISION, revision=current.id, normal_sha256=reading.normal_sha256)
        return _change(row, quiet, current.number)
    if reading.captured_at < current.captured_at:
        return _add_earlier(session, row, reading, quiet, current.number)
    if _is_flipping(session, row.id, reading):
        message = f"{row.key} alternates between texts it had within the last hour; no further revision was made"
        record_issue(session, key=f"flipping:{row.key}", kind="flipping_text", outlet_id=row.outlet_id, message=message, now=reading.now)
        return _change(row, quiet, current.number)
    number = _last_number(session, row.id) + 1
    article.changes["current_revision_id"] = add_revision(session, row.id, reading, number)
    article.take_extraction(reading)
    return _change(row, Outcome.REVISED, number, text_changed=True)


def _add_earlier(session: Session, row: Row[*tuple[Any, ...]], reading: Reading, quiet: Outcome, current: int) -> ArticleChange:
    """A version from before the current one (an import, an archive). It joins the history and does not become current.

    It gets the next number all the same: numbers are printed in dossiers and never change their meaning; times tell the order.
    """
    if run(session, _HAD, article=row.id, digest=reading.normal_sha256).first() is not None:
        return _change(row, quiet, current)
    add_revision(session, row.id, reading, _last_number(session, row.id) + 1)
    return _change(row, Outcome.REVISED, current)


def _last_number(session: Session, article_id: int) -> int:
    number: int = run(session, _LAST_NUMBER, article=article_id).scalar_one()
    return number


def _change(row: Row[*tuple[Any, ...]], outcome: Outcome, revision: int, *, text_changed: bool = False) -> ArticleChange:
    return ArticleChange(article_id=row.id, key=row.key, outcome=outcome, revision=revision, text_changed=text_changed)


def _is_from_own_address(session: Session, revision: Row[*tuple[Any, ...]], own_key: str, outlet: Outlet) -> bool:
    """Whether the revision's text was read at the article's own address."""
    asked, answered, declared = run(session, _READ_AT, extraction=revision.extraction_id, capture=revision.capture_id).one()
    return is_own_address(own_key, outlet, asked, answered, declared)


def _look_again(session: Session, capture_id: int, now: datetime) -> None:
    """The page of this capture called itself by another's address, and that one now turns out to hold another piece: it has to be read
    once more, whole, to become an article of its own."""
    run(session, _LOOK_AGAIN, capture=capture_id, next_due_at=now, etag="", last_modified="")


def _is_same_bytes(session: Session, current: Row[*tuple[Any, ...]], reading: Reading) -> bool:
    if current.capture_id == reading.capture_id:
        return True
    found = run(session, _BODIES, first=current.capture_id, second=reading.capture_id).scalars()
    return len(found) == 2 and found[0] == found[1]


def _is_by_other_rules(session: Session, article: Row[*tuple[Any, ...]], digest: str) -> bool:
    """Whether the current digest differs from this one only because an earlier version of ours told trivial edits by other rules."""
    found = run(session, _CURRENT_TEXT, revision=article.current_revision_id).one()
    return piece_sha256(found.title, found.text) == digest


def _is_flipping(session: Session, article_id: int, reading: Reading) -> bool:
    """Whether this text was current within the last hour and the article has already gone back to an earlier text since."""
    revisions = run(session, _TEXTS, article=article_id).all()
    recent = [row for row in revisions if row.captured_at >= reading.now - FLIP_WINDOW]
    if reading.normal_sha256 not in {row.normal_sha256 for row in recent}:
        return False
    seen: set[str] = set()
    flips = 0
    for row in recent:
        flips += row.normal_sha256 in seen
        seen.add(row.normal_sha256)
    return flips >= MAX_FLIPS
