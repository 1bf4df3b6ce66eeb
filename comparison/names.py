"""Names under which media and institutions are credited, found in running text over scripts, cases and quotation marks. Pure.

What is known comes from the outlets' cards (name, also_known_as) and from a bundled list of agencies, papers and institutions
that are quoted far more often than they are collected. Names of ordinary people are not kept here or anywhere.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Protocol

from simplemma import is_known

from comparison.sounds import is_cyrillic, plain, sound, stems, words

MAX_NAME_WORDS = 6
QUOTES = "«»„“”‚‘’\"'‹›"

_ARTICLES = frozenset({"the", "der", "die", "das", "a", "an"})
# Words that alone would find a kind of medium, not one medium.
_GENERIC = frozenset(
    {"radio", "news", "online", "agency", "media", "press", "redaktion", "zeitung", "deutsch", "english", "service", "ru", "com", "de"}
    | {"ua", "en", "радио", "новости", "новини", "радіо", "газета", "агентство", "издание", "видання", "на", "по", "русская", "служба"}
    | {"русском", "українською"}
)


class KnownOutlet(Protocol):
    """As much of an outlet as its name needs; ``storage.queries.OutletRecord`` is one."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> str: ...
    @property
    def also_known_as(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Somebody who is credited: a medium, or an institution that speaks for itself."""

    key: str
    """Owner id of a collected outlet, else the id in the bundled list; what origins are grouped by."""
    label: str
    """A name to show to people."""
    is_medium: bool = True
    outlets: frozenset[str] = frozenset()
    """Ids of the collected outlets of this name; a name may stand for several editions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A known name in a text."""

    named: Named
    start: int
    end: int
    nominative: bool
    """Written as in its own heading; in Russian and Ukrainian the case tells who told whom."""
    weak: bool
    """One ordinary word ("Zeit", "Стрела") without quotation marks: needs a cue right beside it."""


@dataclass(slots=True)
class _Variant:
    named: Named
    tokens: tuple[str, ...]
    capitals: bool
    """An acronym ("AP", "dpa"): must be written just so."""
    single_word: bool


@dataclass(slots=True)
class NameIndex:
    """Finds known names. Build once a report: ``build_index(outlets)``."""

    by_first: dict[str, list[_Variant]] = field(default_factory=dict)
    by_name: dict[str, Named] = field(default_factory=dict)
    """Normalised whole name -> who it is."""
    _cache: dict[tuple[str, str], tuple[Mention, ...]] = field(default_factory=dict)

    def resolve(self, name: str) -> Named | None:
        """Whoever is meant by a name given alone (a report's chain, a claim's speaker); None when unknown."""
        if (found := self.by_name.get(name_key(name))) is not None:
            return found
        for mention in self.mentions(name, "", anywhere=True):
            return mention.named
        return None

    def mentions(self, text: str, language: str, *, anywhere: bool = False) -> tuple[Mention, ...]:
        """All known names in ``text`` from left to right, the longest first where they overlap.

        ``anywhere`` also takes single ordinary words at the start of a sentence.
        """
        if (text, language) in self._cache and not anywhere:
            return self._cache[text, language]
        tokens = words(text)
        found: list[Mention] = []
        index = 0
        while index < len(tokens):
            best: Mention | None = None
            length = 1
            for first in _lookup_keys(tokens[index][0]):
                for variant in self.by_first.get(first, ()):
                    mention = _match(variant, text, tokens, index, language, anywhere)
                    if mention is not None and (best is None or mention.end > best.end):
                        best, length = mention, len(variant.tokens)
            if best is not None:
                found.append(best)
                index += length
            else:
                index += 1
        if not anywhere:
            self._cache[text, language] = tuple(found)
        return tuple(found)


def name_key(name: str) -> str:
    """A whole name without article, punctuation, case and script, for grouping: "«Новая жизнь»" and "Nowaja Schisn".

    >>> name_key("«Медузе»") == name_key("Meduza")
    True
    """
    tokens = [word for word, _, _ in words(name)]
    if len(tokens) > 1 and plain(tokens[0]) in _ARTICLES:
        tokens = tokens[1:]
    return " ".join(sound(min(stems(token), key=len)).rstrip("aeiou") or sound(token) for token in tokens)


def build_index(outlets: Iterable[KnownOutlet], extra: Iterable[str] = ()) -> NameIndex:
    """An index over these outlets and the bundled list. A name of the list that an outlet also bears is the outlet's owner's.

    ``extra`` are further names to look for, as a report's chain gives them; one that nobody bears is a medium of its own.
    """
    index = NameIndex()
    outlets = sorted(outlets, key=lambda item: item.id)
    entries: dict[str, tuple[Named, list[str]]] = {}
    owners: dict[str, str] = {}
    for outlet in outlets:
        names = [part for full in (outlet.name, *outlet.also_known_as) for part in _split_name(full)]
        named = Named(key=outlet.owner, label=outlet.name, outlets=frozenset({outlet.id}))
        entries[f"outlet:{outlet.id}"] = (named, names)
        for name in names:
            owners.setdefault(name_key(name), outlet.owner)
    for source in bundled_sources():
        key = next((owners[name_key(name)] for name in source.names if name_key(name) in owners), source.id)
        entries[f"source:{source.id}"] = (Named(key=key, label=source.names[0], is_medium=source.is_medium), list(source.names))
    for named, names in entries.values():
        for name in names:
            _add(index, named, name)
    known_owners = {outlet.owner for outlet in outlets}
    for name in extra:
        if name not in known_owners and name_key(name) not in index.by_name and _is_distinct(name):
            _add(index, Named(key=f"named:{name_key(name).replace(' ', '-')}", label=name), name)
    return index


@dataclass(frozen=True, slots=True, kw_only=True)
class BundledSource:
    id: str
    is_medium: bool
    names: tuple[str, ...]


@lru_cache(maxsize=1)
def bundled_sources() -> tuple[BundledSource, ...]:
    """The list in ``data/sources.toml``: agencies, papers and institutions in the spellings of four languages."""
    table = tomllib.loads(files("comparison").joinpath("data/sources.toml").read_text(encoding="utf-8"))
    return tuple(
        BundledSource(id=key, is_medium=kind == "media", names=tuple(names))
        for kind in ("media", "institutions")
        for key, names in table[kind].items()
    )


def _split_name(full: str) -> list[str]:
    """ "Радио Свобода (RFE/RL Russian Service)" is credited by either half; "A / B" is two names."""
    parts = [part for bracket in re.split(r"[()|]", full) for part in re.split(r"\s+/\s+", bracket)]
    return [part.strip(f" {QUOTES}.,") for part in parts if _is_distinct(part)]


def _is_distinct(name: str) -> bool:
    tokens = [plain(word) for word, _, _ in words(name)]
    return any(token not in _GENERIC and token not in _ARTICLES and len(token) > 1 for token in tokens)


def _add(index: NameIndex, named: Named, name: str) -> None:
    tokens = tuple(word for word, _, _ in words(name))
    if len(tokens) > 1 and plain(tokens[0]) in _ARTICLES:
        tokens = tokens[1:]
    if not tokens or len(tokens) > MAX_NAME_WORDS or sum(map(len, tokens)) < 2:
        return
    _join(index.by_name, name_key(name), named)
    short = len(tokens) == 1 and not is_cyrillic(tokens[0])
    capitals = short and ((tokens[0].isupper() and len(tokens[0]) <= 5) or (tokens[0].islower() and len(tokens[0]) <= 4))
    variants = [_Variant(named, tokens, capitals, len(tokens) == 1)]
    if len(tokens) > 1 and all(not is_cyrillic(token) for token in tokens):
        # "RadioFreeEurope": some write a name without its spaces.
        variants.append(_Variant(named, ("".join(tokens),), False, False))
    for variant in variants:
        for key in _name_keys(variant.tokens[0]):
            same = [other for other in index.by_first.get(key, ()) if other.tokens == variant.tokens]
            if same and same[0].named.key == named.key:
                merged = _merged(same[0].named, named)
                for other in same:
                    other.named = merged
            else:
                index.by_first.setdefault(key, []).append(variant)


def _join(table: dict[str, Named], key: str, named: Named) -> None:
    known = table.get(key)
    table[key] = named if known is None else (_merged(known, named) if known.key == named.key else known)


def _merged(first: Named, second: Named) -> Named:
    return Named(key=first.key, label=first.label, is_medium=first.is_medium and second.is_medium, outlets=first.outlets | second.outlets)


def _name_keys(token: str) -> set[str]:
    """Under which keys a name's word is filed: "L" for Latin words of a text, "C" for Cyrillic ones."""
    if is_cyrillic(token):
        low = plain(token)
        bare = [stem for stem in stems(token) if len(stem) >= min(3, len(low))]
        # "листок" loses its vowel in every other case: "листку".
        bare += [low[:-2] + low[-1]] if len(low) >= 5 and re.search(r"[^аеиоуыэюя][ое][кцнл]$", low) else []
        return {f"L{sound(token)}", *(f"C{sound(stem)}" for stem in bare)}
    heard = sound(token)
    short = heard.rstrip("aeiou")
    return {f"L{heard}", f"C{heard}"} | ({f"C{short}"} if len(short) >= 3 else set())


@lru_cache(maxsize=100_000)
def _lookup_keys(token: str) -> tuple[str, ...]:
    if is_cyrillic(token):
        return tuple(sorted({f"C{sound(stem)}" for stem in stems(token)}))
    heard = sound(token.removesuffix("'s").removesuffix("’s"))
    # A German genitive ("des Spiegels") adds a bare s.
    return (f"L{heard}", f"L{heard[:-1]}") if heard.endswith("s") and len(heard) > 4 else (f"L{heard}",)


def _match(
    variant: _Variant, text: str, tokens: Sequence[tuple[str, int, int]], index: int, language: str, anywhere: bool
) -> Mention | None:
    count = len(variant.tokens)
    if index + count > len(tokens):
        return None
    chosen = tokens[index : index + count]
    for (word, _, _), name in zip(chosen, variant.tokens, strict=True):
        if not set(_lookup_keys(word)) & _name_keys(name) or not _same_length(word, name, language):
            return None
    if not all(_joins(text[left[2] : right[1]]) for left, right in pairwise(chosen)):
        return None
    start, end = chosen[0][1], chosen[-1][2]
    written = text[start:end].removesuffix("'s").removesuffix("’s")
    end = start + len(written)
    if variant.capitals and written != variant.tokens[0]:
        return None
    quoted = start > 0 and text[start - 1] in QUOTES
    lower_name = variant.tokens[0][0].islower()
    if not (written[0].isupper() or written[0].isdigit() or (lower_name and not is_cyrillic(written))) and not quoted:
        return None
    nominative = plain(written) == plain(" ".join(variant.tokens)) or plain(written).replace(" ", "") == plain("".join(variant.tokens))
    weak = variant.single_word and not quoted and not variant.capitals and _is_ordinary(written, variant.tokens[0], language)
    if weak and not anywhere and (_starts_sentence(text, start) or (language != "de" and _is_part_of_longer(text, start))):
        return None
    return Mention(named=variant.named, start=start, end=end, nominative=nominative, weak=weak)


def _joins(gap: str) -> bool:
    return len(gap) <= 3 and not any(char in gap for char in ",;:!?\n")


def _same_length(word: str, name: str, language: str) -> bool:
    """A Latin word must be the name itself, or its genitive; case endings are only for Cyrillic."""
    if is_cyrillic(word) or is_cyrillic(name):
        return True
    low, known = plain(word).removesuffix("'s"), plain(name)
    return low == known or sound(low) == sound(known) or (language == "de" and low == known + "s")


@lru_cache(maxsize=20_000)
def _is_ordinary(written: str, name: str, language: str) -> bool:
    """Whether a dictionary of the language has the word in small letters (in German: at all, since all nouns are capitals)."""
    known = language if language in ("en", "de", "ru", "uk") else "en"
    candidates = {plain(name), plain(written), *stems(written)}
    return any(
        is_known(word, lang=known) or (known == "de" and is_known(word.capitalize(), lang=known)) for word in candidates if len(word) > 1
    )


def _is_part_of_longer(text: str, start: int) -> bool:
    """ "Insider" in "Business Insider" is another paper."""
    before = re.search(r"([A-Z][\w&-]+) $", text[:start])
    return before is not None and plain(before.group(1)) not in _ARTICLES and not _starts_sentence(text, before.start())


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(f" {QUOTES}([–—-")
    return not before or before[-1] in ".!?…\n:"
