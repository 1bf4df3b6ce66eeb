"""Ordered alignment on given likenesses."""

from __future__ import annotations

import numpy as np
import pytest

from comparison.alignment import Extent, align


def matrix(rows: int, columns: int, hits: dict[tuple[int, int], float]) -> np.ndarray:
    found = np.full((rows, columns), 0.5, dtype=np.float32)
    for (row, column), value in hits.items():
        found[row, column] = value
    return found


@pytest.mark.parametrize(
    ("why", "rows", "columns", "hits", "extent", "pairs"),
    [
        ("a translation: every sentence, in order", 8, 8, {(i, i): 0.95 for i in range(8)}, Extent.WHOLLY, 8),
        ("the same sentences backwards are no copy", 8, 8, {(i, 7 - i): 0.95 for i in range(8)}, Extent.NOT, 1),
        ("half of it, with gaps in the other", 10, 20, {(i, i * 3): 0.93 for i in range(5)}, Extent.WHOLLY, 5),
        ("four of eight: the share is there, the number is not", 8, 8, {(i, i): 0.95 for i in range(4)}, Extent.PARTLY, 4),
        ("three of ten", 10, 10, {(i, i): 0.95 for i in range(3)}, Extent.PARTLY, 3),
        ("one shared quotation in a short text", 4, 20, {(1, 7): 0.99}, Extent.NOT, 1),
        ("likeness below the threshold", 6, 6, {(i, i): 0.89 for i in range(6)}, Extent.NOT, 0),
        ("one sentence is used once", 6, 1, {(i, 0): 0.95 for i in range(6)}, Extent.NOT, 1),
        ("a text without sentences", 0, 5, {}, Extent.NOT, 0),
    ],
)
def test_extent(why: str, rows: int, columns: int, hits: dict[tuple[int, int], float], extent: Extent, pairs: int) -> None:
    found = align(matrix(rows, columns, hits), 0.9)
    assert (found.extent, len(found.pairs)) == (extent, pairs), why


def test_pairs_increase_in_both_texts_and_the_better_chain_wins() -> None:
    found = align(matrix(3, 3, {(0, 1): 0.91, (0, 0): 0.99, (1, 1): 0.95, (2, 2): 0.92, (2, 0): 0.99}), 0.9)
    assert found.pairs == ((0, 0), (1, 1), (2, 2))
    assert found.share == 1.0
