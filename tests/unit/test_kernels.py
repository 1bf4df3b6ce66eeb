"""What an encoder sees of a passage: what is said, without who says it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.kernels import kernel

CASES = [
    ("en", "“They threw him in the basement,” said a woman whose brother is in the army.", "They threw him in the basement."),
    ("en", "According to the sister, about 250 people are held there.", "about 250 people are held there."),
    (
        "en",
        "Russian commanders post blocking units, British military intelligence said on Friday.",
        "Russian commanders post blocking units.",
    ),
    ("en", "The government, the report said, had known it since May.", "The government had known it since May."),
    ("en", "Reportedly about 250 people are being held there.", "about 250 people are being held there."),
    ("en", "It wasn’t the soldier’s fault, nobody knew.", "It wasn’t the soldier’s fault, nobody knew."),
    ("de", "„Sie haben ihn in den Keller gesteckt“, erzählt eine Frau, deren Bruder dient.", "Sie haben ihn in den Keller gesteckt."),
    ("de", "Es handle sich um einen Unfall, so die Polizei.", "Es handle sich um einen Unfall."),
    ("de", "Das war so groß, dass alle staunten.", "Das war so groß, dass alle staunten."),
    ("ru", "– Нас увезли в воинскую часть, – рассказывает он «Городу».", "Нас увезли в воинскую часть."),
    ("ru", "По словам Людмилы, их заперли в погребе.", "их заперли в погребе."),
    ("ru", "В Валуйках, говорит он, офицеры изводили их ежедневно.", "В Валуйках офицеры изводили их ежедневно."),
    ("ru", "Он сказал, что дальше не пойдёт.", "Он сказал, что дальше не пойдёт."),
    ("uk", "«Дениса замкнули в підвалі, а з ним усіх», – розповіла Галина.", "Дениса замкнули в підвалі, а з ним усіх."),
    ("uk", "За словами племінника, там близько 250 людей.", "там близько 250 людей."),
    ("uk", "Усіх, хто сказав, що далі не піде, замкнули.", "Усіх, хто сказав, що далі не піде, замкнули."),
    ("fr", "« Il est parti », a dit sa mère.", "« Il est parti », a dit sa mère."),
    ("en", "“No,” he said.", "No, he said."),  # without the attribution too little would be left
]


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_attributions_are_left_out(language: str, text: str, expected: str) -> None:
    assert kernel(text, language) == expected


@given(text=st.text(max_size=400), language=st.sampled_from(["en", "de", "ru", "uk", "xx"]))
def test_a_kernel_is_never_empty_where_the_text_is_not(text: str, language: str) -> None:
    assert bool(kernel(text, language)) is bool(text)
