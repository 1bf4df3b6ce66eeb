"""From stored articles to passages beside claims, on real databases: restartable, incremental, and honest without an encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from comparison import own_background
from comparison.background import background_sentences
from comparison.candidates import MatchSummary, match_articles
from comparison.cells import marks_of, quote
from comparison.claims import annotate
from comparison.closer_look import RelevanceSummary, look_closer, score_articles
from comparison.derivation import derive
from comparison.dossier import render
from comparison.encoders import MODEL_FREE, Encoders, load_encoders
from comparison.focus import lexical_relevance
from comparison.matrix import Matrix, build_matrix
from comparison.own_background import renew_background
from comparison.relevance import look_first
from comparison.scoring import setup_hash
from config.outlet import Outlet
from storage import matches, nearness, queries, reports
from storage.claim_records import Claim, DerivationKind, FactVerdict, Level, Match, ReferenceReport
from storage.database import Database
from storage.errors import NotFoundError
from storage.models import BackgroundRow
from storage.records import Entry, Precision, PublishedTime
from storage.reports import save_report
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

DAY = datetime(2022, 11, 14, 12, 0, tzinfo=UTC)
ENCODERS = load_encoders("auto")
SETS = {encoders.label: encoders for encoders in (ENCODERS, MODEL_FREE)}

REPORT = ReferenceReport(
    key="canteen",
    title="Children poisoned in a school canteen",
    language="en",
    published=PublishedTime(at=DAY, precision=Precision.DAY, source="analyst"),
    chain=("radio",),
    claims=tuple(
        annotate(claim, "en", DAY)
        for claim in (
            Claim(id="c01", text="About 120 pupils of a school in Valuyki fell ill after lunch on Friday."),
            Claim(id="c02", text="The inspectors found salmonella in the egg salad."),
            Claim(id="c03", text="The kitchen had no working refrigerator for a month."),
            Claim(id="c04", text="Three children are still in intensive care.", context="Of the poisoned pupils."),
        )
    ),
)

OUTLETS = [make_outlet("blatt", "de"), make_outlet("gazeta", "ru"), make_outlet("visti", "uk"), make_outlet("post", "en")]

ARTICLES = {
    # outlet: (language, title, text): an independent report of the same event, in own words.
    "gazeta": (
        "ru",
        "В Валуйках школьники отравились в столовой",
        "В пятницу после обеда в школе в Валуйках заболели 80 учеников. Родители вызвали скорую помощь.\n"
        "В салате с яйцом нашли сальмонеллу, сообщили в ведомстве. «Холодильник на кухне не работал целый месяц», – рассказала повар.\n"
        "Трое детей остаются в реанимации.",
    ),
    "blatt": (
        "de",
        "Schüler nach Kantinenessen erkrankt",
        "In Waluiki sind nach dem Mittagessen am Freitag rund 120 Schülerinnen und Schüler einer Schule erkrankt.\n"
        "Im Eiersalat wiesen die Prüfer Salmonellen nach. Seit einem Monat war der Kühlschrank der Küche kaputt.",
    ),
    "visti": (
        "uk",
        "Отруєння в шкільній їдальні",
        "У Валуйках у п'ятницю після обіду захворіли близько 120 учнів школи.\n"
        "У салаті з яйцями інспектори виявили сальмонелу. Троє дітей досі в реанімації.",
    ),
}
UNRELATED = ("en", "New bridge opened", "The mayor opened the new bridge over the river on Monday. Cyclists had waited ten years for it.")


@pytest.fixture
def world(database: Database) -> Writer:
    writer = Writer(database, OUTLETS, DAY)
    for outlet, (language, title, text) in ARTICLES.items():
        write(writer, outlet, language, title, text)
    write(writer, "post", *UNRELATED)
    with database.write() as session:
        save_report(session, REPORT, DAY)
    return writer


def write(writer: Writer, outlet: str, language: str, title: str, text: str, *, page: str = "1", now: datetime = DAY) -> int:
    published = PublishedTime(at=DAY - timedelta(hours=3), precision=Precision.MINUTE, source="json-ld")
    extraction = make_extraction(title, text, language, published=published)
    return writer.write(f"http://{outlet}.example/{page}", extraction, now, outlet=outlet).change.article_id


def compare(database: Database, encoders: Encoders, now: datetime = DAY) -> tuple[RelevanceSummary, MatchSummary]:
    return score_articles(database, REPORT.key, encoders, now=now), match_articles(database, REPORT.key, encoders, now=now)


def found(database: Database, encoders: Encoders) -> Iterator[tuple[str, Match, str]]:
    """(outlet, match, its passage) of everything stored."""
    with database.read() as session:
        articles = {article.article_id: article for article in queries.load_articles(session)}
        for match in matches.load_matches(session, REPORT.key, encoders.model_hash):
            article = articles[match.article_id]
            assert article.text_sha256 == match.text_sha256
            yield article.outlet_id, match, article.text[match.start : match.end]


@pytest.mark.parametrize("label", list(SETS))
def test_articles_on_the_subject_are_told_from_others(world: Writer, database: Database, label: str) -> None:
    summary, _ = compare(database, SETS[label])
    assert (summary.scored, summary.related, summary.label) == (4, 3, label)
    with database.read() as session:
        outlets = {article.outlet_id for article in queries.load_articles(session, nearness.related_articles(session, REPORT.key))}
    assert outlets == set(ARTICLES)


ROUNDUP = (
    "Die Kirschen sind in diesem Jahr klein geblieben, auf dem Markt kosten sie das Doppelte.\n"
    "An der Brücke wird weiter gebaut, der Stau reicht am Abend bis zum Bahnhof. Der neue Spielplatz am Wall ist fertig.\n"
    "{}\nAm Sonntag spielt die Blaskapelle im Park, bei Regen in der Turnhalle."
)


@pytest.mark.skipif(ENCODERS.model_free, reason="without an encoder a small town that is named is enough")
def test_a_passage_far_below_a_headline_on_something_else_brings_an_article_in(world: Writer, database: Database) -> None:
    carried = "Aus Waluiki schreibt meine Tante: In der Schule wurden 120 Schüler nach dem Essen krank, im Eiersalat waren Salmonellen."
    other = "Aus Waluiki schreibt meine Tante: Der Fußballverein hat dreimal verloren, nun sucht er einen Trainer."
    title = "Wochenschau: Kirschen, Stau und ein Spielplatz"
    inside = write(world, "blatt", "de", title, ROUNDUP.format(carried), page="2")
    outside = write(world, "blatt", "de", title, ROUNDUP.format(other), page="3")
    score_articles(database, REPORT.key, ENCODERS, now=DAY)
    with database.read() as session:
        scores = nearness.load_relevance(session, REPORT.key)
    assert (scores[inside].related, scores[outside].related) == (True, False)
    assert scores[inside].parts["depth"] > scores[outside].parts["depth"] + 1


def test_passages_stand_beside_their_claims_with_facts(world: Writer, database: Database) -> None:
    compare(database, ENCODERS)
    best = {}
    for outlet, match, passage in found(database, ENCODERS):
        best.setdefault((outlet, match.claim_id), (match, passage))
    if ENCODERS.model_free:
        assert best
        return
    match, passage = best["blatt", "c01"]
    assert "120 Schülerinnen" in passage
    assert (match.level, match.verdict) == (Level.STRONG, FactVerdict.AGREES)
    match, passage = best["gazeta", "c01"]
    assert "80 учеников" in passage
    assert match.verdict is FactVerdict.DIFFERS
    assert ("number", "About 120 pupils", "80 учеников") in [(pair.field, pair.claim_value, pair.passage_value) for pair in match.facts]
    assert "Salmonellen" in best["blatt", "c02"][1]
    assert "Холодильник" in best["gazeta", "c03"][1]
    assert best["gazeta", "c03"][0].level is Level.STRONG
    assert set(best["blatt", "c02"][0].parts) == {"e5", "use", "words"}
    assert set(best["visti", "c02"][0].parts) == {"e5", "words"}  # the other encoder does not know Ukrainian


def test_model_free_finds_passages_and_never_calls_them_close(world: Writer, database: Database) -> None:
    _, summary = compare(database, MODEL_FREE)
    assert summary.label == "model-free (low recall)"
    assert summary.passages > 0
    assert summary.strong == 0
    everything = list(found(database, MODEL_FREE))
    assert {match.door for _, match, _ in everything} <= {"lexicon", "place"}
    assert any(match.claim_id == "c01" and "120" in passage for _, match, passage in everything)


def test_at_most_three_passages_a_claim_and_article_and_none_overlap(world: Writer, database: Database) -> None:
    compare(database, ENCODERS)
    spans: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for _, match, _ in found(database, ENCODERS):
        spans.setdefault((match.claim_id, match.article_id), []).append((match.start, match.end))
    for passages in spans.values():
        assert len(passages) <= 3
        ordered = sorted(passages)
        assert all(left[1] <= right[0] for left, right in pairwise(ordered))


def test_nothing_is_done_twice(world: Writer, database: Database) -> None:
    compare(database, ENCODERS)
    before = list(found(database, ENCODERS))
    relevance, matching = compare(database, ENCODERS, DAY + timedelta(hours=1))
    assert (relevance.scored, relevance.encoded, matching.articles, matching.encoded) == (0, 0, 0, 0)
    assert list(found(database, ENCODERS)) == before


def test_pending_articles_are_settled_when_every_report_has_seen_them(world: Writer, database: Database) -> None:
    with database.write() as session:
        save_report(session, replace(REPORT, key="other"), DAY)
    compare(database, MODEL_FREE)
    with database.read() as session:
        assert len(nearness.pending_articles(session)) == 4
    score_articles(database, "other", MODEL_FREE, now=DAY)
    match_articles(database, "other", MODEL_FREE, now=DAY)
    with database.read() as session:
        assert nearness.pending_articles(session) == []


def test_a_revision_is_compared_anew_and_alone(world: Writer, database: Database) -> None:
    compare(database, ENCODERS)
    language, title, text = ARTICLES["gazeta"]
    write(world, "gazeta", language, title, text.replace("80 учеников", "120 учеников"), now=DAY + timedelta(hours=2))
    relevance, matching = compare(database, ENCODERS, DAY + timedelta(hours=3))
    assert (relevance.scored, matching.articles) == (1, 1)
    shown = [match for outlet, match, passage in found(database, ENCODERS) if outlet == "gazeta" and "120 учеников" in passage]
    assert shown
    assert {match.revision for match in shown} == {2}
    if not ENCODERS.model_free:
        assert FactVerdict.DIFFERS not in {match.verdict for match in shown if match.claim_id == "c01"}


def test_a_new_headline_alone_keeps_the_matches(world: Writer, database: Database) -> None:
    """Matches belong to the current revision, and a headline makes one."""
    compare(database, ENCODERS)
    count = len(list(found(database, ENCODERS)))
    language, _, text = ARTICLES["blatt"]
    write(world, "blatt", language, "Salmonellen im Eiersalat", text, now=DAY + timedelta(hours=2))
    compare(database, ENCODERS, DAY + timedelta(hours=3))
    assert len(list(found(database, ENCODERS))) == count


def test_another_wording_of_a_claim_is_compared_anew(world: Writer, database: Database) -> None:
    compare(database, MODEL_FREE)
    changed = replace(REPORT.claims[1], text="Inspectors found salmonella in a salad.")
    with database.write() as session:
        save_report(session, replace(REPORT, claims=(REPORT.claims[0], changed, *REPORT.claims[2:])), DAY)
    relevance, matching = compare(database, MODEL_FREE, DAY + timedelta(hours=1))
    assert (relevance.scored, matching.articles) == (4, 3)


def test_an_interrupted_matching_goes_on_where_it_stopped(world: Writer, database: Database) -> None:
    score_articles(database, REPORT.key, MODEL_FREE, now=DAY)
    with database.write() as session:
        known = nearness.load_relevance(session, REPORT.key)
        done = next(row for row in known.values() if row.related)
        nearness.save_relevance(session, REPORT.key, [replace(done, matched=True)], DAY)
    assert match_articles(database, REPORT.key, MODEL_FREE, now=DAY).articles == 2


def test_a_report_is_measured_against_the_users_own_articles_only_when_told_so(
    world: Writer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    if ENCODERS.model_free:
        with pytest.raises(ValueError, match="semantic"):
            renew_background(database, REPORT.key, ENCODERS, now=DAY)
        return
    for number, line in enumerate(background_sentences("de")[:14]):
        write(world, "blatt", "de", "Kurz gemeldet", line, page=f"{100 + number}")
    compare(database, ENCODERS)
    bundled = scores(database)
    with pytest.raises(ValueError, match="the bundled background stays"):
        renew_background(database, REPORT.key, ENCODERS, now=DAY)
    monkeypatch.setattr(own_background, "LEAST", 10)
    monkeypatch.setattr(own_background, "SHARE", 1.0)
    found = renew_background(database, REPORT.key, ENCODERS, now=DAY)
    assert (found.number, found.sentences["en"]) == (1, 0)
    assert found.sentences["de"] >= 10
    relevance, _ = compare(database, ENCODERS, DAY + timedelta(hours=1))
    assert relevance.scored == len(bundled)
    own = scores(database)
    assert own != bundled
    # Another wording of a claim is measured against the same sample, of which no text is kept.
    with database.write() as session:
        kept = reports.load_report(session, REPORT.key)
        save_report(session, replace(kept, claims=(replace(kept.claims[0], text="Sixty pupils fell ill."), *kept.claims[1:])), DAY)
    compare(database, ENCODERS, DAY + timedelta(hours=2))
    with database.read() as session:
        measured = session.scalars(select(BackgroundRow).where(BackgroundRow.number == 1, BackgroundRow.language == "de")).all()
    assert len({tuple(row.sample) for row in measured if row.model_hash == measured[0].model_hash}) == 1
    assert len(measured) == 2 * len(ENCODERS.for_language("de"))
    with database.write() as session:
        save_report(session, REPORT, DAY)
        nearness.use_background(session, REPORT.key, 0)
    compare(database, ENCODERS, DAY + timedelta(hours=3))
    assert scores(database) == bundled


def scores(database: Database) -> dict[int, float]:
    with database.read() as session:
        return {article: row.score for article, row in nearness.load_relevance(session, REPORT.key).items()}


def test_articles_without_text_do_no_harm(world: Writer, database: Database) -> None:
    write(world, "post", "en", "", "", page="2")
    write(world, "post", "en", "Video: pupils ill in Valuyki", "", page="3")
    write(world, "post", "pl", "Zatrucie", "W Wałujkach po obiedzie zachorowało 120 uczniów.", page="4")
    for encoders in SETS.values():
        compare(database, encoders)


def test_an_unknown_report_is_named(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no report 'nothing'"):
        score_articles(database, "nothing", MODEL_FREE, now=DAY)
    with pytest.raises(NotFoundError, match="no report 'nothing'"):
        match_articles(database, "nothing", MODEL_FREE, now=DAY)


RU = make_outlet("gazeta", "ru")


@pytest.mark.parametrize(
    ("entry", "outlet"),
    [
        (Entry(url="http://gazeta.example/1", title="Школьники отравились в столовой, врачи нашли инфекцию"), RU),
        (Entry(url="http://gazeta.example/2", title="Жители Валуек ждут ответа", description="Дети в больнице после обеда в школе"), RU),
        (Entry(url="http://post.example/pupils-in-hospital-after-school-lunch"), make_outlet("post")),
    ],
)
def test_the_crawl_fetches_what_looks_related_first(entry: Entry, outlet: Outlet) -> None:
    judge = lexical_relevance([REPORT])
    other = Entry(url="http://gazeta.example/3", title="Сборная выиграла матч чемпионата")
    assert 1.0 >= judge(entry, outlet) > judge(other, RU) >= 0.0


def test_a_report_s_own_words_count_and_in_other_languages_those_of_articles_known_to_be_related() -> None:
    german = make_outlet("kurier", "de")
    known = {REPORT.key: [("de-DE", f"Der Kühlschrank der Küche war kaputt. Meldung {number}") for number in ("eins", "zwei", "drei")]}
    without, with_known = lexical_relevance([REPORT]), lexical_relevance([REPORT], known)

    def gained(title: str, other: str, outlet: Outlet, judge: Callable[[Entry, Outlet], float]) -> float:
        return judge(Entry(url="http://a.example/1", title=title), outlet) - judge(Entry(url="http://a.example/1", title=other), outlet)

    # No vocabulary has a word for a refrigerator.
    assert gained("A month without working refrigerators", "A month without working carburettors", make_outlet("post"), without) > 0
    titles = ("Küche ohne Kühlschrank", "Keller ohne Waschmaschine")
    assert gained(*titles, german, with_known) > gained(*titles, german, without)
    # One article alone may speak of anything.
    assert lexical_relevance([REPORT], {REPORT.key: known[REPORT.key][:1]})(Entry(url="", title=titles[0]), german) == without(
        Entry(url="", title=titles[0]), german
    )


def test_the_guess_is_fast_and_takes_anything() -> None:
    import time

    judge = lexical_relevance([REPORT, replace(REPORT, key="b")])
    odd = [Entry(url="", title=""), Entry(url="http://[", title="\0" * 100), Entry(url="http://x.example/", title="слово " * 5000)]
    for entry in odd:
        assert 0.0 <= judge(entry, RU) <= 1.0
    entries = [
        Entry(url=f"http://gazeta.example/{number}", title=f"Заголовок новости {number} о школе и врачах", description="Текст " * 30)
        for number in range(300)
    ]
    judge(entries[0], RU)
    started = time.process_time()
    for entry in entries:
        judge(entry, RU)
    assert (time.process_time() - started) / len(entries) < 0.001


def test_no_report_gives_zero() -> None:
    assert lexical_relevance([])(Entry(url="http://x.example/a", title="Anything"), RU) == 0.0


def test_a_second_report_needs_no_headline_anew_and_waits_for_the_daemon(world: Writer, database: Database) -> None:
    compare(database, MODEL_FREE)
    with database.read() as session:
        assert not nearness.is_uncompared(session)
    with database.write() as session:
        save_report(session, replace(REPORT, key="other"), DAY)
    with database.read() as session:
        assert nearness.pending_articles(session) == [], "nothing is new but the report"
        assert nearness.is_uncompared(session)
    first = look_first(database, "other", MODEL_FREE, now=DAY)
    assert (first.scored, first.encoded) == (4, 0)
    look_closer(database, "other", MODEL_FREE, now=DAY)
    match_articles(database, "other", MODEL_FREE, now=DAY)
    with database.read() as session:
        assert not nearness.is_uncompared(session)


def test_the_far_are_settled_by_the_first_look_and_the_near_are_read(world: Writer, database: Database) -> None:
    first = look_first(database, REPORT.key, MODEL_FREE, now=DAY)
    with database.read() as session:
        rows = nearness.load_relevance(session, REPORT.key)
        unread, uncompared = nearness.count_open(session, REPORT.key, setup_hash(REPORT, MODEL_FREE))
    assert (first.scored, first.near) == (4, 3)
    assert (unread, uncompared) == (3, 0)
    assert sum(row.looked and row.matched and not row.related for row in rows.values()) == 1
    assert {len(row.text_sha256) for row in rows.values()} == {64}, "every score names the text it is of"


def test_an_unfinished_comparison_says_how_far_it_came_and_calls_no_silence_absence(world: Writer, database: Database) -> None:
    def partial() -> Matrix:
        matrix = build_matrix(database, REPORT.key, MODEL_FREE)
        assert not matrix.reading.complete
        assert matrix.reading.text in matrix.notes
        assert matrix.only_in_report == ()
        assert not any(cell.level is Level.NONE for row in matrix.claims for cell in row.cells)
        for format_ in ("md", "html", "json"):
            text = render(matrix, format_)
            assert matrix.reading.text in text.replace("\\", ""), format_
            assert "no passage was found" not in text.lower()
            assert "“No passage found” means" not in text
            assert "No passage found:" not in text
        return matrix

    assert "were not compared with these claims" in partial().reading.text
    look_first(database, REPORT.key, MODEL_FREE, now=DAY)
    assert partial().reading.text.startswith("Incomplete: 0 of 3 articles that look related were read and compared.")
    look_closer(database, REPORT.key, MODEL_FREE, now=DAY)
    assert "Incomplete: 0 of 3 articles" in partial().reading.text
    match_articles(database, REPORT.key, MODEL_FREE, now=DAY)
    matrix = build_matrix(database, REPORT.key, MODEL_FREE)
    assert (matrix.reading.complete, matrix.reading.read, matrix.reading.promising) == (True, 3, 3)
    assert not any(note.startswith("Incomplete") for note in matrix.notes)


def test_a_passage_keeps_its_marks_as_they_are_found_in_what_is_shown(world: Writer, database: Database) -> None:
    compare(database, MODEL_FREE)
    with database.read() as session:
        texts = {article.article_id: article for article in queries.load_articles(session)}
        found = matches.load_matches(session, REPORT.key, MODEL_FREE.model_hash)
    assert any(match.marks for match in found)
    for match in found:
        article = texts[match.article_id]
        marks = marks_of(quote(article.text, match.start, match.end)[0], article.language)
        assert match.marks == tuple((mark.start, mark.end, mark.field) for mark in marks)


def test_what_an_article_rests_on_is_the_same_found_step_by_step_or_at_once(world: Writer, database: Database) -> None:
    compare(database, MODEL_FREE)
    derive(database, REPORT.key, MODEL_FREE, now=DAY)
    language, title, text = ARTICLES["gazeta"]
    later = DAY + timedelta(hours=5)
    long_text = "\n".join([text, *(f"Школьникам из класса {number} пришлось остаться дома до понедельника." for number in range(9))])
    write(world, "gazeta", language, title, long_text, page="7", now=later)
    write(world, "post", "ru", f"{title}: подробности", long_text, page="8", now=later + timedelta(hours=1))
    write(world, "visti", "uk", "Отруєння", f"{ARTICLES['visti'][2]} Про це повідомляє Gazeta.", page="9", now=later)
    compare(database, MODEL_FREE, later)
    derive(database, REPORT.key, MODEL_FREE, now=later)
    with database.read() as session:
        stepwise = matches.load_derivations(session, REPORT.key)
        seen = matches.load_credits(session, REPORT.key)
    with database.write() as session:
        matches.drop_credits(session, REPORT.key, list(seen))
        matches.replace_derivations(session, REPORT.key, [])
    derive(database, REPORT.key, MODEL_FREE, now=later)
    with database.read() as session:
        assert matches.load_derivations(session, REPORT.key) == stepwise
    assert {item.kind for item in stepwise} >= {DerivationKind.COPY, DerivationKind.CREDITS}
