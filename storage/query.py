"""What people type into a search, taken apart. Pure. Any text is a query; nothing in it can be an operator of the database.

Words stand beside each other for AND. ``OR`` gives alternatives and binds less than AND, ``NOT`` and ``-`` exclude, parentheses
group, quotes make a phrase, a star at its end makes a word the beginning of others. The three operators are in capitals: "or", "und"
and "не" are words. An operator or a parenthesis without its counterpart is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from storage.lemmas import in_script, lemmatise, looks_like_name, token_lemmas, tokens, written_words
from storage.spellings import query_name_keys

MAX_TERMS = 32
"""Words and phrases that are looked at; a pasted page is cut here."""
MAX_DEPTH = 16
"""Parentheses within parentheses; deeper ones are not looked at."""
MIN_PREFIX = 2

_PIECE = re.compile(
    r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)"|“(?P<quote>[^”]*)”|„(?P<low>[^“”]*)[“”]|«(?P<angle>[^»]*)»'
    r'|(?P<open>\()|(?P<close>\))|(?P<word>[^\s"“„«()]+))'
)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must, or must not, occur: any of ``phrases``, each a sequence of the index's words."""

    phrases: tuple[tuple[str, ...], ...]
    is_prefix: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """All of ``wanted`` (at least one), none of ``unwanted``."""

    wanted: tuple[Node, ...]
    unwanted: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of two or more."""

    branches: tuple[Node, ...]


Node = Term | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Query:
    root: Node | None
    """None finds nothing: there is no word, or none that is wanted."""

    @property
    def lemmas(self) -> frozenset[str]:
        """All words of the index that a snippet should show; those of names among them."""
        return frozenset(
            lemma for term in wanted_terms(self.root) if not term.is_prefix for phrase in term.phrases for lemma in phrase if lemma
        )

    @property
    def prefixes(self) -> tuple[str, ...]:
        return tuple(phrase[0] for term in wanted_terms(self.root) if term.is_prefix for phrase in term.phrases)


def wanted_terms(node: Node | None) -> Iterator[Term]:
    """The terms that an article found may hold."""
    match node:
        case Term():
            yield node
        case AllOf(wanted, _):
            for part in wanted:
                yield from wanted_terms(part)
        case AnyOf(branches):
            for part in branches:
                yield from wanted_terms(part)


def accepts(node: Node | None, texts: Collection[Sequence[str]]) -> bool:
    """Whether an article with these stretches of index words (headline, text) is found: what both databases must answer."""
    match node:
        case None:
            return False
        case Term(phrases, is_prefix):
            return any(_occurs(phrase, text, is_prefix) for phrase in phrases for text in texts)
        case AllOf(wanted, unwanted):
            return all(accepts(part, texts) for part in wanted) and not any(accepts(part, texts) for part in unwanted)
        case AnyOf(branches):
            return any(accepts(part, texts) for part in branches)


def _occurs(phrase: Sequence[str], text: Sequence[str], is_prefix: bool) -> bool:
    if is_prefix:
        return any(word.startswith(phrase[0]) for word in text)
    length = len(phrase)
    return any(tuple(text[start : start + length]) == tuple(phrase) for start in range(len(text) - length + 1))


def parse_query(query: str, languages: tuple[str, ...]) -> Query:
    """Take a query apart; each word becomes its lemmas in every one of ``languages``, and a name its key as well.

    >>> found = parse_query('basements -"old school"', ("en",)).root
    >>> [term.phrases for term in found.wanted], [term.phrases for term in found.unwanted]
    ([(('basement',), ('basements',))], [(('old', 'school'),)])
    >>> parse_query("NOT basement", ("en",)).root is None
    True
    """
    pieces = list(_PIECE.finditer(query[:10_000]))
    root, _ = _Parser(pieces, languages).alternatives(0, 0)
    return Query(None if isinstance(root, _Excluded) else root)


@dataclass(frozen=True, slots=True)
class _Excluded:
    """A group that only says what must not occur: it can narrow down others, but finds nothing by itself."""

    parts: tuple[Node, ...]


class _Parser:
    """Recursive descent: alternatives of conjunctions of operands. Methods return what they read and where they stopped."""

    def __init__(self, pieces: list[re.Match[str]], languages: tuple[str, ...]) -> None:
        self._pieces = pieces
        self._languages = languages
        self._terms = 0

    def alternatives(self, at: int, depth: int) -> tuple[Node | _Excluded | None, int]:
        branches: list[Node] = []
        exclusions: list[Node] = []
        while True:
            branch, at = self._conjunction(at, depth)
            if isinstance(branch, _Excluded):
                exclusions.append(_any_of(branch.parts))
            elif branch is not None:
                branches.append(branch)
            if not self._is_or(at):
                break
            at += 1
        if branches:
            # "a OR NOT b" would find nearly everything: an alternative that only excludes is left out where another is there.
            return _any_of(branches), at
        # Either no a or no b: not both.
        both = exclusions[0] if len(exclusions) == 1 else AllOf(tuple(exclusions))
        return (_Excluded((both,)) if exclusions else None), at

    def _is_or(self, at: int) -> bool:
        return at < len(self._pieces) and self._pieces[at]["word"] == "OR" and not self._pieces[at]["minus"]

    def _conjunction(self, at: int, depth: int) -> tuple[Node | _Excluded | None, int]:
        wanted: list[Node] = []
        unwanted: list[Node] = []
        negated = False
        while at < len(self._pieces):
            piece = self._pieces[at]
            if self._is_or(at):
                break
            if piece["close"]:
                # Inside a group it ends it; one too many is nothing.
                if depth:
                    break
                at += 1
                continue
            if piece["word"] in ("AND", "NOT") and not piece["minus"]:
                negated = (piece["word"] == "NOT") ^ negated
                at += 1
                continue
            operand, at = self._operand(at, depth)
            if piece["minus"]:
                negated = not negated
            _place(operand, wanted, unwanted, negated)
            negated = False
        if wanted:
            return (wanted[0] if len(wanted) == 1 and not unwanted else AllOf(tuple(wanted), tuple(unwanted))), at
        return (_Excluded(tuple(unwanted)) if unwanted else None), at

    def _operand(self, at: int, depth: int) -> tuple[Node | _Excluded | None, int]:
        piece = self._pieces[at]
        if piece["open"]:
            if depth >= MAX_DEPTH:
                return None, at + 1
            group, at = self.alternatives(at + 1, depth + 1)
            # The closing one, where there is one.
            return group, at + (at < len(self._pieces))
        quoted = next((piece[name] for name in ("phrase", "quote", "low", "angle") if piece[name] is not None), None)
        found = [_phrase(quoted, self._languages)] if quoted is not None else _words(piece["word"], self._languages)
        found = [term for term in found if term.phrases][: max(0, MAX_TERMS - self._terms)]
        self._terms += len(found)
        if not found:
            return None, at + 1
        return (found[0] if len(found) == 1 else AllOf(tuple(found))), at + 1


def _any_of(parts: Sequence[Node]) -> Node:
    return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))


def _place(operand: Node | _Excluded | None, wanted: list[Node], unwanted: list[Node], negated: bool) -> None:
    """Put an operand where it belongs; what a group excludes is excluded by whatever the group stands beside."""
    if isinstance(operand, _Excluded):
        if negated:
            # Not "neither a nor b": a or b.
            wanted.append(_any_of(operand.parts))
        else:
            unwanted.extend(operand.parts)
    elif operand is not None:
        if negated:
            unwanted.append(operand)
        elif isinstance(operand, AllOf) and not operand.unwanted:
            wanted.extend(operand.wanted)
        else:
            wanted.append(operand)


def _words(piece: str, languages: tuple[str, ...]) -> list[Term]:
    """A piece without spaces may still hold several words ("Wagner-Gruppe"): each must occur."""
    words = tokens(piece)
    terms = [Term((*_single(word, languages), *_names(written))) for word, written in zip(words, written_words(piece), strict=True)]
    if piece.endswith("*") and words and len(words[-1]) >= MIN_PREFIX:
        # A beginning of a word has no lemma.
        terms[-1] = Term(tuple((stem,) for stem in sorted(token_lemmas(words[-1], ("",)))), is_prefix=True)
    return terms


def _single(word: str, languages: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    # "" stands for a text in a language without a dictionary, whose words are stored as they are.
    return tuple((lemma,) for lemma in sorted(token_lemmas(word, (*languages, ""))))


def _names(word: str) -> tuple[tuple[str, ...], ...]:
    return tuple((key,) for key in query_name_keys(word)) if looks_like_name(word) else ()


def _phrase(quoted: str, languages: tuple[str, ...]) -> Term:
    phrases = {tuple(lemmatise(quoted, language)) for language in (*in_script(quoted, languages), "")}
    return Term(tuple(sorted(phrase for phrase in phrases if phrase)))
