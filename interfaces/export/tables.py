"""Articles as CSV, JSON Lines and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import IO, Any

from comparison.csv_table import formula_inert
from interfaces.cli.output import as_json
from interfaces.export.selection import COLUMNS

BATCH = 200
"""Rows of one Parquet row group: a few megabytes with their texts."""


def write_csv(rows: Iterable[dict[str, Any]], target: IO[bytes], *, raw: bool = False) -> int:
    """UTF-8, RFC 4180, with headings; how many rows. Text that a spreadsheet would run as a formula begins with an apostrophe
    (OWASP, "CSV Injection") unless ``raw``."""
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        count = 0
        for row in rows:
            values = [_plain(row[name]) for name in COLUMNS]
            writer.writerow(values if raw else [formula_inert(value) for value in values])
            count += 1
        return count
    finally:
        text.detach()


def write_jsonl(rows: Iterable[dict[str, Any]], target: IO[bytes]) -> int:
    """One JSON object a line, ASCII only, so that it is inert wherever it is looked at; how many rows."""
    count = 0
    for row in rows:
        target.write(json.dumps(as_json(row), ensure_ascii=True).encode("ascii") + b"\n")
        count += 1
    return count


def write_parquet(rows: Iterable[dict[str, Any]], target: IO[bytes]) -> int:
    """Times are UTC microseconds, texts are strings; how many rows.

    Raises: ImportError where pyarrow is not installed (the extra ``parquet``).
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {str: pa.string(), int: pa.int64(), bool: pa.bool_(), datetime: pa.timestamp("us", tz="UTC")}
    schema = pa.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    count = 0
    remaining = iter(rows)
    with pq.ParquetWriter(target, schema, compression="zstd") as writer:
        while batch := list(islice(remaining, BATCH)):
            writer.write_batch(pa.RecordBatch.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def _plain(value: Any) -> Any:
    shown = as_json(value)
    return "" if shown is None else str(shown).lower() if isinstance(shown, bool) else shown
