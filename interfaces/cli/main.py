"""The entry point: global options, commands loaded when they are used, one exit code for each kind of failure."""

from __future__ import annotations

import gc
import os
import sys
import threading
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import Any, NoReturn

import click

from interfaces.cli.output import say

COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("interfaces.cli.demo", "The main job on a bundled newsroom, offline."),
    "crawl": ("interfaces.cli.crawl", "Crawl outlets once; resumes what was interrupted."),
    "fetch": ("interfaces.cli.crawl", "Fetch single pages by address."),
    "backfill": ("interfaces.cli.backfill", "Past coverage: archives, ids, a web archive, Common Crawl news."),
    "import": ("interfaces.cli.importing", "Files saved by hand into the database."),
    "extract": ("interfaces.cli.extract", "HTML files to text and metadata; no network, no database."),
    "outlets": ("interfaces.cli.outlets", "The registry of outlets."),
    "search": ("interfaces.cli.articles", "Full text in English, German, Russian and Ukrainian."),
    "show": ("interfaces.cli.articles", "One article."),
    "history": ("interfaces.cli.revisions", "The revisions of an article."),
    "diff": ("interfaces.cli.revisions", "What changed between two revisions."),
    "clusters": ("interfaces.cli.articles", "Groups of copies."),
    "report": ("interfaces.cli.reports", "Reference reports and their claims."),
    "compare": ("interfaces.cli.compare", "Which claims have a second source: matrix and dossier."),
    "explain": ("interfaces.cli.judgements", "Why an article is, or is not, a match."),
    "judge": ("interfaces.cli.judgements", "A person's word on a passage; overrides the counts."),
    "export": ("interfaces.cli.export", "Articles as CSV, JSON Lines or Parquet; captures as WARC; new matches as Atom."),
    "daemon": ("interfaces.cli.service", "The service: crawls and compares on schedule."),
    "status": ("interfaces.cli.service", "What runs, what is due, what failed."),
    "health": ("interfaces.cli.service", "A verdict for cron: exit 0 or 1."),
    "db": ("interfaces.cli.db", "The database: upgrade, backup, restore, copy, stats, verify."),
}


COLLECTS_LATER = "crawl"
"""The command that turns the collector of cycles on by itself, once it has imported what it needs (crawlers.run)."""

_own_process = threading.Event()


class LazyGroup(click.Group):
    """Commands by name; a command's module is imported when it is called, so that ``--help`` answers at once."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name][0])
        if cmd_name != COLLECTS_LATER:
            gc.enable()
        command = getattr(module, f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120})
@click.option("--config", "config_file", type=click.Path(path_type=Path), metavar="FILE", help="Settings in TOML.")
@click.option("--database", metavar="URL", help="sqlite:///FILE or postgresql://…")
@click.option("--log-format", type=click.Choice(["text", "json"]), help="How log lines on stderr look.")
@click.version_option(package_name="secondsource")
@click.pass_context
def cli(ctx: click.Context, config_file: Path | None, database: str | None, log_format: str | None) -> None:
    """Second Source collects what outlets publish on the subject of a report and shows which of its claims have a second,
    independent source. It finds passages to read; it does not decide whether a claim is true."""
    # What called us with arguments may call again: only a process that is a command's own may do what is done once in its life.
    ctx.obj = {"file": config_file, "overrides": {"database": database, "log_format": log_format}, "own_process": _own_process.is_set()}


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 needs attention, 2 usage or configuration, 3 already running, 4 database, 130 interrupted."""
    if arguments is not None:
        sys.exit(_run(arguments))
    _own_process.set()
    # Nearly all that a start makes are modules, which stay: the collector would walk through them again and again for nothing.
    gc.disable()
    _leave(_run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """End the process without taking a thousand modules apart first, which costs a tenth of a second and brings nothing."""
    is_alone = all(thread.daemon or thread is threading.main_thread() for thread in threading.enumerate())
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        # What cannot be written is Python's to report.
        is_alone = False
    if is_alone:
        os._exit(code)
    sys.exit(code)


def _run(arguments: list[str]) -> int:
    try:
        result: Any = cli.main(args=arguments, prog_name="secondsource", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return 2
    except (KeyboardInterrupt, click.exceptions.Abort):
        say("interrupted")
        return 130
    except BrokenPipeError:
        # A reader that stops early (`| head`) is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the border of the command line: every failure gets its exit code here.
        return _explain(error)
    return result if isinstance(result, int) else 0


def _explain(error: Exception) -> int:
    from comparison.model_errors import ModelError
    from config.faults import ConfigError
    from scheduler.errors import AlreadyRunningError, SchedulerError
    from storage.backup import BackupRefusedError
    from storage.copying import CopyRefusedError
    from storage.errors import DatabaseBusyError, DatabaseUnusableError, NotFoundError
    from storage.locks import LockHeldError

    match error:
        case ConfigError():
            for fault in error.faults:
                say(f"error: {fault}")
            return 2
        case NotFoundError() | ModelError():
            say(f"error: {error}")
            return 2
        case AlreadyRunningError():
            say(f"error: {error}")
            return 3
        case DatabaseUnusableError():
            say(f"error: {error}")
            return 4
        case DatabaseBusyError():
            say(f"error: the database could not be written now ({error}); nothing of this step was stored: give the command again later")
            return 4
        case BackupRefusedError() | CopyRefusedError():
            say(f"error: {error}")
            return 2
        case LockHeldError():
            say(f"error: the daemon at {error.holder} serves this database; stop it first")
            return 3
        case SchedulerError():
            say(f"error: {error}")
            return 1
    import traceback

    say("".join(traceback.format_exception(error)))
    say(f"error: {type(error).__name__}: {error}. This is a fault of the program; please report the lines above.")
    return 1


if __name__ == "__main__":
    main()
