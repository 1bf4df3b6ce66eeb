"""Public statements in a text: whose words a piece passes on, when they are said to everybody. Pure.

Only the speaker beside a verb of saying is taken, and only for the words around it: names of persons are looked for in one article at a
time, and no list of them is kept.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from simplemma import is_known

from comparison.credit_cues import Cues
from comparison.folding import fold
from comparison.names import Mention
from comparison.sounds import is_cyrillic, surname_key
from comparison.speakers import find_speaker

SHORTEST_SURNAME = 4
DIGITS = 12
"""Of a speaker's key: enough that two of one claim's speakers do not meet by chance."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Who makes it, and where the name stands in the sentence."""

    name: str
    start: int
    end: int
    whole: bool
    """At the very top of the text: the piece rests on it."""
    cited: bool
    """Named as the source behind another medium ("RBC reports, citing the governor")."""


_NAME_WORD = r"[A-ZА-ЯЁІЇЄҐÄÖÜ][a-zа-яёіїєґäöüß'’-]+(?:-[A-ZА-ЯЁІЇЄҐÄÖÜ][\w'’]+)?"
_PERSON = re.compile(rf"{_NAME_WORD}(?: (?:von|van|de|der|bin|al|el) {_NAME_WORD}| {_NAME_WORD})+")
_HEADLINE_SPEAKER = re.compile(rf"\s[–—-]\s({_NAME_WORD}(?: {_NAME_WORD})?)$")
# Between a speaker and the verb: nothing, an adverb or a day, or one apposition between commas ("…, the governor of X, said").
_NAME_VERB = re.compile(r"(?:,[^,.;:]{1,80},(?: \w+){0,2}|,|(?: \w+){0,3}) $")
_VERB_NAME = re.compile(r"(?: [«„“\"]?[\w'-]+[»“”\"]?){0,14} $")


def find_statement(
    sentence: str, folded: str, cues: Cues, here: Iterable[Mention], last_person: str, *, lead: bool, headline: bool
) -> tuple[Statement | None, str]:
    """A public statement: of a speaker on a platform, or of an office holder at the very top of the text. And who spoke last."""
    if headline:
        # "… – Гринчишин": the speaker's name alone at the end of a headline.
        tail = _HEADLINE_SPEAKER.search(sentence.strip())
        if tail is not None and is_cyrillic(tail.group(1)) and not any(mention.end > tail.start(1) for mention in here):
            return Statement(tail.group(1), tail.start(1), tail.end(1), True, False), last_person
        return None, last_person
    speaker = _speaker(sentence, folded, cues, here)
    posted = cues.platform.search(folded) is not None
    if speaker is None:
        verb = cues.statement.search(folded)
        if posted and verb is not None and last_person:
            return Statement(last_person, verb.start(), verb.end(), lead, False), last_person
        return None, last_person
    has_office = cues.role.search(folded) is not None
    if has_office:
        last_person = sentence[slice(*speaker)]
    if (posted and (has_office or lead)) or (has_office and lead):
        cited = bool(cues.citing_before.search(_before_speaker(folded, speaker[0], cues)))
        return Statement(sentence[slice(*speaker)], *speaker, lead, cited), last_person
    return None, last_person


def _before_speaker(folded: str, start: int, cues: Cues) -> str:
    """What stands before a speaker's office and name: "… with reference to" of "with reference to the head of the region, Jane Roe"."""
    roles = [match.start() for match in cues.role.finditer(folded, max(0, start - 120), start)]
    return folded[: roles[0]] if roles else folded[:start]


def _speaker(sentence: str, folded: str, cues: Cues, here: Iterable[Mention]) -> tuple[int, int] | None:
    """The span of the full name that stands right beside a verb of saying, in one clause with it."""
    people = _people(sentence, folded, cues, here)
    for verb in cues.statement.finditer(folded):
        for start, end in reversed(people):
            if end <= verb.start() and _NAME_VERB.fullmatch(folded, end, verb.start()):
                return start, end
        for start, end in people:
            if verb.end() <= start and _VERB_NAME.fullmatch(folded, verb.end(), start):
                return start, end
    return None


def _people(sentence: str, folded: str, cues: Cues, here: Iterable[Mention]) -> list[tuple[int, int]]:
    """Spans of what may be full names: two capitals or more, without an office written with a capital before them."""
    taken = [(mention.start, mention.end) for mention in here]
    found = []
    for match in _PERSON.finditer(sentence):
        start, end = match.span()
        while (word := re.match(r"\S+ ", sentence[start:end])) is not None and cues.role.fullmatch(folded, start, start + word.end() - 1):
            start += word.end()
        name = sentence[start:end]
        if (
            " " in name
            and not any(start < other_end and other_start < end for other_start, other_end in taken)
            and not name.endswith(("'s", "’s"))
            and not sentence[:start].endswith((" of ", " in ", " at ", " from ", " the ", "The "))
            and not cues.platform.match(folded, start, end)
            and not cues.role.fullmatch(fold(name.rsplit(maxsplit=1)[-1]))
        ):
            found.append((start, end))
    return found


def speaker_key(sentence: str, language: str) -> str:
    """A digest of the sound of the surname, so that the spellings of two languages are the same: whose name stands beside a verb of saying;
    "" for nobody, for a pronoun and for one who is no name ("a neighbour"). It tells whether two are the same, and not who.

    >>> speaker_key("It was locked, says Tymur Alikhanov.", "en") == speaker_key("Заперли, рассказал Тимур Алиханов.", "ru") != ""
    True
    """
    speaker = find_speaker(sentence, language)
    if speaker is None or speaker.is_pronoun:
        return ""
    proper = [word for word in re.findall(r"[\w'’-]+", speaker.name) if word[:1].isupper() and not is_known(word, lang=language)]
    if not proper or len(proper[-1]) < SHORTEST_SURNAME:
        return ""
    return f"speaker:{hashlib.sha256(surname_key(proper[-1]).encode()).hexdigest()[:DIGITS]}"
