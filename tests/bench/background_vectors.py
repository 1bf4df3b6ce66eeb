"""Makes comparison/data/vectors-*.npz: the bundled background sentences, encoded once with the pinned packages.

    python tests/bench/background_vectors.py        # writes
    python tests/bench/background_vectors.py --check

Run it when the sentences or a package's pin change; tests/unit/test_encoders.py compares the files with fresh encodings.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import comparison
from comparison.background import background_sentences, kernels
from comparison.encoders import Encoder, load_encoders, text_key
from comparison.folding import LANGUAGES


def sentences_for(encoder: Encoder) -> list[str]:
    known = [language for language in LANGUAGES if encoder.languages is None or language in encoder.languages]
    return [text for language in known for text in kernels(background_sentences(language), language)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    check = parser.parse_args().check
    folder = Path(comparison.__path__[0]) / "data"
    for encoder in load_encoders("auto").all:
        texts = sentences_for(encoder)
        matrix = encoder.encode(texts)
        scales = np.maximum(np.abs(matrix).max(axis=1), 1e-12) / 127
        vectors = np.clip(np.rint(matrix / scales[:, None]), -127, 127).astype(np.int8)
        keys = np.frombuffer(b"".join(text_key(text) for text in texts), dtype=np.uint8).reshape(len(texts), 32)
        file = folder / f"vectors-{encoder.model_hash[:16]}.npz"
        if check:
            with np.load(file, allow_pickle=False) as stored:
                same = np.array_equal(stored["keys"], keys) and np.abs(stored["vectors"].astype(int) - vectors.astype(int)).max() <= 1
            print(f"{file.name}: {'same' if same else 'DIFFERS'}")
            if not same:
                return 1
        else:
            np.savez_compressed(file, keys=keys, scales=scales.astype(np.float32), vectors=vectors)
            print(f"{file.name}: {len(texts)} vectors, {file.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
