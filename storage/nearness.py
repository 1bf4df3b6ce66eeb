"""How near articles are to a report's subject, by what yardstick that was measured, and what still waits for it. Can be made again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, Select, func, select, text, update
from sqlalchemy.orm import Session

from storage.dialects import affected, chunks, put_columns, put_rows
from storage.models import (
    ArticleRow,
    BackgroundRow,
    RelevanceRow,
    ReportRow,
    RevisionRow,
)
from storage.reports import report_id

_OPEN = text("(NOT relevance.matched OR relevance.related)")
_PENDING = text("articles.pending_match")
"""Both as the partial indexes say it, word for word: only then are they used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundRecord:
    """How each claim scores against unrelated sentences of one language: the yardstick of every z-score."""

    language: str
    model_hash: str
    sample_size: int
    claims: Mapping[str, tuple[float, float]]
    """ "c03@1" -> (mean, standard deviation)."""
    number: int = 0
    """0 for the bundled sentences; the user's own are counted from 1."""
    sample: tuple[str, ...] = ()
    """Hex keys of the sentences' stored vectors; empty for the bundled sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Relevance:
    """How near an article is to a report's subject."""

    article_id: int
    text_sha256: str
    model_hash: str
    score: float
    related: bool
    parts: Mapping[str, float]
    extraction_id: int = 0
    revision: int = 0
    looked: bool = True
    """False: near by a first look at headline and opening; its text was not read yet."""
    matched: bool = False
    """True: its passages were compared with the claims; or it is not related and has none to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstScores:
    """What a first look gave for many articles, one list a column. None of them is related yet; those not near are done with."""

    article_ids: Sequence[int]
    extraction_ids: Sequence[int]
    revisions: Sequence[int]
    text_sha256s: Sequence[str]
    scores: Sequence[float]
    near: Sequence[bool]
    parts: Sequence[Mapping[str, float]]


def save_background(session: Session, key: str, background: BackgroundRecord, now: datetime) -> int:
    """Store a background; it is never changed afterwards, a new one is a new row. Returns its id."""
    row = BackgroundRow(
        report_id=report_id(session, key),
        language=background.language,
        model_hash=background.model_hash,
        number=background.number,
        sample_size=background.sample_size,
        sample=list(background.sample),
        claims={name: list(values) for name, values in background.claims.items()},
        made_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def load_background(session: Session, key: str, language: str, model_hash: str, number: int = 0) -> BackgroundRecord | None:
    """The newest measuring of a report's background ``number`` for one language and model; None when there is none yet."""
    row = session.scalar(
        select(BackgroundRow)
        .where(
            BackgroundRow.report_id == report_id(session, key),
            BackgroundRow.language == language,
            BackgroundRow.model_hash == model_hash,
            BackgroundRow.number == number,
        )
        .order_by(BackgroundRow.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    claims = {name: (float(values[0]), float(values[1])) for name, values in row.claims.items()}
    return BackgroundRecord(
        language=row.language,
        model_hash=row.model_hash,
        sample_size=row.sample_size,
        claims=claims,
        number=row.number,
        sample=tuple(row.sample),
    )


def last_background(session: Session, key: str) -> int:
    """The number of the newest background that was measured for a report; 0 where it had none but the bundled one."""
    return session.scalar(select(func.max(BackgroundRow.number)).where(BackgroundRow.report_id == report_id(session, key))) or 0


def use_background(session: Session, key: str, number: int) -> None:
    """Measure a report against its background ``number`` from now on. Scores made with another are out of date by that."""
    session.execute(update(ReportRow).where(ReportRow.key == key).values(background=number))


def far_articles(session: Session, key: str, language: str, below: float, limit: int) -> list[tuple[int, str]]:
    """(article, outlet) of articles of a language that score less than ``below`` for the report, in the order of their texts' hashes:
    as good as drawn by lot, and the same ones in the same database."""
    far = (
        select(RelevanceRow.article_id, ArticleRow.outlet_id)
        .join(ArticleRow, ArticleRow.id == RelevanceRow.article_id)
        .where(
            RelevanceRow.report_id == report_id(session, key),
            RelevanceRow.looked,
            ~RelevanceRow.related,
            RelevanceRow.score < below,
            ArticleRow.language == language,
            ArticleRow.gone_at.is_(None),
        )
        .order_by(RelevanceRow.text_sha256, RelevanceRow.article_id)
        .limit(limit)
    )
    return [(int(article), str(outlet)) for article, outlet in session.execute(far)]


def save_relevance(session: Session, key: str, scores: Iterable[Relevance], now: datetime) -> None:
    """Store or replace the score of each article."""
    report = report_id(session, key)
    rows = [
        {
            "report_id": report,
            "article_id": item.article_id,
            "extraction_id": item.extraction_id,
            "revision": item.revision,
            "text_sha256": item.text_sha256,
            "model_hash": item.model_hash,
            "score": item.score,
            "related": item.related,
            "looked": item.looked,
            "matched": item.matched,
            "parts": dict(item.parts),
            "scored_at": now,
        }
        for item in scores
    ]
    put_rows(session, RelevanceRow, rows, key=("report_id", "article_id"))


def save_first_scores(session: Session, key: str, setup: str, scores: FirstScores, now: datetime) -> None:
    """Store or replace what a first look gave for many articles."""
    far = [not near for near in scores.near]
    put_columns(
        session,
        RelevanceRow,
        {
            "article_id": scores.article_ids,
            "extraction_id": scores.extraction_ids,
            "revision": scores.revisions,
            "text_sha256": scores.text_sha256s,
            "score": scores.scores,
            "looked": far,
            "matched": far,
            "parts": scores.parts,
        },
        {"report_id": report_id(session, key), "model_hash": setup, "related": False, "scored_at": now},
        key=("report_id", "article_id"),
    )


def load_relevance(session: Session, key: str, article_ids: Sequence[int] | None = None) -> dict[int, Relevance]:
    """Article id -> its score, for every article that was scored, or those of ``article_ids``."""
    statement = _relevance(report_id(session, key))
    if article_ids is None:
        return {row.article_id: _relevance_record(row) for row in session.execute(statement)}
    return {
        row.article_id: _relevance_record(row)
        for part in chunks(sorted(set(article_ids)))
        for row in session.execute(statement.where(RelevanceRow.article_id.in_(part)))
    }


def scored_extractions(session: Session, key: str, model_hash: str, article_ids: Sequence[int] | None = None) -> NDArray[np.int64]:
    """(rows, 2): extraction and revision of what was scored under this setup, of all articles or some."""
    statement = select(RelevanceRow.extraction_id, RelevanceRow.revision).where(
        RelevanceRow.report_id == report_id(session, key), RelevanceRow.model_hash == model_hash
    )
    if article_ids is None:
        rows = [tuple(row) for row in session.execute(statement)]
    else:
        rows = [
            tuple(row)
            for part in chunks(sorted(set(article_ids)))
            for row in session.execute(statement.where(RelevanceRow.article_id.in_(part)))
        ]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def mark_matched(session: Session, key: str, article_ids: Sequence[int]) -> None:
    """Say that the passages of these articles were compared."""
    report = report_id(session, key)
    for part in chunks(article_ids):
        session.execute(
            update(RelevanceRow).where(RelevanceRow.report_id == report, RelevanceRow.article_id.in_(part)).values(matched=True)
        )


def open_relevance(session: Session, key: str, model_hash: str) -> list[Relevance]:
    """The articles that a look at their text, or a comparison of their passages, waits for: the most promising first."""
    statement = _relevance(report_id(session, key)).where(_OPEN, ~RelevanceRow.matched, RelevanceRow.model_hash == model_hash)
    return [_relevance_record(row) for row in session.execute(statement.order_by(RelevanceRow.score.desc(), RelevanceRow.article_id))]


def count_open(session: Session, key: str, model_hash: str) -> tuple[int, int]:
    """How many articles wait for a look at their text, and how many for a comparison of their passages."""
    statement = (
        select(RelevanceRow.looked, func.count())
        .where(
            RelevanceRow.report_id == report_id(session, key),
            _OPEN,
            ~RelevanceRow.matched,
            RelevanceRow.model_hash == model_hash,
        )
        .group_by(RelevanceRow.looked)
    )
    found = {bool(looked): count for looked, count in session.execute(statement)}
    return found.get(False, 0), found.get(True, 0)


def count_unscored(session: Session, key: str, setup: str) -> int:
    """How many of the articles that are marked pending this report has not been compared with, under ``setup``, as they are now."""
    scored = (
        select(RelevanceRow.article_id)
        .where(
            RelevanceRow.report_id == report_id(session, key),
            RelevanceRow.article_id == ArticleRow.id,
            RelevanceRow.model_hash == setup,
            RelevanceRow.extraction_id == RevisionRow.extraction_id,
            RelevanceRow.revision == RevisionRow.number,
        )
        .exists()
    )
    waiting = select(func.count()).select_from(ArticleRow).join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
    return session.scalar(waiting.where(_PENDING, ~scored)) or 0


def scored_setup(session: Session, key: str) -> str:
    """The claims, models and background for which every article that is not pending was scored; empty when there is none.

    Raises: NotFoundError.
    """
    return str(session.scalar(select(ReportRow.scored_setup).where(ReportRow.id == report_id(session, key))))


def is_uncompared(session: Session) -> bool:
    """Whether any report waits for articles, or articles for a report: a new report is compared with what is stored already."""
    if session.scalar(select(ReportRow.id).limit(1)) is None:
        return False
    waiting = select(RelevanceRow.article_id).where(_OPEN, ~RelevanceRow.matched, RelevanceRow.report_id == ReportRow.id).exists()
    reports_waiting = select(ReportRow.id).where((ReportRow.scored_setup == "") | waiting).limit(1)
    return bool(pending_articles(session, 1)) or session.scalar(reports_waiting) is not None


def set_scored_setup(session: Session, key: str, setup: str) -> None:
    session.execute(update(ReportRow).where(ReportRow.id == report_id(session, key)).values(scored_setup=setup))


def subject_state(session: Session, key: str) -> tuple[object, ...]:
    """Numbers that change when an article comes to a report's subject, leaves it, or is scored anew as a part of it."""
    columns = func.count(), func.max(RelevanceRow.scored_at), func.sum(RelevanceRow.extraction_id)
    return tuple(session.execute(select(*columns).where(RelevanceRow.report_id == report_id(session, key), _OPEN)).one())


def _relevance(report: int) -> Select[Any]:
    columns = RelevanceRow.__table__.c
    return select(*(column for column in columns if column.name not in ("report_id", "scored_at"))).where(RelevanceRow.report_id == report)


def _relevance_record(row: Row[Any]) -> Relevance:
    return Relevance(
        article_id=row.article_id,
        extraction_id=row.extraction_id,
        revision=row.revision,
        text_sha256=row.text_sha256,
        model_hash=row.model_hash,
        score=row.score,
        related=bool(row.related),
        looked=bool(row.looked),
        matched=bool(row.matched),
        parts=row.parts,
    )


def related_articles(session: Session, key: str) -> list[int]:
    """Ids of the articles on the report's subject, ascending."""
    query = select(RelevanceRow.article_id).where(RelevanceRow.report_id == report_id(session, key), _OPEN, RelevanceRow.related)
    return list(session.scalars(query.order_by(RelevanceRow.article_id)))


def pending_articles(session: Session, limit: int | None = None) -> list[int]:
    """Ids of articles whose current revision no comparison has seen, ascending."""
    return list(session.scalars(select(ArticleRow.id).where(_PENDING).order_by(ArticleRow.id).limit(limit)))


def clear_pending(session: Session, article_ids: Sequence[int]) -> None:
    """Say that every report has been compared with these."""
    for part in chunks(article_ids):
        session.execute(update(ArticleRow).where(ArticleRow.id.in_(part)).values(pending_match=False))


def settle_pending(session: Session) -> int:
    """Articles whose current text every report has been compared with are pending no longer. Returns how many that were."""
    compared = (
        select(func.count())
        .select_from(RelevanceRow)
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .where(
            RelevanceRow.article_id == ArticleRow.id,
            RelevanceRow.matched,
            RelevanceRow.extraction_id == RevisionRow.extraction_id,
            RelevanceRow.revision == RevisionRow.number,
        )
        .correlate(ArticleRow)
        .scalar_subquery()
    )
    all_reports = select(func.count()).select_from(ReportRow).scalar_subquery()
    return affected(session, update(ArticleRow).where(_PENDING, compared == all_reports).values(pending_match=False))
