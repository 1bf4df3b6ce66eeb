"""Who published when and who took it from whom, for one figure; and what others say and the report does not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from comparison.cells import Candidate, Context, marks_of, quote, rests_of
from comparison.chronology import entry_time, moment_of
from comparison.findings import Elsewhere, Mark, SharedQuote, Spread, SpreadLink, SpreadPoint, iso
from comparison.origins import Origins
from storage.claim_records import ClaimKind, DerivationKind, Independence, Level, ReferenceReport, SharedPassage
from storage.records import StoredArticle, time_at

MAX_POINTS = 60
"""Articles in one figure: more cannot be told apart on a sheet of paper."""

LEAST_ORIGINS = 2


def make_spread(report: ReferenceReport, kept: Mapping[str, Sequence[Candidate]], origins: Origins, context: Context) -> Spread:
    """The articles with a close passage of an event claim, and those that they were taken from."""
    events = {claim.id for claim in report.claims if claim.kind is ClaimKind.EVENT}
    passages = [item for claim in report.claims if claim.id in events for item in kept.get(claim.id, ())]
    close = [item for item in passages if item.match.level is Level.STRONG] or passages
    claims: dict[int, dict[str, None]] = {}
    entries: dict[int, datetime] = {}
    for item in close:
        at = time_at(item.article.entries, item.match.start)
        if at is not None:
            entries[item.article.article_id] = min(at, entries.get(item.article.article_id, at))
        claims.setdefault(item.article.article_id, {})[item.match.claim_id] = None
    wanted = set(claims)
    for article_id in claims:
        wanted |= {
            item.source_article_id
            for item in context.derivations.get(article_id, ())
            if item.source_article_id is not None and item.source_article_id in context.articles
        }
    ranked = sorted(wanted, key=lambda article_id: (-len(claims.get(article_id, ())), context.articles[article_id].key))
    shown = [context.articles[article_id] for article_id in ranked[:MAX_POINTS]]
    points = tuple(
        _point(article, tuple(claims.get(article.article_id, ())), entries.get(article.article_id), origins, context)
        for article in sorted(shown, key=lambda article: _order(article, entries.get(article.article_id)))
    )
    keys = {article.article_id: article.key for article in shown}
    links = {
        SpreadLink(source=keys[item.source_article_id], target=keys[article_id], kind=item.kind.value)
        for article_id in keys
        for item in context.derivations.get(article_id, ())
        if item.source_article_id in keys and item.kind is not DerivationKind.ORIGINAL
    }
    ordered = sorted(links, key=lambda link: (link.target, link.source, link.kind))
    return Spread(points=points, links=tuple(ordered), left_out=len(wanted) - len(shown))


def _point(article: StoredArticle, claims: tuple[str, ...], entry_at: datetime | None, origins: Origins, context: Context) -> SpreadPoint:
    placed = origins.of_article(article.article_id)
    return SpreadPoint(
        article=article.key,
        outlet_name=article.outlet_name,
        language=article.language,
        url=article.url,
        title=article.title,
        origin=placed.label,
        independence=placed.independence,
        published=iso(article.published.at),
        published_precision=article.published.precision.value if article.published.precision else None,
        entry_at=iso(entry_at),
        claims=claims,
        rests_on=rests_of(article.article_id, context),
        withdrawn=article.gone_at is not None,
    )


def _order(article: StoredArticle, entry_at: datetime | None) -> tuple[bool, datetime, bool, str]:
    """By the publisher's time; within a day those without a clock stand last, since nothing is known of them but the day."""
    published = article.published if entry_at is None else entry_time(entry_at)
    moment, at = moment_of(published), published.at
    if moment is None or at is None:
        return True, article.first_seen_at, True, article.key
    is_day = moment.latest - moment.earliest > timedelta(hours=1)
    return False, at.replace(hour=23, minute=59, second=59) if is_day else at, is_day, article.key


def shared_quotes(shared: Sequence[SharedPassage], articles: Mapping[int, StoredArticle], origins: Origins) -> tuple[Elsewhere, ...]:
    """Groups that still stand in the texts as they are and come from enough origins outside the chain, most origins first."""
    groups: dict[int, dict[str, SharedQuote]] = {}
    for item in sorted(shared, key=lambda one: (one.group, -one.score, one.article_id, one.start)):
        article = articles.get(item.article_id)
        if article is None or article.text_sha256 != item.text_sha256 or article.gone_at is not None:
            continue
        placed = origins.of_passage(item.article_id, item.start, item.end)
        if placed.independence is not Independence.INDEPENDENT:
            continue
        passage = quote(article.text, item.start, item.end)[0]
        made = SharedQuote(
            origin=placed.label,
            outlet_name=article.outlet_name,
            language=article.language,
            article=article.key,
            url=article.url,
            title=article.title,
            published=iso(article.published.at),
            published_precision=article.published.precision.value if article.published.precision else None,
            entry_at=iso(time_at(article.entries, item.start)),
            passage=passage,
            start=item.start,
            end=item.end,
            text_sha256=item.text_sha256,
            # Those that were found when the passage was: looking for places anew means loading all towns.
            marks=marks_of(passage, article.language)
            if item.marks is None
            else tuple(Mark(start=start, end=end, field=field) for start, end, field in item.marks),
            score=item.score,
        )
        groups.setdefault(item.group, {}).setdefault(placed.label, made)
    found = [Elsewhere(origins=tuple(sorted(group)), passages=tuple(group.values())) for group in groups.values()]
    enough = [item for item in found if len(item.origins) >= LEAST_ORIGINS]
    return tuple(sorted(enough, key=lambda item: (-len(item.origins), item.passages[0].article, item.passages[0].start)))
