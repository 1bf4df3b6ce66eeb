"""Names to addresses, without ever holding up the event loop or one another. What is found is not judged here."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

from crawlers.errors import NameNotFoundError

Resolver = Callable[[str, int], Awaitable[list[str]]]
"""(host, port) to literal addresses. Raises: NameNotFoundError."""

MAX_LOOKUPS = 64
"""Names looked up at a time. A name service that hangs costs a thread a name until the system gives up."""


class ThreadedResolver:
    """``getaddrinfo`` in a thread of its own for each name, so that dead names never queue before living ones."""

    def __init__(self) -> None:
        self._running: dict[tuple[str, int], asyncio.Future[list[str]]] = {}

    async def __call__(self, host: str, port: int) -> list[str]:
        key = (host, port)
        future = self._running.get(key)
        if future is None:
            if len(self._running) >= MAX_LOOKUPS:
                raise NameNotFoundError(host, "the name service does not answer")
            loop = asyncio.get_running_loop()
            future = self._running[key] = loop.create_future()
            future.add_done_callback(lambda done: (self._running.pop(key, None), done.exception()))
            threading.Thread(target=_look_up, args=(loop, future, host, port), name=f"dns {host}", daemon=True).start()
        # A caller that is cancelled by its timeout must not cancel the lookup that others may wait for.
        return await asyncio.shield(future)


def _look_up(loop: asyncio.AbstractEventLoop, future: asyncio.Future[list[str]], host: str, port: int) -> None:
    found: list[str] = []
    fault: NameNotFoundError | None = None
    try:
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            found.append(str(address[0]))
    except (OSError, UnicodeError) as error:
        fault = NameNotFoundError(host, getattr(error, "strerror", None) or "not a valid name")

    def finish() -> None:
        if future.done():
            return
        if fault is not None:
            future.set_exception(fault)
        else:
            future.set_result(list(dict.fromkeys(found)))

    # The loop may be gone when a name service answers after the end of the crawl.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(finish)
