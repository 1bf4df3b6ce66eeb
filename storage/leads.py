"""What is known of articles' headlines and openings, in blocks that many articles share: vectors of one model, or bits.

A block names extractions, whose texts never change; an article whose headline or text changed has a new extraction, and so a new row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.dialects import chunks
from storage.models import ArticleRow, ExtractionRow, LeadBlockRow, RevisionRow

BLOCK = 1024
KEY_BYTES = 32
PARTITION = 20_000
"""Rows fetched at once where there may be a million."""


@dataclass(frozen=True, slots=True)
class ArticleStates:
    """The current state of many articles, one column each, by article id."""

    article_ids: NDArray[np.int64]
    extraction_ids: NDArray[np.int64]
    revisions: NDArray[np.int32]
    languages: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.article_ids)

    def take(self, rows: NDArray[np.intp]) -> ArticleStates:
        return ArticleStates(
            self.article_ids[rows], self.extraction_ids[rows], self.revisions[rows], tuple(self.languages[row] for row in rows)
        )


@dataclass(frozen=True, slots=True)
class LeadBlock:
    """Some articles of one language. ``rows`` is (count, dimensions): int8 vectors with a scale each, or bytes of bits without."""

    language: str
    extraction_ids: NDArray[np.int64]
    text_keys: bytes
    rows: NDArray[np.int8] | NDArray[np.uint8]
    scales: NDArray[np.float32] | None

    def text_sha256(self, row: int) -> str:
        """Hex digest of the row's text."""
        return self.text_keys[row * KEY_BYTES : (row + 1) * KEY_BYTES].hex()


def article_states(session: Session, article_ids: Sequence[int] | None = None) -> ArticleStates:
    """The current extraction and revision of all articles, or of some. Touches no text: a million take seconds."""
    statement = (
        select(ArticleRow.id, RevisionRow.extraction_id, RevisionRow.number, ArticleRow.language)
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .order_by(ArticleRow.id)
    )
    statement = statement.execution_options(yield_per=PARTITION)
    if article_ids is None:
        parts = session.execute(statement).partitions()
    else:
        parts = (session.execute(statement.where(ArticleRow.id.in_(part))).all() for part in chunks(sorted(set(article_ids))))
    names: dict[str, str] = {}
    languages: list[str] = []
    numbers = []
    for part in parts:
        # A million rows as objects of Python would take a gigabyte.
        numbers.append(np.array([row[:3] for row in part], dtype=np.int64).reshape(-1, 3))
        languages += [names.setdefault(str(row[3]), str(row[3])) for row in part]
    columns = np.concatenate(numbers) if numbers else np.empty((0, 3), dtype=np.int64)
    return ArticleStates(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].astype(np.int32), tuple(languages))


@dataclass(frozen=True, slots=True)
class Opening:
    """What of an article is looked at first."""

    article_id: int
    extraction_id: int
    language: str
    title: str
    description: str
    text: str
    text_sha256: str


def load_openings(session: Session, article_ids: Sequence[int]) -> list[Opening]:
    """Headline, description and text of the current extractions, by article id."""
    statement = (
        select(
            ArticleRow.id, ExtractionRow.id, ArticleRow.language, ExtractionRow.title, ExtractionRow.description, ExtractionRow.text,
            ExtractionRow.text_sha256,
        )
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .order_by(ArticleRow.id)
    )  # fmt: skip
    return [Opening(*row) for part in chunks(sorted(set(article_ids))) for row in session.execute(statement.where(ArticleRow.id.in_(part)))]


def save_vectors(
    session: Session,
    model_hash: str,
    language: str,
    extraction_ids: Sequence[int],
    text_sha256s: Sequence[str],
    quantised: NDArray[np.int8],
    scales: NDArray[np.float32],
    now: datetime,
) -> None:
    """Keep one int8 vector an extraction; ``quantised`` is (count, dimensions)."""
    _save(session, model_hash, language, extraction_ids, text_sha256s, quantised, scales, now)


def save_bits(
    session: Session,
    model_hash: str,
    language: str,
    extraction_ids: Sequence[int],
    text_sha256s: Sequence[str],
    bits: NDArray[np.uint8],
    now: datetime,
) -> None:
    """Keep one row of bits an extraction; ``bits`` is (count, bytes)."""
    _save(session, model_hash, language, extraction_ids, text_sha256s, bits, None, now)


def _save(
    session: Session,
    model_hash: str,
    language: str,
    extraction_ids: Sequence[int],
    text_sha256s: Sequence[str],
    rows: NDArray[np.int8] | NDArray[np.uint8],
    scales: NDArray[np.float32] | None,
    now: datetime,
) -> None:
    if not len(extraction_ids) == len(text_sha256s) == len(rows):
        raise ValueError(f"{len(extraction_ids)} extractions, {len(text_sha256s)} hashes, {len(rows)} rows")
    for start in range(0, len(rows), BLOCK):
        part = slice(start, start + BLOCK)
        session.add(
            LeadBlockRow(
                model_hash=model_hash,
                language=language,
                count=len(rows[part]),
                dimensions=rows.shape[1],
                extraction_ids=np.asarray(extraction_ids[part], dtype="<i8").tobytes(),
                text_keys=b"".join(bytes.fromhex(digest) for digest in text_sha256s[part]),
                scales=b"" if scales is None else scales[part].astype("<f4").tobytes(),
                rows=np.ascontiguousarray(rows[part]).tobytes(),
                made_at=now,
            )
        )
    session.flush()


def known_extractions(session: Session, model_hash: str) -> NDArray[np.int64]:
    """The extractions that have a row of this model, sorted."""
    found = [
        np.frombuffer(ids, dtype="<i8")
        for ids in session.scalars(select(LeadBlockRow.extraction_ids).where(LeadBlockRow.model_hash == model_hash))
    ]
    return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int64)


def _stand_in(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of ``ids`` are among the sorted ``wanted``. np.isin would sort a million for each block."""
    if not len(wanted):
        return np.zeros(len(ids), dtype=np.bool_)
    places = np.minimum(np.searchsorted(wanted, ids), len(wanted) - 1)
    found: NDArray[np.bool_] = wanted[places] == ids
    return found


def stream_leads(session: Session, model_hash: str, wanted: NDArray[np.int64]) -> Iterator[LeadBlock]:
    """All blocks of a model that hold any of ``wanted`` (sorted extraction ids), cut down to those, oldest first.

    One at a time is in memory.
    """
    heads = session.execute(
        select(LeadBlockRow.id, LeadBlockRow.extraction_ids).where(LeadBlockRow.model_hash == model_hash).order_by(LeadBlockRow.id)
    ).all()
    for block_id, ids in heads:
        extraction_ids = np.frombuffer(ids, dtype="<i8")
        chosen = np.flatnonzero(_stand_in(extraction_ids, wanted))
        if not len(chosen):
            continue
        block = session.execute(
            select(LeadBlockRow.language, LeadBlockRow.dimensions, LeadBlockRow.text_keys, LeadBlockRow.scales, LeadBlockRow.rows).where(
                LeadBlockRow.id == block_id
            )
        ).one()
        rows: NDArray[np.int8] | NDArray[np.uint8] = np.frombuffer(block.rows, dtype=np.uint8).reshape(-1, block.dimensions)
        if block.scales:
            rows = rows.view(np.int8)
        scales = np.frombuffer(block.scales, dtype="<f4") if block.scales else None
        whole = len(chosen) == len(extraction_ids)
        yield LeadBlock(
            block.language,
            extraction_ids if whole else extraction_ids[chosen],
            block.text_keys if whole else b"".join(block.text_keys[row * KEY_BYTES : (row + 1) * KEY_BYTES] for row in chosen),
            rows if whole else rows[chosen],
            scales if whole or scales is None else scales[chosen],
        )
