"""Files saved by hand, as the responses they once were: HTML, MHTML, WARC, plain text, subtitles. Pure: bytes in, pages out.

Sources of the formats: MHTML is RFC 2557; "saved from url" is the mark that browsers write into a page saved as HTML, with the
length of the address in front; a "url:" comment is written by page savers that put everything into one file; WARC is ISO 28500.
"""

from __future__ import annotations

import email
import email.policy
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import IO
from urllib.parse import urlsplit

from crawlers.errors import BadEncodingError, BodyTooLargeError
from crawlers.inflate import inflate
from crawlers.transcripts import TRANSCRIPT_TYPES
from crawlers.worker_tasks import MAX_FILE_BYTES, MAX_HEAD_BYTES

_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d{1,5}\)(\S{1,2000}?)\s*-->", re.IGNORECASE)
_URL_COMMENT = re.compile(rb"^\s*url:\s*(https?://\S{1,2000})\s*$", re.IGNORECASE | re.MULTILINE)
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|article|p|div|h1)\b", re.IGNORECASE)
_CUE_TIMES = re.compile(rb"\d{2}:\d{2}[.,]\d{3}\s+-->\s+")


class SavedKind(StrEnum):
    """What a saved file is, told by its bytes; its name only breaks ties."""

    HTML = "html"
    MHTML = "mhtml"
    WARC = "warc"
    TEXT = "text"
    TRANSCRIPT = "transcript"


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPage:
    """One page out of a file, as it was served as far as the file tells."""

    url: str = ""
    """Empty when the file does not say where it came from."""
    body: bytes
    content_type: str
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    saved_at: datetime | None = None


def tell_kind(head: bytes, name: str = "") -> SavedKind:
    """The kind of a file whose first bytes are ``head``.

    >>> tell_kind(b"WEBVTT\\n\\n00:01.000 --> 00:02.000\\nYes.")
    <SavedKind.TRANSCRIPT: 'transcript'>
    """
    suffix = name.lower().removesuffix(".gz").rpartition(".")[2]
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if bare.startswith(b"WARC/"):
        return SavedKind.WARC
    if bare.startswith(b"WEBVTT") or (_CUE_TIMES.search(head) and not _MARKUP.search(head)):
        return SavedKind.TRANSCRIPT
    if suffix in ("mhtml", "mht") or re.search(rb"^content-type:\s*multipart/related", head, re.IGNORECASE | re.MULTILINE):
        return SavedKind.MHTML
    if _MARKUP.search(head) or suffix in ("html", "htm", "xhtml"):
        return SavedKind.HTML
    return SavedKind.TEXT


def read_page(body: bytes, name: str = "") -> SavedPage:
    """The one page of a file that is no WARC; gzip is undone first.

    Raises: ValueError, saying what is wrong, when the bytes are not what they claim to be.
    """
    body = plain_bytes(body)
    _refuse_binary(body)
    match tell_kind(body[:MAX_HEAD_BYTES], name):
        case SavedKind.HTML:
            return SavedPage(url=_address_inside(body), body=body, content_type="text/html")
        case SavedKind.MHTML:
            return _read_mhtml(body)
        case SavedKind.TRANSCRIPT:
            subtitles = TRANSCRIPT_TYPES[0] if body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"WEBVTT") else TRANSCRIPT_TYPES[1]
            return SavedPage(body=body, content_type=subtitles)
        case SavedKind.TEXT:
            return SavedPage(body=body, content_type="text/plain")
        case SavedKind.WARC:
            raise ValueError("a WARC file holds many pages; it is read record by record")


def _refuse_binary(body: bytes) -> None:
    """Raises: ValueError for what holds no text: a PDF or picture is not to become an article of odd letters."""
    known = next((name for magic, name in _BINARY if body.startswith(magic)), None)
    if known is not None:
        raise ValueError(f"is {known}, which is not read; save its text as .txt, or the page as HTML")
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    sample = body[:MAX_HEAD_BYTES]
    if sum(sample.count(code) for code in _CONTROLS) > MAX_CONTROLS * len(sample):
        raise ValueError("is no text: it is full of control characters")


_BINARY = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "an office document or archive"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
)
_CONTROLS = tuple(bytes((code,)) for code in range(32) if code not in (9, 10, 12, 13, 27))
MAX_CONTROLS = 0.02
"""Share of control characters from which bytes are no text; of random ones it is a tenth, of text in any charset next to none."""


def plain_bytes(body: bytes) -> bytes:
    """``body`` without its gzip wrapping, if it has one.

    Raises: ValueError when it is broken or inflates beyond MAX_FILE_BYTES.
    """
    if not body.startswith(b"\x1f\x8b\x08"):
        return body
    try:
        return inflate(body, ("gzip",), MAX_FILE_BYTES)
    except (BadEncodingError, BodyTooLargeError) as error:
        raise ValueError(f"cannot be unpacked: {error}") from error


def read_warc(stream: IO[bytes]) -> Iterator[SavedPage]:
    """The HTML pages among a WARC file's response records, one at a time; memory is that of one record.

    Raises: ValueError, when the file ends inside a record, is no WARC or holds no HTML page; pages before that have been given.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    found = False
    try:
        for record in ArchiveIterator(stream):
            if record.rec_type != "response" or record.http_headers is None:
                continue
            kind = (record.http_headers.get_header("Content-Type") or "").lower()
            url = record.rec_headers.get_header("WARC-Target-URI") or ""
            if not kind.startswith(("text/html", "application/xhtml")) or not is_web_address(url):
                continue
            body = record.content_stream().read(MAX_FILE_BYTES + 1)
            if len(body) > MAX_FILE_BYTES:
                continue
            if getattr(record.raw_stream, "limit", 0) > 0:
                # warcio gives what is left of a record that was cut off; half a page is no page.
                raise ValueError("ends inside a record")
            status = record.http_headers.get_statuscode()
            found = True
            yield SavedPage(
                url=url,
                body=body,
                content_type=kind,
                status=int(status) if status.isdigit() else 0,
                headers=tuple((str(key), str(value)) for key, value in record.http_headers.headers),
                saved_at=_iso(record.rec_headers.get_header("WARC-Date") or ""),
            )
    except (ArchiveLoadFailed, EOFError) as error:
        raise ValueError(f"is no sound WARC file: {error}") from error
    if not found:
        raise ValueError("is a WARC file without an HTML page")


def is_web_address(url: str) -> bool:
    """Whether ``url`` could be a page's address.

    >>> is_web_address("https://radio.example/a/1.html"), is_web_address("file:///etc/passwd")
    (True, False)
    """
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _address_inside(body: bytes) -> str:
    head = body[:MAX_HEAD_BYTES]
    found = _SAVED_FROM.search(head) or _URL_COMMENT.search(head)
    url = found.group(1).decode("utf-8", "replace") if found else ""
    return url if is_web_address(url) else ""


def _read_mhtml(body: bytes) -> SavedPage:
    message = email.message_from_binary_file(io.BytesIO(body), policy=email.policy.default)
    wanted = str(message.get("Snapshot-Content-Location") or message.get("Content-Location") or "")
    parts = [part for part in message.walk() if isinstance(part, EmailMessage) and part.get_content_type() == "text/html"]
    if not parts:
        raise ValueError("is an MHTML file without an HTML part")
    main = next((part for part in parts if wanted and part.get("Content-Location") == wanted), parts[0])
    url = wanted or str(main.get("Content-Location") or "")
    page = main.get_payload(decode=True)
    assert isinstance(page, bytes)
    charset = main.get_content_charset()
    return SavedPage(
        url=url if is_web_address(url) else "",
        body=page,
        content_type=f"text/html; charset={charset}" if charset else "text/html",
        saved_at=_mail_date(str(message.get("Date") or "")),
    )


def _mail_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
