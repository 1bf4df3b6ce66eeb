"""Which outlets failed, of those that should have worked."""

from __future__ import annotations

import pytest

from config.outlet import Endpoint, EndpointStatus, Outlet
from crawlers.verdict import Tally, failed_outlets
from storage.records import ClaimedVisit, PageKind


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
