"""Finding the same text again: MinHash to find candidates, exact shingles to confirm them. Pure.

Shingles are five consecutive words (METER and passim work with the same length for news). A signature has 128 values in
16 bands of 8: two texts share a band with a chance of .61 at a Jaccard similarity of .7, .95 at .8 and .9999 at .9.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from itertools import islice

from rensa import RMinHash

from storage.identity import piece_sha256, text_sha256
from storage.lemmas import LEMMATISER, MAX_NAMES, WordTable, index_words, index_written, lowered, token_spans, written_words
from storage.records import Fingerprint
from storage.sanitise import sanitise_line, sanitise_text

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
MIN_PASSAGE = 34
"""Words in a row that two texts share to be said to share a passage: two or three sentences, longer than any phrase or boilerplate line."""
MAX_PLACES = 20
"""Places of one shingle in a text from which a shared run is followed."""
MAX_LEMMAS = 50_000
"""Words indexed of one article, names' keys counted; PostgreSQL's index value holds a megabyte."""
MAX_WORDS = MAX_LEMMAS - MAX_NAMES


def words(text: str) -> list[str]:
    """The words that shingles are made of: lower case, ё as е, no punctuation."""
    return _plain(written_words(text))


def _plain(written: list[str]) -> list[str]:
    return list(map(_PLAIN.__getitem__, written))


def _plain_written(word: str) -> str:
    return _plain_word(lowered(word))


_PLAIN = WordTable(_plain_written)


def _plain_word(token: str) -> str:
    return token.replace("ё", "е").replace("'", "")


def shingles(text: str) -> list[str]:
    """Word 5-grams in order, with repetitions."""
    return _grams(words(text))


def _grams(found: list[str]) -> list[str]:
    return list(map(" ".join, zip(*(found[start:] for start in range(SHINGLE_WORDS)), strict=False)))


def shingle_set(text: str) -> frozenset[int]:
    """64-bit hashes of the word 5-grams of ``text``; empty for fewer than five words. Equal on every machine."""
    return _shingle_hashes(text)


def fingerprint(title: str, text: str, language: str) -> Fingerprint:
    """All that is computed from an article before the database sees it. Headlines are not part of the text's hash and signature."""
    title, text = sanitise_line(title), sanitise_text(text)
    written = written_words(text)
    grams = set(_grams(_plain(written)))
    signature = b""
    if len(grams) >= MIN_SHINGLES:
        sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
        sketch.update(list(grams))
        signature = struct.pack(f"<{PERMUTATIONS}I", *sketch.digest())
    return Fingerprint(
        text_sha256=text_sha256(text),
        normal_sha256=piece_sha256(title, text),
        title_lemmas=" ".join(index_words(title, language, MAX_WORDS)),
        body_lemmas=" ".join(index_written(written[:MAX_WORDS], language)),
        lemmatiser=LEMMATISER,
        signature=signature,
        signature_version=SIGNATURE_VERSION,
        shingle_count=len(grams),
        anchors=tuple(_anchors(grams)),
    )


def headline_only(whole: Fingerprint, title: str) -> Fingerprint:
    """What is left of a fingerprint when the text is not kept: ``fingerprint(title, "", …)`` without lemmatising again."""
    return Fingerprint(
        text_sha256=text_sha256(""),
        normal_sha256=piece_sha256(sanitise_line(title), ""),
        title_lemmas=whole.title_lemmas,
        lemmatiser=whole.lemmatiser,
        signature_version=whole.signature_version,
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
    return _sample(_shingle_hashes(text))


def _anchors(grams: Iterable[str]) -> list[int]:
    """The same from the shingles themselves: of the others no number is made."""
    digests = [blake2b(gram.encode(), digest_size=8).digest() for gram in grams]
    return _sample(int.from_bytes(digest, "little", signed=True) for digest in digests if not digest[0] % ANCHOR_MODULUS)


def pack_anchors(values: Sequence[int]) -> bytes:
    return struct.pack(f"<{len(values)}q", *values)


def unpack_anchors(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)


def _sample(hashes: Iterable[int]) -> list[int]:
    return sorted(value for value in hashes if value % ANCHOR_MODULUS == 0)[:MAX_ANCHORS]


def measure(a_text: str, b_text: str) -> tuple[float, float, float]:
    """Jaccard similarity, the share of a's shingles found in b, the share of b's found in a; each 0..1, 0 for texts too short."""
    a, b = shingle_set(a_text), shingle_set(b_text)
    common = len(a & b)
    if not common:
        return 0.0, 0.0, 0.0
    return common / len(a | b), common / len(a), common / len(b)


def shares_passage(text: str, common: AbstractSet[int]) -> bool:
    """Whether shingles that another text also has (``common``) make a run of MIN_PASSAGE words in this one.

    Cheap: each candidate for a copy is asked. Where the run stands is ``shared_spans``'s.
    """
    needed = MIN_PASSAGE - SHINGLE_WORDS + 1
    length = 0
    for value in _shingle_order(text) if len(common) >= needed else ():
        length = length + 1 if value in common else 0
        if length >= needed:
            return True
    return False


@dataclass(frozen=True, slots=True)
class SharedSpan:
    """The same words in two texts: half-open spans of code points in each as it stands."""

    a_start: int
    a_end: int
    b_start: int
    b_end: int
    words: int


def shared_spans(a_text: str, b_text: str, min_words: int) -> list[SharedSpan]:
    """The longest runs of at least ``min_words`` words that stand in both texts, in order of the first; runs overlap in neither.

    >>> [(s.a_start, s.b_start, s.words) for s in shared_spans("oh the cat sat on the mat", "The cat sat on the mat!", 5)]
    [(3, 0, 6)]
    """
    a, b = token_spans(a_text), token_spans(b_text)
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    ours, theirs = ([_plain_word(word) for word, _, _ in found] for found in (a, b))
    for at in range(len(theirs) - SHINGLE_WORDS + 1):
        places[tuple(theirs[at : at + SHINGLE_WORDS])].append(at)
    runs: list[tuple[int, int, int]] = []
    at = 0
    while at + SHINGLE_WORDS <= len(ours):
        # Boilerplate stands in a text a few times at most; a text of one word repeated would make this quadratic.
        starts = places.get(tuple(ours[at : at + SHINGLE_WORDS]), ())[:MAX_PLACES]
        here = [(_common(ours, theirs, at, start), at, start) for start in starts]
        runs.extend(run for run in here if run[0] >= min_words)
        at += max([1, *(length for length, _, _ in here)])
    kept: list[tuple[int, int, int]] = []
    for length, at, start in sorted(runs, key=lambda run: (-run[0], run[1], run[2])):
        if all(
            (at + length <= a_other or a_other + size <= at) and (start + length <= b_other or b_other + size <= start)
            for size, a_other, b_other in kept
        ):
            kept.append((length, at, start))
    return [
        SharedSpan(a[at][1], a[at + length - 1][2], b[start][1], b[start + length - 1][2], length)
        for length, at, start in sorted(kept, key=lambda run: run[1])
    ]


def _common(ours: Sequence[str], theirs: Sequence[str], at: int, start: int) -> int:
    """Words that two texts have in common from these places on."""
    length = 0
    for one, other in zip(islice(ours, at, None), islice(theirs, start, None), strict=False):
        if one != other:
            break
        length += 1
    return length


@lru_cache(maxsize=256)
def _shingle_hashes(text: str) -> frozenset[int]:
    return frozenset(map(_hash_gram, set(shingles(text))))


@lru_cache(maxsize=4)
def _shingle_order(text: str) -> tuple[int, ...]:
    return tuple(map(_hash_gram, shingles(text)))


def _hash_gram(gram: str) -> int:
    return _hash64(gram.encode())


def _hash64(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little", signed=True)
