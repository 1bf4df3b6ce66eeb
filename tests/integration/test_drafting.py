"""From an address to a working card, at sites that no card knows."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.outlet import Outlet
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
    monkeypatch.setenv("HOME", str(bench.folder))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = _run(["--config", str(bench.write_config()), *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


SITES = [
    # Site, what its card must hold: end points by path, form of addresses.
    ("courier.example", {"/feed/", "/wp-sitemap.xml"}, r"/\d{4}/\d{2}/\d{2}/", "wordpress"),
    ("gazette.example", {"/"}, r"/\d{5,}(?:[/-]|$)", ""),
]


@pytest.mark.parametrize(("host", "paths", "pattern", "cms"), SITES)
def test_a_site_becomes_a_card_that_a_crawl_can_use(bench: Bench, run: Call, host: str, paths: set[str], pattern: str, cms: str) -> None:
    bench.connect(host)
    code, out, err = run("outlets", "add", f"http://{host}/", "--sample", "2", "--json")
    assert code == 0, err
    found = json.loads(out)
    card = Outlet.model_validate(tomllib.loads(Path(found["file"]).read_text(encoding="utf-8")))
    name = host.partition(".")[0]
    assert (card.id, card.language, card.cms, card.article_pattern) == (f"{name}_en", "en", cms, pattern)
    assert {endpoint.url.removeprefix(f"http://{host}") for endpoint in card.endpoints} == paths
    assert all(endpoint.is_enabled and "alive on" in endpoint.evidence for endpoint in card.endpoints)
    assert found["coverage"]["article"] == 1.0
    # Nothing was stored, nothing disallowed was asked for, and a second draft is refused.
    assert bench.visits() == []
    assert not any("/search" in address or "/comments" in address for address in bench.asked())
    code, _, err = run("outlets", "add", f"http://{host}/")
    assert code == 2
    assert f"is an address of {name}_en, which has a card" in err


def test_a_card_is_tried_field_by_field_and_nothing_is_stored(bench: Bench, run: Call) -> None:
    bench.add("fresh.example")
    code, out, _ = run("outlets", "test", "fresh", "--sample", "2")
    assert code == 0
    assert "feed_read  12 entries  http://fresh.example/feed.xml" in out
    assert "published  2024-05-01 10:00 (second from meta)" in out
    assert "found on article 100%, title 100%, text 100%, date 100%, author 0%, language 100% of 2 pages" in out
    assert sum(1 for address in bench.asked() if "/a/" in address) == 2
    assert bench.rows("SELECT count(*) FROM articles") == [(0,)]
