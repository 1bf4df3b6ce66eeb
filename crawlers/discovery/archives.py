"""The past: addresses of archive listings out of templates, windows of ids, and the capture index of a web archive. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode, urlsplit

from config.outlet import Archive, Outlet
from crawlers.markup import absolute_url

ID_MARGIN = timedelta(days=3)
"""Days by which a window of ids is widened on either side: a page is begun before it is published, and pairs are days apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveListing:
    """One file or page of an archive, and the days that it covers."""

    url: str
    first: date
    last: date


def expand_archive(archive: Archive, since: date, until: date) -> list[ArchiveListing]:
    """The listings that cover ``since`` to ``until``, both included, the oldest first.

    >>> [a.url for a in expand_archive(Archive(url="http://a.example/{year}-{month}.xml"), date(2022, 10, 31), date(2022, 11, 2))]
    ['http://a.example/2022-10.xml', 'http://a.example/2022-11.xml']
    """
    since, until = max(since, archive.first or since), min(until, archive.last or until)
    found: dict[str, ArchiveListing] = {}
    day = since
    while day <= until:
        year, week, _ = day.isocalendar()
        values = {
            "year": f"{day.year:04}", "month": f"{day.month:02}", "month1": str(day.month), "day": f"{day.day:02}", "day1": str(day.day),
            "week": f"{week:02}", "week1": str(week), "week_year": f"{year:04}", "since": since.isoformat(), "until": until.isoformat(),
        }  # fmt: skip
        url = re.sub(r"\{([^}]*)\}", lambda match: values[match[1]], archive.url)  # noqa: B023 - used within this turn
        known = found.get(url)
        found[url] = ArchiveListing(url=url, first=known.first if known else day, last=day)
        day += timedelta(days=1)
    return list(found.values())


def id_window(outlet: Outlet, since: date, until: date) -> tuple[int, int] | None:
    """The publisher's ids, both included, that pages of these days can have; None where the card gives no two pairs.

    Linear between the card's pairs and open beyond them; wider by ID_MARGIN. It only ever rules out: nothing is asked for that
    no feed or sitemap announces.
    """
    pairs = outlet.identity.id_dates
    if len(pairs) < 2 or outlet.identity.id_pattern is None:
        return None
    low = _id_at(pairs, since - ID_MARGIN)
    high = _id_at(pairs, until + ID_MARGIN + timedelta(days=1))
    return (0 if low is None else low), (10**18 if high is None else high)


def _id_at(pairs: tuple[tuple[int, date], ...], day: date) -> int | None:
    """The id that was given on this day; None before the first pair and after the last, where nothing is known."""
    if day < pairs[0][1] or day > pairs[-1][1]:
        return None
    after = next(number for number, pair in enumerate(pairs) if pair[1] >= day)
    if after == 0:
        return pairs[0][0]
    (low_id, low_day), (high_id, high_day) = pairs[after - 1], pairs[after]
    share = (day - low_day).days / max(1, (high_day - low_day).days)
    return low_id + round(share * (high_id - low_id))


def is_in_window(url: str, outlet: Outlet, window: tuple[int, int]) -> bool:
    """Whether the address's id lies in the window; one without an id is not ruled out."""
    parts = urlsplit(url)
    match = re.search(outlet.identity.id_pattern or "$^", parts.path + (f"?{parts.query}" if parts.query else ""))
    if match is None or not match[1].isdigit():
        return True
    return window[0] <= int(match[1]) <= window[1]


# -- web archives ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPage:
    """One capture of a web archive."""

    original: str
    timestamp: str
    """Fourteen digits, UTC."""

    @property
    def captured_at(self) -> datetime:
        return datetime.strptime(self.timestamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def index_query(archive: str, domain: str, since: date, until: date, *, limit: int, resume: str = "") -> str:
    """The address that asks a CDX server for the captures of a host's pages (protocol of the Wayback CDX server, "Basic Usage").

    One capture an address, the first of the time asked for; successful HTML only.
    """
    values = [
        ("url", domain), ("matchType", "domain"), ("output", "json"), ("fl", "timestamp,original"), ("from", f"{since:%Y%m%d}"),
        ("to", f"{until:%Y%m%d}"), ("filter", "statuscode:200"), ("filter", "mimetype:text/html"), ("collapse", "urlkey"),
        ("limit", str(limit)), ("showResumeKey", "true"),
    ]  # fmt: skip
    return f"{archive.rstrip('/')}/cdx/search/cdx?{urlencode([*values, *([('resumeKey', resume)] if resume else [])])}"


def read_index(body: bytes) -> tuple[list[ArchivedPage], str]:
    """The captures of one answer, and the key with which to ask for more (empty: that was all).

    Raises: ValueError when it is no answer of a CDX server.
    """
    try:
        rows = json.loads(body.decode("utf-8-sig", "replace") or "[]")
    except (ValueError, RecursionError) as error:
        raise ValueError("is no answer of a CDX server") from error
    if not isinstance(rows, list):
        raise ValueError("is no answer of a CDX server")
    rows = [row for row in rows if isinstance(row, list)]
    resume = ""
    # The key stands in a row of its own behind an empty one.
    if len(rows) >= 2 and rows[-2] == [] and len(rows[-1]) == 1:
        resume = str(rows[-1][0])
        rows = rows[:-2]
    return list(_captures(rows[1:])), resume


def replay_address(archive: str, page: ArchivedPage) -> str:
    """Where a capture is served as it was received, without the archive's own banner and links ("id_")."""
    return f"{archive.rstrip('/')}/web/{page.timestamp}id_/{page.original}"


def _captures(rows: Iterable[list[object]]) -> Iterator[ArchivedPage]:
    for row in rows:
        if len(row) == 2 and re.fullmatch(r"\d{14}", str(row[0])):
            original = absolute_url(str(row[1]), str(row[1]))
            page = ArchivedPage(original=original or "", timestamp=str(row[0]))
            try:
                _ = page.captured_at
            except ValueError:
                continue
            if original is not None:
                # Captures of plain http on its port are named with it.
                yield ArchivedPage(original=re.sub(r"^(http://[^/:]+):80(?=/|$)", r"\1", original), timestamp=page.timestamp)
