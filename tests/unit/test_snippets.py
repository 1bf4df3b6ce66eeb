"""A snippet read off the index is the one that the text alone gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.lemmas import index_words
from storage.snippets import CLOSE, OPEN, make_snippet

WORDS = {
    "en": ["basements", "Basement", "school's", "in", "the", "Kharkiv", "X" * 70, "250", "re-opened", "«quoted»", "\u00ad", "…", "ⅳ", "\n"],
    "uk": ["підвалах", "Підвал", "п’ятьох", "у", "Харкові", "школи", "Сва\u0301това", "250", "–", "й", "\n"],
}
texts = st.sampled_from(sorted(WORDS)).flatmap(
    lambda language: st.tuples(st.just(language), st.lists(st.sampled_from(WORDS[language]), max_size=120).map(" ".join))
)


@given(
    written=texts,
    lemmas=st.sets(st.sampled_from(["basement", "in", "the", "school", "підвал", "школа", "250", "у", "п'ять", "xxxx", "0karkev"])),
    prefixes=st.sampled_from([(), ("ba",), ("під", "25"), ("x",)]),
)
def test_the_index_gives_what_the_text_gives(written: tuple[str, str], lemmas: set[str], prefixes: tuple[str, ...]) -> None:
    language, text = written
    indexed = " ".join(index_words(text, language, 1000))
    assert make_snippet(text, language, lemmas, prefixes, indexed) == make_snippet(text, language, lemmas, prefixes)


@pytest.mark.parametrize(
    ("before", "after", "opens", "closes"),
    [
        (0, 0, "⟦basements⟧", "⟦basements⟧"),
        (3, 3, "a a a", "a a a"),
        (60, 60, "… a a", "a …"),
        (60, 3, "… a", "a a a"),
        (3, 60, "a a a", "a …"),
    ],
)
def test_a_stretch_says_where_text_was_left_out(before: int, after: int, opens: str, closes: str) -> None:
    text = " ".join(["a"] * before + ["basements"] + ["a"] * after)
    for indexed in ("", " ".join(index_words(text, "en", 1000)), "another index altogether"):
        snippet = make_snippet(text, "en", {"basement"}, (), indexed)
        if not indexed.startswith("another"):
            assert f"{OPEN}basements{CLOSE}" in snippet
            assert snippet.startswith(opens)
            assert snippet.endswith(closes)
