"""The language a text is written in, with what the outlet and the page say about it as prior."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

SAMPLE = 1_000
"""Characters looked at; more does not change the answer."""

GLANCE = 300
"""Characters that are enough to find a text in the language that was expected."""

SLACK = 15.0
"""Difference in log-likelihood up to which the expected language is believed over the likeliest one. A short line is off by some
10 between sister languages; a paragraph in another language by hundreds."""

MIN_LETTERS = 20
"""Below this a text says nothing that a prior would not say better."""

_OWN_WORDS = {
    "en": frozenset((
        "the", "and", "that", "with", "for", "from", "his", "this", "have", "has", "been", "are", "were", "which", "by", "be", "they",
        "their", "said", "will", "not", "who", "it",
    )),
    "de": frozenset((
        "und", "der", "das", "für", "mit", "nicht", "ist", "sich", "auf", "von", "dem", "ein", "eine", "einer", "im", "zu", "auch", "wird",
        "nach", "bei", "aus", "sie",
    )),
}  # fmt: skip
"""Small words that make a fifth of running text in their language, and none of which, or hardly one, is another's."""

_OWN_SHARE = 0.12
_OWN_LEAST = 25
"""Share of a glance's words that must be among those, and of how many at least. Asking takes a tenth of what the model takes."""

_ONLY_UKRAINIAN = "іїєґІЇЄҐ"
_ONLY_RUSSIAN = "ыэъёЫЭЪЁ"
_BELARUSIAN = "ўЎ"


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)


def warm_up() -> None:
    """Load the model now (0.7 s), so that the fork server does it once for all its workers."""
    _identifier()


def detect_language(text: str, expected: Sequence[str] = ()) -> str:
    """ISO 639-1 code. ``expected`` are codes in the order of trust (the outlet's, the page's); empty when nothing is known.

    A text too short to tell gets the first expected language.
    """
    expected = [code for code in expected if code]
    sample = " ".join(text[:SAMPLE].split())
    if sum(map(str.isalpha, sample[:100])) < MIN_LETTERS and sum(map(str.isalpha, sample)) < MIN_LETTERS:
        return expected[0] if expected else ""
    by_letters = _by_letters(sample)
    if by_letters and by_letters in expected:
        return by_letters
    if expected and _is_worded(sample[:GLANCE], expected[0]):
        return expected[0]
    scores = _score(sample[:GLANCE])
    best = max(scores, key=scores.__getitem__)
    if [best] == expected[:1]:
        return best
    scores = _score(sample)
    best = max(scores, key=scores.__getitem__)
    for code in expected:
        if code in scores and scores[best] - scores[code] <= SLACK:
            return code
    return best


def _score(sample: str) -> dict[str, float]:
    """Log-likelihood of each language."""
    scores: dict[str, float] = {}
    for label, score in _identifier().rank(sample):
        scores.setdefault(label[:2], float(score))
    return scores


def _is_worded(sample: str, language: str) -> bool:
    """Whether the sample is clearly in this language, by its small words; False where it is not, or we know none of the language's."""
    own = _OWN_WORDS.get(language)
    words = sample.casefold().split()
    return own is not None and len(words) >= _OWN_LEAST and sum(word in own for word in words) >= _OWN_SHARE * len(words)


def _by_letters(sample: str) -> str:
    """Russian and Ukrainian, told apart by the letters that only one of them has; empty unless the sample is clearly one."""
    if sample.isascii():
        return ""
    ukrainian, russian, belarusian = (sum(map(sample.count, letters)) for letters in (_ONLY_UKRAINIAN, _ONLY_RUSSIAN, _BELARUSIAN))
    if max(ukrainian, russian) < 5 or belarusian:
        return ""
    if ukrainian > 8 * russian:
        return "uk"
    return "ru" if russian > 8 * ukrainian else ""
