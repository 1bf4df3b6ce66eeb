"""The matrix of the newsroom from what is stored: passages as planted, origins as found, and the same bytes each time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from comparison import derivation
from comparison.dossier import FORMATS, render
from comparison.encoders import MODEL_FREE, load_encoders
from comparison.facts import compare_facts
from comparison.findings import NOTICE, ClaimFindings
from comparison.matrix import Matrix, build_matrix
from comparison.passages import sentences
from comparison.scoring import setup_hash
from interfaces.demo.documents import Newsroom
from interfaces.demo.ground_truth import GroundTruth, read_ground_truth
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.reference import demo_report
from storage import matches, nearness, queries, reports
from storage.articles import mark_gone
from storage.claim_records import Claim, FactVerdict, Independence, Level, Match
from storage.database import open_database, upgrade_database
from storage.errors import NotFoundError
from storage.pages import record_page
from storage.records import PageKind, StoredArticle
from tests.conftest import NOW
from tests.integration.newsroom_store import Store, fill, relate

REPORT = "luhansk-cellars"
NOT_SEEN = ("blocked", "unseen")


def planted(newsroom: Newsroom, truth: GroundTruth) -> list[tuple[str, str, str, Level]]:
    """(claim, document, passage, level) of every passage that the newsroom was built around."""
    found = [(cell.claim, cell.document, cell.passage, Level(cell.level)) for cell in truth.cells]
    for claim, documents in (*truth.chain.items(), *truth.unestablished.items()):
        for name in documents:
            document = newsroom.documents[name]
            text = document.text or document.lead
            language = newsroom.outlets[document.site].language
            wanted = {"c03": ("250",), "c02": ("Зай", "Sa", "Za"), "c12": ("Валу", "Valu", "Walu"), "c13": ("Валу", "Valu", "Walu")}[claim]
            spans = [text[span.start : span.end] for span in sentences(text, language)]
            passage = next((part for part in spans if any(word in part for word in wanted)), None)
            if passage is not None:
                found.append((claim, name, passage, Level.STRONG))
    return found


def match_of(claim: Claim, article: StoredArticle, passage: str, level: Level) -> Match:
    start = article.text.index(passage)
    verdict, facts = compare_facts(claim, passage, article.language, article.published.at)
    return Match(
        claim_id=claim.id,
        article_id=article.article_id,
        revision=article.revision,
        text_sha256=article.text_sha256,
        start=start,
        end=start + len(passage),
        level=level,
        score=5.0 if level is Level.STRONG else 3.5,
        verdict=verdict,
        facts=facts,
    )


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return read_newsroom()


@pytest.fixture(scope="module")
def truth(newsroom: Newsroom) -> GroundTruth:
    return read_ground_truth(newsroom)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, newsroom: Newsroom, truth: GroundTruth) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path_factory.mktemp('matrix') / 'newsroom.db'}"
    upgrade_database(url)
    wanted = [name for name, item in truth.documents.items() if (item.derivation or item.related) and item.outcome not in NOT_SEEN]
    with closing(open_database(url)) as database:
        filled = fill(database, newsroom, NOW, only=wanted)
        report = demo_report()
        with database.write() as session:
            reports.save_report(session, report, NOW)
        relate(filled, REPORT, wanted, NOW)
        derivation.derive(database, REPORT, load_encoders("auto"), now=NOW)
        claims = {claim.id: claim for claim in report.claims}
        with database.read() as session:
            articles = {article.article_id: article for article in queries.load_articles(session)}
        by_article: dict[int, list[Match]] = {}
        for claim_id, name, passage, level in planted(newsroom, truth):
            article = articles[filled.articles[name]]
            by_article.setdefault(article.article_id, []).append(match_of(claims[claim_id], article, passage, level))
        near = articles[filled.articles["perehuk-zavitne-26"]]
        by_article[near.article_id] = [match_of(claims["c03"], near, sentence_with(near, "26 душ"), Level.STRONG)]
        with database.write() as session:
            for article_id, found in by_article.items():
                matches.replace_matches(session, REPORT, article_id, MODEL_FREE.model_hash, found, NOW)
            nearness.clear_pending(session, list(articles))
            nearness.set_scored_setup(session, REPORT, setup_hash(reports.load_report(session, REPORT), MODEL_FREE))
        yield filled


def sentence_with(article: StoredArticle, words: str) -> str:
    spans = sentences(article.text, article.language)
    return next(article.text[span.start : span.end] for span in spans if words in article.text[span.start : span.end])


@pytest.fixture(scope="module")
def matrix(store: Store) -> Matrix:
    return build_matrix(store.database, REPORT, MODEL_FREE)


def row(matrix: Matrix, claim: str) -> ClaimFindings:
    return next(item for item in matrix.claims if item.id == claim)


def test_the_number_of_second_sources_is_the_planted_one(matrix: Matrix) -> None:
    people = row(matrix, "c03")
    carrying = {cell.origin: cell for cell in people.cells if cell.articles}
    assert carrying["perehuk"].verdict is FactVerdict.AGREES
    assert carrying["listok"].verdict is FactVerdict.DIFFERS
    assert carrying["strela"].verdict is FactVerdict.DIFFERS
    assert carrying["radio_meridian"].independence is Independence.REPORT_CHAIN
    assert carrying["welle_europa"].independence is Independence.NOT_ESTABLISHED
    assert set(carrying) == {"perehuk", "listok", "strela", "radio_meridian", "welle_europa"}
    assert (people.counts.same_fact.low, people.counts.other_fact.low, people.counts.independence_not_established.low) == (1, 2, 1)
    assert people.summary == (
        "carried by three origins outside the report's own chain; one agrees, two give rival figures (43, 300); "
        "for one further origin independence is not established"
    )


def test_another_village_is_a_near_miss_and_in_no_cell(matrix: Matrix, store: Store) -> None:
    misses = [miss for miss in matrix.near_misses if miss.finding.article.startswith("perehuk_uk:")]
    assert [(miss.claim, miss.field, miss.counted) for miss in misses] == [("c03", "place", False)]
    shown = {finding.article for cell in row(matrix, "c03").cells for finding in cell.articles}
    assert misses[0].finding.article not in shown


def test_the_first_publication_is_placed_by_the_publishers_times(matrix: Matrix) -> None:
    first = row(matrix, "c03").first
    assert first.outlet == "strela_ru"
    assert first.origin == "strela"
    assert row(matrix, "c12").first.outlet == "techas_ru"


def test_claims_without_a_passage_elsewhere_are_only_in_the_report(matrix: Matrix) -> None:
    assert "c03" not in matrix.only_in_report
    assert {"c05", "c09"} <= set(matrix.only_in_report)
    assert not {"c16", "c20"} & set(matrix.only_in_report), "context is no event"


def test_every_finding_points_to_its_words(matrix: Matrix, store: Store) -> None:
    with store.database.read() as session:
        texts = {article.key: article for article in queries.load_articles(session)}
    findings = [finding for claim in matrix.claims for cell in claim.cells for finding in cell.articles]
    assert findings
    for finding in findings:
        article = texts[finding.article]
        assert article.text[finding.start : finding.end].startswith(finding.passage.removesuffix("…"))
        assert finding.text_sha256 == article.text_sha256
        assert finding.capture_sha256 == article.capture_sha256
        for mark in finding.marks:
            assert 0 <= mark.start < mark.end <= len(finding.passage)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_database_gives_the_same_bytes(store: Store, format_: str) -> None:
    first, second = (render(build_matrix(store.database, REPORT, MODEL_FREE), format_) for _ in range(2))
    assert first == second
    assert NOTICE in first
    for name, version in build_matrix(store.database, REPORT, MODEL_FREE).versions.items():
        assert format_ == "csv" or (name in first and version in first)


def test_json_survives_a_round_trip(matrix: Matrix) -> None:
    document = json.loads(json.dumps(matrix.to_json(), ensure_ascii=False))
    assert document["claims"][0]["cells"][0]["origin"] == "radio_meridian"
    assert document["low_recall"] is True


def test_what_came_later_is_left_out_as_of_then(store: Store) -> None:
    early = build_matrix(store.database, REPORT, MODEL_FREE, as_of=NOW - timedelta(days=1))
    assert early.articles == 0
    assert not any(cell.articles for claim in early.claims for cell in claim.cells)
    assert build_matrix(store.database, REPORT, MODEL_FREE, as_of=NOW).related > 0


def test_an_unknown_report_is_said(store: Store) -> None:
    with pytest.raises(NotFoundError):
        build_matrix(store.database, "nobody-knows", MODEL_FREE)


def test_a_withdrawn_page_is_not_quoted_and_counts_for_nothing_sure(store: Store, matrix: Matrix, newsroom: Newsroom) -> None:
    """Runs last: it changes the database."""
    assert row(matrix, "c03").counts.same_fact.low == 1
    with store.database.read() as session:
        article = next(queries.load_articles(session, [store.articles["perehuk-250"]]))
    with store.database.write() as session:
        page = record_page(session, url=article.url, outlet=newsroom.outlets[article.outlet_id], kind=PageKind.ARTICLE, now=NOW)
        assert mark_gone(session, page, NOW) == article.key
    after = build_matrix(store.database, REPORT, MODEL_FREE)
    people = row(after, "c03")
    assert (people.counts.same_fact.low, people.counts.same_fact.high) == (0, 1)
    finding = next(finding for cell in people.cells for finding in cell.articles if finding.article == article.key)
    assert finding.withdrawn
    assert finding.passage == ""
    assert any("withdrawn" in note for note in after.notes)
