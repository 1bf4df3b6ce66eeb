"""The matrix beside the ground truth's cells.

The rule. What is *wrong* is judged in every mode: an origin that carries nothing shown with a close passage, a piece of the report's
own chain or one whose source is not told counted as independent, another event's cellar counted as this one, an agreeing figure shown
as differing or the reverse. What is *missing* is judged only where an encoder is installed: without one the product says itself that
it finds little, so there an expected cell may be empty, weaker, or hold a passage that does not state the fact.
A *possible* passage is an offer to read and claims nothing; it is never wrong by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from interfaces.demo.checks import Difference
from interfaces.demo.documents import Newsroom
from interfaces.demo.ground_truth import ExpectedCell, GroundTruth
from storage.identity import page_key
from storage.records import FactVerdict, Independence, Level

if TYPE_CHECKING:
    from comparison.findings import Cell, ClaimFindings
    from comparison.matrix import Matrix

VERDICTS = {
    "same": frozenset({FactVerdict.AGREES, FactVerdict.NO_KEY_FACT}),
    "other": frozenset({FactVerdict.DIFFERS}),
    "not_stated": frozenset({FactVerdict.NOT_STATED}),
}


def check_matrix(matrix: Matrix, newsroom: Newsroom, truth: GroundTruth) -> list[Difference]:
    """Every judged claim of the matrix; the others are not looked at."""
    documents = {page_key(document.url, newsroom.outlets[document.site]): document.id for document in newsroom.documents.values()}
    rows = {row.id: row for row in matrix.claims}
    differences: list[Difference] = []
    for claim in truth.judged_claims:
        row = rows.get(claim)
        if row is None:
            differences.append(Difference(what="claim", name=claim, expected="a row of the matrix", found="none"))
            continue
        expected = {cell.origin: cell for cell in truth.cells if cell.claim == claim}
        differences += _wrong(row, expected, truth, newsroom, documents)
        if not matrix.low_recall:
            differences += _missing(row, expected)
    return differences


def _wrong(
    row: ClaimFindings, expected: dict[str, ExpectedCell], truth: GroundTruth, newsroom: Newsroom, documents: dict[str, str]
) -> Iterator[Difference]:
    for cell in row.cells:
        if cell.independence is not Independence.INDEPENDENT or cell.level is not Level.STRONG:
            continue
        name = f"{row.id} at {cell.origin}"
        carrying = [
            documents.get(page_key(finding.url, newsroom.outlets[finding.outlet]), finding.article)
            for finding in cell.articles
            if finding.level is Level.STRONG and finding.independence is Independence.INDEPENDENT
        ]
        for document_id in carrying:
            said = truth.documents.get(document_id)
            if document_id in truth.chain.get(row.id, ()):
                yield Difference(what="independence", name=name, expected=f"{document_id} in the report's chain", found="independent")
            elif document_id in truth.unestablished.get(row.id, ()):
                yield Difference(what="independence", name=name, expected=f"{document_id} not established", found="independent")
            elif said is not None and said.near_miss:
                yield Difference(what="event", name=name, expected="this one", found=f"{document_id}, which is of another")
        if cell.origin not in expected:
            yield Difference(what="cell", name=name, expected="no close passage", found=f"{cell.level} in {', '.join(carrying)}")
        elif _contrary(cell, expected[cell.origin]):
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
        if wanted.level == Level.STRONG and cell.level is not Level.STRONG:
            yield Difference(what="level", name=name, expected="strong", found=f"{cell.level} (score {cell.articles[0].score})")
        if cell.verdict not in VERDICTS[wanted.fact] and not _contrary(cell, wanted):
            yield Difference(what="fact", name=name, expected=f"{wanted.fact} {', '.join(wanted.values)}".strip(), found=_shown(cell))


def _shown(cell: Cell) -> str:
    return f"{cell.verdict}{', mixed' if cell.mixed else ''} {', '.join(cell.values)}".strip()
