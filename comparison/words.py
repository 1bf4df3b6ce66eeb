"""Words of a text that are written with a capital."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORDS = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")


def capitalised(text: str) -> Iterator[str]:
    """In order, with repetitions."""
    return (word for word in _WORDS.findall(text) if word[0].isupper())
