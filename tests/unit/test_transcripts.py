"""Subtitles and plain text as extractions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.markup import parse_page
from crawlers.tracks import read_tracks
from crawlers.transcripts import extract_words
from storage.records import TRANSCRIPT, ArticleKind, Entry, PageClass, PublishedTime

VTT = """WEBVTT

NOTE made by hand

1
00:00.000 --> 00:02.000 align:start
<v Anna>Мой брат сидит &amp; ждёт.

00:02.100 --> 00:04.000
Мой брат сидит &amp; ждёт.
Там двести пятьдесят человек.

00:09.000 --> 00:11.000
Они просят о помощи.
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_cues_become_paragraphs_at_pauses_and_rolled_lines_stand_once(newline: str) -> None:
    found = extract_words(VTT.replace("\n", newline).encode(), content_type="text/vtt", language="ru")
    assert found is not None
    assert found.text == "Мой брат сидит & ждёт. Там двести пятьдесят человек.\nОни просят о помощи."
    assert (found.extractor, found.kind, found.page_class, found.language) == (TRANSCRIPT, ArticleKind.VIDEO, PageClass.VIDEO, "ru")


def test_subrip_in_an_old_code_page_is_read() -> None:
    body = "1\r\n00:00:01,000 --> 00:00:02,500\r\nВони кажуть, що людей тримають у підвалі.\r\n\r\n".encode("cp1251")
    found = extract_words(body, content_type="application/x-subrip", language="uk")
    assert found is not None and found.text == "Вони кажуть, що людей тримають у підвалі."


@pytest.mark.parametrize("body", [b"WEBVTT\n\n", b"WEBVTT\n\n00:00.000 --> 00:01.000\n\n", b"no cues at all"])
def test_a_file_without_words_is_empty(body: bytes) -> None:
    found = extract_words(body, content_type="text/vtt", language="en")
    assert found is not None and found.page_class is PageClass.EMPTY


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("Headline\n\nFirst paragraph\nof two lines.\n\nSecond one here.", "Headline", "First paragraph of two lines.\nSecond one here."),
        ("Headline\nFirst line here.\nSecond line here.", "Headline", "First line here.\nSecond line here."),
        ("Only one line of text", "Only one line of text", ""),
    ],
)
def test_the_first_line_of_a_text_is_its_headline(text: str, title: str, body: str) -> None:
    found = extract_words(text.encode(), content_type="text/plain; charset=utf-8", language="en")
    assert found is not None and (found.title, found.text) == (title, body)


def test_html_served_as_text_is_left_to_the_html_reader() -> None:
    assert extract_words(b"<!doctype html><p>Text</p>", content_type="text/plain", language="en") is None
    assert extract_words(b"plain", content_type="text/html", language="en") is None


def test_headline_and_date_come_from_whoever_knows_them() -> None:
    at = datetime(2022, 11, 18, tzinfo=UTC)
    entry = Entry(url="https://radio.example/v", title="A video", published=PublishedTime(at=at, source="hand"))
    found = extract_words(VTT.encode(), content_type="text/vtt", language="ru", entry=entry)
    assert found is not None and found.title == "A video" and found.published.at == at


def test_the_track_in_the_pages_own_language_is_taken_and_no_other_kind() -> None:
    page = parse_page(
        "<video><track kind='chapters' src='/c.vtt'><track kind='subtitles' srclang='de' src='/de.vtt'>"
        "<track srclang='en-GB' src='/en.vtt'>"
        "<track kind='captions' srclang='en' src='javascript:x'></video>"
    )
    assert page is not None
    assert read_tracks(page, "http://radio.example/v/1", "en") == ("http://radio.example/en.vtt",)
    assert read_tracks(page, "http://radio.example/v/1", "uk") == ("http://radio.example/de.vtt",)
