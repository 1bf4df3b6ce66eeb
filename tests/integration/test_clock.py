"""The daemon's clock: what was slept through is done once, what overlaps is counted, what fails is an issue and ends nothing."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from config.settings import Settings
from scheduler.daemon import Tick, make_scheduler
from storage.database import Database, open_database
from storage.issues import list_issues

INTERVAL = timedelta(minutes=5)
PATIENCE_S = 30


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    with closing(open_database(sqlite_url)) as opened:
        yield opened


class Work(Tick):
    """A tick that does something else than to crawl."""

    def __init__(self, database: Database, work: Callable[[], None]) -> None:
        super().__init__(Settings(database=database.url), database, threading.Event())
        self._work = work
        self.calls = 0
        self.noted = threading.Semaphore(0)
        """Released after each call, and after each trouble that was noted."""

    def __call__(self) -> None:
        self.calls += 1
        try:
            self._work()
        finally:
            self.noted.release()

    def note_trouble(self, event: object) -> None:
        super().note_trouble(event)  # type: ignore[arg-type]
        self.noted.release()


@contextmanager
def running(tick: Work, *, first: datetime) -> Iterator[BackgroundScheduler]:
    """The daemon's own scheduler, whose first tick was due at ``first``."""
    scheduler = make_scheduler(tick, INTERVAL)
    scheduler.start(paused=True)
    scheduler.modify_job("tick", next_run_time=first)
    scheduler.resume()
    try:
        yield scheduler
    finally:
        scheduler.shutdown(wait=True)


@pytest.mark.rows(84)
def test_two_hours_of_missed_ticks_are_one_tick_at_once(database: Database) -> None:
    tick = Work(database, lambda: None)
    now = datetime.now(UTC)
    with running(tick, first=now - timedelta(hours=2)) as scheduler:
        assert tick.noted.acquire(timeout=PATIENCE_S)
        assert scheduler.get_job("tick").next_run_time > now
    assert tick.calls == 1


@pytest.mark.rows(85)
def test_a_tick_that_comes_while_one_is_at_work_is_counted_and_not_run(database: Database) -> None:
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        assert end.wait(PATIENCE_S)

    tick = Work(database, work)
    with running(tick, first=datetime.now(UTC)) as scheduler:
        assert begun.wait(PATIENCE_S)
        scheduler.modify_job("tick", next_run_time=datetime.now(UTC))
        assert tick.noted.acquire(timeout=PATIENCE_S)
        end.set()
    assert (tick.calls, tick.skipped_overlap) == (1, 1)


@pytest.mark.rows(86)
def test_a_tick_that_raises_is_an_issue_and_the_next_one_comes(database: Database) -> None:
    def work() -> None:
        raise RuntimeError("no such thing")

    tick = Work(database, work)
    with running(tick, first=datetime.now(UTC)) as scheduler:
        for _ in range(2):
            assert tick.noted.acquire(timeout=PATIENCE_S)
        assert scheduler.get_job("tick").next_run_time is not None
    with database.read() as session:
        (issue,) = list_issues(session)
    assert issue.key == "daemon:tick" and "no such thing" in issue.message


@pytest.mark.rows(89)
@pytest.mark.parametrize("day", [datetime(2026, 3, 29), datetime(2026, 10, 25)])  # noqa: DTZ001 - a wall clock's day, in the zone below.
def test_the_rhythm_does_not_know_of_summer_time(database: Database, day: datetime) -> None:
    trigger = make_scheduler(Work(database, lambda: None), INTERVAL)._pending_jobs[0][0].trigger
    kyiv = ZoneInfo("Europe/Kyiv")
    at = day.replace(hour=2, tzinfo=kyiv).astimezone(UTC)
    ticks = [at]
    while len(ticks) < 60:
        following = trigger.get_next_fire_time(ticks[-1], ticks[-1])
        assert following is not None
        ticks.append(following.astimezone(UTC))
    assert {later - earlier for earlier, later in pairwise(ticks)} == {INTERVAL}
