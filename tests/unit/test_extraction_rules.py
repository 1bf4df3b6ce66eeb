"""Dated layouts: each finds its body, leaves out what is not text, and gives way where it does not match."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from crawlers.extraction import extract_page
from crawlers.rules.catalog import LAYOUTS, detect_cms
from storage.records import ArticleKind, PageClass
from tests.fixtures.pages import PARAGRAPHS, TITLES, article, html, json_ld, text_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)
P = [f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS["ru"]]
TEASER = "<p>Читайте также: ещё одна новость из соседнего города, о которой мы писали на прошлой неделе</p>"
HEAD = json_ld(headline=TITLES["ru"], datePublished="2022-11-21T10:05:09+02:00")

PAGES = {
    "pangea": [
        f'<h1 class="pg-title">{TITLES["ru"]}</h1><div id="article-content"><div class="wsw">{P[0]}{P[1]}'
        f'<div class="wsw__embed"><div class="media-block also-read">{TEASER}</div></div>{P[2]}{P[3]}{P[4]}'
        f'<ul class="share__list"><li>Поделиться</li></ul><div data-sp_api="pangea-video">{TEASER}</div></div></div>'
        f'<div id="comments"><p>{PARAGRAPHS["ru"][0]} Комментарий.</p></div>',
        # Current Time's own names.
        f'<div id="nrtk-content"><div class="media-block also-read">{TEASER}</div>{"".join(P)}</div>',
        f'<div class="body-container">{"".join(P)}<div class="media-download">{TEASER}</div></div>',
        # Two containers, one inside the other, are one text.
        f'<div class="wsw"><div class="wsw">{"".join(P)}</div></div>',
    ],
    "ippen": [
        f'<article><p class="id-StoryElement-leadText">{PARAGRAPHS["ru"][0]}</p>'
        f'<div class="id-StoryElement-factBox">{TEASER}</div>'
        + "".join(f'<p class="id-StoryElement-paragraph">{line}</p>' for line in PARAGRAPHS["ru"][1:])
        + f'<div class="id-Recommendation">{TEASER}</div></article>',
    ],
    "wordpress": [
        f'<main><article><div class="entry-content wp-block-post-content">{"".join(P)}<div class="sharedaddy">{TEASER}</div>'
        f'<figure><figcaption>{TEASER}</figcaption></figure></div></article></main>',
        f'<div id="content"><div class="post-content">{"".join(P)}<div class="jp-relatedposts">{TEASER}</div></div></div>',
    ],
    "dw": [
        f'<article><div class="rich-text abc123">{P[0]}{P[1]}<div class="teaser-x">{TEASER}</div>{P[2]}{P[3]}{P[4]}</div></article>',
        f'<div id="bodyContent"><div class="longText">{"".join(P)}<div class="picBox">{TEASER}</div></div></div>',
    ],
}  # fmt: skip


@pytest.mark.parametrize(("cms", "inner"), [(cms, inner) for cms, pages in PAGES.items() for inner in pages])
def test_a_layout_reads_the_whole_body_and_nothing_else(cms: str, inner: str) -> None:
    found = extract_page(html(inner, language="ru", head=HEAD), url="http://radio.example/a/1.html", cms=cms, now=NOW)
    assert found.text == text_of("ru")
    assert found.extractor.startswith(f"{cms}/")
    assert found.extractor_version == found.rules_version


@pytest.mark.parametrize("cms", [*PAGES, "somebody-elses"])
def test_a_page_of_another_layout_falls_through_to_the_general_extractor(cms: str) -> None:
    found = extract_page(article("ru", head=HEAD), url="http://radio.example/a/1.html", cms=cms, now=NOW)
    assert found.extractor == "trafilatura"
    assert PARAGRAPHS["ru"][0] in found.text


SYSTEMS = [
    # What a page without a card is made by.
    (PAGES["pangea"][0], "", "pangea"),
    (PAGES["ippen"][0], "", "ippen"),
    (PAGES["wordpress"][0], '<link rel="stylesheet" href="/wp-content/themes/x/style.css">', "wordpress"),
    # A theme whose content has a name of its own, and a site that only quotes the words.
    (f"<article>{''.join(P)}</article>", '<link rel="stylesheet" href="/wp-content/themes/x/style.css">', ""),
    (PAGES["wordpress"][0], "", ""),
    (f'<div class="wsw">{"".join(P)}</div>', "", ""),
]


@pytest.mark.parametrize(("inner", "head", "cms"), SYSTEMS)
def test_a_page_without_a_card_tells_by_its_markup_which_layouts_may_fit(inner: str, head: str, cms: str) -> None:
    body = html(inner, language="ru", head=HEAD + head)
    assert detect_cms(body.decode()) == cms
    found = extract_page(body, url="http://radio.example/a/1.html", now=NOW)
    assert found.extractor.partition("/")[0] == (cms or "trafilatura")
    assert PARAGRAPHS["ru"][2] in found.text


def test_an_empty_container_does_not_decide() -> None:
    inner = f'<div class="wsw"><p>Фото</p></div><article><h1>{TITLES["ru"]}</h1>{"".join(P)}</article>'
    found = extract_page(html(inner, language="ru", head=HEAD), url="http://radio.example/a/1.html", cms="pangea", now=NOW)
    assert PARAGRAPHS["ru"][2] in found.text


def test_a_video_page_without_a_body_keeps_what_stands_beside_its_player() -> None:
    head = '<meta property="og:type" content="video.other"><meta property="og:description" content="Мужчина рассказал о мосте.">' + json_ld(
        type_="VideoObject", name="Мост", description="Мужчина рассказал о мосте.", uploadDate="2022-11-21T10:05:09Z", duration="PT3M5S"
    )
    inner = '<h1 class="pg-title">Мост</h1><div data-sp_api="pangea-video"></div><div class="intro"><p>Он прошёл по нему первым.</p></div>'
    found = extract_page(
        html(inner, language="ru", head=head), url="http://radio.example/a/2.html", cms="pangea", outlet_language="ru", now=NOW
    )
    assert (found.page_class, found.kind, found.duration_s) == (PageClass.VIDEO, ArticleKind.VIDEO, 185)
    assert found.text == "Он прошёл по нему первым.\nМужчина рассказал о мосте."
    assert found.title == "Мост"


def test_every_layout_is_dated_and_newest_first() -> None:
    for cms, layouts in LAYOUTS.items():
        names = [layout.name for layout in layouts]
        assert all(name.startswith(f"{cms}/") for name in names)
        assert names == sorted(names, reverse=True)
        assert all(layout.seen_on >= date(2026, 11, 1) for layout in layouts)
