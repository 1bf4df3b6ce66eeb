"""What each related article rests on: copies, translations and spun copies, and whom it credits. A restartable job after matching.

Without an encoder translations and reworded copies cannot be judged, and the summary says so. How each is told is in
``comparison.sources``; what follows from it for the origins, in ``comparison.origins``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from comparison.credits import Credit, find_credits
from comparison.encoders import CachedEncoder, Encoder, Encoders
from comparison.names import NameIndex, build_index
from comparison.origins import Evidence, Origins, chain_of, find_origins
from comparison.sources import (
    E5_THRESHOLDS,
    OTHER_THRESHOLDS,
    ArticleVectors,
    addresses_of,
    counted_sentences,
    derivations_of,
    linked_articles,
)
from storage import matches, queries, reports
from storage.database import Database
from storage.queries import OutletRecord
from storage.records import Derivation, DerivationKind, ReferenceReport, StoredArticle


@dataclass(frozen=True, slots=True, kw_only=True)
class DerivationSummary:
    articles: int
    derived: int
    """Copies, translations and reworded copies."""
    partly: int
    crediting: int
    aligned: bool
    """False without an encoder: translations and reworded copies were not looked for."""


def derive(database: Database, report_key: str, encoders: Encoders, *, now: datetime) -> DerivationSummary:
    """Find what every related article of a report rests on, in the place of what was found before. Idempotent.

    Raises: NotFoundError for an unknown report.
    """
    with database.read() as session:
        report = reports.load_report(session, report_key)
        related = matches.related_articles(session, report_key)
        articles = sorted(queries.load_articles(session, related), key=lambda article: article.key)
        outlets = queries.outlets(session)
        pairs = queries.copies(session)
    index = name_index(report, outlets)
    credits = {article.article_id: credits_of(article, index) for article in articles}
    encoder = encoder_of(encoders)
    vectors = vectors_of(database, encoder, articles, now) if encoder is not None else {}
    thresholds = E5_THRESHOLDS if encoder is not None and encoder.languages is None else OTHER_THRESHOLDS
    found = derivations_of(articles, credits, pairs, vectors, thresholds)
    with database.write() as session:
        matches.replace_derivations(session, report_key, found)
    return DerivationSummary(
        articles=len(articles),
        derived=len({item.article_id for item in found if item.kind in (DerivationKind.COPY, DerivationKind.TRANSLATION)}),
        partly=len({item.article_id for item in found if item.kind is DerivationKind.PARTIAL}),
        crediting=len({item.article_id for item in found if item.kind is DerivationKind.CREDITS}),
        aligned=encoder is not None,
    )


def name_index(report: ReferenceReport, outlets: Sequence[OutletRecord]) -> NameIndex:
    """The names to look for in the report's articles: outlets, bundled sources, and those of the report's chain."""
    return build_index(outlets, report.chain)


def credits_of(article: StoredArticle, index: NameIndex) -> tuple[Credit, ...]:
    """Whom one article credits."""
    return find_credits(
        article.text, article.language, index, outlet_id=article.outlet_id, title=article.title, description=article.description
    )


def gather_evidence(articles: Iterable[StoredArticle], index: NameIndex, derivations: Iterable[Derivation]) -> list[Evidence]:
    """What is known of each article, put together for ``comparison.origins``."""
    articles = list(articles)
    by_article: dict[int, list[Derivation]] = {}
    for item in derivations:
        by_article.setdefault(item.article_id, []).append(item)
    addresses = addresses_of(articles)
    return [
        Evidence(
            article=article,
            credits=credits_of(article, index),
            derivations=tuple(by_article.get(article.article_id, ())),
            linked=tuple(other.article_id for other in linked_articles(article, addresses)),
        )
        for article in articles
    ]


def place_articles(
    report: ReferenceReport,
    articles: Sequence[StoredArticle],
    outlets: Sequence[OutletRecord],
    derivations: Iterable[Derivation],
    index: NameIndex,
) -> Origins:
    """The origins of a report's related articles; ``index`` is ``name_index(report, outlets)``."""
    chain = chain_of(report, index, outlets)
    names = {named.key: named.label for named in sorted(index.by_name.values(), key=lambda named: named.label, reverse=True)}
    for outlet in sorted(outlets, key=_shown_name, reverse=True):
        names[outlet.owner] = outlet.name
    return find_origins(gather_evidence(articles, index, derivations), chain=chain, outlets=outlets, names=names)


def _shown_name(outlet: OutletRecord) -> tuple[bool, int, str, str]:
    """Of an owner's outlets the one whose name most readers can read, then the shortest."""
    return not outlet.name.isascii(), len(outlet.name), outlet.name, outlet.id


def encoder_of(encoders: Encoders) -> Encoder | None:
    """The one that knows all languages, else the one that knows most; None in model-free mode."""
    return next((encoder for encoder in encoders.all if encoder.languages is None), encoders.all[0] if encoders.all else None)


def vectors_of(database: Database, encoder: Encoder, articles: Iterable[StoredArticle], now: datetime) -> dict[int, ArticleVectors]:
    """The vectors of the sentences that count, of every article whose language the encoder knows."""
    cached = CachedEncoder(database, encoder, now=now)
    found = {}
    for article in articles:
        if encoder.languages is not None and article.language not in encoder.languages:
            continue
        spans = counted_sentences(article)
        texts = [article.text[span.start : span.end] for span in spans]
        if texts:
            found[article.article_id] = ArticleVectors(spans, cached.vectors(texts, article.language))
    return found
