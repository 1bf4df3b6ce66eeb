"""The demo run: the product's main job on the bundled newsroom, from an empty folder to a dossier, checked against the truth."""

from __future__ import annotations

import threading
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from config.faults import ConfigError, Fault
from interfaces.cli.output import print_json, say
from interfaces.demo.checks import Difference, check_first_look, check_second_look
from interfaces.demo.daemon_process import DaemonError, DaemonProcess
from interfaces.demo.documents import CHANGED_WORLD, Newsroom
from interfaces.demo.ground_truth import GroundTruth, read_ground_truth
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.printout import as_values, print_result
from interfaces.demo.result import DemoResult
from interfaces.demo.server_process import ServerProcess, ServerStartError
from interfaces.demo.steps import Clock, diverted_stderr
from interfaces.demo.workspace import Workspace, make_workspace, write_settings

if TYPE_CHECKING:
    from storage.database import Database

DAEMON_PATIENCE_S = 240.0
"""Seconds the daemon has for its second look; it needs some ten on an idle machine."""


def run_demo(*, port: int, keep: Path | None, open_: bool, json_: bool) -> int:
    """Run it all; 0 when everything is as the newsroom's writers know it to be, 1 with each difference named.

    Raises: ConfigError (an unusable folder, a faulty text of the newsroom), SchedulerError, DatabaseUnusableError.
    """
    newsroom = read_newsroom()
    truth = read_ground_truth(newsroom)
    workspace = make_workspace(keep)
    say(f"demo: {workspace.folder}")
    with _serving(workspace, port) as server:
        say(f"demo: {len(newsroom.sites)} sites with {len(newsroom.documents)} pages on 127.0.0.1:{server.port}")
        with diverted_stderr(workspace.crawl_log) as stream:
            # The crawl logs every visit; here that belongs into a file, and the steps to whoever watches.
            result = _run(newsroom, truth, workspace, server, Clock(stream))
        _show(result, json_=json_)
        if open_:
            _stay_open(result, server)
    return 1 if result.differences else 0


@contextmanager
def _serving(workspace: Workspace, port: int) -> Iterator[ServerProcess]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(ServerProcess(workspace.folder, port=port))
        except ServerStartError as error:
            raise ConfigError([Fault(where="--port", key=str(port), message=str(error))]) from error
        yield server


def _run(newsroom: Newsroom, truth: GroundTruth, workspace: Workspace, server: ServerProcess, clock: Clock) -> DemoResult:
    from comparison.dossier import render
    from crawlers.request import CrawlRequest
    from interfaces.demo.matrix_checks import check_matrix, known_faults, shortfalls
    from interfaces.demo.reference import demo_report
    from scheduler import jobs, reporting
    from storage import issues, queries, runs
    from storage.database import open_database, upgrade_database

    settings = write_settings(workspace, server.connect_to(newsroom.hosts()))
    with clock.step("database and report"):
        upgrade_database(settings.database)
        report = demo_report()
        reporting.add_report(settings, report, from_claims=True, by="")
    with clock.step("first crawl"):
        summary = jobs.crawl(settings, CrawlRequest(report=None), progress=clock.note)
    result = DemoResult(workspace=workspace, settings=settings, newsroom=newsroom, report=report, summary=summary, timings=clock.seconds)
    with closing(open_database(settings.database)) as database:
        with clock.step("first check"):
            result.differences += check_first_look(database, newsroom, truth, summary.run_id)
        with clock.step("comparison"):
            jobs.update_comparison(settings, report.key, progress=clock.note)
        with clock.step("daemon's second look"):
            try:
                _second_look(result, database, server)
            except DaemonError as error:
                with database.read() as session:
                    noted = "; ".join(issue.message for issue in issues.list_issues(session) if issue.kind == "daemon")
                found = f"{error.reason}; it noted: {noted or 'nothing'}; its log is {error.log_file}"
                result.differences.append(Difference(what="work", name="the daemon", expected="done, exit 0", found=found))
        with database.read() as session:
            result.later_runs = tuple(sorted(run.run_id for run in runs.list_runs(session, limit=1000) if run.run_id > summary.run_id))
            result.counts = queries.counts(session)
        with clock.step("matrix and dossier"):
            result.matrix = jobs.compare(settings, report.key)
            workspace.dossier.write_text(render(result.matrix, "html"), encoding="utf-8")
            workspace.matrix.write_text(render(result.matrix, "json"), encoding="utf-8")
        with clock.step("second check"):
            result.differences += check_second_look(database, newsroom, truth, first_run=summary.run_id, later_runs=result.later_runs)
            result.differences += check_matrix(result.matrix, newsroom, truth)
            result.shortfalls = shortfalls(result.matrix, truth)
            result.known_faults = known_faults(result.matrix, newsroom, truth)
    return result


def _second_look(result: DemoResult, database: Database, server: ServerProcess) -> None:
    """The world changes; the real daemon is started, finds out, and is stopped.

    The newsroom is of 2022, and a page of that age is not due again for a long time. So the looks that a month of running
    would bring are planned here at once; reading them, judging what changed and comparing again is the daemon's work.
    """
    from storage import nearness, queries, runs

    server.show_world(CHANGED_WORLD)
    first = result.summary.run_id
    planned = plan_second_look(database, result.newsroom, first)

    def is_done() -> bool:
        with database.read() as session:
            later = [run.run_id for run in runs.list_runs(session, limit=1000) if run.run_id > first]
            seen = {visit.url for run_id in later for visit in queries.visits(session, run_id)}
            return planned <= seen and not nearness.pending_articles(session, 1)

    with DaemonProcess(result.workspace.config_file, result.workspace.daemon_log) as daemon:
        daemon.wait_until(is_done, within_s=DAEMON_PATIENCE_S)
        daemon.stop()


def plan_second_look(database: Database, newsroom: Newsroom, first_run: int) -> set[str]:
    """Plan a visit of every page that gave an article in ``first_run``; their addresses."""
    from scheduler import jobs
    from storage import pages, queries
    from storage.records import PageKind

    with database.read() as session:
        visits = [visit for visit in queries.visits(session, first_run) if visit.article]
    with database.write() as session:
        for visit in visits:
            outlet = newsroom.outlets[str(visit.article).partition(":")[0]]
            page_id = pages.record_page(session, url=visit.url, outlet=outlet, kind=PageKind.ARTICLE, now=jobs.now())
            pages.plan_visit(session, page_id, reason="recheck", priority=pages.RECHECK_PRIORITY, now=jobs.now())
    return {visit.url for visit in visits}


def _show(result: DemoResult, *, json_: bool) -> None:
    if json_:
        print_json(as_values(result))
    else:
        print_result(result)


def _stay_open(result: DemoResult, server: ServerProcess) -> None:
    """Keep the newsroom up until Ctrl-C."""
    webbrowser.open(result.workspace.dossier.as_uri())
    say(f"the newsroom stays on 127.0.0.1:{server.port}; its configuration is {result.workspace.config_file}; Ctrl-C ends it")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("closed")
