"""What persons say of articles for claims. Rows are written once; the newest of a claim and an article counts, the others are history."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.claim_records import FactVerdict, Independence, Judgement, Level, MachineView, Ruling
from storage.models import ArticleRow, JudgementRow
from storage.reports import report_id
from storage.sanitise import sanitise_line, sanitise_text


def record_judgement(session: Session, key: str, judgement: Judgement) -> None:
    """Store a ruling on a report's claim. Earlier ones on the same claim and article stay as history.

    Raises: NotFoundError for an unknown report.
    """
    machine = judgement.machine
    session.add(
        JudgementRow(
            report_id=report_id(session, key),
            claim_id=judgement.claim_id,
            claim_text=sanitise_text(judgement.claim_text),
            article_id=judgement.article_id,
            ruling=judgement.ruling.value,
            same_as=sanitise_line(judgement.same_as),
            note=sanitise_text(judgement.note),
            text_sha256=judgement.text_sha256,
            revision=judgement.revision,
            quote=judgement.quote,
            before=judgement.before,
            after=judgement.after,
            machine={
                "level": machine.level.value,
                "verdict": machine.verdict.value if machine.verdict is not None else None,
                "origin": machine.origin,
                "independence": machine.independence.value if machine.independence is not None else None,
                "near_miss": machine.near_miss,
                "model_hash": machine.model_hash,
            },
            judged_by=sanitise_line(judgement.judged_by),
            judged_at=judgement.judged_at,
        )
    )
    session.flush()


def load_judgements(session: Session, key: str, *, as_of: datetime | None = None) -> list[Judgement]:
    """The rulings that count, one a claim and article, by claim and article. ``as_of`` leaves out those made later.

    Raises: NotFoundError for an unknown report.
    """
    newest = {(item.claim_id, item.article): item for item in judgement_history(session, key, as_of=as_of)}
    return [newest[name] for name in sorted(newest)]


def judgement_history(session: Session, key: str, *, as_of: datetime | None = None) -> list[Judgement]:
    """Every ruling ever made on a report, oldest first.

    Raises: NotFoundError for an unknown report.
    """
    query = (
        select(JudgementRow, ArticleRow.key)
        .join(ArticleRow, ArticleRow.id == JudgementRow.article_id)
        .where(JudgementRow.report_id == report_id(session, key))
        .order_by(JudgementRow.judged_at, JudgementRow.id)
    )
    if as_of is not None:
        query = query.where(JudgementRow.judged_at <= as_of)
    return [_record(row, article) for row, article in session.execute(query)]


def _record(row: JudgementRow, article: str) -> Judgement:
    machine = row.machine
    return Judgement(
        claim_id=row.claim_id,
        claim_text=row.claim_text,
        article_id=row.article_id,
        article=article,
        ruling=Ruling(row.ruling),
        same_as=row.same_as,
        note=row.note,
        text_sha256=row.text_sha256,
        revision=row.revision,
        quote=row.quote,
        before=row.before,
        after=row.after,
        machine=MachineView(
            level=Level(machine["level"]),
            verdict=FactVerdict(machine["verdict"]) if machine["verdict"] else None,
            origin=machine["origin"],
            independence=Independence(machine["independence"]) if machine["independence"] else None,
            near_miss=machine["near_miss"],
            model_hash=machine["model_hash"],
        ),
        judged_by=row.judged_by,
        judged_at=row.judged_at,
    )
