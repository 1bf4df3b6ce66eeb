"""When a feed is read again: by its own rhythm while it works, ever more seldom while it fails, and never not at all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from storage.records import ALARMING, Outcome

RECENT = 20
"""Entries whose gaps are the rhythm; older ones tell of another season."""

FEW = 4
"""Dated entries below which there is no rhythm to speak of."""

QUIET_SHARE = 0.1
"""Share of a feed's silence after which it is asked again: one that has slept for a week can wait for hours."""

SLOWER = 1.5
"""Factor by which a feed that had not changed is asked later."""

REVIVAL_S = 24 * 3600.0
"""A feed that fails is asked at least so often, for as long as its card has it: sites come back."""

MAX_DOUBLINGS = 12


def next_reading_s(
    outcome: Outcome,
    dates: Iterable[datetime],
    *,
    now: datetime,
    previous_s: float | None,
    failures: int,
    low_s: float,
    high_s: float,
) -> float:
    """Seconds until the next reading, ``low_s`` to ``high_s`` while the feed works.

    ``dates`` are those of its entries; ``previous_s`` the interval chosen last; ``failures`` how often in a row it failed before
    this reading. An empty feed is a failure: nearly always something is broken.
    """
    if outcome in ALARMING or outcome in (Outcome.GONE, Outcome.HTTP_ERROR, Outcome.ROBOTS_DENIED, Outcome.TOO_LARGE):
        return max(low_s, min(REVIVAL_S, low_s * 2.0 ** min(failures + 1, MAX_DOUBLINGS)))
    if outcome is Outcome.NOT_MODIFIED:
        return min(high_s, max(low_s, (previous_s or low_s) * SLOWER))
    return min(high_s, max(low_s, _own_rhythm_s(dates, now) or low_s))


def _own_rhythm_s(dates: Iterable[datetime], now: datetime) -> float | None:
    """Half the usual gap between two entries, or a tenth of its silence where that is longer; None for undated feeds."""
    newest = sorted((at for at in set(dates) if at <= now + timedelta(minutes=5)), reverse=True)[:RECENT]
    if len(newest) < FEW:
        return None
    gap_s = median((later - earlier).total_seconds() for later, earlier in pairwise(newest))
    return max(gap_s / 2, QUIET_SHARE * (now - newest[0]).total_seconds())
