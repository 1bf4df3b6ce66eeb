"""A matrix as CSV: one row a claim, origin and article. Text that a spreadsheet would take for a formula begins with an apostrophe
(OWASP, "CSV injection")."""

from __future__ import annotations

import csv
import io

from comparison.inert import inert, revised_text, safe_url
from comparison.matrix import Matrix

CSV_COLUMNS = (
    "notice", "claim", "kind", "claim_text", "origin", "origin_name", "level", "independence", "verdict", "outlet", "outlet_name",
    "language", "article", "url", "title", "published", "published_precision", "first_seen", "captured", "revision", "start", "end",
    "passage", "facts", "score", "door", "reason", "withdrawn", "capture_sha256", "text_sha256",
    "ruling", "ruling_by", "ruling_at", "ruling_counts", "machine_level", "entry_at", "revised",
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


def to_csv(matrix: Matrix) -> str:
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
                said = finding.judgement
                values: list[object] = [
                    *head, finding.level.value, finding.independence.value, finding.verdict.value, finding.outlet, finding.outlet_name,
                    finding.language, finding.article, safe_url(finding.url), finding.title, finding.published or "",
                    finding.published_precision or "", finding.first_seen, finding.captured, finding.revision, finding.start, finding.end,
                    finding.passage, facts, finding.score, finding.door, finding.reason, finding.withdrawn, finding.capture_sha256,
                    finding.text_sha256,
                    *((said.ruling.value, said.by, said.at, said.counts, said.machine.level.value) if said else ("",) * 5),
                    finding.entry_at or "", "; ".join(revised_text(change) for change in finding.revised),
                ]  # fmt: skip
                writer.writerow([formula_inert(value) for value in values])
    return buffer.getvalue()
