"""Named reads. They return records, never rows, in an order that is the same every time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.dialects import chunks
from storage.errors import NotFoundError
from storage.identity import page_key
from storage.models import (
    OPEN,
    AliasRow,
    ArticleRow,
    CaptureRow,
    ClusterMemberRow,
    CopyRow,
    ExtractionRow,
    IssueRow,
    OutletRow,
    PageRow,
    RelevanceRow,
    RevisionRow,
    RunRow,
    SightingRow,
    VisitRow,
)
from storage.records import ArticleKind, CopyKind, LiveEntry, Precision, PublishedTime, RevisionRecord, StoredArticle
from storage.reports import report_id
from storage.tombstones import find_buried, page_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRecord:
    """An outlet as its card said when it was last crawled."""

    id: str
    name: str
    language: str
    country: str
    owner: str
    family: str | None
    state_media: bool
    also_known_as: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRecord:
    """One finished visit."""

    url: str
    outcome: str
    detail: str
    status: int | None
    article: str | None


def load_article(session: Session, key: str) -> StoredArticle:
    """Raises: NotFoundError."""
    row = session.execute(_articles().where(ArticleRow.key == key)).one_or_none()
    if row is None:
        raise NotFoundError("article", key)
    return _article(row)


def load_articles(
    session: Session,
    ids: Sequence[int] | None = None,
    *,
    outlets: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    languages: Sequence[str] = (),
    kinds: Sequence[str] = (),
    report: str | None = None,
) -> Iterator[StoredArticle]:
    """Articles with their current revisions by internal id, streamed. ``since`` and ``until`` are times of publication, both included;
    ``report`` keeps those found relevant to it.

    Raises: NotFoundError for an unknown report.
    """
    statement = _articles().order_by(ArticleRow.id).execution_options(yield_per=100)
    if outlets:
        statement = statement.where(ArticleRow.outlet_id.in_(outlets))
    if since is not None:
        statement = statement.where(ArticleRow.published_at >= since)
    if until is not None:
        statement = statement.where(ArticleRow.published_at <= until)
    if languages:
        statement = statement.where(ArticleRow.language.in_(languages))
    if kinds:
        statement = statement.where(ArticleRow.kind.in_(kinds))
    if report is not None:
        related = select(RelevanceRow.article_id).where(RelevanceRow.report_id == report_id(session, report), RelevanceRow.related)
        statement = statement.where(ArticleRow.id.in_(related))
    if ids is None:
        yield from (_article(row) for row in session.execute(statement))
        return
    for part in chunks(sorted(set(ids))):
        yield from (_article(row) for row in session.execute(statement.where(ArticleRow.id.in_(part))))


def articles_seen(session: Session, until: datetime) -> dict[str, int]:
    """Outlet -> how many of its articles were first seen until then, of the outlets that have any."""
    seen = select(ArticleRow.outlet_id, func.count()).where(ArticleRow.first_seen_at <= until).group_by(ArticleRow.outlet_id)
    return {str(outlet_id): count for outlet_id, count in session.execute(seen)}


def history(session: Session, key: str) -> list[RevisionRecord]:
    """All revisions in the order of their captures, oldest first: a version that was found later has the higher number.

    Raises: NotFoundError.
    """
    article_id = session.scalar(select(ArticleRow.id).where(ArticleRow.key == key))
    found = histories(session, [article_id]) if article_id is not None else {}
    if article_id not in found:
        raise NotFoundError("article", key)
    return found[article_id]


def histories(session: Session, ids: Sequence[int]) -> dict[int, list[RevisionRecord]]:
    """Article id -> all its revisions in the order of their captures, as ``history`` gives those of one."""
    statement = cast(
        "Select[Any]",
        select(
            RevisionRow.article_id, RevisionRow.number, RevisionRow.captured_at, ExtractionRow.title, ExtractionRow.text,
            ExtractionRow.text_sha256, ExtractionRow.modified_at, ExtractionRow.modified_precision, ExtractionRow.modified_source,
            ExtractionRow.modified_raw, CaptureRow.body_sha256,
        )
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .join(CaptureRow, CaptureRow.id == RevisionRow.capture_id)
        .order_by(RevisionRow.article_id, RevisionRow.captured_at, RevisionRow.number),
    )  # fmt: skip
    found: dict[int, list[RevisionRecord]] = {}
    for part in chunks(sorted(set(ids))):
        for row in session.execute(statement.where(RevisionRow.article_id.in_(part))):
            found.setdefault(row.article_id, []).append(
                RevisionRecord(
                    number=row.number,
                    captured_at=row.captured_at,
                    modified=load_time(row, "modified"),
                    title=row.title,
                    text=row.text,
                    text_sha256=row.text_sha256,
                    capture_sha256=row.body_sha256,
                )
            )
    return found


def outlets(session: Session) -> list[OutletRecord]:
    """All outlets that were ever crawled, by id."""
    return [
        OutletRecord(
            id=row.id,
            name=row.name,
            language=row.language,
            country=row.country,
            owner=row.owner,
            family=row.family,
            state_media=row.state_media,
            also_known_as=tuple(row.also_known_as),
        )
        for row in session.scalars(select(OutletRow).order_by(OutletRow.id))
    ]


def counts(session: Session) -> dict[str, int]:
    """How many rows of the things people ask about."""
    tables = {
        "outlets": OutletRow,
        "articles": ArticleRow,
        "revisions": RevisionRow,
        "aliases": AliasRow,
        "captures": CaptureRow,
        "pages": PageRow,
        "visits": VisitRow,
        "sightings": SightingRow,
        "runs": RunRow,
    }
    found = {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}
    found["copies"] = session.scalar(select(func.count()).select_from(CopyRow).where(CopyRow.kind != CopyKind.PASSAGE)) or 0
    found["pending visits"] = session.scalar(select(func.count()).select_from(VisitRow).where(OPEN)) or 0
    found["open issues"] = session.scalar(select(func.count()).select_from(IssueRow).where(IssueRow.resolved_at.is_(None))) or 0
    return found


def outcomes(session: Session, run_id: int | None = None) -> dict[str, int]:
    """Outcome -> finished visits, of one run or of all."""
    statement = select(VisitRow.outcome, func.count()).where(VisitRow.outcome.is_not(None))
    if run_id is not None:
        statement = statement.where(VisitRow.run_id == run_id)
    return {str(outcome): count for outcome, count in session.execute(statement.group_by(VisitRow.outcome).order_by(VisitRow.outcome))}


def visits(session: Session, run_id: int) -> list[VisitRecord]:
    """Every finished visit of a run, in the order of planning."""
    return [_visit(row) for row in session.execute(_visits().where(VisitRow.run_id == run_id).order_by(VisitRow.id))]


def visit_of(session: Session, run_id: int, url: str) -> VisitRecord | None:
    """The finished visit of one address in a run; None when there was none. The address may be one that was canonicalised."""
    direct = session.execute(_visits().where(VisitRow.run_id == run_id, PageRow.url == url).order_by(VisitRow.id.desc())).first()
    if direct is not None:
        return _visit(direct)
    by_capture = session.execute(
        _visits()
        .join(CaptureRow, CaptureRow.id == VisitRow.capture_id)
        .where(VisitRow.run_id == run_id, (CaptureRow.requested_url == url) | (CaptureRow.final_url == url))
        .order_by(VisitRow.id.desc())
    ).first()
    return _visit(by_capture) if by_capture is not None else None


def is_forgotten(session: Session, url: str, outlet: Outlet) -> bool:
    """Whether the address was erased by ``db forget``."""
    return bool(find_buried(session, [page_mark(page_key(url, outlet))]))


def extraction_cpu_ms(session: Session) -> float:
    """CPU milliseconds that the workers spent on everything extracted so far."""
    return float(session.scalar(select(func.coalesce(func.sum(ExtractionRow.cpu_ms), 0.0))) or 0.0)


def _visits() -> Select[str, str | None, str, int | None, str]:
    return (
        select(PageRow.url, VisitRow.outcome, VisitRow.detail, VisitRow.status, ArticleRow.key)
        .join(PageRow, PageRow.id == VisitRow.page_id)
        .outerjoin(ArticleRow, ArticleRow.id == VisitRow.article_id)
        .where(VisitRow.outcome.is_not(None))
    )


def _visit(row: Row[str, str | None, str, int | None, str]) -> VisitRecord:
    url, outcome, detail, status, article = row
    return VisitRecord(url=url, outcome=outcome or "", detail=detail, status=status, article=article)


def _articles() -> Select[Any]:
    # Columns and not entities: making objects that SQLAlchemy keeps track of takes longer than all the rest of the reading.
    statement = (
        select(
            ArticleRow.id.label("article_id"), ArticleRow.key, ArticleRow.outlet_id, ArticleRow.url, ArticleRow.kind, ArticleRow.language,
            ArticleRow.published_at, ArticleRow.published_precision, ArticleRow.published_source, ArticleRow.published_raw,
            ArticleRow.first_seen_at, ArticleRow.gone_at, OutletRow.name.label("outlet_name"), OutletRow.owner, OutletRow.family,
            RevisionRow.id.label("revision_id"), RevisionRow.number, RevisionRow.captured_at, RevisionRow.capture_id, ExtractionRow.title,
            ExtractionRow.description, ExtractionRow.text, ExtractionRow.text_sha256, ExtractionRow.authors, ExtractionRow.links,
            ExtractionRow.entries,
            ExtractionRow.modified_at, ExtractionRow.modified_precision, ExtractionRow.modified_source, ExtractionRow.modified_raw,
            ExtractionRow.partial, ExtractionRow.noarchive, ExtractionRow.duration_s, CaptureRow.body_sha256, ClusterMemberRow.cluster_id,
        )
        .join(OutletRow, OutletRow.id == ArticleRow.outlet_id)
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .join(CaptureRow, CaptureRow.id == RevisionRow.capture_id)
        .outerjoin(ClusterMemberRow, ClusterMemberRow.article_id == ArticleRow.id)
    )  # fmt: skip
    return cast("Select[Any]", statement)


def _article(row: Row[Any]) -> StoredArticle:
    return StoredArticle(
        article_id=row.article_id,
        key=row.key,
        outlet_id=row.outlet_id,
        outlet_name=row.outlet_name,
        owner=row.owner,
        family=row.family,
        url=row.url,
        kind=ArticleKind(row.kind),
        title=row.title,
        description=row.description,
        text=row.text,
        language=row.language,
        authors=tuple(row.authors),
        published=load_time(row, "published"),
        modified=load_time(row, "modified"),
        first_seen_at=row.first_seen_at,
        captured_at=row.captured_at,
        revision=row.number,
        revision_id=row.revision_id,
        text_sha256=row.text_sha256,
        capture_id=row.capture_id,
        capture_sha256=row.body_sha256,
        partial=row.partial,
        noarchive=row.noarchive,
        gone_at=row.gone_at,
        cluster_id=row.cluster_id,
        links=tuple(row.links),
        entries=tuple(LiveEntry(start=start, at=datetime.fromisoformat(at)) for start, at in row.entries),
        duration_s=row.duration_s,
    )


def load_time(row: ArticleRow | ExtractionRow | Row[Any], name: str) -> PublishedTime:
    """ "published" or "modified" of a row."""
    precision = getattr(row, f"{name}_precision")
    return PublishedTime(
        at=getattr(row, f"{name}_at"),
        precision=Precision(precision) if precision else None,
        source=getattr(row, f"{name}_source"),
        raw=getattr(row, f"{name}_raw"),
    )
