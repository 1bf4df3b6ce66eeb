"""Every printer and exporter over the naughty texts: nothing runs, nothing steers, nothing breaks out of its line, cell or element."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable

import pytest
from structlog.processors import JSONRenderer

from comparison.dossier import FORMATS, render
from config.logs import render_line
from interfaces.cli import output
from interfaces.export.selection import COLUMNS
from interfaces.export.tables import write_csv, write_jsonl
from tests.comparison_builders import hand_made_matrix
from tests.fixtures.naughty import NAUGHTY
from tests.unit.test_dossier import read

STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u061c\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal, or a reader's eye, obeys; a line break of ours is not among it."""
FORMULA = re.compile(r"[=+\-@\t\r＝＋－＠]")

Out = pytest.CaptureFixture[str]


@pytest.mark.rows(57, 58, 77)
@pytest.mark.parametrize("text", NAUGHTY)
def test_printers_keep_it_inert_and_in_its_line(text: str, capsys: Out) -> None:
    output.line(text)
    output.table(["a", "b"], [(text, text)])
    output.print_json_line({"text": text, text: 1})
    printed = capsys.readouterr().out
    assert not STEERING.search(printed)
    assert printed.count("\n") == 4
    output.say(text)
    output.paragraphs(text)
    output.print_json({"text": text})
    shown = capsys.readouterr()
    assert not STEERING.search(shown.out + shown.err)


@pytest.mark.rows(77)
@pytest.mark.parametrize("text", NAUGHTY)
@pytest.mark.parametrize("renderer", [render_line, JSONRenderer()], ids=["text", "json"])
def test_a_log_record_is_one_line_whatever_it_tells(text: str, renderer: Callable[..., str]) -> None:
    line = renderer(None, "info", {"timestamp": "t", "level": "info", "event": text, "title": text, "url": text})
    assert len(line.splitlines()) <= 1
    assert not STEERING.search(line)


@pytest.mark.rows(74, 76, 79)
@pytest.mark.parametrize("format_", FORMATS)
def test_dossiers_keep_it_inert(format_: str) -> None:
    for text in NAUGHTY:
        made = render(hand_made_matrix(text), format_)
        made.encode("utf-8")
        assert not STEERING.search(made.replace("\r\n", "\n").replace("\t", " ")), text
        if format_ == "html":
            page = read(made)
            assert not {"script", "img", "iframe", "form", "object", "link"} & set(page.tags)
            assert all(not name.startswith("on") for _, name, _ in page.attributes)
            assert all(re.match(r"https?://|#", value or "") for _, name, value in page.attributes if name in ("href", "src"))
        elif format_ == "csv":
            for row in csv.reader(io.StringIO(made)):
                assert not any(FORMULA.match(cell) and not re.fullmatch(r"-?[\d.]+", cell) for cell in row), text
        elif format_ == "json":
            json.loads(made)
        else:
            assert not re.search(r"(?<!\\)\]\((?!<?https?://)", made), text


@pytest.mark.rows(74)
def test_exports_keep_it_inert_and_whole() -> None:
    # What leaves the database has passed the sanitiser's border, at which lone surrogates are replaced.
    texts = [text for text in NAUGHTY if text.isascii() or not re.search("[\ud800-\udfff]", text)]
    rows = [dict.fromkeys(COLUMNS, text) for text in texts]
    target = io.BytesIO()
    write_csv(iter(rows), target)
    cells = list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))
    assert len(cells) == len(texts) + 1
    assert not [cell for row in cells for cell in row if FORMULA.match(cell)]
    target = io.BytesIO()
    write_jsonl(iter(rows), target)
    lines = target.getvalue().decode("ascii").splitlines()
    assert [json.loads(line)["title"] for line in lines] == texts
