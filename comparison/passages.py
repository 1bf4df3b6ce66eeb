"""Sentences of a text and the windows over them that are compared with claims. Spans are half-open, in code points."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """``text[start:end]``, without spaces at its ends."""

    start: int
    end: int


MAX_SENTENCE = 700
"""Characters; a longer one is a list or a table and is cut at semicolons, then hard."""

MAX_PAIR = 700
"""Characters of two sentences taken together; beyond it a passage says too many things to be one."""

_END = re.compile(r"[.!?…]+[\"'»”“’)\]]*")
_CLOSERS = "\"'»”’)]"
_OPENERS = "\"'«„“‘([—–-"

_ABBREVIATIONS = {
    "en": "mr mrs ms dr st gen col lt sgt maj capt cpl prof rev hon sen rep gov pres sr jr inc ltd co corp vs approx est dept etc eg ie al jan feb mar apr jun jul aug sep sept oct nov dec mt ft",
    "de": "z b d h u a o s dr prof ca bzw usw nr mio mrd abs st str vgl inkl evtl ggf sog jh bspw etc hl dipl ing jan feb mär apr jun jul aug sep sept okt nov dez tsd std min art bd hrsg co",
    "ru": "г гг ул д т е п с пос обл р стр им тыс млн млрд руб коп др пр св см рис кв корп г-н г-жа проф акад ген полк кап лейт ст напр англ лат нем укр рус чел экз мин сек час ок янв февр апр авг сент окт нояб дек",
    "uk": "р рр м с смт вул обл ім тис млн млрд грн коп т зв напр ін див стор кв корп проф акад ген полк кап ст англ лат нім рос укр п пан чол хв год см д буд пл просп",
}  # fmt: skip
_KNOWN = {language: frozenset(words.split()) for language, words in _ABBREVIATIONS.items()}
_EVERY = frozenset().union(*_KNOWN.values())
_ENDS_SENTENCE_TOO = frozenset({"etc", "usw", "др", "пр", "ін", "г", "гг", "р", "рр", "co", "inc", "ltd", "тыс", "млн", "млрд", "руб", "грн", "тис", "jr", "sr", "mio", "mrd"})
"""Abbreviations that also close sentences: only a capital letter that opens a word of more than one letter decides."""

_BEFORE_NUMBERS = frozenset({"no", "nos", "fig", "nr", "art", "abs", "§", "ст", "стр", "см", "рис", "кв", "корп", "тел", "стор", "vol", "pp"})
"""Abbreviations only before a digit; elsewhere the same letters are a word ("no.")."""

_LAST_WORD = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?|\d+)\.$")


def sentences(text: str, language: str) -> tuple[Span, ...]:
    """The sentences of ``text``, in order. A line break always ends one, since it ends a paragraph.

    >>> text = "Er kam am 14. November z. B. mit Dr. Rot. Dann ging er."
    >>> [text[s.start:s.end] for s in sentences(text, "de")]
    ['Er kam am 14. November z. B. mit Dr. Rot.', 'Dann ging er.']
    """
    found: list[Span] = []
    offset = 0
    for line in text.split("\n"):
        start = offset
        for match in _END.finditer(text, offset, offset + len(line)):
            if match.end() > start and _breaks(text, match, offset + len(line), language):
                found.extend(_trimmed(text, start, match.end()))
                start = match.end()
        found.extend(_trimmed(text, start, offset + len(line)))
        offset += len(line) + 1
    return tuple(found)


def _breaks(text: str, match: re.Match[str], line_end: int, language: str) -> bool:
    """Whether a full stop or its like ends a sentence."""
    position = match.end()
    if position >= line_end:
        return True
    if not text[position].isspace():
        return False
    while position < line_end and (text[position].isspace() or text[position] in _OPENERS):
        position += 1
    if position >= line_end:
        return True
    following = text[position]
    if following.islower():
        return False
    mark = match.group()
    if mark[0] != "." or len(mark.rstrip(_CLOSERS)) > 1:
        return True
    word = _LAST_WORD.search(text, max(0, match.start() - 30), match.start() + 1)
    if word is None:
        return True
    last = word[1]
    if last.isdigit():
        # "am 14. November", "die 3. Armee": in German a short number with a full stop is an ordinal before a noun.
        return not (language == "de" and len(last) <= 2 and following.isupper() and mark == ".")
    lowered = last.lower()
    if len(last) == 1 and (last.isupper() or lowered in _KNOWN.get(language, _EVERY)):
        return lowered in ("г", "р") and last.islower() and _opens_word(text, position)
    if lowered in _BEFORE_NUMBERS:
        return not following.isdigit()
    if lowered in _KNOWN.get(language, _EVERY):
        return lowered in _ENDS_SENTENCE_TOO and following.isupper() and _opens_word(text, position)
    return True


def _opens_word(text: str, position: int) -> bool:
    return position + 1 < len(text) and text[position + 1].isalpha()


def _trimmed(text: str, start: int, end: int) -> list[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if not any(char.isalnum() for char in text[start:end]):
        return []
    if end - start <= MAX_SENTENCE:
        return [Span(start, end)]
    cut = text.rfind("; ", start + 1, start + MAX_SENTENCE)
    cut = cut + 1 if cut > start else text.rfind(" ", start + 1, start + MAX_SENTENCE)
    cut = cut if cut > start else start + MAX_SENTENCE
    return [*_trimmed(text, start, cut), *_trimmed(text, cut, end)]


def windows(text: str, language: str) -> tuple[Span, ...]:
    """All passages to compare: each sentence, then each pair of neighbours that is not too long. Sorted by start, then end."""
    single = sentences(text, language)
    return tuple(sorted((*single, *pairs(single))))


def pairs(single: tuple[Span, ...]) -> tuple[Span, ...]:
    """Two neighbouring sentences each, over a paragraph's end too: many news pages print one sentence a paragraph."""
    return tuple(
        Span(left.start, right.end) for left, right in zip(single, single[1:], strict=False) if right.end - left.start <= MAX_PAIR
    )
