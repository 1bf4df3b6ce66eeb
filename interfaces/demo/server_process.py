"""The newsroom server as a child process: start it, switch its world, read its log, stop it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from config.settings import child_environment
from interfaces.demo.documents import FIRST_WORLD

STOP_S = 5.0
"""Seconds a server has to end after SIGTERM; it holds nothing that could be lost."""


class ServerStartError(Exception):
    """The server did not come up. ``reason`` is what it wrote, in one line."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the newsroom server did not start: {reason}")


class ServerProcess:
    """A running newsroom. Use as a context manager; ``folder`` gets its access log and control file."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        self.log_file = folder / "access.jsonl"
        self._control = folder / "world"
        self._errors = folder / "server.log"
        self._requested_port = port
        self._child: subprocess.Popen[str] | None = None
        self.port = 0
        """The port it listens on once it has started."""

    def __enter__(self) -> Self:
        self.show_world(FIRST_WORLD)
        with self._errors.open("w", encoding="utf-8") as errors:
            child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [
                    *(sys.executable, "-P", "-m", "interfaces.demo.server"),
                    *("--port", str(self._requested_port), "--log", str(self.log_file), "--control", str(self._control)),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env=child_environment(),
                start_new_session=True,  # A Ctrl-C in the terminal is for the demo, which then stops its server.
            )
        self._child = child
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line.strip().isdigit():
            self.stop()
            words = self._errors.read_text(encoding="utf-8").strip().splitlines()
            raise ServerStartError(words[-1] if words else f"it ended with code {child.returncode}")
        self.port = int(line)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server. Idempotent."""
        child, self._child = self._child, None
        if child is None:
            return
        child.terminate()
        try:
            child.wait(STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()

    def show_world(self, world: int) -> None:
        """From now on every answer is of this state of the world."""
        fresh = self._control.with_suffix(".new")
        fresh.write_text(str(world), encoding="ascii")
        fresh.replace(self._control)

    def connect_to(self, hosts: Iterable[str]) -> dict[str, str]:
        """The settings' ``connect_to`` that leads these hosts here."""
        return {f"{host}:80": f"127.0.0.1:{self.port}" for host in hosts}

    def requests(self) -> list[dict[str, Any]]:
        """The access log so far: time, method, host, path, status, bytes, user_agent, conditional, world."""
        if not self.log_file.exists():
            return []
        return [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines()]

    @property
    def pid(self) -> int | None:
        return None if self._child is None else self._child.pid
