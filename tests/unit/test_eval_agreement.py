"""Agreement of two labellings: chance is taken off, and an article's silence counts as absent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.eval.agreement import SECOND, JudgedPair, cohens_kappa, find_set, leave_out_absent, read_pairs, share_agreed
from tests.eval.sets import Verdict


def make_pairs(*counts: tuple[Verdict, Verdict, int]) -> list[JudgedPair]:
    return [JudgedPair(article="a", claim="c", first=first, second=second) for first, second, count in counts for _ in range(count)]


def test_kappa_of_a_table_worked_out_by_hand() -> None:
    # 35 of 50 agree; chance alone would give .5 * .6 + .5 * .4 = .5, so kappa is (.7 - .5) / (1 - .5).
    pairs = make_pairs(
        (Verdict.CARRIES, Verdict.CARRIES, 20),
        (Verdict.CARRIES, Verdict.ABSENT, 5),
        (Verdict.ABSENT, Verdict.CARRIES, 10),
        (Verdict.ABSENT, Verdict.ABSENT, 15),
    )
    assert share_agreed(pairs) == pytest.approx(0.7)
    assert cohens_kappa(pairs) == pytest.approx(0.4)


def test_an_annotator_who_calls_everything_absent_gets_no_credit_for_the_frequency_of_absent() -> None:
    pairs = make_pairs((Verdict.ABSENT, Verdict.ABSENT, 95), (Verdict.CARRIES, Verdict.ABSENT, 5))
    assert share_agreed(pairs) == pytest.approx(0.95)
    assert cohens_kappa(pairs) == pytest.approx(0.0)
    assert len(leave_out_absent(pairs)) == 5


def test_perfect_agreement_is_one() -> None:
    assert cohens_kappa(make_pairs((Verdict.PARTLY, Verdict.PARTLY, 3), (Verdict.DIFFERS, Verdict.DIFFERS, 2))) == 1
    assert cohens_kappa(make_pairs((Verdict.ABSENT, Verdict.ABSENT, 3))) == 1


@pytest.mark.parametrize("file", sorted(SECOND.glob("*.toml")), ids=lambda file: file.stem)
def test_every_claim_of_every_sampled_article_is_judged_on_both_sides(file: Path) -> None:
    evaluation_set = find_set(file)
    pairs = read_pairs(file, evaluation_set)
    assert len(pairs) == 20 * len(evaluation_set.claims)
    assert {pair.first for pair in pairs} == {pair.second for pair in pairs} == set(Verdict)
