"""``backfill``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from interfaces.cli.context import Until, When, json_option, read_settings, writable
from interfaces.cli.crawl import exit_code, print_summary, summary_keys
from interfaces.cli.output import line, print_json, say


@click.command()
@click.argument("outlet")
@click.option("--since", type=When(), required=True, help="First day.")
@click.option("--until", type=Until(), required=True, help="Last day, included.")
@click.option("--via", type=click.Choice(["sitemap", "ids", "wayback", "ccnews"]), default="sitemap", show_default=True)
@click.option("--max-pages", type=click.IntRange(min=1), help="Fetch at most so many pages; the rest stays pending.")
@click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A WARC file of the news crawl, or a list of such files beside it (warc.paths.gz), for ccnews; repeat it.",
)
@click.option("--archive", default=None, help="Another web archive that speaks the same protocol, for wayback.")
@json_option
@click.pass_context
def backfill(
    ctx: click.Context,
    outlet: str,
    since: datetime,
    until: datetime,
    via: str,
    max_pages: int | None,
    files: tuple[Path, ...],
    archive: str | None,
    json_: bool,
) -> int:
    """Collect what OUTLET published in the past. Call it again to go on where it stopped.

    sitemap: the card's archives, or its sitemaps by date of last edit. ids: the same, with the publisher's rising numbers as a
    filter. wayback: captures of a web archive. ccnews: WARC files on this machine.
    """
    from scheduler import backfill as past
    from scheduler import jobs

    if since > until:
        raise click.UsageError("--since is after --until")
    if files and via != "ccnews":
        raise click.UsageError("--file goes with --via ccnews")
    if archive and via != "wayback":
        raise click.UsageError("--archive goes with --via wayback")
    settings = writable(read_settings(ctx))
    found = past.backfill(
        settings,
        outlet,
        past.Window(since=since, until=until),
        past.Way(via),
        max_pages=max_pages,
        files=files,
        archive=archive or past.WAYBACK,
        progress=say,
    )
    jobs.update_comparison(settings, progress=say)
    if json_:
        print_json({**summary_keys(found.summary), "pending": found.pending})
    else:
        print_summary(found.summary)
        line(f"{found.pending} visits still pending" if found.pending else "nothing is left pending")
    return exit_code(found.summary)
