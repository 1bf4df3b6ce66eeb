"""``db replay`` and ``db forget``."""

from __future__ import annotations

import click

from interfaces.cli.context import json_option, read_settings
from interfaces.cli.output import line, print_json
from storage.records import KEPT_BYTES, Outcome


@click.command()
@click.option("--reason", type=click.Choice(sorted(KEPT_BYTES)), help="Only what was kept for this outcome.")
@json_option
@click.pass_context
def replay(ctx: click.Context, reason: str | None, json_: bool) -> None:
    """Try to read again what is in quarantine, without fetching anything."""
    from scheduler.keeping import replay as replay_quarantine

    done = replay_quarantine(read_settings(ctx), reason=Outcome(reason) if reason else None)
    if json_:
        print_json(done)
        return
    line(f"{done.read} read after all, {done.kept} as unreadable as before, {done.cut} kept only in part, {done.waiting} left alone")
    for outcome, count in sorted(done.outcomes.items()):
        line(f"{outcome}: {count}")


@click.command()
@click.argument("article")
@click.option("--note", default="", help="Why, for the tombstone. Must not name what is erased.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def forget(ctx: click.Context, article: str, note: str, yes: bool, json_: bool) -> None:
    """Erase ARTICLE (its key) with all that was kept of it; it is never fetched again. This cannot be undone.

    Text, revisions, responses, search words, vectors, matches, judgements, addresses and quarantine go; a salted tombstone stays.
    Backups, exports and dossiers made before are yours to erase. On PostgreSQL run VACUUM FULL afterwards.
    """
    from scheduler.keeping import forget as forget_article

    if not yes:
        click.confirm(f"erase {article} for good", abort=True, err=True)
    done = forget_article(read_settings(ctx), article, note=note)
    if json_:
        print_json(done)
    else:
        line(
            f"erased: {done.revisions} revisions, {done.captures} responses, {done.pages} addresses, {done.vector_blocks} blocks of vectors"
        )
