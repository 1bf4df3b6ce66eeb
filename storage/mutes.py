"""Outlets whose failure is known and accepted for a while. A mute is an Issue of its own, so that it is seen and not forgotten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.issues import record_issue, resolve_issue
from storage.models import IssueRow

KIND = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """Who accepted what, when, and how long it holds."""

    outlet_id: str
    note: str
    muted_by: str
    muted_at: datetime
    until: datetime | None
    """None: until somebody ends it."""


def mute_outlet(session: Session, mute: Mute) -> None:
    """Accept that an outlet fails. A second mute replaces the first."""
    until = f" until {mute.until:%Y-%m-%d}" if mute.until else ""
    record_issue(
        session,
        key=f"{KIND}:{mute.outlet_id}",
        kind=KIND,
        message=f"{mute.outlet_id} is muted{until} by {mute.muted_by}: {mute.note}",
        outlet_id=mute.outlet_id,
        data={"note": mute.note, "by": mute.muted_by, "until": mute.until.isoformat() if mute.until else None},
        now=mute.muted_at,
    )


def unmute_outlet(session: Session, outlet_id: str, now: datetime) -> bool:
    """End a mute; whether there was one."""
    return resolve_issue(session, f"{KIND}:{outlet_id}", now)


def load_mutes(session: Session, now: datetime) -> Mapping[str, Mute]:
    """The mutes that hold at ``now``, by outlet."""
    found = {}
    for row in session.scalars(select(IssueRow).where(IssueRow.kind == KIND, IssueRow.resolved_at.is_(None))):
        until = datetime.fromisoformat(row.data["until"]) if row.data.get("until") else None
        if row.outlet_id is not None and (until is None or until > now):
            found[row.outlet_id] = Mute(
                outlet_id=row.outlet_id,
                note=str(row.data.get("note", "")),
                muted_by=str(row.data.get("by", "")),
                muted_at=row.last_seen_at,
                until=until,
            )
    return found
