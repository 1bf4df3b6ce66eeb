"""Faults in files that people write: each names its file and key, and all are reported at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic import ValidationError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with what a person wrote: where, which key, and what to do."""

    where: str
    """A file's path, or the name of an environment variable."""
    key: str
    """Dotted key inside the file; empty when the file as a whole is meant."""
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.key}: {self.message}" if self.key else f"{self.where}: {self.message}"


class ConfigError(Exception):
    """The configuration cannot be used. ``faults`` holds every fault found, in file order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def faults_of(error: ValidationError, where: str) -> list[Fault]:
    """Turn pydantic's findings into faults that name ``where`` and the dotted key."""
    found = []
    for item in error.errors(include_url=False, include_context=False):
        key = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            message = "unknown key; remove it or correct its spelling"
        elif item["type"] == "missing":
            message = "is missing"
        else:
            message = item["msg"]
        found.append(Fault(where=where, key=key, message=message))
    return found
