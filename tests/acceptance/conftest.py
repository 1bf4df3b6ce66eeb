"""The product as a user has it: a wheel in an environment of its own, used from a folder with misleading modules in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("config", "storage", "crawlers", "comparison", "scheduler", "interfaces")


@pytest.fixture(scope="session")
def secondsource(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The installed command. Its environment holds the wheel; the libraries are borrowed from the environment of the tests."""
    sources = tmp_path_factory.mktemp("sources")
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, sources)
    for room in ROOMS:
        shutil.copytree(ROOT / room, sources / room, ignore=shutil.ignore_patterns("__pycache__"))
    wheels = tmp_path_factory.mktemp("wheels")
    _pip("wheel", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(wheels), str(sources))
    environment = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    _pip("--python", str(python), "install", "--no-deps", "--no-index", *(str(wheel) for wheel in wheels.iterdir()))
    own = subprocess.run(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], capture_output=True, text=True, check=True
    )
    # A path in a .pth file is searched, but its own .pth files are not: the editable installation there stays out of sight.
    borrowed = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (Path(own.stdout.strip()) / "libraries.pth").write_text("\n".join(borrowed) + "\n")
    return environment / "bin" / "secondsource"


@pytest.fixture(scope="session")
def misleading_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder that holds a ``config.py`` and a ``storage`` of somebody else."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "storage").mkdir()
    for file in (folder / "config.py", folder / "storage" / "__init__.py"):
        file.write_text("raise SystemExit('a module of the working folder was imported')\n")
    return folder


def _pip(*arguments: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
