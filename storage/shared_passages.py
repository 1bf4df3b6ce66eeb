"""What several origins say and a report does not. Made anew by each comparison; kept, since reading it again needs no vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from storage.claim_records import SharedPassage
from storage.models import ClaimRow, DerivationRow, MatchRow, ReportRow, SharedPassageRow
from storage.nearness import subject_state
from storage.reports import report_id


def shared_basis(session: Session, key: str, setup: str) -> tuple[str, bool]:
    """A digest of all that shared passages are found in, and whether the stored ones were found in just that.

    ``setup`` names the claims, the models and the rules. Counts and times stand for the rows: each comparison that changes one of them
    writes its own time.

    Raises: NotFoundError for an unknown report.
    """
    report = report_id(session, key)
    claims = select(ClaimRow.id).where(ClaimRow.report_id == report)
    found = session.execute(select(func.count(), func.max(MatchRow.made_at)).where(MatchRow.claim_row_id.in_(claims))).one()
    scored = subject_state(session, key)
    derived = session.execute(
        select(func.count(), func.coalesce(func.max(DerivationRow.id), 0)).where(DerivationRow.report_id == report)
    ).one()
    basis = hashlib.sha256("\0".join(map(str, (setup, *found, *scored, *derived))).encode()).hexdigest()
    return basis, session.scalar(select(ReportRow.shared_basis).where(ReportRow.id == report)) == basis


def replace_shared_passages(session: Session, key: str, model_hash: str, passages: Iterable[SharedPassage], basis: str = "") -> None:
    """Put these in the place of all that any model had found for the report. ``basis`` is what they were found in.

    Raises: NotFoundError for an unknown report.
    """
    report = report_id(session, key)
    session.execute(delete(SharedPassageRow).where(SharedPassageRow.report_id == report))
    session.execute(update(ReportRow).where(ReportRow.id == report).values(shared_basis=basis))
    for item in passages:
        session.add(
            SharedPassageRow(
                report_id=report,
                article_id=item.article_id,
                model_hash=model_hash,
                text_sha256=item.text_sha256,
                group=item.group,
                start=item.start,
                end=item.end,
                score=item.score,
                marks=item.marks,
            )
        )
    session.flush()


def load_shared_passages(session: Session, key: str, model_hash: str) -> list[SharedPassage]:
    """By group, then article and place.

    Raises: NotFoundError for an unknown report.
    """
    rows = session.scalars(
        select(SharedPassageRow)
        .where(SharedPassageRow.report_id == report_id(session, key), SharedPassageRow.model_hash == model_hash)
        .order_by(SharedPassageRow.group, SharedPassageRow.article_id, SharedPassageRow.start)
    )
    return [
        SharedPassage(
            group=row.group,
            article_id=row.article_id,
            text_sha256=row.text_sha256,
            start=row.start,
            end=row.end,
            score=row.score,
            marks=None if row.marks is None else tuple((start, end, kind) for start, end, kind in row.marks),
        )
        for row in rows
    ]
