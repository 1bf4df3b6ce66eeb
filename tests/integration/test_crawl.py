"""Whole crawls of a living, misbehaving publisher, judged by the ledger and by the server's own log."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawlers.request import CrawlRequest
from storage import addresses, captures, hosts, pages, runs, visits
from storage.database import open_database
from storage.outlets import sync_outlets
from storage.records import Capture, PageKind
from tests.conftest import NewDatabase
from tests.outlet_site.bench import ROOT, Bench, Visited
from tests.outlet_site.cases import CASES
from tests.outlet_site.server import PLENTY

READERS = frozenset(
    (
        "trafilatura", "htmldate", "feedparser", "simplemma", "py3langid", "numpy",
        "crawlers.extraction", "crawlers.discovery.listing", "storage.furniture", "storage.search", "alembic", "psycopg",
        "aiohttp", "requests", "tldextract", "scrapy.extensions.remote_control", "scrapy.extensions.feedexport", "scrapy.shell",
    )
)  # fmt: skip
"""What takes long to import, and what a crawl that finds nothing new has no use for: its start is nearly all that it costs."""


def imports_of(bench: Bench, request: CrawlRequest, **values: Any) -> tuple[dict[str, Any], set[str]]:
    """The summary of a crawl, and the names of all modules that its processes imported."""
    _, child = bench.start(request, environment={"PYTHONPROFILEIMPORTTIME": "1"}, **values)
    output, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    return json.loads(output), {line.rpartition("|")[2].strip() for line in errors.splitlines() if line.startswith("import time:")}


@pytest.fixture
def bench(tmp_path: Path, sqlite_url: str) -> Iterator[Bench]:
    opened = Bench(tmp_path, sqlite_url)
    yield opened
    opened.close()


def test_what_is_fetched_by_name_touches_nothing_else_and_the_second_time_asks_with_validators(bench: Bench) -> None:
    bench.add("good.example", more="[politeness]\nmax_pages_per_run = 1\n")
    bench.add("busy.example")
    bench.crawl()
    assert sum(row.outcome is None for row in bench.visits() if "good.example" in row.url) == len(CASES) - 1
    page = "http://good.example/b/new"
    once = CrawlRequest(urls=(page,), feeds=False, rechecks=False)
    for outcome in ("stored", "not_modified"):
        before = bench.asked()
        summary, imported = imports_of(bench, once, outlets=["good"])
        assert summary["outcomes"] == {outcome: 1}
        assert bench.asked() - before == {page: 1}, "robots.txt is fresh, and no feed was asked for"
    assert bench.requests()[-1]["headers"]["if-none-match"] == '"/b/new"'
    assert {"scrapy", "sqlalchemy", "crawlers.run"} <= imported, "else the list is not that of a crawl"
    assert imported & READERS == set(), "with nothing to read, nothing that reads is imported"

    before = bench.asked()
    summary = bench.crawl(outlets=["busy"])
    assert bench.asked() - before == {}, "the host said 3600 s"
    assert summary["outcomes"] == {}
    assert summary["claimed"] == summary["released"]


def test_a_budget_leaves_the_rest_pending_and_the_next_crawl_takes_it_up(bench: Bench) -> None:
    bench.add("mapped.example", kind="sitemap")
    bench.add("good.example", more="[politeness]\nmax_pages_per_run = 2\n")
    summary = bench.crawl(CrawlRequest(max_pages=3))
    fetched = [row for row in bench.visits() if row.outcome == "stored"]
    assert len(fetched) == 3
    assert sum(row.url.startswith("http://good.example") for row in fetched) <= 2
    assert sum(summary["outcomes"].values()) + summary["released"] == summary["claimed"]
    assert sum(row.state == "pending" for row in bench.visits()) == 4 + len(CASES) - 3
    again = bench.crawl(CrawlRequest(feeds=False), outlets=["mapped"])
    assert again["new"] == 4 - sum(row.url.startswith("http://mapped.example") for row in fetched)
    per_card = bench.crawl(CrawlRequest(feeds=False), outlets=["good"])
    assert sum(per_card["outcomes"].values()) == 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What one crawl of several odd hosts left, each for a test of its own."""

    visits: list[Visited]
    requests: list[dict[str, Any]]
    summary: dict[str, Any]
    of_held: tuple[int | None, str]
    """Exit code and log of a crawl that wants nothing but the host which another process holds."""

    def outcomes(self, host: str) -> Counter[str | None]:
        return Counter(row.outcome for row in self.visits if f"//{host}/" in row.url)


@pytest.fixture(scope="module")
def looks(tmp_path_factory: pytest.TempPathFactory, new_database: NewDatabase) -> Iterator[Looks]:
    with new_database("sqlite") as url, closing(Bench(tmp_path_factory.mktemp("looks"), url)) as bench:
        bench.add("mapped.example", kind="sitemap")
        for host in ("good.example", "denying.example", "same.example"):
            bench.add(host)
        now = datetime.now(UTC)
        with closing(open_database(url)) as database, database.write() as session:
            hosts.lease_hosts(session, ["http://good.example:80"], holder="elsewhere:1", lease_s=600, now=now)
            hosts.lease_hosts(session, ["http://denying.example:80"], holder="elsewhere:2", lease_s=60, now=now - timedelta(hours=1))
        # The default depth is one more, and is what the crawl on PostgreSQL below goes to.
        summary = bench.crawl(max_sitemap_depth=2)
        visits, requests = bench.visits(), bench.requests()
        _, child = bench.start(outlets=["good"])
        _, errors = child.communicate(timeout=60)
        of_held = (child.returncode, errors)
        yield Looks(visits=visits, requests=requests, summary=summary, of_held=of_held)


def test_a_sitemap_index_is_followed_to_its_depth_and_never_round_in_circles(looks: Looks) -> None:
    asked = Counter(line["path"] for line in looks.requests if line["host"] == "mapped.example")
    assert max(asked.values()) == 1
    assert "/deeper.xml" in asked and "/deepest.xml" not in asked
    assert looks.outcomes("mapped.example")["stored"] == 3
    assert looks.summary["unexplained"] == 0


def test_a_host_that_another_process_holds_is_left_to_it(looks: Looks) -> None:
    assert {line["host"] for line in looks.requests} == {"mapped.example", "denying.example", "same.example"}
    assert [row.state for row in looks.visits if "good.example" in row.url] == ["pending"]
    code, errors = looks.of_held
    assert code == 3
    assert "elsewhere:1" in errors


def test_a_lease_that_ran_out_is_taken_over(looks: Looks) -> None:
    assert looks.outcomes("denying.example")["stored"] == 1


@pytest.mark.rows(65)
def test_many_addresses_with_one_answer_are_no_articles(looks: Looks) -> None:
    outcomes = looks.outcomes("same.example")
    assert outcomes["not_an_article"] > 0
    assert outcomes["stored"] <= 3


def wait_for_visits(child: subprocess.Popen[str], number: int) -> None:
    """Read the crawl's log until so many visits are finished."""
    assert child.stderr is not None
    seen = 0
    for line in child.stderr:
        seen += "outcome=stored" in line
        if seen >= number:
            return
    raise AssertionError(f"the crawl ended after {seen} visits")


@pytest.fixture
def long_crawl(bench: Bench) -> Bench:
    """Three hosts of good pages; with a delay between two requests they take a few seconds."""
    for number in range(3):
        bench.add(f"plenty-{number}.example")
    return bench


def assert_everything_was_done_once(bench: Bench, requests: int) -> None:
    """All pages of the long crawl have one outcome, every article is stored once, and hardly a page was asked for twice."""
    ledger = bench.visits()
    found = Counter(row.outcome for row in ledger if "/a/" in row.url)
    stored = 3 * PLENTY
    assert found == {"stored": stored}
    assert all(row.state == "done" for row in ledger)
    assert len({row.url for row in ledger}) == stored + 3
    assert bench.rows("SELECT COUNT(*), COUNT(DISTINCT url) FROM articles") == [(stored, stored)]
    assert bench.rows("SELECT COUNT(*) FROM revisions") == [(stored,)]
    again = sum(count - 1 for url, count in bench.asked().items() if "/a/" in url)
    assert again <= requests


@pytest.mark.rows(82)
def test_after_kill_9_the_next_crawl_resumes_at_once_and_loses_nothing(long_crawl: Bench) -> None:
    first, child = long_crawl.start(delay_s=0.3)
    wait_for_visits(child, 4)
    child.kill()
    child.communicate()
    assert long_crawl.rows(f"SELECT state FROM runs WHERE id = {first}") == [("running",)]
    summary = long_crawl.crawl()
    assert long_crawl.rows(f"SELECT state FROM runs WHERE id = {first}") == [("interrupted",)]
    assert summary["state"] == "done" and summary["unexplained"] == 0
    with closing(open_database(long_crawl.database)) as database, database.read() as session:
        killed = runs.summarise_run(session, first)
    assert killed.unexplained == 0 and killed.released > 0
    # At most what was in flight, and what the writer had not acknowledged.
    assert_everything_was_done_once(long_crawl, requests=2 * 16)


@pytest.mark.rows(83)
def test_a_signal_ends_the_crawl_in_order(long_crawl: Bench) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        run_id, child = long_crawl.start(delay_s=0.3)
        wait_for_visits(child, 3)
        child.send_signal(number)
        output, errors = child.communicate(timeout=60)
        assert child.returncode == 0, errors
        assert '"state": "interrupted"' in output and '"unexplained": 0' in output
        assert long_crawl.rows("SELECT COUNT(*) FROM visits WHERE state = 'claimed'") == [(0,)]
        assert long_crawl.rows("SELECT COUNT(*) FROM hosts WHERE lease_holder IS NOT NULL") == [(0,)]
        ((released,),) = long_crawl.rows(f"SELECT released FROM runs WHERE id = {run_id}")
        assert released > 0
    assert long_crawl.crawl()["unexplained"] == 0
    assert_everything_was_done_once(long_crawl, requests=0)


@pytest.mark.rows(83)
def test_a_signal_during_the_imports_ends_the_crawl_before_it_asks_anybody(bench: Bench) -> None:
    bench.add("good.example")
    bench.crawl(CrawlRequest(feeds=False))
    _, child = bench.start()
    # Its stdin was read to the end, so it has begun; its handlers stand before anything heavy is imported.
    child.send_signal(signal.SIGTERM)
    output, _ = child.communicate(timeout=60)
    assert child.returncode in (0, -signal.SIGTERM), "only before its very first line may the default still hold"
    if child.returncode == 0:
        assert '"state": "interrupted"' in output
        assert bench.requests() == []


def test_an_orphaned_crawl_ends_by_itself_in_order(long_crawl: Bench) -> None:
    run_id, child = long_crawl.start(delay_s=0.3)
    child.kill()
    child.communicate()
    settings = long_crawl.settings().to_json()
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys; child = subprocess.Popen([sys.executable, '-P', '-m', 'scheduler.crawl_process', sys.argv[1]], "
            "stdin=subprocess.PIPE, text=True); child.communicate(sys.argv[2])",
            str(run_id),
            '{"settings": ' + settings + "}",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=long_crawl.folder,
    )
    wait_for_visits(parent, 3)
    parent.kill()
    # The crawl has the pipe open as long as it lives.
    output, errors = parent.communicate(timeout=60)
    assert '"state": "interrupted"' in output, errors


@pytest.mark.rows(82)
def test_a_crawl_whose_parent_was_gone_before_it_could_ask_ends_in_order(long_crawl: Bench) -> None:
    _, child = long_crawl.start(delay_s=0.3, parent=2**22 - 1)
    output, errors = child.communicate(timeout=60)
    assert child.returncode == 0 and '"state": "interrupted"' in output, errors
    assert long_crawl.rows("SELECT COUNT(*) FROM articles") == [(0,)]


@pytest.mark.rows(94)
def test_on_a_full_disk_the_crawl_waits_and_then_goes_on_by_itself(long_crawl: Bench) -> None:
    _, child = long_crawl.start(delay_s=0.3)
    wait_for_visits(child, 3)
    # No file of the process may grow any more, as when the disk is full; the log goes through a pipe.
    size = Path(long_crawl.database.removeprefix("sqlite:///") + "-wal").stat().st_size
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    assert child.stderr is not None
    assert any("database_lost" in line for line in child.stderr)
    resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    output, errors = child.communicate(timeout=120)
    assert child.returncode == 0, errors
    assert f'"stored": {3 * PLENTY}' in output and '"unexplained": 0' in output
    assert_everything_was_done_once(long_crawl, requests=0)


@pytest.mark.rows(94)
def test_a_crawl_ends_in_order_before_the_disk_is_full(long_crawl: Bench) -> None:
    # More than any disk has. The crawl looks as often as it renews its lease, here each tenth of a second.
    _, child = long_crawl.start(delay_s=5, lease_s=0.4, min_free_bytes=10**18)
    output, errors = child.communicate(timeout=60)
    assert child.returncode == 4, errors
    assert "low_disk" in errors and "min_free_bytes" in errors and "Traceback" not in errors
    assert output == ""
    [(state, detail, claimed, released)] = long_crawl.rows("SELECT state, detail, claimed, released FROM runs")
    assert state == "interrupted" and "are to stay free" in detail
    [(done,)] = long_crawl.rows("SELECT COUNT(*) FROM visits WHERE state = 'done'")
    assert claimed == done + released
    assert long_crawl.rows("SELECT COUNT(*) FROM visits WHERE state = 'claimed'") == [(0,)]


def test_a_stored_response_is_read_without_asking_again(bench: Bench) -> None:
    bench.add("good.example")
    now = datetime.now(UTC)
    from config.catalog import load_catalog

    outlet = load_catalog(bench.settings()).outlets["good"]
    from tests.outlet_site.pages import article

    url = "http://good.example/a/one"
    with closing(open_database(bench.database)) as database, database.write() as session:
        sync_outlets(session, [outlet], now)
        page_id = addresses.record_page(session, url=url, outlet=outlet, kind=PageKind.ARTICLE, now=now)
        visit_id = pages.plan_visit(session, page_id, reason="new", priority=0.5, now=now)
        assert visit_id is not None
        body = article("/a/one").encode()
        capture = Capture(requested_url=url, final_url=url, status=200, content_type="text/html; charset=utf-8", body=body, fetched_at=now)
        capture_id = captures.record_capture(session, capture, page_id=page_id, run_id=None)
        visits.attach_capture(session, visit_id, capture_id)
    summary = bench.crawl(CrawlRequest(feeds=False))
    assert summary["outcomes"] == {"stored": 1}
    assert bench.requests() == []


def test_a_crawl_whose_lease_was_taken_stops_asking(long_crawl: Bench) -> None:
    _, child = long_crawl.start(delay_s=0.5, lease_s=2)
    wait_for_visits(child, 2)
    # As after a night in suspend: the leases ran out, and another machine has them now.
    with closing(sqlite3.connect(long_crawl.database.removeprefix("sqlite:///"), timeout=30)) as connection, connection:
        connection.execute("UPDATE hosts SET lease_holder = 'elsewhere:1'")
    output, errors = child.communicate(timeout=60)
    assert child.returncode == 0, errors
    assert "lease_lost" in errors
    assert '"state": "interrupted"' in output and '"unexplained": 0' in output
    assert long_crawl.rows("SELECT DISTINCT lease_holder FROM hosts") == [("elsewhere:1",)]


def test_the_same_crawl_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    with closing(Bench(tmp_path, postgresql_url)) as bench:
        bench.add("mapped.example", kind="sitemap")
        bench.add("denying.example")
        summary = bench.crawl()
    assert summary["outcomes"] == {"feed_read": 6, "robots_denied": 1, "stored": 5}
    assert summary["unexplained"] == 0
