"""The demo's folder, and how its children's logs are kept out of the way."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from config.catalog import load_catalog
from config.faults import ConfigError
from config.settings import load_settings
from interfaces.demo.steps import Clock, diverted_stderr
from interfaces.demo.workspace import make_workspace, write_settings

CONNECT_TO = {"www.techas.example:80": "127.0.0.1:4711"}


def test_the_written_configuration_is_the_one_the_demo_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "none"))
    workspace = make_workspace(tmp_path / "kept")
    used = write_settings(workspace, CONNECT_TO)
    assert load_settings(workspace.config_file) == used
    assert len(load_catalog(used).outlets) == 18


def test_a_folder_with_a_database_is_refused(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    workspace.database_file.touch()
    with pytest.raises(ConfigError, match="holds an earlier demo"):
        make_workspace(tmp_path)


def test_without_a_folder_a_fresh_one_is_made_each_time() -> None:
    first, second = make_workspace(None), make_workspace(None)
    assert first.folder != second.folder and first.folder.is_dir()
    for workspace in (first, second):
        workspace.folder.rmdir()


def test_stderr_goes_to_the_file_and_comes_back(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "log"
    with diverted_stderr(log) as stream:
        os.write(2, b"a child's line\n")
        Clock(stream).note("a step\x1b[31m")
    os.write(2, b"after\n")
    shown = capfd.readouterr().err
    assert log.read_text() == "a child's line\n"
    assert shown == "demo: a step\\x1b[31m\nafter\n"


def test_steps_are_timed_in_order() -> None:
    clock = Clock(sys.stderr)
    with clock.step("one"), clock.step("two"):
        pass
    assert list(clock.seconds) == ["two", "one"]
    assert all(seconds >= 0 for seconds in clock.seconds.values())
