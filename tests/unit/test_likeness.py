"""Whose sentences are like whose: the same whatever is multiplied at a time, and only in the weeks in which one may follow the other."""

from __future__ import annotations

import numpy as np
import pytest

from comparison import likeness
from comparison.alignment import MIN_PARTLY, Extent, align, may_follow
from comparison.likeness import UNSURE_DAYS, WINDOW_DAYS, ArticleVectors, Thresholds, View
from comparison.passages import Span

LEAST = Thresholds(0.9, 0.8, 0.85)
ARTICLES = 120


class Apart(View):
    """Leaves two languages to another view."""

    def pairs(self, one: str, other: str) -> bool:
        return not {one, other} <= {"en", "de"}


def made() -> tuple[dict[int, ArticleVectors], dict[int, str], dict[int, float]]:
    """Articles of 0 to 9 sentences from 40 directions with some noise, over 200 days; every tenth has no date."""
    draw = np.random.default_rng(5)
    directions = draw.standard_normal((40, 16))
    vectors, languages, days = {}, {}, {}
    for number in range(1, ARTICLES + 1):
        rows = directions[draw.integers(0, 40, number % 10)] + 0.2 * draw.standard_normal((number % 10, 16))
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        vectors[number] = ArticleVectors(tuple(Span(at, at + 1) for at in range(len(rows))), rows)
        languages[number] = ("en", "de", "uk")[number % 3]
        if number % 10 != 5:
            days[number] = float(draw.uniform(0, 200))
    return vectors, languages, days


@pytest.mark.parametrize("view_class", [View, Apart])
@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (40, 64), (100_000, 100_000)])
def test_all_that_is_near_is_found_and_nothing_else(
    view_class: type[View], rows: int, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(likeness, "BLOCK_ROWS", rows)
    monkeypatch.setattr(likeness, "BLOCK_COLUMNS", columns)
    vectors, languages, days = made()
    view = view_class(vectors, languages, LEAST, days)

    def alike(one: int, other: int) -> np.ndarray:
        found = vectors[one].rows @ vectors[other].rows.T >= LEAST.of(languages[one], languages[other])
        return found & view.pairs(languages[one], languages[other])

    def within(one: int, other: int, before: float, after: float) -> bool:
        if one not in days or other not in days:
            return True
        return days[one] - before <= days[other] <= days[one] + after

    pairs = [(one, other) for one in vectors for other in vectors if one != other]
    near, followed, touched = set(), set(), set()
    for one, other in pairs:
        found = alike(one, other)
        if found.size and found.any(axis=1).sum() >= MIN_PARTLY and within(one, other, WINDOW_DAYS + 1, UNSURE_DAYS):
            near.add((one, other))
        if found.size and found.any(axis=0).sum() >= MIN_PARTLY and within(one, other, UNSURE_DAYS, WINDOW_DAYS + 1):
            followed.add((one, other))
        if found.any() and within(one, other, WINDOW_DAYS + 1, WINDOW_DAYS + 1):
            touched.add(one)
    assert near
    assert {(one, other) for one, others in view.near(vectors).items() for other in others} == near
    assert view.near([7]).get(7, []) == sorted(other for one, other in near if one == 7)
    assert view.followers(vectors) == {other for _, other in followed}
    assert view.followers([8, 17]) == {other for one, other in followed if one in (8, 17)}
    assert view.touching(vectors) == touched


def test_a_view_of_nothing_finds_nothing() -> None:
    view = View({}, {}, LEAST)
    assert (view.near([1]), view.followers([1]), view.touching([1])) == ({}, set(), set())


def test_what_may_follow_is_what_alignment_finds() -> None:
    draw = np.random.default_rng(3)
    extents = []
    for _ in range(600):
        rows, columns = draw.integers(0, 30, 2)
        similarity = draw.random((rows, columns)).astype(np.float32)
        threshold = float(draw.choice([0.6, 0.8, 0.95]))
        extents.append(align(similarity, threshold).extent)
        assert may_follow(similarity, threshold) == (extents[-1] is not Extent.NOT)
    assert {Extent.NOT, Extent.PARTLY, Extent.WHOLLY} == set(extents)
