"""Bytes to text: declarations that are right, missing, and lies."""

from __future__ import annotations

import pytest

from crawlers.charset import decode
from tests.fixtures.pages import text_of

RU, UK, DE = text_of("ru"), text_of("uk"), text_of("de")


def page(text: str, *, meta: str = "") -> str:
    declared = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{declared}<script>var filler = 'x';</script></head><body><p>{text}</p></body></html>"


CASES = [
    # Text, the bytes' encoding, what the header says, what the page says, the charset that has to come out.
    (RU, "utf-8", "text/html; charset=utf-8", "", "utf-8"),
    (RU, "cp1251", "text/html; charset=windows-1251", "", "cp1251"),
    (RU, "cp1251", "text/html", "windows-1251", "cp1251"),
    (RU, "koi8-r", "text/html; charset=KOI8-R", "", "koi8-r"),
    # Nothing is declared.
    (RU, "utf-8", "text/html", "", "utf-8"),
    (RU, "cp1251", "text/html", "", "cp1251"),
    (UK, "cp1251", "", "", "cp1251"),
    (UK, "koi8-u", "", "", "koi8-u"),
    (RU, "iso8859-5", "", "", "iso8859-5"),
    (DE, "cp1252", "", "", "cp1252"),
    # Header and page lie.
    (RU, "cp1251", "text/html; charset=utf-8", "", "cp1251"),
    (RU, "cp1251", "text/html; charset=utf-8", "utf-8", "cp1251"),
    (RU, "cp1251", "text/html; charset=iso-8859-1", "", "cp1251"),
    (RU, "cp1251", "text/html; charset=koi8-r", "", "cp1251"),
    (UK, "koi8-u", "text/html; charset=windows-1251", "", "koi8-u"),
    (RU, "utf-8", "text/html; charset=windows-1251", "windows-1251", "utf-8"),
    (DE, "utf-8", "text/html; charset=iso-8859-1", "", "utf-8"),
    (DE, "cp1252", "text/html; charset=utf-8", "utf-8", "cp1252"),
    # Declarations that name nothing.
    (RU, "cp1251", "text/html; charset=none", "hex", "cp1251"),
    (RU, "utf-8", "text/html; charset=", "utf-16", "utf-8"),
    # The page is right and the header silent.
    (DE, "cp1252", "text/html", "iso-8859-1", "cp1252"),
]


@pytest.mark.parametrize(("text", "codec", "header", "meta", "charset"), CASES)
def test_the_right_text_comes_out(text: str, codec: str, header: str, meta: str, charset: str) -> None:
    body = page(text, meta=meta).encode(codec, "replace")
    found = decode(body, header)
    assert found.charset == charset
    assert text.split("\n", maxsplit=1)[0][:40] in found.text
    assert found.replaced == 0


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_beats_every_declaration(codec: str) -> None:
    found = decode(page(RU, meta="windows-1251").encode(codec), "text/html; charset=koi8-r")
    assert RU in found.text
    assert not found.text.startswith("\ufeff")


def test_utf8_with_a_broken_character_stays_utf8() -> None:
    body = page(RU).encode()
    found = decode(body[: body.index(b"</p>") - 2] + b"</p></body></html>", "text/html; charset=utf-8")
    assert (found.charset, found.text.count("\ufffd")) == ("utf-8", 1)
    assert decode(body[: body.index(b"</p>") - 2]).charset == "utf-8"


def test_a_text_in_heavy_markup_is_not_lost_in_its_share() -> None:
    # A hundredth of the page is Cyrillic; measured against the whole page the damage would look small.
    body = ("<script>" + "var x = 1;" * 20_000 + "</script>" + page(RU[:200])).encode("cp1251")
    assert RU[:100] in decode(body, "text/html; charset=utf-8").text


def test_bytes_that_are_no_text_say_how_much_is_damaged() -> None:
    noise = bytes((index * 7919 + index // 3) % 256 for index in range(5_000))
    assert decode(noise, "text/html; charset=utf-8").text


def test_ascii_needs_no_guess() -> None:
    assert decode(b"<p>plain</p>", "text/html; charset=iso-8859-1").charset == "utf-8"


def test_japanese_by_declaration_and_by_detection() -> None:
    text = "港町の議会は月曜日の夜、川に二つ目の橋を架けることを四時間の議論の末に決めた。" * 5
    assert text in decode(page(text, meta="shift_jis").encode("cp932")).text
    assert text in decode(page(text, meta="euc-jp").encode("euc_jp")).text
    assert text in decode(page(text).encode("iso2022_jp"), "text/html; charset=iso-2022-jp").text
