"""A card written as TOML and read again is the same card."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from config.card_text import render_card
from config.outlet import Outlet

CARDS = sorted((Path(__file__).parents[2] / "config" / "outlets").glob("*.toml"))


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_every_bundled_card_survives_being_written_and_read(path: Path) -> None:
    outlet = Outlet.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    assert Outlet.model_validate(tomllib.loads(render_card(outlet))) == outlet


def test_hostile_text_stays_text() -> None:
    outlet = Outlet(
        id="radio_en",
        name='A "quoted"\nname\x7f\x1b[31m',
        language="en",
        owner="radio",
        homepage="http://radio.example/",
        domains=("radio.example",),
    )
    text = render_card(outlet, {"owner": "found at\nid = 'other'\x1b"})
    assert Outlet.model_validate(tomllib.loads(text)) == outlet
    assert "\x1b" not in text
