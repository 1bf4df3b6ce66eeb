"""Full text over the lemmas of current revisions; snippets from the original text.

SQLite: FTS5 over ``search_lemmas`` (external content). PostgreSQL: a ``tsvector`` built by storage.search_index, word by word, because
the server's own parser splits some words otherwise. Both hold exactly the words of storage.lemmas, so both find the same articles.
Filters are answered by SQLite's index, too (storage.search_tags); PostgreSQL asks the articles' own rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    bindparam,
    func,
    select,
)
from sqlalchemy.orm import Session

from storage.dialects import chunks, is_postgresql, run, table_of
from storage.lemmas import LANGUAGES
from storage.models import ArticleRow, ExtractionRow, RelevanceRow, ReportRow, RevisionRow, SearchRow
from storage.query import Node, Query, parse_query
from storage.records import SearchHit
from storage.search_matching import IndexQuery, index_query
from storage.search_tags import TagFilter, filter_tags
from storage.snippets import make_snippet

Sort = Literal["relevance", "newest", "oldest"]
MAX_LIMIT = 10_000
RANKED = 5000
"""Hits that are put in order of relevance."""
SPAN = 20_000
"""Articles of a span of time up to which their ids are looked up first; that takes some milliseconds."""
FEW = 200
"""Articles that are asked one by one whether a word is in them."""

_words, _articles = table_of(SearchRow), table_of(ArticleRow)
_revisions, _extractions = table_of(RevisionRow), table_of(ExtractionRow)
_FOUND = (
    select(_articles.c.id, _articles.c.key, _articles.c.outlet_id, _articles.c.language, _articles.c.published_at, _articles.c.url)
    .add_columns(_extractions.c.title, _extractions.c.text, _words.c.title.label("title_lemmas"), _words.c.body.label("lemmas"))
    .join_from(_articles, _revisions, _revisions.c.id == _articles.c.current_revision_id)
    .join(_extractions, _extractions.c.id == _revisions.c.extraction_id)
    .join(_words, _words.c.article_id == _articles.c.id)
    .where(_articles.c.id.in_(bindparam("articles", expanding=True)))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage:
    """The first hits of a search."""

    hits: tuple[SearchHit, ...]
    is_cut: bool
    """There were at least RANKED hits and only the RANKED stored last were put in order of relevance."""

    def __iter__(self) -> Iterator[SearchHit]:
        return iter(self.hits)

    def __len__(self) -> int:
        return len(self.hits)


def search(
    session: Session,
    query: str,
    *,
    languages: Sequence[str] = (),
    outlets: Sequence[str] = (),
    kinds: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    report: str | None = None,
    sort: Sort = "relevance",
    limit: int = 20,
) -> SearchPage:
    """Articles that have every word of ``query`` in some inflected form, in headline or text; names in any script and spelling.

    ``"quoted words"`` must stand in this order, ``-word`` must not occur, ``word*`` finds what begins so; AND, OR, NOT and parentheses
    as storage.query reads them. Nothing else has a meaning: any text is a query. One without a word that is wanted finds nothing.

    ``languages`` are the articles' (and the query's: all four when empty); ``since`` and ``until`` are times of publication, or of
    first sight where that is unknown, both included; ``report`` keeps articles found relevant to it. "newest" and "oldest" order all
    hits by that time and are the same on both databases; "relevance" is the database's own measure, over the RANKED hits that were
    stored last. Ties by public key.
    """
    parsed = parse_query(query, tuple(languages) or LANGUAGES)
    limit = max(0, min(limit, MAX_LIMIT))
    if parsed.root is None or not limit:
        return SearchPage(hits=(), is_cut=False)
    asked = _Asked(languages=languages, outlets=outlets, kinds=kinds, since=since, until=until, report=report)
    narrowed = (_narrow_by_columns if is_postgresql(session) else _narrow_by_tags)(session, parsed.root, asked)
    if narrowed is None:
        return SearchPage(hits=(), is_cut=False)
    index, filters = narrowed
    if sort == "relevance":
        scores, is_cut = _best(session, index, filters, limit)
    else:
        scores, is_cut = _by_time(session, index, filters, sort, limit), False
    rows: dict[int, Any] = {}
    for part in chunks(list(scores)):
        rows |= {row.id: row for row in run(session, _FOUND, articles=part)}
    return SearchPage(hits=tuple(_hit(rows[article_id], score, parsed) for article_id, score in scores.items()), is_cut=is_cut)


def holds_word(query: str) -> bool:
    """Whether a query asks for anything: "", '"' and "NOT mine" find nothing whatever is stored."""
    return parse_query(query, LANGUAGES).root is not None


def unknown_filters(session: Session, languages: Sequence[str], outlets: Sequence[str]) -> list[str]:
    """The filters that no stored article meets, whatever is looked for: a misspelt outlet is no silence of that outlet."""
    asked = [("language", ArticleRow.language, languages), ("outlet", ArticleRow.outlet_id, outlets)]
    return [
        f"{noun} {name!r}"
        for noun, column, names in asked
        for name in names
        if session.scalar(select(ArticleRow.id).where(column == name).limit(1)) is None
    ]


def search_ids(session: Session, query: str, *, languages: Sequence[str] = ()) -> list[int]:
    """Internal ids of all articles that ``search`` would find, ascending."""
    parsed = parse_query(query, tuple(languages) or LANGUAGES)
    if parsed.root is None:
        return []
    index = index_query(session, parsed.root)
    return sorted(session.scalars(select(index.article_id).where(index.condition)))


def _hit(row: Any, score: float, parsed: Query) -> SearchHit:
    shown, indexed = (row.text, row.lemmas) if row.text else (row.title, row.title_lemmas)
    return SearchHit(
        article=row.key,
        outlet=row.outlet_id,
        language=row.language,
        title=row.title,
        published_at=row.published_at,
        url=row.url,
        score=round(float(score), 4),
        snippet=make_snippet(shown, row.language, parsed.lemmas, parsed.prefixes, indexed),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """The filters of a search."""

    languages: Sequence[str]
    outlets: Sequence[str]
    kinds: Sequence[str]
    since: datetime | None
    until: datetime | None
    report: str | None

    def by_tags(self) -> TagFilter | None:
        return filter_tags(languages=self.languages, outlets=self.outlets, kinds=self.kinds, since=self.since, until=self.until)

    def by_word(self) -> list[ColumnElement[bool]]:
        """Conditions on an article's columns, for what stands in them as it is asked."""
        asked = (ArticleRow.language, self.languages), (ArticleRow.outlet_id, self.outlets), (ArticleRow.kind, self.kinds)
        return [column.in_(list(names)) for column, names in asked if names]

    def by_time(self) -> list[ColumnElement[bool]]:
        since = [self.since <= _WHEN] if self.since is not None else []
        return since + ([self.until >= _WHEN] if self.until is not None else [])

    def by_report(self) -> list[ColumnElement[bool]]:
        if self.report is None:
            return []
        related = select(RelevanceRow.article_id).join(ReportRow, ReportRow.id == RelevanceRow.report_id)
        return [ArticleRow.id.in_(related.where(ReportRow.key == self.report, RelevanceRow.related))]


_WHEN = func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at)
_Narrowed = tuple[IndexQuery, list[ColumnElement[bool]]]
"""A query with what the index answers of its filters, and conditions on the article's row for the rest."""


def _narrow_by_tags(session: Session, root: Node, asked: _Asked) -> _Narrowed | None:
    """None where no article passes. SQLite's index answers all but the report, and the hours at the ends of a span."""
    tags = asked.by_tags()
    if tags is None:
        return None
    return index_query(session, root, tags), [*([] if tags.is_exact else asked.by_time()), *asked.by_report()]


def _narrow_by_columns(session: Session, root: Node, asked: _Asked) -> _Narrowed | None:
    """The same for PostgreSQL, which asks the article's row."""
    index = _within(session, index_query(session, root), asked.since, asked.until)
    return None if index is None else (index, [*asked.by_word(), *asked.by_time(), *asked.by_report()])


def _within(session: Session, index: IndexQuery, since: datetime | None, until: datetime | None) -> IndexQuery | None:
    """The same query, told between which ids all articles of this span lie, where the span holds few; None where it holds none.

    The filter on time is left to do: this only keeps a search within a week from looking at the date of each hit of many years. Ids
    grow with time but for what is collected late, and both full-text indices can begin and end at an id.
    """
    if since is None and until is None:
        return index
    dated = ArticleRow.published_at
    known = [since <= dated] if since is not None else []
    known += [until >= dated] if until is not None else []
    seen = [since <= ArticleRow.first_seen_at] if since is not None else []
    seen += [until >= ArticleRow.first_seen_at] if until is not None else []
    least: list[int] = []
    most: list[int] = []
    for conditions in (known, [dated.is_(None), *seen]):
        some = select(ArticleRow.id).where(*conditions).limit(SPAN + 1).subquery()
        low, high, number = session.execute(select(func.min(some.c.id), func.max(some.c.id), func.count()).select_from(some)).one()
        if number > SPAN:
            return index
        if number:
            least.append(low)
            most.append(high)
    if not least:
        return None
    return replace(index, condition=index.condition & index.article_id.between(min(least), max(most)))


def _last(index: IndexQuery, filters: Sequence[ColumnElement[bool]], order: ColumnElement[int], *columns: ColumnElement[Any]) -> CTE:
    """The RANKED hits that were stored last (or first).

    By id, because both full-text indices can walk it: to order half a million hits of a common word by date takes a second.
    """
    found = select(index.article_id.label("article_id"), *columns).where(index.condition)
    if filters:
        found = found.join(ArticleRow, ArticleRow.id == index.article_id).where(*filters)
    return found.order_by(order).limit(RANKED).cte("last")


def _best(session: Session, index: IndexQuery, filters: Sequence[ColumnElement[bool]], limit: int) -> tuple[dict[int, float], bool]:
    """Id -> score of the best of the RANKED hits stored last, the best first; whether there were that many."""
    last = _last(index, filters, index.article_id.desc(), index.score.label("score"))
    # Only of what may be shown is the key read, which orders hits of one score.
    shown = select(last.c.score).order_by(last.c.score.desc()).limit(limit).subquery("shown")
    statement = (
        select(last.c.article_id, last.c.score, select(func.count()).select_from(last).scalar_subquery())
        .join(ArticleRow, ArticleRow.id == last.c.article_id)
        .where(last.c.score >= select(func.min(shown.c.score)).scalar_subquery())
        .order_by(last.c.score.desc(), ArticleRow.key)
        .limit(limit)
    )
    rows = session.execute(statement).all()
    return {article_id: score for article_id, score, _ in rows}, bool(rows) and rows[0][2] >= RANKED


def _by_time(session: Session, index: IndexQuery, filters: Sequence[ColumnElement[bool]], sort: Sort, limit: int) -> dict[int, float]:
    """Id -> score of the newest, or oldest, hits in this order. Only of these is the score made: one takes a microsecond or more."""
    scores: dict[int, float] = {}
    found = _ids_by_time(session, index, filters, sort, limit)
    for part in chunks(found):
        scores |= dict(session.execute(select(index.article_id, index.score).where(index.condition, _among(session, index, part))).all())
    return {article_id: scores[article_id] for article_id in found}


def _among(session: Session, index: IndexQuery, ids: Sequence[int]) -> ColumnElement[bool]:
    if is_postgresql(session):
        return index.article_id.in_(ids)
    # Given a list of ids to look up, SQLite asks the whole query anew for each, and weighs its words anew.
    return index.article_id.between(min(ids), max(ids)) & (index.article_id + 0).in_(ids)


def _ids_by_time(session: Session, index: IndexQuery, filters: Sequence[ColumnElement[bool]], sort: Sort, limit: int) -> list[int]:
    """What was stored last is nearly always the newest: of very many hits those stored last are put in order, and it is asked which
    articles stored before belong among them.
    """
    newest = sort == "newest"
    last = _last(index, filters, index.article_id.desc() if newest else index.article_id.asc())
    statement = (
        select(last.c.article_id, _WHEN.label("at"))
        .add_columns(select(func.count()).select_from(last).scalar_subquery())
        .add_columns(select((func.min if newest else func.max)(last.c.article_id)).scalar_subquery())
        .join(ArticleRow, ArticleRow.id == last.c.article_id)
        .order_by(_WHEN.desc() if newest else _WHEN.asc(), ArticleRow.key)
        .limit(limit)
    )
    rows = session.execute(statement).all()
    found = [row[0] for row in rows]
    if not rows or rows[0][2] < RANKED:
        return found
    others = _elsewhere(session, rows[-1].at, rows[-1][3], newest=newest) if len(rows) == limit else None
    if others is not None:
        matching = session.scalars(select(index.article_id).where(index.condition, index.article_id.in_(others))).all() if others else []
        if not matching:
            return found
    statement = select(ArticleRow.id).join(index.source, index.article_id == ArticleRow.id).where(index.condition, *filters)
    order = _WHEN.desc() if newest else _WHEN.asc()
    return list(session.scalars(statement.order_by(order, ArticleRow.key).limit(limit)))


def _elsewhere(session: Session, edge: datetime, beyond: int, *, newest: bool) -> list[int] | None:
    """Articles that by their time belong before ``edge`` and by their id do not; None when there are many."""
    when, seen, number = ArticleRow.published_at, ArticleRow.first_seen_at, ArticleRow.id + 0
    outside = number < beyond if newest else number > beyond
    dated = select(ArticleRow.id).where(when >= edge if newest else when <= edge, outside).limit(FEW + 1)
    undated = select(ArticleRow.id).where(when.is_(None), seen >= edge if newest else seen <= edge, outside).limit(FEW + 1)
    found = [*session.scalars(dated), *session.scalars(undated)]
    return found if len(found) <= FEW else None
