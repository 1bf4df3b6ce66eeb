"""Copies are found and measured exactly; the same event in other words is no copy."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest

from storage.clusters import join_copies
from storage.near_duplicates import (
    BANDS,
    MIN_PASSAGE,
    PERMUTATIONS,
    anchors,
    bands,
    fingerprint,
    headline_only,
    measure,
    shared_spans,
    shares_passage,
    shingle_set,
)
from storage.records import CopyKind
from tests.integration.storage.texts import EDITED, EMBEDDED, EXCERPT, INDEPENDENT, OTHER_DAY, WIRE


def test_the_measures_of_copies_and_of_independent_texts() -> None:
    assert measure(WIRE, WIRE.upper()) == (1.0, 1.0, 1.0)
    assert measure(WIRE, EDITED)[0] > 0.8
    jaccard, of_excerpt, of_article = measure(EXCERPT, EMBEDDED)
    assert of_excerpt == 1.0
    assert jaccard == of_article
    assert of_article < 0.5
    assert measure(WIRE, INDEPENDENT)[0] < 0.02
    assert measure(WIRE, OTHER_DAY) == (0.0, 0.0, 0.0)
    assert measure("", WIRE) == (0.0, 0.0, 0.0)


def test_headlines_are_no_part_of_the_fingerprint() -> None:
    one, other = fingerprint("One headline", WIRE, "en"), fingerprint("Another", WIRE, "en")
    assert (one.signature, one.text_sha256) == (other.signature, other.text_sha256)
    assert one.title_lemmas != other.title_lemmas


def test_without_its_text_the_fingerprint_is_that_of_the_headline_alone() -> None:
    assert headline_only(fingerprint("Voices of the basement", WIRE, "en"), "Voices of the basement") == fingerprint(
        "Voices of the basement", "", "en"
    )


def test_a_near_copy_shares_bands_and_an_independent_text_none() -> None:
    wire = set(enumerate(bands(fingerprint("", WIRE, "en").signature)))
    assert len(wire & set(enumerate(bands(fingerprint("", EDITED, "en").signature)))) >= 3
    for other in (INDEPENDENT, OTHER_DAY):
        assert not wire & set(enumerate(bands(fingerprint("", other, "en").signature)))


def test_a_part_taken_over_shares_anchors_with_the_whole() -> None:
    assert set(anchors(EXCERPT)) & set(anchors(EMBEDDED))
    assert set(anchors(EXCERPT)) <= set(anchors(WIRE))


def test_shared_spans_are_the_words_that_both_texts_hold() -> None:
    [span] = shared_spans(EMBEDDED, WIRE, MIN_PASSAGE)
    assert EMBEDDED[span.a_start : span.a_end] == WIRE[span.b_start : span.b_end] == EXCERPT.rstrip(".")
    assert shared_spans(INDEPENDENT, WIRE, MIN_PASSAGE) == []
    for text, shared in ((EMBEDDED, True), (INDEPENDENT, False), (" ".join(WIRE.split()[:30]), False), (" ".join(WIRE.split()[:36]), True)):
        assert shares_passage(text, shingle_set(text) & shingle_set(WIRE)) is shared
        assert bool(shared_spans(text, WIRE, MIN_PASSAGE)) is shared
    assert shared_spans("", WIRE, MIN_PASSAGE) == shared_spans(WIRE, "", MIN_PASSAGE) == []


def test_shared_spans_overlap_in_neither_text_however_often_it_repeats_itself() -> None:
    words = " ".join(f"word{number}" for number in range(12))
    found = shared_spans(f"{words} and {words} {'x ' * 400} so {words}", f"{words} {'x ' * 400} but {words}", 10)
    assert [span.words for span in found] == [12, 412]
    for spans in ([(s.a_start, s.a_end) for s in found], [(s.b_start, s.b_end) for s in found]):
        assert all(one[1] <= other[0] for one, other in pairwise(sorted(spans)))


@pytest.mark.parametrize("text", ["", "Watch the video.", "one two three four five six seven eight"])
def test_a_text_too_short_has_no_signature(text: str) -> None:
    found = fingerprint("Title", text, "en")
    assert found.signature == b""
    assert bands(found.signature) == []
    assert found.shingle_count == len(shingle_set(text)) < 5


def test_a_signature_has_the_documented_form() -> None:
    found = fingerprint("", WIRE, "en")
    assert len(found.signature) == PERMUTATIONS * 4
    assert len(bands(found.signature)) == BANDS
    assert all(-(2**63) <= band < 2**63 for band in bands(found.signature))
    with pytest.raises(ValueError, match="512 bytes"):
        bands(b"short")


def test_another_process_computes_the_same() -> None:
    code = (
        "import sys; from storage.near_duplicates import *; t = sys.argv[1]; print(bands(fingerprint('', t, 'en').signature), anchors(t))"
    )
    done = subprocess.run([sys.executable, "-c", code, WIRE], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"{bands(fingerprint('', WIRE, 'en').signature)} {anchors(WIRE)}"


NEAR, IN = CopyKind.NEAR, CopyKind.CONTAINED


@pytest.mark.parametrize(
    ("pairs", "clusters"),
    [
        ([], {}),
        ([(1, 2, NEAR, None), (2, 3, NEAR, None), (7, 9, CopyKind.EXACT, None)], {1: 1, 2: 1, 3: 1, 7: 7, 9: 7}),
        # A short piece inside a longer one.
        ([(1, 2, IN, 2)], {1: 1, 2: 1}),
        # A digest (5) of two unrelated pieces joins neither.
        ([(1, 5, IN, 5), (2, 5, IN, 5)], {}),
        # ... and does not tear apart what belongs together.
        ([(1, 5, IN, 5), (2, 5, IN, 5), (1, 3, NEAR, None)], {1: 1, 3: 1}),
        # Two excerpts of one piece, one inside the other, and the piece.
        ([(1, 2, IN, 2), (1, 3, IN, 3), (2, 3, IN, 3)], {1: 1, 2: 1, 3: 1}),
        # A digest of copies of one piece.
        ([(1, 2, NEAR, None), (1, 5, IN, 5), (2, 5, IN, 5)], {1: 1, 2: 1, 5: 1}),
    ],
)
def test_clusters(pairs: list[tuple[int, int, CopyKind, int | None]], clusters: dict[int, int]) -> None:
    assert join_copies(pairs) == clusters
