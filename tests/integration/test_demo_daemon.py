"""The demo's daemon lives no longer than the demo, however that ends."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
from pathlib import Path

import pytest

STARTER = """
import sys, time
from pathlib import Path
from interfaces.demo.daemon_process import DaemonProcess
folder = Path(sys.argv[1])
with DaemonProcess(folder / "secondsource.toml", folder / "daemon.log") as daemon:
    print(daemon._child.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")
def test_a_killed_demo_leaves_no_daemon_behind(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    (tmp_path / "secondsource.toml").write_text(f'database = "sqlite:///{database}"\nbundled_outlets = false\n', encoding="utf-8")
    made = [sys.executable, "-P", "-m", "interfaces.cli.main", "--database", f"sqlite:///{database}", "db", "upgrade"]
    subprocess.run(made, check=True, capture_output=True, timeout=120)
    demo = subprocess.Popen([sys.executable, "-P", "-c", STARTER, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert demo.stdin is not None and demo.stdout is not None
    with demo.stdin, demo.stdout:
        daemon = int(demo.stdout.readline())
        handle = os.pidfd_open(daemon)
        try:
            demo.send_signal(signal.SIGKILL)
            demo.wait(60)
            # Readable once the process has ended (pidfd_open(2)); a generous limit instead of a measured time.
            with selectors.DefaultSelector() as ended:
                ended.register(handle, selectors.EVENT_READ)
                assert ended.select(timeout=60), "the daemon is still there"
        finally:
            os.close(handle)
