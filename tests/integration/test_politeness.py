"""Politeness as the server's own time stamps show it: over several crawls, a kill between them, and a Retry-After."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from crawlers.request import CrawlRequest
from tests.outlet_site.bench import Bench

DELAY_S = 0.6
"""Of robots.txt; the settings ask for none."""
SLACK_S = 0.02
"""Between the moment a request is sent and the one at which the server writes it down."""


@pytest.fixture
def bench(tmp_path: Path, database_url: str) -> Iterator[Bench]:
    with closing(Bench(tmp_path, database_url)) as opened:
        yield opened


def gaps(bench: Bench, host: str) -> list[float]:
    """Seconds between the requests to a host; robots.txt is asked for once, before its own delay is known."""
    times = [line["time"] for line in bench.requests() if line["host"] == host and line["path"] != "/robots.txt"]
    return [later - earlier for earlier, later in pairwise(times)]


@pytest.mark.rows(25, 36)
def test_delays_and_pauses_hold_over_a_daemon_s_crawl_a_kill_and_crawls_by_hand(bench: Bench) -> None:
    slow, pausing = "http://slow-robots.example", "http://short-pause.example"
    bench.add("slow-robots.example")
    bench.add("short-pause.example")
    _, child = bench.start(CrawlRequest(force_feeds=False))
    assert child.stderr is not None
    # Each line is written when its request has ended and is stored. The slow host's next one waits by then, and dies waiting.
    awaited = {("outcome=stored", slow), ("outcome=server_error", pausing)}
    for line in child.stderr:
        awaited -= {(outcome, host) for outcome, host in awaited if outcome in line and host in line}
        if not awaited:
            break
    assert not awaited
    child.kill()
    child.communicate()
    until = datetime.fromisoformat(str(bench.rows("SELECT retry_after_until FROM hosts WHERE retry_after_until IS NOT NULL")[0][0]))
    assert abs(until - datetime.now(UTC)) < timedelta(hours=3)
    # By hand, at once: the delay still holds, and so does the pause that was asked for.
    asked = bench.asked()
    by_hand = CrawlRequest(urls=(f"{slow}/a/by-hand", f"{pausing}/p/by-hand"), feeds=False, rechecks=False)
    assert bench.crawl(by_hand)["outcomes"] == {"stored": 1}
    assert bench.asked() - asked == {f"{slow}/a/by-hand": 1}
    # When its time has passed, the host is asked again; the rest of what the first crawl left is resumed.
    bench.change("UPDATE hosts SET retry_after_until = '2020-01-01T00:00:00.000000Z' WHERE retry_after_until IS NOT NULL")
    bench.change("UPDATE visits SET not_before = NULL WHERE state = 'pending'")
    assert bench.crawl(CrawlRequest(feeds=False))["unexplained"] == 0
    assert bench.asked()[f"{pausing}/p/by-hand"] == 1
    found = gaps(bench, "slow-robots.example")
    assert len(found) >= 4
    assert min(found) >= DELAY_S - SLACK_S
    assert bench.asked()[f"{slow}/robots.txt"] == 1
