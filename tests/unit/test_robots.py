"""RFC 9309 as tables: what an answer means, and what the rules say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from crawlers.robots import MAX_BYTES, is_fresh, parse_rules, robots_body, robots_url
from storage.run_records import HostState

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://radio.example/a/1.html?x=1#y", "http://radio.example/robots.txt"),
        ("https://radio.example:8443/", "https://radio.example:8443/robots.txt"),
    ],
)
def test_rules_are_looked_for_at_the_same_scheme_host_and_port(url: str, place: str) -> None:
    assert robots_url(url) == place


@pytest.mark.parametrize(
    ("status", "kept"),
    [
        (200, b"rules"),
        (204, b"rules"),
        (302, b""),  # too many redirects
        (400, b""),
        (401, b""),  # 2.3.1.3 counts every client error as "no rules"
        (403, b""),
        (404, b""),
        (410, b""),
        (451, b""),
        (500, None),
        (503, None),
        (0, None),  # no answer
    ],
)
def test_an_answer_means_rules_none_or_unreachable(status: int, kept: bytes | None) -> None:
    assert robots_body(status, b"rules") == kept


@pytest.mark.rows(34)
def test_only_the_first_half_megabyte_is_kept() -> None:
    assert len(robots_body(200, b"#" * (MAX_BYTES + 1)) or b"") == MAX_BYTES


RULES = [
    # (robots.txt, path, allowed, why)
    (b"", "/a", True, "empty"),
    (b"   \n\n", "/a", True, "blank"),
    (b"User-agent: *\nDisallow: /", "/a", False, "everything"),
    (b"User-agent: *\nDisallow:", "/a", True, "an empty Disallow allows"),
    (b"User-agent: *\nDisallow: /b", "/a", True, "another path"),
    (b"User-agent: *\nDisallow: /b", "/b/c", False, "prefix"),
    (b"User-agent: secondsource\nDisallow: /a\n\nUser-agent: *\nDisallow: /", "/b", True, "our own group beats the star"),
    (b"User-agent: secondsource\nDisallow: /a\n\nUser-agent: *\nDisallow:", "/a", False, "our own group beats the star"),
    (b"User-agent: SecondSource\nDisallow: /a", "/a", False, "case does not matter"),
    (b"user-agent: otherbot\nDisallow: /", "/a", True, "somebody else's"),
    (b"User-agent: otherbot\nUser-agent: secondsource\nDisallow: /", "/a", False, "a group of two"),
    (b"User-agent: secondsource\nDisallow: /a\n\nUser-agent: secondsource\nDisallow: /b", "/b", False, "groups are joined"),
    (b"User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True, "the longest match wins"),
    (b"User-agent: *\nAllow: /a\nDisallow: /a", "/a", True, "allow wins a tie"),
    (b"User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False, "wildcard and end"),
    (b"User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf?z", True, "wildcard and end"),
    (b"User-agent: *\nDisallow: /a%3cb", "/a%3Cb", False, "percent signs are compared decoded"),
    ("User-agent: *\nDisallow: /новости".encode(), "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8", False, "non-ASCII"),
    (b"\xef\xbb\xbfUser-agent: *\nDisallow: /", "/a", False, "byte order mark"),
    ("\ufeffUser-agent: *\nDisallow: /".encode("utf-16-le"), "/a", False, "UTF-16"),
    ("User-agent: *\nDisallow: /".encode("utf-16"), "/a", False, "UTF-16 with its mark"),
    (b"User-agent: *\rDisallow: /\r", "/a", False, "carriage returns"),
    (b"User-agent: *\r\nDisallow: /\r\n", "/a", False, "both"),
    (b"User-agent: *\nDisallow: /\xff\xfe", "/a", True, "bytes that are no UTF-8"),
    (b"User-agent: *\n\x00Disallow: /", "/a", False, "NUL"),
    (b"# comment\nUser-agent: * # all\nDisallow: /a # this\n", "/a", False, "comments"),
    (b"<html><body>Not found. Disallow: /</body></html>", "/a", True, "a page instead of rules"),
    (b"Disallow: /", "/a", True, "a rule without a group"),
    (b"User-agent: *\nNoindex: /\nFoo: bar\nDisallow: /a", "/a", False, "unknown lines are passed over"),
    (b"User-agent: *\nDisallow: /", "/robots.txt", True, "robots.txt itself is always allowed"),
]


@pytest.mark.rows(32, 33)
@pytest.mark.parametrize(("body", "path", "allowed", "why"), RULES)
def test_rules_are_read_as_the_rfc_says(body: bytes, path: str, allowed: bool, why: str) -> None:
    assert parse_rules(body).allows(f"http://radio.example{path}") is allowed, why


@pytest.mark.rows(35)
@pytest.mark.parametrize(
    ("body", "delay_s"),
    [
        (b"", 0.0),
        (b"User-agent: *\nDisallow: /a", 0.0),
        (b"User-agent: *\nCrawl-delay: 5", 5.0),
        (b"User-agent: *\nCrawl-delay: 0.5", 0.5),
        (b"User-agent: secondsource\nCrawl-delay: 7\n\nUser-agent: *\nCrawl-delay: 5", 7.0),
        (b"User-agent: otherbot\nCrawl-delay: 5", 0.0),
        (b"User-agent: *\nCrawl-delay: 999999999", 60.0),
        (b"User-agent: *\nCrawl-delay: 1e400", 0.0),
        (b"User-agent: *\nCrawl-delay: nan", 0.0),
        (b"User-agent: *\nCrawl-delay: -3", 0.0),
        (b"User-agent: *\nCrawl-delay: soon", 0.0),
        (b"User-agent: *\nRequest-rate: 1/10", 10.0),
        (b"User-agent: *\nRequest-rate: 1/1d", 60.0),
        (b"User-agent: *\nCrawl-delay: 3\nRequest-rate: 1/2", 3.0),
    ],
)
def test_a_crawl_delay_is_honoured_and_clamped(body: bytes, delay_s: float) -> None:
    assert parse_rules(body).crawl_delay_s == delay_s


@pytest.mark.rows(34)
def test_a_hostile_file_is_read_in_bounded_time() -> None:
    lines = b"".join(b"Disallow: /*%d*a*b*c*d*e*f*g*h*$\n" % number for number in range(40_000))
    started = process_time()
    rules = parse_rules(b"User-agent: *\n" + lines)
    rules.allows("http://radio.example/" + "a" * 2000)
    assert process_time() - started < 3.0


@pytest.mark.rows(36)
@pytest.mark.parametrize(
    ("body", "age", "fresh"),
    [
        (b"", timedelta(hours=1), True),
        (b"User-agent: *", timedelta(hours=23), True),
        (b"User-agent: *", timedelta(hours=25), False),
        (None, timedelta(seconds=1), False),  # unreachable: asked again by the next run
        (b"", None, False),
    ],
)
def test_rules_are_kept_for_a_day(body: bytes | None, age: timedelta | None, fresh: bool) -> None:
    state = HostState(key="http://radio.example:80", robots_body=body, robots_fetched_at=None if age is None else NOW - age)
    assert is_fresh(state, NOW, 24 * 3600) is fresh
