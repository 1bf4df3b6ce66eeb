"""The daemon: one process that looks for due work at a steady rhythm and has it done. The only importer of APScheduler.

The schedule is derived at every tick from the catalogue and the database, so nothing of it is stored and nothing can be
lost or fire twice: the job store is memory (a stored one unpickles, and two schedulers on one store double-fire).
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from types import FrameType

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, JobExecutionEvent, JobSubmissionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from config.catalog import load_catalog
from config.faults import ConfigError
from config.settings import Settings
from crawlers.request import CrawlRequest
from scheduler import jobs
from scheduler.errors import AlreadyRunningError, CrawlProcessError
from scheduler.plan import Plan, Waiting, plan_tick, tick_interval
from storage import issues, nearness, pages
from storage.database import Database, open_database
from storage.errors import LowDiskError
from storage.locks import LockHeldError, daemon_lock

EXPIRE_EVERY = timedelta(days=1)
"""How often the daemon drops bytes that are kept long enough; the first time at its start."""

log = structlog.get_logger(__name__)


def run_daemon(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT, then finish what is in flight and return 0.

    Raises: ConfigError; AlreadyRunningError when another daemon serves this database; DatabaseUnusableError.
    """
    with _stop_signals() as signals:
        catalog = load_catalog(settings)
        jobs.require_contact(settings, catalog.enabled())
        with closing(open_database(settings.database)) as database:
            try:
                with daemon_lock(database, jobs.holder_name()):
                    _serve(settings, database, signals)
            except LockHeldError as error:
                raise AlreadyRunningError("the daemon's place", error.holder) from error
    return 0


@contextmanager
def _stop_signals() -> Iterator[int]:
    """SIGTERM and SIGINT as bytes in a pipe, whose reading end is given; a second one ends the process at once.

    The byte is written where the signal arrives, not by the Python handler: that one runs only once the main thread is
    back in Python, and a main thread that was just about to read would wait for ever for a handler that waits for it.
    A handler may run while the main thread holds any lock, so it must take none: it neither logs nor sets an Event.
    Ending at once loses nothing: what is not committed is still pending, and the crawl child ends with its parent.
    """
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if received:
            os._exit(1)
        received.append(number)

    previous = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    previous_wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(previous_wakeup)
        for number, handler in previous.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)


def _serve(settings: Settings, database: Database, signals: int) -> None:
    stop = threading.Event()
    interval = tick_interval(settings.feed_interval_s, settings.recheck_s)
    scheduler = make_scheduler(Tick(settings, database, stop), interval)
    scheduler.start()
    log.info("daemon started", database=database.shown_url, tick_s=interval.total_seconds())
    try:
        os.read(signals, 1)
        log.info("stopping")
    finally:
        # The crawl in flight, if any, sees this within a fraction of a second and is stopped in order.
        stop.set()
        scheduler.shutdown(wait=True)
        log.info("daemon stopped")


def make_scheduler(tick: Tick, interval: timedelta) -> BackgroundScheduler:
    """The clock, not started: calls ``tick`` at once and then at each interval, counted in UTC whatever the machine's zone does."""
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(1)},
        # A tick that was missed (a long crawl, a sleeping laptop) runs once, at once, not as often as it was missed.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone="UTC",
    )
    # It warns of every tick that comes while one is at work; that is no trouble here, and it is counted below.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler.add_listener(tick.note_trouble, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
    trigger = IntervalTrigger(seconds=interval.total_seconds(), timezone="UTC")
    scheduler.add_job(tick, trigger, id="tick", next_run_time=jobs.now())
    return scheduler


class Tick:
    """One look for due work, and the work. Called by APScheduler, never twice at a time."""

    def __init__(self, settings: Settings, database: Database, stop: threading.Event) -> None:
        self._settings = settings
        self._database = database
        self._stop = stop
        self._expire_at = jobs.now()
        self.skipped_overlap = 0
        """Ticks that came while one was still at work; they are not lost, the next one sees the same due work."""

    def __call__(self) -> None:
        if self._stop.is_set():
            return
        plan = self.look()
        if not plan.is_empty:
            self._crawl(plan)
        # Asked of the database and not of the crawl: what an earlier tick, or a killed process, left uncompared is done now.
        if not self._stop.is_set() and self._is_uncompared():
            jobs.update_comparison(self._settings)
            log.info("comparison updated")
        if not self._stop.is_set() and jobs.now() >= self._expire_at:
            self._expire_at = jobs.now() + EXPIRE_EVERY
            if dropped := jobs.expire(self._settings):
                log.info("expired", dropped=dropped)

    def _crawl(self, plan: Plan) -> None:
        log.info("crawl due", outlets=len(plan.outlets), feeds=plan.feeds, rechecks=plan.rechecks, resumed=plan.resumed)
        request = CrawlRequest(outlets=plan.outlets, force_feeds=False, rechecks=True)
        try:
            summary = jobs.crawl(self._settings, request, kind="daemon", stop=self._stop)
        except LowDiskError as error:
            # `health` looks at the disk itself; the next tick does, too.
            log.warning("crawl not done", reason=str(error))
            return
        except (AlreadyRunningError, CrawlProcessError, ConfigError) as error:
            # Another crawl holds the hosts, the child died, or a card was broken while we run: the next tick tries again.
            log.warning("crawl not done", reason=str(error))
            self._record("daemon:crawl", str(error))
            return
        log.info(
            "crawl done",
            run=summary.run_id,
            new=summary.new,
            revised=summary.revised,
            outcomes=dict(summary.outcomes),
            skipped_overlap=self.skipped_overlap,
        )

    def _is_uncompared(self) -> bool:
        with self._database.read() as session:
            return nearness.is_uncompared(session)

    def look(self) -> Plan:
        """What is due now, from the cards as they are now and the database."""
        catalog = load_catalog(self._settings)
        with self._database.read() as session:
            waiting = {
                outlet_id: Waiting(open_visits=due.open_visits, due_rechecks=due.rechecks, feeds=due.feeds)
                for outlet_id, due in pages.due_work(session, catalog.enabled(), now=jobs.now()).items()
            }
        return plan_tick(catalog.enabled(), waiting, now=jobs.now())

    def note_trouble(self, event: JobExecutionEvent | JobSubmissionEvent) -> None:
        """APScheduler only logs a failed or overlapping job; here it also becomes an Issue."""
        if event.code == EVENT_JOB_MAX_INSTANCES:
            self.skipped_overlap += 1
            return
        error = event.exception
        log.error("tick failed", error=repr(error))
        self._record("daemon:tick", f"a tick failed: {error!r}")

    def _record(self, key: str, message: str) -> None:
        with self._database.write() as session:
            issues.record_issue(session, key=key, kind="daemon", message=message, outlet_id=None, data={}, now=jobs.now())
