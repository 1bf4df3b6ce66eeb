"""The paragraphs of a report as they are read: without datelines, labels, bullets and signatures, which say nothing. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from comparison.folding import fold
from comparison.places import find_places

MAX_HEADLINE = 140
"""Characters of a line without a closing mark that still is a headline and not a paragraph cut off."""

MAX_DATELINE = 80

_CLOSED = re.compile(r"[.!?…][\"'»”“’)\]]*\s*$")
# "(dpa)", "(dpa/AFP/jwe)", "(mit afp, epd)", "(АР)": who wrote it, behind what is written.
_SIGNATURE = re.compile(r"\s*\((?:(?:mit|with|по|за) )?[\w.]{2,9}(?:[/,+] ?[\w.]{2,9}){0,4}\)\s*$")
_FURNITURE_SIGNS = frozenset({"So", "Sk", "Cf", "Co"})
_BULLET = re.compile(r"[•▪◦‣*·]\s+")

_CAPITALS = r"[A-ZÄÖÜА-ЯІЇЄҐ][A-ZÄÖÜА-ЯІЇЄҐ'’.-]{2,}"
_MIXED = r"[A-ZÄÖÜА-ЯІЇЄҐ][\w'’.-]+"
_AGENCY = r"(?:[A-Za-z]{2,9}|[A-Za-z]{2,9}[/.][A-Za-z]{2,9}|[\w-]{2,20}\.(?:ru|ua|com|de))"
_MONTHLY = r"(?:\w{3,9}\.? \d{1,2}|\d{1,2}\.? \w{3,9}\.?)"
_DASH = r"\s?(?:--+|[–—|-])\s"
_DATELINES = tuple(
    re.compile(rf"(?P<place>{place}){rest}")
    for place, rest in (
        # "TALLINN, Oct 14 (Reuters) - "; "KHARTUM/GENF taz | "; "ASTANA -- "
        (rf"{_CAPITALS}(?:[ /,]+{_CAPITALS}){{0,3}}", rf"(?:, [\w ]{{3,20}})?(?:, {_MONTHLY})?(?: \({_AGENCY}\)| {_AGENCY})?{_DASH}"),
        # "Berlin (dpa) - "; "Rostow am Don/Moskau, 27. März (dpa) – "
        (rf"{_MIXED}(?:[ /]+[\w'’.-]+){{0,4}}", rf"(?:, [\w ]{{3,20}})?(?:, {_MONTHLY})? \({_AGENCY}(?:/{_AGENCY})*\){_DASH}"),
        # "Москва. 12 марта. INTERFAX.RU - "
        (_MIXED, rf"\. {_MONTHLY}\. {_AGENCY}{_DASH}"),
        # "КИЇВ, 12 лютого – "
        (rf"{_MIXED}(?: {_MIXED})?", rf", {_MONTHLY}{_DASH}"),
    )
)
# "(Казань, 28 июля, «Ведомость»). "
_BRACKET_LINE = re.compile(rf"\({_MIXED},[^()]{{3,60}}\)\.?\s+(?:[–—-]\s)?(?=\S)")
_PLACE_LINE = re.compile(r"(?P<place>[A-ZÄÖÜ][\w'’-]+(?:[ /-](?:[A-ZÄÖÜ][\w'’-]+|am|an|der|im|de|la))*)\.(?:\s[–—-])?\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """What one line of a report says."""

    text: str
    speaker: str = ""
    """Whom a label names as the one quoted: "Дослівно Прокудіна: …"."""
    corrects: bool = False
    """It speaks of the report itself: "Correction: an earlier version said …"."""


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "claim_words.toml").read_text(encoding="utf-8"))


@cache
def _boilerplate() -> re.Pattern[str]:
    return re.compile(rf"^\W*(?:{_data()['boilerplate']['all']})")


@cache
def _labels() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    words = _data()["labels"]
    return (
        re.compile(rf"(?:{words['plain']})"),
        re.compile(rf"(?:{words['quoted']})(?: (?P<who>[^:]{{2,60}}))?: "),
        re.compile(rf"(?:{words['correction']})"),
    )


def read_paragraphs(text: str, language: str) -> Iterator[Paragraph]:
    """Line by line what a report says; headlines, bylines and boilerplate are left out."""
    first = True
    # Some type a closing mark as two apostrophes.
    text = text.replace("’’", "”").replace("‘‘", "“").replace("''", '"')
    lines = [stripped for line in text.split("\n") if (stripped := _without_signs(line.strip()))]
    for number, stripped in enumerate(lines):
        following = lines[number + 1] if number + 1 < len(lines) else ""
        # "The mayor gave the first figures:" before a quotation of its own is no headline.
        announces = stripped.endswith(":") and following.startswith(("«", "„", "“", "»", '"'))
        if not is_paragraph(stripped) and not announces:
            continue
        read = _read(stripped, language, opens=first)
        first = False
        if read.text:
            yield read


def is_boilerplate(text: str) -> bool:
    """Whether a line or a sentence only points elsewhere, or speaks to the reader: "Read more: …"."""
    return _boilerplate().match(fold(text.strip())) is not None


def is_paragraph(line: str) -> bool:
    """Whether a line is a paragraph and no headline, byline or boilerplate."""
    stripped = line.strip()
    if not stripped or is_boilerplate(stripped):
        return False
    return len(stripped) > MAX_HEADLINE or _CLOSED.search(without_signature(stripped)) is not None


def without_signature(text: str) -> str:
    """A paragraph without the initials or agencies in brackets at its end; brackets that say something stay."""
    match = _SIGNATURE.search(text)
    if match is None or not _CLOSED.search(text[: match.start()]) or any(char.isdigit() for char in match.group()):
        return text
    return text[: match.start()]


def _without_signs(line: str) -> str:
    """Without the emoji and bullets of a channel's post at its start and end."""
    start, end = 0, len(line)
    while start < end and (line[start].isspace() or unicodedata.category(line[start]) in _FURNITURE_SIGNS or line[start] in "\ufe0f\u200d"):
        start += 1
    while end > start and (line[end - 1].isspace() or unicodedata.category(line[end - 1]) in _FURNITURE_SIGNS or line[end - 1] == "\ufe0f"):
        end -= 1
    return _BULLET.sub("", line[start:end], count=1) if _BULLET.match(line, start) else line[start:end]


def _read(line: str, language: str, *, opens: bool) -> Paragraph:
    text = line[_dateline_end(line, language, opens=opens) :]
    plain, quoted, correction = _labels()
    corrects = correction.match(fold(text)) is not None
    label = quoted.match(fold(text))
    if label is not None:
        who = text[slice(*label.span("who"))] if label["who"] else ""
        return Paragraph(text=text[label.end() :], speaker=who)
    for _ in range(2):
        label = plain.match(fold(text)) if not corrects else None
        if label is None:
            break
        text = text[label.end() :].lstrip()
    return Paragraph(text=text[:1].upper() + text[1:], corrects=corrects)


def _dateline_end(line: str, language: str, *, opens: bool) -> int:
    """Where the text starts behind "ASTANA -- ", "Berlin (dpa) - ", or "Rostow am Don. " at the head of a report."""
    bracket = _BRACKET_LINE.match(line[:MAX_DATELINE]) if opens else None
    if bracket is not None and any(char.isdigit() for char in bracket.group()):
        return bracket.end()
    for number, pattern in enumerate(_DATELINES):
        match = pattern.match(line[:MAX_DATELINE])
        # "СБУ - це …", "USA – das sind …": capitals alone before a dash are a dateline only where they name a place.
        if match is not None and (number > 0 or _says_where(match, line, language)):
            return match.end()
    match = _PLACE_LINE.match(line[:MAX_DATELINE]) if opens and language == "de" else None
    if match is not None and find_places(f"{_IN[language]} {match['place']}", language):
        return match.end()
    return 0


def _says_where(match: re.Match[str], line: str, language: str) -> bool:
    marked = match.group()[len(match["place"]) :].strip()
    named = " ".join(word.capitalize() for word in re.split(r"[ /,]+", match["place"]))
    return "--" in marked or len(marked) > 2 or (len(named) > 3 and bool(find_places(f"{_IN[language]} {named}", language)))


_IN = {"en": "in", "de": "in", "ru": "в", "uk": "у"}
