"""Numbers in a text: digits and words in four languages, ranges, "about" and "more than", with the unit they count.

Dates, clock times, telephone numbers, identifiers and ordinals are passed over: they are no quantities.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from comparison.folding import known_language
from comparison.number_text import NumberText
from comparison.number_units import (
    CURRENCY,
    age_or,
    is_below_zero,
    role_before,
    role_of,
    tied_role,
    unit_after,
    unit_before,
    unit_earlier,
    unit_of_count,
    unit_of_whole,
)
from comparison.numerals import COUNTED, FRACTION, Numeral, digits_value, numeral_at
from storage.claim_records import Number

__all__ = ["digits_value", "find_numbers"]

_BARE_YEAR = re.compile(r"(?:19|20)\d\d")
_OLD_YEAR = re.compile(r"1[0-8]\d\d")
_YEAR_BEFORE = re.compile(r"(?<![^\W_])(?:in|since|of|im jahre?|jahr|seit|von|anno|в|с|у|з|із|до|від) $")
_YEAR_BEHIND = re.compile(r" (?:год[ау]?|году|году|рік|року|році|г\.|р\.)(?![^\W_])")
"""Years before those that are read as dates: 1492 counts nothing either."""
_AFTER_NAME = re.compile(r"(?<![.!?] )(?<!^)[A-Z][a-z]+ $")
_OF_THEM = re.compile(r" (?:of them|of these|of those|of whom|von ihnen|davon|из них|из которых|з них|із них|з яких|із яких)(?![^\W_])")
_ARTICLE = re.compile(r"(?:a|an|ein|eine|einem|einer|the|die|der|den)? ?[$€₽₴£]? ?$")
_AND = frozenset({"and", "und", "и", "і", "й", "та"})
_OR = frozenset({"or", "oder", "или", "чи", "або", "либо"})
_PERSONS = frozenset({"person", "relative", "professional", "dead", "wounded"})
_OF_WHICH = re.compile(
    r"(?<![^\W_])(?:(?:some|many|most) )?(?:of which|of whom|of these|davon|von denen|von ihnen|из которых|из них"
    r"|з яких|із яких|з них|із них)"
    r" (?:[^\W\d_]+ )?$"
)
_OPENS_CLAUSE = re.compile(r"(?:[,;:] |(?<![^\W_])(?:and|while|und|während|и|а|еще|ще|і|й|та) )(?:[^\W\d_]+ )?$")
_ARTICLES = frozenset({"das", "die", "der", "den", "the", "these", "those"})
_REGARD = re.compile(r"(?:außer|in) $")
_OF_WHOLE = re.compile(r"(?:^|[.,;:] )(?:out )?(?:of (?:the|its|their|all)|von (?:den|ihren|insgesamt)|из|із|з) $")
_NOUN_NEXT = re.compile(r" [A-ZÄÖÜ][a-zäöüß]")
_REACH = 28
"""Characters before a number within which its qualifier stands."""

FAR_ENDS = 5
"""A dash with spaces joins a range only where the far end is not this many times the near one: elsewhere it is punctuation."""


@lru_cache(maxsize=4096)
def find_numbers(text: str, language: str) -> tuple[Number, ...]:
    """All quantities in ``text``, in order, with unit and qualifiers where they are recognised.

    ``text`` of a number covers its qualifier and unit ("about 250 people"). A language without a vocabulary is read as English.

    >>> [(n.low, n.high, n.approximate, n.unit) for n in find_numbers("Внизу около 300 человек, спят три дня.", "ru")]
    [(300.0, 300.0, True, 'person'), (3.0, 3.0, False, 'day')]
    """
    source = NumberText(text, known_language(language))
    found: list[Number] = []
    index = 0
    while index < len(source):
        numeral = numeral_at(source, index)
        if numeral is None:
            index += 1
            continue
        number, last = _with_surroundings(source, numeral)
        if number is not None and not number.unit and found and (unit := _unit_of_those(source, found[-1], number)):
            number = replace(number, unit=role_of(source, unit, number.start, number.end))
        if number is not None:
            found.append(number)
        index = last + 1
    return tuple(found)


def _unit_of_those(source: NumberText, before: Number, number: Number) -> str:
    """The unit that a number without one has from the number before it; empty where it stands for itself."""
    if before.unit in COUNTED and _OF_THEM.match(source.folded, number.end) is not None:
        # "153 men were below, 118 of them came out".
        return before.unit
    if before.unit in COUNTED and _OF_WHICH.search(source.folded, before.end, number.start) is not None:
        # "1,100 rockets, of which 200 fell short".
        return before.unit
    if before.unit not in _PERSONS:
        return ""
    further = source.words.further.match(source.folded, number.end)
    if further is not None and _NOUN_NEXT.match(source.text, further.end()) is None:
        # "Two men died, three others were taken to hospital".
        return "person"
    parted = source.folded.find(". ", before.end, number.start) >= 0
    opens = (
        _OPENS_CLAUSE.search(source.folded, before.end, number.start) is not None
        # "Of the 62 migrants aboard 45 were rescued".
        or _OF_WHOLE.search(source.folded, 0, before.start) is not None
    )
    # "46 miners died, 12 remain below".
    return "person" if opens and not parted and source.words.of_persons.match(source.folded, number.end) is not None else ""


def _with_surroundings(source: NumberText, numeral: Numeral) -> tuple[Number | None, int]:
    """(the number with range, qualifiers and unit, index of its last token); None in its place when it is no quantity."""
    low: float | None = numeral.low
    high, approximate, end, last = numeral.high, numeral.vague, numeral.end, numeral.last
    far = _far_end(source, numeral)
    if far is not None:
        # "2-3 thousand": the scale word belongs to both ends.
        if far.scaled > 1 and numeral.scaled == 1 and numeral.low < far.low / far.scaled:
            low = numeral.low * far.scaled
        high, end, last = far.high, far.end, far.last
        approximate = approximate or (numeral.worded and far.worded)
    qualifier, start = _qualifier(source, numeral.start)
    if qualifier == "fewer" and source.words.reached.search(source.folded, max(0, start - _REACH), start) is not None:
        # "rose to 61", "выросло до 61": reached, where "up to 61" is a bound.
        qualifier, start = "", numeral.start
    while qualifier == "approx":
        approximate = True
        qualifier, start = _qualifier(source, start)
    following, end_of_following = _following(source, end)
    unit, unit_end = (numeral.unit, end) if numeral.unit else unit_after(source, last + 1)
    if not numeral.unit and numeral.start and source.folded[numeral.start - 1] in CURRENCY:
        # "A $3 billion buyout of shareholders" counts no shareholders.
        unit, unit_end = "", 0
    if following:
        end = end_of_following
        if not unit:
            unit, unit_end = unit_after(source, source.last_before(end, last) + 1)
    elif unit:
        following, after_unit = _following(source, unit_end)
        unit_end = after_unit if following else unit_end
    # "2023 das wärmste Jahr": a year, and no count of years.
    is_tied = bool(unit) and source.word(last + 1) not in _ARTICLES
    if not unit and numeral.worded and source.words.collective.fullmatch(source.folded, numeral.start, numeral.end) is not None:
        unit, unit_end = "person", numeral.end
    if not unit:
        # "Nearly $10 billion": the sign stands within the qualifier.
        unit, opens, guessed = unit_before(source, numeral.start)
        if not unit:
            unit, opens, guessed = unit_before(source, start)
        start, approximate = min(start, opens), approximate or guessed
    if not unit:
        unit = unit_of_whole(source, last) or tied_role(source, end) or role_before(source, start) or unit_earlier(source, start, last)
        unit = unit or unit_of_count(source, start, end)
    unit = age_or(unit, source, start, end, max(end, unit_end))
    if not unit and is_below_zero(source, start, end) and source.folded[max(0, start - 2) : start].strip() != "-":
        unit = "degree"
    if unit == "degree" and is_below_zero(source, start, max(end, unit_end)):
        low, high = -numeral.low, -numeral.low
    if _is_no_quantity(
        source, numeral, far, unit if is_tied or not _BARE_YEAR.fullmatch(source.folded, numeral.start, end) else "", qualifier
    ):
        return None, last
    approximate = approximate or following == "approx"
    if far is None:
        if "more" in (qualifier, following):
            high = None
        elif qualifier == "fewer":
            low = None
    end = max(end, unit_end)
    number = Number(
        low=low,
        high=high,
        approximate=approximate,
        unit=role_of(source, unit, start, end),
        text=source.text[start:end],
        start=start,
        end=end,
    )
    return number, last


def _far_end(source: NumberText, near: Numeral) -> Numeral | None:
    """The far end of a range: "21-26", "21 to 26", "от 21 до 26", "two or three"; None when ``near`` stands alone."""
    index = near.last + 1
    joint = source.word(index)
    if near.vague or not joint or (joint != "-" and source.words.range_word.fullmatch(joint) is None):
        return None
    # "Between $22 million and $35 million"
    signed = source.word(index + 1) in CURRENCY and source.word(source.token_before(near.start)) == source.word(index + 1)
    far = numeral_at(source, index + 2 if signed else index + 1)
    if far is None or far.vague or far.unit or far.high is None or near.low >= far.high:
        return None
    opened = source.words.range_open.search(source.folded, max(0, near.start - _REACH), near.start) is not None
    if joint in _AND:
        return far if opened else None
    if joint in _OR:
        return far if near.low <= 1000 and far.low <= 10 * max(near.low, 1) else None
    tight = source.folded[near.end : far.start] == "-"
    if joint == "-" and not tight and not opened and far.low > FAR_ENDS * near.low:
        return None
    return far


def _qualifier(source: NumberText, start: int) -> tuple[str, int]:
    """("approx" | "more" | "fewer" | "", where the qualified number starts): what stands right before ``start``."""
    begin = max(0, start - _REACH)
    hits = [(match.start(), kind) for kind, pattern in source.words.before if (match := pattern.search(source.folded, begin, start))]
    if hits:
        # The leftmost is the longest: "не менее" over "менее".
        leftmost, kind = min(hits)
        return kind, leftmost
    article = _ARTICLE.search(source.folded, begin, start)
    if article is not None and article.start() < start and article.group().strip():
        kind, outer = _qualifier(source, article.start())
        if kind:
            return kind, outer
    return "", start


def _following(source: NumberText, end: int) -> tuple[str, int]:
    """("approx" | "more" | "", where it ends): what stands right behind ``end``."""
    for kind, pattern in source.words.after:
        match = pattern.match(source.folded, end)
        # "11 tanks and more than 20 vehicles": the next number's.
        if match is not None and not source.folded[match.end() : match.end() + 2].strip().isdigit():
            return kind, match.end()
    return ("more", end + 1) if source.folded[end : end + 1] == "+" else ("", end)


def _is_no_quantity(source: NumberText, numeral: Numeral, far: Numeral | None, unit: str, qualifier: str) -> bool:
    raw = source.folded[numeral.start : numeral.end]
    if FRACTION.match(source.folded, numeral.end) is not None:
        return True
    if far is not None:
        # "From 2002 to 2005".
        years = _BARE_YEAR.fullmatch(raw) is not None and _BARE_YEAR.fullmatch(source.folded[far.start : far.end]) is not None
        return years and not unit
    if not numeral.worded:
        if (
            _OLD_YEAR.fullmatch(raw) is not None
            and not qualifier
            and (
                _YEAR_BEFORE.search(source.folded, max(0, numeral.start - 12), numeral.start) is not None
                or _YEAR_BEHIND.match(source.folded, numeral.end) is not None
            )
        ):
            return unit in ("", "year")
        return not qualifier and not unit and _BARE_YEAR.fullmatch(raw) is not None
    if source.language == "en" and source.text[numeral.start].isupper() and _AFTER_NAME.search(source.text, 0, numeral.start) is not None:
        # "Erik Ten Hag": a word within a name.
        return True
    if numeral.high == 0.0:
        # "Nobody came" counts nothing; "nobody was killed" does.
        return role_of(source, unit or "person", numeral.start, numeral.end) not in ("dead", "wounded")
    if numeral.low == 1 and numeral.high == 1 and (not unit or unit == "person" or source.language == "de"):
        # An article, a pronoun, or "one soldier told": no count that could rival another. One killed is a count.
        return source.language == "de" or tied_role(source, numeral.end, reach=2) == ""
    # "außer Acht lassen" is no number.
    return raw == "acht" and not unit and _REGARD.search(source.folded, max(0, numeral.start - 6), numeral.start) is not None
