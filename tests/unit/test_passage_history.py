"""What edits changed in the facts of one passage, and where a dossier tells it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from comparison.cells import make_finding
from comparison.dossier import FORMATS, render
from comparison.inert import revised_text
from comparison.passage_history import changes_of
from storage.records import PublishedTime, RevisionRecord
from tests.comparison_builders import AT, context_of, hand_made_matrix, make_article, make_candidate

ELSEWHERE = "Sie hielten 25 Menschen im Keller von Swatowe fest."
OLD = "Sie hielten 25 Menschen im Keller von Saizewe fest. Niemand durfte hinaus. Am Montag kam ein Arzt."
NEW = "Sie hielten 43 Menschen im Keller von Saizewe fest. Niemand durfte hinaus. Am Montag kam ein Arzt."


def revisions_of(*texts: str) -> list[RevisionRecord]:
    return [
        RevisionRecord(
            number=number,
            captured_at=AT + timedelta(days=number),
            modified=PublishedTime(),
            title="Keller",
            text=text,
            text_sha256=f"{number:064d}",
            capture_sha256=f"{number:064x}",
        )
        for number, text in enumerate(texts, 1)
    ]


@pytest.mark.parametrize(
    ("texts", "passage", "told"),
    [
        ((OLD, NEW), "Sie hielten 43", ["number: 25 Menschen -> 43 Menschen in 2"]),
        # The edit is in another sentence than the passage.
        ((OLD, NEW), "Am Montag kam ein Arzt.", []),
        # Changed twice: both are told, the newest first, also where the sentence was worded otherwise in between.
        (
            (OLD, OLD.replace("25", "30"), NEW.replace("im Keller", "seit Tagen im Keller")),
            "Sie hielten 43",
            ["number: 30 Menschen -> 43 Menschen in 3", "number: 25 Menschen -> 30 Menschen in 2"],
        ),
        # An edit of words alone, and one that only moves the sentence.
        ((OLD, OLD.replace("fest", "gefangen")), "Sie hielten 25", []),
        ((OLD, "Am Montag kam ein Arzt. " + OLD.replace(" Am Montag kam ein Arzt.", "")), "Am Montag", []),
        # Another place; a sentence that is wholly new has no earlier facts.
        (
            (OLD, OLD.replace("Saizewe", "Swatowe")),
            "Sie hielten 25 Menschen im Keller von Swatowe fest.",
            ["place: Saizewe -> Swatowe in 2"],
        ),
        ((OLD, OLD + " Am Abend waren es 60 Gefangene."), "Am Abend waren es 60", []),
        ((OLD,), "Sie hielten 25", []),
    ],
)
def test_what_the_passage_said_before_is_told(texts: tuple[str, ...], passage: str, told: list[str]) -> None:
    article = make_article(1, "isar_de", texts[-1], revision=len(texts))
    start = article.text.index(passage)
    found = changes_of(article, revisions_of(*texts), start, start + len(passage))
    assert [f"{item.field}: {item.old} -> {item.new} in {item.revision}" for item in found] == told


def test_a_version_after_the_compared_one_is_not_looked_at() -> None:
    article = make_article(1, "isar_de", OLD)
    assert changes_of(article, revisions_of(OLD, NEW), 0, 30) == ()


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_says_that_a_fact_was_revised_and_when(format_: str) -> None:
    article = make_article(1, "isar_de", NEW, revision=2)
    candidate = make_candidate(article, start=0, end=51)
    finding = make_finding([candidate], context_of(article, histories={1: revisions_of(OLD, NEW)}))
    assert [revised_text(change) for change in finding.revised] == [
        "number “25 Menschen” became “43 Menschen” in revision 2, between 15 Nov 2022, 06:30 UTC and 16 Nov 2022, 06:30 UTC"
    ]
    matrix = hand_made_matrix()
    row = matrix.claims[0]
    cells = (replace(row.cells[0], articles=(finding,)), *row.cells[1:])
    shown = render(replace(matrix, claims=(replace(row, cells=cells),)), format_)
    if format_ == "json":
        assert '"old": "25 Menschen"' in shown
        assert '"before": "2022-11-15T06:30:00Z"' in shown
    else:
        assert "number “25 Menschen” became “43 Menschen” in revision 2, between 15 Nov 2022, 06:30 UTC" in shown.replace("\\", "")
    gone = make_article(1, "isar_de", NEW, revision=2, gone_at=AT)
    withdrawn = make_finding([make_candidate(gone)], context_of(gone, histories={1: revisions_of(OLD, NEW)}))
    assert withdrawn.revised == ()
