"""robots.txt as RFC 9309 has it: what an answer means, and what the rules say about a page. Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from storage.run_records import HostState

PRODUCT = "secondsource"
"""Our product token (RFC 9309, 2.2.1), the part of the user agent that a publisher names in robots.txt."""

MAX_BYTES = 512 * 1024
"""RFC 9309, 2.5 asks for at least 500 KiB; what lies beyond is not read."""

SMALL_BYTES = 16 * 1024
"""Rules up to this size, 583 of 600 real ones, are read where they are wanted: in at most some 5 ms, whatever is in them, by Python alone.
A worker for them would be the only one of a crawl that finds nothing new, and its start costs more than all the rest of that crawl."""

_NAME = re.compile(r"\s*user[- ]?agent\s*[:\s]([^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
"""A product token (RFC 9309, 2.2.1); what follows it, as a version, says nothing."""
_RULE = re.compile(r"\s*(?:dis|dia|allow|crawl|request|visit|site|host)", re.IGNORECASE)
"""Beginnings of the lines that mean something, with the misspellings that Protego knows."""
_NOBODY = "nobody"

MAX_REDIRECTS = 5
"""RFC 9309, 2.3.1.2: at least five."""

MAX_CRAWL_DELAY_S = 60.0
"""Longer ones would spread a feed of fifty pages over more than an hour; they are cut to this."""


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """The rules that concern us. ``parsed`` None: everything is allowed."""

    parsed: Protego | None = field(default=None)

    def allows(self, url: str) -> bool:
        return self.parsed is None or bool(self.parsed.can_fetch(url, PRODUCT))

    @property
    def crawl_delay_s(self) -> float:
        """Seconds asked for between two requests, 0 to 60; 0 when nothing is asked for."""
        if self.parsed is None:
            return 0.0
        delay_s = float(self.parsed.crawl_delay(PRODUCT) or 0.0)
        rate = self.parsed.request_rate(PRODUCT)
        if rate is not None:
            delay_s = max(delay_s, rate.seconds / rate.requests)
        return min(max(delay_s, 0.0), MAX_CRAWL_DELAY_S)


def robots_url(url: str) -> str:
    """Where the rules for this address are (RFC 9309, 2.3): same scheme, host and port.

    >>> robots_url("http://radio.example:8080/a/1.html?x=1")
    'http://radio.example:8080/robots.txt'
    """
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/robots.txt", "", ""))


def robots_body(status: int, body: bytes) -> bytes | None:
    """What of an answer is kept as the rules. None: the host is unreachable, and nothing may be fetched (2.3.1.4).

    A client error means that there are no rules (2.3.1.3).
    """
    if 200 <= status <= 299:
        return body[:MAX_BYTES]
    if 300 <= status <= 499:
        # A redirect arrives here only after too many of them, which 2.3.1.2 lets count as "no rules".
        return b""
    return None


def parse_rules(body: bytes) -> RobotsRules:
    """Read the kept bytes. Never fails: what cannot be read as a rule is none.

    UTF-16 is read by its mark: publishers save text so, and the RFC's "must be UTF-8" would turn their Disallow into nothing.
    """
    body = body[:MAX_BYTES]
    if not body.strip():
        return RobotsRules()
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = body.decode("utf-16", "replace")
    else:
        text = body.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")
    text = text.lstrip("\ufeff")
    if text.lstrip()[:1] == "<":
        # A page that says "not found" with status 200 is no rule book; Protego might find "disallow" in its prose.
        return RobotsRules()
    return RobotsRules(Protego.parse(_plain_groups(text.replace("\x00", ""))))


def _plain_groups(text: str) -> str:
    """The same rules with every group addressed to us, to everybody, or to nobody.

    Protego lets a group for "second" count for "secondsource", and ends a group at a line that it does not know; RFC 9309 (2.2.1, 2.2.4)
    wants whole product tokens, and other lines passed over.
    """
    kept = []
    for line in text.splitlines():
        named = _NAME.match(line)
        if named is not None:
            kept.append(f"User-agent: {_addressed(named[1].strip())}")
        elif _RULE.match(line):
            kept.append(line)
    return "\n".join(kept)


def _addressed(value: str) -> str:
    """Who is meant by a User-agent line: we, everybody, or somebody else."""
    if value[:1] == "*" and not value[1:2].strip():
        return "*"
    token = _TOKEN.match(value)
    return PRODUCT if token is not None and token[0].lower() == PRODUCT else _NOBODY


def is_fresh(host: HostState, now: datetime, ttl_s: float) -> bool:
    """Whether the stored rules still hold. An unreachable robots.txt is never fresh: the next run asks again."""
    if host.robots_fetched_at is None or host.robots_body is None:
        return False
    return now - host.robots_fetched_at < timedelta(seconds=ttl_s)
