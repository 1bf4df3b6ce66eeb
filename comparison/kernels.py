"""The kernel of a passage: what it says, without who says it. Encoders see kernels, people see passages.

An attribution, a dash of dialogue and the marks of a quotation pull a vector towards "somebody is quoted" and away from what is
said. On the development set leaving them out raises the average precision; where nothing is left out the kernel is the text.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from comparison.folding import LANGUAGES, fold

MIN_WORDS = 3
"""A kernel of fewer words says nothing: then the text stays as it is."""

_MARKS = re.compile(r"[«»„“”\"]|(?<!\w)['‘’](?=\w)|(?<=[\w,.!?])['’](?!\w)")
_OPENING_DASH = re.compile(r"^\s*[–—-]\s+")
_WORD = re.compile(r"\w+")
_SPACES = re.compile(r"\s+")
_LOOSE = re.compile(r"\s+([,.;:!?])")
_DOUBLED = re.compile(r"([,–—-])(?:\s*[,–—-])+")


@dataclass(frozen=True, slots=True)
class _Patterns:
    opening: re.Pattern[str]
    inserted: re.Pattern[str]
    closing: re.Pattern[str]
    hearsay: re.Pattern[str]


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "attributions.toml").read_text(encoding="utf-8"))


@cache
def _patterns(language: str) -> _Patterns:
    data = _data()
    verbs, opening = data["verbs"][language], data["opening"][language]
    # What parts a quotation or a reported sentence from its attribution: a closing mark, a comma, a dash, or several of them.
    seam = r"(?:[,!?…]?(?<=[\w.,!?…])[»”“\"][,.]?|[,!?…]|\s[–—-])\s*(?:[,–—-]\s*)?"
    who = r"[^,.!?;:–—«»„“”\"]"
    # English and German also put the speaker first: ", the sister said."
    subject = rf"(?:{who}{{2,60}} )?" if language == "en" else ""
    said = rf"{subject}(?:{verbs})(?!\w)"
    return _Patterns(
        opening=re.compile(rf"^\W*(?:{opening}),\s+(?:(?:that|dass|что|що)\s+)?"),
        # ", говорит он," and "», – сказал он. –" between two parts of what is said.
        inserted=re.compile(rf"{seam}{said}{who}{{0,60}}(?:,|[.,]?\s*[–—-])\s*(?=[«„“\"]?\w)"),
        # ", – рассказывает Дарья, сестра солдата." up to the end.
        closing=re.compile(rf"{seam}{said}[^.!?;:]{{0,140}}[.!?…]*[»”“\"]?\s*$"),
        hearsay=re.compile(rf"(?<!\w)(?:{data['hearsay'][language]})(?!\w),?\s*"),
    )


@lru_cache(maxsize=32768)
def kernel(text: str, language: str) -> str:
    """``text`` without attributions, marks of quotation and words of hearsay. Never empty where ``text`` is not.

    >>> kernel("«Его держат в подвале, там холодно», – рассказала «Стреле» Дарья, сестра солдата.", "ru")
    'Его держат в подвале, там холодно.'
    >>> kernel("According to the sister, about 250 people are held there.", "en")
    'about 250 people are held there.'
    """
    if language not in LANGUAGES:
        return text
    patterns = _patterns(language)
    kept = _cut(text, patterns.closing, ".")
    kept = _cut(kept, patterns.opening, "")
    kept = _cut(kept, patterns.inserted, " ")
    kept = _cut(kept, patterns.hearsay, "")
    kept = _MARKS.sub("", _OPENING_DASH.sub("", kept))
    kept = _DOUBLED.sub(r"\1", _LOOSE.sub(r"\1", _SPACES.sub(" ", kept))).strip(" ,–—-")
    return kept if len(_WORD.findall(kept)) >= MIN_WORDS else text


def _cut(text: str, pattern: re.Pattern[str], instead: str) -> str:
    """``text`` without what ``pattern`` finds in its folded form, unless too little would be left."""
    kept = text
    # From the end, so that the offsets before it stay right.
    for match in reversed(list(pattern.finditer(fold(text)))):
        shorter = kept[: match.start()] + instead + kept[match.end() :]
        if len(_WORD.findall(shorter)) >= MIN_WORDS:
            kept = shorter
    return kept
