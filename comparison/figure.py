"""The figure of a spread: one lane an origin (in the report's chain, an outlet), one place an article in the order of publication, one
curve a text taken from another. Pure.

Only geometry: numbers and names, no markup. The order is to scale, the time is not: who was first matters, and a quiet week does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comparison.findings import Spread, SpreadPoint
from storage.claim_records import Independence

LANE = 34
SLOT = 26
LEFT = 190
"""Room for the lanes' names."""
TOP = 34
"""Room for the days."""
GAP = 10
"""Between two days."""
LEAST_BAND = 44
"""A day's name needs so much."""
MAX_LANES = 18
"""Origins and outlets with a lane of their own; the others share the last."""
REST = "others"


@dataclass(frozen=True, slots=True)
class Dot:
    number: int
    """Of the article in the list below the figure, from 1."""
    x: int
    y: int
    style: str
    """"chain", "independent", "not_established"."""
    is_day: bool
    """Only the day is known."""


@dataclass(frozen=True, slots=True)
class Curve:
    path: str
    kind: str


@dataclass(frozen=True, slots=True)
class Band:
    """One day."""

    x: int
    width: int
    label: str
    year: str
    """Only where it is another than the day before's."""
    is_odd: bool


@dataclass(frozen=True, slots=True)
class Lane:
    y: int
    name: str


@dataclass(frozen=True, slots=True)
class Figure:
    width: int
    height: int
    bands: tuple[Band, ...]
    lanes: tuple[Lane, ...]
    dots: tuple[Dot, ...]
    curves: tuple[Curve, ...]
    report_x: int | None
    """Where the report itself stands in the order; None when its time is not known well enough."""


def draw_spread(spread: Spread, names: Mapping[str, str], report_published: str | None) -> Figure | None:
    """None where there are too few articles for a figure."""
    if len(spread.points) < 2:
        return None
    labels, order = _lanes(spread.points, names)
    rows = {label: TOP + LANE * number + LANE // 2 for number, label in enumerate(order)}
    xs, bands = _columns(spread.points)
    dots = tuple(
        Dot(
            number=number,
            x=x,
            y=rows[label],
            style="chain" if point.independence is Independence.REPORT_CHAIN else point.independence.value,
            is_day=point.entry_at is None and point.published is not None and point.published_precision in ("day", None),
        )
        for number, (point, label, x) in enumerate(zip(spread.points, labels, xs, strict=True), 1)
    )
    at = {point.article: dot for point, dot in zip(spread.points, dots, strict=True)}
    curves = tuple(
        Curve(_curve(at[link.source], at[link.target]), "credits" if link.kind in ("credits", "partial") else "copy")
        for link in spread.links
    )
    return Figure(
        width=bands[-1].x + bands[-1].width + 4,
        height=TOP + LANE * len(rows) + 6,
        bands=bands,
        lanes=tuple(Lane(y, label) for label, y in rows.items()),
        dots=dots,
        curves=curves,
        report_x=_report_x(spread.points, xs, report_published),
    )


def _lanes(points: Sequence[SpreadPoint], names: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The lane of each point, and all lanes from above: the chain's outlets first, then the origins by first appearance."""
    labels = [
        point.outlet_name if point.independence is Independence.REPORT_CHAIN else names.get(point.origin, point.origin) for point in points
    ]
    chain = {label for point, label in zip(points, labels, strict=True) if point.independence is Independence.REPORT_CHAIN}
    order = sorted(dict.fromkeys(labels), key=lambda label: label not in chain)
    if len(order) > MAX_LANES:
        order = [*order[: MAX_LANES - 1], REST]
        labels = [label if label in order else REST for label in labels]
    return labels, order


def _columns(points: Sequence[SpreadPoint]) -> tuple[list[int], tuple[Band, ...]]:
    """The place of each point from the left, and the days over them."""
    xs: list[int] = []
    days: list[tuple[str, list[int]]] = []
    for number, point in enumerate(points):
        day = (point.said or "")[:10]
        if not days or days[-1][0] != day:
            days.append((day, []))
        days[-1][1].append(number)
    bands: list[Band] = []
    x, year = LEFT, ""
    for day, numbers in days:
        width = max(LEAST_BAND, SLOT * len(numbers))
        inset = (width - SLOT * len(numbers)) // 2
        xs += [x + inset + SLOT * place + SLOT // 2 for place in range(len(numbers))]
        bands.append(Band(x, width, _day(day), day[:4] if day[:4] != year else "", len(bands) % 2 == 1))
        x, year = x + width + GAP, day[:4]
    return xs, tuple(bands)


def _day(day: str) -> str:
    if not day:
        return "no time"
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{int(day[8:10])} {months[int(day[5:7]) - 1]}"


def _curve(source: Dot, target: Dot) -> str:
    """From the source to what was taken from it; an arc above the lane where both stand in one."""
    if source.y == target.y:
        lift = min(LANE * 2 // 3, 8 + abs(target.x - source.x) // 8)
        middle = (source.x + target.x) // 2
        return f"M{source.x} {source.y}Q{middle} {source.y - lift} {target.x} {target.y}"
    middle = (source.x + target.x) // 2
    return f"M{source.x} {source.y}C{middle} {source.y} {middle} {target.y} {target.x} {target.y}"


def _report_x(points: Sequence[SpreadPoint], xs: Sequence[int], report_published: str | None) -> int | None:
    """Between the last article before the report and the first after it."""
    if report_published is None or len(report_published) < len("2022-11-16"):
        return None
    moment = report_published if "T" in report_published else f"{report_published}T23:59:59Z"
    before = [x for point, x in zip(points, xs, strict=True) if point.said is not None and point.said <= moment]
    return max(before) + SLOT // 2 if before else LEFT - 2
