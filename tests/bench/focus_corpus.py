"""A newsroom of thousands of documents, a few of which are on a report's subject. Deterministic.

The related ones are the articles of an evaluation set that carry a claim or copy one that does (62 pieces in four languages, written
before the crawl's order was, by somebody who had not read the matcher), each at several outlets. The crowd is news of our own
(``focus_crowd.toml``) and, as the hardest part of it, the set's articles on the same topic but another event, and unrelated ones.

An outlet announces its pages in one of four ways, by far the most important thing for a crawl: headline and description (a feed), headline
only, words in the address and a date of last change (a sitemap), or a number in the address and that date. Half of the outlets have
sections in their addresses, the others a feed for each of three topics, or one for everything.
"""

from __future__ import annotations

import random
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from anyascii import anyascii

from comparison.reference import read_report
from config.outlet import Outlet
from storage.claim_records import ReferenceReport
from storage.records import Entry, Extraction, PageClass, Precision, PublishedTime
from tests.eval.sets import Group, bench_sets, read_set
from tests.eval.store import stored_text
from tests.integration.storage.builders import make_outlet

LANGUAGES = ("en", "de", "ru", "uk")
OUTLETS_EACH = 12
WAYS = ("described",) * 5 + ("titled",) * 3 + ("slug",) * 2 + ("number",) * 2
REPORTED_AT = datetime(2022, 11, 20, 12, tzinfo=UTC)
DAYS = 120
SECTIONS = ("war", "world", "politics", "economy", "sport", "culture", "society")
RELATED_IN = (0.45, 0.2, 0.2, 0.0, 0.0, 0.05, 0.1)
"""Where related pieces stand; those on a mine or a river are no less often in "politics" or "world" than elsewhere."""
CROWD_IN = (0.18, 0.17, 0.17, 0.13, 0.15, 0.1, 0.1)
HARD = 0.02
"""Share of the crowd that is on the same topic but another event."""
TIMELY = 0.75
"""Share of the related pieces that appear within days of the report; the others at any time."""
LINKING = 0.35
"""Share of the related pieces that link to others of them. All link to pieces of the crowd, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    number: int
    outlet: str
    language: str
    section: str
    feed: str
    entry: Entry
    extraction: Extraction
    related: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    reports: tuple[ReferenceReport, ...]
    outlets: tuple[Outlet, ...]
    ways: dict[str, str]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class _Piece:
    language: str
    title: str
    text: str


def make_newsroom(count: int, related: int, seed: int = 1, sets: Sequence[str] = ("luhansk_cellars",)) -> Newsroom:
    """``related`` of ``count`` documents are on the subject of the reports of these evaluation sets; all bench sets are in the crowd."""
    draw = random.Random(seed)
    near, hard, far = _pieces(sets)
    draw.shuffle(near)
    crowd = tomllib.loads(Path(__file__).with_name("focus_crowd.toml").read_text("utf-8"))
    outlets, ways = _outlets()
    by_language = {language: [outlet for outlet in outlets if outlet.language == language] for language in LANGUAGES}
    chosen: list[tuple[_Piece, bool]] = []
    for number in range(related):
        chosen.append((near[number % len(near)], True))
    while len(chosen) < count:
        share = draw.random()
        chosen.append((draw.choice(hard if share < HARD else far), False) if share < 2 * HARD else (_invent(draw, crowd), False))
    draw.shuffle(chosen)
    made = []
    for number, (piece, is_related) in enumerate(chosen):
        outlet = draw.choice(by_language[piece.language])
        section = draw.choices(SECTIONS, RELATED_IN if is_related else CROWD_IN)[0]
        made.append((number, piece, is_related, outlet, section, _time(draw, is_related)))
    urls = [_url(number, piece, outlet, section, ways[outlet.id]) for number, piece, _, outlet, section, _ in made]
    on_subject = [url for url, row in zip(urls, made, strict=True) if row[2]]
    documents = []
    for url, (number, piece, is_related, outlet, section, at) in zip(urls, made, strict=True):
        links = draw.sample(urls, 3)
        if is_related and draw.random() < LINKING:
            links += draw.sample(on_subject, draw.randint(1, 2))
        documents.append(_document(number, piece, is_related, outlet, section, at, url, ways[outlet.id], tuple(links)))
    return Newsroom(reports=_reports(sets), outlets=tuple(outlets), ways=ways, documents=tuple(documents))


def _reports(sets: Sequence[str]) -> tuple[ReferenceReport, ...]:
    published = PublishedTime(at=REPORTED_AT, precision=Precision.DAY, source="given")
    return tuple(replace(read_report(folder / "report.toml"), published=published) for folder in bench_sets(*sets) if folder.name in sets)


def _pieces(sets: Sequence[str]) -> tuple[list[_Piece], list[_Piece], list[_Piece]]:
    groups: dict[Group, list[_Piece]] = defaultdict(list)
    for folder in bench_sets(*sets):
        for article in read_set(folder).articles:
            # What is on the subject of a report that is not followed is news like any other.
            group = article.group if folder.name in sets else Group.UNRELATED
            groups[group].append(_Piece(article.language, article.title, stored_text(article)))
    return groups[Group.CARRYING] + groups[Group.COPY], groups[Group.SAME_TOPIC], groups[Group.UNRELATED]


def _outlets() -> tuple[list[Outlet], dict[str, str]]:
    outlets, ways = [], {}
    for language in LANGUAGES:
        for number, way in enumerate(WAYS):
            name = f"{language}{number:02}"
            feeds = [f"http://{name}.example/{feed}" for feed in ("feed.xml", "rss/war.xml", "rss/world.xml", "rss/rest.xml")]
            points = [{"url": url, "status": "verified"} for url in feeds]
            outlets.append(make_outlet(name, language, endpoints=points, article_pattern=r"\d{6}", politeness={"delay_s": 0}))
            ways[name] = way
    return outlets, ways


def _invent(draw: random.Random, crowd: dict[str, dict[str, list[str]]]) -> _Piece:
    language = draw.choice(LANGUAGES)
    section = draw.choices(SECTIONS, CROWD_IN)[0]

    def line() -> str:
        form = draw.choice(crowd[language][section])
        place, surname = draw.choice(crowd["places"][language]), draw.choice(crowd["surnames"][language])  # type: ignore[call-overload]
        return form.format(p=place, s=surname, n=draw.randint(3, 900))

    title = line()
    return _Piece(language, title, "\n".join(f"{line()}." for _ in range(5)))


def _time(draw: random.Random, is_related: bool) -> datetime:
    if is_related and draw.random() < TIMELY:
        return REPORTED_AT + timedelta(hours=draw.gauss(48, 120))
    return REPORTED_AT + timedelta(hours=draw.uniform(-12 * DAYS, 12 * DAYS))


def _feed(outlet: Outlet, section: str) -> str:
    """Every third outlet has one feed for everything, every third one for topics, the others both sections and one feed."""
    topics = int(outlet.id[2:]) % 3 == 1
    name = "feed.xml" if not topics else f"rss/{section}.xml" if section in ("war", "world") else "rss/rest.xml"
    return f"http://{outlet.id}.example/{name}"


def _url(number: int, piece: _Piece, outlet: Outlet, section: str, way: str) -> str:
    folder = f"{section}/" if int(outlet.id[2:]) % 3 == 2 else ""
    words = "-".join(word for word in anyascii(piece.title).lower().replace("-", " ").split() if word.isalnum())[:80]
    slug = f"{words}-" if way in ("slug", "described") else ""
    return f"http://{outlet.id}.example/{folder}{slug}{100_000 + number}.html"


def _document(
    number: int, piece: _Piece, is_related: bool, outlet: Outlet, section: str, at: datetime, url: str, way: str, links: Sequence[str]
) -> Document:
    time = PublishedTime(at=at, precision=Precision.SECOND, source="feed")
    described = piece.text.split("\n")[0][:250] if way == "described" else ""
    title = piece.title if way in ("described", "titled") else ""
    announced = {"published": time} if title else {"modified": time}
    extraction = Extraction(
        extractor="bench", extractor_version="1", rules_version="1", page_class=PageClass.ARTICLE, title=piece.title,
        text=f"{piece.text}\n{number}", language=piece.language, published=time, links=tuple(links),
    )  # fmt: skip
    return Document(
        number=number, outlet=outlet.id, language=piece.language, section=section, feed=_feed(outlet, section), related=is_related,
        entry=Entry(url=url, title=title, description=described, **announced), extraction=extraction,
    )  # fmt: skip
