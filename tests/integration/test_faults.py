"""The fault site, visited whole: each case of ``outlet_site/cases.py`` judged by the ledger, the database and the server's log."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from crawlers.request import CrawlRequest
from storage.verification import verify_database
from tests.outlet_site.bench import Bench, Visited
from tests.outlet_site.cases import CASES, HOSTS
from tests.outlet_site.server import EMOJI, INSIDE

SITE = "http://faults.example"


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def bench(tmp_path: Path, database_url: str) -> Iterator[Bench]:
    with closing(Bench(tmp_path, database_url)) as opened:
        yield opened


def expected_outcomes() -> dict[str, str | None]:
    found: dict[str, str | None] = {f"{SITE}{case.path}": case.outcome for case in CASES}
    found[f"{SITE}/feed.xml"] = "feed_read"
    for host in HOSTS:
        found[f"http://{host.name}/feed.xml"] = host.feed
        found |= {f"http://{host.name}{path}": outcome for path, outcome in host.pages.items()}
    return found


@pytest.mark.rows(23, 25, 26, 27, 28, 29, 35, 106)
def test_every_fault_ends_with_its_outcome_and_nothing_is_lost(bench: Bench) -> None:
    bench.add("faults.example")
    for host in HOSTS:
        port = free_port() if host.name == "closed.example" else 0 if host.name.endswith(".invalid") else None
        bench.add(host.name, port=port, kind=host.kind)
    # A proxy from the environment would see every address before the guard does; it must never be asked.
    proxies = {"http_proxy": f"http://127.0.0.1:{free_port()}", "HTTPS_PROXY": f"http://127.0.0.1:{free_port()}"}
    summary = bench.crawl(environment=proxies)
    ledger = {row.url: row for row in bench.visits()}
    assert {url: row.outcome for url, row in ledger.items()} == expected_outcomes()
    assert_the_sums_hold(bench, ledger, summary)
    assert_the_log_agrees(bench, ledger)
    assert_nothing_was_given_away(bench)
    assert_the_text_is_whole(bench)
    assert_hosts_are_left_alone(bench)
    assert_unread_bytes_are_kept(bench, ledger)
    # Verified outlets that could not be read are named; a host that only asked for a pause is none of them.
    assert {"down_robots", "hung_robots", "closed", "nowhere", "html_feed"} <= set(summary["failed_outlets"])
    assert not {"faults", "denying", "busy", "later"} & set(summary["failed_outlets"])


def assert_the_sums_hold(bench: Bench, ledger: dict[str, Visited], summary: dict[str, object]) -> None:
    outcomes = summary["outcomes"]
    assert isinstance(outcomes, dict)
    assert summary["unexplained"] == 0
    assert summary["claimed"] == sum(outcomes.values()) + summary["released"]  # type: ignore[operator]
    assert summary["released"] == sum(row.outcome is None for row in ledger.values())
    assert summary["state"] == "done"
    assert all(row.state == ("pending" if row.outcome is None else "done") for row in ledger.values())
    assert bench.rows("SELECT COUNT(*) FROM visits WHERE state = 'claimed'") == [(0,)]
    assert bench.rows("SELECT COUNT(*) FROM hosts WHERE lease_holder IS NOT NULL") == [(0,)]
    assert verify_database(bench.database) == []


def assert_the_log_agrees(bench: Bench, ledger: dict[str, Visited]) -> None:
    """Every request that the server saw is a hop in the ledger, every hop that reached the server a request."""
    asked = bench.asked()
    hops: Counter[str] = Counter(hop["url"] for row in ledger.values() for hop in row.hops)
    for url in ("http://closed.example/feed.xml", "http://nowhere.invalid/feed.xml"):
        assert url not in asked
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
    names = {line["host"].partition(":")[0] for line in bench.requests()}
    assert names <= {"faults.example", *(host.name for host in HOSTS)}


def assert_nothing_was_given_away(bench: Bench) -> None:
    for line in bench.requests():
        assert line["headers"]["user-agent"] == "secondsource/0.0.1 (+desk@your.org)"
        assert not {"cookie", "referer", "authorization", "proxy-authorization"} & line["headers"].keys()


def assert_the_text_is_whole(bench: Bench) -> None:
    """What came in strange bytes is stored as the same text on both databases."""
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


def assert_hosts_are_left_alone(bench: Bench) -> None:
    """Retry-After is kept for the next run, cut and tolerant; a Crawl-delay holds, also beside a setting of none."""
    pauses = dict(bench.rows("SELECT key, retry_after_until FROM hosts WHERE retry_after_until IS NOT NULL"))
    assert set(pauses) == {f"http://{host}.example:80" for host in ("busy", "later", "garbled-pause", "endless-pause")}
    times = [line["time"] for line in bench.requests() if line["host"] == "delaying.example" and line["path"] != "/robots.txt"]
    assert all(later - earlier >= 0.39 for earlier, later in pairwise(times))


def assert_unread_bytes_are_kept(bench: Bench, ledger: dict[str, Visited]) -> None:
    kept = dict(bench.rows("SELECT p.url, q.reason FROM quarantine q JOIN visits v ON v.id = q.visit_id JOIN pages p ON p.id = v.page_id"))
    for path in ("/nested", "/badgz", "/cutgz", "/unkenc", "/empty", "/deep"):
        assert kept[f"{SITE}{path}"] == ledger[f"{SITE}{path}"].outcome
    for host in ("html-feed", "path-feed", "laughing-feed", "xxe-feed"):
        assert kept[f"http://{host}.example/feed.xml"] == ledger[f"http://{host}.example/feed.xml"].outcome
    # Nothing of a file that a document named is anywhere.
    assert not bench.rows(f"SELECT title FROM sightings WHERE title LIKE '%{socket.gethostname()}%'")


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


@pytest.mark.rows(3, 16, 17, 18, 19, 20, 21, 22)
def test_no_way_leads_to_a_server_of_this_machine(tmp_path: Path, sqlite_url: str) -> None:
    with closing(Bench(tmp_path, sqlite_url)) as bench, watched_port() as (port, visitors):
        (tmp_path / "canary").write_text(str(port))
        # The card calls the inside its own, so that nothing is refused merely because it leaves the site.
        inside = ["localhost", "127.0.0.1"]
        for host in ("feed", "moved", "robots"):
            bench.add(f"canary-{host}.example", domains=inside)
        bench.add("canary-map.example", kind="sitemap", domains=inside)
        direct = tuple(f"http://{host}:{port}/by-name" for host in INSIDE if "\\" not in host and "%" not in host and "@" not in host)
        bench.crawl()
        asked = bench.crawl(CrawlRequest(urls=direct, feeds=False, rechecks=False))
        ledger = bench.visits()
    assert visitors == []
    led = [row for row in ledger if row.outcome in ("blocked_address", "off_site")]
    assert len(led) >= 2 * len(INSIDE)
    assert sum(row.outcome == "blocked_address" for row in ledger) >= 2 * len(INSIDE)
    assert set(asked["outcomes"]) <= {"blocked_address", "off_site", "robots_unreachable", "dns_error"}
    assert {row.outcome for row in ledger if "/meta/" in row.url or "/link/" in row.url} == {"stored"}
    assert {row.outcome for row in ledger if "/to/" in row.url or "/later/" in row.url} <= {"blocked_address", "off_site"}


@pytest.mark.rows(24)
def test_a_certificate_must_be_signed_in_force_and_for_this_name(tmp_path: Path, sqlite_url: str) -> None:
    with closing(Bench(tmp_path, sqlite_url)) as bench:
        for host in ("secure", "expired", "misnamed", "unsigned"):
            bench.add(f"{host}.example", scheme="https")
        request = CrawlRequest(
            urls=tuple(f"https://{host}.example/a/one" for host in ("secure", "expired", "misnamed", "unsigned")), feeds=False
        )
        bench.crawl(request, environment={"SSL_CERT_FILE": str(tmp_path / "authority.pem")})
        found = {row.url.removeprefix("https://").partition(".")[0]: row for row in bench.visits()}
        assert {name: row.outcome for name, row in found.items()} == {
            "secure": "stored", "expired": "tls_error", "misnamed": "tls_error", "unsigned": "tls_error",
        }  # fmt: skip
        assert all("certificate" in found[name].detail for name in ("expired", "misnamed", "unsigned"))
        assert {line["host"] for line in bench.requests()} == {"secure.example"}


@pytest.mark.rows(47, 50)
def test_sitemaps_without_end_are_given_up_at_the_limit_and_counted(tmp_path: Path, sqlite_url: str) -> None:
    with closing(Bench(tmp_path, sqlite_url)) as bench:
        bench.add("trap.example", kind="sitemap")
        summary = bench.crawl(max_listings=10)
        assert summary["outcomes"]["feed_read"] == 11
        assert summary["outcomes"]["trap_limit"] > 100
        assert sum(count for url, count in bench.asked().items() if not url.endswith("robots.txt")) == 11
        assert summary["unexplained"] == 0 and summary["state"] == "done"
