"""What numbers a text states, in four languages. One line a case: language, text, what is found, why the case is here.

Found is written short: "250 person" a plain number, "~" approximate, ">" at least, "<" at most, "21..26" a range, several joined
by a comma in the order of the text, "" nothing. The unit is left out where none is recognised.
"""

from __future__ import annotations

import pytest

from comparison.numbers import digits_value, find_numbers
from storage.records import Number

CASES = [
    # --- English: digits and words -------------------------------------------------------------------------------------------
    ("en", "It should be 250 people.", "250 person", "plain"),
    ("en", "about 250 people", "~250 person", "approximate"),
    ("en", "Around 1,500 soldiers were there.", "~1500 person", "comma groups in English"),
    ("en", "1.500 soldiers", "1500 person", "a German separator that a translation kept: soldiers are no fractions"),
    ("en", "1 500 people", "1500 person", "a space groups too"),
    ("en", "1.5 million people", "1500000 person", "decimal with a scale word"),
    ("en", "The road is 1.500 km long.", "1.5 km", "kilometres may be fractions"),
    ("en", "two hundred and fifty men", "250 person", "words joined by and"),
    ("en", "forty-three draftees", "43 person", "words joined by a hyphen"),
    ("en", "a hundred people", "100 person", "the article opens a scale word"),
    ("en", "a thousand and one nights", "1001 night", "thousand and a rest"),
    ("en", "three thousand two hundred soldiers", "3200 person", "thousands and hundreds"),
    ("en", "half a dozen men", "6 person", "a fixed phrase"),
    ("en", "a dozen men", "12 person", "dozen counts"),
    ("en", "two dozen recruits", "24 person", "and multiplies"),
    ("en", "dozens of men", "~20..99 person", "vague amounts are ranges"),
    ("en", "hundreds of soldiers", "~200..999 person", "vague"),
    ("en", "tens of thousands of people", "~20000..999999 person", "the longest vague phrase wins"),
    ("en", "several hundred convicts", "~300..900 person", "several hundred"),
    ("en", "from 21 to 26 men", "21..26 person", "from to"),
    ("en", "21 to 26 men", "21..26 person", "to alone"),
    ("en", "21-26 men", "21..26 person", "hyphen"),
    ("en", "21–26 men", "21..26 person", "dash"),
    ("en", "between 200 and 300 people", "200..300 person", "and joins only behind between"),
    ("en", "5 men and 6 women", "5 person, 6 person", "and joins nothing by itself"),
    ("en", "two or three days", "~2..3 day", "number words with or are a guess"),
    ("en", "10-15 thousand people", "10000..15000 person", "the scale word belongs to both ends"),
    ("en", "twenty-one to 26 men", "21..26 person", "a word and digits"),
    ("en", "more than 200 people", ">200 person", "lower bound"),
    ("en", "over two hundred people", ">200 person", "lower bound"),
    ("en", "at least 40 houses", ">40 building", "lower bound"),
    ("en", "no fewer than 280 servicemen", ">280 person", "the longer phrase wins over fewer than"),
    ("en", "fewer than 50 people", "<50 person", "upper bound"),
    ("en", "up to 300 people", "<300 person", "upper bound"),
    ("en", "300 people or more", ">300 person", "behind the unit"),
    ("en", "250+ people", ">250 person", "a plus sign"),
    ("en", "Forty or so of the survivors sat down.", "~40 person", "behind the number"),
    ("en", "some 40 draftees", "~40 person", "some before a number"),
    ("en", "nearly 60 people", "~60 person", "nearly"),
    ("en", "an estimated 60 people", "~60 person", "article before estimated"),
    ("en", "250 newly mobilised Russian soldiers", "250 person", "adjectives between number and unit"),
    ("en", "43 of the men", "43 person", "of the"),
    ("en", "for three days", "3 day", "days"),
    ("en", "a three-day journey", "3 day", "hyphenated unit"),
    ("en", "a 300-kilometre road", "300 km", "hyphenated unit with digits"),
    ("en", "a 23-year-old soldier", "23 age", "ages are no counts of persons"),
    ("en", "70% of them", "70 percent", "percent sign"),
    ("en", "seventy per cent", "70 percent", "percent in words"),
    ("en", "$5 million", "5000000 USD", "currency before"),
    ("en", "300 euros", "300 EUR", "currency behind"),
    ("en", "three thousand roubles", "3000 RUB", "roubles"),
    ("en", "300k people", "300000 person", "k behind digits"),
    ("en", "12 tanks", "12 vehicle", "vehicles"),
    ("en", "17 mothers signed", "17 relative", "relatives are counted apart"),
    ("en", "two lawyers said", "2 professional", "those who speak are counted apart"),
    ("en", "five people were killed", "5 dead", "a verb near by makes them dead"),
    ("en", "12 soldiers were wounded", "12 wounded", "or wounded"),
    ("en", "11 dead and 20 injured", "11 dead, 20 wounded", "as nouns"),
    ("en", "It happened at 14:05.", "", "clock time"),
    ("en", "at 8 a.m. and at 8 o'clock", "", "clock times in words"),
    ("en", "on 3 November 2022", "", "date"),
    ("en", "On November 3, 2022, 43 men left.", "43 person", "a date before a number"),
    ("en", "In 2014 the war began.", "", "year"),
    ("en", "the 2022 law", "", "bare year"),
    ("en", "2000 soldiers", "2000 person", "a count that looks like a year"),
    ("en", "the 1990s and the '80s", "", "decades"),
    ("en", "the 5th regiment", "", "ordinal"),
    ("en", "T-72 tanks and an M777 howitzer", "", "names of weapons"),
    ("en", "COVID-19", "", "name with a number"),
    ("en", "Call +49 69 123 456 78.", "", "telephone"),
    ("en", "open 24/7", "", "idiom"),
    ("en", "They won 3:1.", "", "score"),
    ("en", "version 2.3.1", "", "version"),
    ("en", "No. 7 and room 12", "", "identifiers"),
    ("en", "One of them said so.", "", "a pronoun"),
    ("en", "one soldier told us", "", "an article in all but name"),
    ("en", "three quarters of the votes", "~75 percent", "fraction"),
    ("en", "Kirill, 31, was with 96 men.", "31 age, 96 person", "an age in commas"),
    ("en", "", "", "empty"),
    # --- German --------------------------------------------------------------------------------------------------------------
    ("de", "250 Menschen", "250 person", "plain"),
    ("de", "Rund 250 Menschen", "~250 person", "approximate"),
    ("de", "1.500 Soldaten", "1500 person", "full stops group"),
    ("de", "1.500 Kilometer", "1500 km", "full stops group kilometres too"),
    ("de", "1,5 Kilometer", "1.5 km", "decimal comma"),
    ("de", "zweihundertfünfzig Leute", "250 person", "one long word"),
    ("de", "dreiundvierzig Mobilisierte", "43 person", "ones before tens"),
    ("de", "tausendzweihundert Mann", "1200 person", "thousand without one"),
    ("de", "hunderttausend Menschen", "100000 person", "hundred thousand"),
    ("de", "zweitausendfünfhundert Euro", "2500 EUR", "thousands and hundreds"),
    ("de", "2,5 Millionen Euro", "2500000 EUR", "decimal with a scale word"),
    ("de", "anderthalb Millionen Menschen", "1500000 person", "one and a half"),
    ("de", "ein Dutzend Männer", "12 person", "dozen"),
    ("de", "Dutzende Soldaten", "~20..99 person", "dozens"),
    ("de", "mehrere hundert Häftlinge", "~300..900 person", "several hundred"),
    ("de", "Hunderttausende", "~>200000", "vague without an upper bound"),
    ("de", "zwischen 200 und 300 Mann", "200..300 person", "between"),
    ("de", "21 bis 26 Männer", "21..26 person", "bis"),
    ("de", "zwei oder drei Tage", "~2..3 day", "or"),
    ("de", "mehr als 200 Menschen", ">200 person", "lower bound"),
    ("de", "mindestens vierzig Häuser", ">40 building", "lower bound"),
    ("de", "nicht weniger als 280 Soldaten", ">280 person", "the longer phrase wins"),
    ("de", "weniger als 50 Menschen", "<50 person", "upper bound"),
    ("de", "bis zu 300 Menschen", "<300 person", "upper bound"),
    ("de", "knapp 60 Leute", "~60 person", "knapp"),
    ("de", "etwa 250 russische Soldaten", "~250 person", "adjective between"),
    ("de", "250 Kriegsdienstverweigerer", "250 person", "compound noun"),
    ("de", "drei Tage lang", "3 day", "days"),
    ("de", "eine dreitägige Reise", "3 day", "adjective of measure"),
    ("de", "ein 43-jähriger Mann", "43 age", "age"),
    ("de", "70 Prozent", "70 percent", "percent"),
    ("de", "70 % der Männer", "70 percent", "percent sign with a space"),
    ("de", "fünf Menschen wurden getötet", "5 dead", "killed"),
    ("de", "elf Tote und zwanzig Verletzte", "11 dead, 20 wounded", "as nouns"),
    ("de", "drei Mütter", "3 relative", "relatives apart"),
    ("de", "am 14. November 2022 um 14 Uhr", "", "date and clock"),
    ("de", "um 14.30 Uhr", "", "clock with a full stop"),
    ("de", "die 3. Armee", "", "ordinal"),
    ("de", "Es waren 250. Danach ging er.", "250", "a full stop that ends the sentence"),
    ("de", "im Jahr 2014", "", "year"),
    ("de", "seit 2014", "", "year behind a preposition"),
    ("de", "in den 90er Jahren", "", "decade"),
    ("de", "ein Soldat und eine Frau", "", "articles"),
    ("de", "Artikel 337", "", "identifier"),
    ("de", "Die Zahl der Gefangenen liegt bei 250.", "250 person", "what is counted stands earlier in the clause"),
    ("de", "drei Viertel der Stimmen", "~75 percent", "fraction"),
    # --- Russian -------------------------------------------------------------------------------------------------------------
    ("ru", "250 человек", "250 person", "plain"),
    ("ru", "около 250 человек", "~250 person", "approximate"),
    ("ru", "человек 250", "~250 person", "order makes it approximate"),
    ("ru", "человек двести", "~200 person", "the same in words"),
    ("ru", "1 500 солдат", "1500 person", "space groups"),
    ("ru", "1\u00a0500 солдат", "1500 person", "no-break space"),
    ("ru", "1,500 солдат", "1500 person", "soldiers are no fractions"),
    ("ru", "2,5 тыс. рублей", "2500 RUB", "decimal comma and abbreviation"),
    ("ru", "2,5 тыс. человек", "2500 person", "the abbreviation's full stop ends nothing"),
    ("ru", "двести пятьдесят солдат", "250 person", "words"),
    ("ru", "двухсот пятидесяти солдат", "250 person", "genitive"),
    ("ru", "с двумястами солдатами", "200 person", "instrumental"),
    ("ru", "сорока трёх мобилизованных", "43 person", "ё and genitive"),
    ("ru", "три тысячи двести человек", "3200 person", "thousands"),
    ("ru", "полторы тысячи человек", "1500 person", "one and a half"),
    ("ru", "около сотни людей", "~100 person", "genitive of one hundred, not hundreds"),
    ("ru", "сотни солдат", "~200..999 person", "hundreds"),
    ("ru", "десятки тысяч людей", "~20000..999999 person", "tens of thousands"),
    ("ru", "несколько сотен осуждённых", "~300..900 person", "several hundred"),
    ("ru", "полсотни человек", "50 person", "half a hundred"),
    ("ru", "от 21 до 26 человек", "21..26 person", "from to"),
    ("ru", "21–26 человек", "21..26 person", "dash"),
    ("ru", "две-три тысячи людей", "~2000..3000 person", "the scale word belongs to both ends"),
    ("ru", "десять-пятнадцать дней", "~10..15 day", "words with a hyphen"),
    ("ru", "два или три дня", "~2..3 day", "or"),
    ("ru", "не менее 280 военнослужащих", ">280 person", "at least"),
    ("ru", "более 200 человек", ">200 person", "more"),
    ("ru", "свыше ста родственников", ">100 relative", "relatives apart"),
    ("ru", "менее 50 человек", "<50 person", "fewer"),
    ("ru", "до 300 человек", "<300 person", "up to"),
    ("ru", "двести с лишним человек", ">200 person", "and more"),
    ("ru", "двести девяносто с чем-то", "~290", "and something"),
    ("ru", "трое суток", "3 day", "collective number"),
    ("ru", "трёхдневный переход", "3 day", "adjective of measure"),
    ("ru", "двадцатитрёхлетний солдат", "23 age", "age in one word"),
    ("ru", "5-ти человек", "5 person", "a grown ending"),
    ("ru", "250 военных машин", "250 vehicle", "an adjective before what is counted"),
    ("ru", "250 военных", "250 person", "the same adjective alone"),
    ("ru", "43 из них", "43", "of them: the unit stands elsewhere"),
    ("ru", "в 15.40", "", "clock"),
    ("ru", "в 8 утра", "", "clock in words"),
    ("ru", "3 ноября 2022 года", "", "date"),
    ("ru", "с 3 по 5 ноября", "", "range of dates"),
    ("ru", "в 2014 году", "", "year"),
    ("ru", "15-й полк и 423-го полка", "", "ordinals"),
    ("ru", "90-е годы", "", "decade"),
    ("ru", "статья 337 УК", "", "identifier"),
    ("ru", "в/ч 12345", "", "number of a unit"),
    ("ru", "школа № 3", "", "number sign"),
    ("ru", "Су-35 и Т-72", "", "names of weapons"),
    ("ru", "один из солдат", "", "pronoun"),
    ("ru", "погибли пять человек", "5 dead", "killed, verb first"),
    ("ru", "ранены 12 солдат", "12 wounded", "wounded"),
    ("ru", "Людей в подвале около 250.", "~250 person", "what is counted stands earlier in the clause"),
    ("ru", "Солдат вернулся, ему 23.", "23 age", "another clause"),
    ("ru", "70 процентов", "70 percent", "percent"),
    ("ru", "заболели 80 учеников", "80 person", "pupils are persons"),
    ("uk", "захворіли 80 учнів", "80 person", "pupils are persons"),
    ("de", "80 Schülerinnen und Schüler", "80 person", "pupils are persons"),
    ("ru", "в 300 километрах", "300 km", "locative"),
    # --- Ukrainian -----------------------------------------------------------------------------------------------------------
    ("uk", "250 людей", "250 person", "plain"),
    ("uk", "близько 250 осіб", "~250 person", "approximate"),
    ("uk", "десь 250 людей", "~250 person", "spoken approximate"),
    ("uk", "понад двісті п'ятдесят військових", ">250 person", "words with an apostrophe"),
    ("uk", "двохсот п’ятдесяти вояків", "250 person", "genitive and another apostrophe"),
    ("uk", "сорок три мобілізовані", "43 person", "words"),
    ("uk", "з двадцятьма солдатами", "20 person", "instrumental"),
    ("uk", "три тисячі рублів", "3000 RUB", "thousands"),
    ("uk", "півтори тисячі людей", "1500 person", "one and a half"),
    ("uk", "кілька десятків бійців", "~30..90 person", "a few dozen"),
    ("uk", "сотні солдатів", "~200..999 person", "hundreds"),
    ("uk", "від 21 до 26 осіб", "21..26 person", "from to"),
    ("uk", "два чи три дні", "~2..3 day", "or"),
    ("uk", "щонайменше сорок хат", ">40", "at least; a unit no list has"),
    ("uk", "не менше 280 військовослужбовців", ">280 person", "at least"),
    ("uk", "менше 50 людей", "<50 person", "fewer"),
    ("uk", "до 300 людей", "<300 person", "up to"),
    ("uk", "41 чоловіка", "41 person", "men in the genitive"),
    ("uk", "двадцяти п'яти років", "25 year", "age"),
    ("uk", "двадцятип'ятирічний тракторист", "25 age", "age in one word"),
    ("uk", "три дні", "3 day", "days"),
    ("uk", "три доби", "3 day", "days and nights"),
    ("uk", "70 відсотків", "70 percent", "percent"),
    ("uk", "о 15.40", "", "clock"),
    ("uk", "3 листопада", "", "date"),
    ("uk", "у 2014 році", "", "year"),
    ("uk", "15-та бригада", "", "ordinal"),
    ("uk", "один із них", "", "pronoun"),
    ("uk", "загинули п'ятеро людей", "5 dead", "killed"),
    ("uk", "12 поранених", "12 wounded", "as a noun"),
    # --- a language without a vocabulary ---------------------------------------------------------------------------------------
    ("fr", "environ 250 soldats", "250", "digits are read, words are not known"),
]


def short(number: Number) -> str:
    if number.low is None:
        value = f"<{number.high:g}"
    elif number.high is None:
        value = f">{number.low:g}"
    elif number.low == number.high:
        value = _plain(number.low)
    else:
        value = f"{_plain(number.low)}..{_plain(number.high)}"
    return f"{'~' if number.approximate else ''}{value} {number.unit}".strip()


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) else str(value)


@pytest.mark.parametrize(("language", "text", "expected", "why"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_numbers_are_read(language: str, text: str, expected: str, why: str) -> None:
    assert ", ".join(short(number) for number in find_numbers(text, language)) == expected, why


def test_there_are_enough_cases() -> None:
    assert len(CASES) >= 150


@pytest.mark.parametrize("case", CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_offsets_point_at_the_words(case: tuple[str, str, str, str]) -> None:
    language, text, _, _ = case
    for number in find_numbers(text, language):
        assert text[number.start : number.end] == number.text
        assert number.text.strip()


@pytest.mark.parametrize(
    ("raw", "language", "unit", "value"),
    [
        ("1.500", "de", "", 1500.0),
        ("1.500", "en", "", 1.5),
        ("1.500", "en", "person", 1500.0),
        ("1,500", "ru", "", 1.5),
        ("1,500", "ru", "person", 1500.0),
        ("1.234.567", "en", "", 1234567.0),
        ("1,234.5", "en", "", 1234.5),
        ("1.234,5", "de", "", 1234.5),
        ("0,500", "de", "person", 0.5),
        ("12", "uk", "", 12.0),
    ],
)
def test_separators_are_read_by_language_and_unit(raw: str, language: str, unit: str, value: float) -> None:
    assert digits_value(raw, language, unit) == value
