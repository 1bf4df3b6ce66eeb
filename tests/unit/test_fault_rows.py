"""No row of the fault list is forgotten: each is named by a test or a case, or was reviewed for a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.fault_rows import OPEN, REVIEWED, ROWS
from tests.outlet_site.cases import CASES, HOSTS

TESTS = Path(__file__).parents[1]


def marked_rows() -> Iterator[int]:
    """The numbers in every ``@pytest.mark.rows(…)``, also beside single parameters (``pytest.param(…, marks=…)``)."""
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rows":
                for argument in node.args:
                    assert isinstance(argument, ast.Constant) and isinstance(argument.value, int), file
                    yield argument.value


def test_every_row_is_proved_or_was_reviewed() -> None:
    proved = {*marked_rows(), *(row for case in CASES for row in case.rows), *(row for host in HOSTS for row in host.rows)}
    assert proved <= ROWS.keys()
    assert sorted(ROWS) == list(range(1, 107))
    assert proved & REVIEWED.keys() == set(), "a proof needs no excuse"
    assert proved & OPEN.keys() == set(), "what is proved is no longer open"
    assert sorted(ROWS.keys() - proved - REVIEWED.keys() - OPEN.keys()) == []
