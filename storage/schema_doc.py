"""docs/schema.md, made from the models and the views: ``python -m storage.schema_doc docs/schema.md`` (``make docs``)."""

from __future__ import annotations

import inspect as source
import sys
from pathlib import Path

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql

from storage import models
from storage.models import Base
from storage.views import ABOUT, COLUMNS

_HEAD = """\
# The database

Made by `make docs` from `storage/models.py` and `storage/views.py`; edit those.

Internal keys are 64-bit numbers and mean nothing outside. Times are UTC: `timestamptz` on PostgreSQL, text of fixed width ending in `Z` on
SQLite. Long addresses are unique by their sha256. To read the database with other tools use the views at the end: they stay, tables change.

The full-text index `search_index` has no model: on SQLite it is an FTS5 table over `search_lemmas`, on PostgreSQL a table of `tsvector`s.
"""


def render() -> str:
    """The whole document, ending in a newline. The same models give the same text."""
    tables = sorted(Base.metadata.tables.values(), key=lambda table: table.name)
    docs = {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers if isinstance(mapper.local_table, Table)}
    parts = [_HEAD, "## Picture\n", _diagram(tables), "## Tables\n"]
    for table in tables:
        parts.append(f"### {table.name}\n\n{_one_line(source.getdoc(docs[table.name]) or '')}\n")
        parts.append(_table_columns(table))
    parts.append("## Views\n")
    for view, columns in COLUMNS.items():
        rows = "\n".join(f"| `{name}` | {text} |" for name, text in columns.items())
        parts.append(f"### {view}\n\n{ABOUT[view]}\n\n| column | holds |\n|---|---|\n{rows}\n")
    return "\n".join(parts)


def _diagram(tables: list[Table]) -> str:
    lines = ["```mermaid", "erDiagram"]
    for table in tables:
        keys = [column for column in table.columns if column.primary_key or column.foreign_keys]
        marks = "\n".join(f"        {_kind(column)} {column.name} {_mark(column)}" for column in keys)
        lines.append(f"    {table.name} {{\n{marks}\n    }}")
    for table in tables:
        for column in table.columns:
            for key in sorted(key.target_fullname for key in column.foreign_keys):
                many = "o|" if column.nullable else "||"
                lines.append(f"    {key.split('.')[0]} {many}--o{{ {table.name} : {column.name}")
    return "\n".join([*lines, "```\n"])


def _mark(column: Column[object]) -> str:
    return ", ".join(mark for mark, holds in (("PK", column.primary_key), ("FK", bool(column.foreign_keys))) if holds)


def _table_columns(table: Table) -> str:
    rows = []
    for column in table.columns:
        target = ", ".join(sorted(f"→ {key.target_fullname}" for key in column.foreign_keys))
        notes = ", ".join(note for note in ("key" if column.primary_key else "", "may be empty" if column.nullable else "", target) if note)
        rows.append(f"| `{column.name}` | {_kind(column)} | {notes} |")
    return "| column | type | |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _kind(column: Column[object]) -> str:
    if isinstance(column.type, models.UtcTime):
        return "time"
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    name = str(column.type.compile(dialect=dialect)).lower().split("(")[0]
    return name.replace("double precision", "float").replace(" ", "_")


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(render(), encoding="utf-8")
    else:
        sys.stdout.write(render())
