"""Finding the same text again: MinHash to find candidates, exact shingles to confirm them. Pure.

Shingles are five consecutive words (METER and passim work with the same length for news). A signature has 128 values in
16 bands of 8: two texts share a band with a chance of .61 at a Jaccard similarity of .7, .95 at .8 and .9999 at .9.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
from functools import lru_cache

from rensa import RMinHash

from storage.identity import text_sha256
from storage.lemmas import LEMMATISER, MAX_NAMES, index_words, tokens
from storage.records import Fingerprint

SHINGLE_WORDS = 5
PERMUTATIONS = 128
BANDS = 16
ROWS = PERMUTATIONS // BANDS
SEED = 42
MIN_SHINGLES = 5
"""Fewer than these make no signature."""
SIGNATURE_VERSION = f"rensa {RMinHash.ALGORITHM_VERSION}/5w/{PERMUTATIONS}/{SEED}"
ANCHOR_MODULUS = 16
MAX_ANCHORS = 96
MAX_LEMMAS = 50_000
"""Words indexed of one article, names' keys counted; PostgreSQL's index value holds a megabyte."""
MAX_WORDS = MAX_LEMMAS - MAX_NAMES


def words(text: str) -> list[str]:
    """The words that shingles are made of: lower case, ё as е, no punctuation."""
    return [word.replace("ё", "е").replace("'", "") for word in tokens(text)]


def shingles(text: str) -> list[str]:
    """Word 5-grams in order, with repetitions."""
    found = words(text)
    return [" ".join(found[start : start + SHINGLE_WORDS]) for start in range(len(found) - SHINGLE_WORDS + 1)]


def shingle_set(text: str) -> frozenset[int]:
    """64-bit hashes of the word 5-grams of ``text``; empty for fewer than five words. Equal on every machine."""
    return _shingle_hashes(text)


def fingerprint(title: str, text: str, language: str) -> Fingerprint:
    """All that is computed from an article before the database sees it. Headlines are not part of the hash and signature."""
    grams = set(shingles(text))
    signature = b""
    if len(grams) >= MIN_SHINGLES:
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        sketch.update(sorted(grams))
        signature = struct.pack(f"<{PERMUTATIONS}I", *sketch.digest())
    return Fingerprint(
        text_sha256=text_sha256(text),
        title_lemmas=" ".join(index_words(title, language, MAX_WORDS)),
        body_lemmas=" ".join(index_words(text, language, MAX_WORDS)),
        lemmatiser=LEMMATISER,
        signature=signature,
        signature_version=SIGNATURE_VERSION,
        shingle_count=len(grams),
        anchors=tuple(anchors(text)),
    )


def bands(signature: bytes) -> list[int]:
    """The signature's 16 bands as signed 64-bit numbers; none for an empty signature.

    Raises: ValueError for a signature of another length.
    """
    if not signature:
        return []
    if len(signature) != PERMUTATIONS * 4:
        raise ValueError(f"a signature has {PERMUTATIONS * 4} bytes, this one {len(signature)}")
    width = ROWS * 4
    return [_hash64(signature[start : start + width]) for start in range(0, len(signature), width)]


def anchors(text: str) -> list[int]:
    """A sample of the text's shingles that any text sharing them samples too: those whose hash is divisible by 16.

    Bands cannot see a short text inside a long one (their Jaccard similarity is low); a shared anchor can. Of a text of 30
    shingles at least one is sampled with a chance of .86, of one of 60 with .98. At most 96, the smallest.
    """
    return sorted(value for value in _shingle_hashes(text) if value % ANCHOR_MODULUS == 0)[:MAX_ANCHORS]


def measure(a_text: str, b_text: str) -> tuple[float, float, float]:
    """Jaccard similarity, the share of a's shingles found in b, the share of b's found in a; each 0..1, 0 for texts too short."""
    a, b = shingle_set(a_text), shingle_set(b_text)
    common = len(a & b)
    if not common:
        return 0.0, 0.0, 0.0
    return common / len(a | b), common / len(a), common / len(b)


@lru_cache(maxsize=256)
def _shingle_hashes(text: str) -> frozenset[int]:
    return frozenset(_hash64(gram.encode()) for gram in shingles(unicodedata.normalize("NFKC", text)))


def _hash64(data: bytes) -> int:
    value: int = struct.unpack("<q", hashlib.blake2b(data, digest_size=8).digest())[0]
    return value
