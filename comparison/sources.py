"""Which related article another one was taken from: copies of one language, translations, reworded copies, credits and links. Pure.

Same-language copies were found when the articles were stored; here they get a direction. Translations and reworded copies are found by
ordered alignment of given sentence vectors.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from comparison.alignment import MIN_WORDS, Alignment, Extent, align, may_follow
from comparison.chronology import comes_before, distance_days, moment_of
from comparison.credit_records import Credit, CreditKind
from comparison.likeness import WINDOW_DAYS, ArticleVectors, View
from comparison.passages import Span, sentences
from storage.claim_records import Derivation, DerivationKind
from storage.identity import canonical_url
from storage.records import CopyPair, StoredArticle

NOT_NAMED = {CreditKind.UNNAMED: "media reports, not named", CreditKind.RUMOUR: "nobody who is named"}
"""What a piece rests on that does not say whom it has something from."""
NO_SOURCE = frozenset({CreditKind.OWN, CreditKind.MENTION, CreditKind.SPEAKER, CreditKind.HEARSAY})
MAX_SENTENCES = 200
"""Sentences of one article that are aligned; a live blog's later ones repeat its earlier ones."""
NEARLY_AS_GOOD = 0.1
"""Of several possible sources whose shares differ by no more, the one published first is the source."""


def counted_sentences(article: StoredArticle) -> tuple[Span, ...]:
    """The sentences that alignment counts: long enough to say something."""
    spans = tuple(
        span for span in sentences(article.text, article.language) if len(article.text[span.start : span.end].split()) >= MIN_WORDS
    )
    return spans[:MAX_SENTENCES]


class Addresses:
    """Canonical address -> article, for finding citation links."""

    def __init__(self, articles: Iterable[StoredArticle]) -> None:
        articles = list(articles)
        self._by_address = {_address(article.url): article for article in articles}
        self._hosts = {_host(article.url) for article in articles}

    def linked_from(self, article: StoredArticle) -> list[StoredArticle]:
        """The known articles of other outlets that this one links to, in the order of its links."""
        # Most links lead to hosts that nothing here is of; reading an address in full takes much longer than its host.
        links = (link for link in article.links if _host(link) in self._hosts)
        found = [self._by_address[address] for link in links if (address := _address(link)) in self._by_address]
        return list({other.article_id: other for other in found if other.outlet_id != article.outlet_id}.values())


def _host(url: str) -> str:
    return url.partition("//")[2].partition("/")[0].lower().removeprefix("www.").rpartition("@")[2].partition(":")[0]


def _address(url: str) -> str:
    try:
        return canonical_url(url, None).removeprefix("https:").removeprefix("http:")
    except ValueError:
        return ""


def derivations_of(
    articles: Sequence[StoredArticle],
    credits: Mapping[int, Sequence[Credit]],
    pairs: Iterable[CopyPair],
    views: Sequence[View] = (),
    only: Collection[int] | None = None,
) -> list[Derivation]:
    """All derivations, by article, or those of the articles ``only``. Pure: everything that must be read or computed is given."""
    by_id = {article.article_id: article for article in articles}
    addresses = Addresses(articles)
    found: list[Derivation] = []
    copies = copies_of(by_id, credits, pairs)
    wanted = [article for article in articles if only is None or article.article_id in only]
    apart = [article.article_id for article in wanted if article.article_id not in copies]
    near = [(view, view.near(apart)) for view in views]
    for article in wanted:
        own: list[Derivation] = []
        if article.article_id in copies:
            own.append(copies[article.article_id])
        else:
            own += _aligned(article, by_id, credits, near, copies)
        own += _credited(article, credits.get(article.article_id, ()), addresses.linked_from(article))
        found += own or [Derivation(article_id=article.article_id, kind=DerivationKind.ORIGINAL)]
    return found


# --- copies of one language -----------------------------------------------------------------------------------------------------


def copies_of(
    by_id: Mapping[int, StoredArticle], credits: Mapping[int, Sequence[Credit]], pairs: Iterable[CopyPair]
) -> dict[int, Derivation]:
    """Each copy -> the member of its group that it is a copy of. The group's original has none."""
    pairs = [pair for pair in pairs if pair.article_a in by_id and pair.article_b in by_id]
    groups: dict[int, set[int]] = {}
    for pair in pairs:
        joined = groups.get(pair.article_a, {pair.article_a}) | groups.get(pair.article_b, {pair.article_b})
        groups.update(dict.fromkeys(joined, joined))
    shares: dict[tuple[int, int], float] = {}
    for pair in pairs:
        shares[pair.article_a, pair.article_b] = pair.containment_a
        shares[pair.article_b, pair.article_a] = pair.containment_b
    found: dict[int, Derivation] = {}
    for members in {min(group): group for group in groups.values()}.values():
        original, is_certain = _original([by_id[member] for member in members], credits)
        for member in sorted(members - {original.article_id}):
            share = shares.get((member, original.article_id), 0.0)
            doubt = "" if is_certain else "; which came first cannot be told"
            part = (
                f"{share:.0%} of its five-word sequences stand in {original.key}"
                if share
                else f"in one group of copies with {original.key}"
            )
            found[member] = Derivation(
                article_id=member,
                kind=DerivationKind.COPY,
                source_article_id=original.article_id,
                credited=original.owner,
                evidence=part + doubt,
                share=round(share, 4),
            )
    return found


def _original(group: Sequence[StoredArticle], credits: Mapping[int, Sequence[Credit]]) -> tuple[StoredArticle, bool]:
    """The text that the others of a group were taken from, and whether that is certain.

    Whom the others credit counts first (agency copy is often printed before the agency's own page says so), then the time.
    """
    named = {
        article.article_id: sum(
            credit.kind is CreditKind.MEDIUM and article.outlet_id in credit.outlets
            for other in group
            if other.article_id != article.article_id
            for credit in credits.get(other.article_id, ())
        )
        for article in group
    }
    crediting = {
        article.article_id: any(
            credit.kind is CreditKind.MEDIUM and any(other.outlet_id in credit.outlets for other in group if other is not article)
            for credit in credits.get(article.article_id, ())
        )
        for article in group
    }
    best = sorted(group, key=lambda article: (crediting[article.article_id], -named[article.article_id], *_time_key(article)))
    original = best[0]
    rivals = [other for other in best[1:] if crediting[other.article_id] == crediting[original.article_id]]
    certain = all(
        named[original.article_id] > named[other.article_id] or comes_before(original.published, other.published) is True
        for other in rivals
    )
    return original, certain


def _time_key(article: StoredArticle) -> tuple[bool, datetime, str]:
    moment = moment_of(article.published)
    return moment is None, moment.earliest if moment is not None else article.first_seen_at, article.key


# --- translations and reworded copies -------------------------------------------------------------------------------------------


def _aligned(
    article: StoredArticle,
    by_id: Mapping[int, StoredArticle],
    credits: Mapping[int, Sequence[Credit]],
    near: Sequence[tuple[View, Mapping[int, Sequence[int]]]],
    copies: Mapping[int, Derivation],
) -> list[Derivation]:
    """The source that this article follows sentence by sentence, as a whole or in part. ``near``: each view with whom it finds near."""
    candidates: list[tuple[Alignment, StoredArticle, ArticleVectors]] = []
    for view, others in near:
        if article.article_id not in others:
            continue
        own = view.vectors[article.article_id]
        for other_id in others[article.article_id]:
            other = by_id[other_id]
            likeness, least = own.rows @ view.vectors[other_id].rows.T, view.thresholds.of(article.language, other.language)
            # A copy is looked for in the original of its group only; the group's members are one text.
            if other_id in copies or not may_follow(likeness, least) or not _may_be_source(other, article, credits):
                continue
            alignment = align(likeness, least)
            if alignment.extent is not Extent.NOT:
                candidates.append((alignment, other, own))
    if not candidates:
        return []
    best_share = max(alignment.share for alignment, _, _ in candidates)
    nearly = [item for item in candidates if item[0].share >= best_share - NEARLY_AS_GOOD]
    alignment, source, own = min(nearly, key=lambda item: (*_time_key(item[1]), -item[0].share))
    told = comes_before(source.published, article.published)
    doubt = "" if told else "; which came first cannot be told"
    if alignment.extent is Extent.WHOLLY:
        kind = DerivationKind.COPY if source.language == article.language else DerivationKind.TRANSLATION
        how = "reworded: " if kind is DerivationKind.COPY else ""
        evidence = f"{how}{len(alignment.pairs)} of {alignment.sentences} sentences follow {source.key} in its order{doubt}"
        return [_derivation(article, kind, source, evidence, alignment)]
    if source.owner == article.owner:
        # One house quoting itself is one origin anyway.
        return []
    return [
        _derivation(article, DerivationKind.PARTIAL, source, article.text[own.spans[row].start : own.spans[row].end], alignment)
        for row, _ in alignment.pairs
    ]


def _may_be_source(other: StoredArticle, article: StoredArticle, credits: Mapping[int, Sequence[Credit]]) -> bool:
    """Whether ``article`` may have been taken from ``other``: not published after it; where times cannot tell, credits may."""
    before = comes_before(other.published, article.published)
    if before is False:
        return False
    days = distance_days(other.published, article.published)
    if days is not None and abs(days) > WINDOW_DAYS:
        return False
    if before is None:
        # Of two texts whose order nobody knows one must be taken as the source: whoever is credited, else the first by key.
        if _names(article, other, credits) != _names(other, article, credits):
            return _names(article, other, credits)
        return other.key < article.key
    return True


def _names(article: StoredArticle, other: StoredArticle, credits: Mapping[int, Sequence[Credit]]) -> bool:
    return any(other.outlet_id in credit.outlets for credit in credits.get(article.article_id, ()) if credit.kind is CreditKind.MEDIUM)


def _derivation(article: StoredArticle, kind: DerivationKind, source: StoredArticle, evidence: str, alignment: Alignment) -> Derivation:
    return Derivation(
        article_id=article.article_id,
        kind=kind,
        source_article_id=source.article_id,
        credited=source.owner,
        evidence=evidence,
        share=round(alignment.share, 4),
    )


# --- credits --------------------------------------------------------------------------------------------------------------------


def _credited(article: StoredArticle, credits: Sequence[Credit], linked: Sequence[StoredArticle]) -> list[Derivation]:
    """One row a source that is credited, and one a related article that is linked to without being named."""
    found: dict[str, Derivation] = {}
    used: set[int] = set()
    for credit in credits:
        if credit.kind in NO_SOURCE or credit.key in found:
            continue
        source = next((other for other in linked if other.outlet_id in credit.outlets or other.owner == credit.key), None)
        if source is not None:
            used.add(source.article_id)
        found[credit.key] = Derivation(
            article_id=article.article_id,
            kind=DerivationKind.CREDITS,
            source_article_id=source.article_id if source is not None else None,
            credited=NOT_NAMED.get(credit.kind) or _public_name(credit),
            evidence=credit.evidence,
        )
    links = [
        Derivation(
            article_id=article.article_id,
            kind=DerivationKind.CREDITS,
            source_article_id=other.article_id,
            credited=other.owner,
            evidence=f"links to {other.url}",
        )
        for other in linked
        if other.article_id not in used and other.owner not in (article.owner, *found)
    ]
    return [*found.values(), *links]


def _public_name(credit: Credit) -> str:
    """Owner or bundled id; for a name that nobody knows the name as the text gives it."""
    return credit.label if ":" in credit.key else credit.key
