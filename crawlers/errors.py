"""What can go wrong while crawling, named by what the caller can do next. Expected outcomes are values, not these."""

from __future__ import annotations


class CrawlError(Exception):
    """Root of this package's errors."""


class TaskTimeoutError(CrawlError):
    """A worker took longer than ``timeout_s`` over one task and was killed; only that task is lost.

    The bytes are worth keeping: another version of the parser may manage them.
    """

    def __init__(self, timeout_s: float) -> None:
        self.timeout_s = timeout_s
        super().__init__(f"no result within {timeout_s:g} s")


class TaskCrashError(CrawlError):
    """A worker died, ran out of memory or raised over one task; only that task is lost. ``reason`` is one line."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class BlockedAddressError(CrawlError):
    """The guard refused the address that would have been connected. Do not ask again; ``detail`` says which and why."""

    def __init__(self, detail: str) -> None:
        self.detail = detail
        super().__init__(detail)


class NameNotFoundError(CrawlError):
    """A host's name has no address, or the name service did not answer."""

    def __init__(self, host: str, reason: str) -> None:
        self.host = host
        self.reason = reason
        super().__init__(f"{host}: {reason}")


class BodyTooLargeError(CrawlError):
    """A response is larger than ``limit`` bytes: announced, received, or once inflated. It was cut off there."""

    def __init__(self, size: int, limit: int, *, inflated: bool = False) -> None:
        self.size = size
        self.limit = limit
        super().__init__(f"{size} bytes{' inflated' if inflated else ''}, the limit is {limit}")


class BadEncodingError(CrawlError):
    """A body's Content-Encoding is unknown, nested, broken or cut short."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class HostsHeldError(CrawlError):
    """Every host this crawl wants is leased by another process. Wait for it, or stop it. ``holders``: host key to "host:pid"."""

    def __init__(self, holders: dict[str, str]) -> None:
        self.holders = holders
        super().__init__(", ".join(f"{key} by {holder}" for key, holder in sorted(holders.items())))


class WriterClosedError(CrawlError):
    """The writer has ended; nothing more can be acknowledged. What was not acknowledged stays pending in the ledger."""


class VisitLostError(CrawlError):
    """A visit is no longer this run's: its lease ran out and another run took it. What was found is not stored twice."""

    def __init__(self, visit_id: int) -> None:
        self.visit_id = visit_id
        super().__init__(f"visit {visit_id} was taken over by another run")
