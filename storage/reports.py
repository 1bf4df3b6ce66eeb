"""Reference reports and their claims. A claim is versioned: another wording or another fact is another version."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.errors import NotFoundError
from storage.models import ClaimRow, ReportRow
from storage.records import Claim, ClaimKind, Number, Place, Precision, PublishedTime, ReferenceReport
from storage.sanitise import sanitise_line, sanitise_text


def save_report(session: Session, report: ReferenceReport, now: datetime) -> int:
    """Store a report, or bring the stored one of the same key to this state. Idempotent.

    A claim that is no longer there is kept as history and compared no more. Returns the internal id.
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
    row.text = sanitise_text(report.text)
    row.chain = [sanitise_line(name) for name in report.chain]
    session.flush()
    stored = {claim.claim_id: claim for claim in _current_rows(session, row.id)}
    for position, claim in enumerate(report.claims):
        _save_claim(session, row.id, position, claim, stored.pop(claim.id, None), now)
    for gone in stored.values():
        gone.current = False
    session.flush()
    return row.id


def load_report(session: Session, key: str) -> ReferenceReport:
    """Raises: NotFoundError."""
    row = session.scalar(select(ReportRow).where(ReportRow.key == key))
    if row is None:
        raise NotFoundError("report", key)
    return _record(row, _current_rows(session, row.id))


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


def _save_claim(session: Session, report: int, position: int, claim: Claim, stored: ClaimRow | None, now: datetime) -> None:
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
        return
    newest = session.scalar(
        select(ClaimRow.version)
        .where(ClaimRow.report_id == report, ClaimRow.claim_id == claim.id)
        .order_by(ClaimRow.version.desc())
        .limit(1)
    )
    session.execute(update(ClaimRow).where(ClaimRow.report_id == report, ClaimRow.claim_id == claim.id).values(current=False))
    row = ClaimRow(report_id=report, claim_id=claim.id, version=(newest or 0) + 1, position=position, current=True, added_at=now, **values)
    session.add(row)


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
            source="analyst" if row.published_at else None,
        ),
        text=row.text,
        chain=tuple(row.chain),
        claims=tuple(
            Claim(
                id=claim.claim_id,
                version=claim.version,
                kind=ClaimKind(claim.kind),
                text=claim.text,
                context=claim.context,
                speaker=claim.speaker,
                hearsay=claim.hearsay,
                numbers=tuple(Number(**number) for number in claim.facts.get("numbers", [])),
                places=tuple(Place(**place) for place in claim.facts.get("places", [])),
                dates=tuple(claim.facts.get("dates", [])),
                quotes=tuple(claim.facts.get("quotes", [])),
            )
            for claim in claims
        ),
    )
