"""Exports as other tools read them: the csv module, json, pyarrow, warcio, an XML parser."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pyarrow.parquet
import pytest
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from interfaces.export.atom import write_atom
from interfaces.export.selection import COLUMNS, Selection, row_of, select_articles
from interfaces.export.tables import write_csv, write_jsonl, write_parquet
from interfaces.export.warc import write_warc
from storage import articles, captures
from storage.claim_records import FactVerdict, Level, MatchNews
from storage.database import Database, open_database
from storage.records import Capture, Hop, StoredArticle
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

NASTY = [
    '=HYPERLINK("http://x")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "＝1＋1",
    "a\x1b]0;t\x07b",
    "rtl \u202e gnp.exe",
    'quote " comma , line\nbreak',
    "emoji 🇺🇦",
]
NOW = datetime(2022, 11, 20, 12, 0, tzinfo=UTC)
"""Moment of every capture here."""


@pytest.fixture
def stored(sqlite_url: str) -> Iterator[tuple[Database, list[StoredArticle]]]:
    """One article for each nasty headline, and one taken down by its publisher."""
    with closing(open_database(sqlite_url)) as database:
        writer = Writer(database, [make_outlet("radio")], NOW)
        for number, title in enumerate(NASTY):
            text = f"Text number {number} of this export. {title}"
            writer.write(f"http://radio.example/a/{number}", make_extraction(title, text), NOW)
        gone = writer.write("http://radio.example/a/gone", make_extraction("Taken down", "This text was withdrawn."), NOW)
        with database.write() as session:
            articles.mark_gone(session, gone.visit.page_id, NOW)
        with database.read() as session:
            yield database, list(select_articles(session, Selection()))


def rows(found: list[StoredArticle]) -> Iterator[dict[str, object]]:
    return (row_of(article) for article in found)


@pytest.mark.rows(74)
def test_csv_reads_back_and_holds_no_formula(stored: tuple[Database, list[StoredArticle]]) -> None:
    target = io.BytesIO()
    assert write_csv(rows(stored[1]), target) == len(NASTY) + 1
    read = list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8"), newline="")))
    assert list(read[0]) == list(COLUMNS)
    for row in read:
        for cell in row.values():
            assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r", "＝", "＋"), cell
            assert not set(cell) & set("\x1b\x07\u202e")
    assert read[0]["title"] == "'" + NASTY[0]


def test_raw_csv_is_the_text_as_it_is_stored(stored: tuple[Database, list[StoredArticle]]) -> None:
    target = io.BytesIO()
    write_csv(rows(stored[1]), target, raw=True)
    read = list(csv.DictReader(io.StringIO(target.getvalue().decode("utf-8"), newline="")))
    assert [row["title"] for row in read] == [article.title for article in stored[1]]


def test_json_lines_are_ascii_and_whole(stored: tuple[Database, list[StoredArticle]]) -> None:
    target = io.BytesIO()
    write_jsonl(rows(stored[1]), target)
    assert target.getvalue().isascii() and b"\x1b" not in target.getvalue()
    read = [json.loads(line) for line in target.getvalue().splitlines()]
    assert [row["article"] for row in read] == [article.key for article in stored[1]]
    assert read[0]["first_seen_at"] == "2022-11-20T12:00:00Z"


def test_parquet_keeps_types(stored: tuple[Database, list[StoredArticle]]) -> None:
    target = io.BytesIO()
    write_parquet(rows(stored[1]), target)
    table = pyarrow.parquet.read_table(io.BytesIO(target.getvalue()))
    assert table.column_names == list(COLUMNS)
    read = table.to_pylist()
    assert read[0]["first_seen_at"] == NOW and read[0]["revision"] == 1 and read[0]["partial"] is False
    assert [row["title"] for row in read] == [article.title for article in stored[1]]


def test_what_was_taken_down_goes_without_its_text(stored: tuple[Database, list[StoredArticle]]) -> None:
    gone = stored[1][-1]
    assert gone.gone_at is not None and gone.text
    assert row_of(gone)["text"] == "" and row_of(gone)["title"] == "Taken down"
    assert row_of(gone, withdrawn_texts=True)["text"] == gone.text


def test_no_table_has_a_column_of_persons() -> None:
    assert not {"author", "authors", "byline", "person", "persons"} & set(COLUMNS)


def page(body: bytes, **about: object) -> Capture:
    values = {
        "requested_url": "http://strela.example/a/1?utm_source=x",
        "final_url": "http://strela.example/a/1",
        "status": 200,
        "headers": (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("X-Bad", "a\r\nSet-Cookie: b")),
        "content_type": "text/html; charset=utf-8",
        "body": body,
        "fetched_at": NOW,
        "user_agent": "SecondSource (+mailto:desk@example.org)",
        "hops": (Hop(url="http://strela.example/a/1?utm_source=x", status=301), Hop(url="http://strela.example/a/1", status=200)),
    }
    return Capture(**{**values, **about})  # type: ignore[arg-type]


def test_captures_are_a_warc_that_the_formats_own_tool_finds_sound(tmp_path: Path) -> None:
    body = "<p>Подвал</p>".encode()
    file = tmp_path / "x.warc.gz"
    with file.open("wb") as target:
        assert write_warc([("strela_ru:1", page(body)), ("strela_ru:2", page(b""))], target, software="test") == (1, 1)

    assert Checker(SimpleNamespace(inputs=[str(file)], verbose=True)).process_all() == 0
    with file.open("rb") as stream:
        records = [(record.rec_type, record, record.content_stream().read()) for record in ArchiveIterator(stream)]
    assert [kind for kind, _, _ in records] == ["warcinfo", "response", "metadata"]
    _, response, payload = records[1]
    assert payload == body
    assert response.http_headers.get_header("Set-Cookie") is None and response.http_headers.get_header("Content-Encoding") is None
    assert response.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    about = records[2][2].decode()
    assert f"sha256: {hashlib.sha256(body).hexdigest()}\r\n" in about and "hop1: 301 http://strela.example" in about


def test_the_same_captures_are_the_same_bytes() -> None:
    def once() -> bytes:
        target = io.BytesIO()
        write_warc([("strela_ru:1", page(b"<p>x</p>"))], target, software="test")
        return target.getvalue()

    assert once() == once()


def test_every_revision_of_an_article_has_its_capture_in_the_warc(sqlite_url: str) -> None:
    with closing(open_database(sqlite_url)) as database:
        writer = Writer(database, [make_outlet("radio")], NOW)
        for hours, count in enumerate(("two", "three")):
            text = f"There are {count} hundred people in the cellar, she said."
            writer.write("http://radio.example/a/1", make_extraction("Count", text), NOW + timedelta(hours=2 * hours))
        with database.read() as session:
            (article,) = select_articles(session, Selection())
            assert article.revision == 2 and len(captures.captures_of(session, article.article_id)) == 2


@pytest.mark.rows(75)
@pytest.mark.parametrize("text", NASTY)
def test_the_feed_is_xml_whatever_the_text(text: str) -> None:
    item = MatchNews(
        report="cellars",
        claim="c03",
        claim_text="About 250 people",
        article="strela_ru:1",
        outlet_name=text,
        url="javascript:alert(1)",
        title=text,
        revision=1,
        level=Level.STRONG,
        verdict=FactVerdict.DIFFERS,
        start=10,
        passage=text * 100,
        published_at=NOW,
        made_at=NOW,
    )
    target = io.BytesIO()
    assert write_atom([item], target, title="cellars") == 1
    feed = ElementTree.fromstring(target.getvalue())
    name = "{http://www.w3.org/2005/Atom}"
    assert feed.findtext(f"{name}updated") == "2022-11-20T12:00:00Z"
    entry = feed.find(f"{name}entry")
    assert entry is not None and entry.find(f"{name}link") is None
    assert len(entry.findtext(f"{name}summary") or "") < 500


def test_the_command_writes_a_file_with_its_manifest(stored: tuple[Database, list[StoredArticle]], tmp_path: Path) -> None:
    out = tmp_path / "articles.csv"
    command = [sys.executable, "-P", "-m", "interfaces.cli.main", "--database", stored[0].url, "export", "--format", "csv", "--json"]
    done = subprocess.run([*command, "--out", str(out), "--query", "number"], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    manifest = json.loads(done.stdout)
    assert manifest["rows"] == len(NASTY) and manifest["filters"] == {"query": "number"}
    assert datetime.fromisoformat(manifest["made_at"]) <= datetime.now(UTC)
    assert manifest["sha256"] == hashlib.sha256(out.read_bytes()).hexdigest()
    assert json.loads((tmp_path / "articles.csv.manifest.json").read_text()) == manifest
    assert sorted(path.name for path in tmp_path.iterdir()) == ["articles.csv", "articles.csv.manifest.json"]
