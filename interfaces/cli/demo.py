"""``demo``."""

from __future__ import annotations

from pathlib import Path

import click

from interfaces.cli.context import json_option


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the newsroom; 0 takes a free one.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Folder for the database and the dossier.")
@click.option("--open", "open_", is_flag=True, help="Keep the newsroom running until interrupted.")
@json_option
def demo(port: int, keep: Path | None, open_: bool, json_: bool) -> int:
    """Crawl a bundled newsroom on loopback, let the daemon pick up a change, compare a report, and check the result."""
    from interfaces.demo.run import run_demo

    return run_demo(port=port, keep=keep, open_=open_, json_=json_)
