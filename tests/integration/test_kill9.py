"""Ten kills, on both databases. The long series is ``tests/bench/kill9.py``; its figures are in docs/guarantees.md."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.bench.kill9 import Victim, series

PAGES = 60
ORDERS = {
    "sqlite": [Victim.WORKER, Victim.WORKER, Victim.CRAWL, Victim.WORKER, Victim.PARENT],
    "postgresql": [Victim.POSTGRESQL, Victim.WORKER, Victim.POSTGRESQL, Victim.CRAWL, Victim.WORKER],
}


@pytest.mark.rows(82, 92)
@pytest.mark.parametrize(("kind", "order"), ORDERS.items())
def test_nothing_acknowledged_is_lost_and_the_end_is_that_of_an_undisturbed_crawl(kind: str, order: Sequence[Victim]) -> None:
    with series(kind, pages=PAGES, seed=9, order=order) as made:
        made.leave_alone()
        # Raises LossError.
        tally = made.spend(len(order))
    assert sum(tally.kills.values()) == len(order)
    assert tally.kills[Victim.WORKER] >= 1 and tally.acknowledged > 0
