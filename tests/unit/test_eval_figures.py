"""The figures of the evaluation gate, and what makes it fail."""

from __future__ import annotations

import pytest

from tests.eval.figures import Share, f1, wilson
from tests.eval.gate import below_floors
from tests.eval.measures import ALL, Tally, relevance_at
from tests.eval.sets import Group


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 0, 0.0, 1.0),  # nothing judged says nothing
        (10, 10, 0.722, 1.0),
        (0, 10, 0.0, 0.278),
        (50, 100, 0.404, 0.596),  # Newcombe 1998, table I, method 3
    ],
)
def test_wilson_intervals_are_the_published_ones(hits: int, n: int, low: float, high: float) -> None:
    assert wilson(hits, n) == pytest.approx((low, high), abs=0.001)


def test_an_f1_is_a_share_and_a_small_one_is_no_gate() -> None:
    share = f1(right=8, found=10, gold=10)
    assert share.value == pytest.approx(0.8)
    assert not share.is_gated
    assert (share + Share(80, 80)).is_gated


def tally(**figures: tuple[float, float]) -> Tally:
    found = Tally()
    for name, (hits, n) in figures.items():
        found.shares[name.replace("_", " "), ALL] = Share(hits, n)
    return found


def test_a_drop_of_more_than_three_points_fails_and_a_smaller_one_does_not() -> None:
    found = tally(close_precision=(85, 100), false_absence=(16, 100))
    assert below_floors(found, {"close precision": 0.87, "false absence": 0.14}) == []
    assert below_floors(found, {"close precision": 0.89}) == ["close precision: 0.850, pinned 0.890"]
    assert below_floors(found, {"false absence": 0.10}) == ["false absence: 0.160, pinned 0.100"], "here low is good"
    assert below_floors(found, {"P@1/uk": 0.5}) == ["P@1/uk: nothing was judged"], "a measure that went away is a fault"


def test_relevance_is_read_at_the_score_that_one_in_a_hundred_unrelated_reaches() -> None:
    found = Tally(unrelated=[float(number) for number in range(200)])
    found.related = [(Group.CARRYING, "en", 300.0), (Group.CARRYING, "de", 150.0), (Group.SAME_TOPIC, "en", 198.5), (Group.COPY, "en", 1.0)]
    shares = relevance_at(found)
    assert shares["relevance recall at 1 %"] == Share(1, 2)
    assert shares["hard negatives at 1 %"] == Share(1, 1)
