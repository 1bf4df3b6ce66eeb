"""What an ONNX file says of other files, read from its bytes alone: a large model keeps its weights in files beside it.

Only the few fields on the way there are followed (onnx.proto3 of ONNX, version 1.17), so that no further library is needed to know which
files a model is made of. Nothing is run, and nothing of the file is taken into memory as a whole.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator, Mapping
from pathlib import Path

MODEL, GRAPH, FUNCTION, NODE, ATTRIBUTE, TENSOR, ENTRY = "model", "graph", "function", "node", "attribute", "tensor", "entry"

FIELDS: Mapping[str, Mapping[int, str]] = {
    MODEL: {7: GRAPH, 25: FUNCTION},
    GRAPH: {1: NODE, 5: TENSOR},
    FUNCTION: {7: NODE},
    NODE: {5: ATTRIBUTE},
    ATTRIBUTE: {5: TENSOR, 6: GRAPH, 10: TENSOR, 11: GRAPH},
    TENSOR: {13: ENTRY},
}
"""Message -> the numbers of its fields that lead to a tensor's external data, and what they hold."""

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types of protocol buffers."""

LONGEST_VARINT = 10
MAX_DEPTH = 40
"""Graphs within graphs: more is no model."""

Span = tuple[int, int]


def external_files(path: Path) -> tuple[str, ...]:
    """The names of the files that hold a model's weights, as the model gives them, sorted; none where it holds all itself.

    Raises: ValueError for a file that is no ONNX model, OSError.
    """
    with path.open("rb") as stream:
        if not path.stat().st_size:
            raise ValueError("is empty")
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return tuple(sorted(set(_locations(data, (0, len(data)), MODEL, 0))))


def _locations(data: mmap.mmap, span: Span, message: str, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise ValueError("is no ONNX model: its graphs are nested too deep")
    wanted = FIELDS[message]
    for number, inner in _fields(data, span):
        kind = wanted.get(number)
        if kind == ENTRY:
            pair = {field: data[start:end] for field, (start, end) in _fields(data, inner)}
            if pair.get(1) == b"location":
                yield pair.get(2, b"").decode("utf-8", "strict")
        elif kind is not None:
            yield from _locations(data, inner, kind, depth + 1)


def _fields(data: mmap.mmap, span: Span) -> Iterator[tuple[int, Span]]:
    """(number, where its bytes lie) of a message's fields that have a length."""
    at, end = span
    while at < end:
        tag, at = _varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        if wire == BYTES:
            length, at = _varint(data, at, end)
            if at + length > end:
                raise ValueError("is no ONNX model, or was cut off")
            yield number, (at, at + length)
            at += length
        elif wire == VARINT:
            _, at = _varint(data, at, end)
        elif wire in (FIXED64, FIXED32):
            at += 8 if wire == FIXED64 else 4
        else:
            raise ValueError("is no ONNX model")


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(LONGEST_VARINT):
        if at >= end:
            break
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            return value, at
    raise ValueError("is no ONNX model, or was cut off")
