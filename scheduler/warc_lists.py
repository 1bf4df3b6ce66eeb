"""Lists of WARC files, as Common Crawl publishes them (``warc.paths.gz``): which of the files are here and may hold what is wanted."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

MAX_LIST_BYTES = 16 * 1024 * 1024
"""After inflation; a month of the news crawl lists some 500 files in 40 kB."""
_LISTED = re.compile(r"[^\s]+\.warc(?:\.gz)?")
_STAMPED = re.compile(r"-(\d{14})-\d+\.warc(?:\.gz)?$")
"""Names of the news crawl say when the file was begun; the next one begins when it is full, hours later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """What the files given on the command line come to."""

    files: tuple[Path, ...]
    """WARC files to be read, in their order."""
    missing: tuple[str, ...]
    """Listed, begun within the time asked for, and not here."""
    outside: int
    """Listed, and begun at another time."""


def expand_lists(given: Sequence[Path], *, since: datetime, until: datetime) -> Listed:
    """Put the files that a list names in its place. They lie beside the list, under the path that it gives or just their name.

    A list is told by its content. Nothing outside the list's folder is read, whatever it names. A file whose name tells no time is read.

    Raises: OSError.
    """
    files: list[Path] = []
    missing: list[str] = []
    outside = 0
    for file in given:
        lines = _read_list(file)
        if lines is None:
            files.append(file)
            continue
        folder = file.parent.resolve()
        for line in lines:
            stamp = _STAMPED.search(line)
            if stamp is not None and not since <= _moment(stamp[1], since) <= until:
                outside += 1
                continue
            places = ((folder / part).resolve() for part in (line, PurePosixPath(line).name))
            found = next((place for place in places if place.is_relative_to(folder) and place.is_file()), None)
            if found is None:
                missing.append(PurePosixPath(line).name)
            elif found not in files:
                files.append(found)
    return Listed(files=tuple(files), missing=tuple(missing), outside=outside)


def _read_list(file: Path) -> list[str] | None:
    """The lines of a list; None for anything else."""
    with file.open("rb") as stream:
        is_packed = stream.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(file) if is_packed else file.open("rb") as stream:
            first = stream.readline(2000).decode("utf-8").strip()
            if _LISTED.fullmatch(first) is None:
                return None
            text = first + "\n" + stream.read(MAX_LIST_BYTES).decode("utf-8")
    except (UnicodeDecodeError, EOFError, gzip.BadGzipFile, zlib.error):
        return None
    return [line for line in map(str.strip, text.splitlines()) if _LISTED.fullmatch(line)]


def _moment(stamp: str, otherwise: datetime) -> datetime:
    try:
        return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return otherwise
