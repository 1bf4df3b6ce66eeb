"""The checker itself: it names what differs, and keeps still about what is as it should be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from interfaces.demo import checks
from interfaces.demo.documents import Newsroom
from interfaces.demo.ground_truth import GroundTruth, read_ground_truth
from interfaces.demo.newsroom import read_newsroom
from storage.copies import ClusterRecord
from storage.queries import VisitRecord
from storage.records import ArticleKind, Precision, PublishedTime, StoredArticle

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return read_newsroom()


@pytest.fixture(scope="module")
def truth(newsroom: Newsroom) -> GroundTruth:
    return read_ground_truth(newsroom)


def _visit(url: str, outcome: str = "stored", article: str | None = "a:1") -> VisitRecord:
    return VisitRecord(url=url, outcome=outcome, detail="", status=200, article=article)


def _article(newsroom: Newsroom, document_id: str) -> StoredArticle:
    """A faultless extraction of a document."""
    document = newsroom.documents[document_id]
    return StoredArticle(
        article_id=1,
        key=f"{document.site}:1",
        outlet_id=document.site,
        outlet_name="",
        owner="",
        family=None,
        url=document.url,
        kind=ArticleKind.ARTICLE,
        title=document.title,
        text=document.text,
        language="ru",
        published=PublishedTime(at=document.published, precision=Precision.SECOND),
        first_seen_at=AT,
        captured_at=AT,
        revision=1,
        revision_id=1,
        text_sha256="",
        capture_id=1,
        capture_sha256="",
    )


MAIN = "http://www.mainblatt.example/politik/russland-kriegsverweigerer-keller-luhansk-sajzewe-video-91904417.html"
AMP = MAIN.replace(".html", ".amp.html")


@pytest.mark.parametrize(
    ("visits", "differs"),
    [
        ([(MAIN, "stored"), (AMP, "alias")], False),
        # Which address comes first is chance.
        ([(MAIN, "alias"), (AMP, "stored")], False),
        ([(AMP, "stored"), (MAIN, "unchanged")], False),
        ([(MAIN, "stored"), (AMP, "unchanged")], True),
        ([(MAIN, "stored"), (AMP, "stored")], True),
        ([(MAIN, "extract_empty"), (AMP, "alias")], True),
        ([], True),
    ],
)
def test_one_address_is_stored_and_the_others_are_aliases(
    newsroom: Newsroom, truth: GroundTruth, visits: list[tuple[str, str]], differs: bool
) -> None:
    document = newsroom.documents["mainblatt-keller"]
    ledger = checks.Ledger(newsroom, [_visit(url, outcome) for url, outcome in visits])
    found = list(checks._outcome(document, truth.documents[document.id], ledger.of(document)))
    assert bool(found) is differs


def test_an_unseen_page_must_have_no_visit(newsroom: Newsroom, truth: GroundTruth) -> None:
    document = newsroom.documents["zaslon-dopros"]
    expected = truth.documents[document.id]
    assert not list(checks._outcome(document, expected, []))
    assert list(checks._outcome(document, expected, [_visit(document.url, "server_error", None)]))


def test_tracking_parameters_and_mirrors_lead_to_the_same_page(newsroom: Newsroom) -> None:
    document = newsroom.documents["meridian-en-video"]
    ledger = checks.Ledger(newsroom, [_visit(document.url)])
    assert len(ledger.of(document, document.also_at[0].url)) == 1


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, None),
        # A lead before the text is how many publishers print it.
        ({"text": "lead+text"}, None),
        ({"text": "text+clutter"}, "text"),
        ({"title": "Another"}, "title"),
        ({"kind": ArticleKind.VIDEO}, "kind"),
        ({"outlet_id": "strela_ru"}, "outlet"),
        ({"published": PublishedTime()}, "date"),
        ({"published": PublishedTime(at=datetime(2022, 11, 14, 9, 30, tzinfo=UTC), precision=Precision.SECOND)}, "date"),
        ({"published": PublishedTime(at=datetime(2022, 11, 14, tzinfo=UTC), precision=Precision.DAY)}, None),
    ],
)
def test_content_is_compared_word_for_word(newsroom: Newsroom, changes: dict[str, object], what: str | None) -> None:
    document = newsroom.documents["techas-podval"]
    texts = {"lead+text": f"{document.lead}\n{document.text}", "text+clutter": f"{document.text}\nПоделиться"}
    if "text" in changes:
        changes = {"text": texts[str(changes["text"])]}
    article = replace(_article(newsroom, document.id), **changes)  # type: ignore[arg-type]
    assert [difference.what for difference in checks._content(document, article)] == ([what] if what else [])


def _cluster(number: int, *documents: str) -> ClusterRecord:
    return ClusterRecord(cluster_id=number, first=documents[0], title="", articles=documents, members=())


def test_copies_must_stand_together_and_nothing_else(newsroom: Newsroom, truth: GroundTruth) -> None:
    ids = ["techas-podval", "sever-podval", "volga-podval", "globaldigest-cellars", "harbour-spun", "strela-trista"]
    keys = {document_id: document_id for document_id in ids}
    right = [_cluster(1, "techas-podval", "sever-podval", "volga-podval")]
    assert not list(checks._clusters(truth, keys, right))
    assert [d.what for d in checks._clusters(truth, keys, [_cluster(1, "techas-podval", "sever-podval")])] == ["cluster"]
    wrong = [_cluster(1, "techas-podval", "sever-podval", "volga-podval", "strela-trista")]
    assert [d.what for d in checks._clusters(truth, keys, wrong)] == ["copies"]
    # A spun copy may be found by equal words, and need not be.
    assert not list(checks._clusters(truth, keys, [*right, _cluster(2, "globaldigest-cellars", "harbour-spun")]))


@pytest.mark.parametrize(
    ("document_id", "found", "differs"),
    [
        ("techas-podval", ["not_modified"], False),
        ("techas-podval", ["revised"], True),
        ("techas-podval", [], True),
        ("techas-followup", ["revised", "not_modified"], False),
        ("techas-followup", ["unchanged"], True),
        ("en-voltaine-battery-plant", ["gone"], False),
        # A trivial edit is no revision.
        ("en-branch-line-badgers", ["unchanged"], False),
    ],
)
def test_the_second_look_finds_what_the_publisher_did(
    newsroom: Newsroom, truth: GroundTruth, document_id: str, found: list[str], differs: bool
) -> None:
    document = newsroom.documents[document_id]
    assert bool(list(checks._second_outcomes(document, truth.documents[document_id], found))) is differs


def test_a_difference_says_what_was_expected_and_what_was_found() -> None:
    difference = checks.Difference(what="outcome", name="x", expected="stored", found="no visit")
    assert str(difference) == "outcome of x: expected stored, found no visit"
