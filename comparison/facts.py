"""A claim's facts beside a passage's: numbers, places, dates, quotations. Compared by rule, never by likeness of vectors.

The verdict says whether the passage states the claim's key fact, states another, or states none. It never says what is true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from rapidfuzz import fuzz

from comparison.dates import DateMention, dates_meet, find_dates
from comparison.folding import fold, known_language, language_by_letters
from comparison.numbers import find_numbers
from comparison.places import Relation, find_places, is_country, is_only_origin, is_region, is_town, relate
from comparison.quotes import find_quotes, normal_quote
from storage.records import Claim, FactPair, FactVerdict, Number, Place

__all__ = ["compare_facts", "find_dates", "find_numbers", "find_places", "find_quotes", "numbers_agree"]

APPROXIMATE = 0.05
"""Share by which an "about" may be off: "about 250" and 260 are one figure, "about 250" and 280 are two."""

LOOSE = 1.3
"""Factor within which "more than 200" still states 250; beyond it the bound holds and says too little."""

WIDE = 2.0
"""A range whose ends differ by more than this ("hundreds") contains a figure without stating it."""

RIVAL = 20.0
"""Factor beyond which two counts are of different things: "20,000 trained men" is no rival of "250 people in a cellar"."""

SAME_QUOTE = 90.0
"""rapidfuzz ratio (0..100) from which two quotations are printings of one."""

_WORD_BEFORE = 40


def compare_facts(claim: Claim, passage: str, language: str, published: datetime | None) -> tuple[FactVerdict, tuple[FactPair, ...]]:
    """The verdict on the claim's key fact, and every fact side by side.

    The key fact is the claim's number, else its most precise place, else its date. Anything that differs decides; then the key
    fact does. Places in ``claim.context`` cannot agree, only differ: a passage that names another town is of another event.
    ``language`` and ``published`` are the passage's; the claim's facts are those that it carries (see claims.annotate).
    """
    numbers = find_numbers(passage, language)
    places = find_places(passage, language)
    dates = find_dates(passage, language, published)
    pairs: list[FactPair] = []
    number_verdicts = [_compare_number(claim, wanted, numbers, passage, language, pairs) for wanted in _key_numbers(claim)]
    place_verdict = _compare_places(claim, places, passage, language, pairs)
    date_verdict = _compare_dates(claim, dates, pairs)
    _compare_quotes(claim, passage, pairs)
    every = [*number_verdicts, place_verdict, date_verdict]
    if FactVerdict.DIFFERS in every:
        return FactVerdict.DIFFERS, tuple(pairs)
    if number_verdicts:
        return _first_of(number_verdicts), tuple(pairs)
    if place_verdict is not FactVerdict.NO_KEY_FACT:
        return place_verdict, tuple(pairs)
    return date_verdict, tuple(pairs)


def _first_of(verdicts: Sequence[FactVerdict]) -> FactVerdict:
    """Agreement needs every number of the claim; one that is missing leaves the fact unstated."""
    return FactVerdict.AGREES if all(one is FactVerdict.AGREES for one in verdicts) else FactVerdict.NOT_STATED


# --- numbers ------------------------------------------------------------------------------------------------------------------


def _key_numbers(claim: Claim) -> list[Number]:
    """The claim's numbers that count something; a bare one only where it is all there is."""
    with_unit = [number for number in claim.numbers if number.unit]
    return with_unit or list(claim.numbers[:1])


def _compare_number(
    claim: Claim, wanted: Number, found: Sequence[Number], passage: str, language: str, pairs: list[FactPair]
) -> FactVerdict:
    rivals = [number for number in found if _same_role(wanted, number, passage, language) and _is_comparable(wanted, number)]
    if not rivals:
        pairs.append(_pair("number", wanted.text, "", FactVerdict.NOT_STATED))
        return FactVerdict.NOT_STATED
    tolerant = claim.hearsay
    ranked = sorted(rivals, key=lambda number: (_rank(numbers_agree(wanted, number, tolerant=tolerant)), _distance(wanted, number)))
    # Of several numbers in the same role the nearest is taken: "43 of the 250" states the 250.
    nearest = ranked[0]
    verdict = numbers_agree(wanted, nearest, tolerant=tolerant)
    pairs.append(_pair("number", wanted.text, nearest.text, verdict))
    pairs.extend(
        _pair("number", wanted.text, other.text, FactVerdict.NOT_STATED) for other in ranked[1:3] if verdict is not FactVerdict.AGREES
    )
    return verdict


def _rank(verdict: FactVerdict) -> int:
    return {FactVerdict.AGREES: 0, FactVerdict.DIFFERS: 1}.get(verdict, 2)


def _same_role(wanted: Number, number: Number, passage: str, language: str) -> bool:
    """Whether a number of the passage could stand for the claim's: the same unit, and not the count of those who speak."""
    if number.unit != wanted.unit:
        # A number at the end of its clause ("there are 250.") counts what was spoken of; persons are what news counts so.
        return not number.unit and wanted.unit == "person" and _is_bare_count(number, passage)
    if number.unit == "person" and (number.high or number.low or 0) <= 10 < (wanted.high or wanted.low or 0):
        return not _speaks(number, passage, language)
    return True


def _is_comparable(wanted: Number, number: Number) -> bool:
    """Whether the sizes could be two figures for one thing."""
    a, b = wanted.high or wanted.low or 0.0, number.high or number.low or 0.0
    return min(a, b) == 0.0 or max(a, b) / min(a, b) <= RIVAL


_BARE = re.compile(r" ?(?:[.;!?»”\"]|$)")


def _is_bare_count(number: Number, passage: str) -> bool:
    value = number.high or number.low or 0
    # Two digits between commas behind a name are an age.
    return value >= 20 and value == int(value) and _BARE.match(passage, number.end) is not None


@cache
def _speech(language: str) -> re.Pattern[str]:
    words = {
        "en": "said|told|says?|say|reported|recalled|described|confirmed|according to|interviewed|wrote|spoke",
        "de": "sagte[n]?|sagen|erzähl\\w+|berichte\\w+|schilder\\w+|bestätig\\w+|laut|zufolge|sprachen?",
        "ru": "сказал\\w*|рассказ\\w+|говор\\w+|сообщ\\w+|подтверд\\w+|по словам|описал\\w*|вспомин\\w+|утвержда\\w+",
        "uk": "сказа\\w+|розпов\\w+|каж\\w+|повідом\\w+|підтверд\\w+|за словами|описа\\w+|згаду\\w+|стверджу\\w+",
    }
    return re.compile(rf"(?<![^\W\d_])(?:{words[language]})(?![^\W\d_])")


def _speaks(number: Number, passage: str, language: str) -> bool:
    """Whether the counted are those who tell: "two soldiers said" is no count of prisoners."""
    folded = fold(passage)
    near = folded[max(0, number.start - 20) : number.start] + " | " + folded[number.end : number.end + 40]
    return _speech(known_language(language)).search(near) is not None


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
    return low * (1 - slack), high * (1 + slack)


def _distance(left: Number, right: Number) -> float:
    a, b = left.high or left.low or 0.0, right.high or right.low or 0.0
    return abs(a - b)


# --- places -------------------------------------------------------------------------------------------------------------------


def _compare_places(claim: Claim, found: Sequence[Place], passage: str, language: str, pairs: list[FactPair]) -> FactVerdict:
    wanted = _finest(claim.places)
    if not wanted:
        return _compare_context(claim, found, passage, language, pairs)
    shown = ", ".join(dict.fromkeys(place.text for place in wanted))
    relations = [(relate(mine.key, other.key), mine, other) for mine in wanted for other in found]
    elsewhere = _other_region(claim, found, passage, language)
    for relation, mine, other in relations:
        if relation in (Relation.SAME, Relation.WITHIN):
            if elsewhere is not None and is_town(mine.key) and other.key == mine.key:
                # There are several places of this name, and the passage says that it means another.
                pairs.append(_pair("place", shown, f"{other.text}, {elsewhere.text}", FactVerdict.DIFFERS))
                return FactVerdict.DIFFERS
            pairs.append(_pair("place", mine.text, other.text, FactVerdict.AGREES))
            return FactVerdict.AGREES
    coarser = [place for place in claim.places if place not in wanted]
    rivals = [
        other
        for other in found
        if not is_only_origin(passage, other, language)
        and not is_country(other.key)
        and all(relate(mine.key, other.key) is Relation.OTHER for mine in wanted)
        # "In Svatove" beside a claim on Luhansk region's Zaitseve: another town all the same, unless the claim names it too.
        and not any(relate(mine.key, other.key) is Relation.SAME for mine in coarser)
    ]
    if rivals:
        pairs.append(_pair("place", shown, rivals[0].text, FactVerdict.DIFFERS))
        return FactVerdict.DIFFERS
    around = [other for relation, _, other in relations if relation is Relation.AROUND]
    pairs.append(_pair("place", shown, around[0].text if around else "", FactVerdict.NOT_STATED))
    return FactVerdict.NOT_STATED


def _other_region(claim: Claim, found: Sequence[Place], passage: str, language: str) -> Place | None:
    """A region in which the passage places things and which is none of those that the claim and its context name."""
    return other_region(claim_regions(claim), found, passage, language)


def claim_regions(claim: Claim) -> frozenset[str]:
    """Keys of the regions that a claim and its context name."""
    context = find_places(claim.context, language_by_letters(claim.context)) if claim.context else ()
    return frozenset(place.key for place in (*claim.places, *context) if is_region(place.key))


def other_region(own: frozenset[str], found: Sequence[Place], passage: str, language: str) -> Place | None:
    """The first region of a passage that has nothing to do with ``own``; None when there is none, or ``own`` is empty."""
    if not own:
        return None
    for other in found:
        if (
            is_region(other.key)
            and not is_only_origin(passage, other, language)
            and all(relate(key, other.key) is Relation.OTHER for key in own)
        ):
            return other
    return None


def _compare_context(claim: Claim, found: Sequence[Place], passage: str, language: str, pairs: list[FactPair]) -> FactVerdict:
    """A claim without a place of its own happens where its context says: a passage that names only another town differs."""
    context = _finest(find_places(claim.context, language_by_letters(claim.context))) if claim.context else ()
    if not any(is_town(place.key) for place in context):
        return FactVerdict.NO_KEY_FACT
    if any(relate(mine.key, other.key) is not Relation.OTHER for mine in context for other in found if not is_country(other.key)):
        return FactVerdict.NO_KEY_FACT
    rivals = [other for other in found if is_town(other.key) and not is_only_origin(passage, other, language)]
    if not rivals:
        return FactVerdict.NO_KEY_FACT
    pairs.append(_pair("place", context[0].text, rivals[0].text, FactVerdict.DIFFERS))
    return FactVerdict.DIFFERS


def _finest(places: Sequence[Place]) -> tuple[Place, ...]:
    """The most precise of a claim's places: its towns, else its regions and areas, else its countries."""
    towns = tuple(place for place in places if is_town(place.key))
    if towns:
        return towns
    return tuple(place for place in places if not is_country(place.key)) or tuple(places)


# --- dates and quotations -----------------------------------------------------------------------------------------------------


def _compare_dates(claim: Claim, found: Sequence[DateMention], pairs: list[FactPair]) -> FactVerdict:
    if not claim.dates:
        return FactVerdict.NO_KEY_FACT
    shown = ", ".join(claim.dates)
    for mention in found:
        if any(dates_meet(wanted, mention.value) for wanted in claim.dates):
            pairs.append(_pair("date", shown, mention.text, FactVerdict.AGREES))
            return FactVerdict.AGREES
    if not found:
        pairs.append(_pair("date", shown, "", FactVerdict.NOT_STATED))
        return FactVerdict.NOT_STATED
    pairs.append(_pair("date", shown, found[0].text, FactVerdict.DIFFERS))
    return FactVerdict.DIFFERS


def _compare_quotes(claim: Claim, passage: str, pairs: list[FactPair]) -> None:
    """Quotations are shown where they agree; a translation of one never does, so nothing follows from silence."""
    printed = [(quote, normal_quote(quote)) for quote in find_quotes(passage)]
    for wanted in claim.quotes:
        normal = normal_quote(wanted)
        for quote, other in printed:
            if fuzz.ratio(normal, other) >= SAME_QUOTE:
                pairs.append(_pair("quote", wanted, quote, FactVerdict.AGREES))
                break


def _pair(field: str, claim_value: str, passage_value: str, verdict: FactVerdict) -> FactPair:
    return FactPair(field=field, claim_value=claim_value, passage_value=passage_value, verdict=verdict)
