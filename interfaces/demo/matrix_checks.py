"""The matrix beside the ground truth's cells.

The rule. What is *wrong* is judged in every mode, for the claims whose every origin the newsroom's writers noted: an origin that
carries nothing shown with a close passage, a piece of the report's own chain or one whose source is not told counted as independent,
another event's cellar counted as this one, an agreeing figure shown as differing or the reverse. With an encoder, a piece that rests
on the report's chain may be counted as independent for no claim at all. Faults that are known are listed in the ground truth by
document: they are told every time, and another one is a difference.
What is *missing* is judged only where an encoder is installed: without one the product says itself that it finds little and cannot
tell translations and reworded copies, so there an expected cell may be empty, weaker, or hold a passage that does not state the fact.
A *possible* passage is an offer to read and claims nothing; it is never wrong by itself. So where the writers expect a close passage
and a possible one is shown, that is a shortfall: it is told, and no difference. How close is close is a threshold, thresholds come from
the evaluation set (tests/eval) and must not be bent until this newsroom looks well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from interfaces.demo.checks import Difference
from interfaces.demo.documents import Newsroom
from interfaces.demo.ground_truth import ExpectedCell, GroundTruth
from storage.claim_records import FactVerdict, Independence, Level
from storage.identity import page_key

if TYPE_CHECKING:
    from comparison.findings import Cell, ClaimFindings, Finding
    from comparison.matrix import Matrix

VERDICTS = {
    "same": frozenset({FactVerdict.AGREES, FactVerdict.NO_KEY_FACT}),
    "other": frozenset({FactVerdict.DIFFERS}),
    "not_stated": frozenset({FactVerdict.NOT_STATED}),
}


CHAIN_OWNER = "radio_meridian"
"""On whose reporting the report under test rests."""


def check_matrix(matrix: Matrix, newsroom: Newsroom, truth: GroundTruth) -> list[Difference]:
    """Judge the rows of the matrix by the rule above."""
    documents = {page_key(document.url, newsroom.outlets[document.site]): document.id for document in newsroom.documents.values()}

    def document_of(finding: Finding) -> str:
        return documents.get(page_key(finding.url, newsroom.outlets[finding.outlet]), finding.article)

    rows = {row.id: row for row in matrix.claims}
    differences = [
        Difference(what="claim", name=claim, expected="a row of the matrix", found="none")
        for claim in truth.judged_claims
        if claim not in rows
    ]
    for row in matrix.claims:
        asserted = {cell.origin: [document_of(finding) for finding in _asserted(cell)] for cell in row.cells}
        if not matrix.low_recall:
            differences += _of_the_chain(row.id, asserted, truth)
        if row.id in truth.judged_claims:
            expected = {cell.origin: cell for cell in truth.cells if cell.claim == row.id}
            differences += _wrong(row, expected, asserted, truth)
            if not matrix.low_recall:
                differences += _missing(row, expected)
    return differences


def shortfalls(matrix: Matrix, truth: GroundTruth) -> list[str]:
    """Cells like "c03 at listok" where a close passage was expected and only a possible one, or with no encoder none, is shown."""
    rows = {row.id: {cell.origin: cell.level for cell in row.cells} for row in matrix.claims}
    return [
        f"{cell.claim} at {cell.origin}"
        for cell in truth.cells
        if cell.level == Level.STRONG and rows.get(cell.claim, {}).get(cell.origin) is not Level.STRONG
    ]


def known_faults(matrix: Matrix, newsroom: Newsroom, truth: GroundTruth) -> list[str]:
    """Close passages that carry nothing and are known to be shown, like "c13: strela-valuyki"; only those that are shown."""
    documents = {page_key(document.url, newsroom.outlets[document.site]): document.id for document in newsroom.documents.values()}
    shown = {
        (row.id, documents.get(page_key(finding.url, newsroom.outlets[finding.outlet])))
        for row in matrix.claims
        for cell in row.cells
        for finding in _asserted(cell)
    }
    return [f"{claim}: {name}" for claim, names in sorted(truth.known_wrong.items()) for name in names if (claim, name) in shown]


def _asserted(cell: Cell) -> list[Finding]:
    """The passages with which the product says that an origin outside the chain carries the claim."""
    if cell.independence is not Independence.INDEPENDENT or cell.level is not Level.STRONG:
        return []
    return [finding for finding in cell.articles if finding.level is Level.STRONG and finding.independence is Independence.INDEPENDENT]


def _of_the_chain(claim: str, asserted: dict[str, list[str]], truth: GroundTruth) -> Iterator[Difference]:
    for origin, document_ids in asserted.items():
        for document_id in document_ids:
            said = truth.documents.get(document_id)
            if said is not None and said.origin == CHAIN_OWNER:
                yield Difference(
                    what="independence", name=f"{claim} at {origin}", expected=f"{document_id} in the chain", found="independent"
                )


def _wrong(
    row: ClaimFindings, expected: dict[str, ExpectedCell], asserted: dict[str, list[str]], truth: GroundTruth
) -> Iterator[Difference]:
    for cell in row.cells:
        name = f"{row.id} at {cell.origin}"
        carrying = [document_id for document_id in asserted[cell.origin] if document_id not in truth.known_wrong.get(row.id, ())]
        for document_id in carrying:
            said = truth.documents.get(document_id)
            if document_id in truth.unestablished.get(row.id, ()):
                yield Difference(what="independence", name=name, expected=f"{document_id} not established", found="independent")
            elif said is not None and said.near_miss:
                yield Difference(what="event", name=name, expected="this one", found=f"{document_id}, which is of another")
        if carrying and cell.origin not in expected:
            yield Difference(what="cell", name=name, expected="no close passage", found=f"{cell.level} in {', '.join(carrying)}")
        elif carrying and _contrary(cell, expected[cell.origin]):
            yield Difference(what="fact", name=name, expected=expected[cell.origin].fact, found=_shown(cell))


def _contrary(cell: Cell, expected: ExpectedCell) -> bool:
    opposites = {"same": FactVerdict.DIFFERS, "other": FactVerdict.AGREES}
    return cell.verdict is opposites.get(expected.fact) or cell.mixed


def _missing(row: ClaimFindings, expected: dict[str, ExpectedCell]) -> Iterator[Difference]:
    cells = {cell.origin: cell for cell in row.cells}
    for origin, wanted in expected.items():
        cell = cells.get(origin)
        name = f"{row.id} at {origin}"
        if cell is None or cell.level not in (Level.STRONG, Level.POSSIBLE):
            yield Difference(what="cell", name=name, expected=f"{wanted.level}: {wanted.passage!r}", found="no passage")
            continue
        if cell.independence is not Independence.INDEPENDENT:
            yield Difference(what="independence", name=name, expected="independent", found=cell.independence)
        if cell.verdict not in VERDICTS[wanted.fact] and not _contrary(cell, wanted):
            yield Difference(what="fact", name=name, expected=f"{wanted.fact} {', '.join(wanted.values)}".strip(), found=_shown(cell))


def _shown(cell: Cell) -> str:
    return f"{cell.verdict}{', mixed' if cell.mixed else ''} {', '.join(cell.values)}".strip()
