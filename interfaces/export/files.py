"""Files that are whole or not there, and exports with a manifest that says what they hold and proves it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from interfaces.cli.output import as_json


@contextmanager
def whole_file(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """A file to write beside ``path``, and its name; it takes the place of ``path`` when the block ended well. What stood there stays
    until then.

    Raises: OSError.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as target:
            yield target, part
            target.flush()
            os.fsync(target.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_file(path: Path, write: Callable[[IO[bytes]], Mapping[str, int]], *, about: Mapping[str, Any]) -> dict[str, Any]:
    """Write ``path`` and ``path.manifest.json``; the manifest. An interrupted export leaves neither.

    ``write`` returns its counts. ``about`` says what was asked for; the file's size and sha256 are added.

    Raises: OSError.
    """
    with whole_file(path) as (target, part):
        counts = write(target)
        target.flush()
        with part.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        manifest = {**about, **counts, "file": path.name, "bytes": part.stat().st_size, "sha256": digest}
    text = json.dumps(as_json(manifest), indent=2, sort_keys=True, ensure_ascii=True)
    path.with_name(f"{path.name}.manifest.json").write_text(f"{text}\n", encoding="ascii")
    return manifest
