"""Articles and their revisions: what a page's text means for what is already known. Nothing is merged that could be two pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.dialects import add_missing, add_row, add_rows
from storage.extractions import record_extraction, sanitise_extraction
from storage.furniture import substance
from storage.identity import article_identity, canonical_url, clean_url, normalise_text, own_identity, page_key, sha256_hex
from storage.issues import record_issue
from storage.models import OUTLET_ID, AliasRow, ArticleRow, CaptureRow, ExtractionRow, PageRow, RevisionRow
from storage.near_duplicates import shingle_set
from storage.records import TRANSCRIPT, ArticleKind, ClaimedVisit, Extraction, Fingerprint, Outcome, Precision, PublishedTime
from storage.sanitise import sanitise_url
from storage.times import believe, better

__all__ = ["ArticleChange", "mark_gone", "record_article", "record_extraction"]

FLIP_WINDOW = timedelta(hours=1)
"""A text that was current this recently and is served again is a flip: caches and tests of two headlines do that."""
MAX_FLIPS = 1
"""A publisher may take an edit back once within the window."""
SAME_PIECE = 0.5
"""Share of the shorter text's shingles that must be in the longer one when only a declared address says they are one article."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sighted:
    """One reading of one page, ready to be compared."""

    outlet: Outlet
    url: str
    """The address that answered."""
    asked_url: str
    declared_url: str
    """What the page says its address is; may be empty or false."""
    primary_url: str
    """The address by which the article is known, as far as this reading says."""
    capture_id: int
    captured_at: datetime
    extraction_id: int
    extraction: Extraction
    normal_sha256: str
    published: PublishedTime
    now: datetime


def record_article(
    session: Session,
    *,
    outlet: Outlet,
    visit: ClaimedVisit,
    capture_id: int,
    extraction_id: int,
    extraction: Extraction,
    fingerprint: Fingerprint,
    urls: Sequence[str],
    now: datetime,
) -> ArticleChange:
    """Store an article, or what changed of it.

    ``urls`` are the page's addresses in order of trust; the one that answered is the capture's and the one that was asked for the
    visit's, so only a declared one (``extraction.canonical_url``, ``og:url``) adds to these.
    Idempotent: the same reading again is UNCHANGED or ALIAS.

    - The first sight of an identity is STORED.
    - At the article's own address another headline or text (after normalisation) is REVISED; anything less is UNCHANGED.
    - At another address it is ALIAS and never a revision: AMP forms and mirrors often lack paragraphs.
    - Where only a declared address claims that two pages are one, and their texts disagree, they stay two (with an Issue).
    """
    capture = session.execute(select(CaptureRow.final_url, CaptureRow.fetched_at).where(CaptureRow.id == capture_id)).one()
    answered = capture.final_url
    # As record_extraction did it: a file imported by hand may be years old.
    extraction = sanitise_extraction(extraction, capture.fetched_at)
    fetched = [answered, visit.url]
    declared = extraction.canonical_url or next((url for url in map(sanitise_url, urls) if url and url not in fetched), "")
    space, identity = article_identity(outlet, declared, *fetched, declared=declared)
    sighted = _Sighted(
        outlet=outlet,
        url=answered,
        asked_url=visit.url,
        declared_url=declared,
        primary_url=_primary_url(outlet, answered, declared, identity),
        capture_id=capture_id,
        captured_at=capture.fetched_at,
        extraction_id=extraction_id,
        extraction=extraction,
        normal_sha256=normal_digest(extraction),
        published=_published(extraction, visit, now),
        now=now,
    )
    own = own_identity(outlet, answered)
    if identity != own and not _is_publishers(identity) and _find(session, space, own) is not None:
        # This page was found to be an article of its own before.
        identity = own
    row = _find(session, space, identity)
    if row is not None and identity != own and not _is_publishers(identity) and not _is_same_piece(session, row, sighted):
        message = f"{sighted.url} declares the address of {row.key}, but its text is another"
        record_issue(
            session,
            key=f"canonical:{page_key(sighted.url, outlet)}",
            kind="canonical_conflict",
            outlet_id=outlet.id,
            message=message,
            now=now,
        )
        identity = own
        row = _find(session, space, own)
    if row is None:
        made = _store(session, sighted, space, identity)
        if made is not None:
            return made
        # Another process stored it between our look and our insert, or its outlet has joined a family since.
        row = _find(session, space, identity) or _find_by_key(session, _key(outlet, identity))
        row.identity_space = space[:OUTLET_ID]
    return _compare(session, row, sighted)


def normal_digest(extraction: Extraction) -> str:
    """Equal for two readings whose headline and text differ in nothing that makes a revision."""
    return _digest(extraction.title, extraction.text)


def _digest(title: str, text: str) -> str:
    return sha256_hex(f"{normalise_text(substance(title))}\n{normalise_text(substance(text))}".encode("utf-8", "replace"))


def with_transcript(session: Session, outlet: Outlet, url: str, transcript: Extraction) -> Extraction:
    """A transcript together with what the publisher's page of the video says; the transcript alone where no such article is stored.

    Once more for the same video replaces an earlier transcript.
    """
    space, identity = article_identity(outlet, url)
    page = session.execute(
        select(ExtractionRow)
        .join(RevisionRow, RevisionRow.capture_id == ExtractionRow.capture_id)
        .join(ArticleRow, ArticleRow.current_revision_id == RevisionRow.id)
        .where(ArticleRow.identity_space == space, ArticleRow.identity == identity, ExtractionRow.extractor != TRANSCRIPT)
        .order_by(ExtractionRow.id.desc())
    ).scalar()
    if page is None:
        return transcript
    return replace(
        transcript,
        kind=ArticleKind(page.kind),
        title=page.title or transcript.title,
        text="\n".join(part for part in (page.text, transcript.text) if part),
        description=page.description,
        authors=tuple(page.authors),
        language=page.language or transcript.language,
        canonical_url=page.canonical_url,
        image_url=page.image_url,
        site_name=page.site_name,
        duration_s=page.duration_s,
        links=tuple(page.links),
    )


def mark_gone(session: Session, page_id: int, now: datetime) -> str | None:
    """Note that a page answers "gone"; the key of the article whose own address it is, None for an alias or an unknown page.

    The article's revisions stay.
    """
    page = session.get(PageRow, page_id, with_for_update=True)
    if page is None:
        return None
    page.gone_at = page.gone_at or now
    session.flush()
    is_alias = session.scalar(select(AliasRow.id).where(AliasRow.url_sha256 == sha256_hex(page.url.encode())))
    if page.article_id is None or is_alias is not None:
        return None
    article = session.get_one(ArticleRow, page.article_id)
    article.gone_at = article.gone_at or now
    session.flush()
    return article.key


def _find(session: Session, space: str, identity: str) -> ArticleRow | None:
    statement = select(ArticleRow).where(ArticleRow.identity_space == space, ArticleRow.identity == identity)
    return session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _find_by_key(session: Session, key: str) -> ArticleRow:
    return session.scalars(select(ArticleRow).where(ArticleRow.key == key).with_for_update()).one()


def _key(outlet: Outlet, identity: str) -> str:
    return f"{outlet.id}:{identity}"


def _store(session: Session, sighted: _Sighted, space: str, identity: str) -> ArticleChange | None:
    extraction, published = sighted.extraction, sighted.published
    key = _key(sighted.outlet, identity)
    values = {
        "key": key,
        "outlet_id": sighted.outlet.id[:OUTLET_ID],
        "identity_space": space[:OUTLET_ID],
        "identity": identity,
        "url": sighted.primary_url,
        "kind": extraction.kind,
        "language": extraction.language or sighted.outlet.language,
        "published_at": published.at,
        "published_precision": published.precision,
        "published_source": published.source,
        "published_raw": published.raw,
        "first_seen_at": sighted.now,
        "last_checked_at": sighted.now,
        "pending_match": True,
    }
    article_id = add_missing(session, ArticleRow, values)
    if article_id is None:
        return None
    revision_id = _add_revision(session, article_id, sighted, 1)
    session.execute(update(ArticleRow).where(ArticleRow.id == article_id).values(current_revision_id=revision_id))
    _note_aliases(session, article_id, sighted.primary_url, sighted)
    return ArticleChange(article_id=article_id, key=key, outcome=Outcome.STORED, revision=1, text_changed=True)


def _compare(session: Session, article: ArticleRow, sighted: _Sighted) -> ArticleChange:
    current = session.scalars(select(RevisionRow).where(RevisionRow.id == article.current_revision_id)).one()
    _note_aliases(session, article.id, article.url, sighted)
    article.last_checked_at = sighted.now
    own_key = page_key(article.url, sighted.outlet)
    is_own = _is_own_address(own_key, sighted.outlet, sighted.asked_url, sighted.url, sighted.declared_url)
    asked_own = page_key(sighted.asked_url, sighted.outlet) == own_key
    quiet = Outcome.UNCHANGED if asked_own else Outcome.ALIAS
    if is_own:
        article.gone_at = None
        _take_dates(article, sighted)
    if sighted.extraction.extractor == TRANSCRIPT:
        # What a video says, attached by hand: the publisher's page is as it was, only more of it can be read.
        current.extraction_id = sighted.extraction_id
        _take_extraction(article, sighted)
        return _change(session, article, quiet, current.number, text_changed=True)
    if current.normal_sha256 == sighted.normal_sha256 or not is_own:
        return _change(session, article, quiet, current.number)
    if not _is_from_own_address(session, current, own_key, sighted.outlet):
        if not _is_same_piece(session, article, sighted):
            _look_again(session, current.capture_id, sighted.now)
        # Until now the text came from another address of the article: this is the same edition, read better.
        current.capture_id, current.extraction_id = sighted.capture_id, sighted.extraction_id
        current.normal_sha256 = sighted.normal_sha256
        _take_extraction(article, sighted)
        return _change(session, article, quiet, current.number, text_changed=True)
    if _is_same_bytes(session, current, sighted):
        # Only our own rules changed since: the revision takes the new reading, the publisher changed nothing.
        current.extraction_id, current.normal_sha256 = sighted.extraction_id, sighted.normal_sha256
        _take_extraction(article, sighted)
        return _change(session, article, quiet, current.number, text_changed=True)
    if _is_by_other_rules(session, current, sighted.normal_sha256):
        current.normal_sha256 = sighted.normal_sha256
        return _change(session, article, quiet, current.number)
    if sighted.captured_at < current.captured_at:
        return _add_earlier(session, article, sighted, quiet, current.number)
    if _is_flipping(session, article, sighted):
        message = f"{article.key} alternates between texts it had within the last hour; no further revision was made"
        record_issue(
            session, key=f"flipping:{article.key}", kind="flipping_text", outlet_id=article.outlet_id, message=message, now=sighted.now
        )
        return _change(session, article, quiet, current.number)
    number = _last_number(session, article.id) + 1
    article.current_revision_id = _add_revision(session, article.id, sighted, number)
    _take_extraction(article, sighted)
    return _change(session, article, Outcome.REVISED, number, text_changed=True)


def _add_earlier(session: Session, article: ArticleRow, sighted: _Sighted, quiet: Outcome, current: int) -> ArticleChange:
    """A version from before the current one (an import, an archive). It joins the history and does not become current.

    It gets the next number all the same: numbers are printed in dossiers and never change their meaning; times tell the order.
    """
    known = select(RevisionRow.number).where(RevisionRow.article_id == article.id, RevisionRow.normal_sha256 == sighted.normal_sha256)
    if session.scalar(known) is not None:
        return _change(session, article, quiet, current)
    _add_revision(session, article.id, sighted, _last_number(session, article.id) + 1)
    return _change(session, article, Outcome.REVISED, current)


def _last_number(session: Session, article_id: int) -> int:
    return session.scalars(select(func.max(RevisionRow.number)).where(RevisionRow.article_id == article_id)).one()


def _change(session: Session, article: ArticleRow, outcome: Outcome, revision: int, *, text_changed: bool = False) -> ArticleChange:
    session.flush()
    return ArticleChange(article_id=article.id, key=article.key, outcome=outcome, revision=revision, text_changed=text_changed)


def _add_revision(session: Session, article_id: int, sighted: _Sighted, number: int) -> int:
    values = {
        "article_id": article_id,
        "number": number,
        "capture_id": sighted.capture_id,
        "extraction_id": sighted.extraction_id,
        "normal_sha256": sighted.normal_sha256,
        "captured_at": sighted.captured_at,
    }
    return add_row(session, RevisionRow, values)


def _take_extraction(article: ArticleRow, sighted: _Sighted) -> None:
    article.kind = sighted.extraction.kind
    article.language = sighted.extraction.language or sighted.outlet.language
    article.pending_match = True
    _take_dates(article, sighted)


def _take_dates(article: ArticleRow, sighted: _Sighted) -> None:
    """Keep the finer date: a later version of a page often says less. Of two equally fine ones the newer reading counts."""
    stored = PublishedTime(
        at=article.published_at, precision=Precision(article.published_precision) if article.published_precision else None
    )
    if better(sighted.published, stored) is stored:
        return
    article.published_at = sighted.published.at
    article.published_precision = sighted.published.precision
    article.published_source = sighted.published.source
    article.published_raw = sighted.published.raw or article.published_raw


def _published(extraction: Extraction, visit: ClaimedVisit, now: datetime) -> PublishedTime:
    announced = believe(visit.entry.published, now) if visit.entry is not None else PublishedTime()
    found = better(extraction.published, announced)
    # An unbelievable date is kept as the publisher wrote it.
    return found if found.at is not None or found.raw is not None else announced


def _primary_url(outlet: Outlet, fetched: str, declared: str, identity: str) -> str:
    """The declared address where it names this very article, else the canonical form of the one that answered."""
    try:
        if declared and identity in (article_identity(outlet, declared)[1], own_identity(outlet, declared)):
            return clean_url(declared, outlet)
    except ValueError:
        pass
    return canonical_url(fetched, outlet)


def _is_publishers(identity: str) -> bool:
    return not identity.startswith("u-")


def _note_aliases(session: Session, article_id: int, own_url: str, sighted: _Sighted) -> None:
    """Keep the other addresses at which the article was met. Tracking parameters and http/https make none."""
    own_key = page_key(own_url, sighted.outlet)
    for url in {sighted.url, sighted.asked_url}:
        if page_key(url, sighted.outlet) != own_key:
            clean = clean_url(url, sighted.outlet)
            values = {"article_id": article_id, "url": clean, "url_sha256": sha256_hex(clean.encode()), "first_seen_at": sighted.now}
            add_rows(session, AliasRow, [values], missing_only=True)


def _is_own_address(article_key: str, outlet: Outlet, asked: str, answered: str, declared: str) -> bool:
    """Whether a reading is of the article's own page: asked for or answered at its address, or at one that calls itself canonical.

    A publisher who renames an address often keeps both; an AMP form or a mirror never calls itself canonical.
    """
    answered_key = page_key(answered, outlet)
    if article_key in (answered_key, page_key(asked, outlet)):
        return True
    try:
        return bool(declared) and page_key(declared, outlet) == answered_key
    except ValueError:
        return False


def _is_from_own_address(session: Session, revision: RevisionRow, own_key: str, outlet: Outlet) -> bool:
    """Whether the revision's text was read at the article's own address."""
    statement = select(CaptureRow.requested_url, CaptureRow.final_url, ExtractionRow.canonical_url)
    statement = statement.join(ExtractionRow, ExtractionRow.id == revision.extraction_id).where(CaptureRow.id == revision.capture_id)
    asked, answered, declared = session.execute(statement).one()
    return _is_own_address(own_key, outlet, asked, answered, declared)


def _look_again(session: Session, capture_id: int, now: datetime) -> None:
    """The page of this capture called itself by another's address, and that one now turns out to hold another piece: it has to be read
    once more, whole, to become an article of its own."""
    page_id = select(CaptureRow.page_id).where(CaptureRow.id == capture_id).scalar_subquery()
    session.execute(update(PageRow).where(PageRow.id == page_id).values(next_due_at=now, etag="", last_modified=""))


def _is_same_bytes(session: Session, current: RevisionRow, sighted: _Sighted) -> bool:
    statement = select(CaptureRow.body_sha256).where(CaptureRow.id.in_((current.capture_id, sighted.capture_id)))
    found = session.scalars(statement).all()
    return current.capture_id == sighted.capture_id or (len(found) == 2 and found[0] == found[1])


def _is_by_other_rules(session: Session, revision: RevisionRow, digest: str) -> bool:
    """Whether the revision's digest differs from this one only because an earlier version of ours told trivial edits by other rules."""
    statement = select(ExtractionRow.title, ExtractionRow.text).where(ExtractionRow.id == revision.extraction_id)
    title, text = session.execute(statement).one()
    return _digest(title, text) == digest


def _is_flipping(session: Session, article: ArticleRow, sighted: _Sighted) -> bool:
    """Whether this text was current within the last hour and the article has already gone back to an earlier text since."""
    statement = select(RevisionRow.normal_sha256, RevisionRow.captured_at).where(RevisionRow.article_id == article.id)
    revisions = session.execute(statement.order_by(RevisionRow.number)).all()
    recent = [row for row in revisions if row.captured_at >= sighted.now - FLIP_WINDOW]
    if sighted.normal_sha256 not in {row.normal_sha256 for row in recent}:
        return False
    seen: set[str] = set()
    flips = 0
    for row in recent:
        flips += row.normal_sha256 in seen
        seen.add(row.normal_sha256)
    return flips >= MAX_FLIPS


def _is_same_piece(session: Session, article: ArticleRow, sighted: _Sighted) -> bool:
    """Whether the text under a merely declared address is that article's: equal, or one mostly inside the other."""
    found = session.execute(
        select(RevisionRow.normal_sha256, ExtractionRow.title, ExtractionRow.text)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .where(RevisionRow.id == article.current_revision_id)
    ).one()
    if found.normal_sha256 == sighted.normal_sha256:
        return True
    theirs, ours = shingle_set(found.text), shingle_set(sighted.extraction.text)
    if not theirs or not ours:
        return normalise_text(found.title) == normalise_text(sighted.extraction.title)
    return len(theirs & ours) / min(len(theirs), len(ours)) >= SAME_PIECE
