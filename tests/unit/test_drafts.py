"""A report as text in an editor: what goes out comes back, ids stay, and every fault has its line."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comparison.claims import annotate
from comparison.drafts import Draft, fingerprint, read_draft, write_draft
from config.faults import ConfigError
from storage.claim_records import Claim, ClaimKind, ReferenceReport
from storage.records import Precision, PublishedTime

CLAIMS = (
    Claim(id="c01", text="About 40 houses were destroyed in Orlitz.", speaker='the "mayor"', context="A dyke broke.\nAt night."),
    Claim(id="c02", text="Parliament passed a law on dykes in March.", kind=ClaimKind.CONTEXT),
    Claim(id="c07", text="Reportedly there was no siren: «тихо», “leise”, \\n, \x7f and a tab\t."),
)
AT = datetime(2022, 11, 16, tzinfo=UTC)
REPORT = ReferenceReport(
    key="dyke",
    title="A flood nobody was warned of",
    language="en",
    translated_from="de",
    url="http://blatt.example/1",
    outlet="blatt",
    published=PublishedTime(at=AT, precision=Precision.DAY, source="analyst"),
    text="The text itself is no part of a draft.",
    chain=("fluss", "Radio Fluss"),
    claims=tuple(annotate(claim, "en", AT) for claim in CLAIMS),
)


def read(text: str, used: tuple[str, ...] = ("c01", "c02", "c05", "c07")) -> Draft:
    return read_draft(text, "draft.toml", REPORT, used)


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read(text)
    return [str(fault) for fault in caught.value.faults]


def edited(old: str, new: str) -> str:
    text = write_draft(REPORT)
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize(
    "published",
    [
        REPORT.published,
        PublishedTime(),
        PublishedTime(raw="2022-11", source="analyst"),
        PublishedTime(at=datetime(2022, 11, 16, 9, 30, 5, tzinfo=UTC), precision=Precision.MINUTE, source="analyst"),
        PublishedTime(at=datetime(2022, 11, 16, 9, 30, 5, tzinfo=UTC), precision=Precision.SECOND, source="json-ld"),
    ],
    ids=["day", "unknown", "month", "minute", "from a page"],
)
def test_a_draft_that_nobody_touched_is_the_same_report(published: PublishedTime) -> None:
    report = replace(REPORT, published=published)
    draft = read_draft(write_draft(report), "draft.toml", report, ())
    assert draft.report == replace(report, claims=draft.report.claims)
    assert [(c.id, c.text, c.context, c.speaker, c.hearsay) for c in draft.report.claims] == [
        (c.id, c.text, c.context, c.speaker, c.hearsay) for c in report.claims
    ]
    assert draft.made_of == {}


def test_a_draft_is_toml_with_the_facts_beside_it() -> None:
    text = write_draft(REPORT)
    assert tomllib.loads(text)["claim"][0]["text"] == CLAIMS[0].text
    assert "# read in it: 40 houses · Orlitz" in text or "# read in it: About 40 houses" in text


def test_an_id_stays_whatever_becomes_of_the_words() -> None:
    draft = read(edited("About 40 houses were destroyed in Orlitz.", "About 60 farms burnt down in Brno."))
    first = draft.report.claims[0]
    assert (first.id, [number.low for number in first.numbers], [place.text for place in first.places]) == ("c01", [60.0], ["Brno"])


def test_a_new_claim_gets_an_id_that_was_never_used() -> None:
    draft = read(write_draft(REPORT) + '\n[[claim]]\ntext = "The mayor resigned."\n\n[[claim]]\ntext = "He left for Brno."\n')
    assert [claim.id for claim in draft.report.claims] == ["c01", "c02", "c07", "c08", "c09"]
    draft = read(write_draft(REPORT) + '\n[[claim]]\ntext = "The mayor resigned."\n', used=("c12",))
    assert draft.report.claims[-1].id == "c13"


def test_what_an_analyst_says_of_hearsay_stands() -> None:
    assert REPORT.claims[2].hearsay
    draft = read(edited("hearsay = true", "hearsay = false"))
    assert not draft.report.claims[2].hearsay
    again = read_draft(write_draft(draft.report), "draft.toml", draft.report, ())
    assert not again.report.claims[2].hearsay


def test_a_misread_fact_is_left_out_and_stays_out() -> None:
    name = REPORT.claims[0].numbers[0].text
    draft = read(edited('text = "About 40 houses', f'without = ["{name}"]\ntext = "About 40 houses'))
    assert draft.report.claims[0].numbers == ()
    assert f'without = ["{name}"]' in write_draft(draft.report)
    again = read_draft(write_draft(draft.report), "draft.toml", draft.report, ())
    assert again.report.claims[0].numbers == ()


def test_a_merge_and_a_split_name_what_they_are_made_of() -> None:
    text = write_draft(REPORT)
    merged = read(text[: text.index("[[claim]]")] + '[[claim]]\ntext = "Houses and siren."\nfrom = ["c01", "c07"]\n')
    assert merged.made_of == {"c08": ("c01", "c07")}
    split = read(text + '\n[[claim]]\ntext = "It was in March."\nfrom = ["c02"]\n')
    assert split.made_of == {"c08": ("c02",)}


def test_all_faults_are_named_at_once_each_with_its_line() -> None:
    text = edited('kind = "context"', 'kind = "rumour"')
    text = text.replace('language = "en"', 'language = "fr"').replace('speaker = ""', 'speakr = ""', 1)
    lines = text.splitlines()
    found = faults(text)
    assert len(found) == 3
    for line, words in (
        ('language = "fr"', "language: "),
        ('kind = "rumour"', "claim.1.kind: "),
        ('speakr = ""', "claim.1.speakr: unknown key"),
    ):
        start = f"draft.toml:{lines.index(line) + 1}: {words}"
        assert any(fault.startswith(start) for fault in found), (start, found)


def test_faults_that_only_the_report_shows_have_lines_too() -> None:
    text = edited('id = "c02"', 'id = "c01"\nfrom = ["c44"]').replace('published = "2022-11-16"', 'published = "yesterday"')
    text = text.replace('key = "dyke"', 'key = "flood"')
    found = faults(text)
    assert [fault.split(": ", 1)[1] for fault in found] == [
        "key: is 'flood'; a report keeps its key, here 'dyke'",
        "claim.1.id: 'c01' is given more than once",
        "claim.1.from: 'c44' is no claim of this report",
        "published: 'yesterday' is no date; write 2022-11-20, or 2022-11 for a month",
    ]
    lines = text.splitlines()
    second = len(lines) - lines[::-1].index('id = "c01"')
    assert found[1].startswith(f"draft.toml:{second}:")


def test_a_key_within_a_long_string_is_no_key() -> None:
    text = edited('context = "A dyke broke.\\nAt night."', 'context = """\nkind = "x"\n[[claim]]\n"""\nwrong = 1')
    lines = text.splitlines()
    assert faults(text) == [f"draft.toml:{lines.index('wrong = 1') + 1}: claim.0.wrong: unknown key; remove it or correct its spelling"]


def test_broken_toml_names_its_line() -> None:
    [fault] = faults(edited('kind = "context"', "kind = context"))
    assert "is not valid TOML" in fault
    assert "line " in fault


def test_a_report_without_claims_is_refused() -> None:
    text = write_draft(REPORT)
    assert any("claim" in fault for fault in faults(text[: text.index("[[claim]]")]))


def test_a_draft_of_an_older_state_is_not_laid_over_a_newer_one() -> None:
    newer = replace(REPORT, claims=(replace(REPORT.claims[0], version=2), *REPORT.claims[1:]))
    assert fingerprint(newer) != fingerprint(REPORT)
    with pytest.raises(ConfigError, match="was changed since this draft was made"):
        read_draft(write_draft(REPORT), "draft.toml", newer, ())
