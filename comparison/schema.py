"""The JSON Schema (draft 2020-12) of a dossier's JSON, made from the records themselves; a test checks that the published file is the
one made here, and that what is printed fits it."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import TypeAdapter

from comparison import findings, matrix
from comparison.matrix import SCHEMA_ID, Matrix


def dossier_schema() -> dict[str, Any]:
    """The schema. Every key of today is required; further keys may come, so they are not forbidden."""
    made = TypeAdapter(Matrix).json_schema(mode="serialization")
    notes = {**_notes(findings), **_notes(matrix)}
    definitions = {name: _definition(name, item, notes) for name, item in made.pop("$defs").items()}
    whole = _definition("Matrix", made, notes)
    whole["properties"] = {**whole["properties"], "schema": {"const": SCHEMA_ID}}
    whole["required"] = [*whole["required"], "schema"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "Dossier of Second Source",
        "description": "Claims of a report, and the passages of other origins that may carry them. `secondsource compare REPORT --json`.",
        **{key: value for key, value in whole.items() if key != "description"},
        "$defs": dict(sorted(definitions.items())),
    }


def render() -> str:
    return json.dumps(dossier_schema(), ensure_ascii=False, indent=2) + "\n"


def _definition(name: str, item: dict[str, Any], notes: dict[tuple[str, str], str]) -> dict[str, Any]:
    """Without the titles that repeat the keys, with what the fields' own texts say."""
    found: dict[str, Any] = _plain(item)
    if "properties" in found:
        for key, value in found["properties"].items():
            if (note := notes.get((name, key))) is not None:
                found["properties"][key] = {**value, "description": note}
        found["required"] = list(found["properties"])
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        # A property may itself be called "title": only texts are titles of the schema.
        return {key: _plain(item) for key, item in value.items() if not (key == "title" and isinstance(item, str)) and key != "default"}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _notes(module: ModuleType) -> dict[tuple[str, str], str]:
    """(class, field) -> the text that stands under the field."""
    found = {}
    for item in ast.parse(inspect.getsource(module)).body:
        if not isinstance(item, ast.ClassDef) or not is_dataclass(record := getattr(module, item.name)):
            continue
        names = {field.name for field in fields(record)}
        for one, after in zip(item.body, item.body[1:], strict=False):
            if not isinstance(one, ast.AnnAssign) or ast.unparse(one.target) not in names:
                continue
            if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                found[item.name, ast.unparse(one.target)] = " ".join(str(after.value.value).split())
    return found


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
