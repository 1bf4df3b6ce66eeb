"""Pages of our own to extractions: text, metadata, what is recorded about rights, and hostile input."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawlers.extraction import extract_page
from crawlers.language import detect_language
from storage.records import ArticleKind, Entry, Extraction, PageClass, PageKind, Precision, PublishedTime
from tests.fixtures.pages import PARAGRAPHS, TITLES, article, html, json_ld, text_of

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "http://radio.example/a/bridge/1.html"
STAMP = "2022-11-21T10:05:09+02:00"
AT = datetime(2022, 11, 21, 8, 5, 9, tzinfo=UTC)


def read(body: bytes | str, **about: Any) -> Extraction:
    return extract_page(body.encode() if isinstance(body, str) else body, **{"url": URL, "now": NOW, **about})


def news(**fields: Any) -> str:
    return json_ld(**{"headline": TITLES["en"], "datePublished": "2022-11-21T10:05:09+02:00", **fields})


@pytest.mark.parametrize("language", PARAGRAPHS)
def test_an_article_is_its_paragraphs_one_a_line(language: str) -> None:
    found = read(article(language, head=news(headline=TITLES[language])), outlet_language=language)
    assert found.text.endswith(text_of(language))
    assert (found.title, found.language, found.page_class) == (TITLES[language], language, PageClass.ARTICLE)
    assert (found.extractor, found.charset, found.sanitised) == ("trafilatura", "utf-8", False)
    assert found.cpu_ms > 0


def test_json_ld_gives_all_metadata() -> None:
    head = news(
        description="The council voted.",
        dateModified="2022-11-22T00:00:00Z",
        author=[{"@type": "Person", "name": "Jane Roe"}, {"@type": "Person", "name": "Max Doe"}],
        image={"@type": "ImageObject", "url": "/i/1.jpg"},
        publisher={"@type": "NewsMediaOrganization", "name": "Harbour Radio"},
    )
    found = read(article("en", head=head + '<link rel="canonical" href="/a/bridge/1.html?utm_source=x">'))
    assert found.published == PublishedTime(at=AT, precision=Precision.SECOND, source="json-ld", raw="2022-11-21T10:05:09+02:00")
    assert found.modified.at == datetime(2022, 11, 22, tzinfo=UTC)
    assert found.authors == ("Jane Roe", "Max Doe")
    assert (found.description, found.site_name) == ("The council voted.", "Harbour Radio")
    assert found.image_url == "http://radio.example/i/1.jpg"
    assert found.canonical_url == "http://radio.example/a/bridge/1.html?utm_source=x"


PUBLISHED = [
    # Where the time stands; where it is said to come from, how fine it is.
    (news(), "json-ld", Precision.SECOND),
    (json_ld(**{"@graph": [{"@type": ["Article"], "name": "x", "datePublished": STAMP}]}), "json-ld", Precision.SECOND),
    ('<meta property="article:published_time" content="2022-11-21T10:05:09+02:00">', "meta", Precision.SECOND),
    ('<meta name="parsely-pub-date" content="2022-11-21T08:05:09Z">', "meta", Precision.SECOND),
    ('<meta itemprop="datePublished" content="2022-11-21T10:05:09+02:00">', "meta", Precision.SECOND),
    # A zone that is missing in one place and given in another.
    (news(datePublished="2022-11-21T10:05:09") + f'<meta property="article:published_time" content="{STAMP}">', "meta", Precision.SECOND),
    (news(datePublished="1970-01-01") + f'<meta property="article:published_time" content="{STAMP}">', "meta", Precision.SECOND),
]  # fmt: skip


@pytest.mark.parametrize(("head", "source", "precision"), PUBLISHED)
def test_the_surest_source_of_the_time_wins(head: str, source: str, precision: Precision) -> None:
    found = read(article("en", head=head))
    assert (found.published.at, found.published.source, found.published.precision) == (AT, source, precision)


def test_a_time_element_beside_the_headline_is_read_with_its_encoded_zone() -> None:
    before = '<div class="published"><time datetime="2022-11-21T10:05:09&amp;#x2B;02:00">21 November</time></div>'
    assert read(article("en", before=before)).published == PublishedTime(
        at=AT, precision=Precision.SECOND, source="time", raw="2022-11-21T10:05:09+02:00"
    )


def test_the_feed_s_time_and_title_stand_in_for_the_page_s() -> None:
    entry = Entry(url=URL, title=TITLES["en"], published=PublishedTime(at=AT, precision=Precision.MINUTE, source="feed", raw="x"))
    found = read(article("en", title=""), entry=entry)
    assert (found.published, found.title) == (entry.published, TITLES["en"])


def test_the_address_gives_a_day() -> None:
    assert read(article("en"), url="http://radio.example/2022/11/21/bridge.html").published == PublishedTime(
        at=datetime(2022, 11, 21, tzinfo=UTC), precision=Precision.DAY, source="url", raw="2022-11-21"
    )


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("Published: November 21, 2022", "page"),
        ("Veröffentlicht am 21. November 2022", "page"),
        ("Дата публикации: 21 ноября 2022 года", "page"),
        ("Опубліковано 21.11.2022", "page"),
        # The search knows this by the name of its box.
        ("Bridge desk, 2022-11-21", "trafilatura"),
        # Neither what was edited nor what the text tells of is a time of publication: no date is better than a false one.
        ("Updated: November 21, 2022", None),
        ("The ferry of May 3, 1999 was published on as well, and again in November 2022.", None),
    ],
)
def test_a_date_in_the_text_is_the_last_resort_and_only_one_that_is_called_so(words: str, source: str | None) -> None:
    found = read(article("en", after=f'<div class="date">{"About this page. " * 6}{words}</div>'))
    assert (found.published.at, found.published.source) == (datetime(2022, 11, 21, tzinfo=UTC) if source else None, source)


def test_a_page_of_an_old_system_gives_the_date_and_the_headline_that_readers_see() -> None:
    text = "The ferry did not sail on Monday because its only engineer was at a wedding in the next valley. " * 4
    page = f"""<html><head><title>Valley Gazette :: Ferry stays in harbour</title></head><body>
    <table><tr><td>News<br><a href="/1">Sport</a></td><td>
      <table><tr><td><font size=1>21.11.2022 | Town</font></td><td><a href="print">Print</a></td></tr></table>
      <h2>Ferry stays in harbour</h2><p>{text}</p><p>{text[::-1]}</p></td>
    <td><b>Latest</b><br>23.11.2022 <a href="/3">Snow</a><br>13.11.2022 <a href="/2">A bridge opens</a></td></tr></table></body></html>"""
    found = read(page)
    assert found.title == "Ferry stays in harbour"
    assert found.published == PublishedTime(
        at=datetime(2022, 11, 21, tzinfo=UTC), precision=Precision.DAY, source="page", raw="21.11.2022 | Town"
    )


@pytest.mark.parametrize("raw", ["1970-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "soon"])
def test_a_time_that_cannot_be_believed_is_only_kept_as_written(raw: str) -> None:
    assert read(article("en", head=news(datePublished=raw))).published == PublishedTime(source="json-ld", raw=raw)


JSON = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Bridge", "datePublished": STAMP})
BROKEN = [
    # JSON-LD as it is found: wrapped, escaped, cut, or put one after the other.
    f"<![CDATA[{JSON}]]>",
    f"//<![CDATA[\n{JSON}\n//]]>",
    f"<!-- {JSON} -->",
    f"{JSON};",
    JSON.replace('"', "&quot;"),
    JSON.replace("}", ",}"),
    f"{JSON}{JSON}",
    f"[{JSON}]",
    JSON.replace("Bridge", "Bridge\n\tline"),
    JSON.replace('"Bridge"', '"Bridge "quoted" here"'),
    JSON[:-1],
    f'{{"@graph": [{{"@type": "Organization", "name": "x"}}, {JSON}]}}',
    f'{{"@type": "WebPage", "mainEntity": {JSON}}}',
    JSON.replace("NewsArticle", "https://schema.org/NewsArticle"),
    JSON.replace('"NewsArticle"', '["Article", "NewsArticle"]'),
]


@pytest.mark.parametrize("script", BROKEN)
def test_json_ld_is_read_however_it_is_broken(script: str) -> None:
    found = read(article("en", head=f'<script type="application/ld+json">{script}</script>'))
    assert (found.published.at, found.published.source) == (AT, "json-ld")


MEANINGLESS = [
    "",
    "null",
    "[]",
    "{",
    '"x"',
    "[" * 100_000,
    '{"@type": 7, "author": [null, [], 3]}',
    '{"@type": "NewsArticle", "author": {"name": {}}}',
]


@pytest.mark.parametrize("script", MEANINGLESS)
def test_json_ld_that_says_nothing_does_no_harm(script: str) -> None:
    assert read(article("en", head=f'<script type="application/ld+json">{script}</script>')).page_class is PageClass.ARTICLE


def test_of_several_articles_the_one_that_names_this_page_is_meant() -> None:
    other = news(headline="Another piece", url="http://radio.example/a/2.html", datePublished="2021-01-01T00:00:00Z")
    found = read(article("en", head=other + news(url="https://www.radio.example/a/bridge/1.html")))
    assert (found.title, found.published.at) == (TITLES["en"], AT)


def test_authors_are_resolved_by_reference_and_else_found_in_the_page() -> None:
    piece = {"@type": "NewsArticle", "headline": "x", "author": {"@id": "#jane"}}
    head = json_ld(**{"@graph": [piece, {"@type": "Person", "@id": "#jane", "name": "Jane Roe"}]})
    assert read(article("en", head=head)).authors == ("Jane Roe",)
    assert read(article("en", head='<meta name="author" content="Max Doe">')).authors == ("Max Doe",)
    assert read(article("en", before='<div class="byline">By <a href="/author/ann">Ann Poe</a></div>')).authors == ("Ann Poe",)
    # The site's own name is no author while somebody better is known.
    head = '<meta property="og:site_name" content="Harbour Radio">' + news(author={"@type": "Organization", "name": "Harbour Radio"})
    assert read(article("en", head=head, before='<span itemprop="author">Ann Poe</span>')).authors == ("Ann Poe",)
    assert read(article("en", head=head)).authors == ("Harbour Radio",)


def test_links_in_the_text_are_kept_and_those_around_it_are_not() -> None:
    linked = (
        '<a href="https://other.example/report">another paper</a> and <a href="/a/2.html">we</a> with <a href="javascript:x()">this</a>'
    )
    inside = f"<p>{PARAGRAPHS['en'][0]} As {linked} wrote.</p>"
    found = read(article("en", head=news(), before=inside))
    assert found.links == ("https://other.example/report", "http://radio.example/a/2.html")
    many = "".join(f'<p>{PARAGRAPHS["en"][0]} {n} <a href="/l/{n}">link {n}</a></p>' for n in range(300))
    assert len(read(article("en", head=news(), before=many)).links) == 200


NOARCHIVE = [
    # Head, response headers, whether the publisher asks for no copy.
    ('<meta name="robots" content="noarchive">', (), True),
    ('<meta name="ROBOTS" content="index, follow, NOARCHIVE">', (), True),
    ('<meta name="googlebot" content="noarchive">', (), True),
    ('<meta name="tdm-reservation" content="1">', (), True),
    ("", (("X-Robots-Tag", "noarchive"),), True),
    ("", (("x-robots-tag", "googlebot: nosnippet, noarchive"),), True),
    ("", (("TDM-Reservation", "1"),), True),
    ('<meta name="robots" content="index, follow, max-image-preview:large">', (), False),
    ('<meta name="tdm-reservation" content="0">', (("tdm-reservation", "0"),), False),
    ('<meta name="description" content="noarchive">', (("X-Other", "noarchive"),), False),
    ("", (), False),
]


@pytest.mark.parametrize(("head", "headers", "expected"), NOARCHIVE)
def test_a_wish_not_to_be_copied_is_recorded(head: str, headers: tuple[tuple[str, str], ...], expected: bool) -> None:
    assert read(article("en", head=head), headers=headers).noarchive is expected


def test_a_canonical_address_that_is_the_home_page_is_ignored() -> None:
    assert read(article("en", head='<link rel="canonical" href="http://radio.example/">')).canonical_url == ""
    assert read(article("en", head='<link rel="canonical" href="javascript:x">')).canonical_url == ""
    assert read(article("en", head='<meta property="og:url" content="/a/3.html">')).canonical_url == "http://radio.example/a/3.html"


def test_a_video_keeps_title_description_and_duration() -> None:
    head = json_ld(type_="VideoObject", name="The bridge", description="A man tells of the bridge.", uploadDate=STAMP, duration="PT3M5S")
    found = read(html("<h1>The bridge</h1><video src='/v.mp4'></video>", head=head))
    assert (found.kind, found.text, found.duration_s) == (ArticleKind.VIDEO, "A man tells of the bridge.", 185)
    assert found.published.at == AT


def test_a_video_page_without_words_takes_those_of_its_sitemap() -> None:
    entry = Entry(url=URL, kind=PageKind.VIDEO, title="The bridge", description="A man tells of the bridge.", duration_s=185)
    found = read(html("<div class='player'></div>"), entry=entry)
    assert (found.kind, found.title, found.text, found.duration_s) == (ArticleKind.VIDEO, "The bridge", entry.description, 185)


LANGUAGES = [
    # What is expected of the text, and what it is written in.
    ("ru", "ru", text_of("ru")),
    ("ru", "uk", text_of("uk")),
    ("uk", "ru", text_of("ru")),
    ("ru", "en", text_of("en")),
    ("de", "de", text_of("de")),
    ("", "uk", text_of("uk")),
    # Too short to tell: the outlet's word counts.
    ("uk", "uk", "Відео"),
    ("ru", "ru", "Видео"),
    ("de", "de", "Video: 2022"),
    ("en", "en", ""),
]


@pytest.mark.parametrize(("expected", "language", "text"), LANGUAGES)
def test_the_text_tells_its_language_and_the_outlet_helps(expected: str, language: str, text: str) -> None:
    assert detect_language(text, [expected]) == language


def test_controls_surrogates_and_direction_marks_do_not_get_through() -> None:
    headline = r"Bridge \u0000\ud800 \u202evoted\u001b]0;x\u0007"
    head = (
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{headline}", "datePublished": "2022-11-21"}}</script>'
    )
    found = read(article("en", head=head, before="<p>Nul \x00 and escape \x1b[31m in a paragraph that is long enough to be kept.</p>"))
    for text in (found.title, found.text, found.description):
        assert not any(ord(ch) < 32 and ch != "\n" for ch in text)
        text.encode("utf-8")
    assert "\u202e" not in found.title
    assert found.sanitised


HOSTILE = [
    # Nothing of this may raise, and nothing of it is an article.
    b"%PDF-1.7 " + b"x" * 500,
    b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 10,
    b"<html><body>" + b"<div>" * 50_000 + b"x",
    b"<" * 10_000,
    b"&" * 10_000,
    b"<!DOCTYPE html [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><html><body>&c;</body></html>",
    b"<html><head><title>" + b"x" * 1_000_000 + b"</title></head></html>",
    b"<!-- " * 1000,
    b"<html><frameset><frame src='/x'></frameset></html>",
    '<html lang="\ud800">'.encode("utf-8", "surrogatepass"),
    b'{"error": "not found"}',
]


@pytest.mark.rows(68)
@pytest.mark.parametrize("body", HOSTILE)
def test_hostile_bodies_end_quietly(body: bytes) -> None:
    found = read(body, url="http://radio.example/x")
    assert len(found.title) <= 1000
    found.text.encode("utf-8")


def test_a_page_without_an_address_is_read_too() -> None:
    before = '<p>See <a href="/a/2.html">this</a> and other words to fill the line.</p>'
    found = read(article("en", head=news(image="/i/1.jpg"), before=before), url="")
    assert (found.title, found.image_url, found.links) == (TITLES["en"], "", ())


def test_extraction_is_the_same_each_time_but_for_its_cost() -> None:
    body = article("uk", head=news())
    first, second = read(body), read(body, now=NOW + timedelta(seconds=1))
    assert {name: getattr(first, name) for name in first.__slots__ if name != "cpu_ms"} == {
        name: getattr(second, name) for name in second.__slots__ if name != "cpu_ms"
    }
