"""A background of the user's own articles: what its outlets write when they write of something else.

The bundled sentences are few and of no outlet. Once enough was collected, an analyst may have a report measured against sentences of the
collection itself: a new, numbered sample that is frozen, so that older scores are not moved by what comes in. No text is kept for it,
only the keys of the sentences' vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from comparison.background import measure_own
from comparison.encoders import CachedEncoder, Encoders
from comparison.folding import LANGUAGES
from comparison.passages import sentences
from comparison.relevance import Progress
from comparison.thresholds import PACKAGED, thresholds_of
from storage import nearness, queries, reports
from storage.database import Database
from storage.nearness import BackgroundRecord
from storage.records import StoredArticle

SENTENCES = 300
"""Of one language: the standard error of a claim's mean is then .06 of the deviation. More would cost encoding."""
LEAST = 120
"""Fewer are a worse yardstick than the bundled ones, which are as many."""
SHARE = 0.2
"""Of them that one outlet may give at most: the collection's manner is wanted, not one house's."""
DRAWN = 20 * SENTENCES
"""Articles of which they are drawn."""
MIN_WORDS, MAX_WORDS = 6, 45
"""What is shorter is a caption, what is longer several sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackgroundSummary:
    """What a report is measured against from now on."""

    report: str
    number: int
    sentences: dict[str, int]
    """By language: how many of the user's own; 0 where too few were found, so that the bundled ones stay."""


def renew_background(
    db: Database, report_key: str, encoders: Encoders, *, now: datetime, progress: Progress | None = None
) -> BackgroundSummary:
    """Draw a new background from the articles that are not on the report's subject, and measure the report against it from now on.

    Everything is scored anew by the next comparison. One sentence is taken of an article.

    Raises: NotFoundError for an unknown report. ValueError where no language has enough articles, or there is no encoder.
    """
    if not encoders.all:
        raise ValueError("without an encoder nothing is measured against a background: install the extra `semantic`")
    with db.read() as session:
        report = reports.load_report(session, report_key)
        report = replace(report, background=nearness.last_background(session, report_key) + 1)
    found: list[BackgroundRecord] = []
    counts: dict[str, int] = {}
    cached = {encoder.model_hash: CachedEncoder(db, encoder, now=now) for encoder in encoders.all}
    for step, language in enumerate(LANGUAGES):
        unrelated = draw_sentences(db, report_key, language, thresholds_of(encoders).doubtful)
        counts[language] = len(unrelated) if len(unrelated) >= LEAST else 0
        if counts[language]:
            known = encoders.for_language(language)
            found += [measure_own(report, cached[encoder.model_hash], language, unrelated) for encoder in known]
        if progress is not None:
            progress("languages measured", step + 1, len(LANGUAGES))
    if not found:
        raise ValueError(
            f"fewer than {LEAST} articles of any language, at most {int(SENTENCES * SHARE)} counted of one outlet, were looked at and are "
            "on another subject; the bundled background stays"
        )
    with db.write() as session:
        for record in found:
            nearness.save_background(session, report_key, record, now)
        nearness.use_background(session, report_key, report.background)
    return BackgroundSummary(report=report_key, number=report.background, sentences=counts)


def draw_sentences(db: Database, report_key: str, language: str, doubtful: float = PACKAGED.doubtful) -> list[str]:
    """At most SENTENCES sentences of as many articles that are not on the subject, no outlet giving more than its SHARE.

    Drawn by the hashes of the texts: the same ones in the same database.
    """
    with db.read() as session:
        far = nearness.far_articles(session, report_key, language, doubtful, DRAWN)
        most = max(1, int(SENTENCES * SHARE))
        taken: dict[str, int] = {}
        chosen = []
        for article, outlet in far:
            if taken.get(outlet, 0) < most:
                taken[outlet] = taken.get(outlet, 0) + 1
                chosen.append(article)
        articles = {article.article_id: article for article in queries.load_articles(session, chosen)}
    return list(dict.fromkeys(_one_each([articles[article] for article in chosen if article in articles], language)))[:SENTENCES]


def _one_each(articles: Sequence[StoredArticle], language: str) -> Iterator[str]:
    for article in articles:
        spans = sentences(article.text, language)
        lines = [article.text[span.start : span.end] for span in spans]
        fitting = [line for line in lines if MIN_WORDS <= len(line.split()) <= MAX_WORDS]
        if fitting:
            yield fitting[int(article.text_sha256[:8], 16) % len(fitting)]
