"""The only way out: Scrapy's HTTP handler on connections that the guard has judged.

Names are resolved here, every address is judged, and the connection is made to a judged address, so that there is no moment
between the check and the connection at which a name could change its meaning. Host header and TLS name stay those of the URL.
``connect_to`` replaces the place that is connected, nothing else. Environment proxies are never read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, wrapClientTLS
from twisted.internet.interfaces import (
    IHostnameResolver,
    IReactorPluggableNameResolver,
    IReactorTCP,
    IReactorTime,
    IStreamClientEndpoint,
)
from twisted.web.client import URI, Agent
from twisted.web.error import SchemeNotSupported
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer  # type: ignore[import-untyped]

from crawlers.errors import BlockedAddressError, NameNotFoundError
from crawlers.guard import PORTS, judge_address, judge_url
from crawlers.resolver import Resolver, ThreadedResolver

IDLE_CONNECTION_S = 4
"""Shorter than the shortest keep-alive that is common (Apache's 5 s), so that no request is sent into a closing connection."""

MAX_ADDRESSES = 8
"""Addresses of one name that are tried."""


@implementer(IHostnameResolver)
class _JudgedNames:
    """Hands ``HostnameEndpoint`` the addresses that were judged, so that it can try several without asking anybody."""

    def __init__(self, addresses: list[str]) -> None:
        self._addresses = addresses

    def resolveHostName(self, receiver: Any, hostName: str, portNumber: int = 0, *_: Any, **__: Any) -> Any:
        receiver.resolutionBegan(self)
        for address in self._addresses:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, portNumber))
        receiver.resolutionComplete()
        return self


@implementer(IReactorTCP, IReactorTime, IReactorPluggableNameResolver)
class _GuardedReactor:
    """The part of a reactor that an endpoint needs. The last judgement stands here, right before the socket."""

    def __init__(self, reactor: Any, addresses: list[str]) -> None:
        self._reactor = reactor
        self.nameResolver = _JudgedNames(addresses)

    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30, bindAddress: Any = None) -> Any:
        refusal = judge_address(host)
        if refusal is not None:
            raise BlockedAddressError(refusal.detail)
        return self._reactor.connectTCP(host, port, factory, timeout, bindAddress)

    def callLater(self, delay: float, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return self._reactor.callLater(delay, call, *args, **kwargs)

    def seconds(self) -> float:
        return float(self._reactor.seconds())

    def listenTCP(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError("a client does not listen")

    def getDelayedCalls(self) -> Any:
        return self._reactor.getDelayedCalls()

    def installNameResolver(self, resolver: Any) -> Any:
        raise NotImplementedError("names are judged before the endpoint sees them")


@implementer(IStreamClientEndpoint)
class GuardedEndpoint:
    """Connects to one host and port of a URL, or refuses with BlockedAddressError."""

    def __init__(self, reactor: Any, host: str, port: int, *, connect_to: Mapping[str, str], resolver: Resolver, timeout_s: float) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._connect_to = connect_to
        self._resolver = resolver
        self._timeout_s = timeout_s

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: Any) -> Any:
        replacement = self._connect_to.get(f"{self._host}:{self._port}")
        if replacement is not None:
            host, _, port = replacement.rpartition(":")
            return await HostnameEndpoint(self._reactor, host.strip("[]"), int(port), self._timeout_s).connect(factory)
        if self._port not in PORTS:
            raise BlockedAddressError(f"port {self._port}")
        addresses = await Deferred.fromFuture(asyncio.ensure_future(self._resolver(self._host, self._port)))
        if not addresses:
            raise NameNotFoundError(self._host, "no address")
        refusals = {address: judge_address(address) for address in addresses[:MAX_ADDRESSES]}
        judged = [address for address, refusal in refusals.items() if refusal is None]
        if not judged:
            raise BlockedAddressError("; ".join(refusal.detail for refusal in refusals.values() if refusal is not None)[:300])
        guarded = _GuardedReactor(self._reactor, judged)
        return await HostnameEndpoint(guarded, self._host, self._port, self._timeout_s).connect(factory)


@implementer(IAgentEndpointFactory)
class GuardedEndpointFactory:
    """Twisted's standard endpoint factory with a guarded endpoint below the TLS."""

    def __init__(self, reactor: Any, policy: Any, *, connect_to: Mapping[str, str], resolver: Resolver, timeout_s: float) -> None:
        self._reactor = reactor
        self._policy = policy
        self._connect_to = connect_to
        self._resolver = resolver
        self._timeout_s = timeout_s

    def endpointForURI(self, uri: URI) -> Any:
        endpoint = GuardedEndpoint(
            self._reactor,
            uri.host.decode("ascii").lower().strip("[]").removesuffix("."),
            uri.port,
            connect_to=self._connect_to,
            resolver=self._resolver,
            timeout_s=self._timeout_s,
        )
        if uri.scheme == b"https":
            return wrapClientTLS(self._policy.creatorForNetloc(uri.host, uri.port), endpoint)  # type: ignore[arg-type]
        if uri.scheme == b"http":
            return endpoint
        raise SchemeNotSupported(uri.scheme.decode("ascii", "replace"))


class _GuardedAgent(_ScrapyAgent):
    """Scrapy's own agent, which counts sizes and time, on a guarded Twisted agent."""

    def __init__(self, *, connect_to: Mapping[str, str], resolver: Resolver, **values: Any) -> None:
        super().__init__(**values)
        self._connect_to = connect_to
        self._resolver = resolver

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        from twisted.internet import reactor

        factory = GuardedEndpointFactory(
            reactor, self._contextFactory, connect_to=self._connect_to, resolver=self._resolver, timeout_s=timeout
        )
        agent: Agent = Agent.usingEndpointFactory(reactor, factory, pool=self._pool)  # type: ignore[no-untyped-call]
        return agent


class GuardedHandler(HTTP11DownloadHandler):
    """Download handler for http and https. Judges the text of the URL, the connected address and the size; bodies stay as they came.

    Errors beside Scrapy's own: BlockedAddressError, NameNotFoundError.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._connect_to: Mapping[str, str] = crawler.settings.getdict("SECONDSOURCE_CONNECT_TO")
        self._resolver: Resolver = ThreadedResolver()
        self._pool.cachedConnectionTimeout = IDLE_CONNECTION_S
        # Twisted would repeat a request on its own when a kept connection fails. Every request is a hop in the ledger, so no.
        self._pool.retryAutomatically = False

    async def download_request(self, request: Request) -> Response:
        refusal = judge_url(request.url, self._connect_to)
        if refusal is not None:
            raise BlockedAddressError(refusal.detail)
        request.meta["started"] = monotonic()
        agent = _GuardedAgent(
            contextFactory=self._contextFactory,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=0,
            fail_on_dataloss=True,
            crawler=self._crawler,
            connect_to=self._connect_to,
            resolver=self._resolver,
        )
        with wrap_twisted_exceptions():
            response: Response = await maybe_deferred_to_future(agent.download_request(request))
        return response
