"""A claim's numbers beside a passage's: which could stand for the same quantity, and whether they state one figure. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from comparison.counted import Counted, read_counted
from comparison.folding import language_of_sentence
from comparison.speech import counts_speakers
from storage.claim_records import Claim, FactPair, FactVerdict, Number

APPROXIMATE = 0.05
"""Share by which an "about" may be off: "about 250" and 260 are one figure, "about 250" and 280 are two."""

LOOSE = 1.3
"""Factor within which "more than 200" still states 250; beyond it the bound holds and says too little."""

WIDE = 2.0
"""A range whose ends differ by more than this ("hundreds") contains a figure without stating it."""

RIVAL = 20.0
"""Factor beyond which two counts are of different things: "20,000 trained men" is no rival of "250 people in a cellar"."""

RIVAL_MEASURE = 10.0
"""The same where one is measured in another unit."""

RIVAL_TIME = 6.0
"""The same of times: a march of two hours is no rival of three days in a cellar, nor are days of mourning of the hours of a search."""

TELLING = 13.0
"""A figure from which equality is no chance, so that it agrees even where only one text says what is counted."""

MAX_SHOWN = 3
"""Numbers of a passage that are shown beside one of the claim that they do not state."""

_MEASURES = {
    "minute": ("time", 1 / 60), "hour": ("time", 1.0), "day": ("time", 24.0), "week": ("time", 168.0), "month": ("time", 730.5),
    "year": ("time", 8766.0), "decade": ("time", 87660.0),
    "cm": ("length", 0.01), "foot": ("length", 0.3048), "m": ("length", 1.0), "km": ("length", 1000.0), "mile": ("length", 1609.344),
    "inch": ("length", 0.0254), "yard": ("length", 0.9144), "g": ("mass", 0.001), "kg": ("mass", 1.0), "tonne": ("mass", 1000.0),
    "m2": ("area", 0.0001), "ha": ("area", 1.0), "km2": ("area", 100.0),
}  # fmt: skip
"""Unit -> what it measures, and how many of that dimension's base unit it is."""

_COUNTED = frozenset(
    {
        "",
        "person",
        "relative",
        "professional",
        "dead",
        "wounded",
        "family",
        "vehicle",
        "weapon",
        "building",
        "settlement",
        "region",
        "country",
        "job",
    }
)
"""Units of what is counted one by one; not measured, and nobody's age."""


def compare_numbers(claim: Claim, found: Sequence[Number], passage: str, language: str, pairs: list[FactPair]) -> list[FactVerdict]:
    """One verdict for each number of the claim that counts; what is shown to people is added to ``pairs``.

    A number of the passage is a rival figure for one number of the claim at most, the nearest: of "62 aboard, 45 rescued" and
    "31 rescued" only one differs.
    """
    mine, theirs = _Side(claim.text, language_of_sentence(claim.text)), _Side(passage, language)
    key_numbers = _key_numbers(claim)
    things = [number for number in claim.numbers if number not in key_numbers and mine.counted(number).thing]
    counting = [*key_numbers, *things]
    chosen: dict[int, tuple[Number, FactVerdict] | None] = {}
    beside: dict[int, list[Number]] = {}
    offers: list[tuple[tuple[int, float], int, int, Number]] = []
    for place, wanted in enumerate(counting):
        others = [other for other in claim.numbers if other is not wanted]
        free = [number for number in found if not _is_taken(number, wanted, others)]
        ranked = _rank_rivals(claim, wanted, free, mine, theirs)
        beside[place] = [same for same, _, _ in ranked[:MAX_SHOWN]]
        chosen[place] = ranked[0][:2] if ranked and ranked[0][1] is not FactVerdict.DIFFERS else None
        if chosen[place] is None:
            equal = next((number for number in free if _is_equal_figure(wanted, number)), None)
            if equal is not None and place < len(key_numbers):
                # The same figure, whose unit one of the texts leaves out, is no other one.
                chosen[place] = (equal, FactVerdict.AGREES)
                continue
            offers += [(_distance(wanted, same, printed), place, printed.start, same) for same, _, printed in ranked]
    used: set[int] = set()
    for _, place, start, same in sorted(offers, key=lambda offer: offer[:3]):
        if chosen[place] is None and start not in used:
            chosen[place] = (same, FactVerdict.DIFFERS)
            used.add(start)
    verdicts = []
    for place, wanted in enumerate(counting):
        pick = chosen[place]
        if pick is None and place >= len(key_numbers):
            # Of attacks and cases beside the persons of a claim a passage may be silent.
            continue
        verdicts.append(pick[1] if pick is not None else FactVerdict.NOT_STATED)
        pairs.append(_pair(field_of(wanted), wanted.text, pick[0].text if pick is not None else "", verdicts[-1]))
        if pick is not None and pick[1] is not FactVerdict.AGREES:
            pairs.extend(
                _pair(field_of(wanted), wanted.text, same.text, FactVerdict.NOT_STATED) for same in beside[place] if same is not pick[0]
            )
    return verdicts


@dataclass(frozen=True, slots=True)
class _Side:
    """A text and its language."""

    text: str
    language: str

    def counted(self, number: Number) -> Counted:
        return read_counted(self.text, number, self.language)


def states_figure(claim: Claim, found: Sequence[Number], passage: str, language: str) -> bool:
    """Whether a passage states one of the claim's figures: ``found`` are the passage's."""
    return FactVerdict.AGREES in compare_numbers(claim, found, passage, language, [])


def field_of(number: Number) -> str:
    """ "duration" for a span of time, "number" for all else: what a :class:`FactPair` calls it."""
    return "duration" if _MEASURES.get(number.unit, ("", 0.0))[0] == "time" else "number"


def _key_numbers(claim: Claim) -> list[Number]:
    """The claim's numbers that count something; a bare one only where it is all there is, and those who tell only likewise."""
    with_unit = [number for number in claim.numbers if number.unit]
    language = language_of_sentence(claim.text)
    told = [number for number in with_unit if not _counts_tellers(number, claim.text, language)]
    return told or with_unit or list(claim.numbers[:1])


def _counts_tellers(number: Number, text: str, language: str) -> bool:
    """ "Two officers told us": how many tell is no fact of what they tell."""
    few = (number.high or number.low or 0.0) <= MAX_TELLERS
    return few and number.unit in _TELLERS and counts_speakers(text, number.start, number.end, language)


MAX_TELLERS = 10
_TELLERS = frozenset({"person", "professional", "relative"})


def _is_taken(number: Number, wanted: Number, others: Sequence[Number]) -> bool:
    """Whether a passage's number states another number of the claim: of "3 killed, 7 wounded" each stands for its own."""

    def agrees(mine: Number) -> bool:
        if mine.unit == number.unit:
            return numbers_agree(mine, number) is FactVerdict.AGREES
        # "Eight are missing" leaves out what "eight passengers" says, "29 against" what "29 percent" does.
        return "" in (mine.unit, number.unit) and (mine.low, mine.high) == (number.low, number.high)

    return any(agrees(other) for other in others) and not agrees(wanted)


def _rank_rivals(
    claim: Claim, wanted: Number, found: Sequence[Number], mine: _Side, theirs: _Side
) -> list[tuple[Number, FactVerdict, Number]]:
    """(number in the unit of ``wanted``, verdict, number as printed) of all that could stand for it, the nearest first."""
    rivals = []
    for number in found:
        same = _in_unit_of(wanted, number)
        if same is None or not _same_role(wanted, same, theirs.text, theirs.language) or not _is_comparable(wanted, number, same):
            continue
        verdict = numbers_agree(wanted, same, tolerant=claim.hearsay)
        if verdict is FactVerdict.DIFFERS and not mine.counted(wanted).may_equal(theirs.counted(number)):
            continue
        rivals.append((same, verdict, number))
    # Of several numbers in the same role the nearest is taken: "43 of the 250" states the 250.
    return sorted(rivals, key=lambda rival: (_rank(rival[1]), _distance(wanted, rival[0], rival[2])))


def _in_unit_of(wanted: Number, number: Number) -> Number | None:
    """``number`` in the unit of ``wanted`` (14 days as two weeks; then it is approximate); None where they cannot be compared."""
    if number.unit == wanted.unit or not number.unit:
        return number
    dimension, size = _MEASURES.get(wanted.unit, ("", 0.0))
    other, other_size = _MEASURES.get(number.unit, ("", 0.0))
    if not dimension or dimension != other:
        return None
    factor = other_size / size
    # Who says a month and a half for six weeks counts in other units: a month has four weeks then.
    slack = APPROXIMATE if {"month", "year"} & {wanted.unit, number.unit} else 0.0
    return replace(
        number,
        low=number.low * factor * (1 - slack) if number.low is not None else None,
        high=number.high * factor * (1 + slack) if number.high is not None else None,
        approximate=True,
        unit=wanted.unit,
    )


def _rank(verdict: FactVerdict) -> int:
    return {FactVerdict.AGREES: 0, FactVerdict.DIFFERS: 1}.get(verdict, 2)


def _same_role(wanted: Number, number: Number, passage: str, language: str) -> bool:
    """Whether a number of the passage could stand for the claim's: the same unit, and not the count of those who speak."""
    if number.unit != wanted.unit:
        # A number at the end of its clause ("there are 250.") counts what was spoken of; persons are what news counts so.
        return not number.unit and wanted.unit == "person" and _is_bare_count(number, passage)
    if number.unit == "person" and (number.high or number.low or 0) <= MAX_TELLERS < (wanted.high or wanted.low or 0):
        return not counts_speakers(passage, number.start, number.end, language)
    return True


def _is_comparable(wanted: Number, printed: Number, same: Number) -> bool:
    """Whether the sizes could be two figures for one thing. Of vague amounts the nearest ends count."""
    a, b = (wanted.low, same.high) if (wanted.low or 0.0) > (same.high or 0.0) else (wanted.high, same.low)
    a, b = a or wanted.high or wanted.low or 0.0, b or same.high or same.low or 0.0
    if wanted.unit == "degree":
        return True
    if _is_slip_of_scale(a, b):
        return True
    limit = RIVAL if printed.unit == wanted.unit or not printed.unit else RIVAL_TIME if field_of(wanted) == "duration" else RIVAL_MEASURE
    return min(a, b) == 0.0 or max(a, b) / min(a, b) <= limit


def _is_slip_of_scale(a: float, b: float) -> bool:
    """1.5 billion beside 1.5 million: the same digits, at least two of them, and a scale word apart."""
    if min(a, b) <= 0:
        return False
    ratio, digits = max(a, b) / min(a, b), f"{a:.5e}".partition("e")[0].rstrip("0")
    return len(digits) > 2 and any(abs(ratio - scale) < scale / 1e6 for scale in (10, 100, 1e3, 1e6))


def _is_equal_figure(wanted: Number, number: Number) -> bool:
    exact = number.low == number.high == wanted.low == wanted.high
    counted = {number.unit, wanted.unit} <= _COUNTED and not (number.unit and wanted.unit)
    return exact and counted and (number.low or 0.0) >= TELLING


_BARE = re.compile(r" ?(?:[.;!?»”\"]|$)")


def _is_bare_count(number: Number, passage: str) -> bool:
    value = number.high or number.low or 0
    # Two digits between commas behind a name are an age.
    return value >= 20 and value == int(value) and _BARE.match(passage, number.end) is not None


def numbers_agree(claim: Number, passage: Number, *, tolerant: bool = False) -> FactVerdict:
    """Whether two numbers of one unit state one figure.

    AGREES: equal, within 5 % where either is approximate (or the claim hearsay, ``tolerant``), a range that contains it, a bound
    close by. NOT_STATED: compatible but too loose to state it ("hundreds", "more than 100"). DIFFERS: neither.
    """
    # The slack is the claim's alone: given to both sides it would be twice what it says.
    claim_low, claim_high = _interval(claim, APPROXIMATE if tolerant or claim.approximate or passage.approximate else 0.0)
    low, high = _interval(passage, 0.0)
    if claim_low > high or claim_high < low:
        return FactVerdict.DIFFERS
    for number in (claim, passage):
        if number.low is not None and number.high is not None and number.low > 0 and number.high / number.low > WIDE:
            other = passage if number is claim else claim
            return FactVerdict.AGREES if (other.low, other.high) == (number.low, number.high) else FactVerdict.NOT_STATED
    bounds = [number for number in (claim, passage) if number.low is None or number.high is None]
    if len(bounds) == 1:
        bound = bounds[0]
        other = passage if bound is claim else claim
        limit = bound.low if bound.low is not None else bound.high
        value = other.high if bound.low is not None else other.low
        assert limit is not None and value is not None
        near = value <= limit * LOOSE if bound.low is not None else value * LOOSE >= limit
        return FactVerdict.AGREES if near else FactVerdict.NOT_STATED
    if len(bounds) == 2 and (claim.low, claim.high) != (passage.low, passage.high):
        return FactVerdict.NOT_STATED
    return FactVerdict.AGREES


def _interval(number: Number, slack: float) -> tuple[float, float]:
    low = number.low if number.low is not None else 0.0
    high = number.high if number.high is not None else float("inf")
    return low - abs(low) * slack, high + abs(high) * slack


def _distance(left: Number, right: Number, printed: Number) -> tuple[int, float]:
    """How far two numbers lie apart: one in the very unit first, then by their ratio."""
    a, b = left.high or left.low or 0.0, right.high or right.low or 0.0
    return int(printed.unit != left.unit), abs(a - b) / max(abs(a), abs(b), 1e-9)


def _pair(field: str, claim_value: str, passage_value: str, verdict: FactVerdict) -> FactPair:
    return FactPair(field=field, claim_value=claim_value, passage_value=passage_value, verdict=verdict)
