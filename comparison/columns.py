"""The columns of a matrix: one origin each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from comparison.cells import Candidate
from comparison.findings import OriginColumn
from comparison.offices import OFFICE
from comparison.origins import Origins
from storage.claim_records import ClaimKind, Independence, ReferenceReport
from storage.coverage import CoverageRecord
from storage.queries import OutletRecord
from storage.records import StoredArticle


def unseen_origins(coverage: Sequence[CoverageRecord], outlets: Sequence[OutletRecord], origins: Origins) -> dict[str, list[str]]:
    """Label -> outlets of which nothing could be read, for origins that have no other outlet."""
    owners = {outlet.id: outlet.owner for outlet in outlets}
    read = {origins.label_of(owners[record.outlet_id]) for record in coverage if record.articles and record.outlet_id in owners}
    found: dict[str, list[str]] = {}
    for record in coverage:
        if record.outlet_id in owners and not record.articles:
            label = origins.label_of(owners[record.outlet_id])
            if label not in read:
                found.setdefault(label, []).append(record.outlet_id)
    return found


def _name(label: str, origins: Origins) -> str:
    name = origins.names.get(label, label)
    return f"{name} (statement)" if label.startswith(("statement:", OFFICE)) else name


def make_columns(
    report: ReferenceReport,
    related: Sequence[StoredArticle],
    origins: Origins,
    kept: Mapping[str, Sequence[Candidate]],
    unseen: Mapping[str, Sequence[str]],
) -> tuple[OriginColumn, ...]:
    """The chain first, then who carries most, those not established, those without a passage, and last whom nobody could look at."""
    events = {claim.id for claim in report.claims if claim.kind is ClaimKind.EVENT}
    carried: dict[str, set[str]] = {}
    independent: set[str] = set()
    outlets: dict[str, set[str]] = {}
    for claim_id, candidates in kept.items():
        for candidate in candidates:
            label = candidate.placed.label
            outlets.setdefault(label, set()).add(candidate.article.outlet_id)
            carried.setdefault(label, set())
            if claim_id in events:
                carried[label].add(claim_id)
            if candidate.placed.independence is Independence.INDEPENDENT:
                independent.add(label)
    resting: dict[str, list[StoredArticle]] = {}
    for article in related:
        resting.setdefault(origins.of_article(article.article_id).label, []).append(article)
    labels = {origins.chain.label} | set(carried) | set(resting)
    columns = []
    for label in labels:
        articles = resting.get(label, [])
        placed = [origins.of_article(article.article_id) for article in articles]
        if label == origins.chain.label:
            independence = Independence.REPORT_CHAIN
        elif label in independent or any(item.independence is Independence.INDEPENDENT for item in placed):
            independence = Independence.INDEPENDENT
        else:
            independence = Independence.NOT_ESTABLISHED
        readable = [article for article in articles if article.text and not article.partial]
        columns.append(
            OriginColumn(
                origin=label,
                name=_name(label, origins),
                independence=independence,
                outlets=tuple(sorted({article.outlet_id for article in articles} | outlets.get(label, set()))),
                articles=len(articles),
                seen=bool(readable) or label in carried or label == origins.chain.label,
                reason="" if readable or label in carried else "only served in part, or videos without text",
            )
        )
    columns += [
        OriginColumn(
            origin=label,
            name=_name(label, origins),
            independence=Independence.NOT_ESTABLISHED,
            outlets=tuple(sorted(ids)),
            articles=0,
            seen=False,
            reason="could not be looked at",
        )
        for label, ids in unseen.items()
        if label not in labels
    ]
    kinds = {Independence.REPORT_CHAIN: 0, Independence.INDEPENDENT: 1, Independence.NOT_ESTABLISHED: 2}
    return tuple(
        sorted(
            columns,
            key=lambda column: (
                not column.seen,
                kinds[column.independence],
                -len(carried.get(column.origin, ())),
                -len(outlets.get(column.origin, ())),
                column.origin,
            ),
        )
    )
