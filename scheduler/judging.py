"""What persons rule, and why the program said what it said: composed of comparison and storage for the command line."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from config.faults import ConfigError, Fault
from config.settings import Settings
from scheduler.jobs import now
from storage import judgements, queries, reports
from storage.claim_records import Claim, Judgement, MachineView, ReferenceReport, Ruling
from storage.database import Database, open_database, open_reader
from storage.errors import NotFoundError
from storage.records import StoredArticle

if TYPE_CHECKING:
    from comparison.explanation import Explanation
    from comparison.findings import Judged
    from comparison.matrix import Matrix
    from comparison.scorecard import Scorecard


def explain(settings: Settings, report_key: str, article_key: str) -> Explanation:
    """Why an article is, or is not, a match.

    Raises: NotFoundError for an unknown report or article.
    """
    from comparison.encoders import encoders_of
    from comparison.explanation import explain_article

    # Sentences that no comparison has read are encoded now, and their vectors kept: hence not read-only.
    with closing(open_database(settings.database)) as database:
        return explain_article(database, report_key, article_key, encoders_of(settings), now=now())


def judge(
    settings: Settings,
    report_key: str,
    claim_id: str,
    article_key: str,
    ruling: Ruling,
    *,
    by: str,
    same_as: str = "",
    note: str = "",
    quote: str = "",
) -> Judged:
    """Record a ruling with the words it is about and what the program says of them now.

    Raises: NotFoundError for an unknown report or article; ConfigError for a claim that the report does not have, words that the
    article does not hold, or an origin that nobody knows.
    """
    from comparison.encoders import encoders_of
    from comparison.judgements import judged_record, surroundings
    from comparison.matrix import build_matrix
    from comparison.passages import Span
    from comparison.scorecard import machine_view

    with closing(open_database(settings.database)) as database:
        with database.read() as session:
            report = reports.load_report(session, report_key)
            article = queries.load_article(session, article_key)
        claim = _claim_of(report, claim_id)
        matrix = build_matrix(database, report_key, encoders_of(settings), judged=False)
        if ruling is Ruling.SAME_ORIGIN_AS:
            _require_origin(database, matrix, same_as)
        start, end = _judged_span(matrix, claim, article, ruling, quote)
        before, after = surroundings(article.text, Span(start, end)) if end else ("", "")
        said = machine_view(matrix, claim_id, article_key)
        judgement = Judgement(
            claim_id=claim_id,
            claim_text=claim.text,
            article_id=article.article_id,
            article=article.key,
            ruling=ruling,
            same_as=same_as,
            note=note,
            text_sha256=article.text_sha256,
            revision=article.revision,
            quote=article.text[start:end],
            before=before,
            after=after,
            machine=MachineView(
                level=said.level,
                verdict=said.verdict,
                origin=said.origin,
                independence=said.independence,
                near_miss=said.near_miss,
                model_hash=matrix.model_hash,
            ),
            judged_by=by,
            judged_at=now(),
        )
        with database.write() as session:
            judgements.record_judgement(session, report_key, judgement)
        return judged_record(judgement, claim, article)


def score(settings: Settings, report_key: str) -> Scorecard:
    """How often the program was right, by the rulings that stand.

    Raises: NotFoundError for an unknown report.
    """
    from comparison.encoders import encoders_of
    from comparison.judgements import judged_record
    from comparison.matrix import build_matrix
    from comparison.scorecard import score_rulings

    with closing(open_reader(settings.database)) as database:
        with database.read() as session:
            report = reports.load_report(session, report_key)
            found = judgements.load_judgements(session, report_key)
            articles = {item.key: item for item in queries.load_articles(session, sorted({item.article_id for item in found}))}
        matrix = build_matrix(database, report_key, encoders_of(settings), judged=False)
    claims = {claim.id: claim for claim in report.claims}
    rulings = [judged_record(item, claims.get(item.claim_id), articles[item.article]) for item in found]
    return score_rulings(report_key, rulings, matrix)


def _claim_of(report: ReferenceReport, claim_id: str) -> Claim:
    found = next((claim for claim in report.claims if claim.id == claim_id), None)
    if found is None:
        raise NotFoundError("claim", f"{report.key} {claim_id}")
    return found


def _require_origin(database: Database, matrix: Matrix, name: str) -> None:
    from comparison.matrix import OWN_CHAIN

    with database.read() as session:
        known = {OWN_CHAIN, *(column.origin for column in matrix.origins)}
        known |= {name for outlet in queries.outlets(session) for name in (outlet.id, outlet.owner)}
        if name not in known:
            try:
                queries.load_article(session, name)
            except NotFoundError:
                message = f"{name!r} is no origin of this matrix, no outlet, no owner, no article and not {OWN_CHAIN!r}"
                raise ConfigError([Fault(where="judge", key="same-origin-as", message=message)]) from None


def _judged_span(matrix: Matrix, claim: Claim, article: StoredArticle, ruling: Ruling, quote: str) -> tuple[int, int]:
    """The words that are judged: those given, else the passage that the program found; (0, 0) for the article as a whole."""
    if quote:
        start = article.text.find(quote)
        if start < 0:
            message = "these words do not stand in the article; give them exactly as `secondsource show` prints them"
            raise ConfigError([Fault(where="judge", key="quote", message=message)])
        return start, start + len(quote)
    row = next(row for row in matrix.claims if row.id == claim.id)
    found = [finding for cell in row.cells for finding in cell.articles] + [
        miss.finding for miss in matrix.near_misses if miss.claim == claim.id
    ]
    for finding in found:
        if finding.article == article.key:
            return finding.start, finding.end
    if ruling is not Ruling.REJECT:
        message = "the program found no passage of this article for the claim; name the words with --quote"
        raise ConfigError([Fault(where="judge", key="quote", message=message)])
    return 0, 0
