"""docs/querying.md as it is printed, run against stored articles: SQL on both databases, Python, Datasette."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.reference import demo_report
from storage import datasette_doc, matches
from storage.articles import mark_gone
from storage.claim_records import FactVerdict, Level, Match
from storage.database import Database, open_database, open_reader
from storage.pages import plan_feeds, record_page
from storage.records import Entry, Listing, PageKind, Precision
from storage.reports import save_report
from storage.sightings import record_sightings
from storage.visits import claim_visits
from tests.conftest import NOW, NewDatabase
from tests.integration.newsroom_store import fill
from tests.integration.storage.builders import Writer, make_extraction, make_outlet, published

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "querying.md").read_text(encoding="utf-8")
STORED = (
    "isarbote-keller",
    "mainblatt-keller",
    "sever-podval",
    "techas-podval",
    "volga-podval",
    "meridian-en-video",
    "perehuk-250",
    "listok-42",
)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def build(database: Database) -> None:
    """A handful of the newsroom's articles, one revised, one copied, one gone, one announced only, matches for three claims."""
    newsroom = read_newsroom()
    store = fill(database, newsroom, NOW, only=STORED)
    outlets = [make_outlet("paper"), make_outlet("agency")]
    writer = Writer(database, outlets, NOW)
    wire = " ".join(f"Sentence {number} of the wire tells of a bridge and {number} lorries." for number in range(12))
    for hours, outlet in ((5, "agency"), (2, "paper")):
        when = published(NOW - timedelta(hours=hours), precision=Precision.SECOND)
        writer.write(f"http://{outlet}.example/wire", make_extraction("Wire", wire, published=when), NOW, outlet=outlet)
    revised = make_extraction("Wire", wire.replace("3 lorries", "30 lorries"), published=when)
    writer.write("http://paper.example/wire", revised, NOW + timedelta(hours=3), outlet="paper")
    report = demo_report()
    with database.write() as session:
        plan_feeds(session, outlets, now=NOW, interval_s=60.0, force=True)
        feeds = [
            visit
            for visit in claim_visits(session, writer.run_id, outlet_ids=["paper"], limit=50, lease_s=60.0, now=NOW)
            if visit.kind is PageKind.FEED
        ]
        entry = Entry(url="http://paper.example/announced-only", title="Announced only")
        record_sightings(session, feeds[0], outlets[0], Listing(dialect="rss", entries=(entry,)), [], now=NOW)
        page = record_page(session, url="http://agency.example/wire", outlet=outlets[1], kind=PageKind.ARTICLE, now=NOW)
        assert mark_gone(session, page, NOW)
        save_report(session, report, NOW)
    for number, claim in enumerate(("c03", "c03", "c03", "c12", "c13")):
        name = ("perehuk-250", "techas-podval", "listok-42", "sever-podval", "volga-podval")[number]
        article = store.articles[name]
        with database.write() as session:
            row = session.execute(
                text(
                    "SELECT e.text_sha256 FROM articles a JOIN revisions r ON r.id = a.current_revision_id "
                    "JOIN extractions e ON e.id = r.extraction_id WHERE a.id = :id"
                ),
                {"id": article},
            ).one()
            found = Match(
                claim_id=claim,
                article_id=str(article),
                revision=1,
                text_sha256=row.text_sha256,
                start=0,
                end=60,
                level=Level.STRONG,
                score=5.0,
                verdict=FactVerdict.DIFFERS if name == "listok-42" else FactVerdict.AGREES,
            )
            matches.replace_matches(session, report.key, article, "model-free", [found], NOW)


@pytest.fixture(scope="module")
def sqlite_file(new_database: NewDatabase) -> Iterator[Path]:
    with new_database("sqlite") as url:
        with closing(open_database(url)) as database:
            build(database)
        yield Path(url.removeprefix("sqlite:///"))


@pytest.fixture(scope="module")
def postgresql(new_database: NewDatabase) -> Iterator[str]:
    with new_database("postgresql") as url:
        with closing(open_database(url)) as database:
            build(database)
        yield url


@pytest.mark.parametrize("query", blocks("sql"), ids=lambda query: " ".join(query.split())[:50])
def test_every_question_has_the_same_answer_on_both_databases(sqlite_file: Path, postgresql: str, query: str) -> None:
    answers = []
    for url in (f"sqlite:///{sqlite_file}", postgresql):
        with closing(open_reader(url)) as database, database.read() as session:
            answers.append(session.execute(text(query)).all())
    assert answers[0]
    assert len(answers[0]) == len(answers[1])


def test_there_are_a_dozen_questions() -> None:
    assert len(blocks("sql")) >= 12


def test_the_analysts_role_reads_the_views_and_nothing_else(postgresql: str) -> None:
    [role] = blocks("postgresql")
    with psycopg.connect(postgresql, autocommit=True) as owner:
        owner.execute(role.encode())
    analyst = re.sub(r"//\w+@", "//analyst@", postgresql)
    try:
        with psycopg.connect(analyst, autocommit=True) as connection:
            for view in re.findall(r"v_\w+", role):
                connection.execute(f"SELECT * FROM {view} LIMIT 1".encode())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(b"SELECT * FROM captures")
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute(b"CREATE TEMP TABLE t (x int)")
            connection.execute(b"SET default_transaction_read_only = off")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(b"DELETE FROM articles")
    finally:
        with psycopg.connect(postgresql, autocommit=True) as owner:
            owner.execute(b"DROP OWNED BY analyst")
            owner.execute(b"DROP ROLE analyst")


@pytest.fixture
def folder(sqlite_file: Path, tmp_path: Path) -> Path:
    """As a reader of the page has it: the database and the metadata in the working folder."""
    shutil.copyfile(sqlite_file, tmp_path / "secondsource.db")
    shutil.copyfile(DOCS / "datasette.json", tmp_path / "datasette.json")
    return tmp_path


def run(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"MPLBACKEND": "Agg", "MPLCONFIGDIR": str(folder), "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_python_of_the_page_runs_and_draws(folder: Path) -> None:
    (folder / "page.py").write_text("\n".join(blocks("python")), encoding="utf-8")
    printed = run(["page.py"], folder)
    assert "revision 1 to 2: [] -> ['30']" in printed
    for picture in ("coverage.png", "spread.png"):
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_datasette_shows_views_and_questions_and_hides_tables(folder: Path) -> None:
    commands = [line for block in blocks("console") for line in block.splitlines() if "--get" in line]
    assert len(commands) == 2
    for command in commands:
        program, *arguments = shlex.split(command)
        assert json.loads(run(["-m", program, *arguments], folder))
    shown = json.loads(
        run(["-m", "datasette", "serve", "secondsource.db", "--metadata", "datasette.json", "--get", "/secondsource.json"], folder)
    )
    assert [table["name"] for table in shown["tables"] if not table["hidden"]] == []
    assert len(shown["queries"]) == len(blocks("sql"))
    page = run(
        ["-m", "datasette", "serve", "secondsource.db", "--metadata", "datasette.json", "--get", "/secondsource/v_clusters?_size=1"], folder
    )
    assert "equal for copies of one text" in page or "smallest internal id" in page


def test_the_metadata_is_what_the_views_and_the_page_make() -> None:
    assert (DOCS / "datasette.json").read_text(encoding="utf-8") == datasette_doc.render(PAGE), "run `make docs`"
