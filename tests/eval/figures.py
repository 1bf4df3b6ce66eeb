"""Shares with their number and Wilson interval. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

Z95 = 1.959964
GATED = 75
"""Judged pairs below which a share is "indicative" and no gate."""


@dataclass(frozen=True, slots=True)
class Share:
    """``hits`` of ``n``. For an F1 the two are 2TP and 2TP + FP + FN, which makes it a share as well."""

    hits: float
    n: float

    @property
    def value(self) -> float | None:
        """0..1; None when nothing was judged."""
        return self.hits / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's, 95 %.

        >>> tuple(round(end, 3) for end in Share(9, 10).interval)
        (0.596, 0.982)
        """
        return wilson(self.hits, self.n)

    @property
    def is_gated(self) -> bool:
        return self.n >= GATED

    def __add__(self, other: Share) -> Share:
        return Share(self.hits + other.hits, self.n + other.n)

    def __str__(self) -> str:
        if not self.n:
            return "–"
        low, high = self.interval
        return f"{self.hits / self.n:.3f} [{low:.2f}, {high:.2f}] {self.hits:g}/{self.n:g}"


def wilson(hits: float, n: float) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) when nothing was judged."""
    if not n:
        return 0.0, 1.0
    share = hits / n
    centre = share + Z95**2 / (2 * n)
    spread = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
    return max(0.0, (centre - spread) / (1 + Z95**2 / n)), min(1.0, (centre + spread) / (1 + Z95**2 / n))


def f1(right: int, found: int, gold: int) -> Share:
    """2TP of found + gold."""
    return Share(2 * right, found + gold)
