"""Reports split into claims, with what each sentence needs from the ones before it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from comparison.claims import annotate, split_claims
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
        "There was no siren.",
        "It should be 40 houses that are gone,” says the sister of a fireman.",
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
