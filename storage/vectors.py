"""Vectors of texts, int8, in immutable blocks. A text is known by its hash, so nothing is encoded twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import VectorBlockRow

BLOCK = 1024
"""Vectors in one row: 384 dimensions make a block of some 400 kB, read in one go."""
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class VectorTable:
    """All vectors of one model: ``vectors[rows[key]] * scales[rows[key]]`` is the vector of the text with that sha256."""

    rows: dict[bytes, int]
    vectors: NDArray[np.int8]
    """(count, dimensions)."""
    scales: NDArray[np.float32]

    def __contains__(self, key: bytes) -> bool:
        return key in self.rows

    def take(self, keys: Sequence[bytes]) -> NDArray[np.float32]:
        """The vectors of ``keys`` in that order, (len(keys), dimensions), unit length within the rounding of int8.

        Raises: KeyError for a text that was never encoded.
        """
        chosen = [self.rows[key] for key in keys]
        found: NDArray[np.float32] = self.vectors[chosen].astype(np.float32) * self.scales[chosen][:, None]
        return found


def load_vectors(session: Session, model_hash: str) -> VectorTable:
    """Everything stored for a model. Where a text was encoded twice, the older vector is used."""
    rows: dict[bytes, int] = {}
    vectors: list[NDArray[np.int8]] = []
    scales: list[NDArray[np.float32]] = []
    total = 0
    for block in session.scalars(select(VectorBlockRow).where(VectorBlockRow.model_hash == model_hash).order_by(VectorBlockRow.id)):
        vectors.append(np.frombuffer(block.vectors, dtype=np.int8).reshape(block.count, block.dimensions))
        scales.append(np.frombuffer(block.scales, dtype="<f4"))
        for index in range(block.count):
            rows.setdefault(block.keys[index * KEY_BYTES : (index + 1) * KEY_BYTES], total + index)
        total += block.count
    if not vectors:
        return VectorTable({}, np.empty((0, 0), dtype=np.int8), np.empty(0, dtype=np.float32))
    return VectorTable(rows, np.concatenate(vectors), np.concatenate(scales).astype(np.float32))


def quantise(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Rows as int8 and one scale a row: the largest component becomes 127, which keeps the error of a cosine near .003."""
    scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
    rows: NDArray[np.int8] = np.clip(np.rint(matrix / scales[:, None]), -127, 127).astype(np.int8)
    return rows, scales.astype(np.float32)


def save_vectors(
    session: Session, model_hash: str, language: str, keys: Sequence[bytes], matrix: NDArray[np.float32], now: datetime
) -> int:
    """Quantise and store new vectors; ``matrix`` is (len(keys), dimensions). Returns the number of blocks written.

    Raises: ValueError when a key is no sha256 digest or the numbers differ.
    """
    if len(keys) != len(matrix) or any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"{len(keys)} keys of {KEY_BYTES} bytes are needed for {len(matrix)} vectors")
    blocks = 0
    for start in range(0, len(keys), BLOCK):
        part = np.asarray(matrix[start : start + BLOCK], dtype=np.float32)
        quantised, scales = quantise(part)
        session.add(
            VectorBlockRow(
                model_hash=model_hash,
                language=language,
                count=len(part),
                dimensions=part.shape[1],
                keys=b"".join(keys[start : start + BLOCK]),
                scales=scales.astype("<f4").tobytes(),
                vectors=quantised.tobytes(),
                made_at=now,
            )
        )
        blocks += 1
    session.flush()
    return blocks
