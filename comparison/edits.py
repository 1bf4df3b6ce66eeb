"""What a publisher changed between two versions of a text: sentences kept, changed, moved, added and taken out, word by word. Pure.

Sentences are aligned, not lines: a paragraph that was cut in two, or moved, is no edit of its words.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from comparison.passages import sentences
from storage.identity import normalise_text

REWORDED = 0.4
"""Share of two sentences' words in common (twice the common ones of all) from which one is the other, reworded."""
STAYED = 0.1
"""By how much two sentences between the same neighbours may be less alike than two that would have moved."""
MANY_SENTENCES = 2_000
LOOKED_AT = 8
"""Sentences that are measured for having become a given one: those that share most of its words."""
TOO_COMMON = 200
"""Sentences of which a word may stand in that many at most to find any."""
CONTEXT = 3
"""Words shown before and behind a changed run."""

_TOKEN = re.compile(r"\w+(?:[.,:/'’ʼ-]\w+)*|[^\w\s]")


class EditKind(StrEnum):
    KEPT = "kept"
    CHANGED = "changed"
    MOVED = "moved"
    """In another place; its words may have changed as well."""
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of one sentence: in both versions, only in the old one, only in the new one."""

    kind: EditKind
    """KEPT, REMOVED or ADDED."""
    text: str
    """With the spaces that stand before its first word in the version that it is from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One sentence of either version, or the headline."""

    kind: EditKind
    old: str
    """Empty when added."""
    new: str
    """Empty when removed."""
    old_paragraph: int | None
    """From 1; 0 is the headline; None when added."""
    new_paragraph: int | None
    pieces: tuple[Piece, ...]
    """In reading order; the kept and added ones make up ``new``, the kept and removed ones ``old`` (but for trivial marks)."""


@dataclass(frozen=True, slots=True)
class _Sentence:
    text: str
    paragraph: int
    key: str
    words: Counter[str]


def find_edits(old_title: str, old_text: str, new_title: str, new_text: str, language: str) -> tuple[Edit, ...]:
    """Every sentence of both versions, in the new one's order; what was taken out stands where it stood. The headline comes first.

    >>> [(edit.kind.value, edit.new) for edit in find_edits("A", "Ten came. All sat.", "A", "All sat. Two came.", "en")]
    [('kept', 'A'), ('kept', 'All sat.'), ('moved', 'Two came.')]
    """
    before, after = _split(old_text, language), _split(new_text, language)
    pairs = _align(before, after)
    in_order = _longest_rising(sorted(pairs.items()))
    edits = [_edit(_headline(old_title), _headline(new_title), moved=False)] if old_title or new_title else []
    by_new = {new: old for old, new in pairs.items()}
    left = [index for index in range(len(before)) if index not in pairs]
    for new, sentence in enumerate(after):
        old = by_new.get(new)
        if old is not None and old in in_order:
            while left and left[0] < old:
                edits.append(_edit(before[left.pop(0)], None, moved=False))
        edits.append(_edit(None if old is None else before[old], sentence, moved=old is not None and old not in in_order))
    edits.extend(_edit(before[index], None, moved=False) for index in left)
    return tuple(edits)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordChange:
    """One changed run of words, with up to three words of context on both sides."""

    part: str
    """"title" or "text"."""
    old: str
    new: str
    removed: str
    added: str
    moved: bool = False
    """The sentence around it stands in another place."""


def word_changes(edits: Iterable[Edit]) -> Iterator[WordChange]:
    """The changed runs of all edits, in order. A sentence that only moved has none."""
    for edit in edits:
        part = "title" if 0 in (edit.old_paragraph, edit.new_paragraph) else "text"
        pieces = edit.pieces
        index = 0
        while index < len(pieces):
            if pieces[index].kind is EditKind.KEPT:
                index += 1
                continue
            run = [piece for piece in pieces[index : index + 2] if piece.kind is not EditKind.KEPT]
            removed = "".join(piece.text for piece in run if piece.kind is EditKind.REMOVED).strip()
            added = "".join(piece.text for piece in run if piece.kind is EditKind.ADDED).strip()
            before = pieces[index - 1].text.split()[-CONTEXT:] if index else []
            index += len(run)
            behind = pieces[index].text.split()[:CONTEXT] if index < len(pieces) else []
            yield WordChange(
                part=part,
                old=" ".join([*before, *removed.split(), *behind]),
                new=" ".join([*before, *added.split(), *behind]),
                removed=removed,
                added=added,
                moved=edit.kind is EditKind.MOVED,
            )


def _split(text: str, language: str) -> list[_Sentence]:
    found: list[_Sentence] = []
    paragraph, at = 1, 0
    for span in sentences(text, language):
        # A line break always ends a sentence, so that it stands between two.
        paragraph += bool(found) and "\n" in text[at : span.start]
        at = span.end
        found.append(_sentence(text[span.start : span.end], paragraph))
    return found


def _sentence(text: str, paragraph: int) -> _Sentence:
    return _Sentence(text, paragraph, normalise_text(text), Counter(word for word in _keys(text) if word[:1].isalnum()))


def _headline(title: str) -> _Sentence | None:
    return _sentence(title, 0) if title else None


def _keys(text: str) -> list[str]:
    return [normalise_text(token) for token in _TOKEN.findall(text)]


def _align(before: Sequence[_Sentence], after: Sequence[_Sentence]) -> dict[int, int]:
    """Old index -> new index: equal sentences in order, then equal ones elsewhere, then reworded ones, the likest first."""
    pairs: dict[int, int] = {}
    keys = [one.key for one in before], [one.key for one in after]
    # Only beyond the longest live blogs: a text of one sentence, repeated, would otherwise take the square of its length.
    matcher = SequenceMatcher(None, *keys, autojunk=max(map(len, keys)) > MANY_SENTENCES)
    for start, there, size in matcher.get_matching_blocks():
        pairs.update((start + offset, there + offset) for offset in range(size))
    anchors = sorted(pairs.items())
    _pair_equal(before, after, pairs)
    taken = set(pairs.values())
    right = {index: sentence for index, sentence in enumerate(after) if index not in taken}
    postings = _postings(right)
    candidates: list[tuple[float, int, int, int]] = []
    for old, one in enumerate(before):
        if old in pairs:
            continue
        shared = Counter(new for word in one.words for new in postings.get(word, ()))
        for new, _ in shared.most_common(LOOKED_AT):
            other = right[new]
            likeness = 2 * (one.words & other.words).total() / (one.words.total() + other.words.total())
            if likeness >= REWORDED:
                stays = all((a < old) == (b < new) for a, b in anchors)
                candidates.append((likeness + STAYED * stays, -abs(old - new), old, new))
    for _, _, old, new in sorted(candidates, reverse=True):
        if old not in pairs and new not in taken:
            pairs[old] = new
            taken.add(new)
    return pairs


def _postings(sentences_: Mapping[int, _Sentence]) -> dict[str, list[int]]:
    """Word -> the sentences that have it; words that stand in very many are left out, since they tell nothing apart."""
    found: dict[str, list[int]] = {}
    for index, sentence in sentences_.items():
        for word in sentence.words:
            found.setdefault(word, []).append(index)
    return {word: indexes for word, indexes in found.items() if len(indexes) <= TOO_COMMON}


def _pair_equal(before: Sequence[_Sentence], after: Sequence[_Sentence], pairs: dict[int, int]) -> None:
    """Equal sentences that stand elsewhere, in order of appearance."""
    taken = set(pairs.values())
    free: dict[str, list[int]] = {}
    for new, other in enumerate(after):
        if new not in taken:
            free.setdefault(other.key, []).append(new)
    for old, one in enumerate(before):
        if old not in pairs and free.get(one.key):
            pairs[old] = free[one.key].pop(0)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> frozenset[int]:
    """The old indexes of the longest run of pairs whose new ones rise too: all others have moved."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, new) in enumerate(pairs):
        length = bisect_left(tails, new)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [new]
        ends[length : length + 1] = [index]
    found: set[int] = set()
    index = ends[-1] if ends else -1
    while index >= 0:
        found.add(pairs[index][0])
        index = before[index]
    return frozenset(found)


def _edit(old: _Sentence | None, new: _Sentence | None, *, moved: bool) -> Edit:
    if old is None or new is None:
        kind, only = (EditKind.ADDED, new) if old is None else (EditKind.REMOVED, old)
        assert only is not None
        pieces: tuple[Piece, ...] = (Piece(kind, only.text),)
    else:
        pieces = tuple(_pieces(old.text, new.text))
        same = all(piece.kind is EditKind.KEPT for piece in pieces)
        kind = EditKind.MOVED if moved else EditKind.KEPT if same else EditKind.CHANGED
    return Edit(
        kind=kind,
        old=old.text if old else "",
        new=new.text if new else "",
        old_paragraph=old.paragraph if old else None,
        new_paragraph=new.paragraph if new else None,
        pieces=pieces,
    )


def _pieces(old: str, new: str) -> Iterator[Piece]:
    """Word by word; a removed run comes before the added one that takes its place."""
    before, after = list(_TOKEN.finditer(old)), list(_TOKEN.finditer(new))
    matcher = SequenceMatcher(
        None, [normalise_text(match[0]) for match in before], [normalise_text(match[0]) for match in after], autojunk=False
    )
    for operation, i1, i2, j1, j2 in _runs(matcher.get_opcodes()):
        if operation == "equal":
            yield Piece(EditKind.KEPT, _cut(new, after, j1, j2))
            continue
        if i2 > i1:
            yield Piece(EditKind.REMOVED, _cut(old, before, i1, i2))
        if j2 > j1:
            yield Piece(EditKind.ADDED, _cut(new, after, j1, j2))


def _runs(opcodes: Iterable[tuple[str, int, int, int, int]]) -> list[tuple[str, int, int, int, int]]:
    """The operations, with a single word that is equal by chance between two changes of several words taken into them."""
    found: list[tuple[str, int, int, int, int]] = []
    operations = list(opcodes)
    for index, (operation, i1, i2, j1, j2) in enumerate(operations):
        is_between = 0 < index < len(operations) - 1 and operation == "equal" and i2 - i1 == 1
        by_chance = is_between and all(max(o[2] - o[1], o[4] - o[3]) > 1 for o in (operations[index - 1], operations[index + 1]))
        kept = operation == "equal" and not by_chance
        if found and not kept and found[-1][0] != "equal":
            _, start, _, other, _ = found.pop()
            found.append(("replace", start, i2, other, j2))
        else:
            found.append(("equal" if kept else "replace", i1, i2, j1, j2))
    return found


def _cut(text: str, tokens: Sequence[re.Match[str]], first: int, last: int) -> str:
    start = tokens[first - 1].end() if first else 0
    return text[start : tokens[last - 1].end()] if last < len(tokens) else text[start:]
