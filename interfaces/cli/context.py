"""What every command needs first: the settings, logging, and a database that is there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from config.settings import Settings, load_settings
from interfaces.cli.output import say
from storage.database import Database, ensure_database, is_empty, open_reader, show_url

Command = TypeVar("Command", bound=Callable[..., Any])

json_option = click.option("--json", "json_", is_flag=True, help="Print JSON instead of text.")


def read_settings(ctx: click.Context, *, database: bool = True) -> Settings:
    """The settings of this call, validated; names the database on stderr and configures logging."""
    from config.logs import configure_logs

    options = ctx.find_root().obj
    settings = load_settings(options["file"], options["overrides"])
    configure_logs(settings.log_format)
    if database:
        say(f"database: {show_url(settings.database)}")
    return settings


def writable(settings: Settings) -> Settings:
    """Make the database when there is none yet; an old one is refused with the command that mends it."""
    if ensure_database(settings.database):
        say("made a new database there")
    return settings


@contextmanager
def reading(settings: Settings) -> Iterator[Any]:
    """A read-only session; says so when nothing is stored yet."""
    database: Database = open_reader(settings.database)
    try:
        with database.read() as session:
            if is_empty(session):
                say("note: this database holds no article yet; `secondsource crawl` collects some")
            yield session
    finally:
        database.close()


def login_name() -> str:
    """Who runs this command, as the system knows them: for records of who changed or judged something."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        # A container may run under a number that no user has.
        return f"uid {os.getuid()}"


class When(click.ParamType[datetime]):
    """A day or a time: ``2022-11-14``, ``2022-11-14T09:30Z``. Without an offset UTC is meant."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date; write 2022-11-14 or 2022-11-14T09:30", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Until(When):
    """The last moment of a span: a day stands for its end, so that it is in the span as its first day is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        moment = super().convert(value, param, ctx)
        try:
            date.fromisoformat(str(value))
        except ValueError:
            return moment
        return moment + timedelta(days=1) - timedelta.resolution


class OutFile(click.Path):
    """A file to be written. That its folder is there and may be written is asked before the work, which can take long, and not after."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        folder = path.absolute().parent
        if path.exists() and not path.is_file():
            self.fail(f"{path} is no regular file; leave the option away to write to stdout, where the command can", param, ctx)
        if not folder.is_dir():
            self.fail(f"there is no folder {folder}; make it, or name another", param, ctx)
        if not os.access(folder, os.W_OK):
            self.fail(f"{folder} cannot be written; name another folder", param, ctx)
        return path
