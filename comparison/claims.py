"""A report split into claims: one statement each, with the facts in it and what it needs from the sentences before.

A draft for the analyst, who edits it. The rules are words and positions; nothing is left out because it looks unimportant.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from comparison.dates import find_dates
from comparison.folding import fold, known_language
from comparison.named_person import named_person, surnames_in
from comparison.numbers import find_numbers
from comparison.paragraphs import Paragraph, is_boilerplate, read_paragraphs, without_signature
from comparison.passages import Span, sentences
from comparison.places import find_places, is_town
from comparison.quotations import Quotation, cut_out, find_quotations, hide_speech, quotation_around
from comparison.quotes import find_quotes
from comparison.speakers import Speaker, find_speaker
from comparison.subjunctive import is_indirect_speech
from storage.claim_records import Claim, ClaimKind

MIN_WORDS = 3
"""Shorter sentences are exclamations and signatures."""

OLD_YEARS = 2
"""Years before the report from which a dated statement is background to it."""

FRESH = timedelta(days=14)
"""Time before the report within which what is given a day is news."""

MAX_CONTEXT = 400

ELLIPTIC_WORDS = 6
"""Words up to which a sentence whose number counts nothing needs the one before it: "Nur sieben kamen an."."""


@dataclass(frozen=True, slots=True)
class _Words:
    hearsay: re.Pattern[str]
    speech: re.Pattern[str]
    leans: re.Pattern[str]
    source: re.Pattern[str]
    context: re.Pattern[str]
    general: re.Pattern[str]
    generic: re.Pattern[str]
    possessive: re.Pattern[str]
    points: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "claim_words.toml").read_text(encoding="utf-8"))


@cache
def _words(language: str) -> _Words:
    data = _data()

    def whole(name: str) -> re.Pattern[str]:
        return re.compile(rf"(?<![^\W_])(?:{data[name][language]})(?![^\W_])")

    return _Words(
        hearsay=whole("hearsay"),
        speech=whole("speech"),
        leans=re.compile(rf"[\"'«„“(–—-]*\s*(?:{data['leans'][language]})(?![^\W_])"),
        source=re.compile(data["source"][language]),
        context=whole("context"),
        general=whole("general"),
        generic=whole("generic"),
        possessive=whole("possessive"),
        points=re.compile(rf"[\"'«„“(–—-]*\s*(?:{data['points'][language]})(?![^\W_])"),
    )


_PRONOUN = re.compile(r"\W*(?:but |and |)(?:he|she|they|it|er|sie|он|она|они|він|вона|вони)\b")
_POINTS = re.compile(r"[\"'«„“(–—-]*\s*(?:it|this|that|these|you|es|das|dies|это|вот|це|ось)(?:'\w+)?\s")
"""Direct speech that opens with a pronoun for what lies before the speaker's eyes."""


@dataclass(slots=True)
class _Reading:
    """What is remembered from sentence to sentence."""

    subject: str = ""
    """The last sentence that needs no other: whoever "he" is was named there."""
    previous: str = ""
    speaker: str = ""
    """Who spoke last."""
    person: str = ""
    """Who was named at the head of a sentence since then: "Олена, вчителька, …" before "каже вона"."""
    told_of: str = ""
    """All that speakers said so far: who is spoken of in it is no new speaker when he is named again."""
    named_in: str = ""
    """The sentence that named that speaker."""
    goes_on: bool = False
    """The sentence before, of this paragraph, was somebody's words: indirect speech may go on."""
    kind: ClaimKind | None = None
    """Of the sentence before, in this paragraph."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    """One sentence of a paragraph on its way to a claim."""

    text: str
    speaker: Speaker | None
    """Whom its own words, or those around the quotation that it is a part of, name."""
    is_spoken: bool
    """All of it is direct speech."""
    stands_alone: bool
    """Direct speech that is a paragraph of its own: where it comes again, a headline made of it."""
    outside: str
    """The same length with every letter of direct speech hidden."""
    corrects: bool


def split_claims(text: str, language: str, published: datetime | None = None, *, title: str = "") -> tuple[Claim, ...]:
    """The claims of a report's text, in order, with ids c01, c02, …

    Headlines, datelines, boilerplate and questions are left out, and so is a sentence that repeats an earlier one word for word. A
    quotation of several sentences is cut with its marks. ``context`` carries the sentences before wherever a claim opens with a
    pronoun, or is said by one. A first line that repeats ``title`` is no claim, whatever mark it ends with.
    """
    language = known_language(language)
    found: list[Claim] = []
    seen: set[str] = {_words_of(title)}
    whole = f" {_words_of(text)} "
    surnames = surnames_in(text, language)
    reading = _Reading()
    for paragraph in read_paragraphs(text, language):
        reading.goes_on, reading.kind = False, None
        for sentence in _sentences(paragraph, language):
            normal = _words_of(sentence.text)
            if len(normal.split()) < MIN_WORDS or normal in seen or sentence.text.rstrip("\"'»”“ ").endswith("?"):
                continue
            if is_boilerplate(sentence.text) or (sentence.stands_alone and whole.count(f" {normal} ") > 1):
                continue
            seen.add(normal)
            found.append(_claim(f"c{len(found) + 1:02d}", sentence, language, published, reading, surnames))
    return tuple(found)


def _words_of(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _sentences(paragraph: Paragraph, language: str) -> list[_Sentence]:
    text = without_signature(paragraph.text)
    quotations = find_quotations(text, language)
    spans = sentences(text, language)
    outside = [hide_speech(text, span, quotations) for span in spans]
    own = [find_speaker(sentence, language) for sentence in outside]
    return [
        _Sentence(
            text=cut_out(text, span, quotations),
            speaker=_speaker_at(text, number, spans, quotations, own) or (Speaker(paragraph.speaker) if paragraph.speaker else None),
            stands_alone=len(spans) == 1 and quotation_around(text, span, quotations) is not None,
            outside=outside[number],
            is_spoken=quotation_around(text, span, quotations) is not None,
            corrects=paragraph.corrects,
        )
        for number, span in enumerate(spans)
    ]


def _speaker_at(
    text: str, number: int, spans: Sequence[Span], quotations: Sequence[Quotation], own: Sequence[Speaker | None]
) -> Speaker | None:
    """Who says a sentence: by its own words, else by those behind or before the quotation that it is a part of."""
    around = quotation_around(text, spans[number], quotations)
    if around is None:
        return own[number]
    one = quotations[around]
    behind = next((index for index, span in enumerate(spans) if span.start < one.end < span.end), None)
    before = next((index for index, span in enumerate(spans) if span.start < one.start < span.end), None)
    return next((own[index] for index in (behind, before) if index is not None and own[index] is not None), None)


def _claim(
    claim_id: str, sentence: _Sentence, language: str, published: datetime | None, reading: _Reading, surnames: frozenset[str]
) -> Claim:
    """One sentence as a claim; ``reading`` moves on."""
    words = _words(language)
    text, own = sentence.text, sentence.speaker
    folded = fold(text)
    goes_on = words.leans.match(folded) is not None or _is_elliptic(text, language)
    leans = goes_on or words.points.match(folded) is not None
    if sentence.is_spoken and _POINTS.match(folded) is not None:
        # "This is our life now": a speaker who points at things leans on nothing that was said.
        leans = False
    if own is not None and words.possessive.match(fold(own.name)) is not None:
        # "…, her husband said": whose husband, the sentence before tells.
        leans = True
    # The German subjunctive is indirect speech: of whoever spoke or was spoken of last.
    indirect = language == "de" and not sentence.is_spoken and is_indirect_speech(sentence.outside)
    indirect = indirect and (own is not None or bool(reading.person or reading.speaker))
    hearsay = indirect or words.hearsay.search(folded) is not None
    by_pronoun = own is not None and own.is_pronoun
    if own is not None and not own.is_pronoun:
        speaker = own.name
    elif sentence.is_spoken and own is None:
        # A quotation that nobody is named for goes on with whoever was quoted last, or was spoken of since.
        speaker = reading.person or reading.speaker
    else:
        # A pronoun that speaks is whoever was spoken of last by name, or spoke last; what leans on a speech, or is hearsay behind
        # one, goes on with it.
        # "When Roe opened the port, he said …": within the sentence, where the pronoun does not open it.
        within = by_pronoun and not sentence.is_spoken and _PRONOUN.match(folded) is None
        named = named_person(sentence.outside, language, surnames) if within else ""
        speaker = (
            (named or reading.person or reading.speaker)
            if by_pronoun
            else reading.speaker
            if reading.goes_on and (goes_on or hearsay)
            else ""
        )
    if indirect and own is None and not speaker:
        speaker = reading.person or reading.speaker
    needed = [reading.named_in if by_pronoun else "", reading.subject, reading.previous] if leans or by_pronoun else []
    claim = annotate(
        Claim(
            id=claim_id,
            text=text,
            context=" ".join(dict.fromkeys(filter(None, needed)))[:MAX_CONTEXT],
            speaker=speaker,
            hearsay=hearsay,
        ),
        language,
        published,
    )
    kind = ClaimKind.ABOUT_SOURCE if sentence.corrects else _kind(claim, sentence, words, reading, published, leans=leans)
    if kind is ClaimKind.ABOUT_SOURCE:
        claim = replace(claim, speaker="")
    if own is not None and not own.is_pronoun:
        reading.speaker, reading.named_in, reading.person = own.name, text, ""
    elif not sentence.is_spoken and not by_pronoun:
        person = named_person(text, language, surnames)
        if person and person.rpartition(" ")[2] not in reading.told_of:
            reading.person, reading.named_in = person, text
    if claim.speaker:
        reading.told_of += f" {text.replace(claim.speaker, ' ')}"
    reading.goes_on = bool(claim.speaker)
    reading.previous, reading.kind = text, kind
    if not leans and not by_pronoun:
        reading.subject = text
    return replace(claim, kind=kind)


def _is_elliptic(text: str, language: str) -> bool:
    """Whether a short sentence counts what only the sentence before names: "Nur sieben kamen an."."""
    if len(text.split()) > ELLIPTIC_WORDS:
        return False
    numbers = find_numbers(text, language)
    return bool(numbers) and not any(number.unit for number in numbers)


def annotate(claim: Claim, language: str, published: datetime | None = None, *, hearsay: bool | None = None) -> Claim:
    """The claim with the numbers, places, dates and quotations that its text states; its own are replaced, hearsay is kept.

    ``published`` is the report's: it completes dates without a year. Offsets are into ``claim.text``. ``hearsay`` is an analyst's
    word on it and stands; None leaves it to the words of the text.
    """
    language = known_language(language)
    folded = fold(claim.text)
    return replace(
        claim,
        hearsay=hearsay if hearsay is not None else claim.hearsay or _words(language).hearsay.search(folded) is not None,
        numbers=find_numbers(claim.text, language),
        places=find_places(claim.text, language),
        dates=tuple(dict.fromkeys(mention.value for mention in find_dates(claim.text, language, published))),
        quotes=find_quotes(claim.text),
    )


def _kind(claim: Claim, sentence: _Sentence, words: _Words, reading: _Reading, published: datetime | None, *, leans: bool) -> ClaimKind:
    """Event claims name what happened to somebody somewhere; a first guess that the analyst corrects."""
    told = sentence.speaker is not None
    folded = fold(claim.text)
    about = words.source.search(folded)
    if about is not None and not (told and claim.speaker and about.group() in fold(claim.speaker)):
        # "… reported the local paper Courier": the medium that speaks is not what is spoken of.
        return ClaimKind.ABOUT_SOURCE
    if sentence.is_spoken and claim.speaker:
        # Who speaks for himself tells what happened to him, whatever else he speaks of.
        return ClaimKind.EVENT
    if told and not claim.hearsay:
        # What somebody says of laws and years in direct speech makes no background of it.
        folded = fold(sentence.outside)
    is_said = told and not claim.hearsay and words.context.search(fold(claim.speaker)) is None
    if claim.speaker and told and not claim.hearsay:
        # "The ministry rejected it": the office that speaks makes no background of what it says; "according to the ministry" may.
        folded = folded.replace(fold(claim.speaker), " ")
    told = told or words.speech.search(folded) is not None
    counts = any(number.unit for number in claim.numbers)
    precise = counts or any(is_town(place.key) for place in claim.places)
    # A report opens with its news, whatever year that goes back to.
    is_old = claim.id != "c01" and _is_old(claim, published)
    if not (told and precise) and (words.general.search(folded) is not None or is_old):
        return ClaimKind.CONTEXT
    if (
        words.context.search(folded) is not None
        and not leans
        and not (told and precise)
        and not is_said
        and not _is_fresh(claim, published)
    ):
        return ClaimKind.CONTEXT
    if words.generic.search(folded) is not None and not (told or counts or claim.hearsay):
        return ClaimKind.CONTEXT
    # Background comes in paragraphs: behind it, what nobody is said to have said and counts nothing is background too.
    if reading.kind is ClaimKind.CONTEXT and not told and not claim.hearsay and not counts and not _THIS_TIME.match(folded):
        return ClaimKind.CONTEXT
    return ClaimKind.EVENT


_THIS_TIME = re.compile(r"(?:this time|now|diesmal|jetzt|nun|на этот раз|в этот раз|теперь|сейчас|цього разу|тепер|зараз)\b")
"""Behind background these lead back to what is new."""
_FUTURE = re.compile(r"\b(?:will|wird|werden|будет|будут|буде|будуть)\b")


def _is_fresh(claim: Claim, published: datetime | None) -> bool:
    """Whether it happened on a day shortly before the report."""
    if _FUTURE.search(fold(claim.text)) is not None:
        return False
    days = [date.fromisoformat(value) for value in claim.dates if re.fullmatch(r"\d{4}-\d\d-\d\d", value)]
    return published is not None and any(timedelta(0) <= published.date() - day <= FRESH for day in days)


def _is_old(claim: Claim, published: datetime | None) -> bool:
    """Whether all that it dates lies years before the report, or in a year before it that is given without a month."""
    dates = [(value, int(value[:4])) for value in claim.dates if value[:4].isdigit()]
    if published is None or not dates:
        return False
    return all(year <= published.year - (1 if len(value) == len("2022") else OLD_YEARS) for value, year in dates)
