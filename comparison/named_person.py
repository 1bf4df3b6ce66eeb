"""The person whom a sentence speaks of, so that "she said" behind it can be read. Pure; no list of them is kept."""

from __future__ import annotations

import re

from comparison.folding import known_language
from comparison.given_names import is_given_name
from comparison.name_spans import find_names
from comparison.speaker_patterns import patterns_of


def surnames_in(text: str, language: str) -> frozenset[str]:
    """The last words of all names of two words or more in a text: by them alone a report goes on to call a person."""
    return frozenset(name.rpartition(" ")[2] for start, end in find_names(text, language) if " " in (name := text[start:end]))


def named_person(sentence: str, language: str, surnames: frozenset[str] = frozenset()) -> str:
    """The person whom a sentence speaks of, for whoever "she" of the next one is: named at its head, or beside an office.

    Empty where none is. The name is the sentence's and is kept for the analyst; nobody is looked up by it.
    """
    opening = _OPENING_NAME.match(sentence)
    if opening is not None and is_given_name(opening["given"]):
        return opening["who"]
    for start, end in find_names(sentence, language):
        name, before = re.sub(r"['’]s$", "", sentence[start:end]), sentence[:start].rstrip(" «„“\"'")
        addressed = before.endswith(_ADDRESSES)
        first = re.search(r"(?<=\S )([A-ZÄÖÜА-ЯІЇЄҐ][\w'’-]+)$", before) if language != "de" and not addressed else None
        if language == "de" and before.isalpha() and before[:1].isupper() and len(before) > MIN_GIVEN_NAME:
            # At the head of a sentence: "Aiden Keller", or an office, which names the person as well.
            name, before = f"{before} {name}", ""
        if first is not None:
            # A given name that is a word of the language too: "Will", "Любовь".
            name, before = f"{first[1]} {name}", before[: first.start()].rstrip()
        if language == "de" and (first := re.search(r"[A-ZÄÖÜ][\w-]+ ([A-ZÄÖÜ][\w-]+)$", before)) is not None:
            # Of two nouns before a surname the second is a given name: "Ministerpräsident Pedro Keller".
            name, before = f"{first[1]} {name}", before[: first.start(1)].rstrip()
        given = next((word for word in name.split()[1:-1] if is_given_name(word)), "")
        if given:
            # A place that no gazetteer has stands before the name: "Жителька Орлиці Олена Коваль".
            name = name[name.index(f" {given} ") + 1 :]
        initial = re.match(r" [A-ZÄÖÜА-ЯІЇЄҐ]\.", sentence[end:])
        name += initial.group() if initial is not None else ""
        last = before.rpartition(" ")[2]
        if addressed:
            return f"{last} {name}"
        if patterns_of(known_language(language)).prepositions.fullmatch(last.casefold()) is not None:
            continue
        # "The firm's executive Ann Roe"; "Ann Roe, a teacher": an office stands beside a person, not beside a product.
        words = len(before.split())
        has_office = words == 1 or ((last[:1].islower() or language == "de") and 1 < words <= MAX_OFFICE_WORDS)
        has_apposition = not before and re.match(r", (?:a|an|the|der|die|das|ein|eine|[а-яіїєґ]{4,})\s", sentence[end:]) is not None
        opens = not before and re.match(r" [a-zäöüа-яіїєґ]", sentence[end:]) is not None
        if is_given_name(name.split()[0]) or (" " in name and (has_office or has_apposition or opens)) or (name in surnames and not before):
            return name
    return ""


MIN_GIVEN_NAME = 3
"""Letters of a word that is no article: "Der Keller"."""
MAX_OFFICE_WORDS = 7
"""Words up to which what stands before a name at the head of a sentence is an office and not a clause of its own."""
_ADDRESSES = ("Mr", "Mrs", "Ms", "Mr.", "Mrs.", "Ms.", "Dr", "Dr.", "Herr", "Frau", "Prof.", "Professor")
_OPENING_NAME = re.compile(
    r"\W*(?P<who>(?P<given>[A-ZÄÖÜА-ЯІЇЄҐ][\w'’-]+)(?: [A-ZÄÖÜА-ЯІЇЄҐ][\w'’-]+){0,2})(?=,| \(| [–—-] | [a-zäöüа-яіїєґ])"
)
