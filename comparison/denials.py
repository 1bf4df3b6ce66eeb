"""Whether a text denies what it speaks of. To an encoder a statement and its denial are one sentence."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources

from comparison.folding import fold, known_language


@cache
def _pattern(language: str) -> re.Pattern[str]:
    data = tomllib.loads((resources.files("comparison") / "data" / "denials.toml").read_text(encoding="utf-8"))
    return re.compile(rf"(?<!\w)(?:{data[language]})(?!\w)")


def denies(text: str, language: str) -> bool:
    """Whether a text has words of denial; what exactly it denies is not told.

    >>> denies("Eine solche Anweisung habe es nie gegeben.", "de"), denies("Die Anweisung gab der Vorarbeiter.", "de")
    (True, False)
    >>> denies("The ministry denied that anybody was held there.", "en")
    True
    """
    return _pattern(known_language(language)).search(fold(text)) is not None
