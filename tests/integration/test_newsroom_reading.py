"""The product's readers on the newsroom's pages and listings: every text comes out as it was written, every entry is seen."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from crawlers.discovery.listing import read_listing
from crawlers.extraction import extract_page
from interfaces.demo.checks import KINDS, _text_difference
from interfaces.demo.documents import FIRST_WORLD, Dialect, Document, DocumentKind, Newsroom, SiteFault
from interfaces.demo.listings import Listings
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.pages import make_environment
from interfaces.demo.responder import Request, Responder, Response
from storage.identity import normalise_text
from storage.records import ArticleKind, Extraction, Precision

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return read_newsroom()


@pytest.fixture(scope="module")
def responder(newsroom: Newsroom) -> Responder:
    return Responder(newsroom)


def _get(responder: Responder, url: str) -> Response:
    parts = urlsplit(url)
    return responder.respond(Request(host=parts.netloc, target=parts.path + (f"?{parts.query}" if parts.query else "")), FIRST_WORLD)


@pytest.fixture(scope="module")
def readings(newsroom: Newsroom, responder: Responder) -> list[tuple[Document, str, Extraction]]:
    """Every readable document at each of its addresses, as extraction sees it without any feed's help."""
    found = []
    for document in newsroom.documents.values():
        outlet = newsroom.outlets[document.site]
        for url in (document.url, *(other.url for other in document.also_at)):
            response = _get(responder, url)
            if response.status != 200:
                continue
            extraction = extract_page(
                response.body,
                url=url,
                content_type=response.content_type,
                headers=response.headers,
                outlet_language=outlet.language,
                cms=outlet.cms,
                entry=None,
                now=NOW,
            )
            found.append((document, url, extraction))
    return found


def test_every_text_is_the_documents(readings: list[tuple[Document, str, Extraction]]) -> None:
    differences = {url: _text_difference(document, extraction.text) for document, url, extraction in readings}
    assert {url: text for url, text in differences.items() if text} == {}


def test_every_headline_language_and_kind_is_the_documents(newsroom: Newsroom, readings: list[tuple[Document, str, Extraction]]) -> None:
    for document, url, extraction in readings:
        assert normalise_text(extraction.title) == normalise_text(document.title), url
        assert extraction.language == newsroom.outlets[document.site].language, url
        assert extraction.kind is KINDS[document.kind] or (document.kind is DocumentKind.LIVE and extraction.kind is ArticleKind.ARTICLE), (
            url
        )
        if document.kind is DocumentKind.VIDEO:
            assert extraction.duration_s == document.duration_s


def test_every_date_is_the_documents_and_only_as_fine_as_the_page_says(
    newsroom: Newsroom, readings: list[tuple[Document, str, Extraction]]
) -> None:
    for document, url, extraction in readings:
        published = extraction.published
        assert published.at is not None, url
        if newsroom.sites[document.site].shows_time:
            assert published.precision is not Precision.DAY, url
            assert abs((published.at - document.published).total_seconds()) < 60, url
        else:
            assert published.precision is Precision.DAY, url
            assert published.at.date() == document.published.date(), url


def test_links_within_a_text_are_found(newsroom: Newsroom, readings: list[tuple[Document, str, Extraction]]) -> None:
    for document, url, extraction in readings:
        linked = {piece.href for paragraph in document.paragraphs for piece in paragraph.pieces if piece.href}
        assert linked <= set(extraction.links), url


def test_every_listing_is_read_whole(newsroom: Newsroom, responder: Responder) -> None:
    listings = Listings(newsroom, make_environment())
    for site_id, site in newsroom.sites.items():
        if SiteFault.UNAVAILABLE in site.faults:
            continue
        for listing in site.listings:
            response = _get(responder, listing.url)
            read = read_listing(response.body, url=listing.url, content_type=response.content_type, kind=None, max_entries=1000, now=NOW)
            assert read.fault == "" and read.dropped == 0, listing.url
            if listing.dialect is Dialect.SITEMAP_INDEX:
                assert [entry.url for entry in read.entries] == list(listing.parts)
                continue
            announced = listings.announced(site_id, listing, FIRST_WORLD)
            assert sorted(entry.url for entry in read.entries) == sorted(item.url for item in announced), listing.url
            titles = {item.url: item.doc.title for item in announced}
            for entry in read.entries:
                assert not entry.title or normalise_text(entry.title) == normalise_text(titles[entry.url]), entry.url
            if listing.dialect is Dialect.VIDEO_SITEMAP:
                assert all(entry.duration_s and entry.description for entry in read.entries)
