"""Words of four languages brought to one form, so that a search for one inflected form finds the others. Pure.

SQLite's full-text tokeniser knows no inflection and PostgreSQL has no Ukrainian dictionary: both index what comes from here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache, partial
from importlib.metadata import version
from itertools import islice

from storage.spellings import name_keys

LANGUAGES = ("en", "de", "ru", "uk")
"""The languages whose dictionaries are used; words of others are only folded."""
CYRILLIC_LANGUAGES = frozenset({"ru", "uk"})
LEMMATISER = f"simplemma {version('simplemma')}/2"
MAX_TOKEN = 60
"""Code points; longer runs of letters are encoded data."""
MAX_NAMES = 1000
"""Different keys of names indexed of one text."""

MAX_KEPT = 200_000
"""Words of one table that are kept at a time."""

_WORD = re.compile(r"[^\W_]+(?:['’ʼ`´][^\W_]+)*")
# A word as it is written may hold marks that "prepare" drops or joins.
_WRITTEN = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]|['’ʼ`´](?=[^\W_]))*")
_CYRILLIC, _LATIN = re.compile("[\u0400-\u052f]"), re.compile("[A-Za-z\u00c0-\u024f]")
# Stress marks in Russian and Ukrainian teaching texts do not compose and would split or change the word.
_LOOSE_MARKS = re.compile("[\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]")
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ`´", "'"))


class WordTable(dict[str, str]):
    """What is made of a word, kept for the next text; begun anew when there are too many. A third of the time of ``lru_cache``, which
    also notes an order: every word of every article is looked up here."""

    def __init__(self, make: Callable[[str], str]) -> None:
        self._make = make

    def __missing__(self, word: str) -> str:
        if len(self) >= MAX_KEPT:
            self.clear()
        made = self[word] = self._make(word)
        return made


def tokens(text: str) -> list[str]:
    """The words and numbers of ``text`` in order, lower case, apostrophes made one; longer than 60 code points are left out.

    >>> tokens("П’ять-шість подвалів, 2 500 Menschen")
    ["п'ять", 'шість', 'подвалів', '2', '500', 'menschen']
    """
    return [lowered(word) for word in written_words(text)]


def written_words(text: str) -> list[str]:
    """The same words as they are written."""
    found = _WORD.findall(_prepare(text))
    # Few texts have a longer one, and to look at all lengths takes a fifth of what leaving them out takes.
    return found if max(map(len, found), default=0) <= MAX_TOKEN else [word for word in found if len(word) <= MAX_TOKEN]


def token_spans(text: str) -> list[tuple[str, int, int]]:
    """The words as ``tokens`` gives them, each with its half-open span of code points in ``text`` as it stands."""
    found = []
    if is_prepared(text):
        # Nearly every text: its words need no preparing, which takes ten times longer than finding them.
        for match in _WORD.finditer(text):
            if match.end() - match.start() <= MAX_TOKEN:
                word = match[0]
                found.append((word.lower() if word.isalnum() else lowered(word), match.start(), match.end()))
        return found
    for match in _WRITTEN.finditer(text):
        for word in _WORD.findall(_prepare(match[0])):
            if len(word) <= MAX_TOKEN:
                found.append((lowered(word), match.start(), match.end()))
    return found


class WordList:
    """The words of a text, as ``written_words`` gives them, and where they stand."""

    def __init__(self, text: str, limit: int) -> None:
        self._text = text
        self._spans: list[tuple[int, int]] | None = None
        self.words: list[str] = []
        """The first ``limit``. Longer ones than MAX_TOKEN may be among them."""
        if is_prepared(text):
            # Nearly every text: its words need no preparing, which takes ten times longer than finding them.
            self.words = _WORD.findall(text)[:limit]
            return
        self._spans = []
        for match in islice(_WRITTEN.finditer(text), limit):
            for word in _WORD.findall(_prepare(match[0])):
                self.words.append(word)
                self._spans.append(match.span())

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """Half-open spans of code points in the text as it stands, of the words from number ``start`` to before ``end``."""
        if self._spans is None:
            return [match.span() for match in islice(_WORD.finditer(self._text), start, end)]
        return self._spans[start:end]


def is_prepared(text: str) -> bool:
    """Whether preparing would change nothing, so that a word is found as it is written."""
    return unicodedata.is_normalized("NFKC", text) and not _LOOSE_MARKS.search(text)


def first_spans(text: str, number: int) -> list[tuple[int, int]]:
    """Half-open spans of the first words of a text that :func:`is_prepared`, at most so many. Longer ones than MAX_TOKEN may be among
    them."""
    return [match.span() for match in islice(_WORD.finditer(text), number)]


def _prepare(text: str) -> str:
    """NFKC without loose combining marks and invisible characters; the case stays."""
    return _LOOSE_MARKS.sub("", unicodedata.normalize("NFKC", text))


def lowered(word: str) -> str:
    """One word of ``written_words`` as ``tokens`` gives it."""
    lower = word.lower()
    # Few words have an apostrophe, and translating takes ten times as long as looking.
    return lower if lower.isalnum() else lower.translate(_APOSTROPHES)


def lemmatise(text: str, language: str, limit: int | None = None) -> list[str]:
    """The lemma of each of the first ``limit`` of ``tokens(text)``: casefolded, ё as е, letters and digits only. Never empty words.

    ``language`` is ISO 639-1; an unknown one only folds.
    """
    return _lemmas(tokens(text)[:limit], language)


def _lemmas(found: list[str], language: str) -> list[str]:
    known = language if language in LANGUAGES else ""
    return [lemma for token in found if (lemma := _lemma(token, known))]


def index_words(text: str, language: str, limit: int) -> list[str]:
    """What the full-text index holds of a text: its first ``limit`` lemmas, then the keys of what may be names among them.

    A name is written with a capital, as are all German nouns and what opens a sentence: their keys do no harm, a query asks for
    a key only where its own word looks like a name. Behind the text they stand in no phrase.

    >>> index_words("Menschen in Swatowe", "de", 100)
    ['mensch', 'in', 'swatowe', '0mensen', '0svatev']
    """
    return index_written(written_words(text)[:limit], language)


def index_written(words: list[str], language: str) -> list[str]:
    """The same for words as ``written_words`` gives them."""
    keys = dict.fromkeys(key for word in dict.fromkeys(words) if word[0].isupper() for key in name_keys(word, language))
    lemmas = map(_WRITTEN_LEMMAS[language if language in LANGUAGES else ""].__getitem__, words)
    return [*filter(None, lemmas), *list(keys)[:MAX_NAMES]]


def looks_like_name(word: str) -> bool:
    """Whether a word of a query, as typed, may be a name: capitalised, in no dictionary, or a name in one.

    >>> [looks_like_name(word) for word in ("Charkow", "swatowe", "харьков", "солдат", "school")]
    [True, True, True, False, False]
    """
    import simplemma

    lower = lowered(word)
    languages = in_script(word, LANGUAGES)
    if word[:1].isupper() or not any(simplemma.is_known(lower, lang=language) for language in languages):
        return True
    # German gives every noun a capital and so cannot tell.
    return any(simplemma.lemmatize(lower, lang=language)[:1].isupper() for language in languages if language != "de")


def in_script(words: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the languages that are written as these words are; all of them where both scripts occur, or none.

    A dictionary takes half a second and a hundred megabytes, and has no word in the other script.

    >>> in_script("подвал", ("en", "de", "ru", "uk", "")), in_script("Т-72B", ("en", "ru"))
    (('ru', 'uk', ''), ('en', 'ru'))
    """
    is_cyrillic = _CYRILLIC.search(words) is not None
    if is_cyrillic == (_LATIN.search(words) is not None):
        return languages
    return tuple(language for language in languages if not language or (language in CYRILLIC_LANGUAGES) == is_cyrillic)


def token_lemmas(token: str, languages: tuple[str, ...]) -> frozenset[str]:
    """All lemmas that one of ``tokens()`` may have been stored under, over the given languages."""
    known = in_script(token, languages) or ("",)
    return frozenset(lemma for language in known if (lemma := _lemma(token, language if language in LANGUAGES else "")))


@lru_cache(maxsize=200_000)
def _lemma(token: str, language: str) -> str:
    # Imported here: it takes a fifth of the start of a crawl, whose lemmas are made in the workers.
    import simplemma

    token = token.replace("ё", "е")
    if language == "en" and token.endswith("'s"):
        token = token[:-2]
    if not language or token.isdigit():
        return _fold(token)
    found = simplemma.lemmatize(token, lang=language)
    if found.lower() == token and language == "de":
        # The dictionary spells German nouns with a capital; a query seldom does.
        found = simplemma.lemmatize(token.capitalize(), lang=language)
    return _fold(found)


def _fold(word: str) -> str:
    folded = word.casefold().replace("ё", "е")
    return folded if folded.isalnum() else "".join(char for char in folded if char.isalnum())


def _written_lemma(language: str, word: str) -> str:
    return _lemma(lowered(word), language)


_WRITTEN_LEMMAS = {language: WordTable(partial(_written_lemma, language)) for language in (*LANGUAGES, "")}
