"""What a crawl that follows reports learns from a page that was read: how its part of the outlet yields, and what it cites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from config.catalog import OTHER, Catalog
from config.outlet import Outlet
from crawlers.discovery.page_links import looks_like_article
from crawlers.ledger import RunContext
from crawlers.writer import Session
from storage import citations, yields
from storage.records import Outcome, VisitResult

NEAR = 0.25
"""Guess for a page that was read (``comparison.focus.lexical_nearness``) from which it is taken to be on a report's subject."""
MAX_FOLLOWED = 20
"""Links of one article that are followed."""

_FIRST_READINGS = frozenset({Outcome.STORED, Outcome.METADATA_ONLY, Outcome.NOT_AN_ARTICLE, Outcome.EXTRACT_EMPTY})


def learned_from(result: VisitResult, outcome: Outcome | None) -> bool | None:
    """Whether a page that was read is on a followed report's subject; None when nothing is to be learned from it."""
    if result.nearness is None or outcome not in (Outcome.STORED, Outcome.METADATA_ONLY):
        return None
    return result.nearness >= NEAR


def learn_from(session: Session, run: RunContext, result: VisitResult, outcome: Outcome, article_id: int | None) -> None:
    """Count the page for its part of the outlet, plan visits of what it cites, and hurry those that bear its headline.

    Does nothing where no report is followed.
    """
    if result.nearness is None or outcome not in _FIRST_READINGS:
        return
    near = result.nearness >= NEAR and article_id is not None
    yields.note_read(session, result.visit.outlet_id, result.visit.section, float(near))
    if near and article_id is not None and result.extraction is not None:
        links = cited_pages(result.extraction.links, run.catalog, own=(result.visit.url, result.extraction.canonical_url))
        citations.record_citations(session, article_id, links, now=run.clock())
        citations.raise_same_headline(session, result.extraction.title)


def cited_pages(links: Sequence[str], catalog: Catalog, *, own: Sequence[str] = ()) -> list[tuple[str, Outlet]]:
    """The links that lead to articles of outlets with cards that are on, in their order, with their outlets. Pure."""
    found: dict[str, Outlet] = {}
    for link in links:
        url = link.partition("#")[0]
        if url in own or url in found or len(found) == MAX_FOLLOWED:
            continue
        outlet = catalog.outlet_at(urlsplit(url).hostname or "", url)
        if outlet.id.startswith(OTHER) or not outlet.enabled:
            continue
        pattern = outlet.article_pattern
        if re.search(pattern, url) if pattern else looks_like_article(url):
            found[url] = outlet
    return list(found.items())
