"""One inflected form finds the others, in four languages, and both databases find the same articles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from storage.claim_records import ReferenceReport
from storage.database import Database, open_database, savepoint
from storage.extractions import sanitise_extraction
from storage.models import ArticleRow
from storage.near_duplicates import fingerprint
from storage.nearness import Relevance, save_relevance
from storage.records import ArticleKind, Precision
from storage.reextraction import replace_reading, stale_readings
from storage.reports import save_report
from storage.search import Sort, search
from storage.search_index import index_article, unindex_article
from storage.verification import verify_database
from storage.wordings import related_openings
from tests.conftest import NOW, NewDatabase
from tests.integration.storage.builders import Writer, make_extraction, make_outlet, published

SORTS: tuple[Sort, ...] = ("relevance", "newest", "oldest")
TEXTS = {
    "en": ("Children in the basements", "Some 250 people are hiding in the basements of two schools. The mayor's office wasn't reached."),
    "de": ("Zuflucht in den Kellern", "In den Häusern der Wagner-Straße harren Menschen ohne Strom aus. Die Behörden schickten Lastwagen."),
    "ru": ("Люди в подвалах школы", "Жители укрылись в подвалах двух школ. Ёлки у сельсовета сгорели, солдаты ушли на рассвете."),
    "uk": ("Люди у підвалах школи", "П’ятьох мешканців вивезли з підвалів. Солдати обстріляли лікарню, електрики немає."),
}


def fill(database: Database) -> Writer:
    writer = Writer(database, [make_outlet(f"radio_{language}", language, domains=["radio.example"]) for language in TEXTS], NOW)
    for hours, (language, (title, body)) in enumerate(TEXTS.items()):
        when = published(NOW - timedelta(hours=hours), precision=Precision.SECOND)
        url = f"http://radio.example/{language}"
        writer.write(url, make_extraction(title, body, language, published=when), NOW, outlet=f"radio_{language}")
    return writer


@pytest.fixture
def writer(database: Database) -> Writer:
    """The four articles, for tests that change something."""
    return fill(database)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def library(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Writer]:
    """The four articles, for tests that only read."""
    with new_database(request.param) as url, closing(open_database(url)) as database:
        yield fill(database)


def find(writer: Writer, query: str, **options: object) -> set[str]:
    with writer.database.read() as session:
        return {hit.language for hit in search(session, query, **options)}


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("basement", {"en"}),
        ("child", {"en"}),
        ("BASEMENTS people", {"en"}),
        ("basement elephant", set()),
        ("mayor", {"en"}),
        ("school", {"en"}),
        ("250", {"en"}),
        ("keller", {"de"}),
        ("Haus", {"de"}),
        ("haus lastwagen", {"de"}),
        ("WAGNER-STRASSE", {"de"}),
        ("Straßen", {"de"}),
        ("mensch", {"de"}),
        ("подвал", {"ru"}),
        ("подвалами", {"ru"}),
        ("школа", {"ru", "uk"}),
        ("елка", {"ru"}),
        ("ёлка", {"ru"}),
        ("солдат", {"ru", "uk"}),
        ("підвал", {"uk"}),
        ("лікарня", {"uk"}),
        ("п'ять", {"uk"}),
        ("п’ять", {"uk"}),
    ],
)
def test_inflected_forms(library: Writer, query: str, languages: set[str]) -> None:
    assert find(library, query) == languages


def test_phrases_exclusions_and_beginnings(library: Writer) -> None:
    assert find(library, '"two schools"') == {"en"}
    assert find(library, '"schools two"') == set()
    assert find(library, "«двух школ»") == {"ru"}
    # A phrase does not run from the headline into the text.
    assert find(library, '"basements some"') == set()
    assert find(library, "солдат -сельсовет") == {"uk"}
    assert find(library, "-basement") == set()
    assert find(library, "электр* OR електр*") == {"uk"}
    assert find(library, "електр*") == {"uk"}
    assert find(library, "base*") == {"en"}


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("basement OR keller OR подвал", {"en", "de", "ru"}),
        ("basement or keller", set()),
        ("солдат AND школа", {"ru", "uk"}),
        ("солдат школа NOT сельсовет", {"uk"}),
        ("солдат NOT (сельсовет OR лікарня)", set()),
        ("keller OR солдат сельсовет", {"de", "ru"}),
        ("(keller OR солдат) сельсовет", {"ru"}),
        ("(keller OR солдат) -сельсовет", {"de", "uk"}),
        ("солдат -(сельсовет рассвет)", {"uk"}),
        ('"two schools" OR "zwei Schulen"', {"en"}),
        # What excludes only finds nothing by itself, but narrows down what stands beside it.
        ("NOT basement", set()),
        ("солдат (NOT сельсовет)", {"uk"}),
        ("солдат NOT NOT сельсовет", {"ru"}),
        ("солдат (NOT сельсовет OR NOT рассвет)", {"uk"}),
        ("keller OR NOT basement", {"de"}),
        # Operators and parentheses without a counterpart.
        ("AND keller OR", {"de"}),
        ("((keller", {"de"}),
        ("keller))", {"de"}),
    ],
)
def test_operators(library: Writer, query: str, languages: set[str]) -> None:
    assert find(library, query) == languages


PLACES = {
    "en": ("Shelling near Svatove", "Officials in Zaporizhzhia and Kyiv said that nobody was hurt."),
    "de": ("Beschuss bei Swatowe", "In Saporischschja und Kiew hieß es, niemand sei verletzt. Charkiw blieb ruhig."),
    "ru": ("Обстрел у Сватово", "В Запорожье и Киеве сказали, что никто не пострадал. Под Харьковом тихо. Советов не дали."),
    "uk": ("Обстріл біля Сватового", "У Запоріжжі та Києві сказали, що ніхто не постраждав."),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def gazette(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Writer]:
    with new_database(request.param) as url, closing(open_database(url)) as database:
        writer = Writer(database, [make_outlet(f"radio_{language}", language, domains=["radio.example"]) for language in PLACES], NOW)
        for language, (title, body) in PLACES.items():
            writer.write(f"http://radio.example/{language}", make_extraction(title, body, language), NOW, outlet=f"radio_{language}")
        yield writer


@pytest.mark.parametrize(
    ("query", "languages"),
    [
        ("Swatowe", {"en", "de", "ru", "uk"}),
        ("Сватове", {"en", "de", "ru", "uk"}),
        ("svatove", {"en", "de", "ru", "uk"}),
        ("Kiev", {"en", "de", "ru", "uk"}),
        ("Київ", {"en", "de", "ru", "uk"}),
        ("запорожье", {"en", "de", "ru", "uk"}),
        ("Kharkiv", {"de", "ru"}),
        ("Charkow Swatowe", {"de", "ru"}),
        ("Swatowe -Kharkiv", {"en", "uk"}),
        # In quotes it is as it was typed, in any case.
        ('"Сватово"', {"ru"}),
        # What only begins like it, or has its consonants, is another word.
        ("Swatoslaw", set()),
        ("Sovetov", {"ru"}),
    ],
)
def test_a_name_is_found_across_scripts_and_spellings(gazette: Writer, query: str, languages: set[str]) -> None:
    assert find(gazette, query) == languages


def test_a_snippet_marks_a_name_in_another_script(gazette: Writer) -> None:
    with gazette.database.read() as session:
        [hit] = search(session, "Charkow", languages=["ru"]).hits
    assert "Под ⟦Харьковом⟧ тихо." in hit.snippet


def test_snippets_come_from_the_original_text(library: Writer) -> None:
    with library.database.read() as session:
        [hit] = search(session, "школа подвал", languages=["ru"]).hits
    assert hit.snippet == "Жители укрылись в ⟦подвалах⟧ двух ⟦школ⟧. Ёлки у сельсовета сгорели, солдаты ушли на рассвете."
    assert (hit.outlet, hit.title, hit.url, hit.published_at) == (
        "radio_ru",
        "Люди в подвалах школы",
        "http://radio.example/ru",
        NOW - timedelta(hours=2),
    )
    assert hit.score > 0


def test_filters_and_orders(library: Writer) -> None:
    assert find(library, "солдат", languages=["uk"]) == {"uk"}
    assert find(library, "солдат", outlets=["radio_ru"]) == {"ru"}
    assert find(library, "солдат", since=NOW - timedelta(hours=2)) == {"ru"}
    assert find(library, "солдат", until=NOW - timedelta(hours=3)) == {"uk"}
    assert find(library, "солдат", kinds=["article"]) == {"ru", "uk"}
    assert find(library, "солдат", kinds=["video", "live_blog"]) == set()
    with library.database.read() as session:
        assert [hit.language for hit in search(session, "солдат", sort="newest")] == ["ru", "uk"]
        assert [hit.language for hit in search(session, "солдат", sort="oldest")] == ["uk", "ru"]
        assert len(search(session, "солдат", limit=1)) == 1
        assert search(session, "солдат", limit=0).hits == ()


def test_only_what_is_relevant_to_a_report(writer: Writer, now: datetime) -> None:
    with writer.database.write() as session:
        save_report(session, ReferenceReport(key="demo", title="Report", language="en"), now)
        rows = session.execute(
            text("SELECT language, a.id, extraction_id FROM articles a JOIN revisions r ON r.id = a.current_revision_id")
        ).all()
        scores = [
            Relevance(
                article_id=article_id, extraction_id=extraction_id, text_sha256="0" * 64, model_hash="m", score=0.5,
                related=language == "uk", parts={},
            )
            for language, article_id, extraction_id in rows
            if language in ("ru", "uk")
        ]  # fmt: skip
        save_relevance(session, "demo", scores, now)
    assert find(writer, "солдат", report="demo") == {"uk"}
    with writer.database.read() as session:
        assert [language for language, _ in related_openings(session, "demo", limit=9)] == ["uk"]
    assert find(writer, "солдат", report="unknown") == set()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "   ",
        "*",
        "-",
        '"',
        '""',
        "'; DROP TABLE articles; --",
        '" OR 1=1 --',
        "NEAR(a b)",
        "title:secret",
        "a AND",
        "NOT",
        "^x + {y}",
        "a & | ! <-> b:*",
        "\x00\ud800",
        "(" * 5000 + "a" + ")" * 5000,
        "((((((((((((((((((((a OR b) c) OR d) e) OR f) g) OR h) i) OR j) k) OR l) m) OR n) o) OR p) q) OR r) s) OR t) u) OR v",
        "OR OR AND NOT -- -( ) - -OR",
        "x" * 100_000,
        " ".join(f"w{index}" for index in range(5000)),
        "(((((",
        "basement\\",
        "%s %(x)s :id ?",
        "«»„“",
        "𝔣𝔬𝔬 ﷺ ①②",
    ],
)
def test_any_text_is_a_query(library: Writer, query: str) -> None:
    find(library, query)
    assert find(library, "basement") == {"en"}


def test_only_the_current_revision_is_found(writer: Writer, now: datetime) -> None:
    revised = make_extraction("Alle in Sicherheit", "Die Menschen wurden in Hotels gebracht.", "de")
    writer.write("http://radio.example/de", revised, now + timedelta(hours=1), outlet="radio_de")
    assert find(writer, "Lastwagen") == set()
    assert find(writer, "hotel") == {"de"}
    _check_index(writer.database)


def test_an_article_can_be_taken_out(writer: Writer) -> None:
    with writer.database.write() as session:
        article_id = session.execute(text("SELECT id FROM articles WHERE language = 'en'")).scalar_one()
        unindex_article(session, article_id)
        unindex_article(session, article_id)
    assert find(writer, "basement") == set()
    _check_index(writer.database)
    with writer.database.write() as session:
        index_article(session, article_id, "", "basement", "test")
    assert find(writer, "basement") == {"en"}


def test_a_very_long_text_can_be_indexed(writer: Writer, now: datetime) -> None:
    body = " ".join(f"token{index}" for index in range(55_000))
    writer.write("http://radio.example/long", make_extraction("Long", body), now, outlet="radio_en")
    assert find(writer, "token48997") == {"en"}


def test_a_phrase_is_found_wherever_it_stands_in_a_long_text(writer: Writer, now: datetime) -> None:
    # PostgreSQL keeps 255 places of a word and counts to 16,383.
    body = "of " * 400 + " ".join(f"token{index}" for index in range(20_000)) + " a cup of strong tea"
    writer.write("http://radio.example/long", make_extraction("Long", body), now, outlet="radio_en")
    assert find(writer, '"cup of strong tea"') == {"en"}
    assert find(writer, '"of token0"') == {"en"}
    assert find(writer, '"of tea"') == set()
    assert find(writer, 'tea -"strong tea"') == set()


def test_only_so_many_hits_are_put_in_order(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    with writer.database.read() as session:
        assert not search(session, "солдат").is_cut
        monkeypatch.setattr("storage.search.RANKED", 1)
        cut = search(session, "солдат")
        assert ([hit.language for hit in cut], cut.is_cut) == (["uk"], True)
        assert {hit.language for hit in search(session, "солдат", sort="newest")} == {"ru", "uk"}


def test_a_span_of_time_finds_what_lies_in_it(writer: Writer) -> None:
    undated = make_extraction("Солдаты", "Солдаты ушли, когда – неизвестно.", "ru")
    writer.write("http://radio.example/undated", undated, NOW + timedelta(hours=9), outlet="radio_ru")
    late = make_extraction("Солдаты", "Давно.", "ru", published=published(NOW - timedelta(days=900), precision=Precision.SECOND))
    writer.write("http://radio.example/late", late, NOW, outlet="radio_ru")
    ends = [None, *(NOW + timedelta(hours=hours) for hours in (-24_000, -3, -2, -1, 8, 9, 10))]
    counts = set()
    with writer.database.read() as session:
        when = dict(session.execute(select(ArticleRow.key, func.coalesce(ArticleRow.published_at, ArticleRow.first_seen_at))).all())
        times = {hit.article: when[hit.article] for hit in search(session, "солдат", sort="newest")}
        for since in ends:
            for until in ends:
                lies = [key for key, at in times.items() if (since is None or since <= at) and (until is None or at <= until)]
                found = {sort: [hit.article for hit in search(session, "солдат", since=since, until=until, sort=sort)] for sort in SORTS}
                assert found["newest"] == lies, (since, until)
                assert found["oldest"] == lies[::-1], (since, until)
                assert sorted(found["relevance"]) == sorted(lies), (since, until)
                counts.add(len(lies))
    assert counts == {0, 1, 2, 3, 4}


def test_filters_follow_what_changes_of_an_article(writer: Writer, now: datetime) -> None:
    """Its time, language and kind may change without its words."""
    url, old = "http://radio.example/en", NOW - timedelta(days=500)
    title, body = TEXTS["en"]

    def hits() -> list[bool]:
        asked = [{"until": old}, {"languages": ["en"]}, {"languages": ["fr"]}, {"kinds": ["article"]}, {"kinds": ["live_blog"]}]
        return [bool(find(writer, "basement", **filters)) for filters in asked]

    assert hits() == [False, True, False, True, False]
    # The page gives an earlier time, and nothing else changed.
    again = make_extraction(title, body, "en", published=published(old, precision=Precision.SECOND))
    change = writer.write(url, again, now + timedelta(hours=1), outlet="radio_en").change
    assert not change.text_changed
    assert hits() == [True, True, False, True, False]
    # Our own rules read the same words as another kind and language.
    with writer.database.write() as session:
        [stale] = [each for each in stale_readings(session, rules_version="2", trafilatura_version="1") if each.outlet_id == "radio_en"]
        reread = replace(again, language="fr", kind=ArticleKind.LIVE_BLOG, rules_version="2")
        replace_reading(session, stale, sanitise_extraction(reread, now), fingerprint(title, body, "en"), now)
    assert hits() == [True, False, True, False, True]
    # A revision is of the publisher's making.
    revised = replace(again, text=body + " More basements.", rules_version="2", kind=ArticleKind.VIDEO, language="en")
    writer.write(url, revised, now + timedelta(hours=2), outlet="radio_en", rules_version="2")
    assert hits() == [True, True, False, False, False]
    assert find(writer, "basement", kinds=["video"]) == {"en"}
    _check_index(writer.database)
    assert verify_database(writer.database.url) == []
    with writer.database.write() as session:
        session.execute(text("UPDATE articles SET kind = 'live_blog' WHERE language = 'en'"))
    assert [fault for fault in verify_database(writer.database.url) if "tags" in fault] == [
        "article radio_en:" + change.key.partition(":")[2] + " has changed since its tags in the full-text index were written"
    ]


def test_a_tag_is_found_by_no_query(writer: Writer) -> None:
    with writer.database.read() as session:
        tags = [tag for row in session.execute(text("SELECT tags FROM search_lemmas")).scalars() for tag in row.split()]
    for tag in sorted(set(tags)):
        for query in (tag, f'"{tag}"', tag[1:], f"{tag[1:3]}*", f"tags:{tag}", f'tags : "{tag}"'):
            assert find(writer, query) <= ({"en"} if query.startswith("o") else set()), query


def _check_index(database: Database) -> None:
    """SQLite compares the whole index with the table it stands over."""
    if database.dialect == "sqlite":
        with database.write() as session:
            session.execute(text("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)"))


def test_the_index_follows_the_items_of_its_transaction(writer: Writer) -> None:
    """It is written at the end of the transaction: in order, and without what a refused item wanted."""
    with writer.database.read() as session:
        ids = dict(session.execute(text("SELECT language, id FROM articles")).all())
    with writer.database.write() as session:
        index_article(session, ids["en"], "first", "walrus", "test")
        with suppress(ValueError), savepoint(session):
            index_article(session, ids["en"], "refused", "giraffe", "test")
            index_article(session, ids["de"], "refused", "giraffe", "test")
            raise ValueError
        index_article(session, ids["en"], "second", "ostrich", "test")
        unindex_article(session, ids["ru"])
        index_article(session, ids["uk"], "third", "ostrich", "test")
    assert [find(writer, word) for word in ("giraffe", "walrus", "basement", "подвал", "ostrich", "keller")] == [
        set(),
        set(),
        set(),
        set(),
        {"en", "uk"},
        {"de"},
    ]
    if writer.database.dialect == "sqlite":
        with writer.database.write() as session:
            # FTS5 compares its index with the stored words, and fails where they differ.
            session.execute(text("INSERT INTO search_index(search_index, rank) VALUES ('integrity-check', 1)"))
