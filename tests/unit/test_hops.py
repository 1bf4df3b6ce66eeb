"""What follows each answer and failure, as tables; and Retry-After, which anybody may fill with anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.outlet import Outlet
from crawlers.hops import (
    Answer,
    Decision,
    Failure,
    Follow,
    Limits,
    Read,
    Retry,
    Stop,
    Trail,
    decide_answer,
    decide_failure,
    read_retry_after,
)
from storage.records import Outcome

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "http://www.radio.example/a/1.html"
LIMITS = Limits(max_hops=3, retries=2, max_retry_after_s=86400.0, backoff_s=2.0)
OUTLET = Outlet(
    id="radio",
    name="Radio",
    language="en",
    owner="radio",
    homepage="http://www.radio.example/",
    domains=("www.radio.example",),
    identity={"mirrors": ("mirror.example",)},  # type: ignore[arg-type]
)


def answer(status: int, trail: Trail | None = None, **values: object) -> Decision:
    return decide_answer(trail or Trail(url=URL), Answer(status=status, **values), OUTLET, LIMITS, NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", [200, 201, 202, 203, 204, 206, 226])
def test_every_success_is_read(status: int) -> None:
    decision = answer(status)
    assert isinstance(decision, Read)
    assert [(hop.url, hop.status) for hop in decision.trail.hops] == [(URL, status)]


STOPS = [
    # (status, headers, outcome, detail, pause)
    (304, {"conditional": True}, Outcome.NOT_MODIFIED, "", None),
    (304, {}, Outcome.PROTOCOL_ERROR, "304 to a request without validators", None),
    (300, {}, Outcome.HTTP_ERROR, "http 300", None),
    (305, {}, Outcome.HTTP_ERROR, "http 305", None),
    (400, {}, Outcome.HTTP_ERROR, "http 400", None),
    (401, {}, Outcome.BLOCKED, "http 401", None),
    (402, {}, Outcome.BLOCKED, "http 402", None),
    (403, {}, Outcome.BLOCKED, "http 403", None),
    (403, {"retry_after": "120"}, Outcome.BLOCKED, "http 403", 120.0),
    (404, {}, Outcome.GONE, "http 404", None),
    (404, {"retry_after": "120"}, Outcome.GONE, "http 404", None),
    (405, {}, Outcome.HTTP_ERROR, "http 405", None),
    (407, {}, Outcome.HTTP_ERROR, "http 407", None),
    (410, {}, Outcome.GONE, "http 410", None),
    (418, {}, Outcome.HTTP_ERROR, "http 418", None),
    (429, {}, Outcome.BLOCKED, "http 429", 60.0),
    (429, {"retry_after": "17"}, Outcome.BLOCKED, "http 429", 17.0),
    (429, {"retry_after": "soon"}, Outcome.BLOCKED, "http 429", 60.0),
    (429, {"retry_after": "9" * 400}, Outcome.BLOCKED, "http 429", 86400.0),
    (451, {}, Outcome.BLOCKED, "http 451", None),
    (501, {}, Outcome.SERVER_ERROR, "http 501", None),
    (505, {}, Outcome.SERVER_ERROR, "http 505", None),
    (503, {"retry_after": "Sun, 22 Nov 2026 13:00:00 GMT"}, Outcome.SERVER_ERROR, "http 503", 3600.0),
    (100, {}, Outcome.PROTOCOL_ERROR, "status 100", None),
    (600, {}, Outcome.PROTOCOL_ERROR, "status 600", None),
    (999, {}, Outcome.PROTOCOL_ERROR, "status 999", None),
    (301, {}, Outcome.PROTOCOL_ERROR, "redirect without a Location", None),
    (302, {"location": "  "}, Outcome.PROTOCOL_ERROR, "redirect without a Location", None),
    (302, {"location": "file:///etc/passwd"}, Outcome.BLOCKED_SCHEME, "file", None),
    (302, {"location": "DATA:text/html,x"}, Outcome.BLOCKED_SCHEME, "data", None),
    (302, {"location": "javascript:alert(1)"}, Outcome.BLOCKED_SCHEME, "javascript", None),
    (302, {"location": "mailto:a@b.example"}, Outcome.BLOCKED_SCHEME, "mailto", None),
    (302, {"location": "ftp://www.radio.example/"}, Outcome.BLOCKED_SCHEME, "ftp", None),
    (302, {"location": "http://10.0.0.1/"}, Outcome.BLOCKED_ADDRESS, "10.0.0.1 is in 10.0.0.0/8", None),
    (302, {"location": "//10.0.0.1/"}, Outcome.BLOCKED_ADDRESS, "10.0.0.1 is in 10.0.0.0/8", None),
    (302, {"location": "http://[::1]/"}, Outcome.BLOCKED_ADDRESS, "::1 is not a global address", None),
    (302, {"location": "http://2130706433/"}, Outcome.BLOCKED_ADDRESS, "odd notation of an address", None),
    (302, {"location": "http://www.radio.example:22/"}, Outcome.BLOCKED_ADDRESS, "port 22", None),
    (302, {"location": "http://www.radio.example@bad.example/"}, Outcome.BLOCKED_ADDRESS, "user name in the address", None),
    (302, {"location": "http://www.radio.example\\@bad.example/"}, Outcome.BLOCKED_ADDRESS, "backslash in the host", None),
    (302, {"location": "/" + "a" * 5000}, Outcome.TRAP_LIMIT, "address of 5025 characters", None),
    (302, {"location": "http://[bad"}, Outcome.PROTOCOL_ERROR, "Location cannot be read", None),
    (302, {"location": "http://other.example/"}, Outcome.OFF_SITE, "other.example", None),
    (302, {"location": "http://badradio.example/"}, Outcome.OFF_SITE, "badradio.example", None),
    (302, {"location": URL}, Outcome.REDIRECT_LOOP, "redirects to itself", None),
    (302, {"location": "1.html"}, Outcome.REDIRECT_LOOP, "redirects to itself", None),
    (302, {"location": "#top"}, Outcome.REDIRECT_LOOP, "redirects to itself", None),
]


@pytest.mark.parametrize(("status", "headers", "outcome", "detail", "pause_s"), STOPS)
def test_an_answer_ends_the_visit(status: int, headers: dict[str, object], outcome: Outcome, detail: str, pause_s: float | None) -> None:
    decision = answer(status, **headers)
    assert isinstance(decision, Stop)
    assert (decision.outcome, decision.detail, decision.pause_s) == (outcome, detail, pause_s)
    assert len(decision.trail.hops) == 1


FOLLOWS = [
    (301, "/b", "http://www.radio.example/b"),
    (302, "2.html", "http://www.radio.example/a/2.html"),
    (303, "?page=2", "http://www.radio.example/a/1.html?page=2"),
    (307, "https://www.radio.example/a/1.html", "https://www.radio.example/a/1.html"),
    (308, "//radio.example/x#y", "http://radio.example/x"),  # the fragment is never sent
    (302, "http://news.radio.example/", "http://news.radio.example/"),
    (302, "http://mirror.example/a", "http://mirror.example/a"),
    (302, " /padded ", "http://www.radio.example/padded"),
    (302, "/with space", "http://www.radio.example/with%20space"),
    (302, "/новости", "http://www.radio.example/новости"),
    (302, "HTTP://www.radio.example/b", "http://www.radio.example/b"),
]


@pytest.mark.parametrize(("status", "location", "url"), FOLLOWS)
def test_a_redirect_on_site_is_followed(status: int, location: str, url: str) -> None:
    decision = answer(status, location=location)
    assert isinstance(decision, Follow)
    assert (decision.trail.url, decision.trail.redirects, decision.trail.tries) == (url, 1, 0)


def test_a_redirect_may_leave_the_site_where_no_outlet_is_given() -> None:
    decision = decide_answer(Trail(url=URL), Answer(status=302, location="http://other.example/robots.txt"), None, LIMITS, NOW)
    assert isinstance(decision, Follow)


def test_redirects_are_followed_as_often_as_allowed_and_no_further() -> None:
    trail = Trail(url=URL)
    for number in range(LIMITS.max_hops):
        decision = answer(302, trail, location=f"/hop-{number}")
        assert isinstance(decision, Follow)
        trail = decision.trail
    decision = answer(302, trail, location="/one-more")
    assert isinstance(decision, Stop)
    assert (decision.outcome, decision.detail) == (Outcome.REDIRECT_LOOP, "more than 3 redirects")
    assert len(decision.trail.hops) == LIMITS.max_hops + 1


def test_a_circle_is_noticed_when_it_closes() -> None:
    there = answer(302, location="/there")
    assert isinstance(there, Follow)
    back = answer(302, there.trail, location="/a/1.html")
    assert isinstance(back, Stop)
    assert (back.outcome, back.detail) == (Outcome.REDIRECT_LOOP, "redirects in a circle")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 408])
def test_a_passing_error_is_tried_again_with_growing_waits(status: int) -> None:
    first = answer(status)
    assert isinstance(first, Retry) and first.wait_s == 2.0
    second = answer(status, first.trail)
    assert isinstance(second, Retry) and second.wait_s == 4.0
    last = answer(status, second.trail)
    assert isinstance(last, Stop)
    assert last.outcome is (Outcome.HTTP_ERROR if status == 408 else Outcome.SERVER_ERROR)
    assert [hop.status for hop in last.trail.hops] == [status] * 3


def test_tries_are_counted_anew_after_a_redirect() -> None:
    failed = answer(503)
    assert isinstance(failed, Retry)
    moved = answer(302, failed.trail, location="/b")
    assert isinstance(moved, Follow) and moved.trail.tries == 0


def test_after_a_retry_a_redirect_inside_is_refused_like_any_other() -> None:
    failed = answer(503)
    assert isinstance(failed, Retry)
    decision = answer(302, failed.trail, location="http://10.0.0.5/")
    assert isinstance(decision, Stop) and decision.outcome is Outcome.BLOCKED_ADDRESS


@pytest.mark.parametrize(
    ("outcome", "again"),
    [
        (Outcome.TIMEOUT, True),
        (Outcome.DNS_ERROR, True),
        (Outcome.CONNECT_ERROR, True),
        (Outcome.TRUNCATED, True),
        (Outcome.PROTOCOL_ERROR, True),
        (Outcome.TLS_ERROR, False),
        (Outcome.TOO_LARGE, False),
        (Outcome.BAD_ENCODING, False),
        (Outcome.BLOCKED_ADDRESS, False),
        (Outcome.BLOCKED_SCHEME, False),
    ],
)
def test_a_failure_is_tried_again_only_if_it_may_pass(outcome: Outcome, again: bool) -> None:
    decision = decide_failure(Trail(url=URL), Failure(outcome=outcome, detail="why"), LIMITS)
    assert isinstance(decision, Retry if again else Stop)
    trail = decision.trail
    for _ in range(LIMITS.retries):
        if isinstance(decision, Retry):
            trail = decision.trail
            decision = decide_failure(trail, Failure(outcome=outcome, detail="why"), LIMITS)
    assert isinstance(decision, Stop)
    assert (decision.outcome, decision.detail) == (outcome, "why")
    assert decision.trail.hops[-1].error == f"{outcome}: why"


def test_no_wait_grows_beyond_a_minute() -> None:
    limits = Limits(max_hops=3, retries=50, max_retry_after_s=1.0, backoff_s=30.0)
    decision = decide_failure(Trail(url=URL, tries=40), Failure(outcome=Outcome.TIMEOUT), limits)
    assert isinstance(decision, Retry) and decision.wait_s == 60.0


@pytest.mark.rows(25, 26)
@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("1.5", 1.5),
        ("1000000000000", 86400.0),
        ("9" * 5000, 86400.0),
        ("-5", None),
        ("1e9", None),
        ("", None),
        ("soon", None),
        ("٥", None),  # digits, but not ASCII's
        ("Sun, 22 Nov 2026 12:10:00 GMT", 600.0),
        ("Sunday, 22-Nov-26 12:10:00 GMT", 600.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2099 11:00:00 GMT", 86400.0),
        ("Sun, 22 Nov 2026 12:10:00", 600.0),
        ("Sun, 32 Nov 2026 12:10:00 GMT", None),
        ("Fri, 31 Dec 9999 23:59:59 -1200", 86400.0),
    ],
)
def test_retry_after_is_read_in_both_forms_and_cut(value: str, seconds: float | None) -> None:
    assert read_retry_after(value, NOW, 86400.0) == seconds


@pytest.mark.rows(26)
@given(st.text(max_size=80), st.floats(min_value=0, max_value=1e6))
def test_no_retry_after_breaks_anything(value: str, limit_s: float) -> None:
    seconds = read_retry_after(value, NOW, limit_s)
    assert seconds is None or 0 <= seconds <= limit_s


@given(st.integers(min_value=-10, max_value=1200), st.text(max_size=60), st.text(max_size=30))
def test_every_answer_leads_to_exactly_one_decision(status: int, location: str, retry_after: str) -> None:
    decision = decide_answer(Trail(url=URL), Answer(status=status, location=location, retry_after=retry_after), OUTLET, LIMITS, NOW)
    assert isinstance(decision, Follow | Retry | Read | Stop)
    assert len(decision.trail.hops) == 1


def test_a_date_is_compared_with_the_time_given() -> None:
    assert read_retry_after("Sun, 22 Nov 2026 12:10:00 GMT", NOW + timedelta(minutes=9), 86400.0) == 60.0
