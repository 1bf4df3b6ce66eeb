"""What several origins say and a report does not. Made anew by each comparison; kept, since reading it again needs no vectors."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.models import SharedPassageRow
from storage.records import SharedPassage
from storage.reports import report_id


def replace_shared_passages(session: Session, key: str, model_hash: str, passages: Iterable[SharedPassage]) -> None:
    """Put these in the place of all that any model had found for the report.

    Raises: NotFoundError for an unknown report.
    """
    report = report_id(session, key)
    session.execute(delete(SharedPassageRow).where(SharedPassageRow.report_id == report))
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
            group=row.group, article_id=row.article_id, text_sha256=row.text_sha256, start=row.start, end=row.end, score=row.score
        )
        for row in rows
    ]
