"""No text from outside reaches a terminal or a log as it came."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from config.logs import render_line
from interfaces.cli.output import as_json, inert


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
