"""The German subjunctive of indirect speech: whether a sentence passes on what somebody said, without a word that says so. Pure.

"Die Regierung verkenne die Lage": the third person of the first subjunctive ends in -e where the indicative ends in -t. A word of a
dictionary's verb in that form, in a sentence that nobody says of himself, is one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from simplemma import is_known, lemmatize

_WORD = re.compile(r"(?<![^\W\d_])[a-zäöüß]{3,}e(?![^\W\d_])")
_SPEAKER = re.compile(r"(?<![^\W\d_])(?:ich|wir|mich|mir|uns|wenn|falls|als ob)(?![^\W\d_])", re.IGNORECASE)
_SECOND = re.compile(r"(?<![^\W\d_])(?:hätten|wären|würden)(?![^\W\d_])")


def is_indirect_speech(sentence: str) -> bool:
    """Whether a German sentence is in the subjunctive that passes on what was said; words in direct speech are to be hidden before.

    >>> is_indirect_speech("Die Regierung verkenne die Lage."), is_indirect_speech("Die alte Lage ist ernst.")
    (True, False)
    """
    if _SPEAKER.search(sentence) is not None:
        return False
    return _SECOND.search(sentence) is not None or any(_is_first_subjunctive(match.group()) for match in _WORD.finditer(sentence))


_OTHERWISE = frozenset({"reiche", "laute", "bitte", "danke"})
"""Adjectives and particles that a verb happens to have the form of."""


@lru_cache(maxsize=20_000)
def _is_first_subjunctive(word: str) -> bool:
    stem = word[:-1]
    verb = lemmatize(word, lang="de")
    if word in _OTHERWISE or verb not in (f"{stem}en", f"{stem}n") or not is_known(verb, lang="de"):
        return False
    return (
        is_known(f"{stem}t", lang="de") or is_known(f"{stem}et", lang="de") or word in ("könne", "müsse", "dürfe", "wisse", "werde", "habe")
    )
