"""``db upgrade``, ``db stats`` and ``db verify``."""

from __future__ import annotations

import click

from interfaces.cli.context import json_option, read_settings, reading
from interfaces.cli.output import line, print_json, table


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Make the database, or bring its schema up to date."""
    from storage.database import upgrade_database

    before = upgrade_database(read_settings(ctx).database)
    line("made a new database" if before is None else f"schema brought up to date (was {before})")


@db.command()
@json_option
@click.pass_context
def stats(ctx: click.Context, json_: bool) -> None:
    """How many rows of what."""
    from storage import queries

    with reading(read_settings(ctx)) as session:
        values = {"counts": queries.counts(session), "outcomes": queries.outcomes(session)}
    if json_:
        print_json(values)
        return
    table(["what", "rows"], values["counts"].items())
    line()
    table(["outcome", "visits"], values["outcomes"].items())


@db.command()
@json_option
@click.pass_context
def verify(ctx: click.Context, json_: bool) -> int:
    """Check the file, the captures' hashes, and the sums of the ledger. Exit 1 with every fault found."""
    from storage.verification import verify_database

    settings = read_settings(ctx)
    faults = verify_database(settings.database)
    if json_:
        print_json({"sound": not faults, "faults": faults})
    else:
        for fault in faults:
            line(fault)
        if not faults:
            line("sound: file, capture hashes and ledger sums agree")
    return 1 if faults else 0
