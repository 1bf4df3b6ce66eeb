"""Why a model cannot be used: each says in one line what to do. A matter of configuration, so a command ends with exit code 2."""

from __future__ import annotations

from pathlib import Path


class ModelError(Exception):
    """A model that is wanted cannot be used."""


class ModelFileError(ModelError):
    """A packaged model's file is not the one that was measured: absent, damaged or of another version."""

    def __init__(self, path: Path, found: str, wanted: str) -> None:
        self.path = path
        self.found = found
        self.wanted = wanted
        super().__init__(
            f"{path}: sha256 is {found or 'unreadable'}, must be {wanted}; reinstall the package as pinned in requirements.lock, "
            'or set encoder = "none"'
        )


class HubModelError(ModelError):
    """The user's own model cannot be used as it lies there."""

    def __init__(self, path: Path, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"encoder_folder: {path}: {reason}")
