"""One pool of processes for all foreign bytes: feeds, sitemaps, pages. What a parser breaks, it breaks alone.

Each slot is a pebble pool of its own with a single process. In a pool of many processes they share one pipe, so that a worker
killed while it holds the pipe stops all of them, and one that dies idle ends the pool (pebble 5.2, read in November 2026).
With one process a pool nothing is shared: a task that hangs, crashes or eats memory ends its own process and nobody else's.

Processes are made by a fork server (or spawned where there is none), never forked from the crawl with its threads and sockets.
They import neither Scrapy nor SQLAlchemy, are replaced after ``tasks_per_worker`` tasks, and end when their parent does.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import forkserver, spawn
from pathlib import Path
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from pebble import ProcessExpired, ProcessPool

from config.outlet import EndpointKind
from config.settings import ExtractSettings
from crawlers import worker_tasks
from crawlers.errors import TaskCrashError, TaskTimeoutError
from storage.lemmas import LANGUAGES
from storage.records import Entry, Extraction, Fingerprint, Listing

P = ParamSpec("P")
T = TypeVar("T")

PRELOAD = ("crawlers.worker_preload",)
"""What the fork server imports once, so that a fresh worker costs milliseconds instead of seconds; with it crawlers.dictionaries."""

WARM_UP_TIMEOUT_S = 120.0
"""Seconds for loading one language's dictionaries; two on a free machine, and a loaded one must not lose an article over it."""

FRESH_STARTS = 3
"""Tries to begin a task in a process that lives; one that the kernel ends while idle is nobody's fault."""

DEATHS_BLAMED = 2
"""Deaths of a worker over one task by which the task is at fault. The first may be the kernel's, short of memory, or somebody's kill."""

PROCESS_NAME = "pebble_pool_worker"
"""The name pebble gives its processes; the only handle by which they can be told from others (pebble 5.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileExtraction:
    """What one file gave. Exactly one of ``extraction`` and ``fault`` is set."""

    file: Path
    extraction: Extraction | None = None
    fault: str = ""
    """One line: why it could not be read or extracted."""


_starting = threading.Lock()
"""Fork server and preparation data are the process's own: one start at a time."""


class _Slot:
    """One process and the at most one task it works on. Not thread-safe: whoever holds the slot uses it."""

    def __init__(self, settings: ExtractSettings, preloaded: Collection[str] = ()) -> None:
        self._settings = settings
        self._preloaded = preloaded
        self._pool: Any = None
        self._tasks = 0
        self._languages: set[str] = set()

    @property
    def is_started(self) -> bool:
        """Whether it has a process; to start the first one takes seconds."""
        return self._pool is not None

    def submit(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[T]:
        """Start the task; its time limit counts from when the process takes it up.

        Raises: TaskCrashError when no process can be started.
        """
        return self._submit(self._settings.timeout_s, function, args, kwargs)

    def warm_up(self, language: str) -> Future[None] | None:
        """Load the dictionaries of a language outside any task's time limit (they take a second or two); None: they are there."""
        if self._tasks >= self._settings.tasks_per_worker:
            self.forget()
        if not language or language in self._languages:
            return None
        future: Future[None] = self._submit(WARM_UP_TIMEOUT_S, worker_tasks.warm_up, (language,), {})
        self._languages.add(language)
        return future

    def forget(self) -> None:
        """The process has been, or is going to be, replaced by one that has loaded nothing."""
        self._tasks = 0
        self._languages.clear()

    def renew_after(self, error: BaseException) -> None:
        """A process that was killed over a task may have been so in the middle of a message. Its pipe is not read again: what the next
        one writes would be taken for the rest, and nobody would ever learn that it had answered (pebble 5.2)."""
        if isinstance(error, (FutureTimeoutError, ProcessExpired, asyncio.CancelledError)):
            self.close()

    def stop(self) -> None:
        """Begin to end the process, whatever it does."""
        if self._pool is not None:
            self._pool.stop()

    def close(self) -> None:
        """End the process and wait for that; at worst the three seconds that pebble gives it between TERM and KILL."""
        self.forget()
        if self._pool is not None:
            self._pool.stop()
            self._pool.join()
            self._pool = None

    def start(self) -> None:
        """Start the process, if there is none. Blocks until it lives, also where another thread is starting it.

        Raises: TaskCrashError when it does not.
        """
        with _starting:
            if self._pool is not None:
                return
            pool: Any = ProcessPool(
                max_workers=1,
                max_tasks=self._settings.tasks_per_worker,
                initializer=worker_tasks.enter_worker,
                initargs=(self._settings.max_memory_bytes,),
                context=_context(self._preloaded),
            )
            # It starts its process when it is first asked anything; a task would count as one of the worker's.
            if not pool.active:
                raise TaskCrashError("worker processes cannot be started")
            self._pool = pool

    def _submit(self, timeout_s: float, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Future[T]:
        for _ in range(FRESH_STARTS):
            self.start()
            try:
                future: Future[T] = self._pool.schedule(worker_tasks.run_guarded, args=(function, args, kwargs), timeout=timeout_s)
            except RuntimeError:
                # The pool broke when its last process died idle; that was nobody's task, so a new one is made.
                self.close()
            else:
                self._tasks += 1
                return future
        raise TaskCrashError("worker processes cannot be started")


def prepare_workers(languages: Collection[str]) -> None:
    """Start the fork server now, without waiting for it: its imports and dictionaries take a core for seconds, in which the other one
    may import Scrapy and ask for feeds. Arguments as for ``WorkerPool``; nothing happens where there is no fork server."""
    with _starting:
        _context(languages)


class WorkerPool:
    """The pool, as the asyncio side of a crawl sees it. Use from one event loop; close it, or leave its ``async with``.

    ``workers`` tasks run at a time; further calls wait for their turn, and ``timeout_s`` counts from the start of a task, not
    from the call. Cancelling a call ends its worker. No process is started before there is a task for it, and the caller's loop
    goes on meanwhile. The dictionaries of ``languages`` are read once for all workers.
    """

    def __init__(self, settings: ExtractSettings, languages: Collection[str] = ()) -> None:
        self._settings = settings
        self._slots = [_Slot(settings, languages) for _ in range(settings.workers)]
        self._idle = deque(self._slots)
        self._turns = asyncio.Semaphore(settings.workers)

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a module-level function of picklable arguments and result in a worker; once more when the worker dies over it.

        Raises: TaskTimeoutError, TaskCrashError; both concern this task only.
        """
        return await self._run("", function, args, kwargs)

    async def _run(self, language: str, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
        async with self._turns:
            slot = self._idle.popleft()
            try:
                deaths = 0
                for _ in range(FRESH_STARTS):
                    try:
                        if not slot.is_started:
                            # The fork server's imports take a second or two, in which the time of requests under way runs.
                            await asyncio.shield(asyncio.to_thread(slot.start))
                        if (loading := slot.warm_up(language)) is not None:
                            await asyncio.wrap_future(loading)
                        return await asyncio.wrap_future(slot.submit(function, args, kwargs))
                    except BrokenProcessPool:
                        slot.close()
                    except _TASK_FAULTS as error:
                        slot.renew_after(error)
                        deaths += isinstance(error, ProcessExpired)
                        if not isinstance(error, ProcessExpired) or deaths >= DEATHS_BLAMED:
                            raise _named(error, self._settings) from error
                    except asyncio.CancelledError as error:
                        slot.renew_after(error)
                        raise
                raise TaskCrashError("worker processes end before they begin")
            finally:
                self._idle.append(slot)

    async def extract(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str = "",
        headers: Sequence[tuple[str, str]] = (),
        outlet_language: str = "",
        cms: str = "",
        entry: Entry | None = None,
        now: datetime,
    ) -> tuple[Extraction, Fingerprint]:
        """Extraction and fingerprint of one page, made in one task. Arguments as in ``extraction.extract_page``."""
        about = {
            "url": url,
            "content_type": content_type,
            "headers": tuple(headers),
            "outlet_language": outlet_language,
            "cms": cms,
            "entry": entry,
            "now": now,
        }
        return await self._run(outlet_language, worker_tasks.extract_and_fingerprint, (body,), about)

    async def read_listing(
        self,
        body: bytes,
        *,
        url: str,
        content_type: str = "",
        kind: EndpointKind | None = None,
        links: str = "",
        next_page: str = "",
        max_entries: int,
        now: datetime,
    ) -> Listing:
        """A feed or sitemap, read in a worker. Arguments as in ``discovery.listing.read_listing``."""
        return await self.run(
            worker_tasks.read_listing,
            body,
            url=url,
            content_type=content_type,
            kind=kind,
            links=links,
            next_page=next_page,
            max_entries=max_entries,
            now=now,
        )

    def close(self) -> None:
        """End all processes at once. Idempotent; tasks under way are lost."""
        for slot in self._slots:
            slot.stop()
        for slot in self._slots:
            slot.close()

    async def __aenter__(self) -> WorkerPool:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _UnderWay:
    """A file whose extraction has been started in ``slot``, or that could not be read at all."""

    file: Path
    slot: _Slot | None = None
    start: Callable[[], Future[Extraction]] | None = None
    future: Future[Extraction] | None = None
    fault: str = ""


def extract_files(paths: Iterable[Path], settings: ExtractSettings, url: str | None = None, *, now: datetime) -> Iterator[FileExtraction]:
    """Extract HTML files, several at a time, and yield the results in the order of ``paths``.

    ``url`` is the address the files came from (for relative links); None: unknown. No network, no database. A file that cannot
    be read, or that a worker dies of, yields its fault; the others are unaffected.
    """
    slots = [_Slot(settings) for _ in range(settings.workers)]
    idle = deque(slots)
    running: deque[_UnderWay] = deque()
    try:
        for path in paths:
            while not idle:
                yield _finish(running.popleft(), idle, settings)
            try:
                body = path.read_bytes()
            except OSError as error:
                running.append(_UnderWay(file=path, fault=f"cannot be read: {error.strerror}"))
                continue
            slot = idle.popleft()
            start = partial(slot.submit, worker_tasks.extract_only, (body,), {"url": url or "", "now": now})
            running.append(_UnderWay(file=path, slot=slot, start=start, future=start()))
        while running:
            yield _finish(running.popleft(), idle, settings)
    finally:
        for slot in slots:
            slot.stop()
        for slot in slots:
            slot.close()


def _finish(item: _UnderWay, idle: deque[_Slot], settings: ExtractSettings) -> FileExtraction:
    """Wait for a file and give its slot back."""
    if item.slot is None or item.start is None or item.future is None:
        return FileExtraction(file=item.file, fault=item.fault)
    future = item.future
    try:
        for _ in range(FRESH_STARTS):
            try:
                return FileExtraction(file=item.file, extraction=future.result())
            except BrokenProcessPool:
                item.slot.close()
                future = item.start()
            except _TASK_FAULTS as error:
                item.slot.renew_after(error)
                return FileExtraction(file=item.file, fault=str(_named(error, settings)))
        return FileExtraction(file=item.file, fault="worker processes end before they begin")
    finally:
        idle.append(item.slot)


_TASK_FAULTS = (FutureTimeoutError, ProcessExpired, MemoryError, worker_tasks.ParserFault)
"""Ends of a task that are its own doing. A pool that broke (BrokenProcessPool) lost its process before this task was taken up."""


def _named(error: BaseException, settings: ExtractSettings) -> TaskTimeoutError | TaskCrashError:
    """Our name for what pebble or the worker reported."""
    if isinstance(error, FutureTimeoutError):
        return TaskTimeoutError(settings.timeout_s)
    if isinstance(error, ProcessExpired):
        return TaskCrashError(f"the worker ended with exit code {error.exitcode}")
    if isinstance(error, MemoryError):
        return TaskCrashError(f"more than {settings.max_memory_bytes} bytes of memory were needed")
    return TaskCrashError(str(error))


def _context(languages: Collection[str]) -> Any:
    """The way processes are made: a fork server where the platform has one, else spawn. The first call decides what is preloaded."""
    _leave_main_out()
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    known = sorted(language for language in set(languages) if language in LANGUAGES)
    context.set_forkserver_preload([*PRELOAD, *(f"crawlers.dictionaries.{language}" for language in known)])
    if sys.flags.safe_path:
        forkserver.ensure_running()
    else:
        # The fork server is started as ``python -c``, which puts the working folder first on sys.path: a stray config.py there
        # would be imported instead of ours. putenv reaches the child and leaves os.environ, and so everybody else, alone.
        os.putenv("PYTHONSAFEPATH", "1")
        try:
            forkserver.ensure_running()
        finally:
            os.unsetenv("PYTHONSAFEPATH")
    return context


_preparation_data = spawn.get_preparation_data


def _leave_main_out() -> None:
    """Keep our workers from importing the parent's ``__main__``, as multiprocessing otherwise makes every child do.

    The crawl's main module may import Scrapy, a test's imports pytest, and a script without a guard would run again.
    """
    spawn.get_preparation_data = _preparation_data_without_main


def _preparation_data_without_main(name: str) -> dict[str, Any]:
    data = _preparation_data(name)
    if name == PROCESS_NAME:
        data.pop("init_main_from_name", None)
        data.pop("init_main_from_path", None)
    return data
