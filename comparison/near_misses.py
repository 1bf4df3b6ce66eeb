"""Why a passage that reads like a claim is of something else: another place, another time, another count. Pure.

A rival figure for the same cellar is a finding; the same practice in another village is none. Vectors cannot tell the two apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from simplemma import is_known

from comparison.chronology import distance_days
from comparison.credits import paragraph_of
from comparison.dates import find_dates
from comparison.gazetteer import AREA, COUNTRY, REGION, load_gazetteer
from comparison.lexicon import is_german_noun
from comparison.passages import sentences
from comparison.places import comes_from, find_places, is_only_origin, is_town, names_place
from comparison.relevance import SMALL_TOWN, names_town
from comparison.sounds import sound
from comparison.words import capitalised
from storage.claim_records import Claim, ClaimKind, FactPair, FactVerdict, Level, Match, Place, ReferenceReport
from storage.claim_records import NearMissReason as Reason
from storage.records import StoredArticle

FAR_DAYS = 180.0
"""Days between an article and the report beyond which it is taken to be of another time, unless it names the claim's own town."""
OTHER_YEAR_DAYS = 200.0
"""The same for a year that the passage itself names."""
LONG_NAME = 5
"""Letters from which a town's name is seldom something else."""
WELL_KNOWN = 50_000
"""Inhabitants from which a shorter one is believed."""
PLACED = 0.25
"""Share of a report's event claims that must name a town, or a name that no list has, for the report to be of these places."""
OPENING_PARAGRAPHS = 2
"""Where an article says what it is about."""


_POSSESSIVE = re.compile(r"['’]s$")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(slots=True)
class Subject:
    """What the report's events are tied to, and what was read out of articles already."""

    report: ReferenceReport
    towns: tuple[Place, ...]
    regions: tuple[Place, ...]
    places: frozenset[str]
    """Keys of all places that the report names."""
    names: tuple[str, ...]
    """Words of the event claims that only a name can be and that no list of places has: a village, a works, a river."""
    is_placed: bool
    """Whether so many of the event claims name a town, or such a name, that an article which has none of them is on other events. A report
    on a law or on prices may name a town in passing."""
    _named: dict[tuple[int, str], bool] = field(default_factory=dict)
    _shared: dict[int, bool] = field(default_factory=dict)
    _places_of: dict[int, tuple[Named, ...]] = field(default_factory=dict)

    def is_named_in(self, article: StoredArticle, towns: Iterable[Place]) -> bool:
        """Whether an article names any of these towns, in any script and case."""
        return any(self._is_named(article, town) for town in towns)

    def _is_named(self, article: StoredArticle, town: Place) -> bool:
        key = (article.article_id, town.key)
        if key not in self._named:
            whole = f"{article.title}\n{article.description}\n{article.text}"
            self._named[key] = names_town(whole, town, article.language, self.report.language)
        return self._named[key]

    def shares_a_name(self, article: StoredArticle) -> bool:
        """Whether an article bears one of the report's own unlisted names, in any script and case."""
        if article.article_id not in self._shared:
            written = set(capitalised(f"{article.title}\n{article.description}\n{article.text}"))
            self._shared[article.article_id] = any(
                names_place(word, name, article.language, self.report.language) for name in self.names for word in written
            )
        return self._shared[article.article_id]

    def is_elsewhere(self, article: StoredArticle) -> bool:
        """Whether an article names none of the towns and unlisted names of the report's events, of which those speak often enough."""
        return self.is_placed and not (self.is_named_in(article, self.towns) or self.shares_a_name(article))

    def places_of(self, article: StoredArticle) -> tuple[Named, ...]:
        """Every place that an article names as where something is, and not only as where somebody comes from."""
        if article.article_id not in self._places_of:
            found = []
            for part, is_text in ((article.title, False), (article.description, False), (article.text, True)):
                for place in find_places(part, article.language):
                    if not is_only_origin(part, place, article.language):
                        found.append(Named(place.key, place.text, paragraph_of(part, place.start) if is_text else 0))
            self._places_of[article.article_id] = tuple(found)
        return self._places_of[article.article_id]

    def settings_of(self, article: StoredArticle, match: Match) -> list[Named]:
        """The places that say where an article, or the paragraph of a passage, is set."""
        here = paragraph_of(article.text, match.start)
        return [named for named in self.places_of(article) if named.paragraph < OPENING_PARAGRAPHS or named.paragraph == here]

    def towns_of(self, claim: Claim) -> tuple[Place, ...]:
        """The towns that a claim is tied to: its own, else those of its context, else those of the whole report. Empty for a claim on a
        region, which any of the region's towns may bear out."""
        own = [place for place in claim.places if is_town(place.key)]
        own = own or [place for place in find_places(claim.context, self.report.language) if is_town(place.key)]
        if own:
            return tuple(own)
        return () if claim.places else self.towns

    def is_tied(self, claim: Claim) -> bool:
        """Whether a claim names a town itself, or in its context."""
        return any(is_town(place.key) for place in (*claim.places, *find_places(claim.context, self.report.language)))


@dataclass(frozen=True, slots=True)
class Named:
    """A place in an article."""

    key: str
    text: str
    paragraph: int
    """0 for headline and description too."""


def subject_of(report: ReferenceReport) -> Subject:
    """The towns and regions of the report's event claims."""
    places = {place.key: place for claim in report.claims if claim.kind is ClaimKind.EVENT for place in claim.places}
    towns = tuple(place for place in places.values() if is_town(place.key))
    gazetteer = load_gazetteer()
    regions = tuple(place for place in places.values() if gazetteer.level(place.key) == REGION)
    named = {place.key for claim in report.claims for place in (*claim.places, *find_places(claim.context, report.language))}
    names = _unlisted_names(report)
    return Subject(
        report=report, towns=towns, regions=regions, places=frozenset(named), names=names, is_placed=_is_placed(report, towns, names)
    )


def _is_placed(report: ReferenceReport, towns: tuple[Place, ...], names: tuple[str, ...]) -> bool:
    # German writes every noun with a capital: a compound that no dictionary has looks like a name, and is none in another language.
    if not towns and (not names or report.language == "de"):
        return False
    words = [town.text for town in towns] + list(names)
    events = [f"{claim.context} {claim.text}" for claim in report.claims if claim.kind is ClaimKind.EVENT]
    return sum(any(word in text for word in words) for text in events) >= PLACED * len(events)


def _unlisted_names(report: ReferenceReport) -> tuple[str, ...]:
    """Words written with a capital inside a sentence of an event claim that no dictionary and no list of places has."""
    found: dict[str, None] = {}
    for claim in report.claims:
        if claim.kind is not ClaimKind.EVENT:
            continue
        for text in (claim.text, claim.context):
            listed = {word for place in (*claim.places, *find_places(text, report.language)) for word in place.text.split()}
            for sentence in sentences(text, report.language):
                rest = text[sentence.start : sentence.end].partition(" ")[2]
                for written in capitalised(rest):
                    word = _POSSESSIVE.sub("", written)
                    if len(word) >= LONG_NAME and word not in listed and not is_known(word, lang=report.language):
                        found[word] = None
    return tuple(found)


def judge(match: Match, claim: Claim, article: StoredArticle, subject: Subject) -> Reason | None:
    """The reason why this passage is, or may be, a near miss; None for a passage of the claim's own subject.

    Context and background are carried by anybody, anywhere: there a fact that differs speaks only against a merely possible passage.
    """
    differing = {pair.field: pair for pair in reversed(match.facts) if pair.verdict is FactVerdict.DIFFERS}
    place, date, count = differing.get("place"), differing.get("date"), differing.get("number") or differing.get("duration")
    if claim.kind is not ClaimKind.EVENT:
        field_ = next((name for name in ("place", "date", "number", "duration") if name in differing), None)
        if field_ is None or match.level is Level.STRONG:
            return None
        return Reason("count" if field_ in ("number", "duration") else field_, _beside(differing[field_]), excludes=True)
    if place is not None:
        passage = article.text[match.start : match.end]
        excludes = place_differs(match, claim, passage, article.language, subject.report.language)
        return Reason("place", _beside(place), excludes=excludes)
    # A village of the same name lies in many regions: the region is asked even where the towns agree.
    if (other := _other_region(article, match, subject)) is not None:
        return Reason("place", other, excludes=True)
    if not _agrees_on_town(match, claim):
        if (other := _other_country(article, match, subject) or _other_town(article, match, claim, subject)) is not None:
            return Reason("place", other, excludes=True)
        if (other := _other_time(article, match, subject)) is not None:
            return Reason("date", other, excludes=True)
    if date is not None:
        return Reason("date", _beside(date), excludes=match.level is not Level.STRONG or date.passage_value[:4] != date.claim_value[:4])
    if count is not None and match.level is Level.POSSIBLE:
        return Reason("count", f"gives {count.passage_value} where the report gives {count.claim_value}", excludes=False)
    return None


def place_differs(match: Match, claim: Claim, passage: str, language: str, claim_language: str) -> bool:
    """Whether a passage surely names another place than the claim: both names must surely be places."""
    pair = next((pair for pair in match.facts if pair.field == "place" and pair.verdict is FactVerdict.DIFFERS), None)
    if pair is None:
        return False
    others = [place for place in find_places(passage, language) if place.text and place.text in pair.passage_value]
    # "The warning from Poland": where something came from is not where it happened.
    happened = [place for place in claim.places if not comes_from(claim.text, place, claim_language)]
    own = [place for place in (*happened, *find_places(claim.context, claim_language)) if place.text and place.text in pair.claim_value]
    return any(is_sure(place, language) for place in others) and any(is_sure(place, claim_language) for place in own)


def is_sure(place: Place | Named, language: str) -> bool:
    """Whether a name is a place beyond doubt. Months, German nouns and short words in some case are also villages somewhere."""
    gazetteer = load_gazetteer()
    if gazetteer.level(place.key) == COUNTRY:
        return True
    if find_dates(place.text, language, None) or (language == "de" and is_town(place.key) and is_german_noun(place.text)):
        return False
    known = gazetteer.towns.get(place.key)
    return len(place.text) >= LONG_NAME or (known is not None and known.population >= WELL_KNOWN)


def _beside(pair: FactPair) -> str:
    return f"names {pair.passage_value or 'another'}, the report {pair.claim_value}"


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
    gazetteer = load_gazetteer()
    wanted = {place.key for place in subject.regions}
    named = [item for item in subject.places_of(article) if gazetteer.level(item.key) == REGION]
    if not wanted or any(item.key in wanted for item in named):
        return None
    countries = {key.partition(".")[0] for key in wanted}
    about = [item for item in subject.settings_of(article, match) if item in named and item.key.partition(".")[0] in countries]
    return f"the article is set in {about[0].text}, the report in {subject.regions[0].text}" if about else None


def _other_town(article: StoredArticle, match: Match, claim: Claim, subject: Subject) -> str | None:
    """The article does not name the claim's towns, and is set in another small one."""
    tied = [town for town in subject.towns_of(claim) if is_sure(town, subject.report.language)]
    if not tied or subject.is_named_in(article, tied):
        return None
    keys = {town.key for town in tied}
    if not subject.is_tied(claim):
        # Lent by the report's other claims: then whatever else the report names will do as well.
        if subject.shares_a_name(article):
            return None
        keys |= subject.places
    for item in subject.settings_of(article, match):
        if is_town(item.key) and item.key not in keys and is_sure(item, article.language) and _is_setting(item, subject):
            return f"the article is set in {item.text} and does not name {tied[0].text}"
    return None


def _is_setting(item: Named, subject: Subject) -> bool:
    """Capitals and big cities stand for governments and newsrooms, and say nothing of where an event was; but a town of the report's own
    region does, unless the region is called after it."""
    gazetteer = load_gazetteer()
    known = gazetteer.towns.get(item.key)
    if known is None or known.population < SMALL_TOWN:
        return True
    inside = [region for region in subject.regions if region.key in gazetteer.ancestors(item.key)]
    return bool(inside) and all(sound(item.text)[:5] != sound(region.text)[:5] for region in inside)


def _other_country(article: StoredArticle, match: Match, subject: Subject) -> str | None:
    """The article names places, none of which lies in a country of the report's events."""
    gazetteer = load_gazetteer()
    wanted = _countries(place.key for claim in subject.report.claims if claim.kind is ClaimKind.EVENT for place in claim.places)
    if not wanted:
        return None
    named = [item for item in subject.places_of(article) if is_sure(item, article.language)]
    if len({item.key for item in named}) < 2 or any(not (home := _countries([item.key])) or home & wanted for item in named):
        return None
    about = next((item for item in subject.settings_of(article, match) if item in named and gazetteer.level(item.key) != AREA), None)
    return f"the article is set in {about.text}, and names no place of the report's countries" if about is not None else None


def _countries(keys: Iterable[str]) -> set[str]:
    """The countries that these places are, or lie in; a place that no list has gives none."""
    gazetteer = load_gazetteer()
    return {name for key in keys for name in (key, *gazetteer.ancestors(key)) if gazetteer.level(name) == COUNTRY}


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
    years = {int(year) for year in _YEAR.findall(f"{article.title} {article.description}")}
    if years and all(abs(year - report.at.year) * 365 > OTHER_YEAR_DAYS for year in years):
        return f"the article is about {min(years)}, the report about {report.at.year}"
    for mention in find_dates(passage, article.language, article.said_at(match.start)):
        if mention.value[:4].isdigit() and abs(int(mention.value[:4]) - report.at.year) * 365 > OTHER_YEAR_DAYS:
            return f"is of {mention.text}, the report of {report.at.year}"
    return None
