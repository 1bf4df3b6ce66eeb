"""What a publisher's edit changed in numbers, dates, places, names and quotations, told apart from its other words. Pure.

By rule, as a help to the eye: the words of the edit stand beside it. No digit that changed is ever missing. A name in another case,
or a number written as a word, has not changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from rapidfuzz import fuzz

from comparison.dates import find_dates
from comparison.edits import Edit, EditKind
from comparison.facts import ALTERED_QUOTE
from comparison.name_spans import find_names
from comparison.numbers import find_numbers
from comparison.places import find_places
from comparison.quotes import find_quotes, normal_quote
from comparison.sounds import stems, words

FIELDS = ("number", "date", "place", "name", "quotation")

_DIGITS = re.compile(r"\d+(?:[.,:\u00a0\u202f]\d+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactChange:
    """One fact that an edit put in, took out, or put in the place of another."""

    field: str
    """One of FIELDS."""
    old: str
    """As the old version has it; empty when added."""
    new: str
    """Empty when taken out."""

    def __str__(self) -> str:
        if self.old and self.new:
            return f"{self.field}: {self.old} -> {self.new}"
        return f"{self.field} added: {self.new}" if self.new else f"{self.field} removed: {self.old}"


@dataclass(frozen=True, slots=True)
class _Fact:
    field: str
    key: Hashable
    """Equal for two printings of one fact."""
    rank: Hashable
    """Equal for facts of which one may replace the other: the unit of a number."""
    text: str


def fact_changes(edits: Iterable[Edit], language: str, published: datetime | None) -> tuple[FactChange, ...]:
    """The changed facts of all sentences, by field, each in reading order.

    ``published`` is the article's, by which "on Friday" is a date. What one sentence loses and another gains has only moved.
    """
    replaced: list[tuple[_Fact, _Fact]] = []
    lost: list[_Fact] = []
    gained: list[_Fact] = []
    edits = [edit for edit in edits if any(piece.kind is not EditKind.KEPT for piece in edit.pieces)]
    for edit in edits:
        old, new = list(_facts(edit.old, language, published)), list(_facts(edit.new, language, published))
        old, new = _without_common(old, new, _is_same)
        for field in FIELDS[:-1]:
            here = _replace([one for one in old if one.field == field], [one for one in new if one.field == field])
            for before, after in here:
                if before is not None and after is not None:
                    replaced.append((before, after))
                elif before is not None:
                    lost.append(before)
                elif after is not None:
                    gained.append(after)
    lost, gained = _without_common(lost, gained, _is_same)
    found = [FactChange(field=before.field, old=before.text, new=after.text) for before, after in replaced]
    found += [FactChange(field=one.field, old=one.text, new="") for one in lost]
    found += [FactChange(field=one.field, old="", new=one.text) for one in gained]
    found += _quotation_changes(edits)
    return tuple(sorted(dict.fromkeys(found), key=lambda change: FIELDS.index(change.field)))


def _facts(sentence: str, language: str, published: datetime | None) -> Iterator[_Fact]:
    numbers, dates = find_numbers(sentence, language), find_dates(sentence, language, published)
    places = find_places(sentence, language)
    spans = [(number.start, number.end) for number in numbers] + [(date.start, date.end) for date in dates]
    for number in numbers:
        yield _Fact("number", (number.low, number.high, number.approximate, number.unit), number.unit, number.text)
    for date in dates:
        yield _Fact("date", date.value, "", date.text)
    for place in places:
        yield _Fact("place", place.key, "", place.text)
    for start, end in find_names(sentence, language):
        if not any(one.start < end and start < one.end for one in places):
            yield _Fact("name", _name_key(sentence[start:end]), "", sentence[start:end])
    # Clock times, telephone numbers, ordinals, scores: no quantities, and yet digits.
    for match in _DIGITS.finditer(sentence):
        if not any(start <= match.start() and match.end() <= end for start, end in spans):
            yield _Fact("number", match[0], "digits", match[0])


def _name_key(name: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stems(word)) for word, _, _ in words(name))


def _is_same(one: _Fact, other: _Fact) -> bool:
    if one.field != other.field:
        return False
    if one.field == "name":
        assert isinstance(one.key, tuple) and isinstance(other.key, tuple)
        return len(one.key) == len(other.key) and all(a & b for a, b in zip(one.key, other.key, strict=True))
    return one.key == other.key


def _without_common(old: Sequence[_Fact], new: Sequence[_Fact], is_same: Callable[[_Fact, _Fact], bool]) -> tuple[list[_Fact], list[_Fact]]:
    left, right = list(old), list(new)
    for one in old:
        same = next((other for other in right if is_same(one, other)), None)
        if same is not None:
            left.remove(one)
            right.remove(same)
    return left, right


def _replace(old: list[_Fact], new: list[_Fact]) -> Iterator[tuple[_Fact | None, _Fact | None]]:
    """Facts of one sentence beside each other: first those of one unit, then the rest in order."""
    for one in list(old):
        same = next((other for other in new if other.rank == one.rank), None)
        if same is not None:
            old.remove(one)
            new.remove(same)
            yield one, same
    yield from zip_longest(old, new)


def _quotation_changes(edits: Sequence[Edit]) -> Iterator[FactChange]:
    """Over all changed sentences together, since a quotation may be longer than one."""
    old = [(quote, normal_quote(quote)) for quote in find_quotes(" ".join(edit.old for edit in edits if edit.old))]
    new = [(quote, normal_quote(quote)) for quote in find_quotes(" ".join(edit.new for edit in edits if edit.new))]
    kept = {normal for _, normal in old} & {normal for _, normal in new}
    old, new = [one for one in old if one[1] not in kept], [one for one in new if one[1] not in kept]
    for quote, normal in old:
        nearest = max(new, key=lambda other: fuzz.ratio(normal, other[1]), default=None)
        if nearest is not None and fuzz.ratio(normal, nearest[1]) >= ALTERED_QUOTE:
            new.remove(nearest)
            yield FactChange(field="quotation", old=quote, new=nearest[0])
        else:
            yield FactChange(field="quotation", old=quote, new="")
    for quote, _ in new:
        yield FactChange(field="quotation", old="", new=quote)
