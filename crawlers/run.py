"""The one door to Scrapy: one crawl, from opening the database to closing the run. Called once a process."""

from __future__ import annotations

import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from types import FrameType
from typing import Any

import scrapy.core.downloader.contextfactory  # noqa: F401 - first of all and from here, see below
import structlog
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess

from config.catalog import Catalog
from config.outlet import Outlet
from config.settings import Settings
from crawlers import ledger
from crawlers.crawl import Crawl
from crawlers.errors import HostsHeldError
from crawlers.ledger import RunContext
from crawlers.reader import Nearness, Reader, Relevance
from crawlers.reordering import Learner, Reordering
from crawlers.request import CrawlRequest
from crawlers.settings import scrapy_settings
from crawlers.spiders.outlet import OutletSpider
from crawlers.verdict import failed_outlets
from crawlers.workers import WorkerPool
from crawlers.writer import Writer
from storage import runs, yields
from storage.database import Database, open_database
from storage.errors import DatabaseBusyError, LowDiskError
from storage.run_records import RunState, RunSummary
from storage.sizes import require_room

RENEW_S = 15.0
"""Seconds between two renewals of leases; a shorter lease is renewed four times in its length."""

CLOSE_AGAIN_S = (0.5, 2.0, 5.0)
"""Waits between the tries of closing the run in a database that is busy or full."""

log = structlog.get_logger(__name__)

# Scrapy's TLS modules ask, while they are imported, through the whole stack in which module they are (inspect.stack), and the deeper
# the stack, and the more modules there are, the longer that takes: a fifth of a second where Scrapy would import them by itself.


def holder_name() -> str:
    """ "host:pid" of this process, as leases and runs show it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def run_crawl(
    settings: Settings,
    outlets: Sequence[Outlet],
    *,
    run_id: int,
    request: CrawlRequest,
    relevance: Relevance,
    nearness: Nearness | None = None,
    learner: Learner | None = None,
    catalog: Catalog | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    stop_asked: Callable[[], bool] = lambda: False,
    heard: Callable[[int], None] | None = None,
) -> RunSummary:
    """Crawl these outlets as ``request`` asks, and return when nothing is left to do. The run was opened by the caller.

    To be called in the main thread. ``nearness`` judges what was read while reports are followed, and ``learner`` changes the order
    by it; then links to any outlet of ``catalog`` are followed, too.

    A first SIGTERM or SIGINT ends it in order: what is in flight is finished, the rest released, the run marked interrupted. A
    second one ends it at once; then too nothing is lost. ``stop_asked`` tells of a signal that came before there were handlers;
    ``heard`` is told of those that came later.

    Raises: DatabaseUnusableError, HostsHeldError (every wanted host belongs to another process), or what broke the crawl; the
    run is closed in each case, if the database can be written.
    """
    with closing(open_database(settings.database)) as database:
        known = {outlet.id: outlet for outlet in outlets}
        # Pages asked for by name may belong to nobody's card.
        for url in request.urls:
            outlet = ledger.outlet_at(url, outlets)
            known.setdefault(outlet.id, outlet)
        run = RunContext(
            run_id=run_id, holder=holder_name(), settings=settings, outlets=known, clock=clock, catalog=catalog or Catalog(known)
        )
        with database.write() as session:
            runs.heartbeat(session, run_id, clock(), holder=run.holder)
            taken_over = ledger.take_over_dead(session, run)
            only_pages = ledger.plan(session, run, outlets, request)
            made = yields.pages_made(session, list(known), since=clock().replace(hour=0, minute=0, second=0, microsecond=0))
        if taken_over:
            log.info("resumes", runs=taken_over)
        return _Session(database, run, request, only_pages, relevance, nearness, learner, made, stop_asked, heard).work()


class _Session:
    """What belongs together for the length of one crawl: writer, workers, reactor, and their orderly end."""

    def __init__(
        self,
        database: Database,
        run: RunContext,
        request: CrawlRequest,
        only_pages: frozenset[int] | None,
        relevance: Relevance,
        nearness: Nearness | None,
        learner: Learner | None,
        made_today: dict[str, int],
        stop_asked: Callable[[], bool],
        heard: Callable[[int], None] | None,
    ) -> None:
        self._database = database
        self._run = run
        self._pool = WorkerPool(run.settings.extract, {outlet.language for outlet in run.outlets.values()})
        self._writer = Writer(database, renew=self._renew, renew_s=min(RENEW_S, run.lease_s / 4))
        reader = Reader(run, self._writer, self._pool, request, relevance, nearness, learner)
        self._crawl = Crawl(
            run=run,
            request=request,
            writer=self._writer,
            pool=self._pool,
            reader=reader,
            reordering=Reordering(run, learner, self._writer.submit) if learner is not None else None,
            only_pages=only_pages,
            made_today=made_today,
        )
        self._stop_asked = stop_asked
        self._heard = heard
        self._low_disk: LowDiskError | None = None
        self._reason = "killed"
        """Scrapy's word for why the spider was closed; stays as it is when the reactor was stopped under it."""

    def work(self) -> RunSummary:
        state = RunState.FAILED
        try:
            self._writer.start()
            self._run_reactor()
            if self._crawl.fault is None and self._writer.failed is None:
                state = RunState.DONE if self._reason == "finished" and not self._crawl.stopping else RunState.INTERRUPTED
        finally:
            self._pool.close()
            self._writer.close()
            self._close(state)
        fault = self._crawl.fault or self._writer.failed or self._low_disk
        if fault is not None:
            raise fault
        with self._database.read() as session:
            summary = runs.summarise_run(session, self._run.run_id)
        if not self._run_had_hosts():
            raise HostsHeldError(dict(self._crawl.held))
        return summary

    def _renew(self, session: Any) -> None:
        """On the writer's thread. A host whose lease ran out while this process could not run belongs to whoever took it.

        The disk is looked at as often: a crawl that ends while there is room can still write down how it ended.
        """
        held = ledger.renew(session, self._run)
        if held < len(self._crawl.frontier):
            log.warning("lease_lost", held=held, served=len(self._crawl.frontier))
            self._crawl.stopping = True
        try:
            require_room(self._run.settings.database, self._run.settings.min_free_bytes)
        except LowDiskError as error:
            if self._low_disk is None:
                log.error("low_disk", what=error.what, remedy=error.remedy)
            self._low_disk = error
            self._crawl.stopping = self._crawl.reader.leaving = True

    def _run_reactor(self) -> None:
        # Scrapy gives its loggers levels of their own. Every visit is logged by us; of Scrapy's words only faults are news.
        logging.disable(logging.INFO)
        process = AsyncCrawlerProcess(scrapy_settings(self._run.settings))
        logging.disable(logging.NOTSET)
        logging.getLogger("scrapy").setLevel(logging.ERROR)
        logging.getLogger("twisted").setLevel(logging.CRITICAL)
        from twisted.internet import reactor

        crawler = process.create_crawler(OutletSpider)
        crawler.signals.connect(self._on_closed, signals.spider_closed)
        task = process.crawl(crawler, crawl=self._crawl)
        # Everything imported stays for good; without this the collector walks through it again and again, a tenth of a second a time.
        # It was off while all that was imported (see interfaces.cli.main).
        gc.freeze()
        gc.enable()
        with self._signals_heard(reactor):
            process.start(install_signal_handlers=False)
        if task.done() and not task.cancelled() and task.exception() is not None and self._crawl.fault is None:
            self._crawl.fault = task.exception()

    @contextmanager
    def _signals_heard(self, reactor: Any) -> Iterator[None]:
        """A first signal: no more requests, finish what is in flight. A second: stop at once.

        Scrapy's own handlers would cut ``start`` off in the middle of a claim.
        """

        def hear(number: int, _frame: FrameType | None) -> None:
            if self._heard is not None:
                self._heard(number)
            if self._crawl.stopping:
                reactor.callFromThread(self._stop_at_once, reactor)
            self._crawl.stopping = self._crawl.reader.leaving = True
            self._writer.hurry()
            reactor.callFromThread(self._crawl.wake.set)

        before = {number: signal.signal(number, hear) for number in (signal.SIGTERM, signal.SIGINT)}
        if self._stop_asked():
            self._crawl.stopping = True
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop_at_once(self, reactor: Any) -> None:
        log.warning("stopped_at_once", under_way=len(self._crawl.under_way))
        with suppress(RuntimeError):
            reactor.stop()

    async def _on_closed(self, reason: str) -> None:
        """No request is made or answered any more: wait for what was begun beside them."""
        self._reason = reason
        await self._crawl.settle()

    def _close(self, state: RunState) -> None:
        detail = ""
        if self._crawl.fault is not None:
            detail = f"{type(self._crawl.fault).__name__}: {self._crawl.fault}"
        elif self._low_disk is not None:
            state, detail = RunState.INTERRUPTED, self._low_disk.what
        elif not self._run_had_hosts():
            state = RunState.INTERRUPTED
            detail = f"every wanted host is held: {HostsHeldError(dict(self._crawl.held))}"
        item: Any = partial(
            ledger.close,
            run=self._run,
            state=state,
            discovered=self._crawl.reader.tally.discovered,
            failed=failed_outlets(self._run.outlets.values(), self._crawl.reader.tally),
            states=[lane.state for lane in self._crawl.frontier.lanes()],
            detail=detail,
        )
        for wait_s in (*CLOSE_AGAIN_S, None):
            try:
                with self._database.write() as session:
                    item(session)
            except DatabaseBusyError:
                if wait_s is None:
                    raise
                time.sleep(wait_s)
            else:
                return

    def _run_had_hosts(self) -> bool:
        return not self._crawl.held or any(True for _ in self._crawl.frontier.lanes())
