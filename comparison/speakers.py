"""Who says a sentence, as the sentence's own words tell it: an attribution before, within or behind what is said. Pure.

Nothing is resolved to a person: the words are the report's, kept for the analyst and for one comparison, that of voices.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from comparison.folding import fold, known_language

MAX_NAME = 70
"""Characters of a speaker's name; what is longer is a clause."""

_WHO = rf"(?P<who>(?:[^,.;:\"“”„«»()–—-]|«[^»]{{1,40}}»|„[^“]{{1,40}}“|(?<=\w)-(?=\w)){{1,{MAX_NAME}}}?)"
# German names its speakers in capitals, and puts the verb behind them without a comma.
_GERMAN = (
    r"(?P<who>(?:(?i:der|des|dem|den|die|das|eines|einer|einem|ein|eine|seiner|ihrer|seinem|ihrem) )?"
    r"(?:[a-zäöüß]+(?:en|er|es|em|e) ){0,2}[A-ZÄÖÜ][\w-]+(?: (?:der|des|von) [A-ZÄÖÜ][\w-]+| [A-ZÄÖÜ][\w-]+){0,3})"
)
_CLOSING = r"[,\"“”»«–—-]\s*(?:[–—-]\s*)?"
_END = r"(?=\s*(?:[,.;:!?\"”»]|$)|\s[–—-]\s|\s\()"


@dataclass(frozen=True, slots=True)
class Speaker:
    """An attribution found in a sentence."""

    name: str
    """In the sentence's words; empty where a pronoun stands for whoever spoke before."""
    is_pronoun: bool = False


@dataclass(frozen=True, slots=True)
class _Patterns:
    named: tuple[re.Pattern[str], ...]
    """The surest first; each has a group "who"."""
    pronoun: tuple[re.Pattern[str], ...]
    never: re.Pattern[str]
    clause: re.Pattern[str]
    pronouns: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns:
    data = tomllib.loads((resources.files("comparison") / "data" / "speakers.toml").read_text(encoding="utf-8"))
    words = {name: table[language] for name, table in data.items()}
    verbs, according = f"(?i:{words['verbs']})", f"(?i:{words['according']})"
    source = _GERMAN if language == "de" else _WHO
    named = [
        # "According to the clerk, …"; "…, according to the clerk."
        rf"(?:^|[,–—-]\s)\W*{according}\s+{source}{_END if language != 'de' else ''}",
        # "The clerk, a lawyer, says that …"
        rf"^\W*{_WHO},[^,.;:\"“”«»]{{2,80}},\s+{verbs}(?![\w-])",
        # "Wie die Staatsanwaltschaft mitteilte, …"; "Як з'ясували журналісти, …"
        rf"^\W*(?i:as|wie|как|як)\s+{_WHO}\s+{verbs}(?=,)",
        rf"^\W*(?i:as|wie|как|як)\s+{verbs}\s+{_WHO}(?=,)",
        # "Such figures are given by …": the verb second, the speaker last.
        rf"^\W*(?i:такие|эти|такі|ці|solche|diese)\s+\w+\s+{verbs}\s+{_WHO}{_END}",
        # "…”, says the clerk."; "…, so ein Sprecher."; "…, wie Recherchen des Senders zeigen."
        rf"{_CLOSING}{verbs}\s+{_WHO}{_END}",
        rf"{_CLOSING}(?:such as|as|wie|so|як|как)\s+(?P<who>[^,.;:]{{3,60}}?)\s+{verbs}{_END}",
        # "The clerk says that …"
        rf"^\W*{_WHO}\s+{verbs}(?![\w-])",
        # "The statements were confirmed by the clerk."
        rf"(?<![\w-])(?i:{words['passive']})\s+{_WHO}{_END}",
        # "…, two observers told the Courier."
        rf",\s{_WHO}\s+{verbs}(?![\w-])[^,;]*$",
    ]
    if language == "de":
        named.insert(6, rf",\sso\s{_GERMAN}{_END}")
        named.insert(7, rf"^\W*{_GERMAN}\s+zufolge\b")
    pronouns = f"(?i:{words['pronouns']})"
    pronoun = [
        rf"(?<![\w-])(?i:{words['according_pronoun']})",
        rf"{_CLOSING}{verbs}\s+{pronouns}{_END}",
        rf"(?:^|{_CLOSING})\W*{pronouns}\s+(?:[\w-]+\s)?{verbs}(?![\w-])",
    ]
    return _Patterns(
        named=tuple(re.compile(pattern) for pattern in named),
        pronoun=tuple(re.compile(pattern) for pattern in pronoun),
        never=re.compile(rf"(?i:{words['never']})(?![\w-])"),
        clause=re.compile(rf"(?<![\w-])(?i:{words['clause']})(?![\w-])"),
        pronouns=re.compile(rf"{pronouns}$"),
    )


def find_speaker(sentence: str, language: str) -> Speaker | None:
    """Who says it; None where the sentence names nobody.

    >>> find_speaker("According to the clerk, it was locked.", "en")
    Speaker(name='the clerk', is_pronoun=False)
    >>> find_speaker("«Двери закрыли», — сказала она.", "ru")
    Speaker(name='', is_pronoun=True)
    """
    patterns = _patterns(known_language(language))
    if any(pattern.search(sentence) for pattern in patterns.pronoun):
        return Speaker("", is_pronoun=True)
    for pattern in patterns.named:
        for match in pattern.finditer(sentence):
            name = match["who"].strip(" '’-–—")
            if patterns.pronouns.match(name):
                return Speaker("", is_pronoun=True)
            if _is_name(name, patterns):
                return Speaker(name)
    return None


def _is_name(name: str, patterns: _Patterns) -> bool:
    return len(fold(name)) > 1 and not patterns.never.match(name) and not patterns.clause.search(name) and not name[0].isdigit()
