"""Who was first, and the order of the report's own chain. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from comparison.cells import Candidate, Context, rests_of
from comparison.chronology import moment_of, place_first, time_of_passage
from comparison.findings import ChainLink, First, iso
from comparison.origins import Origins
from storage.claim_records import Independence
from storage.records import PublishedTime, StoredArticle


def first_of(candidates: Sequence[Candidate]) -> First:
    """Who was first among these passages' articles; of a live blog that has several, the earliest entry counts."""
    times = {id(candidate): time_of_passage(candidate.article, candidate.match.start) for candidate in candidates}
    in_order = sorted(candidates, key=lambda item: (item.article.key, _earliest(times[id(item)])), reverse=True)
    items = list({candidate.article.article_id: candidate for candidate in in_order}.values())[::-1]
    if not items:
        return First()
    placing = place_first([times[id(item)] for item in items])
    undated = tuple(items[index].article.key for index in placing.undated)
    without = f"; {len(undated)} without a time" if undated else ""
    names = tuple(items[index].article.key for index in placing.candidates)
    if placing.first is None:
        why = "no article gives a time" if not names else f"{len(names)} articles may each have been first"
        return First(candidates=names, undated=undated, text=f"cannot be placed: {why}{without}")
    item = items[placing.first]
    shown = times[id(item)].at
    assert shown is not None
    return First(
        article=item.article.key,
        outlet=item.article.outlet_id,
        origin=item.placed.label,
        published=iso(shown),
        candidates=names,
        undated=undated,
        text=f"{item.article.outlet_name}, {shown:%Y-%m-%d %H:%M} UTC{without}",
    )


def _earliest(time: PublishedTime) -> datetime:
    moment = moment_of(time)
    return moment.earliest if moment is not None else datetime.max.replace(tzinfo=UTC)


def chain_links(articles: Sequence[StoredArticle], origins: Origins, context: Context) -> tuple[ChainLink, ...]:
    """Those of the chain among ``articles``, by time; those without one last, ties by key."""
    chain = [article for article in articles if origins.of_article(article.article_id).independence is Independence.REPORT_CHAIN]

    def order(article: StoredArticle) -> tuple[bool, datetime, str]:
        moment = moment_of(article.published)
        return moment is None, moment.earliest if moment is not None else article.first_seen_at, article.key

    return tuple(
        ChainLink(
            article=article.key,
            outlet=article.outlet_id,
            outlet_name=article.outlet_name,
            language=article.language,
            url=article.url,
            title=article.title,
            published=iso(article.published.at),
            published_precision=article.published.precision.value if article.published.precision else None,
            withdrawn=article.gone_at is not None,
            rests_on=rests_of(article.article_id, context),
        )
        for article in sorted(chain, key=order)
    )
