"""What the pipeline made of one set beside its labels: shares by measure and language, and every failure by name. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from comparison.cells import count_second_sources
from comparison.findings import ClaimFindings, Finding
from comparison.matrix import Matrix
from storage.claim_records import Derivation, DerivationKind, Level
from storage.claim_records import Independence as Independent
from storage.nearness import Relevance
from tests.eval.figures import Share
from tests.eval.sets import Article, CopyKind, EvaluationSet, Group, Independence, Verdict
from tests.eval.store import Stored, stored_span

SAME_MATTER = frozenset({Verdict.CARRIES, Verdict.DIFFERS})
"""What a close passage is of: the claim's own matter, with its key fact or a rival one."""
TOP = 5
ALL = "all"
UNRELATED_PASSING = 0.01


@dataclass(slots=True)
class Tally:
    """Shares by (measure, language), and what went wrong."""

    shares: dict[tuple[str, str], Share] = field(default_factory=lambda: defaultdict(lambda: Share(0, 0)))
    failures: list[tuple[str, str]] = field(default_factory=list)
    unrelated: list[float] = field(default_factory=list)
    """Relevance scores of unrelated articles."""
    related: list[tuple[Group, str, float]] = field(default_factory=list)
    """(group, language, relevance score) of the others."""

    def add(self, measure: str, language: str, hits: float, n: float) -> None:
        self.shares[measure, language] += Share(hits, n)
        if language != ALL:
            self.shares[measure, ALL] += Share(hits, n)

    def fail(self, measure: str, text: str) -> None:
        self.failures.append((measure, text))


@dataclass(frozen=True, slots=True)
class Run:
    """One set after the whole pipeline."""

    evaluation_set: EvaluationSet
    stored: Stored
    matrix: Matrix
    relevance: Mapping[int, Relevance]
    derivations: Sequence[Derivation]
    present: tuple[Article, ...]
    """Articles of this set that were stored."""
    measured: frozenset[str]
    """Ids of those whose figures count."""
    foreign: frozenset[int]
    """Stored ids of other sets' articles: unrelated to this report."""
    decides: bool
    """Whether the counts of second sources are judged: only where no article of another part takes part."""


def measure(run: Run, tally: Tally) -> None:
    measure_passages(run, tally)
    measure_copies(run, tally)
    measure_relevance(run, tally)
    if run.decides:
        measure_decisions(run, tally)


# --- passages -------------------------------------------------------------------------------------------------------------------


def measure_passages(run: Run, tally: Tally) -> None:
    """Rank, precision and recall of passages, in articles that are no copies."""
    own = {run.stored.keys[article.id]: article for article in run.present if article.group is not Group.COPY}
    for row in run.matrix.claims:
        found = {finding.article: finding for cell in row.cells for finding in cell.articles if finding.article in own}
        by_language: dict[str, list[Article]] = defaultdict(list)
        for article in own.values():
            if article.id in run.measured:
                by_language[article.language].append(article)
        for language, articles in by_language.items():
            _ranks(run, row, language, articles, found, tally)
            for article in articles:
                _passage(run, row, article, found.get(run.stored.keys[article.id]), tally)


def _ranks(run: Run, row: ClaimFindings, language: str, articles: Sequence[Article], found: Mapping[str, Finding], tally: Tally) -> None:
    gold = {article.id for article in articles if article.verdict_of(row.id) in SAME_MATTER}
    if not gold:
        return
    listed = [(article, found[key]) for article in articles if (key := run.stored.keys[article.id]) in found]
    listed.sort(key=lambda pair: (pair[1].level is not Level.STRONG, -pair[1].score, pair[1].article))
    right = [article.id for article, finding in listed if is_right(run, row.id, article, finding, SAME_MATTER)]
    top = [article.id for article, _ in listed[:TOP]]
    tally.add("R@5", language, sum(name in top for name in right), min(TOP, len(gold)))
    first = bool(listed) and listed[0][0].id in right
    tally.add("P@1", language, first, 1)
    if not first:
        shown = f"{listed[0][0].id} {listed[0][1].score} {listed[0][1].passage!r}" if listed else "nothing"
        tally.fail("P@1", f"{run.evaluation_set.key} {row.id} {language}: first is {shown}")


def _passage(run: Run, row: ClaimFindings, article: Article, finding: Finding | None, tally: Tally) -> None:
    verdict, language = article.verdict_of(row.id), article.language
    where = f"{run.evaluation_set.key} {row.id} {article.id} ({language}, {article.group}, {verdict})"
    strong = finding is not None and finding.level is Level.STRONG
    right = finding is not None and is_right(run, row.id, article, finding, SAME_MATTER)
    if strong and finding is not None:
        tally.add("close precision", language, right, 1)
        partly = is_right(run, row.id, article, finding, {*SAME_MATTER, Verdict.PARTLY})
        tally.add("close precision, partly allowed", language, partly, 1)
        _independence(run, article, finding, where, tally)
        if not right:
            tally.fail("close precision", f"{where}: {finding.score} {dict(finding.parts)} {finding.passage!r} for {row.text!r}")
    if verdict in SAME_MATTER:
        tally.add("close recall", language, strong and right, 1)
        if not (strong and right):
            shown = f"{finding.level} {finding.score} {finding.passage!r}" if finding else "nothing"
            tally.fail("close recall", f"{where}: {shown}; label {article.labels_of(row.id)[0].quote!r} for {row.text!r}")
    if verdict is Verdict.CARRIES:
        tally.add("false absence", language, finding is None, 1)
        if finding is None:
            relevance = run.relevance.get(run.stored.ids[article.id])
            related = relevance is not None and relevance.related
            misses = [
                miss.reason
                for miss in run.matrix.near_misses
                if miss.claim == row.id and miss.finding.article == run.stored.keys[article.id]
            ]
            why = f"near miss: {misses[0]}" if misses else ("" if related else "not related")
            tally.fail("false absence", f"{where}: {why} label {article.labels_of(row.id)[0].quote!r}")


def _independence(run: Run, article: Article, finding: Finding, where: str, tally: Tally) -> None:
    """Whether what is of the report's own chain, or of a source that nobody can name, passes for independent, and the reverse."""
    origin = next((item for item in run.evaluation_set.origins if item.id == article.origin), None)
    if origin is None:
        return
    shown = finding.independence is Independent.INDEPENDENT
    known = origin.independence is Independence.ESTABLISHED
    name = "chain shown as independent" if origin.chain else "independent shown as such" if known else "unknown shown as independent"
    tally.add(name, article.language, shown, 1)
    if shown is not (known and not origin.chain):
        tally.fail(name, f"{where}: {article.origin} is shown as {finding.independence.value} ({finding.reason}) {finding.passage!r}")


def is_right(run: Run, claim: str, article: Article, finding: Finding, verdicts: Iterable[Verdict]) -> bool:
    """Whether the shown passage, or a further one of the same level, meets a labelled one. A label in the headline meets any."""
    spans = [(finding.start, finding.end)] + [(other.start, other.end) for other in finding.more if other.level is finding.level]
    for label in article.labels_of(claim):
        if label.verdict in verdicts:
            gold = stored_span(article, label)
            if gold is None or any(start < gold[1] and gold[0] < end for start, end in spans):
                return True
    return False


# --- copies, relevance, decisions -----------------------------------------------------------------------------------------------

DERIVED = frozenset({DerivationKind.COPY, DerivationKind.TRANSLATION})


def measure_copies(run: Run, tally: Tally) -> None:
    """Which articles are told to be made from another one. For F1: twice the right ones, of those found and those there are."""
    derived = {item.article_id: item for item in run.derivations if item.kind in DERIVED}
    names = {number: name for name, number in run.stored.ids.items()}
    for article in run.present:
        if article.id not in run.measured:
            continue
        item = derived.get(run.stored.ids[article.id])
        gold, found = article.group is Group.COPY, item is not None
        tally.add("copy F1", article.language, 2 * (gold and found), gold + found)
        if gold:
            kind = article.copy_kind or CopyKind.VERBATIM
            tally.shares[f"copies found, {kind.value}", ALL] += Share(found, 1)
            if found and item is not None and item.source_article_id is not None:
                source = names.get(item.source_article_id, "")
                family = {article.copy_of} | {other.id for other in run.present if other.copy_of == article.copy_of and other.copy_of}
                tally.shares["copies with the right source", ALL] += Share(source in family, 1)
        if gold != found:
            told = f"taken for a copy of {names.get(item.source_article_id or 0)} ({item.evidence})" if item else "not found"
            relevance = run.relevance.get(run.stored.ids[article.id])
            related = "" if relevance is not None and relevance.related else ", not related"
            made = f"{article.copy_kind} of {article.copy_of}" if gold else "no copy"
            tally.fail(
                "copy F1",
                f"{run.evaluation_set.key} {article.id} ({article.language}, {made}): {told}{related}",
            )


def measure_relevance(run: Run, tally: Tally) -> None:
    for article in run.present:
        stored = run.relevance[run.stored.ids[article.id]]
        if article.id not in run.measured:
            continue
        name = {
            Group.UNRELATED: "unrelated passing",
            Group.SAME_TOPIC: "hard negatives passing",
            Group.COPY: "relevance recall of copies",
            Group.CARRYING: "relevance recall",
        }[article.group]
        tally.add(name, article.language, stored.related, 1)
        wanted = article.group in (Group.CARRYING, Group.COPY)
        if stored.related != wanted:
            tally.fail(
                name, f"{run.evaluation_set.key} {article.id} ({article.language}): {stored.score} {dict(stored.parts)} {article.title!r}"
            )
        if article.group is Group.UNRELATED:
            tally.unrelated.append(stored.score)
        else:
            tally.related.append((article.group, article.language, stored.score))
    for number in run.foreign:
        stored = run.relevance[number]
        tally.add("unrelated passing", ALL, stored.related, 1)
        tally.unrelated.append(stored.score)
        if stored.related:
            tally.fail("unrelated passing", f"{run.evaluation_set.key}: foreign article {number}: {stored.score} {dict(stored.parts)}")


def gold_count(run: Run, claim: str) -> int:
    """Origins outside the chain, their independence established, with an article that carries the claim (key fact not another)."""
    origins = {origin.id: origin for origin in run.evaluation_set.origins}
    carrying = {article.origin for article in run.present if article.verdict_of(claim) is Verdict.CARRIES and article.origin}
    return sum(not origins[name].chain and origins[name].independence is Independence.ESTABLISHED for name in carrying)


def measure_decisions(run: Run, tally: Tally) -> None:
    for row in run.matrix.claims:
        gold, found = min(2, gold_count(run, row.id)), min(2, count_second_sources(row.cells))
        tally.add("decision", ALL, gold == found, 1)
        if found == 2:
            tally.add("precision of two or more", ALL, gold == 2, 1)
        if gold != found:
            tally.fail("decision", f"{run.evaluation_set.key} {row.id}: {found} found, {gold} there are: {row.text!r}: {_shown(run, row)}")


def _shown(run: Run, row: ClaimFindings) -> str:
    names = run.stored.by_key
    cells = [
        f"{cell.origin}[{cell.level.value} {cell.independence.value} {cell.verdict} "
        + ", ".join(f"{names.get(item.article)}:{item.level.value}:{item.score}" for item in cell.articles)
        + "]"
        for cell in row.cells
        if cell.articles
    ]
    gold = [
        f"{article.id}:{article.origin}:{article.verdict_of(row.id)}"
        for article in run.present
        if article.verdict_of(row.id) is not Verdict.ABSENT and article.group is not Group.COPY
    ]
    return f"\n      found {' '.join(cells)}\n      gold {' '.join(gold)}"


def relevance_at(tally: Tally, passing: float = UNRELATED_PASSING) -> dict[str, Share]:
    """Recall of the carrying, and the share of hard negatives that pass, at the score that ``passing`` of the unrelated reach."""
    ranked = sorted(tally.unrelated, reverse=True)
    if not ranked:
        return {}
    allowed = int(len(ranked) * passing)
    least = ranked[allowed]
    found: dict[str, Share] = {}
    for group, name in ((Group.CARRYING, "relevance recall at 1 %"), (Group.SAME_TOPIC, "hard negatives at 1 %")):
        scores = [score for kind, _, score in tally.related if kind is group]
        found[name] = Share(sum(score > least for score in scores), len(scores))
    return found
