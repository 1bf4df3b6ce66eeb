"""Checking end points, and accepting what is known to fail, against living publishers."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interfaces.cli.main import _run
from tests.outlet_site.bench import Bench

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def bench(tmp_path: Path, sqlite_url: str) -> Iterator[Bench]:
    opened = Bench(tmp_path, sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def run(bench: Bench, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """One command with the bench's cards and connections."""
    monkeypatch.setenv("HOME", str(bench.folder))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = _run(["--config", str(bench.write_config()), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


VERDICTS = {
    "fresh.example": "alive",
    "plenty-0.example": "stale",
    "empty-feed.example": "empty",
    "html-feed.example": "not_a_feed",
    "moved-feed.example": "moved",
    "down-robots.example": "dead",
    "closed.example": "dead",
}


def test_every_verdict_is_reached_by_asking_once_and_no_page_is_fetched(bench: Bench, run: Call) -> None:
    names = {bench.add(host, port=free_port() if host == "closed.example" else None): host for host in VERDICTS}
    denied = '[[endpoints]]\nurl = "http://denying.example/secret/feed"\nstatus = "verified"\n'
    names[bench.add("denying.example", more=denied)] = "denying.example"
    code, out, _ = run("outlets", "check", "--json")
    assert code == 1
    found = {row["outlet"]: row for row in json.loads(out)}
    verdicts = {names[name]: [point["verdict"] for point in row["endpoints"]] for name, row in found.items()}
    assert verdicts == {host: [verdict] for host, verdict in VERDICTS.items()} | {"denying.example": ["blocked", "stale"]}
    attention = {names[name] for name, row in found.items() if row["needs_attention"]}
    assert attention == {
        "empty-feed.example", "html-feed.example", "down-robots.example", "closed.example", "denying.example",
    }  # fmt: skip
    asked = bench.asked()
    assert {address for address in asked if not address.endswith(("/robots.txt", "/feed.xml", "/new.xml"))} == set()
    assert asked["http://fresh.example/feed.xml"] == 1
    # The real ledger knows nothing of it: the next crawl reads the feed as if for the first time.
    assert bench.visits() == []
    code, out, _ = run("outlets", "show", "moved_feed")
    assert "moved on " in out
    assert "is now at http://moved-feed.example/new.xml" in out
    code, out, _ = run("health")
    assert code == 1
    assert "closed: http://closed.example/feed.xml is dead" in out


def test_a_muted_outlet_is_listed_and_does_not_count(bench: Bench, run: Call) -> None:
    bench.add("empty-feed.example")
    assert run("outlets", "mute", "empty_feed")[0] == 2
    assert run("outlets", "mute", "empty_feed", "--note", "Over already.", "--until", "2020-01-01")[0] == 2
    code, out, _ = run("outlets", "mute", "empty_feed", "--note", "Rebuilds its site until May.")
    assert (code, out) == (0, "empty_feed is muted: Rebuilds its site until May.\n")
    code, out, _ = run("outlets", "check", "empty_feed")
    assert code == 0
    assert "known: empty_feed: muted: Rebuilds its site until May." in out
    code, _, err = run("crawl", "empty_feed")
    assert code == 0
    assert "could not be read, which is known: Rebuilds its site until May." in err
    code, out, _ = run("health")
    assert code == 0
    assert "known: empty_feed is muted by" in out
    assert run("outlets", "mute", "empty_feed", "--end")[1] == "empty_feed counts again\n"
    assert "known:" not in run("health")[1]
