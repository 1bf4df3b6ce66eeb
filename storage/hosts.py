"""Politeness towards each (scheme, host, port), over all processes and restarts: leases and times."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from storage.dialects import add_rows, affected, chunks, put_row, run, table_of
from storage.models import HostRow
from storage.run_records import HostState

MAX_ROBOTS = 512 * 1024
"""Bytes of robots.txt that are read: RFC 9309, 2.5."""

_hosts = table_of(HostRow)
_PACE = update(_hosts).where(_hosts.c.key == bindparam("host"))


def lease_hosts(session: Session, keys: Iterable[str], *, holder: str, lease_s: float, now: datetime) -> dict[str, HostState]:
    """Take the hosts that nobody else holds; their state by key. A host that is not in the answer belongs to another process.

    A host that ``holder`` already has is renewed. A lease ends by itself ``lease_s`` seconds after ``now``.
    """
    # A fixed order keeps two processes that want the same hosts from waiting for each other in a circle.
    wanted = sorted(set(keys))
    obtained: dict[str, HostState] = {}
    for part in chunks(wanted):
        add_rows(session, HostRow, [{"key": key, "delay_s": 0.0} for key in part], missing_only=True)
        free = or_(HostRow.lease_holder.is_(None), HostRow.lease_holder == holder, HostRow.lease_until < now)
        wanted_rows = select(HostRow).where(HostRow.key.in_(part), free).order_by(HostRow.key).with_for_update()
        # Read anew, since save_pace writes past what the session holds.
        for row in session.scalars(wanted_rows.execution_options(populate_existing=True)).all():
            row.lease_holder = holder
            row.lease_until = now + timedelta(seconds=lease_s)
            obtained[row.key] = _state(row)
        session.flush()
    return obtained


def renew_hosts(session: Session, holder: str, *, lease_s: float, now: datetime) -> int:
    """Move the end of all leases of ``holder``; how many there are."""
    statement = update(HostRow).where(HostRow.lease_holder == holder).values(lease_until=now + timedelta(seconds=lease_s))
    return affected(session, statement)


def release_hosts(session: Session, holder: str) -> int:
    """Give up all leases of ``holder``; how many there were. Delays and Retry-After stay."""
    return affected(session, update(HostRow).where(HostRow.lease_holder == holder).values(lease_holder=None, lease_until=None))


def save_host(session: Session, state: HostState) -> None:
    """Write what was learned about a host; its lease is left alone."""
    body = state.robots_body
    values = {
        "key": state.key,
        "delay_s": state.delay_s,
        "next_request_at": state.next_request_at,
        "retry_after_until": state.retry_after_until,
        "robots_body": body[:MAX_ROBOTS] if body is not None else None,
        "robots_status": state.robots_status,
        "robots_fetched_at": state.robots_fetched_at,
    }
    put_row(session, HostRow, values, key="key")


def save_pace(session: Session, state: HostState) -> None:
    """Write when a leased host may be asked again. Leaves its robots.txt alone, which may be half a megabyte."""
    # A seventh of the writer's time when it went through SQLAlchemy: each group of a crawl has some of each host.
    run(
        session,
        _PACE,
        host=state.key,
        delay_s=state.delay_s,
        next_request_at=state.next_request_at,
        retry_after_until=state.retry_after_until,
    )


def holders(session: Session, now: datetime) -> set[str]:
    """Everybody who holds a host at ``now``."""
    found = session.scalars(select(HostRow.lease_holder).where(HostRow.lease_until >= now).distinct())
    return {holder for holder in found if holder is not None}


def load_host(session: Session, key: str) -> HostState | None:
    """What is known of a host; None when it was never asked for."""
    row = session.get(HostRow, key, populate_existing=True)
    return None if row is None else _state(row)


def lease_holders(session: Session, keys: Iterable[str], now: datetime) -> dict[str, str]:
    """Who holds which of these hosts at ``now``; free ones are left out."""
    found: dict[str, str] = {}
    for part in chunks(sorted(set(keys))):
        rows = session.execute(select(HostRow.key, HostRow.lease_holder).where(HostRow.key.in_(part), HostRow.lease_until >= now))
        found.update({key: holder for key, holder in rows if holder is not None})
    return found


def _state(row: HostRow) -> HostState:
    return HostState(
        key=row.key,
        delay_s=row.delay_s,
        next_request_at=row.next_request_at,
        retry_after_until=row.retry_after_until,
        robots_body=row.robots_body,
        robots_status=row.robots_status,
        robots_fetched_at=row.robots_fetched_at,
    )
