"""``report add``, ``report list`` and ``report show``."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from interfaces.cli.context import When, json_option, read_settings, reading, writable
from interfaces.cli.output import day, line, print_json, say, table
from storage import reports as stored
from storage.records import ReferenceReport

if TYPE_CHECKING:
    from comparison.scorecard import Tally


@click.group()
def report() -> None:
    """Reference reports and their claims."""


@report.command()
@click.argument("source")
@click.option("--key", help="A short name for it; made from the title when not given.")
@click.option("--published", type=When(), help="When the report was published.")
@click.option("--url", help="Where it was published.")
@click.option("--outlet", help="Who published it; joins the report's own chain.")
@click.option("--language", type=click.Choice(["en", "de", "ru", "uk"]), help="Language of the text at hand.")
@click.option("--translated-from", help="Language it was translated from, if it was.")
@click.option("--chain", multiple=True, help="A name or owner that the report derives from or credits; may be given more than once.")
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    source: str,
    key: str | None,
    published: datetime | None,
    url: str | None,
    outlet: str | None,
    language: str | None,
    translated_from: str | None,
    chain: tuple[str, ...],
    json_: bool,
) -> None:
    """Add a report from SOURCE: a TOML file with claims, a text or HTML file, or an address. Any text is split into claims."""
    from scheduler import jobs, reporting

    settings = writable(read_settings(ctx))
    found = reporting.read_source(
        settings,
        source,
        key=key,
        published=published,
        url=url,
        outlet=outlet,
        language=language,
        translated_from=translated_from,
        chain=chain,
        progress=say,
    )
    jobs.add_report(settings, found)
    _print(found, json_)


@report.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, json_: bool) -> None:
    """All reports."""
    with reading(read_settings(ctx)) as session:
        found = stored.list_reports(session)
    if json_:
        print_json([_keys(item) for item in found])
        return
    for item in found:
        line(f"{item.key}  {item.language}  {day(item.published.at)}  {len(item.claims)} claims  {item.title}")


@report.command()
@click.argument("key", metavar="REPORT")
@json_option
@click.pass_context
def show(ctx: click.Context, key: str, json_: bool) -> None:
    """One report with its claims."""
    with reading(read_settings(ctx)) as session:
        found = stored.load_report(session, key)
    _print(found, json_)


@report.command()
@click.argument("key", metavar="REPORT")
@json_option
@click.pass_context
def score(ctx: click.Context, key: str, json_: bool) -> None:
    """How often the program was right, by what persons judged."""
    from scheduler import judging

    settings = read_settings(ctx)
    with reading(settings):
        pass
    found = judging.score(settings, key)
    if json_:
        print_json(found)
        return
    line(found.summary)
    if not found.judged:
        return
    headings = ("the program said", "carries it", "does not", "unclear", "share", "95 % interval")
    for title, tallies in (("when judged", found.then), ("today", found.now), ("close passages, by language", found.by_language)):
        line("")
        line(f"{title}:")
        table(headings, [(LEVEL_NAMES.get(name, name), *_tally_cells(tally)) for name, tally in tallies.items()])
    if found.origins_agreed or found.origins_missed:
        line(f"same origin: seen by the program too {found.origins_agreed}, not seen {found.origins_missed}")
    if found.lapsed:
        line(f"{found.lapsed} judgements are on words that have changed since; judge them again")


LEVEL_NAMES = {"strong": "close passage", "possible": "possible passage", "none": "no passage"}


def _tally_cells(tally: Tally) -> tuple[object, ...]:
    share = f"{tally.share:.0%}" if tally.share is not None else "–"
    interval = f"{tally.low:.0%} – {tally.high:.0%}" if tally.low is not None and tally.high is not None else "–"
    return tally.confirmed, tally.rejected, tally.unclear, share, interval


def _print(found: ReferenceReport, json_: bool) -> None:
    if json_:
        print_json(_keys(found))
        return
    line(f"{found.key}: {found.title} ({found.language}{', translated from ' + found.translated_from if found.translated_from else ''})")
    line(f"published {day(found.published.at)}; own chain: {', '.join(found.chain) or 'unknown'}")
    for claim in found.claims:
        marks = ", ".join([claim.kind.value, *(["hearsay"] if claim.hearsay else []), *([claim.speaker] if claim.speaker else [])])
        line(f"{claim.id}  [{marks}] {claim.text}")
        facts = [number.text for number in claim.numbers] + [place.text for place in claim.places] + list(claim.dates)
        if facts:
            line(f"     facts: {', '.join(facts)}")


def _keys(found: ReferenceReport) -> dict[str, object]:
    return {
        "report": found.key,
        "title": found.title,
        "language": found.language,
        "translated_from": found.translated_from,
        "url": found.url,
        "outlet": found.outlet,
        "published_at": found.published.at,
        "chain": found.chain,
        "claims": found.claims,
    }
