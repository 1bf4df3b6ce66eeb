"""The order of what waits, changed by what was read: a crawl with a budget learns the subject's words as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import structlog

from crawlers.ledger import RunContext
from storage import waiting
from storage.records import Entry, Extraction

EVERY = 100
"""Pages learned from between two looks at what waits."""
BREATH = 25
"""Pages taken in before the event loop gets a turn."""
SLICE = 500
"""Waiting pages that are taken in, or given another promise, in one go of the writer: some tens of milliseconds."""

WATCHED = 50_000
"""Waiting pages, the most promising, that are judged anew: half a kilobyte each. Of a longer backlog the rest keeps its promise."""

log = structlog.get_logger(__name__)


class Learner(Protocol):
    """What learns from pages that were read, and judges by it those that wait (``comparison.learned_words``)."""

    pages: int

    def learn(self, extraction: Extraction, *, near: bool) -> None: ...
    def watch(self, visit_id: int, entry: Entry, outlet: Any, promise: float) -> None: ...
    def forget(self, visit_ids: Iterable[int]) -> None: ...
    def reconsider(self) -> Sequence[tuple[int, float]]: ...
    def telling(self, count: int = 5) -> Mapping[str, Sequence[str]]: ...


class Reordering:
    """Keeps the promises of waiting pages in step with what was learned."""

    def __init__(self, run: RunContext, learner: Learner, submit: Callable[[Callable[..., Any]], Awaitable[Any]]) -> None:
        self._run = run
        self._learner = learner
        self._submit = submit
        self._learned = 0
        self._seen = 0
        self._floor: float | None = None

    async def refresh(self) -> int:
        """Look at what waits again, if enough was learned since the last time; how many pages got another promise."""
        if self._learner.pages - self._learned < EVERY:
            return 0
        self._learned = self._learner.pages
        await self._take_in()
        changes = self._learner.reconsider()
        for start in range(0, len(changes), SLICE):
            await self._submit(partial(waiting.set_promises, changes=changes[start : start + SLICE]))
        log.info("order_changed", learned_from=self._learned, changed=len(changes), words=dict(self._learner.telling()))
        return len(changes)

    def forget(self, visit_ids: Iterable[int]) -> None:
        """These wait no more."""
        self._learner.forget(visit_ids)

    async def _take_in(self) -> None:
        """Remember the pages that were planned since the last time."""
        outlets = list(self._run.outlets)
        if self._floor is None:
            self._floor = await self._submit(partial(waiting.promise_at, outlet_ids=outlets, rank=WATCHED))
        while True:
            load = partial(waiting.waiting_pages, outlet_ids=outlets, after=self._seen, limit=SLICE, at_least=self._floor)
            found: list[waiting.WaitingPage] = await self._submit(load)
            for number, page in enumerate(found):
                self._learner.watch(page.visit_id, page.entry, self._run.outlets[page.outlet_id], page.promise)
                self._seen = page.visit_id
                if number % BREATH == BREATH - 1:
                    await asyncio.sleep(0)
            if not found:
                return
