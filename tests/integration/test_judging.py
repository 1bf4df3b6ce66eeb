"""`explain`, `judge`, `report score` on a stored comparison: the words an editor reads, and what a ruling changes in the matrix."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from comparison.claims import annotate
from comparison.encoders import MODEL_FREE
from comparison.scoring import setup_hash
from interfaces.cli.main import _run
from storage import matches, nearness, queries
from storage.claim_records import Claim, FactPair, FactVerdict, Level, Match, ReferenceReport
from storage.database import Database, open_database
from storage.nearness import Relevance
from storage.records import Precision, PublishedTime
from storage.reports import load_report, save_report
from tests.conftest import NewDatabase
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

DYKE = "Der Deich brach in der Nacht. In Orlitz wurden rund 40 Häuser zerstört. Eine Warnung gab es nicht."
RIVAL = "The dyke broke at night. Some 60 houses were destroyed in Orlitz. Nobody had been warned."
OTHER = "The theatre of Orlitz opens its season on Friday. Tickets are sold out."
REPORT = ReferenceReport(
    key="dyke",
    title="A flood nobody was warned of",
    language="en",
    chain=("fluss",),
    claims=(
        annotate(Claim(id="c01", text="About 40 houses were destroyed in Orlitz."), "en"),
        annotate(Claim(id="c02", text="There was no siren."), "en"),
    ),
)

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def store(new_database: NewDatabase, now: datetime) -> Iterator[tuple[str, Database]]:
    with new_database("sqlite") as url, closing(open_database(url)) as database:
        outlets = [make_outlet("blatt", "de"), make_outlet("herald", "en"), make_outlet("stage", "en")]
        writer = Writer(database, outlets, now)
        with database.write() as session:
            save_report(session, REPORT, now)
        published = PublishedTime(at=now - timedelta(hours=2), precision=Precision.SECOND, source="json-ld")
        for outlet, title, text, language in (
            ("blatt", "Deichbruch", DYKE, "de"),
            ("herald", "Dyke breaks", RIVAL, "en"),
            ("stage", "Theatre", OTHER, "en"),
        ):
            page = make_extraction(title, text, language, published=published)
            writer.write(f"http://{outlet}.example/1", page, now, outlet=outlet)
        compare_by_hand(database, now)
        yield url, database


def key_of(database: Database, outlet: str) -> str:
    with database.read() as session:
        return next(item.key for item in queries.load_articles(session) if item.outlet_id == outlet)


def compare_by_hand(database: Database, now: datetime) -> None:
    """What a comparison would store: the German piece agrees, the English one gives a rival figure, the third is unrelated."""
    with database.write() as session:
        report = load_report(session, "dyke")
        articles = {item.outlet_id: item for item in queries.load_articles(session)}
        for outlet, related, score in (("blatt", True, 0.4), ("herald", True, 0.3), ("stage", False, 0.02)):
            article = articles[outlet]
            scored = Relevance(
                article_id=article.article_id,
                text_sha256=article.text_sha256,
                model_hash=setup_hash(report, MODEL_FREE),
                score=score,
                related=related,
                parts={"revision": float(article.revision), "matched": 1.0},
            )
            nearness.save_relevance(session, "dyke", [scored], now)
        for outlet, words, verdict, value in (
            ("blatt", "In Orlitz wurden rund 40 Häuser zerstört.", FactVerdict.AGREES, "rund 40 Häuser"),
            ("herald", "Some 60 houses were destroyed in Orlitz.", FactVerdict.DIFFERS, "60 houses"),
        ):
            article = articles[outlet]
            start = article.text.index(words)
            found = Match(
                claim_id="c01",
                article_id=article.article_id,
                revision=article.revision,
                text_sha256=article.text_sha256,
                start=start,
                end=start + len(words),
                level=Level.POSSIBLE,
                score=0.4,
                verdict=verdict,
                facts=(FactPair(field="number", claim_value="About 40 houses", passage_value=value, verdict=verdict),),
                door="lexicon",
            )
            matches.replace_matches(session, "dyke", article.article_id, MODEL_FREE.model_hash, [found], now)


@pytest.fixture
def run(store: tuple[str, Database], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SECONDSOURCE_ENCODER", "none")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = _run(["--database", store[0], *arguments])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def claim_of(run: Call, claim: str) -> dict[str, object]:
    code, out, _ = run("compare", "dyke", "--stored", "--json")
    assert code == 0
    found: dict[str, object] = next(row for row in json.loads(out)["claims"] if row["id"] == claim)
    return found


def test_a_match_is_explained_in_words(run: Call, store: tuple[str, Database]) -> None:
    code, out, _ = run("explain", "dyke", key_of(store[1], "herald"))
    assert code == 0
    assert "A match: possible passage for c01." in out
    assert "On the subject? Yes: the likeness of words is 0.30 (0.12 is enough" in out
    assert "The number differs: the claim has “About 40 houses”, the passage “60 houses”." in out
    assert "Origin: Herald (outside the report's chain): Herald's own text" in out
    assert "1 claims without a passage are not listed" in out


def test_what_is_no_match_is_explained_too(run: Call, store: tuple[str, Database]) -> None:
    code, out, _ = run("explain", "dyke", key_of(store[1], "stage"), "--all")
    assert code == 0
    assert "No match: the article was not taken to be on the report's subject" in out
    assert "On the subject? No: the likeness of words is 0.02" in out
    assert "No passage: its nearest sentence scores" in out


def test_an_explanation_has_keys(run: Call, store: tuple[str, Database]) -> None:
    code, out, _ = run("explain", "dyke", key_of(store[1], "blatt"), "--json")
    document = json.loads(out)
    assert (code, document["is_match"], document["related"], document["independence"]) == (0, True, True, "independent")
    first = document["claims"][0]
    assert (first["id"], first["level"], first["verdict"], first["passage"]) == (
        "c01",
        "possible",
        "agrees",
        "In Orlitz wurden rund 40 Häuser zerstört.",
    )


def test_a_ruling_overrides_the_counts_and_stands_beside_the_machine(run: Call, store: tuple[str, Database]) -> None:
    assert claim_of(run, "c01")["second_sources"] == {"low": 0, "high": 1}
    key = key_of(store[1], "blatt")
    code, out, _ = run("judge", "dyke", "c01", key, "confirm", "--note", "read the print edition", "--by", "anna")
    assert code == 0
    assert "anna, " in out and "carries the claim (the program had said: possible passage). “read the print edition”" in out
    claim = claim_of(run, "c01")
    assert claim["second_sources"] == {"low": 1, "high": 1}
    cells = claim["cells"]
    assert isinstance(cells, list)
    finding = next(item for cell in cells for item in cell["articles"] if item["article"] == key)
    assert (finding["level"], finding["judgement"]["ruling"], finding["judgement"]["machine"]["level"]) == ("strong", "confirm", "possible")
    assert "anna" in run("compare", "dyke", "--stored", "--format", "html")[1]
    assert "anna" not in run("compare", "dyke", "--stored", "--format", "html", "--redact-persons")[1]


def test_a_ruling_survives_re_matching(run: Call, store: tuple[str, Database], now: datetime) -> None:
    key = key_of(store[1], "blatt")
    assert run("judge", "dyke", "c01", key, "confirm", "--by", "anna")[0] == 0
    with store[1].write() as session:
        article = queries.load_article(session, key)
        matches.replace_matches(session, "dyke", article.article_id, MODEL_FREE.model_hash, [], now)
    assert claim_of(run, "c01")["second_sources"] == {"low": 1, "high": 1}


def test_a_ruling_on_words_that_changed_is_flagged_and_counts_no_more(run: Call, store: tuple[str, Database], now: datetime) -> None:
    key = key_of(store[1], "blatt")
    assert run("judge", "dyke", "c01", key, "confirm", "--by", "anna")[0] == 0
    page = make_extraction("Deichbruch", DYKE.replace("40", "45"), "de")
    Writer(store[1], [make_outlet("blatt", "de")], now).write("http://blatt.example/1", page, now + timedelta(hours=1), outlet="blatt")
    claim = claim_of(run, "c01")
    judgements = claim["judgements"]
    assert isinstance(judgements, list)
    assert [(item["standing"], item["counts"]) for item in judgements] == [("text_changed", False)]
    assert claim["second_sources"] == {"low": 0, "high": 0}
    assert "judge it again" in run("explain", "dyke", key)[1]
    assert "1 judgements are on words that have changed since" in run("report", "score", "dyke")[1]


def test_the_same_source_as_another_is_one_origin(run: Call, store: tuple[str, Database]) -> None:
    blatt, herald = key_of(store[1], "blatt"), key_of(store[1], "herald")
    assert run("judge", "dyke", "c01", herald, "same-origin-as", blatt)[0] == 0
    cells = claim_of(run, "c01")["cells"]
    assert isinstance(cells, list)
    assert [len(cell["articles"]) for cell in cells if cell["articles"]] == [2]
    assert run("judge", "dyke", "c01", herald, "same-origin-as", "report")[0] == 0
    cells = claim_of(run, "c01")["cells"]
    assert isinstance(cells, list)
    assert {cell["independence"] for cell in cells if cell["articles"]} == {"independent", "report_chain"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("c09", "blatt", "confirm"), "no claim 'dyke c09'"),
        (("c01", "nobody:1", "confirm"), "no article 'nobody:1'"),
        (("c02", "blatt", "confirm"), "name the words with --quote"),
        (("c02", "blatt", "confirm", "--quote", "Die Sirene heulte."), "do not stand in the article"),
        (("c01", "blatt", "same-origin-as"), "takes one more argument"),
        (("c01", "blatt", "same-origin-as", "nowhere"), "is no origin of this matrix"),
        (("c01", "blatt", "confirm", "herald"), "takes one more argument"),
    ],
)
def test_a_ruling_that_cannot_be_is_refused(run: Call, store: tuple[str, Database], arguments: tuple[str, ...], words: str) -> None:
    claim, article, *rest = arguments
    code, out, err = run("judge", "dyke", claim, key_of(store[1], article) if article == "blatt" else article, *rest)
    assert (code, out) == (2, "")
    assert words in err


def test_words_that_were_not_found_can_be_named(run: Call, store: tuple[str, Database]) -> None:
    key = key_of(store[1], "blatt")
    code, out, _ = run("judge", "dyke", "c02", key, "confirm", "--quote", "Eine Warnung gab es nicht.", "--json")
    document = json.loads(out)
    assert (code, document["quote"], document["machine"]["level"]) == (0, "Eine Warnung gab es nicht.", "none")
    assert claim_of(run, "c02")["second_sources"] == {"low": 1, "high": 1}
    code, out, _ = run("report", "score", "dyke", "--json")
    assert json.loads(out)["then"]["none"]["confirmed"] == 1
    assert "were named by a person" in run("report", "score", "dyke")[1]


def test_an_article_that_was_not_taken_to_be_on_the_subject_counts_when_a_person_says_so(run: Call, store: tuple[str, Database]) -> None:
    key = key_of(store[1], "stage")
    assert run("judge", "dyke", "c02", key, "confirm", "--quote", "Tickets are sold out.")[0] == 0
    matrix = json.loads(run("compare", "dyke", "--stored", "--json")[1])
    assert matrix["related"] == 2, "the program's own view of the subject stays"
    [finding] = [item for cell in matrix["claims"][1]["cells"] for item in cell["articles"]]
    assert (finding["article"], finding["door"], finding["level"]) == (key, "person", "strong")
    assert "named by a person; the program had not found it" in run("explain", "dyke", key)[1]


def test_a_new_report_over_stored_articles_is_compared_at_once(run: Call, tmp_path: Path) -> None:
    file = tmp_path / "flood.txt"
    file.write_text("About 40 houses were destroyed in Orlitz when the dyke broke at night. Nobody had been warned.", encoding="utf-8")
    assert run("report", "add", str(file))[0] == 0
    assert json.loads(run("compare", "flood", "--stored", "--json")[1])["related"] == 0
    code, out, err = run("compare", "flood", "--json")
    assert (code, "passages" in err) == (0, True)
    found = json.loads(out)
    passages = [item["passage"] for claim in found["claims"] for cell in claim["cells"] for item in cell["articles"]]
    assert any("destroyed in Orlitz" in passage for passage in passages)
    assert json.loads(run("compare", "flood", "--stored", "--json")[1]) == found


def test_nothing_is_judged_of_a_report_at_first(run: Call) -> None:
    code, out, _ = run("report", "score", "dyke")
    assert code == 0
    assert "Nothing was judged yet" in out
