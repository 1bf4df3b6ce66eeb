"""docs/datasette.json, made from the views and from the questions of docs/querying.md (``make docs``).

python -m storage.datasette_doc docs/querying.md docs/datasette.json
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from storage.models import Base
from storage.views import ABOUT, COLUMNS

_SQL = re.compile(r"^```sql\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def render(querying: str) -> str:
    """Datasette's metadata, ending in a newline: views with their columns, tables hidden, the page's questions as canned queries."""
    tables: dict[str, object] = {table: {"hidden": True} for table in ("alembic_version", *sorted(Base.metadata.tables))}
    views = {view: {"description": ABOUT[view], "columns": columns} for view, columns in COLUMNS.items()}
    queries = {}
    for section in querying.split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        question = _SQL.search(body)
        if question is not None:
            before = " ".join(body[: question.start()].split())
            queries[_name(title)] = {"title": title, "description": before, "sql": question[1].strip()}
    about = {
        "title": "Second Source",
        "description": "Finds passages to read. Does not decide whether a claim is true.",
        "databases": {"secondsource": {"tables": tables | views, "queries": queries}},
    }
    return json.dumps(about, ensure_ascii=False, indent=2) + "\n"


def _name(title: str) -> str:
    """The question as the last part of an address.

    >>> _name("Announced, but not stored: why?")
    'announced-but-not-stored-why'
    """
    return "-".join(re.findall(r"[a-z0-9]+", title.lower().replace("'", "")))


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(render(Path(sys.argv[1]).read_text(encoding="utf-8")), encoding="utf-8")
