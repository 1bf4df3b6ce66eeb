"""``db reextract``: newer rules over stored captures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text, update

from config.settings import Settings, load_settings
from crawlers.importing import ImportRequest
from scheduler.importing import import_saved
from scheduler.reextraction import Rereading, reextract
from storage import queries, search
from storage.database import open_database, open_reader
from storage.models import ExtractionRow, RevisionRow, SearchRow
from storage.records import StoredArticle

URL = "http://strela.example/2022/11/18/podval.html"
WORDS = "Сестра мобилизованного рассказала редакции, что её брата держат в подвале вместе с другими отказавшимися воевать солдатами."
PAGE = f"""<!doctype html><html lang="ru"><head><title>Рассказ сестры</title></head>
<body><article><h1>Рассказ сестры</h1><p>{WORDS}</p><p>{WORDS[:60]} снова и снова.</p></article></body></html>"""
WALL = """<!doctype html><html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing</h1>
<div id="challenge-form"><noscript>Enable JavaScript and cookies to continue</noscript></div></body></html>"""


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """A database with one article."""
    made = load_settings(None, {"database": database_url})
    file = tmp_path / "saved.html"
    file.write_text(PAGE, encoding="utf-8")
    import_saved(made, ImportRequest(files=(file,), url=URL), report=lambda _page: None)
    return made


@contextmanager
def aged(settings: Settings, **values: object) -> Iterator[None]:
    """As if older rules had read all that is stored, and had read ``values``."""
    with closing(open_database(settings.database)) as database, database.write() as session:
        session.execute(update(ExtractionRow).values(rules_version="2000.1", **values))
        session.execute(update(SearchRow).values(body="old"))
    yield


def read_again(settings: Settings, *, apply: bool) -> list[Rereading]:
    found: list[Rereading] = []
    reextract(settings, outlets=(), apply=apply, report=found.append)
    return found


def article(settings: Settings) -> StoredArticle:
    with closing(open_reader(settings.database)) as database, database.read() as session:
        (found,) = queries.load_articles(session)
        return found


def test_what_would_change_is_told_first_and_then_changed_without_a_revision(settings: Settings) -> None:
    with aged(settings, text="Only half of it."):
        (told,) = read_again(settings, apply=False)
        assert (told.changed, told.applied) == (("text",), False)
        assert article(settings).text == "Only half of it."
        (done,) = read_again(settings, apply=True)
        assert done.applied and done.characters_after > done.characters_before
    now = article(settings)
    assert WORDS in now.text and now.revision == 1
    with closing(open_reader(settings.database)) as database, database.read() as session:
        assert [hit.article for hit in search.search(session, "мобилизованный")] == [now.key]
        assert len(queries.history(session, now.key)) == 1
        assert session.scalar(text("SELECT count(*) FROM extractions")) == 2, "the old reading is kept"
    assert read_again(settings, apply=True) == [], "what has its new reading is stale no longer"


def test_a_reading_that_is_the_same_only_moves_the_pointer(settings: Settings) -> None:
    with aged(settings):
        (told,) = read_again(settings, apply=True)
        assert told.changed == () and told.fault == ""
    with closing(open_database(settings.database)) as database, database.read() as session:
        newest = session.scalars(text("SELECT max(id) FROM extractions")).one()
        assert session.query(RevisionRow).one().extraction_id == newest


def test_an_article_that_would_be_none_any_more_stays_as_it_was(sqlite_url: str, tmp_path: Path) -> None:
    settings = load_settings(None, {"database": sqlite_url})
    file = tmp_path / "saved.html"
    file.write_text(PAGE, encoding="utf-8")
    import_saved(settings, ImportRequest(files=(file,), url=URL), report=lambda _page: None)
    from storage.captures import record_body
    from storage.identity import sha256_hex

    with closing(open_database(settings.database)) as database, database.write() as session:
        digest = sha256_hex(WALL.encode())
        record_body(session, digest, WALL.encode())
        session.execute(text("UPDATE captures SET body_sha256 = :digest"), {"digest": digest})
    with aged(settings):
        (told,) = read_again(settings, apply=True)
    assert told.fault.startswith("blocked") and not told.applied
    assert WORDS in article(settings).text
