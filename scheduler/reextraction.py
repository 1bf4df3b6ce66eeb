"""Extraction over again from the stored captures: what newer rules would read, and, when it is wanted, their reading in its place.

No network. Restartable: a revision that has its new reading is stale no longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import version

from config.catalog import Catalog, load_catalog
from config.settings import Settings
from crawlers.errors import TaskCrashError, TaskTimeoutError
from crawlers.findings import judge_extraction
from crawlers.rules.catalog import RULES_VERSION
from crawlers.workers import WorkerPool
from scheduler import jobs
from storage import captures, reextraction
from storage.database import Database, open_database
from storage.records import Capture, Extraction, Fingerprint
from storage.reextraction import StaleReading

BATCH = 40
"""Revisions read and written at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rereading:
    """One revision under the present rules, beside how it stands."""

    article: str
    revision: int
    changed: tuple[str, ...] = ()
    """Of "title", "text", "published"; empty: the same."""
    characters_before: int
    characters_after: int = 0
    fault: str = ""
    """Why the old reading stays: the page would be no article any more, or the extraction failed."""
    applied: bool = False


def reextract(settings: Settings, *, outlets: tuple[str, ...], apply: bool, report: Callable[[Rereading], None]) -> None:
    """Read every stale revision anew and ``report`` it; with ``apply`` also write what was read.

    Raises: ConfigError, DatabaseUnusableError, DatabaseBusyError.
    """
    catalog = load_catalog(settings)
    with closing(open_database(settings.database)) as database:
        asyncio.run(_reread_all(settings, database, catalog, outlets, apply, report))


async def _reread_all(
    settings: Settings, database: Database, catalog: Catalog, outlets: tuple[str, ...], apply: bool, report: Callable[[Rereading], None]
) -> None:
    last = 0
    async with WorkerPool(settings.extract) as pool:
        while True:
            with database.read() as session:
                batch = reextraction.stale_readings(
                    session,
                    rules_version=RULES_VERSION,
                    trafilatura_version=version("trafilatura"),
                    outlets=outlets,
                    after=last,
                    limit=BATCH,
                )
                found = [captures.load_capture(session, stale.capture_id) for stale in batch]
            if not batch:
                return
            last = batch[-1].revision_id
            reads = await asyncio.gather(*(_reread(pool, catalog, stale, capture) for stale, capture in zip(batch, found, strict=True)))
            _write(database, catalog, batch, reads, apply, report)


async def _reread(pool: WorkerPool, catalog: Catalog, stale: StaleReading, capture: Capture) -> tuple[Extraction, Fingerprint] | str:
    outlet = catalog.outlets.get(stale.outlet_id)
    try:
        return await pool.extract(
            capture.body,
            url=capture.final_url,
            content_type=capture.content_type,
            headers=capture.headers,
            outlet_language=outlet.language if outlet else "",
            cms=outlet.cms if outlet else "",
            entry=stale.entry,
            now=capture.fetched_at,
        )
    except (TaskTimeoutError, TaskCrashError) as error:
        return str(error)


def _write(
    database: Database,
    catalog: Catalog,
    batch: list[StaleReading],
    reads: list[tuple[Extraction, Fingerprint] | str],
    apply: bool,
    report: Callable[[Rereading], None],
) -> None:
    told = []
    with database.write() if apply else database.read() as session:
        for stale, read in zip(batch, reads, strict=True):
            if isinstance(read, str):
                told.append(_kept(stale, read))
                continue
            extraction, fingerprint = read
            outlet = catalog.outlets.get(stale.outlet_id)
            outcome, detail = judge_extraction(extraction, keep_reserved=outlet.keep_reserved if outlet else "")
            if outcome is not None:
                told.append(_kept(stale, f"{outcome.value}: {detail}"))
                continue
            if apply:
                reextraction.replace_reading(session, stale, extraction, fingerprint, jobs.now())
            told.append(_compared(stale, extraction, applied=apply))
    for one in told:
        report(one)


def _kept(stale: StaleReading, fault: str) -> Rereading:
    return Rereading(article=stale.article, revision=stale.number, characters_before=len(stale.text), fault=fault)


def _compared(stale: StaleReading, extraction: Extraction, *, applied: bool) -> Rereading:
    pairs = {
        "title": (stale.title, extraction.title),
        "text": (stale.text, extraction.text),
        "published": (stale.published_at, extraction.published.at),
    }
    return Rereading(
        article=stale.article,
        revision=stale.number,
        changed=tuple(name for name, (before, after) in pairs.items() if before != after),
        characters_before=len(stale.text),
        characters_after=len(extraction.text),
        applied=applied,
    )
