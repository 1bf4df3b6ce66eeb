"""A matrix as Markdown. Nothing of others is markup in it."""

from __future__ import annotations

import re

from comparison.findings import Cell, Finding, cell_of
from comparison.inert import grouped_misses, inert, miss_reasons, rests_text, revised_text, safe_url, shown_moment, shown_time
from comparison.matrix import Matrix
from comparison.wording import INDEPENDENCE_WORDS, LEVEL_WORDS, VERDICT_WORDS, as_sentence, counted, range_text, ruling_words
from storage.claim_records import ClaimKind, Level

SHOWN_ARTICLES = 2
"""Articles of one origin that are written out; the others are counted."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")


def _md(text: str) -> str:
    """Text of others as plain words: no markup, no line breaks."""
    return _MARKDOWN.sub(r"\\\1", " ".join(inert(text).split()))


def _md_link(text: str, url: str) -> str:
    address = safe_url(url).replace("(", "%28").replace(")", "%29")
    return f"[{_md(text)}](<{address}>)" if address else _md(text)


def to_markdown(matrix: Matrix) -> str:
    lines = [f"> {matrix.notice}", "", f"# {_md(matrix.title)}", ""]
    source = ", ".join(_md(part) for part in (matrix.report_outlet, shown_time(matrix.report_published, "second")) if part)
    lines += [f"Report `{_md(matrix.report)}` ({source}). Encoder: {_md(matrix.encoder)}.", ""]
    if matrix.low_recall:
        lines += ["**Low recall:** no encoder was used; many passages are not found, and translations cannot be told from originals.", ""]
    if matrix.reading.text:
        lines += [f"**{_md(matrix.reading.text)}**", ""]
    lines += [matrix.summary, ""]
    for heading, events in (("Event claims", True), ("Context and background (not counted)", False)):
        rows = [row for row in matrix.claims if (row.kind is ClaimKind.EVENT) == events]
        if not rows:
            continue
        lines += [f"## {heading}", ""]
        for row in rows:
            lines += [f"### {_md(row.id)} {_md(row.text)}", "", f"{as_sentence(row.summary)}", ""]
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
            shown = {finding.article for cell in row.cells for finding in cell.articles}
            for judged in row.judgements:
                if judged.article not in shown:
                    lines += [f"- Judged: {_md(judged.outlet_name)}, {_md_link(judged.title, judged.url)}: {_md(ruling_words(judged))}", ""]
            silent = [column.name for column in matrix.origins if cell_of(row.cells, column.origin).level is Level.NONE]
            if silent:
                lines += [f"No passage found: {', '.join(_md(name) for name in silent)}.", ""]
    lines += _markdown_rest(matrix)
    return "\n".join(lines).rstrip() + "\n"


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
        f"{shown_moment(finding)}, {finding.language}; "
        f"characters {finding.start}–{finding.end} of revision {finding.revision}, capture `{finding.capture_sha256[:12]}`"
    )
    person = [f"  Judged: {_md(ruling_words(finding.judgement))}"] if finding.judgement is not None else []
    revised = [f"  Revised by its publisher: {_md(revised_text(change))}" for change in finding.revised]
    return [head, quote, *([f"  {facts}"] if facts else []), credit, *revised, *person, ""]


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
    lines += ["## Who was first", "", as_sentence(_md(matrix.first.text)) or "No passages.", ""]
    if matrix.elsewhere:
        lines += ["## In at least two other origins, and not in the report", ""]
        for shared in matrix.elsewhere:
            for one in shared.passages:
                when = shown_moment(one)
                lines += [f"- {_md(one.outlet_name)}, {_md_link(one.title, one.url)}, {when}, {one.language}:", f"  > {_md(one.passage)}"]
            lines += [""]
    if matrix.spread.points:
        lines += ["## Timeline and spread", ""]
        for number, point in enumerate(matrix.spread.points, 1):
            rests = "; ".join(_md(line) for line in rests_text(point))
            when = shown_moment(point)
            whose = INDEPENDENCE_WORDS[point.independence]
            head = f"{number}. {when}: {_md(point.outlet_name)}, {_md_link(point.title, point.url)} ({whose})"
            lines += [f"{head}{f' — {rests}' if rests else ''}"]
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
