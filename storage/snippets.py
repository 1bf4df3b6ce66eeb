"""A few words around what was found, from the original text. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache

from storage.lemmas import MAX_TOKEN, WordList, first_spans, is_prepared, lowered, token_lemmas
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
    wanted, begins = frozenset(lemmas), tuple(prefixes)
    if indexed and is_prepared(text) and (quick := _snippet_by_places(text, language, _places(indexed, wanted, begins))) is not None:
        return quick
    found = WordList(text, MAX_WORDS)
    if not found.words:
        return text[:200].strip()
    matched = _matched_by_index(found.words, indexed.split(), language, wanted, begins) if indexed else None
    if matched is None:
        matched = _matched(found.words, language, wanted, begins)
    start = _best_start([(index, matched[word]) for index, word in enumerate(found.words) if word in matched])
    start = max(0, min(start, len(found.words) - WORDS))
    end = min(len(found.words), start + WORDS)
    spans = found.spans(start, end)
    marked = [span for word, span in zip(found.words[start:end], spans, strict=True) if word in matched]
    return _cut_out(text, spans, marked, begins=start == 0, ends=end == len(found.words))


def _cut_out(text: str, spans: Sequence[tuple[int, int]], marked: Sequence[tuple[int, int]], *, begins: bool, ends: bool) -> str:
    """The stretch from the first of ``spans`` to the last, or from the beginning and to the end of the text, with words marked."""
    pieces = []
    at = 0 if begins else spans[0][0]
    for word_at, word_end in marked:
        pieces += [text[at:word_at], OPEN, text[word_at:word_end], CLOSE]
        at = word_end
    pieces.append(text[at:] if ends else text[at : spans[-1][1]])
    shown = " ".join("".join(pieces).split())
    return f"{'' if begins else '… '}{shown}{'' if ends else ' …'}"


def _places(indexed: str, lemmas: frozenset[str], prefixes: tuple[str, ...]) -> list[tuple[int, str]]:
    """Numbers of the words in the index that are among ``lemmas`` or begin so, ascending, each with its lemma."""
    padded = f" {indexed} "
    found = {}
    for sought in [*(f" {lemma} " for lemma in lemmas), *(f" {prefix}" for prefix in prefixes)]:
        at = place = 0
        while (next_at := padded.find(sought, at)) >= 0:
            place += padded.count(" ", at, next_at)
            found[place] = padded[next_at + 1 : padded.index(" ", next_at + 1)]
            at = next_at + 1
            place += 1
    return sorted(found.items())


def _snippet_by_places(text: str, language: str, hits: list[tuple[int, str]]) -> str | None:
    """The same from the places that the index has of the words found: only the words before the end of the stretch are looked for.

    None where a name's key is among them, which stands behind the text, or where index and text do not stand side by side.
    """
    if any(place >= MAX_WORDS or lemma.startswith(NAME_MARK) for place, lemma in hits):
        return None
    wish = max(0, _best_start(hits))
    # One more, to know whether the text goes on.
    spans = first_spans(text, wish + WORDS + 1)
    start, ends = max(0, min(wish, len(spans) - WORDS)), len(spans) <= wish + WORDS
    shown = spans[start : start + WORDS]
    marked = []
    for place, lemma in hits:
        if start <= place < start + WORDS:
            if place >= len(spans) or lemma not in _forms(text[slice(*spans[place])], language, False):
                return None
            marked.append(spans[place])
    return _cut_out(text, shown, marked, begins=start == 0, ends=ends) if shown else None


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


def _best_start(hits: list[tuple[int, str]]) -> int:
    """Where the stretch would best begin, given the places of the words found and what each was found under; may be before the first."""
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
    return best - BEFORE
