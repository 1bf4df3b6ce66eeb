"""Past coverage by each way, judged by what was stored and by what the servers were asked."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from interfaces.cli.main import _run
from tests.outlet_site import pages
from tests.outlet_site.bench import Bench

Call = Callable[..., tuple[int, str, str]]

ANNALS = """article_pattern = '^http://annals\\.example/a/'
identity.id_pattern = '/a/(\\d+)\\.html'
identity.id_dates = [[32110000, 2022-11-01], [32120000, 2022-11-08], [32130000, 2022-11-14], [32140000, 2022-11-21]]
archives = [{ url = "http://annals.example/map-{year}-{month}.xml", kind = "sitemap", status = "verified" }]
"""
NOVEMBER = ("--since", "2022-11-11", "--until", "2022-11-12")


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


def test_ids_choose_among_what_an_archive_announces_and_a_second_call_goes_on(bench: Bench, run: Call) -> None:
    bench.add("annals.example", more=ANNALS)
    code, out, err = run("backfill", "annals", *NOVEMBER, "--via", "ids", "--max-pages", "4", "--json")
    assert code == 0, err
    first = json.loads(out)
    # 8 to 15 November, margins included: 32120000 to about 32132857.
    wanted = {f"http://annals.example/a/{number}.html" for number in range(32120000, 32133000, 1000)}
    assert (first["new"], first["pending"]) == (4, len(wanted) - 4)
    code, out, err = run("backfill", "annals", *NOVEMBER, "--via", "ids", "--json")
    assert code == 0, err
    second = json.loads(out)
    assert (second["new"], second["pending"], second["unexplained"]) == (len(wanted) - 4, 0, 0)
    asked = bench.asked()
    assert {address for address in asked if "/a/" in address} == wanted
    assert all(asked[address] == 1 for address in wanted)
    # The feed of the present is not part of the past.
    assert "http://annals.example/feed.xml" not in asked


def test_a_web_archive_gives_pages_under_their_own_address_and_time(bench: Bench, run: Call) -> None:
    bench.add("annals.example", more=ANNALS)
    bench.connect("web-archive.example")
    code, out, err = run("backfill", "annals", "--since", "2022-11-10", "--until", "2022-11-12", "--via", "wayback", "--archive",
                         "http://web-archive.example", "--json")  # fmt: skip
    assert code == 0, err
    assert json.loads(out)["new"] == 2
    stored = bench.rows(
        "SELECT a.url, c.fetched_at, c.provenance, c.note FROM articles a JOIN revisions r ON r.id = a.current_revision_id "
        "JOIN captures c ON c.id = r.capture_id ORDER BY a.url"
    )
    assert [(url, at[:10], how) for url, at, how, _ in stored] == [
        ("http://annals.example/a/32121000.html", "2022-11-10", "web archive"),
        ("http://annals.example/a/32122000.html", "2022-11-11", "web archive"),
    ]
    # All that it serves is stored: called again, that is no fault, and nothing is asked for but the index and what it had lost.
    code, out, err = run("backfill", "annals", "--since", "2022-11-10", "--until", "2022-11-11", "--via", "wayback", "--archive",
                         "http://web-archive.example", "--json")  # fmt: skip
    assert (code, json.loads(out)["new"]) == (0, 0), err
    assert bench.asked()["http://web-archive.example/web/20221110120000id_/http://annals.example/a/32121000.html"] == 1
    # An archive that wants to be left alone for a day is left alone, and the exit code says that it is not all.
    code, out, err = run("backfill", "annals", "--since", "2023-01-01", "--until", "2023-01-02", "--via", "wayback", "--archive",
                         "http://web-archive.example")  # fmt: skip
    assert (code, "wants no request before" in err) == (1, True), err
    asked = bench.asked()
    # Four answers of the index, what is no article is left alone, and the publisher is not asked at all.
    assert sum(count for address, count in asked.items() if "/cdx/" in address) == 4
    assert not any("/tag/" in address for address in asked)
    assert not any(address.startswith("http://annals.example") for address in asked)


def test_files_of_the_news_crawl_are_filtered_by_outlet_and_time(bench: Bench, run: Call, tmp_path: Path) -> None:
    bench.add("annals.example", more=ANNALS)
    stream = io.BytesIO()
    writer = WARCWriter(stream, gzip=True)
    for url, day in [
        ("http://annals.example/a/1.html", "2022-11-11"),
        ("http://annals.example/a/2.html", "2022-11-01"),
        ("http://annals.example/a/3.html", "2022-12-24"),
        ("http://other.example/a/4.html", "2022-11-11"),
        ("http://annals.example/a/5.html", "2022-11-14"),
    ]:
        headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
        body = pages.article(url).encode()
        record = writer.create_warc_record(
            url, "response", payload=io.BytesIO(body), length=len(body), http_headers=headers,
            warc_headers_dict={"WARC-Date": f"{day}T06:00:00Z"},
        )  # fmt: skip
        writer.write_record(record)
    file = tmp_path / "CC-NEWS-20221111.warc.gz"
    file.write_bytes(stream.getvalue())
    for budget, new, claimed in (("1", 1, 1), ("9", 1, 1)):
        # What was read from a file is not read again, and each call goes on where the last one stopped.
        code, out, err = run("backfill", "annals", *NOVEMBER, "--via", "ccnews", "--file", str(file), "--max-pages", budget, "--json")
        assert code == 0, err
        summary = json.loads(out)
        assert (summary["new"], summary["claimed"], summary["outlets"]) == (new, claimed, ["annals"])
    assert bench.rows("SELECT url FROM articles ORDER BY url") == [
        ("http://annals.example/a/1.html",), ("http://annals.example/a/5.html",),
    ]  # fmt: skip
    assert bench.requests() == []


def test_a_card_without_the_way_asked_for_is_named(bench: Bench, run: Call) -> None:
    bench.add("fresh.example")
    for way, key in (("sitemap", "archives"), ("ids", "identity.id_dates"), ("ccnews", "--file")):
        code, _, err = run("backfill", "fresh", *NOVEMBER, "--via", way)
        assert code == 2
        assert f"fresh: {key}" in err
    for arguments in (
        ("--via", "wayback", "--archive", "no-address"),
        ("--via", "sitemap", "--file", str(bench.log)),
        ("--via", "ids", "--archive", "http://web-archive.example"),
        ("--via", "ccnews", "--file", "/nowhere.warc.gz"),
    ):
        code, _, err = run("backfill", "fresh", *NOVEMBER, *arguments)
        assert (code, "Traceback" in err) == (2, False), err
        assert arguments[2] in err
    code, out, err = run("backfill", "fresh", *NOVEMBER, "--via", "ccnews", "--file", str(bench.log))
    assert (code, "needs attention: fresh" in out) == (1, True), err
