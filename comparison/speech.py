"""Whether a number or a date in a sentence belongs to those who tell, and not to what they tell: "two soldiers said", "сообщил в среду"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from comparison.folding import fold, known_language

_SPEECH = {
    "en": "said|told|says?|say|reported|recalled|described|confirmed|according to|interviewed|wrote|spoke|claimed|added|stated",
    "de": "sagte[n]?|sagen|erzähl\\w+|berichte\\w+|schilder\\w+|bestätig\\w+|laut|zufolge|sprachen?|teilte[n]?|erklärte[n]?|schrieb(?:en)?",
    "ru": "сказал\\w*|рассказ\\w+|говор\\w+|сообщ\\w+|подтверд\\w+|по словам|описал\\w*|вспомин\\w+|утвержда\\w+|заяви\\w+|написал\\w*",
    "uk": "сказа\\w+|розпов\\w+|каж\\w+|повідом\\w+|підтверд\\w+|за словами|описа\\w+|згаду\\w+|стверджу\\w+|заяви\\w+|написа\\w+",
}
# English puts no comma before what was said, so that only what may stand between "said" and its day keeps them together.
_ENGLISH_BETWEEN = (
    r"(?: (?:reporters|journalists|lawmakers|parliament|in a statement|in an interview|late|early|on state television|here))*(?: on| in)? "
)


# "As of Friday 61 ships were waiting": the day of the count, and not of what happened.
_STATUS = re.compile(
    r"(?<![^\W_])(?:as of|stand:?|mit stand|по состоянию на|на утро|станом на|на ранок)(?: (?:late|early|утро|вечер|ранок))? $"
)


@dataclass(frozen=True, slots=True)
class _Speech:
    counted_before: re.Pattern[str]
    counted_behind: re.Pattern[str]
    dated_before: re.Pattern[str]
    dated_behind: re.Pattern[str]


@cache
def _speech(language: str) -> _Speech:
    spoken = rf"(?<![^\W\d_])(?:{_SPEECH[language]})(?![^\W\d_])"
    between = _ENGLISH_BETWEEN if language == "en" else r"[^.,;:!?»”“\"]{0,45}"
    return _Speech(
        counted_before=re.compile(rf"{spoken}[^.,;:!?]{{0,12}}$"),
        counted_behind=re.compile(rf"[^.,;:!?]{{0,40}}?{spoken}"),
        dated_before=re.compile(rf"{spoken}{between}$"),
        # "On Tuesday the ministry said": the day opens the clause of the verb, and nothing else happens in it.
        dated_behind=re.compile(rf"[^.,;:!?»”“\"]{{0,35}}?{spoken}"),
    )


def counts_speakers(passage: str, start: int, end: int, language: str) -> bool:
    """Whether the counted are those who tell. ``passage[start:end]`` is the number with what it counts."""
    folded, speech = fold(passage), _speech(known_language(language))
    return (
        speech.counted_before.search(folded, max(0, start - 30), start) is not None or speech.counted_behind.match(folded, end) is not None
    )


def dates_speech(passage: str, start: int, end: int, language: str, *, closes: bool = False) -> bool:
    """Whether a date is the day on which something was said. ``closes``: only where it stands behind the verb.

    >>> text = "Das Werk sei zerstört, sagte der Gouverneur am Mittwoch."
    >>> dates_speech(text, text.index("Mittwoch"), text.index("."), "de")
    True
    """
    folded, speech = fold(passage), _speech(known_language(language))
    if speech.dated_before.search(folded, max(0, start - 70), start) is not None:
        return True
    if closes:
        return False
    opens = start - _clause_start(folded, start) <= 6
    return (opens and speech.dated_behind.match(folded, end) is not None) or _STATUS.search(folded, max(0, start - 24), start) is not None


def places_speech(text: str, start: int, language: str) -> bool:
    """Whether a place is where something was said. ``start`` is the place's.

    >>> text = "The bridge is gone, a spokesman said in Kyiv."
    >>> places_speech(text, text.index("Kyiv"), "en")
    True
    """
    folded = fold(text)
    return _placed(known_language(language)).search(folded, max(0, start - 70), start) is not None


@cache
def _placed(language: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{_SPEECH[language]})(?: [^\W\d_]+){{0,3}} (?:in|at|в|во|у) $")


def _clause_start(folded: str, start: int) -> int:
    return max(folded.rfind(mark, 0, start) for mark in ".,;:!?\n") + 1
