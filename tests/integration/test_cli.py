"""What a person types wrongly, and what the command line answers: one line that says what, where, and what to do next."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from interfaces.cli.main import COMMANDS, _run
from storage.migrations import REVISIONS

Call = Callable[..., tuple[int, str, str]]

CARD = """
id = "radio_en"
name = "Radio"
language = "en"
owner = "radio"
homepage = "http://radio.example/"
domains = ["radio.example"]
[[endpoints]]
url = "http://radio.example/rss"
status = "verified"
"""


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run one command on a database of its own; gives exit code, stdout, stderr."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)

    def call(*arguments: str, database: str | None = None) -> tuple[int, str, str]:
        code = _run(["--database", database or f"sqlite:///{tmp_path / 'x.db'}", *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def test_an_unknown_command_is_a_usage_error(run: Call) -> None:
    code, out, err = run("crwal")
    assert (code, out) == (2, "")
    assert "crwal" in err


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself(run: Call, command: str) -> None:
    code, out, _ = run(command, "--help")
    assert code == 0
    assert "Usage: secondsource" in out


@pytest.mark.rows(101)
def test_all_faults_of_all_cards_are_named_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cards = tmp_path / "cards"
    cards.mkdir()
    (cards / "radio_en.toml").write_text(CARD.replace('language = "en"', 'language = "English"\nlangauge = "en"'))
    (cards / "other.toml").write_text(CARD)
    (cards / "broken.toml").write_text("id = ")
    config = tmp_path / "config.toml"
    config.write_text('outlets_dir = "cards"\nbundled_outlets = false\n')
    assert _run(["--config", str(config), "outlets", "list"]) == 2
    err = capsys.readouterr().err
    assert f"{cards}/broken.toml: is not valid TOML" in err
    assert f"{cards}/other.toml: id: is 'radio_en', must be the file's name" in err
    assert f"{cards}/radio_en.toml: language:" in err
    assert f"{cards}/radio_en.toml: langauge: unknown key" in err


def test_a_crawl_of_the_web_needs_a_contact(run: Call, tmp_path: Path) -> None:
    code, _, err = run("crawl", "rferl_en")
    assert code == 2
    assert "contact" in err
    assert "SECONDSOURCE_CONTACT" in err


@pytest.mark.parametrize("command", [("compare", "r"), ("export", "--format", "csv"), ("db", "seal"), ("db", "backup")])
@pytest.mark.parametrize("out", ["no/folder/x.html", "/dev/null"])
def test_a_place_that_cannot_be_written_is_told_before_the_work(run: Call, tmp_path: Path, command: tuple[str, ...], out: str) -> None:
    code, stdout, stderr = run(*command, "--out", str(tmp_path / out))
    assert (code, stdout) == (2, "")
    assert "there is no folder" in stderr or "no regular file" in stderr
    assert "database:" not in stderr, "nothing was begun"


def test_an_unknown_outlet_is_named(run: Call) -> None:
    code, _, err = run("crawl", "no_such_outlet")
    assert code == 2
    assert "no_such_outlet" in err
    assert "outlets list" in err


@pytest.mark.parametrize(
    "arguments", [("search", "x"), ("status",), ("show", "a:b"), ("report", "list"), ("clusters", "list"), ("db", "stats")]
)
def test_reading_an_absent_database_says_how_to_make_one(run: Call, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (4, "")
    assert "there is no database at" in err
    assert "db upgrade" in err


def test_reading_an_empty_database_says_so(run: Call) -> None:
    assert run("db", "upgrade")[0] == 0
    code, out, err = run("search", "Зайцеве")
    assert code == 0
    assert "holds no article yet" in err
    assert out == "nothing found\n"


def test_a_database_that_cannot_be_made(run: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("db", "upgrade", database=f"sqlite:///{tmp_path}/file/x.db")
    assert code == 4
    assert err.count("error: ") == 1


def test_a_database_of_another_schema_is_refused(run: Call, tmp_path: Path) -> None:
    assert [run("db", "upgrade")[:2] for _ in range(2)] == [(0, f"the schema is {REVISIONS[-1]} now\n"), (0, "the schema is up to date\n")]
    with sqlite3.connect(tmp_path / "x.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'of-the-future'")
    connection.close()
    code, _, err = run("crawl", "rferl_en")
    assert code in (2, 4)
    code, _, err = run("status")
    assert code == 4
    assert "of-the-future" in err


def test_a_file_that_is_no_database(run: Call, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"this is not a database, it only looks long enough to be one " * 100)
    code, _, err = run("status")
    assert code == 4
    assert "x.db" in err


def test_a_report_from_nowhere(run: Call) -> None:
    code, _, err = run("report", "add", "no-such-file.txt")
    assert code == 2
    assert "neither a file nor an http(s) address" in err


def test_extract_reads_pages_without_network_or_database(run: Call, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    paragraph = "The ferry to the island was cancelled on Tuesday because the only engineer who knows its engine had a wedding to go to. "
    page.write_text(
        f"<html lang=en><head><title>Ferry cancelled</title></head><body><article><h1>Ferry cancelled</h1>"
        f"<p>{paragraph * 3}</p><p>{paragraph[::-1]}</p></article></body></html>"
    )
    code, out, _ = run("extract", str(page), str(tmp_path / "absent.html"), "--json")
    first, second = (json.loads(row) for row in out.splitlines())
    assert code == 1
    assert first["title"] == "Ferry cancelled"
    assert "only engineer" in first["text"]
    assert first["error"] is None
    assert second["title"] is None
    assert "cannot be read" in second["error"]


def test_outlets_list_has_the_promised_keys(run: Call) -> None:
    code, out, _ = run("outlets", "list", "--json")
    assert code == 0
    rows = json.loads(out)
    assert {"id", "name", "language", "owner", "family", "enabled", "reason", "endpoints"} <= set(rows[0])
    assert {"en", "de", "ru", "uk"} <= {row["language"] for row in rows if row["enabled"]}


def test_help_does_not_load_what_it_does_not_need() -> None:
    heavy = "sqlalchemy, scrapy, trafilatura, pydantic, numpy"
    program = (
        "import sys; from interfaces.cli.main import _run; _run(['--help'])\n"
        f"print([name for name in '{heavy}'.split(', ') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.endswith("[]\n")
