"""The claim x origin matrix of one report, from what is stored. Reads only, contains no clock time, breaks ties by public keys:
the same database, report, ``as_of``, package versions and machine type give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from comparison.cells import Candidate, Context, count_cells, make_cell, make_near_miss, marks_of_claim, rank, settle
from comparison.columns import make_columns, unseen_origins
from comparison.completeness import reading_of
from comparison.coverage import find_gaps
from comparison.derivation import StoredCredits, name_index, place_articles, stored_credits
from comparison.encoders import Encoders
from comparison.findings import (
    NOTICE,
    Cell,
    ChainLink,
    ClaimFindings,
    Elsewhere,
    First,
    Gap,
    Judged,
    NearMiss,
    OriginColumn,
    Reading,
    Spread,
    Standing,
    iso,
)
from comparison.judgements import apply_judgements, standing_of
from comparison.names import NameIndex
from comparison.near_misses import judge, subject_of
from comparison.origins import Origins, Placed
from comparison.passages import Span
from comparison.reference import reading_date
from comparison.scoring import setup_hash
from comparison.spread import make_spread, shared_quotes
from comparison.timeline import chain_links, first_of
from comparison.versions import versions
from comparison.wording import claim_summary, overall_summary
from storage import judgements, matches, nearness, queries, reports, shared_passages
from storage.claim_records import ClaimKind, Derivation, Independence, Judgement, Level, Match, ReferenceReport, SharedPassage
from storage.coverage import CoverageRecord, outlet_coverage
from storage.database import Database
from storage.queries import OutletRecord
from storage.records import RevisionRecord, StoredArticle

SCHEMA_ID = "urn:secondsource:dossier:1"
"""Of the JSON document. Keys may be added under one number; a key that goes, or means something else, is another number."""

OWN_CHAIN = "report"
"""In a ruling "same-origin-as": the report's own chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Everything that a dossier shows. ``to_json`` gives the documented keys."""

    notice: str
    report: str
    title: str
    report_outlet: str
    report_url: str
    report_published: str | None
    translated_from: str
    chain_names: tuple[str, ...]
    as_of: str | None
    data_until: str | None
    """When the newest capture among the related articles was made."""
    encoder: str
    model_hash: str
    low_recall: bool
    """True without an encoder: many passages are not found, and translations and reworded copies cannot be told."""
    versions: Mapping[str, str]
    articles: int
    """Collected articles that were looked at."""
    outlets: int
    """Outlets that they are of."""
    related: int
    """Articles on the report's subject."""
    summary: str
    claims: tuple[ClaimFindings, ...]
    origins: tuple[OriginColumn, ...]
    first: First
    near_misses: tuple[NearMiss, ...]
    only_in_report: tuple[str, ...]
    """Event claims without any passage outside the report's own chain."""
    elsewhere: tuple[Elsewhere, ...]
    """What at least two other origins say and the report does not; nothing is looked for without an encoder."""
    chain: tuple[ChainLink, ...]
    spread: Spread
    coverage: tuple[Gap, ...]
    reading: Reading
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """One JSON document; docs/dossier.schema.json describes it, and docs/how-comparison-works.md its keys."""
        return {**self.document(), **asdict(self)}

    def document(self) -> dict[str, Any]:
        """The same with the records as they are, for a writer that knows dataclasses: copying them takes longer than to write them."""
        # The notice comes first, whatever else is said of the document.
        return {"notice": self.notice, "schema": SCHEMA_ID, **{item.name: getattr(self, item.name) for item in fields(self)}}


@dataclass(frozen=True, slots=True)
class _Stored:
    report: ReferenceReport
    articles: list[StoredArticle]
    histories: Mapping[int, Sequence[RevisionRecord]]
    matches: list[Match]
    derivations: list[Derivation]
    read: StoredCredits
    judgements: list[Judgement]
    shared: list[SharedPassage]
    outlets: list[OutletRecord]
    coverage: list[CoverageRecord]
    related: int
    reading: Reading
    collected: int
    publishers: int
    notes: list[str]


def build_matrix(database: Database, report_key: str, encoders: Encoders, *, as_of: datetime | None = None, judged: bool = True) -> Matrix:
    """The matrix of what is stored. ``as_of`` leaves out what was captured, or judged, later; ``judged=False`` all that persons said.

    Raises: NotFoundError for an unknown report.
    """
    stored = _read(database, report_key, encoders, as_of, judged=judged)
    report = stored.report
    index = name_index(report, stored.outlets)
    credits = stored_credits(stored.read, stored.articles, index, encoders)
    origins = place_articles(report, stored.articles, stored.outlets, stored.derivations, index, credits)
    by_id = {article.article_id: article for article in stored.articles}
    derivations: dict[int, list[Derivation]] = {}
    for item in stored.derivations:
        derivations.setdefault(item.article_id, []).append(item)
    context = Context(by_id, derivations, origins.names, stored.histories)

    kept, misses = _candidates(stored, by_id, origins, index)
    rulings = _override(stored, origins, kept, misses)
    kept = {key: settle(items) for key, items in kept.items()}
    unseen = unseen_origins(stored.coverage, stored.outlets, origins)
    columns = make_columns(report, stored.articles, origins, kept, unseen)
    labels = [column.origin for column in columns]
    unread = {column.origin for column in columns if not column.seen}
    rows = []
    for claim in report.claims:
        candidates = kept[claim.id]
        by_label: dict[str, list[Candidate]] = {}
        for candidate in candidates:
            by_label.setdefault(candidate.placed.label, []).append(candidate)
        cells = tuple(_cell(label, by_label.get(label, []), context, unread, origins, complete=stored.reading.complete) for label in labels)
        counts, second = count_cells(cells)
        rows.append(
            ClaimFindings(
                id=claim.id,
                version=claim.version,
                kind=claim.kind,
                text=claim.text,
                context=claim.context,
                speaker=claim.speaker,
                hearsay=claim.hearsay,
                marks=marks_of_claim(claim, report.language),
                summary=claim_summary(cells, stored.collected, stored.publishers, complete=stored.reading.complete),
                counts=counts,
                second_sources=second,
                first=first_of([item for item in candidates if item.match.level is Level.STRONG] or candidates),
                cells=cells,
                judgements=rulings[claim.id],
            )
        )
    events = [row for row in rows if row.kind is ClaimKind.EVENT]
    event_ids = {row.id for row in events}
    return Matrix(
        notice=NOTICE,
        report=report.key,
        title=report.title,
        report_outlet=next((outlet.name for outlet in stored.outlets if outlet.id == report.outlet), report.outlet),
        report_url=report.url,
        report_published=report.published.raw or iso(report.published.at),
        translated_from=report.translated_from,
        chain_names=report.chain,
        as_of=iso(as_of),
        data_until=iso(max((article.captured_at for article in stored.articles), default=None)),
        encoder=encoders.label,
        model_hash=encoders.model_hash,
        low_recall=encoders.model_free,
        versions=versions(),
        articles=stored.collected,
        outlets=stored.publishers,
        related=stored.related,
        summary=overall_summary([(row.counts, row.second_sources) for row in events], complete=stored.reading.complete),
        claims=tuple(rows),
        origins=columns,
        first=first_of([item for key in sorted(event_ids) for item in kept[key] if item.match.level is Level.STRONG]),
        near_misses=tuple(make_near_miss(item, claim, context) for claim in report.claims for item in misses[claim.id]),
        only_in_report=tuple(row.id for row in events if stored.reading.complete and not _is_carried_outside(row)),
        elsewhere=shared_quotes(stored.shared, by_id, origins),
        chain=chain_links(_carrying(kept), origins, context),
        spread=make_spread(report, kept, origins, context),
        coverage=find_gaps(stored.coverage, {outlet.id: outlet for outlet in stored.outlets}, reading_date(report.published)),
        reading=stored.reading,
        notes=tuple(stored.notes),
    )


def _read(database: Database, report_key: str, encoders: Encoders, as_of: datetime | None, *, judged: bool) -> _Stored:
    notes: list[str] = []
    with database.read() as session:
        report = reports.load_report(session, report_key)
        rulings = judgements.load_judgements(session, report_key, as_of=as_of) if judged else []
        on_subject = nearness.related_articles(session, report_key)
        # What a person judged is looked at, whatever the program thinks of its subject.
        wanted = sorted({*on_subject, *(item.article_id for item in rulings)})
        related = sorted(queries.load_articles(session, wanted), key=lambda article: article.key)
        found = matches.load_matches(session, report_key, encoders.model_hash)
        carrying = {match.article_id for match in found}
        revised = [article.article_id for article in related if article.revision > 1 and article.article_id in carrying]
        histories = queries.histories(session, revised)
        derivations = matches.load_derivations(session, report_key)
        shared = shared_passages.load_shared_passages(session, report_key, encoders.model_hash)
        read = matches.load_credits(session, report_key)
        setup = setup_hash(report, encoders)
        unread, uncompared = nearness.count_open(session, report_key, setup)
        reading = reading_of(
            is_scored=nearness.scored_setup(session, report_key) == setup,
            related=len(on_subject),
            unread=unread,
            uncompared=uncompared,
            new=nearness.count_unscored(session, report_key, setup),
        )
        outlets = queries.outlets(session)
        coverage = outlet_coverage(session)
        collected = sum(record.articles for record in coverage)
        publishers = sum(record.articles > 0 for record in coverage)
        if as_of is not None:
            early = queries.articles_seen(session, as_of)
            collected, publishers = sum(early.values()), len(early)
    if as_of is not None:
        known = [article for article in related if article.first_seen_at <= as_of]
        articles = [article for article in known if article.captured_at <= as_of]
        if len(articles) < len(known):
            notes.append(
                f"{len(known) - len(articles)} related articles were revised after {iso(as_of)}; "
                "only newest revisions are compared, so they are left out."
            )
    else:
        articles = related
    if reading.text and collected:
        notes.append(reading.text)
    if report.background:
        notes.append(f"Likeness is measured against background {report.background}, which is of the user's own articles.")
    if not report.chain and not report.outlet:
        notes.append("Whom the report rests on is not known: its own sources may be among the origins that are counted here.")
    by_id = {article.article_id: article for article in articles}
    current = [match for match in found if match.article_id in by_id and match.text_sha256 == by_id[match.article_id].text_sha256]
    stale = len({match.article_id for match in found if match.article_id in by_id} - {match.article_id for match in current})
    if stale:
        notes.append(f"{stale} articles were read anew since they were compared; their passages are left out until the next comparison.")
    withdrawn = sum(article.gone_at is not None for article in articles)
    if withdrawn:
        notes.append(
            f"{withdrawn} related articles were withdrawn by their publishers: they are named and not quoted, and count for nothing sure."
        )
    if related and not found:
        notes.append("No passages are stored for this encoder; run the comparison first.")
    lapsed = _lapsed(rulings, report, by_id)
    if lapsed:
        notes.append(f"{lapsed} judgements were made on words that have changed since: they are shown and count for nothing.")
    kept = [item for item in derivations if item.article_id in by_id]
    related_ids = set(on_subject)
    counted = sum(article.article_id in related_ids for article in articles)
    return _Stored(
        report, articles, histories, current, kept, read, rulings, shared, outlets, coverage, counted, reading, collected, publishers, notes
    )


def _lapsed(rulings: Sequence[Judgement], report: ReferenceReport, articles: Mapping[int, StoredArticle]) -> int:
    """How many rulings no longer hold."""
    claims = {claim.id: claim for claim in report.claims}
    held = (Standing.HOLDS, Standing.HOLDS_IN_CHANGED_TEXT)
    return sum(
        item.article_id in articles and standing_of(item, claims.get(item.claim_id), articles[item.article_id]) not in held
        for item in rulings
    )


def _candidates(
    stored: _Stored, by_id: Mapping[int, StoredArticle], origins: Origins, index: NameIndex
) -> tuple[dict[str, list[Candidate]], dict[str, list[Candidate]]]:
    """Claim id -> its passages with their origins, and its near misses (some of which stand in the matrix too, as possible)."""
    claims = {claim.id: claim for claim in stored.report.claims}
    # Those that were stored with what they may be of instead need no other yardstick, which takes seconds to load.
    subject = subject_of(stored.report) if any(not match.weighed for match in stored.matches) else None
    # Two outlets that quote one speaker are one origin, and so are the report and an outlet that quotes its speaker.
    speakers = {claim_id: index.resolve(claim.speaker) if claim.speaker else None for claim_id, claim in claims.items()}
    voices = {claim_id: origins.label_of(named.key) if named is not None else None for claim_id, named in speakers.items()}
    kept: dict[str, list[Candidate]] = {claim_id: [] for claim_id in claims}
    misses: dict[str, list[Candidate]] = {claim_id: [] for claim_id in claims}
    for match in stored.matches:
        claim = claims.get(match.claim_id)
        if claim is None or match.level not in (Level.STRONG, Level.POSSIBLE):
            continue
        article = by_id[match.article_id]
        placed = origins.of_passage(match.article_id, match.start, match.end)
        if voices[claim.id] is not None and placed.label == voices[claim.id]:
            placed = replace(
                placed, independence=Independence.REPORT_CHAIN, reason=f"{placed.reason}: the same voice that the report quotes"
            )
        reason = match.near_miss if match.weighed or subject is None else judge(match, claim, article, subject)
        candidate = Candidate(match, article, placed, reason)
        if reason is None or not reason.excludes:
            kept[claim.id].append(candidate)
        outside = placed.independence is not Independence.REPORT_CHAIN
        if reason is not None and outside and claim.kind is ClaimKind.EVENT:
            misses[claim.id].append(candidate)
    shown = {claim_id: {item.article.article_id for item in items if item.near_miss is None} for claim_id, items in kept.items()}
    rest = {claim_id: [item for item in items if item.article.article_id not in shown[claim_id]] for claim_id, items in misses.items()}
    return kept, {key: _one_an_article(items) for key, items in rest.items()}


def _override(
    stored: _Stored, origins: Origins, kept: dict[str, list[Candidate]], misses: dict[str, list[Candidate]]
) -> dict[str, tuple[Judged, ...]]:
    """Put persons' rulings over the program's candidates, in place; claim id -> the rulings on it."""
    articles = {article.key: article for article in stored.articles}
    owners = {outlet.id: outlet.owner for outlet in stored.outlets}

    def place(article: StoredArticle, span: Span) -> Placed:
        return origins.of_passage(article.article_id, span.start, span.end)

    def resolve(name: str, others: Sequence[Candidate]) -> Placed:
        if name in articles:
            placed = next((item.placed for item in others if item.article.key == name), origins.of_article(articles[name].article_id))
        else:
            label = origins.chain.label if name == OWN_CHAIN else origins.label_of(owners.get(name, name))
            placed = next((item.placed for item in others if item.placed.label == label), origins.of_label(label))
        return replace(placed, reason=f"a person says: the same source as {name}", depends_on=frozenset())

    found: dict[str, tuple[Judged, ...]] = {}
    for claim in stored.report.claims:
        applied = apply_judgements(claim, kept[claim.id], misses[claim.id], stored.judgements, articles, place, resolve)
        kept[claim.id], misses[claim.id], found[claim.id] = applied.kept, applied.misses, applied.judged
    return found


def _one_an_article(candidates: Sequence[Candidate]) -> list[Candidate]:
    best: dict[int, Candidate] = {}
    for candidate in sorted(candidates, key=rank):
        best.setdefault(candidate.article.article_id, candidate)
    return list(best.values())


def _cell(label: str, own: Sequence[Candidate], context: Context, unread: set[str], origins: Origins, *, complete: bool) -> Cell:
    if own:
        return make_cell(label, own, context)
    independence = Independence.REPORT_CHAIN if label == origins.chain.label else Independence.INDEPENDENT
    if label in unread or not complete:
        return Cell(origin=label, level=Level.UNSEEN, independence=Independence.NOT_ESTABLISHED)
    return Cell(origin=label, level=Level.NONE, independence=independence)


def _carrying(kept: Mapping[str, Sequence[Candidate]]) -> list[StoredArticle]:
    """The articles with a close passage of any claim, each once."""
    found = {item.article.article_id: item.article for items in kept.values() for item in items if item.match.level is Level.STRONG}
    return list(found.values())


def _is_carried_outside(row: ClaimFindings) -> bool:
    return bool(row.counts.carrying.high or row.counts.independence_not_established.high)
