"""Dates in a text, absolute and relative to its publication, as ISO values of the precision that the text gives."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from comparison.folding import fold, known_language


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date as a text names it.

    ``value`` is ``2022-09-24``, ``2022-09``, ``2022``, ``2022-W38`` (ISO 8601), or ``--09-24`` and ``--09`` (XML Schema's
    gMonthDay and gMonth) where neither the text nor a publication date tells the year.
    """

    value: str
    text: str
    start: int
    end: int


_FUTURE_SLACK = timedelta(days=31)
"""A date without a year is the last one that is not further ahead of the publication than this: announcements look ahead a little."""


@dataclass(frozen=True, slots=True)
class _Words:
    months: re.Pattern[str]
    day_month: re.Pattern[str]
    month_day: re.Pattern[str]
    month_year: re.Pattern[str]
    day_range: re.Pattern[str]
    lone_after: re.Pattern[str]
    ambiguous: frozenset[int]
    year: re.Pattern[str]
    weekdays: re.Pattern[str]
    relative: tuple[tuple[int, re.Pattern[str]], ...]
    last: tuple[tuple[str, re.Pattern[str]], ...]
    ago: tuple[tuple[int, re.Pattern[str]], ...]
    clock: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "dates.toml").read_text(encoding="utf-8"))


def _alternatives(parts: list[str], prefix: str) -> str:
    return "|".join(f"(?P<{prefix}{number}>{part})" for number, part in enumerate(parts, start=1))


@cache
def _words(language: str) -> _Words:
    data = _data()
    month = f"(?:{_alternatives(data['months'][language], 'm')})"
    year_word = data["year_word"][language]
    behind = rf"(?: ?(?:{year_word}))?" if year_word else ""
    bare_day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|-?го)?"
    day = rf"(?<![\d.,:/-]){bare_day}"
    year_after = rf"(?:,? (?P<year>(?:19|20)\d\d)(?!\d){behind})?"
    anchored = r"(?<![^\W\d_])"
    end = r"(?![^\W\d_])"
    before = data["year_before"][language]
    years = rf"{anchored}(?:{before}) (?P<a>(?:19|20)\d\d)(?![\d.,]\d|\d|-\d)|(?<![\d.,-])(?P<b>(?:19|20)\d\d)-(?:(?:19|20)\d\d|\d\d)(?!\d)"
    if year_word:
        years += rf"|(?<![\d.,])(?P<c>(?:19|20)\d\d)(?:-?(?:й|м|го|му|х|ий|ого|ому|і|е))? (?:{year_word}){end}"
    return _Words(
        months=re.compile(rf"{anchored}{month}{end}"),
        day_month=re.compile(rf"{day} (?:of )?{month}{end}{year_after}"),
        month_day=re.compile(rf"{anchored}{month} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.]\d|\d){year_after}"),
        month_year=re.compile(rf"{anchored}{month},? (?:(?:des jahres|of) )?(?P<year>(?:19|20)\d\d)(?!\d){behind}"),
        day_range=re.compile(
            r"(?<![\d.,:/])(?P<first>\d{1,2})(?:st|nd|rd|th|\.)? ?(?:-|to|and|or|bis|und|oder|по|до|и|или|та|і|й|або|чи) ?"
            rf"{bare_day} (?:of )?{month}{end}{year_after}"
        ),
        lone_after=re.compile(rf"(?<![^\W\d_])(?:{data['lone_month_after'][language]})[ -]$"),
        ambiguous=frozenset(data["ambiguous"][language]),
        year=re.compile(years),
        weekdays=re.compile(rf"{anchored}(?:{_alternatives(data['weekdays'][language], 'w')}){end}"),
        relative=tuple((int(days), re.compile(rf"{anchored}(?:{words[language]}){end}")) for days, words in data["days"].items()),
        last=tuple((unit, re.compile(rf"{anchored}(?:{data['last_' + unit][language]}){end}")) for unit in ("week", "month", "year")),
        ago=(
            (1, re.compile(rf"{anchored}{data['days_ago'][language]}{end}")),
            (7, re.compile(rf"{anchored}{data['weeks_ago'][language]}{end}")),
        ),
        clock=re.compile(rf"{anchored}(?:(?:{data['clock'][language]}){end}|\d{{1,2}}:\d\d(?::\d\d)?(?!\d))"),
    )


_ISO = re.compile(r"(?<![\d-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>(?:19|20)\d\d|\d\d(?!\d))?(?![\d])")
_SLASHED = re.compile(r"(?<![\d/])(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>(?:19|20)\d\d|\d\d)(?!\d)")


def find_dates(text: str, language: str, published: datetime | None) -> tuple[DateMention, ...]:
    """Dates named in ``text``, in order. ``published`` completes a missing year and anchors "yesterday" and "on Friday"."""
    found: list[DateMention] = []
    covered: list[tuple[int, int]] = []
    for start, end, value in _mentions(fold(text), text, known_language(language), published.date() if published else None):
        if any(start < taken_end and end > taken_start for taken_start, taken_end in covered):
            continue
        covered.append((start, end))
        found.extend(DateMention(value=one, text=text[start:end], start=start, end=end) for one in value if one)
    return tuple(sorted(found, key=lambda item: (item.start, item.value)))


def date_spans(folded: str, text: str, language: str) -> list[tuple[int, int]]:
    """Where dates, years and clock times stand in folded text: whatever is not a quantity."""
    spans = [(start, end) for start, end, _ in _mentions(folded, text, language, date(2000, 1, 1))]
    spans.extend(match.span() for match in _words(language).clock.finditer(folded))
    return spans


def _mentions(folded: str, text: str, language: str, published: date | None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(start, end, values), the most specific pattern first; a value may be empty when the text leaves it open."""
    words = _words(language)
    for match in _ISO.finditer(folded):
        yield *match.span(), (_value(int(match["y"]), int(match["m"]), int(match["d"]), published),)
    for match in _DOTTED.finditer(folded):
        value = _value(_full_year(match["y"]), int(match["m"]), int(match["d"]), published)
        if value:
            yield *match.span(), (value,)
    for match in _SLASHED.finditer(folded):
        day, month = int(match["d"]), int(match["m"])
        if day <= 12 and month <= 12 and day != month:
            # Day first or month first: the text does not say, so only the year is sure.
            yield *match.span(), (str(_full_year(match["y"])),)
        else:
            yield *match.span(), (_value(_full_year(match["y"]), *((month, day) if day > 12 else (day, month)), published),)
    for match in words.day_range.finditer(folded):
        year = int(match["year"]) if match["year"] else None
        yield (*match.span(), tuple(_value(year, _month(match), int(match[group]), published) for group in ("first", "day")))
    for pattern in (words.day_month, words.month_day):
        for match in pattern.finditer(folded):
            value = _value(int(match["year"]) if match["year"] else None, _month(match), int(match["day"]), published)
            if _is_month(match, folded, text, words, dated=True):
                # A day that does not exist covers its month as well: nothing is known of a 31 February.
                yield *match.span(), (value,)
    for match in words.month_year.finditer(folded):
        yield *match.span(), (_value(int(match["year"]), _month(match), None, published),)
    for match in words.months.finditer(folded):
        if _is_month(match, folded, text, words, dated=False):
            yield *match.span(), (_value(None, _month(match), None, published),)
    for match in words.year.finditer(folded):
        group = next(name for name, value in match.groupdict().items() if value)
        yield match.start(group), match.end(), (match[group],)
    if published is not None:
        yield from _relative(folded, words, published)


def _relative(folded: str, words: _Words, published: date) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for days, pattern in words.relative:
        for match in pattern.finditer(folded):
            yield *match.span(), ((published + timedelta(days=days)).isoformat(),)
    for weeks_or_days, pattern in words.ago:
        for match in pattern.finditer(folded):
            if match[1].isdigit() and int(match[1]) < 100:
                yield *match.span(), ((published - timedelta(days=weeks_or_days * int(match[1]))).isoformat(),)
    for unit, pattern in words.last:
        for match in pattern.finditer(folded):
            yield *match.span(), (_last(unit, published),)
    for match in words.weekdays.finditer(folded):
        weekday = next(number for number in range(1, 8) if match[f"w{number}"])
        back = (published.isoweekday() - weekday) % 7
        yield *match.span(), ((published - timedelta(days=back)).isoformat(),)


def _last(unit: str, published: date) -> str:
    if unit == "week":
        year, week, _ = (published - timedelta(days=7)).isocalendar()
        return f"{year}-W{week:02d}"
    if unit == "month":
        return (published.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    return str(published.year - 1)


def _month(match: re.Match[str]) -> int:
    return next(number for number in range(1, 13) if match[f"m{number}"])


def _is_month(match: re.Match[str], folded: str, text: str, words: _Words, *, dated: bool) -> bool:
    """Whether the word is a month's name here: "may", "march" and "лютий" are other words as well."""
    month = _month(match)
    start = match.start(f"m{month}")
    if dated:
        return not (text[start].isascii() and text[start].islower() and month in words.ambiguous)
    name = match[f"m{month}"]
    if name.endswith(".") or (len(name) == 3 and name.isascii() and name not in ("may", "mai")):
        # "Mar." or "sep" without a day is too little to go by.
        return False
    if month not in words.ambiguous:
        return not (name.isascii() and text[start].islower())
    return bool(words.lone_after.search(folded[max(0, start - 20) : start])) and not (name.isascii() and text[start].islower())


def _full_year(text: str | None) -> int | None:
    if not text:
        return None
    return int(text) if len(text) == 4 else 2000 + int(text)


def _value(year: int | None, month: int, day: int | None, published: date | None) -> str:
    """ISO text; empty when there is no such day. A missing year is the last one that is not well after the publication."""
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return ""
    if year is None and published is not None:
        year = published.year
        try:
            if date(year, month, day or 1) > published + _FUTURE_SLACK:
                year -= 1
        except ValueError:
            return ""
    if year is None:
        return f"--{month:02d}" + (f"-{day:02d}" if day else "")
    try:
        whole = date(year, month, day or 1)
    except ValueError:
        return ""
    return whole.isoformat() if day else whole.strftime("%Y-%m")


def dates_meet(left: str, right: str) -> bool:
    """Whether two values can mean the same day.

    >>> dates_meet("2022-09", "2022-09-24"), dates_meet("2022-09", "2022-10-01"), dates_meet("--09", "2021-09-03")
    (True, False, True)
    """
    if left.startswith("--") or right.startswith("--"):
        left, right = (value[2:] if value.startswith("--") else value[5:] for value in (left, right))
        return not left or not right or left.startswith(right) or right.startswith(left)
    (a_first, a_last), (b_first, b_last) = _interval(left), _interval(right)
    return a_first <= b_last and b_first <= a_last


def _interval(value: str) -> tuple[date, date]:
    if "W" in value:
        year, week = value.split("-W")
        first = date.fromisocalendar(int(year), int(week), 1)
        return first, first + timedelta(days=6)
    if len(value) == 4:
        return date(int(value), 1, 1), date(int(value), 12, 31)
    if len(value) == 7:
        first = date.fromisoformat(value + "-01")
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    day = date.fromisoformat(value)
    return day, day
