"""What is exported: which articles, and what of each.

Bylines are left out on purpose: an export is no list of persons. What a publisher withdrew, or wants no copy of, goes without its text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from storage import queries, search
from storage.records import StoredArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Filters; all that are given must hold. ``query`` is a full-text one and then at most ``search.MAX_LIMIT`` articles are found."""

    query: str = ""
    languages: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    """Published at or after."""
    until: datetime | None = None
    report: str | None = None
    withdrawn_texts: bool = False
    """Whether texts that their publisher has taken down are exported all the same."""

    def as_dict(self) -> dict[str, Any]:
        """The filters that were given, for a manifest."""
        return {key: value for key, value in asdict(self).items() if value}


def select_articles(session: Any, selection: Selection) -> Iterator[StoredArticle]:
    """The articles in the order of their first storing, streamed.

    Raises: NotFoundError for an unknown report.
    """
    ids = None
    if selection.query:
        ids = search.search_ids(session, selection.query, languages=selection.languages)
    yield from queries.load_articles(
        session,
        ids,
        outlets=selection.outlets,
        since=selection.since,
        until=selection.until,
        languages=selection.languages,
        kinds=selection.kinds,
        report=selection.report,
    )


COLUMNS: dict[str, type] = {
    "article": str,
    "outlet": str,
    "outlet_name": str,
    "owner": str,
    "language": str,
    "kind": str,
    "title": str,
    "description": str,
    "text": str,
    "url": str,
    "published_at": datetime,
    "published_precision": str,
    "published_raw": str,
    "modified_at": datetime,
    "first_seen_at": datetime,
    "captured_at": datetime,
    "revision": int,
    "text_sha256": str,
    "capture_sha256": str,
    "cluster": int,
    "partial": bool,
    "noarchive": bool,
    "gone_at": datetime,
}
"""Columns of the tables in order. They stay; new ones are added at the end."""


def row_of(article: StoredArticle, *, withdrawn_texts: bool = False) -> dict[str, Any]:
    """One article as a row of ``COLUMNS``; None where nothing is known."""
    quoted = article.gone_at is None or withdrawn_texts
    return {
        "article": article.key,
        "outlet": article.outlet_id,
        "outlet_name": article.outlet_name,
        "owner": article.owner,
        "language": article.language,
        "kind": article.kind.value,
        "title": article.title,
        "description": article.description if quoted else "",
        "text": article.text if quoted else "",
        "url": article.url,
        "published_at": article.published.at,
        "published_precision": article.published.precision.value if article.published.precision else None,
        "published_raw": article.published.raw,
        "modified_at": article.modified.at,
        "first_seen_at": article.first_seen_at,
        "captured_at": article.captured_at,
        "revision": article.revision,
        "text_sha256": article.text_sha256,
        "capture_sha256": article.capture_sha256,
        "cluster": article.cluster_id,
        "partial": article.partial,
        "noarchive": article.noarchive,
        "gone_at": article.gone_at,
    }
