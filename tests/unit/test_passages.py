"""Where sentences end in four languages, and the windows over them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.passages import MAX_PAIR, MAX_SENTENCE, pairs, sentences, windows

CASES = [
    ("en", "He met Gen. A. B. Smith at 8 a.m. on Monday. Nobody came.", ["He met Gen. A. B. Smith at 8 a.m. on Monday.", "Nobody came."]),
    ("en", "They said no. “Why?” he asked.", ["They said no.", "“Why?” he asked."]),
    ("en", "See No. 5 for more. It is open.", ["See No. 5 for more.", "It is open."]),
    ("en", "It cost $3.5 million. Too much!", ["It cost $3.5 million.", "Too much!"]),
    ("en", "Really?! Yes… Maybe.", ["Really?!", "Yes…", "Maybe."]),
    ("en", "A headline without a stop\nA sentence.", ["A headline without a stop", "A sentence."]),
    (
        "de",
        "Er kam am 14. November mit Dr. Rot, z. B. im Auto. Dann ging er.",
        ["Er kam am 14. November mit Dr. Rot, z. B. im Auto.", "Dann ging er."],
    ),
    ("de", "Es waren 250. Danach war es still.", ["Es waren 250.", "Danach war es still."]),
    ("de", "„Wir gehen nicht.“ Das sagte er.", ["„Wir gehen nicht.“", "Das sagte er."]),
    ("ru", "Это было в 2014 г. в Луганске. Потом он уехал.", ["Это было в 2014 г. в Луганске.", "Потом он уехал."]),
    ("ru", "Он родился в 1990 г. Потом уехал.", ["Он родился в 1990 г.", "Потом уехал."]),
    ("ru", "«Где он?» – спросила мать. – Не знаю.", ["«Где он?» – спросила мать.", "– Не знаю."]),
    ("ru", "Пришёл А. С. Иванов и т. д. без слов. Всё.", ["Пришёл А. С. Иванов и т. д. без слов.", "Всё."]),
    ("ru", "Заплатил 5 тыс. руб. за дом. Мало.", ["Заплатил 5 тыс. руб. за дом.", "Мало."]),
    ("uk", "У 2014 р. в м. Києві. Він сказав: «Ні!» Потім пішов.", ["У 2014 р. в м. Києві.", "Він сказав: «Ні!»", "Потім пішов."]),
    ("uk", "Людей 5 тис. Кінець.", ["Людей 5 тис.", "Кінець."]),
    ("fr", "Il est parti. M. Dupont reste.", ["Il est parti.", "M. Dupont reste."]),
]


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_sentences_end_where_a_reader_ends_them(language: str, text: str, expected: list[str]) -> None:
    assert [text[span.start : span.end] for span in sentences(text, language)] == expected


def test_windows_are_sentences_and_pairs_in_order() -> None:
    text = "One here. Two here.\nThree here."
    assert [text[span.start : span.end] for span in windows(text, "en")] == [
        "One here.",
        "One here. Two here.",
        "Two here.",
        "Two here.\nThree here.",
        "Three here.",
    ]


def test_long_pairs_are_no_windows() -> None:
    text = f"{'word ' * 100}end. {'word ' * 100}end."
    single = sentences(text, "en")
    assert len(single) == 2
    assert pairs(single) == ()


@pytest.mark.parametrize("language", ["en", "de", "ru", "uk", "xx"])
@given(text=st.text(alphabet=st.characters(codec="utf-8"), max_size=300) | st.text(alphabet="aБ .!?…\n»“0123456789;", max_size=2000))
def test_spans_are_ordered_and_never_beyond_the_text(language: str, text: str) -> None:
    last = 0
    for span in sentences(text, language):
        assert last <= span.start < span.end <= len(text)
        assert span.end - span.start <= MAX_SENTENCE
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        last = span.end
    assert all(span.end - span.start <= max(MAX_PAIR, MAX_SENTENCE) for span in windows(text, language))
