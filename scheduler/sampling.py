"""``outlets test``: what a card gives, field by field, before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.catalog import load_catalog
from config.settings import Settings
from crawlers.request import CrawlRequest
from scheduler import jobs
from scheduler.errors import AlreadyRunningError
from scheduler.rehearsal import Rehearsal, rehearse
from storage import endpoints, queries
from storage.records import StoredArticle
from storage.run_records import FeedReading

OPENING_CHARACTERS = 200
MAX_ENTRIES = 500
"""Entries read from each of its feeds; a sample needs no archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledPage:
    """One page, and each field as it would be stored."""

    url: str
    outcome: str
    detail: str = ""
    article: str | None = None
    """The public key it would have; shows whether the identity is right."""
    kind: str = ""
    title: str = ""
    text_chars: int = 0
    opening: str = ""
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_precision: str | None = None
    published_source: str | None = None
    language: str = ""
    description: str = ""
    partial: bool = False
    noarchive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a card's end points and pages gave."""

    outlet: str
    feeds: tuple[FeedReading, ...]
    pages: tuple[SampledPage, ...]

    @property
    def coverage(self) -> dict[str, float]:
        """Share of the pages, 0..1, at which each field was found."""
        fields = {
            "article": [page.article is not None for page in self.pages],
            "title": [bool(page.title) for page in self.pages],
            "text": [page.text_chars > 0 for page in self.pages],
            "date": [page.published_at is not None for page in self.pages],
            "author": [bool(page.authors) for page in self.pages],
            "language": [bool(page.language) for page in self.pages],
        }
        return {name: round(sum(found) / len(found), 2) if found else 0.0 for name, found in fields.items()}


def sample_outlet(settings: Settings, outlet_id: str, count: int, *, progress: jobs.Progress = jobs.quiet) -> Sample:
    """Read an outlet's feeds and ``count`` of its pages with the rules of a crawl; nothing is stored.

    Raises: ConfigError, AlreadyRunningError when another process crawls its hosts, CrawlProcessError.
    """
    outlet = load_catalog(settings).select([outlet_id])[0]
    jobs.require_contact(settings, [outlet])
    with rehearse(settings, [outlet], max_sitemap_depth=1, max_entries=MAX_ENTRIES) as rehearsal:
        return take_sample(rehearsal, outlet_id, count, progress)


def take_sample(rehearsal: Rehearsal, outlet_id: str, count: int, progress: jobs.Progress) -> Sample:
    """Raises: AlreadyRunningError, CrawlProcessError."""
    summary = rehearsal.crawl(CrawlRequest(outlets=(outlet_id,), max_pages=count, rechecks=False), progress)
    if summary is None:
        raise AlreadyRunningError("every wanted host", next(iter(rehearsal.busy.values()), "another process"))
    with rehearsal.database.read() as session:
        feeds = endpoints.feed_readings(session, summary.run_id)
        addresses = {reading.url for reading in feeds}
        visits = [visit for visit in queries.visits(session, summary.run_id) if visit.url not in addresses]
        keys = [visit.article for visit in visits if visit.article]
        articles = {key: queries.load_article(session, key) for key in keys}
    return Sample(outlet=outlet_id, feeds=tuple(feeds), pages=tuple(_pages(visits, articles)))


def _pages(visits: Sequence[queries.VisitRecord], articles: dict[str, StoredArticle]) -> list[SampledPage]:
    pages = []
    for visit in visits:
        article = articles.get(visit.article or "")
        if article is None:
            pages.append(SampledPage(url=visit.url, outcome=visit.outcome, detail=visit.detail))
            continue
        pages.append(
            SampledPage(
                url=visit.url,
                outcome=visit.outcome,
                detail=visit.detail,
                article=article.key,
                kind=article.kind.value,
                title=article.title,
                text_chars=len(article.text),
                opening=" ".join(article.text[:OPENING_CHARACTERS].split()),
                authors=article.authors,
                published_at=article.published.at,
                published_precision=article.published.precision.value if article.published.precision else None,
                published_source=article.published.source,
                language=article.language,
                description=article.description,
                partial=article.partial,
                noarchive=article.noarchive,
            )
        )
    return pages
