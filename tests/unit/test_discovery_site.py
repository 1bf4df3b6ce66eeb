"""What a front page and a robots.txt tell of a site, and which end points are worth a request."""

from __future__ import annotations

import pytest

from config.outlet import EndpointKind
from crawlers.discovery.site import SiteFacts, article_pattern, candidates, declared_sitemaps, read_site
from tests.outlet_site import publishers

URL = "http://herald.example/"


def front(host: str) -> SiteFacts:
    answered = publishers.answer(host, "/")
    assert answered is not None
    return read_site(answered.body.encode(), url=f"http://{host}/")


def test_a_front_page_names_its_feeds_but_feeds_of_comments_are_left_out() -> None:
    facts = front("courier.example")
    assert (facts.name, facts.language, facts.cms) == ("The Courier", "en", "wordpress")
    assert facts.feeds == (("http://courier.example/feed/", "The Courier"),)
    assert len(facts.articles) == publishers.PIECES
    assert "http://courier.example/about" in facts.others


def test_a_json_feed_is_a_feed() -> None:
    assert front("herald.example").feeds == (("http://herald.example/feed.json", ""),)


def test_sitemaps_are_read_out_of_robots_wherever_they_stand() -> None:
    robots = b"Sitemap: /a.xml\nUser-agent: *\nDisallow: /x\nsitemap:http://herald.example/b.xml\nSitemap: javascript:x\nSitemap: /a.xml\n"
    assert declared_sitemaps(robots, URL) == ("http://herald.example/a.xml", "http://herald.example/b.xml")


def test_what_a_site_names_itself_is_asked_first_and_guesses_only_fill_the_gaps() -> None:
    facts = SiteFacts(cms="wordpress", feeds=(("http://herald.example/rss", "All"),))
    found = candidates(facts, ("http://herald.example/news-map.xml",), URL, 10)
    assert [(point.url, point.kind) for point in found] == [
        ("http://herald.example/rss", EndpointKind.FEED),
        ("http://herald.example/news-map.xml", EndpointKind.NEWS_SITEMAP),
        (URL, EndpointKind.LISTING),
    ]


def test_never_more_end_points_than_allowed() -> None:
    facts = SiteFacts(feeds=tuple((f"http://herald.example/rss/{n}", "") for n in range(50)))
    found = candidates(facts, (), URL, 10)
    assert len(found) == 10
    assert found[-1].kind is EndpointKind.LISTING


@pytest.mark.parametrize(
    ("announced", "others", "expected"),
    [
        (["http://a.example/2026/11/03/x/"] * 9, ("http://a.example/about",), r"/\d{4}/\d{2}/\d{2}/"),
        (["http://a.example/a/the-bridge/33847941.html"] * 9, (), r"/a/(?:[^/]+/)?\d{6,9}\.html"),
        (["http://a.example/politics/x-123456.html"] * 9, (), r"-\d{5,}\.html"),
        # A form that sections have too tells nothing.
        (["http://a.example/x.html"] * 9, ("http://a.example/about.html",), None),
        (["http://a.example/one", "http://a.example/two"], (), None),
        ([], (), None),
    ],
)
def test_the_form_of_addresses_is_taken_only_where_it_tells_articles_from_the_rest(
    announced: list[str], others: tuple[str, ...], expected: str | None
) -> None:
    assert article_pattern(announced, others) == expected


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff", b"<", b"<html lang='x'><link rel=alternate href='javascript:1' type='application/rss+xml'>"]
)
def test_whatever_is_served_is_read_without_a_traceback(body: bytes) -> None:
    assert read_site(body, url=URL).feeds == ()


def test_a_heading_of_several_words_is_a_headline_whatever_its_address() -> None:
    page = (
        "<html><body><h2><a href='/news/9100-quarry'>Quarry to be filled with water</a></h2>"
        "<a href='/x/9101'><h3>Ferry of the year is sold</h3></a><h2><a href='/sport'>Sport</a></h2>"
        "<h2><a href='/tag/ferry'>All about the old ferry</a></h2><a href='/imprint'>Who we are and why</a></body></html>"
    )
    facts = read_site(page.encode(), url=URL)
    assert facts.articles == ("http://herald.example/news/9100-quarry", "http://herald.example/x/9101")
