"""Content codings: what is read, what is refused, and that a bomb stays small."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from crawlers.errors import BadEncodingError, BodyTooLargeError
from crawlers.inflate import Inflated, has_coding, inflate, try_inflate
from storage.records import Outcome

LIMIT = 1_000_000
PAGE = b"<p>In 1994 the council said that the bridge would reopen.</p>" * 500


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODINGS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("GZIP", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstandard.ZstdCompressor().compress),
    ("zstd", lambda data: zstandard.ZstdCompressor().compress(data[:99]) + zstandard.ZstdCompressor().compress(data[99:])),
    ("gzip", lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:])),
    ("gzip", lambda data: gzip.compress(data) + b"\0\0\0\0 rubbish"),
    ("identity", bytes),
    ("", bytes),
    ("utf-8", bytes),
    ("none", bytes),
]


@pytest.mark.parametrize(("name", "pack"), CODINGS)
def test_a_coding_is_undone(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert inflate(pack(PAGE), [name], LIMIT) == PAGE


def test_no_body_needs_no_coding() -> None:
    assert inflate(b"", ["gzip"], LIMIT) == b""
    assert inflate(PAGE, [], LIMIT) == PAGE
    assert inflate(gzip.compress(PAGE), ["identity", "gzip"], LIMIT) == PAGE


@pytest.mark.parametrize(("name", "pack"), [item for item in CODINGS if item[0] in ("gzip", "deflate", "br", "zstd")])
@pytest.mark.parametrize("part", [0.01, 0.3, 0.6])
def test_a_cut_stream_is_never_taken_for_a_whole_one(name: str, pack: Callable[[bytes], bytes], part: float) -> None:
    packed = pack(bytes(range(256)) * 400)
    with pytest.raises(BadEncodingError):
        inflate(packed[: max(1, int(len(packed) * part))], [name], LIMIT)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_what_is_not_coded_as_it_says_is_refused(name: str) -> None:
    with pytest.raises(BadEncodingError):
        inflate(b"<html>plain text</html>", [name], LIMIT)


@pytest.mark.parametrize("codings", [["gzip, gzip"], ["gzip", "br"], ["compress"], ["x-future"], ["aes128gcm"], ["gzip;q=1"]])
def test_nested_and_unknown_codings_are_refused(codings: list[str]) -> None:
    with pytest.raises(BadEncodingError):
        inflate(gzip.compress(gzip.compress(PAGE)), codings, LIMIT)


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("br", lambda data: brotli.compress(data, quality=1)),
        ("zstd", zstandard.ZstdCompressor().compress),
    ],
)
def test_a_bomb_is_stopped_near_the_limit(name: str, pack: Callable[[bytes], bytes]) -> None:
    bomb = pack(b"\0" * 100_000_000)
    tracemalloc.start()
    with pytest.raises(BodyTooLargeError) as caught:
        inflate(bomb, [name], LIMIT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert LIMIT < caught.value.size <= LIMIT + 2_200_000
    assert peak < 8 * LIMIT


@pytest.mark.parametrize(
    ("name", "member"), [("gzip", gzip.compress(b"")), ("zstd", zstandard.ZstdCompressor().compress(b""))], ids=["gzip", "zstd"]
)
def test_a_million_empty_members_are_refused_before_they_are_read(name: str, member: bytes) -> None:
    with pytest.raises(BadEncodingError, match="too many"):
        # Each costs a copy of all that follow; all of them would take a quarter of an hour.
        inflate(member * 500_000, [name], LIMIT)


def test_what_fails_has_the_ledger_s_word() -> None:
    assert try_inflate(gzip.compress(PAGE), ["gzip"], LIMIT) == Inflated(body=PAGE)
    assert try_inflate(b"x", ["br, gzip"], LIMIT) == Inflated(outcome=Outcome.BAD_ENCODING, detail="nested: br, gzip")
    assert try_inflate(gzip.compress(PAGE), ["gzip"], 100).outcome is Outcome.TOO_LARGE


def test_only_what_names_a_coding_is_sent_to_a_worker() -> None:
    assert not has_coding([]) and not has_coding(["identity", "UTF-8, none"])
    assert has_coding(["identity, br"]) and has_coding(["x-future"])


@settings(max_examples=300)
@given(st.sampled_from(["gzip", "deflate", "br", "zstd"]), st.binary(max_size=300))
def test_no_bytes_break_a_reader(name: str, body: bytes) -> None:
    with suppress(BadEncodingError, BodyTooLargeError):
        assert len(inflate(body, [name], LIMIT)) <= LIMIT
