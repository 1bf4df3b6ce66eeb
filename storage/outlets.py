"""The outlets' rows: what their cards said at the last run."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.dialects import insert
from storage.identity import sha256_hex
from storage.models import OUTLET_ID, OutletRow
from storage.sanitise import sanitise_line


def sync_outlets(session: Session, outlets: Iterable[Outlet], now: datetime) -> int:
    """Write the cards that are new or changed; returns how many. Outlets without a card any more stay: their articles name them."""
    known = {row.id: row.card_sha256 for row in session.execute(select(OutletRow.id, OutletRow.card_sha256))}
    written = 0
    for outlet in outlets:
        if known.get(outlet.id) != _card_hash(outlet):
            ensure_outlet(session, outlet, now)
            written += 1
    return written


def ensure_outlet(session: Session, outlet: Outlet, now: datetime) -> None:
    """Make or renew one outlet's row. Idempotent."""
    values = {
        "id": outlet.id[:OUTLET_ID],
        "name": sanitise_line(outlet.name, 200),
        "language": outlet.language[:2],
        "country": outlet.country[:2],
        "owner": outlet.owner[:OUTLET_ID],
        "family": outlet.family,
        "homepage": outlet.homepage,
        "state_media": outlet.state_media,
        "also_known_as": [sanitise_line(name, 200) for name in outlet.also_known_as],
        "card_sha256": _card_hash(outlet),
        "updated_at": now,
    }
    statement = insert(session, OutletRow).values(**values)
    changed = {key: statement.excluded[key] for key in values if key != "id"}
    session.execute(
        statement.on_conflict_do_update(
            index_elements=[OutletRow.id], set_=changed, where=OutletRow.card_sha256 != statement.excluded.card_sha256
        )
    )


def _card_hash(outlet: Outlet) -> str:
    return sha256_hex(outlet.model_dump_json(warnings=False).encode())
