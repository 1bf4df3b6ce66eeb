"""Sitemaps as bytes to entries: plain, news, video, index, text, and what breaks them."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from config.outlet import EndpointKind
from crawlers.discovery.listing import read_listing
from storage.records import Listing, Outcome, PageKind, Precision

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "http://radio.example/sitemaps/part1.xml.gz"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:video="http://www.google.com/schemas/sitemap-video/1.1" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def read(body: bytes | str, *, max_entries: int = 100, kind: EndpointKind | None = None) -> Listing:
    return read_listing(body.encode() if isinstance(body, str) else body, url=URL, kind=kind, max_entries=max_entries, now=NOW)


def sitemap(*urls: str, spaces: str = SPACES) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {spaces}>{"".join(urls)}</urlset>'


def address(loc: str, inner: str = "") -> str:
    return f"<url><loc>{loc}</loc>{inner}</url>"


NEWS = address(
    "http://radio.example/a/1.html",
    "<news:news><news:publication><news:name>Radio</news:name><news:language>ua</news:language></news:publication>"
    "<news:publication_date>2022-11-21T10:05+02:00</news:publication_date><news:title>Підвал &amp; яма</news:title></news:news>",
)
VIDEO = address(
    "http://radio.example/a/2.html",
    "<lastmod>2022-12-01</lastmod><video:video><video:title>A man tells of the cellar</video:title>"
    "<video:description><![CDATA[He was <b>held</b> for a week.]]></video:description><video:duration>185</video:duration>"
    "<video:publication_date>2022-11-20T08:00:00Z</video:publication_date><video:thumbnail_loc>/i/2.jpg</video:thumbnail_loc></video:video>",
)


def test_a_plain_sitemap_gives_addresses_and_last_edits() -> None:
    listing = read(sitemap(address("http://radio.example/a/1.html", "<lastmod>2022-11-21T10:05:00+02:00</lastmod>"), address("/a/2.html")))
    first, second = listing.entries
    assert (listing.dialect, listing.outcome) == ("sitemap", Outcome.FEED_READ)
    assert first.modified.at == datetime(2022, 11, 21, 8, 5, tzinfo=UTC)
    assert first.published.at is None, "lastmod is the last edit, not the publication"
    assert (second.url, second.kind) == ("http://radio.example/a/2.html", PageKind.ARTICLE)


def test_a_news_sitemap_gives_title_language_and_publication() -> None:
    listing = read(sitemap(NEWS))
    entry = listing.entries[0]
    assert (listing.dialect, entry.title, entry.language) == ("news_sitemap", "Підвал & яма", "uk")
    assert (entry.published.at, entry.published.precision) == (datetime(2022, 11, 21, 8, 5, tzinfo=UTC), Precision.MINUTE)


def test_a_video_sitemap_gives_what_the_page_may_not_have() -> None:
    listing = read(sitemap(VIDEO), kind=EndpointKind.VIDEO_SITEMAP)
    entry = listing.entries[0]
    assert (listing.dialect, entry.kind, entry.duration_s) == ("video_sitemap", PageKind.VIDEO, 185)
    assert entry.description == "He was held for a week."
    assert entry.thumbnail_url == "http://radio.example/i/2.jpg"
    assert entry.published.at == datetime(2022, 11, 20, 8, tzinfo=UTC)


def test_an_article_that_names_its_film_in_a_news_sitemap_stays_an_article() -> None:
    inner = NEWS[NEWS.index("<news:news>") : -len("</url>")] + "<video:video><video:title>Film</video:title></video:video>"
    assert read(sitemap(address("http://radio.example/a/3.html", inner))).entries[0].kind is PageKind.ARTICLE


def test_extensions_whose_prefix_was_never_declared_are_read_all_the_same() -> None:
    listing = read(sitemap(NEWS, spaces='xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'))
    assert listing.entries[0].title == "Підвал & яма"
    assert listing.fault


def test_an_index_gives_its_children_as_sitemaps() -> None:
    body = (
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://radio.example/s1.xml.gz</loc>'
        "<lastmod>2022-11-21</lastmod></sitemap><sitemap><loc>javascript:1</loc></sitemap></sitemapindex>"
    )
    listing = read(body)
    assert (listing.dialect, listing.dropped) == ("sitemap_index", 1)
    assert [(entry.url, entry.kind) for entry in listing.entries] == [("http://radio.example/s1.xml.gz", PageKind.SITEMAP)]
    assert listing.entries[0].modified.precision is Precision.DAY


def test_a_sitemap_of_plain_lines_is_a_sitemap() -> None:
    listing = read("http://radio.example/a/1\nhttp://radio.example/a/2\n\nhttp://radio.example/a/1\n", kind=EndpointKind.SITEMAP)
    assert [entry.url for entry in listing.entries] == ["http://radio.example/a/1", "http://radio.example/a/2"]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        # An empty set is a normal answer; HTML in its place is not.
        (sitemap(), Outcome.FEED_EMPTY),
        ("<urlset/>", Outcome.FEED_EMPTY),
        ("<!doctype html><html><body>Gone</body></html>", Outcome.NOT_A_FEED),
        ("<urlset><url><loc>http://radio.example/a", Outcome.BAD_FEED),
        ("", Outcome.FEED_EMPTY),
    ],
)
def test_what_gives_no_entries_says_why(body: str, outcome: Outcome) -> None:
    assert read(body, kind=EndpointKind.SITEMAP).outcome is outcome


def test_a_sitemap_that_breaks_off_gives_what_stood_before_the_break() -> None:
    whole = sitemap(*(address(f"http://radio.example/a/{n}") for n in range(10)))
    listing = read(whole[: whole.index("/a/7") + 2])
    assert listing.outcome is Outcome.FEED_READ
    assert len(listing.entries) >= 7
    assert listing.fault


def test_a_gzipped_sitemap_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    body = gzip.compress(sitemap(*(address(f"http://radio.example/a/{n}-{n * 7919 % 1000}") for n in range(3000))).encode())
    listing = read(body[: len(body) // 2], max_entries=5000)
    assert listing.outcome is Outcome.FEED_READ
    assert 100 < len(listing.entries) < 3000


def test_of_a_large_sitemap_the_newest_stay_in_their_order() -> None:
    urls = [address(f"http://radio.example/a/{n}", f"<lastmod>2022-11-{n % 28 + 1:02}</lastmod>") for n in range(280)]
    listing = read(gzip.compress(sitemap(*urls).encode()), max_entries=10)
    assert [entry.url for entry in listing.entries] == [f"http://radio.example/a/{n}" for n in range(27, 280, 28)]
    assert listing.truncated == 270


def test_entities_in_a_sitemap_neither_multiply_nor_read_files() -> None:
    declared = '<!DOCTYPE urlset [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    assert read(declared + sitemap(address("http://radio.example/&b;"))[38:]).outcome is Outcome.BAD_FEED
    external = '<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert "root:" not in repr(read(external + sitemap(address("http://radio.example/&x;"))[38:]))


@pytest.mark.rows(49)
def test_a_lone_huge_node_does_not_get_past_the_parser_s_limits() -> None:
    listing = read(sitemap(address("http://radio.example/" + "a" * 11_000_000)))
    assert listing.entries == ()
