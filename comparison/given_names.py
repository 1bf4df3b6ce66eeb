"""Whether a word is a common given name, in any case. The list serves redaction and attribution; nobody is looked up by it."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from comparison.sounds import plain, stems


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    lines = files("comparison").joinpath("data/given_names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(plain(name) for line in lines if not line.startswith("#") for name in line.split())


def is_given_name(word: str) -> bool:
    """
    >>> is_given_name("Олені"), is_given_name("Peter"), is_given_name("Keller")
    (True, True, False)
    """
    return bool(set(stems(word)) & _given_names())
