"""Kinds of public bodies whose word every medium passes on: police, prosecutors, fire brigades, health authorities. Pure.

Two outlets that quote the same kind of body may have one press release before them, so they are one origin. Of which town the police are
is not read: two forces count as one, which is too little rather than too much.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files

from comparison.folding import LANGUAGES, fold

OFFICE = "office:"
"""Begins the key of such a body among origins."""


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = tomllib.loads(files("comparison").joinpath("data/offices.toml").read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=8)
def _nouns(language: str) -> Mapping[str, re.Pattern[str]]:
    return {key: re.compile(rf"\b(?:{office[language]})\b") for key, office in _table().items()}


def find_offices(folded: str, language: str) -> Iterator[tuple[str, int, int]]:
    """Key and span of every noun for a public body in folded text of one of the four languages.

    >>> list(find_offices("nach angaben der feuerwehr", "de"))
    [('office:emergency', 17, 26)]
    """
    for key, nouns in _nouns(language).items():
        for match in nouns.finditer(folded):
            yield f"{OFFICE}{key}", match.start(), match.end()


def office_name(key: str) -> str:
    """What a body of that key is called in a matrix.

    >>> office_name("office:police")
    'police'
    """
    return _table()[key.removeprefix(OFFICE)]["name"]


def office_of(outlet_name: str) -> str | None:
    """The key of the public body that publishes under a name; None for media.

    >>> office_of("Landespolizei Brandenburg"), office_of("Abendpost")
    ('office:police', None)
    """
    folded = fold(outlet_name)
    return next((key for language in LANGUAGES for key, _, _ in find_offices(folded, language)), None)
