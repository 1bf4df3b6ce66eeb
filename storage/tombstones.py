"""What is left of an erased article: salted digests, by which its addresses are known again and from which they cannot be read.

One salt a database. Whoever has the database and guesses an address can test the guess; nobody can list what was erased.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.dialects import add_rows, chunks, run, table_of
from storage.identity import sha256_hex
from storage.models import TombstoneRow

SALT_BYTES = 16
_KEY = "salt"
_SALT = select(table_of(TombstoneRow).c.salt).limit(1)


def page_mark(page_key: str) -> str:
    """What stands for a page; ``page_key`` as ``storage.identity.page_key`` makes it."""
    return f"page:{page_key}"


def article_mark(space: str, identity: str) -> str:
    """What stands for an article under whichever address."""
    return f"article:{space}:{identity}"


def bury(session: Session, marks: Iterable[str], *, note: str, now: datetime) -> dict[str, str]:
    """Leave a tombstone for each mark; mark -> digest. Idempotent. ``note`` says why, and must not name what was erased."""
    salt = _salt(session) or secrets.token_hex(SALT_BYTES)
    digests = {mark: _digest(salt, mark) for mark in marks}
    rows = [{"digest": digest, "salt": salt, "note": note, "buried_at": now} for digest in sorted(set(digests.values()))]
    add_rows(session, TombstoneRow, rows, missing_only=True)
    session.info.pop(_KEY, None)
    return digests


def find_buried(session: Session, marks: Collection[str]) -> set[str]:
    """Those of the marks that were erased. One small query while nothing ever was."""
    salt = _salt(session)
    if salt is None or not marks:
        return set()
    digests = {_digest(salt, mark): mark for mark in marks}
    found: set[str] = set()
    for part in chunks(list(digests)):
        found |= {digests[digest] for digest in session.scalars(select(TombstoneRow.digest).where(TombstoneRow.digest.in_(part)))}
    return found


def _salt(session: Session) -> str | None:
    """Asked once a transaction: one that began before an erasure was committed may miss it, whenever it asks."""
    if _KEY not in session.info:
        session.info[_KEY] = run(session, _SALT).scalar()
    found: str | None = session.info[_KEY]
    return found


def _digest(salt: str, mark: str) -> str:
    return sha256_hex(f"{salt}\0{mark}".encode("utf-8", "surrogatepass"))
