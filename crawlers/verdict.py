"""Which outlets failed in a run, of those that should have worked. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from config.outlet import EndpointStatus, Outlet
from storage.records import ALARMING, ClaimedVisit, Outcome, PageKind

_EXPECTED = frozenset({EndpointStatus.VERIFIED, EndpointStatus.LISTED})


@dataclass(slots=True)
class Tally:
    """Counts of one run that the ledger does not keep, and what the verdict on each outlet rests on."""

    discovered: int = 0
    """Pages seen for the first time."""
    feeds_read: dict[str, int] = field(default_factory=dict)
    feeds_failed: dict[str, int] = field(default_factory=dict)
    pages_read: dict[str, int] = field(default_factory=dict)
    pages_failed: dict[str, int] = field(default_factory=dict)

    def count(self, visit: ClaimedVisit, *, failed: bool) -> None:
        """``failed``: with an outcome that speaks against the outlet (``is_failure``)."""
        if visit.kind in (PageKind.FEED, PageKind.SITEMAP):
            table = self.feeds_failed if failed else self.feeds_read
        else:
            table = self.pages_failed if failed else self.pages_read
        table[visit.outlet_id] = table.get(visit.outlet_id, 0) + 1


_ROUTE_WORKS = frozenset({Outcome.FEED_READ, Outcome.NOT_MODIFIED})
_NOT_ASKED = frozenset({Outcome.BUDGET, Outcome.TRAP_LIMIT, Outcome.FORGOTTEN})


def is_failure(kind: PageKind, outcome: Outcome) -> bool:
    """Whether a visit's outcome speaks against its outlet. A page may be gone or disallowed; a feed that is brings nothing any more."""
    if kind in (PageKind.FEED, PageKind.SITEMAP):
        return outcome not in _ROUTE_WORKS and outcome not in _NOT_ASKED
    return outcome in ALARMING


def failed_outlets(outlets: Iterable[Outlet], tally: Tally) -> tuple[str, ...]:
    """Outlets none of whose end points could be read, or more than half of whose pages failed.

    A card that gives a reason, or that calls none of its end points verified or listed, does not promise that it works.
    """
    failed = []
    for outlet in outlets:
        if not is_expected(outlet):
            continue
        no_feed = _at(tally.feeds_failed, outlet) > 0 and _at(tally.feeds_read, outlet) == 0
        most_pages = _at(tally.pages_failed, outlet) > _at(tally.pages_read, outlet)
        if no_feed or most_pages:
            failed.append(outlet.id)
    return tuple(failed)


def is_expected(outlet: Outlet) -> bool:
    """Whether the card promises that the outlet works: no reason is given, and some end point was seen working."""
    if outlet.reason:
        return False
    return not outlet.endpoints or any(endpoint.status in _EXPECTED for endpoint in outlet.live_endpoints)


def _at(table: Mapping[str, int], outlet: Outlet) -> int:
    return table.get(outlet.id, 0)
