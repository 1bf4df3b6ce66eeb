"""Saved files as the responses they were."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from crawlers.saved_files import SavedKind, SavedPage, read_page, read_warc, tell_kind

PAGE = b"<!doctype html><html><head><title>One</title></head><body><p>Text</p></body></html>"


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (PAGE, "x", SavedKind.HTML),
        (b"\xef\xbb\xbf  <HTML>", "x.txt", SavedKind.HTML),  # The bytes count, not the name.
        (b"no markup at all", "page.html", SavedKind.HTML),  # Where the bytes say nothing the name does.
        (b"no markup at all", "note.txt", SavedKind.TEXT),
        (b"WARC/1.1\r\nWARC-Type: warcinfo", "x", SavedKind.WARC),
        (b"WEBVTT\n\n", "x", SavedKind.TRANSCRIPT),
        (b"1\n00:00:01,000 --> 00:00:02,500\nYes.\n", "x.srt", SavedKind.TRANSCRIPT),
        (b"<p>00:00:01,000 --> 00:00:02,500</p>", "x", SavedKind.HTML),  # A page about subtitles is a page.
        (b"From: <Saved by Browser>\r\nContent-Type: multipart/related;\r\n", "x", SavedKind.MHTML),
        (b"", "x", SavedKind.TEXT),
    ],
)
def test_the_kind_is_told_by_the_bytes(head: bytes, name: str, kind: SavedKind) -> None:
    assert tell_kind(head, name) is kind


@pytest.mark.parametrize(
    ("comment", "url"),
    [
        (b"<!-- saved from url=(0034)https://radio.example/a/slug/1.html -->", "https://radio.example/a/slug/1.html"),
        (b"<!--\n Page saved with a saver\n url: https://radio.example/a/2.html \n saved date: x\n-->", "https://radio.example/a/2.html"),
        (b"<!-- saved from url=(0017)file:///etc/passwd -->", ""),
        (b"<!-- saved from url=(0014)about:internet -->", ""),
        (b"", ""),
    ],
)
def test_a_saved_page_says_where_it_came_from(comment: bytes, url: str) -> None:
    assert read_page(comment + PAGE).url == url


def test_gzip_is_undone_and_a_broken_one_refused() -> None:
    assert read_page(gzip.compress(PAGE)).body == PAGE
    with pytest.raises(ValueError, match="cannot be unpacked"):
        read_page(gzip.compress(PAGE)[:20])


def test_the_page_of_an_mhtml_file_is_the_one_it_was_saved_as() -> None:
    body = (
        b"From: <Saved by Browser>\r\nSnapshot-Content-Location: https://radio.example/a/3.html\r\n"
        b"Date: Fri, 18 Nov 2022 10:00:00 +0200\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related; type="text/html"; boundary="----b"\r\n\r\n'
        b"------b\r\nContent-Type: text/html\r\nContent-Location: https://ads.example/frame\r\n\r\n<p>advertisement</p>\r\n"
        b"------b\r\nContent-Type: text/html; charset=windows-1251\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        b"Content-Location: https://radio.example/a/3.html\r\n\r\n<p>=CF=EE=E4=E2=E0=EB</p>\r\n------b--\r\n"
    )
    page = read_page(body, "x.mhtml")
    assert page.url == "https://radio.example/a/3.html"
    assert page.content_type == "text/html; charset=windows-1251"
    assert page.body.decode("cp1251").strip() == "<p>Подвал</p>"
    assert page.saved_at == datetime(2022, 11, 18, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("body", [b"Content-Type: multipart/related; boundary=x\r\n\r\n--x--", b"Content-Type: multipart/related\r\n\r\n"])
def test_an_mhtml_file_without_a_page_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match="without an HTML part"):
        read_page(body, "x.mhtml")


def record(url: str, kind: str, body: bytes) -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nX-Robots-Tag: noarchive\r\n\r\n".encode() + body
    head = (
        f"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:{len(body):032d}>\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2022-11-18T08:00:00Z\r\nContent-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_warc_file_gives_its_html_responses_with_address_date_and_headers(pack: Callable[[bytes], bytes]) -> None:
    records = [
        record("https://radio.example/1", "text/html", PAGE),
        record("https://radio.example/1.png", "image/png", b"\x89PNG"),
        record("dns:radio.example", "text/html", b""),
        record("https://radio.example/2", "text/html; charset=utf-8", PAGE),
    ]
    pages = list(read_warc(io.BytesIO(b"".join(map(pack, records)))))
    assert [page.url for page in pages] == ["https://radio.example/1", "https://radio.example/2"]
    assert pages[0].body == PAGE and pages[0].status == 200
    assert pages[0].saved_at == datetime(2022, 11, 18, 8, 0, tzinfo=UTC)
    assert ("X-Robots-Tag", "noarchive") in pages[0].headers


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_cut_warc_file_gives_what_is_whole_and_says_so(pack: Callable[[bytes], bytes]) -> None:
    file = pack(record("https://radio.example/1", "text/html", PAGE)) + pack(record("https://radio.example/2", "text/html", PAGE))[:-30]
    found: list[SavedPage] = []
    with pytest.raises(ValueError, match=r"ends inside a record|no sound WARC"):
        found.extend(read_warc(io.BytesIO(file)))
    found = []
    for page in _until_it_fails(file):
        found.append(page)
    assert [page.url for page in found] == ["https://radio.example/1"]


def _until_it_fails(file: bytes) -> Iterator[SavedPage]:
    with suppress(ValueError):
        yield from read_warc(io.BytesIO(file))


@pytest.mark.parametrize("file", [b"WARC/1.1\r\nnonsense", record("https://radio.example/1.png", "image/png", b"x"), b""])
def test_a_file_without_pages_is_no_success(file: bytes) -> None:
    with pytest.raises(ValueError, match=r"without an HTML page|no sound WARC"):
        list(read_warc(io.BytesIO(file)))


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"%PDF-1.4\n%\xe2\xe3", "is a PDF"),
        (b"PK\x03\x04\x14\x00", "an office document or archive"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (bytes(range(256)) * 8, "is no text"),
    ],
)
def test_what_holds_no_text_is_refused_by_name(body: bytes, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_page(body, "saved.txt")


@pytest.mark.parametrize("charset", ["utf-8", "cp1251", "koi8-u", "utf-16"])
def test_text_in_any_charset_is_no_binary(charset: str) -> None:
    body = "Дамбу прорвало на рассвете, погибли восемь человек.\n".encode(charset) * 20
    assert read_page(body, "saved.txt").body == body
