"""The daemon as its operator meets it: one a database, ends when told, leaves its place when killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest


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


def test_a_killed_daemon_frees_its_place_at_once(config: Path) -> None:
    with ExitStack() as stack:
        killed = stack.enter_context(daemon(config))
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        with daemon(config) as successor:
            successor.send_signal(signal.SIGTERM)
            assert successor.wait(30) == 0
