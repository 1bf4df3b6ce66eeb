"""The ledger's words for every exception with which a download can end. There is no "other": an unknown one is a protocol error."""

from __future__ import annotations

from collections.abc import Iterator

import OpenSSL.SSL
import service_identity
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet import error as net
from twisted.python.failure import Failure as TwistedFailure

from crawlers.errors import BlockedAddressError, NameNotFoundError
from crawlers.hops import Failure
from storage.records import Outcome

_NAMED: tuple[tuple[type[BaseException], Outcome], ...] = (
    # The first that fits one of the chained exceptions decides, so the most telling ones stand first.
    (BlockedAddressError, Outcome.BLOCKED_ADDRESS),
    (UnsupportedURLSchemeError, Outcome.BLOCKED_SCHEME),
    (DownloadTimeoutError, Outcome.TIMEOUT),
    # Scrapy cancels for one reason only, the size; its message is then empty or says so.
    (DownloadCancelledError, Outcome.TOO_LARGE),
    (ResponseDataLossError, Outcome.TRUNCATED),
    (NameNotFoundError, Outcome.DNS_ERROR),
    (CannotResolveHostError, Outcome.DNS_ERROR),
    (net.DNSLookupError, Outcome.DNS_ERROR),
    (OpenSSL.SSL.Error, Outcome.TLS_ERROR),
    (service_identity.VerificationError, Outcome.TLS_ERROR),
    (net.SSLError, Outcome.TLS_ERROR),
    (net.TimeoutError, Outcome.TIMEOUT),
    (DownloadConnectionRefusedError, Outcome.CONNECT_ERROR),
    (net.ConnectError, Outcome.CONNECT_ERROR),
    (net.ConnectionLost, Outcome.CONNECT_ERROR),
    (OSError, Outcome.CONNECT_ERROR),
    # A connection that ends cleanly before a response is complete, rubbish instead of one, a header without end.
    (net.ConnectionDone, Outcome.PROTOCOL_ERROR),
)


def name_failure(error: BaseException, *, limit: int) -> Failure:
    """Outcome and one line for a failed download. ``limit`` is the size in bytes at which Scrapy cancels."""
    chain = list(_chain(error))
    for kind, outcome in _NAMED:
        for link in chain:
            if isinstance(link, kind):
                return Failure(outcome=outcome, detail=_detail(link, outcome, limit))
    return Failure(outcome=Outcome.PROTOCOL_ERROR, detail=_line(chain[-1]))


def _detail(error: BaseException, outcome: Outcome, limit: int) -> str:
    if isinstance(error, DownloadCancelledError):
        return f"more than {limit} bytes"
    if outcome is Outcome.TIMEOUT and isinstance(error, net.TimeoutError):
        return "no connection in time"
    if outcome is Outcome.TIMEOUT:
        return "no complete response in time"
    if isinstance(error, OpenSSL.SSL.Error):
        # [(library, function, reason), …]; the reason is what people understand.
        reasons = [str(part[-1]) for part in error.args[0]] if error.args and isinstance(error.args[0], list) else []
        return ("; ".join(reasons) or "TLS handshake failed")[:200]
    if isinstance(error, service_identity.VerificationError):
        return "certificate is for another name"
    return _line(error)


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return (text or type(error).__name__)[:200]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An exception, its causes, and the reasons that Twisted collects in lists of failures."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        link = waiting.pop(0)
        if id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        reasons = getattr(link, "reasons", None)
        if isinstance(reasons, list):
            waiting += [reason.value for reason in reasons if isinstance(reason, TwistedFailure) and reason.value is not None]
        waiting += [cause for cause in (link.__cause__, link.__context__) if cause is not None]
