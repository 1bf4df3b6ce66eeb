"""What each related article rests on: copies, translations and spun copies, and whom it credits. A restartable job after matching.

Without an encoder translations and reworded copies cannot be judged, and the summary says so. How each is told is in
``comparison.sources``; what follows from it for the origins, in ``comparison.origins``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comparison.credit_records import Credit, CreditKind
from comparison.credits import find_credits
from comparison.encoders import CachedEncoder, Encoder, Encoders
from comparison.kernels import kernel
from comparison.likeness import UNSURE_DAYS, WINDOW_DAYS, ArticleVectors, Thresholds, View, thresholds_for
from comparison.names import NameIndex, build_index
from comparison.origins import Evidence, Origins, chain_of, find_origins
from comparison.passages import Span
from comparison.relevance import Progress
from comparison.sources import Addresses, counted_sentences, derivations_of
from storage import copies, matches, nearness, queries, reports
from storage.claim_records import Derivation, DerivationKind, ReferenceReport
from storage.database import Database
from storage.queries import OutletRecord
from storage.records import CopyPair, StoredArticle

ALIGNMENT_VERSION = 5
"""Of the rules by which credits are read and texts aligned: with another one everything is read anew."""

OPENING = 3
"""Sentences of an article by which a slow encoder finds out whether the rest is worth encoding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationSummary:
    articles: int
    derived: int
    """Copies, translations and reworded copies."""
    partly: int
    crediting: int
    aligned: bool
    """False without an encoder: translations and reworded copies were not looked for."""


def derive(
    database: Database, report_key: str, encoders: Encoders, *, now: datetime, progress: Progress | None = None
) -> DerivationSummary:
    """Find what every related article of a report rests on, in the place of what was found before. Idempotent.

    What was found before stands for articles that are as they were, and near to none that is new, changed or gone.

    Raises: NotFoundError for an unknown report.
    """
    with database.read() as session:
        report = reports.load_report(session, report_key)
        outlets = queries.outlets(session)
        index = name_index(report, outlets)
        setup = _setup(index, encoders, outlets)
        related = nearness.related_articles(session, report_key)
        basis, is_done = matches.derivation_basis(session, report_key, setup)
        if is_done:
            return _summary(len(related), matches.count_derived(session, report_key), encoders)
        stored = matches.load_derivations(session, report_key)
        articles = sorted(queries.load_articles(session, related), key=lambda article: article.key)
        pairs = copies.copies_among(session, related)
        read = matches.load_credits(session, report_key)
    bases = _bases(articles, index, encoders)
    credits = _still_true(read, bases)
    fresh = [article for article in articles if article.article_id not in credits]
    gone = read.keys() - bases.keys()
    if not fresh and not gone:
        with database.write() as session:
            matches.set_derivation_basis(session, report_key, basis)
        return _summary(len(articles), _by_kind(stored), encoders)
    for done, article in enumerate(fresh, start=1):
        credits[article.article_id] = credits_of(article, index)
        if progress is not None and done % 50 == 0:
            progress("articles read for their sources", done, len(fresh))
    changed = {article.article_id for article in fresh}
    redone = _pointing(articles, changed, gone, stored, pairs)
    views = _views(database, encoders, _within_reach(articles, changed, redone), now)
    for view in views if len(redone) < len(articles) else ():
        redone |= view.followers(changed)
    found = derivations_of(articles, credits, pairs, views, redone)
    kept = [item for item in stored if item.article_id in bases and item.article_id not in redone]
    with database.write() as session:
        # One new article among thousands leaves all but a few as they are.
        replaced = redone | {item.article_id for item in stored if item.article_id not in bases}
        matches.replace_derivations(session, report_key, sorted(found, key=lambda item: item.article_id), basis, replaced)
        matches.save_credits(
            session,
            report_key,
            {article.article_id: (bases[article.article_id], credits_to_json(credits[article.article_id])) for article in fresh},
        )
        matches.drop_credits(session, report_key, gone)
    return _summary(len(articles), _by_kind([*kept, *found]), encoders)


def _setup(index: NameIndex, encoders: Encoders, outlets: Sequence[OutletRecord]) -> str:
    """Names all that derivations depend on beside the articles."""
    owners = "\0".join(f"{outlet.id} {outlet.owner}" for outlet in outlets)
    return hashlib.sha256(f"{_names_hash(index)}\0{encoders.model_hash}\0{ALIGNMENT_VERSION}\0{owners}".encode()).hexdigest()


def _pointing(
    articles: Sequence[StoredArticle],
    changed: set[int],
    gone: Collection[int],
    stored: Iterable[Derivation],
    pairs: Iterable[CopyPair],
) -> set[int]:
    """The articles whose derivation may be another one now, but for those that merely say the same as a changed one."""
    everything = {article.article_id for article in articles}
    # Links and copy groups are looked up by address and pair: whoever points at what changed is done again.
    touched = set(changed) | {item.article_id for item in stored if item.source_article_id in changed or item.source_article_id in gone}
    groups: dict[int, set[int]] = {}
    for pair in pairs:
        joined = groups.get(pair.article_a, {pair.article_a}) | groups.get(pair.article_b, {pair.article_b})
        groups.update(dict.fromkeys(joined, joined))
    touched |= {other for number in changed for other in groups.get(number, ())}
    if len(changed) * 2 > len(everything):
        return everything
    hosts = Addresses(article for article in articles if article.article_id in changed)
    touched |= {article.article_id for article in articles if article.article_id not in touched and hosts.linked_from(article)}
    return touched & everything


def _within_reach(articles: Sequence[StoredArticle], changed: Collection[int], redone: Collection[int]) -> list[StoredArticle]:
    """The articles whose sentences decide on what ``redone`` derive from, and on who follows ``changed`` and derives from what."""
    days = {article.article_id: article.published.at.timestamp() / 86400 for article in articles if article.published.at is not None}
    if len(redone) == len(articles) or any(number not in days for number in redone):
        return list(articles)
    window = WINDOW_DAYS + 1 + UNSURE_DAYS
    marks = np.array(sorted(days[number] for number in redone))
    # Whoever follows a changed one stands within a window of it, and what such a one derives from within another.
    wide = np.array(sorted(days[number] for number in changed))
    found = []
    for article in articles:
        day = days.get(article.article_id)
        if day is None or _distance(marks, day) <= window or _distance(wide, day) <= 2 * window:
            found.append(article)
    return found


def _distance(marks: NDArray[np.float64], day: float) -> float:
    """To the nearest of ``marks``, which rise; infinite without any."""
    place = int(np.searchsorted(marks, day))
    return min((abs(float(mark) - day) for mark in marks[max(place - 1, 0) : place + 1]), default=float("inf"))


def _by_kind(found: Iterable[Derivation]) -> dict[DerivationKind, set[int]]:
    kinds: dict[DerivationKind, set[int]] = {kind: set() for kind in DerivationKind}
    for item in found:
        kinds[item.kind].add(item.article_id)
    return kinds


def _summary(articles: int, kinds: Mapping[DerivationKind, Collection[int]], encoders: Encoders) -> DerivationSummary:
    return DerivationSummary(
        articles=articles,
        derived=len({*kinds[DerivationKind.COPY], *kinds[DerivationKind.TRANSLATION]}),
        partly=len(kinds[DerivationKind.PARTIAL]),
        crediting=len(kinds[DerivationKind.CREDITS]),
        aligned=not encoders.model_free,
    )


StoredCredits = Mapping[int, tuple[str, list[dict[str, Any]]]]


def stored_credits(
    read: StoredCredits, articles: Sequence[StoredArticle], index: NameIndex, encoders: Encoders
) -> dict[int, tuple[Credit, ...]]:
    """Article id -> its credits, of those among ``read`` that still are what reading anew would give."""
    return _still_true(read, _bases(articles, index, encoders))


def _still_true(read: StoredCredits, bases: Mapping[int, str]) -> dict[int, tuple[Credit, ...]]:
    return {number: credits_from_json(read[number][1]) for number, basis in bases.items() if number in read and read[number][0] == basis}


def _bases(articles: Iterable[StoredArticle], index: NameIndex, encoders: Encoders) -> dict[int, str]:
    seen = f"{_names_hash(index)}\0{encoders.model_hash}\0{ALIGNMENT_VERSION}"
    return {article.article_id: credits_basis(article, seen) for article in articles}


def _names_hash(index: NameIndex) -> str:
    """Of all names that are looked for: with another name another credit may be found."""
    names = sorted(f"{name}={named.key}:{named.label}:{','.join(sorted(named.outlets))}" for name, named in index.by_name.items())
    return hashlib.sha256("\0".join(names).encode()).hexdigest()


def credits_basis(article: StoredArticle, seen: str) -> str:
    """Digest of all that an article's credits and alignment depend on beside other articles."""
    moment = article.published.at.isoformat() if article.published.at is not None else ""
    parts = (seen, article.outlet_id, article.owner, article.language, article.url, moment, article.title, article.description)
    return hashlib.sha256("\0".join((*parts, article.text_sha256, *article.links)).encode("utf-8", "surrogatepass")).hexdigest()


def credits_to_json(credits: Iterable[Credit]) -> list[dict[str, Any]]:
    return [{**asdict(credit), "outlets": sorted(credit.outlets)} for credit in credits]


def credits_from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[Credit, ...]:
    return tuple(Credit(**{**row, "kind": CreditKind(row["kind"]), "outlets": frozenset(row["outlets"])}) for row in rows)


def name_index(report: ReferenceReport, outlets: Sequence[OutletRecord]) -> NameIndex:
    """The names to look for in the report's articles: outlets, bundled sources, and those of the report's chain."""
    return build_index(outlets, report.chain)


def credits_of(article: StoredArticle, index: NameIndex) -> tuple[Credit, ...]:
    """Whom one article credits."""
    return find_credits(
        article.text, article.language, index, outlet_id=article.outlet_id, title=article.title, description=article.description
    )


def gather_evidence(
    articles: Iterable[StoredArticle],
    index: NameIndex,
    derivations: Iterable[Derivation],
    credits: Mapping[int, tuple[Credit, ...]] | None = None,
) -> list[Evidence]:
    """What is known of each article, put together for ``comparison.origins``. ``credits`` are those that were read before."""
    articles = list(articles)
    by_article: dict[int, list[Derivation]] = {}
    for item in derivations:
        by_article.setdefault(item.article_id, []).append(item)
    addresses = Addresses(articles)
    known = credits or {}
    return [
        Evidence(
            article=article,
            credits=known[article.article_id] if article.article_id in known else credits_of(article, index),
            derivations=tuple(by_article.get(article.article_id, ())),
            linked=tuple(other.article_id for other in addresses.linked_from(article)),
        )
        for article in articles
    ]


def place_articles(
    report: ReferenceReport,
    articles: Sequence[StoredArticle],
    outlets: Sequence[OutletRecord],
    derivations: Iterable[Derivation],
    index: NameIndex,
    credits: Mapping[int, tuple[Credit, ...]] | None = None,
) -> Origins:
    """The origins of a report's related articles; ``index`` is ``name_index(report, outlets)``, ``credits`` what was read before."""
    chain = chain_of(report, index, outlets)
    names = {named.key: named.label for named in sorted(index.by_name.values(), key=lambda named: named.label, reverse=True)}
    for outlet in sorted(outlets, key=_shown_name, reverse=True):
        names[outlet.owner] = outlet.name
    return find_origins(gather_evidence(articles, index, derivations, credits), chain=chain, outlets=outlets, names=names)


def _shown_name(outlet: OutletRecord) -> tuple[bool, int, str, str]:
    """Of an owner's outlets the one whose name most readers can read, then the shortest."""
    return not outlet.name.isascii(), len(outlet.name), outlet.name, outlet.id


def encoder_of(encoders: Encoders) -> Encoder | None:
    """The one that knows all languages, else the one that knows most; None in model-free mode."""
    return next((encoder for encoder in encoders.all if encoder.languages is None), encoders.all[0] if encoders.all else None)


def vectors_of(database: Database, encoder: Encoder, articles: Iterable[StoredArticle], now: datetime) -> dict[int, ArticleVectors]:
    """The vectors of the sentences that count, of every article whose language the encoder knows."""
    known = [article for article in articles if encoder.languages is None or article.language in encoder.languages]
    return _vectors(CachedEncoder(database, encoder, now=now), known, {article.article_id: counted_sentences(article) for article in known})


class _Across(View):
    """Pairs of languages that a fast encoder does not both know; the others are left to it."""

    def __init__(
        self,
        vectors: Mapping[int, ArticleVectors],
        languages: Mapping[int, str],
        thresholds: Thresholds,
        days: Mapping[int, float],
        known_elsewhere: frozenset[str],
    ) -> None:
        super().__init__(vectors, languages, thresholds, days)
        self._known_elsewhere = known_elsewhere

    def pairs(self, one: str, other: str) -> bool:
        return not (one in self._known_elsewhere and other in self._known_elsewhere)


def _views(database: Database, encoders: Encoders, articles: Sequence[StoredArticle], now: datetime) -> list[View]:
    """The articles as the encoders see them: those that a fast one knows by it, and all that a language beyond it may have to do with.

    A slow encoder sees an article of a language that the fast one knows too only when its opening is like a sentence of an article in
    another language, published in the same weeks: a translation keeps the opening sentences of what it was made from.
    """
    languages = {article.article_id: article.language for article in articles}
    days = {article.article_id: article.published.at.timestamp() / 86400 for article in articles if article.published.at is not None}
    spans = {article.article_id: counted_sentences(article) for article in articles}
    fast = next((encoder for encoder in encoders.all if encoder.is_fast), None)
    slow = next((encoder for encoder in encoders.all if encoder.languages is None), None)
    found: list[View] = []
    known: frozenset[str] = frozenset()
    if fast is not None:
        known = fast.languages or frozenset(languages.values())
        own = _vectors(CachedEncoder(database, fast, now=now), [article for article in articles if article.language in known], spans)
        found.append(View(own, languages, thresholds_for(fast), days))
    if slow is not None and slow is not fast:
        cached, thresholds = CachedEncoder(database, slow, now=now), thresholds_for(slow)
        beyond = [article for article in articles if article.language not in known]
        vectors = _vectors(cached, beyond, spans)
        others = [article for article in articles if article.language in known] if beyond else []
        if others and vectors:
            openings = _vectors(cached, others, {number: own[:OPENING] for number, own in spans.items()})
            least = min(thresholds.across, thresholds.across_ukrainian)
            opened = _Across(vectors | openings, languages, Thresholds(least, least, least), days, known).touching(openings)
            vectors |= _vectors(cached, [article for article in others if article.article_id in opened], spans)
        found.append(_Across(vectors, languages, thresholds, days, known))
    return found


def _vectors(cached: CachedEncoder, articles: Iterable[StoredArticle], spans: Mapping[int, tuple[Span, ...]]) -> dict[int, ArticleVectors]:
    by_language: dict[str, list[StoredArticle]] = {}
    for article in articles:
        if spans[article.article_id]:
            by_language.setdefault(article.language, []).append(article)
    found = {}
    for language, group in by_language.items():
        # As the search for passages encodes them, so that no sentence is encoded twice.
        texts = [kernel(article.text[span.start : span.end], language) for article in group for span in spans[article.article_id]]
        rows = cached.vectors(texts, language)
        offset = 0
        for article in group:
            count = len(spans[article.article_id])
            found[article.article_id] = ArticleVectors(spans[article.article_id], rows[offset : offset + count])
            offset += count
    return found
