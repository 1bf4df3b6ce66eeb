"""What is done to the store by hand: quarantine tried again, an article forgotten."""

from __future__ import annotations

from contextlib import closing

from config.catalog import load_catalog
from config.settings import Settings
from crawlers.ledger import RunContext
from crawlers.replay import Replayed, replay_quarantine
from scheduler import jobs
from storage import erasure, outlets, runs
from storage.database import open_database
from storage.erasure import Erased
from storage.records import Outcome
from storage.run_records import RunState


def replay(settings: Settings, *, reason: Outcome | None = None) -> Replayed:
    """Read again what is in quarantine, without the network, as a run of its own.

    Raises: ConfigError; DatabaseUnusableError.
    """
    catalog = load_catalog(settings)
    cards = list(catalog.outlets.values())
    with closing(open_database(settings.database)) as database:
        with database.write() as session:
            outlets.sync_outlets(session, cards, jobs.now())
            run_id = runs.open_run(
                session, kind="replay", outlets=[], request={}, holder=jobs.holder_name(), user_agent=settings.user_agent, now=jobs.now()
            )
        run = RunContext(run_id=run_id, holder=jobs.holder_name(), settings=settings, outlets=catalog.outlets, clock=jobs.now)
        state = RunState.FAILED
        try:
            done = replay_quarantine(database, run, outlets=cards, reason=reason, relevance=lambda _entry, _outlet: 0.5)
            state = RunState.DONE
        finally:
            with database.write() as session:
                runs.close_run(session, run_id, state, now=jobs.now())
    return done


def forget(settings: Settings, article: str, *, note: str = "") -> Erased:
    """Erase an article by its key, and what was deleted from the file.

    Raises: NotFoundError; DatabaseUnusableError.
    """
    with closing(open_database(settings.database)) as database:
        with database.write() as session:
            done = erasure.forget_article(session, article, note=note, now=jobs.now())
        erasure.clean_up(database)
    return done
