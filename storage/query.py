"""What people type into a search, taken apart. Pure. Any text is a query; nothing in it can be an operator of the database."""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.lemmas import lemmatise, token_lemmas, tokens

MAX_TERMS = 32
"""Words and phrases that are looked at; a pasted page is cut here."""
MIN_PREFIX = 2

_PIECE = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)"|“(?P<quote>[^”]*)”|„(?P<low>[^“”]*)[“”]|«(?P<angle>[^»]*)»|(?P<word>[^\s"“„«]+))')


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must, or must not, occur: any of ``phrases``, each a sequence of lemmas."""

    phrases: tuple[tuple[str, ...], ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    wanted: tuple[Term, ...]
    unwanted: tuple[Term, ...]

    @property
    def lemmas(self) -> frozenset[str]:
        """All lemmas that a snippet should show."""
        return frozenset(lemma for term in self.wanted if not term.is_prefix for phrase in term.phrases for lemma in phrase)

    @property
    def prefixes(self) -> tuple[str, ...]:
        return tuple(phrase[0] for term in self.wanted if term.is_prefix for phrase in term.phrases)


def parse_query(query: str, languages: tuple[str, ...]) -> Query:
    """Take a query apart; each word becomes its lemmas in every one of ``languages``.

    >>> [term.phrases for term in parse_query('basements -"old school"', ("en",)).wanted]
    [(('basement',), ('basements',))]
    """
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for match in _PIECE.finditer(query[:10_000]):
        quoted = next((match[name] for name in ("phrase", "quote", "low", "angle") if match[name] is not None), None)
        found = [_phrase(quoted, languages)] if quoted is not None else _words(match["word"], languages)
        target = unwanted if match["minus"] else wanted
        target.extend(term for term in found if term.phrases)
        if len(wanted) + len(unwanted) >= MAX_TERMS:
            break
    return Query(tuple(wanted[:MAX_TERMS]), tuple(unwanted[:MAX_TERMS]))


def _words(piece: str, languages: tuple[str, ...]) -> list[Term]:
    """A piece without spaces may still hold several words ("Wagner-Gruppe"): each must occur."""
    words = tokens(piece)
    terms = [Term(_single(word, languages)) for word in words]
    if piece.endswith("*") and words and len(words[-1]) >= MIN_PREFIX:
        # A beginning of a word has no lemma.
        terms[-1] = Term(tuple((stem,) for stem in sorted(token_lemmas(words[-1], ("",)))), is_prefix=True)
    return terms


def _single(word: str, languages: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    # "" stands for a text in a language without a dictionary, whose words are stored as they are.
    return tuple((lemma,) for lemma in sorted(token_lemmas(word, (*languages, ""))))


def _phrase(quoted: str, languages: tuple[str, ...]) -> Term:
    phrases = {tuple(lemmatise(quoted, language)) for language in (*languages, "")}
    return Term(tuple(sorted(phrase for phrase in phrases if phrase)))
