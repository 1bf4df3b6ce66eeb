"""Feeds as bytes to entries: every dialect, and everything that is served in a feed's place."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from config.outlet import EndpointKind
from crawlers.discovery.listing import read_listing
from storage.records import Listing, Outcome, Precision

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
URL = "http://radio.example/rss/all.xml"


def read(body: bytes | str, *, max_entries: int = 100, kind: EndpointKind | None = None, content_type: str = "") -> Listing:
    raw = body.encode() if isinstance(body, str) else body
    return read_listing(raw, url=URL, content_type=content_type, kind=kind, max_entries=max_entries, now=NOW)


def rss(*items: str, head: str = "") -> str:
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {head}><channel><title>Radio</title>{"".join(items)}</channel></rss>'


def item(
    number: int = 1, *, link: str | None = None, date: str = "Mon, 21 Nov 2022 10:05:00 +0200", extra: str = "", title: str = ""
) -> str:
    address = f"http://radio.example/a/{number}.html" if link is None else link
    return f"<item><title>{title or f'Piece {number}'}</title><link>{address}</link><pubDate>{date}</pubDate>{extra}</item>"


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="uk"><title>t</title>
<entry><title type="html">Підвал &amp;amp; яма</title><link rel="self" href="http://radio.example/feed/1"/>
<link rel="alternate" href="/a/1.html"/><id>tag:radio.example,2022:1</id><published>2022-11-21T10:05:07+02:00</published>
<updated>2022-11-22T00:00:00Z</updated><summary>Коротко.</summary></entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="http://radio.example/"><title>t</title><dc:language>de-DE</dc:language></channel>
<item rdf:about="http://radio.example/a/1"><title>Keller</title><link>http://radio.example/a/1</link><dc:date>2022-11-21T09:00:00+01:00</dc:date></item>
</rdf:RDF>"""

DIALECTS = [
    # Dialect, body, what its first entry's address is.
    ("rss", rss(item()), "http://radio.example/a/1.html"),
    ("rss", rss(item()).replace(' version="2.0"', ' version="0.91"'), "http://radio.example/a/1.html"),
    ("atom", ATOM, "http://radio.example/a/1.html"),
    ("rdf", RDF, "http://radio.example/a/1"),
    # A comment, a style sheet and a harmless document type before the first element.
    (
        "rss",
        '<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><!-- hello --><!DOCTYPE rss>' + rss(item())[38:],
        "http://radio.example/a/1.html",
    ),
]


@pytest.mark.parametrize(("dialect", "body", "address"), DIALECTS)
def test_each_dialect_is_told_from_the_bytes(dialect: str, body: str, address: str) -> None:
    listing = read(body)
    assert (listing.dialect, listing.outcome, listing.entries[0].url) == (dialect, Outcome.FEED_READ, address)


def test_an_atom_entry_keeps_both_times_its_language_and_its_plain_title() -> None:
    entry = read(ATOM).entries[0]
    assert entry.title == "Підвал & яма"
    assert entry.published.at == datetime(2022, 11, 21, 8, 5, 7, tzinfo=UTC)
    assert entry.published.precision is Precision.SECOND
    assert entry.modified.at == datetime(2022, 11, 22, tzinfo=UTC)
    assert (entry.language, entry.description, entry.guid) == ("uk", "Коротко.", "tag:radio.example,2022:1")


NO_FEEDS = [
    # What is served in place of a feed, and what it is called.
    (b"", Outcome.FEED_EMPTY),
    (b" \n\t", Outcome.FEED_EMPTY),
    (b"\xef\xbb\xbf", Outcome.FEED_EMPTY),
    # Pangea answers an unknown zone with eleven bytes or with an empty channel.
    (b"not a zone.", Outcome.NOT_A_FEED),
    (rss().encode(), Outcome.FEED_EMPTY),
    (b"<!DOCTYPE html><html><head><title>Radio</title></head><body><p>Hello</p></body></html>", Outcome.NOT_A_FEED),
    (b"\n<html lang=ru><body>404</body></html>", Outcome.NOT_A_FEED),
    (b'{"error": "no such feed"}', Outcome.NOT_A_FEED),
    (b"<opml><body/></opml>", Outcome.NOT_A_FEED),
    (b"/dev/zero", Outcome.NOT_A_FEED),
    (b"/etc/passwd", Outcome.NOT_A_FEED),
    (b"http://radio.example/", Outcome.NOT_A_FEED),
    (b"\x1f\x8b\x08\x00broken gzip", Outcome.BAD_FEED),
    (b"\x00" * 1000, Outcome.FEED_EMPTY),
    (bytes(range(256)) * 4, Outcome.NOT_A_FEED),
]


@pytest.mark.parametrize(("body", "outcome"), NO_FEEDS)
def test_what_is_no_feed_says_so(body: bytes, outcome: Outcome) -> None:
    listing = read(body, kind=EndpointKind.FEED)
    assert (listing.outcome, listing.entries) == (outcome, ())
    assert listing.fault or listing.dialect


@pytest.mark.rows(42)
def test_an_ill_formed_feed_gives_what_could_be_read_and_its_fault() -> None:
    broken = rss(item(1), "<item><title>A & B < C</title><link>http://radio.example/a/2.html</link></item>")
    listing = read(broken)
    assert listing.outcome is Outcome.FEED_READ
    assert [entry.url for entry in listing.entries] == ["http://radio.example/a/1.html", "http://radio.example/a/2.html"]
    assert listing.fault


def test_a_feed_that_was_cut_on_its_way_keeps_the_whole_items() -> None:
    whole = rss(item(1), item(2), item(3))
    listing = read(whole[: whole.index("Piece 3") + 3])
    assert listing.outcome is Outcome.FEED_READ
    assert {entry.url for entry in listing.entries} >= {"http://radio.example/a/1.html", "http://radio.example/a/2.html"}
    assert listing.fault


LINKS = [
    # The link as written, and the address it means; None: dropped and counted.
    ("/a/7.html", "http://radio.example/a/7.html"),
    ("7.html", "http://radio.example/rss/7.html"),
    ("//video.radio.example/v/7", "http://video.radio.example/v/7"),
    ("  http://radio.example/a/7.html\n ", "http://radio.example/a/7.html"),
    ("http://radio.example/a b.html", "http://radio.example/a%20b.html"),
    ("javascript:alert(1)", None),
    ("JaVaScRiPt:alert(1)", None),
    ("data:text/html,hello", None),
    ("file:///etc/passwd", None),
    ("ftp://radio.example/a", None),
    ("http://", None),
    ("http://radio.example:port/a", None),
    ("http://[::1/a", None),
    ("http://radio.example/" + "a" * 100_000, None),
]


@pytest.mark.rows(44)
@pytest.mark.parametrize(("link", "address"), LINKS)
def test_links_are_made_absolute_or_dropped(link: str, address: str | None) -> None:
    listing = read(rss(item(1), item(2, link=link)))
    assert len(listing.entries) == (1 if address is None else 2)
    assert listing.dropped == (1 if address is None else 0)
    if address is not None:
        assert listing.entries[1].url == address


def test_a_guid_that_is_an_address_stands_in_for_a_missing_link() -> None:
    listing = read(rss("<item><title>x</title><guid isPermaLink='true'>http://radio.example/a/9</guid></item>"))
    assert [entry.url for entry in listing.entries] == ["http://radio.example/a/9"]


TITLES = [
    # As the feed has it inside <title>, and as it is kept.
    ("A &amp;amp; B", "A & B"),
    ("&lt;b&gt;Bold&lt;/b&gt; news", "Bold news"),
    ("&lt;script&gt;alert(1)&lt;/script&gt;Cellar", "Cellar"),
    ("<![CDATA[<img src=x onerror=alert(1)>Cellar]]>", "Cellar"),
    ("Line\n   break", "Line break"),
    ("5 &lt; 6 and 7 &gt; 3", "5 < 6 and 7 > 3"),
    ("\u202eevil\u202c", "evil"),
    ("Кошти &#8212; 300&#160;000", "Кошти — 300 000"),
]


@pytest.mark.rows(43, 57)
@pytest.mark.parametrize(("raw", "kept"), TITLES)
def test_titles_are_plain_and_inert(raw: str, kept: str) -> None:
    assert read(rss(item(title=raw))).entries[0].title == kept


DATES = [
    # As written; the time it means in UTC, with its precision; None: not believed, but kept as written.
    ("Mon, 21 Nov 2022 10:05:09 +0200", "2022-11-21T08:05:09", Precision.SECOND),
    ("Mon, 21 Nov 2022 10:05 GMT", "2022-11-21T10:05:00", Precision.MINUTE),
    ("21 Nov 2022 13:05:09 MSK", "2022-11-21T10:05:09", Precision.SECOND),
    ("2022-11-21T10:05:09Z", "2022-11-21T10:05:09", Precision.SECOND),
    ("2022-11-21", "2022-11-21T00:00:00", Precision.DAY),
    # No zone: the hour is a guess, so only the day counts.
    ("2022-11-21T10:05:09", "2022-11-21T10:05:09", Precision.DAY),
    ("Thu, 01 Jan 1970 00:00:00 GMT", None, None),
    ("Fri, 01 Jan 2099 00:00:00 GMT", None, None),
    ("0001-01-01T00:00:00", None, None),
    ("yesterday", None, None),
    ("Mon, 99 Nov 2022 99:99:99 +9999", None, None),
]


@pytest.mark.parametrize(("raw", "at", "precision"), DATES)
def test_dates_are_read_with_their_precision_and_never_guessed(raw: str, at: str | None, precision: Precision | None) -> None:
    published = read(rss(item(date=raw))).entries[0].published
    assert published.at == (datetime.fromisoformat(at).replace(tzinfo=UTC) if at else None)
    assert (published.precision, published.raw, published.source) == (precision, raw, "feed")


def test_the_newest_entries_are_kept_in_their_own_order_and_the_rest_counted() -> None:
    start = datetime(2022, 11, 1, tzinfo=UTC)
    # Oldest first, as some feeds are; one undated.
    items = [item(n, date=(start + timedelta(days=n)).strftime("%a, %d %b %Y %H:%M:%S +0000")) for n in range(20)]
    listing = read(rss(*items, item(99, date="")), max_entries=5)
    assert [entry.url for entry in listing.entries] == [f"http://radio.example/a/{n}.html" for n in range(15, 20)]
    assert listing.truncated == 16


def test_an_address_listed_twice_is_one_entry() -> None:
    listing = read(rss(item(1), item(1, title="Again")))
    assert [entry.title for entry in listing.entries] == ["Piece 1"]


def test_encodings_other_than_utf8_are_read() -> None:
    text = rss(item(title="Подвал в Зайцево"))
    for codec in ("cp1251", "koi8-r", "utf-16"):
        body = text.replace("utf-8", codec).encode(codec)
        assert read(body).entries[0].title == "Подвал в Зайцево", codec


def test_a_gzipped_feed_is_read() -> None:
    assert read(gzip.compress(rss(item()).encode())).outcome is Outcome.FEED_READ


def test_a_gzip_bomb_is_too_large_before_it_is_inflated() -> None:
    bomb = gzip.compress(b"\0" * 60_000_000, 1)
    assert read(bomb).outcome is Outcome.TOO_LARGE
    assert read_listing(bomb, url=URL, max_entries=10, now=NOW, max_bytes=1_000_000).outcome is Outcome.TOO_LARGE


@pytest.mark.rows(38)
def test_entities_that_multiply_are_refused_at_once() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    listing = read(f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">{laughs}]>{rss(item(title="&l9;"))[38:]}')
    assert listing.outcome is Outcome.BAD_FEED
    assert "entit" in listing.fault


@pytest.mark.rows(39)
def test_an_external_entity_brings_no_file_into_an_entry(tmp_path: object) -> None:
    canary = "root:"
    listing = read(f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>{rss(item(title="&x;"))[38:]}')
    assert canary not in repr(listing)
    assert listing.outcome is Outcome.BAD_FEED


def test_html_entities_that_a_feed_declares_for_itself_are_harmless() -> None:
    listing = read(f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;">]>{rss(item(title="A&nbsp;B"))[38:]}')
    assert listing.entries[0].title == "A B"


@pytest.mark.rows(40)
def test_a_feed_of_ten_thousand_items_is_trimmed_before_it_is_parsed() -> None:
    body = rss(*(item(n, date=(NOW - timedelta(minutes=n)).strftime("%a, %d %b %Y %H:%M:%S +0000")) for n in range(10_000)))
    listing = read(body, max_entries=50)
    assert [entry.url for entry in listing.entries] == [f"http://radio.example/a/{n}.html" for n in range(50)]
    assert listing.truncated == 9_950


def test_media_and_itunes_fields_are_kept() -> None:
    extra = '<itunes:duration>1:02:03</itunes:duration><media:thumbnail url="/i/1.jpg"/>'
    body = rss(
        item(extra=extra), head='xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" xmlns:media="http://search.yahoo.com/mrss/"'
    )
    entry = read(body).entries[0]
    assert (entry.duration_s, entry.thumbnail_url) == (3723, "http://radio.example/i/1.jpg")
