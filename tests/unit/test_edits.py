"""What changed between two versions: sentences aligned wherever they went, and the facts among the changed words called by name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comparison.edit_facts import FactChange, fact_changes
from comparison.edits import Edit, EditKind, find_edits, word_changes
from tests.integration.storage.texts import EDITED, INDEPENDENT, WIRE

PUBLISHED = datetime(2022, 11, 16, tzinfo=UTC)


def edits_of(old: str, new: str, language: str = "en") -> list[Edit]:
    return [edit for edit in find_edits("", old, "", new, language) if edit.kind is not EditKind.KEPT]


def facts_of(old: str, new: str, language: str = "en") -> list[str]:
    return [str(change) for change in fact_changes(find_edits("", old, "", new, language), language, PUBLISHED)]


def test_a_changed_phrase_is_all_that_is_shown() -> None:
    changes = list(word_changes(find_edits("Power cut", WIRE, "Power cuts", EDITED, "en")))
    assert [(change.part, change.removed, change.added) for change in changes] == [
        ("title", "cut", "cuts"),
        ("text", "", "late"),
        ("text", "night", ""),
        ("text", "stayed shut", "did not open"),
    ]
    assert changes[1].new == "near the river late on Tuesday"


def test_a_moved_paragraph_is_moved_and_not_written_anew() -> None:
    paragraphs = WIRE.replace(",\nwhich", ", which").split("\n")
    old = "Outages go on.\n" + "\n".join(paragraphs)
    new = "\n".join([*paragraphs[2:], *paragraphs[:2], "Outages go on."])
    found = edits_of(old, new)
    assert {edit.kind for edit in found} == {EditKind.MOVED}
    assert list(word_changes(found)) == []
    # The longer part is what stayed.
    assert sum(len(edit.new) for edit in found) < len(new) / 2


def test_a_moved_sentence_shows_its_changed_words() -> None:
    old = "Some 250 men are held in a cellar. They refuse to fight. The governor denied it. Nobody else spoke."
    new = "They refuse to fight. The governor denied it. Nobody else spoke. Some 300 men are held in a cellar."
    [edit] = edits_of(old, new)
    assert edit.kind is EditKind.MOVED
    [change] = word_changes([edit])
    assert (change.removed, change.added, change.moved) == ("250", "300", True)


def test_a_paragraph_cut_in_two_is_no_edit() -> None:
    assert edits_of("One came. Two came.\nThree came.", "One came.\nTwo came. Three came.") == []


def test_other_marks_and_spaces_are_no_edit() -> None:
    assert edits_of("„Wir gehen“ – sagte er.", '"Wir gehen"  - sagte er.', "de") == []


def test_independent_texts_share_no_sentence() -> None:
    kinds = {edit.kind for edit in find_edits("", WIRE, "", INDEPENDENT, "en")}
    assert kinds == {EditKind.ADDED, EditKind.REMOVED}


def test_what_was_taken_out_stands_where_it_stood() -> None:
    found = find_edits("", "One came. Nobody else saw it. Three came.", "", "One came. Three came. Four followed them.", "en")
    assert [(edit.kind.value, edit.old or edit.new) for edit in found] == [
        ("kept", "One came."),
        ("removed", "Nobody else saw it."),
        ("kept", "Three came."),
        ("added", "Four followed them."),
    ]


@pytest.mark.parametrize(
    ("language", "old", "new", "facts"),
    [
        ("en", "Some 250 men are held.", "Some 300 men are held.", ["number: Some 250 men -> Some 300 men"]),
        (
            "en",
            "Two hundred fifty men are held.",
            "Two hundred sixty men are held.",
            ["number: Two hundred fifty men -> Two hundred sixty men"],
        ),
        ("en", "250 men are held.", "250 men are still held there.", []),
        ("en", "He called at 14:30.", "He called at 15:30.", ["number: 14:30 -> 15:30"]),
        ("en", "The 3rd brigade left.", "The 4th brigade left.", ["number: 3 -> 4"]),
        ("en", "It lies in Svatove.", "It lies in Kreminna.", ["place: Svatove -> Kreminna"]),
        ("en", "It was said by Egor Lapshin.", "It was said by Egor Lapin.", ["name: Egor Lapshin -> Egor Lapin"]),
        ("en", "It ended.", "It ended. “We will not go back there,” he said.", ["quotation added: We will not go back there"]),
        ("de", "250 Soldaten kamen.", "Rund 300 Soldaten kamen.", ["number: 250 Soldaten -> Rund 300 Soldaten"]),
        ("de", "Er kam am 3. Mai.", "Er kam am 4. Mai.", ["date: 3. Mai -> 4. Mai"]),
        (
            "de",
            "„Wir gehen nicht mehr dorthin“, sagte er.",
            "„Wir kehren nicht mehr dorthin zurück“, sagte er.",
            ["quotation: Wir gehen nicht mehr dorthin -> Wir kehren nicht mehr dorthin zurück"],
        ),
        ("ru", "Там держат 250 человек.", "Там держат около 300 человек.", ["number: 250 человек -> около 300 человек"]),
        # A name in another case is the same name.
        ("ru", "Об этом рассказал Егор Лапшин.", "Об этом рассказали Егору Лапшину.", []),
        ("ru", "Их держат в Зайцево.", "Их держат в Сватово.", ["place: Зайцево -> Сватово"]),
        (
            "uk",
            "Там тримають 250 людей.",
            "Там тримають 300 людей. Є 5 поранених.",
            ["number: 250 людей -> 300 людей", "number added: 5 поранених"],
        ),
        ("uk", "«Ми туди більше не підемо», – каже він. Це все.", "Це все.", ["quotation removed: Ми туди більше не підемо"]),
    ],
)
def test_facts_are_called_by_name(language: str, old: str, new: str, facts: list[str]) -> None:
    assert facts_of(old, new, language) == facts


def test_a_fact_that_moved_to_another_sentence_has_not_changed() -> None:
    old = "They came with 250 men to the hall. Nobody at all spoke that evening."
    new = "They came to the hall with all of them. Nobody at all spoke that evening of 250 men."
    assert facts_of(old, new) == []


def test_a_change_says_both_values() -> None:
    assert str(FactChange(field="number", old="250", new="300")) == "number: 250 -> 300"
    assert str(FactChange(field="quotation", old="", new="We left")) == "quotation added: We left"


@given(
    st.lists(st.sampled_from(["Ten came.", "He left at 9:30.", "All 12 sat.", "«Да» — 7.", "x", "In Kyiv 5 spoke."]), max_size=8), st.data()
)
def test_both_versions_can_be_read_from_the_edits_and_no_changed_digit_is_silent(old: list[str], data: st.DataObject) -> None:
    new = data.draw(st.permutations(old)) if data.draw(st.booleans()) else [*old[:2], "There were 41 of them.", *old[3:]]
    before, after = "\n".join(old), "\n".join(new)
    edits = find_edits("", before, "", after, "en")
    assert [edit.new for edit in edits if edit.new] == [sentence for sentence in after.split("\n") if sentence]
    assert sorted(edit.old for edit in edits if edit.old) == sorted(sentence for sentence in old if sentence)
    digits = sorted(char for char in before if char.isdigit()), sorted(char for char in after if char.isdigit())
    if digits[0] != digits[1]:
        assert [change for change in fact_changes(edits, "en", PUBLISHED) if any(map(str.isdigit, change.old + change.new))]
