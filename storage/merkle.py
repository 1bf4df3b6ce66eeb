"""Merkle tree hashes as RFC 6962, section 2.1, defines them, over SHA-256. Pure.

A root stands for a list: whoever has published the root can later prove that the list, and each item at its place, is the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def leaf_hash(data: bytes) -> bytes:
    """32 bytes. The prefix keeps a leaf from being passed off as an inner node."""
    return hashlib.sha256(b"\x00" + data).digest()


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes, 32 bytes; of no leaves the hash of nothing.

    >>> merkle_root([]).hex()[:16]
    'e3b0c44298fc1c14'
    """
    if not leaves:
        return hashlib.sha256(b"").digest()
    # Pairing neighbours level by level, an odd one going up as it is, gives the tree that the RFC defines by halving.
    level = list(leaves)
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0]
