"""Full text over the lemmas of current revisions; snippets from the original text.

SQLite: FTS5 over ``search_lemmas`` (external content). PostgreSQL: a ``tsvector`` built by storage.search_index, word by word, because
the server's own parser splits some words otherwise. Both hold exactly the words of storage.lemmas, so both find the same articles.
Filters are answered by the index, too (storage.search_tags).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    ColumnElement,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.orm import Session

from storage.dialects import chunks, is_postgresql, run, table_of
from storage.lemmas import LANGUAGES
from storage.models import ArticleRow, ExtractionRow, RelevanceRow, ReportRow, RevisionRow, SearchRow
from storage.query import Node, Query, parse_query
from storage.records import SearchHit
from storage.search_matching import IndexQuery, index_query, pinned_plans
from storage.search_tags import TagFilter, filter_tags
from storage.snippets import make_snippet

Sort = Literal["relevance", "newest", "oldest"]
MAX_LIMIT = 10_000
RANKED = 1000
"""Hits that are put in order of relevance, on either database. SQLite reads the weight of one off its index in one to five microseconds,
PostgreSQL unpacks its words for it: 13 to 20."""
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
    """There were at least RANKED hits and only those stored last were put in order of relevance."""

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
    hits by that time and are the same on both databases; "relevance" is the database's own measure, over the hits that were stored
    last, at most RANKED. Ties by public key.
    """
    parsed = parse_query(query, tuple(languages) or LANGUAGES)
    limit = max(0, min(limit, MAX_LIMIT))
    if parsed.root is None or not limit:
        return SearchPage(hits=(), is_cut=False)
    asked = _Asked(languages=languages, outlets=outlets, kinds=kinds, since=since, until=until, report=report)
    with pinned_plans(session):
        narrowed = _narrow(session, parsed.root, asked)
        if narrowed is None:
            return SearchPage(hits=(), is_cut=False)
        index, filters = narrowed
        is_cut = False
        if sort == "relevance":
            scores, is_cut = _best(session, index, filters, limit)
        else:
            scores = _by_time(session, index, filters, asked, sort, limit)
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
    with pinned_plans(session):
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

    def by_time(self) -> list[ColumnElement[bool]]:
        since = [self.since <= _WHEN] if self.since is not None else []
        return since + ([self.until >= _WHEN] if self.until is not None else [])

    def by_report(self) -> list[ColumnElement[bool]]:
        if self.report is None:
            return []
        related = select(RelevanceRow.article_id).join(ReportRow, ReportRow.id == RelevanceRow.report_id)
        return [ArticleRow.id.in_(related.where(ReportRow.key == self.report, RelevanceRow.related))]


_WHEN = func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at)


def _narrow(session: Session, root: Node, asked: _Asked) -> tuple[IndexQuery, list[ColumnElement[bool]]] | None:
    """The query with the filters that its index answers, and conditions on the article's row for the rest: the report, and the hours at
    the ends of a span. None where no article passes."""
    tags = asked.by_tags()
    if tags is None:
        return None
    return index_query(session, root, tags), [*([] if tags.is_exact else asked.by_time()), *asked.by_report()]


def _last(index: IndexQuery, filters: Sequence[ColumnElement[bool]], number: int, *columns: ColumnElement[Any], newest: bool = True) -> CTE:
    """The hits that were stored last (or first), as many as that.

    By id, which is what the indices know of time: to order half a million hits of a common word by date takes a second.
    """
    broad = index.condition if index.loose is None else index.loose
    found = select(index.order.label("article_id"), *columns).where(broad)
    if filters:
        found = found.join(ArticleRow, ArticleRow.id == index.article_id).where(*filters)
    found = found.order_by(index.order.desc() if newest else index.order.asc())
    if index.loose is not None:
        # One text after the other is looked into, until there are enough. "OFFSET 0" keeps the two steps apart.
        some = found.offset(literal_column("0")).subquery("some")
        found = select(some.c.article_id).join(index.source, index.article_id == some.c.article_id).where(index.condition)
        found = found.order_by(some.c.article_id.desc() if newest else some.c.article_id.asc())
    return found.limit(number).cte("last")


def _weighed(index: IndexQuery, filters: Sequence[ColumnElement[bool]], number: int) -> CTE:
    """The hits that were stored last, with their scores."""
    if not index.weighs_apart:
        return _last(index, filters, number, index.score.label("score"))
    last = _last(index, filters, number)
    return select(last.c.article_id, index.score.label("score")).join(index.source, index.article_id == last.c.article_id).cte("weighed")


def _best(session: Session, index: IndexQuery, filters: Sequence[ColumnElement[bool]], limit: int) -> tuple[dict[int, float], bool]:
    """Id -> score of the best of the RANKED hits stored last, the best first; whether there were that many."""
    last = _weighed(index, filters, RANKED)
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


def _by_time(
    session: Session, index: IndexQuery, filters: Sequence[ColumnElement[bool]], asked: _Asked, sort: Sort, limit: int
) -> dict[int, float]:
    """Id -> score of the newest, or oldest, hits in this order.

    What was stored last is nearly always the newest: of very many hits those stored last are put in order, and it is asked which
    articles stored before belong among them.
    """
    newest = sort == "newest"
    # SQLite weighs as it finds: to ask again, only for what is shown, would merge the words of a prefix once more.
    weighed = [] if index.weighs_apart else [index.score.label("score")]
    last = _last(index, filters, RANKED, *weighed, newest=newest)
    statement = (
        select(last.c.article_id, _WHEN.label("at"))
        .add_columns(select(func.count()).select_from(last).scalar_subquery())
        .add_columns(select((func.min if newest else func.max)(last.c.article_id)).scalar_subquery())
        .add_columns(*[last.c.score for _ in weighed])
        .join(ArticleRow, ArticleRow.id == last.c.article_id)
        .order_by(_WHEN.desc() if newest else _WHEN.asc(), ArticleRow.key)
        .limit(limit)
    )
    rows = session.execute(statement).all()
    is_full = len(rows) == limit
    if rows and rows[0][2] >= RANKED and _others_match(session, index, rows[-1], asked, newest=newest, is_full=is_full):
        return _weigh(session, index, _in_order(session, index, filters, sort, limit))
    return {row[0]: row[4] for row in rows} if weighed else _weigh(session, index, [row[0] for row in rows])


def _weigh(session: Session, index: IndexQuery, found: Sequence[int]) -> dict[int, float]:
    """Id -> score, in the given order."""
    scores: dict[int, float] = {}
    for part in chunks(found):
        scores |= dict(session.execute(select(index.article_id, index.score).where(index.condition, _among(session, index, part))).all())
    return {article_id: scores[article_id] for article_id in found}


def _among(session: Session, index: IndexQuery, ids: Sequence[int]) -> ColumnElement[bool]:
    if is_postgresql(session):
        return index.article_id.in_(ids)
    # Given a list of ids to look up, SQLite asks the whole query anew for each, and weighs its words anew.
    return index.article_id.between(min(ids), max(ids)) & (index.article_id + 0).in_(ids)


def _others_match(session: Session, index: IndexQuery, edge: Any, asked: _Asked, *, newest: bool, is_full: bool) -> bool:
    """Whether an article that was stored before those that were put in order may belong among them, by its time and its words."""
    others = _elsewhere(session, edge.at, edge[3], asked, newest=newest) if is_full else None
    if others is None:
        return True
    matching = session.scalars(select(index.article_id).where(index.condition, index.article_id.in_(others))).all() if others else []
    return bool(matching)


def _in_order(session: Session, index: IndexQuery, filters: Sequence[ColumnElement[bool]], sort: Sort, limit: int) -> list[int]:
    """The first of all hits by time."""
    statement = select(ArticleRow.id).join(index.source, index.article_id == ArticleRow.id).where(index.condition, *filters)
    order = _WHEN.desc() if sort == "newest" else _WHEN.asc()
    return list(session.scalars(statement.order_by(order, ArticleRow.key).limit(limit)))


def _elsewhere(session: Session, edge: datetime, beyond: int, asked: _Asked, *, newest: bool) -> list[int] | None:
    """Articles of the span asked for that by their time belong before ``edge`` and by their id do not; None when there are many."""
    when, seen, number = ArticleRow.published_at, ArticleRow.first_seen_at, ArticleRow.id + 0
    outside = number < beyond if newest else number > beyond
    # Both ends: what was published after a span that lies back may be half of all.
    first, last = (edge, asked.until) if newest else (asked.since, edge)

    def within(column: ColumnElement[Any]) -> list[ColumnElement[bool]]:
        return ([column >= first] if first is not None else []) + ([column <= last] if last is not None else [])

    dated = select(ArticleRow.id).where(*within(when.expression), outside).limit(FEW + 1)
    undated = select(ArticleRow.id).where(when.is_(None), *within(seen.expression), outside).limit(FEW + 1)
    found = [*session.scalars(dated), *session.scalars(undated)]
    return found if len(found) <= FEW else None
