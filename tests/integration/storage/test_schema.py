"""The tables of the models and those of the migration are the same, on both databases."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage.database import Database, alembic_config, upgrade_database
from storage.migrations import REVISIONS
from storage.models import Base
from storage.views import COLUMNS


def _is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    # The full-text index has no model: it is a virtual table on one database and a table of tsvectors on the other.
    return not (kind == "table" and (name or "").startswith("search_index"))


def test_models_and_migration_agree(database: Database) -> None:
    with database.writer.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_ours, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_list_of_revisions_is_that_of_the_scripts() -> None:
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    assert tuple(reversed([script.revision for script in scripts])) == REVISIONS


def test_an_up_to_date_database_is_left_alone(database_url: str) -> None:
    assert upgrade_database(database_url) is None


def test_every_view_has_the_documented_columns(database: Database) -> None:
    with database.read() as session:
        for view, columns in COLUMNS.items():
            assert list(session.execute(text(f"SELECT * FROM {view}")).keys()) == list(columns), view
