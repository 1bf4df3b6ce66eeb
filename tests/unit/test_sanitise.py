"""Nothing foreign is stored that a database refuses or a terminal obeys."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.sanitise import is_changed, sanitise_json, sanitise_line, sanitise_text, sanitise_url
from storage.tracking import AMBIGUOUS, NAMES, PREFIXES


@pytest.mark.rows(55, 56, 57)
@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("a\x00b", "ab"),
        ("\x1b]0;pwned\x07x", "]0;pwnedx"),
        ("\ud83d\ude00", "😀"),
        ("\ud800x\udfff", "\ufffdx\ufffd"),
        ("one\r\ntwo\rthree\u2028four\x85five", "one\ntwo\nthree\nfour\nfive"),
        ("tab\tstays", "tab\tstays"),
        ("x\x9by", "xy"),
        # Direction marks are part of running text in some languages.
        ("\u202bשלום\u202c", "\u202bשלום\u202c"),
    ],
)
def test_text(raw: str, clean: str) -> None:
    assert sanitise_text(raw) == clean


@pytest.mark.rows(55, 57, 58)
@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Two\n lines \t here ", "Two lines here"),
        ("safe\u202etxt.exe\u202c", "safetxt.exe"),
        ("zero\u200bwidth\ufeff soft\u00adhyphen", "zerowidth softhyphen"),
        # A family of emoji and a flag of a region are spelled with joiners and tags.
        ("👩\u200d👩\u200d👧 🏴\U000e0067\U000e0062\U000e007f", "👩\u200d👩\u200d👧 🏴\U000e0067\U000e0062\U000e007f"),
        ("z" * 3_000_000, "z" * 1000),
        ("\x00" * 5000 + "a", ""),
    ],
)
def test_line(raw: str, clean: str) -> None:
    assert sanitise_line(raw) == clean


def test_a_json_value_is_cleaned_all_through() -> None:
    value = {"a\x00": ["b\ud800", 1.5, float("nan"), None, True, {"c": ("d\x07",)}], "inf": float("inf")}
    assert sanitise_json(value) == {"a": ["b\ufffd", 1.5, None, None, True, {"c": ["d"]}], "inf": None}


@pytest.mark.rows(55, 56)
@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_whatever_comes_in_can_be_stored(raw: str) -> None:
    for clean in (sanitise_text(raw), sanitise_line(raw), sanitise_url(raw)):
        clean.encode("utf-8")
        assert not set(clean) & {chr(code) for code in (*range(9), *range(14, 32), *range(127, 160), 0)}
    assert sanitise_text(sanitise_text(raw)) == sanitise_text(raw)
    assert sanitise_line(sanitise_line(raw)) == sanitise_line(raw)
    json.dumps(sanitise_json(raw), ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize(
    ("raw", "changed"),
    [("plain", False), (" two\r\nlines ", False), ("soft\u00adhyphen", False), ("a\x00b", True), ("a\ud800", True), ("z" * 1001, True)],
)
def test_only_losses_count_as_changes(raw: str, changed: bool) -> None:
    assert is_changed(raw, sanitise_line(raw)) is changed


def test_every_tracking_name_has_a_reason_and_is_folded() -> None:
    for table in (PREFIXES, NAMES, AMBIGUOUS):
        assert all(name == name.lower() and reason for name, reason in table.items())
