"""Units and institutions named by a number, in four languages."""

from __future__ import annotations

import pytest

from comparison.numbered import find_numbered

CASES = [
    ("the 752nd Motor Rifle Regiment", [("regiment", "752")]),
    ("the Second Battalion of the 21st Brigade", [("battalion", "2"), ("brigade", "21")]),
    ("Das 752. motorisierte Schützenregiment", [("regiment", "752")]),
    ("das dritte Bataillon", [("battalion", "3")]),
    ("752-й мотострелковый полк", [("regiment", "752")]),
    ("752 полк", [("regiment", "752")]),
    ("5 бригад перебросили", []),  # a count
    ("бійці 21-ї окремої мотострілецької бригади", [("brigade", "21")]),
    ("8-ма гвардійська армія", [("army", "8")]),
    ("the 1st Army Corps", [("corps", "1")]),
    ("1-му армейскому корпусу", [("corps", "1")]),
    ("21 men of the brigade", []),
    ("the brigade lost 21 men", []),
    ("колония ИК-6", [("colony", "6")]),
    ("penal colony IK-6", [("colony", "6")]),
    ("школа № 5", [("school", "5")]),
    ("School No. 5", [("school", "5")]),
    ("die Schule Nr. 5", [("school", "5")]),
    ("военный", []),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[case[0] for case in CASES])
def test_what_is_named_by_a_number_is_found(text: str, expected: list[tuple[str, str]]) -> None:
    found = find_numbered(text)
    assert [(unit.kind, unit.number) for unit in found] == expected
    assert all(text[unit.start : unit.end] == unit.text for unit in found)
