"""The fault site, visited whole, once a database: each case of ``outlet_site/cases.py`` judged by the ledger, the database and the
server's log; with it ways that lead to this machine, certificates that are none, and sitemaps without end.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawlers.request import CrawlRequest
from storage.verification import verify_database
from tests.conftest import NewDatabase
from tests.outlet_site.bench import Bench, Visited
from tests.outlet_site.cases import CASES, HOSTS
from tests.outlet_site.server import EMOJI, INSIDE

SITE = "http://faults.example"
CANARIES = ("canary-feed.example", "canary-moved.example", "canary-robots.example", "canary-map.example")
CERTIFIED = ("secure.example", "expired.example", "misnamed.example", "unsigned.example")
TRAP = "trap.example"
MAX_LISTINGS = 30
"""Of the trap; the canary's own sitemap index names fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What one crawl of everything left behind."""

    bench: Bench
    summary: dict[str, Any]
    ledger: Mapping[str, Visited]
    """By address."""
    visitors: tuple[str, ...]
    """Whoever connected to the server of this machine that nobody may ask."""

    def of(self, *hosts: str) -> list[Visited]:
        """The visits of these hosts' addresses."""
        return [row for url, row in self.ledger.items() if urlsplit(url).netloc in hosts]


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def watched_port() -> Iterator[tuple[int, list[str]]]:
    """A server of this machine on a port that publishers use, too; and everybody who connected to it."""
    visitors: list[str] = []
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        for port in (8080, 8443, 80, 443):
            with suppress(OSError):
                server.bind(("127.0.0.1", port))
                break
        else:
            pytest.skip("every port that the guard lets pass is taken on this machine")
        server.listen()

        def watch() -> None:
            with suppress(OSError):
                while True:
                    client, _ = server.accept()
                    visitors.append(str(client.getpeername()))
                    client.close()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        yield server.getsockname()[1], visitors
        server.shutdown(socket.SHUT_RDWR)
        thread.join(30)


@pytest.fixture(params=["sqlite", "postgresql"])
def crawled(request: pytest.FixtureRequest, new_database: NewDatabase, tmp_path: Path) -> Iterator[Crawled]:
    folder = tmp_path
    with new_database(request.param) as url, closing(Bench(folder, url)) as bench, watched_port() as (port, visitors):
        bench.add("faults.example")
        for host in HOSTS:
            place = free_port() if host.name == "closed.example" else 0 if host.name.endswith(".invalid") else None
            bench.add(host.name, port=place, kind=host.kind)
        (folder / "canary").write_text(str(port))
        for name in CANARIES:
            # The card calls the inside its own, so that nothing is refused merely because it leaves the site.
            bench.add(name, kind="sitemap" if name == "canary-map.example" else "feed", domains=["localhost", "127.0.0.1"])
        for name in CERTIFIED:
            bench.add(name, scheme="https", path="/none.xml")
        bench.add(TRAP, kind="sitemap")
        # Hosts that were found closed are not asked for other pages in the same run: so the inside is asked for by name here, there
        # by the links of a feed and a sitemap.
        named = INSIDE if request.param == "postgresql" else ()
        by_name = (f"http://{host}:{port}/by-name" for host in named if not set("\\%@") & set(host))
        # A proxy from the environment would see every address before the guard does; it must never be asked.
        environment = {
            "http_proxy": f"http://127.0.0.1:{free_port()}",
            "HTTPS_PROXY": f"http://127.0.0.1:{free_port()}",
            "SSL_CERT_FILE": str(folder / "authority.pem"),
        }
        summary = bench.crawl(
            CrawlRequest(urls=(*by_name, *(f"https://{name}/a/one" for name in CERTIFIED))),
            environment=environment,
            patience_s=300,
            max_listings=MAX_LISTINGS,
        )
        yield Crawled(bench=bench, summary=summary, ledger={row.url: row for row in bench.visits()}, visitors=tuple(visitors))


def expected_outcomes() -> dict[str, str | None]:
    found: dict[str, str | None] = {f"{SITE}{case.path}": case.outcome for case in CASES}
    found[f"{SITE}/feed.xml"] = "feed_read"
    for host in HOSTS:
        found[f"http://{host.name}/feed.xml"] = host.feed
        found |= {f"http://{host.name}{path}": outcome for path, outcome in host.pages.items()}
    return found


def check_every_fault_ends_with_its_outcome(crawled: Crawled) -> None:
    rows = crawled.of("faults.example", *(host.name for host in HOSTS))
    assert {row.url: row.outcome for row in rows} == expected_outcomes()
    # A page of somebody else's ends at once: were that host asked for its robots.txt, its name would be looked up, and there is none.
    assert [row.outcome for row in crawled.of("elsewhere.example")] == ["off_site"]
    # Verified outlets that could not be read are named; a host that only asked for a pause is none of them.
    failed = set(crawled.summary["failed_outlets"])
    assert {"down_robots", "hung_robots", "closed", "nowhere", "html_feed"} <= failed
    assert not {"faults", "denying", "busy", "later"} & failed


def check_every_visit_is_accounted_for(crawled: Crawled) -> None:
    bench, summary, outcomes = crawled.bench, crawled.summary, crawled.summary["outcomes"]
    assert summary["unexplained"] == 0
    assert summary["claimed"] == sum(outcomes.values()) + summary["released"]
    pending = [row.url for row in crawled.of(*(host.name for host in HOSTS)) if row.outcome is None]
    assert summary["released"] == len(pending)
    assert summary["state"] == "done"
    assert all(row.state == ("pending" if row.outcome is None else "done") for row in crawled.ledger.values())
    assert bench.rows("SELECT COUNT(*) FROM visits WHERE state = 'claimed'") == [(0,)]
    assert bench.rows("SELECT COUNT(*) FROM hosts WHERE lease_holder IS NOT NULL") == [(0,)]
    assert verify_database(bench.database) == []


def check_every_request_that_the_server_saw_is_a_hop_and_every_hop_a_request(crawled: Crawled) -> None:
    bench = crawled.bench
    asked = bench.asked()
    served = {"faults.example", *(host.name for host in HOSTS), *CANARIES, *CERTIFIED, TRAP} - {"closed.example", "nowhere.invalid"}
    hops: Counter[str] = Counter(
        hop["url"].replace("https://", "http://")
        for row in crawled.ledger.values()
        for hop in row.hops
        if urlsplit(hop["url"]).netloc in served
    )
    assert {url: count for url, count in asked.items() if not url.endswith("/robots.txt")} == dict(hops)
    for case in CASES:
        assert asked[f"{SITE}{case.path}"] == case.requests, case
    # robots.txt: once a host, before anything else of it, and nothing more where it could not be had.
    first: dict[str, str] = {}
    for line in bench.requests():
        first.setdefault(line["host"], line["path"])
    assert set(first.values()) == {"/robots.txt"}
    assert asked[f"{SITE}/robots.txt"] == 1
    assert asked["http://down-robots.example/robots.txt"] == asked["http://hung-robots.example/robots.txt"] == 2
    assert {line["host"].partition(":")[0] for line in bench.requests()} <= served


def check_no_request_says_more_than_who_asks(crawled: Crawled) -> None:
    for line in crawled.bench.requests():
        assert line["headers"]["user-agent"] == "secondsource/0.0.1 (+desk@your.org)"
        assert not {"cookie", "referer", "authorization", "proxy-authorization"} & line["headers"].keys()


def check_what_came_in_strange_bytes_is_stored_as_the_same_text(crawled: Crawled) -> None:
    bench = crawled.bench
    columns = "p.url, e.title, e.published_at, e.published_raw, e.charset, e.sanitised"
    found = {
        row[0].removeprefix(SITE): row[1:]
        for row in bench.rows(
            f"SELECT {columns} FROM pages p JOIN visits v ON v.page_id = p.id JOIN extractions e ON e.capture_id = v.capture_id "
            f"WHERE p.url LIKE '{SITE}/%'"
        )
    }
    for path in ("/liar", "/cp1251", "/koi8"):
        assert found[path][0] == "Город"
    assert (found["/liar"][3], found["/cp1251"][3], found["/koi8"][3]) == ("cp1251", "cp1251", "koi8-u")
    assert bench.rows(f"SELECT url FROM articles WHERE url = '{SITE}/canonical-away'")
    # The parser makes U+FFFD of what HTML does not allow; the override of direction is gone.
    assert found["/nul"][0].replace("\ufffd", "").split() == ["One", "]0;ownedtwo", "three"]
    assert found["/emoji"][0] == EMOJI
    assert len(found["/long-title"][0]) <= 1000
    # What cannot be believed gives way to the feed's date; an offset is converted, not dropped.
    assert as_utc(found["/from-2099"][1]) == datetime(2024, 5, 1, 10, tzinfo=UTC)
    assert as_utc(found["/offset"][1]) == datetime(2024, 5, 1, 9, tzinfo=UTC)
    # Reserved pages leave a headline and no text, and no bytes.
    for path in ("/noarchive", "/reserved"):
        ((text, body),) = bench.rows(
            "SELECT e.text, b.sha256 FROM pages p JOIN visits v ON v.page_id = p.id JOIN captures c ON c.id = v.capture_id "
            "JOIN extractions e ON e.capture_id = c.id LEFT JOIN capture_bodies b ON b.sha256 = c.body_sha256 "
            f"WHERE p.url = '{SITE}{path}'"
        )
        assert (text, body) == ("", None)
    # The titles of feeds, too: plain, and no link that is none.
    ((title, detail),) = bench.rows(
        "SELECT s.title, v.detail FROM sightings s JOIN visits v ON v.page_id = s.feed_page_id JOIN pages p ON p.id = s.page_id "
        "WHERE p.url = 'http://script-feed.example/s/1'"
    )
    assert "<" not in title and title.endswith("news")
    assert "1 entries dropped" in detail or "2 entries dropped" in detail


def as_utc(value: str | datetime) -> datetime:
    """A time as one of the two databases gives it."""
    return (value if isinstance(value, datetime) else datetime.fromisoformat(value)).astimezone(UTC)


def check_a_pause_is_kept_for_the_next_run_and_a_crawl_delay_holds(crawled: Crawled) -> None:
    bench = crawled.bench
    pauses = dict(bench.rows("SELECT key, retry_after_until FROM hosts WHERE retry_after_until IS NOT NULL"))
    assert set(pauses) == {f"http://{host}.example:80" for host in ("busy", "later", "garbled-pause", "endless-pause")}
    times = [line["time"] for line in bench.requests() if line["host"] == "delaying.example" and line["path"] != "/robots.txt"]
    assert all(later - earlier >= 0.39 for earlier, later in pairwise(times))


def check_bytes_that_could_not_be_read_are_kept_with_the_reason(crawled: Crawled) -> None:
    bench, ledger = crawled.bench, crawled.ledger
    kept = dict(bench.rows("SELECT p.url, q.reason FROM quarantine q JOIN visits v ON v.id = q.visit_id JOIN pages p ON p.id = v.page_id"))
    for path in ("/nested", "/badgz", "/cutgz", "/unkenc", "/empty", "/deep"):
        assert kept[f"{SITE}{path}"] == ledger[f"{SITE}{path}"].outcome
    for host in ("html-feed", "path-feed", "laughing-feed", "xxe-feed"):
        assert kept[f"http://{host}.example/feed.xml"] == ledger[f"http://{host}.example/feed.xml"].outcome
    # Nothing of a file that a document named is anywhere.
    assert not bench.rows(f"SELECT title FROM sightings WHERE title LIKE '%{socket.gethostname()}%'")


def check_no_way_leads_to_a_server_of_this_machine(crawled: Crawled) -> None:
    assert crawled.visitors == ()
    known = {"faults.example", "elsewhere.example", TRAP, *CERTIFIED, *(host.name for host in HOSTS)}
    rows = [row for url, row in crawled.ledger.items() if urlsplit(url).netloc not in known]
    refused = {"blocked_address", "off_site"}
    # Led on by an answer, by an answer after a failure, at two hosts; a page that names the inside in its head is only read.
    for way, outcomes in (("/to/", refused), ("/later/", refused), ("/page/", {"stored"})):
        found = [row for row in rows if way in row.url]
        assert len(found) == 2 * len(INSIDE), way
        assert {row.outcome for row in found} <= outcomes, way
    # Named by a feed, a sitemap or a person; several notations are one address once it is written as it should be.
    by_name = [row for row in rows if row.url.endswith("/by-name")]
    linked = [row for row in rows if row.url.endswith("/canary") and not (by_name and row.outcome is None)]
    assert len(by_name or linked) > len(INSIDE) // 2
    assert {row.outcome for row in by_name} <= {*refused, "robots_unreachable", "dns_error"}
    assert {row.outcome for row in linked} <= refused
    assert sum(row.outcome == "blocked_address" for row in rows) >= 2 * len(INSIDE)


def check_a_certificate_must_be_signed_in_force_and_for_this_name(crawled: Crawled) -> None:
    found = {row.url.removeprefix("https://").partition(".")[0]: row for row in crawled.of(*CERTIFIED) if row.url.endswith("/a/one")}
    assert {name: row.outcome for name, row in found.items()} == {
        "secure": "stored", "expired": "tls_error", "misnamed": "tls_error", "unsigned": "tls_error",
    }  # fmt: skip
    assert all("certificate" in found[name].detail for name in ("expired", "misnamed", "unsigned"))
    assert {line["host"] for line in crawled.bench.requests() if line["host"] in CERTIFIED} == {"secure.example"}


def check_sitemaps_without_end_are_given_up_at_the_limit_and_counted(crawled: Crawled) -> None:
    outcomes = Counter(row.outcome for row in crawled.of(TRAP))
    assert outcomes["feed_read"] == MAX_LISTINGS + 1
    assert outcomes["trap_limit"] > 100
    asked = sum(count for url, count in crawled.bench.asked().items() if f"//{TRAP}/" in url and not url.endswith("robots.txt"))
    assert asked == MAX_LISTINGS + 1


CHECKS = (
    check_every_fault_ends_with_its_outcome,
    check_every_visit_is_accounted_for,
    check_every_request_that_the_server_saw_is_a_hop_and_every_hop_a_request,
    check_no_request_says_more_than_who_asks,
    check_what_came_in_strange_bytes_is_stored_as_the_same_text,
    check_a_pause_is_kept_for_the_next_run_and_a_crawl_delay_holds,
    check_bytes_that_could_not_be_read_are_kept_with_the_reason,
    check_no_way_leads_to_a_server_of_this_machine,
    check_a_certificate_must_be_signed_in_force_and_for_this_name,
    check_sitemaps_without_end_are_given_up_at_the_limit_and_counted,
)


@pytest.mark.rows(3, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 28, 29, 35, 47, 50, 106)
def test_every_fault_ends_as_it_must_and_nothing_is_lost(crawled: Crawled, subtests: pytest.Subtests) -> None:
    # One test a database, so that two test processes do not crawl everything twice.
    for check in CHECKS:
        with subtests.test(check.__name__.removeprefix("check_").replace("_", " ")):
            check(crawled)
