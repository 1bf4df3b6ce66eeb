"""A matrix as a document: HTML in one file, Markdown, JSON or CSV. The text of others is data here: escaped, capped, credited, linked.

HTML loads nothing, runs nothing and says so in its own policy; links lead to http(s) only.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from jinja2 import Environment, StrictUndefined
from pydantic_core import PydanticSerializationError, to_json

from comparison.csv_table import to_csv
from comparison.figure import draw_spread
from comparison.findings import Cell, Range, cell_of
from comparison.inert import (
    grouped_misses,
    inert,
    inert_json,
    miss_reasons,
    pieces,
    rests_text,
    revised_text,
    safe_url,
    shown_moment,
    shown_time,
)
from comparison.markdown import SHOWN_ARTICLES, to_markdown
from comparison.matrix import Matrix
from comparison.redaction import redact_matrix
from comparison.wording import (
    INDEPENDENCE_WORDS,
    LEVEL_WORDS,
    RULING_WORDS,
    STANDING_WORDS,
    VERDICT_WORDS,
    as_sentence,
    count_word,
    counted,
    range_text,
)
from storage.claim_records import ClaimKind, FactVerdict, Independence, Level

Format = Literal["html", "md", "json", "csv"]
FORMATS: tuple[Format, ...] = ("html", "md", "json", "csv")

LANGUAGE_WORDS = {"en": "English", "de": "German", "ru": "Russian", "uk": "Ukrainian", "fr": "French"}
DOOR_WORDS = {"encoder": "likeness of meaning", "place": "a place that few articles name", "lexicon": "shared words", "person": "a person"}


def render(matrix: Matrix, format_: str, *, redact_persons: bool = False) -> str:
    """The dossier. The same matrix gives the same text.

    ``redact_persons`` puts "[name]" in the place of what looks like a person's name in quotes and headlines: best effort, by rule.

    Raises: ValueError for another format than html, md, json, csv.
    """
    if redact_persons:
        matrix = redact_matrix(matrix)
    if format_ == "html":
        return _html(matrix)
    if format_ == "md":
        return to_markdown(matrix)
    if format_ == "json":
        return inert_json(_json(matrix)) + "\n"
    if format_ == "csv":
        return to_csv(matrix)
    raise ValueError(f"format is {format_!r}; choose one of {', '.join(FORMATS)}")


def _json(matrix: Matrix) -> str:
    try:
        # As json.dumps writes it, indented, in a twentieth of the time.
        return to_json(matrix.document(), indent=2).decode()
    except PydanticSerializationError:
        # Lone surrogates: no stored text has any, a text of the program's caller may.
        return json.dumps(matrix.to_json(), ensure_ascii=False, indent=2)


MOST_PASSAGES = 4000
"""Passages quoted in one page, some 2 kB each: one of 10 MB still opens at once, and nobody reads more of them on paper or screen."""
MOST_MISSES = 200
"""Articles with near misses that a page lists."""


def most_quoted(sizes: Sequence[int], limit: int = MOST_PASSAGES) -> int:
    """How many articles of each cell a page quotes, so that it quotes ``limit`` in all at most, and one of each at least.

    >>> most_quoted([3, 500, 900], 1000), most_quoted([3, 500, 90], 1000)
    (498, 500)
    """
    most = max(sizes, default=0)
    low, high = 1, max(most, 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if sum(min(size, middle) for size in sizes) <= limit else (low, middle - 1)
    return low


def cell_word(cell: Cell) -> str:
    """One word for a cell: how the key fact compares, or why there is nothing."""
    if not cell.articles:
        return LEVEL_WORDS[cell.level]
    if cell.independence is not Independence.INDEPENDENT:
        return INDEPENDENCE_WORDS[cell.independence]
    if cell.mixed:
        return "agrees and differs"
    return VERDICT_WORDS[cell.verdict] if cell.verdict is not None else ""


def cell_class(cell: Cell) -> str:
    """The look of a cell."""
    if cell.level in (Level.NONE, Level.UNSEEN):
        return cell.level.value
    if cell.independence is Independence.NOT_ESTABLISHED:
        return f"{cell.level.value} unsettled"
    if cell.independence is Independence.REPORT_CHAIN:
        return f"{cell.level.value} own"
    if cell.mixed or cell.verdict is FactVerdict.DIFFERS:
        return f"{cell.level.value} differs"
    return f"{cell.level.value} silent" if cell.verdict is FactVerdict.NOT_STATED else f"{cell.level.value} same"


# --- HTML -----------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Escaped always, not by file name: every variable of the page is text of others until shown otherwise.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        inert=inert,
        safe_url=safe_url,
        shown_time=shown_time,
        shown_moment=shown_moment,
        revised_text=revised_text,
        range_text=range_text,
        cell_word=cell_word,
        cell_class=cell_class,
        sentence=as_sentence,
    )
    return environment


@lru_cache(maxsize=2)
def _resource(name: str) -> str:
    return files("comparison").joinpath(name).read_text(encoding="utf-8")


def _html(matrix: Matrix) -> str:
    style = _resource("data/dossier.css")
    # The policy names the one style sheet by its hash; no other style, script, image, frame or form can take effect.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    shown = [column for column in matrix.origins if any(cell_of(row.cells, column.origin).articles for row in matrix.claims)]
    quiet = [column for column in matrix.origins if column not in shown and column.seen]
    unseen = [column for column in matrix.origins if column not in shown and not column.seen]
    sizes = [len(cell.articles) for row in matrix.claims for cell in row.cells if cell.articles]
    most = most_quoted(sizes)
    groups = grouped_misses(matrix.near_misses)
    page = _environment().from_string(_resource("dossier.html.j2"))
    return page.render(
        matrix=matrix,
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'",
        events=[(number, row) for number, row in enumerate(matrix.claims, 1) if row.kind is ClaimKind.EVENT],
        others=[(number, row) for number, row in enumerate(matrix.claims, 1) if row.kind is not ClaimKind.EVENT],
        shown=shown,
        # The report's own chain is what the reader knows already: its passages come last.
        in_reading_order=sorted(enumerate(shown, 1), key=lambda item: (item[1].independence is Independence.REPORT_CHAIN, item[0])),
        quiet=quiet,
        unseen=unseen,
        names={column.origin: inert(column.name) for column in matrix.origins},
        cell_of=cell_of,
        pieces=pieces,
        rests_text=rests_text,
        counted=counted,
        count_word=count_word,
        levels=LEVEL_WORDS,
        verdicts=VERDICT_WORDS,
        independence=INDEPENDENCE_WORDS,
        languages=LANGUAGE_WORDS,
        doors=DOOR_WORDS,
        rulings=RULING_WORDS,
        standings=STANDING_WORDS,
        articles_of=lambda row: [finding.article for cell in row.cells for finding in cell.articles],
        misses=[(group[0].finding, miss_reasons(group)) for group in groups[:MOST_MISSES]],
        more_misses=len(groups[MOST_MISSES:]),
        limit=min(SHOWN_ARTICLES, most),
        most=most,
        passages=sum(sizes),
        quoted=sum(min(size, most) for size in sizes),
        figures=_figures(matrix),
        figure=draw_spread(matrix.spread, {column.origin: column.name for column in matrix.origins}, matrix.report_published),
    )


def _figures(matrix: Matrix) -> list[tuple[str, str]]:
    """The few numbers at the top of the page."""
    events = [row for row in matrix.claims if row.kind is ClaimKind.EVENT]
    one = Range(low=sum(row.second_sources.low >= 1 for row in events), high=sum(row.second_sources.high >= 1 for row in events))
    two = Range(low=sum(row.second_sources.low >= 2 for row in events), high=sum(row.second_sources.high >= 2 for row in events))
    rival = sum(row.counts.other_fact.low >= 1 for row in events)
    return [
        (str(len(events)), "event claims"),
        (range_text(one), "with a second source"),
        (range_text(two), "with two or more"),
        (str(rival), "with a rival figure"),
        (str(len(matrix.only_in_report)) if matrix.reading.complete else "?", "only in the report"),
        (f"{matrix.articles:,}", f"articles of {matrix.outlets} outlets looked at"),
    ]
