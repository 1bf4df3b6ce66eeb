"""Copies at other outlets: found by bands and anchors, confirmed on the whole texts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from interfaces.cli.articles import _first_publisher
from storage.clusters import MAX_PER_HASH, cluster_of
from storage.copies import clusters, copies_of
from storage.database import Database
from storage.queries import counts
from storage.records import CopyKind, Precision
from storage.runs import summarise_run
from tests.integration.storage.builders import Writer, all_copies, make_extraction, make_outlet, published
from tests.integration.storage.texts import EDITED, EMBEDDED, EXCERPT, INDEPENDENT, OTHER_DAY, WIRE

NAMES = ["radio", "paper", "agency", "portal"]


@pytest.fixture
def writer(database: Database, now: datetime) -> Writer:
    return Writer(database, [make_outlet(name) for name in NAMES], now)


def write(writer: Writer, outlet: str, text: str, now: datetime, path: str = "x") -> tuple[int, list[tuple[int, int, CopyKind]]]:
    written = writer.write(f"http://{outlet}.example/{path}", make_extraction(f"Headline of {outlet}", text), now, outlet=outlet)
    return written.change.article_id, [(pair.article_a, pair.article_b, pair.kind) for pair in written.copies]


def test_exact_near_and_contained_copies_are_told_apart(writer: Writer, now: datetime) -> None:
    wire, none = write(writer, "agency", WIRE, now)
    assert none == []
    exact, pairs = write(writer, "paper", WIRE.replace("\n", " ").replace(" - ", " – "), now)
    assert pairs == [(wire, exact, CopyKind.EXACT)]
    near, pairs = write(writer, "radio", EDITED, now)
    assert pairs == [(wire, near, CopyKind.NEAR), (exact, near, CopyKind.NEAR)]
    excerpt, pairs = write(writer, "portal", EXCERPT, now)
    assert pairs == [(wire, excerpt, CopyKind.CONTAINED), (exact, excerpt, CopyKind.CONTAINED), (near, excerpt, CopyKind.CONTAINED)]
    with writer.database.read() as session:
        assert cluster_of(session, near) == [wire, exact, near, excerpt]
        [cluster] = clusters(session)
        assert cluster.cluster_id == wire
        measured = {(pair.article_a, pair.article_b): pair for pair in all_copies(session)}
        assert measured[wire, exact].jaccard == 1.0
        assert 0.7 < measured[wire, near].jaccard < 1.0
        assert (measured[wire, excerpt].containment_b, measured[wire, excerpt].containment_a < 0.7) == (1.0, True)
        assert summarise_run(session, writer.run_id).copies == 3


def test_a_passage_inside_another_story_is_found(writer: Writer, now: datetime) -> None:
    excerpt, _ = write(writer, "agency", EXCERPT, now)
    long, pairs = write(writer, "paper", EMBEDDED, now)
    assert pairs == [(excerpt, long, CopyKind.CONTAINED)]


def test_a_cluster_keeps_its_articles_three_times_apart(writer: Writer, now: datetime) -> None:
    dated = {"published": published(now - timedelta(hours=2), precision=Precision.MINUTE), "modified": published(now)}
    writer.write("http://agency.example/x", make_extraction("Wire", WIRE, **dated), now, outlet="agency")
    of_day = {"published": published(now.replace(hour=0), precision=Precision.DAY)}
    writer.write("http://paper.example/x", make_extraction("Copy", EDITED, **of_day), now, outlet="paper")
    with writer.database.read() as session:
        [cluster] = clusters(session)
    agency, paper = cluster.members
    assert (agency.outlet, agency.published.at, agency.first_seen_at, agency.modified.at) == ("agency", now - timedelta(hours=2), now, now)
    assert (paper.outlet, paper.published.precision, paper.modified.at) == ("paper", Precision.DAY, None)
    # The day's copy has the earliest time, and may yet be the later one.
    assert (cluster.first, _first_publisher(cluster)) == (paper.article, None)
    later = replace(cluster, members=(agency, replace(paper, published=published(now, precision=Precision.MINUTE))))
    assert _first_publisher(later) == agency.article


def test_a_quoted_passage_is_no_copy_and_joins_no_cluster(writer: Writer, now: datetime) -> None:
    wire, _ = write(writer, "agency", WIRE, now)
    quoting, pairs = write(writer, "paper", EMBEDDED, now)
    assert pairs == [(wire, quoting, CopyKind.PASSAGE)]
    with writer.database.read() as session:
        assert [pair.kind for pair in copies_of(session, quoting)] == [CopyKind.PASSAGE]
        assert (all_copies(session), clusters(session), counts(session)["copies"]) == ([], [], 0)
        assert summarise_run(session, writer.run_id).copies == 0


def test_the_same_event_in_other_words_is_no_copy(writer: Writer, now: datetime) -> None:
    write(writer, "agency", WIRE, now)
    for outlet, text in (("paper", INDEPENDENT), ("radio", OTHER_DAY)):
        assert write(writer, outlet, text, now)[1] == []


def test_an_outlet_s_own_repetition_is_no_copy(writer: Writer, now: datetime) -> None:
    write(writer, "paper", WIRE, now, "x")
    assert write(writer, "paper", WIRE, now, "y")[1] == []


def test_short_equal_texts_say_nothing(writer: Writer, now: datetime) -> None:
    for outlet in NAMES:
        assert write(writer, outlet, "Watch the video on our channel.", now)[1] == []
        assert write(writer, outlet, "", now, "video")[1] == []


def test_boilerplate_that_everybody_shares_joins_nothing(writer: Writer, now: datetime) -> None:
    footer = " Follow us on the messenger of your choice and never miss what matters in your town, your region and the world" * 2
    for outlet in NAMES[:3]:
        for number in range(3):
            body = " ".join(f"{outlet}{number}word{index}" for index in range(60))
            assert write(writer, outlet, body + footer, now, str(number))[1] == []
    assert MAX_PER_HASH >= 100


def test_a_revision_renews_pairs_and_clusters(writer: Writer, now: datetime) -> None:
    wire, _ = write(writer, "agency", WIRE, now)
    middle, _ = write(writer, "paper", EDITED, now)
    last, pairs = write(writer, "radio", EDITED, now)
    assert {pair[:2] for pair in pairs} == {(wire, last), (middle, last)}
    write(writer, "agency", OTHER_DAY, now + timedelta(hours=2))
    with writer.database.read() as session:
        assert cluster_of(session, wire) == []
        assert cluster_of(session, last) == [middle, last]
        assert [(pair.article_a, pair.article_b) for pair in all_copies(session)] == [(middle, last)]
    write(writer, "agency", WIRE, now + timedelta(hours=4))
    with writer.database.read() as session:
        assert cluster_of(session, last) == [wire, middle, last]
