"""Text from the outside made storable: the same row on every database, inert on every terminal.

PostgreSQL refuses NUL and lone surrogates, SQLite stores NUL and then measures only up to it, and a terminal obeys
escape sequences. So nothing foreign is stored before it has passed one of these.
"""

from __future__ import annotations

import math
import re
from typing import Any

LINE_LIMIT = 1_000
"""Code points of a headline, a name, a reason."""
TEXT_LIMIT = 2_000_000
"""Code points of an article's text; the longest real ones have some 200,000."""

_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
# Marks and overrides of direction can make a headline read as something else (Unicode TR 36, 2.10); in running text they
# are legitimate, so only lines lose them.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# U+200C and U+200D stay: emoji and several scripts are spelled with them.
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
_SPACES = re.compile(r"\s+")
# Nearly every text is clean already. Unicode calls no control, format character (invisible ones and those of direction), surrogate,
# line separator or space but the plain one "printable": where ``str.isprintable`` holds, none of the patterns can match.


def _whole(text: str) -> str:
    """Join surrogate pairs into their character; what stays alone becomes U+FFFD."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def sanitise_text(text: str, limit: int = TEXT_LIMIT) -> str:
    """Running text: line breaks become ``\\n``; controls but ``\\n`` and ``\\t`` vanish; at most ``limit`` code points."""
    if len(text) <= limit and text.replace("\n", "").isprintable():
        return text
    # Cutting first keeps a hostile gigabyte cheap; twice the limit leaves room for what is dropped.
    text = _whole(text[: limit * 2])
    text = _BREAKS.sub("\n", text)
    return _CONTROLS.sub("", text)[:limit]


def sanitise_line(text: str, limit: int = LINE_LIMIT) -> str:
    """One line: white space folded to single spaces, no controls of any kind, no direction marks; at most ``limit`` code points.

    >>> sanitise_line("Two\\x00 \\x1b]0;x\\x07lines\\n\\u202ehere")
    'Two ]0;xlines here'
    """
    if len(text) <= limit and text.isprintable() and "  " not in text:
        return text.strip()
    text = sanitise_text(text, limit * 2)
    text = _BIDI.sub("", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", text).strip()[:limit].rstrip()


def sanitise_url(url: str) -> str:
    """An address of any length without controls, spaces around it, or lone surrogates."""
    if url.isprintable():
        return url.strip()
    for unwanted in (_BREAKS, _CONTROLS, _INVISIBLE, _BIDI):
        url = unwanted.sub("", _whole(url))
    return url.strip()


def sanitise_json(value: Any, limit: int = 10_000) -> Any:
    """The same for everything inside a JSON value; a number that JSON cannot say becomes None."""
    match value:
        case str():
            return sanitise_text(value, limit)
        case float() if not math.isfinite(value):
            return None
        case dict():
            return {sanitise_line(str(key)): sanitise_json(item, limit) for key, item in value.items()}
        case list() | tuple():
            return [sanitise_json(item, limit) for item in value]
        case _:
            return value


def is_changed(raw: str, clean: str) -> bool:
    """Whether more than white space went lost or was replaced between ``raw`` and what came out of this module."""
    return raw != clean and _SPACES.sub("", _INVISIBLE.sub("", raw)) != _SPACES.sub("", clean)
