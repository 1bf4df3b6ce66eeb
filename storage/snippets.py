"""A few words around what was found, from the original text. Pure."""

from __future__ import annotations

from collections.abc import Collection

from storage.lemmas import token_lemmas, token_spans
from storage.spellings import NAME_MARK, name_keys

OPEN, CLOSE = "\u27e6", "\u27e7"
"""Around each word found; the printer replaces them."""
BEFORE, WORDS = 6, 32
"""Words before the first one found, and words altogether."""
MAX_WORDS = 20_000
"""Words of a text that are looked at."""
_UNMARKED = str.maketrans({OPEN: " ", CLOSE: " ", "\n": " ", "\t": " "})


def make_snippet(text: str, language: str, lemmas: Collection[str], prefixes: Collection[str] = ()) -> str:
    """The stretch of ``text`` with most different words found, marked; its beginning when none is (the headline had them).

    >>> make_snippet("They hid in the basements.", "en", {"basement"})
    'They hid in the ⟦basements⟧.'
    """
    text = text.translate(_UNMARKED)
    spans = token_spans(text)[:MAX_WORDS]
    if not spans:
        return text[:200].strip()
    # A text repeats its words, so each is looked at once.
    matched = {word: _match(word, language, lemmas, prefixes) for word in {word for word, _, _ in spans}}
    found = [matched[word] for word, _, _ in spans]
    start = _best_start(found)
    end = min(len(spans), start + WORDS)
    begin_at = 0 if start == 0 else spans[start][1]
    end_at = len(text) if end == len(spans) else spans[end - 1][2]
    pieces = []
    at = begin_at
    for index in range(start, end):
        _, word_at, word_end = spans[index]
        if found[index]:
            pieces += [text[at:word_at], OPEN, text[word_at:word_end], CLOSE]
            at = word_end
    pieces.append(text[at:end_at])
    shown = " ".join("".join(pieces).split())
    return f"{'… ' if start else ''}{shown}{' …' if end < len(spans) else ''}"


def _match(word: str, language: str, lemmas: Collection[str], prefixes: Collection[str]) -> str:
    """The lemma, or the key of a name, under which a word was found; empty when it was not."""
    keys = name_keys(word, language) if any(lemma.startswith(NAME_MARK) for lemma in lemmas) else ()
    for lemma in (*token_lemmas(word, (language,)), *keys):
        if lemma in lemmas or any(lemma.startswith(prefix) for prefix in prefixes):
            return lemma
    return ""


def _best_start(found: list[str]) -> int:
    hits = [index for index, lemma in enumerate(found) if lemma]
    if not hits:
        return 0
    best, best_score = hits[0], (0, 0)
    for index in hits:
        inside = [found[other] for other in hits if index <= other < index + WORDS - BEFORE]
        score = (len(set(inside)), len(inside))
        if score > best_score:
            best, best_score = index, score
    return max(0, min(best - BEFORE, len(found) - WORDS))
