"""What a text puts between quotation marks, in the marks of four languages."""

from __future__ import annotations

import re
import unicodedata

MIN_WORDS = 3
"""Shorter quotations are names and irony."""

_QUOTED = re.compile(r"«([^«»]{1,600})»|„([^„“”]{1,600})[“”]|“([^“”]{1,600})”|»([^«»]{1,600})«|\"([^\"\n]{1,600})\"")


def find_quotes(text: str) -> tuple[str, ...]:
    """The quotations of at least three words, without their marks, in order.

    >>> find_quotes('Er sagte: „Wir gehen nicht mehr dorthin.“ Im „Hof“ war es still.')
    ('Wir gehen nicht mehr dorthin.',)
    """
    found = []
    for match in _QUOTED.finditer(text):
        quote = next(group for group in match.groups() if group is not None).strip(" ,;–—-")
        if len(quote.split()) >= MIN_WORDS:
            found.append(quote)
    return tuple(found)


def normal_quote(quote: str) -> str:
    """Lower case, words and single spaces only: what two printings of one quotation have in common."""
    folded = unicodedata.normalize("NFKC", quote).casefold().replace("ё", "е")
    return " ".join(re.findall(r"\w+", folded))
