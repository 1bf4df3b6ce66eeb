"""A matrix whose quotes name no persons, for handing on. By rule and best effort: too much is taken out rather than too little.

A capitalised word is taken for part of a name when it is a common given name, when no dictionary of the language has it, or, in Russian and
Ukrainian, when it stands within a sentence; places and media stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from simplemma import is_known

from comparison.cells import marks_of
from comparison.findings import Cell, ChainLink, Finding, Judged, NearMiss, OtherPassage, Rests, SharedQuote, SpreadPoint
from comparison.folding import fold, known_language
from comparison.matrix import Matrix
from comparison.places import find_places
from comparison.sounds import plain, stems

REDACTED = "[name]"

_WORD = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")


def redact(text: str, language: str, keep: Iterable[str] = ()) -> str:
    """``text`` with "[name]" for what looks like a person's name. ``keep`` are names of media, which stay.

    >>> redact("Yesterday Egor Lapshin spoke to us in Kyiv.", "en")
    'Yesterday [name] spoke to us in Kyiv.'
    """
    for start, end in reversed(find_names(text, language, keep)):
        text = f"{text[:start]}{REDACTED}{text[end:]}"
    return text


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
        after_given = goes_on and (known != "de" or bool(set(stems(text[slice(*spans[-1])])) & _given_names()))
        if after_given or _is_name(word, known, opens=_opens_sentence(text, match.start())):
            spans.append((spans.pop()[0], match.end()) if goes_on else (match.start(), match.end()))
    return spans


@lru_cache(maxsize=1)
def _given_names() -> frozenset[str]:
    lines = files("comparison").joinpath("data/given_names.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(plain(name) for line in lines if not line.startswith("#") for name in line.split())


def _is_name(word: str, language: str, *, opens: bool) -> bool:
    if set(stems(word)) & _given_names():
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


def redact_matrix(matrix: Matrix) -> Matrix:
    """The same matrix with persons redacted in passages, headlines and evidence. The claims are the analyst's own words and stay."""
    # A column may be a speaker's statement: that name is a person's, and goes.
    media = (
        {column.name for column in matrix.origins if not column.origin.startswith("statement:")}
        | {gap.outlet_name for gap in matrix.coverage}
        | set(matrix.chain_names)
    )
    return replace(
        matrix,
        claims=tuple(
            replace(
                row,
                cells=tuple(_cell(cell, media) for cell in row.cells),
                judgements=tuple(_judged(judged, media) for judged in row.judgements),
            )
            for row in matrix.claims
        ),
        origins=tuple(replace(column, name=REDACTED) if column.origin.startswith("statement:") else column for column in matrix.origins),
        near_misses=tuple(_miss(miss, media) for miss in matrix.near_misses),
        chain=tuple(_link(link, media) for link in matrix.chain),
        elsewhere=tuple(replace(item, passages=tuple(_shared(one, media) for one in item.passages)) for item in matrix.elsewhere),
        spread=replace(matrix.spread, points=tuple(_point(point, media) for point in matrix.spread.points)),
        notes=(*matrix.notes, "Persons' names were taken out of quotes and headlines by rule; the rule may miss some and takes others."),
    )


def _cell(cell: Cell, media: set[str]) -> Cell:
    return replace(cell, articles=tuple(_finding(finding, media) for finding in cell.articles))


def _finding(finding: Finding, media: set[str]) -> Finding:
    passage = redact(finding.passage, finding.language, media)
    return replace(
        finding,
        passage=passage,
        title=redact(finding.title, finding.language, media),
        marks=marks_of(passage, finding.language),
        reason=redact(finding.reason, "en", media) if "quotes " in finding.reason else finding.reason,
        rests_on=_rests(finding.rests_on, finding.language, media),
        more=tuple(_other(other, finding.language, media) for other in finding.more),
        judgement=_judged(finding.judgement, media) if finding.judgement is not None else None,
    )


def _judged(judged: Judged, media: set[str]) -> Judged:
    """Who ruled is a person too. A note may be in any language: it goes as a whole."""
    return replace(
        judged,
        by=REDACTED,
        note="[note]" if judged.note else "",
        quote=redact(judged.quote, judged.language, media),
        title=redact(judged.title, judged.language, media),
    )


def _other(other: OtherPassage, language: str, media: set[str]) -> OtherPassage:
    return replace(other, passage=redact(other.passage, language, media))


def _rests(rests: tuple[Rests, ...], language: str, media: set[str]) -> tuple[Rests, ...]:
    return tuple(
        replace(
            item,
            evidence=redact(item.evidence, language, media),
            credited=redact(item.credited, language, media),
            credited_name=redact(item.credited_name, language, media),
        )
        if item.kind in ("credits", "partial")
        else item
        for item in rests
    )


def _miss(miss: NearMiss, media: set[str]) -> NearMiss:
    return replace(miss, finding=_finding(miss.finding, media))


def _link(link: ChainLink, media: set[str]) -> ChainLink:
    return replace(link, title=redact(link.title, link.language, media), rests_on=_rests(link.rests_on, link.language, media))


def _shared(one: SharedQuote, media: set[str]) -> SharedQuote:
    passage = redact(one.passage, one.language, media)
    return replace(one, passage=passage, title=redact(one.title, one.language, media), marks=marks_of(passage, one.language))


def _point(point: SpreadPoint, media: set[str]) -> SpreadPoint:
    return replace(point, title=redact(point.title, point.language, media), rests_on=_rests(point.rests_on, point.language, media))
