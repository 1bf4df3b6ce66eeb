"""Dates told from the day of publication: "yesterday", "last Tuesday", "three weeks ago", "минулого місяця". Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from comparison.date_words import DateWords
from comparison.number_words import cardinal

_REACH = 24
MAX_AGO = 100


def find_relative(folded: str, words: DateWords, published: date, language: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """(start, end, values) of what is told from ``published``, the most specific first."""
    if words.has_ago.search(folded) is not None:
        for unit, pattern in words.ago:
            for match in pattern.finditer(folded):
                count, start = _count(match, language)
                if count is not None:
                    yield start, match.end(), (_ago(unit, count, published),)
    if words.any_step.search(folded) is not None:
        yield from _steps(folded, words, published)
    for match in words.weekdays.finditer(folded):
        yield *match.span(), _weekday(match, folded, words, published)


def _steps(folded: str, words: DateWords, published: date) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    for days, pattern in words.days:
        for match in pattern.finditer(folded):
            yield *match.span(), ((published + timedelta(days=days)).isoformat(),)
    for steps, pattern in words.weeks:
        for match in pattern.finditer(folded):
            year, week, _ = (published + timedelta(weeks=steps)).isocalendar()
            yield *match.span(), (f"{year}-W{week:02d}",)
    for steps, pattern in words.month_steps:
        for match in pattern.finditer(folded):
            yield *match.span(), (_month_from(published, steps),)
    for steps, pattern in words.year_steps:
        for match in pattern.finditer(folded):
            yield *match.span(), (str(published.year + steps),)


def _count(match: re.Match[str], language: str) -> tuple[int | None, int]:
    """(the number of "three days ago", where it starts). A word that is no number leaves one behind it: "exactly a week ago"."""
    group = next((number for number, text in enumerate(match.groups(), start=1) if text is not None), None)
    if group is None:
        return 1, match.start()
    spoken = match[group]
    if spoken.isdigit():
        return (int(spoken), match.start()) if int(spoken) < MAX_AGO else (None, 0)
    value = 1.0 if spoken in ("a", "an") else cardinal(spoken, language)
    if value is not None:
        return int(value), match.start()
    # In Russian and Ukrainian the group is any word before "неделю назад"; elsewhere "some days ago" tells no day.
    return (
        (1, match.end(group) + 1)
        if language in ("ru", "uk") and _SINGLE.match(match.group(), match.end(group) - match.start())
        else (None, 0)
    )


_SINGLE = re.compile(r" (?:неделю|месяц|год|день|сутки|тиждень|місяць|рік|добу) ")


def _ago(unit: str, count: int, published: date) -> str:
    if unit == "days":
        return (published - timedelta(days=count)).isoformat()
    if unit == "weeks":
        return (published - timedelta(weeks=count)).isoformat()
    return _month_from(published, -count) if unit == "months" else str(published.year - count)


def _month_from(published: date, steps: int) -> str:
    """
    >>> _month_from(date(2022, 1, 31), -1), _month_from(date(2022, 11, 5), -13)
    ('2021-12', '2021-10')
    """
    year, month = divmod(published.year * 12 + published.month - 1 + steps, 12)
    return f"{year}-{month + 1:02d}"


_NUMBERED = re.compile(r",? (?:the |den |dem )?(?P<day>\d{1,2})(?:st|nd|rd|th|-?го|\.)(?=[,;:!?)]|\.? ?$|\. )")
_SPOKEN = re.compile(r", (?:the |den |dem )?([^\W\d_]+(?:[ -][^\W\d_]+)?)(?=[,;:!?)]|\. |\.?$)")
_NEAR_DAYS = 62


def _numbered(day: int, weekday: int, published: date) -> str:
    """ "Thursday, the 8th": the last such day that is not more than a month ahead; empty where none was for two months.

    >>> _numbered(8, 4, date(2022, 12, 20)), _numbered(9, 4, date(2022, 12, 20))
    ('2022-12-08', '')
    """
    near = (published + timedelta(days=31 - back) for back in range(31 + _NEAR_DAYS))
    return next((one.isoformat() for one in near if one.day == day and one.isoweekday() == weekday), "")


_ANY = re.compile(r"(?<!\w)(?:an?|every|each|any|einem|jeden|jedem|каждый|каждую|каждое|по|кожен|кожну|кожного|кожної) $")
_PLURALS = frozenset(f"{day}s" for day in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"))


def _weekday(match: re.Match[str], folded: str, words: DateWords, published: date) -> tuple[str, ...]:
    weekday = next(number for number in range(1, 8) if match[f"w{number}"])
    before = folded[max(0, match.start() - _REACH) : match.start()]
    if _ANY.search(before) is not None or match.group() in _PLURALS:
        # "On a Tuesday", "jeden Dienstag", "Mondays": any of them.
        return ()
    if (numbered := _NUMBERED.match(folded, match.end())) is not None and (day := _numbered(int(numbered["day"]), weekday, published)):
        return (day,)
    spoken = _SPOKEN.match(folded, match.end())
    if spoken is not None and spoken[1] in words.ordinals and (day := _numbered(words.ordinals[spoken[1]], weekday, published)):
        return (day,)
    back = (published.isoweekday() - weekday) % 7
    if words.next_weekday.search(before) is not None:
        ahead = (weekday - published.isoweekday()) % 7 or 7
        return ((published + timedelta(days=ahead)).isoformat(),)
    if words.until_weekday.search(before) is not None:
        # "Closed until Friday" is ahead, "the fighting went on until Friday" was before.
        ahead = (weekday - published.isoweekday()) % 7 or 7
        return ((published - timedelta(days=back)).isoformat(), (published + timedelta(days=ahead)).isoformat())
    if words.last_weekday.search(before) is None:
        return ((published - timedelta(days=back)).isoformat(),)
    if back == 0:
        return ((published - timedelta(days=7)).isoformat(),)
    nearest = (published - timedelta(days=back)).isoformat()
    # "Last Tuesday" said on a Wednesday may be yesterday or the Tuesday of last week.
    return (nearest,) if back >= 3 else (nearest, (published - timedelta(days=back + 7)).isoformat())
