"""The published schema of the dossier's JSON is the one the records make, and what is printed fits it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from comparison.dossier import render
from comparison.matrix import SCHEMA_ID
from comparison.schema import dossier_schema
from comparison.schema import render as render_schema
from tests.comparison_builders import hand_made_matrix

PUBLISHED = Path(__file__).parents[2] / "docs" / "dossier.schema.json"
TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "null": type(None), "array": list, "object": dict,
}  # fmt: skip
SCHEMA = dossier_schema()
PRINTED = render(hand_made_matrix(), "json")
NO_RULE = {"$schema", "$id", "$defs", "title", "description"}


def faults(value: Any, schema: dict[str, Any], where: str = "$") -> list[str]:
    """Where ``value`` does not fit. Knows the keywords that the schema uses, and stops at any other."""
    found: list[str] = []
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        return [f"{where} is no {schema['type']}"]
    for keyword, rule in schema.items():
        if keyword in NO_RULE:
            continue
        match keyword:
            case "$ref":
                found += faults(value, SCHEMA["$defs"][rule.rpartition("/")[2]], where)
            case "type":
                # To Python, though not to JSON, True is a number.
                found += [f"{where} is no {rule}"] if rule in ("integer", "number") and isinstance(value, bool) else []
            case "const":
                found += [] if value == rule else [f"{where} is not {rule}"]
            case "enum":
                found += [] if value in rule else [f"{where} is none of {rule}"]
            case "anyOf":
                found += [] if any(not faults(value, one, where) for one in rule) else [f"{where} fits none"]
            case "items":
                found += [fault for number, item in enumerate(value) for fault in faults(item, rule, f"{where}[{number}]")]
            case "required":
                found += [f"{where}.{key} is missing" for key in rule if key not in value]
            case "properties":
                found += [fault for key, one in rule.items() if key in value for fault in faults(value[key], one, f"{where}.{key}")]
            case "additionalProperties":
                known = schema.get("properties", {})
                rest = {key: item for key, item in value.items() if key not in known}
                found += [fault for key, item in rest.items() for fault in faults(item, rule, f"{where}.{key}")] if rule is not True else []
            case _:
                raise AssertionError(f"the schema uses {keyword!r}, which this check does not know")
    return found


def document() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(PRINTED)
    return loaded


def test_the_published_schema_is_the_one_that_the_records_make() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == render_schema(), "run `make docs`"


def test_what_is_printed_fits_the_schema() -> None:
    assert document()["schema"] == SCHEMA_ID
    assert faults(document(), SCHEMA) == []


def test_every_key_that_is_printed_is_described() -> None:
    def undescribed(value: Any, schema: dict[str, Any], where: str) -> list[str]:
        if "$ref" in schema:
            return undescribed(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]], where)
        if "anyOf" in schema:
            return min((undescribed(value, one, where) for one in schema["anyOf"] if not faults(value, one)), key=len)
        if isinstance(value, list):
            return [key for item in value for key in undescribed(item, schema.get("items", {}), where)]
        if isinstance(value, dict) and "properties" in schema:
            known = schema["properties"]
            missing = [f"{where}.{key}" for key in value if key not in known]
            return missing + [key for name in value if name in known for key in undescribed(value[name], known[name], f"{where}.{name}")]
        return []

    assert undescribed(document(), SCHEMA, "$") == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("notice",), None),
        (("articles",), "142"),
        (("claims", 0, "kind"), "rumour"),
        (("claims", 0, "cells", 0, "articles", 0, "level"), "certain"),
        (("claims", 0, "cells", 0, "articles", 0, "withdrawn"), 0),
        (("claims", 0, "counts", "same_fact"), {"low": 1}),
        (("claims", 0, "judgements", 0, "machine", "independence"), "friend"),
        (("versions", "python"), 3),
    ],
)
def test_what_does_not_fit_is_found(path: tuple[str | int, ...], value: object) -> None:
    """The check itself can fail."""
    broken = copy.deepcopy(document())
    target: Any = broken
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert faults(broken, SCHEMA)


def test_fields_say_what_they_mean() -> None:
    schema = SCHEMA
    assert "newest capture" in schema["properties"]["data_until"]["description"]
    assert "overrides the program" in schema["$defs"]["Judged"]["properties"]["counts"]["description"]
    assert schema["$defs"]["Finding"]["properties"]["title"]["type"] == "string", "a key called title is no title"
