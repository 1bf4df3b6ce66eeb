"""A matrix as a document: HTML in one file, Markdown, JSON or CSV. The text of others is data here: escaped, capped, credited, linked.

HTML loads nothing, runs nothing and says so in its own policy; links lead to http(s) only. CSV cells that a spreadsheet would take for a
formula begin with an apostrophe (OWASP, "CSV injection").
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from jinja2 import Environment, StrictUndefined

from comparison.findings import Cell, ChainLink, Finding, Mark, NearMiss, Range
from comparison.matrix import Matrix
from comparison.redaction import redact_matrix
from comparison.wording import INDEPENDENCE_WORDS, LEVEL_WORDS, VERDICT_WORDS, count_word, counted, range_text
from storage.records import ClaimKind, FactVerdict, Independence, Level

Format = Literal["html", "md", "json", "csv"]
FORMATS: tuple[Format, ...] = ("html", "md", "json", "csv")

SHOWN_ARTICLES = 2
"""Articles of one origin that are shown at once; the others are behind a fold."""

LANGUAGE_WORDS = {"en": "English", "de": "German", "ru": "Russian", "uk": "Ukrainian", "fr": "French"}
DOOR_WORDS = {"encoder": "likeness of meaning", "place": "a place that few articles name", "lexicon": "shared words"}

# C0 and C1 controls but tab and newline, and the marks that turn text around: they hide what is written.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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
        return _markdown(matrix)
    if format_ == "json":
        return json.dumps(matrix.to_json(), ensure_ascii=False, indent=2) + "\n"
    if format_ == "csv":
        return _csv(matrix)
    raise ValueError(f"format is {format_!r}; choose one of {', '.join(FORMATS)}")


# --- what all formats share -----------------------------------------------------------------------------------------------------


def inert(text: str) -> str:
    """Text of others without control characters and without marks that reorder it.

    >>> inert("a\\u202eb\\x07c")
    'abc'
    """
    return _CONTROLS.sub("", text)


def safe_url(url: str) -> str:
    """An http(s) address as it stands; empty for anything else ("javascript:", "data:")."""
    return inert(url) if re.match(r"https?://[^\s<>\"']+$", url, re.IGNORECASE) else ""


def shown_time(value: str | None, precision: str | None = "second") -> str:
    """ "14 Nov 2022, 06:30 UTC"; the day alone where the publisher gave no clock; "time unknown".

    >>> shown_time("2022-11-14T06:30:00Z", "minute"), shown_time("2022-11-14T00:00:00Z", "day"), shown_time(None)
    ('14 Nov 2022, 06:30 UTC', '14 Nov 2022 (day only)', 'time unknown')
    """
    if value is None:
        return "time unknown"
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        # A report may be known by its month or year only.
        return inert(value)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    if at.tzinfo is not None:
        at = at.astimezone(UTC)
    day = f"{at.day} {months[at.month - 1]} {at.year}"
    if len(value) <= 10:
        return day
    return f"{day} (day only)" if precision in ("day", None) else f"{day}, {at:%H:%M} UTC"


def pieces(text: str, marks: Sequence[Mark]) -> list[tuple[str, str]]:
    """(text, field) in order; the field is empty between marks."""
    found, at = [], 0
    for mark in marks:
        if mark.start > at:
            found.append((text[at : mark.start], ""))
        found.append((text[mark.start : mark.end], mark.field))
        at = mark.end
    if at < len(text):
        found.append((text[at:], ""))
    return [(inert(part), field) for part, field in found]


def rests_text(finding: Finding | ChainLink) -> list[str]:
    """What an article rests on, in words; empty for an original."""
    lines = []
    for item in finding.rests_on:
        source = item.source_outlet or item.credited_name
        doubt = "; which came first cannot be told" if item.evidence.endswith("cannot be told") else ""
        if item.kind == "copy":
            of_what = "sentences, reworded and in order" if item.evidence.startswith("reworded") else "words, five by five"
            lines.append(f"Copy of {source}: {item.share:.0%} of its {of_what}{doubt}" if item.share else f"Copy of {source}{doubt}")
        elif item.kind == "translation":
            lines.append(f"Translation of {source}: {item.share:.0%} of its sentences, in order{doubt}")
        elif item.kind == "partial":
            lines.append(f"Partly follows {source}: {item.share:.0%} of its sentences, in order")
        elif item.kind == "credits":
            linked = item.evidence.startswith("links to ")
            lines.append(f"Links to {source}" if linked else f"Credits {item.credited_name}: “{item.evidence}”")
    return [inert(line) for line in lines]


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


def grouped_misses(misses: Iterable[NearMiss]) -> list[list[NearMiss]]:
    """Near misses of one article together, those near most claims first."""
    by_article: dict[str, list[NearMiss]] = {}
    for miss in misses:
        by_article.setdefault(miss.finding.article, []).append(miss)
    return sorted(by_article.values(), key=lambda group: (-len(group), group[0].finding.article))


def miss_reasons(group: Sequence[NearMiss]) -> list[tuple[str, str]]:
    """(claims, reason) of one article's near misses: claims with one reason together."""
    by_reason: dict[str, list[str]] = {}
    for miss in group:
        shown = " (shown as possible)" if miss.counted else ""
        by_reason.setdefault(f"{miss.field}: {miss.reason}{shown}", []).append(miss.claim)
    return [(inert(", ".join(claims)), inert(reason)) for reason, claims in by_reason.items()]


# --- HTML -----------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Escaped always, not by file name: every variable of the page is text of others until shown otherwise.
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(
        inert=inert,
        safe_url=safe_url,
        shown_time=shown_time,
        range_text=range_text,
        cell_word=cell_word,
        cell_class=cell_class,
        sentence=_sentence,
    )
    return environment


@lru_cache(maxsize=2)
def _resource(name: str) -> str:
    return files("comparison").joinpath(name).read_text(encoding="utf-8")


def _html(matrix: Matrix) -> str:
    style = _resource("data/dossier.css")
    # The policy names the one style sheet by its hash; no other style, script, image, frame or form can take effect.
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    shown = [column for column in matrix.origins if any(_cell_of(row.cells, column.origin).articles for row in matrix.claims)]
    quiet = [column for column in matrix.origins if column not in shown and column.seen]
    unseen = [column for column in matrix.origins if column not in shown and not column.seen]
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
        cell_of=_cell_of,
        pieces=pieces,
        rests_text=rests_text,
        counted=counted,
        count_word=count_word,
        levels=LEVEL_WORDS,
        verdicts=VERDICT_WORDS,
        independence=INDEPENDENCE_WORDS,
        languages=LANGUAGE_WORDS,
        doors=DOOR_WORDS,
        misses=[(group[0].finding, miss_reasons(group)) for group in grouped_misses(matrix.near_misses)],
        limit=SHOWN_ARTICLES,
        figures=_figures(matrix),
    )


def _cell_of(cells: Sequence[Cell], origin: str) -> Cell:
    return next(cell for cell in cells if cell.origin == origin)


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
        (str(len(matrix.only_in_report)), "only in the report"),
        (f"{matrix.articles:,}", f"articles of {matrix.outlets} outlets looked at"),
    ]


# --- Markdown -------------------------------------------------------------------------------------------------------------------

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")


def _md(text: str) -> str:
    """Text of others as plain words: no markup, no line breaks."""
    return _MARKDOWN.sub(r"\\\1", " ".join(inert(text).split()))


def _md_link(text: str, url: str) -> str:
    address = safe_url(url).replace("(", "%28").replace(")", "%29")
    return f"[{_md(text)}](<{address}>)" if address else _md(text)


def _markdown(matrix: Matrix) -> str:
    lines = [f"> {matrix.notice}", "", f"# {_md(matrix.title)}", ""]
    source = ", ".join(_md(part) for part in (matrix.report_outlet, shown_time(matrix.report_published, "second")) if part)
    lines += [f"Report `{_md(matrix.report)}` ({source}). Encoder: {_md(matrix.encoder)}.", ""]
    if matrix.low_recall:
        lines += ["**Low recall:** no encoder was used; many passages are not found, and translations cannot be told from originals.", ""]
    lines += [matrix.summary, ""]
    for heading, events in (("Event claims", True), ("Context and background (not counted)", False)):
        rows = [row for row in matrix.claims if (row.kind is ClaimKind.EVENT) == events]
        if not rows:
            continue
        lines += [f"## {heading}", ""]
        for row in rows:
            lines += [f"### {_md(row.id)} {_md(row.text)}", "", f"{_sentence(row.summary)}", ""]
            counts = row.counts
            lines += [
                f"Same fact {range_text(counts.same_fact)} · other fact {range_text(counts.other_fact)} · "
                f"fact not stated {range_text(counts.fact_not_stated)} · "
                f"independence not established {range_text(counts.independence_not_established)}",
                "",
            ]
            if row.first.text:
                lines += [f"First: {_md(row.first.text)}", ""]
            for cell in row.cells:
                for finding in cell.articles[:SHOWN_ARTICLES]:
                    lines += _markdown_finding(cell, finding, matrix)
                if len(cell.articles) > SHOWN_ARTICLES:
                    lines += [f"- … and {counted(len(cell.articles) - SHOWN_ARTICLES, 'more article')} of this origin", ""]
            silent = [column.name for column in matrix.origins if column.seen and not _cell_of(row.cells, column.origin).articles]
            if silent:
                lines += [f"No passage found: {', '.join(_md(name) for name in silent)}.", ""]
    lines += _markdown_rest(matrix)
    return "\n".join(lines).rstrip() + "\n"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def _markdown_finding(cell: Cell, finding: Finding, matrix: Matrix) -> list[str]:
    name = next(column.name for column in matrix.origins if column.origin == cell.origin)
    head = f"- **{_md(name)}** — {LEVEL_WORDS[finding.level]}, {VERDICT_WORDS[finding.verdict]}, {INDEPENDENCE_WORDS[finding.independence]}"
    if finding.reason:
        head += f" ({_md(finding.reason)})"
    quote = "  > (withdrawn by its publisher; not quoted)" if finding.withdrawn else f"  > {_md(finding.passage)}"
    facts = "; ".join(
        f"{fact.field}: {_md(fact.claim_value)} | {_md(fact.passage_value) or 'none'} ({VERDICT_WORDS[fact.verdict]})"
        for fact in finding.facts
    )
    credit = (
        f"  {_md(finding.outlet_name)}, {_md_link(finding.title, finding.url)}, "
        f"{shown_time(finding.published, finding.published_precision)}, {finding.language}; "
        f"characters {finding.start}–{finding.end} of revision {finding.revision}, capture `{finding.capture_sha256[:12]}`"
    )
    return [head, quote, *([f"  {facts}"] if facts else []), credit, ""]


def _markdown_rest(matrix: Matrix) -> list[str]:
    lines: list[str] = []
    if matrix.near_misses:
        lines += ["## Near misses", ""]
        for group in grouped_misses(matrix.near_misses):
            item = group[0].finding
            reasons = "; ".join(f"{_md(claims)} {_md(reason)}" for claims, reason in miss_reasons(group))
            lines += [f"- {_md(item.outlet_name)}, {_md_link(item.title, item.url)}: {reasons}"]
        lines += [""]
    if matrix.only_in_report:
        lines += [
            "## Only in the report",
            "",
            f"No passage outside its own chain: {', '.join(_md(item) for item in matrix.only_in_report)}.",
            "",
        ]
    lines += ["## Who was first", "", _sentence(_md(matrix.first.text)) or "No passages.", ""]
    if matrix.chain:
        lines += ["## The report's own chain", ""]
        for link in matrix.chain:
            rests = "; ".join(_md(line) for line in rests_text(link))
            when = shown_time(link.published, link.published_precision)
            lines += [f"- {when}: {_md(link.outlet_name)}, {_md_link(link.title, link.url)}{f' — {rests}' if rests else ''}"]
        lines += [""]
    lines += ["## Coverage", ""]
    for gap in matrix.coverage:
        if gap.reasons:
            lines += [f"- {_md(gap.outlet_name)}: {gap.articles} articles; {'; '.join(_md(reason) for reason in gap.reasons)}"]
    whole = [gap.outlet_name for gap in matrix.coverage if not gap.reasons]
    if whole:
        lines += [f"- Without gaps: {', '.join(_md(name) for name in whole)}"]
    lines += ["", "## How this was made", ""]
    lines += [f"- {_md(note)}" for note in matrix.notes]
    lines += [f"- as of {matrix.as_of or 'everything stored'}; newest capture {matrix.data_until or 'none'}; model {matrix.model_hash}"]
    lines += [f"- {', '.join(f'{name} {value}' for name, value in matrix.versions.items())}"]
    return lines


# --- CSV ------------------------------------------------------------------------------------------------------------------------

CSV_COLUMNS = (
    "notice", "claim", "kind", "claim_text", "origin", "origin_name", "level", "independence", "verdict", "outlet", "outlet_name",
    "language", "article", "url", "title", "published", "published_precision", "first_seen", "captured", "revision", "start", "end",
    "passage", "facts", "score", "door", "reason", "withdrawn", "capture_sha256", "text_sha256",
)  # fmt: skip


def formula_inert(value: object) -> object:
    """Text that a spreadsheet would take for a formula, made text with an apostrophe. Numbers stay numbers.

    >>> formula_inert("=1+1"), formula_inert("-0.5"), formula_inert(-0.5), formula_inert("43")
    ("'=1+1", "'-0.5", -0.5, '43')
    """
    if not isinstance(value, str):
        return value
    text = inert(value.replace("\r", " "))
    begins = value[:1] in ("\t", "\r") or text.lstrip(" \n")[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t")
    return f"'{text}" if begins else text


def _csv(matrix: Matrix) -> str:
    names = {column.origin: column.name for column in matrix.origins}
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for row in matrix.claims:
        for cell in row.cells:
            head = [matrix.notice, row.id, row.kind.value, row.text, cell.origin, names[cell.origin]]
            if not cell.articles:
                cells = [*head, cell.level.value, cell.independence.value, ""]
                writer.writerow([formula_inert(value) for value in cells] + [""] * (len(CSV_COLUMNS) - len(cells)))
            for finding in cell.articles:
                facts = "; ".join(
                    f"{fact.field}: {fact.claim_value} | {fact.passage_value} | {fact.verdict.value}" for fact in finding.facts
                )
                values: list[object] = [
                    *head, finding.level.value, finding.independence.value, finding.verdict.value, finding.outlet, finding.outlet_name,
                    finding.language, finding.article, safe_url(finding.url), finding.title, finding.published or "",
                    finding.published_precision or "", finding.first_seen, finding.captured, finding.revision, finding.start, finding.end,
                    finding.passage, facts, finding.score, finding.door, finding.reason, finding.withdrawn, finding.capture_sha256,
                    finding.text_sha256,
                ]  # fmt: skip
                writer.writerow([formula_inert(value) for value in values])
    return buffer.getvalue()
