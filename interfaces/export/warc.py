"""Captures as WARC 1.1 (ISO 28500:2017), as replay tools read them: a response and a metadata record for each."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from http import HTTPStatus
from typing import IO, Any
from uuid import NAMESPACE_URL, uuid5

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from storage.records import Capture

_TRANSFER = frozenset({"content-encoding", "transfer-encoding", "content-length"})
"""Headers about how the bytes travelled. They are stored inflated, so these are kept under another name, as archives do."""


def write_warc(captures: Iterable[tuple[str, Capture]], target: IO[bytes], *, software: str) -> tuple[int, int]:
    """Every (article key, capture) as gzipped records; (written, left out because their bytes were dropped).

    Record ids are made from address, time and hash, so that the same captures give the same ids.
    """
    writer = WARCWriter(target, gzip=True, warc_version="1.1")
    info = {"software": software, "format": "WARC File Format 1.1", "conformsTo": "ISO 28500:2017"}
    writer.write_record(_record(writer, "warcinfo", "", _fields(info), date="1970-01-01T00:00:00Z"))
    written = left_out = 0
    for article, capture in captures:
        if not capture.body:
            left_out += 1
            continue
        digest = hashlib.sha256(capture.body).hexdigest()
        date = capture.fetched_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        http = _http_head(capture)
        writer.write_record(_record(writer, "response", capture.final_url, capture.body, date=date, http=http))
        about = {
            "article": article,
            "sha256": digest,
            "requestedUrl": capture.requested_url,
            "provenance": capture.provenance,
            "note": capture.note,
            "userAgent": capture.user_agent,
            **{f"hop{number}": f"{hop.status or hop.error} {hop.url}" for number, hop in enumerate(capture.hops, 1)},
        }
        writer.write_record(_record(writer, "metadata", capture.final_url, _fields(about), date=date))
        written += 1
    return written, left_out


def _http_head(capture: Capture) -> StatusAndHeaders:
    try:
        phrase = HTTPStatus(capture.status).phrase
    except ValueError:
        phrase = ""
    headers = [(f"X-Archive-Orig-{name}" if name.lower() in _TRANSFER else name, value) for name, value in capture.headers]
    if not any(name.lower() == "content-type" for name, _ in headers) and capture.content_type:
        headers.append(("Content-Type", capture.content_type))
    headers.append(("Content-Length", str(len(capture.body))))
    clean = [(_line(name), _line(value)) for name, value in headers]
    return StatusAndHeaders(f"{capture.status} {phrase}".strip(), clean, protocol="HTTP/1.1")


def _record(writer: WARCWriter, kind: str, url: str, body: bytes, *, date: str, http: StatusAndHeaders | None = None) -> Any:
    """A record as warcio makes it, SHA-1 digests included: those are what replay tools index by. Our evidence is the sha256."""
    seed = hashlib.sha256(f"{kind} {url} {date} ".encode() + body).hexdigest()
    return writer.create_warc_record(
        _line(url),
        kind,
        io.BytesIO(body),
        length=len(body),  # Without it warcio copies everything into a temporary file first.
        http_headers=http,
        warc_headers_dict={"WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, seed)}>", "WARC-Date": date},
        warc_content_type="" if http is not None else "application/warc-fields",
    )


def _fields(values: dict[str, str]) -> bytes:
    return "".join(f"{name}: {_line(value)}\r\n" for name, value in values.items() if value).encode("utf-8")


def _line(text: str) -> str:
    """One header line: no foreign text may begin another one."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
