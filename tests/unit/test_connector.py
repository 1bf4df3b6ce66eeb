"""Which address is really connected. The reactor below only writes down what would be."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.interfaces import IReactorPluggableNameResolver, IReactorTCP, IReactorTime
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from zope.interface import implementer

from crawlers.connector import GuardedEndpoint
from crawlers.errors import BlockedAddressError, NameNotFoundError
from crawlers.resolver import ThreadedResolver


@implementer(IReactorTCP, IReactorTime, IReactorPluggableNameResolver)
class Recorder(Clock):
    """Notes every connection that is asked for, and makes none."""

    nameResolver = None

    def __init__(self) -> None:
        super().__init__()
        self.connected: list[tuple[str, int]] = []

    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30, bindAddress: Any = None) -> None:
        self.connected.append((host, port))

    def listenTCP(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def installNameResolver(self, resolver: Any) -> Any:
        raise NotImplementedError


def answering(*answers: list[str] | Exception) -> Callable[[str, int], Any]:
    """A name service that gives one answer after the other."""
    waiting = list(answers)

    async def resolve(_host: str, _port: int) -> list[str]:
        answer = waiting.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return resolve


def connect(recorder: Recorder, resolver: Any, host: str = "radio.example", port: int = 80) -> None:
    """Ask for a connection, and stop waiting for it once it was asked for."""

    async def ask() -> None:
        endpoint = GuardedEndpoint(recorder, host, port, connect_to={}, resolver=resolver, timeout_s=5.0)
        waiting = asyncio.ensure_future(endpoint.connect(Factory()).asFuture(asyncio.get_running_loop()))
        for _ in range(10):
            await asyncio.sleep(0)
            recorder.advance(1.0)
        if not waiting.done():
            waiting.cancel()
            return
        waiting.result()

    asyncio.run(ask())


def test_a_public_address_is_connected() -> None:
    recorder = Recorder()
    connect(recorder, answering(["93.184.216.34"]))
    assert recorder.connected == [("93.184.216.34", 80)]


@pytest.mark.rows(3, 20)
def test_a_name_that_changes_its_meaning_is_connected_only_where_it_was_judged() -> None:
    recorder = Recorder()
    resolver = answering(["93.184.216.34"], ["127.0.0.1"])
    connect(recorder, resolver)
    with pytest.raises(BlockedAddressError, match=r"127\.0\.0\.1 is in 127\.0\.0\.0/8"):
        connect(recorder, resolver)
    assert recorder.connected == [("93.184.216.34", 80)]


def test_only_the_judged_ones_of_several_addresses_are_connected() -> None:
    recorder = Recorder()
    connect(recorder, answering(["127.0.0.1", "93.184.216.34", "fe80::1", "2606:2800:220:1:248:1893:25c8:1946"]))
    assert recorder.connected == [("93.184.216.34", 80), ("2606:2800:220:1:248:1893:25c8:1946", 80)]


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.0.0.1", "::1"], ["169.254.169.254"], ["64:ff9b::7f00:1"], ["::ffff:10.0.0.1"], ["0.0.0.0"]]
)
def test_a_name_for_private_addresses_only_is_refused(addresses: list[str]) -> None:
    recorder = Recorder()
    with pytest.raises(BlockedAddressError):
        connect(recorder, answering(addresses))
    assert recorder.connected == []


def test_a_port_is_judged_here_too() -> None:
    recorder = Recorder()
    with pytest.raises(BlockedAddressError, match="port 22"):
        connect(recorder, answering(["93.184.216.34"]), port=22)
    assert recorder.connected == []


@pytest.mark.parametrize("answer", [[], NameNotFoundError("radio.example", "no such name")])
def test_a_name_without_an_address_is_not_found(answer: Any) -> None:
    with pytest.raises(NameNotFoundError):
        connect(Recorder(), answering(answer))


def test_the_real_name_service_is_asked_in_a_thread() -> None:
    assert asyncio.run(ThreadedResolver()("127.0.0.1", 80)) == ["127.0.0.1"]


def test_names_that_do_not_exist_are_reported_to_everybody_who_waits() -> None:
    async def ask() -> list[Any]:
        resolver = ThreadedResolver()
        return await asyncio.gather(*(resolver("no such name", 80) for _ in range(3)), return_exceptions=True)

    assert [type(answer) for answer in asyncio.run(ask())] == [NameNotFoundError] * 3


@pytest.mark.rows(2)
def test_names_whose_service_hangs_hold_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = threading.Event()

    def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        if host.startswith("dead"):
            assert answer.wait(30)
            raise OSError("no answer")
        return [(0, 0, 0, "", ("93.184.216.34", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    async def ask() -> list[Any]:
        resolver = ThreadedResolver()
        dead = [asyncio.ensure_future(resolver(f"dead-{number}.example", 80)) for number in range(20)]
        alive = await asyncio.wait_for(resolver("radio.example", 80), 30)
        assert not any(future.done() for future in dead)
        answer.set()
        return [alive, *await asyncio.gather(*dead, return_exceptions=True)]

    alive, *dead = asyncio.run(ask())
    assert alive == ["93.184.216.34"]
    assert {type(fault) for fault in dead} == {NameNotFoundError}
