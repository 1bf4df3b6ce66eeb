"""What a crawl learns from the pages it has read moves the pages that wait: towards the subject's words, away from others'."""

from __future__ import annotations

from comparison.learned_words import HIGHEST, MAX_WEIGHT, NEEDED, LearnedWords
from storage.records import Entry
from tests.integration.storage.builders import make_extraction, make_outlet

PAPER = make_outlet("paper")
ON_SUBJECT = ("Refuseniks held beneath the silo", "Mothers of refuseniks travel to the silo", "Refuseniks: what the silo hides")
ELSEWHERE = ("Harvest festival opens with a parade", "Ferry timetable changes for the festival", "Festival budget approved by council")


def taught(*, near: int = 3, far: int = 3) -> LearnedWords:
    words = LearnedWords(lambda _entry, _outlet: 0.2)
    for number in range(near):
        words.learn(make_extraction(ON_SUBJECT[number % 3], "Our correspondent reports."), near=True)
    for number in range(far):
        words.learn(make_extraction(ELSEWHERE[number % 3], "Our correspondent reports."), near=False)
    return words


def promises(words: LearnedWords, *titles: str) -> dict[int, float]:
    for number, title in enumerate(titles):
        words.watch(number, Entry(url=f"http://paper.example/{number}", title=title), PAPER, 0.2)
    return dict(words.reconsider())


def test_words_of_the_subject_raise_what_waits_and_words_of_other_news_lower_it() -> None:
    found = promises(taught(), "The refuseniks of the silo", "A festival at the lake", "Weather for the weekend")
    assert found[0] > 0.3
    assert found[1] < 0.18
    assert 2 not in found, "of which nothing was learned keeps what it promises by itself"


def test_words_that_all_pages_have_weigh_nothing() -> None:
    assert promises(taught(), "Our correspondent reports") == {}


def test_nothing_is_learned_from_too_few_pages_on_the_subject() -> None:
    assert promises(taught(near=NEEDED - 1), "The refuseniks of the silo", "A festival at the lake") == {}


def test_one_language_teaches_nothing_of_another() -> None:
    words = taught()
    words.watch(1, Entry(url="http://paper.example/1", title="Die Refuseniks im Silo"), make_outlet("zeitung", "de"), 0.2)
    assert words.reconsider() == []


def test_the_words_of_an_address_are_judged_where_nothing_else_is_announced() -> None:
    words = taught()
    words.watch(1, Entry(url="http://paper.example/refuseniks-of-the-silo-4711.html"), PAPER, 0.2)
    [(visit, promise)] = words.reconsider()
    assert (visit, promise > 0.3) == (1, True)


def test_a_promise_is_told_once_stays_below_what_is_cited_and_is_forgotten_with_its_page() -> None:
    words = LearnedWords(lambda _entry, _outlet: 0.85)
    for _ in range(20):
        words.learn(make_extraction(ON_SUBJECT[0], ""), near=True)
        words.learn(make_extraction(ELSEWHERE[0], ""), near=False)
    assert promises(words, ON_SUBJECT[0]) == {0: HIGHEST}
    assert words.reconsider() == []
    words.forget([0])
    words.learn(make_extraction(ELSEWHERE[0], ""), near=False)
    assert words.reconsider() == []


def test_it_can_say_which_words_the_order_rests_on() -> None:
    [best, *_] = taught().telling()["en"]
    word, _, weight = best.partition(" ")
    assert word in ("refuse", "silo")
    assert 0 < float(weight) <= MAX_WEIGHT
