"""A report split into claims: one statement each, with the facts in it and what it needs from the sentences before.

A draft for the analyst, who edits it. The rules are words and positions; nothing is left out because it looks unimportant.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from comparison.dates import find_dates
from comparison.folding import fold, known_language
from comparison.numbers import find_numbers
from comparison.passages import Span, sentences
from comparison.places import find_places, is_town
from comparison.quotes import find_quotes
from comparison.speakers import Speaker, find_speaker
from storage.claim_records import Claim, ClaimKind

MIN_WORDS = 3
"""Shorter sentences are exclamations and signatures."""

OLD_YEARS = 2
"""Years before the report from which a dated statement is background to it."""

MAX_HEADLINE = 140
"""Characters of a line without a closing mark that still is a headline and not a paragraph cut off."""

MAX_CONTEXT = 400

_CLOSED = re.compile(r"[.!?…][\"'»”“’)\]]*\s*$")
_SIGNATURE = re.compile(r"\s*\([a-zäöü/]{2,8}\)\s*$")


@dataclass(frozen=True, slots=True)
class _Words:
    hearsay: re.Pattern[str]
    speech: re.Pattern[str]
    leans: re.Pattern[str]
    source: re.Pattern[str]
    context: re.Pattern[str]
    general: re.Pattern[str]


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
    )


@cache
def _boilerplate() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_data()['boilerplate']['all']})")


@dataclass(slots=True)
class _Reading:
    """What is remembered from sentence to sentence."""

    subject: str = ""
    """The last sentence that needs no other: whoever "he" is was named there."""
    previous: str = ""
    speaker: str = ""
    """Who spoke last."""
    named_in: str = ""
    """The sentence that named that speaker."""
    goes_on: bool = False
    """The sentence before, of this paragraph, was somebody's words: indirect speech may go on."""
    kind: ClaimKind | None = None
    """Of the sentence before, in this paragraph."""


def split_claims(text: str, language: str, published: datetime | None = None) -> tuple[Claim, ...]:
    """The claims of a report's text, in order, with ids c01, c02, …

    Headlines, boilerplate and questions are left out, and so is a sentence that repeats an earlier one word for word. ``context``
    carries the sentences before wherever a claim opens with a pronoun, or is said by one.
    """
    language = known_language(language)
    found: list[Claim] = []
    seen: set[str] = set()
    reading = _Reading()
    for line in text.split("\n"):
        if not _is_paragraph(line):
            continue
        reading.goes_on, reading.kind = False, None
        spans = sentences(line, language)
        quoted = _quoted_speakers(line, spans, language)
        for number, span in enumerate(spans):
            sentence = _whole_quotes(_SIGNATURE.sub("", line[span.start : span.end]))
            normal = " ".join(re.findall(r"\w+", fold(sentence)))
            if len(normal.split()) < MIN_WORDS or normal in seen or sentence.rstrip("\"'»”“ ").endswith("?"):
                continue
            seen.add(normal)
            found.append(_claim(f"c{len(found) + 1:02d}", sentence, language, published, reading, quoted.get(number)))
    return tuple(found)


def _claim(claim_id: str, sentence: str, language: str, published: datetime | None, reading: _Reading, quoted: Speaker | None) -> Claim:
    """One sentence as a claim; ``reading`` moves on. ``quoted`` is who says the quotation that it is a part of."""
    words = _words(language)
    folded = fold(sentence)
    leans = words.leans.match(folded) is not None
    hearsay = words.hearsay.search(folded) is not None
    own = find_speaker(sentence, language) or quoted
    by_pronoun = own is not None and own.is_pronoun
    if own is not None and not own.is_pronoun:
        speaker = own.name
    else:
        # A pronoun that speaks is whoever spoke last; what leans on a speech, or is hearsay behind one, goes on with it.
        speaker = reading.speaker if by_pronoun or (reading.goes_on and (leans or hearsay)) else ""
    needed = [reading.named_in if by_pronoun else "", reading.subject, reading.previous] if leans or by_pronoun else []
    claim = annotate(
        Claim(
            id=claim_id,
            text=sentence,
            context=" ".join(dict.fromkeys(filter(None, needed)))[:MAX_CONTEXT],
            speaker=speaker,
            hearsay=hearsay,
        ),
        language,
        published,
    )
    kind = _kind(claim, folded, words, reading, published, leans=leans, told=own is not None)
    if kind is ClaimKind.ABOUT_SOURCE:
        claim = replace(claim, speaker="")
    if own is not None and not own.is_pronoun:
        reading.speaker, reading.named_in = own.name, sentence
    reading.goes_on = bool(claim.speaker)
    reading.previous, reading.kind = sentence, kind
    if not leans and not by_pronoun:
        reading.subject = sentence
    return replace(claim, kind=kind)


def _quoted_speakers(line: str, spans: Sequence[Span], language: str) -> dict[int, Speaker]:
    """Index of a sentence -> who says the quotation that it is a part of, for quotations of several sentences in one paragraph."""
    found: dict[int, Speaker] = {}
    open_since: int | None = None
    for number, span in enumerate(spans):
        sentence = line[span.start : span.end]
        opened, closed = max(map(sentence.rfind, "“„«")), max(map(sentence.rfind, "”»"))
        # German closes with the mark that opens elsewhere.
        if "„" in sentence or (open_since is not None and language == "de"):
            opened, closed = sentence.rfind("„"), max(map(sentence.rfind, "“”"))
        if open_since is not None and closed > opened:
            speaker = find_speaker(sentence, language)
            if speaker is not None:
                found.update(dict.fromkeys(range(open_since, number), speaker))
            open_since = None
        elif open_since is None and opened > closed:
            open_since = number
    return found


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


def _is_paragraph(line: str) -> bool:
    stripped = line.strip()
    if not stripped or _boilerplate().match(fold(stripped)) is not None:
        return False
    return len(stripped) > MAX_HEADLINE or _CLOSED.search(_SIGNATURE.sub("", stripped)) is not None


def _whole_quotes(sentence: str) -> str:
    """A sentence cut out of a longer quotation without the one mark that lost its partner."""
    for opening, closing in (("“", "”"), ("«", "»"), ("„", "“")):
        if sentence.startswith(opening) and closing not in sentence[1:]:
            return sentence[1:]
        if sentence.endswith(closing) and opening not in sentence[:-1]:
            return sentence[:-1]
    return sentence


def _kind(claim: Claim, folded: str, words: _Words, reading: _Reading, published: datetime | None, *, leans: bool, told: bool) -> ClaimKind:
    """Event claims name what happened to somebody somewhere; a first guess that the analyst corrects."""
    if words.source.search(folded) is not None:
        return ClaimKind.ABOUT_SOURCE
    told = told or words.speech.search(folded) is not None
    precise = any(number.unit for number in claim.numbers) or any(is_town(place.key) for place in claim.places)
    if not (told and precise) and (words.general.search(folded) is not None or _is_old(claim, published)):
        return ClaimKind.CONTEXT
    if words.context.search(folded) is not None and not leans and not (told and precise):
        return ClaimKind.CONTEXT
    goes_on = reading.kind is ClaimKind.CONTEXT and not told and not claim.hearsay
    # Background comes in paragraphs: behind it, what nobody is said to have said and counts nothing is background too.
    if goes_on and not any(number.unit for number in claim.numbers):
        return ClaimKind.CONTEXT
    return ClaimKind.EVENT


def _is_old(claim: Claim, published: datetime | None) -> bool:
    """Whether all that it dates lies years before the report."""
    years = [int(value[:4]) for value in claim.dates if value[:4].isdigit()]
    return published is not None and bool(years) and all(year <= published.year - OLD_YEARS for year in years)
