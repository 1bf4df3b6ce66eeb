"""Reports, vectors, matches and the named reads: what goes in comes out, and only of what is current."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select, text

from storage.claim_records import (
    Claim,
    ClaimKind,
    Derivation,
    DerivationKind,
    FactPair,
    FactVerdict,
    Level,
    Match,
    Number,
    Place,
    ReferenceReport,
)
from storage.coverage import outlet_coverage
from storage.database import Database
from storage.errors import NotFoundError
from storage.identity import exact_sha256, sha256_hex
from storage.matches import load_derivations, load_matches, replace_derivations, replace_matches
from storage.models import ClaimRow, VectorBlockRow
from storage.nearness import (
    BackgroundRecord,
    Relevance,
    clear_pending,
    load_background,
    load_relevance,
    pending_articles,
    related_articles,
    save_background,
    save_relevance,
)
from storage.queries import counts, load_article, load_articles, outcomes, outlets
from storage.records import Precision, PublishedTime
from storage.reports import claim_rows, list_reports, load_report, save_report
from storage.vectors import load_vectors, save_vectors
from tests.integration.storage.builders import Writer, make_extraction, make_outlet, published
from tests.integration.storage.texts import INDEPENDENT, OTHER_DAY, WIRE

MINUTE = timedelta(minutes=1)
MODEL = sha256_hex(b"model")

CLAIM = Claim(
    id="c01",
    kind=ClaimKind.EVENT,
    text="Four villages had no power.",
    context="in the river district",
    speaker="the administration",
    hearsay=True,
    numbers=(Number(low=4, high=4, unit="village", text="Four", start=0, end=4),),
    places=(Place(key="rvr", text="river", start=5, end=10),),
    dates=("2026-11-17",),
    quotes=("no power",),
)
REPORT = ReferenceReport(
    key="river-power",
    title="Power cut at the river",
    language="en",
    translated_from="ru",
    url="http://radio.example/report",
    outlet="radio",
    published=PublishedTime(at=datetime.fromisoformat("2026-11-18T06:00:00+00:00"), precision=Precision.MINUTE, source="analyst"),
    text="Four villages had no power. It was repaired.",
    chain=("radio", "Agency"),
    claims=(CLAIM, Claim(id="c02", text="It was repaired.", kind=ClaimKind.CONTEXT)),
)


def test_a_report_comes_back_as_it_was_given(database: Database, now: datetime) -> None:
    with database.write() as session:
        save_report(session, REPORT, now)
        save_report(session, REPORT, now + MINUTE)
        assert load_report(session, "river-power") == REPORT
        assert list_reports(session) == [REPORT]
        assert session.scalar(select(func.count()).select_from(ClaimRow)) == 2
        with pytest.raises(NotFoundError, match="no report 'other'"):
            load_report(session, "other")


def test_an_edited_claim_is_a_new_version(database: Database, now: datetime) -> None:
    with database.write() as session:
        save_report(session, REPORT, now)
        before = claim_rows(session, REPORT.key)
        edited = replace(REPORT, claims=(replace(CLAIM, text="Five villages had no power."),))
        save_report(session, edited, now)
        after = claim_rows(session, REPORT.key)
        assert set(after) == {"c01"}, "what was taken out is compared no more"
        assert after["c01"] != before["c01"]
        assert load_report(session, REPORT.key).claims[0].version == 2
        save_report(session, REPORT, now)
        assert [claim.version for claim in load_report(session, REPORT.key).claims] == [3, 2]


def test_vectors_keep_their_direction(database: Database, now: datetime) -> None:
    generator = np.random.default_rng(7)
    matrix = generator.normal(size=(2500, 96)).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix[7] = 0.0
    keys = [bytes.fromhex(sha256_hex(str(number).encode())) for number in range(2500)]
    with database.write() as session:
        assert save_vectors(session, MODEL, "en", keys, matrix, now) == 3
        assert session.scalars(select(VectorBlockRow.count).order_by(VectorBlockRow.id)).all() == [1024, 1024, 452]
        save_vectors(session, "0" * 64, "en", keys[:1], matrix[:1], now)
    with database.read() as session:
        table = load_vectors(session, MODEL)
        assert len(table.rows) == 2500
        assert keys[3] in table
        found = table.take([keys[2499], keys[0], keys[7]])
        assert np.abs(found @ found.T - matrix[[2499, 0, 7]] @ matrix[[2499, 0, 7]].T).max() < 0.006
        empty = load_vectors(session, "f" * 64)
        assert (len(empty.rows), empty.vectors.shape) == (0, (0, 0))


@pytest.fixture
def writer(database: Database, now: datetime) -> Writer:
    writer = Writer(database, [make_outlet("radio"), make_outlet("paper", "de", country="DE")], now)
    when = published(now - MINUTE, precision=Precision.SECOND)
    writer.write("http://radio.example/a", make_extraction("Power cut", WIRE, published=when), now)
    writer.write("http://paper.example/b", make_extraction("Stromausfall", INDEPENDENT, "de"), now, outlet="paper")
    with database.write() as session:
        save_report(session, REPORT, now)
    return writer


def make_match(article_id: int, body: str, **fields: object) -> Match:
    return replace(
        Match(
            claim_id="c01",
            article_id=article_id,
            revision=1,
            text_sha256=exact_sha256(body),
            start=0,
            end=40,
            level=Level.STRONG,
            score=4.8125,
            parts={"z": 4.8, "place": 1.0},
            verdict=FactVerdict.DIFFERS,
            facts=(FactPair(field="number", claim_value="4", passage_value="5", verdict=FactVerdict.DIFFERS),),
            door="place",
        ),
        **fields,  # type: ignore[arg-type]
    )


def test_matches_are_replaced_per_article_and_model(writer: Writer, now: datetime) -> None:
    with writer.database.write() as session:
        one, two = pending_articles(session)
        mine = [make_match(one, WIRE), make_match(one, WIRE, start=50, end=90, score=5.0)]
        replace_matches(session, REPORT.key, one, MODEL, mine, now)
        replace_matches(session, REPORT.key, two, MODEL, [make_match(two, INDEPENDENT)], now)
        replace_matches(session, REPORT.key, one, "0" * 64, [make_match(one, WIRE)], now)
        assert load_matches(session, REPORT.key, MODEL) == [mine[1], make_match(two, INDEPENDENT), mine[0]]
        replace_matches(session, REPORT.key, one, MODEL, [], now)
        assert load_matches(session, REPORT.key, MODEL) == [make_match(two, INDEPENDENT)]
        clear_pending(session, [one])
        assert pending_articles(session) == [two]
        assert pending_articles(session, 0) == []


def test_matches_of_former_revisions_and_claims_are_out(writer: Writer, now: datetime) -> None:
    with writer.database.write() as session:
        one, two = pending_articles(session)
        replace_matches(session, REPORT.key, one, MODEL, [make_match(one, WIRE)], now)
        replace_matches(session, REPORT.key, two, MODEL, [make_match(two, INDEPENDENT, claim_id="c02")], now)
        clear_pending(session, [one, two])
        rows = session.execute(
            text("SELECT claim, outlet, owner, level, passage_start, passage_end FROM v_claim_matrix ORDER BY claim")
        ).all()
        assert [tuple(row) for row in rows] == [("c01", "radio", "radio", "strong", 0, 40), ("c02", "paper", "paper", "strong", 0, 40)]
    writer.write("http://radio.example/a", make_extraction("Power cut", OTHER_DAY), now + MINUTE)
    with writer.database.write() as session:
        assert [match.article_id for match in load_matches(session, REPORT.key, MODEL)] == [two]
        assert pending_articles(session) == [one]
        save_report(session, replace(REPORT, claims=(CLAIM,)), now)
        assert load_matches(session, REPORT.key, MODEL) == []
        assert session.execute(text("SELECT count(*) FROM v_claim_matrix")).scalar_one() == 0


def test_backgrounds_relevance_and_derivations(writer: Writer, now: datetime) -> None:
    background = BackgroundRecord(language="de", model_hash=MODEL, sample_size=500, claims={"c01@1": (0.25, 0.125)})
    with writer.database.write() as session:
        one, two = pending_articles(session)
        assert load_background(session, REPORT.key, "de", MODEL) is None
        save_background(session, REPORT.key, replace(background, sample_size=3), now)
        save_background(session, REPORT.key, background, now)
        assert load_background(session, REPORT.key, "de", MODEL) == background
        scores = [
            Relevance(article_id=article, text_sha256="0" * 64, model_hash=MODEL, score=0.5, related=article == two, parts={"z": 1.0})
            for article in (one, two)
        ]
        save_relevance(session, REPORT.key, scores, now)
        save_relevance(session, REPORT.key, scores[:1], now)
        assert load_relevance(session, REPORT.key) == {score.article_id: score for score in scores}
        assert related_articles(session, REPORT.key) == [two]
        found = [
            Derivation(article_id=one, kind=DerivationKind.ORIGINAL),
            Derivation(article_id=two, kind=DerivationKind.TRANSLATION, source_article_id=one, credited="Radio", evidence="x", share=0.75),
        ]
        replace_derivations(session, REPORT.key, found)
        replace_derivations(session, REPORT.key, found)
        assert load_derivations(session, REPORT.key) == found


def test_named_reads(writer: Writer, now: datetime) -> None:
    writer.write("http://radio.example/a", make_extraction("Power cut", WIRE), now + MINUTE)
    with writer.database.read() as session:
        keys = [article.key for article in load_articles(session)]
        assert keys == [article.key for article in load_articles(session, outlets=["radio", "paper"])]
        assert len(keys) == 2
        [paper] = load_articles(session, outlets=["paper"])
        assert (paper.language, paper.published.at, paper.text_sha256) == ("de", None, exact_sha256(INDEPENDENT))
        assert [article.article_id for article in load_articles(session, [paper.article_id, 999])] == [paper.article_id]
        assert [article.outlet_id for article in load_articles(session, since=now - MINUTE, until=now)] == ["radio"]
        assert list(load_articles(session, since=now)) == []
        with pytest.raises(NotFoundError, match="no article 'radio:1'"):
            load_article(session, "radio:1")
        assert [(item.id, item.country) for item in outlets(session)] == [("paper", "DE"), ("radio", "")]
        assert outcomes(session) == {"stored": 2, "unchanged": 1}
        assert (counts(session)["articles"], counts(session)["visits"]) == (2, 3)
        by_id = {item.outlet_id: item for item in outlet_coverage(session)}
        assert (by_id["radio"].articles, dict(by_id["radio"].outcomes), by_id["radio"].newest_at) == (
            1,
            {"stored": 1, "unchanged": 1},
            now - MINUTE,
        )
        assert (by_id["paper"].articles, by_id["paper"].newest_at, by_id["paper"].feed_outcome) == (1, None, None)


def test_views_show_what_is_stored(writer: Writer, now: datetime) -> None:
    writer.write("http://radio.example/a", make_extraction("Power is back", WIRE), now + MINUTE)
    writer.write("http://paper.example/c", make_extraction("Kopie", WIRE, "de"), now, outlet="paper")
    with writer.database.read() as session:

        def rows(statement: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in session.execute(text(statement))]

        assert rows("SELECT outlet, title, revision, language FROM v_articles ORDER BY title") == [
            ("paper", "Kopie", 1, "de"),
            ("radio", "Power is back", 2, "en"),
            ("paper", "Stromausfall", 1, "de"),
        ]
        assert rows("SELECT revision, title FROM v_revisions WHERE title LIKE 'Power%' ORDER BY revision") == [
            (1, "Power cut"),
            (2, "Power is back"),
        ]
        assert rows("SELECT outlet FROM v_clusters ORDER BY outlet") == [("paper",), ("radio",)]
        assert rows("SELECT outcome, count(*) FROM v_outcomes GROUP BY outcome ORDER BY outcome") == [("revised", 1), ("stored", 3)]
        assert rows("SELECT outlet, articles, open_visits, feeds FROM v_outlet_health ORDER BY outlet") == [
            ("paper", 2, 0, 0),
            ("radio", 1, 0, 0),
        ]
