"""The demo as a user runs it. The slowest test of the suite: a server, a crawl, the daemon, and a comparison, all for real."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

KEYS = ("articles", "aliases", "copies", "revisions", "outlets")
LONGEST_S = 600


@pytest.fixture(scope="module")
def demo(secondsource: Path, misleading_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """The JSON of one demo of the installed wheel, run from a folder with misleading modules in it."""
    kept = tmp_path_factory.mktemp("demo") / "kept"
    done = subprocess.run(
        [secondsource, "demo", "--json", "--keep", str(kept)],
        cwd=misleading_folder,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        env={name: value for name, value in os.environ.items() if not name.startswith("SECONDSOURCE_")},
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    values = json.loads(done.stdout)
    assert isinstance(values, dict)
    return values


def test_the_counts_are_integers_and_those_of_the_database(demo: dict[str, object]) -> None:
    with closing(sqlite3.connect(str(demo["database"]))) as connection:
        for key in KEYS:
            assert type(demo[key]) is int, key
            (rows,) = connection.execute(f"SELECT count(*) FROM {key}").fetchone()
            assert demo[key] == rows, key
    assert demo["outlets"] == 18


def test_dossier_and_database_are_there_after_the_end(demo: dict[str, object]) -> None:
    dossier = Path(str(demo["dossier"]))
    assert dossier.is_file() and Path(str(demo["database"])).is_file()
    text = dossier.read_text(encoding="utf-8")
    assert "Finds passages to read. Does not decide whether a claim is true." in text
    # One self-contained file: nothing is loaded from anywhere.
    assert "<script src" not in text and '<link rel="stylesheet" href="http' not in text


def test_the_matrix_has_the_documented_keys(demo: dict[str, object]) -> None:
    matrix = demo["matrix"]
    assert isinstance(matrix, dict)
    assert [claim["id"] for claim in matrix["claims"]] == [f"c{number:02d}" for number in range(1, 21)]
    for claim in matrix["claims"]:
        assert {"id", "text", "kind", "cells"} <= claim.keys()
        for cell in claim["cells"]:
            assert {"origin", "level", "articles"} <= cell.keys()
            assert cell["level"] in ("strong", "possible", "none", "unseen")
            for article in cell["articles"]:
                assert {"outlet", "language", "url", "passage", "facts"} <= article.keys()


def test_nothing_differed_from_the_ground_truth(demo: dict[str, object]) -> None:
    assert demo["differences"] == []


def test_the_kept_folder_serves_every_other_command(demo: dict[str, object]) -> None:
    config = Path(str(demo["database"])).parent / "secondsource.toml"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "interfaces.cli.main", "--config", str(config), "search", "подвал Зайцево", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "techas_ru:40232318" in done.stdout


def test_a_folder_with_an_earlier_demo_is_refused(demo: dict[str, object]) -> None:
    folder = Path(str(demo["database"])).parent
    done = subprocess.run(
        [sys.executable, "-P", "-m", "interfaces.cli.main", "demo", "--keep", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "holds an earlier demo" in done.stderr
