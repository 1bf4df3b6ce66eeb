"""Guesses for a crawl: how promising an announced page is, and how near what was read is to a report. For the order of fetching only.

Needs no encoder and no gazetteer, so that a crawl process stays small; both take less than a millisecond a call.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

from comparison.background import background_sentences
from comparison.folding import fold, known_language
from comparison.lexicon import Features, concept, concept_stems, features, function_words, likeness, merged, weight_of
from comparison.place_keys import place_key, same_name
from config.outlet import Outlet
from storage.claim_records import ClaimKind, ReferenceReport
from storage.records import Entry, Extraction, PublishedTime
from storage.spellings import base_forms, vowelled

SCALE = 1.5
"""From the likeness of a headline to a share of 1: on a report's subject headlines reach .3 to .6."""
NAMED = 0.25
"""Added when a place of the reported events is named."""
ALONE = 0.4
"""Share of the likeness that counts where it rests on one word."""
TIMELY, TIMELY_UNREAD = 0.1, 0.3
"""Added for a page of the report's very day, falling with the days between them; the second where neither headline nor address has
words, so that nothing else is known of the page."""
TIMELY_DAYS = 14.0
UNTIMELY = timedelta(days=120)
"""Distance from the report beyond which words count half: the subject may come back years later, but seldom does."""
EARLY = timedelta(days=60)
"""A page last changed so long before the report says nothing of what it reports."""
LEAD = 1_200
"""Characters of a text that tell its subject."""
OWN = 0.6
"""What is added for words of the report's own, or of articles known to be related to it, by their share of the entry's words."""
OWN_SHRINKAGE = 8
"""Words that are added to an entry's own for that share: of three words two are soon in common."""
COMMON = 2
"""Sentences of the bundled background that have a word of which nothing is to be told."""
OWN_STEM = 6
"""Letters by which such a word is known again whatever its ending, spelt in one row of Latin letters."""
KNOWN_SHARE = 0.25
"""Share of the known related articles of a language that have a word before it is taken for one of the subject's; two at least."""
_WORDS = re.compile(r"[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*")
_SLUG_WORDS = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class _Subject:
    bag: Features
    own: Mapping[str, frozenset[str]]
    """Language -> stems of the subject's words there."""
    places: Mapping[str, tuple[str, ...]]
    """Consonant key -> the names of places that have it, as the report writes them."""
    language: str
    at: datetime | None


Known = Mapping[str, Sequence[tuple[str, str]]]
"""Report key -> (language, headline and lead) of stored articles that are related to it: what its subject is called there."""


def lexical_relevance(reports: Sequence[ReferenceReport], known: Known | None = None) -> Callable[[Entry, Outlet], float]:
    """A guess, 0..1, at how promising an announced page is, from headline, description, address and time. The nearest report counts."""
    subjects = _subjects(reports, known or {})

    def judge(entry: Entry, outlet: Outlet) -> float:
        language, text, slug = _announced(entry, outlet)
        own, names = _read_text(text, language) if text else _read_slug(slug, language)
        is_read = bool(text) or len(slug) >= 2
        said = stems(text or " ".join(slug), language)

        def promise(subject: _Subject) -> float:
            words = _words(own, names, subject, language)
            return _promise(min(1.0, words + _echo(said, subject, language)), entry, subject, is_read=is_read)

        return round(max(map(promise, subjects), default=0.0), 4)

    return judge


def entry_stems(entry: Entry, outlet: Outlet) -> tuple[str, frozenset[str]]:
    """The language of an announced page, and the stems of what is said of it: headline and description, else the words of its address."""
    language, text, slug = _announced(entry, outlet)
    return language, stems(text or " ".join(slug), language)


def lexical_nearness(reports: Sequence[ReferenceReport]) -> Callable[[Extraction], float]:
    """A guess, 0..1, at how surely a page that was read is on a report's subject, from its headline and its first paragraphs."""
    subjects = _subjects(reports, {})

    def judge(extraction: Extraction) -> float:
        text = f"{extraction.title}. {extraction.description[:300]} {extraction.text[:LEAD]}"
        language = known_language(extraction.language)
        own, names = _read_text(text, language)
        return round(max((_words(own, names, subject, language) for subject in subjects), default=0.0), 4)

    return judge


def _announced(entry: Entry, outlet: Outlet) -> tuple[str, str, list[str]]:
    """Language, headline and description, and the words of the address where there are neither."""
    language = known_language(entry.language[:2].lower() or outlet.language)
    text = f"{entry.title}. {entry.description[:300]}" if entry.title or entry.description else ""
    return language, text, [] if text else slug_words(entry.url)


def _subjects(reports: Sequence[ReferenceReport], known: Known) -> list[_Subject]:
    return [
        _Subject(
            bag=merged(features(claim.text, report.language, lemmas=False) for claim in report.claims),
            own=_own_words(report, known.get(report.key, ())),
            places=_places(report),
            language=report.language,
            at=report.published.at,
        )
        for report in reports
    ]


def _own_words(report: ReferenceReport, known: Sequence[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    """Language -> stems of the subject's words there: the claims', and those that its related articles have in common."""
    found: dict[str, set[str]] = defaultdict(set)
    found[report.language] = {stem for claim in report.claims for stem in stems(claim.text, report.language)}
    texts: dict[str, list[frozenset[str]]] = defaultdict(list)
    for language, text in known:
        texts[known_language(language)].append(stems(text, known_language(language)))
    for language, several in texts.items():
        counts = Counter(stem for some in several for stem in some)
        found[language] |= {stem for stem, count in counts.items() if count >= max(2.0, KNOWN_SHARE * len(several))}
    return {language: frozenset(words - _common_stems(known_language(language))) for language, words in found.items()}


@cache
def _common_stems(language: str) -> frozenset[str]:
    counts = Counter(stem for sentence in background_sentences(language) for stem in stems(sentence, language))
    return frozenset(stem for stem, count in counts.items() if count >= COMMON)


def _echo(said: frozenset[str], subject: _Subject, language: str) -> float:
    """What the subject's own words among those of an entry add to its promise."""
    shared = len(said & subject.own.get(language, frozenset()))
    if not shared:
        return 0.0
    return OWN * (ALONE if shared == 1 else 1.0) * shared / math.sqrt(len(said) * (len(said) + OWN_SHRINKAGE))


def stems(text: str, language: str) -> frozenset[str]:
    """The words of a text by their first letters, in Latin spelling, without those that every text has.

    >>> sorted(stems("Der Kühlschrank und die Kühlschränke", "de")), sorted(stems("из холодильников", "ru"))
    (['kuglsr'], ['golodi'])
    """
    folded = (fold(word) for word in _WORDS.findall(text) if len(word) > 3)
    return frozenset(vowelled(word, language)[:OWN_STEM] for word in folded if word not in function_words())


def _places(report: ReferenceReport) -> dict[str, tuple[str, ...]]:
    """Places of the events, word by word. Those of the context, and names of two consonants, stand in all news."""
    found: dict[str, set[str]] = defaultdict(set)
    for claim in report.claims:
        if claim.kind is ClaimKind.EVENT:
            for word in (word for place in claim.places for word in _WORDS.findall(place.text) if word[0].isupper()):
                key = place_key(word, report.language)
                if len(key) >= 3:
                    found[key].add(word)
    return {key: tuple(sorted(words)) for key, words in found.items()}


def _promise(words: float, entry: Entry, subject: _Subject, *, is_read: bool) -> float:
    if subject.at is None:
        return words
    distance = _distance(entry.published, subject.at)
    is_old = distance is not None and abs(distance) > UNTIMELY
    if distance is None:
        # The last change may be years after a page was published, but not before.
        distance = _distance(entry.modified, subject.at)
        is_old = distance is not None and distance < -EARLY
    if distance is None:
        return words
    timely = (TIMELY if is_read else TIMELY_UNREAD) * math.exp(-abs(distance.total_seconds()) / 86400 / TIMELY_DAYS)
    return words * (0.5 if is_old else 1.0) + timely * (1 - words)


def _words(own: Features, names: Mapping[str, str], subject: _Subject, language: str) -> float:
    shared = sum(feature in subject.bag for feature in own)
    named = any(
        same_name(names[key], place, language, subject.language)
        for key in names.keys() & subject.places.keys()
        for place in subject.places[key]
    )
    # What two texts share by one word alone is mostly chance.
    trust = ALONE if shared == 1 and not named else 1.0
    return min(1.0, SCALE * trust * likeness(own, subject.bag) + (NAMED if named else 0.0))


def _distance(time: PublishedTime, at: datetime) -> timedelta | None:
    return None if time.at is None else time.at - at


def _read_text(text: str, language: str) -> tuple[Features, Mapping[str, str]]:
    """Features, and what may be names by their consonant keys."""
    names = {place_key(base, language): word for word in _WORDS.findall(text) if word[0].isupper() for base in base_forms(word)}
    return features(text, language, lemmas=False), names


def slug_words(url: str) -> list[str]:
    """The words in the last part of an address.

    >>> slug_words("http://a.example/war/podvaly-dlya-otkaznikov-123456.html")
    ['podvaly', 'dlya', 'otkaznikov']
    """
    path = unquote(urlsplit(url).path).rstrip("/")
    return _SLUG_WORDS.findall(re.sub(r"\.[a-z]{2,5}$", "", path.rpartition("/")[2]))


def _read_slug(words: Sequence[str], language: str) -> tuple[Features, Mapping[str, str]]:
    """The words of an address, where nothing else is announced; those of Cyrillic outlets are mostly spelt in Latin letters."""
    found: dict[str, float] = {}
    names: dict[str, str] = {}
    for word in words:
        named = concept(fold(word), language) or (spelt_concept(word.lower(), language) if word.isascii() else "")
        if named:
            found[f"c:{named}"] = weight_of(f"c:{named}")
        if len(word) >= 5:
            names |= {place_key(base, language): word for base in (word, word.rstrip("aeiouy"))}
    return found, names


@lru_cache(maxsize=50_000)
def spelt_concept(word: str, language: str) -> str:
    """The concept of a word of an address: its language's stems, all spelt in one row of Latin letters.

    >>> spelt_concept("mobilizovannyh", "ru"), spelt_concept("v-pidvalah".split("-")[1], "uk"), spelt_concept("muetter", "de")
    ('draft', 'cellar', 'mother')
    """
    if language == "de":
        # Addresses write ä, ö, ü with an e behind, or leave the dots away.
        return concept(word.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü"), language)
    spelt = vowelled(word)
    for length in range(len(spelt), 3, -1):
        if (found := _spelt_stems(language).get(spelt[:length])) is not None:
            return found
    return ""


@cache
def _spelt_stems(language: str) -> dict[str, str]:
    if language not in ("ru", "uk"):
        return {}
    return {spelt: name for name, stem in concept_stems(language) if len(spelt := vowelled(stem)) >= 4}
