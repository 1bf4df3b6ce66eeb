"""The steps of a demo: announced to whoever watches, timed, and their children's logs kept in a file."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from interfaces.cli.output import inert


class Clock:
    """Where the time went, step by step."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.seconds: dict[str, float] = {}
        """Step -> seconds, in order."""

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        self.note(f"{name} …")
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = time.monotonic() - started

    def note(self, message: str) -> None:
        """Say how far it is."""
        self._stream.write(f"demo: {inert(message)}\n")
        self._stream.flush()


@contextmanager
def diverted_stderr(file: Path) -> Iterator[TextIO]:
    """Within the block, what this process and its children write to stderr goes to ``file``; yields a stream to the real one.

    An exception is shown by whoever catches it, after the block.
    """
    sys.stderr.flush()
    kept = os.dup(2)
    try:
        with file.open("ab") as log, os.fdopen(os.dup(kept), "w", encoding="utf-8", errors="replace") as stream:
            os.dup2(log.fileno(), 2)
            try:
                yield stream
            finally:
                sys.stderr.flush()
                os.dup2(kept, 2)
    finally:
        os.close(kept)
