"""Reference reports and their claims. A claim is versioned: another wording or another fact is another version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storage.claim_records import Claim, ClaimChange, ClaimChangeKind, ClaimKind, ClaimVersion, Number, Place, ReferenceReport
from storage.errors import NotFoundError
from storage.models import ClaimChangeRow, ClaimRow, ReportRow
from storage.records import Precision, PublishedTime
from storage.sanitise import sanitise_line, sanitise_text


def save_report(
    session: Session, report: ReferenceReport, now: datetime, *, by: str = "", made_of: Mapping[str, Sequence[str]] | None = None
) -> int:
    """Store a report, or bring the stored one of the same key to this state. Idempotent.

    A claim that is no longer there is kept as history and compared no more. ``made_of`` says of which stored claims a claim was made:
    of several, a merge; one of which several were made, a split. ``by`` is who changed it. Returns the internal id.
    """
    row = session.scalar(select(ReportRow).where(ReportRow.key == report.key))
    if row is None:
        row = ReportRow(key=report.key, added_at=now)
        session.add(row)
    row.title = sanitise_line(report.title)
    row.language = report.language
    row.translated_from = report.translated_from
    row.url = sanitise_line(report.url, 4000)
    row.outlet = sanitise_line(report.outlet)
    row.published_at = report.published.at
    row.published_precision = report.published.precision.value if report.published.precision else None
    row.published_raw = sanitise_line(report.published.raw or "") if report.published.at is None else ""
    row.text = sanitise_text(report.text)
    row.chain = [sanitise_line(name) for name in report.chain]
    session.flush()
    before = {claim.claim_id: claim for claim in _current_rows(session, row.id)}
    kept = {claim.id for claim in report.claims}
    origins = {claim: tuple(dict.fromkeys(others)) for claim, others in (made_of or {}).items()}
    for position, claim in enumerate(report.claims):
        change = _save_claim(session, row.id, position, claim, before.get(claim.id), now)
        others = tuple(other for other in origins.get(claim.id, ()) if other != claim.id)
        if others:
            shared = any(other in parents for other in others for child, parents in origins.items() if child != claim.id)
            is_part = len(others) == 1 and (shared or (others[0] in kept and claim.id not in before))
            change = ClaimChangeKind.SPLIT if is_part else ClaimChangeKind.MERGED
        if change is not None:
            _note(session, row.id, change, claim.id, others, by, now)
    for gone in (claim for claim_id, claim in before.items() if claim_id not in kept):
        gone.current = False
        session.flush()
        children = tuple(child for child, parents in origins.items() if gone.claim_id in parents)
        change = {0: ClaimChangeKind.WITHDRAWN, 1: ClaimChangeKind.MERGED_INTO}.get(len(children), ClaimChangeKind.SPLIT_INTO)
        _note(session, row.id, change, gone.claim_id, children, by, now)
    session.flush()
    return row.id


def _note(session: Session, report: int, change: ClaimChangeKind, claim_id: str, others: Sequence[str], by: str, now: datetime) -> None:
    version = session.scalar(select(func.max(ClaimRow.version)).where(ClaimRow.report_id == report, ClaimRow.claim_id == claim_id))
    session.add(
        ClaimChangeRow(
            report_id=report,
            change=change.value,
            claim_id=claim_id,
            version=version or 0,
            others=list(others),
            changed_by=sanitise_line(by),
            changed_at=now,
        )
    )
    session.flush()


def claim_history(session: Session, key: str) -> list[ClaimChange]:
    """What became of a report's claims, oldest first.

    Raises: NotFoundError.
    """
    rows = session.scalars(
        select(ClaimChangeRow)
        .where(ClaimChangeRow.report_id == report_id(session, key))
        .order_by(ClaimChangeRow.changed_at, ClaimChangeRow.id)
    )
    return [
        ClaimChange(
            change=ClaimChangeKind(row.change),
            claim_id=row.claim_id,
            version=row.version,
            others=tuple(row.others),
            changed_by=row.changed_by,
            changed_at=row.changed_at,
        )
        for row in rows
    ]


def claim_versions(session: Session, key: str) -> list[ClaimVersion]:
    """Every version of every claim that a report ever had, by claim and version.

    Raises: NotFoundError.
    """
    query = select(ClaimRow).where(ClaimRow.report_id == report_id(session, key)).order_by(ClaimRow.claim_id, ClaimRow.version)
    return [ClaimVersion(claim=_claim(row), current=row.current, added_at=row.added_at) for row in session.scalars(query)]


def load_report(session: Session, key: str) -> ReferenceReport:
    """Raises: NotFoundError."""
    found = find_report(session, key)
    if found is None:
        raise NotFoundError("report", key)
    return found


def find_report(session: Session, key: str) -> ReferenceReport | None:
    """The stored report of this key; None where there is none."""
    row = session.scalar(select(ReportRow).where(ReportRow.key == key))
    return _record(row, _current_rows(session, row.id)) if row is not None else None


def list_reports(session: Session) -> list[ReferenceReport]:
    """All reports with their current claims, by key."""
    rows = session.scalars(select(ReportRow).order_by(ReportRow.key))
    return [_record(row, _current_rows(session, row.id)) for row in rows]


def report_id(session: Session, key: str) -> int:
    """Raises: NotFoundError."""
    found = session.scalar(select(ReportRow.id).where(ReportRow.key == key))
    if found is None:
        raise NotFoundError("report", key)
    return found


def claim_rows(session: Session, key: str) -> dict[str, int]:
    """Claim id -> internal id of its current version."""
    return {row.claim_id: row.id for row in _current_rows(session, report_id(session, key))}


def _current_rows(session: Session, report: int) -> list[ClaimRow]:
    query = select(ClaimRow).where(ClaimRow.report_id == report, ClaimRow.current).order_by(ClaimRow.position, ClaimRow.claim_id)
    return list(session.scalars(query))


def _save_claim(
    session: Session, report: int, position: int, claim: Claim, stored: ClaimRow | None, now: datetime
) -> ClaimChangeKind | None:
    """Store a claim where it is new or differs; what it was to the report, or None when it stands as it stood."""
    values: dict[str, Any] = {
        "kind": claim.kind.value,
        "text": sanitise_text(claim.text),
        "context": sanitise_text(claim.context),
        "speaker": sanitise_line(claim.speaker),
        "hearsay": claim.hearsay,
        "facts": {
            "numbers": [asdict(number) for number in claim.numbers],
            "places": [asdict(place) for place in claim.places],
            "dates": list(claim.dates),
            "quotes": list(claim.quotes),
        },
    }
    if stored is not None and all(getattr(stored, name) == value for name, value in values.items()):
        stored.position = position
        return None
    newest = session.scalar(
        select(ClaimRow.version)
        .where(ClaimRow.report_id == report, ClaimRow.claim_id == claim.id)
        .order_by(ClaimRow.version.desc())
        .limit(1)
    )
    session.execute(update(ClaimRow).where(ClaimRow.report_id == report, ClaimRow.claim_id == claim.id).values(current=False))
    row = ClaimRow(report_id=report, claim_id=claim.id, version=(newest or 0) + 1, position=position, current=True, added_at=now, **values)
    session.add(row)
    session.flush()
    if stored is not None:
        return ClaimChangeKind.REWORDED
    return ClaimChangeKind.RESTORED if newest else ClaimChangeKind.ADDED


def _record(row: ReportRow, claims: list[ClaimRow]) -> ReferenceReport:
    return ReferenceReport(
        key=row.key,
        title=row.title,
        language=row.language,
        translated_from=row.translated_from,
        url=row.url,
        outlet=row.outlet,
        published=PublishedTime(
            at=row.published_at,
            precision=Precision(row.published_precision) if row.published_precision else None,
            source="analyst" if row.published_at or row.published_raw else None,
            raw=row.published_raw or None,
        ),
        text=row.text,
        chain=tuple(row.chain),
        claims=tuple(_claim(claim) for claim in claims),
        background=row.background,
    )


def _claim(row: ClaimRow) -> Claim:
    return Claim(
        id=row.claim_id,
        version=row.version,
        kind=ClaimKind(row.kind),
        text=row.text,
        context=row.context,
        speaker=row.speaker,
        hearsay=row.hearsay,
        numbers=tuple(Number(**number) for number in row.facts.get("numbers", [])),
        places=tuple(Place(**place) for place in row.facts.get("places", [])),
        dates=tuple(row.facts.get("dates", [])),
        quotes=tuple(row.facts.get("quotes", [])),
    )
