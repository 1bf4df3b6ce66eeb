"""``crawl`` and ``fetch``."""

from __future__ import annotations

from datetime import datetime

import click

from interfaces.cli.context import Until, When, json_option, read_settings, writable
from interfaces.cli.output import line, print_json, print_json_line, say, table
from storage.run_records import RunState, RunSummary


@click.command()
@click.argument("outlets", nargs=-1)
@click.option("--all", "all_", is_flag=True, help="All enabled outlets (the default when none is named).")
@click.option("--since", type=When(), help="Leave out entries dated before.")
@click.option("--until", type=Until(), help="Leave out entries dated after; a day is included to its end.")
@click.option("--max-pages", type=click.IntRange(min=1), help="Fetch at most so many pages; the rest stays pending.")
@click.option("--report", help="Fetch what promises most for this report first; needs --budget.")
@click.option("--budget", type=click.IntRange(min=1), help="Pages to fetch for --report; coverage then says sampled.")
@json_option
@click.pass_context
def crawl(
    ctx: click.Context,
    outlets: tuple[str, ...],
    all_: bool,
    since: datetime | None,
    until: datetime | None,
    max_pages: int | None,
    report: str | None,
    budget: int | None,
    json_: bool,
) -> int:
    """Crawl OUTLETS once (all enabled ones when none is named). Resumes what an interrupted run left."""
    from crawlers.request import CrawlRequest
    from scheduler import jobs

    if outlets and all_:
        raise click.UsageError("name outlets or say --all, not both")
    if (report is None) != (budget is None):
        raise click.UsageError("--report and --budget go together")
    if since and until and since > until:
        raise click.UsageError("--since is after --until")
    settings = writable(read_settings(ctx))
    request = CrawlRequest(outlets=outlets, since=since, until=until, max_pages=max_pages, report=report, budget=budget)
    summary = jobs.crawl(settings, request, progress=say, here=ctx.find_root().obj["own_process"])
    if summary.state is not RunState.INTERRUPTED:
        # Who asked the crawl to end wants no hour of comparing; the next command or the daemon takes it up.
        jobs.update_comparison(settings, progress=say)
    if json_:
        print_json({**summary_keys(summary)})
    else:
        print_summary(summary)
    return exit_code(summary)


def summary_keys(summary: RunSummary) -> dict[str, object]:
    """The keys that `crawl --json` promises."""
    return {
        "run_id": summary.run_id,
        "state": summary.state,
        "outlets": summary.outlets,
        "discovered": summary.discovered,
        "claimed": summary.claimed,
        "new": summary.new,
        "revised": summary.revised,
        "unchanged": summary.unchanged,
        "aliases": summary.aliases,
        "copies": summary.copies,
        "outcomes": dict(sorted(summary.outcomes.items())),
        "released": summary.released,
        "unexplained": summary.unexplained,
        "failed_outlets": summary.failed_outlets,
        "seconds": round(summary.seconds, 1),
    }


def print_summary(summary: RunSummary) -> None:
    line(f"run {summary.run_id}: {summary.state}, {len(summary.outlets)} outlets, {summary.seconds:.0f} s")
    line(f"{summary.new} new, {summary.revised} revised, {summary.unchanged} unchanged, {summary.aliases} aliases, {summary.copies} copies")
    by_count = sorted(summary.outcomes, key=lambda outcome: (-summary.outcomes[outcome], outcome))
    table(["outcome", "visits"], [(outcome, summary.outcomes[outcome]) for outcome in by_count])
    line(f"{summary.claimed} claimed = {sum(summary.outcomes.values())} with an outcome + {summary.released} released")
    if summary.unexplained:
        line(f"{summary.unexplained} visits are unexplained: this is a fault of the program, please report it")
    for outlet in summary.failed_outlets:
        line(f"needs attention: {outlet} could not be read; `secondsource status` says why")


def exit_code(summary: RunSummary) -> int:
    return 1 if summary.failed_outlets or summary.unexplained else 0


@click.command()
@click.argument("urls", nargs=-1, required=True)
@json_option
@click.pass_context
def fetch(ctx: click.Context, urls: tuple[str, ...], json_: bool) -> int:
    """Fetch single pages: what was stored, or why not. A host that no card knows is stored under other:HOST."""
    from scheduler import fetching

    settings = writable(read_settings(ctx))
    results = fetching.fetch_pages(settings, urls, progress=say)
    for result in results:
        if json_:
            print_json_line(result)
        else:
            line(f"{result.outcome}  {result.url}")
            if result.article:
                line(f"    {result.article}  {result.language}  {result.title}")
            elif result.detail:
                line(f"    {result.detail}")
    return 0 if all(result.article for result in results) else 1
