"""The vocabulary of numbers: ``data/numbers.toml`` compiled, and single words read as values."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What one language says about numbers; all expressions are for folded text."""

    cardinals: re.Pattern[str]
    scales: re.Pattern[str]
    vague: re.Pattern[str]
    odd: re.Pattern[str]
    before: tuple[tuple[str, re.Pattern[str]], ...]
    """("approx" | "more" | "fewer", expression that ends where the number starts)."""
    after: tuple[tuple[str, re.Pattern[str]], ...]
    range_word: re.Pattern[str]
    range_open: re.Pattern[str]
    units: re.Pattern[str]
    """Named groups are units; the first that matches a whole word or phrase wins."""
    roles: tuple[tuple[str, re.Pattern[str]], ...]
    between: re.Pattern[str]
    adjective: re.Pattern[str]
    stop: frozenset[str]
    inverted: frozenset[str]
    values: tuple[float, ...]
    scale_values: tuple[float, ...]
    vague_values: tuple[tuple[float, float | None], ...]
    odd_values: tuple[float, ...]
    parts: re.Pattern[str]
    """Parts of a whole ("two thirds"), with ``part_values`` in percent."""
    part_values: tuple[float, ...]
    not_after: re.Pattern[str]
    """Before a part: "the second half" is none."""
    not_before: re.Pattern[str]
    reached: re.Pattern[str]
    """Ends where the qualifier starts: what "rose to" names is reached, no bound."""
    count_of: re.Pattern[str]
    """Group 1: what is counted in "the number of dead"."""
    and_half: re.Pattern[str]
    collective: re.Pattern[str]
    """Number words that are said of persons: "двое"."""
    point: re.Pattern[str]
    """ "Eleven point three"."""
    of_persons: re.Pattern[str]
    """Behind a number without a noun: what is said of persons counted before."""
    further: re.Pattern[str]
    """Behind a number: more of those counted before."""
    tied: tuple[tuple[str, re.Pattern[str]], ...]
    """("dead" | "wounded", expression from the end of a number on): "fünf wurden verletzt"."""
    nobody: re.Pattern[str]
    minus: re.Pattern[str]
    """Before a number of degrees; ``frost`` behind them."""
    frost: re.Pattern[str]
    one_span: re.Pattern[str]
    """Named groups are units: "a week", "неделю"; only near ``lasting`` and not behind ``no_span_after``."""
    lasting: re.Pattern[str]
    no_span_after: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "numbers.toml").read_text(encoding="utf-8"))


def _numbered(entries: list[str]) -> str:
    return "|".join(f"(?P<n{number}>{entry})" for number, entry in enumerate(entries))


@cache
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of "en", "de", "ru" or "uk"."""
    data = _data()
    units = {**data["apart"][language], **data["units"][language]}
    # Longer vague phrases first, so that "tens of thousands" is not read as "tens".
    vague = sorted(data["vague"][language].items(), key=lambda item: -len(item[1]))
    return Vocabulary(
        cardinals=re.compile(_numbered(list(data["cardinals"][language].values()))),
        scales=re.compile(_numbered(list(data["scales"][language].values()))),
        vague=re.compile(rf"(?<![^\W_])(?:{_numbered([words for _, words in vague])})(?![^\W_])"),
        odd=re.compile(rf"(?<![^\W_])(?:{_numbered(list(data['odd'][language].values()))})(?![^\W_])"),
        before=tuple(
            # "$" in a search that ends where the number starts anchors the phrase to it.
            (kind, re.compile(rf"(?:(?<![^\W_])(?:{data['before'][kind][language]}){'|[~≈]' if kind == 'approx' else ''}) ?$"))
            for kind in ("approx", "more", "fewer")
        ),
        after=tuple((kind, re.compile(rf" ?(?:{data['after'][kind][language]})(?![^\W_])")) for kind in ("approx", "more")),
        range_word=re.compile(rf"(?:{data['range'][language]})"),
        range_open=re.compile(rf"(?<![^\W_])(?:{data['range_open'][language]}) (?:\S+ )?[$€£₽₴]?$"),
        units=re.compile("|".join(f"(?P<{unit}>{words})" for unit, words in units.items())),
        roles=tuple((role, re.compile(rf"(?<![^\W_])(?:{words[language]})(?![^\W_])")) for role, words in data["roles"].items()),
        between=re.compile(data["between"][language]),
        adjective=re.compile(data["adjective"][language]),
        stop=frozenset(data["stop"][language].split()),
        inverted=frozenset(data["inverted"].get(language, "").split()),
        values=tuple(float(value) for value in data["cardinals"][language]),
        scale_values=tuple(float(value) for value in data["scales"][language]),
        vague_values=tuple(_bounds(value) for value, _ in vague),
        odd_values=tuple(float(value) for value in data["odd"][language]),
        parts=re.compile(rf"(?<![^\W_])(?:{_numbered(list(data['parts'][language].values()))})(?![^\W_])"),
        part_values=tuple(float(value) for value in data["parts"][language]),
        not_after=re.compile(rf"(?<![^\W_])(?:{data['parts_not_after'][language]})[ -]$"),
        not_before=re.compile(rf"[ -]?(?:{data['parts_not_before'][language]})"),
        reached=re.compile(rf"(?<![^\W_])(?:{data['reached'][language]}) $"),
        count_of=re.compile(rf"(?<![^\W_])(?:{data['count_of'][language]})(?![^\W_])"),
        collective=re.compile(data["collective"][language] or "(?!)"),
        point=re.compile(data["point"][language]),
        of_persons=re.compile(rf" (?:{data['of_persons'][language]})(?![^\W_])"),
        further=re.compile(rf"{data['further'][language]}(?![^\W_])"),
        and_half=re.compile(rf"[ -](?:{data['and_half'][language]})(?![^\W_])"),
        nobody=re.compile(rf"(?<![^\W_])(?:{data['nobody'][language]})(?![^\W_])"),
        minus=re.compile(rf"(?<![^\W_])(?:{data['minus'][language]}) ?$"),
        frost=re.compile(rf" (?:{data['frost'][language]})(?![^\W_])"),
        one_span=re.compile(rf"(?<![^\W_])(?:{data['one_span'][language]})(?![^\W_])"),
        lasting=re.compile(rf"(?<![^\W_])(?:{data['lasting'][language]})(?![^\W_])"),
        no_span_after=re.compile(rf"(?<![^\W_])(?:{data['no_span_after'][language]}) $"),
        tied=tuple(
            (role, re.compile(rf" (?:{data['tie'][language]} )*(?:{words[language]})(?![^\W_])")) for role, words in data["roles"].items()
        ),
    )


def _bounds(text: str) -> tuple[float, float | None]:
    low, high = text.split()
    return float(low), None if high == "-" else float(high)


def group_number(match: re.Match[str]) -> int:
    """Which of the numbered alternatives matched."""
    return next(int(name[1:]) for name, value in match.groupdict().items() if value is not None)


@lru_cache(maxsize=32768)
def cardinal(word: str, language: str) -> float | None:
    """The value of one word ("двухсот", "dreiundvierzig"), None when it is no cardinal. ``word`` is folded."""
    words = vocabulary(language)
    match = words.cardinals.fullmatch(word)
    if match is not None:
        return words.values[group_number(match)]
    return _german_compound(word) if language == "de" else None


@lru_cache(maxsize=32768)
def scale(word: str, language: str) -> float | None:
    """The factor of one word ("Millionen", "тыс"), None when it is none."""
    words = vocabulary(language)
    match = words.scales.fullmatch(word)
    return words.scale_values[group_number(match)] if match is not None else None


@lru_cache(maxsize=32768)
def unit_of(word: str, language: str) -> str:
    """The unit that a word or short phrase names, empty when it names none."""
    match = vocabulary(language).units.fullmatch(word)
    if match is None:
        return ""
    return next(name for name, value in match.groupdict().items() if value is not None)


def _german_compound(word: str) -> float | None:
    """German writes numbers below a million as one word: "zweitausenddreihundertfünfundvierzig".

    >>> _german_compound("zweihundertfünfzig"), _german_compound("dreiundvierzig"), _german_compound("hunderttausend")
    (250.0, 43.0, 100000.0)
    >>> _german_compound("hundertschaft") is None
    True
    """
    if len(word) < 6:
        return None
    for name, factor in (("tausend", 1000.0), ("hundert", 100.0)):
        head, found, tail = word.partition(name)
        if not found:
            continue
        front = 1.0 if not head else cardinal(head, "de")
        rest = 0.0 if not tail else cardinal(tail.removeprefix("und"), "de")
        if front is None or rest is None or rest >= factor:
            return None
        return front * factor + rest
    ones, found, tens = word.partition("und")
    if found and ones and tens:
        low, high = cardinal(ones, "de"), cardinal(tens, "de")
        if low is not None and high is not None and low < 10 <= high < 100 and high % 10 == 0:
            return high + low
    return None


_COMPOUND_UNITS = {
    "de": (("tägig", "day"), ("jährig", "year"), ("wöchig", "week"), ("monatig", "month"), ("stündig", "hour"), ("köpfig", "person")),
    "ru": (
        ("дневн", "day"), ("суточн", "day"), ("летн", "year"), ("годовал", "year"), ("недельн", "week"), ("месячн", "month"),
        ("часов", "hour"), ("километров", "km"), ("тысячн", "1000"), ("миллионн", "1000000"),
    ),
    "uk": (
        ("денн", "day"), ("добов", "day"), ("річн", "year"), ("тижнев", "week"), ("місячн", "month"), ("годинн", "hour"),
        ("кілометров", "km"), ("тисячн", "1000"), ("мільйонн", "1000000"),
    ),
}  # fmt: skip


_HALF = {"ru": "пол", "uk": "пів"}
HALVED = frozenset({"hour", "day", "month", "year", "minute", "decade", "km", "m", "mile", "kg", "tonne", "ha"})
"""Units that half a one of is said of."""


@lru_cache(maxsize=32768)
def compound(word: str, language: str) -> tuple[float, str] | None:
    """Value and unit of an adjective made with a number ("трехдневный", "dreitägige", "двадцятип'ятирічний").

    >>> compound("трехдневный", "ru"), compound("dreitägigen", "de"), compound("шестнадцатилетняя", "ru")
    ((3.0, 'day'), (3.0, 'day'), (16.0, 'year'))
    """
    half = _HALF.get(language, "")
    if half and word.startswith(half):
        # "полгода", "півгодини", "полмиллиона": a half written as one word with what it halves.
        rest = word.removeprefix(half)
        if (factor := scale(rest, language)) is not None and factor >= 1e6:
            return factor / 2, ""
        # "Півдня" is the south's genitive; half a day is written apart.
        if (measure := unit_of(rest, language)) in HALVED and word != "півдня":
            return 0.5, measure
    for stem, unit in _COMPOUND_UNITS.get(language, ()):
        head, found, tail = word.partition(stem)
        if not found or not head or len(tail) > 4:
            continue
        head = head.rstrip("-")
        value = cardinal(head, language)
        if value is None:
            value = _joined(head, language)
        if value is not None:
            return (value * float(unit), "") if unit.isdigit() else (value, unit)
    return None


def _joined(head: str, language: str) -> float | None:
    """ "двадцатитрех" is twenty and three in one word."""
    for cut in range(4, len(head) - 1):
        tens, ones = cardinal(head[:cut], language), cardinal(head[cut:], language)
        if tens is not None and ones is not None and tens >= 20 and ones < 10:
            return tens + ones
    return None
