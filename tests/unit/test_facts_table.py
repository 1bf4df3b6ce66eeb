"""The labelled pairs of tests/eval/facts.tsv: what the table must hold, and the floors of the facts side by side."""

from __future__ import annotations

from collections import Counter

import pytest

from storage.claim_records import FactVerdict
from tests.eval import facts_gate
from tests.eval.facts_gate import FIELDS, Row

LANGUAGES = frozenset({"en", "de", "ru", "uk"})


@pytest.fixture(scope="module")
def rows() -> tuple[Row, ...]:
    return facts_gate.read_rows()


def test_each_row_is_in_the_part_that_its_id_says(rows: tuple[Row, ...]) -> None:
    assert len({row.id for row in rows}) == len(rows)
    assert all(row.part == facts_gate.part_of(row.id) for row in rows)
    assert all(row.field in FIELDS and {row.claim_language, row.passage_language} <= LANGUAGES for row in rows)


def test_numbers_places_and_dates_have_enough_pairs_to_be_judged_in_both_parts(rows: tuple[Row, ...]) -> None:
    judged = Counter((row.field, row.part) for row in rows)
    assert all(judged[field, part] >= 2 * facts_gate.GATED for field in ("number", "place", "date") for part in ("dev", "test"))


def test_every_pair_of_languages_is_there(rows: tuple[Row, ...]) -> None:
    found = {(row.claim_language, row.passage_language) for row in rows}
    assert found == {(claim, passage) for claim in LANGUAGES for passage in LANGUAGES}


def test_no_figure_of_the_test_part_lies_below_its_floor(rows: tuple[Row, ...]) -> None:
    judged = [facts_gate.judge(row) for row in rows if row.part == "test"]
    floors = facts_gate.read_floors()
    assert floors
    assert facts_gate.below_floor(facts_gate.measure(judged), floors) == []


def test_a_difference_that_is_overlooked_is_below_the_floor(rows: tuple[Row, ...]) -> None:
    """The gate sees what it is there for: take a tenth of the differences away and it speaks."""
    judged = [facts_gate.judge(row) for row in rows if row.part == "test" and row.field == "number"]
    rights = [one for one in judged if one.row.verdict is FactVerdict.DIFFERS]
    lost = {one.row.id for one in rights[: len(rights) // 5]}
    worse = [facts_gate.Judged(row=one.row, found={} if one.row.id in lost else one.found, pairs=()) for one in judged]
    recall = facts_gate.measure(worse)["number"]["differs recall"]
    assert facts_gate.below_floor({"number": {"differs recall": recall}}, {"number": facts_gate.read_floors()["number"]}) != []
