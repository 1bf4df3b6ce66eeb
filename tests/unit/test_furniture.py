"""Stamps, counters and boxes are no part of what an article states; whatever else holds a number is."""

from __future__ import annotations

import pytest

from storage.furniture import substance
from tests.fixtures.furniture import FURNITURE

BODY = "Ten people came to the hall.\nThe doors were shut at 14:30.\nThree of them went on by bus.\nNobody was hurt."


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_taken_out_wherever_it_stands(line: str) -> None:
    assert substance(f"{line}\n{BODY}") == BODY
    assert substance(f"{BODY}\n{line}") == BODY


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("(Updated 14:35) Ten came", "Ten came"),
        ("UPDATED: Ten came", "Ten came"),
        ("Updated at 14:35 – Ten came", "Ten came"),
        ("Zehn kamen (aktualisiert um 14:35 Uhr)", "Zehn kamen"),
        ("ОБНОВЛЕНО 14:35 — Десять пришли", "Десять пришли"),
        ("Десять пришли [обновлено]", "Десять пришли"),
        ("Оновлено о 14:35: Десять прийшли", "Десять прийшли"),
    ],
)
def test_marks_of_an_update_are_taken_off(marked: str, plain: str) -> None:
    assert substance(marked) == plain


@pytest.mark.parametrize(
    "line",
    [
        "Updated rules for 250 drivers",
        "Update: 250 dead",
        "Stand: 250",
        "Stand der Dinge: 250 Tote",
        "Обновлено: 250 погибших",
        "Опубликовано 5 фото",
        "Опубликовано на сайте 250 имен",
        "Оновлено 250 укриттів",
        "(updated 250)",
        "12 comments were read out by the judge",
        "12 Kommentare las der Richter vor",
        "250 people",
        "In 2022",
        "14:35",
        "On 3 May",
        "14:35 – Explosions are heard",
        "The list was published on 3 May with 250 names",
        "Read also the report: it names 250. It says so.",
        "Related deaths: 250",
        "1,200 shares",
        "3 May 1950 – 4 June 2026",
    ],
)
def test_no_number_of_a_statement_is_ever_lost(line: str) -> None:
    for text in (f"Ten people came.\nThey sat down.\nThey ate.\n{line}\n{BODY}", f"{line}\n{BODY}", f"{BODY}\n{line}"):
        digits = [char for char in text if char.isdigit()]
        assert [char for char in substance(text) if char.isdigit()] == digits


def test_a_box_ends_at_the_next_sentence() -> None:
    text = "Ten came.\nRead also\nNine people left\nTwelve stayed\nThe doors were shut.\nA heading\nNobody was hurt."
    assert substance(text) == "Ten came.\nThe doors were shut.\nA heading\nNobody was hurt."


def test_a_text_of_nothing_else_stays() -> None:
    assert substance("Updated 14:35") == "Updated 14:35"
    assert substance("") == ""
