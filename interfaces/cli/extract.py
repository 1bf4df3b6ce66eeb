"""``extract``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from crawlers.workers import FileExtraction, extract_files
from interfaces.cli.context import json_option, read_settings
from interfaces.cli.output import as_json, line, paragraphs, print_json_line


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--url", help="The address the page was served at; dates and links are read better with it.")
@json_option
@click.pass_context
def extract(ctx: click.Context, files: tuple[Path, ...], url: str | None, json_: bool) -> int:
    """Read HTML FILES as an article: text, title, authors, dates, language, kind. JSON Lines in input order with --json."""
    settings = read_settings(ctx, database=False)
    failed = False
    for result in extract_files(files, settings.extract, url, now=datetime.now(UTC)):
        failed = failed or result.extraction is None
        if json_:
            print_json_line(_keys(result))
        elif result.extraction is None:
            line(f"{result.file}: {result.fault}")
        else:
            found = result.extraction
            line(f"{result.file}: {found.page_class}, {found.language}, {found.published.at or 'no date'}, {found.extractor}")
            line(found.title)
            paragraphs(found.text)
            line()
    return 1 if failed else 0


def _keys(result: FileExtraction) -> dict[str, object]:
    values = as_json(result)
    found = values["extraction"] or {}
    published = found.get("published") or {}
    return {
        "file": str(values["file"]),
        "error": values["fault"] or None,
        "title": found.get("title"),
        "text": found.get("text"),
        "authors": found.get("authors"),
        "published_at": published.get("at"),
        "published_precision": published.get("precision"),
        "published_source": published.get("source"),
        "modified_at": (found.get("modified") or {}).get("at"),
        "language": found.get("language"),
        "kind": found.get("kind"),
        "page_class": found.get("page_class"),
        "partial": found.get("partial"),
        "description": found.get("description"),
        "canonical_url": found.get("canonical_url"),
        "extractor": found.get("extractor"),
        "extractor_version": found.get("extractor_version"),
        "cpu_ms": found.get("cpu_ms"),
    }
