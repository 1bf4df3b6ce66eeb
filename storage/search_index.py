"""The full-text index as it is written: an article's current words in, or out, in the transaction of its revision.

What it holds, and how it is asked, says storage.search.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, column, delete, select, table, text, update
from sqlalchemy.orm import Session

from storage.batches import batch_of
from storage.deferred import defer, run_deferred
from storage.dialects import add_missing, is_postgresql, put_row, run, table_of
from storage.models import ArticleRow, SearchRow
from storage.near_duplicates import MAX_LEMMAS
from storage.sanitise import sanitise_line
from storage.search_tags import make_tags

MAX_POSITION = 16_383
"""PostgreSQL counts word positions up to here."""
MAX_PLACES = 255
"""Places of one word that PostgreSQL keeps."""

_FORGET = text("INSERT INTO search_index(search_index, rowid, title, body, tags) VALUES ('delete', :id, :title, :body, :tags)")
_KEEP = text("INSERT INTO search_index(rowid, title, body, tags) VALUES (:id, :title, :body, :tags)")
_FORGET_LEXEMES = text("DELETE FROM search_index WHERE article_id = :id")
# Both tables at once: a statement is a round trip.
_KEEP_LEXEMES = text(
    "WITH words AS (INSERT INTO search_lemmas (article_id, title, body, tags, lemmatiser) "
    "VALUES (:article_id, :title, :body, :tags, :lemmatiser) ON CONFLICT (article_id) DO UPDATE "
    "SET title = excluded.title, body = excluded.body, tags = excluded.tags, lemmatiser = excluded.lemmatiser) "
    "INSERT INTO search_index (article_id, lexemes, is_clipped) VALUES (:article_id, CAST(:lexemes AS tsvector), :is_clipped) "
    "ON CONFLICT (article_id) DO UPDATE SET lexemes = excluded.lexemes, is_clipped = excluded.is_clipped"
)
_INDEX = table("search_index", column("article_id"), column("lexemes"), column("is_clipped"))
_words, _articles = table_of(SearchRow), table_of(ArticleRow)
_WORDS = select(_words.c.title, _words.c.body, _words.c.tags, _words.c.lemmatiser).where(_words.c.article_id == bindparam("article"))
_TAGS = select(_words.c.tags).where(_words.c.article_id == bindparam("article"))
_PUT_TAGS = update(_words).where(_words.c.article_id == bindparam("article"))
_FORGET_WORDS = delete(_words).where(_words.c.article_id == bindparam("article"))
_TAGGED_BY = ("outlet_id", "language", "kind", "published_at", "first_seen_at")
_TAGGED = select(*(_articles.c[name] for name in _TAGGED_BY)).where(_articles.c.id == bindparam("article"))


def index_article(session: Session, article_id: int, title_lemmas: str, body_lemmas: str, lemmatiser: str) -> None:
    """Put an article's current words, and its tags, in the place of its former ones. Idempotent; same transaction as the revision.

    The index itself is written at the end of the transaction and finds nothing new before (see storage.deferred).
    """
    title, body, lemmatiser = _cut(title_lemmas), _cut(body_lemmas), sanitise_line(lemmatiser, 40)
    batch = batch_of(session)
    # An article that is new itself.
    new = batch.waiting(_articles, article_id) if batch is not None else None
    tags = _tags(**{name: new[name] for name in _TAGGED_BY}) if new else _current_tags(session, article_id)
    values = {"article_id": article_id, "title": title, "body": body, "tags": tags, "lemmatiser": lemmatiser}
    if is_postgresql(session):
        lexemes, is_clipped = _lexemes(title, body, tags)
        if batch is not None and new and not batch.waiting(_words, article_id):
            batch.add(_words, values, article_id)
            batch.add(_INDEX, {"article_id": article_id, "lexemes": lexemes, "is_clipped": is_clipped})
        else:
            defer(session, _KEEP_LEXEMES, **values, lexemes=lexemes, is_clipped=is_clipped)
        return
    if add_missing(session, SearchRow, values, key="article_id") is None:
        # An external-content index is told what to forget; only the stored row says what that was.
        old = run(session, _WORDS, article=article_id).one()
        defer(session, _FORGET, id=article_id, title=old.title, body=old.body, tags=old.tags)
        put_row(session, SearchRow, values, key="article_id")
    defer(session, _KEEP, id=article_id, title=title, body=body, tags=tags)


def retag_article(session: Session, article_id: int) -> None:
    """Let the index follow an article whose language, kind or time changed while its words stayed. Idempotent; same transaction.

    Nothing is done for one that is not in the index.
    """
    if is_postgresql(session):
        # Its row of words may still wait to be written.
        run_deferred(session)
    tags = _current_tags(session, article_id)
    if run(session, _TAGS, article=article_id).scalar() in (None, tags):
        return
    old = run(session, _WORDS, article=article_id).one()
    if is_postgresql(session):
        index_article(session, article_id, old.title, old.body, old.lemmatiser)
        return
    defer(session, _FORGET, id=article_id, title=old.title, body=old.body, tags=old.tags)
    defer(session, _KEEP, id=article_id, title=old.title, body=old.body, tags=tags)
    run(session, _PUT_TAGS, article=article_id, tags=tags)


def _current_tags(session: Session, article_id: int) -> str:
    return _tags(*run(session, _TAGGED, article=article_id).one())


def _tags(outlet_id: str, language: str, kind: str, published_at: datetime | None, first_seen_at: datetime) -> str:
    return make_tags(outlet_id=outlet_id, language=language, kind=kind, at=published_at or first_seen_at)


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
        run(session, _FORGET, id=article_id, title=old.title, body=old.body, tags=old.tags)
    run(session, _FORGET_WORDS, article=article_id)


def _lexemes(title: str, body: str, tags: str) -> tuple[str, bool]:
    """A tsvector in its written form: each word with its places, those of the headline weighted A; tags, which have no place, weigh
    nothing. And whether places were left out."""
    places: dict[str, list[str]] = {}
    words, body_words = title.split(), body.split()
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(f"{min(place, MAX_POSITION)}A")
    # A gap, so that no phrase runs from the headline into the text.
    for place, word in enumerate(body_words, len(words) + 2):
        places.setdefault(word, []).append(str(min(place, MAX_POSITION)))
    is_clipped = len(words) + len(body_words) + 1 > MAX_POSITION or any(len(where) > MAX_PLACES for where in places.values())
    written = [f"'{word}':{','.join(where[:MAX_PLACES])}" for word, where in places.items()]
    return " ".join([*written, *(f"'{tag}'" for tag in tags.split())]), is_clipped
