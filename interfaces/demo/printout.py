"""What the demo prints: plain text of at most 100 columns, or the documented JSON."""

from __future__ import annotations

import sqlite3
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any

from interfaces.cli.output import line
from storage import queries, search
from storage.claim_records import ClaimKind, FactVerdict, Independence, Level
from storage.coverage import outlet_coverage
from storage.database import open_reader

if TYPE_CHECKING:
    from comparison.findings import Cell, ClaimFindings, OriginColumn
    from comparison.matrix import Matrix
    from interfaces.demo.result import DemoResult

WIDTH = 100
CLAIM_WIDTH = 40
COLUMN_WIDTH = 8
TOLD = 6
"""Claims that are told in words; the dossier tells them all."""
QUESTION = "подвал отказники"
VIEW_QUESTION = """
SELECT owner, verdict, count(*) AS passages FROM v_claim_matrix
WHERE claim = 'c03' AND level <> 'none' GROUP BY owner, verdict ORDER BY owner, verdict
"""
LEVELS = {Level.STRONG: "●", Level.POSSIBLE: "○", Level.NONE: "–", Level.UNSEEN: "?"}
VERDICTS = {FactVerdict.AGREES: "=", FactVerdict.DIFFERS: "≠", FactVerdict.NOT_STATED: "·", FactVerdict.NO_KEY_FACT: ""}


def as_values(result: DemoResult) -> dict[str, Any]:
    """The keys of ``demo --json``; counts are rows of the database."""
    assert result.matrix is not None
    return {
        **{key: result.counts[key] for key in ("articles", "aliases", "copies", "revisions", "outlets")},
        "outcomes": result.summary.outcomes,
        "matrix": result.matrix.to_json(),
        "dossier": str(result.workspace.dossier),
        "database": str(result.workspace.database_file),
        "config": str(result.workspace.config_file),
        "differences": [str(difference) for difference in result.differences],
        "shortfalls": result.shortfalls,
        "known_faults": result.known_faults,
        "seconds": {step: round(seconds, 2) for step, seconds in result.timings.items()},
    }


def print_result(result: DemoResult) -> None:
    """Everything, in the order in which somebody who sees it for the first time would ask."""
    matrix = result.matrix
    assert matrix is not None
    _heading("Outlets: what was read, and what could not be")
    _print_lines(_outlets(result))
    _heading("What came of it")
    _print_lines(_counts(result))
    _heading("Which claims have a second, independent source?")
    line(matrix.notice)
    _print_lines(matrix_lines(matrix))
    _heading("In words")
    for row in told(matrix):
        _wrapped(f"{row.id}: {row.summary}")
    _wrapped(matrix.summary)
    _heading(f"secondsource search {QUESTION!r}")
    _print_lines(_search(result))
    _heading("The same database, asked with plain SQL")
    _print_lines(_view(result))
    _heading("Coverage gaps: silence here is no denial")
    for gap in (gap for gap in matrix.coverage if gap.reasons):
        _wrapped(f"{gap.outlet}: {'; '.join(gap.reasons)}")
    _heading("Where the time went")
    for step, seconds in result.timings.items():
        line(f"{step:<28}{seconds:>7.1f} s")
    _heading("Kept for you")
    line(f"dossier   {result.workspace.dossier}")
    line(f"database  {result.workspace.database_file}")
    line(f"settings  {result.workspace.config_file}   (secondsource --config … search, show, compare …)")
    line()
    if result.shortfalls:
        _wrapped(f"Expected as close passages and shown as possible ones, or not at all: {', '.join(result.shortfalls)}")
    if result.known_faults:
        _wrapped(f"Known to be wrong, close passages that do not carry the claim: {', '.join(result.known_faults)}")
    if result.differences:
        line(f"{len(result.differences)} differences from the ground truth:")
        for difference in result.differences:
            _wrapped(f"- {difference}")
    else:
        line("Everything is as the newsroom's ground truth says.")


def told(matrix: Matrix) -> list[ClaimFindings]:
    """The event claims that say most: rival figures first, then those with most second sources; in the report's order."""
    events = [row for row in matrix.claims if row.kind is ClaimKind.EVENT]
    best = sorted(events, key=lambda row: (-row.counts.other_fact.high, -row.second_sources.low, -row.second_sources.high, row.id))[:TOLD]
    return [row for row in events if row in best]


def matrix_lines(matrix: Matrix) -> Iterator[str]:
    """Claims x origins: the report's chain first, then the origins outside it that carry most, as many as fit."""
    columns = _columns(matrix)
    heads = [_head(column) for column in columns]
    for part in (0, 1):
        yield f"{'':<{CLAIM_WIDTH + 4}}{''.join(f' {head[part]:<{COLUMN_WIDTH - 1}}' for head in heads)}".rstrip()
    for kind in dict.fromkeys(row.kind for row in matrix.claims):
        yield f"{kind.value} claims"
        for row in matrix.claims:
            if row.kind is not kind:
                continue
            cells = {cell.origin: cell for cell in row.cells}
            shown = "".join(f" {_cell(cells.get(column.origin)):<{COLUMN_WIDTH - 1}}" for column in columns)
            yield f"{row.id:<4}{_fit(row.text, CLAIM_WIDTH):<{CLAIM_WIDTH}}{shown}".rstrip()
    yield ""
    yield "● close passage  ○ possible  – none  ? could not look   = same fact  ≠ another  ~ both  · not stated"
    yield "(in brackets: independence not established; it counts for no second source)"
    left = [column.origin for column in matrix.origins if column not in columns]
    if left:
        yield _fit(f"not shown here, all in the dossier: {', '.join(left)}", WIDTH)


def _columns(matrix: Matrix) -> list[OriginColumn]:
    events = [row for row in matrix.claims if row.kind is ClaimKind.EVENT]

    def strength(column: OriginColumn) -> tuple[bool, bool, int, int, str]:
        cells = [cell for row in events for cell in row.cells if cell.origin == column.origin]
        strong = sum(cell.level is Level.STRONG for cell in cells)
        possible = sum(cell.level is Level.POSSIBLE for cell in cells)
        chain = column.independence is Independence.REPORT_CHAIN
        return not chain, column.independence is not Independence.INDEPENDENT, -strong, -possible, column.origin

    return sorted(matrix.origins, key=strength)[: (WIDTH - CLAIM_WIDTH - 4) // COLUMN_WIDTH]


def _head(column: OriginColumn) -> tuple[str, str]:
    """Two lines over a column."""
    if column.independence is Independence.REPORT_CHAIN:
        return "the", "chain"
    first, _, second = column.origin.replace(":", "_").partition("_")
    return (_fit(first, COLUMN_WIDTH - 1), _fit(second, COLUMN_WIDTH - 1)) if second else ("", _fit(first, COLUMN_WIDTH - 1))


def _cell(cell: Cell | None) -> str:
    if cell is None:
        return LEVELS[Level.NONE]
    mark = "~" if cell.mixed else VERDICTS.get(cell.verdict, "") if cell.verdict else ""
    text = LEVELS[cell.level] + mark
    return f"({text})" if cell.articles and cell.independence is Independence.NOT_ESTABLISHED else text


def _outlets(result: DemoResult) -> Iterator[str]:
    with closing(open_reader(result.settings.database)) as database, database.read() as session:
        records = outlet_coverage(session)
    for record in records:
        outlet = result.newsroom.outlets[record.outlet_id]
        pages = ", ".join(f"{count} {outcome}" for outcome, count in record.outcomes.items()) or "no page seen"
        yield f"{record.outlet_id:<16}{outlet.language}  {record.articles:>3} articles   {pages}"[:WIDTH]


def _counts(result: DemoResult) -> Iterator[str]:
    summary, counts = result.summary, result.counts
    feeds = sum(count for outcome, count in summary.outcomes.items() if outcome.startswith("feed"))
    yield f"first crawl: {feeds} feeds and sitemaps read, {summary.new} new articles, {summary.aliases} aliases, {summary.copies} copies"
    yield f"every visit has one outcome: {_joined(summary.outcomes)} = {summary.claimed}"
    later: dict[str, int] = {}
    with closing(open_reader(result.settings.database)) as database, database.read() as session:
        for run in result.later_runs:
            for outcome, count in queries.outcomes(session, run).items():
                later[outcome] = later.get(outcome, 0) + count
    yield f"daemon, after the world had changed: {_joined(later)}"
    changed = counts["revisions"] - counts["articles"]
    yield f"in all: {counts['articles']} articles of {counts['outlets']} outlets, {changed} revisions by their publishers,"
    yield f"        {counts['aliases']} other addresses, {counts['copies']} pairs of copies"


def _search(result: DemoResult) -> Iterator[str]:
    with closing(open_reader(result.settings.database)) as database, database.read() as session:
        hits = search.search(session, QUESTION, limit=3)
    for hit in hits:
        yield f"{hit.outlet:<12}{hit.language}  {hit.title}"[:WIDTH]
        snippet = hit.snippet.replace("⟦", "[").replace("⟧", "]").replace("\n", " ")
        yield f"    {snippet}"[:WIDTH]


def _view(result: DemoResult) -> Iterator[str]:
    yield from VIEW_QUESTION.strip().splitlines()
    with closing(sqlite3.connect(result.workspace.database_file)) as connection:
        for owner, verdict, passages in connection.execute(VIEW_QUESTION):
            yield f"    {owner:<18}{verdict:<14}{passages:>3}"


def _joined(counts: Any) -> str:
    return " + ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "nothing"


def _heading(text: str) -> None:
    line()
    line(f"── {text} ".ljust(WIDTH, "─"))


def _print_lines(lines: Iterable[str]) -> None:
    for text in lines:
        line(text)


def _wrapped(text: str) -> None:
    for part in textwrap.wrap(text, WIDTH, subsequent_indent="     "):
        line(part)


def _fit(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
