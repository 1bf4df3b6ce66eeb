"""One row a crawl or import: what was asked, who does it, what came of it."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from storage.errors import NotFoundError
from storage.issues import record_issue
from storage.models import CopyRow, RunRow, VisitRow
from storage.records import CopyKind, Outcome
from storage.run_records import RunState, RunSummary
from storage.sanitise import sanitise_json, sanitise_line
from storage.seals import seal_run


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """A run as it was opened and as it stands."""

    run_id: int
    kind: str
    state: RunState
    outlets: tuple[str, ...]
    request: Mapping[str, Any]
    """As given to ``open_run``."""
    holder: str
    """"host:pid"."""
    user_agent: str
    started_at: datetime
    finished_at: datetime | None
    heartbeat_at: datetime | None


def open_run(
    session: Session, *, kind: str, outlets: Sequence[str], request: Mapping[str, Any], holder: str, user_agent: str, now: datetime
) -> int:
    """Begin a run; its id. ``kind`` is "crawl", "fetch", "import" or "backfill"."""
    row = RunRow(
        kind=sanitise_line(kind, 20),
        state=RunState.RUNNING,
        started_at=now,
        heartbeat_at=now,
        holder=sanitise_line(holder, 200),
        user_agent=sanitise_line(user_agent, 300),
        request={"outlets": list(outlets), "request": sanitise_json(dict(request), 100_000)},
    )
    session.add(row)
    session.flush()
    return row.id


def load_run(session: Session, run_id: int) -> RunRecord:
    """Raises: NotFoundError."""
    return _record(_row(session, run_id))


def heartbeat(session: Session, run_id: int, now: datetime, *, holder: str | None = None) -> None:
    """Say that the run is alive; ``holder`` when another process has taken it over."""
    values: dict[str, Any] = {"heartbeat_at": now}
    if holder is not None:
        values["holder"] = sanitise_line(holder, 200)
    session.execute(update(RunRow).where(RunRow.id == run_id).values(**values))


def close_run(
    session: Session,
    run_id: int,
    state: RunState,
    *,
    now: datetime,
    failed_outlets: Sequence[str] = (),
    discovered: int | None = None,
    claimed: int | None = None,
    released: int | None = None,
    detail: str = "",
) -> None:
    """End a run. ``claimed`` and ``released`` are the caller's own counts.

    The ledger counts both itself in the transactions that claim and release; where the caller counted otherwise, the ledger's
    figures stand and an issue says so.
    """
    row = _row(session, run_id)
    session.refresh(row)
    for name, counted in (("claimed", claimed), ("released", released)):
        if counted is not None and counted != getattr(row, name):
            message = f"run {run_id}: the crawl counted {counted} {name}, the ledger {getattr(row, name)}"
            record_issue(session, key=f"run:{run_id}:{name}", kind="ledger_mismatch", message=message, now=now)
    row.state = state
    row.finished_at = now
    row.heartbeat_at = now
    row.failed_outlets = list(failed_outlets)
    row.detail = sanitise_line(detail, 2000)
    if discovered is not None:
        row.discovered = discovered
    session.flush()
    seal_run(session, run_id, now)


def summarise_run(session: Session, run_id: int) -> RunSummary:
    """What the run did so far, counted from the ledger.

    Raises: NotFoundError.
    """
    row = _row(session, run_id)
    session.refresh(row)
    mine = VisitRow.run_id == run_id
    counted = session.execute(
        select(VisitRow.outcome, func.count())
        .where(mine, VisitRow.outcome.is_not(None))
        .group_by(VisitRow.outcome)
        .order_by(VisitRow.outcome)
    )
    outcomes: dict[str, int] = {str(outcome): count for outcome, count in counted}
    fresh = select(VisitRow.article_id).where(mine, VisitRow.outcome == Outcome.STORED)
    # The later of a pair is the copy, as far as can be said here: who took from whom is comparison.derivation's.
    copies = select(func.count(func.distinct(CopyRow.article_b))).where(CopyRow.article_b.in_(fresh), CopyRow.kind != CopyKind.PASSAGE)
    end = row.finished_at or row.heartbeat_at or row.started_at
    return RunSummary(
        run_id=run_id,
        state=RunState(row.state),
        outlets=tuple(row.request.get("outlets", ())),
        discovered=row.discovered,
        claimed=row.claimed,
        released=row.released,
        new=outcomes.get(Outcome.STORED, 0),
        revised=outcomes.get(Outcome.REVISED, 0),
        unchanged=outcomes.get(Outcome.UNCHANGED, 0),
        aliases=outcomes.get(Outcome.ALIAS, 0),
        copies=session.scalar(copies) or 0,
        outcomes=outcomes,
        seconds=round((end - row.started_at).total_seconds(), 3),
        failed_outlets=tuple(row.failed_outlets),
    )


def stale_runs(session: Session, *, now: datetime, older_than_s: float) -> list[RunRecord]:
    """Runs that call themselves running and have not said so for ``older_than_s`` seconds: their process is gone."""
    limit = now - timedelta(seconds=older_than_s)
    statement = (
        select(RunRow)
        .where(RunRow.state == RunState.RUNNING, or_(RunRow.heartbeat_at.is_(None), RunRow.heartbeat_at < limit))
        .order_by(RunRow.id)
    )
    return [_record(row) for row in session.scalars(statement)]


def list_runs(session: Session, *, limit: int = 20) -> list[RunRecord]:
    """The newest runs first."""
    return [_record(row) for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(limit))]


def is_dead(holder: str) -> bool:
    """Whether a "host:pid" names a process of this machine that is gone. False for another machine: only its lease tells."""
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _row(session: Session, run_id: int) -> RunRow:
    row = session.get(RunRow, run_id)
    if row is None:
        raise NotFoundError("run", str(run_id))
    return row


def _record(row: RunRow) -> RunRecord:
    return RunRecord(
        run_id=row.id,
        kind=row.kind,
        state=RunState(row.state),
        outlets=tuple(row.request.get("outlets", ())),
        request=row.request.get("request", {}),
        holder=row.holder,
        user_agent=row.user_agent,
        started_at=row.started_at,
        finished_at=row.finished_at,
        heartbeat_at=row.heartbeat_at,
    )
