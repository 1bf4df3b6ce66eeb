"""What is printed: data to stdout, everything else to stderr, and no text from outside as it came."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import Any

_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def inert(text: str, *, keep_newlines: bool = False) -> str:
    """``text`` as a terminal may show it: control characters, odd line breaks, bidi controls and lone surrogates become visible escapes.

    >>> inert("a\\x1b[31mb")
    'a\\\\x1b[31mb'
    """
    out = []
    for char in text:
        if char == "\n" and keep_newlines:
            out.append(char)
        elif char in _BIDI or (unicodedata.category(char) in ("Cc", "Cs", "Cf", "Zl", "Zp") and char not in "\u200c\u200d\u00ad"):
            code = ord(char)
            out.append(f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}")
        else:
            out.append(char)
    return "".join(out)


def say(message: str) -> None:
    """Progress and notes, for people, on stderr."""
    print(inert(message, keep_newlines=True), file=sys.stderr, flush=True)


def line(text: str = "") -> None:
    """One line of data on stdout; a newline inside is made visible."""
    print(inert(text))


class Ink(Enum):
    """How a run of text is printed: in colour on a terminal, by marks elsewhere."""

    PLAIN = ("", "", "")
    FAINT = ("2", "", "")
    BOLD = ("1", "", "")
    REMOVED = ("9;31", "[-", "-]")
    """Red and struck through: colour alone does not tell everybody."""
    ADDED = ("1;32", "{+", "+}")


def styled_line(runs: Iterable[tuple[str, Ink]]) -> None:
    """One line of data on stdout. Only our own codes steer the terminal: the runs' text is inert."""
    from config.settings import colour_is_refused

    in_colour = sys.stdout.isatty() and not colour_is_refused()
    print("".join(_inked(text, ink, in_colour) for text, ink in runs))


def _inked(text: str, ink: Ink, in_colour: bool) -> str:
    code, opening, closing = ink.value
    shown = inert(text)
    if in_colour:
        return f"\x1b[{code}m{shown}\x1b[0m" if code else shown
    # The space before a run's first word stays outside of its marks.
    bare = shown.lstrip(" ")
    return f"{' ' * (len(shown) - len(bare))}{opening}{bare}{closing}"


def paragraphs(text: str) -> None:
    """Text of several lines on stdout."""
    print(inert(text, keep_newlines=True))


def as_json(value: Any) -> Any:
    """Records, enums and times as JSON values. Times are ISO 8601 in UTC, ending in Z."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(as_json(key)): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, frozenset, set)):
        return [as_json(item) for item in value]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    return value


def print_json(value: Any) -> None:
    """One JSON document. ASCII only, so that it is inert on a terminal and in a log whatever the text holds."""
    print(json.dumps(as_json(value), ensure_ascii=True, indent=2))


def print_json_line(value: Any) -> None:
    """One line of JSON Lines."""
    print(json.dumps(as_json(value), ensure_ascii=True), flush=True)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns on stdout; the last column is not padded."""
    cells = [[inert("" if cell is None else str(cell)) for cell in row] for row in rows]
    widths = [max(len(heading), *(len(row[i]) for row in cells)) if cells else len(heading) for i, heading in enumerate(headings)]
    for row in [list(headings), *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def day(value: datetime | None) -> str:
    return value.strftime("%Y-%m-%d %H:%M") if value else "no date"
