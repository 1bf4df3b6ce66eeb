"""When an article that reads like a claim is of another event, by where it is set."""

from __future__ import annotations

import pytest

from comparison.near_misses import judge, place_differs, subject_of
from comparison.places import find_places
from storage.claim_records import Claim, FactPair, FactVerdict, Level, ReferenceReport
from storage.records import PublishedTime, StoredArticle
from tests.comparison_builders import make_article, make_match

TEXTS = {
    "c01": "Das Werk in Drągowo ließ nachts Farbe in den Bach.",
    "c02": "Zwei Arbeiter kamen in das Krankenhaus von Żary.",
    "c03": "Die Messsonde wurde auf Anweisung abgeschaltet.",
    "c04": "Das Leitungsbüro in Cottbus erfuhr es nach 31 Stunden.",
}


def report() -> ReferenceReport:
    claims = tuple(Claim(id=name, text=text, places=find_places(text, "de")) for name, text in TEXTS.items())
    return ReferenceReport(key="r", title="Farbe im Bach", language="de", published=PublishedTime(), claims=claims)


def reason_for(claim_id: str, article: StoredArticle) -> str | None:
    subject = subject_of(report())
    claim = next(claim for claim in subject.report.claims if claim.id == claim_id)
    match = make_match(article, claim_id, level=Level.POSSIBLE, verdict=FactVerdict.NO_KEY_FACT, facts=())
    found = judge(match, claim, article, subject)
    return None if found is None else found.text


@pytest.mark.parametrize(
    ("outlet", "text"),
    [
        ("blatt_de", "In Bautzen heißt es: Die Sonde war aus, sagen Leute aus dem Werk in Drągowo."),
        ("blatt_de", "In Bautzen heißt es: Die Sonde war aus, sagen Leute aus dem Werk in Dragowo."),
        ("gazeta_uk", "У Сарнах живе робітник заводу в Дронгові. Датчик, каже він, вимкнули."),
    ],
)
def test_an_article_with_one_of_the_reports_unlisted_names_is_on_its_events(outlet: str, text: str) -> None:
    assert reason_for("c03", make_article(1, outlet, text)) is None


@pytest.mark.parametrize(
    ("outlet", "text", "expected"),
    [
        ("blatt_de", "In Bautzen heißt es: Die Sonde war aus.", True),
        ("blatt_de", "Die Sonde war aus, sagen Leute aus dem Werk in Dragowo.", False),
        ("gazeta_uk", "Двоє робітників лежать у лікарні в Жарах.", False),
        ("blatt_de", "", True),
    ],
)
def test_an_article_that_names_nothing_of_the_reports_events_is_elsewhere(outlet: str, text: str, expected: bool) -> None:
    assert subject_of(report()).is_elsewhere(make_article(1, outlet, text)) is expected


@pytest.mark.parametrize(
    ("language", "texts", "expected"),
    [
        # A compound that no dictionary has is a name to look for in German only.
        ("de", ["Die Messsonde wurde abgeschaltet."], False),
        ("en", ["A probe at Dragowo was switched off."], True),
        ("en", ["A probe was switched off."], False),
        # One claim in five that names a town does not make a report one on that town.
        (
            "en",
            ["Prices of eggs rose.", "Farmers protested in Lublin.", "Bread is dearer.", "Milk is dearer.", "Wages stand still."],
            False,
        ),
        ("en", ["Prices of eggs rose in Lublin.", "Farmers protested in Lublin.", "Bread is dearer.", "Milk is dearer."], True),
    ],
)
def test_only_of_a_report_on_places_an_article_without_them_is_elsewhere(language: str, texts: list[str], expected: bool) -> None:
    claims = tuple(Claim(id=f"c{number:02d}", text=text, places=find_places(text, language)) for number, text in enumerate(texts))
    subject = subject_of(ReferenceReport(key="r", title="T", language=language, published=PublishedTime(), claims=claims))
    assert subject.is_elsewhere(make_article(1, "blatt_de", "In Bautzen heißt es: Die Sonde war aus.")) is expected


def test_an_article_set_where_the_report_itself_has_been_is_on_its_events() -> None:
    assert reason_for("c03", make_article(1, "blatt_de", "In Cottbus heißt es: Die Sonde war aus, sagen zwei Männer.")) is None


def test_an_article_set_elsewhere_that_shares_no_name_is_of_another_event() -> None:
    assert reason_for("c03", make_article(1, "blatt_de", "In Bautzen heißt es: Die Sonde war aus, sagen zwei Männer.")) is not None


def test_a_claim_with_a_town_of_its_own_wants_that_town() -> None:
    assert (
        reason_for("c02", make_article(1, "blatt_de", "In Bautzen erzählt man sich: Zwei Leute aus Drągowo kamen in ein Krankenhaus."))
        is not None
    )


@pytest.mark.parametrize(
    ("claim", "named", "expected"),
    [
        ("Soldiers are held in dirty cellars in Ukraine's Luhansk region.", "Luhansk region", True),
        ("The warning from Poland reached the offices after 31 hours.", "Poland", False),
    ],
)
def test_only_where_something_happened_can_differ(claim: str, named: str, expected: bool) -> None:
    passage = "Officers said the same of the fighting near Cottbus."
    pair = FactPair(field="place", claim_value=named, passage_value="Cottbus", verdict=FactVerdict.DIFFERS)
    match = make_match(make_article(1, "paper_en", passage), "c01", verdict=FactVerdict.DIFFERS, facts=(pair,))
    of_claim = Claim(id="c01", text=claim, places=find_places(claim, "en"))
    assert place_differs(match, of_claim, passage, "en", "en") is expected
