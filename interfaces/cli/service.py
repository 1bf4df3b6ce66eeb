"""``daemon``, ``status`` and ``health``."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from interfaces.cli.context import json_option, read_settings, reading, writable
from interfaces.cli.output import day, line, print_json, table


@click.command()
@click.pass_context
def daemon(ctx: click.Context) -> int:
    """Crawl and compare on schedule until SIGTERM. One daemon a database."""
    from scheduler.daemon import run_daemon

    return run_daemon(writable(read_settings(ctx)))


@click.command()
@click.option("--waiting", type=click.IntRange(min=1, max=1000), help="Only so many pages that wait, the most promising first, and why.")
@json_option
@click.pass_context
def status(ctx: click.Context, waiting: int | None, json_: bool) -> None:
    """What is stored, what is pending, the last runs, when each feed is read again, and what needs attention."""
    from storage import endpoints, issues, queries, runs
    from storage.coverage import outlet_coverage

    if waiting is not None:
        _print_waiting(ctx, waiting, json_)
        return
    with reading(read_settings(ctx)) as session:
        counts = queries.counts(session)
        feeds = endpoints.feed_times(session)
        recent = [runs.summarise_run(session, run.run_id) for run in runs.list_runs(session, limit=10)]
        open_issues = issues.list_issues(session)
        coverage = outlet_coverage(session)
    if json_:
        print_json({"counts": counts, "runs": recent, "issues": open_issues, "coverage": coverage, "feeds": feeds})
        return
    line(", ".join(f"{count} {name}" for name, count in counts.items()))
    line()
    table(
        ["run", "state", "outlets", "claimed", "new", "revised", "copies", "seconds"],
        [(r.run_id, r.state, len(r.outlets), r.claimed, r.new, r.revised, r.copies, f"{r.seconds:.0f}") for r in recent],
    )
    line()
    due: dict[str, datetime] = {}
    for feed in feeds:
        if feed.due_at is not None:
            due[feed.outlet] = min(due.get(feed.outlet, feed.due_at), feed.due_at)
    table(
        ["outlet", "articles", "oldest", "newest", "last outcome of its feeds", "next reading"],
        [
            (c.outlet_id, c.articles, day(c.oldest_at), day(c.newest_at), c.feed_outcome or "never read", day(due.get(c.outlet_id)))
            for c in coverage
        ],
    )
    for issue in open_issues:
        line(f"issue: {issue.message} ({issue.count} times, last {day(issue.last_seen_at)})")


def _print_waiting(ctx: click.Context, limit: int, json_: bool) -> None:
    from storage.waiting import most_promising

    with reading(read_settings(ctx)) as session:
        found = most_promising(session, limit=limit)
    if json_:
        print_json({"waiting": found})
        return
    rows = [
        (
            f"{p.promise:.2f}",
            f"{p.page:.2f}",
            f"{p.part:.2f}",
            f"{p.section_near:.0f} of {p.section_read}",
            p.reason,
            p.outlet,
            p.title,
            p.url,
        )
        for p in found
    ]
    table(["promise", "page", "part", "on the subject there", "reason", "outlet", "title", "address"], rows)


@click.command()
@json_option
@click.pass_context
def health(ctx: click.Context, json_: bool) -> int:
    """Exit 0 when nothing needs attention, 1 with the reasons otherwise."""
    from storage import issues, mutes
    from storage.sizes import low_disk_issue

    settings = read_settings(ctx)
    with reading(settings) as session:
        listed = issues.list_issues(session)
        listed += low_disk_issue(settings.database, settings.min_free_bytes, datetime.now(UTC))
        muted = mutes.load_mutes(session, datetime.now(UTC))
    found = [issue for issue in listed if issue.outlet_id not in muted and issue.kind != mutes.KIND]
    known = [issue for issue in listed if issue not in found]
    if json_:
        print_json({"healthy": not found, "issues": found, "known": known})
    else:
        for issue in found:
            line(f"{issue.kind}: {issue.message}")
            for name, key in (("before", "pages_before"), ("now", "pages")):
                if pages := issue.data.get(key):
                    line(f"    {name}: {' '.join(pages)}")
        for issue in known:
            line(f"known: {issue.message}")
        if not found:
            line("healthy")
    return 1 if found else 0
