"""A claim's facts beside a passage's: numbers, places, dates, numbered units, quotations. Compared by rule, never by likeness of vectors.

The verdict says whether the passage states the claim's key fact, states another, or states none. It never says what is true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from rapidfuzz import fuzz

from comparison.dates import DateMention, dates_meet, find_dates
from comparison.folding import language_by_letters, language_of_sentence
from comparison.number_facts import compare_numbers, numbers_agree
from comparison.numbered import compare_numbered
from comparison.numbers import find_numbers
from comparison.place_keys import same_name
from comparison.places import Relation, comes_from, find_places, is_country, is_homonym, is_only_origin, is_region, is_town, relate
from comparison.quotes import find_quotes, normal_quote
from comparison.speech import dates_speech, places_speech
from storage.claim_records import Claim, FactPair, FactVerdict, Place

__all__ = ["compare_facts", "find_dates", "find_numbers", "find_places", "find_quotes", "numbers_agree"]

SEVERAL = "there are several places of this name"
"""Behind a name that agrees and is borne by small places in several regions, where the passage says no region."""

SAME_QUOTE = 90.0
"""rapidfuzz ratio (0..100) from which two quotations are printings of one."""

ALTERED_QUOTE = 65.0
"""The same from which one has other words put in: "gerettet" for "verlassen" in an otherwise equal sentence."""

CUT_WORDS = 4
"""Words from which a part of a quotation is that quotation, and no common phrase."""


def compare_facts(claim: Claim, passage: str, language: str, published: datetime | None) -> tuple[FactVerdict, tuple[FactPair, ...]]:
    """The verdict on the claim's key fact, and every fact side by side.

    The key fact is the claim's number, else its most precise place, else its date, else its unit. Anything that differs decides;
    then the key fact does. Places in ``claim.context`` cannot agree, only differ: a passage that names another town is of another event.
    ``language`` and ``published`` are the passage's; the claim's facts are those that it carries (see claims.annotate).
    """
    numbers = find_numbers(passage, language)
    places = find_places(passage, language)
    dates = find_dates(passage, language, published)
    pairs: list[FactPair] = []
    number_verdicts = compare_numbers(claim, numbers, passage, language, pairs)
    place_verdict = _compare_places(claim, places, passage, language, pairs)
    date_verdict = _compare_dates(claim, dates, passage, language, pairs)
    unit_verdict = compare_numbered(claim.text, passage, pairs)
    _compare_quotes(claim, passage, pairs)
    every = [*number_verdicts, place_verdict, date_verdict, unit_verdict]
    if FactVerdict.DIFFERS in every:
        return FactVerdict.DIFFERS, tuple(pairs)
    if number_verdicts:
        return _first_of(number_verdicts), tuple(pairs)
    if place_verdict is not FactVerdict.NO_KEY_FACT:
        return place_verdict, tuple(pairs)
    if date_verdict is not FactVerdict.NO_KEY_FACT:
        return date_verdict, tuple(pairs)
    return unit_verdict, tuple(pairs)


def _first_of(verdicts: Sequence[FactVerdict]) -> FactVerdict:
    """Agreement needs every number of the claim; one that is missing leaves the fact unstated."""
    return FactVerdict.AGREES if all(one is FactVerdict.AGREES for one in verdicts) else FactVerdict.NOT_STATED


# --- places -------------------------------------------------------------------------------------------------------------------


def _compare_places(claim: Claim, found: Sequence[Place], passage: str, language: str, pairs: list[FactPair]) -> FactVerdict:
    wanted = _finest(_scenes(claim))
    found = [other for other in found if not places_speech(passage, other.start, language)] or found
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
            open_name = elsewhere is None and mine.key == other.key and is_homonym(mine.key) and not any(is_region(p.key) for p in found)
            pairs.append(_pair("place", mine.text, f"{other.text} ({SEVERAL})" if open_name else other.text, FactVerdict.AGREES))
            return FactVerdict.AGREES
    same = next(
        ((mine, other) for mine in wanted for other in found if is_town(mine.key) and is_town(other.key) and _is_one_name(mine, other)),
        None,
    )
    if same is not None:
        pairs.append(_pair("place", same[0].text, same[1].text, FactVerdict.AGREES))
        return FactVerdict.AGREES
    coarser = [place for place in claim.places if place not in wanted]
    only_countries = all(is_country(mine.key) for mine in wanted)
    spoken = language_of_sentence(claim.text)
    told_in_passing = all(comes_from(claim.text, mine, spoken) for mine in wanted)
    rivals = [
        other
        for other in found
        # A claim that says only where somebody comes from, or which border is near, may be set anywhere.
        if not told_in_passing
        and not is_only_origin(passage, other, language)
        and not places_speech(passage, other.start, language)
        # A country beside a town is where both may be; beside a claim that names no more than a country it is another one.
        and (not is_country(other.key) or only_countries)
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


def _is_one_name(mine: Place, other: Place) -> bool:
    """Whether two towns that no list joins are spellings of one name: "Petropavlivka" and "Петропавловка"."""
    left, right = (language_by_letters(place.text) for place in (mine, other))
    return same_name(mine.text, other.text, left, right)


def _other_region(claim: Claim, found: Sequence[Place], passage: str, language: str) -> Place | None:
    """A region in which the passage places things and which is none of those that the claim and its context name."""
    return other_region(claim_regions(claim), found, passage, language)


def claim_regions(claim: Claim) -> frozenset[str]:
    """Keys of the regions that a claim and its context name."""
    context = find_places(claim.context, language_of_sentence(claim.context)) if claim.context else ()
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
    context = _finest(find_places(claim.context, language_of_sentence(claim.context))) if claim.context else ()
    if not any(is_town(place.key) for place in context):
        return FactVerdict.NO_KEY_FACT
    if any(relate(mine.key, other.key) is not Relation.OTHER for mine in context for other in found if not is_country(other.key)):
        return FactVerdict.NO_KEY_FACT
    rivals = [other for other in found if is_town(other.key) and not is_only_origin(passage, other, language)]
    if not rivals:
        return FactVerdict.NO_KEY_FACT
    pairs.append(_pair("place", context[0].text, rivals[0].text, FactVerdict.DIFFERS))
    return FactVerdict.DIFFERS


def _scenes(claim: Claim) -> tuple[Place, ...]:
    """The claim's places but for towns that somebody or something comes from, where another town is named: "a flight from Oslo"."""
    language = language_of_sentence(claim.text)
    said = [place for place in claim.places if is_town(place.key) and places_speech(claim.text, place.start, language)]
    if said and any(not is_country(place.key) for place in claim.places if place not in said):
        # "A minister said in Kyiv" is not where it happened, if the claim names another place.
        claim = replace(claim, places=tuple(place for place in claim.places if place not in said))
    origins = [place for place in claim.places if is_town(place.key) and is_only_origin(claim.text, place, language)]
    others = any(is_town(place.key) for place in claim.places if place not in origins)
    return tuple(place for place in claim.places if place not in origins) if others else claim.places


def _finest(places: Sequence[Place]) -> tuple[Place, ...]:
    """The most precise of a claim's places: its towns, else its regions and areas, else its countries."""
    towns = tuple(place for place in places if is_town(place.key))
    if towns:
        return towns
    return tuple(place for place in places if not is_country(place.key)) or tuple(places)


# --- dates and quotations -----------------------------------------------------------------------------------------------------


def _compare_dates(claim: Claim, found: Sequence[DateMention], passage: str, language: str, pairs: list[FactPair]) -> FactVerdict:
    if not claim.dates:
        return FactVerdict.NO_KEY_FACT
    shown = ", ".join(claim.dates)
    told = _dates_told(claim)
    for mention in found:
        if any(dates_meet(wanted, mention.value) for wanted in claim.dates):
            pairs.append(_pair("date", shown, mention.text, FactVerdict.AGREES))
            return FactVerdict.AGREES
    only_years = all(len(wanted) == 4 for wanted in claim.dates)
    rivals = [
        mention
        for mention in found
        # A year alone beside a claim's day is mostly about something earlier: "the war that began in 2014".
        if (only_years or len(mention.value) > 4) and not dates_speech(passage, mention.start, mention.end, language)
    ]
    # The day on which something was said is no rival of the day on which it happened, on either side.
    if not rivals or told == set(claim.dates):
        pairs.append(_pair("date", shown, "", FactVerdict.NOT_STATED))
        return FactVerdict.NOT_STATED
    pairs.append(_pair("date", shown, rivals[0].text, FactVerdict.DIFFERS))
    return FactVerdict.DIFFERS


def _dates_told(claim: Claim) -> set[str]:
    """Those of the claim's dates that say only when somebody told it."""
    language = language_of_sentence(claim.text)
    mentions = find_dates(claim.text, language, None)
    said = [mention for mention in mentions if dates_speech(claim.text, mention.start, mention.end, language, closes=True)]
    others = [mention for mention in mentions if mention not in said]
    return {
        value
        for value in claim.dates
        if any(dates_meet(value, mention.value) for mention in said) and not any(dates_meet(value, mention.value) for mention in others)
    }


def _compare_quotes(claim: Claim, passage: str, pairs: list[FactPair]) -> None:
    """Quotations are shown where they agree, and where a printed one has other words in it; nothing follows from silence.

    A quotation in another language is shown beside the claim's as not stated: whether it is a translation, a reader must see.
    """
    printed = [(quote, normal_quote(quote)) for quote in find_quotes(passage)]
    for wanted in claim.quotes:
        normal, script = normal_quote(wanted), language_by_letters(wanted)
        likeness = {quote: max(fuzz.ratio(normal, other), _contained(normal, other)) for quote, other in printed}
        nearest = max(likeness, key=lambda quote: likeness[quote], default="")
        if not nearest:
            continue
        if likeness[nearest] >= SAME_QUOTE:
            pairs.append(_pair("quote", wanted, nearest, FactVerdict.AGREES))
        elif likeness[nearest] >= ALTERED_QUOTE:
            pairs.append(_pair("quote", wanted, nearest, FactVerdict.DIFFERS))
        elif language_by_letters(nearest) != script:
            pairs.append(_pair("quote", wanted, nearest, FactVerdict.NOT_STATED))


def _contained(left: str, right: str) -> float:
    """100 where one is a part of the other, of at least four words: a quotation may be cut."""
    short, long = sorted((left, right), key=len)
    return 100.0 if len(short.split()) >= CUT_WORDS and f" {short} " in f" {long} " else 0.0


def _pair(field: str, claim_value: str, passage_value: str, verdict: FactVerdict) -> FactPair:
    return FactPair(field=field, claim_value=claim_value, passage_value=passage_value, verdict=verdict)
