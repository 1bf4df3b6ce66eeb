"""The media that a report has its matter from, as its text shows them: a draft of its own chain, for a person who edits it. Pure.

Known names, and names beside a noun for a medium, are found by ``comparison.credits``. A report also credits media that nobody knows and
that no noun calls one; these are told by their place: who is told something, who "broadcast" it, behind "сообщает". Credits of articles,
which nobody edits, are not read so freely.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from simplemma import is_known

from comparison.credit_cues import PHOTO, Cues, cues_of
from comparison.credit_records import CreditKind
from comparison.credits import find_credits
from comparison.dates import date_spans
from comparison.folding import fold, known_language
from comparison.given_names import is_given_name
from comparison.names import QUOTES, NameIndex, name_key
from comparison.passages import function_words, sentences
from comparison.places import find_places

_CAPITAL = r"[A-ZÄÖÜА-ЯЁІЇЄҐ]"
_WORD = rf"{_CAPITAL}[\w'’&-]*(?:\.[A-Za-zА-Яа-яІіЇїЄє]\w+)*"
_RUN = rf"(?:@\w{{3,}}|{_WORD}(?: (?:of )?(?:{_WORD}|\d{{1,3}}\b)){{0,4}})"
_QUOTED = r"[«„“\"](?P<quoted>[^«»„“”\"\n]{2,50})[»“”\"]"
_NAME = re.compile(rf"{_QUOTED}|(?P<run>{_RUN})")
# "Наше місто": of an unquoted Cyrillic title only the first word has a capital; what goes on to the next comma belongs to it.
_CYRILLIC_TITLE = re.compile(r"[А-ЯЁІЇЄҐ][а-яёіїєґ']+(?: [А-ЯЁІЇЄҐа-яёіїєґ][а-яёіїєґ']+){1,2}(?=[,.]|$)")


@dataclass(frozen=True, slots=True)
class _Places:
    before: re.Pattern[str]
    quoted: re.Pattern[str]
    behind: re.Pattern[str]
    bodies: re.Pattern[str]


@lru_cache(maxsize=8)
def _places(language: str) -> _Places:
    table = tomllib.loads(files("comparison").joinpath("data/chain.toml").read_text(encoding="utf-8"))[language]
    before, quoted, behind, bodies = (
        "|".join(f"(?:{item})" for item in table[name]) or "(?!)" for name in ("before", "quoted", "behind", "bodies")
    )
    return _Places(
        before=re.compile(rf"(?<![\w-])(?:{before})$"),
        quoted=re.compile(rf"(?<![\w-])(?:{quoted})$"),
        behind=re.compile(rf"[»“”\"]?(?: \([^()]{{1,40}}\))? ?(?:{behind})"),
        bodies=re.compile(rf"(?:^| )(?:{bodies})"),
    )


def credited_names(text: str, language: str, index: NameIndex, *, title: str = "") -> tuple[str, ...]:
    """The media that a text says it has something from, anywhere in it: of each its key, where it is known, and the name that stands there.

    Public statements are not among them: any medium can quote these.
    """
    names: list[str] = []
    for credit in find_credits(text, language, index, outlet_id="", title=title):
        if credit.kind is CreditKind.MEDIUM:
            names += [_with_noun(credit.label, text)] if credit.key.startswith("named:") else [credit.key, credit.label]
    found = {name_key(name) for name in names}
    for name in _names_by_place(text, known_language(language), index):
        if (named := index.by_name.get(name_key(name))) is not None and named.key not in names:
            names.append(named.key)
        key = name_key(name)
        if key and not any(set(key.split()) <= set(other.split()) or set(other.split()) <= set(key.split()) for other in found):
            found.add(key)
            names.append(name)
    return tuple(dict.fromkeys(names))


def _with_noun(name: str, text: str) -> str:
    """A German name with the noun that belongs to it: "bei Kanal Nord", but "beim Kanal Nordlicht", where an article stands before."""
    match = re.search(
        rf"(?<!\w)(?:von|bei|mit|an|und|laut|gegenüber|durch) ((?:Kanal|Studio|Sender|Portal|Magazin) {re.escape(name)})\b", text
    )
    return match[1] if match is not None else name


def _names_by_place(text: str, language: str, index: NameIndex) -> Iterator[str]:
    """Unknown names where only a medium stands."""
    cues, places = cues_of(language), _places(language)
    persons = _persons(text)
    for span in sentences(text, language):
        sentence = text[span.start : span.end]
        folded = fold(sentence)
        known = {(mention.start, mention.end): mention for mention in index.mentions(sentence, language)}
        for start, end, is_quoted in _candidates(sentence, folded, language):
            name, before = sentence[start:end], folded[:start].rstrip('«„“"')
            if PHOTO.search(before) or not _stands_like_a_medium(folded, before, end, cues, places, is_quoted=is_quoted):
                continue
            if (mention := known.get((start, end))) is not None:
                if mention.named.is_medium and (is_quoted or not mention.weak):
                    yield name
                continue
            if any(start < other and begin < end for begin, other in known):
                continue
            if language == "en" and ((name.isupper() and before.endswith(" the ")) or _describes(folded, end)):
                # "told CNBC", but "told the FBI": among abbreviations it is the bodies that bear an article.
                continue
            if _ABBREVIATION.fullmatch(name) and _only_media_say_so(folded[:start]) and places.bodies.search(fold(name)) is None:
                yield name
                continue
            if places.bodies.search(fold(name)) is None and _may_be_a_medium(name, language, persons, is_quoted=is_quoted):
                yield name


def _stands_like_a_medium(folded: str, before: str, end: int, cues: Cues, places: _Places, *, is_quoted: bool) -> bool:
    if places.before.search(before) or places.behind.match(folded, end) or (is_quoted and places.quoted.search(before)):
        return True
    noun = cues.medium_before.search(before)
    if noun is None:
        return False
    # "У Telegram-каналі Mash з'явилося …"; "…, wie eine Sprecherin der Nachrichtenagentur NPD sagte".
    return _WITHIN.search(before, 0, noun.start()) is not None or (
        _DATIVE.search(before, 0, noun.start()) is not None and _TOLD_TO.match(folded, end) is not None
    )


def _describes(folded: str, end: int) -> bool:
    """Whether an English name only says whose people are meant: "told SaltPump executives"."""
    noun = re.match(r" ([a-z]+s)\b", folded[end : end + 30])
    return noun is not None and noun[1] not in function_words("en")


_WITHIN = re.compile(r"(?:^|[ ,(«\"])(?:in|on|im|auf|in der|auf der|in the|on the|в|во|у|на) $")
_DATIVE = re.compile(r" (?:der|dem) $")
_TOLD_TO = re.compile(r"[»“”\"]?(?: \w+)? (?:sagte|sagten|erklärte|bestätigte|mitteilte|erzählte|schilderte|gesagt|mitgeteilt|bestätigt)\b")


_ABBREVIATION = re.compile(r"[А-ЯІЇЄҐ]{2,5}")
"""ТАСС, УНН: behind "пише", where no ministry stands."""


def _candidates(sentence: str, folded: str, language: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end and whether it is quoted: of every run of capitals and every title in quotation marks."""
    starts = [noun.end() - 1 for noun in cues_of(language).medium.finditer(folded)]
    named = [match for start in starts if (match := _NAME.match(sentence, start + 1)) is not None]
    for match in (*named, *_NAME.finditer(sentence)):
        group = "quoted" if match["quoted"] else "run"
        name = match[group]
        if group == "quoted" and (not name[0].isupper() or len(name.split()) > 4 or re.search(r"[.,!?…](?:\s|$)", name)):
            continue
        start = match.start(group)
        if group == "run" and name.split()[0] in ("The", "Der", "Die", "Das"):
            start += len(name.split()[0]) + 1
        if start < match.end(group):
            yield start, match.end(group), group == "quoted"
    if language in ("ru", "uk"):
        for match in _CYRILLIC_TITLE.finditer(sentence):
            if match.start() and _only_media_say_so(folded[: match.start()]):
                yield match.start(), match.end(), False


def _only_media_say_so(before: str) -> bool:
    return (
        re.search(r"(?:^|[ ,])(?:пишут|пишет|пише|пишуть|переда[её]т|передают|передає|передають|повідомляє|сообщает) $", before) is not None
    )


def _may_be_a_medium(name: str, language: str, persons: Iterable[str], *, is_quoted: bool) -> bool:
    words: list[str] = re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", name.strip(QUOTES))
    if not words or is_given_name(words[0]) or any(word in persons for word in words):
        return False
    if cues_of(language).platform.match(fold(name)) is not None or date_spans(fold(name), name, language):
        return False
    if is_quoted:
        return True
    if any(place.start == 0 and place.end >= len(name) for place in find_places(name, language)):
        return False
    latin = bool(re.match(r"[@A-Za-z]", name))
    if language in ("ru", "uk"):
        # A Latin name in a Cyrillic text; a Cyrillic one is a title only where it is made of words of the language.
        return (
            latin
            or "." in name
            or re.search(r"[а-яіїє][А-ЯІЇЄ]", name) is not None
            or (len(words) > 1 and all(is_known(word.lower(), lang=language) for word in words))
        )
    odd = "." in name or bool(re.search(r"[a-z][A-Z]|[A-Z]{2}|\d", name))
    if language == "de":
        return odd or not is_known(words[0], lang="de")
    return odd or len(words) > 1


def _persons(text: str) -> frozenset[str]:
    """Surnames: what follows a given name or a form of address somewhere, and what elsewhere stands alone for a name of two words."""
    found = set()
    alone = {
        run.group()
        for run in re.finditer(rf"{_CAPITAL}[\w-]+(?:\.? {_CAPITAL}[\w-]+)*", text)
        if " " not in run.group() and not text[: run.start()].endswith(("the ", "The "))
    }
    for run in re.finditer(rf"{_CAPITAL}[\w'’-]+(?:\.? {_CAPITAL}[\w-]+)+", text):
        first, *rest = re.split(r"\.? ", run.group())
        if is_given_name(first) or first.lower() in _ADDRESSES:
            found.update(rest)
        elif rest[-1] in alone:
            found.add(rest[-1])
        elif len(rest) > 1 and len(re.findall(rf"\b{re.escape(' '.join(rest))}\b", text)) > 1:
            # "Kathleen Dell Arbo", later "Dell Arbo": media do not lose the first word of their names.
            found.update(rest)
    return frozenset(found)


_ADDRESSES = frozenset(
    {
        "mr",
        "mrs",
        "ms",
        "dr",
        "president",
        "minister",
        "chancellor",
        "premier",
        "senator",
        "sir",
        "lord",
        "herr",
        "frau",
        "präsident",
        "kanzler",
        "professor",
    }
)
