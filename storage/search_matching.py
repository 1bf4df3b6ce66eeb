"""A search query in the database's own language: a MATCH of FTS5, or a ``tsquery``. Either finds what ``storage.query.accepts`` says.

Where PostgreSQL does not keep every place of every word (long texts), phrases are looked for in the stored words themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Boolean, ColumnClause, ColumnElement, Float, TableClause, column, func, literal, literal_column, table, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from storage.dialects import is_postgresql
from storage.models import ArticleRow
from storage.query import AllOf, AnyOf, Node, Term, accepts
from storage.search_tags import TagFilter

_PIN = text(
    "SELECT set_config('enable_seqscan', :used, true), set_config('enable_hashjoin', :used, true), "
    "set_config('enable_mergejoin', :used, true), set_config('jit', :used, true)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexQuery:
    """A query in the database's own language."""

    source: TableClause
    article_id: ColumnClause[int]
    order: ColumnElement[int]
    """Puts hits in the order of their ids."""
    condition: ColumnElement[bool]
    score: ColumnElement[float]
    loose: ColumnElement[bool] | None = None
    """What the index alone can tell, where ``condition`` has to look into each text: finds the same and more."""
    weighs_apart: bool = False
    """Whether ``score`` can be asked of a row without the query that found it."""


def index_query(session: Session, root: Node, tags: TagFilter | None = None) -> IndexQuery:
    """A query for articles that have these words, and these tags."""
    tags = tags or TagFilter()
    if not is_postgresql(session):
        lookup = table("search_index", column("rowid", ArticleRow.id.type))
        # The table's name on the left stands for all its columns.
        match: ColumnElement[bool] = literal_column("search_index").op("MATCH", is_comparison=True)(_tagged(_fts_query(root), tags))
        # A word of the headline counts five times, there as here. A tag counts nothing.
        score: ColumnElement[float] = literal_column("-bm25(search_index, 5.0, 1.0, 0.0)", Float())
        return IndexQuery(source=lookup, article_id=lookup.c.rowid, order=lookup.c.rowid, condition=match, score=score)
    lookup = table("search_index", column("article_id", ArticleRow.id.type), column("lexemes"), column("is_clipped", Boolean()))
    words = literal(_tsquery(root)).cast(TSQUERY)
    condition = _matches(lookup, _tsquery(root), tags)
    loose = None
    if any(len(phrase) > 1 for term in _terms(root) for phrase in term.phrases):
        loose = _matches(lookup, _tsquery(root, loose=True), tags)
        condition = (condition & ~lookup.c.is_clipped) | lookup.c.article_id.in_(_clipped_hits(session, root))
    # The weights are those of D, C, B and A; 1 divides by the logarithm of the length, as bm25 does in its way.
    score = func.ts_rank_cd(literal_column("'{0.1, 0.1, 0.1, 0.5}'"), lookup.c.lexemes, words, 1, type_=Float())
    return IndexQuery(
        source=lookup,
        article_id=lookup.c.article_id,
        # "+ 0": the planner would rather walk the ids and unpack the words of every text.
        order=lookup.c.article_id + 0,
        condition=condition,
        score=score,
        loose=loose,
        weighs_apart=True,
    )


@contextmanager
def pinned_plans(session: Session) -> Iterator[None]:
    """Have PostgreSQL use the full-text index inside the block.

    Its planner takes the words of a text for a part of the row and their comparison for cheap. They are some kilobytes beside it, and it
    would unpack those of every article, of 10,000 in a fifth of a second, rather than ask the index, which takes one or two milliseconds.
    """
    if not is_postgresql(session):
        yield
        return
    session.execute(_PIN, {"used": "off"})
    yield
    session.execute(_PIN, {"used": "on"})


def _matches(lookup: TableClause, query: str, tags: TagFilter) -> ColumnElement[bool]:
    wanted = _joined(" & ", [query, *(_joined(" | ", [f"'{tag}'" for tag in group]) for group in tags.all_of)])
    if tags.none_of:
        unwanted = _joined(" | ", [f"'{tag}'" for tag in tags.none_of])
        wanted = f"({wanted} & !{unwanted})"
    return lookup.c.lexemes.op("@@", is_comparison=True)(literal(wanted).cast(TSQUERY))


def _clipped_hits(session: Session, root: Node) -> list[int]:
    """Hits among the texts too long for PostgreSQL to know all places of their words, decided on the words themselves."""
    statement = text(
        "SELECT i.article_id, s.title, s.body FROM search_index i JOIN search_lemmas s ON s.article_id = i.article_id "
        "WHERE i.is_clipped AND i.lexemes @@ CAST(:query AS tsquery)"
    ).bindparams(query=_tsquery(root, loose=True))
    rows = session.execute(statement.execution_options(yield_per=20))
    return [article_id for article_id, title, body in rows if accepts(root, (title.split(), body.split()))]


def _terms(node: Node) -> Iterator[Term]:
    match node:
        case Term():
            yield node
        case AllOf(wanted, unwanted):
            for part in (*wanted, *unwanted):
                yield from _terms(part)
        case AnyOf(branches):
            for part in branches:
                yield from _terms(part)


def _fts_query(node: Node) -> str:
    """In FTS5's language. Every word is quoted; words are letters and digits only."""
    match node:
        case Term(phrases, is_prefix):
            star = "*" if is_prefix else ""
            return _joined(" OR ", [f'"{" ".join(phrase)}"{star}' for phrase in phrases])
        case AnyOf(branches):
            return _joined(" OR ", [_fts_query(part) for part in branches])
        case AllOf(wanted, unwanted):
            all_of = _joined(" AND ", [_fts_query(part) for part in wanted])
            return f"({all_of} NOT {_joined(' OR ', [_fts_query(part) for part in unwanted])})" if unwanted else all_of


def _tagged(query: str, tags: TagFilter) -> str:
    """A query of SQLite that also asks for tags."""
    wanted = _joined(" AND ", [query, *map(_any_tag, tags.all_of)])
    return f"({wanted} NOT {_any_tag(tags.none_of)})" if tags.none_of else wanted


def _any_tag(tags: Sequence[str]) -> str:
    return _joined(" OR ", [f'"{tag}"' for tag in tags])


def _tsquery(node: Node, *, loose: bool = False) -> str:
    """In PostgreSQL's language, the same way. ``loose`` finds more: phrases as single words, and nothing excluded."""
    match node:
        case Term(phrases, is_prefix):
            star = ":*" if is_prefix else ""
            next_to = " & " if loose else " <-> "
            return _joined(" | ", [_joined(next_to, [f"'{word}'{star}" for word in phrase]) for phrase in phrases])
        case AnyOf(branches):
            return _joined(" | ", [_tsquery(part, loose=loose) for part in branches])
        case AllOf(wanted, unwanted):
            all_of = _joined(" & ", [_tsquery(part, loose=loose) for part in wanted])
            if not unwanted or loose:
                return all_of
            return f"({all_of} & !{_joined(' | ', [_tsquery(part) for part in unwanted])})"


def _joined(operator: str, parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 and not operator.strip() else f"({operator.join(parts)})"
