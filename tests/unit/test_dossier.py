"""The dossier in four formats: complete, inert whatever the texts hold, and the same bytes each time."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from comparison.csv_table import CSV_COLUMNS, formula_inert
from comparison.dossier import FORMATS, MOST_PASSAGES, render
from comparison.findings import NOTICE, QUOTE_LIMIT
from comparison.inert import safe_url, shown_time
from comparison.redaction import redact
from tests.comparison_builders import context_of, hand_made_matrix, make_article, make_candidate

HOSTILE = [
    "</blockquote><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style><style>*{display:none}</style>",
    "{{ 7*7 }}{% for x in y %}",
    "](javascript:alert(1)) **bold** `code` <b>x</b>",
    "\u202eevil\u202c\x07\x1b[31m\u2066x\u2069",
    '\r\n=HYPERLINK("http://evil.example")',
    "'; DROP TABLE articles; --",
]


class Reader(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.text: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_in_the_texts_of_others_takes_effect(hostile: str) -> None:
    plain, page = read(render(hand_made_matrix(), "html")), read(render(hand_made_matrix(hostile), "html"))
    assert set(page.tags) <= set(plain.tags) | {"mark"}
    assert not {"script", "img", "iframe", "form", "link", "object"} & set(page.tags)
    for tag, name, value in page.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("href", "src"):
            assert re.match(r"https?://|#", value or ""), value
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", render(hand_made_matrix(hostile), "html").replace("\n", "")
    )


def test_the_page_allows_itself_one_style_sheet_and_nothing_else() -> None:
    html = render(hand_made_matrix(), "html")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = next(
        value for tag, name, value in read(html).attributes if tag == "meta" and name == "content" and value and "default-src" in value
    )
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "url(" not in style.group(1)
    assert "@import" not in style.group(1)


def test_every_mark_of_the_matrix_leads_to_its_passages() -> None:
    page = read(render(hand_made_matrix(), "html"))
    targets = [value for tag, name, value in page.attributes if name == "href" and value and value.startswith("#")]
    assert targets
    assert {target[1:] for target in targets} <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_begins_with_what_it_does_and_does_not(format_: str) -> None:
    text = render(hand_made_matrix(), format_)
    if format_ == "html":
        first = next(part for part in "".join(read(text.partition("<body>")[2]).text).splitlines() if part.strip())
        assert first.strip() == NOTICE
    elif format_ == "json":
        assert next(iter(json.loads(text).items())) == ("notice", NOTICE)
    elif format_ == "csv":
        assert text.splitlines()[1].startswith(NOTICE)
    else:
        assert text.startswith(f"> {NOTICE}\n")


@pytest.mark.parametrize("format_", FORMATS)
def test_no_format_speaks_of_truth_or_contradiction(format_: str) -> None:
    text = render(hand_made_matrix(), format_).replace(NOTICE, "").casefold()
    for word in ("contradict", "confirms", "refute", "false claim", "is true", "fake", "proves"):
        assert word not in text, word


@pytest.mark.parametrize("format_", FORMATS)
def test_the_same_matrix_gives_the_same_bytes(format_: str) -> None:
    assert render(hand_made_matrix(), format_) == render(hand_made_matrix(), format_)


@pytest.mark.rows(104)
@pytest.mark.parametrize("format_", FORMATS)
def test_a_withdrawn_page_is_named_and_not_quoted(format_: str) -> None:
    text = render(hand_made_matrix(), format_)
    assert "Їх близько 250" not in text
    assert "http://perehuk-uk.example/3" in text


def test_model_free_is_labelled_low_recall() -> None:
    assert "Low recall" in render(hand_made_matrix(), "html")
    assert "Low recall" in render(hand_made_matrix(), "md")
    assert json.loads(render(hand_made_matrix(), "json"))["low_recall"] is True


def test_json_has_the_documented_keys() -> None:
    document = json.loads(render(hand_made_matrix(), "json"))
    claim = document["claims"][0]
    assert {"id", "text", "kind", "cells", "summary", "counts", "first"} <= set(claim)
    cell = claim["cells"][1]
    assert {"origin", "level", "verdict", "independence", "articles"} <= set(cell)
    article = cell["articles"][0]
    assert {"outlet", "language", "url", "passage", "facts", "start", "end", "revision", "capture_sha256", "published", "score"} <= set(
        article
    )
    assert {"same_fact", "other_fact", "fact_not_stated", "independence_not_established"} == set(claim["counts"])


@pytest.mark.rows(74)
def test_csv_is_a_table_that_no_spreadsheet_runs() -> None:
    rows = list(csv.DictReader(io.StringIO(render(hand_made_matrix('\r\n=HYPERLINK("http://evil.example")'), "csv"))))
    assert rows[0].keys() == set(CSV_COLUMNS)
    assert len(rows) == 8
    for row in rows:
        for value in row.values():
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r")), value


@pytest.mark.rows(74)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        (" =1", "' =1"),
        ("＝1", "'＝1"),
        ("1-2", "1-2"),
        (-1.5, -1.5),
        ("", ""),
    ],
)
def test_formulas_are_text(value: object, expected: object) -> None:
    assert formula_inert(value) == expected


@pytest.mark.rows(76)
def test_markdown_holds_no_markup_of_others() -> None:
    text = render(hand_made_matrix("](javascript:alert(1)) **bold** <b>x</b>\n# Heading"), "md")
    assert "<b>" not in text
    assert "\n# Heading" not in text
    assert not re.search(r"(?<!\\)\]\(javascript:", text)
    assert "](<javascript" not in text


@pytest.mark.rows(76)
@pytest.mark.parametrize(
    ("url", "kept"),
    [("https://a.example/x", True), ("HTTP://a.example/x", True), ("javascript:alert(1)", False), ("data:text/html,x", False),
     ("//a.example", False), ("http://a.example/ x", False), ('http://a.example/"><script>', False), ("", False)],
)  # fmt: skip
def test_only_web_addresses_are_links(url: str, kept: bool) -> None:
    assert bool(safe_url(url)) is kept


def test_long_passages_are_cut_and_keep_their_offsets() -> None:
    from comparison.cells import make_finding

    article = make_article(text="Слово за словом. " * 60)
    finding = make_finding([make_candidate(article)], context_of(article))
    assert len(finding.passage) <= QUOTE_LIMIT
    assert finding.cut
    assert (finding.start, finding.end) == (0, len(article.text))


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="pdf"):
        render(hand_made_matrix(), "pdf")


@pytest.mark.parametrize(
    ("value", "precision", "shown"),
    [
        ("2022-11-14T06:30:00Z", "second", "14 Nov 2022, 06:30 UTC"),
        ("2022-11-16T13:20:00+01:00", "minute", "16 Nov 2022, 12:20 UTC"),
        ("2022-11-14T00:00:00Z", "day", "14 Nov 2022 (day only)"),
        ("2022-11", "day", "2022-11"),
        (None, None, "time unknown"),
    ],
)
def test_times_say_how_fine_they_are(value: str | None, precision: str | None, shown: str) -> None:
    assert shown_time(value, precision) == shown


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Yesterday Egor Lapshin spoke to us in Kyiv.", "Yesterday [name] spoke to us in Kyiv."),
        (
            "ru",
            "По словам Людмилы, 43 мобилизованных заперты в погребе в Зайцево.",
            "По словам [name], 43 мобилизованных заперты в погребе в Зайцево.",
        ),
        ("uk", "«Дениса замкнули», – розповіла «Перегуку» Галина.", "«[name] замкнули», – розповіла «Перегуку» [name]."),
        ("de", "Das Telefon von Jelena Sabrodina steht nicht still.", "Das Telefon von [name] steht nicht still."),
    ],
)
def test_persons_can_be_taken_out(language: str, text: str, expected: str) -> None:
    assert redact(text, language, ["Перегук"]) == expected


def test_a_page_quotes_the_best_of_very_many_passages_and_says_so() -> None:
    matrix = hand_made_matrix()
    row = matrix.claims[0]
    [finding] = row.cells[1].articles
    many = tuple(replace(finding, article=f"strela_ru:{number}", passage=f"Внизу {number} человек.", marks=()) for number in range(5000))
    crowded = replace(row.cells[1], articles=many)
    large = replace(matrix, claims=(replace(row, cells=(row.cells[0], crowded, *row.cells[2:])), matrix.claims[1]))
    page = render(large, "html")
    most = MOST_PASSAGES - 2
    assert "5,002 passages were found, more than one page can hold." in page
    assert f"the {most} best: {MOST_PASSAGES:,} in all" in page
    assert f"The best {most} of 5,000 articles are quoted here" in page
    assert page.count("Внизу ") == most
    assert f"Внизу {most - 1} человек." in page
    for format_ in ("json", "csv"):
        assert render(large, format_).count("Внизу ") == len(many)
    assert "more than one page can hold" not in render(matrix, "html")
