"""Whether a database has the columns that this version reads and writes, whatever its schema is called."""

from __future__ import annotations

from sqlalchemy import Connection, text

from storage.engines import show_url, upgrade_command
from storage.errors import DatabaseUnusableError
from storage.migrations import REVISIONS
from storage.models import Base

# Table, column, and whether a row cannot be written without it.
_SQLITE_COLUMNS = (
    'SELECT m.name, p.name, p."notnull" AND p.dflt_value IS NULL AND NOT p.pk FROM sqlite_master m JOIN pragma_table_info(m.name) p '
    "WHERE m.type = 'table'"
)
_POSTGRESQL_COLUMNS = (
    "SELECT c.relname, a.attname, a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' FROM pg_attribute a "
    "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = current_schema()"
)


def require_columns(connection: Connection, url: str) -> None:
    """A schema of the right name may still be another: of an unreleased state of the program, whose baseline is edited in place, or
    changed by hand. Found out here in a millisecond, and not by a statement in the middle of a crawl.

    Raises: DatabaseUnusableError.
    """
    asked = _SQLITE_COLUMNS if connection.dialect.name == "sqlite" else _POSTGRESQL_COLUMNS
    there: dict[str, bool] = {}
    for table, name, is_demanded in connection.execute(text(asked)):
        there[f"{table}.{name}"] = bool(is_demanded)
    known = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    ours = tuple(f"{table}." for table in Base.metadata.tables)
    lacking = sorted(known - there.keys())
    foreign = sorted(name for name in there.keys() - known if there[name] and name.startswith(ours))
    if not lacking and not foreign:
        return
    wrong = f"lacks {_some(lacking)}" if lacking else f"demands {_some(foreign)}"
    raise DatabaseUnusableError(
        f"{show_url(url)} is of the schema {REVISIONS[-1]} by its name but {wrong}: an unreleased state of this program made it, or a "
        "hand changed it",
        f"use the program that wrote it, or move it aside and create a new one with: {upgrade_command(url)}",
    )


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
