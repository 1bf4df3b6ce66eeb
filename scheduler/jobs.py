"""The jobs: crawl, update the comparison, compare. Used alike by the command line and the daemon.

Each job opens the database itself and leaves it consistent at every instant: what is interrupted is done by the next call.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from config.catalog import load_catalog
from config.faults import ConfigError, Fault
from config.outlet import Outlet
from config.settings import Settings, child_environment
from scheduler.breaks import note_breaks
from scheduler.crawl_process import crawl_here
from scheduler.errors import AlreadyRunningError, CrawlProcessError
from scheduler.readings import note_routes
from storage import captures, hosts, mutes, outlets, pages, quarantine, reports, runs
from storage.database import Database, open_database
from storage.identity import host_key
from storage.run_records import RunState, RunSummary
from storage.sizes import require_room

if TYPE_CHECKING:
    from comparison.encoders import Encoders
    from comparison.matrix import Matrix
    from crawlers.request import CrawlRequest

Progress = Callable[[str], None]

EXIT_HOSTS_HELD = 3
EXIT_UNUSABLE = 4
"""Exit code of a crawl process that got none of its hosts, because another one took them in between."""


def holder_name() -> str:
    """ "host:pid" of this process, as leases and locks show it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def now() -> datetime:
    return datetime.now(UTC)


def quiet(_message: str) -> None:
    """A progress that says nothing."""


def require_contact(settings: Settings, selected: Sequence[Outlet], urls: Sequence[str] = ()) -> None:
    """A publisher must be able to reach whoever crawls it.

    Raises: ConfigError while ``contact`` is not set and any address leads elsewhere than to ``connect_to``'s loopback.
    """
    from crawlers.guard import needs_contact

    if needs_contact(selected, settings, urls):
        raise ConfigError(
            [
                Fault(
                    where="settings",
                    key="contact",
                    message="is not set, and a crawl would leave this machine; "
                    "set it to an address at which publishers can reach you "
                    '(contact = "desk@your.org" in the configuration file, or SECONDSOURCE_CONTACT)',
                )
            ]
        )


def crawl(
    settings: Settings,
    request: CrawlRequest,
    *,
    progress: Progress = quiet,
    kind: str = "crawl",
    stop: threading.Event | None = None,
    here: bool = False,
) -> RunSummary:
    """One crawl in a process of its own; returns when it has ended. ``stop`` ends it early and in order.

    ``here``: this process is the crawl's own, and crawls but once in its life.

    Raises: ConfigError, AlreadyRunningError when every wanted host is held by a living process, CrawlProcessError; LowDiskError when
    the disk has too little room, or came to have while it ran: then it has ended in order.
    """
    catalog = load_catalog(settings)
    selected = catalog.select(request.outlets) if request.outlets else catalog.enabled()
    if not selected and not request.urls:
        raise ConfigError([Fault(where="outlets", key="", message="no outlet is enabled; name one, or add a card")])
    require_contact(settings, selected, request.urls)
    require_room(settings.database, settings.min_free_bytes)
    with closing(open_database(settings.database)) as database:
        _require_free_hosts(database, selected)
        with database.write() as session:
            outlets.sync_outlets(session, selected, now())
            run_id = runs.open_run(
                session,
                kind=kind,
                outlets=[outlet.id for outlet in selected],
                request=request.to_dict(),
                holder=holder_name(),
                user_agent=settings.user_agent,
                now=now(),
            )
        progress(f"run {run_id}: {len(selected)} outlets")
        exit_code = crawl_here(settings, run_id) if here else run_crawl_process(settings, run_id, stop=stop)
        with database.read() as session:
            summary = runs.summarise_run(session, run_id)
            holders = runs.load_run(session, run_id).holder
            muted = mutes.load_mutes(session, now())
        if exit_code == EXIT_HOSTS_HELD:
            raise AlreadyRunningError("every wanted host", _other_holder(database, selected) or holders)
        if exit_code == EXIT_UNUSABLE and summary.state is RunState.INTERRUPTED:
            # It ended in order, before the disk was full.
            require_room(settings.database, settings.min_free_bytes)
        if summary.state is RunState.RUNNING:
            _close_after_crash(database, run_id)
            raise CrawlProcessError(run_id, exit_code)
        if kind in ("crawl", "daemon"):
            note_routes(database, selected, run_id, summary.failed_outlets, now())
            for message in note_breaks(database, selected, run_id, now()):
                progress(message)
    for outlet_id in summary.failed_outlets:
        if outlet_id in muted:
            progress(f"{outlet_id} could not be read, which is known: {muted[outlet_id].note} ({muted[outlet_id].muted_by})")
    return replace(summary, failed_outlets=tuple(name for name in summary.failed_outlets if name not in muted))


def _require_free_hosts(database: Database, selected: Sequence[Outlet]) -> None:
    """Asked before the run is opened, so that the usual case leaves no row; the crawl process asks again, and decides."""
    wanted = _wanted_hosts(selected)
    holders = _holders(database, wanted)
    if wanted and len(holders) == len(wanted):
        raise AlreadyRunningError("every wanted host", sorted(holders.values())[0])


def _other_holder(database: Database, selected: Sequence[Outlet]) -> str | None:
    return next(iter(sorted(_holders(database, _wanted_hosts(selected)).values())), None)


def _wanted_hosts(selected: Sequence[Outlet]) -> list[str]:
    return sorted({host_key(endpoint.url) for outlet in selected for endpoint in outlet.live_endpoints})


def _holders(database: Database, keys: Sequence[str]) -> dict[str, str]:
    """Host -> the living process that holds it."""
    with database.read() as session:
        held = hosts.lease_holders(session, keys, now())
    return {key: holder for key, holder in held.items() if not runs.is_dead(holder)}


def _close_after_crash(database: Database, run_id: int) -> None:
    """The crawl process died: give back what it had claimed, so that the next crawl takes it up at once."""
    with database.write() as session:
        hosts.release_hosts(session, runs.load_run(session, run_id).holder)
        released = pages.release_visits(session, run_id, None)
        runs.close_run(session, run_id, RunState.INTERRUPTED, now=now(), failed_outlets=[], released=released)


def run_crawl_process(settings: Settings, run_id: int, *, stop: threading.Event | None = None) -> int:
    """Start the crawl child, wait for it, return its exit code.

    An interrupt or ``stop`` is passed on and the child is given the time of one request to finish what is in flight
    (the ladder: TERM, wait, TERM, wait, KILL).
    """
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module, and a number
        [sys.executable, "-P", "-m", "scheduler.crawl_process", str(run_id), str(os.getpid())],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=child_environment(),
        start_new_session=True,  # The terminal's Ctrl-C must reach us first, so that the child is stopped in order.
    )
    assert child.stdin is not None
    with child.stdin as pipe:
        pipe.write(settings.to_json().encode())
    try:
        while True:
            try:
                return child.wait(0.2 if stop else None)
            except subprocess.TimeoutExpired:
                if stop and stop.is_set():
                    _stop(child, settings.crawl.timeout_s + 5)
    except BaseException:
        _stop(child, settings.crawl.timeout_s + 5)
        raise


def _stop(child: subprocess.Popen[bytes], patience_s: float) -> None:
    for wait_s in (patience_s, 5.0):
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(wait_s)
            except subprocess.TimeoutExpired:
                continue
    if child.poll() is None:
        child.kill()
        child.wait()


def update_comparison(
    settings: Settings, report_key: str | None = None, *, encoders: Encoders | None = None, progress: Progress = quiet
) -> None:
    """Score, match and place every article that is new or changed, for one report or all. Restartable at any point.

    All reports get their first look before any article is read closely, and the most promising articles come first: what is known of a
    new report early says so where it is incomplete (see matrix.notes). ``encoders`` are the settings' own, where they are loaded already.
    """
    with closing(open_database(settings.database)) as database:
        with database.read() as session:
            keys = [report_key] if report_key else [report.key for report in reports.list_reports(session)]
        if not keys:
            return
        from comparison import candidates, closer_look, derivation, elsewhere, relevance
        from comparison.encoders import encoders_of

        encoders = encoders or encoders_of(settings)
        for key in keys:
            progress(f"{key}: relevance ({encoders.label})")
            relevance.look_first(database, key, encoders, now=now(), progress=_counted(progress, key))
        for key in keys:
            closer_look.look_closer(database, key, encoders, now=now(), progress=_counted(progress, key))
            progress(f"{key}: passages")
            candidates.match_articles(database, key, encoders, now=now(), progress=_counted(progress, key))
            progress(f"{key}: origins")
            derivation.derive(database, key, encoders, now=now(), progress=_counted(progress, key))
            elsewhere.find_elsewhere(database, key, encoders, now=now())


TOLD_EVERY = 10.0
"""Seconds between two lines of progress of one step."""


def _counted(progress: Progress, key: str) -> Callable[[str, int, int], None]:
    told_at = time.monotonic()

    def tell(what: str, done: int, total: int) -> None:
        nonlocal told_at
        if done < total and time.monotonic() - told_at >= TOLD_EVERY:
            told_at = time.monotonic()
            progress(f"{key}: {done} of {total} {what}")

    return tell


def expire(settings: Settings) -> int:
    """Drop the bytes that the settings say are kept long enough; how many captures and quarantined items that were. Restartable."""
    dropped = 0
    with closing(open_database(settings.database)) as database:
        if settings.keep_captures_days:
            before = now() - timedelta(days=settings.keep_captures_days)
            while True:
                with database.write() as session:
                    found = captures.expire_bodies(session, before=before)
                dropped += found
                if not found:
                    break
        if settings.keep_quarantine_days:
            with database.write() as session:
                dropped += quarantine.expire_bytes(session, before=now() - timedelta(days=settings.keep_quarantine_days))
    return dropped


def compare(settings: Settings, report_key: str, *, as_of: datetime | None = None, encoders: Encoders | None = None) -> Matrix:
    """The claim x origin matrix of what is stored. Reads only. ``encoders`` as for update_comparison."""
    from comparison.encoders import encoders_of
    from comparison.matrix import build_matrix
    from storage.database import open_reader

    with closing(open_reader(settings.database)) as database:
        return build_matrix(database, report_key, encoders or encoders_of(settings), as_of=as_of)
