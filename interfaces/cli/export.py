"""``export``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import IO, Any

import click

from interfaces.cli.context import OutFile, Until, When, json_option, read_settings, reading
from interfaces.cli.output import print_json, say
from interfaces.export import atom, files, tables, warc
from interfaces.export.selection import Selection, row_of, select_articles
from storage import captures, matches
from storage.database import show_url
from storage.records import ArticleKind, Capture

_BINARY = ("parquet", "warc")


@click.command()
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl", "parquet", "warc", "atom"]), default="jsonl", show_default=True)
@click.option("--out", type=OutFile(), help="Write here, and a manifest beside it; else to stdout.")
@click.option("--query", default="", help="Only articles that this full-text query finds.")
@click.option("--lang", "languages", multiple=True, help="Only this language; may be given more than once.")
@click.option("--outlet", "outlets", multiple=True, help="Only this outlet; may be given more than once.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in ArticleKind]), help="Only this kind.")
@click.option("--since", type=When(), help="Published on or after.")
@click.option("--until", type=Until(), help="Published before or on; a day is included to its end.")
@click.option("--report", help="Only what is related to this report; with atom: only its matches.")
@click.option("--limit", type=click.IntRange(min=1), default=200, show_default=True, help="Entries of an Atom feed.")
@click.option("--withdrawn", is_flag=True, help="With the texts that their publishers have taken down since.")
@click.option("--raw", is_flag=True, help="CSV without the apostrophe that keeps a spreadsheet from running a formula.")
@json_option
@click.pass_context
def export(
    ctx: click.Context,
    format_: str,
    out: Path | None,
    query: str,
    languages: tuple[str, ...],
    outlets: tuple[str, ...],
    kinds: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    report: str | None,
    limit: int,
    withdrawn: bool,
    raw: bool,
    json_: bool,
) -> int:
    """Articles as CSV, JSON Lines or Parquet; their captures as WARC; new matches as an Atom feed.

    With --out the file is written whole or not at all, and its manifest (counts, filters, time, sha256) stands beside it.
    """
    if json_ and out is None:
        raise click.UsageError("--json prints the manifest; say --out where the data go")
    if out is None and format_ in _BINARY and sys.stdout.isatty():
        raise click.UsageError(f"{format_} is not for a terminal; name a file with --out")
    if format_ == "parquet":
        _require_pyarrow()
    selection = Selection(
        query=query,
        languages=languages,
        outlets=outlets,
        kinds=kinds,
        since=since,
        until=until,
        report=report,
        withdrawn_texts=withdrawn,
    )
    from scheduler.jobs import now

    settings = read_settings(ctx)
    made_at = now()
    with reading(settings) as session:
        write = _writer(session, format_, selection, limit=limit, raw=raw)
        if out is None:
            write(sys.stdout.buffer)
            return 0
        about = {
            "format": format_,
            "filters": selection.as_dict(),
            "database": show_url(settings.database),
            "made_at": made_at,
            "software": f"secondsource {version('secondsource')}",
        }
        try:
            manifest = files.write_file(out, write, about=about)
        except OSError as error:
            raise click.UsageError(f"{out} cannot be written: {error.strerror}") from error
    if json_:
        print_json(manifest)
    else:
        say(f"{manifest['rows']} {'entries' if format_ == 'atom' else 'captures' if format_ == 'warc' else 'articles'} in {out}")
        if manifest.get("left_out"):
            say(f"{manifest['left_out']} captures left out: their bytes are no longer kept, or their publisher took the page down")
    return 0


def _writer(session: Any, format_: str, selection: Selection, *, limit: int, raw: bool) -> Callable[[IO[bytes]], Mapping[str, int]]:
    rows = (row_of(article, withdrawn_texts=selection.withdrawn_texts) for article in select_articles(session, selection))
    match format_:
        case "csv":
            return lambda target: {"rows": tables.write_csv(rows, target, raw=raw)}
        case "jsonl":
            return lambda target: {"rows": tables.write_jsonl(rows, target)}
        case "parquet":
            return lambda target: {"rows": tables.write_parquet(rows, target)}
        case "warc":
            return partial(_write_warc, session, selection)
        case _:
            news = matches.new_matches(session, selection.report, limit=limit)
            return lambda target: {"rows": atom.write_atom(news, target, title=selection.report or "all reports")}


def _write_warc(session: Any, selection: Selection, target: IO[bytes]) -> Mapping[str, int]:
    withheld = 0

    def pages() -> Iterator[tuple[str, Capture]]:
        nonlocal withheld
        for article in select_articles(session, selection):
            for capture_id in captures.captures_of(session, article.article_id):
                if article.gone_at is not None and not selection.withdrawn_texts:
                    withheld += 1
                else:
                    yield article.key, captures.load_capture(session, capture_id)

    written, dropped = warc.write_warc(pages(), target, software=f"secondsource {version('secondsource')}")
    return {"rows": written, "left_out": dropped + withheld}


def _require_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError as error:
        raise click.UsageError("parquet needs pyarrow; install it with: pip install 'secondsource[parquet]'") from error
