"""The crawl child: ``python -P -m scheduler.crawl_process RUN_ID [PARENT_PID]``, with the settings as JSON on stdin.

Prints one line of JSON, the run's summary, on stdout; logs on stderr. Exit codes: 0 done or stopped in order, 2 wrong usage,
3 every wanted host is held by another process, 4 the database is unusable, 1 anything else. Ends when its parent does.

A command that crawls once in its life does so in its own process, by ``crawl_here``: a second start of Python and of SQLAlchemy is a
third of what a crawl costs that finds nothing new. Twisted's reactor does not start twice, so everybody else has a child each time.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import threading
from dataclasses import asdict
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from comparison.learned_words import LearnedWords
    from config.outlet import Outlet
    from config.settings import Settings
    from storage.claim_records import ReferenceReport
    from storage.records import Entry, Extraction
    from storage.run_records import RunSummary

PARENT_POLL_S = 0.5

MAX_RELATED = 200
"""Articles related to a report from whose words further ones are known."""

_stop = threading.Event()


def main(arguments: list[str], settings_json: str) -> int:
    """Crawl one run; returns the exit code."""
    # The crawl turns it on when all is imported: nearly all that a start makes stays.
    gc.disable()
    # From here on a SIGTERM is remembered; the imports below take seconds, and Python's default would end us with 143.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _remember)
    _follow_parent(int(arguments[1]) if len(arguments) == 2 and arguments[1].isdigit() else os.getppid())

    from config.logs import configure_logs
    from config.settings import Settings

    if len(arguments) not in (1, 2) or not all(argument.isdigit() for argument in arguments):
        print("usage: python -P -m scheduler.crawl_process RUN_ID [PARENT_PID] < settings.json", file=sys.stderr)
        return 2
    values = json.loads(settings_json)
    settings = Settings.model_validate(values.get("settings", values))
    configure_logs(settings.log_format)
    code, summary = _try_crawl(settings, int(arguments[0]))
    if summary is not None:
        print(json.dumps(summary_values(summary)), flush=True)
    return code


def crawl_here(settings: Settings, run_id: int) -> int:
    """Crawl one run in this process and its main thread, once in its life; the exit code that the child would have had.

    A SIGTERM or SIGINT ends the crawl in order, as in a child.

    Raises: KeyboardInterrupt after a crawl that a SIGINT ended.
    """
    heard: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        heard.append(number)
        _stop.set()

    before = {number: signal.signal(number, remember) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        code, _ = _try_crawl(settings, run_id, heard=heard.append)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if signal.SIGINT in heard:
        raise KeyboardInterrupt
    return code


def _try_crawl(settings: Settings, run_id: int, *, heard: Callable[[int], None] | None = None) -> tuple[int, RunSummary | None]:
    """The exit code, and the summary of a crawl that ended in order."""
    import structlog

    from crawlers.errors import HostsHeldError
    from storage.errors import DatabaseBusyError, DatabaseUnusableError

    log = structlog.get_logger("scheduler.crawl_process")
    try:
        return 0, _crawl(settings, run_id, heard)
    except DatabaseUnusableError as error:
        log.error("database_unusable", what=error.what, remedy=error.remedy)
        return 4, None
    except DatabaseBusyError as error:
        log.error("database_busy", reason=str(error))
        return 4, None
    except HostsHeldError as error:
        log.error("hosts_held", holders=error.holders)
        return 3, None
    except Exception as error:  # The job border: the parent reads the run's row and this log.
        log.error("crawl_failed", exc_info=error)
        return 1, None


def _crawl(settings: Settings, run_id: int, heard: Callable[[int], None] | None) -> RunSummary:
    from contextlib import closing

    from config.catalog import OTHER, load_catalog
    from crawlers.request import CrawlRequest
    from storage import pages, reports, runs
    from storage.database import open_reader
    from storage.wordings import related_openings

    catalog = load_catalog(settings)
    with closing(open_reader(settings.database)) as database, database.read() as session:
        run = runs.load_run(session, run_id)
        request = CrawlRequest.from_dict(dict(run.request))
        selected = catalog.select([name for name in run.outlets if name in catalog.outlets or name.startswith(OTHER)])
        is_awaited = request.feeds and pages.awaits_bodies(session, selected)
        followed = [report for report in reports.list_reports(session) if request.report in (None, report.key)]
        related = {report.key: related_openings(session, report.key, limit=MAX_RELATED) for report in followed}
    if is_awaited:
        from crawlers.workers import prepare_workers

        prepare_workers({outlet.language for outlet in selected})
    # Only now, while the fork server imports what workers need: it takes half a second.
    from crawlers.run import run_crawl

    relevance, nearness, learner = _guesses(followed, related)
    return run_crawl(
        settings,
        selected,
        run_id=run_id,
        request=request,
        relevance=relevance,
        nearness=nearness,
        learner=learner,
        catalog=catalog,
        stop_asked=_stop.is_set,
        heard=heard,
    )


def _guesses(
    followed: list[ReferenceReport], related: Mapping[str, list[tuple[str, str]]]
) -> tuple[Callable[[Entry, Outlet], float], Callable[[Extraction], float] | None, LearnedWords | None]:
    """How promising an entry, how near a page is for the stored reports, and what learns on the way; with no report all are alike."""
    if not followed:
        return lambda _entry, _outlet: 0.5, None, None
    from comparison.focus import lexical_nearness, lexical_relevance
    from comparison.learned_words import LearnedWords

    relevance = lexical_relevance(followed, related)
    return relevance, lexical_nearness(followed), LearnedWords(relevance)


def summary_values(summary: RunSummary) -> dict[str, object]:
    """The run's summary as JSON values."""
    return {**asdict(summary), "outcomes": dict(summary.outcomes), "unexplained": summary.unexplained}


def _remember(_number: int, _frame: FrameType | None) -> None:
    _stop.set()


def _follow_parent(parent: int) -> None:
    """Stop in order when the parent is gone: nobody would hear of the result, and nobody could stop us.

    Who the parent is must be told by itself: killed while we start, it is gone before we could ask.
    """

    def watch() -> None:
        while os.getppid() == parent:
            threading.Event().wait(PARENT_POLL_S)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], sys.stdin.read()))
