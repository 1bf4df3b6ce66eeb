"""What in a text looks like a person's name, by rule: too much is taken for one rather than too little. Pure.

A capitalised word is taken for part of a name when it is a common given name, when no dictionary of the language has it, or, in Russian and
Ukrainian, when it stands within a sentence; places and media are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from simplemma import is_known

from comparison.folding import fold, known_language
from comparison.given_names import is_given_name
from comparison.places import find_places
from comparison.sounds import plain, stems

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")


def find_names(text: str, language: str, keep: Iterable[str] = ()) -> list[tuple[int, int]]:
    """Spans of what looks like a person's or another thing's name, in order; places and the words of ``keep`` are none."""
    known = known_language(language)
    places = [(place.start, place.end) for place in find_places(text, known)]
    kept = {stem for name in keep for word in _WORD.findall(name) for stem in stems(word)}
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        word = match.group()
        if not word[0].isupper() or len(word) < 2 or any(start <= match.start() < end for start, end in places):
            continue
        if set(stems(word)) & kept or (word.isupper() and len(word) <= 6):
            continue
        goes_on = bool(spans) and not text[spans[-1][1] : match.start()].strip()
        # Whatever capital follows a given name is the surname, also one that is a word ("Plattner"); where nouns have none, after any name.
        after_given = goes_on and (known != "de" or is_given_name(text[slice(*spans[-1])]))
        if after_given or _is_name(word, known, opens=_opens_sentence(text, match.start())):
            spans.append((spans.pop()[0], match.end()) if goes_on else (match.start(), match.end()))
    return spans


def _is_name(word: str, language: str, *, opens: bool) -> bool:
    if is_given_name(word):
        return True
    if language in ("ru", "uk"):
        # Within a sentence these languages give capitals to names alone; at its start only what no dictionary has is taken for one.
        return not opens or not _is_ordinary(word, language)
    return not _is_ordinary(word, language)


def _opens_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" «„“\"'(–—-")
    return not before or before[-1] in ".!?…\n:;"


def _is_ordinary(word: str, language: str) -> bool:
    """Whether a dictionary has the word in small letters (in German: as it stands)."""
    if language == "de":
        return is_known(word, lang="de") or is_known(word.lower(), lang="de") or any(is_known(part, lang="de") for part in word.split("-"))
    return any(is_known(form, lang=language) for form in {word.lower(), fold(word), plain(word)}) or word.endswith("'s")
