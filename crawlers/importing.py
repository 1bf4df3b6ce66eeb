"""Material saved by hand, written by the same path as a crawl's: capture first, extraction in a worker, one outcome a page.

No network and no Scrapy: the files are the responses.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from config.catalog import Catalog
from config.outlet import Outlet
from crawlers import saved_files, worker_tasks
from crawlers.errors import TaskCrashError, TaskTimeoutError, WriterClosedError
from crawlers.ledger import RunContext
from crawlers.reader import Reader
from crawlers.request import CrawlRequest
from crawlers.saved_files import SavedKind, SavedPage
from crawlers.transcripts import TRANSCRIPT_TYPES
from crawlers.workers import WorkerPool
from crawlers.writer import Session, Writer
from storage import addresses, outlets, pages, visits
from storage.database import Database
from storage.errors import ForgottenError
from storage.records import Capture, ClaimedVisit, Entry, Outcome, PageKind, PublishedTime, VisitResult

PROVENANCE = "imported by hand"
UNDER_WAY = 8
"""Pages of one WARC file that are in memory at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """What whoever imports says about the files. What a file says of itself (a WARC record's address and date) counts more."""

    files: tuple[Path, ...]
    url: str = ""
    captured_at: datetime | None = None
    published: PublishedTime = field(default_factory=PublishedTime)
    title: str = ""
    note: str = ""
    provenance: str = PROVENANCE
    """At most 16 characters: how the bytes came here."""
    accept: Callable[[SavedPage], bool] | None = None
    """Which of a WARC file's pages are wanted; None: all. The others are passed over and not reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one page of one file. ``outcome`` is None when the file could not be read; ``fault`` says why."""

    file: Path
    url: str = ""
    outcome: Outcome | None = None
    fault: str = ""


def import_files(
    database: Database, run: RunContext, catalog: Catalog, request: ImportRequest, *, report: Callable[[Imported], None]
) -> None:
    """Import every file and ``report`` what became of each page as it is known. The run was opened by the caller, who closes it.

    A file that cannot be read gives one ``Imported`` with its fault; the others are not affected.

    Raises: DatabaseUnusableError, DatabaseBusyError; what was reported before is stored.
    """
    asyncio.run(_import_all(database, run, catalog, request, report))


async def _import_all(
    database: Database, run: RunContext, catalog: Catalog, request: ImportRequest, report: Callable[[Imported], None]
) -> None:
    known: dict[str, Outlet] = dict(run.outlets)
    run = replace(run, outlets=known)
    async with _opened(database, run) as (writer, pool):
        reader = Reader(run, writer, pool, CrawlRequest(feeds=False, rechecks=False), lambda _entry, _outlet: 0.0)
        importer = _Importer(run, known, catalog, request, writer, reader)
        for file in request.files:
            try:
                async for found in _pages_of(file, pool, importer):
                    report(found)
            except OSError as error:
                report(Imported(file=file, fault=f"cannot be read: {error.strerror}"))
            except ValueError as error:
                report(Imported(file=file, fault=str(error)))
            except WriterClosedError:
                if writer.failed is not None:
                    raise writer.failed from None
                raise


@asynccontextmanager
async def _opened(database: Database, run: RunContext) -> AsyncIterator[tuple[Writer, WorkerPool]]:
    writer = Writer(database)
    writer.start()
    try:
        async with WorkerPool(run.settings.extract) as pool:
            yield writer, pool
    finally:
        await asyncio.to_thread(writer.close)


async def _pages_of(file: Path, pool: WorkerPool, importer: _Importer) -> AsyncIterator[Imported]:
    """Raises: ValueError, OSError about the file as a whole; the pages before have been imported."""
    with file.open("rb") as stream:
        head = stream.read(worker_tasks.MAX_HEAD_BYTES)
    if head.startswith(b"\x1f\x8b\x08"):
        head = await pool.run(worker_tasks.unpack_head, head)
    if saved_files.tell_kind(head, file.name) is SavedKind.WARC:
        with file.open("rb") as stream:
            batch: list[SavedPage] = []
            for page in saved_files.read_warc(stream):
                if importer.wants(page):
                    batch.append(page)
                if len(batch) == UNDER_WAY:
                    for found in await _together(importer, file, batch):
                        yield found
                    batch = []
            for found in await _together(importer, file, batch):
                yield found
        return
    with file.open("rb") as stream:
        body = stream.read(worker_tasks.MAX_FILE_BYTES + 1)
    if len(body) > worker_tasks.MAX_FILE_BYTES:
        raise ValueError(f"is larger than {worker_tasks.MAX_FILE_BYTES} bytes")
    try:
        page = await pool.run(saved_files.read_page, body, file.name)
    except (TaskTimeoutError, TaskCrashError) as error:
        raise ValueError(str(error).removeprefix("ValueError: ")) from error
    yield await importer.import_page(file, page)


async def _together(importer: _Importer, file: Path, batch: Iterable[SavedPage]) -> list[Imported]:
    return await asyncio.gather(*(importer.import_page(file, page) for page in batch))


class _Importer:
    def __init__(
        self, run: RunContext, known: dict[str, Outlet], catalog: Catalog, request: ImportRequest, writer: Writer, reader: Reader
    ) -> None:
        self._run = run
        self._known = known
        self._catalog = catalog
        self._request = request
        self._writer = writer
        self._reader = reader
        self._turns: dict[str, asyncio.Lock] = {}

    def wants(self, page: SavedPage) -> bool:
        return self._request.accept is None or self._request.accept(page)

    async def import_page(self, file: Path, page: SavedPage) -> Imported:
        url = page.url if page.url and self._is_warc_page(page) else self._request.url or page.url
        if not url:
            return Imported(file=file, fault="does not say what address it was saved from; name it with --url")
        if page.status >= 400:
            return Imported(file=file, url=url, fault=f"was answered with HTTP status {page.status}; it holds no page")
        # Two records of one address are two versions: one after the other, as they stand in the file.
        async with self._turns.setdefault(url, asyncio.Lock()):
            outlet = self._outlet_at(url)
            try:
                visit = await self._writer.submit(partial(_claim_visit, run=self._run, outlet=outlet, url=url, kind=_kind_of(page)))
            except ForgottenError:
                return Imported(file=file, url=url, fault="was erased on request (db forget) and is not stored again")
            if visit is None:
                return Imported(file=file, url=url, fault="is being fetched by another process; try again when it has ended")
            visit = replace(visit, url=url, entry=self._entry(url))
            moment = page.saved_at or self._request.captured_at or self._run.clock()
            capture = Capture(
                requested_url=url,
                final_url=url,
                status=page.status or 200,
                headers=page.headers,
                content_type=page.content_type,
                body=page.body,
                fetched_at=min(moment, self._run.clock()),
                provenance=self._request.provenance,
                note=f"{file.name}: {self._request.note}" if self._request.note else file.name,
            )
            result = VisitResult(visit=visit, finished_at=self._run.clock(), status=capture.status, capture=capture)
            outcome = await self._reader.read_page(result)
        return Imported(file=file, url=url, outcome=outcome)

    def _is_warc_page(self, page: SavedPage) -> bool:
        return bool(page.headers) or not self._request.url

    def _entry(self, url: str) -> Entry | None:
        if self._request.published == PublishedTime() and not self._request.title:
            return None
        return Entry(url=url, title=self._request.title, published=self._request.published)

    def _outlet_at(self, url: str) -> Outlet:
        outlet = self._catalog.outlet_at(urlsplit(url).hostname or "", url)
        return self._known.setdefault(outlet.id, outlet)


def _kind_of(page: SavedPage) -> PageKind:
    return PageKind.VIDEO if page.content_type in TRANSCRIPT_TYPES else PageKind.ARTICLE


def _claim_visit(session: Session, *, run: RunContext, outlet: Outlet, url: str, kind: PageKind) -> ClaimedVisit | None:
    """Plan a visit of the page and claim it; None while another run holds the page's open visit."""
    now = run.clock()
    outlets.ensure_outlet(session, outlet, now)
    page_id = addresses.record_page(session, url=url, outlet=outlet, kind=kind, now=now)
    pages.plan_visit(session, page_id, reason="import", priority=1.0, now=now)
    found = visits.claim_visits(
        session, run.run_id, outlet_ids=[outlet.id], limit=1, lease_s=run.lease_s, now=now, page_ids=[page_id], whenever=True
    )
    return found[0] if found else None
