"""The daemon as its operator meets it: one a database, ends when told, leaves its place when killed."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from scheduler import daemon as daemon_module


@contextmanager
def daemon(config: Path) -> Iterator[subprocess.Popen[str]]:
    """A daemon that has started; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "interfaces.cli.main", "--config", str(config), "--log-format", "json", "daemon"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if '"daemon started"' in line:
                break
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.stderr.close()
        process.wait()


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Path:
    (tmp_path / "cards").mkdir()
    file = tmp_path / "config.toml"
    file.write_text(f'database = "{database_url}"\nbundled_outlets = false\noutlets_dir = "cards"\n')
    return file


def second_daemon(config: Path) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-P", "-m", "interfaces.cli.main", "--config", str(config), "daemon"]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.rows(87)
def test_a_second_daemon_is_told_who_is_there(config: Path) -> None:
    with daemon(config) as first:
        second = second_daemon(config)
        assert second.returncode == 3
        assert f"process {first.pid} on {socket.gethostname()}" in second.stderr
        first.send_signal(signal.SIGTERM)
        assert first.wait(30) == 0


@pytest.mark.rows(83)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(config: Path, number: signal.Signals) -> None:
    with daemon(config) as process:
        process.send_signal(number)
        assert process.wait(30) == 0


def test_a_signal_that_the_main_thread_does_not_feel_ends_the_wait_for_it() -> None:
    with daemon_module._stop_signals() as signals:
        go = threading.Event()

        def send() -> None:
            go.wait()
            os.kill(os.getpid(), signal.SIGTERM)

        sender = threading.Thread(target=send)
        sender.start()
        # Blocked here, it reaches the other thread: the same as one that comes just before the main thread sleeps.
        unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            go.set()
            readable, _, _ = select.select([signals], [], [], 20)
        finally:
            sender.join()
            signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
        assert readable == [signals]
        assert os.read(signals, 1)[0] == signal.SIGTERM


def test_a_killed_daemon_frees_its_place_at_once(config: Path) -> None:
    with ExitStack() as stack:
        killed = stack.enter_context(daemon(config))
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        with daemon(config) as successor:
            successor.send_signal(signal.SIGTERM)
            assert successor.wait(30) == 0
