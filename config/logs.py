"""Logs: one record a line on stderr, as text or JSON. Text from outside cannot start a line or colour a terminal."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import Any, Literal

import structlog


class _Stderr:
    """The process's stderr as it is at each line. A line that cannot be written (a closed terminal, a broken pipe, a full disk) is lost:
    it must not end the work it tells of."""

    def write(self, text: str) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.write(text)

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


def configure_logs(log_format: Literal["text", "json"]) -> None:
    """Set up structlog and the standard library's logging alike. Called once a process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    stream: Any = _Stderr()
    renderer: Any = structlog.processors.JSONRenderer() if log_format == "json" else render_line
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[_drop_internals, renderer]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


def render_line(_logger: Any, _name: str, event: Any) -> str:
    """``time level event key=value``; every value's control characters are escaped, so a record stays one line."""
    record = dict(event)
    head = f"{record.pop('timestamp', '')} {record.pop('level', '')!s:<7} {_plain(record.pop('event', ''))}"
    exception = record.pop("exception", None)
    fields = " ".join(f"{key}={_plain(value, quote=True)}" for key, value in sorted(record.items()))
    text = f"{head} {fields}".rstrip()
    return f"{text} exception={_plain(exception, quote=True)}" if exception else text


def _plain(value: Any, *, quote: bool = False) -> str:
    text = value if isinstance(value, str) else repr(value)
    shown = "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)
    return f'"{shown}"' if quote and (" " in shown or not shown) else shown


def _drop_internals(_logger: Any, _name: str, event: Any) -> Any:
    return structlog.stdlib.ProcessorFormatter.remove_processors_meta(_logger, _name, event)
