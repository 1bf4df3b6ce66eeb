"""A report split into claims: one statement each, with the facts in it and what it needs from the sentences before.

A draft for the analyst, who edits it. The rules are words and positions; nothing is left out because it looks unimportant.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from comparison.dates import find_dates
from comparison.folding import fold, known_language
from comparison.numbers import find_numbers
from comparison.passages import sentences
from comparison.places import find_places, is_town
from comparison.quotes import find_quotes
from storage.records import Claim, ClaimKind

MIN_WORDS = 4
"""Shorter sentences are exclamations and signatures."""

MAX_HEADLINE = 140
"""Characters of a line without a closing mark that still is a headline and not a paragraph cut off."""

MAX_CONTEXT = 400

_CLOSED = re.compile(r"[.!?…][\"'»”“’)\]]*\s*$")
_SIGNATURE = re.compile(r"\s*\([a-zäöü/]{2,8}\)\s*$")


@dataclass(frozen=True, slots=True)
class _Words:
    hearsay: re.Pattern[str]
    speech: re.Pattern[str]
    speaker_after: re.Pattern[str]
    speaker_before: re.Pattern[str]
    leans: re.Pattern[str]
    source: re.Pattern[str]
    context: re.Pattern[str]


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
        speaker_after=re.compile(rf"(?<![^\W_]){data['speaker_after'][language]}"),
        speaker_before=re.compile(data["speaker_before"][language]),
        leans=re.compile(rf"[\"'«„“(–—-]*\s*(?:{data['leans'][language]})(?![^\W_])"),
        source=re.compile(data["source"][language]),
        context=whole("context"),
    )


@cache
def _boilerplate() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_data()['boilerplate']['all']})")


def split_claims(text: str, language: str, published: datetime | None = None) -> tuple[Claim, ...]:
    """The claims of a report's text, in order, with ids c01, c02, …

    Headlines, boilerplate and questions are left out, and so is a sentence that repeats an earlier one word for word. ``context``
    carries the sentence before wherever a claim opens with a pronoun.
    """
    language = known_language(language)
    words = _words(language)
    found: list[Claim] = []
    seen: set[str] = set()
    subject = previous = ""
    for line in text.split("\n"):
        if not _is_paragraph(line):
            continue
        for span in sentences(line, language):
            sentence = _whole_quotes(_SIGNATURE.sub("", line[span.start : span.end]))
            folded = fold(sentence)
            normal = " ".join(re.findall(r"\w+", folded))
            if len(normal.split()) < MIN_WORDS or normal in seen or sentence.rstrip("\"'»”“ ").endswith("?"):
                continue
            seen.add(normal)
            leans = words.leans.match(folded) is not None
            claim = Claim(
                id=f"c{len(found) + 1:02d}",
                text=sentence,
                context=" ".join(dict.fromkeys(filter(None, (subject, previous))))[:MAX_CONTEXT] if leans else "",
                speaker=_speaker(sentence, folded, words),
                hearsay=words.hearsay.search(folded) is not None,
            )
            claim = annotate(claim, language, published)
            after_event = bool(found) and found[-1].kind is ClaimKind.EVENT
            found.append(replace(claim, kind=_kind(claim, folded, words, leans=leans, after_event=after_event)))
            previous = sentence
            if not leans:
                # Whoever "he" is was named in the last sentence that needs no other.
                subject = sentence
    return tuple(found)


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


def _speaker(sentence: str, folded: str, words: _Words) -> str:
    """Who is named as saying it, in the sentence's own words; empty when nobody is."""
    match = words.speaker_after.search(folded) or words.speaker_before.search(folded)
    if match is None:
        return ""
    who = sentence[match.start("who") : match.end("who")].strip(" -–—")
    # "says that …" has no speaker behind it.
    return "" if fold(who).startswith(("that ", "dass ", "что ", "що ", "of ", "to ", "von ")) else who


def _kind(claim: Claim, folded: str, words: _Words, *, leans: bool, after_event: bool) -> ClaimKind:
    """Event claims name what happened to somebody somewhere; a first guess that the analyst corrects."""
    if words.source.search(folded) is not None:
        return ClaimKind.ABOUT_SOURCE
    told = bool(claim.speaker) or words.speech.search(folded) is not None
    precise = any(number.unit for number in claim.numbers) or any(is_town(place.key) for place in claim.places)
    if words.context.search(folded) is not None and not leans and not (told and precise):
        return ClaimKind.CONTEXT
    if told or precise or leans or after_event or claim.hearsay or claim.places:
        return ClaimKind.EVENT
    return ClaimKind.CONTEXT
