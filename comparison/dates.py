"""Dates in a text, absolute and relative to its publication, as ISO values of the precision that the text gives."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from comparison.date_words import DateWords, date_words
from comparison.folding import fold, known_language
from comparison.number_words import unit_of
from comparison.relative_dates import find_relative


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date as a text names it.

    ``value`` is ``2022-09-24``, ``2022-09``, ``2022``, ``2022-W38``, ``2022-10-03/2022-10-07`` (ISO 8601), or ``--09-24`` and ``--09``
    (XML Schema's gMonthDay and gMonth) where neither the text nor a publication date tells the year.
    """

    value: str
    text: str
    start: int
    end: int


_FUTURE_SLACK = timedelta(days=31)
"""A date without a year is the last one that is not further ahead of the publication than this: announcements look ahead a little."""
_ANNOUNCED_SLACK = timedelta(days=183)
"""The same where the sentence says that it is planned."""


_ISO = re.compile(r"(?<![\d-])(?P<y>(?:19|20)\d\d)-(?P<m>\d\d)-(?P<d>\d\d)(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(?P<d>\d{1,2})\.(?P<m>\d{1,2})\.(?P<y>(?:19|20)\d\d|\d\d(?!\d))?(?![\d])")
_SLASHED = re.compile(r"(?<![\d/])(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>(?:19|20)\d\d|\d\d)(?!\d)")


@lru_cache(maxsize=4096)
def find_dates(text: str, language: str, published: datetime | None) -> tuple[DateMention, ...]:
    """Dates named in ``text``, in order. ``published`` completes a missing year and anchors "yesterday" and "on Friday"."""
    found: list[DateMention] = []
    covered: list[tuple[int, int]] = []
    folded, words = fold(text), date_words(known_language(language))
    for start, end, value in _mentions(folded, text, known_language(language), published.date() if published else None):
        if any(start < taken_end and end > taken_start for taken_start, taken_end in covered):
            continue
        if words.weekdays.fullmatch(folded, start, end) is not None and any(_is_beside(folded, start, end, span) for span in covered):
            # "On Thursday, 8 December": the day is told already.
            continue
        covered.append((start, end))
        found.extend(DateMention(value=one, text=text[start:end], start=start, end=end) for one in value if one)
    return tuple(_joined(sorted(found, key=lambda item: (item.start, item.value)), text, folded))


def _is_beside(folded: str, start: int, end: int, span: tuple[int, int]) -> bool:
    """Whether a weekday stands right before or right behind a date."""
    between = folded[end : span[0]] if end <= span[0] else folded[span[1] : start]
    return _WEEKDAY_JOINT.fullmatch(between) is not None


_WEEKDAY_JOINT = re.compile(r",? ?(?:\(|the |on the |dem |den |der |a |an |einem |в |во |у )?")


def date_spans(folded: str, text: str, language: str) -> list[tuple[int, int]]:
    """Where dates, years and clock times stand in folded text: whatever is not a quantity."""
    spans = [(start, end) for start, end, _ in _mentions(folded, text, language, date(2000, 1, 1))]
    spans.extend(match.span() for match in date_words(language).clock.finditer(folded))
    return spans


def _joined(found: list[DateMention], text: str, folded: str) -> Iterator[DateMention]:
    """Two days with a range word between them are one span of time: "с 28 сентября по 3 октября"."""
    index = 0
    while index < len(found):
        near = found[index]
        far = found[index + 1] if index + 1 < len(found) else None
        if (
            far is not None
            and len(near.value) == len(far.value) == 10
            and near.value < far.value
            and _RANGE.fullmatch(folded, near.end, far.start) is not None
        ):
            yield DateMention(value=f"{near.value}/{far.value}", text=text[near.start : far.end], start=near.start, end=far.end)
            index += 2
            continue
        yield near
        index += 1


def _mentions(folded: str, text: str, language: str, published: date | None) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(start, end, values), the most specific pattern first; a value may be empty when the text leaves it open."""
    words = date_words(language)
    for match in _ISO.finditer(folded):
        yield *match.span(), (_value(int(match["y"]), int(match["m"]), int(match["d"]), published),)
    for match in _DOTTED.finditer(folded):
        value = _value(_full_year(match["y"]), int(match["m"]), int(match["d"]), published)
        # In English a point is a decimal mark: "a magnitude of 4.2." is no day.
        if value and (match["y"] or language != "en"):
            yield *match.span(), (_night(value, folded, match.start(), words),)
    for match in _SLASHED.finditer(folded):
        day, month = int(match["d"]), int(match["m"])
        if day <= 12 and month <= 12 and day != month:
            # Day first or month first: the text does not say, so only the year is sure.
            yield *match.span(), (str(_full_year(match["y"])),)
        else:
            yield *match.span(), (_value(_full_year(match["y"]), *((month, day) if day > 12 else (day, month)), published),)
    for match in words.day_range.finditer(folded):
        year = int(match["year"]) if match["year"] else None
        slack = _slack(folded, match, words)
        first, last = (_value(year, _month(match), int(match[group]), published, slack) for group in ("first", "day"))
        spans = match["joint"] in _SPANNING or match["joint"].startswith("bis")
        yield *match.span(), (f"{first}/{last}",) if spans and len(first) == len(last) == 10 and first < last else (first, last)
    for match in words.ordinal_month.finditer(folded):
        year = int(match["year"]) if match["year"] else None
        value = _value(year, _month(match), words.ordinals[match["ordinal"]], published, _slack(folded, match, words))
        yield *match.span(), (_night(value, folded, match.start(), words),)
    # Only English puts the month first: "am 30. November 52 Dollar" has one day.
    for pattern in (words.day_month, words.month_day) if language == "en" else (words.day_month,):
        for match in pattern.finditer(folded):
            year = int(match["year"]) if match["year"] else None
            value = _value(year, _month(match), int(match["day"]), published, _slack(folded, match, words))
            if _is_month(match, folded, text, words, dated=True):
                # A day that does not exist covers its month as well: nothing is known of a 31 February.
                yield *match.span(), (_night(value, folded, match.start(), words),)
    for match in words.month_year.finditer(folded):
        value = _value(int(match["year"]), _month(match), None, published)
        yield *match.span(), (_part(value, folded, match.start(), words),)
    for match in words.months.finditer(folded):
        if _is_month(match, folded, text, words, dated=False):
            # "Between January and June 2023": the year stands behind the last of two months.
            after = words.month_year.match(folded, far.end()) if (far := _TO_MONTH.match(folded, match.end())) is not None else None
            year = int(after["year"]) if after is not None else None
            value = _value(year, _month(match), None, published, _slack(folded, match, words))
            yield *match.span(), (_part(value, folded, match.start(), words),)
    for match in words.seasons.finditer(folded):
        yield *match.span(), _season(match, published)
    for match in words.year.finditer(folded):
        group = next(name for name, value in match.groupdict().items() if value)
        if group == "a" and words.year_weak.search(folded, max(0, match.start("a") - 12), match.start("a")) is not None:
            counted = _NEXT_WORD.match(folded, match.end())
            if counted is not None and unit_of(counted[1], language) not in ("", "year"):
                # "Auf einer Fläche von 2000 Quadratmetern".
                continue
        yield match.start(group), match.end(), (_part(match[group], folded, match.start(group), words),)
    if published is not None:
        for start, end, values in find_relative(folded, words, published, language):
            yield start, end, tuple(_night(value, folded, start, words) for value in values)


_NEXT_WORD = re.compile(r" ([^\W\d_]+)")
_SPANNING = frozenset({"-", "to", "through", "по", "до", "на"})
_RANGE = re.compile(r" ?(?:-|to|through|until|bis(?: zum)?|по|до) ?(?:the )?")
_TO_MONTH = re.compile(r" ?(?:-|/|to|and|through|bis|und|по|до|и|і|та|й) ?(?:im )?")
_PARTS = {"begin": (1, 12), "middle": (9, 22), "end": (19, 31)}
"""Days of the month; they overlap, since nobody counts when writing "early"."""
_YEAR_PARTS = {"begin": (1, 4), "middle": (5, 8), "end": (9, 12)}


def _part(value: str, folded: str, start: int, words: DateWords) -> str:
    """ "Late October" as the days it may mean; a value as it is where no part of it is named."""
    if len(value) not in (4, 7) or value.startswith("--"):
        return value
    before = folded[max(0, start - 24) : start]
    part = next((name for name, pattern in words.parts if pattern.search(before) is not None), None)
    if part is None:
        return value
    if len(value) == 4:
        first, last = _YEAR_PARTS[part]
        return f"{value}-{first:02d}-01/{_interval(f'{value}-{last:02d}')[1]}"
    first, last = _PARTS[part]
    return f"{value}-{first:02d}/{min(f'{value}-{last:02d}', _interval(value)[1].isoformat())}"


def _night(value: str, folded: str, start: int, words: DateWords) -> str:
    """The night to the 16th began on the 15th."""
    if len(value) != 10 or words.night.search(folded[max(0, start - 24) : start]) is None:
        return value
    day = date.fromisoformat(value)
    return f"{day - timedelta(days=1)}/{day}"


def _season(match: re.Match[str], published: date | None) -> tuple[str, ...]:
    """Three months; a winter lies in two years, and a text that names one of them may mean either."""
    groups = match.groupdict()
    season = next(number for number in range(1, 5) if groups[f"s{number}"] or groups.get(f"s{number}b"))
    named = groups["year"] or groups.get("yearb")
    if named is None and published is None:
        return ("",)
    year = int(named) if named else published.year if published else 0
    if season < 4:
        if not named and published and date(year, 3 * season, 1) > published:
            year -= 1
        return (f"{year}-{3 * season:02d}-01/{_interval(f'{year}-{3 * season + 2:02d}')[1]}",)
    # "In winter" is the last one; from autumn on it may be the one that begins.
    years = (year - 1, year) if named or (published and published.month >= 9) else (year - 1,)
    return tuple(f"{first}-12-01/{_interval(f'{first + 1}-02')[1]}" for first in years)


def _month(match: re.Match[str]) -> int:
    return next(number for number in range(1, 13) if match[f"m{number}"])


def _is_month(match: re.Match[str], folded: str, text: str, words: DateWords, *, dated: bool) -> bool:
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


def _slack(folded: str, match: re.Match[str], words: DateWords) -> timedelta:
    """How far ahead of the publication a date without a year may lie, by what its clause says around it."""
    opens = max(folded.rfind(mark, 0, match.start()) for mark in ".;!?\n") + 1
    closes = min((found for mark in ".;!?\n" if (found := folded.find(mark, match.end())) >= 0), default=len(folded))
    clause = folded[max(opens, match.start() - _REACH) : match.start()] + " " + folded[match.end() : min(closes, match.end() + _REACH)]
    return _ANNOUNCED_SLACK if words.announced.search(clause) is not None and words.was.search(clause) is None else _FUTURE_SLACK


_REACH = 60
"""Characters to each side of a date within which it may be called a planned one."""


def _value(year: int | None, month: int, day: int | None, published: date | None, slack: timedelta = _FUTURE_SLACK) -> str:
    """ISO text; empty when there is no such day. A missing year is the last one that is no further after the publication than ``slack``."""
    if not 1 <= month <= 12 or (day is not None and not 1 <= day <= 31):
        return ""
    if year is None and published is not None:
        years = (published.year + 1, published.year, published.year - 1)
        year = next(
            (one for one in years if _exists(one, month, day) and date(one, month, day or 1) <= published + slack), published.year - 1
        )
    if year is None:
        return f"--{month:02d}" + (f"-{day:02d}" if day else "")
    try:
        whole = date(year, month, day or 1)
    except ValueError:
        return ""
    return whole.isoformat() if day else whole.strftime("%Y-%m")


def _exists(year: int, month: int, day: int | None) -> bool:
    return day is None or day <= monthrange(year, month)[1]


def dates_meet(left: str, right: str) -> bool:
    """Whether two values can mean the same day.

    >>> dates_meet("2022-09", "2022-09-24"), dates_meet("2022-09", "2022-10-01"), dates_meet("--09", "2021-09-03")
    (True, False, True)
    """
    if left.startswith("--") or right.startswith("--"):
        left, right = (value.partition("/")[0] for value in (left, right))
        left, right = (value[2:] if value.startswith("--") else value[5:] for value in (left, right))
        return not left or not right or left.startswith(right) or right.startswith(left)
    (a_first, a_last), (b_first, b_last) = _interval(left), _interval(right)
    return a_first <= b_last and b_first <= a_last


def _interval(value: str) -> tuple[date, date]:
    if "/" in value:
        opening, _, closing = value.partition("/")
        return date.fromisoformat(opening), date.fromisoformat(closing)
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
