"""Every exception of a download has its word in the ledger."""

from __future__ import annotations

import OpenSSL.SSL
import pytest
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from twisted.internet import error as net
from twisted.python.failure import Failure
from twisted.web._newclient import ParseError, ResponseNeverReceived

from crawlers.errors import BlockedAddressError, NameNotFoundError
from crawlers.failures import name_failure
from storage.records import Outcome


def wrapped(*reasons: BaseException) -> DownloadFailedError:
    """As Scrapy hands on what Twisted found."""
    error = DownloadFailedError("[…]")
    error.__cause__ = ResponseNeverReceived([Failure(reason) for reason in reasons])
    return error


CASES = [
    (BlockedAddressError("10.0.0.1 is in 10.0.0.0/8"), Outcome.BLOCKED_ADDRESS, "10.0.0.1 is in 10.0.0.0/8"),
    (UnsupportedURLSchemeError("ftp"), Outcome.BLOCKED_SCHEME, "ftp"),
    (NameNotFoundError("a.example", "no such name"), Outcome.DNS_ERROR, "a.example: no such name"),
    (CannotResolveHostError("a.example"), Outcome.DNS_ERROR, "a.example"),
    (DownloadCancelledError(""), Outcome.TOO_LARGE, "more than 99 bytes"),
    (DownloadTimeoutError("…"), Outcome.TIMEOUT, "no complete response in time"),
    (net.TimeoutError(), Outcome.TIMEOUT, "no connection in time"),
    (ResponseDataLossError(), Outcome.TRUNCATED, "ResponseDataLossError"),
    (DownloadConnectionRefusedError("Connection refused"), Outcome.CONNECT_ERROR, "Connection refused"),
    (net.NoRouteError(), Outcome.CONNECT_ERROR, "No route to host."),
    (OSError("broken"), Outcome.CONNECT_ERROR, "broken"),
    (wrapped(net.ConnectionLost("reset")), Outcome.CONNECT_ERROR, "Connection to the other side was lost in a non-clean fashion: reset."),
    (wrapped(net.ConnectionDone()), Outcome.PROTOCOL_ERROR, "Connection was closed cleanly."),
    (wrapped(ParseError("no HTTP", b"")), Outcome.PROTOCOL_ERROR, None),
    (
        wrapped(OpenSSL.SSL.Error([("SSL routines", "", "certificate verify failed")])),
        Outcome.TLS_ERROR,
        "certificate verify failed",
    ),
    (wrapped(OpenSSL.SSL.Error()), Outcome.TLS_ERROR, "TLS handshake failed"),
    (RuntimeError("something\nnew"), Outcome.PROTOCOL_ERROR, "something new"),
    (RuntimeError(), Outcome.PROTOCOL_ERROR, "RuntimeError"),
]


@pytest.mark.parametrize(("error", "outcome", "detail"), CASES)
def test_a_failure_has_a_name(error: BaseException, outcome: Outcome, detail: str | None) -> None:
    named = name_failure(error, limit=99)
    assert named.outcome is outcome
    assert named.detail if detail is None else named.detail == detail
    assert "\n" not in named.detail and len(named.detail) <= 200
