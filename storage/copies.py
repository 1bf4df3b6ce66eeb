"""Copies and clusters as they are read: records, in an order that is the same every time. How they are found is ``storage.clusters``."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from sqlalchemy import Row, Select, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, load_only

from storage.dialects import chunks
from storage.models import ArticleRow, ClusterMemberRow, CopyRow, ExtractionRow, RevisionRow
from storage.queries import load_time
from storage.records import CopyKind, CopyPair, PublishedTime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterMember:
    """One article of a cluster with its three times, which mean three things."""

    article: str
    outlet: str
    published: PublishedTime
    """As its publisher says."""
    first_seen_at: datetime
    """When it was first met: the latest at which it can have been there."""
    modified: PublishedTime
    """The last edit, as its publisher says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRecord:
    """Same-language copies of one text."""

    cluster_id: int
    first: str
    """Key of the article with the earliest published time, or first seen where its outlet gives none. Whether the times can tell who was
    first is another question (comparison.chronology): a day decides nothing within itself."""
    title: str
    articles: tuple[str, ...]
    members: tuple[ClusterMember, ...]
    """By article."""


def copies_among(session: Session, article_ids: Collection[int]) -> list[CopyPair]:
    """The pairs of which both articles are among these, by article ids; shared passages are no copies and not among them."""
    wanted = set(article_ids)
    columns = (CopyRow.article_a, CopyRow.article_b, CopyRow.kind, CopyRow.jaccard, CopyRow.containment_a, CopyRow.containment_b)
    chosen = select(*columns).where(CopyRow.kind != CopyKind.PASSAGE).order_by(CopyRow.article_a, CopyRow.article_b)
    statement = cast("Select[Any]", chosen)
    return [
        _pair(row)
        for part in chunks(sorted(wanted))
        for row in session.execute(statement.where(CopyRow.article_a.in_(part)))
        if row.article_b in wanted
    ]


def copies_of(session: Session, article_id: int) -> list[CopyPair]:
    """The pairs of one article, shared passages among them, by article ids."""
    mine = or_(CopyRow.article_a == article_id, CopyRow.article_b == article_id)
    return [_pair(row) for row in session.scalars(select(CopyRow).where(mine).order_by(CopyRow.article_a, CopyRow.article_b))]


def _pair(row: CopyRow | Row[Any]) -> CopyPair:
    return CopyPair(
        article_a=row.article_a,
        article_b=row.article_b,
        kind=CopyKind(row.kind),
        jaccard=row.jaccard,
        containment_a=row.containment_a,
        containment_b=row.containment_b,
    )


def clusters(session: Session) -> list[ClusterRecord]:
    """Groups of copies, the largest first."""
    rows = session.execute(
        select(ClusterMemberRow.cluster_id, ArticleRow, ExtractionRow)
        .join(ArticleRow, ArticleRow.id == ClusterMemberRow.article_id)
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
        .options(
            load_only(ArticleRow.key, ArticleRow.outlet_id, ArticleRow.first_seen_at, *_columns_of(ArticleRow, "published"), raiseload=True)
        )
        .options(load_only(ExtractionRow.title, *_columns_of(ExtractionRow, "modified"), raiseload=True))
        .order_by(ClusterMemberRow.cluster_id, ArticleRow.key)
    )
    found = []
    for cluster_id, group in groupby(rows, key=lambda row: row[0]):
        items = [(article, extraction) for _, article, extraction in group]
        first, title = min(((article, extraction.title) for article, extraction in items), key=lambda item: _met(item[0]))
        members = tuple(
            ClusterMember(
                article=article.key,
                outlet=article.outlet_id,
                published=load_time(article, "published"),
                first_seen_at=article.first_seen_at,
                modified=load_time(extraction, "modified"),
            )
            for article, extraction in items
        )
        keys = tuple(member.article for member in members)
        found.append(ClusterRecord(cluster_id=cluster_id, first=first.key, title=title, articles=keys, members=members))
    return sorted(found, key=lambda cluster: (-len(cluster.articles), cluster.cluster_id))


def _columns_of(row: type[ArticleRow | ExtractionRow], name: str) -> list[InstrumentedAttribute[Any]]:
    return [getattr(row, f"{name}_{part}") for part in ("at", "precision", "source", "raw")]


def _met(row: ArticleRow) -> tuple[datetime, str]:
    return row.published_at or row.first_seen_at, row.key
