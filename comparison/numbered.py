"""What is named by a number: regiments and brigades, penal colonies, schools. "752-й полк" and "the 752nd Regiment" are one unit."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from comparison.folding import fold
from storage.claim_records import FactPair, FactVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A unit or institution as a text names it."""

    kind: str
    """"brigade", "regiment", "school" …"""
    number: str
    text: str
    start: int
    end: int


_ADJECTIVE_END = r"(?:ый|ой|ий|ая|ья|ую|ью|его|ого|ому|ему|ей|ою|им|ым|ом|ем|ю|а|я|ої|ій|у|і|є|ьої|ьою|ього|ьому|ім)"
_CYRILLIC_NUMBER = r"(?P<n>\d{1,4})(?:-?(?:й|я|е|го|му|м|ю|ой|ый|ий|ая|ую|им|ым|ої|ї|ій|ша|та|га|тя|ма|ту|ша))?"
_WORDS = r"(?:[^\W\d_][\w'-]* ){0,5}?"


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("comparison") / "data" / "numbered.toml").read_text(encoding="utf-8"))


@cache
def _ordinals(language: str) -> tuple[str, ...]:
    return tuple(_data()["ordinals"][language].split())


@cache
def _expressions() -> tuple[tuple[str, str, re.Pattern[str]], ...]:
    """(kind, language of its ordinals, expression with group "n", or "o" for a number in words)."""
    found = []
    for kind, nouns in _data()["units"].items():
        for language, noun in nouns.items():
            spoken = "|".join(_ordinals(language))
            number = {
                "en": rf"(?P<n>\d{{1,4}})(?:st|nd|rd|th)|(?P<o>{spoken})",
                "de": rf"(?P<n>\d{{1,4}})\.|(?P<o>{spoken})[nrs]?",
            }.get(language, rf"{_CYRILLIC_NUMBER}|(?P<o>{spoken}){_ADJECTIVE_END}")
            found.append((kind, language, rf"(?:{number}) {_WORDS}(?:{noun})"))
    found.extend((kind, "", rf"(?:{noun})(?P<n>\d{{1,6}})") for kind, noun in _data()["sites"].items())
    return tuple((kind, language, re.compile(rf"(?<![\w.,-])(?:{expression})(?![^\W_])")) for kind, language, expression in found)


_SUFFIXED = re.compile(r"\d+(?:-?[^\W\d_]|\.)")
_MENTIONED = re.compile(
    r"arm(?:y|ee|ies)|korps|corps|division|brigade|regiment|bat(?:t|)ail?lon|battalion|company|kompanie|squadron|staffel"
    r"|арм|корпус|див[иі]з|бригад|полк|батальй?он|рот|[эе]скадр|\bik\b|ик-|ік-|ik-|sizo|с[иі]зо|no\.|nr\.|№|unit|част|school|schule|hospital"
)


@lru_cache(maxsize=4096)
def find_numbered(text: str) -> tuple[Numbered, ...]:
    """All that ``text`` names by number, in order, in whichever of the four languages it is written.

    >>> [(unit.kind, unit.number) for unit in find_numbered("Бойцы 21-й отдельной мотострелковой бригады и третьего батальона.")]
    [('brigade', '21'), ('battalion', '3')]
    >>> find_numbered("21 men of the brigade")
    ()
    """
    folded = fold(text)
    if _MENTIONED.search(folded) is None:
        return ()
    found: dict[int, Numbered] = {}
    for kind, language, expression in _expressions():
        for match in expression.finditer(folded):
            number = match["n"]
            if number is None:
                number = str(_ordinals(language).index(match["o"]) + 1)
            elif language in ("ru", "uk") and not _SUFFIXED.match(match.group()) and int(number) <= MAX_COUNTED:
                # "5 бригад" and "21 бригада" may count; "752 полк" does not.
                continue
            known = found.get(match.start())
            if known is None or match.end() < known.end:
                found[match.start()] = Numbered(
                    kind=kind, number=str(int(number)), text=text[match.start() : match.end()], start=match.start(), end=match.end()
                )
    return tuple(found[start] for start in sorted(found))


MAX_COUNTED = 30
"""A bare number up to this before "полк" may count regiments."""


def compare_numbered(claim: str, passage: str, pairs: list[FactPair]) -> FactVerdict:
    """Whether the passage names the claim's units. Another number of the same kind differs; a unit without a number says nothing."""
    wanted = find_numbered(claim)
    if not wanted:
        return FactVerdict.NO_KEY_FACT
    found = find_numbered(passage)
    verdicts = []
    for kind in dict.fromkeys(unit.kind for unit in wanted):
        mine, theirs = _of_kind(wanted, kind), _of_kind(found, kind)
        same = next(((left, right) for left in mine for right in theirs if left.number == right.number), None)
        if same is not None:
            verdict, shown = FactVerdict.AGREES, (same[0].text, same[1].text)
        elif theirs:
            verdict, shown = FactVerdict.DIFFERS, (mine[0].text, theirs[0].text)
        else:
            verdict, shown = FactVerdict.NOT_STATED, (mine[0].text, "")
        verdicts.append(verdict)
        pairs.append(FactPair(field="unit", claim_value=shown[0], passage_value=shown[1], verdict=verdict))
    return next(verdict for verdict in (FactVerdict.DIFFERS, FactVerdict.AGREES, FactVerdict.NOT_STATED) if verdict in verdicts)


def _of_kind(units: Sequence[Numbered], kind: str) -> list[Numbered]:
    return [unit for unit in units if unit.kind == kind]
