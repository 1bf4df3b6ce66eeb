"""Which articles are on a report's subject: a fast guess for the crawl's order, and a measured score after the commit."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import numpy as np

from comparison.encoders import Encoders
from comparison.folding import known_language, language_by_letters
from comparison.gazetteer import load_gazetteer
from comparison.lexicon import features, likeness, merged
from comparison.place_keys import place_key
from comparison.places import find_places, is_town, names_place
from comparison.scoring import ClaimScorer, Scores, setup_hash
from config.outlet import Outlet
from storage import matches, queries, reports
from storage.database import Database
from storage.matches import Relevance
from storage.records import ClaimKind, Entry, Place, ReferenceReport, StoredArticle

RELATED = 2.6
"""Score from which an article's headline and lead are on the subject: about 1 % of unrelated news reaches it."""

RELATED_WITH_PLACE = 1.2
"""The same for an article whose text names a small place of the claims."""

STAGE_RELATED = 1.5
"""Score by the fast encoder from which a slow one looks too: below it the slow one alone would have to reach twice RELATED and
more."""

RELATED_BY_WORDS = 0.15
"""Likeness of the whole text's words from which an article is on the subject whatever its headline says."""

RELATED_MODEL_FREE = 0.12
"""The same where there is no encoder."""

BEST_CLAIMS = 3
"""An article on the subject is near several claims; one near claim alone is often chance."""

LEAD_CHARACTERS = 300
BATCH = 200
"""Articles read and scored between two commits."""

SMALL_TOWN = 100_000
"""Inhabitants below which a town's name points to a subject by itself."""

_WORDS = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelevanceSummary:
    """What a scoring did."""

    report: str
    label: str
    """Of the encoders; says "low recall" where there is none."""
    scored: int
    """Articles scored because they, the claims or the models were new or changed."""
    related: int
    """Articles on the subject in all."""
    encoded: int


def lexical_relevance(reports: Sequence[ReferenceReport]) -> Callable[[Entry, Outlet], float]:
    """A guess, 0..1, at how promising an announced page is, from headline, description and address: for the order of fetching only.

    Takes well below a millisecond an entry; needs no encoder and no gazetteer. The nearest report counts.
    """
    bags = [merged(features(claim.text, report.language, lemmas=False) for claim in report.claims) for report in reports]
    names = [
        frozenset(place_key(place.text) for claim in report.claims for place in claim.places if len(place.text) > 3) for report in reports
    ]

    def judge(entry: Entry, outlet: Outlet) -> float:
        text = f"{entry.title}. {entry.description[:300]}" if entry.title or entry.description else _slug(entry.url)
        language = known_language(entry.language[:2].lower() or outlet.language)
        own = features(text, language, lemmas=False)
        keys = {place_key(word, language) for word in _WORDS.findall(text) if word[0].isupper()} if text else set()
        best = 0.0
        for bag, places in zip(bags, names, strict=True):
            named = 0.25 if keys & places else 0.0
            best = max(best, min(1.0, 1.5 * likeness(own, bag) + named))
        return round(best, 4)

    return judge


def _slug(url: str) -> str:
    """The words of an address: a sitemap gives nothing else."""
    return " ".join(re.findall(r"[^\W\d_]{3,}", urlsplit(url).path))


def score_articles(db: Database, report_key: str, encoders: Encoders, *, now: datetime) -> RelevanceSummary:
    """Score every article that is new or changed since it was last scored for this report, or all when claims or models changed.

    Idempotent and restartable: each batch is committed, and what is stored is not done again.

    Raises: NotFoundError for an unknown report.
    """
    with db.read() as session:
        report = reports.load_report(session, report_key)
        states = queries.article_states(session)
        known = matches.load_relevance(session, report_key)
    setup = setup_hash(report, encoders)
    todo = [article_id for article_id, state in states.items() if not is_current(known.get(article_id), state, setup)]
    scorer = ClaimScorer(db, report, encoders, now=now)
    towns = small_towns(report)
    for start in range(0, len(todo), BATCH):
        with db.read() as session:
            articles = list(queries.load_articles(session, todo[start : start + BATCH]))
        scores = _score_batch(scorer, articles, towns, setup)
        with db.write() as session:
            matches.save_relevance(session, report_key, scores, now)
    with db.read() as session:
        related = len(matches.related_articles(session, report_key))
    return RelevanceSummary(report=report_key, label=encoders.label, scored=len(todo), related=related, encoded=scorer.encoded)


def is_current(stored: Relevance | None, state: tuple[str, int], setup: str) -> bool:
    """Whether a stored score is of this text, this revision, these claims and these models."""
    return stored is not None and (stored.text_sha256, stored.parts.get("revision"), stored.model_hash) == (
        state[0],
        float(state[1]),
        setup,
    )


def _score_batch(scorer: ClaimScorer, articles: Sequence[StoredArticle], towns: Sequence[Place], setup: str) -> list[Relevance]:
    by_language: dict[str, list[StoredArticle]] = defaultdict(list)
    for article in articles:
        by_language[article.language].append(article)
    counted = [number for number, claim in enumerate(scorer.report.claims) if claim.kind is not ClaimKind.ABOUT_SOURCE]
    found = []
    for language, group in by_language.items():
        words = scorer.lexical([headline_and_lead(article, whole=True) for article in group], language)
        named_in = [[town for town in towns if names_town(article.text, town, language, scorer.report.language)] for article in group]
        scored = scorer.score_in_stages(
            [headline_and_lead(article) for article in group],
            language,
            np.array([bool(named) for named in named_in]),
            lambda fast: np.array([_best_mean(column) >= STAGE_RELATED for column in fast[counted].T]),
        )
        model_free = not scorer.encoders.for_language(language)
        for column, article in enumerate(group):
            likeness_of_words = _best_mean(words[counted, column])
            score = likeness_of_words if model_free else _best_mean(scored.total[counted, column])
            named = named_in[column]
            if model_free:
                related = score >= RELATED_MODEL_FREE or bool(named)
            else:
                related = score >= RELATED or (bool(named) and score >= RELATED_WITH_PLACE) or likeness_of_words >= RELATED_BY_WORDS
            parts = {f"place:{town.key}": 1.0 for town in named} | {"lexical": round(likeness_of_words, 4)}
            if not model_free:
                parts |= {
                    name: round(_best_mean(part[counted, column]), 4)
                    for name, part in scored.parts.items()
                    if not np.isnan(part[:, column]).any()
                }
            found.append(
                Relevance(
                    article_id=article.article_id,
                    text_sha256=article.text_sha256,
                    model_hash=setup,
                    score=round(score, 4),
                    related=related,
                    parts={**parts, "revision": float(article.revision)},
                )
            )
    return found


def _best_mean(column: Scores) -> float:
    """The mean over the nearest claims."""
    return float(np.sort(column)[-BEST_CLAIMS:].mean()) if len(column) else 0.0


def headline_and_lead(article: StoredArticle, *, whole: bool = False) -> str:
    """What an article is judged by: its headline and description, or the text's opening where there is none.

    ``whole`` takes more of the text: words cost nothing, vectors do.
    """
    lead = f"{article.description} {article.text[:2000]}" if whole else (article.description or article.text)[:LEAD_CHARACTERS]
    return f"{article.title}. {lead}".strip()


def small_towns(report: ReferenceReport) -> tuple[Place, ...]:
    """The towns of the claims that few other subjects share, each once."""
    towns = load_gazetteer().towns
    found: dict[str, Place] = {}
    for claim in report.claims:
        context = find_places(claim.context, language_by_letters(claim.context)) if claim.context else ()
        for place in (*claim.places, *context):
            known = towns.get(place.key)
            if is_town(place.key) and (known is None or known.population < SMALL_TOWN):
                found.setdefault(place.key, place)
    return tuple(found.values())


def names_town(text: str, town: Place, language: str, report_language: str) -> bool:
    """Whether a text names the town in any case or script."""
    return any(names_place(word, town.text, language, report_language) for word in set(capitalised(text)))


def capitalised(text: str) -> Iterable[str]:
    return (word for word in _WORDS.findall(text) if word[0].isupper())
