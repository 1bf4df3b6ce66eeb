"""What a number counts beyond its unit, and which figures of two texts are rivals. All sentences are ours."""

from __future__ import annotations

import pytest

from comparison.claims import annotate
from comparison.counted import read_counted
from comparison.facts import compare_facts
from comparison.numbers import find_numbers
from storage.claim_records import Claim, FactVerdict

AGREES, DIFFERS, NOT_STATED = FactVerdict.AGREES, FactVerdict.DIFFERS, FactVerdict.NOT_STATED

READ = [
    # language, text, "kind states thing" of each number
    ("en", "Twelve miners are trapped and 186 rescuers dig.", "worker missing -, helper - -"),
    ("de", "Acht Kinder werden vermisst, 45 Menschen wurden gerettet.", "child missing -, - saved -"),
    ("ru", "Задержаны 30 человек, четверо из них в больнице.", "- detained -, part  hospital -"),
    ("uk", "Відбили 16 атак, склали 742 протоколи.", "- - attack, - - ~prtkl"),
    ("ru", "Составлено 742 протокола.", "- - ~prtkl"),
    ("en", "They won 146 of the 720 seats.", "- - seat, - - seat"),
    ("de", "In 81 Fällen wurde ermittelt.", "- - case"),
    ("en", "Both sides made two steps for five reasons.", "- - -, - - -"),
    ("ru", "Уже 15 погибли, ещё 20 отбили.", "- - -, - - -"),
]


@pytest.mark.parametrize(("language", "text", "expected"), READ, ids=[row[1] for row in READ])
def test_what_is_counted_is_read(language: str, text: str, expected: str) -> None:
    read = [read_counted(text, number, language) for number in find_numbers(text, language)]
    assert ", ".join(f"{one.kind or '-'} {'+'.join(sorted(one.states)) or '-'} {one.thing or '-'}" for one in read) == expected


MINE = "In the pit 46 miners died, 12 remain below, and 186 rescuers from four regions look for them."
POLL = "In the poll 53 percent were for it and against it 29; in the east 61 percent were against."
HURT = "Three officers were hurt, and 14 checkpoints stay closed."
DOGS = "Police found 46 dogs on the farm."
BOAT = "Of the 62 migrants on the dinghy 45 were rescued, and eight are missing."
FRONT = "The company beat off 16 attacks and lost four tanks."
THEFT = "Er soll in 64 Fällen Senioren um 730.000 Euro gebracht haben."
QUAKE = "Nine days after the quake a woman was found alive; she had lain there for 222 hours."
CROWD = "Die Veranstalter zählten 60.000 Menschen, die Polizei 25.000 Teilnehmer."

RIVALS = [
    # claim, its language, passage, its language, verdict of the number that is asked for, the number
    (MINE, "en", "Под завалами остаются 19 горняков.", "ru", DIFFERS, "12"),
    (MINE, "en", "Под завалами остаются 19 горняков.", "ru", NOT_STATED, "186 rescuers"),  # miners are no rescuers
    (POLL, "en", "Dafür sind 53 Prozent, dagegen 29 Prozent.", "de", NOT_STATED, "61 percent"),  # the 29 are told without their unit
    (HURT, "en", "Пострадали восемь полицейских.", "ru", DIFFERS, "Three officers"),  # English calls them officers
    (HURT, "en", "Закрыты 19 блокпостов.", "ru", DIFFERS, "14"),
    (DOGS, "en", "The shelter has room for 120 dogs.", "en", NOT_STATED, "46"),  # room for so many is no count of those found
    (DOGS, "en", "Gefunden wurden 61 Hunde.", "de", DIFFERS, "46"),
    (BOAT, "en", "Acht Insassen werden vermisst.", "de", NOT_STATED, "62 migrants"),  # the eight are told by another number
    (BOAT, "en", "Спасли 31 человека.", "ru", DIFFERS, "45"),
    (BOAT, "en", "Спасли 31 человека.", "ru", NOT_STATED, "62 migrants"),  # one figure rivals one
    (FRONT, "en", "Рота отбила 22 атаки.", "ru", DIFFERS, "16"),
    (FRONT, "en", "Рота отбила 22 атаки.", "ru", NOT_STATED, "four tanks"),
    (THEFT, "de", "Йому закидають 81 епізод шахрайства.", "uk", DIFFERS, "64"),
    (QUAKE, "en", "Її знайшли через 198 годин.", "uk", DIFFERS, "222 hours"),
    (QUAKE, "en", "Її знайшли через 198 годин.", "uk", NOT_STATED, "Nine days"),  # the hours stand for the hours
    (CROWD, "de", "Organisers put the crowd at 60,000, police at 25,000.", "en", AGREES, "60.000 Menschen"),
]


@pytest.mark.parametrize(("claim", "of", "passage", "language", "verdict", "number"), RIVALS, ids=[f"{row[5]} {row[2]}" for row in RIVALS])
def test_a_figure_rivals_only_what_it_may_stand_for(
    claim: str, of: str, passage: str, language: str, verdict: FactVerdict, number: str
) -> None:
    _, pairs = compare_facts(annotate(Claim(id="c01", text=claim), of), passage, language, None)
    assert {pair.verdict for pair in pairs if pair.claim_value.startswith(number)} == {verdict}


def test_the_other_figures_of_a_passage_stay_visible() -> None:
    claim = annotate(Claim(id="c01", text="They hold 250 people."), "en")
    _, pairs = compare_facts(claim, "Тримають 180 людей, у списку 90 осіб.", "uk", None)
    assert [(pair.passage_value, pair.verdict) for pair in pairs] == [("180 людей", DIFFERS), ("90 осіб", NOT_STATED)]
