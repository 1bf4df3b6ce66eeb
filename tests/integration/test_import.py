"""``secondsource import`` as it is typed: files into the database by the write path of a crawl."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from config.settings import load_settings
from crawlers.importing import ImportRequest
from scheduler.importing import ImportedPage, import_saved
from scheduler.keeping import forget
from storage import captures, queries, search
from storage.database import open_database, open_reader
from storage.records import ArticleKind, Outcome
from storage.verification import verify_database

URL = "http://strela.example/2022/11/18/podval.html"
FIRST = "Сестра мобилизованного рассказала редакции, что её брата держат в подвале вместе с другими отказавшимися воевать."
SECOND = "По её словам, там около {count} человек, а кормят их один раз в день; на вопросы редакции командование не ответило."


def page(count: str, *, head: str = "") -> bytes:
    return f"""<!doctype html><html lang="ru"><head><title>Рассказ сестры</title>{head}
<meta property="article:published_time" content="2022-11-18T10:00:00+03:00"></head><body><article><h1>Рассказ сестры</h1>
<p>{FIRST}</p><p>{SECOND.format(count=count)}</p></article></body></html>""".encode()


def imported(database_url: str, *files: Path, **about: object) -> list[ImportedPage]:
    found: list[ImportedPage] = []
    settings = load_settings(None, {"database": database_url})
    import_saved(settings, ImportRequest(files=files, **about), report=found.append)  # type: ignore[arg-type]
    return found


def test_a_saved_page_becomes_an_article_with_its_provenance(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "saved.html"
    file.write_bytes(page("двухсот"))
    taken = datetime(2022, 11, 19, 8, 0, tzinfo=UTC)
    (found,) = imported(database_url, file, url=URL, captured_at=taken, note="from a colleague")
    assert found.outcome is Outcome.STORED and found.language == "ru" and found.title == "Рассказ сестры"
    assert found.published_at == datetime(2022, 11, 18, 7, 0, tzinfo=UTC)
    with closing(open_reader(database_url)) as database, database.read() as session:
        article = queries.load_article(session, found.article or "")
        assert article.captured_at == taken
        capture = captures.load_capture(session, article.capture_id)
        assert (capture.provenance, capture.note) == ("imported by hand", "saved.html: from a colleague")
        assert capture.body == page("двухсот") and capture.user_agent == ""
    assert verify_database(database_url) == []


def test_an_earlier_version_joins_the_history_and_does_not_become_current(sqlite_url: str, tmp_path: Path) -> None:
    new, old, newest = (tmp_path / name for name in ("new.html", "old.html", "newest.html"))
    new.write_bytes(page("трёхсот"))
    old.write_bytes(page("двухсот"))
    newest.write_bytes(page("четырёхсот"))
    imported(sqlite_url, new, url=URL, captured_at=datetime(2022, 11, 20, tzinfo=UTC))
    (earlier,) = imported(sqlite_url, old, url=URL, captured_at=datetime(2022, 11, 19, tzinfo=UTC))
    (again,) = imported(sqlite_url, old, url=URL, captured_at=datetime(2022, 11, 19, tzinfo=UTC))
    assert (earlier.outcome, again.outcome) == (Outcome.REVISED, Outcome.UNCHANGED)
    with closing(open_database(sqlite_url)) as database, database.read() as session:
        article = queries.load_article(session, earlier.article or "")
        assert "трёхсот" in article.text and article.revision == 1
        assert [revision.number for revision in queries.history(session, article.key)] == [2, 1], "in the order of their captures"
    (later,) = imported(sqlite_url, newest, url=URL, captured_at=datetime(2022, 11, 21, tzinfo=UTC))
    assert later.outcome is Outcome.REVISED
    with closing(open_database(sqlite_url)) as database, database.read() as session:
        article = queries.load_article(session, earlier.article or "")
        assert "четырёхсот" in article.text and article.revision == 3


def test_a_transcript_is_attached_to_its_video_and_makes_no_revision(sqlite_url: str, tmp_path: Path) -> None:
    video, words = tmp_path / "video.html", tmp_path / "video.vtt"
    video.write_bytes(page("двухсот", head='<meta property="og:type" content="video.other">'))
    words.write_text("WEBVTT\n\n00:00.000 --> 00:04.000\nЭту фразу слышно только в самой записи.\n", encoding="utf-8")
    (first,) = imported(sqlite_url, video, url=URL)
    for _ in range(2):
        (attached,) = imported(sqlite_url, words, url=URL)
        assert (attached.outcome, attached.article, attached.detail) == (Outcome.UNCHANGED, first.article, "transcript attached")
    with closing(open_reader(sqlite_url)) as database, database.read() as session:
        article = queries.load_article(session, first.article or "")
        assert article.revision == 1 and article.title == "Рассказ сестры"
        assert article.text.count("Эту фразу слышно") == 1 and FIRST in article.text
        assert [hit.article for hit in search.search(session, "фраза запись", limit=5)] == [first.article]


def test_a_transcript_alone_is_a_video(sqlite_url: str, tmp_path: Path) -> None:
    words = tmp_path / "video.srt"
    words.write_text("1\n00:00:00,000 --> 00:00:04,000\nThe cellar has no light at all.\n", encoding="utf-8")
    (found,) = imported(sqlite_url, words, url="http://strela.example/v/1.html", title="In the cellar")
    assert found.outcome is Outcome.STORED and found.title == "In the cellar"
    with closing(open_reader(sqlite_url)) as database, database.read() as session:
        assert queries.load_article(session, found.article or "").kind is ArticleKind.VIDEO


def run_cli(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "interfaces.cli.main", "--database", f"sqlite:///{folder}/x.db", "import", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_every_file_is_told_and_one_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    good, nowhere = tmp_path / "good.html", tmp_path / "nowhere.html"
    good.write_bytes(b"<!-- saved from url=(0044)http://strela.example/2022/11/18/podval.html -->" + page("двухсот"))
    nowhere.write_bytes(page("двухсот"))
    done = run_cli(str(nowhere), str(tmp_path / "absent"), str(good), "--json", folder=tmp_path)
    assert done.returncode == 1, done.stderr
    rows = [json.loads(row) for row in done.stdout.splitlines()]
    assert [row["outcome"] for row in rows] == [None, None, "stored"]
    assert "--url" in rows[0]["detail"] and "No such file" in rows[1]["detail"]
    assert {"url", "outcome", "article", "title", "published_at", "language"} <= rows[2].keys()


def test_a_strange_address_is_wrong_usage(tmp_path: Path) -> None:
    done = run_cli("x.html", "--url", "file:///etc/passwd", folder=tmp_path)
    assert done.returncode == 2 and "no http or https address" in done.stderr


def test_an_erased_page_is_not_stored_again_and_stops_no_other(sqlite_url: str, tmp_path: Path) -> None:
    erased, other = tmp_path / "erased.html", tmp_path / "other.html"
    erased.write_bytes(f"<!-- saved from url=(0044){URL} -->".encode() + page("двухсот"))
    other.write_bytes(b"<!-- saved from url=(0044)http://strela.example/2022/11/19/drugoe.html -->" + page("трёхсот"))
    (first,) = imported(sqlite_url, erased)
    forget(load_settings(None, {"database": sqlite_url}), first.article or "")
    again, beside = imported(sqlite_url, erased, other)
    assert again.outcome is None and "erased on request" in again.detail
    assert beside.outcome is Outcome.STORED
