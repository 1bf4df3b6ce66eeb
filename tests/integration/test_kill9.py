"""Eight kills, on both databases. The long series is ``tests/bench/kill9.py``; its figures are in docs/guarantees.md."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from crawlers.extraction import extract_page
from storage.identity import sha256_hex
from tests.bench.kill9 import HOSTS, State, Victim, series
from tests.outlet_site import pages

PAGES = 40
ORDERS = {
    # Two starts each, and one worker killed in each: two over the same page would rightly be its fault (crawlers.workers.DEATHS_BLAMED).
    "sqlite": [Victim.WORKER, Victim.CRAWL, Victim.WORKER],
    "postgresql": [Victim.POSTGRESQL, Victim.WORKER, Victim.POSTGRESQL, Victim.PARENT, Victim.WORKER],
}


def undisturbed_end() -> State:
    """What every crawl of the site must come to, found without crawling: each page read once, from the bytes that are served."""
    texts = {}
    for host in range(HOSTS):
        for number in range(PAGES // HOSTS):
            name = f"stack-{PAGES // HOSTS}-{host}.example/a/{number}"
            page = extract_page(pages.article(name).encode(), url=f"http://{name}", outlet_language="en", now=datetime.now(UTC))
            texts[f"http://{name}"] = sha256_hex(page.text.encode())
    return State(texts=texts, outcomes={"stored": PAGES}, articles=PAGES, revisions=PAGES, open_visits=0)


@pytest.mark.rows(82, 92)
@pytest.mark.parametrize(("kind", "order"), ORDERS.items())
def test_nothing_acknowledged_is_lost_and_the_end_is_that_of_an_undisturbed_crawl(kind: str, order: Sequence[Victim]) -> None:
    with series(kind, pages=PAGES, seed=9, order=order) as made:
        made.undisturbed = undisturbed_end()
        # Raises LossError.
        tally = made.spend(len(order))
    assert sum(tally.kills.values()) == len(order)
    # Where there is no worker at that instant its crawl is killed instead: how many workers were met is told by the long series.
    assert tally.acknowledged > 0
