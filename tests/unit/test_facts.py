"""A claim's facts beside a passage's: what agrees, what differs, and what is not stated. By rule, in four languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comparison.claims import annotate
from comparison.facts import compare_facts, numbers_agree
from storage.claim_records import Claim, FactVerdict, Number

AGREES, DIFFERS = FactVerdict.AGREES, FactVerdict.DIFFERS
NOT_STATED, NO_KEY_FACT = FactVerdict.NOT_STATED, FactVerdict.NO_KEY_FACT
PUBLISHED = datetime(2022, 11, 14, tzinfo=UTC)

COUNT = annotate(
    Claim(id="c03", text="Reportedly about 250 people are being held there.", context="In the basement in Zaitseve.", hearsay=True), "en"
)
PLACE = annotate(Claim(id="c02", text="A soldier was held in a basement in Zaitseve."), "en")
HOMONYM = annotate(Claim(id="c02r", text="A soldier was held in a basement in Zaitseve.", context="In Luhansk region."), "en")
BASE = annotate(Claim(id="c12", text="The soldiers were taken to a military base in Valuyki in Russia."), "en")
REGION = annotate(Claim(id="c01", text="Soldiers are held in cellars in Luhansk region."), "en")
DAYS = annotate(Claim(id="c06", text="They spent three days without water."), "en")
DATE = annotate(Claim(id="c16", text="In September Putin tightened a law."), "en", PUBLISHED)
BRIGADE = annotate(Claim(id="u1", text="Men of the 21st Motor Rifle Brigade refused to attack."), "en")
TOLL = annotate(Claim(id="u2", text="The strike killed three people and wounded seven."), "en")
WEEKS = annotate(Claim(id="u3", text="Zwei Wochen lang war der Anwalt verschwunden."), "de")
NOTHING = annotate(Claim(id="c13", text="They were put under pressure and insulted."), "en")
DEAD = annotate(Claim(id="x1", text="Five people were killed in the attack."), "en")

VILLAGE = annotate(Claim(id="f4", text="В селі Пшеводув загинули двоє чоловіків."), "uk")
SAID = annotate(Claim(id="f5", text="Там держали людей, сообщил представитель отряда 6 ноября."), "ru", PUBLISHED)
SPOKEN = annotate(Claim(id="f6", text="Villages in the Kharkiv region were freed, the minister said in Kyiv."), "en")
FLIGHT = annotate(Claim(id="f1", text="Ein Flug aus Oslo musste nachts in Vilnius landen."), "de")
LEAVING = annotate(Claim(id="f2", text="The column left Lyman in the night."), "en")
BORDER = annotate(Claim(id="f3", text="Der Hubschrauber verschwand nahe der Grenze zu Aserbaidschan im Nebel."), "de")

CASES = [
    # --- counts ----------------------------------------------------------------------------------------------------------------
    (COUNT, "uk", "За словами племінника, у тому підвалі близько 250 людей.", AGREES),
    (COUNT, "ru", "Говорят, там человек 250.", AGREES),
    (COUNT, "de", "250 Leute sollen dort unten sein.", AGREES),
    (COUNT, "ru", "Внизу около 300 человек.", DIFFERS),
    (COUNT, "ru", "В списке 43 человека.", DIFFERS),
    (COUNT, "ru", "По списку 234 человека.", DIFFERS),
    (COUNT, "ru", "Незаконно удерживаются не менее 280 военнослужащих, говорится в жалобе.", DIFFERS),
    (COUNT, "ru", "Там от 200 до 300 солдат.", AGREES),  # a range that contains it
    (COUNT, "uk", "Там від 21 до 26 осіб.", DIFFERS),
    (COUNT, "de", "Dort sind mehr als 200 Männer eingesperrt.", AGREES),  # a bound close by
    (COUNT, "de", "Dort sind mehr als 100 Männer eingesperrt.", NOT_STATED),  # a bound that says too little
    (COUNT, "ru", "Там сотни людей.", NOT_STATED),  # contains it without stating it
    (COUNT, "ru", "Там десятки людей.", DIFFERS),
    (COUNT, "en", "They were held there for three days.", NOT_STATED),  # days are no people
    (COUNT, "en", "The army lost 300 tanks.", NOT_STATED),  # nor are tanks
    (COUNT, "en", "Two soldiers said they were held there.", NOT_STATED),  # those who tell are not those who are counted
    (COUNT, "en", "300 people were killed there.", NOT_STATED),  # the dead are not the held
    (COUNT, "en", "The mothers of 17 men wrote; 17 mothers signed.", DIFFERS),
    (COUNT, "en", "17 mothers signed the letter.", NOT_STATED),
    (COUNT, "en", "Of the 300 in the town, 250 people are held there.", AGREES),  # the nearest in the same role
    (COUNT, "de", "Die Armee hat 20.000 geübte Leute übrig.", NOT_STATED),  # a count of quite another size is of another thing
    (COUNT, "ru", "В Перевальске держат 234 человека.", DIFFERS),
    (COUNT, "ru", "В Перевальске держат около 250 человек.", DIFFERS),  # the same figure in another town is another event
    (COUNT, "ru", "Солдат из Перевальска говорит, что там около 250 человек.", AGREES),  # where he comes from is no scene
    (COUNT, "ru", "В подвале в Зайцево сидят около 250 отказников.", AGREES),
    # --- places ----------------------------------------------------------------------------------------------------------------
    (PLACE, "ru", "Его держат в подвале в Зайцево.", AGREES),
    (PLACE, "uk", "Дениса замкнули в підвалі в Зайцевому.", AGREES),
    (PLACE, "de", "Er sitzt in einem Keller in Sajzewe.", AGREES),
    (PLACE, "ru", "Его держат в подвале в Перевальске.", DIFFERS),
    (PLACE, "ru", "Его держат в подвале в Луганской области.", NOT_STATED),  # true and less precise
    (PLACE, "ru", "Его держат в подвале.", NOT_STATED),
    (PLACE, "ru", "Отец из Ржева говорит, что его держат в подвале.", NOT_STATED),
    (PLACE, "ru", "Солдаты из Ржева сидят в подвале в Зайцево.", AGREES),
    (HOMONYM, "uk", "Бійці не пішли на позиції за Зайцевим на Донеччині.", DIFFERS),  # there are several Zaitseves
    (HOMONYM, "ru", "У села Зайцево в Донецкой области сидят в подвале.", DIFFERS),
    (HOMONYM, "ru", "В подвале в Зайцево, в Луганской области, держат солдата.", AGREES),
    (HOMONYM, "ru", "В подвале в Зайцево держат солдата.", AGREES),
    (HOMONYM, "ru", "В подвале в Зайцево держат солдата из Донецкой области.", AGREES),
    (REGION, "ru", "Их держат в подвалах в Луганской области.", AGREES),
    (REGION, "uk", "Їх тримають у Сватовому.", AGREES),  # a town in the region
    (REGION, "uk", "Їх тримають у підвалі на Донеччині.", DIFFERS),
    (REGION, "de", "Sie sitzen in Kellern in der Ukraine.", NOT_STATED),
    (BASE, "ru", "Их привезли в Россию, на базу в Валуйках.", AGREES),
    (BASE, "ru", "Их привезли на окраину Валуек.", AGREES),
    (BASE, "en", "They were taken to a base in Russia.", NOT_STATED),  # the country alone is not the base
    (BASE, "en", "They were taken to a base in Belgorod.", DIFFERS),
    # --- dates, durations, the dead --------------------------------------------------------------------------------------------
    (DATE, "de", "Am 24. September unterzeichnete Präsident Putin die Novelle.", AGREES),
    (DATE, "ru", "В марте Путин подписал закон.", DIFFERS),
    (DATE, "ru", "Путин подписал закон.", NOT_STATED),
    (DAYS, "ru", "Трое суток они провели без воды.", AGREES),
    (DAYS, "uk", "Три доби без води.", AGREES),
    (DAYS, "ru", "Десять дней без воды.", DIFFERS),
    (DAYS, "ru", "Без воды сидели 250 человек.", NOT_STATED),
    (DEAD, "ru", "При обстреле погибли пять человек.", AGREES),
    (DEAD, "uk", "Загинули семеро людей.", DIFFERS),
    (DEAD, "de", "Fünf Menschen wurden verletzt.", NOT_STATED),
    # --- units, measures, several numbers --------------------------------------------------------------------------------------
    (BRIGADE, "ru", "Бойцы 21-й отдельной мотострелковой бригады отказались.", AGREES),
    (BRIGADE, "de", "Soldaten der 12. Motorschützenbrigade weigerten sich.", DIFFERS),
    (BRIGADE, "en", "21 men of the brigade refused.", NOT_STATED),
    (TOLL, "uk", "Троє загинули, семеро поранені.", AGREES),
    (TOLL, "ru", "Погибли пятеро, семеро ранены.", DIFFERS),
    (WEEKS, "en", "The lawyer was missing for 14 days.", AGREES),
    (WEEKS, "uk", "Два місяці адвокат не виходив на зв'язок.", DIFFERS),
    (WEEKS, "en", "The lawyer was missing for half a month.", AGREES),  # another unit, roughly as long
    (DATE, "en", "As of October 4 nobody had been charged.", NOT_STATED),  # the day of a count
    (VILLAGE, "de", "In dem Dorf Przewodów starben zwei Männer.", AGREES),  # Polish letters as they are heard
    (SAID, "en", "Since June 40 men have been held there.", NOT_STATED),  # the claim dates only what its source said
    (SPOKEN, "ru", "В Харьковской области освобождены сёла.", AGREES),  # where a minister spoke is no scene
    (SPOKEN, "en", "The villages lie in the Kherson region, a spokesman said in Kharkiv.", DIFFERS),
    (DATE, "de", "Das sei Gesetz, sagte der Minister am 3. Oktober.", NOT_STATED),  # the day of speaking
    (DATE, "en", "The war that began in 2014 goes on.", NOT_STATED),  # a year beside a month is of something else
    (FLIGHT, "uk", "Рейс з Осло сів у Ризі.", DIFFERS),  # where a flight comes from is not where it landed
    (FLIGHT, "uk", "Рейс з Осло сів у Вільнюсі.", AGREES),
    (LEAVING, "ru", "Из Бахмута колонна ушла ночью.", DIFFERS),  # what leaves a town was there
    (BORDER, "en", "Thousands mourned in Iran.", NOT_STATED),  # near a border is in neither country
    # --- nothing to compare ----------------------------------------------------------------------------------------------------
    (NOTHING, "ru", "На них давили и оскорбляли, их было 43.", NO_KEY_FACT),
]


@pytest.mark.parametrize(("claim", "language", "passage", "verdict"), CASES, ids=[f"{case[0].id} {case[2]}" for case in CASES])
def test_the_key_fact_is_compared(claim: Claim, language: str, passage: str, verdict: FactVerdict) -> None:
    found, pairs = compare_facts(claim, passage, language, PUBLISHED)
    assert found is verdict, pairs


def test_both_values_are_shown() -> None:
    _, pairs = compare_facts(COUNT, "Внизу около 300 человек.", "ru", PUBLISHED)
    assert [(pair.field, pair.claim_value, pair.passage_value, pair.verdict) for pair in pairs] == [
        ("number", "about 250 people", "около 300 человек", DIFFERS)
    ]


def test_a_printed_quotation_is_recognised_and_its_absence_says_nothing() -> None:
    claim = replace(NOTHING, quotes=("Nobody asked us whether we wanted to go",))
    verdict, pairs = compare_facts(claim, "“Nobody asked us, whether we wanted to go”, he said.", "en", None)
    assert verdict is NO_KEY_FACT
    assert [(pair.field, pair.verdict) for pair in pairs] == [("quote", AGREES)]
    assert compare_facts(claim, "He said nothing.", "en", None) == (NO_KEY_FACT, ())


def number(low: float | None, high: float | None, approximate: bool = False) -> Number:
    return Number(low=low, high=high, approximate=approximate, unit="person", text="", start=0, end=0)


@pytest.mark.parametrize(
    ("claim", "passage", "verdict"),
    [
        (number(250, 250), number(250, 250), AGREES),
        (number(250, 250), number(251, 251), DIFFERS),
        (number(250, 250, True), number(260, 260), AGREES),
        (number(250, 250, True), number(265, 265), DIFFERS),
        (number(250, 250), number(200, 300), AGREES),
        (number(250, 250), number(200, 999, True), NOT_STATED),
        (number(250, 250), number(200, None), AGREES),
        (number(250, 250), number(100, None), NOT_STATED),
        (number(250, 250), number(280, None), DIFFERS),
        (number(250, 250), number(None, 300), AGREES),
        (number(250, 250), number(None, 200), DIFFERS),
        (number(250, 250), number(None, 1000), NOT_STATED),
        (number(200, None), number(200, None), AGREES),
        (number(200, None), number(300, None), NOT_STATED),
        (number(200, 999, True), number(200, 999, True), AGREES),
        (number(0, 0), number(0, 0), AGREES),
    ],
)
def test_figures_agree_within_what_they_say(claim: Number, passage: Number, verdict: FactVerdict) -> None:
    assert numbers_agree(claim, passage) is verdict


@pytest.mark.parametrize("passage", ["", " ", "…", "\u0000", "2" * 5000, "Зайцево " * 500])
def test_odd_passages_do_no_harm(passage: str) -> None:
    for claim in (COUNT, PLACE, DATE):
        compare_facts(claim, passage, "ru", None)


@pytest.mark.parametrize(
    ("passage", "verdict"),
    [
        ('He said: "Nobody asked us whether we wanted to go".', AGREES),
        ("„Nobody asked us whether we wanted to go there in winter“, sagte er.", AGREES),  # the claim cut it
        ('He said: "Nobody asked them whether they wanted to go".', DIFFERS),
        ("«Никто не спрашивал, хотим ли мы туда», — сказал он.", NOT_STATED),  # whether it is a translation a reader must see
    ],
)
def test_quotations_are_set_side_by_side(passage: str, verdict: FactVerdict) -> None:
    claim = replace(NOTHING, quotes=("Nobody asked us whether we wanted to go",))
    overall, pairs = compare_facts(claim, passage, "en", None)
    assert overall is NO_KEY_FACT
    assert [pair.verdict for pair in pairs if pair.field == "quote"] == [verdict]


def test_a_name_that_several_places_bear_is_told() -> None:
    _, pairs = compare_facts(PLACE, "Его держат в подвале в Зайцево.", "ru", PUBLISHED)
    assert [(pair.passage_value, pair.verdict) for pair in pairs] == [("Зайцево (there are several places of this name)", AGREES)]
    _, pairs = compare_facts(HOMONYM, "В подвале в Зайцево, в Луганской области, держат солдата.", "ru", PUBLISHED)
    assert pairs[0].passage_value == "Зайцево"


def test_spellings_that_no_list_joins_are_one_village() -> None:
    claim = annotate(Claim(id="v1", text="The column was shelled near the village of Petropavlivka."), "en")
    assert compare_facts(claim, "Колонну обстреляли у села Петропавловка.", "ru", None)[0] is AGREES


def test_how_many_tell_is_no_fact_of_what_they_tell() -> None:
    claim = annotate(Claim(id="c01", text="The strike killed 40 soldiers, two officers told the broadcaster."), "en")
    verdict, pairs = compare_facts(claim, "По словам двух офицеров, при ударе погибли 100 солдат.", "ru", None)
    assert verdict is DIFFERS
    assert [pair.claim_value for pair in pairs if pair.verdict is AGREES] == []
