"""A card as TOML text, the reverse of reading one. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from config.outlet import Outlet


def render_card(outlet: Outlet, notes: Mapping[str, str] | None = None) -> str:
    """The card as TOML; reading it again gives an equal ``Outlet``. Keys at their default are left out.

    ``notes`` puts a comment above a key: what a person should look at.
    """
    values = outlet.model_dump(exclude_defaults=True)
    lines = []
    for key, value in values.items():
        if key == "endpoints" or value is None:
            continue
        lines += [f"# {note}" for note in _lines((notes or {}).get(key, ""))]
        lines.append(f"{key} = {_value(value)}")
    if values.get("endpoints"):
        lines += [f"# {note}" for note in _lines((notes or {}).get("endpoints", ""))]
        lines += ["endpoints = [", *(f"  {_value(endpoint)}," for endpoint in values["endpoints"]), "]"]
    return "\n".join(lines) + "\n"


def _lines(note: str) -> list[str]:
    return ["".join(char if char.isprintable() else " " for char in line) for line in note.splitlines() if line.strip()]


def _value(value: Any) -> str:
    """A TOML value.

    >>> _value({"url": "http://a.example/", "delay_s": 2.0, "on": True})
    '{ url = "http://a.example/", delay_s = 2.0, on = true }'
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return _value(value.value)
    if isinstance(value, str):
        # A basic string of TOML is one of JSON, but for DEL, which JSON leaves as it is.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items() if item is not None) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return str(value)
