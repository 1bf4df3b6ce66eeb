"""Single pages by address: the same guarded crawl, told what to fetch."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from config.catalog import load_catalog
from config.faults import ConfigError, Fault
from config.settings import Settings
from crawlers.request import CrawlRequest
from scheduler import jobs
from storage import queries
from storage.database import open_reader

_UNVISITED = {
    "released": "not fetched in this run; it stays pending and the next crawl takes it up",
    "forgotten": "erased by db forget; it is not fetched or stored again",
}
"""Why an address has no visit in this run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What became of one address."""

    url: str
    outcome: str
    detail: str = ""
    article: str | None = None
    """Public key; None when nothing was stored."""
    title: str = ""
    published_at: datetime | None = None
    language: str = ""


def fetch_pages(settings: Settings, urls: Sequence[str], *, progress: jobs.Progress = jobs.quiet) -> list[Fetched]:
    """Fetch each address once, in input order.

    Raises: ConfigError for an address that is no http(s) URL; whatever jobs.crawl raises.
    """
    catalog = load_catalog(settings)
    faults, outlets = [], []
    for url in urls:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            faults.append(Fault(where=url, key="", message="is no http or https address"))
        else:
            outlets.append(catalog.outlet_at(parts.hostname, url).id)
    if faults:
        raise ConfigError(faults)
    request = CrawlRequest(outlets=tuple(dict.fromkeys(outlets)), urls=tuple(urls), feeds=False, rechecks=False)
    summary = jobs.crawl(settings, request, progress=progress, kind="fetch")
    with closing(open_reader(settings.database)) as database, database.read() as session:
        found = []
        for url in urls:
            visit = queries.visit_of(session, summary.run_id, url)
            article = queries.load_article(session, visit.article) if visit and visit.article else None
            buried = queries.is_forgotten(session, url, catalog.outlet_at(urlsplit(url).hostname or "", url))
            missing = "forgotten" if buried else "released"
            found.append(
                Fetched(
                    url=url,
                    outcome=visit.outcome if visit else missing,
                    detail=visit.detail if visit else _UNVISITED[missing],
                    article=article.key if article else None,
                    title=article.title if article else "",
                    published_at=article.published.at if article else None,
                    language=article.language if article else "",
                )
            )
    return found
