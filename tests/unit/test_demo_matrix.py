"""How the demo judges a matrix, and how it prints one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comparison.findings import Cell, ClaimFindings, Counts, Finding, First, OriginColumn, Range, Reading, Spread
from comparison.matrix import Matrix
from interfaces.demo.documents import Newsroom
from interfaces.demo.ground_truth import GroundTruth, read_ground_truth
from interfaces.demo.matrix_checks import check_matrix, known_faults, shortfalls
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.printout import WIDTH, matrix_lines, told
from storage.claim_records import ClaimKind, FactVerdict, Independence, Level


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return read_newsroom()


@pytest.fixture(scope="module")
def truth(newsroom: Newsroom) -> GroundTruth:
    whole = read_ground_truth(newsroom)
    # One claim is enough here; the demo judges them all.
    return replace(whole, cells=tuple(cell for cell in whole.cells if cell.claim == "c03"), chain={"c03": whole.chain["c03"]})


def _finding(newsroom: Newsroom, document_id: str, verdict: FactVerdict, level: Level, independence: Independence) -> Finding:
    document = newsroom.documents[document_id]
    return Finding(
        outlet=document.site,
        outlet_name="",
        owner="",
        language="ru",
        article=f"{document.site}:1",
        url=document.url,
        title="",
        published=None,
        published_precision=None,
        first_seen="",
        captured="",
        revision=1,
        capture_sha256="",
        text_sha256="",
        passage="",
        cut=False,
        start=0,
        end=1,
        level=level,
        score=1.0,
        verdict=verdict,
        independence=independence,
    )


def _cell(
    newsroom: Newsroom,
    origin: str,
    document_id: str,
    verdict: FactVerdict,
    level: Level = Level.STRONG,
    independence: Independence = Independence.INDEPENDENT,
) -> Cell:
    finding = _finding(newsroom, document_id, verdict, level, independence)
    return Cell(origin=origin, level=level, independence=independence, verdict=verdict, articles=(finding,))


def _matrix(*cells: Cell, low_recall: bool = False) -> Matrix:
    row = ClaimFindings(
        id="c03",
        version=1,
        kind=ClaimKind.EVENT,
        text="Reportedly about 250 people are being held there, in a cellar whose name is much too long for one column.",
        context="",
        speaker="",
        hearsay=True,
        marks=(),
        summary="",
        counts=Counts(),
        second_sources=Range(),
        first=First(),
        cells=cells,
    )
    columns = tuple(
        OriginColumn(origin=cell.origin, name=cell.origin, independence=cell.independence, outlets=(), articles=1, seen=True)
        for cell in cells
    )
    values = dict.fromkeys(
        ("notice", "report", "title", "report_outlet", "report_url", "translated_from", "encoder", "model_hash", "summary"), ""
    )
    return Matrix(
        **values,
        report_published=None,
        chain_names=(),
        as_of=None,
        data_until=None,
        low_recall=low_recall,
        versions={},
        articles=1,
        outlets=1,
        related=1,
        claims=(row,),
        origins=columns,
        first=First(),
        near_misses=(),
        only_in_report=(),
        chain=(),
        elsewhere=(),
        spread=Spread(),
        coverage=(),
        reading=Reading(complete=True, read=0, promising=0, new=0, text=""),
        notes=(),
    )


def _right(newsroom: Newsroom) -> list[Cell]:
    """What the newsroom's writers say of c03."""
    return [
        _cell(newsroom, "strela", "strela-trista", FactVerdict.DIFFERS),
        _cell(newsroom, "listok", "listok-43", FactVerdict.DIFFERS),
        _cell(newsroom, "perehuk", "perehuk-250", FactVerdict.AGREES),
        _cell(newsroom, "radio_meridian", "techas-podval", FactVerdict.AGREES, independence=Independence.REPORT_CHAIN),
    ]


def _found(matrix: Matrix, newsroom: Newsroom, truth: GroundTruth) -> list[tuple[str, str]]:
    return [(difference.what, difference.name) for difference in check_matrix(matrix, newsroom, truth)]


def test_a_matrix_as_the_writers_know_it_has_no_difference(newsroom: Newsroom, truth: GroundTruth) -> None:
    assert _found(_matrix(*_right(newsroom)), newsroom, truth) == []


def test_a_rival_figure_shown_as_agreeing_is_wrong_in_every_mode(newsroom: Newsroom, truth: GroundTruth) -> None:
    cells = _right(newsroom)
    cells[0] = _cell(newsroom, "strela", "strela-trista", FactVerdict.AGREES)
    for low_recall in (False, True):
        assert _found(_matrix(*cells, low_recall=low_recall), newsroom, truth) == [("fact", "c03 at strela")]


def test_a_piece_of_the_chain_counted_as_independent_is_wrong(newsroom: Newsroom, truth: GroundTruth) -> None:
    spun = _cell(newsroom, "harbour_media", "harbour-spun", FactVerdict.AGREES)
    found = _found(_matrix(*_right(newsroom), spun), newsroom, truth)
    assert ("independence", "c03 at harbour_media") in found and ("cell", "c03 at harbour_media") in found
    possible = _cell(newsroom, "harbour_media", "harbour-spun", FactVerdict.AGREES, Level.POSSIBLE)
    assert _found(_matrix(*_right(newsroom), possible), newsroom, truth) == []


def test_another_event_counted_as_this_one_is_wrong(newsroom: Newsroom, truth: GroundTruth) -> None:
    near_miss = _cell(newsroom, "harbour_media", "harbour-year-later", FactVerdict.AGREES)
    assert ("event", "c03 at harbour_media") in _found(_matrix(*_right(newsroom), near_miss), newsroom, truth)


def test_what_is_missing_counts_only_with_an_encoder(newsroom: Newsroom, truth: GroundTruth) -> None:
    cells = _right(newsroom)[1:]
    assert _found(_matrix(*cells), newsroom, truth) == [("cell", "c03 at strela")]
    assert _found(_matrix(*cells, low_recall=True), newsroom, truth) == []


def test_a_weaker_passage_is_told_and_no_difference(newsroom: Newsroom, truth: GroundTruth) -> None:
    cells = _right(newsroom)
    cells[0] = _cell(newsroom, "strela", "strela-trista", FactVerdict.DIFFERS, Level.POSSIBLE)
    assert _found(_matrix(*cells), newsroom, truth) == []
    assert shortfalls(_matrix(*cells), truth) == ["c03 at strela"]
    assert shortfalls(_matrix(*_right(newsroom)), truth) == []


def test_a_known_fault_is_told_and_another_is_a_difference(newsroom: Newsroom, truth: GroundTruth) -> None:
    one = _cell(newsroom, "harbour_media", "harbour-deserter", FactVerdict.NOT_STATED)
    matrix = _matrix(*_right(newsroom), one)
    assert _found(matrix, newsroom, truth) == [("cell", "c03 at harbour_media")]
    knowing = replace(truth, known_wrong={"c03": ("harbour-deserter",)})
    assert _found(matrix, newsroom, knowing) == []
    assert known_faults(matrix, newsroom, knowing) == ["c03: harbour-deserter"]
    assert known_faults(_matrix(*_right(newsroom)), newsroom, knowing) == []


def test_a_printed_matrix_fits_the_screen(newsroom: Newsroom) -> None:
    unsettled = _cell(newsroom, "welle_europa", "welle-ru-otkazniki", FactVerdict.AGREES, independence=Independence.NOT_ESTABLISHED)
    lines = list(matrix_lines(_matrix(*_right(newsroom), unsettled)))
    assert max(map(len, lines)) <= WIDTH
    row = next(line for line in lines if line.startswith("c03"))
    assert row.split()[-5:] == ["●=", "●≠", "●=", "●≠", "(●=)"]
    assert [row.id for row in told(_matrix(*_right(newsroom)))] == ["c03"]
