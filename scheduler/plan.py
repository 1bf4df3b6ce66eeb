"""What is due at a given moment. Pure: the daemon acts on it, the tests read it as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.outlet import Outlet


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the database knows of one outlet's work."""

    open_visits: int = 0
    """Planned and not finished, whoever holds them."""
    due_rechecks: int = 0
    """Articles whose next look is due."""
    feeds: Mapping[str, datetime | None]
    """Address of each feed page -> when it is next due; None: not again. A feed never read is absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The outlets to crawl now, in the order of their ids, and why."""

    outlets: tuple[str, ...]
    feeds: int
    rechecks: int
    resumed: int

    @property
    def is_empty(self) -> bool:
        return not self.outlets


def plan_tick(outlets: Iterable[Outlet], waiting: Mapping[str, Waiting], *, now: datetime) -> Plan:
    """Choose the outlets with anything to do at ``now``: a feed due or never read, an article to look at again, a visit left over."""
    chosen: list[str] = []
    feeds = rechecks = resumed = 0
    for outlet in outlets:
        if not outlet.enabled:
            continue
        state = waiting.get(outlet.id, Waiting(feeds={}))
        due_feeds = sum(1 for endpoint in outlet.live_endpoints if _is_due(state.feeds, endpoint.url, now))
        if due_feeds or state.due_rechecks or state.open_visits:
            chosen.append(outlet.id)
            feeds += due_feeds
            rechecks += state.due_rechecks
            resumed += state.open_visits
    return Plan(outlets=tuple(sorted(chosen)), feeds=feeds, rechecks=rechecks, resumed=resumed)


def _is_due(feeds: Mapping[str, datetime | None], url: str, now: datetime) -> bool:
    if url not in feeds:
        return True
    due_at = feeds[url]
    return due_at is not None and due_at <= now


def tick_interval(feed_interval_s: float, recheck_s: float) -> timedelta:
    """How often the daemon looks for work: a tenth of the shorter rhythm, between one second and one minute."""
    shortest = min(feed_interval_s, recheck_s) if recheck_s > 0 else feed_interval_s
    return timedelta(seconds=min(60.0, max(1.0, shortest / 10)))
