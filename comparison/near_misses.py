"""Why a passage that reads like a claim is of something else: another place, another time, another count. Pure.

A rival figure for the same cellar is a finding; the same practice in another village is none. Vectors cannot tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from comparison.chronology import distance_days
from comparison.credits import paragraph_of
from comparison.dates import find_dates
from comparison.gazetteer import REGION, load_gazetteer
from comparison.places import find_places, is_only_origin, is_town
from comparison.relevance import names_town
from storage.records import Claim, ClaimKind, FactPair, FactVerdict, Level, Match, Place, ReferenceReport, StoredArticle

FAR_DAYS = 180.0
"""Days between an article and the report beyond which it is taken to be of another time, unless it names the claim's own town."""
OTHER_YEAR_DAYS = 200.0
"""The same for a year that the passage itself names."""
OPENING_PARAGRAPHS = 2
"""Where an article says what it is about."""


@dataclass(frozen=True, slots=True)
class Reason:
    field: str
    """"place", "date", "count"."""
    text: str
    excludes: bool
    """True: the passage is of something else and stands in no cell. False: it may be."""


@dataclass(slots=True)
class Subject:
    """What the report's events are tied to, and what was read out of articles already."""

    report: ReferenceReport
    towns: tuple[Place, ...]
    regions: tuple[Place, ...]
    _names_town: dict[int, bool] = field(default_factory=dict)
    _regions_of: dict[int, tuple[tuple[str, str, int], ...]] = field(default_factory=dict)

    def is_named_in(self, article: StoredArticle) -> bool:
        """Whether an article names any of the report's towns."""
        if article.article_id not in self._names_town:
            whole = f"{article.title}\n{article.description}\n{article.text}"
            self._names_town[article.article_id] = any(
                names_town(whole, town, article.language, self.report.language) for town in self.towns
            )
        return self._names_town[article.article_id]

    def regions_of(self, article: StoredArticle) -> tuple[tuple[str, str, int], ...]:
        """(key, text, paragraph) of every region that an article names as where something is; headline and description are paragraph 0."""
        if article.article_id not in self._regions_of:
            gazetteer = load_gazetteer()
            found = []
            for part, is_text in ((article.title, False), (article.description, False), (article.text, True)):
                for place in find_places(part, article.language):
                    if gazetteer.level(place.key) == REGION and not is_only_origin(part, place, article.language):
                        found.append((place.key, place.text, paragraph_of(part, place.start) if is_text else 0))
            self._regions_of[article.article_id] = tuple(found)
        return self._regions_of[article.article_id]


def subject_of(report: ReferenceReport) -> Subject:
    """The towns and regions of the report's event claims."""
    places = {place.key: place for claim in report.claims if claim.kind is ClaimKind.EVENT for place in claim.places}
    towns = tuple(place for place in places.values() if is_town(place.key))
    gazetteer = load_gazetteer()
    regions = tuple(place for place in places.values() if gazetteer.level(place.key) == REGION)
    return Subject(report=report, towns=towns, regions=regions)


def judge(match: Match, claim: Claim, article: StoredArticle, subject: Subject) -> Reason | None:
    """The reason why this passage is, or may be, a near miss; None for a passage of the claim's own subject.

    Context and background are carried by anybody, anywhere: they have no near misses.
    """
    if claim.kind is not ClaimKind.EVENT:
        return None
    place = next((pair for pair in match.facts if pair.field == "place" and pair.verdict is FactVerdict.DIFFERS), None)
    if place is not None:
        return Reason("place", f"names {place.passage_value or 'another place'}, the report {place.claim_value}", excludes=True)
    same_town = _agrees_on_town(match, claim)
    if not same_town and (other := _other_region(article, match, subject)) is not None:
        return Reason("place", other, excludes=True)
    if not same_town and (other := _other_time(article, match, subject)) is not None:
        return Reason("date", other, excludes=True)
    date = next((pair for pair in match.facts if pair.field == "date" and pair.verdict is FactVerdict.DIFFERS), None)
    if date is not None:
        text = f"names {date.passage_value}, the report {date.claim_value}"
        return Reason("date", text, excludes=match.level is not Level.STRONG or date.passage_value[:4] != date.claim_value[:4])
    count = next((pair for pair in match.facts if pair.field == "number" and pair.verdict is FactVerdict.DIFFERS), None)
    if count is None:
        return None
    text = f"gives {count.passage_value} where the report gives {count.claim_value}"
    if subject.towns and not subject.is_named_in(article):
        elsewhere = _first_town(article.text, article.language)
        return Reason("count", f"{text}, and the article names none of the report's places{elsewhere}", excludes=True)
    return Reason("count", text, excludes=False) if match.level is Level.POSSIBLE else None


def _agrees_on_town(match: Match, claim: Claim) -> bool:
    """Whether passage and claim name the same town; a region alone is too wide to say that two events are one."""
    towns = {place.text for place in claim.places if is_town(place.key)}
    return any(
        pair.field == "place" and pair.verdict is FactVerdict.AGREES and (not towns or pair.claim_value in towns) and _is_towns(pair, claim)
        for pair in match.facts
    )


def _is_towns(pair: FactPair, claim: Claim) -> bool:
    return any(place.text == pair.claim_value and is_town(place.key) for place in claim.places)


def _other_region(article: StoredArticle, match: Match, subject: Subject) -> str | None:
    """The article is set in another region of the same country, and does not name the report's."""
    if not subject.regions:
        return None
    named = subject.regions_of(article)
    wanted = {place.key for place in subject.regions}
    if not named or any(key in wanted for key, _, _ in named):
        return None
    countries = {key.partition(".")[0] for key in wanted}
    about = [
        text
        for key, text, paragraph in named
        if key.partition(".")[0] in countries and (paragraph < OPENING_PARAGRAPHS or paragraph == paragraph_of(article.text, match.start))
    ]
    if not about:
        return None
    return f"the article is set in {about[0]}, the report in {subject.regions[0].text}"


def _other_time(article: StoredArticle, match: Match, subject: Subject) -> str | None:
    """Published, or set by the passage itself, far from the report's time."""
    report = subject.report.published
    if report.at is None:
        return None
    days = distance_days(report, article.published)
    if days is not None and abs(days) > FAR_DAYS and article.published.at is not None:
        when = "before" if days < 0 else "after"
        return f"published on {article.published.at:%Y-%m-%d}, {round(abs(days) / 30)} months {when} the report"
    passage = article.text[match.start : match.end]
    for mention in find_dates(passage, article.language, article.published.at):
        if mention.value[:4].isdigit() and abs(int(mention.value[:4]) - report.at.year) * 365 > OTHER_YEAR_DAYS:
            return f"is of {mention.text}, the report of {report.at.year}"
    return None


def _first_town(text: str, language: str) -> str:
    towns = [place.text for place in find_places(text, language) if is_town(place.key) and not is_only_origin(text, place, language)]
    return f" (it names {towns[0]})" if towns else ""
