"""A whole database copied into an empty one of either kind, and the copy proved equal: SQLite grown into PostgreSQL, or back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text, update

from storage.database import Database, open_database, open_reader, upgrade_database
from storage.dialects import table_of
from storage.errors import StorageError
from storage.models import ArticleRow, Base, SearchRow
from storage.search_index import index_article

BATCH = 500
"""Rows read, sent and hashed at a time. Tables with bodies take fewer, so that memory stays bounded."""
_HEAVY = {"capture_bodies": 20, "vector_blocks": 10, "quarantine": 20, "extractions": 100}


class CopyRefusedError(StorageError):
    """The target holds something already, or the copy is not equal. The message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCopy:
    table: str
    rows: int
    sha256: str
    """Over all rows by primary key, as values that are equal on both kinds of database."""


def copy_database(source_url: str, target_url: str, *, progress: Callable[[str], None]) -> list[TableCopy]:
    """Copy everything into an empty database, made if it is not there, in one transaction, and compare both sides row by row.

    Raises: CopyRefusedError (nothing was kept in the target), DatabaseUnusableError.
    """
    upgrade_database(target_url)
    with closing(open_reader(source_url)) as source, closing(open_database(target_url)) as target:
        with source.reader.connect() as reading, target.writer.begin() as writing:
            tables = Base.metadata.sorted_tables
            filled = [table.name for table in tables if writing.scalar(select(func.count()).select_from(table)) or 0]
            if filled:
                raise CopyRefusedError(f"{target.shown_url} is not empty: {', '.join(filled)}; name a new database")
            copied = [_copy_table(reading, writing, table, progress) for table in tables]
            _set_current_revisions(reading, writing)
            if target.dialect == "postgresql":
                _move_sequences(writing)
            _compare(reading, writing, tables, copied)
        _index_words(target, progress)
    return copied


def _copy_table(reading: Connection, writing: Connection, table: Table, progress: Callable[[str], None]) -> TableCopy:
    progress(table.name)
    rows = 0
    # Articles and revisions name each other; the revisions come later, the pointer to them after that.
    later = {"current_revision_id": None} if table is table_of(ArticleRow) else {}
    for batch in _batches(reading, table):
        writing.execute(insert(table), [{**row, **later} for row in batch])
        rows += len(batch)
    return TableCopy(table=table.name, rows=rows, sha256="")


def _set_current_revisions(reading: Connection, writing: Connection) -> None:
    articles = table_of(ArticleRow)
    statement = select(articles.c.id, articles.c.current_revision_id).execution_options(yield_per=BATCH)
    for part in reading.execute(statement).partitions(BATCH):
        for article_id, revision_id in part:
            writing.execute(update(articles).where(articles.c.id == article_id).values(current_revision_id=revision_id))


def _move_sequences(writing: Connection) -> None:
    """Rows came with their numbers; the server's counters go on behind the highest."""
    for table in Base.metadata.sorted_tables:
        column = table.primary_key.columns.values()[0]
        sequence = writing.scalar(text("SELECT pg_get_serial_sequence(:name, :column)"), {"name": table.name, "column": column.name})
        if sequence is not None:
            highest = writing.scalar(select(func.max(column)))
            writing.execute(text("SELECT setval(:sequence, :value, :used)"), _counter(sequence, highest))


def _counter(sequence: str, highest: int | None) -> dict[str, Any]:
    return {"sequence": sequence, "value": highest or 1, "used": highest is not None}


def _compare(reading: Connection, writing: Connection, tables: list[Table], copied: list[TableCopy]) -> None:
    for number, table in enumerate(tables):
        ours, theirs = _digest(reading, table), _digest(writing, table)
        if ours != theirs:
            raise CopyRefusedError(f"table {table.name} is not equal after the copy; nothing was kept")
        copied[number] = TableCopy(table=table.name, rows=copied[number].rows, sha256=ours)


def _digest(connection: Connection, table: Table) -> str:
    digest = hashlib.sha256()
    for batch in _batches(connection, table):
        for row in batch:
            digest.update(repr([_value(row[column.name]) for column in table.columns]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _value(value: Any) -> Any:
    if isinstance(value, (bytes, memoryview)):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, dict):
        return sorted((key, _value(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [_value(item) for item in value]
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _batches(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    size = _HEAVY.get(table.name, BATCH)
    statement = select(table).order_by(*table.primary_key.columns).execution_options(yield_per=size)
    for part in connection.execute(statement).mappings().partitions(size):
        yield [dict(row) for row in part]


def _index_words(target: Database, progress: Callable[[str], None]) -> None:
    """The full-text index differs between the two kinds; it is made anew from the stored words."""
    progress("full-text index")
    if target.dialect == "sqlite":
        with target.write() as session:
            session.execute(text("INSERT INTO search_index(search_index) VALUES ('rebuild')"))
        return
    last = 0
    while True:
        with target.write() as session:
            rows = session.execute(select(SearchRow).where(SearchRow.article_id > last).order_by(SearchRow.article_id).limit(BATCH))
            found = [(row.article_id, row.title, row.body, row.lemmatiser) for row in rows.scalars()]
            session.expunge_all()
            for article_id, title, body, lemmatiser in found:
                index_article(session, article_id, title, body, lemmatiser)
        if not found:
            return
        last = found[-1][0]
