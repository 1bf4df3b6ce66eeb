"""No text from outside reaches a terminal or a log as it came."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from config.logs import render_line
from interfaces.cli.context import Until, When
from interfaces.cli.output import Ink, as_json, inert, styled_line
from tests.fixtures.naughty import NAUGHTY


@pytest.mark.rows(57, 58)
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain Зайцеве Straße", "plain Зайцеве Straße"),
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),  # Sets a terminal's title.
        ("a\x9b31mb", "a\\x9b31mb"),  # The one-byte form of ESC [.
        ("one\r\ntwo", "one\\x0d\\x0atwo"),
        ("abc\u202edef", "abc\\u202edef"),  # Shows what follows backwards.
        ("x\u2066y", "x\\u2066y"),
        ("\ud800", "\\ud800"),
        ("zero\u200dwidth", "zero\u200dwidth"),  # Joiners are needed by scripts and emoji.
        ("\ufeffbom", "\\ufeffbom"),
    ],
)
def test_what_steers_a_terminal_is_made_visible(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.rows(77)
def test_a_log_record_stays_one_line() -> None:
    line = render_line(None, "info", {"timestamp": "t", "level": "info", "event": "read\nerror forged", "title": "a\r\n\x1b[31m b"})
    assert "\n" not in line
    assert "\x1b" not in line
    assert line.startswith("t info    read\\nerror forged")


def test_json_is_ascii_and_times_end_in_z() -> None:
    class Colour(StrEnum):
        RED = "red"

    value = {Colour.RED: (datetime(2022, 11, 14, 9, 30, tzinfo=UTC), "Сватове\x1b")}
    assert json.loads(json.dumps(as_json(value))) == {"red": ["2022-11-14T09:30:00Z", "Сватове\x1b"]}


RUNS = [("Some", Ink.PLAIN), (" 250", Ink.REMOVED), (" 300", Ink.ADDED), (" men", Ink.PLAIN)]


@pytest.mark.parametrize(
    ("is_terminal", "variables", "printed"),
    [
        (False, {}, "Some [-250-] {+300+} men\n"),
        (True, {}, "Some\x1b[9;31m 250\x1b[0m\x1b[1;32m 300\x1b[0m men\n"),
        (True, {"NO_COLOR": "1"}, "Some [-250-] {+300+} men\n"),
        (True, {"TERM": "dumb"}, "Some [-250-] {+300+} men\n"),
        # An empty NO_COLOR is none.
        (True, {"NO_COLOR": ""}, "Some\x1b[9;31m 250\x1b[0m\x1b[1;32m 300\x1b[0m men\n"),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    is_terminal: bool, variables: dict[str, str], printed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"NO_COLOR": "", "TERM": "xterm", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    styled_line(RUNS)
    assert capsys.readouterr().out == printed


@pytest.mark.rows(57, 58)
@pytest.mark.parametrize("text", NAUGHTY)
def test_only_our_own_codes_steer_a_terminal(text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    styled_line([(text, Ink.REMOVED), (text, Ink.PLAIN)])
    assert capsys.readouterr().out == f"\x1b[9;31m{inert(text)}\x1b[0m{inert(text)}\n"


@pytest.mark.parametrize(
    ("written", "since", "until"),
    [
        ("2022-11-14", "2022-11-14T00:00:00+00:00", "2022-11-14T23:59:59.999999+00:00"),
        ("20221114", "2022-11-14T00:00:00+00:00", "2022-11-14T23:59:59.999999+00:00"),
        ("2022-11-14T00:00", "2022-11-14T00:00:00+00:00", "2022-11-14T00:00:00+00:00"),
        ("2022-11-14T09:30+02:00", "2022-11-14T09:30:00+02:00", "2022-11-14T09:30:00+02:00"),
    ],
)
def test_a_day_is_in_the_span_that_ends_with_it(written: str, since: str, until: str) -> None:
    assert When().convert(written, None, None).isoformat() == since
    ended = Until().convert(written, None, None)
    assert ended.isoformat() == until
    # click may convert a value twice.
    assert Until().convert(ended, None, None) == ended
