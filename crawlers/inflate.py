"""Content-Encoding undone, strictly: one coding, whole, within the limit. Pure; the crawl does it in a worker.

Scrapy's own middleware hands on what a cut gzip stream gave so far, and inflates codings inside codings.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]
import zstandard

from crawlers.errors import BadEncodingError, BodyTooLargeError
from storage.records import Outcome

ACCEPTED = "gzip, deflate, br, zstd"
"""What we ask for with Accept-Encoding; nothing else is read."""

_NO_CODING = frozenset({"", "identity", "none", "binary", "8bit", "utf-8", "utf8"})
"""No coding at all. Beyond ``identity`` these are mistakes seen in the wild that browsers pass over as well."""

_CHUNK = 64 * 1024

MAX_MEMBERS = 1000
"""Members of one gzip or zstd body. Servers send one; each further one costs a copy of all that follows, and there could be a million."""

_ZSTD_PIECE = 64
"""Bytes fed at a time: four of them can make 128 KiB, so one call makes 2 MiB at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inflated:
    """A body without its coding, or, with an ``outcome``, why there is none."""

    body: bytes = b""
    outcome: Outcome | None = None
    detail: str = ""


def has_coding(codings: Iterable[str]) -> bool:
    """Whether these values of Content-Encoding headers name any coding at all."""
    return bool(_names(codings))


def try_inflate(body: bytes, codings: Iterable[str], limit: int) -> Inflated:
    """As ``inflate``, with the ledger's word for what fails."""
    try:
        return Inflated(body=inflate(body, codings, limit))
    except BadEncodingError as error:
        return Inflated(outcome=Outcome.BAD_ENCODING, detail=error.reason)
    except BodyTooLargeError as error:
        return Inflated(outcome=Outcome.TOO_LARGE, detail=str(error))


def _names(codings: Iterable[str]) -> list[str]:
    names = [name.strip().lower() for value in codings for name in value.split(",")]
    return [name for name in names if name not in _NO_CODING]


def inflate(body: bytes, codings: Iterable[str], limit: int) -> bytes:
    """The body without its content coding; at most ``limit`` bytes are ever made.

    ``codings`` are the values of all Content-Encoding headers.

    Raises: BadEncodingError (unknown, nested, broken or cut), BodyTooLargeError.
    """
    names = _names(codings)
    if not names or not body:
        return body
    if len(names) > 1:
        raise BadEncodingError(f"nested: {', '.join(names)[:100]}")
    reader = _READERS.get(names[0])
    if reader is None:
        raise BadEncodingError(f"unknown: {names[0][:100]!r}")
    try:
        return reader(body, limit)
    except (zlib.error, brotli.error, zstandard.ZstdError) as error:
        raise BadEncodingError(f"broken {names[0]}: {error}"[:200]) from error


def _gzip(body: bytes, limit: int) -> bytes:
    """One or more members (RFC 1952, 2.2). Zeros or rubbish after the last are passed over, as browsers do."""
    output = bytearray()
    for _ in range(MAX_MEMBERS):
        member = zlib.decompressobj(wbits=31)
        _drain(member, body, output, limit)
        body = member.unused_data
        if body[:2] != b"\x1f\x8b":
            return bytes(output)
    raise BadEncodingError("too many members")


def _deflate(body: bytes, limit: int) -> bytes:
    """zlib streams as RFC 9110 says, or the raw ones that some servers send instead."""
    output = bytearray()
    # The low nibble of a zlib header is 8 and the first two bytes are a multiple of 31 (RFC 1950, 2.2).
    wrapped = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] * 256 + body[1]) % 31 == 0
    _drain(zlib.decompressobj(wbits=15 if wrapped else -15), body, output, limit)
    return bytes(output)


def _drain(member: zlib._Decompress, body: bytes, output: bytearray, limit: int) -> None:
    while not member.eof:
        chunk = member.decompress(body, _CHUNK)
        output += chunk
        if len(output) > limit:
            raise BodyTooLargeError(len(output), limit, inflated=True)
        body = member.unconsumed_tail
        if not chunk and not body and not member.eof:
            raise BadEncodingError("cut short")


def _brotli(body: bytes, limit: int) -> bytes:
    decoder = brotli.Decompressor()
    output = bytearray(decoder.process(body, output_buffer_limit=_CHUNK))
    while not decoder.is_finished():
        if len(output) > limit:
            raise BodyTooLargeError(len(output), limit, inflated=True)
        chunk = decoder.process(b"", output_buffer_limit=_CHUNK)
        if not chunk and not decoder.is_finished():
            raise BadEncodingError("cut short")
        output += chunk
    if len(output) > limit:
        raise BodyTooLargeError(len(output), limit, inflated=True)
    return bytes(output)


def _zstd(body: bytes, limit: int) -> bytes:
    """Frames with a window of at most 8 MiB, as RFC 9659 asks of this coding."""
    output = bytearray()
    decoder = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024)
    for _ in range(MAX_MEMBERS):
        frame = decoder.decompressobj(write_size=_CHUNK)
        position = 0
        while position < len(body) and not frame.eof:
            piece = body[position : position + _ZSTD_PIECE]
            output += frame.decompress(piece)
            position += len(piece)
            if len(output) > limit:
                raise BodyTooLargeError(len(output), limit, inflated=True)
        if not frame.eof:
            raise BadEncodingError("cut short")
        body = frame.unused_data + body[position:]
        if not body:
            return bytes(output)
    raise BadEncodingError("too many frames")


_READERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
