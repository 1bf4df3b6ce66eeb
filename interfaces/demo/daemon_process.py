"""The real daemon as a child process: ``secondsource daemon``, watched until the database shows what it was to do."""

from __future__ import annotations

import ctypes
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from config.settings import child_environment

POLL_S = 0.2
"""Between two looks at the database while waiting."""
_PR_SET_PDEATHSIG = 1
STOP_S = 60.0
"""Seconds a daemon has to finish what is in flight after SIGTERM."""


class DaemonError(Exception):
    """The daemon ended by itself, took too long, or did not end when it was asked to. ``reason`` says which."""

    def __init__(self, reason: str, log_file: Path) -> None:
        self.reason = reason
        self.log_file = log_file
        super().__init__(f"the daemon {reason}; its log is {log_file}")


class DaemonProcess:
    """A running daemon. Use as a context manager; leaving it by an exception ends the process in any case."""

    def __init__(self, config_file: Path, log_file: Path) -> None:
        self._config_file = config_file
        self._log_file = log_file
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log_file.open("wb") as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-P", "-m", "interfaces.cli.main", "--config", str(self._config_file), "daemon"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=child_environment(),
                start_new_session=True,  # A Ctrl-C in the terminal is for the demo, which then stops its daemon.
                preexec_fn=_end_with_the_demo if sys.platform == "linux" else None,  # noqa: PLW1509 - it only calls prctl
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        child = self._child
        if child is not None and child.poll() is None:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def wait_until(self, is_done: Callable[[], bool], *, within_s: float) -> None:
        """Look at the database until it shows what was waited for.

        Raises: DaemonError when the daemon ends first or ``within_s`` seconds pass.
        """
        assert self._child is not None
        deadline = time.monotonic() + within_s
        pause = threading.Event()
        while not is_done():
            code = self._child.poll()
            if code is not None:
                raise DaemonError(f"ended by itself with code {code}", self._log_file)
            if time.monotonic() > deadline:
                raise DaemonError(f"had not picked the changes up after {within_s:g} seconds", self._log_file)
            pause.wait(POLL_S)

    def stop(self) -> None:
        """SIGTERM, and the daemon must then end in order.

        Raises: DaemonError when it exits with anything but 0, or not at all.
        """
        assert self._child is not None
        self._child.send_signal(signal.SIGTERM)
        try:
            code = self._child.wait(STOP_S)
        except subprocess.TimeoutExpired as error:
            raise DaemonError(f"did not end within {STOP_S:g} seconds of SIGTERM", self._log_file) from error
        if code != 0:
            raise DaemonError(f"exited with code {code} after SIGTERM", self._log_file)


def _end_with_the_demo() -> None:
    """A demo that is killed outright leaves no daemon behind: the kernel sends it SIGTERM (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
