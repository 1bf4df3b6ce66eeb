"""What a report's subject is called in the articles that were found to be on it: what a crawl knows a further one by."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from storage.models import ArticleRow, ExtractionRow, RelevanceRow
from storage.reports import report_id

OPENING = 1_200
"""Characters of a text that are read."""

_OPEN = text("(NOT relevance.matched OR relevance.related)")
"""As the partial index says it, word for word: only then is it used."""


def related_openings(session: Session, key: str, *, limit: int) -> list[tuple[str, str]]:
    """Language, and headline with the beginning of the text, of at most ``limit`` articles related to a report, the nearest first."""
    statement = (
        select(ArticleRow.language, ExtractionRow.title, func.substr(ExtractionRow.text, 1, OPENING))
        .join(RelevanceRow, RelevanceRow.article_id == ArticleRow.id)
        .join(ExtractionRow, ExtractionRow.id == RelevanceRow.extraction_id)
        .where(_OPEN, RelevanceRow.report_id == report_id(session, key), RelevanceRow.related)
        .order_by(RelevanceRow.score.desc(), RelevanceRow.article_id)
        .limit(limit)
    )
    return [(language, f"{title}. {opening}") for language, title, opening in session.execute(statement)]
