"""What two other origins say and the report does not, found with the packaged encoders in stored articles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from comparison.claims import annotate
from comparison.dossier import render
from comparison.elsewhere import find_elsewhere
from comparison.encoders import Encoders, load_encoders
from comparison.matrix import build_matrix
from storage import matches, nearness, queries
from storage.claim_records import Claim, FactVerdict, Level, Match, ReferenceReport
from storage.database import Database, open_database
from storage.nearness import Relevance
from storage.records import Precision, PublishedTime
from storage.reports import save_report
from tests.conftest import NewDatabase
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

REPORT = ReferenceReport(
    key="dyke",
    title="A flood nobody was warned of",
    language="en",
    chain=("fluss",),
    claims=(annotate(Claim(id="c01", text="About 40 houses were destroyed in Orlitz."), "en"),),
)
TEXTS = {
    # The passage that carries the claim, then what both add, then what only one says.
    "blatt": (
        "de",
        "In Orlitz wurden rund 40 Häuser zerstört.",
        "Bei den Rettungsarbeiten wurden 35 Feuerwehrleute verletzt.",
        "Das Theater der Stadt eröffnet am Freitag die neue Spielzeit.",
    ),
    "herald": (
        "en",
        "About 40 houses were destroyed in Orlitz.",
        "In the rescue work 35 firefighters were injured.",
        "Bread has become dearer by a tenth since the spring.",
    ),
}


@pytest.fixture(scope="module")
def encoders() -> Encoders:
    found = load_encoders("auto")
    if found.model_free:
        pytest.skip("no packaged encoder on this platform")
    return found


@pytest.fixture
def store(new_database: NewDatabase, encoders: Encoders, now: datetime) -> Iterator[Database]:
    with new_database("sqlite") as url, closing(open_database(url)) as database:
        outlets = [make_outlet(name, language) for name, (language, *_) in TEXTS.items()]
        writer = Writer(database, outlets, now)
        with database.write() as session:
            save_report(session, REPORT, now)
        when = PublishedTime(at=now - timedelta(hours=2), precision=Precision.SECOND, source="json-ld")
        for name, (language, *sentences) in TEXTS.items():
            page = make_extraction("Orlitz", " ".join(sentences), language, published=when)
            writer.write(f"http://{name}.example/1", page, now, outlet=name)
        with database.write() as session:
            for article in list(queries.load_articles(session)):
                carrying = TEXTS[article.outlet_id][1]
                scored = Relevance(
                    article_id=article.article_id, text_sha256=article.text_sha256, model_hash="", score=9.0, related=True, parts={}
                )
                nearness.save_relevance(session, "dyke", [scored], now)
                found = Match(
                    claim_id="c01", article_id=article.article_id, revision=1, text_sha256=article.text_sha256, start=0,
                    end=len(carrying), level=Level.STRONG, score=6.0, verdict=FactVerdict.AGREES,
                )  # fmt: skip
                matches.replace_matches(session, "dyke", article.article_id, encoders.model_hash, [found], now)
        yield database


def test_what_two_origins_add_is_shown_with_both_passages(store: Database, encoders: Encoders, now: datetime) -> None:
    assert find_elsewhere(store, "dyke", encoders, now=now) == 1
    matrix = build_matrix(store, "dyke", encoders)
    [shared] = matrix.elsewhere
    assert shared.origins == ("blatt", "herald")
    assert {one.passage for one in shared.passages} == {TEXTS["blatt"][2], TEXTS["herald"][2]}
    assert "35 firefighters" in render(matrix, "html").partition("not in the report</h2>")[2].partition("</section>")[0]


def test_it_is_looked_for_again_only_when_something_changed(store: Database, encoders: Encoders, now: datetime) -> None:
    assert [find_elsewhere(store, "dyke", encoders, now=now) for _ in range(2)] == [1, 0]
    assert len(build_matrix(store, "dyke", encoders).elsewhere) == 1, "and what was found stays"


def test_what_the_report_says_too_is_not_said_elsewhere(store: Database, encoders: Encoders, now: datetime) -> None:
    more = annotate(Claim(id="c02", text="35 firefighters were injured in the rescue work."), "en")
    with store.write() as session:
        save_report(session, ReferenceReport(key="dyke", title="R", language="en", chain=("fluss",), claims=(*REPORT.claims, more)), now)
    assert find_elsewhere(store, "dyke", encoders, now=now) == 0


def test_a_report_that_nobody_else_carries_has_nothing_elsewhere_and_stops_nothing(
    store: Database, encoders: Encoders, now: datetime
) -> None:
    claim = annotate(Claim(id="c01", text="Two orchards were sold in Lindau."), "en")
    with store.write() as session:
        save_report(session, ReferenceReport(key="orchards", title="O", language="en", claims=(claim,)), now)
    assert find_elsewhere(store, "orchards", encoders, now=now) == 0
