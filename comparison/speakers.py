"""Who says a sentence, as the sentence's own words tell it: an attribution before, within or behind what is said. Pure.

Nothing is resolved to a person: the words are the report's, kept for the analyst and for one comparison, that of voices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from comparison.dates import date_spans
from comparison.folding import fold, known_language
from comparison.speaker_patterns import ADVERB, Patterns, patterns_of


@dataclass(frozen=True, slots=True)
class Speaker:
    """An attribution found in a sentence."""

    name: str
    """In the sentence's words; empty where a pronoun stands for whoever spoke before."""
    is_pronoun: bool = False


def find_speaker(sentence: str, language: str) -> Speaker | None:
    """Who says it; None where the sentence names nobody.

    >>> find_speaker("According to the clerk, it was locked.", "en")
    Speaker(name='the clerk', is_pronoun=False)
    >>> find_speaker("«Двери закрыли», — сказала она.", "ru")
    Speaker(name='', is_pronoun=True)
    >>> find_speaker("В мэрии в среду сообщили, что двери закрыты.", "ru")
    Speaker(name='мэрии', is_pronoun=False)
    """
    language = known_language(language)
    patterns = patterns_of(language)
    read = _without_asides(sentence, language, patterns)
    found = [match.start() for pattern in patterns.pronoun if (match := pattern.search(read)) is not None]
    pronoun_at = min(found, default=len(read) + 1)
    for pattern in patterns.named:
        for match in pattern.finditer(read):
            name = _OCCASION.sub("", _ADVERBS_LAST.sub("", _AGE.sub("", " ".join(match["who"].split()).strip(" '-–—"))))
            name = _FULL_STOP.sub("", name)
            if language == "de":
                name = _without_tail(name)
            if patterns.pronouns.match(name):
                pronoun_at = min(pronoun_at, match.start("who"))
            elif language == "de" and _RELATIVE.search(read, 0, match.start("who")) is not None:
                continue
            elif _is_name(name, patterns) and match.start("who") < pronoun_at:
                return Speaker(name)
    return Speaker("", is_pronoun=True) if pronoun_at <= len(read) else None


_OCCASION = re.compile(
    r"\s(?:in an? (?:[a-z]+ )?(?:statement|interview|e?-?mail|letter|release|post|message|memo|speech)"
    r"|im (?:Interview|Gespräch)|mit Blick auf|(?:on|auf|in|в|у|на) (?:X|Twitter|Facebook|Telegram|Instagram))\b.*$"
)
_ADVERBS_LAST = re.compile(rf"(?: (?:{ADVERB.strip()}|has|have|had))+$")
_FULL_STOP = re.compile(r"(?<=\w\w)\.$")
_AGE = re.compile(r"^\d+(?:-year-old|-jährige[rn]?|[- ]?летн\w+|-річн\w+)\s")
_BRACKETS = re.compile(r"\s\([^()]{1,80}\)")
_PREPOSITIONS = tuple(f" {word}" for word in ("aus", "von", "in", "bei", "mit", "nach", "auf", "an", "vor", "zu", "seit", "unter", "neben"))
_DATED = re.compile(r"(?<!\w)(?:on|late on|early on|am|in der|in|im|at|в|во|у|о|об|late|early|vom|zum|ещё|ще|noch) +$", re.IGNORECASE)


def _without_asides(sentence: str, language: str, patterns: Patterns) -> str:
    """The sentence with spaces for what may stand between a speaker and the verb: times, brackets, and those who are told."""
    read = list(sentence)
    spans = [match.span() for match in _BRACKETS.finditer(sentence)]
    for start, end in date_spans(fold(sentence), sentence, language):
        before = _DATED.search(sentence, 0, start)
        spans.append((before.start() if before is not None else start, end))
    for match in patterns.recipient.finditer(sentence):
        head = sentence[: match.start()].rstrip()
        if head.endswith(_PREPOSITIONS):
            continue
        if patterns.told.search(head) is not None or head.casefold().endswith(("об этом", "про це")):
            spans.append(match.span())
    for start, end in spans:
        read[start:end] = " " * (end - start)
    return "".join(read)


def _without_tail(name: str) -> str:
    """A German name ends with a noun; behind it may stand a part of the verb or an adverb: "wie die BBC weiter schrieb".

    Empty where no noun is in it; a first word alone may be one.
    """
    words = name.split()
    while words and not words[-1].strip("'’\"“”„«»").rstrip(".")[:1].isupper() and not words[-1][:1].isdigit():
        words.pop()
    if len(words) == 1 and len(name.split()) > 1 and name[:1].isupper():
        # "Besonders scharf": what is left is the capital of the sentence.
        return ""
    return " ".join(words)


# "Der Landrat, der sich nach Angaben seines Anwalts erholt, …": what a relative clause rests on is not who says the sentence.
_RELATIVE = re.compile(r", (?:der|die|das|dem|den|deren|dessen|denen) (?:[a-zäöüß]+ )[^,]{0,60}$")
_ARTICLES = frozenset({"the", "a", "an", "das", "der", "die", "dies", "es", "это", "то", "це", "те"})


def _is_name(name: str, patterns: Patterns) -> bool:
    if name.endswith((" and", " or", " und", " oder", " и", " или", " та", " і", " або")):
        return False
    return (
        len(fold(name)) > 1
        and name.casefold() not in _ARTICLES
        and not patterns.never.match(name)
        and not patterns.clause.search(name)
        and not name[0].isdigit()
    )
