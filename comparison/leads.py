"""What is known of every article once and for all reports: a vector of its headline and lead, its concepts, and a filter of its names.

With it a new report is compared with a million articles in the time that their blocks take to read; only what looks near is opened.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
from numpy.typing import NDArray

from comparison.encoders import Encoder, Encoders
from comparison.folding import known_language
from comparison.lexicon import concept_names, features, weight_of
from comparison.place_keys import place_key
from comparison.words import capitalised
from storage.database import Database
from storage.leads import ArticleStates, LeadBlock, Opening, known_extractions, load_openings, save_bits, save_vectors
from storage.spellings import base_forms
from storage.vectors import quantise

LEAD_CHARACTERS = 300
WHOLE_CHARACTERS = 2000
"""Of the text, for words: they cost little, vectors much."""

NAME_BITS = 2048
NAME_HASHES = 4
"""Of the Bloom filter: an article with 80 names in two forms each gives one in two hundred names by chance."""

BATCH = 512
"""Articles encoded between two commits."""

Progress = Callable[[int, int], None]
"""Called with what is done and what there is."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Bits of many articles, unpacked as far as they are asked for."""

    rows: NDArray[np.uint8]

    def concepts(self) -> NDArray[np.float32]:
        """(articles, concepts): 1 where an article has the concept."""
        count = len(concept_names())
        found: NDArray[np.float32] = np.unpackbits(self.rows[:, : _concept_bytes()], axis=1, count=count).astype(np.float32)
        return found

    def may_name(self, keys: Iterable[str]) -> NDArray[np.bool_]:
        """(articles,): whether an article may have one of these place keys; some by chance, none that has is missed."""
        names = self.rows[:, _concept_bytes() :]
        found = np.zeros(len(self.rows), dtype=np.bool_)
        for key in keys:
            has = np.ones(len(self.rows), dtype=np.bool_)
            for bit in name_bits(key):
                has &= (names[:, bit >> 3] & (128 >> (bit & 7))) != 0
            found |= has
        return found


def signature_hash() -> str:
    """Names the way in which signatures are made: concepts, filter, length of text. Hex digest."""
    return hashlib.sha256(
        "\0".join(["signature 1", str(NAME_BITS), str(NAME_HASHES), str(WHOLE_CHARACTERS), *concept_names()]).encode()
    ).hexdigest()


def _concept_bytes() -> int:
    return (len(concept_names()) + 7) // 8


def name_bits(key: str) -> tuple[int, ...]:
    digest = hashlib.blake2b(key.encode(), digest_size=2 * NAME_HASHES).digest()
    return tuple(int.from_bytes(digest[2 * number : 2 * number + 2]) % NAME_BITS for number in range(NAME_HASHES))


def sign(opening: Opening) -> NDArray[np.uint8]:
    """The bits of one article: concepts of headline, description and the text's opening, and the names in all of it."""
    language = known_language(opening.language)
    positions = _concept_positions()
    bits = np.zeros(_concept_bytes() * 8 + NAME_BITS, dtype=np.uint8)
    for feature in features(headline_and_lead(opening.title, opening.description, opening.text, whole=True), language, lemmas=False):
        if feature.startswith("c:"):
            bits[positions[feature[2:]]] = 1
    offset = _concept_bytes() * 8
    for word in set(capitalised(opening.text)):
        for form in base_forms(word):
            if key := place_key(form, language):
                for bit in name_bits(key):
                    bits[offset + bit] = 1
    return np.packbits(bits)


@cache
def _concept_positions() -> dict[str, int]:
    return {name: number for number, name in enumerate(concept_names())}


@cache
def concept_weights() -> NDArray[np.float32]:
    return np.array([weight_of(f"c:{name}") for name in concept_names()], dtype=np.float32)


def headline_and_lead(title: str, description: str, text: str, *, whole: bool = False) -> str:
    """What an article is judged by: its headline and description, or the text's opening where there is none.

    ``whole`` takes more of the text: words cost nothing, vectors do.
    """
    lead = f"{description} {text[:WHOLE_CHARACTERS]}" if whole else (description or text)[:LEAD_CHARACTERS]
    return f"{title}. {lead}".strip()


def first_encoder(encoders: Encoders, language: str) -> Encoder | None:
    """The one that every article of a language is encoded with: a fast one where one knows it. None where nobody does."""
    known = encoders.for_language(language)
    return next((encoder for encoder in known if encoder.is_fast), known[0] if known else None)


def ensure_leads(db: Database, encoders: Encoders, states: ArticleStates, *, now: datetime, progress: Progress | None = None) -> int:
    """Make what these articles lack. Committed batch by batch, so that an interruption costs one. Returns how many were made."""
    names = signature_hash()
    languages = np.array(states.languages, dtype=object)
    by_language = {language: np.flatnonzero(languages == language) for language in sorted(set(states.languages))}
    with db.read() as session:
        signed = known_extractions(session, names)
        firsts = {language: first_encoder(encoders, language) for language in by_language}
        hashes = {first.model_hash for first in firsts.values() if first is not None}
        encoded = {model_hash: known_extractions(session, model_hash) for model_hash in sorted(hashes)}
    missing = []
    for language, rows in by_language.items():
        first = firsts[language]
        ids = states.extraction_ids[rows]
        lacking = ~np.isin(ids, signed)
        if first is not None:
            lacking |= ~np.isin(ids, encoded[first.model_hash])
        missing += [(language, first, states.article_ids[rows][lacking])]
    total, made = sum(len(ids) for _, _, ids in missing), 0
    for language, first, ids in missing:
        for start in range(0, len(ids), BATCH):
            part = [int(number) for number in ids[start : start + BATCH]]
            _make(db, first, language, part, signed, encoded.get(first.model_hash) if first else None, now)
            made += len(part)
            if progress is not None:
                progress(made, total)
    return made


def _make(
    db: Database,
    encoder: Encoder | None,
    language: str,
    article_ids: Sequence[int],
    signed: NDArray[np.int64],
    encoded: NDArray[np.int64] | None,
    now: datetime,
) -> None:
    with db.read() as session:
        openings = load_openings(session, article_ids)
    unsigned = [one for one in openings if not _has(signed, one.extraction_id)]
    bits = np.array([sign(one) for one in unsigned])
    fresh = [one for one in openings if encoded is not None and not _has(encoded, one.extraction_id)]
    matrix = encoder.encode([headline_and_lead(one.title, one.description, one.text) for one in fresh]) if encoder and fresh else None
    with db.write() as session:
        if unsigned:
            save_bits(session, signature_hash(), language, *_named(unsigned), bits, now)
        if matrix is not None and encoder is not None:
            save_vectors(session, encoder.model_hash, language, *_named(fresh), *quantise(matrix), now)


def _named(openings: Sequence[Opening]) -> tuple[list[int], list[str]]:
    return [one.extraction_id for one in openings], [one.text_sha256 for one in openings]


def _has(known: NDArray[np.int64], extraction_id: int) -> bool:
    place = int(np.searchsorted(known, extraction_id))
    return place < len(known) and int(known[place]) == extraction_id


def vectors_of(block: LeadBlock) -> NDArray[np.float32]:
    """A block's vectors, near unit length."""
    assert block.scales is not None
    found: NDArray[np.float32] = block.rows.astype(np.float32) * block.scales[:, None]
    return found
