"""How often the program was right, by what persons ruled: at the time of the ruling, and as it stands now. Pure.

The judged passages are those that somebody chose to look at, no sample: the shares speak of them, and of nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from comparison.findings import Judged, MachineSaid
from comparison.matrix import Matrix
from storage.claim_records import Level, Ruling

Z = 1.96
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What persons said of the passages to which the program gave one level."""

    confirmed: int = 0
    rejected: int = 0
    unclear: int = 0
    share: float | None = None
    """Confirmed of confirmed and rejected; None for none. Low and high: its Wilson interval, 95 %."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    report: str
    judged: int
    lapsed: int
    """Rulings on words that have changed since: counted under ``then`` and not under ``now``."""
    then: Mapping[str, Tally]
    """Level of the program when the person ruled -> what the person said."""
    now: Mapping[str, Tally]
    """The same with what the program says today."""
    by_language: Mapping[str, Tally]
    """Of the passages that it called close, then."""
    origins_agreed: int
    """Rulings "same-origin-as" where the program had seen one origin too."""
    origins_missed: int
    summary: str


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); (0, 1) when there is nothing to judge by.

    >>> [round(end, 3) for end in wilson(9, 10)]
    [0.596, 0.982]
    """
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    middle = share + Z**2 / (2 * total)
    spread = Z * sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    scale = 1 + Z**2 / total
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)


def score_rulings(report: str, rulings: Sequence[Judged], today: Matrix) -> Scorecard:
    """``today`` is the matrix without any ruling in it."""
    current = [item for item in rulings if item.counts]
    then = [(item.machine.level, item.ruling) for item in rulings]
    now = [(machine_view(today, item.claim, item.article).level, item.ruling) for item in current]
    languages = sorted({item.language for item in rulings})
    same = [item for item in rulings if item.ruling is Ruling.SAME_ORIGIN_AS]
    agreed = sum(_was_one_origin(item, today) for item in same)
    by_level = _by_level(then)
    return Scorecard(
        report=report,
        judged=len(rulings),
        lapsed=len(rulings) - len(current),
        then=by_level,
        now=_by_level(now),
        by_language={
            language: _tally(item.ruling for item in rulings if item.language == language and item.machine.level is Level.STRONG)
            for language in languages
        },
        origins_agreed=agreed,
        origins_missed=len(same) - agreed,
        summary=_summary(by_level, len(rulings)),
    )


def machine_view(matrix: Matrix, claim: str, article: str) -> MachineSaid:
    """What a matrix without rulings says of an article for a claim."""
    row = next((row for row in matrix.claims if row.id == claim), None)
    for cell in row.cells if row is not None else ():
        for finding in cell.articles:
            if finding.article == article:
                return MachineSaid(
                    level=finding.level, verdict=finding.verdict, origin=cell.origin, independence=finding.independence, near_miss=""
                )
    for miss in matrix.near_misses:
        if miss.claim == claim and miss.finding.article == article:
            return MachineSaid(
                level=Level.NONE,
                verdict=miss.finding.verdict,
                origin=miss.origin,
                independence=miss.finding.independence,
                near_miss=miss.reason,
            )
    return MachineSaid(level=Level.NONE, verdict=None, origin="", independence=None, near_miss="")


def _was_one_origin(item: Judged, today: Matrix) -> bool:
    """Whether the program, too, had put the article under the origin that the person names."""
    other = next((column.origin for column in today.origins if item.same_as in (column.origin, *column.outlets)), item.same_as)
    if ":" in item.same_as:
        other = machine_view(today, item.claim, item.same_as).origin
    return bool(other) and other == item.machine.origin


def _by_level(pairs: Iterable[tuple[Level, Ruling]]) -> dict[str, Tally]:
    found = list(pairs)
    return {
        level.value: _tally(ruling for other, ruling in found if other is level) for level in (Level.STRONG, Level.POSSIBLE, Level.NONE)
    }


def _tally(rulings: Iterable[Ruling]) -> Tally:
    found = list(rulings)
    # "From the same source as another" says that it carries the claim, and is about the origin.
    confirmed = sum(ruling in (Ruling.CONFIRM, Ruling.SAME_ORIGIN_AS) for ruling in found)
    rejected = found.count(Ruling.REJECT)
    decided = confirmed + rejected
    low, high = wilson(confirmed, decided)
    return Tally(
        confirmed=confirmed,
        rejected=rejected,
        unclear=found.count(Ruling.UNCLEAR),
        share=round(confirmed / decided, 4) if decided else None,
        low=round(low, 4) if decided else None,
        high=round(high, 4) if decided else None,
    )


def _summary(by_level: Mapping[str, Tally], judged: int) -> str:
    if not judged:
        return "Nothing was judged yet: `secondsource judge` records what a person says of a passage."
    parts = []
    for level, name in ((Level.STRONG, "close"), (Level.POSSIBLE, "possible")):
        tally = by_level[level.value]
        decided = tally.confirmed + tally.rejected
        if tally.share is not None and tally.low is not None and tally.high is not None:
            interval = f"95 % interval {tally.low:.0%} to {tally.high:.0%}"
            parts.append(f"Of {decided} {name} passages judged, {tally.confirmed} carry the claim ({tally.share:.0%}; {interval}).")
    missed = by_level[Level.NONE.value].confirmed
    if missed:
        parts.append(f"{missed} passages that it had not found, or had set aside, were named by a person.")
    parts.append("Only what somebody chose to judge is counted; this is no sample.")
    return " ".join(parts)
