"""Full text over the lemmas of current revisions; snippets from the original text.

SQLite: FTS5 over ``search_lemmas`` (external content). PostgreSQL: a ``tsvector`` built here, word by word, because the
server's own parser splits some words otherwise. Both hold exactly the words of storage.lemmas, so both find the same articles.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import Float, Subquery, func, select, text
from sqlalchemy.orm import Session

from storage.dialects import is_postgresql, put_row
from storage.lemmas import LANGUAGES
from storage.models import ArticleRow, ExtractionRow, RelevanceRow, ReportRow, RevisionRow, SearchRow
from storage.near_duplicates import MAX_LEMMAS
from storage.query import Query, Term, parse_query
from storage.records import SearchHit
from storage.sanitise import sanitise_line
from storage.snippets import make_snippet

Sort = Literal["relevance", "newest", "oldest"]
MAX_POSITION = 16_383
"""PostgreSQL counts word positions up to here."""
MAX_PLACES = 255
"""Places of one word that PostgreSQL keeps."""
MAX_LIMIT = 10_000

_FORGET = "INSERT INTO search_index(search_index, rowid, title, body) VALUES ('delete', :id, :title, :body)"
_KEEP = "INSERT INTO search_index(rowid, title, body) VALUES (:id, :title, :body)"


def index_article(session: Session, article_id: int, title_lemmas: str, body_lemmas: str, lemmatiser: str) -> None:
    """Put an article's current words in the place of its former ones. Idempotent; same transaction as the revision."""
    title = " ".join(title_lemmas.split()[:MAX_LEMMAS])
    body = " ".join(body_lemmas.split()[:MAX_LEMMAS])
    old = session.execute(select(SearchRow.title, SearchRow.body).where(SearchRow.article_id == article_id)).one_or_none()
    if not is_postgresql(session) and old is not None:
        # An external-content index is told what to forget; only the stored row says what that was.
        _tell_fts(session, _FORGET, article_id, old.title, old.body)
    values = {"article_id": article_id, "title": title, "body": body, "lemmatiser": sanitise_line(lemmatiser, 40)}
    put_row(session, SearchRow, values, key="article_id")
    if is_postgresql(session):
        lexemes = _lexemes(title, body)
        session.execute(
            text(
                "INSERT INTO search_index (article_id, lexemes) VALUES (:id, CAST(:lexemes AS tsvector)) "
                "ON CONFLICT (article_id) DO UPDATE SET lexemes = excluded.lexemes"
            ),
            {"id": article_id, "lexemes": lexemes},
        )
    else:
        _tell_fts(session, _KEEP, article_id, title, body)


def unindex_article(session: Session, article_id: int) -> None:
    """Take an article out of the index and forget its words."""
    old = session.get(SearchRow, article_id)
    if old is None:
        return
    if is_postgresql(session):
        session.execute(text("DELETE FROM search_index WHERE article_id = :id"), {"id": article_id})
    else:
        _tell_fts(session, _FORGET, article_id, old.title, old.body)
    session.delete(old)
    session.flush()


def search(
    session: Session,
    query: str,
    *,
    languages: Sequence[str] = (),
    outlets: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    report: str | None = None,
    sort: Sort = "relevance",
    limit: int = 20,
) -> list[SearchHit]:
    """Articles that have every word of ``query`` in some inflected form, in headline or text.

    ``"quoted words"`` must stand in this order, ``-word`` must not occur, ``word*`` finds what begins so. Nothing else has a
    meaning: any text is a query. A query without a word that is
    wanted finds nothing. ``languages`` are the articles' (and the query's: all four
    when empty); ``since`` and ``until`` are times of publication, or of first sight where that is unknown, both included;
    ``report`` keeps articles found relevant to it. The best first, or the newest or oldest; ties by public key.
    """
    parsed = parse_query(query, tuple(languages) or LANGUAGES)
    if not parsed.wanted:
        return []
    when = func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at)
    matched = _match(session, parsed)
    statement = (
        select(ArticleRow, ExtractionRow.title, ExtractionRow.text, matched.c.score)
        .join(matched, matched.c.article_id == ArticleRow.id)
        .join(RevisionRow, RevisionRow.id == ArticleRow.current_revision_id)
        .join(ExtractionRow, ExtractionRow.id == RevisionRow.extraction_id)
    )
    if languages:
        statement = statement.where(ArticleRow.language.in_(list(languages)))
    if outlets:
        statement = statement.where(ArticleRow.outlet_id.in_(list(outlets)))
    if since is not None:
        statement = statement.where(when >= since)
    if until is not None:
        statement = statement.where(when <= until)
    if report is not None:
        related = select(RelevanceRow.article_id).join(ReportRow, ReportRow.id == RelevanceRow.report_id)
        statement = statement.where(ArticleRow.id.in_(related.where(ReportRow.key == report, RelevanceRow.related)))
    orders = {"relevance": matched.c.score.desc(), "newest": when.desc(), "oldest": when.asc()}
    statement = statement.order_by(orders[sort], ArticleRow.key).limit(max(0, min(limit, MAX_LIMIT)))
    return [_hit(row, title, body, score, parsed) for row, title, body, score in session.execute(statement)]


def search_ids(session: Session, query: str, *, languages: Sequence[str] = ()) -> list[int]:
    """Internal ids of the articles that ``search`` would find, the MAX_LIMIT best ones, in no order."""
    parsed = parse_query(query, tuple(languages) or LANGUAGES)
    if not parsed.wanted:
        return []
    matched = _match(session, parsed)
    return list(session.scalars(select(matched.c.article_id).order_by(matched.c.score.desc(), matched.c.article_id).limit(MAX_LIMIT)))


def _hit(row: ArticleRow, title: str, body: str, score: float, parsed: Query) -> SearchHit:
    return SearchHit(
        article=row.key,
        outlet=row.outlet_id,
        language=row.language,
        title=title,
        published_at=row.published_at,
        url=row.url,
        score=round(float(score), 4),
        snippet=make_snippet(body or title, row.language, parsed.lemmas, parsed.prefixes),
    )


def _match(session: Session, parsed: Query) -> Subquery:
    """The articles found with their scores, a higher one being better."""
    if is_postgresql(session):
        # The weights are those of D, C, B and A; 1 divides by the logarithm of the length, as bm25 does in its way.
        statement = text(
            "SELECT article_id, ts_rank_cd('{0.1, 0.1, 0.1, 0.5}', lexemes, CAST(:query AS tsquery), 1) AS score "
            "FROM search_index WHERE lexemes @@ CAST(:query AS tsquery)"
        ).bindparams(query=_tsquery(parsed))
    else:
        # A word of the headline counts five times, there as here.
        statement = text(
            "SELECT rowid AS article_id, -bm25(search_index, 5.0, 1.0) AS score FROM search_index WHERE search_index MATCH :query"
        ).bindparams(query=_fts_query(parsed))
    return statement.columns(article_id=ArticleRow.id.type, score=Float()).subquery("matched")


def _fts_query(parsed: Query) -> str:
    """In FTS5's language. Every word is quoted; words are letters and digits only."""

    def one(term: Term) -> str:
        star = "*" if term.is_prefix else ""
        return "(" + " OR ".join(f'"{" ".join(phrase)}"{star}' for phrase in term.phrases) + ")"

    wanted = " AND ".join(one(term) for term in parsed.wanted)
    return wanted if not parsed.unwanted else f"({wanted}) NOT ({' OR '.join(one(term) for term in parsed.unwanted)})"


def _tsquery(parsed: Query) -> str:
    """In PostgreSQL's language, the same way."""

    def one(term: Term) -> str:
        star = ":*" if term.is_prefix else ""
        return "(" + " | ".join("(" + " <-> ".join(f"'{word}'{star}" for word in phrase) + ")" for phrase in term.phrases) + ")"

    wanted = " & ".join(one(term) for term in parsed.wanted)
    return wanted if not parsed.unwanted else f"{wanted} & !({' | '.join(one(term) for term in parsed.unwanted)})"


def _lexemes(title: str, body: str) -> str:
    """A tsvector in its written form: each word with its places, those of the headline weighted A."""
    places: dict[str, list[str]] = {}
    words = title.split()
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(f"{min(place, MAX_POSITION)}A")
    # A gap, so that no phrase runs from the headline into the text.
    for place, word in enumerate(body.split(), len(words) + 2):
        places.setdefault(word, []).append(str(min(place, MAX_POSITION)))
    return " ".join(f"'{word}':{','.join(where[:MAX_PLACES])}" for word, where in places.items())


def _tell_fts(session: Session, statement: str, article_id: int, title: str, body: str) -> None:
    session.execute(text(statement), {"id": article_id, "title": title, "body": body})
