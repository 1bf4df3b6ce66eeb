"""A pinned slice of tests/bench/copies.py: what is alike is found, also in part and with its words; what is told anew is not."""

from __future__ import annotations

from tests.bench.copies import measure_known
from tests.bench.known_copies import known_texts, originals
from tests.eval.sets import LANGUAGES, Group

PINNED = {
    "texts": 48,
    "pairs of .7 and more found": "1.000 [0.81, 1.00] 16/16",
    "precision of exact and near": "1.000 [0.81, 1.00] 16/16",
    "too short to say": 0,
    "teasers found": "1.000 [0.68, 1.00] 8/8",
    "quoted passages found": "1.000 [0.68, 1.00] 8/8",
    "share of a found part inside its spans, least": {"teaser": 0.994, "quoting": 0.995},
    "independent articles taken for copies": "0.000 [0.00, 0.49] 0/4",
    "copies between texts of different originals": 0,
}


def test_copies_teasers_and_quotations_are_found_and_independents_are_not() -> None:
    # Two of each language that tell of the same events.
    carrying = [article for article in originals() if article.group is Group.CARRYING]
    sources = [article for language in LANGUAGES for article in [one for one in carrying if one.language == language][:2]]
    assert measure_known(known_texts(sources)) == PINNED
