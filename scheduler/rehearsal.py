"""A crawl whose findings are thrown away: for probing, for trying a card, for drafting one.

It is the guarded crawl itself, with robots, delays and leases, on a database of its own. Politeness is shared all the same: its
hosts are leased in the real database while it lasts, and what was learned of their pace is carried there and back.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.card_text import render_card
from config.catalog import OTHER
from config.outlet import Outlet
from config.settings import Settings
from crawlers.request import CrawlRequest
from scheduler import jobs
from scheduler.errors import AlreadyRunningError
from storage import hosts, runs
from storage.database import Database, open_database, upgrade_database
from storage.identity import host_key
from storage.run_records import RunSummary


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """An open one: settings that lead to its database, which knows only the cards it was opened with."""

    settings: Settings
    database: Database
    busy: dict[str, str]
    """Hosts that another process crawls now, and by whom ("host:pid"); their pages are not asked for."""
    _cards: Path

    def crawl(self, request: CrawlRequest, progress: jobs.Progress = jobs.quiet) -> RunSummary | None:
        """Raises: ConfigError, CrawlProcessError. None when every wanted host is crawled by another process."""
        try:
            return jobs.crawl(self.settings, request, progress=progress, kind="rehearsal")
        except AlreadyRunningError:
            return None

    def set_card(self, outlet: Outlet) -> None:
        """Add or replace a card."""
        if not outlet.id.startswith(OTHER):
            (self._cards / f"{outlet.id}.toml").write_text(render_card(outlet), encoding="utf-8")


@contextmanager
def rehearse(settings: Settings, outlets: Sequence[Outlet], *, urls: Iterable[str] = (), **crawl: Any) -> Iterator[Rehearsal]:
    """Open a rehearsal for these cards. ``crawl`` replaces crawl settings (``max_sitemap_depth=0``), never the delay."""
    addresses = [*urls, *(outlet.homepage for outlet in outlets), *(point.url for outlet in outlets for point in outlet.endpoints)]
    keys = sorted({host_key(url) for url in addresses})
    with tempfile.TemporaryDirectory(prefix="secondsource-") as name:
        folder = Path(name)
        (folder / "cards").mkdir()
        changed = settings.model_copy(
            update={
                "database": f"sqlite:///{folder / 'rehearsal.db'}",
                "outlets_dir": folder / "cards",
                "bundled_outlets": False,
                "crawl": settings.crawl.model_copy(update=crawl),
            }
        )
        upgrade_database(changed.database)
        with closing(open_database(changed.database)) as database, _borrowed_hosts(settings, database, keys) as busy:
            rehearsal = Rehearsal(changed, database, busy, folder / "cards")
            for outlet in outlets:
                rehearsal.set_card(outlet)
            yield rehearsal


@contextmanager
def _borrowed_hosts(settings: Settings, scratch: Database, keys: Sequence[str]) -> Iterator[dict[str, str]]:
    """Lease hosts in the real database and take their pace along; those that others hold are given."""
    holder = jobs.holder_name()
    lease_s = settings.crawl.lease_s
    with closing(open_database(settings.database)) as real:
        with real.write() as session:
            # Whoever was killed holds nothing any more: what it had begun is gone on with at once.
            for other in set(hosts.lease_holders(session, keys, jobs.now()).values()):
                if other != holder and runs.is_dead(other):
                    hosts.release_hosts(session, other)
            states = hosts.lease_hosts(session, keys, holder=holder, lease_s=lease_s, now=jobs.now())
            busy = hosts.lease_holders(session, [key for key in keys if key not in states], jobs.now())
        with scratch.write() as session:
            for state in states.values():
                hosts.save_host(session, state)
            hosts.lease_hosts(session, busy, holder="another:0", lease_s=365 * 86400.0, now=jobs.now())
        ended = threading.Event()

        def renew() -> None:
            while not ended.wait(lease_s / 4):
                with real.write() as session:
                    hosts.renew_hosts(session, holder, lease_s=lease_s, now=jobs.now())

        keeper = threading.Thread(target=renew, name="keeps leases", daemon=True)
        keeper.start()
        try:
            yield busy
        finally:
            ended.set()
            keeper.join()
            with scratch.read() as session:
                learned = [hosts.load_host(session, key) for key in states]
            with real.write() as session:
                for known in learned:
                    if known is not None:
                        hosts.save_host(session, known)
                hosts.release_hosts(session, holder)
