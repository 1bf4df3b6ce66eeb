"""A seal a run: the Merkle root of what it captured, chained to the run before.

A seal proves nothing by itself, since whoever can write the captures can write the seals. Published elsewhere (``db seal``), it
proves later that no capture up to that moment was changed, added or taken away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage.dialects import is_postgresql
from storage.merkle import leaf_hash, merkle_root
from storage.models import CaptureRow, SealRow

HASH_BYTES = 32
_NO_SEAL = "0" * 64
"""What the first seal is chained to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One link of the chain. ``digest`` covers number, run, root and the digest before."""

    number: int
    run_id: int
    captures: int
    root: str
    previous: str
    digest: str
    sealed_at: datetime


def seal_run(session: Session, run_id: int, now: datetime) -> str:
    """Seal what a run captured; the seal's digest. Once more for the same run is the seal that is there."""
    if is_postgresql(session):
        # Two runs that end at once would both follow the same seal.
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('secondsource.seals'))"))
    made = session.scalar(select(SealRow.digest).where(SealRow.run_id == run_id))
    if made is not None:
        return made
    rows = list(session.scalars(select(CaptureRow).where(CaptureRow.run_id == run_id).order_by(CaptureRow.id)))
    leaves = [_leaf(row) for row in rows]
    last = session.execute(select(SealRow.number, SealRow.digest).order_by(SealRow.number.desc()).limit(1)).one_or_none()
    number, previous = (last.number + 1, last.digest) if last else (1, _NO_SEAL)
    root = merkle_root(leaves).hex()
    digest = _digest(number, run_id, root, previous)
    session.add(
        SealRow(
            number=number,
            run_id=run_id,
            capture_ids=[row.id for row in rows],
            leaves=b"".join(leaves),
            root=root,
            previous=previous,
            digest=digest,
            sealed_at=now,
        )
    )
    session.flush()
    return digest


def load_seals(session: Session) -> Iterator[Seal]:
    """The chain, oldest first."""
    for row in session.scalars(select(SealRow).order_by(SealRow.number).execution_options(yield_per=100)):
        yield Seal(
            number=row.number,
            run_id=row.run_id,
            captures=len(row.capture_ids),
            root=row.root,
            previous=row.previous,
            digest=row.digest,
            sealed_at=row.sealed_at,
        )


def check_seals(session: Session) -> list[str]:
    """What does not agree with the seals, one line each; empty when all does. A capture that was erased on request is no fault:
    its leaf stays."""
    faults = []
    previous, number = _NO_SEAL, 0
    for row in session.scalars(select(SealRow).order_by(SealRow.number).execution_options(yield_per=20)):
        number += 1
        leaves = [row.leaves[at : at + HASH_BYTES] for at in range(0, len(row.leaves), HASH_BYTES)]
        if row.number != number or row.previous != previous or row.digest != _digest(row.number, row.run_id, row.root, row.previous):
            faults.append(f"seal {row.number} of run {row.run_id} does not follow the one before")
        if merkle_root(leaves).hex() != row.root or len(leaves) != len(row.capture_ids):
            faults.append(f"seal {row.number} of run {row.run_id} does not match its own leaves")
        faults += _changed(session, row, leaves)
        number, previous = row.number, row.digest
    return faults


def _changed(session: Session, row: SealRow, leaves: list[bytes]) -> list[str]:
    sealed = dict(zip(row.capture_ids, leaves, strict=False))
    faults = []
    for capture in session.scalars(select(CaptureRow).where(CaptureRow.run_id == row.run_id).execution_options(yield_per=200)):
        if capture.id not in sealed:
            faults.append(f"capture {capture.id} was added to run {row.run_id} after it was sealed")
        elif _leaf(capture) != sealed[capture.id]:
            faults.append(f"capture {capture.id} of run {row.run_id} is not what was sealed")
    return faults


def _leaf(row: CaptureRow) -> bytes:
    """Everything a capture says of itself; its body by its hash, so that retention may drop the bytes."""
    values = [
        row.id,
        row.requested_url,
        row.final_url,
        row.hops,
        row.status,
        row.headers,
        row.content_type,
        row.body_sha256,
        row.size,
        row.fetched_at.isoformat(),
        row.user_agent,
        row.provenance,
        row.note,
    ]
    return leaf_hash(json.dumps(values, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii"))


def _digest(number: int, run_id: int, root: str, previous: str) -> str:
    return hashlib.sha256(f"{number} {run_id} {root} {previous}".encode("ascii")).hexdigest()
