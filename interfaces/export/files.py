"""An export as a file that is whole or not there, with a manifest that says what it holds and proves it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from interfaces.cli.output import as_json


def write_file(path: Path, write: Callable[[IO[bytes]], Mapping[str, int]], *, about: Mapping[str, Any]) -> dict[str, Any]:
    """Write ``path`` and ``path.manifest.json``; the manifest. An interrupted export leaves neither.

    ``write`` returns its counts. ``about`` says what was asked for; the file's size and sha256 are added.

    Raises: OSError.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as target:
            counts = write(target)
            target.flush()
            os.fsync(target.fileno())
        with part.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        manifest = {**about, **counts, "file": path.name, "bytes": part.stat().st_size, "sha256": digest}
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    text = json.dumps(as_json(manifest), indent=2, sort_keys=True, ensure_ascii=True)
    path.with_name(f"{path.name}.manifest.json").write_text(f"{text}\n", encoding="ascii")
    return manifest
