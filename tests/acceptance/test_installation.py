"""The wheel holds all that is needed, and only the rooms."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path


def test_a_stray_module_in_the_working_folder_is_never_imported(secondsource: Path, misleading_folder: Path, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'x.db'}"
    made = subprocess.run(
        [secondsource, "--database", database, "db", "upgrade"], cwd=misleading_folder, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    read = subprocess.run(
        [secondsource, "--database", database, "status", "--json"], cwd=misleading_folder, capture_output=True, check=True
    )
    assert json.loads(read.stdout)["counts"]["articles"] == 0


def test_cards_reports_and_newsroom_come_with_it(secondsource: Path, misleading_folder: Path) -> None:
    listed = subprocess.run([secondsource, "outlets", "list", "--json"], cwd=misleading_folder, capture_output=True, check=True)
    assert "rferl_en" in {row["id"] for row in json.loads(listed.stdout)}
    python = secondsource.with_name("python")
    program = (
        "from comparison.reference import bundled_reports; from interfaces.demo.newsroom import read_newsroom; import config, json; "
        "print(json.dumps([config.__file__, len(bundled_reports()), len(read_newsroom().documents)]))"
    )
    ended = subprocess.run([python, "-P", "-c", program], cwd=misleading_folder, capture_output=True, text=True, check=True)
    where, reports, documents = json.loads(ended.stdout)
    assert Path(where).is_relative_to(secondsource.parents[1])
    assert reports >= 1
    assert documents >= 120


def test_the_tests_are_not_in_the_wheel(secondsource: Path) -> None:
    assert not list(secondsource.parents[1].glob("lib/*/site-packages/tests"))
