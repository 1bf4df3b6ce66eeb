"""Every released schema can be upgraded with its data. A release keeps two files (docs/operations.md), found here by themselves."""

from __future__ import annotations

import gzip
from pathlib import Path

import psycopg
import pytest

from storage.database import upgrade_database
from tests.golden_database import check, dump_postgresql, dump_sqlite, fill, load_postgresql

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "tests" / "fixtures" / "releases"
SQLITE, POSTGRESQL = (sorted(FOLDER.glob(f"*.{kind}.gz")) for kind in ("db", "postgresql"))


def emptied(url: str) -> str:
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return url


def upgrade_kept(kept: bytes, tmp_path: Path) -> None:
    file = tmp_path / "kept.db"
    file.write_bytes(gzip.decompress(kept))
    upgrade_database(f"sqlite:///{file}")
    check(f"sqlite:///{file}")


def upgrade_kept_postgresql(kept: bytes, url: str) -> None:
    load_postgresql(emptied(url), kept)
    upgrade_database(url)
    check(url)


@pytest.mark.rows(97)
def test_what_a_release_would_keep_holds_all_that_is_asked_for(sqlite_url: str, postgresql_url: str, tmp_path: Path) -> None:
    fill(sqlite_url)
    upgrade_kept(dump_sqlite(sqlite_url), tmp_path)
    fill(postgresql_url)
    upgrade_kept_postgresql(dump_postgresql(postgresql_url), postgresql_url)


@pytest.mark.rows(97)
@pytest.mark.parametrize("kept", SQLITE, ids=lambda file: file.name)
def test_a_kept_release_is_upgraded_with_its_data(kept: Path, tmp_path: Path) -> None:
    upgrade_kept(kept.read_bytes(), tmp_path)


@pytest.mark.rows(97)
@pytest.mark.parametrize("kept", POSTGRESQL, ids=lambda file: file.name)
def test_a_kept_release_is_upgraded_with_its_data_on_postgresql(kept: Path, postgresql_url: str) -> None:
    upgrade_kept_postgresql(kept.read_bytes(), postgresql_url)


def test_every_version_that_was_released_has_its_files() -> None:
    # The changelog names a version as "## 0.1.0": from then on its databases are kept under that name.
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    released = {line.split()[1] for line in lines if line.startswith("## ") and line[3:4].isdigit()}
    for files in (SQLITE, POSTGRESQL):
        assert released == {file.name.rsplit(".", 2)[0] for file in files}
