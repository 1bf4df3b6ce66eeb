"""Reference reports from wherever they come: a TOML file, a text, a saved page, an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from comparison.claims import annotate
from comparison.drafts import read_draft
from comparison.names import build_index
from comparison.own_chain import credited_names
from comparison.reference import REPORT_KEY, read_report, reading_date, report_from_text
from config.catalog import load_catalog
from config.faults import ConfigError, Fault
from config.settings import Settings
from scheduler import fetching, jobs
from storage import nearness, queries, reports
from storage.claim_records import ClaimChange, ClaimChangeKind, ReferenceReport
from storage.database import open_database, open_reader
from storage.records import Precision, PublishedTime
from storage.sanitise import sanitise_text


def read_source(
    settings: Settings,
    source: str,
    *,
    key: str | None = None,
    published: datetime | None = None,
    url: str | None = None,
    outlet: str | None = None,
    language: str | None = None,
    translated_from: str | None = None,
    chain: Sequence[str] = (),
    progress: jobs.Progress = jobs.quiet,
) -> ReferenceReport:
    """Read a report; what is not known stays unknown.

    An address is fetched by the guarded crawl and kept with its capture, like any page.

    Raises: ConfigError naming the file and the key, or saying why the address gave no article.
    """
    if key is not None and not re.fullmatch(REPORT_KEY, key):
        told = f"{key!r} is no key: small letters a-z, digits and hyphens, at most 60, a letter or digit first"
        raise ConfigError([Fault(where="--key", key="", message=told)])
    given = PublishedTime(at=published, precision=Precision.DAY if published else None, source="analyst" if published else None)
    if source.startswith(("http://", "https://")):
        fetched = fetching.fetch_pages(settings, [source], progress=progress)[0]
        if fetched.article is None:
            raise ConfigError([Fault(where=source, key="", message=f"gave no article: {fetched.outcome} {fetched.detail}".rstrip())])
        with closing(open_reader(settings.database)) as database, database.read() as session:
            article = queries.load_article(session, fetched.article)
        report = report_from_text(
            article.text,
            title=article.title,
            language=language or article.language,
            published=article.published if published is None else given,
        )
        report = replace(report, url=article.url, outlet=article.outlet_name, chain=(article.owner,))
    else:
        file = Path(source)
        if not file.is_file():
            raise ConfigError([Fault(where=source or "SOURCE", key="", message="is neither a file nor an http(s) address")])
        if file.suffix.lower() in (".html", ".htm"):
            report = _from_page(settings, file, url=url, language=language, published=given if published else None)
        else:
            report = read_report(file, language=language, published=given if published else None)
    changes: dict[str, object] = {
        name: value
        for name, value in (("key", key), ("url", url), ("outlet", outlet), ("translated_from", translated_from))
        if value is not None
    }
    if published is not None:
        changes["published"] = given
    if chain or outlet:
        changes["chain"] = tuple(dict.fromkeys([*report.chain, *chain, *([outlet] if outlet else [])]))
    report = replace(report, **changes)  # type: ignore[arg-type]  # the names are fields of the record, checked above
    # Only now is it known which September "in September" is.
    dated = reading_date(report.published)
    return replace(report, claims=tuple(annotate(claim, report.language, dated, hearsay=claim.hearsay) for claim in report.claims))


def add_report(settings: Settings, report: ReferenceReport, *, from_claims: bool, by: str) -> str:
    """Store a report and say in a few words what that did. Nothing that an analyst did to a stored report is lost.

    ``from_claims``: its claims were written by a person, in TOML, and replace the stored ones (which stay in its history). Claims that
    were split out of a text by rule never replace any: of the same text the stored ones stay, and only what was given about the report
    itself is brought up to date. Whom a text credits joins the own chain of a report that is new; a person may have edited it since.

    Raises: ConfigError when a report of this key was made of another text.
    """
    with closing(open_database(settings.database)) as database, database.write() as session:
        stored = reports.find_report(session, report.key)
        if stored is None:
            if not from_claims:
                index = build_index(load_catalog(settings).outlets.values())
                credited = credited_names(report.text, report.language, index, title=report.title)
                report = replace(report, chain=tuple(dict.fromkeys([*report.chain, *credited])))
            reports.save_report(session, report, jobs.now(), by=by)
            return f"added, {len(report.claims)} claims"
        if not from_claims and stored.text != sanitise_text(report.text):
            told = f"a report of this key is stored already ({stored.title!r}), and its text is another; give this one a --key of its own"
            raise ConfigError([Fault(where=report.key, key="key", message=told)])
        if not from_claims:
            report = _with_known(report, stored)
        edited = any(change.change is not ClaimChangeKind.ADDED for change in reports.claim_history(session, report.key))
        before = len(reports.claim_history(session, report.key))
        kept = not from_claims and edited
        reports.save_report(session, replace(report, claims=stored.claims) if kept else report, jobs.now(), by=by)
        changed = len(reports.claim_history(session, report.key)) - before
    if kept:
        return "was there already; its edited claims were kept"
    return f"was there already; {changed} changes to its claims (report show {report.key} --history)" if changed else "was there already"


def _with_known(report: ReferenceReport, stored: ReferenceReport) -> ReferenceReport:
    """The report with what is stored of it where nothing is said now: a person may have written it down since."""
    is_dated = report.published.at is not None or report.published.raw
    return replace(
        report,
        translated_from=report.translated_from or stored.translated_from,
        url=report.url or stored.url,
        outlet=report.outlet or stored.outlet,
        published=report.published if is_dated else stored.published,
        chain=tuple(dict.fromkeys([*stored.chain, *report.chain])),
    )


def apply_draft(settings: Settings, key: str, text: str, where: str, *, by: str) -> list[ClaimChange]:
    """Store an edited draft of a report (see comparison.drafts). Returns what it changed; all of it is stored, or nothing.

    Raises: NotFoundError for an unknown report; ConfigError with every fault of the draft, each with its line.
    """
    with closing(open_database(settings.database)) as database, database.write() as session:
        report = reports.load_report(session, key)
        draft = read_draft(text, where, report, {item.claim.id for item in reports.claim_versions(session, key)})
        before = len(reports.claim_history(session, key))
        reports.save_report(session, draft.report, jobs.now(), by=by, made_of=draft.made_of)
        return reports.claim_history(session, key)[before:]


def change_background(settings: Settings, key: str, *, own: bool, progress: jobs.Progress) -> dict[str, int]:
    """Measure a report against a new sample of the user's own articles, or against the bundled one again (see comparison.own_background).

    Returns the sentences of each language; none for the bundled one. Raises: NotFoundError for an unknown report, ConfigError where too
    little was collected.
    """
    with closing(open_database(settings.database)) as database:
        if not own:
            with database.write() as session:
                reports.load_report(session, key)
                nearness.use_background(session, key, 0)
            return {}
        from comparison.encoders import encoders_of
        from comparison.own_background import renew_background

        def tell(what: str, done: int, of: int) -> None:
            progress(f"{key}: {done} of {of} {what}")

        try:
            return renew_background(database, key, encoders_of(settings), now=jobs.now(), progress=tell).sentences
        except ValueError as error:
            raise ConfigError([Fault(where=key, key="", message=str(error))]) from error


def _from_page(
    settings: Settings, file: Path, *, url: str | None, language: str | None, published: PublishedTime | None
) -> ReferenceReport:
    from crawlers.workers import extract_files

    result = next(iter(extract_files([file], settings.extract, url, now=jobs.now())))
    if result.extraction is None or not result.extraction.text:
        raise ConfigError([Fault(where=str(file), key="", message=f"no article text could be read: {result.fault or 'the page has none'}")])
    found = result.extraction
    known = published or found.published
    report = report_from_text(found.text, title=found.title, language=language or found.language, published=known)
    return replace(report, url=url or found.canonical_url, outlet=found.site_name)
