"""A matrix whose quotes name no persons, for handing on. By rule and best effort: too much is taken out rather than too little
(``comparison.name_spans``); places and media stay."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from comparison.cells import marks_of
from comparison.findings import Cell, ChainLink, Finding, Judged, NearMiss, OtherPassage, Rests, Revised, SharedQuote, SpreadPoint
from comparison.matrix import Matrix
from comparison.name_spans import find_names

REDACTED = "[name]"


def redact(text: str, language: str, keep: Iterable[str] = ()) -> str:
    """``text`` with "[name]" for what looks like a person's name. ``keep`` are names of media, which stay.

    >>> redact("Yesterday Egor Lapshin spoke to us in Kyiv.", "en")
    'Yesterday [name] spoke to us in Kyiv.'
    """
    for start, end in reversed(find_names(text, language, keep)):
        text = f"{text[:start]}{REDACTED}{text[end:]}"
    return text


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
        revised=tuple(_revised(change, finding.language, media) for change in finding.revised),
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


def _revised(change: Revised, language: str, media: set[str]) -> Revised:
    return replace(change, old=redact(change.old, language, media), new=redact(change.new, language, media))


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
