"""``history`` and ``diff`` over a stored article: what changed, called by name, in text and in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from interfaces.cli.main import _run
from storage.articles import mark_gone
from storage.database import open_database
from tests.integration.storage.builders import Writer, make_extraction, make_outlet
from tests.integration.storage.texts import WIRE

URL = "http://radio.example/power-cut"
HOUR = timedelta(hours=1)
EDITED = (
    WIRE.replace("1,400 households", "1,500 households")
    .replace("said the damaged line", "said the \x1b[31mburnt line")
    .replace("It asked everyone", "“We hope for the ferry tomorrow,” it said. It asked everyone")
)


@pytest.fixture
def stored(sqlite_url: str, now: datetime) -> Iterator[tuple[str, str]]:
    """The database's URL and the key of an article with two revisions that was then withdrawn."""
    with closing(open_database(sqlite_url)) as database:
        writer = Writer(database, [make_outlet()], now)
        first = writer.write(URL, make_extraction("Power cut", WIRE), now)
        writer.write(URL, make_extraction("Power cut in four villages", EDITED), now + HOUR)
        with database.write() as session:
            mark_gone(session, first.visit.page_id, now + 2 * HOUR)
    yield sqlite_url, first.change.key


def test_a_diff_names_the_facts_and_marks_the_words(stored: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    database, key = stored
    assert _run(["--database", database, "diff", key, "1", "2"]) == 0
    out = capsys.readouterr().out
    assert "number: some 1,400 households -> some 1,500 households\n" in out
    assert "quotation added: We hope for the ferry tomorrow\n" in out
    assert "changed, headline: Power cut {+in four villages+}\n" in out
    assert "to some [-1,400-] {+1,500+} households" in out
    assert "added, paragraph 8: {+“We hope for the ferry tomorrow,” it said.+}\n" in out
    assert "\x1b" not in out


def test_a_diff_back_takes_out_what_was_put_in(stored: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    database, key = stored
    assert _run(["--database", database, "diff", key, "2", "1"]) == 0
    assert "number: some 1,500 households -> some 1,400 households\n" in capsys.readouterr().out


def test_a_diff_as_json_has_the_documented_keys(stored: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    database, key = stored
    assert _run(["--database", database, "diff", key, "1", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["article", "from", "to", "changes", "facts", "sentences"]
    assert found["changes"][0] == {
        "part": "title",
        "old": "Power cut",
        "new": "Power cut in four villages",
        "removed": "",
        "added": "in four villages",
        "moved": False,
    }
    assert found["facts"][0] == {"field": "number", "old": "some 1,400 households", "new": "some 1,500 households"}
    assert {sentence["kind"] for sentence in found["sentences"]} == {"changed", "added"}
    assert _run(["--database", database, "diff", key, "1", "1"]) == 0
    assert capsys.readouterr().out.endswith("no word changed\n")
    assert _run(["--database", database, "diff", key, "1", "9"]) == 2


def test_a_history_tells_what_each_revision_changed_and_the_withdrawal(
    stored: tuple[str, str], now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    database, key = stored
    assert _run(["--database", database, "history", key, "--facts"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:1] for line in lines] == ["1", "2", " ", " ", " ", " ", "w"]
    assert lines[2].strip() == "number: some 1,400 households -> some 1,500 households"
    assert lines[-1] == f"withdrawn by its publisher, noticed {now + 2 * HOUR:%Y-%m-%d %H:%M}"
    assert _run(["--database", database, "history", key, "--json"]) == 0
    assert [list(row)[:3] for row in json.loads(capsys.readouterr().out)] == [["number", "captured_at", "modified"]] * 2
