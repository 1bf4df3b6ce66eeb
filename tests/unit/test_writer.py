"""The writer on a real database: groups, savepoints, acknowledgement, loss and end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import Connection, event

from crawlers import writer as writer_module
from crawlers.errors import WriterClosedError
from crawlers.writer import Writer
from storage import issues
from storage.database import Database, open_database, quick_check
from storage.errors import DatabaseBusyError, DatabaseUnusableError

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def note(session: Any, key: str) -> str:
    issues.record_issue(session, key=key, kind="test", message=key, now=NOW)
    return key


def refuse(_session: Any) -> None:
    raise ValueError("a bad item")


def keys(database: Database) -> set[str]:
    with database.read() as session:
        return {issue.key for issue in issues.list_issues(session)}


@pytest.fixture
def opened(sqlite_url: str) -> Iterator[Database]:
    with closing(open_database(sqlite_url)) as database:
        yield database


def test_an_item_is_acknowledged_after_its_commit(opened: Database) -> None:
    writer = Writer(opened)
    writer.start()

    async def work() -> None:
        assert await writer.submit(partial(note, key="one")) == "one"
        assert keys(opened) == {"one"}

    asyncio.run(work())
    writer.close()


def test_many_items_share_few_commits(opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "HELD_S", 60.0)
    writer = Writer(opened)
    writer.start()

    async def work() -> list[str]:
        return await asyncio.gather(*(writer.submit(partial(note, key=f"k{number}")) for number in range(200)))

    assert len(asyncio.run(work())) == 200
    writer.close()
    assert writer.items == 200
    assert 200 / writer_module.GROUP_ITEMS <= writer.groups <= 20
    assert len(keys(opened)) == 200


def test_a_group_that_takes_long_is_committed_in_parts(opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "HELD_S", -1.0)
    writer = Writer(opened)
    writer.start()

    async def work() -> list[str]:
        return await asyncio.gather(*(writer.submit(partial(note, key=f"k{number}")) for number in range(5)))

    assert asyncio.run(work()) == [f"k{number}" for number in range(5)]
    writer.close()
    assert writer.groups == writer.items == len(keys(opened)) == 5


@pytest.mark.rows(100)
def test_a_bad_item_undoes_only_itself(opened: Database) -> None:
    writer = Writer(opened)
    writer.start()

    def half(session: Any) -> None:
        note(session, "half")
        raise ValueError("after a write")

    async def work() -> list[Any]:
        items = [partial(note, key="before"), half, refuse, partial(note, key="after")]
        return await asyncio.gather(*(writer.submit(item) for item in items), return_exceptions=True)

    before, broken, refused, after = asyncio.run(work())
    writer.close()
    assert (before, after) == ("before", "after")
    assert isinstance(broken, ValueError) and isinstance(refused, ValueError)
    assert keys(opened) == {"before", "after"}
    assert writer.failed is None


class LosingDatabase:
    """A real database whose next transactions are lost, some before and some after the items ran."""

    def __init__(self, database: Database, losses: list[Exception | None]) -> None:
        self._database = database
        self._losses = losses

    @contextmanager
    def write(self, *, grouped: bool = False) -> Iterator[Any]:
        loss = self._losses.pop(0) if self._losses else None
        with self._database.write(grouped=grouped) as session:
            yield session
            if loss is not None:
                raise loss


@pytest.mark.rows(92)
def test_a_lost_group_is_repeated_until_it_is_stored_once(opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BACKOFF_S", (0.0,))
    lost = LosingDatabase(opened, [DatabaseBusyError("full"), DatabaseUnusableError("gone", "start it"), DatabaseBusyError("locked")])
    writer = Writer(lost)  # type: ignore[arg-type]
    writer.start()
    asyncio.run(writer.submit(partial(note, key="kept")))  # type: ignore[arg-type]
    writer.close()
    assert keys(opened) == {"kept"}
    with opened.read() as session:
        assert issues.list_issues(session)[0].count == 1
    assert writer.items == 1


def test_a_database_that_stays_away_is_given_up_when_the_crawl_is_to_end(opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "BACKOFF_S", (0.0,))
    monkeypatch.setattr(writer_module, "HURRY_S", 0.0)
    writer = Writer(LosingDatabase(opened, [DatabaseBusyError("full")] * 100_000))  # type: ignore[arg-type]
    writer.start()
    writer.hurry()

    async def work() -> None:
        with pytest.raises(WriterClosedError):
            await writer.submit(partial(note, key="lost"))
        with pytest.raises(WriterClosedError):
            await writer.submit(partial(note, key="late"))

    asyncio.run(work())
    writer.close()
    assert isinstance(writer.failed, DatabaseBusyError)
    assert keys(opened) == set()


def test_nobody_waits_for_a_writer_that_broke(opened: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object, **_values: object) -> None:
        raise RuntimeError("not a fault of the database")

    monkeypatch.setattr(Writer, "_attempt", broken)
    ended = []
    monkeypatch.setattr(threading, "excepthook", ended.append)
    writer = Writer(opened)
    writer.start()

    async def work() -> None:
        with pytest.raises(WriterClosedError):
            await writer.submit(partial(note, key="lost"))

    asyncio.run(work())
    writer.close()
    assert isinstance(writer.failed, RuntimeError) and [one.exc_value for one in ended] == [writer.failed]


def test_leases_are_renewed_without_other_work(opened: Database) -> None:
    renewed = asyncio.Event()

    async def work() -> None:
        loop = asyncio.get_running_loop()
        writer = Writer(opened, renew=lambda _session: loop.call_soon_threadsafe(renewed.set), renew_s=0.01)
        writer.start()
        await asyncio.wait_for(renewed.wait(), 10)
        await asyncio.to_thread(writer.close)

    asyncio.run(work())


def test_what_is_queued_at_the_end_is_still_stored(opened: Database) -> None:
    writer = Writer(opened)

    async def work() -> list[str]:
        waiting = [asyncio.ensure_future(writer.submit(partial(note, key=f"k{number}"))) for number in range(120)]
        await asyncio.sleep(0)
        writer.start()
        await asyncio.to_thread(writer.close)
        return await asyncio.gather(*waiting)

    assert len(asyncio.run(work())) == 120
    assert len(keys(opened)) == 120


def test_nothing_is_accepted_after_the_end(opened: Database, tmp_path: Path) -> None:
    writer = Writer(opened)
    writer.start()
    writer.close()

    async def work() -> None:
        with pytest.raises(WriterClosedError):
            await writer.submit(partial(note, key="late"))

    asyncio.run(work())
    assert keys(opened) == set()


@pytest.mark.rows(94)
def test_what_was_acknowledged_before_the_disk_was_full_stays_and_the_rest_follows_when_there_is_room(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "BACKOFF_S", (0.01,))
    room: list[int] = []

    # SQLite itself says "database or disk is full" beyond so many pages.
    @event.listens_for(opened.writer, "begin")
    def limit(connection: Connection) -> None:
        pages = room[0] if room else 2**30
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def fill(session: Any, key: str) -> str:
        issues.record_issue(session, key=key, kind="test", message=key, data={"weight": "x" * 9000}, now=NOW)
        return key

    writer = Writer(opened)
    writer.start()

    async def work() -> None:
        assert await writer.submit(partial(fill, key="before")) == "before"
        with opened.read() as session:
            room.append(int(session.connection().exec_driver_sql("PRAGMA page_count").scalar_one()))
        late = [asyncio.create_task(writer.submit(partial(fill, key=f"late-{number}"))) for number in range(20)]
        with structlog.testing.capture_logs() as logs:
            while not logs and not any(task.done() for task in late):  # noqa: ASYNC110 - the writer's thread logs, it sets no event
                await asyncio.sleep(0.01)
        assert "full" in logs[0]["reason"]
        assert not any(task.done() for task in late)
        assert keys(opened) == {"before"}
        room.clear()
        assert await asyncio.gather(*late) == [f"late-{number}" for number in range(20)]

    asyncio.run(work())
    writer.close()
    assert len(keys(opened)) == 21
    assert quick_check(opened) == []
