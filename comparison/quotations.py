"""Direct speech in a paragraph: which sentences are somebody's words, whose, and how they are cut out with their marks. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from comparison.passages import Span

MAX_NAME_WORDS = 4
"""A quotation of so many words that opens with a capital and has no closing mark is a title: «Новости Донбасса»."""

HIDDEN = '"'
"""What stands for every letter of direct speech where only the words around it are to be read."""

_CLOSERS = {"«": "»", "„": "“”", "“": "”", "»": "«", '"': '"'}
_TOLD = re.compile(r"(?<=[,.!?…»]) [—–-] (?=[^\W\d_A-ZА-ЯІЇЄҐ])[^—–]{2,160}?(?:[.:,!?](?= [—–-] )|\.?$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """Direct speech between ``start`` and ``end`` of a paragraph, its marks included."""

    start: int
    end: int
    opening: str
    closing: str


def find_quotations(text: str, language: str) -> tuple[Quotation, ...]:
    """The direct speech of a paragraph, in order; names and titles between marks are none. What is never closed goes on to the end.

    >>> [(q.start, q.end) for q in find_quotations('"We ran. Nobody came," she told "The Courier".', "en")]
    [(0, 22)]
    """
    if language in ("ru", "uk") and text[:2] in ("— ", "– ", "- "):
        return tuple(_dialogue(text))
    found = []
    opened: int | None = None
    depth = 0
    for position, char in enumerate(text):
        if opened is None:
            if char in _CLOSERS and _opens(text, position, language):
                opened, depth = position, 1
        elif char in _CLOSERS[text[opened]]:
            depth -= 1
            if not depth:
                found.append(_quotation(text, opened, position + 1))
                opened = None
        elif char == text[opened]:
            depth += 1
    if opened is not None and (text[opened] != '"' or opened == 0):
        found.append(_quotation(text, opened, len(text), closed=False))
    return tuple(one for one in found if not _is_title(text[one.start + 1 : one.end - 1]))


def _opens(text: str, position: int, language: str) -> bool:
    if text[position] == "»":
        return language == "de" and (position == 0 or not text[position - 1].isalnum()) and text[position + 1 : position + 2].strip() != ""
    return text[position] != "“" or language != "de"


def _quotation(text: str, start: int, end: int, *, closed: bool = True) -> Quotation:
    return Quotation(start=start, end=end, opening=text[start], closing=text[end - 1] if closed else _CLOSERS[text[start]][0])


def _dialogue(text: str) -> list[Quotation]:
    """A paragraph that opens with a dash is speech, but for what stands between further dashes: "— Пусто, — сказал он. — Никого."."""
    found = []
    position = 0
    for match in _TOLD.finditer(text):
        found.append(Quotation(start=position, end=match.start(), opening="", closing=""))
        position = match.end()
    if position < len(text):
        found.append(Quotation(start=position, end=len(text), opening="", closing=""))
    return found


def _is_title(inner: str) -> bool:
    words = inner.split()
    return len(words) <= MAX_NAME_WORDS and inner[:1].isupper() and inner[-1:] not in ".,!?…" and not re.search(r"[.!?…] ", inner)


def hide_speech(text: str, span: Span, quotations: Sequence[Quotation]) -> str:
    """The sentence with every letter of direct speech hidden, of the same length: who "said" within it says nothing of it."""
    hidden = list(text[span.start : span.end])
    for one in quotations:
        for position in range(max(one.start, span.start), min(one.end, span.end)):
            if hidden[position - span.start] not in ",.!?" or position < one.end - 2:
                hidden[position - span.start] = HIDDEN
    return "".join(hidden)


def quotation_around(text: str, span: Span, quotations: Sequence[Quotation]) -> int | None:
    """Index of the quotation that a sentence lies in wholly; None where it lies in none, or has words of the report's own.

    A full stop behind the closing mark is the report's, but no word.
    """
    end = span.start + len(text[span.start : span.end].rstrip(".,;!? "))
    return next((number for number, one in enumerate(quotations) if one.start <= span.start and end <= one.end), None)


def cut_out(text: str, span: Span, quotations: Sequence[Quotation]) -> str:
    """A sentence of the paragraph, with both marks of a quotation that begins or ends in another sentence."""
    sentence = text[span.start : span.end]
    for one in quotations:
        if not one.opening or one.end <= span.start or span.end <= one.start:
            continue
        if one.start < span.start:
            sentence = one.opening + sentence
        if span.end < one.end or (one.end == len(text) and not text[: one.end].endswith(one.closing)):
            sentence = sentence + one.closing
    return sentence
