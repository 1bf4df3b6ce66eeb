"""``db``: schema, backup, copies, sizes and checks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from interfaces.cli.context import OutFile, json_option, read_settings, reading
from interfaces.cli.keeping import forget, replay
from interfaces.cli.output import as_json, line, print_json, print_json_line, say, table

REREAD_AT_A_TIME = 500
"""Revisions between two lines of progress: some seconds of work."""


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_context
def upgrade(ctx: click.Context) -> None:
    """Make the database, or bring its schema up to date."""
    from storage.database import upgrade_database

    made = upgrade_database(read_settings(ctx).database)
    line("the schema is up to date" if made is None else f"the schema is {made} now")


@db.command()
@click.option("--out", type=OutFile(), help="The backup's file; default: beside the database, with the moment.")
@json_option
@click.pass_context
def backup(ctx: click.Context, out: Path | None, json_: bool) -> None:
    """Copy the SQLite database while it is in use. For PostgreSQL: says what to type."""
    from storage.backup import back_up

    settings = read_settings(ctx)
    found = back_up(settings.database, out or _backup_file(settings.database))
    if json_:
        print_json(found)
    else:
        line(f"{found.articles} articles, {found.size} bytes, sha256 {found.sha256}")
        line(f"{found.file}")


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def restore(ctx: click.Context, file: Path) -> None:
    """Put the backup FILE in the database's place; what was there is kept under another name. Stop the daemon first."""
    from scheduler.jobs import holder_name, now
    from storage import backup

    aside = backup.restore(file, read_settings(ctx).database, now=now(), holder=holder_name())
    line("restored" if aside is None else f"restored; the former database is {aside}")


@db.command()
@click.option("--out", type=OutFile(), help="Write the chain here; else to stdout.")
@click.pass_context
def seal(ctx: click.Context, out: Path | None) -> None:
    """The chain of seals as JSON Lines, oldest first. Have the newest digest time-stamped or printed elsewhere: it then proves that
    no capture before it was changed, added or taken away."""
    import json

    from interfaces.export.files import whole_file
    from storage.seals import load_seals

    with reading(read_settings(ctx)) as session:
        rows = [json.dumps(as_json(one), ensure_ascii=True) for one in load_seals(session)]
    if out is None:
        for row in rows:
            line(row)
        return
    with whole_file(out) as (target, _):
        target.writelines(f"{row}\n".encode("ascii") for row in rows)
    say(f"{len(rows)} seals in {out}; the newest digest is {json.loads(rows[-1])['digest'] if rows else 'none yet'}")


@db.command()
@click.option("--to", "target", required=True, metavar="URL", help="An empty database, or one that is not there yet.")
@json_option
@click.pass_context
def copy(ctx: click.Context, target: str, json_: bool) -> None:
    """Copy everything into another database (SQLite to PostgreSQL, or back) and prove both equal, row by row."""
    from storage.copying import copy_database

    tables = copy_database(read_settings(ctx).database, target, progress=say)
    if json_:
        print_json({"tables": tables})
    else:
        table(["table", "rows", "sha256"], [(one.table, one.rows, one.sha256[:16]) for one in tables])


@db.command()
@click.argument("outlets", nargs=-1)
@click.option("--apply", is_flag=True, help="Write the new readings; without it they are only compared.")
@json_option
@click.pass_context
def reextract(ctx: click.Context, outlets: tuple[str, ...], apply: bool, json_: bool) -> int:
    """Read stored captures by the present rules: what would change, or, with --apply, changes. Makes no revision; restartable.

    Exit 1 when a page would be no article any more; its old reading stays.
    """
    from scheduler import jobs
    from scheduler.reextraction import Rereading, reextract

    settings = read_settings(ctx)
    tally: Counter[str] = Counter()

    def tell(one: Rereading) -> None:
        tally["kept" if one.fault else "changed" if one.changed else "same"] += 1
        if json_:
            print_json_line(one)
        elif one.fault:
            line(f"{one.article} revision {one.revision}: stays as it is: {one.fault}")
        elif one.changed:
            sizes = f"{one.characters_before} -> {one.characters_after} characters"
            line(f"{one.article} revision {one.revision}: {', '.join(one.changed)} ({sizes})")
        if not json_ and tally.total() % REREAD_AT_A_TIME == 0:
            say(f"{tally.total()} revisions read, {tally['changed']} of them otherwise")

    reextract(settings, outlets=outlets, apply=apply, report=tell)
    done = "changed" if apply else "would change"
    say(f"{tally['changed']} {done}, {tally['same']} read the same, {tally['kept']} stay as they are")
    if apply and tally["changed"]:
        jobs.update_comparison(settings, progress=say)
    return 1 if tally["kept"] else 0


def _backup_file(url: str) -> Path:
    from scheduler.jobs import now
    from storage.engines import file_of, parse_database_url

    made = parse_database_url(url)
    name = f"{now():%Y%m%dT%H%M%SZ}.backup"
    if made.get_backend_name() != "sqlite":
        return Path(f"secondsource-{name}")
    file = file_of(made, url)
    return file.with_name(f"{file.name}.{name}")


@db.command()
@json_option
@click.pass_context
def stats(ctx: click.Context, json_: bool) -> None:
    """Rows, bytes, growth, and in how many days the disk will be full."""
    from scheduler.jobs import now
    from storage import queries
    from storage.sizes import low_disk_issue, measure

    settings = read_settings(ctx)
    with reading(settings) as session:
        values = {"counts": queries.counts(session), "outcomes": queries.outcomes(session)}
    sizes = measure(settings.database, now())
    if json_:
        print_json({**values, "sizes": sizes})
        return
    line(f"{_bytes(sizes.total)} in all; captures {_bytes(sizes.bodies)} ({_bytes(sizes.bodies_inflated)} as received)")
    if sizes.a_day is not None:
        line(f"growing by {_bytes(sizes.a_day)} a day")
    if sizes.days_until_full is not None:
        line(f"{_bytes(sizes.free or 0)} free: full in {sizes.days_until_full:,.0f} days at that rate")
    elif sizes.free is not None:
        line(f"{_bytes(sizes.free)} free")
    for issue in low_disk_issue(settings.database, settings.min_free_bytes, now()):
        line(f"needs attention: {issue.message}")
    line()
    table(["what", "rows"], values["counts"].items())
    line()
    table(["outcome", "visits"], values["outcomes"].items())
    if sizes.tables:
        line()
        table(["table with indexes", "size"], [(name, _bytes(size)) for name, size in sizes.tables.items()])


def _bytes(count: float) -> str:
    """ "31.4 MB"; powers of 1000, as disks are sold."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:,.0f} {unit}" if unit == "bytes" else f"{count:,.1f} {unit}"
        count /= 1000
    return f"{count:,.1f} TB"


@db.command()
@json_option
@click.pass_context
def verify(ctx: click.Context, json_: bool) -> int:
    """Check the file, all hashes and references, the seals, the full-text index and the sums of the ledger. Finds corruption, not
    tampering: compare with a seal published elsewhere for that. Exit 1 with every fault found."""
    from storage.verification import sqlite_warning, verify_database

    settings = read_settings(ctx)
    faults = verify_database(settings.database)
    remark = sqlite_warning(settings.database)
    if json_:
        print_json({"sound": not faults, "faults": faults, "remark": remark})
    else:
        for fault in faults:
            line(fault)
        if not faults:
            line("sound: file, hashes, references, seals, full-text index and ledger sums agree")
        if remark:
            say(f"note: {remark}")
    return 1 if faults else 0


db.add_command(replay)
db.add_command(forget)
