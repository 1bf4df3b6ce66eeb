"""Any query finds the same articles on both databases: those that ``storage.query.accepts`` says, in one order by time."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from storage.database import Database, open_database
from storage.lemmas import LANGUAGES
from storage.query import accepts, parse_query
from storage.records import Precision
from storage.search import search, search_ids
from tests.conftest import NOW, NewDatabase
from tests.integration.storage.builders import Writer, make_extraction, make_outlet, published

WORDS = {
    "en": "people basement basements school shelled Svatove Kyiv river 250 the of soldiers",
    "de": "Menschen Keller Kellern Schule Swatowe Kiew Fluss 250 der von Soldaten Straße",
    "ru": "люди подвал подвалах школе Сватово Киеве реки 250 в солдаты ёлка Советов",
    "uk": "люди підвал підвалі школи Сватовому Києва річки 250 у солдатів п’ять ялинка",
}
ARTICLES = 40


@pytest.fixture(scope="module")
def databases(new_database: NewDatabase) -> Iterator[list[Database]]:
    """The same articles in both, with the same ids: few words, so that most of them share some."""
    with ExitStack() as stack:
        opened = []
        for kind in ("sqlite", "postgresql"):
            url = stack.enter_context(new_database(kind))
            database = stack.enter_context(closing(open_database(url)))
            draw = random.Random(5)
            outlets = [make_outlet(f"radio_{language}", language, domains=["radio.example"]) for language in WORDS]
            writer = Writer(database, outlets, NOW)
            for number in range(ARTICLES):
                language = list(WORDS)[number % len(WORDS)]
                words = WORDS[language].split()
                # Several share a time, so that the tie is seen to be broken.
                when = published(NOW - timedelta(hours=number // 3), precision=Precision.SECOND)
                title, body = (" ".join(draw.choices(words, k=length)) for length in (3, 12))
                extraction = make_extraction(title, body, language, published=when)
                writer.write(f"http://radio.example/{number}", extraction, NOW, outlet=f"radio_{language}")
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


def test_the_generated_queries_are_worth_asking(databases: list[Database]) -> None:
    """A property over queries that all find nothing, or all everything, would say nothing."""
    with databases[0].read() as session:
        for query in ("(Keller OR подвал) NOT Swatowe", '"школе Сватово" OR school', "Kiev -250"):
            assert 0 < len(search_ids(session, query)) < ARTICLES, query
