"""The pool of processes that read foreign bytes: what one task breaks, it breaks alone."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest

from config.settings import ExtractSettings
from crawlers.errors import TaskCrashError, TaskTimeoutError
from crawlers.workers import WorkerPool, extract_files
from storage.records import Outcome, PageClass
from tests.fixtures import tasks
from tests.fixtures.pages import TITLES, article, json_ld, text_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
T = TypeVar("T")


def within(work: Callable[[WorkerPool], Awaitable[T]], **limits: object) -> T:
    """Run ``work`` with a pool of its own."""

    async def run() -> T:
        async with WorkerPool(ExtractSettings.model_validate({"workers": 2, "timeout_s": 30} | limits)) as pool:
            return await work(pool)

    return asyncio.run(run())


Shared = Callable[[Callable[[WorkerPool], Awaitable[Any]]], Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Shared]:
    """Run work with a pool that several tests have in common: no test may leave it other than it was."""
    with asyncio.Runner() as runner:
        pool = WorkerPool(ExtractSettings(workers=2, timeout_s=30))
        try:
            yield lambda work: runner.run(_of(work(pool)))
        finally:
            pool.close()


async def _of(work: Awaitable[Any]) -> Any:
    return await work


def test_a_page_and_its_fingerprint_come_from_one_task(shared: Shared) -> None:
    body = article("ru", head=json_ld(headline=TITLES["ru"], datePublished="2022-11-21T10:05:09+02:00"))
    extraction, fingerprint = shared(
        lambda pool: pool.extract(
            body, url="http://radio.example/a/1.html", outlet_language="ru", headers=(("TDM-Reservation", "1"),), now=NOW
        )
    )
    assert (extraction.title, extraction.language, extraction.noarchive) == (TITLES["ru"], "ru", True)
    assert extraction.text.endswith(text_of("ru"))
    assert fingerprint.shingle_count > 30
    assert "мост" in fingerprint.body_lemmas.split()


def test_a_listing_is_read_in_a_worker(shared: Shared) -> None:
    body = b'<rss version="2.0"><channel><item><title>x</title><link>/a/1.html</link></item></channel></rss>'
    listing = shared(lambda pool: pool.read_listing(body, url="http://radio.example/rss", max_entries=10, now=NOW))
    assert (listing.outcome, listing.entries[0].url) == (Outcome.FEED_READ, "http://radio.example/a/1.html")


FAULTS = [
    # The task, and how its end is named.
    (tasks.abort, TaskCrashError, "exit code -6"),
    (tasks.leave, TaskCrashError, "exit code 3"),
    (tasks.refuse, TaskCrashError, "ValueError: no such thing"),
    (tasks.refuse_badly, TaskCrashError, "UnpicklableError: short"),
]


@pytest.mark.rows(72)
@pytest.mark.parametrize(("task", "error", "reason"), FAULTS)
def test_a_crash_blames_only_its_own_task(shared: Shared, task: Callable[[], None], error: type[Exception], reason: str) -> None:
    async def work(pool: WorkerPool) -> list[object]:
        # More tasks than processes, so that some wait behind the one that crashes.
        calls = [pool.run(tasks.answer, number) for number in range(4)]
        return await asyncio.gather(*calls[:2], pool.run(task), *calls[2:], return_exceptions=True)

    *_, crash, third, fourth = results = shared(work)
    assert [results[0], results[1], third, fourth] == [0, 1, 2, 3]
    assert isinstance(crash, error)
    assert reason in str(crash)


@pytest.mark.rows(72, 82)
def test_a_worker_that_is_killed_once_over_a_task_does_it_again(tmp_path: Path) -> None:
    assert within(lambda pool: pool.run(tasks.die_the_first_time, tmp_path / "trace"), workers=1) == 42


@pytest.mark.rows(69, 70)
def test_a_worker_that_is_killed_in_the_middle_of_its_answer_spoils_no_later_task() -> None:
    async def work(pool: WorkerPool) -> list[int]:
        with pytest.raises(TaskCrashError, match="exit code -9"):
            await pool.run(tasks.die_in_mid_message)
        return [await pool.run(tasks.answer, value) for value in (1, 2)]

    assert within(work, workers=1) == [1, 2]


def test_a_task_that_hangs_is_killed_and_the_others_go_on() -> None:
    async def work(pool: WorkerPool) -> list[object]:
        hanging = [pool.run(tasks.hang) for _ in range(2)]
        return await asyncio.gather(*hanging, *(pool.run(tasks.answer, number) for number in range(5)), return_exceptions=True)

    results = within(work, timeout_s=1)
    assert all(isinstance(result, TaskTimeoutError) and result.timeout_s == 1 for result in results[:2])
    assert results[2:] == [0, 1, 2, 3, 4]


@pytest.mark.rows(71, 73)
def test_memory_is_limited_for_each_worker() -> None:
    async def work(pool: WorkerPool) -> list[object]:
        return await asyncio.gather(pool.run(tasks.eat_memory, 3 * 1024**3), pool.run(tasks.eat_memory, 1024**2), return_exceptions=True)

    too_much, little = within(work, max_memory_bytes=1536 * 1024**2)
    assert isinstance(too_much, TaskCrashError)
    assert "memory" in str(too_much)
    assert little == 1024**2


def test_an_idle_worker_that_dies_costs_no_later_task() -> None:
    async def work(pool: WorkerPool) -> int:
        os.kill(await pool.run(tasks.process_id), signal.SIGKILL)
        return await pool.run(tasks.answer)

    assert within(work, workers=1) == 42


@pytest.mark.rows(73)
def test_a_worker_is_replaced_after_its_share_of_tasks() -> None:
    async def work(pool: WorkerPool) -> list[int]:
        return [await pool.run(tasks.process_id) for _ in range(6)]

    pids = within(work, workers=1, tasks_per_worker=2)
    assert len(set(pids)) == 3
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4] == pids[5]


def test_a_cancelled_call_gives_its_place_back() -> None:
    async def work(pool: WorkerPool) -> int:
        hanging = asyncio.ensure_future(pool.run(tasks.hang))
        await asyncio.sleep(0)
        hanging.cancel()
        await asyncio.gather(hanging, return_exceptions=True)
        return await pool.run(tasks.answer)

    assert within(work, workers=1) == 42


def test_workers_import_neither_scrapy_nor_sqlalchemy_nor_our_main_module(shared: Shared) -> None:
    async def work(pool: WorkerPool) -> tuple[list[str], str | None]:
        # One task after the other goes round the workers, so that two of each reach both.
        for _ in range(2):
            await pool.extract(article("en"), url="http://radio.example/a/1.html", outlet_language="en", now=NOW)
        loaded = [name for _ in range(2) for name in await pool.run(tasks.loaded_modules)]
        return loaded, await pool.run(tasks.main_file)

    modules, main_file = shared(work)
    roots = {name.partition(".")[0] for name in modules}
    assert not roots & {"scrapy", "twisted", "sqlalchemy", "alembic", "pytest"}
    assert "trafilatura" in roots
    assert main_file != getattr(sys.modules["__main__"], "__file__", "")


SCRIPT = """
import asyncio, json, sys
sys.path.insert(0, {root!r})
from config.settings import ExtractSettings
from crawlers.workers import WorkerPool
from tests.fixtures import tasks

async def main():
    pool = WorkerPool(ExtractSettings(workers=1))
    stray, config = await pool.run(tasks.stray_flag), await pool.run(tasks.config_file)
    print(json.dumps({{"pid": await pool.run(tasks.process_id), "stray": stray, "config": config}}), flush=True)
    await pool.run(tasks.hang)

asyncio.run(main())
"""


def test_workers_end_when_their_parent_is_killed_and_never_import_a_stray_config(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("import sys\nsys.stray_config_was_imported = True\n")
    script = tmp_path / "parent.py"
    script.write_text(SCRIPT.format(root=str(ROOT)))
    # The script has no guard around its last line, and its workers must not run it again.
    parent = subprocess.Popen([sys.executable, "-P", str(script)], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    said = json.loads(parent.stdout.readline())
    assert (said["stray"], said["config"]) == (False, str(ROOT / "config" / "settings.py"))
    worker = os.pidfd_open(said["pid"])
    try:
        parent.kill()
        parent.wait()
        ended, _, _ = select.select([worker], [], [], 10)
        assert ended, "the worker outlived its parent"
    finally:
        os.close(worker)
        parent.stdout.close()


def test_without_isolation_the_working_folder_is_left_out_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text("import sys\nsys.stray_config_was_imported = True\n")
    code = SCRIPT.format(root=str(ROOT)).replace("    await pool.run(tasks.hang)", "    pool.close()")
    # "python -c" has the working folder on sys.path; our own is put before it, and the fork server must not see it at all.
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["stray"] is False


def test_files_are_extracted_in_their_order_and_a_bad_one_costs_only_itself(tmp_path: Path) -> None:
    paths = []
    for number, language in enumerate(("en", "de", "ru", "uk")):
        paths.append(tmp_path / f"{number}.html")
        paths[-1].write_bytes(article(language))
    paths.insert(0, tmp_path / "absent.html")
    paths.insert(2, tmp_path)
    (tmp_path / "empty.html").touch()
    paths.append(tmp_path / "empty.html")
    (tmp_path / "saved.html.gz").write_bytes(gzip.compress(article("en")))
    paths.append(tmp_path / "saved.html.gz")
    results = list(extract_files(paths, ExtractSettings(workers=2), now=NOW))
    assert [result.file for result in results] == paths
    assert [bool(result.fault) for result in results] == [True, False, True, False, False, False, False, False]
    titles = [result.extraction.title for result in results if result.extraction is not None]
    assert titles == [TITLES["en"], TITLES["de"], TITLES["ru"], TITLES["uk"], "", TITLES["en"]]
    empty = results[-2].extraction
    assert empty is not None
    assert empty.page_class is PageClass.EMPTY
