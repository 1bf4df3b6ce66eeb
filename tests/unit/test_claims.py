"""Reports split into claims, with what each sentence needs from the ones before it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comparison.claims import annotate, split_claims
from comparison.speakers import find_speaker
from storage.claim_records import Claim, ClaimKind

ENGLISH = "\n\n".join(
    [
        "A flood nobody was warned of",
        "Orlitz – The dyke at Orlitz broke on Friday night, the mayor says. “There was no siren. It should be 40 houses that are gone,” "
        "says the sister of a fireman. Her brother had been sent to Berlin. He is said to have slept for three days in a hall.",
        "Read also: How dykes are built",
        "Parliament passed a law on dykes in March. The Prague-based broadcaster Radio Fluss, which is funded by its listeners, reaches "
        "millions of people. What now? (mt)",
    ]
)


def test_a_report_becomes_claims() -> None:
    claims = split_claims(ENGLISH, "en", datetime(2022, 11, 14, tzinfo=UTC))
    assert [claim.id for claim in claims] == [f"c{number:02d}" for number in range(1, len(claims) + 1)]
    assert [claim.text for claim in claims] == [
        "Orlitz – The dyke at Orlitz broke on Friday night, the mayor says.",
        "“There was no siren.”",
        "“It should be 40 houses that are gone,” says the sister of a fireman.",
        "Her brother had been sent to Berlin.",
        "He is said to have slept for three days in a hall.",
        "Parliament passed a law on dykes in March.",
        "The Prague-based broadcaster Radio Fluss, which is funded by its listeners, reaches millions of people.",
    ]


def test_headlines_boilerplate_questions_and_signatures_are_no_claims() -> None:
    text = " ".join(claim.text for claim in split_claims(ENGLISH, "en"))
    for left_out in ("nobody was warned", "How dykes are built", "What now", "(mt)"):
        assert left_out not in text


def test_a_pronoun_carries_the_sentence_it_leans_on() -> None:
    claims = {claim.text: claim for claim in split_claims(ENGLISH, "en")}
    he = claims["He is said to have slept for three days in a hall."]
    assert "Her brother had been sent to Berlin." in he.context
    assert claims["Parliament passed a law on dykes in March."].context == ""


def test_kinds_speakers_hearsay_and_facts_are_drafted() -> None:
    claims = split_claims(ENGLISH, "en", datetime(2022, 11, 14, tzinfo=UTC))
    kinds = [claim.kind for claim in claims]
    assert kinds[-2:] == [ClaimKind.CONTEXT, ClaimKind.ABOUT_SOURCE]
    assert set(kinds[:5]) == {ClaimKind.EVENT}
    houses = claims[2]
    assert (houses.hearsay, houses.speaker) == (True, "the sister of a fireman")
    assert [(number.low, number.unit) for number in houses.numbers] == [(40.0, "building")]
    assert claims[3].places[0].text == "Berlin"
    assert [(number.low, number.unit) for number in claims[4].numbers] == [(3.0, "day")]
    assert claims[5].dates == ("2022-03",)


HEARSAY = [
    ("en", "About 250 people are reportedly held there.", True),
    ("en", "It should be 250 people.", True),
    ("en", "About 250 people are held there.", False),
    ("de", "Dort sollen 250 Menschen festgehalten werden.", True),
    ("de", "Angeblich sitzen dort 250 Menschen.", True),
    ("de", "Dort sitzen 250 Menschen.", False),
    ("ru", "Там якобы держат 250 человек.", True),
    ("ru", "По словам матери, там держат 250 человек.", True),
    ("ru", "Там держат 250 человек.", False),
    ("uk", "Там нібито тримають 250 людей.", True),
    ("uk", "Мовляв, там 250 людей.", True),
    ("uk", "Там тримають 250 людей.", False),
]


@pytest.mark.parametrize(("language", "text", "hearsay"), HEARSAY)
def test_hearsay_is_marked(language: str, text: str, hearsay: bool) -> None:
    assert annotate(Claim(id="c01", text=text), language).hearsay is hearsay


SPEAKERS = [
    ("en", "They were insulted, says the sister of a soldier.", "the sister of a soldier"),
    ("en", "The soldier's mother speaks of a basement.", "The soldier's mother"),
    ("de", "Sie wurden beschimpft, berichtet die Schwester.", "die Schwester"),
    ("ru", "По словам сестры солдата, их оскорбляли.", "сестры солдата"),
    ("uk", "За словами сестри, їх ображали там.", "сестри"),
    ("en", "They were insulted in the village.", ""),
]


@pytest.mark.parametrize(("language", "text", "speaker"), SPEAKERS)
def test_speakers_are_named_in_the_texts_own_words(language: str, text: str, speaker: str) -> None:
    [claim] = split_claims(text, language)
    assert claim.speaker == speaker


@pytest.mark.parametrize(
    ("language", "text", "leans"),
    [
        ("de", "Der Deich brach in der Nacht. Er war alt und voller Risse.", True),
        ("ru", "Солдата отправили на фронт. Его держат в подвале села.", True),
        ("uk", "Солдата відправили на фронт. Там він пробув три дні.", True),
        ("uk", "Солдата відправили на фронт. Мати чекає вдома на листа.", False),
    ],
)
def test_other_languages_lean_too(language: str, text: str, leans: bool) -> None:
    assert bool(split_claims(text, language)[1].context) is leans


def test_annotating_replaces_facts_and_keeps_the_rest() -> None:
    claim = Claim(
        id="c07",
        version=3,
        kind=ClaimKind.CONTEXT,
        text="250 people are held in Zaitseve.",
        context="There.",
        speaker="a sister",
        hearsay=True,
    )
    found = annotate(claim, "en")
    assert (found.id, found.version, found.kind, found.context, found.speaker, found.hearsay) == (
        "c07",
        3,
        ClaimKind.CONTEXT,
        "There.",
        "a sister",
        True,
    )
    assert [number.text for number in found.numbers] == ["250 people"]
    assert [place.text for place in found.places] == ["Zaitseve"]
    assert annotate(found, "en") == found


@pytest.mark.parametrize("text", ["", " \n ", "…", "?", "a", "\u0000\n", "Nur ein Titel"])
def test_texts_without_claims_give_none(text: str) -> None:
    assert split_claims(text, "de") == ()


LEFT_OUT = [
    ("en", "ORLITZ, May 3 (Wire) - The dyke broke at dawn.", "The dyke broke at dawn."),
    ("en", "ORLITZ -- The dyke broke at dawn.", "The dyke broke at dawn."),
    ("de", "BERLIN/GENF xyz | Der Deich brach am Morgen.", "Der Deich brach am Morgen."),
    ("de", "Berlin (xyz) - Der Deich brach am Morgen. (xyz/mit)", "Der Deich brach am Morgen."),
    ("de", "Rostow am Don. Der Deich brach am Morgen.", "Der Deich brach am Morgen."),
    ("ru", "Москва. 3 мая. WIRE.RU - Плотину прорвало на рассвете.", "Плотину прорвало на рассвете."),
    ("uk", "КИЇВ, 3 травня – Греблю прорвало на світанку.", "Греблю прорвало на світанку."),
    ("ru", "🔻 Плотину прорвало на рассвете. ⚡️", "Плотину прорвало на рассвете."),
    ("ru", "UPD 18:40. Плотину прорвало на рассвете.", "Плотину прорвало на рассвете."),
    ("uk", "Нагадаємо, греблю прорвало на світанку.", "Греблю прорвало на світанку."),
    ("uk", "СБУ – це служба безпеки України.", "СБУ – це служба безпеки України."),
    ("de", "Der Deich brach (die Ursache blieb offen).", "Der Deich brach (die Ursache blieb offen)."),
]


@pytest.mark.parametrize(("language", "line", "text"), LEFT_OUT)
def test_datelines_labels_signs_and_signatures_are_no_part_of_a_claim(language: str, line: str, text: str) -> None:
    assert [claim.text for claim in split_claims(line, language)] == [text]


QUOTED = [
    (
        "en",
        '"It was dark," Ann Roe, a nurse, told the Courier by telephone. "We heard the water. Nobody came here."',
        [("Ann Roe", '"We heard the water."'), ("Ann Roe", '"Nobody came here."')],
    ),
    (
        "de",
        "»Ich lief schon los. Niemand kam«, berichtete ein Fahrer der Deutschen Presse-Agentur.",
        [("ein Fahrer", "»Ich lief schon los.«"), ("ein Fahrer", "»Niemand kam«, berichtete ein Fahrer der Deutschen Presse-Agentur.")],
    ),
    (
        "ru",
        "«Нас подняли ночью. Никто не пришел», — рассказала журналистам медсестра Иванова.",
        [
            ("медсестра Иванова", "«Нас подняли ночью.»"),
            ("медсестра Иванова", "«Никто не пришел», — рассказала журналистам медсестра Иванова."),
        ],
    ),
    (
        "uk",
        'Дослівно Коваля: "Вода прийшла вночі. Ніхто не попередив".',
        [("Коваля", '"Вода прийшла вночі."'), ("Коваля", '"Ніхто не попередив".')],
    ),
    (
        "uk",
        "Олена, вчителька зі школи, провела там рік. «Нас було сорок у камері», — каже вона.",
        [("Олена", "«Нас було сорок у камері», — каже вона.")],
    ),
]


@pytest.mark.parametrize(("language", "text", "claims"), QUOTED)
def test_a_quotation_of_several_sentences_keeps_its_speaker_and_its_marks(language: str, text: str, claims: list[tuple[str, str]]) -> None:
    assert [(claim.speaker, claim.text) for claim in split_claims(text, language)][-len(claims) :] == claims


MORE_SPEAKERS = [
    ("en", "Eight people were hurt, officials said on Monday, as boats searched the streets.", "officials"),
    ("en", "The Wire quoted a clerk at the mill, who asked not to be named, as saying the valve was stuck.", "a clerk at the mill"),
    ("en", "Forty were moved, according to deputy mayor Ann Roe, who said the hall was full.", "deputy mayor Ann Roe"),
    ("de", "Am Mittwoch teilte die Polizei mit, der Deich sei gebrochen.", "die Polizei"),
    ("de", "Verletzt wurden nach Polizeiangaben acht Menschen am Deich.", "Polizei"),
    ("de", "Acht Menschen fehlen, wie die Agentur am Abend unter Berufung auf die Ermittler meldete.", "die Ermittler"),
    ("de", "Die Helferin Anna Roth (Grüne) sagte in Genf, die Lage sei ernst.", "Die Helferin Anna Roth"),
    ("ru", "В комитете матерей сообщили, что жалоб стало больше.", "комитете матерей"),
    ("ru", "По оценке профсоюза, пострадали восемь человек на дамбе.", "профсоюза"),
    ("ru", "Об этом нам рассказали двое рабочих с дамбы.", "двое рабочих с дамбы"),
    ("uk", "Речниця штабу Анна Коваль спростувала це: за її словами, греблю не чіпали.", "Речниця штабу Анна Коваль"),
    ("uk", "Від повені загинуло восьмеро людей, розповідали в управі.", "управі"),
]


@pytest.mark.parametrize(("language", "text", "speaker"), MORE_SPEAKERS)
def test_speakers_stand_beside_times_brackets_and_those_who_are_told(language: str, text: str, speaker: str) -> None:
    [claim] = split_claims(text, language)
    assert claim.speaker == speaker


def test_a_correction_is_about_the_report_and_an_initial_ends_no_name_that_is_none() -> None:
    text = "Correction: An earlier version said 29 houses were lost. The mayor later gave 27."
    assert {claim.kind for claim in split_claims(text, "en")} == {ClaimKind.ABOUT_SOURCE}
    assert len(split_claims("Das schrieb ein Sprecher auf X. Die Armee bestritt es am Abend.", "de")) == 2


UNSEEN = [
    ("en", '"The deal is garbage for all of us," commented Ann Roe.', "Ann Roe"),
    ("en", "According to Ann the best time to come is May.", "Ann"),
    ("en", "The letter came a week after the police announced the arrests.", ""),
    ("de", "„Das Meer erwärmt sich immer weiter“, sagte Roth dem Abendblatt.", "Roth"),
    ("de", "Sechs Arbeiter fehlen, teilte das Ministerium in Orlitz mit.", "das Ministerium in Orlitz"),
    (
        "de",
        "Erst im Januar seien zwei Stollen gesperrt, bald aber wieder geöffnet worden, sagte ihr Leiter Karl Roth.",
        "ihr Leiter Karl Roth",
    ),
    ("ru", "«Мы просим вернуть живых домой», — говорится в обращении.", "обращении"),
    ("uk", "У міністерстві назвали це помилкою і пообіцяли відповідь.", "міністерстві"),
    ("uk", "Вартість вантажу оцінюють у 430 мільйонів доларів.", ""),
]


@pytest.mark.parametrize(("language", "text", "speaker"), UNSEEN)
def test_verbs_in_two_parts_and_documents_name_their_speakers(language: str, text: str, speaker: str) -> None:
    [claim] = split_claims(text, language)
    assert claim.speaker == speaker


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        ("Sie wurde gefilmt und erkannt, wie die BBC weiter schrieb.", "die BBC"),
        ("Besonders scharf kritisiert wurde ihre Entscheidung, die Fahne einzuholen.", None),
        ("Erst äußerte sich ein Minister deutlich, nun meldet sich auch Anna Lind zu Wort.", None),
        ("Nachbarn berichten, es habe gebrannt.", "Nachbarn"),
    ],
)
def test_a_german_speaker_is_a_noun_without_what_belongs_to_the_verb(sentence: str, speaker: str | None) -> None:
    found = find_speaker(sentence, "de")
    assert (found.name if found else None) == speaker


LEANING = [
    ("en", "Fishermen sued the port. Despite these complaints, the gates stayed shut.", True),
    ("en", "Fishermen sued the port. The ministry rejected those claims outright.", True),
    ("en", "Fishermen sued the port. Some have already moved inland.", True),
    ("en", "The pilot owned a boat. Villagers also allege he sold the keys.", True),
    ("en", "A keeper died at the gates. Nobody was told, her husband said.", True),
    ("en", "Fishermen sued the port. The port opens this week at last.", False),
    ("en", "Fishermen sued the port. Guards arrested them at dawn.", True),
    ("en", "Fishermen sued the port. Guards said they had seen nothing.", False),
    ("de", "Der Wärter lebt allein. Zum Hafen kommt er mit dem Rad.", True),
    ("de", "Der Wärter lebt allein. Nachbarn luden Freunde ein und bewirteten sie.", False),
    ("de", "Der Plan ist neu. Fischer haben im Herbst dagegen protestiert.", True),
    ("de", "Der Plan ist neu. Fischer haben dafür, dass er kommt, lange gekämpft.", False),
    ("de", "Der Plan ist neu. Man suche Personal, heißt es dort.", True),
    ("de", "Das Amt schwieg. Dem widersprach ein Wärter.", True),
    ("de", "Das Amt schwieg. Dem Wärter drohen fünf Jahre.", False),
    ("de", "Fischer klagten gegen den Hafen. Dazu kamen zwanzig Boote aus Orlitz.", True),
    ("de", "Fischer klagten gegen den Hafen. Bei dieser Klage ging es um Geld.", True),
    ("de", "Das Amt prüfte die Tore. Die Polizei hat diese Angaben nicht bestätigt.", True),
    ("de", "Fischer klagten gegen den Hafen. Der Hafen öffnet diese Woche wieder.", False),
    ("ru", "Рыбаки подали иск. На них ушло три года работы суда.", True),
    ("ru", "Рыбаки подали иск. Порт назвал эти требования смешными.", True),
    ("ru", "Рыбаки подали иск. Порт откроется на этой неделе.", False),
    ("uk", "Рибалки подали позов. На нього пішло три роки роботи суду.", True),
    ("uk", "Рибалки подали позов. Порт назвав ці вимоги смішними.", True),
    ("uk", "Рибалки подали позов. Порт відкриють на цьому тижні.", False),
]


@pytest.mark.parametrize(("language", "text", "leans"), LEANING)
def test_demonstratives_and_pronouns_lean_wherever_they_stand(language: str, text: str, leans: bool) -> None:
    assert bool(split_claims(text, language)[1].context) is leans


DECEMBER = datetime(2024, 12, 10, tzinfo=UTC)
KINDS = [
    ("en", "“We have mended nets for years and the government never paid,” said Ada Merrin.", ClaimKind.EVENT),
    ("en", "The pilot said the government had never paid for the gates.", ClaimKind.EVENT),
    ("en", "The government said the law on gates had to change.", ClaimKind.CONTEXT),
    ("en", "On Sunday the invasion of crabs reached the gates.", ClaimKind.EVENT),
    ("en", "The gates are open. In 2023 a storm broke two of them.", ClaimKind.CONTEXT),
    ("en", "In 2023 a storm broke two gates.", ClaimKind.EVENT),
    ("en", "Gates of iron are usually painted every spring.", ClaimKind.CONTEXT),
    ("de", "Reparaturen in der Nacht sind verboten.", ClaimKind.CONTEXT),
    ("de", "Die Angaben ließen sich unabhängig nicht überprüfen.", ClaimKind.ABOUT_SOURCE),
    ("de", "Dabei handelt es sich um ein Vorhaben des Bundes.", ClaimKind.CONTEXT),
    ("en", "The port gives tens of millions a year to charities.", ClaimKind.CONTEXT),
    ("ru", "Порт относится к области и является крупнейшим на реке.", ClaimKind.CONTEXT),
    ("uk", 'Ворота заіржавіли, повідомило місцеве видання «Пристань".', ClaimKind.EVENT),
]


@pytest.mark.parametrize(("language", "text", "kind"), KINDS)
def test_who_speaks_and_when_it_was_tells_events_from_background(language: str, text: str, kind: ClaimKind) -> None:
    assert split_claims(text, language, DECEMBER)[-1].kind is kind


def test_indirect_speech_goes_on_behind_a_pronoun_and_not_behind_every_sentence_that_leans() -> None:
    text = "The pilot said the gates were old. He had warned the port twice. Despite this warning, the port did nothing."
    assert [claim.speaker for claim in split_claims(text, "en")] == ["The pilot", "The pilot", ""]


MORE_HEARSAY = [
    ("en", "The repair should be paid for by the port.", False),
    ("de", "Nach „Hafenblatt“-Informationen fehlen acht Tore.", True),
    ("de", "Insgesamt fehlen nach Auffassung des Gerichts acht Tore.", True),
    ("de", "Der Export von Wolle steht still.", False),
    ("de", "Ein neuer Plan soll die Fischer beruhigen.", False),
    ("de", "Der Wärter soll geschlafen haben.", True),
    ("de", "Es tue ihr leid, dass die Tore rosten.", True),
    ("en", "The gates, we're told, were never locked.", True),
    ("ru", "Смотритель, как отмечается, потерял ключи.", True),
    ("uk", "Вважається, що наглядач загубив ключі.", True),
]


@pytest.mark.parametrize(("language", "text", "hearsay"), MORE_HEARSAY)
def test_what_is_said_to_be_so_is_hearsay_and_what_ought_to_be_is_not(language: str, text: str, hearsay: bool) -> None:
    assert annotate(Claim(id="c01", text=text), language).hearsay is hearsay


def test_a_headline_with_a_mark_and_calls_to_the_reader_are_no_claims() -> None:
    text = (
        "Schleuse frisst Fähre!\nDie Schleuse schloss um acht Uhr. Hier geht es zum Newsletter.\nWenn Sie etwas wissen, schreiben Sie uns."
    )
    assert [claim.text for claim in split_claims(text, "de", title="Schleuse frisst Fähre!")] == ["Die Schleuse schloss um acht Uhr."]
    russian = "(Орлица, 3 мая, «Пристань»). Ворота порта заржавели. Фото пресс-службы порта.\nЗвоните нам в студию."
    assert [claim.text for claim in split_claims(russian, "ru")] == ["Ворота порта заржавели."]


def test_the_german_subjunctive_is_said_by_whoever_was_spoken_of_last() -> None:
    text = "Aiden Pardo ist Schleusenwärter. An Markttagen brauche er eine Stunde. „Da kommt keiner durch.“"
    assert [claim.speaker for claim in split_claims(text, "de")] == ["", "Aiden Pardo", "Aiden Pardo"]


def test_a_headline_made_of_a_quotation_is_no_second_claim() -> None:
    text = "“Mend the gates now!”\nPardo hopes for an end: “Mend the gates now,” she said."
    assert [claim.text for claim in split_claims(text, "en")] == ["Pardo hopes for an end: “Mend the gates now,” she said."]


def test_a_german_verb_in_the_subjunctive_is_indirect_speech_by_its_form() -> None:
    text = "Verdi kritisiert den Plan, sagte Ines Pardo. Die Regierung verkenne die Lage. Die alte Schleuse rostet weiter."
    assert [(claim.speaker, claim.hearsay) for claim in split_claims(text, "de")] == [
        ("Ines Pardo", False),
        ("Ines Pardo", True),
        ("", False),
    ]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Der Hafen ist offen. Salz am Rand ist ein gemeinnütziger Verein mit Sitz in Orlitz."),
        ("en", "The port is open. Salt Now is a coalition of eleven groups funded by donors."),
        ("ru", "Порт открыт. Фонд «Соль» основан в 2009 году и существует на пожертвования."),
    ],
)
def test_whoever_speaks_of_himself_at_the_end_is_about_the_source(language: str, text: str) -> None:
    assert split_claims(text, language)[-1].kind is ClaimKind.ABOUT_SOURCE
