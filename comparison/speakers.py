"""Who says a sentence, as the sentence's own words tell it: an attribution before, within or behind what is said. Pure.

Nothing is resolved to a person: the words are the report's, kept for the analyst and for one comparison, that of voices.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from comparison.dates import date_spans
from comparison.folding import fold, known_language
from comparison.given_names import is_given_name

MAX_NAME = 70
"""Characters of a speaker's name; what is longer is a clause."""

_WHO = rf"(?P<who>(?:[^,.;:\"“”„«»()–—-]|«[^»]{{1,40}}»|„[^“]{{1,40}}“|(?<=\w)-(?=\w)){{1,{MAX_NAME}}}?)"
# German names its speakers in capitals, and puts the verb behind them without a comma.
_GERMAN = (
    r"(?P<who>(?:(?i:der|des|dem|den|die|das|eines|einer|einem|ein|eine|seiner|ihrer|seinem|ihrem) )?"
    r"(?:[a-zäöüß]+(?:en|er|es|em|e) ){0,2}[A-ZÄÖÜ][\w-]+"
    r"(?: (?:der|des|von|ohne|für|gegen|hinter|in|im|am|zur|eines|einer) (?:(?:der|des|die|den|das) )?[A-ZÄÖÜ][\w-]+| [A-ZÄÖÜ][\w-]+){0,4})"
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
    recipient: re.Pattern[str]
    """Those who are told something: "рассказал журналистам"; only behind ``told``, a verb of saying."""
    told: re.Pattern[str]


@cache
def _patterns(language: str) -> _Patterns:
    data = tomllib.loads((resources.files("comparison") / "data" / "speakers.toml").read_text(encoding="utf-8"))
    words = {name: table[language] for name, table in data.items()}
    verbs, according = f"(?i:{words['verbs']})", f"(?i:{words['according']})"
    source = _GERMAN if language == "de" else _WHO
    inverted = rf"(?!(?i:{words['never_inverted']})(?![\w-])){verbs}"
    named = [
        # "Reuters, citing the governor, …": who is cited is who says it.
        rf"(?<![\w-])(?i:{words['citing']})\s+{source}(?=\s+{verbs}(?![\w-])|\s+(?:as|with)\s|\s*[,.;:!?\"”»]|$)",
        # "According to the clerk, …"; "…, according to the clerk."
        rf"(?:^|[,–—-]\s)\W*{according}\s+{source}{_END if language != 'de' else ''}",
        # "…”, the clerk was quoted as saying."
        rf"(?:^|{_CLOSING})\W*{_WHO}\s+(?:was|were)\s+quoted\s+as\s+saying",
        # "The clerk, a lawyer, says that …"
        rf"^\W*{_WHO},[^,.;:\"“”«»]{{2,80}},\s+{verbs}(?![\w-])",
        # "Wie die Staatsanwaltschaft mitteilte, …"; "Як з'ясували журналісти, …"
        rf"^\W*(?i:as|wie|как|як)\s+{_WHO}\s+{verbs}(?=,)",
        rf"^\W*(?i:as|wie|как|як)\s+{verbs}\s+{_WHO}(?=,)",
        # "Such figures are given by …": the verb second, the speaker last.
        rf"^\W*(?i:такие|эти|такі|ці|solche|diese)\s+\w+\s+{verbs}\s+{_WHO}{_END}",
        # "…”, says the clerk."; "…, so ein Sprecher."; "…, wie Recherchen des Senders zeigen."
        rf"{_CLOSING}{inverted}\s+{_WHO}{_END}",
        rf"{_CLOSING}(?:such as|as|wie|so|як|как)\s+(?P<who>[^,.;:]{{3,60}}?)\s+{verbs}{_END}",
        # "On Monday said the clerk": what stood before the verb told the time.
        rf"^\s{{4,}}{inverted}\s+{source}{_END if language != 'de' else ''}",
        # "The clerk says that …"
        rf"^\W*{_WHO}\s+{verbs}(?![\w-])",
        # "The statements were confirmed by the clerk."
        rf"(?<![\w-])(?i:{words['passive']})\s+{_WHO}{_END}",
        # "…, two observers told the Courier."; "…, officials said, as …"
        rf",\s{_WHO}\s+{verbs}(?:(?![\w-])[^,;]*$|\s*,)",
    ]
    if language == "de":
        named.insert(6, rf",\sso\s{_GERMAN}{_END}")
        named.insert(7, rf"^\W*{_GERMAN}\s+zufolge\b")
        # "Nach Behördenangaben", "nach UN-Angaben"
        named.insert(8, r"(?<![\w-])(?i:nach)\s+(?P<who>[A-ZÄÖÜ]\w+?)-?(?i:angaben)\b")
        named.insert(9, rf"^\W*{_GERMAN}\s+[a-zäöüß]+\s(?=.*\bnach eigenen (?:Angaben|Worten|Aussagen)\b)")
    if language == "en":
        # "According to Ann the best time is …": no comma behind a bare name.
        named.append(r"^\W*(?i:according)\s+to\s+(?P<who>[A-Z][\w'’-]+(?:\s[A-Z][\w'’-]+){0,3})\s(?=[a-z])")
    if words["plural"]:
        # "В полиции сообщили, что …"; "…, повідомили у прокуратурі."
        place, plural = r"(?i:в|во|у)", f"(?i:{words['plural']})"
        named.append(rf"^\W*{place}\s+{_WHO}\s+(?:(?i:{words['object']})\s+(?:\w+\s+)?)?{plural}(?![\w-])")
        named.append(rf"{_CLOSING}{plural}\s+{place}\s+{_WHO}{_END}")
    pronouns = f"(?i:{words['pronouns']})"
    pronoun = [
        rf"(?<![\w-])(?i:{words['according_pronoun']})",
        rf"{_CLOSING}{verbs}\s+{pronouns}(?![\w-])",
        rf"(?:^|{_CLOSING})\W*(?!who\b){pronouns}\s+(?:[\w-]+\s)?{verbs}(?![\w-])",
    ]
    return _Patterns(
        named=tuple(re.compile(pattern) for pattern in named),
        pronoun=tuple(re.compile(pattern) for pattern in pronoun),
        never=re.compile(rf"(?i:{words['never']})(?![\w-])"),
        clause=re.compile(rf"(?<![\w-])(?i:{words['clause']})(?![\w-])"),
        pronouns=re.compile(rf"{pronouns}$"),
        recipient=re.compile(rf"(?<=\s)(?:{words['recipient']})(?![\w-])"),
        # German puts the speaker between the verb and those who are told.
        told=re.compile(rf"(?<![\w-]){verbs}{'(?: [^,.;:“”]{3,60})?' if language == 'de' else ''}$"),
    )


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
    patterns = _patterns(language)
    read = _without_asides(sentence, language, patterns)
    found = [match.start() for pattern in patterns.pronoun if (match := pattern.search(read)) is not None]
    pronoun_at = min(found, default=len(read) + 1)
    for pattern in patterns.named:
        for match in pattern.finditer(read):
            name = _AGE.sub("", " ".join(match["who"].split()).strip(" '’-–—"))
            if language == "de":
                name = _without_tail(name)
            if patterns.pronouns.match(name):
                pronoun_at = min(pronoun_at, match.start("who"))
            elif _is_name(name, patterns) and match.start("who") < pronoun_at:
                return Speaker(name)
    return Speaker("", is_pronoun=True) if pronoun_at <= len(read) else None


_AGE = re.compile(r"^\d+(?:-year-old|-jährige[rn]?|[- ]?летн\w+|-річн\w+)\s")
_BRACKETS = re.compile(r"\s\([^()]{1,80}\)")
_PREPOSITIONS = tuple(f" {word}" for word in ("aus", "von", "in", "bei", "mit", "nach", "auf", "an", "vor", "zu", "seit", "unter", "neben"))
_DATED = re.compile(r"(?<!\w)(?:on|late on|early on|am|in der|in|im|at|в|во|у|о|об|late|early|vom|zum|ещё|ще|noch) +$", re.IGNORECASE)


def _without_asides(sentence: str, language: str, patterns: _Patterns) -> str:
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


def opening_name(sentence: str) -> str:
    """The person whom a sentence names at its very head: "Олена, вчителька з міста, провела там рік."; empty where none is."""
    match = _OPENING_NAME.match(sentence)
    if match is None or not is_given_name(match["given"]):
        return ""
    return match["who"]


_OPENING_NAME = re.compile(r"\W*(?P<who>(?P<given>[A-ZÄÖÜА-ЯІЇЄҐ][\w'’-]+)(?: [A-ZÄÖÜА-ЯІЇЄҐ][\w'’-]+){0,2})(?=,| \(| [a-zäöüа-яіїєґ])")


def _is_name(name: str, patterns: _Patterns) -> bool:
    return len(fold(name)) > 1 and not patterns.never.match(name) and not patterns.clause.search(name) and not name[0].isdigit()
