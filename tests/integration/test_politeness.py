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
def test_a_delay_holds_over_a_daemon_s_crawl_a_kill_and_a_crawl_by_hand(bench: Bench) -> None:
    bench.add("slow-robots.example")
    daemons = CrawlRequest(force_feeds=False)
    _, child = bench.start(daemons)
    assert child.stderr is not None
    # The line is written when the request has ended: its successor waits, and dies waiting.
    assert any("outcome=stored" in line for line in child.stderr)
    child.kill()
    child.communicate()
    by_hand = CrawlRequest(urls=("http://slow-robots.example/a/by-hand",), feeds=False, rechecks=False)
    assert bench.crawl(by_hand)["outcomes"] == {"stored": 1}
    # A third crawl resumes what the first one left.
    assert bench.crawl(CrawlRequest(feeds=False))["unexplained"] == 0
    found = gaps(bench, "slow-robots.example")
    assert len(found) >= 4
    assert min(found) >= DELAY_S - SLACK_S
    assert bench.asked()["http://slow-robots.example/robots.txt"] == 1


@pytest.mark.rows(25)
def test_a_pause_that_was_asked_for_is_kept_by_the_next_crawls(bench: Bench) -> None:
    bench.add("short-pause.example")
    bench.crawl()
    asked = len(bench.requests())
    until = datetime.fromisoformat(str(bench.rows("SELECT retry_after_until FROM hosts")[0][0]))
    assert abs(until - datetime.now(UTC)) < timedelta(hours=3)
    assert bench.crawl()["outcomes"] == {}
    assert len(bench.requests()) == asked
    # When the time has passed, it is asked again.
    bench.change("UPDATE hosts SET retry_after_until = '2020-01-01T00:00:00.000000Z'")
    bench.change("UPDATE visits SET not_before = NULL WHERE state = 'pending'")
    bench.crawl()
    assert len(bench.requests()) > asked
