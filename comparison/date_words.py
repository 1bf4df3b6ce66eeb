"""The vocabulary of dates: ``data/dates.toml`` compiled, one language at a time. All expressions are for folded text."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

_BEFORE = r"(?<![^\W\d_])"
_END = r"(?![^\W\d_])"

_STEPS = ("days", "weeks", "month_steps", "year_steps")

Steps = tuple[tuple[int, re.Pattern[str]], ...]


@dataclass(frozen=True, slots=True)
class DateWords:
    months: re.Pattern[str]
    """Groups m1 to m12, as in all that name a month."""
    day_month: re.Pattern[str]
    month_day: re.Pattern[str]
    month_year: re.Pattern[str]
    day_range: re.Pattern[str]
    ordinal_month: re.Pattern[str]
    """Group "ordinal": the day in words."""
    ordinals: dict[str, int]
    lone_after: re.Pattern[str]
    ambiguous: frozenset[int]
    year: re.Pattern[str]
    year_weak: re.Pattern[str]
    """Ends where the year starts: a preposition of counts too."""
    weekdays: re.Pattern[str]
    days: Steps
    """(how many days from the publication, expression), as for ``weeks``, ``month_steps`` and ``year_steps``."""
    weeks: Steps
    month_steps: Steps
    year_steps: Steps
    any_step: re.Pattern[str]
    """Matches wherever one of the four above does: most sentences tell no such time, and are done with one search."""
    has_ago: re.Pattern[str]
    """A word without which nothing in ``ago`` can match."""
    ago: tuple[tuple[str, re.Pattern[str]], ...]
    """("days" | "weeks" | "months" | "years", expression whose one group that matched is the number)."""
    parts: tuple[tuple[str, re.Pattern[str]], ...]
    """("begin" | "middle" | "end", expression that ends where the month or year starts)."""
    seasons: re.Pattern[str]
    """Groups s1 (spring) to s4 (winter) and "year"."""
    night: re.Pattern[str]
    last_weekday: re.Pattern[str]
    next_weekday: re.Pattern[str]
    until_weekday: re.Pattern[str]
    clock: re.Pattern[str]
    announced: re.Pattern[str]
    """What says of a date that it is planned, anywhere in its clause; ``was``: that it was so once."""
    was: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "dates.toml").read_text(encoding="utf-8"))


def _alternatives(parts: list[str], prefix: str) -> str:
    return "|".join(f"(?P<{prefix}{number}>{part})" for number, part in enumerate(parts, start=1))


def _steps(name: str, language: str) -> Steps:
    return tuple((int(step), re.compile(rf"{_BEFORE}(?:{words[language]}){_END}")) for step, words in _data()[name].items())


def _ordinals(language: str) -> dict[str, int]:
    """Word -> day of the month.

    >>> _ordinals("de")["einundzwanzigsten"], _ordinals("ru")["двадцать третьего"], _ordinals("en")["thirty-first"]
    (21, 23, 31)
    """
    ones = _data()["ordinals"][language].split("|")
    twenty, thirty, thirtieth = _data()["ordinal_tens"][language]
    days = {word: number for number, word in enumerate(ones, start=1)} | {thirtieth: 30}
    if language == "de":
        spoken = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
        return days | {f"{word}undzwanzigsten": 20 + number for number, word in enumerate(spoken, start=1)} | {"einunddreißigsten": 31}
    return days | {twenty + word: 20 + number for number, word in enumerate(ones[:9], start=1)} | {thirty + ones[0]: 31}


@cache
def date_words(language: str) -> DateWords:
    """The vocabulary of "en", "de", "ru" or "uk"."""
    data = _data()
    month = f"(?:{_alternatives(data['months'][language], 'm')})"
    year_word = data["year_word"][language]
    behind = rf"(?: ?(?:{year_word}))?" if year_word else ""
    bare_day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.|-?го)?"
    day = rf"(?<![\d.,:/-]){bare_day}"
    year_after = rf"(?:,? (?P<year>(?:19|20)\d\d)(?!\d){behind})?"
    before = data["year_before"][language]
    years = rf"{_BEFORE}(?:{before}) (?P<a>(?:19|20)\d\d)(?![\d.,]\d|\d|-\d)|(?<![\d.,-])(?P<b>(?:19|20)\d\d)-(?:(?:19|20)\d\d|\d\d)(?!\d)"
    if year_word:
        years += rf"|(?<![\d.,])(?P<c>(?:19|20)\d\d)(?:-?(?:й|м|го|му|х|ий|ого|ому|і|е))? (?:{year_word}){_END}"
    ordinals = _ordinals(language)
    spoken = "|".join(sorted(ordinals, key=len, reverse=True))
    season = rf"(?:{_alternatives(data['seasons'][language], 's')}){_END}"
    season_year = rf"(?: (?:of |des jahres )?(?P<year>(?:19|20)\d\d)(?!\d){behind})"
    opened = data["season_before"][language]
    return DateWords(
        months=re.compile(rf"{_BEFORE}{month}{_END}"),
        day_month=re.compile(rf"{day} (?:of )?{month}{_END}{year_after}"),
        month_day=re.compile(rf"{_BEFORE}{month} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:.,]\d|\d){year_after}"),
        month_year=re.compile(rf"{_BEFORE}{month},? (?:(?:des jahres|of) )?(?P<year>(?:19|20)\d\d)(?!\d){behind}"),
        day_range=re.compile(
            r"(?<![\d.,:/])(?P<first>\d{1,2})(?:st|nd|rd|th|\.|-?го)?"
            r" ?(?P<joint>-|to|and|or|through|bis(?: zum)?|und|oder|по|до|на|и|или|та|і|й|або|чи) ?"
            rf"{bare_day} (?:of )?{month}{_END}{year_after}"
        ),
        ordinal_month=re.compile(rf"{_BEFORE}(?P<ordinal>{spoken}) (?:of )?{month}{_END}{year_after}"),
        ordinals=ordinals,
        lone_after=re.compile(rf"{_BEFORE}(?:{data['lone_month_after'][language]})[ -]$"),
        ambiguous=frozenset(data["ambiguous"][language]),
        year=re.compile(years),
        year_weak=re.compile(rf"{_BEFORE}(?:{data['year_weak'][language]}) $"),
        weekdays=re.compile(rf"{_BEFORE}(?:{_alternatives(data['weekdays'][language], 'w')}){_END}"),
        days=_steps("days", language),
        weeks=_steps("weeks", language),
        month_steps=_steps("month_steps", language),
        year_steps=_steps("year_steps", language),
        any_step=re.compile(
            rf"{_BEFORE}(?:{'|'.join(words[language] for name in _STEPS for words in data[name].values())}){_END}",
        ),
        has_ago=re.compile(data["has_ago"][language]),
        ago=tuple(
            (unit, re.compile(rf"{_BEFORE}(?:{data['ago_' + unit][language]}){_END}")) for unit in ("days", "weeks", "months", "years")
        ),
        parts=tuple((part, re.compile(rf"{_BEFORE}(?:{words[language]})[ -]?$")) for part, words in data["parts"].items()),
        # Where the language has adverbs ("летом") they stand alone; "summer" and "Sommer" need a word before or a year behind them.
        seasons=re.compile(
            rf"{_BEFORE}(?:{opened}) {season}{season_year}?|{_BEFORE}{_renamed(season)}{_renamed(season_year)}"
            if opened
            else rf"{_BEFORE}{season}{season_year}?"
        ),
        night=re.compile(rf"{_BEFORE}(?:{data['night'][language]}) $"),
        last_weekday=re.compile(rf"{_BEFORE}(?:{data['before_weekday']['last'][language]}) $"),
        until_weekday=re.compile(rf"{_BEFORE}(?:{data['before_weekday']['until'][language]}) $"),
        next_weekday=re.compile(rf"{_BEFORE}(?:{data['before_weekday']['next'][language]}) $"),
        clock=re.compile(rf"{_BEFORE}(?:(?:{data['clock'][language]}){_END}|\d{{1,2}}:\d\d(?::\d\d)?(?!\d))"),
        announced=re.compile(rf"{_BEFORE}(?:{data['announced'][language]}){_END}"),
        was=re.compile(rf"{_BEFORE}(?:{data['was'][language]}){_END}"),
    )


def _renamed(expression: str) -> str:
    """The same with other names for its groups, since a name may stand only once in an expression."""
    return re.sub(r"\(\?P<(\w+)>", r"(?P<\1b>", expression)
