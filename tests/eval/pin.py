"""``python -m tests.eval.pin``: rewrites ``sets.sha256`` and says what changed.

Labels are pinned before any threshold is set and are never eased afterwards: a figure measured on labels that moved with it proves
nothing. A label that is plainly wrong is corrected in a commit of its own that tells the reason; the figures are then measured anew.
On a merge conflict in the list, run the command again.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from tests.eval.sets import SETS

PINS = SETS.parent / "sets.sha256"
TABLES = ("facts.tsv",)
"""Labelled tables that lie beside the sets."""


def hash_files(root: Path = SETS) -> dict[str, str]:
    """Path relative to ``tests/eval`` -> sha256, of every file of every set and of every labelled table."""
    files = sorted(file for file in (*root.rglob("*"), *(root.parent / table for table in TABLES)) if file.is_file())
    return {file.relative_to(root.parent).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def read_pins(file: Path = PINS) -> dict[str, str]:
    """The pinned list; a line that is not ``sha256  path`` (a conflict mark, say) is no pin."""
    if not file.exists():
        return {}
    pairs = (line.split("  ", 1) for line in file.read_text(encoding="utf-8").splitlines())
    return {pair[1]: pair[0] for pair in pairs if len(pair) == 2}


def format_pins(hashes: dict[str, str]) -> str:
    """As ``sha256sum`` writes it, sorted by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes.items()))


def main() -> int:
    before, after = read_pins(), hash_files()
    for path in sorted(before.keys() | after.keys()):
        if before.get(path) != after.get(path):
            print("added  " if path not in before else "removed" if path not in after else "changed", path)
    PINS.write_text(format_pins(after), encoding="utf-8")
    print(f"{len(after)} files pinned")
    return 0


if __name__ == "__main__":
    sys.exit(main())
