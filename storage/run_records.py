"""The records of running: runs, hosts, end points, issues. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from storage.records import Hop, Outcome


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """Politeness towards one (scheme, host, port); the one truth of it, over all processes."""

    key: str
    """"http://host:port", port always given."""
    delay_s: float = 0.0
    next_request_at: datetime | None = None
    retry_after_until: datetime | None = None
    robots_body: bytes | None = None
    """At most 512 KiB; empty for "everything is allowed"; None when it was never fetched."""
    robots_status: int | None = None
    """HTTP status of the last robots.txt; 0 for a network failure."""
    robots_fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What one crawl did. ``claimed == sum(outcomes.values()) + released``; ``unexplained`` is the difference."""

    run_id: int
    state: RunState
    outlets: tuple[str, ...]
    discovered: int = 0
    """Pages seen for the first time."""
    claimed: int = 0
    released: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    aliases: int = 0
    copies: int = 0
    """Articles stored by this run that are copies of another outlet's."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    failed_outlets: tuple[str, ...] = ()
    """Outlets none of whose end points could be read, or most of whose pages failed, and that should have worked."""

    @property
    def unexplained(self) -> int:
        return self.claimed - sum(self.outcomes.values()) - self.released


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """A warning as a row: one a key, counted when it comes again."""

    key: str
    kind: str
    message: str
    outlet_id: str | None = None
    first_seen_at: datetime
    last_seen_at: datetime
    count: int = 1
    data: Mapping[str, Any] = field(default_factory=dict)
    """The evidence: figures before and now, pages to look at; what is in it depends on the kind."""


class EndpointVerdict(StrEnum):
    """What a check of an end point found."""

    ALIVE = "alive"
    EMPTY = "empty"
    STALE = "stale"
    BLOCKED = "blocked"
    MOVED = "moved"
    NOT_A_FEED = "not_a_feed"
    DEAD = "dead"
    UNCHECKED = "unchecked"
    """Not asked: another process holds its host, or the host wants no request yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCheck:
    """One end point at one time. The card says what should be there; this says what was."""

    outlet_id: str
    url: str
    verdict: EndpointVerdict
    detail: str = ""
    status: int | None = None
    entries: int | None = None
    newest_at: datetime | None = None
    """The newest date among its entries; None when they have none, and for indexes."""
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """One finished visit of a feed or sitemap."""

    outlet_id: str
    url: str
    outcome: Outcome
    detail: str = ""
    status: int | None = None
    hops: tuple[Hop, ...] = ()
    entries: int | None = None
    newest_at: datetime | None = None
