"""What could not be looked at of each outlet, so that silence is not read as denial. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from comparison.findings import Gap, iso
from comparison.wording import OUTCOME_WORDS
from storage.coverage import CoverageRecord
from storage.queries import OutletRecord

LISTING_READ = frozenset({"feed_read", "feed_empty", "not_modified"})
NO_GAP = frozenset({"stored", "revised", "unchanged", "alias", "not_modified", "not_an_article", "feed_read"})


WINDOW = timedelta(days=14)
"""Before the report's date: the days in which its events were news, and its sources wrote."""


def find_gaps(
    records: Iterable[CoverageRecord], outlets: Mapping[str, OutletRecord], reported_at: datetime | None = None
) -> tuple[Gap, ...]:
    """One record an outlet, those that could not be looked at first, then by id. Outlets without any gap have no reasons.

    ``reported_at`` is the report's date: articles must reach from two weeks before it up to its day, or that is a gap. None: not known.
    """
    gaps = [
        _gap(record, outlets[record.outlet_id].name if record.outlet_id in outlets else record.outlet_id, reported_at) for record in records
    ]
    return tuple(sorted(gaps, key=lambda gap: (gap.looked_at, not gap.reasons, gap.outlet)))


def _gap(record: CoverageRecord, name: str, reported_at: datetime | None) -> Gap:
    return Gap(
        outlet=record.outlet_id,
        outlet_name=name,
        articles=record.articles,
        first_published=iso(record.oldest_at),
        last_published=iso(record.newest_at),
        looked_at=record.articles > 0,
        reasons=(*_reasons(record), *_window_reasons(record, reported_at)),
    )


def _reasons(record: CoverageRecord) -> Iterable[str]:
    visited = bool(record.outcomes or record.feed_outcomes)
    if not visited and not record.articles:
        yield "never visited" if not record.open_visits else "not visited yet"
    elif record.feed_outcome is not None and record.feed_outcome not in LISTING_READ:
        yield f"the newest look at its feeds: {OUTCOME_WORDS.get(record.feed_outcome, record.feed_outcome)}"
    for outcome, count in sorted(record.outcomes.items()):
        if outcome not in NO_GAP:
            yield f"{_pages(count)}: {OUTCOME_WORDS.get(outcome, outcome)}"
    if record.open_visits:
        yield f"{_pages(record.open_visits)} announced and not fetched yet"
    if record.partial:
        yield f"{_pages(record.partial)} served in part only (paywall or teaser)"
    if record.videos_without_text:
        yield f"{record.videos_without_text} {'video' if record.videos_without_text == 1 else 'videos'} without a text to read"


def _window_reasons(record: CoverageRecord, reported_at: datetime | None) -> Iterable[str]:
    """What of the report's own days was not collected: an outlet first crawled months later is silent on them for that reason alone."""
    if reported_at is None or record.oldest_at is None or record.newest_at is None:
        return
    start = reported_at - WINDOW
    if record.oldest_at.date() > reported_at.date():
        yield f"nothing collected that was published before {record.oldest_at:%Y-%m-%d}, after the report"
    elif record.oldest_at.date() > start.date():
        yield f"nothing collected that was published before {record.oldest_at:%Y-%m-%d}; the report's two weeks begin on {start:%Y-%m-%d}"
    if record.newest_at.date() < reported_at.date():
        yield f"nothing collected that was published after {record.newest_at:%Y-%m-%d}; the report is of {reported_at:%Y-%m-%d}"


def _pages(count: int) -> str:
    return f"{count} {'page' if count == 1 else 'pages'}"
