"""Past coverage: archives of the publisher, windows of ids, a web archive, files of Common Crawl's news crawl.

Every way ends in the same write path, and may be interrupted and begun again at any point: what is planned stays in the ledger,
and what is stored is not asked for again.
"""

from __future__ import annotations

import io
import math
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from config.catalog import Catalog, load_catalog
from config.faults import ConfigError, Fault
from config.outlet import Outlet
from config.settings import Settings
from crawlers.discovery.archives import (
    ArchivedPage,
    expand_archive,
    id_window,
    index_query,
    read_index,
    replay_address,
)
from crawlers.importing import ImportRequest
from crawlers.request import CrawlRequest
from crawlers.saved_files import SavedPage
from scheduler import jobs
from scheduler.errors import AlreadyRunningError
from scheduler.importing import ImportedPage, import_saved
from scheduler.rehearsal import Rehearsal, rehearse
from scheduler.warc_lists import expand_lists
from storage import captures, endpoints, hosts, pages, runs
from storage.database import open_database
from storage.errors import NotFoundError
from storage.identity import host_key
from storage.records import Capture, Outcome
from storage.run_records import RunState, RunSummary

WAYBACK = "https://web.archive.org"
ARCHIVE_ENTRIES = 60_000
"""Entries read from one archive file; sitemaps.org allows 50,000."""

INDEX_ROWS = 1_000
"""Captures asked for in one answer of an index."""

BATCH = 50
"""Captures fetched before they are written down: what an interruption costs at most."""

ASKED_TO_WAIT = (429, 503)
"""Statuses that come with a Retry-After: what was asked for is asked for again after it."""
MAX_WAIT = timedelta(minutes=5)
"""A longer Retry-After ends the backfill; the next call goes on."""
MAX_PAUSES = 20
"""Pauses within one batch, after which what is missing is left out."""

BEGUN_EARLIER = timedelta(days=1)
"""How long a file of the news crawl is written to, at most: it is named after its first moment."""

CRAWLED_LATE = timedelta(days=7)
"""How long after publication Common Crawl's news crawl still fetches a page for the first time."""


class Way(StrEnum):
    """Where past pages come from."""

    SITEMAP = "sitemap"
    IDS = "ids"
    WAYBACK = "wayback"
    CCNEWS = "ccnews"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The time asked for, ends included."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Backfilled:
    """What came of one backfill: the run of the last step and what is still pending."""

    summary: RunSummary
    pending: int
    """Visits of the outlet that are planned and not made; the next backfill or crawl takes them up."""


def backfill(
    settings: Settings,
    outlet_id: str,
    window: Window,
    way: Way,
    *,
    max_pages: int | None = None,
    files: Sequence[Path] = (),
    archive: str = WAYBACK,
    progress: jobs.Progress = jobs.quiet,
) -> Backfilled:
    """Collect an outlet's pages of a past time.

    Raises: ConfigError when the card has no such way; AlreadyRunningError, CrawlProcessError.
    """
    outlet = load_catalog(settings).select([outlet_id])[0]
    match way:
        case Way.SITEMAP | Way.IDS:
            summary = _from_publisher(settings, outlet, window, way, max_pages, progress)
        case Way.WAYBACK:
            summary = _from_archive(settings, outlet, window, archive, max_pages, progress)
        case Way.CCNEWS:
            if not files:
                raise _fault(outlet, "--file", "name the WARC files to read")
            listed = expand_lists(files, since=window.since - BEGUN_EARLIER, until=window.until + CRAWLED_LATE)
            if listed.outside:
                progress(f"{outlet.id}: {listed.outside} of the listed files are of another time")
            for name in listed.missing:
                progress(f"{outlet.id}: {name} is listed and not here")
            summary = _from_files(settings, outlet, window, listed.files, max_pages, progress)
            if listed.missing:
                summary = replace(summary, failed_outlets=(outlet.id,))
    with closing(open_database(settings.database)) as database, database.read() as session:
        pending = pages.open_visits(session, [outlet.id])
    return Backfilled(summary=summary, pending=pending)


def _from_publisher(
    settings: Settings, outlet: Outlet, window: Window, way: Way, max_pages: int | None, progress: jobs.Progress
) -> RunSummary:
    if way is Way.IDS and id_window(outlet, window.since.date(), window.until.date()) is None:
        raise _fault(outlet, "identity.id_dates", "has no two pairs of id and day; without them ids tell no time")
    listings = [found.url for a in outlet.archives for found in expand_archive(a, window.since.date(), window.until.date())]
    maps = [point for point in outlet.live_endpoints if "sitemap" in point.kind]
    if not listings and not maps:
        raise _fault(outlet, "archives", "has neither archives for this time nor a sitemap that is on")
    progress(f"{outlet.id}: {len(listings)} archive listings" if listings else f"{outlet.id}: {len(maps)} sitemaps, by date of last edit")
    # An archive file lists more than a feed; cutting it to the newest would lose the very days asked for.
    wide = settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"max_entries": ARCHIVE_ENTRIES})})
    request = CrawlRequest(
        outlets=(outlet.id,),
        since=window.since,
        until=window.until,
        max_pages=max_pages,
        listings=tuple(listings),
        feeds=not listings,
        by_ids=way is Way.IDS,
        rechecks=False,
    )
    return jobs.crawl(wide, request, progress=progress, kind="backfill")


def _from_files(
    settings: Settings, outlet: Outlet, window: Window, files: Sequence[Path], max_pages: int | None, progress: jobs.Progress
) -> RunSummary:
    catalog = load_catalog(settings)
    accepted = 0
    with closing(open_database(settings.database)) as database:

        def accept(page: SavedPage) -> bool:
            nonlocal accepted
            if page.saved_at is None or (max_pages is not None and accepted >= max_pages) or not _belongs(catalog, outlet, page.url):
                return False
            # What was fetched before the window was published before it, too.
            if not window.since <= page.saved_at <= window.until + CRAWLED_LATE:
                return False
            with database.read() as session:
                if captures.was_read(session, page.url, page.saved_at):
                    return False
            accepted += 1
            return True

        return _read_files(settings, outlet, files, accept, progress)


def _read_files(
    settings: Settings, outlet: Outlet, files: Sequence[Path], accept: Callable[[SavedPage], bool], progress: jobs.Progress
) -> RunSummary:

    request = ImportRequest(files=tuple(files), note=f"backfill of {outlet.id}", provenance="ccnews", accept=accept)
    return _import(settings, outlet, request, progress)


def _from_archive(
    settings: Settings, outlet: Outlet, window: Window, archive: str, max_pages: int | None, progress: jobs.Progress
) -> RunSummary:
    host = urlsplit(archive).hostname or ""
    if urlsplit(archive).scheme not in ("http", "https") or not host:
        raise _fault(outlet, "--archive", f"{archive!r} is no http or https address")
    keeper = Outlet(id="web_archive", name=host, language=outlet.language, owner="web_archive", homepage=archive, domains=(host,))
    jobs.require_contact(settings, [keeper], [archive])
    catalog = load_catalog(settings)
    fetched = 0
    summary: RunSummary | None = None
    with tempfile.TemporaryDirectory(prefix="secondsource-") as name, rehearse(settings, [keeper], urls=[archive]) as rehearsal:
        captures = _archived(settings, rehearsal, catalog, outlet, window, archive, progress)
        fault = ""
        while max_pages is None or fetched < max_pages:
            try:
                batch = list(islice(captures, BATCH if max_pages is None else min(BATCH, max_pages - fetched)))
                found = _replay(rehearsal, archive, batch, progress) if batch else []
            except _ArchiveRefusesError as error:
                fault = str(error)
                break
            if not batch:
                break
            fetched += len(batch)
            progress(f"{outlet.id}: {fetched} captures asked for, {len(found)} of the last {len(batch)} served")
            if found:
                file = Path(name) / "batch.warc.gz"
                file.write_bytes(_as_warc(found))
                note = f"from {host}"
                summary = _import(settings, outlet, ImportRequest(files=(file,), note=note, provenance="web archive"), progress)
    if summary is None:
        if not fault:
            progress(
                f"{outlet.id}: {host} has no page of this time that is not stored already" if not fetched else f"{outlet.id}: none served"
            )
        summary = _nothing_new(settings, outlet, host)
    if fault:
        progress(f"{outlet.id}: {fault}; call again to go on")
        summary = replace(summary, failed_outlets=(outlet.id,))
    return summary


class _ArchiveRefusesError(Exception):
    """The archive does not answer now, or wants to be left alone for longer than we wait."""


def _nothing_new(settings: Settings, outlet: Outlet, host: str) -> RunSummary:
    """A run in which nothing was to be done: a second call is no fault."""
    with closing(open_database(settings.database)) as database, database.write() as session:
        request = {"archive": host}
        run_id = runs.open_run(
            session, kind="backfill", outlets=[outlet.id], request=request, holder=jobs.holder_name(), user_agent="", now=jobs.now()
        )
        runs.close_run(session, run_id, RunState.DONE, now=jobs.now(), failed_outlets=[])
        return runs.summarise_run(session, run_id)


def _archived(
    settings: Settings, rehearsal: Rehearsal, catalog: Catalog, outlet: Outlet, window: Window, archive: str, progress: jobs.Progress
) -> Iterator[ArchivedPage]:
    """Captures of pages of this outlet that are not stored yet, from the archive's index, one answer at a time."""
    pattern = re.compile(outlet.article_pattern) if outlet.article_pattern else None
    for domain in outlet.domains:
        resume = ""
        while True:
            query = index_query(archive, domain, window.since.date(), window.until.date(), limit=INDEX_ROWS, resume=resume)
            (answer,) = _fetch(rehearsal, [query], progress)
            if answer is None or answer.status != 200:
                raise _ArchiveRefusesError(f"the index of {urlsplit(archive).hostname} did not answer")
            try:
                found, resume = read_index(answer.body)
            except ValueError as error:
                raise _fault(outlet, "--via wayback", f"{query} {error}") from error
            wanted = [p for p in found if _belongs(catalog, outlet, p.original) and (pattern is None or pattern.search(p.original))]
            with closing(open_database(settings.database)) as database, database.read() as session:
                known = endpoints.stored_addresses(session, outlet, [page.original for page in wanted])
            progress(f"{outlet.id}: index of {domain}: {len(found)} captures, {len(wanted)} of articles, {len(known)} stored already")
            yield from (page for page in wanted if page.original not in known)
            if not resume:
                break


def _replay(
    rehearsal: Rehearsal, archive: str, batch: Sequence[ArchivedPage], progress: jobs.Progress
) -> list[tuple[ArchivedPage, Capture]]:
    answers = _fetch(rehearsal, [replay_address(archive, page) for page in batch], progress)
    return [(page, answer) for page, answer in zip(batch, answers, strict=True) if answer is not None and answer.status == 200]


def _fetch(rehearsal: Rehearsal, urls: Sequence[str], progress: jobs.Progress) -> list[Capture | None]:
    """What each address gave, by the guarded crawl; None where nothing could be read. Waits as long as the archive asks, up to MAX_WAIT.

    Raises: AlreadyRunningError, _ArchiveRefusesError, ConfigError when robots.txt disallows it.
    """
    found: dict[str, Capture | None] = {}
    for _ in range(MAX_PAUSES):
        left = [url for url in urls if url not in found]
        began_at = jobs.now()
        summary = rehearsal.crawl(CrawlRequest(outlets=("web_archive",), urls=tuple(left), feeds=False, rechecks=False))
        if summary is None:
            raise AlreadyRunningError("the archive", next(iter(rehearsal.busy.values()), "another process"))
        if set(summary.outcomes) == {Outcome.ROBOTS_DENIED.value}:
            raise ConfigError([Fault(where=urls[0], key="", message="is disallowed by the archive's robots.txt")])
        with rehearsal.database.read() as session:
            host = hosts.load_host(session, host_key(urls[0]))
            for url in left:
                try:
                    visit, capture = endpoints.fetched_page(session, summary.run_id, url)
                except NotFoundError:
                    continue
                if visit.status not in ASKED_TO_WAIT:
                    found[url] = capture
        until = host.retry_after_until if host is not None else None
        if len(found) == len(urls) or until is None or until <= began_at:
            break
        wait_s = (until - jobs.now()).total_seconds()
        if wait_s > MAX_WAIT.total_seconds():
            raise _ArchiveRefusesError(f"{urlsplit(urls[0]).hostname} wants no request before {until:%Y-%m-%d %H:%M} UTC")
        if wait_s > 0:
            progress(f"{urlsplit(urls[0]).hostname} asks us to wait {math.ceil(wait_s)} s")
            time.sleep(wait_s)
    return [found.get(url) for url in urls]


def _as_warc(found: Sequence[tuple[ArchivedPage, Capture]]) -> bytes:
    """The captures under their original addresses and dates, as a WARC file."""
    from warcio.statusandheaders import StatusAndHeaders
    from warcio.warcwriter import WARCWriter

    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    for page, capture in found:
        # The body is inflated; a header that says otherwise would be a lie.
        kept = [(k, v) for k, v in capture.headers if k.lower() not in ("content-encoding", "transfer-encoding", "content-length")]
        headers = StatusAndHeaders("200 OK", kept, protocol="HTTP/1.1")
        record = writer.create_warc_record(
            page.original,
            "response",
            payload=io.BytesIO(capture.body),
            length=len(capture.body),
            http_headers=headers,
            warc_headers_dict={"WARC-Date": f"{page.captured_at:%Y-%m-%dT%H:%M:%SZ}"},
        )
        writer.write_record(record)
    return stream.getvalue()


def _import(settings: Settings, outlet: Outlet, request: ImportRequest, progress: jobs.Progress) -> RunSummary:
    counted: dict[str, int] = {}
    unread = False

    def tell(page: ImportedPage) -> None:
        nonlocal unread
        # A page of a file may be no article; a file that cannot be read to its end needs somebody.
        unread = unread or (page.outcome is None and not page.url)
        name = page.outcome.value if page.outcome is not None else "not read"
        counted[name] = counted.get(name, 0) + 1
        if page.outcome is None:
            progress(f"{page.file.name}: {page.url or 'the file'} {page.detail}")
        elif sum(counted.values()) % 100 == 0:
            progress(", ".join(f"{count} {outcome}" for outcome, count in sorted(counted.items())))

    summary = import_saved(settings, request, report=tell, kind="backfill", outlets=[outlet.id]).summary
    return replace(summary, failed_outlets=(outlet.id,)) if unread else summary


def _belongs(catalog: Catalog, outlet: Outlet, url: str) -> bool:
    return catalog.outlet_at(urlsplit(url).hostname or "", url).id == outlet.id


def _fault(outlet: Outlet, key: str, message: str) -> ConfigError:
    return ConfigError([Fault(where=outlet.id, key=key, message=message)])
