"""Every way in which the fault site misbehaves, and what the ledger must say of it: one case a path or host.

``rows`` are the numbers of the fault list in ``tests/fault_rows.py``; ``tests/unit/test_fault_rows.py`` sees to it that none is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Case:
    """One page of the fault site."""

    path: str
    outcome: str
    requests: int = 1
    """What the server must have been asked for it."""
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Host:
    """One host whose feed, robots.txt or every page is the fault."""

    name: str
    feed: str
    """Outcome of its feed."""
    pages: dict[str, str | None] = field(default_factory=dict)
    """Outcomes of its pages by path; None: still pending."""
    rows: tuple[int, ...] = ()
    kind: str = "feed"
    """What its card calls it."""


GOOD = ("/a/one", "/a/two", "/a/three")

CASES = (
    *(Case(path, "stored") for path in GOOD),
    Case("/hang", "timeout", 2, rows=(5,)),
    Case("/drip", "timeout", 2, rows=(6,)),
    Case("/neverend", "too_large", rows=(7,)),
    Case("/big", "too_large", rows=(7,)),
    Case("/bigheader", "too_large", rows=(7,)),
    Case("/gzip-bomb", "too_large", rows=(8,)),
    Case("/deflate-bomb", "too_large", rows=(8,)),
    Case("/br-bomb", "too_large", rows=(8,)),
    Case("/zstd-bomb", "too_large", rows=(8,)),
    Case("/nested", "bad_encoding", rows=(8,)),
    Case("/badgz", "bad_encoding", rows=(9,)),
    Case("/cutgz", "bad_encoding", rows=(9,)),
    Case("/unkenc", "bad_encoding", rows=(10,)),
    Case("/short", "truncated", 2, rows=(11,)),
    Case("/bighdr", "protocol_error", 2, rows=(12,)),
    Case("/garble", "protocol_error", 2, rows=(13,)),
    Case("/reset", "connect_error", 2, rows=(4,)),
    Case("/loop", "redirect_loop", rows=(14,)),
    Case("/circle", "redirect_loop", rows=(14,)),
    Case("/selfloop", "redirect_loop", rows=(15,)),
    Case("/refile", "blocked_scheme", rows=(16,)),
    Case("/redata", "blocked_scheme", rows=(16,)),
    Case("/reftp", "blocked_scheme", rows=(16,)),
    Case("/reint", "blocked_address", rows=(17,)),
    Case("/remetadata", "blocked_address", rows=(17,)),
    Case("/flaky", "blocked_address", 2, rows=(18,)),
    Case("/remeta", "stored", rows=(19,)),
    Case("/redecimal", "blocked_address", rows=(20,)),
    Case("/rehex", "blocked_address", rows=(20,)),
    Case("/recircled", "blocked_address", rows=(20,)),
    Case("/remapped", "blocked_address", rows=(21,)),
    Case("/renat64", "blocked_address", rows=(21,)),
    Case("/reuser", "blocked_address", rows=(22,)),
    Case("/reslash", "blocked_address", rows=(22,)),
    Case("/renone", "protocol_error"),
    Case("/reoff", "off_site"),
    Case("/recovers", "stored", 2),
    Case("/moved", "stored"),
    Case("/401", "blocked", rows=(27, 106)),
    Case("/403", "blocked", rows=(27, 106)),
    Case("/451", "blocked", rows=(27, 106)),
    Case("/cookie", "stored", rows=(28,)),
    Case("/policy", "stored", rows=(29,)),
    Case("/404", "gone"),
    Case("/410", "gone"),
    Case("/418", "http_error"),
    Case("/500", "server_error", 2),
    Case("/600", "protocol_error"),
    Case("/robots-denied/page", "robots_denied", 0, rows=(32, 106)),
    Case("/turn/turn/turn/turn/turn/page", "trap_limit", 0, rows=(50,)),
    Case("/canonical-away", "stored", rows=(51,)),
    Case("/liar", "stored", rows=(54,)),
    Case("/cp1251", "stored", rows=(53,)),
    Case("/koi8", "stored", rows=(53,)),
    Case("/nul", "stored", rows=(55, 56, 57, 58)),
    Case("/emoji", "stored", rows=(59,)),
    Case("/long-title", "stored", rows=(60,)),
    Case("/from-2099", "stored", rows=(61,)),
    Case("/offset", "stored", rows=(62,)),
    Case("/checking", "blocked", rows=(63, 106)),
    Case("/consent", "blocked", rows=(64, 106)),
    Case("/empty", "extract_empty", rows=(68,)),
    Case("/deep", "extract_empty", rows=(68,)),
    Case("/attributes", "stored", rows=(69,)),
    Case("/noarchive", "metadata_only", rows=(103,)),
    Case("/reserved", "metadata_only", rows=(103,)),
)

_PAUSED = {"/p/0": "blocked", **{f"/p/{n}": None for n in range(1, 6)}}

HOSTS = (
    Host("nowhere.invalid", "dns_error", rows=(1,)),
    Host("closed.example", "connect_error", rows=(4,)),
    Host("busy.example", "feed_read", _PAUSED, rows=(25, 106)),
    Host("later.example", "feed_read", {**_PAUSED, "/p/0": "server_error"}, rows=(25,)),
    Host("garbled-pause.example", "feed_read", _PAUSED, rows=(26,)),
    Host("endless-pause.example", "feed_read", _PAUSED, rows=(26,)),
    Host("down-robots.example", "robots_unreachable", rows=(30,)),
    Host("hung-robots.example", "robots_unreachable", rows=(30,)),
    Host("no-robots.example", "feed_read", {"/a/x": "stored", "/secret/y": "stored"}, rows=(31,)),
    Host("denying.example", "feed_read", {"/a/x": "stored", "/secret/y": "robots_denied"}, rows=(32,)),
    Host("wide-robots.example", "feed_read", {"/a/x": "stored", "/secret/y": "robots_denied"}, rows=(33,)),
    Host("huge-robots.example", "feed_read", {"/a/x": "stored", "/secret/y": "robots_denied"}, rows=(34,)),
    Host("moved-robots.example", "feed_read", {"/a/x": "stored", "/secret/y": "robots_denied"}),
    Host("delaying.example", "feed_read", {"/a/x": "stored", "/secret/y": "stored"}, rows=(35,)),
    Host("path-feed.example", "not_a_feed", rows=(37,)),
    Host("laughing-feed.example", "bad_feed", rows=(38,)),
    Host("xxe-feed.example", "bad_feed", rows=(39,)),
    Host("same-guid.example", "feed_read", {f"/g/{n}": "stored" for n in range(3)}, rows=(41,)),
    Host("ill-formed.example", "feed_read", {"/i/1": "stored"}, rows=(42,)),
    Host("script-feed.example", "feed_read", {"/s/1": "stored"}, rows=(43, 44, 52)),
    Host("empty-feed.example", "feed_empty", rows=(45,)),
    Host("html-feed.example", "not_a_feed", rows=(46,)),
    Host("gzip-sitemap.example", "too_large", rows=(48,), kind="sitemap"),
)
