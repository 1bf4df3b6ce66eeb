"""Any query finds the same articles on both databases: those that ``storage.query.accepts`` says, in one order by time."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from storage.database import Database, open_database
from storage.lemmas import LANGUAGES
from storage.models import ArticleRow
from storage.query import accepts, parse_query
from storage.records import ArticleKind, Precision
from storage.search import search, search_ids
from tests.conftest import NOW, NewDatabase
from tests.integration.storage.builders import Writer, make_extraction, make_outlet, published

WORDS = {
    "en": "people basement basements school shelled Svatove Kyiv river 250 the of soldiers",
    "de": "Menschen Keller Kellern Schule Swatowe Kiew Fluss 250 der von Soldaten Straße",
    "ru": "люди подвал подвалах школе Сватово Киеве реки 250 в солдаты ёлка Советов",
    "uk": "люди підвал підвалі школи Сватовому Києва річки 250 у солдатів п’ять ялинка",
}
ARTICLES = 60


@pytest.fixture(scope="module")
def databases(new_database: NewDatabase) -> Iterator[list[Database]]:
    """The same articles in both, with the same ids: few words, so that most of them share some."""
    with ExitStack() as stack:
        opened = []
        for kind in ("sqlite", "postgresql"):
            url = stack.enter_context(new_database(kind))
            database = stack.enter_context(closing(open_database(url)))
            draw = random.Random(5)
            names = [(name, language) for name in ("radio", "paper") for language in WORDS]
            outlets = [make_outlet(f"{name}_{language}", language, domains=[f"{name}.example"]) for name, language in names]
            writer = Writer(database, outlets, NOW)
            for number in range(ARTICLES):
                language = list(WORDS)[number % len(WORDS)]
                words = WORDS[language].split()
                # Several share a time, so that the tie is seen to be broken; some are old, some of no known time.
                ago = timedelta(hours=number // 3) if number % 5 else timedelta(days=draw.randrange(9000))
                when = published(NOW - ago if number % 7 else None, precision=Precision.SECOND)
                title, body = (" ".join(draw.choices(words, k=length)) for length in (3, 12))
                what = draw.choice([ArticleKind.ARTICLE, *ArticleKind])
                extraction = make_extraction(title, body, language, published=when, kind=what)
                # An outlet of one language has articles in another now and then.
                name = draw.choice(["radio", "paper"])
                outlet = f"{name}_{language if number % 6 else 'en'}"
                writer.write(f"http://{name}.example/{number}", extraction, NOW - timedelta(hours=number), outlet=outlet)
            opened.append(database)
        yield opened


@pytest.fixture(scope="module")
def indexed(databases: list[Database]) -> dict[int, tuple[list[str], list[str]]]:
    """Article id -> its words in the index."""
    found = []
    for database in databases:
        with database.read() as session:
            rows = session.execute(text("SELECT article_id, title, body FROM search_lemmas ORDER BY article_id")).all()
            found.append({row.article_id: (row.title.split(), row.body.split()) for row in rows})
    assert found[0] == found[1]
    return found[0]


vocabulary = st.sampled_from(
    [word for words in WORDS.values() for word in words.split()] + ["Swatowe", "Kiev", "elephant", "подв*", "sch*"]
)
phrases = st.lists(vocabulary, min_size=2, max_size=3).map(lambda words: '"' + " ".join(words) + '"')
queries = st.recursive(
    vocabulary | phrases,
    lambda inner: (
        st.tuples(inner, st.sampled_from([" ", " OR ", " AND ", " NOT ", " -", " OR NOT ", " AND NOT "]), inner).map("".join)
        | inner.map(lambda query: f"({query})")
        | inner.map(lambda query: f"NOT ({query})")
        | inner.map(lambda query: f"-{query}")
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries | st.text(alphabet="ab()\"- *ORANDTсхв'", max_size=40))
def test_any_query_finds_the_same_articles_on_both_databases(
    databases: list[Database], indexed: dict[int, tuple[list[str], list[str]]], query: str
) -> None:
    root = parse_query(query, LANGUAGES).root
    expected = [article_id for article_id, texts in indexed.items() if accepts(root, texts)]
    orders = []
    for database in databases:
        with database.read() as session:
            assert search_ids(session, query) == expected, database.dialect
            orders.append([hit.article for hit in search(session, query, sort="newest", limit=ARTICLES).hits])
            assert len(orders[-1]) == len(expected)
            assert {hit.article for hit in search(session, query, limit=ARTICLES).hits} == set(orders[-1])
    assert orders[0] == orders[1]


@dataclass(frozen=True)
class Known:
    """What a filter asks of an article, as its row has it."""

    outlet: str
    language: str
    kind: str
    at: datetime

    def passes(self, outlets: list[str], languages: list[str], kinds: list[str], since: datetime | None, until: datetime | None) -> bool:
        named = (outlets, self.outlet), (languages, self.language), (kinds, self.kind)
        return (
            all(not names or name in names for names, name in named)
            and (since is None or since <= self.at)
            and (until is None or self.at <= until)
        )


@pytest.fixture(scope="module")
def known(databases: list[Database]) -> dict[str, Known]:
    """By public key."""
    with databases[0].read() as session:
        rows = session.scalars(select(ArticleRow)).all()
        return {row.key: Known(row.outlet_id, row.language, row.kind, row.published_at or row.first_seen_at) for row in rows}


def subsets(names: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=3, unique=True)


ends = (
    st.none()
    | st.integers(-9000 * 24, 24).map(lambda hours: NOW + timedelta(hours=hours))
    | st.integers(-48, 1).map(
        # The ends of days, which the index answers without a look at the rows.
        lambda days: NOW.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days) - (days % 2) * timedelta.resolution
    )
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.sampled_from(["people OR Menschen OR люди OR люд*", "school", "Keller OR солдаты NOT Киев", '"the river" OR Kiew']),
    outlets=subsets(["radio_en", "radio_de", "paper_uk", "paper_en", "paper", "other:x"]),
    languages=subsets([*WORDS, "EN", "fr"]),
    kinds=subsets(list(ArticleKind)),
    since=ends,
    until=ends,
)
def test_filters_keep_what_the_rows_say_on_both_databases(
    databases: list[Database], known: dict[str, Known], query: str, outlets: list[str], languages: list[str], kinds: list[str],
    since: datetime | None, until: datetime | None,
) -> None:  # fmt: skip
    orders = []
    for database in databases:
        with database.read() as session:
            # The words' languages are those asked for: only the filters on the articles are looked at here.
            root = parse_query(query, tuple(languages) or LANGUAGES).root
            words = session.execute(text("SELECT a.key, s.title, s.body FROM search_lemmas s JOIN articles a ON a.id = s.article_id")).all()
            asked = {"outlets": outlets, "languages": languages, "kinds": kinds, "since": since, "until": until}
            expected = {key for key, title, body in words if accepts(root, (title.split(), body.split())) and known[key].passes(**asked)}
            assert {hit.article for hit in search(session, query, limit=ARTICLES, **asked)} == expected, database.dialect
            orders.append([hit.article for hit in search(session, query, sort="newest", limit=ARTICLES, **asked)])
            assert set(orders[-1]) == expected
    assert orders[0] == orders[1]


def test_the_generated_queries_are_worth_asking(databases: list[Database]) -> None:
    """A property over queries that all find nothing, or all everything, would say nothing."""
    with databases[0].read() as session:
        for query in ("(Keller OR подвал) NOT Swatowe", '"школе Сватово" OR school', "Kiev -250"):
            assert 0 < len(search_ids(session, query)) < ARTICLES, query
