"""The ground truth beside what the database holds: every difference by name, an empty list when all is as it should be.

Expected failures (the site that answers 503, the one behind a bot wall) are part of the truth and no difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from interfaces.demo.documents import CHANGED_WORLD, FIRST_WORLD, Document, DocumentKind, Newsroom
from interfaces.demo.ground_truth import Expected, GroundTruth
from storage import copies, queries
from storage.database import Database
from storage.identity import normalise_text, page_key
from storage.records import ArticleKind, Precision, StoredArticle

KINDS = {
    DocumentKind.ARTICLE: ArticleKind.ARTICLE,
    DocumentKind.VIDEO: ArticleKind.VIDEO,
    DocumentKind.LIVE: ArticleKind.LIVE_BLOG,
}
SECOND_OUTCOMES = {
    "unchanged": frozenset({"unchanged", "not_modified"}),
    "revised": frozenset({"revised"}),
    "gone": frozenset({"gone"}),
}
"""What the second look may find at a page's own address, by what becomes of the page."""

BYLINE_WORDS = frozenset({"by", "and", "von", "автор", ","})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that is not as the writers of the newsroom know it to be."""

    what: str
    """What was compared: "outcome", "text", "cluster" …"""
    name: str
    """Of the document, address or cell."""
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.what} of {self.name}: expected {self.expected}, found {self.found}"


class Ledger:
    """The finished visits of a run, found again by a document's addresses."""

    def __init__(self, newsroom: Newsroom, visits: Iterable[queries.VisitRecord]) -> None:
        self._newsroom = newsroom
        self._by_key: dict[str, list[queries.VisitRecord]] = {}
        outlets = list(newsroom.outlets.values())
        for visit in visits:
            # The outlet only decides how the address is brought into its canonical form; the right one gives the right key.
            for key in {page_key(visit.url, outlet) for outlet in outlets}:
                self._by_key.setdefault(key, []).append(visit)

    def of(self, document: Document, *urls: str) -> list[queries.VisitRecord]:
        """Visits of these addresses of the document (all of its own when none is given), each once, in their order."""
        outlet = self._newsroom.outlets[document.site]
        wanted = urls or (document.url, *(other.url for other in document.also_at))
        found: dict[int, queries.VisitRecord] = {}
        for url in wanted:
            for visit in self._by_key.get(page_key(url, outlet), []):
                found[id(visit)] = visit
        return list(found.values())


def read_ledger(database: Database, newsroom: Newsroom, run_ids: Iterable[int]) -> Ledger:
    """The visits of these runs, in their order."""
    with database.read() as session:
        return Ledger(newsroom, [visit for run_id in run_ids for visit in queries.visits(session, run_id)])


def check_first_look(database: Database, newsroom: Newsroom, truth: GroundTruth, run_id: int) -> list[Difference]:
    """After the first crawl: outcomes, kinds, texts and dates of all documents, their aliases, and the copies found."""
    ledger = read_ledger(database, newsroom, [run_id])
    with database.read() as session:
        articles = {article.key: article for article in queries.load_articles(session)}
        clusters = copies.clusters(session)
    keys: dict[str, str] = {}
    differences: list[Difference] = []
    for document in newsroom.documents.values():
        expected = truth.documents[document.id]
        visits = ledger.of(document)
        differences += _outcome(document, expected, visits)
        own = {visit.article for visit in visits if visit.article}
        if len(own) > 1:
            differences.append(Difference(what="identity", name=document.id, expected="one article", found=", ".join(sorted(own))))
        if expected.outcome == "stored" and own:
            key = min(own)
            keys[key] = document.id
            differences += _content(document, articles[key])
    differences += [
        Difference(what="article", name=key, expected="none of this name", found="stored") for key in sorted(articles.keys() - keys.keys())
    ]
    differences += _aliases(newsroom, truth, ledger)
    differences += _clusters(truth, keys, clusters)
    return differences


def check_second_look(
    database: Database, newsroom: Newsroom, truth: GroundTruth, *, first_run: int, later_runs: Iterable[int]
) -> list[Difference]:
    """After the daemon's second look: revisions, removals, and that what stayed as it was made no revision."""
    first, later = read_ledger(database, newsroom, [first_run]), read_ledger(database, newsroom, later_runs)
    differences: list[Difference] = []
    for document in newsroom.documents.values():
        expected = truth.documents[document.id]
        key = next((visit.article for visit in first.of(document) if visit.article), None)
        if expected.outcome != "stored" or key is None:
            continue
        with database.read() as session:
            article = queries.load_article(session, key)
            revisions = len(queries.history(session, key))
        differences += _later(document, expected, article, revisions)
        differences += _second_outcomes(document, expected, [visit.outcome for visit in later.of(document) if visit.outcome != "alias"])
    return differences


def _later(document: Document, expected: Expected, article: StoredArticle, revisions: int) -> Iterator[Difference]:
    if revisions != expected.revisions:
        yield Difference(what="revisions", name=document.id, expected=str(expected.revisions), found=str(revisions))
    if (article.gone_at is not None) is not (expected.later == "gone"):
        yield Difference(what="later state", name=document.id, expected=expected.later, found="gone" if article.gone_at else "standing")
    if expected.later == "revised":
        yield from _content(document, article, world=CHANGED_WORLD)


def _second_outcomes(document: Document, expected: Expected, found: list[str]) -> Iterator[Difference]:
    if not found:
        yield Difference(what="second look", name=document.id, expected="a visit", found="none")
    allowed = SECOND_OUTCOMES[expected.later]
    # Looked at more than once, a revised page is unchanged the second time.
    settled = allowed | SECOND_OUTCOMES["unchanged"] if allowed & set(found) else allowed
    for outcome in dict.fromkeys(found):
        if outcome not in settled:
            yield Difference(what="second outcome", name=document.id, expected=" or ".join(sorted(allowed)), found=outcome)


def _outcome(document: Document, expected: Expected, visits: list[queries.VisitRecord]) -> Iterator[Difference]:
    """One of a document's addresses has the outcome; which comes first is chance.

    The others are aliases, or, when another address was stored before it, the page's own is unchanged.
    """
    outcomes = [visit.outcome for visit in visits]
    if expected.outcome == "unseen":
        fine = not outcomes
    else:
        rest = [visit for visit in visits if visit.outcome != expected.outcome]
        fine = outcomes.count(expected.outcome) == 1 and all(
            visit.outcome == "alias" or (visit.outcome == "unchanged" and visit.url == document.url) for visit in rest
        )
    if not fine:
        shown = ", ".join(f"{visit.outcome} ({visit.detail})" if visit.detail else visit.outcome for visit in visits) or "no visit"
        yield Difference(what="outcome", name=document.id, expected=expected.outcome, found=shown)


def _content(document: Document, article: StoredArticle, *, world: int = FIRST_WORLD) -> Iterator[Difference]:
    standing = document.in_world(world)
    if article.outlet_id != document.site:
        yield Difference(what="outlet", name=document.id, expected=document.site, found=article.outlet_id)
    if article.kind is not KINDS[document.kind]:
        yield Difference(what="kind", name=document.id, expected=KINDS[document.kind], found=article.kind)
    if normalise_text(article.title) != normalise_text(standing.title):
        yield Difference(what="title", name=document.id, expected=repr(standing.title), found=repr(article.title))
    difference = _text_difference(standing, article.text)
    if difference:
        yield Difference(what="text", name=document.id, expected="the document's", found=difference)
    published = article.published
    if published.at is None:
        yield Difference(what="date", name=document.id, expected=document.published.isoformat(), found="none")
    elif published.precision is Precision.DAY:
        if published.at.date() != document.published.date():
            yield Difference(what="date", name=document.id, expected=str(document.published.date()), found=str(published.at.date()))
    elif abs((published.at - document.published).total_seconds()) >= 60:
        yield Difference(what="date", name=document.id, expected=document.published.isoformat(), found=published.at.isoformat())


def _text_difference(document: Document, text: str) -> str:
    """How a stored text differs from the document's; empty when it does not.

    All of the body must be there, in one piece. Before it may stand what belongs to the piece itself: headline, lead, names of
    its authors. A page without rules of its own is read with them, and nobody is misled. Not one foreign word may be there.
    """
    body, found = normalise_text(document.text), normalise_text(text)
    if body not in found:
        common = next((i for i, (a, b) in enumerate(zip(body, found, strict=False)) if a != b), min(len(body), len(found)))
        return f"other words from character {common}: {found[common : common + 80]!r}"
    rest = found.replace(body, " ", 1) if body else found
    for own in (document.title, document.lead, " ".join(document.authors), " and ".join(document.authors), *document.authors):
        rest = rest.replace(normalise_text(own), " ") if own else rest
    foreign = [word for word in rest.split() if word not in BYLINE_WORDS]
    return f"foreign words: {' '.join(foreign)[:120]!r}" if foreign else ""


def _aliases(newsroom: Newsroom, truth: GroundTruth, ledger: Ledger) -> Iterator[Difference]:
    """An alias leads to the document's article: by its own visit, or because its address is mapped to the canonical one."""
    for url, document_id in truth.aliases.items():
        document = newsroom.documents[document_id]
        outlet = newsroom.outlets[document.site]
        if page_key(url, outlet) == page_key(document.url, outlet):
            continue
        articles = {visit.article for visit in ledger.of(document, document.url)}
        there = {visit.article for visit in ledger.of(document, url)}
        if not there or there != articles:
            found = ", ".join(sorted(str(article) for article in there)) or "no visit"
            yield Difference(what="alias", name=url, expected=f"the article of {document_id}", found=found)


def _clusters(truth: GroundTruth, documents: Mapping[str, str], clusters: Iterable[copies.ClusterRecord]) -> Iterator[Difference]:
    """Same-language copies stand together and nothing else does.

    Spun copies, whose words were swapped, share a label with their original but are for the comparison to find, not for the
    search for equal words: they may stand in the cluster and need not.
    """
    cluster_of = {documents[key]: cluster.cluster_id for cluster in clusters for key in cluster.articles if key in documents}
    labels: dict[str, list[str]] = {}
    for document_id in sorted(documents.values()):
        label = truth.documents[document_id].cluster
        if label is not None:
            labels.setdefault(label, []).append(document_id)
    for label, members in labels.items():
        firm = [member for member in members if truth.documents[member].derivation != "spun"]
        found = {cluster_of.get(member) for member in firm}
        if len(firm) > 1 and (len(found) != 1 or None in found):
            apart = ", ".join(f"{member} in {cluster_of.get(member, 'none')}" for member in firm)
            yield Difference(what="cluster", name=label, expected="one", found=apart)
    together: dict[int, set[str]] = {}
    for document_id, cluster_id in cluster_of.items():
        together.setdefault(cluster_id, set()).add(document_id)
    for members_found in together.values():
        found_labels = {truth.documents[member].cluster or member for member in members_found}
        if len(found_labels) > 1:
            yield Difference(what="copies", name=", ".join(sorted(members_found)), expected="no copies of each other", found="one cluster")
