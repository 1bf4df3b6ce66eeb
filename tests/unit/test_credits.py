"""Whom a text says it has something from: sentences as newspapers of four languages print them, each with the reason why it is here."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from comparison.credit_records import CreditKind
from comparison.credits import find_credits
from comparison.names import build_index, name_key


@dataclass(frozen=True)
class Card:
    id: str
    name: str
    owner: str
    also_known_as: tuple[str, ...] = ()


CARDS = (
    Card("techas_ru", "Текущий час", "radio_meridian", ("Current Hour", "Поточний час")),
    Card("meridian_en", "Radio Meridian", "radio_meridian", ("Радио Меридиан",)),
    Card("meridian_uk", "Радіо Меридіан", "radio_meridian", ("Radio Meridian",)),
    Card("strela_ru", "Стрела", "strela", ("Strela",)),
    Card("listok_ru", "Городской листок", "listok", ("Gorodskoi Listok",)),
    Card("perehuk_uk", "Перегук", "perehuk", ("Perehuk",)),
    Card("ukrvisti_uk", "Укрвісті", "ukrvisti", ("Укрвисти", "Ukrvisti")),
    Card("welle_de", "Welle Europa", "welle_europa"),
    Card("mainblatt_de", "Mainblatt", "mainverlag"),
    Card("harbour_en", "Harbour News", "harbour_media"),
    Card("zeit_de", "Die Zeit", "zeit"),
)
INDEX = build_index(CARDS)

MEDIUM, OWN, VOICE, UNNAMED = CreditKind.MEDIUM, CreditKind.OWN, CreditKind.VOICE, CreditKind.UNNAMED
RUMOUR, MENTION = CreditKind.RUMOUR, CreditKind.MENTION


def unknown(name: str) -> str:
    return f"named:{name_key(name).replace(' ', '-')}"


# why, language, own outlet, sentence, expected (kind, key)
CASES = [
    # --- English: another medium
    ("plain subject", "en", "x", "Current Hour reports that the men were beaten.", {(MEDIUM, "radio_meridian")}),
    ("bracket between name and verb", "en", "x", "They are in cellars, Current Hour (Текущий час) reports.", {(MEDIUM, "radio_meridian")}),
    ("verb before the name", "en", "x", "The number has grown, reports Strela.", {(MEDIUM, "strela")}),
    ("according to", "en", "x", "According to Radio Meridian, nobody was paid.", {(MEDIUM, "radio_meridian")}),
    ("words between cue and name", "en", "x",
     "According to the Prague-based broadcaster Radio Meridian, no one was paid.", {(MEDIUM, "radio_meridian")}),
    ("told another medium", "en", "x", "“We had no food,” he told Current Hour.", {(MEDIUM, "radio_meridian")}),
    ("told with adjective", "en", "x", "A deserter told the Russian outlet Strela he had walked home.", {(MEDIUM, "strela")}),
    ("citing", "en", "x", "The figure was 300, the agency said, citing Strela.", {(MEDIUM, "strela")}),
    ("investigation by", "en", "x", "An investigation by Strela found three such cellars.", {(MEDIUM, "strela")}),
    ("video from", "en", "x", "What may await them is shown in a video from Radio Meridian.", {(MEDIUM, "radio_meridian")}),
    ("possessive", "en", "x", "Russia’s defence ministry did not answer Current Hour’s questions.", {(MEDIUM, "radio_meridian")}),
    ("genitive of a report", "en", "x", "Perehuk's report names two villages.", {(MEDIUM, "perehuk")}),
    ("bundled agency", "en", "x", "Two officials told Reuters that the order had been given.", {(MEDIUM, "reuters")}),
    ("bundled acronym in capitals", "en", "x", "AP reported that the base was empty.", {(MEDIUM, "ap")}),
    ("the same letters, no acronym", "en", "x", "The ap reported a fault and closed.", set()),
    ("name glued together", "en", "x", "Research by RadioMeridian indicates that they are pressed hard.", {(MEDIUM, "radio_meridian")}),
    ("a Russian name in Latin letters", "en", "x", "Gorodskoi Listok published a list of names.", {(MEDIUM, "listok")}),
    ("dateline", "en", "x", "KYIV, Nov 14 (Reuters) - The governor was dismissed.", {(MEDIUM, "reuters")}),
    ("sign-off", "en", "x", "The hearing resumes on Monday. (AFP)", {(MEDIUM, "afp")}),
    ("interview", "en", "x", "In an interview with Perehuk, his aunt described the school.", {(MEDIUM, "perehuk")}),
    # --- English: not a credit
    ("only mentioned", "en", "x", "Radio Meridian is based in Prague and funded by the United States.", {(MENTION, "radio_meridian")}),
    ("a picture credit", "en", "x", "Soldiers at a station. Photo: Reuters", set()),
    ("a person says", "en", "x", "Her brother says he walked for three days.", set()),
    ("reportedly alone names nobody", "en", "x", "The men were reportedly taken to Valuyki.", {(CreditKind.HEARSAY, "")}),
    ("part of another paper's name", "en", "x", "He told Business Insider that he had left.", set()),
    ("direct speech is the speaker's", "en", "x", "“The officer told us to run,” he said.", set()),
    ("US is not us", "en", "x", "The general told US media it would last.", set()),
    ("a family's report of a company", "en", "x", "The company previously reported a loss.", set()),
    # --- English: own reporting
    ("told us by name", "en", "harbour_en", "He told Harbour News in Tbilisi why he left.", {(OWN, "")}),
    ("own outlet has seen", "en", "harbour_en", "Harbour News has seen his call-up papers.", {(OWN, "")}),
    ("own outlet reports: says nothing", "en", "harbour_en", "Boilers stand cold, Harbour News reports.", set()),
    ("our correspondent", "en", "harbour_en", "“Nobody came,” she told our correspondent.", {(OWN, "")}),
    # --- English: unnamed and unknown
    ("media reports", "en", "x", "Media reports put the number at 250.", {(UNNAMED, "")}),
    ("according to local media", "en", "x", "According to local media, the base was closed.", {(UNNAMED, "")}),
    ("it was reported", "en", "x", "It was reported last week that the men had been moved.", {(UNNAMED, "")}),
    ("unknown with a noun", "en", "x", "The regional newspaper Steppe Dawn reported the arrests.", {(MEDIUM, unknown("Steppe Dawn"))}),
    ("unknown with a media word", "en", "x", "The Orsha Tribune reported two arrests.", {(MEDIUM, unknown("Orsha Tribune"))}),
    ("Telegram channel is a medium", "en", "x", "The Telegram channel Zhest reported the arrests.", {(MEDIUM, unknown("Zhest"))}),
    # --- English: statements
    ("a post on Telegram", "en", "x",
     "In a post on Telegram, governor Ostap Hrynchyshyn said the fuel was gone.", {(VOICE, "statement:grncsn")}),
    ("an institution", "en", "x",
     "Russia is using barrier units, British military intelligence said on Friday.", {(VOICE, "uk_defence_ministry")}),
    # --- German
    ("laut", "de", "x", "Laut Radio Meridian sind es 250 Männer.", {(MEDIUM, "radio_meridian")}),
    ("wie … berichtet", "de", "x", "Wie Radio Meridian berichtet, fehlt es an allem.", {(MEDIUM, "radio_meridian")}),
    ("unter Berufung auf", "de", "x", "Die Agentur meldet dies unter Berufung auf Strela.", {(MEDIUM, "strela")}),
    ("zufolge", "de", "x", "Einem Bericht von Strela zufolge sind es dreihundert.", {(MEDIUM, "strela")}),
    ("Video von", "de", "x", "Was ihnen drohen kann, beschreibt nun ein Video von Radio Meridian.", {(MEDIUM, "radio_meridian")}),
    ("sagte der …", "de", "x", "„Es war kalt“, sagte er der Welle Europa.", {(MEDIUM, "welle_europa")}),
    ("gegenüber", "de", "x", "Gegenüber dem Mainblatt bestätigte sie das.", {(MEDIUM, "mainverlag")}),
    ("nach Informationen der", "de", "x",
     "Nach Informationen der Nachrichtenagentur Reuters wurde der Befehl erteilt.", {(MEDIUM, "reuters")}),
    ("partner copy", "de", "x", "Den ganzen Artikel lesen Sie bei unserem Partner Mainblatt.", {(MEDIUM, "mainverlag")}),
    ("agency in brackets", "de", "x", "Kiew (dpa) - Der Gouverneur wurde entlassen.", {(MEDIUM, "dpa")}),
    ("agency sign-off", "de", "x", "Der Prozess wird fortgesetzt. (dpa/AFP)", {(MEDIUM, "dpa"), (MEDIUM, "afp")}),
    ("a paper with an ordinary name", "de", "x", "Das berichtet die „Zeit“ am Mittwoch.", {(MEDIUM, "zeit")}),
    ("the same word, no paper", "de", "x", "In der Zeit der Besatzung sagte er nichts.", set()),
    ("a known paper, genitive", "de", "x", "Recherchen des Spiegels zeigen das.", {(MEDIUM, "spiegel")}),
    ("own: said to us", "de", "welle_de", "„Zweihundert Anfragen am Tag“, sagt sie der Welle Europa.", {(OWN, "")}),
    ("own: our newspaper", "de", "mainblatt_de", "Das sagte sie unserer Zeitung.", {(OWN, "")}),
    ("unnamed", "de", "x", "Medienberichten zufolge sind es 250.", {(UNNAMED, "")}),
    ("unnamed, several", "de", "x", "Laut mehreren Medien wurden sie verlegt.", {(UNNAMED, "")}),
    ("that report, not reports", "de", "x", "Dem Bericht zufolge werden sie festgehalten.", set()),
    ("a family, not a medium", "de", "x", "Laut den Familien fehlt es an Ausrüstung.", set()),
    ("unknown with a noun", "de", "x", "Das schreibt die Tageszeitung „Nordlicht“.", {(MEDIUM, unknown("Nordlicht"))}),
    ("an institution, genitive", "de", "x",
     "Nach Einschätzung des britischen Militärgeheimdienstes setzt Russland Sperreinheiten ein.", {(VOICE, "uk_defence_ministry")}),
    ("picture credit", "de", "x", "Soldaten am Bahnhof. Foto: Reuters", set()),
    ("an institution lets know", "de", "x", "Alles ruhig, teilte der Generalstab der Ukraine mit.", {(VOICE, "ukraine_general_staff")}),
    ("Swiss quotation marks", "de", "x", "Die «Zeit» bestätigte das aus eigener Quelle.", {(MEDIUM, "zeit")}),
    # --- Russian
    ("со ссылкой на", "ru", "x", "Об этом пишут со ссылкой на «Стрелу».", {(MEDIUM, "strela")}),
    ("сообщает", "ru", "x", "Как сообщает Текущий час, их держат в подвале.", {(MEDIUM, "radio_meridian")}),
    ("dative: told a medium", "ru", "x", "Об этом изданию «Стрела» рассказал отец солдата.", {(MEDIUM, "strela")}),
    ("dative, two words inflected", "ru", "x", "Об этом Текущему часу рассказали сестра и мать.", {(MEDIUM, "radio_meridian")}),
    ("genitive after a noun", "ru", "x", "Это следует из расследования «Стрелы».", {(MEDIUM, "strela")}),
    ("agency with a noun", "ru", "x", "Такие данные привёл штаб, передаёт агентство «Укрвисти».", {(MEDIUM, "ukrvisti")}),
    ("slug of an agency", "ru", "x", "ХАРЬКОВ. 13 ноября. УКРВИСТИ. За неделю эвакуировали 312 человек.", {(MEDIUM, "ukrvisti")}),
    ("Latin name in quotation marks", "ru", "x", "По данным «Strela», их около трёхсот.", {(MEDIUM, "strela")}),
    ("bundled name, inflected", "ru", "x", "В разговоре с «Медузой» она это подтвердила.", {(MEDIUM, "meduza")}),
    ("bundled agency, indeclinable", "ru", "x", "Об этом сообщает РИА Новости.", {(MEDIUM, "ria")}),
    ("own: told us by name, dative", "ru", "strela_ru", "Водитель рассказал «Стреле», откуда он ехал.", {(OWN, "")}),
    ("own: told us by name, quote first", "ru", "listok_ru", "Нас увезли в Валуйки, – рассказывает он «Городскому листку».", {(OWN, "")}),
    ("own: the desk received", "ru", "listok_ru", "В редакцию принесли тетрадный лист.", {(OWN, "")}),
    ("own: confirmed to us", "ru", "strela_ru", "О поездке «Стреле» подтвердила и кассирша кафе.", {(OWN, "")}),
    ("unnamed", "ru", "x", "По сообщениям СМИ, в подвале могут находиться около 250 отказников.", {(UNNAMED, "")}),
    ("unnamed, verb", "ru", "x", "СМИ сообщили о новых задержаниях.", {(UNNAMED, "")}),
    ("unnamed channels", "ru", "x", "Об этом пишут телеграм-каналы.", {(UNNAMED, "")}),
    ("words of relatives: no medium", "ru", "x", "По словам родственников, их склоняют вернуться в бой.", set()),
    ("a common noun at the start", "ru", "x", "Стрела крана упала, рассказал рабочий.", set()),
    ("unknown with a noun", "ru", "x", "Об этом сообщает издание «Новая жизнь».", {(MEDIUM, unknown("Новая жизнь"))}),
    ("unknown, only quotation marks", "ru", "x", "Их больше ста, пишет «Новая жизнь».", {(MEDIUM, unknown("Новая жизнь"))}),
    ("quoted speech is no name", "ru", "x", "«Нас тут сорок», – пишет мать солдата.", set()),
    ("a statement at the top", "ru", "x", "Об этом сообщил глава военной администрации Остап Гринчишин.", {(VOICE, "statement:grncsn")}),
    ("a statement on a channel", "ru", "x",
     "Губернатор Остап Гринчишин написал об этом в своём телеграм-канале.", {(VOICE, "statement:grncsn")}),
    ("an institution", "ru", "x", "По данным Генштаба ВСУ, атака отбита.", {(VOICE, "ukraine_general_staff")}),
    # --- Ukrainian
    ("з посиланням на", "uk", "x", "Про це повідомляють з посиланням на «Стрілу» та «Перегук».", {(MEDIUM, "perehuk")}),
    ("повідомляє", "uk", "x", "Про це з посиланням на родичів солдатів повідомляє Радіо Меридіан.", {(MEDIUM, "radio_meridian")}),
    ("за даними", "uk", "x", "За даними Поточного часу, їх двісті п’ятдесят.", {(MEDIUM, "radio_meridian")}),
    ("dative: told a medium", "uk", "x", "«Дениса замкнули», – розповіла «Перегуку» Галина.", {(MEDIUM, "perehuk")}),
    ("a Russian name in a Ukrainian text", "uk", "x", "Про це «Текущему часу» розповіли сестра й мати.", {(MEDIUM, "radio_meridian")}),
    ("slug of an agency", "uk", "x", "КИЇВ. 10 листопада. УКРВІСТІ. Світло вимикатимуть за графіками.", {(MEDIUM, "ukrvisti")}),
    ("own outlet passes on: says nothing", "uk", "ukrvisti_uk", "Три котельні зупинено, передає Укрвісті.", set()),
    ("own: told us", "uk", "perehuk_uk", "«Я рахувала», – розповідає жінка «Перегуку».", {(OWN, "")}),
    ("own: we talked", "uk", "perehuk_uk", "Ми говорили з нею сорок хвилин.", {(OWN, "")}),
    ("unnamed", "uk", "x", "За повідомленнями ЗМІ, їх перевезли до Росії.", {(UNNAMED, "")}),
    ("a statement in a post", "uk", "x", "Про це в Телеграмі повідомив начальник ОВА Остап Гринчишин.", {(VOICE, "statement:grncsn")}),
    ("words of a nephew: no medium", "uk", "x", "За словами племінника, у підвалі близько 250 людей.", set()),
    ("a governor's page", "uk", "x", "Про це у Facebook повідомив очільник області Остап Гринчишин.", {(VOICE, "statement:grncsn")}),
    ("a medium that cites a governor", "uk", "x", "Про це пише Укрвісті з посиланням на очільника області Остапа Гринчишина.",
     {(MEDIUM, "ukrvisti"), (VOICE, "statement:grncsn")}),
    ("unknown with a noun", "uk", "x", "Про це пише видання «Світанок».", {(MEDIUM, unknown("Світанок"))}),
    # --- nobody in particular
    ("one hears", "en", "x", "Forty of them, one hears, never reached the bridge.", {(RUMOUR, "")}),
    ("reports speak of", "en", "x", "Reports speak of a second shed behind the mill.", {(RUMOUR, "")}),
    ("going round", "en", "x", "A list of names is circulating on Telegram.", {(RUMOUR, "")}),
    ("reports, not whose", "en", "x", "According to local reports the gate was open.", {(UNNAMED, "")}),
    ("wie es heißt", "de", "x", "Die Pumpe stand, wie es heißt, schon seit Ostern still.", {(RUMOUR, "")}),
    ("die Rede ist", "de", "x", "Von vierzig Verletzten ist die Rede.", {(RUMOUR, "")}),
    ("a letter is no rumour", "de", "x", "Das Ventil sei zu alt, heißt es in dem Brief der Werkleitung.", set()),
    ("in Medienberichten", "de", "x", "Der Alarm war aus, heißt es in Medienberichten.", {(UNNAMED, "")}),
    ("in the network", "ru", "x", "В сети пишут, что мост закрыли ещё в марте.", {(RUMOUR, "")}),
    ("people write", "ru", "x", "Пишут, что склад был пуст.", {(RUMOUR, "")}),
    ("somebody writes", "ru", "x", "Родные пишут, что склад был пуст.", set()),
    ("by rumour", "uk", "x", "За чутками, насос не працював від зими.", {(RUMOUR, "")}),
    ("round the network", "uk", "x", "Мережею гуляє запис, на якому чути сирену.", {(RUMOUR, "")}),
    ("soll … haben", "de", "x", "Der Fahrer soll den Hof schon um vier verlassen haben.", {(CreditKind.HEARSAY, "")}),
    ("several outlets", "en", "x", "Several outlets have reported that the depot burned.", {(UNNAMED, "")}),
    ("shared online", "en", "x", "Videos shared online show men in cells.", {(CreditKind.HEARSAY, "")}),
    ("mehrere Medien", "de", "x", "Russische Staatsmedien melden vierzig Tote.", {(UNNAMED, "")}),
    ("nicht zu prüfen", "de", "x", "Die Angaben ließen sich nicht unabhängig prüfen.", {(CreditKind.HEARSAY, "")}),
    ("ряд изданий", "ru", "x", "Ряд изданий сообщил о сорока пострадавших.", {(UNNAMED, "")}),
    ("кілька видань", "uk", "x", "Про це повідомили одразу кілька видань.", {(UNNAMED, "")}),
    ("a named channel is none", "ru", "x", "Об этом пишет телеграм-канал «Новая жизнь».", {(MEDIUM, unknown("Новая жизнь"))}),
    ("soll, of intent", "de", "x", "Die Brücke soll im Mai neu gebaut werden.", set()),
    ("якобы", "ru", "x", "Сторож якобы спал.", {(CreditKind.HEARSAY, "")}),
    ("подейкують", "uk", "x", "Подейкують, що сторож спав.", {(CreditKind.HEARSAY, "")}),
    ("an enquiry in vain", "en", "harbour_en", "The ministry did not answer Harbour News's questions.", set()),
    ("an enquiry in vain", "de", "mainblatt_de", "Das Werk ließ die Fragen unserer Zeitung unbeantwortet.", set()),
    ("an enquiry in vain", "ru", "strela_ru", "Завод не ответил на запрос «Стрелы».", set()),
    # --- public bodies
    ("police said", "en", "x", "The bridge had been closed, police said.", {(VOICE, "office:police")}),
    ("a spokesman of an office", "en", "x", "Fire brigade spokesman Paul Marsh said the hall was empty.", {(VOICE, "office:emergency")}),
    ("a body that is only there", "en", "x", "He walked past the police and went home.", set()),
    ("prosecutors opened a case", "en", "x", "Prosecutors have opened a case against the firm.", {(VOICE, "office:investigators")}),
    ("nach Angaben der Feuerwehr", "de", "x", "Nach Angaben der Feuerwehr brannte nur der Schuppen.", {(VOICE, "office:emergency")}),
    ("teilte mit", "de", "x", "Der Weg sei frei, teilte das Landratsamt mit.", {(VOICE, "office:regional_government")}),
    ("сообщили в", "ru", "x", "Пострадавших нет, сообщили в областном МЧС.", {(VOICE, "office:emergency")}),
    ("следователи завели дело", "ru", "x", "Следователи завели дело о халатности.", {(VOICE, "office:investigators")}),
    ("за даними поліції", "uk", "x", "За даними поліції, двері були зачинені.", {(VOICE, "office:police")}),
    # --- named, and not credited
    ("a guest of another medium", "en", "x", "Current Hour has devoted an evening to the men.", {(MENTION, "radio_meridian")}),
    ("a weak name alone", "ru", "x", "Стрела крана нависла над домом.", set()),
]  # fmt: skip


@pytest.mark.parametrize(("why", "language", "outlet", "text", "expected"), CASES, ids=[f"{case[1]}: {case[0]}" for case in CASES])
def test_credit(why: str, language: str, outlet: str, text: str, expected: set[tuple[CreditKind, str]]) -> None:
    found = find_credits(text, language, INDEX, outlet_id=outlet)
    assert {(credit.kind, credit.key) for credit in found if credit.kind is not CreditKind.SPEAKER} == expected, why


FILLER = "\nThe road was bad.\nIt rained for days.\nThe trains stood still.\nNobody came."


@pytest.mark.parametrize(
    ("why", "title", "text", "whole"),
    [
        ("at the top", "", f"Current Hour reports that men are held there.{FILLER}", True),
        ("in the second paragraph", "", f"Men are held there.\nAs Current Hour reports, they were beaten.{FILLER}", True),
        ("in the headline", "Current Hour: men are held in a cellar", f"Men are held there.{FILLER}", True),
        ("late and once", "", f"Men are held there.{FILLER}\nCurrent Hour reports that they were beaten.", False),
        (
            "late and in three paragraphs",
            "",
            f"Men are held there.{FILLER}\nCurrent Hour reports it.\nAccording to Current Hour, they walked.\nHe told Current Hour of it.",
            True,
        ),
    ],
)
def test_a_credit_at_the_top_or_repeated_is_meant_for_the_whole_piece(why: str, title: str, text: str, whole: bool) -> None:
    found = [credit for credit in find_credits(text, "en", INDEX, outlet_id="x", title=title) if credit.kind is MEDIUM]
    assert found
    assert any(credit.whole for credit in found) is whole, why


def test_a_medium_called_by_its_kind_is_the_one_named_before() -> None:
    text = "Current Hour reports that men are held there.\nThe road was bad.\nThe network says they were beaten."
    found = [credit for credit in find_credits(text, "en", INDEX, outlet_id="x") if credit.kind is MEDIUM]
    assert [(credit.key, text[credit.start : credit.end].casefold()) for credit in found][1:] == [("radio_meridian", "the network says")]


def test_a_statement_in_a_piece_with_own_reporting_is_not_the_whole_piece() -> None:
    text = "The governor, Ostap Hrynchyshyn, said on Monday that fuel was gone.\n“It is cold,” she told Harbour News."
    found = find_credits(text, "en", INDEX, outlet_id="harbour_en")
    assert {credit.kind for credit in found} == {VOICE, OWN, CreditKind.SPEAKER}
    assert not any(credit.whole for credit in found)


def test_two_spellings_of_one_speaker_are_the_same() -> None:
    texts = {
        "en": "The gate was locked, says Tymur Alikhanov.",
        "ru": "Ворота заперли, рассказал Тимур Алиханов.",
        "uk": "Ворота замкнули, розповів Тимур Аліханов.",
    }
    keys = {credit.key for language, text in texts.items() for credit in find_credits(text, language, INDEX, outlet_id="x")}
    assert len(keys) == 1
    found = find_credits(texts["en"], "en", INDEX, outlet_id="x")
    assert found and not any(credit.label or credit.evidence for credit in found), "no name is kept, nor the sentence beside its key"


def test_a_speaker_who_is_no_name_is_nobody() -> None:
    assert find_credits("The gate was locked, says a neighbour.", "en", INDEX, outlet_id="x") == ()
    assert find_credits("Das Tor war zu, sagt eine Nachbarin.", "de", INDEX, outlet_id="x") == ()


def test_long_texts_of_nothing_but_cues_are_read_in_time() -> None:
    for word in ("laut ", "according to ", "сообщает ", "«", "told the ", "Aa "):
        assert isinstance(find_credits(word * 1000, "ru", INDEX, outlet_id="x"), tuple)
