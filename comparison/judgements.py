"""A person's word beside the program's: whether it still holds for the text as it stands, and what it changes in a matrix. Pure.

A ruling is bound to words, not to a match: it is found again by its quotation and what stood around it, whatever a later comparison
finds. Where those words, or the claim's, are no longer there it is shown, flagged, and counts for nothing until someone rules again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from comparison.cells import Candidate
from comparison.facts import compare_facts
from comparison.findings import Judged, MachineSaid, Standing, capped, iso
from comparison.origins import Placed
from comparison.passages import Span
from storage.claim_records import Claim, FactVerdict, Judgement, Level, Match, Ruling
from storage.records import StoredArticle

CONTEXT = 80
"""Characters kept before and behind a judged quotation: enough to tell two equal sentences of one text apart."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The passages of one claim after a person's rulings."""

    kept: list[Candidate]
    misses: list[Candidate]
    judged: tuple[Judged, ...]


def surroundings(text: str, span: Span) -> tuple[str, str]:
    """What stands before and behind a quotation."""
    return text[max(0, span.start - CONTEXT) : span.start], text[span.end : span.end + CONTEXT]


def locate(judgement: Judgement, text: str) -> Span | None:
    """Where the judged words stand in ``text``; of several places the one whose surroundings are most alike. None: nowhere.

    Word for word: one changed figure makes another sentence, however alike the two look.
    """
    if not judgement.quote:
        return None
    places = []
    start = text.find(judgement.quote)
    while start >= 0:
        places.append(Span(start, start + len(judgement.quote)))
        start = text.find(judgement.quote, start + 1)
    if not places:
        return None
    return min(places, key=lambda span: (-_likeness(judgement, text, span), span))


def _likeness(judgement: Judgement, text: str, span: Span) -> int:
    """Characters that agree with the kept surroundings, counted from the quotation outwards."""
    before, after = surroundings(text, span)
    return _common(reversed(judgement.before), reversed(before)) + _common(judgement.after, after)


def _common(one: Iterable[str], other: Iterable[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def standing_of(judgement: Judgement, claim: Claim | None, article: StoredArticle) -> Standing:
    """Whether a ruling still holds for the claim and the text as they stand."""
    if claim is None or claim.text != judgement.claim_text:
        return Standing.CLAIM_CHANGED
    if article.text_sha256 == judgement.text_sha256:
        return Standing.HOLDS
    if locate(judgement, article.text) is None:
        return Standing.TEXT_CHANGED
    return Standing.HOLDS_IN_CHANGED_TEXT


def judged_record(judgement: Judgement, claim: Claim | None, article: StoredArticle) -> Judged:
    """A ruling as a dossier shows it. What a publisher withdrew is not quoted."""
    standing = standing_of(judgement, claim, article)
    machine = judgement.machine
    return Judged(
        claim=judgement.claim_id,
        article=judgement.article,
        outlet_name=article.outlet_name,
        language=article.language,
        title=article.title,
        url=article.url,
        ruling=judgement.ruling,
        same_as=judgement.same_as,
        note=judgement.note,
        by=judgement.judged_by,
        at=iso(judgement.judged_at) or "",
        standing=standing,
        counts=standing in (Standing.HOLDS, Standing.HOLDS_IN_CHANGED_TEXT),
        quote="" if article.gone_at is not None else capped(judgement.quote),
        machine=MachineSaid(
            level=machine.level,
            verdict=machine.verdict,
            origin=machine.origin,
            independence=machine.independence,
            near_miss=machine.near_miss,
        ),
    )


def apply_judgements(
    claim: Claim,
    kept: Sequence[Candidate],
    misses: Sequence[Candidate],
    judgements: Sequence[Judgement],
    articles: Mapping[str, StoredArticle],
    place: Callable[[StoredArticle, Span], Placed],
    resolve: Callable[[str, Sequence[Candidate]], Placed | None],
) -> Applied:
    """The claim's passages with its rulings put over them; those that do not hold any more change nothing and are listed.

    ``articles`` by public key; ``place`` gives a passage's origin; ``resolve`` the origin that "same-origin-as" names, None for one
    that nobody knows.
    """
    kept, misses = list(kept), list(misses)
    listed: list[Judged] = []
    for judgement in judgements:
        article = articles.get(judgement.article)
        if article is None or judgement.claim_id != claim.id:
            continue
        record = judged_record(judgement, claim, article)
        listed.append(record)
        own = [item for item in (*kept, *misses) if item.article.article_id == article.article_id]
        if not record.counts:
            kept = [replace(item, judged=record) if item in own else item for item in kept]
            continue
        span = locate(judgement, article.text)
        match judgement.ruling:
            case Ruling.REJECT:
                new: list[Candidate] = []
            case Ruling.CONFIRM:
                new = [_confirmed(item, record) for item in _at(own, span, claim, article, place)]
            case Ruling.UNCLEAR:
                new = [
                    replace(item, match=replace(item.match, level=Level.POSSIBLE), judged=record)
                    for item in _at(own, span, claim, article, place)
                ]
            case Ruling.SAME_ORIGIN_AS:
                placed = resolve(judgement.same_as, kept)
                new = [replace(item, placed=placed or item.placed, judged=record) for item in _at(own, span, claim, article, place)]
        kept = [item for item in kept if item not in own] + new
        misses = [item for item in misses if item not in own]
    return Applied(kept, misses, tuple(listed))


def _at(
    own: Sequence[Candidate],
    span: Span | None,
    claim: Claim,
    article: StoredArticle,
    place: Callable[[StoredArticle, Span], Placed],
) -> list[Candidate]:
    """The article's passage that a person judged: the one found there, else one made of the judged words."""
    if span is None:
        return list(own[:1])
    there = [item for item in own if item.match.start < span.end and span.start < item.match.end]
    exact = [item for item in there if (item.match.start, item.match.end) == (span.start, span.end)]
    if exact or there:
        return [(exact or there)[0]]
    verdict, facts = compare_facts(claim, article.text[span.start : span.end], article.language, article.published.at)
    found = Match(
        claim_id=claim.id,
        article_id=article.article_id,
        revision=article.revision,
        text_sha256=article.text_sha256,
        start=span.start,
        end=span.end,
        level=Level.POSSIBLE,
        score=0.0,
        verdict=verdict,
        facts=facts,
        door="person",
    )
    return [Candidate(found, article, place(article, span))]


def _confirmed(item: Candidate, record: Judged) -> Candidate:
    """A close passage whose key fact does not differ; the facts stay as the program read them, for everybody to see."""
    verdict = item.match.verdict if item.match.verdict is FactVerdict.NO_KEY_FACT else FactVerdict.AGREES
    return replace(item, match=replace(item.match, level=Level.STRONG, verdict=verdict), near_miss=None, judged=record)
