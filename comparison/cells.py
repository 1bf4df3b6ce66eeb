"""One row of the matrix: which passages stand in which origin's cell, how the key facts compare, and what that counts as. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from comparison.dates import find_dates
from comparison.facts import find_numbers, find_places
from comparison.findings import QUOTE_LIMIT, Cell, Counts, Fact, Finding, Judged, Mark, NearMiss, OtherPassage, Range, Rests, capped, iso
from comparison.origins import Placed
from comparison.passage_history import changes_of
from storage.claim_records import Claim, Derivation, DerivationKind, FactVerdict, Independence, Level, Match
from storage.claim_records import NearMissReason as Reason
from storage.records import RevisionRecord, StoredArticle, time_at

_LEVELS = {Level.STRONG: 0, Level.POSSIBLE: 1, Level.NONE: 2, Level.UNSEEN: 3}
_STATED = {FactVerdict.AGREES: 0, FactVerdict.DIFFERS: 0, FactVerdict.NO_KEY_FACT: 0, FactVerdict.NOT_STATED: 1}
PASSAGES_AN_ARTICLE = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A match with where it belongs."""

    match: Match
    article: StoredArticle
    placed: Placed
    near_miss: Reason | None = None
    judged: Judged | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What is said of an article beside its passages."""

    articles: Mapping[int, StoredArticle]
    derivations: Mapping[int, Sequence[Derivation]]
    names: Mapping[str, str]
    """Owner id or key -> name for people."""
    histories: Mapping[int, Sequence[RevisionRecord]] = field(default_factory=dict)
    """Article id -> its revisions by time of capture, of those that have more than one."""


def rank(candidate: Candidate) -> tuple[int, int, float, str, int, int]:
    """The best first: close before possible, a stated fact before none, then the score; ties by public key and place."""
    match = candidate.match
    return _LEVELS[match.level], _STATED[match.verdict], -match.score, candidate.article.key, match.start, match.end


def settle(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Independence that depends on others of the same claim: a piece that credits or names Y elsewhere and shows no source of its own here
    is not established where Y carries the claim too; nor is one that quotes whom another origin's better passage quotes."""
    carrying = {candidate.placed.label for candidate in candidates}
    first: dict[str, Candidate] = {}
    for candidate in sorted(candidates, key=rank):
        if candidate.placed.independence is Independence.INDEPENDENT:
            for speaker in candidate.placed.speakers:
                first.setdefault(speaker, candidate)
    settled = []
    for candidate in candidates:
        placed = candidate.placed
        shared = sorted(placed.depends_on & carrying)
        if shared and placed.independence is Independence.INDEPENDENT:
            reason = f"the piece names {shared[0]} elsewhere, which carries the claim too, and shows no source of its own here"
            placed = Placed(label=placed.label, independence=Independence.NOT_ESTABLISHED, reason=reason)
        elif other := next(iter(sorted(_quoted_before(candidate, first))), ""):
            reason = f"quotes somebody whom {other} quotes for the claim too"
            placed = Placed(label=placed.label, independence=Independence.NOT_ESTABLISHED, reason=reason)
        settled.append(replace(candidate, placed=placed))
    return settled


def _quoted_before(candidate: Candidate, first: Mapping[str, Candidate]) -> set[str]:
    """Labels of other origins' better passages, of other articles, that quote a speaker of this one."""
    others = (first[speaker] for speaker in candidate.placed.speakers if speaker in first)
    return {
        other.placed.label
        for other in others
        if other.placed.label != candidate.placed.label and other.article.article_id != candidate.article.article_id
    }


def make_cell(origin: str, candidates: Iterable[Candidate], context: Context) -> Cell:
    """The cell of one origin from the passages that rest on it; at least one."""
    by_article: dict[str, list[Candidate]] = {}
    for candidate in sorted(candidates, key=rank):
        by_article.setdefault(candidate.article.key, []).append(candidate)
    groups = sorted(by_article.values(), key=lambda group: rank(group[0]))
    every = [group[0] for group in groups]
    independence = _independence(every)
    # Level and facts are those of what counts: a close passage whose independence is unknown lends nothing to a possible one.
    counting = [candidate.match for candidate in every if candidate.placed.independence is independence]
    level = counting[0].level
    leading = [match for match in counting if match.level is level]
    verdict, mixed = _verdict(leading)
    languages = {candidate.match.article_id: candidate.article.language for candidate in every}
    differing = [
        (pair.field, _short_value(pair.field, pair.passage_value, languages[match.article_id]))
        for match in leading
        # A person may have confirmed a passage whose figure the program read otherwise: that one is no rival.
        if match.verdict is FactVerdict.DIFFERS
        for pair in match.facts
        if pair.verdict is FactVerdict.DIFFERS
    ]
    return Cell(
        origin=origin,
        level=level,
        independence=independence,
        verdict=verdict,
        mixed=mixed,
        differs_in=differing[0][0] if differing else "",
        values=tuple(dict.fromkeys(value for field, value in differing if value and field == differing[0][0])),
        articles=tuple(make_finding(group, context) for group in groups),
    )


def _short_value(field: str, value: str, language: str) -> str:
    """A figure as digits ("43" for "сорок три человека"), so that rivals stand side by side over languages; other facts as printed."""
    numbers = find_numbers(value, language) if field in ("number", "duration") else ()
    if not numbers:
        return value
    low, high = numbers[0].low, numbers[0].high
    shown = [f"{end:,.10g}" if end is not None else "" for end in (low, high)]
    if low == high:
        return shown[0]
    if low is None or high is None:
        return f"at least {shown[0]}" if high is None else f"up to {shown[1]}"
    return f"{shown[0]}–{shown[1]}"


def _independence(best: Sequence[Candidate]) -> Independence:
    """Of a cell: one independent passage is enough; unknown beside it changes nothing."""
    found = {candidate.placed.independence for candidate in best}
    for kind in (Independence.REPORT_CHAIN, Independence.INDEPENDENT):
        if kind in found:
            return kind
    return Independence.NOT_ESTABLISHED


def _verdict(matches: Sequence[Match]) -> tuple[FactVerdict, bool]:
    found = {match.verdict for match in matches}
    if {FactVerdict.AGREES, FactVerdict.DIFFERS} <= found:
        return FactVerdict.DIFFERS, True
    for verdict in (FactVerdict.AGREES, FactVerdict.DIFFERS, FactVerdict.NO_KEY_FACT, FactVerdict.NOT_STATED):
        if verdict in found:
            return verdict, False
    raise AssertionError("a cell has at least one passage")


def make_finding(group: Sequence[Candidate], context: Context) -> Finding:
    """The best passage of one article, with up to two more."""
    best = group[0]
    article, match = best.article, best.match
    withdrawn = article.gone_at is not None
    passage, cut = ("", False) if withdrawn else quote(article.text, match.start, match.end)
    others = [] if withdrawn else [item.match for item in group[1:PASSAGES_AN_ARTICLE]]
    return Finding(
        outlet=article.outlet_id,
        outlet_name=article.outlet_name,
        owner=article.owner,
        language=article.language,
        article=article.key,
        url=article.url,
        title=article.title,
        published=iso(article.published.at),
        published_precision=article.published.precision.value if article.published.precision else None,
        entry_at=iso(time_at(article.entries, match.start)),
        first_seen=iso(article.first_seen_at) or "",
        captured=iso(article.captured_at) or "",
        revision=article.revision,
        capture_sha256=article.capture_sha256,
        text_sha256=article.text_sha256,
        passage=passage,
        cut=cut,
        start=match.start,
        end=match.end,
        marks=_marks(match, passage, article.language),
        level=match.level,
        score=match.score,
        parts=dict(sorted(match.parts.items())),
        door=match.door,
        verdict=match.verdict,
        facts=tuple(
            Fact(field=pair.field, claim_value=pair.claim_value, passage_value=pair.passage_value, verdict=pair.verdict)
            for pair in match.facts
        ),
        independence=best.placed.independence,
        reason=best.placed.reason,
        rests_on=rests_of(article.article_id, context),
        withdrawn=withdrawn,
        revised=() if withdrawn else changes_of(article, context.histories.get(article.article_id, ()), match.start, match.end),
        more=tuple(
            OtherPassage(
                passage=quote(article.text, other.start, other.end)[0],
                start=other.start,
                end=other.end,
                level=other.level,
                score=other.score,
                verdict=other.verdict,
            )
            for other in others
        ),
        judgement=next((item.judged for item in group if item.judged is not None), None),
    )


def _marks(match: Match, passage: str, language: str) -> tuple[Mark, ...]:
    """Those that were found when the passage was, unless it is not shown."""
    if match.marks is None or not passage:
        return marks_of(passage, language)
    return tuple(Mark(start=start, end=end, field=field) for start, end, field in match.marks)


def rests_of(article_id: int, context: Context) -> tuple[Rests, ...]:
    """What an article rests on; sentences that follow another text are one entry."""
    found: list[Rests] = []
    partly: set[int | None] = set()
    for item in context.derivations.get(article_id, ()):
        if item.kind is DerivationKind.PARTIAL:
            if item.source_article_id in partly:
                continue
            partly.add(item.source_article_id)
        source = context.articles.get(item.source_article_id) if item.source_article_id is not None else None
        found.append(
            Rests(
                kind=item.kind.value,
                source=source.key if source is not None else None,
                source_outlet=source.outlet_name if source is not None else "",
                credited=item.credited,
                credited_name=context.names.get(item.credited, item.credited),
                evidence=capped(item.evidence),
                share=round(item.share, 4),
            )
        )
    return tuple(found)


def quote(text: str, start: int, end: int) -> tuple[str, bool]:
    """``text[start:end]`` cut to what may be quoted, and whether it was cut."""
    whole = text[start:end]
    return capped(whole), len(whole) > QUOTE_LIMIT


def marks_of(passage: str, language: str) -> tuple[Mark, ...]:
    """Numbers, places and dates in a shown text, from left to right, not overlapping; the longer where two begin together."""
    if not passage:
        return ()
    spans = [(number.start, number.end, "number") for number in find_numbers(passage, language)]
    spans += [(place.start, place.end, "place") for place in find_places(passage, language)]
    return _apart([*spans, *_dates(passage, language)])


def marks_of_claim(claim: Claim, language: str) -> tuple[Mark, ...]:
    """The same in a claim's words, by the facts that it is compared by."""
    spans = [(number.start, number.end, "number") for number in claim.numbers]
    spans += [(place.start, place.end, "place") for place in claim.places]
    return _apart([*spans, *_dates(claim.text, language)])


def _dates(text: str, language: str) -> list[tuple[int, int, str]]:
    return [(date.start, date.end, "date") for date in find_dates(text, language, None)]


def _apart(spans: Iterable[tuple[int, int, str]]) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1], span[2])):
        if not marks or start >= marks[-1].end:
            marks.append(Mark(start=start, end=end, field=kind))
    return tuple(marks)


def count_cells(cells: Iterable[Cell]) -> tuple[Counts, Range]:
    """The four counts of a claim, and the second sources. The report's chain counts nowhere; a withdrawn page counts for nothing sure."""
    low = {"same": 0, "other": 0, "silent": 0, "unsettled": 0}
    high = dict(low)
    for cell in cells:
        if not cell.articles or cell.independence is Independence.REPORT_CHAIN:
            continue
        standing = [finding for finding in cell.articles if not finding.withdrawn]
        sure = int(cell.level is Level.STRONG and any(finding.level is Level.STRONG for finding in standing))
        if cell.independence is Independence.NOT_ESTABLISHED:
            buckets = ["unsettled"]
        elif cell.mixed:
            buckets, sure = ["same", "other"], 0
        elif cell.verdict is FactVerdict.DIFFERS:
            buckets = ["other"]
        elif cell.verdict is FactVerdict.NOT_STATED:
            buckets = ["silent"]
        else:
            # A claim that names no number, date or place has nothing that could differ: a passage that carries it agrees.
            buckets = ["same"]
        for bucket in buckets:
            low[bucket] += sure
            high[bucket] += 1
    counts = Counts(
        same_fact=Range(low=low["same"], high=high["same"]),
        other_fact=Range(low=low["other"], high=high["other"]),
        fact_not_stated=Range(low=low["silent"], high=high["silent"]),
        independence_not_established=Range(low=low["unsettled"], high=high["unsettled"]),
    )
    # A passage that leaves the key fact out carries the claim only perhaps.
    return counts, Range(low=low["same"], high=high["same"] + high["silent"])


def count_second_sources(cells: Iterable[Cell]) -> int:
    """Origins outside the chain, their independence established, with a standing close passage whose key fact does not differ.

    A passage that leaves the key fact out counts too: it carries the claim, less precisely. What is merely possible does not.
    """
    return sum(
        cell.independence is Independence.INDEPENDENT
        and cell.level is Level.STRONG
        and not cell.mixed
        and cell.verdict is not FactVerdict.DIFFERS
        and any(finding.level is Level.STRONG and not finding.withdrawn for finding in cell.articles)
        for cell in cells
    )


def make_near_miss(candidate: Candidate, claim: Claim, context: Context) -> NearMiss:
    """A near miss with its passage; ``candidate.near_miss`` must be set."""
    assert candidate.near_miss is not None
    return NearMiss(
        claim=claim.id,
        origin=candidate.placed.label,
        field=candidate.near_miss.field,
        reason=candidate.near_miss.text,
        counted=not candidate.near_miss.excludes,
        finding=make_finding([candidate], context),
    )
