"""JSON lists, pages of links and indexes of feeds: bytes to entries."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from config.outlet import Archive, Endpoint, EndpointKind, Identity, Outlet
from crawlers.discovery import page_links
from crawlers.discovery.listing import read_listing
from crawlers.discovery.page_links import looks_like_article
from crawlers.discovery.places import place_of
from storage.records import ClaimedVisit, Listing, Outcome, PageKind

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "http://radio.example/news/"


def read(
    body: object, *, kind: EndpointKind | None = EndpointKind.FEED, links: str = "", next_page: str = "", max_entries: int = 100
) -> Listing:
    raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return read_listing(raw, url=URL, kind=kind, links=links, next_page=next_page, max_entries=max_entries, now=NOW)


JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "language": "ua-UA",
    "items": [
        {"id": "1", "url": "/a/1.html", "title": "Один &amp; два", "date_published": "2022-11-21T10:05:00+02:00",
         "summary": "<p>Коротко</p>"},
        {"id": "http://radio.example/a/2.html", "content_text": "x", "attachments": [{"duration_in_seconds": 90}]},
        {"id": "3", "title": "no address"},
    ],
}  # fmt: skip


def test_a_json_feed_gives_entries_and_counts_what_has_no_address() -> None:
    found = read(JSON_FEED)
    assert (found.dialect, found.outcome, found.dropped) == ("json_feed", Outcome.FEED_READ, 1)
    first, second = found.entries
    assert (first.url, first.title, first.description, first.language) == ("http://radio.example/a/1.html", "Один & два", "Коротко", "uk")
    assert first.published.at == datetime(2022, 11, 21, 8, 5, tzinfo=UTC)
    assert (second.url, second.duration_s) == ("http://radio.example/a/2.html", 90)


def test_the_post_list_of_wordpress_is_read_and_its_gmt_dates_are_utc() -> None:
    posts = [{"id": 7, "link": "http://radio.example/2022/11/x/", "date": "2022-11-21T12:00:00", "date_gmt": "2022-11-21T10:00:00",
              "title": {"rendered": "Keller &#8211; Hof"}, "excerpt": {"rendered": "<p>Kurz.</p>"}}]  # fmt: skip
    found = read(posts)
    assert found.dialect == "wordpress"
    assert (found.entries[0].title, found.entries[0].description) == ("Keller – Hof", "Kurz.")
    assert found.entries[0].published.at == datetime(2022, 11, 21, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ([], Outcome.FEED_EMPTY),
        ({"items": []}, Outcome.FEED_EMPTY),
        ({"code": "rest_forbidden", "message": "Sorry"}, Outcome.NOT_A_FEED),
        ([1, 2, 3], Outcome.FEED_EMPTY),
        ([{"name": "x"}], Outcome.NOT_A_FEED),
        ('{"items": [', Outcome.BAD_FEED),
        ("[" * 100_000, Outcome.BAD_FEED),
        ('{"items": [{"url": "javascript:alert(1)"}]}', Outcome.NOT_A_FEED),
    ],
)
def test_json_that_announces_nothing_says_so(body: object, outcome: Outcome) -> None:
    assert read(body).outcome is outcome


def test_of_too_long_a_json_feed_the_newest_stay_in_their_order() -> None:
    items = [{"url": f"/a/{n}", "date_published": f"2022-11-{n:02}T00:00:00Z"} for n in (3, 9, 1, 7)]
    found = read({"items": items}, max_entries=2)
    assert [entry.url[-1] for entry in found.entries] == ["9", "7"]
    assert found.truncated == 2


PAGE = """<html><head><base href="http://radio.example/"><link rel="next" href="/news/?page=2"></head><body>
<nav><a href="/about">About us</a><a href="/tag/2022-budget-of-the-town/">Budget</a></nav>
<div class="lead"><a href="/a/101234.html"><img alt=""></a><a href="/a/101234.html#top">x</a></div>
<article class="teaser"><h2><a href="a/101235.html?from=front">The bridge opens</a></h2>
<time datetime="2022-11-21T08:00:00Z">today</time></article>
<article class="teaser"><h2><a href="/a/101236.html">The market closes</a></h2></article>
<a href="http://elsewhere.example/a/101237.html">A neighbour</a><a class="more" href="/news/older">older</a></body></html>"""


def test_without_selectors_a_listing_gives_what_looks_like_articles_of_its_host_and_the_next_page() -> None:
    found = read(PAGE, kind=EndpointKind.LISTING)
    assert [(entry.url, entry.kind, entry.title) for entry in found.entries] == [
        ("http://radio.example/a/101234.html", PageKind.ARTICLE, "x"),
        ("http://radio.example/a/101235.html?from=front", PageKind.ARTICLE, "The bridge opens"),
        ("http://radio.example/a/101236.html", PageKind.ARTICLE, "The market closes"),
        ("http://radio.example/news/?page=2", PageKind.FEED, "next page"),
    ]
    dated = {entry.title: entry.published.at for entry in found.entries}
    assert dated["The bridge opens"] == datetime(2022, 11, 21, 8, tzinfo=UTC)
    assert dated["The market closes"] is None


def test_selectors_decide_where_the_card_gives_them() -> None:
    found = read(PAGE, kind=EndpointKind.LISTING, links="article.teaser h2", next_page="a.more")
    assert [entry.url for entry in found.entries] == [
        "http://radio.example/a/101235.html?from=front", "http://radio.example/a/101236.html", "http://radio.example/news/older",
    ]  # fmt: skip


def test_a_selector_that_matches_nothing_is_an_empty_feed_that_says_why() -> None:
    found = read(PAGE, kind=EndpointKind.LISTING, links="div.story a")
    assert (found.outcome, found.entries) == (Outcome.FEED_EMPTY, ())
    assert "div.story a" in found.fault


def test_an_index_of_feeds_gives_feeds() -> None:
    page = '<a href="/api/zbqiml-vomx-tpeqkmy">News</a><a href="/z/12">Zone</a><a href="http://other.example/rss">x</a>'
    found = read(f"<html><body>{page}</body></html>", kind=EndpointKind.FEED_INDEX)
    assert [(entry.url, entry.kind, entry.title) for entry in found.entries] == [
        ("http://radio.example/api/zbqiml-vomx-tpeqkmy", PageKind.FEED, "News")
    ]


def test_an_html_page_is_no_listing_unless_the_card_says_so() -> None:
    assert read(PAGE, kind=EndpointKind.FEED).outcome is Outcome.NOT_A_FEED


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://a.example/2026/11/the-bridge/", True),
        ("http://a.example/news/123456-bridge", True),
        ("http://a.example/politics/the-bridge-opens-again-tomorrow/", True),
        ("http://a.example/politics/", False),
        ("http://a.example/tag/the-bridge-opens-again/", False),
        ("http://a.example/author/123456/", False),
        ("http://a.example/about.html", False),
    ],
)
def test_addresses_of_articles_are_guessed_by_their_form(url: str, expected: bool) -> None:
    assert looks_like_article(url) is expected


CARD = Outlet(
    id="radio_en", name="Radio", language="en", owner="radio", homepage="http://radio.example/", domains=("radio.example",),
    endpoints=(
        Endpoint(url="http://radio.example/news/", kind=EndpointKind.LISTING, links="h2 a", pages=3),
        Endpoint(url="http://radio.example/world/", kind=EndpointKind.LISTING, links="h3 a", pages=2),
        Endpoint(url="http://radio.example/map.xml", kind=EndpointKind.SITEMAP),
    ),
    archives=(Archive(url="http://radio.example/archive/{year}/{month}/{day}.html", kind=EndpointKind.LISTING, links="li a"),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("url", "kind", "depth", "expected"),
    [
        ("http://radio.example/news/", PageKind.FEED, 0, (EndpointKind.LISTING, "h2 a", 3)),
        # A further page belongs to the listing whose address it shares most of.
        ("http://radio.example/world/?page=2", PageKind.FEED, 1, (EndpointKind.LISTING, "h3 a", 2)),
        ("http://radio.example/archive/2022/11/21.html", PageKind.FEED, 0, (EndpointKind.LISTING, "li a", 1)),
        ("http://radio.example/map.xml", PageKind.SITEMAP, 0, (EndpointKind.SITEMAP, "", 1)),
        # A child of a sitemap index is whatever it turns out to be.
        ("http://radio.example/map-1.xml", PageKind.SITEMAP, 1, (None, "", 1)),
    ],
)
def test_a_place_is_read_as_the_card_says(url: str, kind: PageKind, depth: int, expected: tuple[object, ...]) -> None:
    visit = ClaimedVisit(visit_id=1, page_id=1, url=url, kind=kind, outlet_id="radio_en", host_key="http://radio.example:80", depth=depth)
    place = place_of(visit, CARD)
    assert (place.kind, place.links, place.pages) == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: Endpoint(url="http://a.example/", links="h2 >> a["),
        lambda: Archive(url="http://a.example/{yaer}.xml"),
        lambda: Identity(id_dates=((2, date(2022, 1, 1)), (1, date(2022, 1, 2)))),
    ],
)
def test_what_a_card_cannot_mean_is_a_fault(make: object) -> None:
    with pytest.raises(ValidationError):
        make()  # type: ignore[operator]


def test_the_links_of_a_front_are_not_counted_anew_for_each_link(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = 0
    bare = page_links._bare

    def counted(url: str) -> str:
        nonlocal seen
        seen += 1
        return bare(url)

    monkeypatch.setattr(page_links, "_bare", counted)
    rows = "".join(f'<p><a href="/2022/11/{n}/">Piece {n}</a></p>' for n in range(500))
    assert len(read(f"<html><body><main>{rows}</main></body></html>", kind=EndpointKind.LISTING).entries) == 100
    assert seen < 500 * 30
