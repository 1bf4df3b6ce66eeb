"""The demo's folder: database, configuration, a copy of the outlet cards. It is kept, so that every other command can be tried on it."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from config.faults import ConfigError, Fault
from config.settings import Settings, load_settings
from interfaces.demo.newsroom import bundled_folder

FEED_INTERVAL_S = 5.0
RECHECK_S = 1.0
"""The daemon's rhythm in the demo: a newsroom's month passes in seconds."""


@dataclass(frozen=True, slots=True)
class Workspace:
    folder: Path

    @property
    def config_file(self) -> Path:
        return self.folder / "secondsource.toml"

    @property
    def database_file(self) -> Path:
        return self.folder / "secondsource.db"

    @property
    def dossier(self) -> Path:
        return self.folder / "dossier.html"

    @property
    def matrix(self) -> Path:
        return self.folder / "matrix.json"

    @property
    def crawl_log(self) -> Path:
        return self.folder / "crawl.log"

    @property
    def daemon_log(self) -> Path:
        return self.folder / "daemon.log"


def make_workspace(keep: Path | None) -> Workspace:
    """A fresh folder: ``keep`` itself, or a new one under the system's folder for temporary files.

    Raises: ConfigError when ``keep`` cannot be made or holds an earlier demo.
    """
    if keep is None:
        return Workspace(Path(tempfile.mkdtemp(prefix="secondsource-demo-")))
    workspace = Workspace(keep.resolve())
    try:
        workspace.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError([Fault(where=str(keep), key="", message=f"cannot be made a folder: {error.strerror}")]) from error
    if workspace.database_file.exists():
        raise ConfigError([Fault(where=str(keep), key="", message="holds an earlier demo; name another folder, or remove this one")])
    return workspace


def write_settings(workspace: Workspace, connect_to: dict[str, str]) -> Settings:
    """Put cards and configuration into the folder; the settings as a command that reads them would have them.

    The person's own settings do not apply to the demo, but for the encoder.
    """
    with resources.as_file(bundled_folder() / "outlets") as cards:
        shutil.copytree(cards, workspace.folder / "outlets", dirs_exist_ok=True)
    own = load_settings()
    values = {
        "database": f"sqlite:///{workspace.database_file}",
        "contact": "demo@newsroom.example",
        "bundled_outlets": False,
        "outlets_dir": "outlets",
        "encoder": own.encoder,
        **({"encoder_folder": str(own.encoder_folder.resolve())} if own.encoder_folder is not None else {}),
        **({"encoder_prompt": own.encoder_prompt} if own.encoder_prompt is not None else {}),
        "feed_interval_s": FEED_INTERVAL_S,
        "recheck_s": RECHECK_S,
        "connect_to": connect_to,
        # The newsroom is our own and on this machine: no pauses, and little patience with the site that answers 503.
        "crawl": {"delay_s": 0.0, "retries": 1, "timeout_s": 10.0},
    }
    workspace.config_file.write_text(_toml(values), encoding="utf-8")
    return Settings.model_validate(values | {"outlets_dir": workspace.folder / "outlets"})


def _toml(values: dict[str, object]) -> str:
    """TOML for the few types above; its strings, numbers and booleans are JSON's."""
    lines = ["# Made by `secondsource demo`. Try: secondsource --config THIS_FILE search подвал"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in values.items() if not isinstance(value, dict)]
    for key, table in values.items():
        if isinstance(table, dict):
            lines += ["", f"[{key}]", *(f"{json.dumps(name)} = {json.dumps(value)}" for name, value in table.items())]
    return "\n".join(lines) + "\n"
