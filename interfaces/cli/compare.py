"""``compare``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from interfaces.cli.context import OutFile, When, json_option, read_settings
from interfaces.cli.output import paragraphs, say


@click.command()
@click.argument("report")
@click.option(
    "--format", "format_", type=click.Choice(["html", "md", "json", "csv"]), default=None, help="Default: md, or by the ending of --out."
)
@click.option("--out", type=OutFile(), help="Write the dossier to this file.")
@click.option("--as-of", type=When(), help="Leave out what was captured later.")
@click.option("--redact-persons", is_flag=True, help="Leave out names of persons, as far as recognised.")
@click.option("--stored", is_flag=True, help="Show what earlier comparisons found; look for nothing new, and write nothing.")
@json_option
@click.pass_context
def compare(
    ctx: click.Context,
    report: str,
    format_: str | None,
    out: Path | None,
    as_of: datetime | None,
    redact_persons: bool,
    stored: bool,
    json_: bool,
) -> None:
    """The claim x origin matrix of REPORT, and the dossier. Finds passages to read; does not decide whether a claim is true.

    Articles that are new or changed since the last comparison, and all of a new report's, are read first.
    """
    from interfaces.cli.context import reading
    from interfaces.export.files import whole_file
    from scheduler.dossiers import make_dossier

    settings = read_settings(ctx)
    with reading(settings):
        pass
    if json_:
        format_ = "json"
    if format_ is None:
        format_ = {".html": "html", ".json": "json", ".csv": "csv"}.get(out.suffix.lower(), "md") if out else "md"
    text = make_dossier(settings, report, format_, as_of=as_of, redact_persons=redact_persons, stored_only=stored, progress=say)
    if out is not None:
        try:
            with whole_file(out) as (target, _):
                target.write(text.encode())
        except OSError as error:
            raise click.UsageError(f"{out} cannot be written: {error.strerror}") from error
        say(f"dossier: {out.resolve()}")
    else:
        # A terminal's or a pipe's lines end as the system's do; the CSV file itself has the CRLF of RFC 4180.
        paragraphs(text.replace("\r\n", "\n"))
