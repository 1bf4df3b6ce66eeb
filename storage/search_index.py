"""The full-text index as it is written: an article's current words in, or out, in the transaction of its revision.

What it holds, and how it is asked, says storage.search.
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session

from storage.deferred import defer, run_deferred
from storage.dialects import add_missing, is_postgresql, put_row, run, table_of
from storage.models import SearchRow
from storage.near_duplicates import MAX_LEMMAS
from storage.sanitise import sanitise_line

MAX_POSITION = 16_383
"""PostgreSQL counts word positions up to here."""
MAX_PLACES = 255
"""Places of one word that PostgreSQL keeps."""

_FORGET = text("INSERT INTO search_index(search_index, rowid, title, body) VALUES ('delete', :id, :title, :body)")
_KEEP = text("INSERT INTO search_index(rowid, title, body) VALUES (:id, :title, :body)")
_FORGET_LEXEMES = text("DELETE FROM search_index WHERE article_id = :id")
# Both tables at once: a statement is a round trip.
_KEEP_LEXEMES = text(
    "WITH words AS (INSERT INTO search_lemmas (article_id, title, body, lemmatiser) VALUES (:id, :title, :body, :lemmatiser) "
    "ON CONFLICT (article_id) DO UPDATE SET title = excluded.title, body = excluded.body, lemmatiser = excluded.lemmatiser) "
    "INSERT INTO search_index (article_id, lexemes, is_clipped) VALUES (:id, CAST(:lexemes AS tsvector), :is_clipped) "
    "ON CONFLICT (article_id) DO UPDATE SET lexemes = excluded.lexemes, is_clipped = excluded.is_clipped"
)
_words = table_of(SearchRow)
_WORDS = select(_words.c.title, _words.c.body).where(_words.c.article_id == bindparam("article"))
_FORGET_WORDS = delete(_words).where(_words.c.article_id == bindparam("article"))


def index_article(session: Session, article_id: int, title_lemmas: str, body_lemmas: str, lemmatiser: str) -> None:
    """Put an article's current words in the place of its former ones. Idempotent; same transaction as the revision.

    The index itself is written at the end of the transaction and finds nothing new before (see storage.deferred).
    """
    title, body, lemmatiser = _cut(title_lemmas), _cut(body_lemmas), sanitise_line(lemmatiser, 40)
    if is_postgresql(session):
        lexemes, is_clipped = _lexemes(title, body)
        values = {"id": article_id, "title": title, "body": body, "lemmatiser": lemmatiser}
        defer(session, _KEEP_LEXEMES, **values, lexemes=lexemes, is_clipped=is_clipped)
        return
    values = {"article_id": article_id, "title": title, "body": body, "lemmatiser": lemmatiser}
    if add_missing(session, SearchRow, values, key="article_id") is None:
        # An external-content index is told what to forget; only the stored row says what that was.
        old = run(session, _WORDS, article=article_id).one()
        defer(session, _FORGET, id=article_id, title=old.title, body=old.body)
        put_row(session, SearchRow, values, key="article_id")
    defer(session, _KEEP, id=article_id, title=title, body=body)


def _cut(lemmas: str) -> str:
    # A word and its space take two characters at least: nearly every text is short enough without counting its words.
    return lemmas if len(lemmas) < 2 * MAX_LEMMAS else " ".join(lemmas.split()[:MAX_LEMMAS])


def unindex_article(session: Session, article_id: int) -> None:
    """Take an article out of the index and forget its words."""
    run_deferred(session)
    old = run(session, _WORDS, article=article_id).one_or_none()
    if old is None:
        return
    if is_postgresql(session):
        run(session, _FORGET_LEXEMES, id=article_id)
    else:
        run(session, _FORGET, id=article_id, title=old.title, body=old.body)
    run(session, _FORGET_WORDS, article=article_id)


def _lexemes(title: str, body: str) -> tuple[str, bool]:
    """A tsvector in its written form: each word with its places, those of the headline weighted A. And whether places were left out."""
    places: dict[str, list[str]] = {}
    words, body_words = title.split(), body.split()
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(f"{min(place, MAX_POSITION)}A")
    # A gap, so that no phrase runs from the headline into the text.
    for place, word in enumerate(body_words, len(words) + 2):
        places.setdefault(word, []).append(str(min(place, MAX_POSITION)))
    is_clipped = len(words) + len(body_words) + 1 > MAX_POSITION or any(len(where) > MAX_PLACES for where in places.values())
    return " ".join(f"'{word}':{','.join(where[:MAX_PLACES])}" for word, where in places.items()), is_clipped
