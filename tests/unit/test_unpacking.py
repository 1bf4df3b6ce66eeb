"""Inflated bodies that wait: how much of them there may be, and that nobody is forgotten over it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from typing import Any, cast

from config.settings import Settings
from crawlers.inflate import Inflated
from crawlers.unpacking import MAX_HELD_BYTES, Unpacker
from crawlers.workers import WorkerPool

SIZE = MAX_HELD_BYTES // 4
PACKED = gzip.compress(bytes(SIZE), 1)


class OwnProcess:
    """Does what a pool does, in this process: the pool itself is tested in integration/test_workers.py."""

    def __init__(self) -> None:
        self.tasks = 0

    async def run(self, function: Callable[..., Inflated], *args: Any) -> Inflated:
        self.tasks += 1
        return function(*args)


def unpacker(pool: OwnProcess, *, leaving: bool = False) -> Unpacker:
    settings = Settings.model_validate({"database": "sqlite:///x.db", "crawl": {"max_body_bytes": SIZE}})
    return Unpacker(settings, cast(WorkerPool, pool), lambda: leaving)


def test_what_waits_inflated_is_bounded_and_the_next_comes_when_one_has_gone() -> None:
    pool, inside, most = OwnProcess(), 0, 0

    async def read(unpacking: Unpacker) -> int:
        nonlocal inside, most
        async with unpacking.unpacked(PACKED, ["gzip"]) as found:
            assert found is not None
            inside += 1
            most = max(most, inside)
            for _ in range(5):
                await asyncio.sleep(0)
            inside -= 1
            return len(found.body)

    async def work() -> list[int]:
        unpacking = unpacker(pool)
        return await asyncio.gather(*(read(unpacking) for _ in range(20)))

    assert asyncio.run(work()) == [SIZE] * 20
    assert pool.tasks == 20
    # The bound is looked at before a body is inflated: as many as there are workers may go beyond it together.
    assert 4 <= most <= 4 + 1 + Settings(database="sqlite:///x.db").extract.workers


def test_a_body_without_a_coding_costs_no_worker_and_a_crawl_that_ends_begins_nothing() -> None:
    pool = OwnProcess()

    async def work() -> tuple[Inflated | None, Inflated | None]:
        async with unpacker(pool).unpacked(b"plain", ["identity"]) as plain:
            pass
        async with unpacker(pool, leaving=True).unpacked(PACKED, ["gzip"]) as left:
            pass
        return plain, left

    assert asyncio.run(work()) == (Inflated(body=b"plain"), None)
    assert pool.tasks == 0
