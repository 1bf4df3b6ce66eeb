"""A few words around what was found, from the original text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from functools import lru_cache

from storage.lemmas import MAX_TOKEN, WordList, lowered, token_lemmas
from storage.spellings import NAME_MARK, name_keys

OPEN, CLOSE = "\u27e6", "\u27e7"
"""Around each word found; the printer replaces them."""
BEFORE, WORDS = 6, 32
"""Words before the first one found, and words altogether."""
MAX_WORDS = 20_000
"""Words of a text that are looked at."""
_UNMARKED = (OPEN, CLOSE, "\n", "\t")


def make_snippet(text: str, language: str, lemmas: Collection[str], prefixes: Collection[str] = (), indexed: str = "") -> str:
    """The stretch of ``text`` with most different words found, marked; its beginning when none is (the headline had them).

    ``indexed`` is what the full-text index holds of this text (see storage.lemmas.index_words): with it only the words found are
    brought to their lemma, not all of the text.

    >>> make_snippet("They hid in the basements.", "en", {"basement"})
    'They hid in the ⟦basements⟧.'
    """
    for mark in _UNMARKED:
        text = text.replace(mark, " ")
    found = WordList(text, MAX_WORDS)
    if not found.words:
        return text[:200].strip()
    wanted, begins = frozenset(lemmas), tuple(prefixes)
    matched = _matched_by_index(found.words, indexed.split(), language, wanted, begins) if indexed else None
    if matched is None:
        matched = _matched(found.words, language, wanted, begins)
    start = _best_start([(index, matched[word]) for index, word in enumerate(found.words) if word in matched], len(found.words))
    end = min(len(found.words), start + WORDS)
    spans = found.spans(start, end)
    begin_at = 0 if start == 0 else spans[0][0]
    end_at = len(text) if end == len(found.words) else spans[-1][1]
    pieces = []
    at = begin_at
    for word, (word_at, word_end) in zip(found.words[start:end], spans, strict=True):
        if word in matched:
            pieces += [text[at:word_at], OPEN, text[word_at:word_end], CLOSE]
            at = word_end
    pieces.append(text[at:end_at])
    shown = " ".join("".join(pieces).split())
    return f"{'… ' if start else ''}{shown}{' …' if end < len(found.words) else ''}"


def _matched_by_index(
    words: list[str], indexed: list[str], language: str, lemmas: frozenset[str], prefixes: tuple[str, ...]
) -> dict[str, str] | None:
    """As ``_matched``, read off the index, which has a lemma for each word in order, and keys of names behind them.

    None where the two do not stand side by side: a text that was indexed by other rules, or holds a word that has no lemma.
    """
    matched = {}
    names = False
    for place, lemma in enumerate(indexed):
        if lemma in lemmas or (prefixes and lemma.startswith(prefixes)):
            if place < len(words) and lemma in _forms(words[place], language, False):
                matched[words[place]] = lemma
            elif lemma.startswith(NAME_MARK):
                names = True
            elif place < MAX_WORDS:
                return None
    if names:
        # Only what is written with a capital has a key.
        for word in {word for word in words if word[0].isupper()} - matched.keys():
            if len(word) <= MAX_TOKEN and (found := lemmas.intersection(name_keys(lowered(word), language))):
                matched[word] = min(found)
    return matched


def _matched(words: list[str], language: str, lemmas: frozenset[str], prefixes: tuple[str, ...]) -> dict[str, str]:
    """Word -> the lemma, or the key of a name, under which it was found; words that were not are missing."""
    keyed = any(lemma.startswith(NAME_MARK) for lemma in lemmas)
    matched = {}
    # A text repeats its words, so each is looked at once.
    for word in set(words):
        for form in _forms(word, language, keyed):
            if form in lemmas or (prefixes and form.startswith(prefixes)):
                matched[word] = form
                break
    return matched


@lru_cache(maxsize=200_000)
def _forms(word: str, language: str, keyed: bool) -> tuple[str, ...]:
    """What the index has for a word as it is written: its lemma and, where the query names somebody or something, keys of names."""
    if len(word) > MAX_TOKEN:
        return ()
    token = lowered(word)
    return (*token_lemmas(token, (language,)), *(name_keys(token, language) if keyed else ()))


def _best_start(hits: list[tuple[int, str]], count: int) -> int:
    """Where the stretch begins, given the places of the words found and what each was found under, of ``count`` words."""
    if not hits:
        return 0
    best, best_score = hits[0][0], (0, 0)
    inside: Counter[str] = Counter()
    ahead = 0
    for number, (index, lemma) in enumerate(hits):
        while ahead < len(hits) and hits[ahead][0] < index + WORDS - BEFORE:
            inside[hits[ahead][1]] += 1
            ahead += 1
        score = (len(inside), ahead - number)
        if score > best_score:
            best, best_score = index, score
        inside[lemma] -= 1
        if not inside[lemma]:
            del inside[lemma]
    return max(0, min(best - BEFORE, count - WORDS))
