"""Whom a report rests on, as its text shows it: known media, media that a noun calls one, and unknown ones by where they stand."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from comparison.names import build_index
from comparison.own_chain import credited_names


@dataclass(frozen=True)
class Card:
    id: str
    name: str
    owner: str
    also_known_as: tuple[str, ...] = ()


INDEX = build_index(
    [
        Card(id="strela_ru", name="Strela", owner="strela", also_known_as=("Стрела",)),
        Card(id="meridian_en", name="Radio Meridian", owner="radio_meridian"),
    ]
)


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        (
            "de",
            "Soldaten sitzen nach Recherchen von Radio Meridian in Kellern. Das sagte eine Angehörige.\n"
            "Das britische Verteidigungsministerium schreibt von Sperreinheiten.\nWie die Zeitung Strela berichtet, sind es 300.",
            ("radio_meridian", "Radio Meridian", "strela", "Strela"),
        ),
        (
            "en",
            "Two miners were pulled out alive, the newspaper Dolgino Courier reported. The company did not answer.",
            ("Dolgino Courier",),
        ),
        ("uk", "Міст закрили вночі. «Ми чули тріск», — розповіла мешканка.", ()),
    ],
)
def test_known_media_and_media_by_their_noun_are_drafted_into_the_chain(language: str, text: str, wanted: tuple[str, ...]) -> None:
    assert credited_names(text, language, INDEX) == wanted


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("en", "The pump had failed twice before, a diver told Harrow Eight. Nobody replaced it.", "Harrow Eight"),
        ("en", "Saltmarsh FM broadcast footage of the pump two days later.", "Saltmarsh FM"),
        ("en", "The Evening Beacon first reported the leak on 3 May.", "Evening Beacon"),
        ("en", "In an interview with QRTV she said that the pump was new.", "QRTV"),
        ("en", "Emails obtained by the Salt Ledger show that the pump was never tested.", "Salt Ledger"),
        ("de", "Nach „Hafenblick“-Informationen war die Pumpe zweimal ausgefallen.", "Hafenblick"),
        ("de", "Nach „Spiegel“-Informationen war die Pumpe zweimal ausgefallen.", "spiegel"),
        ("de", "Die Pumpe war alt, wie ein Sprecher der Nachrichtenagentur QND sagte.", "QND"),
        ("de", "Die Pumpe war alt, sagte ein Taucher dem „Hafenblick“.", "Hafenblick"),
        ("de", "Recherchen von Hafenwacht und der Redaktion von Kanal Nord zeigen, dass die Pumpe alt war.", "Hafenwacht"),
        ("de", "Die Redaktion von Kanal Nord berichtet, dass die Pumpe alt war.", "Kanal Nord"),
        ("ru", "Насос отказал дважды, сообщает SaltPort со ссылкой на водолазов.", "SaltPort"),
        ("ru", "Об аварии пишет «Соляная верста».", "Соляная верста"),
        ("ru", "В интервью «Соляной версте» водолаз рассказал, что насос был старым.", "Соляной версте"),
        ("ru", "SaltPort пишет, что насос отказал дважды.", "SaltPort"),
        ("ru", "Первой об этом написала «Соляная верста».", "Соляная верста"),
        ("ru", "Первыми об этом рассказали журналисты «Соляной версты».", "Соляной версты"),
        ("ru", "Водолаз объяснил СольКанал-5, что насос был старым.", "СольКанал-5"),
        ("uk", "Насос відмовив двічі, передає SaltPort.", "SaltPort"),
        ("ru", "Как выяснила «Соляная верста», насос был старым.", "Соляная верста"),
        ("uk", "Насос відмовив двічі, пише УНН.", "УНН"),
        ("uk", "Про це повідомляє Наша гавань, у поліції цього не підтвердили.", "Наша гавань"),
        ("uk", "У телеграм-каналі Mash з'явилося відео з насосом.", "mash"),
        ("uk", "В ефірі «Солоної хвилі» водолаз розповів, що насос був старий.", "Солоної хвилі"),
    ],
)
def test_media_that_nobody_knows_are_told_by_where_they_stand(language: str, text: str, wanted: str) -> None:
    assert wanted in credited_names(text, language, INDEX)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The engineer told the Harbour Court that the pump had failed. He told the FBI the same, and told NATO nothing."),
        ("en", "Kathleen Dell Arbo left at noon. A diver told Dell Arbo that the pump had failed, and told John Carrow."),
        ("en", "He told Rye House Committee members that Hong Kong reported on Friday. Carrow Cement reported a loss."),
        ("en", "The diver told Facebook and the Interior Ministry. He told SaltPump executives to repair it."),
        ("de", "Der Taucher sagte dem Ausschuss, die Pumpe sei alt. Gegenüber Jahreskarten ist das günstig."),
        ("de", "Wie Polizeisprecher Keller mitteilte, war die Pumpe alt. Das berichtete Peter Arnholt."),
        ("ru", "Об этом сообщает МЧС. Насос старый, пишет Пётр Семёнов в Telegram. «Газпром» сообщил об убытках."),
        ("ru", "«Мы не успели», — рассказал водолаз. По данным Минобороны, насос отказал."),
        ("uk", "Про це повідомляє Держпраці. Насос старий, пише Петро Семенюк у Facebook. За даними ДСНС, він відмовив."),
        ("uk", "Про це повідомляє пресслужба поліції. Передають Привіт усім."),
    ],
)
def test_bodies_companies_persons_and_platforms_join_no_chain(language: str, text: str) -> None:
    assert credited_names(text, language, INDEX) == ()
