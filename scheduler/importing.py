"""Files saved by hand into the database: a run like any other, without a crawl process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from config.catalog import load_catalog
from config.settings import Settings
from crawlers.importing import Imported, ImportRequest, import_files
from crawlers.ledger import RunContext
from scheduler import jobs
from storage import queries, runs, visits
from storage.database import Database, open_database
from storage.records import Outcome
from storage.run_records import RunState, RunSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedPage:
    """What became of one page; the keys of ``fetch``, and the file it came from."""

    file: Path
    url: str
    outcome: Outcome | None
    """None when the file could not be read; ``detail`` says why."""
    detail: str = ""
    article: str | None = None
    """Public key; None when nothing was stored."""
    title: str = ""
    published_at: datetime | None = None
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSummary:
    """What became of all files together."""

    whole: bool
    """Whether every page became, or already was, an article."""
    summary: RunSummary


def import_saved(
    settings: Settings,
    request: ImportRequest,
    *,
    report: Callable[[ImportedPage], None],
    kind: str = "import",
    outlets: Sequence[str] = (),
) -> ImportSummary:
    """Import files and ``report`` each page. ``outlets``: ids of those that it is for, as the run shows them.

    Raises: ConfigError, DatabaseUnusableError.
    """
    catalog = load_catalog(settings)
    whole = True
    with closing(open_database(settings.database)) as database:
        with database.write() as session:
            run_id = runs.open_run(
                session,
                kind=kind,
                outlets=outlets,
                request={"files": [file.name for file in request.files], "url": request.url, "note": request.note},
                holder=jobs.holder_name(),
                user_agent="",
                now=jobs.now(),
            )
        run = RunContext(run_id=run_id, holder=jobs.holder_name(), settings=settings, outlets={}, clock=jobs.now)
        state = RunState.FAILED

        def tell(imported: Imported) -> None:
            nonlocal whole
            page = _describe(database, run_id, imported)
            whole = whole and page.article is not None
            report(page)

        try:
            import_files(database, run, catalog, request, report=tell)
            state = RunState.DONE
        except KeyboardInterrupt:
            state = RunState.INTERRUPTED
            raise
        finally:
            with database.write() as session:
                visits.release_visits(session, run_id, None)
                runs.close_run(session, run_id, state, now=jobs.now(), failed_outlets=[])
        with database.read() as session:
            summary = runs.summarise_run(session, run_id)
    return ImportSummary(whole=whole, summary=summary)


def _describe(database: Database, run_id: int, imported: Imported) -> ImportedPage:
    if imported.outcome is None:
        return ImportedPage(file=imported.file, url=imported.url, outcome=None, detail=imported.fault)
    with database.read() as session:
        visit = queries.visit_of(session, run_id, imported.url)
        article = queries.load_article(session, visit.article) if visit and visit.article else None
    return ImportedPage(
        file=imported.file,
        url=imported.url,
        outcome=imported.outcome,
        detail=visit.detail if visit else "",
        article=article.key if article else None,
        title=article.title if article else "",
        published_at=article.published.at if article else None,
        language=article.language if article else "",
    )
