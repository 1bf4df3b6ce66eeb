"""Content codings undone in the pool, and the memory that inflated bodies take while they wait, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from config.settings import Settings
from crawlers import worker_tasks
from crawlers.errors import TaskCrashError, TaskTimeoutError
from crawlers.inflate import Inflated, has_coding
from crawlers.workers import WorkerPool
from storage.records import Outcome

MAX_HELD_BYTES = 64 * 1024 * 1024
"""Of inflated bodies that wait to be read. Beyond, bodies wait packed, as they came, and Scrapy counts those."""


class Unpacker:
    """Used from one event loop. ``leaving`` tells that the crawl is to end, and that nothing more is to be begun."""

    def __init__(self, settings: Settings, pool: WorkerPool, leaving: Callable[[], bool]) -> None:
        self._limit = settings.crawl.max_body_bytes
        self._pool = pool
        self._leaving = leaving
        self._turns = asyncio.Semaphore(settings.extract.workers)
        self._held = 0
        self._eased = asyncio.Event()

    @asynccontextmanager
    async def unpacked(self, body: bytes, codings: Sequence[str]) -> AsyncIterator[Inflated | None]:
        """The body as it is inside, or why there is none; it counts as held until the block ends. None: the crawl is to end.

        ``codings`` are the values of all Content-Encoding headers. A body without any costs no worker.
        """
        if not body or not has_coding(codings):
            yield Inflated(body=body)
            return
        while self._held > MAX_HELD_BYTES and not self._leaving():
            self._eased.clear()
            await self._eased.wait()
        found: Inflated | None = None
        async with self._turns:
            if not self._leaving():
                found = await self._unpack(body, codings)
        size = 0 if found is None else len(found.body)
        self._held += size
        try:
            yield found
        finally:
            self._held -= size
            self._eased.set()

    async def _unpack(self, body: bytes, codings: Sequence[str]) -> Inflated:
        try:
            return await self._pool.run(worker_tasks.unpack, body, tuple(codings), self._limit)
        except TaskTimeoutError as error:
            return Inflated(outcome=Outcome.EXTRACT_TIMEOUT, detail=str(error))
        except TaskCrashError as error:
            return Inflated(outcome=Outcome.EXTRACT_CRASH, detail=str(error))
