"""Single numbers in a text, without what stands around them: digits with separators and scale words, number words, vague amounts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from comparison.number_text import NumberText
from comparison.number_units import unit_after, unit_before
from comparison.number_words import HALVED, cardinal, compound, group_number, scale

_SUFFIX = re.compile(r"-(?:ти|ми|ма|ох|х|ро|ьох)(?![^\W\d_])|(?:k|bn|mn|tn)(?!\w)|(?<=\d)[mb](?!\w)")
_SUFFIX_SCALES = {"k": 1e3, "bn": 1e9, "mn": 1e6, "m": 1e6, "b": 1e9, "tn": 1e12}
_ABBREVIATED = frozenset({"тыс", "тис", "млн", "млрд", "mio", "mrd", "tsd"})
_ONE_OF_A_KIND = re.compile(r"сотн[яю]|тысяч[ау]|тисяч[ау]|десяток|миллион|мільйон|миллиард|мільярд|дюжин[ау]")
_GENITIVE_HUNDRED = re.compile(r"сотни|сотні|тысячи|тисячі|десятка")
FRACTION = re.compile(r"-? ?(?:quarters?|thirds?|fifths?|viertel|drittel|fünftel|трет[ьи]\w*|четверт\w+|чверт\w+|третин\w+)(?!\w)")
COUNTED = frozenset(
    {"person", "relative", "professional", "dead", "wounded", "family", "vehicle", "weapon", "building", "settlement", "region", "country"}
)
"""Units that have no fractions."""
_COUNTED_IN_MILLIONS = frozenset({"person", "relative", "professional", "dead", "wounded", "family", "barrel", "tonne"})
"""Units behind "1.5m" that make it a million and a half, as any currency does; before anything else an "m" is a metre."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """One number. ``last`` is the index of its last token."""

    low: float
    high: float | None
    start: int
    end: int
    last: int
    scaled: float = 1.0
    """The scale word that closed it, so that "2-3 thousand" can lend it to the 2."""
    worded: bool = False
    vague: bool = False
    unit: str = ""
    """Only of words that have it in them: "трехдневный"."""


def numeral_at(source: NumberText, index: int) -> Numeral | None:
    """The number that opens at a token; None when none does."""
    first = source.word(index)
    if not first or source.is_masked(index):
        return None
    if first[0].isdigit():
        return _digits(source, index)
    if not first[0].isalpha():
        return None
    return _phrase(source, index) or _worded(source, index)


def _digits(source: NumberText, index: int) -> Numeral:
    value = digits_value(source.word(index).rstrip(".,"), source.language, unit_after(source, index + 1)[0])
    end, last, scaled = source.end(index), index, 1.0
    suffix = _SUFFIX.match(source.folded, end)
    if suffix is not None and (suffix.group() not in ("m", "b") or _is_million(source, index)):
        end = suffix.end()
        scaled = _SUFFIX_SCALES.get(suffix.group(), 1.0)
        value *= scaled
        last = source.last_before(end, last)
    follower = last + 2 if source.word(last + 1) == "-" else last + 1  # "10-thousand"
    factor = scale(source.word(follower), source.language) if source.word(follower) else None
    if factor is not None and source.joined(last, last + 1):
        value, scaled, last, end = value * factor, factor, follower, source.end(follower)
        if source.word(last) in _ABBREVIATED and source.word(last + 1) == ".":
            last += 1
            end = source.end(last)
    return Numeral(value, value, source.start(index), end, last, scaled)


def _is_million(source: NumberText, index: int) -> bool:
    """Whether an "m" behind digits is no metre: "$5m", "RM5m", "5m people"."""
    if unit_before(source, source.start(index))[0].isupper():
        return True
    unit = unit_after(source, index + 2)[0]
    return source.language == "en" and (unit in _COUNTED_IN_MILLIONS or unit.isupper())


def _phrase(source: NumberText, index: int) -> Numeral | None:
    """Fixed phrases: "half a dozen", "полсотни", "сотни тысяч"."""
    start = source.start(index)
    match = source.words.odd.match(source.folded, start)
    if match is not None:
        value = source.words.odd_values[group_number(match)]
        last = source.last_before(match.end(), index)
        factor = scale(source.word(last + 1), source.language) if source.word(last + 1) else None
        if factor is not None:
            return Numeral(value * factor, value * factor, start, source.end(last + 1), last + 1, factor, worded=True)
        if value != 0.5 or unit_after(source, last + 1)[0] in HALVED:
            return Numeral(value, value, start, match.end(), last, worded=True)
    nobody = source.words.nobody.match(source.folded, start)
    if nobody is not None:
        return Numeral(0.0, 0.0, start, nobody.end(), source.last_before(nobody.end(), index), worded=True)
    span = source.words.one_span.match(source.folded, start)
    if span is not None and _lasts(source, span):
        return Numeral(1.0, 1.0, start, span.end(), source.last_before(span.end(), index), worded=True, unit=span.lastgroup or "")
    part = source.words.parts.match(source.folded, start)
    if (
        part is not None
        and source.words.not_before.match(source.folded, part.end()) is None
        and source.words.not_after.search(source.folded, max(0, start - 20), start) is None
    ):
        value = source.words.part_values[group_number(part)]
        return Numeral(value, value, start, part.end(), source.last_before(part.end(), index), worded=True, vague=True, unit="percent")
    match = source.words.vague.match(source.folded, start)
    if match is None or (_GENITIVE_HUNDRED.fullmatch(match.group()) and source.is_qualified(start)):
        # "около сотни" is the genitive of one hundred, not "hundreds".
        return None
    low, high = source.words.vague_values[group_number(match)]
    return Numeral(low, high, start, match.end(), source.last_before(match.end(), index), worded=True, vague=True)


def _lasts(source: NumberText, span: re.Match[str]) -> bool:
    """Whether "a week" is how long something took: a verb that lasts stands near, and it is no "a week ago", "in a week"."""
    folded = source.folded
    if source.words.no_span_after.search(folded, max(0, span.start() - 16), span.start()) or _AGO.match(folded, span.end()):
        return False
    return source.words.lasting.search(folded, max(0, span.start() - 40), min(len(folded), span.end() + 40)) is not None


_AGO = re.compile(r" (?:тому |)назад| тому| ago| before| later| earlier| zuvor| später| спустя| потому")


def _worded(source: NumberText, index: int) -> Numeral | None:
    """Number words from ``index`` on, put together by place value."""
    adjective = compound(source.word(index), source.language)
    if adjective is not None:
        return Numeral(adjective[0], adjective[0], source.start(index), source.end(index), index, worded=True, unit=adjective[1])
    total = current = 0.0
    limit, scaled = float("inf"), 1.0
    last: int | None = None
    position = index
    while position < len(source) and not source.is_masked(position) and (position == index or source.joined(position - 1, position)):
        spoken = source.word(position)
        if last is not None and spoken in ("-", "and", "und"):
            if not _is_joint(source, position, current, scaled):
                break
            position += 1
            continue
        value, factor = cardinal(spoken, source.language), scale(spoken, source.language)
        if value is not None and _fits(current, value):
            current += value
            half = source.words.and_half.match(source.folded, source.end(position))
            if half is not None and current < 100:
                # "two and a half million", "два с половиной миллиона".
                current += 0.5
                last = source.last_before(half.end(), position)
                position = last + 1
                continue
        elif factor is not None and factor < limit and (last is not None or _opens(source, position, factor)):
            if factor >= 1000:
                total += max(current, 1.0) * factor
                current, limit = 0.0, factor
            elif current >= 100:
                break
            else:
                current = max(current, 1.0) * factor
            scaled = factor
        else:
            break
        last = position
        position += 1
    if last is None or FRACTION.match(source.folded, source.end(last)) is not None:
        return None
    value = total + current
    decimal = cardinal(source.word(last + 2), source.language) if source.words.point.fullmatch(source.word(last + 1)) else None
    if decimal is not None and decimal < 10:
        value, last = value + decimal / 10, last + 2
        factor = scale(source.word(last + 1), source.language)
        if factor is not None:
            value, last, scaled = value * factor, last + 1, factor
    return Numeral(value, value, source.start(index), source.end(last), last, scaled, worded=True)


def _is_joint(source: NumberText, position: int, current: float, scaled: float) -> bool:
    """Whether the hyphen of "forty-three" or the "and" of "two hundred and fifty" stands at ``position``."""
    if not source.joined(position, position + 1):
        return False
    value = cardinal(source.word(position + 1), source.language)
    if value is None:
        return False
    if source.word(position) == "-":
        return 0 < value < 10 and current % 100 >= 20 and current % 10 == 0
    return scaled >= 100 and value < 100


def _opens(source: NumberText, position: int, factor: float) -> bool:
    """Whether a scale word may open a number: "a hundred", "сотня", "hundert", but not "hundred" alone."""
    word, before = source.word(position), source.word(position - 1)
    if source.language == "en":
        return before in ("a", "an", "one", "per")
    if source.language == "de":
        return word in ("hundert", "tausend") or before in ("ein", "eine", "einer", "einem")
    return factor >= 10 and (_ONE_OF_A_KIND.fullmatch(word) is not None or source.is_qualified(source.start(position)))


def _fits(current: float, value: float) -> bool:
    """Whether a cardinal may follow by place value: "сто" + "двадцать" + "пять", never "пять" + "двадцать"."""
    if current == 0:
        return True
    if value >= 100 or value == 0:
        return False
    rest = current % 100
    return rest == 0 or (value < 10 and rest >= 20 and rest % 10 == 0)


def digits_value(raw: str, language: str, unit: str = "") -> float:
    """The value of digits with separators. One mark before exactly three digits is ambiguous and read by language and unit.

    Things that are counted are never fractions: "1,500 солдат" is fifteen hundred although Russian writes decimals with a comma.

    >>> digits_value("1.500", "de"), digits_value("1 500", "ru"), digits_value("1,500", "en"), digits_value("2,5", "ru")
    (1500.0, 1500.0, 1500.0, 2.5)
    >>> digits_value("1.500", "en"), digits_value("1.500", "en", "person"), digits_value("1,234.5", "en")
    (1.5, 1500.0, 1234.5)
    """
    raw = raw.replace(" ", "").replace("'", "")
    marks = [char for char in raw if char in ".,"]
    if not marks:
        return float(raw)
    decimal = marks[-1]
    if len(set(marks)) == 2:
        other = "," if decimal == "." else "."
        return float(raw.replace(other, "").replace(decimal, "."))
    if len(marks) > 1:
        return float(raw.replace(decimal, ""))
    whole, _, fraction = raw.rpartition(decimal)
    grouping = "," if language == "en" else "."
    if len(fraction) == 3 and not whole.startswith("0") and (decimal == grouping or unit in COUNTED):
        return float(whole + fraction)
    return float(f"{whole}.{fraction}")
