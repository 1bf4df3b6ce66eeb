"""Layout changes and silence: an outlet's pages beside what they used to give, and beside its card's floors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from config.outlet import Expectations, Outlet
from storage import issues, measures, mutes
from storage.database import Database
from storage.measures import FeedArrivals, PageMeasure
from storage.records import Outcome
from storage.run_records import IssueRecord

FEW_NOW = 5
"""Pages of a run below which it proves nothing."""
FEW_BEFORE = 10
"""Pages before it below which there is no history to compare with."""
NEW_USUAL = timedelta(days=30)
"""After so long an outlet that gives no authors or shorter texts is compared with that. Until then the break stays open."""
HISTORY = 300
"""Visits looked at."""
ENTRIES = 200
"""Entries of a feed looked at."""

SHARE_DROP = 0.4
"""Fall of a share (0..1) that chance does not explain at five pages beside ten."""
USUAL = 0.6
"""Share from which a field counts as usually there."""
SHORTER = 0.4
LONGER = 2.5
"""Factors of the median length of the texts: below, the body is cut off; above, menus or other pieces have come into it."""

SILENT_GAPS = 8.0
"""Silence in usual gaps between arrivals."""
SILENT_AT_LEAST = timedelta(hours=24)

FROZEN_GAPS = 20.0
FROZEN_AT_LEAST = timedelta(hours=72)
"""As above for one feed among others: a section may be quiet over a weekend while its outlet is not."""

_READ = frozenset({Outcome.STORED, Outcome.REVISED, Outcome.UNCHANGED, Outcome.ALIAS, Outcome.METADATA_ONLY})
_NO_SAMPLE = frozenset({Outcome.NOT_MODIFIED, Outcome.OFF_SITE, Outcome.GONE, Outcome.BUDGET, Outcome.TRAP_LIMIT, Outcome.FORGOTTEN})
"""Outcomes that say nothing of the layout."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One thing that is not as it was. ``before`` and ``now`` are in the unit that ``message`` names."""

    measure: str
    message: str
    before: float
    now: float


MEASURES: dict[str, tuple[str, Callable[[PageMeasure], bool]]] = {
    "readable": ("share of pages that gave an article", lambda page: page.outcome in _READ),
    "titled": ("share of pages with a title", lambda page: page.has_title),
    "dated": ("share of pages with a date", lambda page: page.has_date),
    "signed": ("share of pages with an author", lambda page: page.has_author),
}


def find_breaks(
    now: Sequence[PageMeasure], before: Sequence[PageMeasure], floors: Expectations, standing: Mapping[str, float] | None = None
) -> tuple[Break, ...]:
    """What of the pages ``now`` is worse than ``before`` or than the card's floors. Pure.

    ``standing``: measure -> its figure before a break that is not over. It counts instead of ``before``, which fills with broken
    pages from crawl to crawl: a break would else end by lasting.
    """
    standing = standing or {}
    now = [page for page in now if page.outcome not in _NO_SAMPLE]
    before = [page for page in before if page.outcome not in _NO_SAMPLE]
    if len(now) < FEW_NOW:
        return ()
    found = []
    has_history = len(before) >= FEW_BEFORE
    for measure, (words, holds) in MEASURES.items():
        if has_history or measure in standing:
            was, is_ = standing[measure] if measure in standing else _share(before, holds), _share(now, holds)
            if was >= USUAL and is_ <= was - SHARE_DROP:
                found.append(Break(measure=measure, message=f"{words} fell from {was:.0%} to {is_:.0%}", before=was, now=is_))
    if has_history or "length" in standing:
        was, is_ = standing.get("length", _length(before)), _length(now)
        if was and is_ and not SHORTER * was <= is_ <= LONGER * was:
            found.append(
                Break(measure="length", message=f"median length of the texts went from {was:.0f} to {is_:.0f}", before=was, now=is_)
            )
    length, dated = _length(now), _share(now, MEASURES["dated"][1])
    if floors.text_chars is not None and length < floors.text_chars and not any(b.measure == "length" for b in found):
        words = f"median length of the texts is {length:.0f}, the card's floor {floors.text_chars}"
        found.append(Break(measure="length", message=words, before=float(floors.text_chars), now=length))
    if floors.dated_share is not None and dated < floors.dated_share and not any(b.measure == "dated" for b in found):
        words = f"share of pages with a date is {dated:.0%}, the card's floor {floors.dated_share:.0%}"
        found.append(Break(measure="dated", message=words, before=floors.dated_share, now=dated))
    return tuple(found)


def find_silence(arrived: Sequence[datetime], now: datetime, floors: Expectations) -> Break | None:
    """Whether nothing new has come for longer than is usual. ``arrived``: when articles were first seen, newest first. Pure."""
    moments = sorted(set(arrived), reverse=True)
    if not moments:
        return None
    silence = now - moments[0]
    if floors.silent_after_h is not None:
        limit = timedelta(hours=floors.silent_after_h)
    elif len(moments) > FEW_BEFORE:
        usual = median((later - earlier).total_seconds() for later, earlier in pairwise(moments))
        limit = max(SILENT_AT_LEAST, timedelta(seconds=SILENT_GAPS * usual))
    else:
        return None
    if silence <= limit:
        per_day = floors.articles_per_day
        last_day = sum(1 for at in arrived if now - at <= timedelta(days=1))
        if per_day is None or last_day >= per_day or now - min(arrived) < timedelta(days=2):
            return None
        words = f"{last_day} new articles in a day, the card's floor {per_day:g}"
        return Break(measure="silence", message=words, before=per_day, now=float(last_day))
    hours, usual_h = silence.total_seconds() / 3600, limit.total_seconds() / 3600
    return Break(measure="silence", message=f"no new article for {hours:.0f} h, the limit is {usual_h:.0f} h", before=usual_h, now=hours)


def find_frozen(feeds: Sequence[FeedArrivals], now: datetime) -> tuple[Break, ...]:
    """Feeds that are answered as ever and have announced nothing new for many times their usual gap. Pure.

    An outlet that has no news at all is a silence (``find_silence``), not so many frozen feeds: one that stands still is told by
    the others that go on.
    """
    alive = [max(feed.seen) for feed in feeds if feed.seen]
    if not alive or now - max(alive) > FROZEN_AT_LEAST:
        return ()
    found = []
    for feed in feeds:
        moments = sorted(set(feed.seen), reverse=True)
        if len(moments) <= FEW_BEFORE:
            continue
        usual_s = median((later - earlier).total_seconds() for later, earlier in pairwise(moments))
        silence = now - moments[0]
        if silence > max(FROZEN_AT_LEAST, timedelta(seconds=FROZEN_GAPS * usual_s)):
            hours, usual_h, times = silence.total_seconds() / 3600, usual_s / 3600, silence.total_seconds() / max(usual_s, 1.0)
            words = f"{feed.url} has announced nothing new for {hours:.0f} h, {times:.0f} times its usual {usual_h:.1f} h"
            found.append(Break(measure=f"frozen:{feed.url}", message=words, before=usual_h, now=hours))
    return tuple(found)


def note_breaks(database: Database, outlets: Sequence[Outlet], run_id: int, now: datetime) -> list[str]:
    """Make an Issue of each break at these outlets, with the figures before and after, and end those that are over."""
    said = []
    ended: list[str] = []
    with database.write() as session:
        muted = mutes.load_mutes(session, now)
        arrived = measures.arrivals(session, [outlet.id for outlet in outlets], limit=50)
        for outlet in outlets:
            pages = measures.page_measures(session, outlet.id, limit=HISTORY)
            current = [page for page in pages if page.run_id == run_id]
            earlier = [page for page in pages if page.run_id != run_id]
            open_issues = {issue.key: issue for issue in issues.list_issues(session, outlet_id=outlet.id, kind="layout")}
            standing = {
                measure: issue.data["before"]
                for measure in (*MEASURES, "length")
                if (issue := open_issues.get(_key(outlet, measure))) is not None and not _is_new_usual(issue, measure, now)
            }
            found = list(find_breaks(current, earlier, outlet.expectations, standing))
            silence = find_silence(arrived[outlet.id], now, outlet.expectations)
            found += [silence] if silence is not None else []
            feeds = measures.feed_arrivals(session, outlet.id, limit=ENTRIES)
            found += find_frozen(feeds, now)
            broken = {item.measure for item in found}
            for item in found:
                was = open_issues.get(_key(outlet, item.measure))
                data: dict[str, Any] = {
                    "before": item.before,
                    "now": item.now,
                    "run": run_id,
                    "pages": [page.url for page in current[:3]],
                    # Of a break that lasts, the pages from before it are still those to look at.
                    "pages_before": was.data.get("pages_before", [])
                    if was
                    else [page.url for page in earlier if page.outcome in _READ][:3],
                    "since": was.data.get("since", now.isoformat()) if was else now.isoformat(),
                }
                message = f"{outlet.id}: {item.message}"
                issues.record_issue(
                    session, key=_key(outlet, item.measure), kind="layout", message=message, outlet_id=outlet.id, data=data, now=now
                )
                if outlet.id not in muted:
                    said.append(message)
            # Too few pages prove nothing, neither a break nor its end.
            over = {"silence", *(f"frozen:{feed.url}" for feed in feeds)} | ({*MEASURES, "length"} if len(current) >= FEW_NOW else set())
            ended += [_key(outlet, measure) for measure in over - broken]
        issues.resolve_issues(session, ended, now)
    return said


def _is_new_usual(issue: IssueRecord, measure: str, now: datetime) -> bool:
    """Whether a break has lasted so long that it is what the outlet is like now. That nothing can be read is never usual."""
    return measure != "readable" and now - datetime.fromisoformat(issue.data.get("since", issue.first_seen_at.isoformat())) > NEW_USUAL


def _share(pages: Sequence[PageMeasure], holds: Callable[[PageMeasure], bool]) -> float:
    return sum(1 for page in pages if holds(page)) / len(pages)


def _length(pages: Sequence[PageMeasure]) -> float:
    lengths = [page.text_chars for page in pages if page.text_chars]
    return float(median(lengths)) if lengths else 0.0


def _key(outlet: Outlet, measure: str) -> str:
    return f"layout:{outlet.id}:{measure}"
