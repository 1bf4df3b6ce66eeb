"""Which outlets failed, of those that should have worked."""

from __future__ import annotations

import pytest

from config.outlet import Endpoint, EndpointStatus, Outlet
from crawlers.verdict import Tally, failed_outlets, is_failure
from storage.records import ClaimedVisit, Outcome, PageKind


def visit(kind: PageKind) -> ClaimedVisit:
    return ClaimedVisit(
        visit_id=1, page_id=1, url="http://radio.example/", kind=kind, outlet_id="radio", host_key="http://radio.example:80"
    )


def outlet(status: EndpointStatus = EndpointStatus.VERIFIED, reason: str = "") -> Outlet:
    return Outlet(
        id="radio",
        name="Radio",
        language="en",
        owner="radio",
        homepage="http://radio.example/",
        domains=("radio.example",),
        reason=reason,
        endpoints=(Endpoint(url="http://radio.example/feed", status=status, enabled=True),),
    )


@pytest.mark.parametrize(
    ("card", "feeds", "pages", "fails"),
    [
        # feeds and pages: (read, failed)
        (outlet(), (0, 0), (0, 0), False),
        (outlet(), (2, 0), (10, 0), False),
        (outlet(), (1, 1), (10, 0), False),
        (outlet(), (0, 2), (0, 0), True),
        (outlet(), (0, 2), (5, 0), True),
        (outlet(), (1, 0), (5, 5), False),
        (outlet(), (1, 0), (4, 5), True),
        (outlet(reason="its pages answer 403 since June 2026"), (0, 2), (0, 9), False),
        (outlet(EndpointStatus.UNVERIFIED), (0, 2), (0, 0), False),
        (outlet(EndpointStatus.LISTED), (0, 2), (0, 0), True),
    ],
)
def test_an_outlet_fails_when_it_should_have_worked(card: Outlet, feeds: tuple[int, int], pages: tuple[int, int], fails: bool) -> None:
    tally = Tally()
    for kind, counts in ((PageKind.FEED, feeds), (PageKind.VIDEO, pages)):
        for failed in (False, True):
            for _ in range(counts[failed]):
                tally.count(visit(kind), failed=failed)
    assert failed_outlets([card], tally) == (("radio",) if fails else ())


@pytest.mark.parametrize(
    ("kind", "outcome", "fails"),
    [
        (PageKind.FEED, Outcome.FEED_READ, False),
        (PageKind.FEED, Outcome.NOT_MODIFIED, False),
        # A feed that is gone, disallowed or led astray brings no more than one that is empty.
        (PageKind.FEED, Outcome.FEED_EMPTY, True),
        (PageKind.FEED, Outcome.GONE, True),
        (PageKind.SITEMAP, Outcome.ROBOTS_DENIED, True),
        (PageKind.FEED, Outcome.BLOCKED_ADDRESS, True),
        (PageKind.FEED, Outcome.OFF_SITE, True),
        (PageKind.FEED, Outcome.BUDGET, False),
        # Pages come and go.
        (PageKind.ARTICLE, Outcome.GONE, False),
        (PageKind.ARTICLE, Outcome.ROBOTS_DENIED, False),
        (PageKind.ARTICLE, Outcome.BLOCKED, True),
    ],
)
def test_what_speaks_against_an_outlet(kind: PageKind, outcome: Outcome, fails: bool) -> None:
    assert is_failure(kind, outcome) is fails
