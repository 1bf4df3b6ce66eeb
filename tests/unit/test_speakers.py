"""Who says a sentence, by where a name, a verb and a quotation stand to each other, in four languages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comparison.claims import split_claims
from comparison.named_person import named_person
from comparison.speakers import find_speaker

BY_PLACE = [
    # The office first, the name between commas.
    ("en", "Former harbour master, Osbert Tull, said the gates had rusted.", "Osbert Tull"),
    ("en", "The head of the port's dredging crew, Ada Merrin, warns that silt is rising.", "Ada Merrin"),
    ("uk", "Редакторка газети «Пристань», у якій він працював, Лідія Сорока припустила, що папери знищили.", "Лідія Сорока"),
    # The name first, where it is from behind it.
    ("en", "Ines Pardo from the coast-based Salt Marsh Environmental Law Alliance says: “Nobody counted the birds.”", "Ines Pardo"),
    ("en", "Mr Tull, who had worked for the port before falling out with it over the rust on the gates, said nobody listened.", "Mr Tull"),
    # Adverbs, conjunctions and what stands in front.
    ("en", "Villagers also claim that the gates were left open.", "Villagers"),
    ("en", "But residents say the gates were left open.", "residents"),
    ("en", "Fishermen have strongly cautioned against the plan.", "Fishermen"),
    ("en", "In parliament on Monday, Merrin explained that the gates, pumps, and sluices were old.", "Merrin"),
    ("en", "Residents of Salt Row, Elm Quay and Tanner say the gates were left open.", "Residents of Salt Row"),
    ("ru", "Отвечая на вопросы комиссии, смотритель П. признал, что ключи потерял.", "смотритель П."),
    ("uk", "Відповідаючи на запитання, наглядач Т. визнав, що ключі загубив.", "наглядач Т."),
    # Beside direct speech any verb is one of saying.
    ("en", "“Nobody counted the birds,” sighed Ines Pardo.", "Ines Pardo"),
    ("en", "That raises “doubts about the gates,” the inspectors wrote in a letter on Monday.", "the inspectors"),
    ("de", "Die Schleuse sei „kaum gewartet“, rügt etwa Ines Pardo vom Hafenverein.", "Ines Pardo"),
    ("ru", "«Птиц никто не считал», — вздыхает Инесса Пардова.", "Инесса Пардова"),
    ("uk", "«Птахів ніхто не рахував», — зітхає Інеса Пардова.", "Інеса Пардова"),
    # Without a verb.
    ("de", "Augenzeugin Ines P. (52): „Niemand hat die Vögel gezählt.“", "Augenzeugin Ines P."),
    ("uk", "«Птахів ніхто не рахував», — Інеса Пардова – мешканка порту.", "Інеса Пардова"),
    # What ends a name that stands last.
    ("ru", "Об этом заявил смотритель порта Пётр Лещ в комментарии изданию Порт.Сегодня.", "смотритель порта Пётр Лещ"),
    ("uk", "Ворота заіржавіли, - говориться у повідомленні порту.", "повідомленні порту"),
    ("uk", 'Як повідомляла "Пристань", ворота заіржавіли.', '"Пристань"'),
    ("ru", "О том, что ключи потеряны, первой написала газета «Пристань».", "газета «Пристань»"),
    # German: within the sentence, behind the verb, in the perfect.
    ("de", "Die Tore sind laut Hafenamt verrostet.", "Hafenamt"),
    ("de", "Gebaut wurden sie den Fachleuten zufolge um 1900.", "Fachleuten"),
    ("de", "Insgesamt fehlen nach Auffassung des Gerichts acht Tore.", "Gerichts"),
    ("de", "Nach „Hafenblatt“-Recherchen fehlen acht Tore.", "Hafenblatt"),
    ("de", "Kurz nach acht Uhr warnt die Hafenpolizei: Zwei Tore sind offen.", "die Hafenpolizei"),
    ("de", "Im Herbst 2021 hatte das Hafenamt erklärt, die Tore seien dicht.", "das Hafenamt"),
    ("de", "In einem Beitrag des Portals Hafenblatt hieß es, die Tore seien dicht.", "einem Beitrag des Portals Hafenblatt"),
    ("de", "Den Verdacht hält das Gericht für begründet.", "das Gericht"),
    ("de", "Zunächst hatte der „Hafenbote“ über die Tore berichtet.", "der „Hafenbote“"),
    ("de", "Dem widersprach die Leiterin des Hafenamts, Ines Pardo.", "Ines Pardo"),
    ("de", "Pardo gibt zu bedenken: „Die Tore sind alt.“", "Pardo"),
    ("de", "Den Plan bewertet Pardo gelassen: „Die Tore sind alt.“", "Pardo"),
    # Titles in quotation marks are no speech; clauses of their own; occasions behind a name.
    ("ru", "Компания «Порт» обвинила газету во лжи.", "Компания «Порт»"),
    ("ru", "Об этом говорится в заявлении порта на его странице.", "заявлении порта"),
    ("uk", "Про це порт повідомив у телеграмі.", "порт"),
    ("uk", "Голова громади Роман Лящук не стримує подиву: «Ми йому довіряли!»", "Голова громади Роман Лящук"),
    ("uk", "«Хто ж міг подумати», — сплескує руками сусідка Зіна.", "сусідка Зіна"),
    ("ru", "Первыми о воротах рассказали журналисты «Пристани».", "журналисты «Пристани»"),
    (
        "en",
        "The port wants to rebuild, but General Osbert Tull, head of the guard, told reporters that it could not.",
        "General Osbert Tull",
    ),
    ("en", "But a judge ruled that the gates must stay shut.", "a judge"),
    ("de", "„Die Tore sind alt“, schrieb Ines Pardo auf X.", "Ines Pardo"),
    ("de", "Auch den Plan hält sie für gut: „Die Tore sind alt.“", ""),
    ("en", "A source close to the brigade told reporters the pump was old.", "A source close to the brigade"),
    ("en", "The port hit back last night: “Safety comes first.”", "The port"),
    ("en", "In a letter on Monday, the commission, which keeps the rolls, issued a statement warning of delays.", "the commission"),
    ("de", "Auch der Betreiber räumt gegenüber Fischern Lücken ein.", "der Betreiber"),
    ("en", "Both sides said the talks were open.", "Both sides"),
    ("en", "US officials said the gates were old.", "US officials"),
    ("en", "The Ledger reported, citing a port clerk, that the gates were old.", "a port clerk"),
    ("de", "Ines Pardo, Leiterin der Schleuse, sagte der Zeitung, dass die Tore alt sind.", "Ines Pardo"),
    ("uk", "У коментарі «Пристані» директор порту Роман Лящук назвав ці дані вигаданими.", "директор порту Роман Лящук"),
    ("ru", "Согласно версии следствия, ворота не закрыли.", "следствия"),
    # Auxiliaries, abbreviations, a clause behind.
    ("en", "A spokeswoman, Ines Pardo, would only say that the gates were old.", "Ines Pardo"),
    ("en", "The gates were forced open, said Lt. Osbert Tull, a port police spokesman.", "Lt. Osbert Tull"),
    ("en", "Pardo supported the repair, saying that it would bring work.", "Pardo"),
    ("en", "Eight gates are missing, according to a letter that Pardo read out.", "a letter"),
    ("ru", "«Ворота старые», — приводит канал ПОРТ слова Инессы.", "Инессы"),
    ("ru", "Ранее Пардова писала, что ворота старые.", "Пардова"),
]


@pytest.mark.parametrize(("language", "text", "speaker"), BY_PLACE)
def test_a_speaker_is_told_by_its_place(language: str, text: str, speaker: str) -> None:
    [claim] = split_claims(text, language)
    assert claim.speaker == speaker


NOBODY = [
    ("en", "The United States is the largest buyer of salt."),
    ("en", "Those making the claim have offered a range of figures."),
    ("en", "US states and cities are building gates of their own."),
    ("en", "He married Ada Merrin, a victim of the port's alleged neglect."),
    ("en", "Merrin launched a tour of early-voting states, visiting two ports."),
    ("en", "We believe this pump has the potential to fill the dock."),
    ("en", "A preview of the report was shared with paying readers."),
    ("en", "The band's tour continues on 19 November in Orlitz."),
    ("de", "Sie mag eine Regel erlassen haben, die den Hafen zur Stadt erklärt."),
    ("de", "Auch „Hilfsmittel“ sollen die Täter eingesetzt haben."),
    ("en", "The talks broke down in May, citing costs."),
    ("en", "A recent report by the port counts eight gates."),
    ("en", "The studio creates an illusion and shows the way light falls."),
    ("de", "Wie das geht, zeigt ein Beispiel aus Orlitz."),
    ("de", "Der Landrat, der sich nach Angaben seines Anwalts erholt, erschien nicht."),
    ("uk", "Помер сторож, який першим написав про іржу."),
]


@pytest.mark.parametrize(("language", "text"), NOBODY)
def test_nouns_that_look_like_verbs_and_clauses_name_no_speaker(language: str, text: str) -> None:
    assert find_speaker(text, language) is None


def test_the_person_that_was_spoken_of_last_speaks_where_only_a_pronoun_does() -> None:
    text = (
        "The pilot, Osbert Tull, said the gates were old.\n"
        "However, the port's dredging manager Wanda Brindlemoor has doubts about the repair.\n"
        "“It costs too much. We have no crane,” she said."
    )
    assert [claim.speaker for claim in split_claims(text, "en")] == ["Osbert Tull", "", "Wanda Brindlemoor", "Wanda Brindlemoor"]


def test_who_is_only_spoken_of_does_not_become_the_speaker() -> None:
    text = (
        "The pilot, Osbert Tull, said a Mr Brindlemoor had bought the gates.\n"
        "Mr Brindlemoor then sold them to the port.\n“Nobody asked us,” he said."
    )
    assert split_claims(text, "en")[-1].speaker == "Osbert Tull"


@pytest.mark.parametrize(
    ("language", "sentence", "person"),
    [
        ("en", "The 16-inch SlatePad Pro fixes what the last one broke.", ""),
        ("en", "The hearing was opened by Ada Merrin.", ""),
        ("de", "Drama an der Schleuse: Erna K. (81) wollte nur nach Hause.", "Erna K."),
        ("uk", "Марина Лящук – мешканка порту.", "Марина Лящук"),
    ],
)
def test_a_person_is_named_at_the_head_of_a_sentence_or_beside_an_office(language: str, sentence: str, person: str) -> None:
    assert named_person(sentence, language) == person


def test_a_pronoun_is_the_person_named_before_it_in_the_sentence() -> None:
    text = "A pilot, Osbert Tull, said the gates were old.\nWhen Mayor Wanda Brindlemoor opened the port, she said it was safe."
    assert split_claims(text, "en")[-1].speaker.endswith("Wanda Brindlemoor")


def test_a_headline_and_a_report_date_do_not_matter_to_speakers() -> None:
    text = "Gates\n\nThe gates were old, the pilot told reporters on 3 May."
    [claim] = split_claims(text, "en", datetime(2024, 5, 4, tzinfo=UTC))
    assert claim.speaker == "the pilot"


def test_speech_ends_behind_its_mark_even_where_the_full_stop_stands_outside() -> None:
    text = 'Голова громади Роман Лящук повідомив про наслідки:\n"Маємо кілька влучань. За пів року це найбільший обстріл".'
    assert {claim.speaker for claim in split_claims(text, "uk")} == {"Голова громади Роман Лящук"}


def test_a_person_goes_on_under_the_surname_alone() -> None:
    text = "Wanda Brindlemoor ran the port.\nA pilot said the gates were old.\nBrindlemoor was accused of neglect. She denied it."
    assert split_claims(text, "en")[-1].speaker == "Brindlemoor"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Osbert Tull, a pilot, lost his boat.\n“It went down like a stone,” he sighed from his bed."),
        ("en", "Osbert Tull, a pilot, lost his boat.\nSpeaking to Saltmarsh FM, he blasted the port."),
        ("de", "Osbert Tull, ein Lotse, verlor sein Boot.\n„Es ging unter wie ein Stein“, seufzt er."),
    ],
)
def test_beside_direct_speech_a_pronoun_speaks_with_any_verb(language: str, text: str) -> None:
    assert split_claims(text, language)[-1].speaker == "Osbert Tull"
