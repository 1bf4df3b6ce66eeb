"""An encoder whose vectors are kept in a file, so that a gate does not encode what another run has encoded.

Keys are the sha256 of the text; a file is of one model, whose hash stands in its name. Rows are int8 as the database keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from comparison.encoders import Encoder, Encoders, Matrix, text_key


class RecordedEncoder:
    """``encoder`` behind a file. ``save`` writes what was encoded since."""

    def __init__(self, encoder: Encoder, folder: Path) -> None:
        self._encoder = encoder
        self.file = folder / f"{encoder.short}-{encoder.model_hash[:16]}.npz"
        self.encoded = 0
        self._rows: dict[bytes, Matrix] = {}
        if self.file.is_file():
            with np.load(self.file, allow_pickle=False) as stored:
                keys, scales, vectors = stored["keys"], stored["scales"], stored["vectors"]
            self._rows = {keys[row].tobytes(): vectors[row].astype(np.float32) * scales[row] for row in range(len(keys))}

    @property
    def known(self) -> frozenset[bytes]:
        """Keys of the texts that have a vector."""
        return frozenset(self._rows)

    @property
    def name(self) -> str:
        return self._encoder.name

    @property
    def short(self) -> str:
        return self._encoder.short

    @property
    def model_hash(self) -> str:
        return self._encoder.model_hash

    @property
    def languages(self) -> frozenset[str] | None:
        return self._encoder.languages

    @property
    def dimensions(self) -> int:
        return self._encoder.dimensions

    @property
    def is_fast(self) -> bool:
        return self._encoder.is_fast

    def encode(self, texts: Sequence[str]) -> Matrix:
        keys = [text_key(text) for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._rows}
        if missing:
            self.encoded += len(missing)
            self._rows.update(zip(missing, self._encoder.encode(list(missing.values())), strict=True))
        rows: Matrix = np.array([self._rows[key] for key in keys], dtype=np.float32).reshape(len(keys), self.dimensions)
        return rows

    def save(self) -> None:
        if not self.encoded:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        matrix = np.array(list(self._rows.values()), dtype=np.float32)
        scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
        vectors = np.clip(np.rint(matrix / scales[:, None]), -127, 127).astype(np.int8)
        keys = np.frombuffer(b"".join(self._rows), dtype=np.uint8).reshape(len(matrix), 32)
        part = self.file.with_suffix(".part")
        with part.open("wb") as stream:
            np.savez_compressed(stream, keys=keys, scales=scales.astype(np.float32), vectors=vectors)
        part.replace(self.file)


def recorded(encoders: Encoders, folder: Path) -> Encoders:
    kept = {encoder.model_hash: RecordedEncoder(encoder, folder) for encoder in encoders.all}
    deciding = kept[encoders.deciding.model_hash] if encoders.deciding is not None else None
    return Encoders(tuple(kept[encoder.model_hash] for encoder in encoders.all), deciding)


def save(encoders: Encoders) -> int:
    """Write what is new; the number of texts that had to be encoded."""
    own = [encoder for encoder in encoders.all if isinstance(encoder, RecordedEncoder)]
    for encoder in own:
        encoder.save()
    return sum(encoder.encoded for encoder in own)
