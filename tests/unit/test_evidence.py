"""What speaks for a passage, and what speaks against it."""

from __future__ import annotations

import numpy as np
import pytest

from comparison.claims import annotate
from comparison.denials import denies
from comparison.evidence import find_lonely, find_rivals, margin, weigh
from comparison.number_facts import states_figure
from comparison.numbers import find_numbers
from comparison.thresholds import PACKAGED
from comparison.windows import Windowed
from storage.claim_records import Claim
from tests.comparison_builders import make_article


def test_a_passage_that_is_near_many_claims_counts_less_than_one_that_is_near_this_one() -> None:
    only = np.array([[6.0], [1.0], [1.0]])
    many = np.array([[6.0], [5.9], [5.8]])
    words = np.zeros((3, 1))
    assert weigh(only, words, 1)[0, 0] > weigh(many, words, 1)[0, 0]
    assert margin(only)[:, 0].tolist() == [5.0, -5.0, -5.0]


def test_a_claim_that_says_nearly_the_same_takes_no_passage_away() -> None:
    # The first two claims' own words nearly carry each other; the third is another matter.
    of_claims = np.array([[11.0, 6.0, 1.0], [5.5, 10.0, 0.5], [1.0, 0.5, 9.0]])
    rivals = find_rivals(of_claims)
    assert rivals.tolist() == [[False, False, True], [False, False, True], [True, True, False]]
    meaning = np.array([[4.0], [6.0], [1.0]])
    assert margin(meaning, rivals)[:, 0].tolist() == [3.0, 5.0, -5.0]
    assert margin(meaning)[:, 0].tolist() == [-2.0, 2.0, -5.0]


def test_shared_words_raise_and_an_article_on_something_else_lowers() -> None:
    meaning = np.array([[5.0, 1.0], [1.0, 4.0]])
    plain = weigh(meaning, np.zeros((2, 2)), 2)
    assert weigh(meaning, np.full((2, 2), 0.1), 2)[0, 0] == pytest.approx(plain[0, 0] + 1.4)
    assert weigh(meaning - 2, np.zeros((2, 2)), 2)[0, 0] < plain[0, 0] - 2


@pytest.mark.parametrize(
    ("close", "claims", "expected"),
    [
        # So many of a report's claims have a close passage in the article: is the first of those alone, and the last of the others?
        (0, 12, (None, True)),
        (1, 12, (True, True)),
        (2, 12, (True, False)),
        (3, 12, (False, False)),
        # Of five to eight claims one companion is enough, of fewer none is asked for.
        (1, 5, (True, False)),
        (2, 5, (False, False)),
        (1, 4, (False, False)),
        (0, 1, (None, False)),
    ],
)
def test_a_claim_is_alone_where_too_few_others_are_close_in_the_article(
    close: int, claims: int, expected: tuple[bool | None, bool]
) -> None:
    evidence = np.array([[1.0, 9.0]] * close + [[8.9, 2.0]] * (claims - close))
    lonely = find_lonely(evidence, 9.0)
    assert (bool(lonely[0]) if close else None, bool(lonely[-1])) == expected


def test_what_is_taken_off_is_kept_as_a_part_and_only_where_it_is_taken() -> None:
    article = make_article(1, "gazette_en", "Ten men are held in a cellar. Their mothers wrote letters.")
    one = Windowed(article, {}, "en")
    one.evidence = np.array([[12.0, 1.0]] + [[1.0, 1.0]] * 9)
    one.discount(is_elsewhere=False, close=9.0)
    assert one.evidence[0].tolist() == [12.0 - PACKAGED.alone, 1.0 - PACKAGED.alone]
    assert np.isnan(one.parts["elsewhere"]).all()
    one.evidence = np.array([[12.0, 1.0]] * 3 + [[10.5, 1.0]] * 9)
    one.discount(is_elsewhere=True, close=9.0)
    # 10.5 less what another place takes is no company any more; three others are.
    assert one.evidence[[0, -1], 0].tolist() == [12.0 - PACKAGED.elsewhere, 10.5 - PACKAGED.elsewhere]
    assert (one.parts["elsewhere"] == -PACKAGED.elsewhere).all()
    assert np.isnan(one.parts["alone"]).all()


@pytest.mark.parametrize("shape", [(0, 0), (3, 0), (1, 4)])
def test_a_report_of_one_claim_and_an_article_without_text_are_no_fault(shape: tuple[int, int]) -> None:
    assert weigh(np.ones(shape), np.zeros(shape), shape[1]).shape == shape


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The ministry denied that anyone was held in the cellar.", True),
        ("en", "There has never been such an order, the company said.", True),
        ("en", "He was denounced by a neighbour and held in the cellar.", False),
        ("de", "Das Unternehmen dementierte, dass Messgeräte abgeschaltet wurden.", True),
        ("de", "Eine solche Anweisung habe es nie gegeben.", True),
        ("de", "Das Messgerät wurde nie gewartet.", False),
        ("ru", "В ведомстве опровергли сообщения о подвале.", True),
        ("ru", "Никаких двухсот человек там не существует, заявил комендант.", True),
        ("ru", "Никакой еды им не давали.", False),
        ("uk", "У міністерстві заперечили, що людей тримають у підвалі.", True),
        ("uk", "Жодних затриманих там немає, каже речник.", True),
        ("uk", "Жодної їжі їм не давали.", False),
    ],
)
def test_words_of_denial_are_known_in_four_languages(language: str, text: str, expected: bool) -> None:
    assert denies(text, language) is expected


@pytest.mark.parametrize(
    ("passage", "language", "states"),
    [
        ("Bis zum Wochenende hatten Angler vierzehn Tonnen Kadaver aus dem Wasser geholt.", "de", True),
        ("Рятувальники зібрали 14 тонн риби.", "uk", True),
        ("Some 40 tonnes of fish were collected.", "en", False),  # another figure for it
        ("The brigade has had 14 calls this week.", "en", False),  # the same figure for something else
        ("Fish died all along the river.", "en", False),
    ],
)
def test_a_figure_in_common_is_one_of_the_same_thing_in_words_or_digits(passage: str, language: str, states: bool) -> None:
    claim = annotate(Claim(id="c01", text="About 14 tonnes of dead fish were taken out of the river."), "en", None)
    assert states_figure(claim, find_numbers(passage, language), passage, language) is states
