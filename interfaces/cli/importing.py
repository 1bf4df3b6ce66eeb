"""``import``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from interfaces.cli.context import When, json_option, read_settings, writable
from interfaces.cli.output import line, print_json_line, say


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", default="", help="The address the page was saved from; needed where the file does not say.")
@click.option("--captured-at", type=When(), help="When it was saved; else what the file says, else now.")
@click.option("--published", type=When(), help="When it was published, where the file does not say.")
@click.option("--title", default="", help="Its headline, where the file has none (a transcript).")
@click.option("--note", default="", help="Where it comes from; kept beside it.")
@json_option
@click.pass_context
def import_(
    ctx: click.Context,
    files: tuple[Path, ...],
    url: str,
    captured_at: datetime | None,
    published: datetime | None,
    title: str,
    note: str,
    json_: bool,
) -> int:
    """Store FILES that were saved by hand: HTML, MHTML, WARC, plain text, VTT or SRT. Same write path as a crawl, no network.

    A transcript is attached to the video at --url. Provenance is "imported by hand".
    """
    from crawlers.importing import ImportRequest
    from crawlers.saved_files import is_web_address
    from scheduler import jobs
    from scheduler.importing import ImportedPage, import_saved
    from storage.records import Precision, PublishedTime

    if url and not is_web_address(url):
        raise click.UsageError(f"--url {url!r} is no http or https address")
    settings = writable(read_settings(ctx))
    date = PublishedTime()
    if published is not None:
        is_day = (published.hour, published.minute, published.second) == (0, 0, 0)
        date = PublishedTime(at=published, precision=Precision.DAY if is_day else Precision.MINUTE, source="hand")

    def tell(page: ImportedPage) -> None:
        if json_:
            print_json_line(page)
            return
        line(f"{page.outcome or 'not imported'}  {page.file}  {page.url}")
        if page.article:
            line(f"    {page.article}  {page.language}  {page.title}")
        if page.detail:
            line(f"    {page.detail}")

    request = ImportRequest(files=files, url=url, captured_at=captured_at, published=date, title=title, note=note)
    found = import_saved(settings, request, report=tell)
    jobs.update_comparison(settings, progress=say)
    return 0 if found.whole else 1
