"""Who was first, as far as publishers' times tell."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comparison.chronology import comes_before, place_first
from storage.records import Precision, PublishedTime

SECOND, MINUTE, DAY = Precision.SECOND, Precision.MINUTE, Precision.DAY


def at(text: str, precision: Precision | None = SECOND) -> PublishedTime:
    return PublishedTime(at=datetime.fromisoformat(text).replace(tzinfo=UTC), precision=precision)


NONE = PublishedTime()


@pytest.mark.parametrize(
    ("why", "one", "other", "expected"),
    [
        ("an hour earlier", at("2022-11-14T06:30"), at("2022-11-14T07:30"), True),
        ("an hour later", at("2022-11-14T08:30"), at("2022-11-14T07:30"), False),
        ("within one minute nothing is told", at("2022-11-14T06:30", MINUTE), at("2022-11-14T06:30:40"), None),
        ("the next minute is told", at("2022-11-14T06:30", MINUTE), at("2022-11-14T06:31", MINUTE), True),
        ("a day decides nothing within itself", at("2022-11-14", DAY), at("2022-11-14T22:00"), None),
        ("nor for the next morning, which may be the same day elsewhere", at("2022-11-14", DAY), at("2022-11-15T08:00"), None),
        ("a week is a week", at("2022-11-07", DAY), at("2022-11-14", DAY), True),
        ("a time of unknown precision is a day", at("2022-11-14T09:00", None), at("2022-11-14T20:00"), None),
        ("no time", NONE, at("2022-11-14T20:00"), None),
    ],
)
def test_order(why: str, one: PublishedTime, other: PublishedTime, expected: bool | None) -> None:
    assert comes_before(one, other) is expected, why


def test_the_first_is_named_only_when_nobody_else_can_have_been() -> None:
    assert place_first([at("2022-11-14T09:00"), at("2022-11-14T06:30"), NONE]).first == 1
    assert place_first([at("2022-11-14T09:00"), at("2022-11-14T06:30"), NONE]).undated == (2,)
    unsure = place_first([at("2022-11-14T09:00"), at("2022-11-14", DAY)])
    assert unsure.first is None
    assert unsure.candidates == (0, 1)
    assert place_first([NONE]).first is None
    assert place_first([]).candidates == ()
