"""Log lines in a process of their own: structlog is set up once a process."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.rows(77)
def test_a_record_is_one_line_on_stderr() -> None:
    done = run(
        "import structlog; from config.logs import configure_logs; configure_logs('text');"
        "structlog.get_logger().warning('seen', title='one\\n2026 info forged\\x1b[31m')"
    )
    assert done.returncode == 0 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "\x1b" not in done.stderr and r"\x1b[31m" in done.stderr


def test_a_line_that_cannot_be_written_ends_nothing() -> None:
    done = run(
        "import logging, sys, structlog; from config.logs import configure_logs; configure_logs('json');"
        "log = structlog.get_logger(); log.info('first'); sys.stderr.close();"
        "log.warning('lost'); logging.getLogger('library').warning('lost'); print('still here')"
    )
    assert done.stdout == "still here\n", done.stderr
    assert done.returncode == 0 and '"first"' in done.stderr
