"""Articles and their identity: which page's text is which piece. Nothing is merged that could be two pieces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.batches import batch_of, waits
from storage.dialects import add_new, run, run_past, table_of
from storage.extractions import record_extraction, sanitise_extraction
from storage.identity import article_identity, own_identity, page_key, sha256_hex
from storage.issues import record_issue
from storage.models import OUTLET_ID, AliasRow, ArticleRow, CaptureRow, ExtractionRow, PageRow, RevisionRow
from storage.readings import Reading, primary_url, publication_time
from storage.records import TRANSCRIPT, ArticleKind, Capture, ClaimedVisit, Extraction, Fingerprint, Outcome
from storage.revisions import ArticleChange, add_revision, compare_reading, is_piece_of, note_aliases, set_article
from storage.sanitise import sanitise_url

__all__ = ["ArticleChange", "mark_gone", "record_article", "record_extraction", "with_transcript"]

_articles, _captures, _pages, _aliases = (table_of(row) for row in (ArticleRow, CaptureRow, PageRow, AliasRow))
_ANSWERED = select(_captures.c.final_url, _captures.c.fetched_at).where(_captures.c.id == bindparam("capture"))
_BY_IDENTITY = (
    select(_articles)
    .where(_articles.c.identity_space == bindparam("space"), _articles.c.identity == bindparam("identity"))
    .with_for_update()
)
_PAGE = select(_pages.c.url, _pages.c.article_id).where(_pages.c.id == bindparam("page")).with_for_update()
_ALIAS = select(_aliases.c.id).where(_aliases.c.url_sha256 == bindparam("sha256"))
# Gone since the first time it was found gone.
_PAGE_GONE = (
    update(_pages)
    .where(_pages.c.id == bindparam("page"))
    .values(gone_at=func.coalesce(_pages.c.gone_at, bindparam("at", type_=_pages.c.gone_at.type)))
)
_ARTICLE_GONE = (
    update(_articles)
    .where(_articles.c.id == bindparam("article"))
    .values(gone_at=func.coalesce(_articles.c.gone_at, bindparam("at", type_=_articles.c.gone_at.type)))
    .returning(_articles.c.key)
)
_BY_KEY = select(_articles).where(_articles.c.key == bindparam("key")).with_for_update()


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
    capture: Capture | None = None,
) -> ArticleChange:
    """Store an article, or what changed of it.

    ``urls`` are the page's addresses in order of trust; the one that answered is the capture's and the one that was asked for the
    visit's, so only a declared one (``extraction.canonical_url``, ``og:url``) adds to these. ``fingerprint`` is that of
    ``extraction``; ``capture`` is the recorded one, where the caller has it.
    Idempotent: the same reading again is UNCHANGED or ALIAS.

    - The first sight of an identity is STORED.
    - At the article's own address another headline or text (after normalisation) is REVISED; anything less is UNCHANGED.
    - At another address it is ALIAS and never a revision: AMP forms and mirrors often lack paragraphs.
    - Where only a declared address claims that two pages are one, and their texts disagree, they stay two (with an Issue).
    """
    if capture is not None:
        answered, fetched_at = sanitise_url(capture.final_url), capture.fetched_at
    else:
        answered, fetched_at = run(session, _ANSWERED, capture=capture_id).one()
    # As record_extraction did it: a file imported by hand may be years old.
    extraction = sanitise_extraction(extraction, fetched_at)
    fetched = [answered, visit.url]
    declared = extraction.canonical_url or next((url for url in map(sanitise_url, urls) if url and url not in fetched), "")
    space, identity = article_identity(outlet, declared, *fetched, declared=declared)
    reading = Reading(
        outlet=outlet,
        url=answered,
        asked_url=visit.url,
        declared_url=declared,
        primary_url=primary_url(outlet, answered, declared, identity),
        capture_id=capture_id,
        captured_at=fetched_at,
        extraction_id=extraction_id,
        extraction=extraction,
        normal_sha256=fingerprint.normal_sha256,
        published=publication_time(extraction, visit, now),
        now=now,
    )
    own = own_identity(outlet, answered)
    if identity != own and not _is_publishers(identity) and _find(session, space, own) is not None:
        # This page was found to be an article of its own before.
        identity = own
    row = _find(session, space, identity)
    if row is not None and identity != own and not _is_publishers(identity) and not is_piece_of(session, row, reading):
        message = f"{reading.url} declares the address of {row.key}, but its text is another"
        record_issue(
            session,
            key=f"canonical:{page_key(reading.url, outlet)}",
            kind="canonical_conflict",
            outlet_id=outlet.id,
            message=message,
            now=now,
        )
        identity = own
        row = _find(session, space, own)
    if row is None:
        made = _store(session, reading, space, identity)
        if made is not None:
            return made
        # Another process stored it between our look and our insert, or its outlet has joined a family since.
        row = _find(session, space, identity) or run(session, _BY_KEY, key=_key(outlet, identity)).one()
        if row.identity_space != space[:OUTLET_ID]:
            set_article(session, row.id, identity_space=space[:OUTLET_ID])
    return compare_reading(session, row, reading)


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
    page = run(session, _PAGE, page=page_id).one_or_none()
    if page is None:
        return None
    run(session, _PAGE_GONE, page=page_id, at=now)
    is_alias = run(session, _ALIAS, sha256=sha256_hex(page.url.encode())).first() is not None
    if page.article_id is None or is_alias:
        return None
    key: str = run(session, _ARTICLE_GONE, article=page.article_id, at=now).scalar_one()
    return key


def _find(session: Session, space: str, identity: str) -> Row[*tuple[Any, ...]] | None:
    ask = run if waits(session, _articles, (space, identity)) else run_past
    found: Row[*tuple[Any, ...]] | None = ask(session, _BY_IDENTITY, space=space, identity=identity).one_or_none()
    return found


def _key(outlet: Outlet, identity: str) -> str:
    return f"{outlet.id}:{identity}"


def _store(session: Session, reading: Reading, space: str, identity: str) -> ArticleChange | None:
    extraction, published = reading.extraction, reading.published
    key = _key(reading.outlet, identity)
    values = {
        "key": key,
        "outlet_id": reading.outlet.id[:OUTLET_ID],
        "identity_space": space[:OUTLET_ID],
        "identity": identity,
        "url": reading.primary_url,
        "kind": extraction.kind,
        "language": reading.language,
        "published_at": published.at,
        "published_precision": published.precision,
        "published_source": published.source,
        "published_raw": published.raw,
        "first_seen_at": reading.now,
        "last_checked_at": reading.now,
        "pending_match": True,
    }
    article_id = add_new(session, ArticleRow, values, keys=[(space, identity)])
    if article_id is None:
        return None
    revision_id = add_revision(session, article_id, reading, 1)
    batch = batch_of(session)
    if batch is not None and (row := batch.waiting(_articles, article_id)) is not None:
        row["current_revision_id"] = revision_id
    else:
        set_article(session, article_id, current_revision_id=revision_id)
    note_aliases(session, article_id, reading.primary_url, reading)
    return ArticleChange(article_id=article_id, key=key, outcome=Outcome.STORED, revision=1, text_changed=True)


def _is_publishers(identity: str) -> bool:
    return not identity.startswith("u-")
