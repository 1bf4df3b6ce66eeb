"""Rulings and the history of claims: what was said is kept, and the newest word counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from storage.claim_records import (
    Claim,
    ClaimChangeKind,
    FactVerdict,
    Independence,
    Judgement,
    Level,
    MachineView,
    ReferenceReport,
    Ruling,
    SharedPassage,
)
from storage.database import Database
from storage.errors import NotFoundError
from storage.judgements import judgement_history, load_judgements, record_judgement
from storage.nearness import Relevance, save_relevance
from storage.records import PublishedTime
from storage.reports import claim_history, claim_versions, load_report, save_report
from storage.shared_passages import load_shared_passages, replace_shared_passages, shared_basis
from tests.integration.storage.builders import Writer, make_extraction, make_outlet
from tests.integration.storage.texts import WIRE

MINUTE = timedelta(minutes=1)
ONE, TWO, THREE = (Claim(id=f"c0{number}", text=f"Village {number} had no power.") for number in (1, 2, 3))
REPORT = ReferenceReport(key="river", title="Power cut", language="en", claims=(ONE, TWO, THREE))


@pytest.fixture
def article(database: Database, now: datetime) -> tuple[int, str]:
    writer = Writer(database, [make_outlet("radio")], now)
    written = writer.write("http://radio.example/a", make_extraction("Power cut", WIRE), now)
    with database.write() as session:
        save_report(session, REPORT, now, by="anna")
    return written.change.article_id, written.change.key


def ruling(article: tuple[int, str], now: datetime, **fields: object) -> Judgement:
    made = Judgement(
        claim_id="c01",
        claim_text=ONE.text,
        article_id=article[0],
        article=article[1],
        ruling=Ruling.CONFIRM,
        note="read twice",
        text_sha256="a" * 64,
        revision=1,
        quote="no power",
        before="Four villages had ",
        after=" on Sunday.",
        machine=MachineView(
            level=Level.POSSIBLE,
            verdict=FactVerdict.NOT_STATED,
            origin="radio",
            independence=Independence.INDEPENDENT,
            model_hash="b" * 64,
        ),
        judged_by="anna",
        judged_at=now,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # names of the record's fields


def test_a_ruling_comes_back_with_what_the_machine_had_said(database: Database, now: datetime, article: tuple[int, str]) -> None:
    given = ruling(article, now)
    with database.write() as session:
        record_judgement(session, "river", given)
        assert load_judgements(session, "river") == [given]
        silent = ruling(article, now, claim_id="c02", ruling=Ruling.REJECT, quote="", machine=MachineView(level=Level.NONE))
        record_judgement(session, "river", silent)
        assert load_judgements(session, "river") == [given, silent]


def test_the_newest_ruling_counts_and_the_others_stay(database: Database, now: datetime, article: tuple[int, str]) -> None:
    first, second = ruling(article, now), ruling(article, now + MINUTE, ruling=Ruling.REJECT, judged_by="boris")
    other_claim = ruling(article, now, claim_id="c02")
    with database.write() as session:
        for item in (first, other_claim, second):
            record_judgement(session, "river", item)
        assert load_judgements(session, "river") == [second, other_claim]
        assert judgement_history(session, "river") == [first, other_claim, second]
        assert load_judgements(session, "river", as_of=now) == [first, other_claim], "what was said later is not known yet"


def test_rulings_of_an_unknown_report_are_refused(database: Database, now: datetime, article: tuple[int, str]) -> None:
    with database.write() as session, pytest.raises(NotFoundError):
        record_judgement(session, "nobody", ruling(article, now))
    with database.read() as session, pytest.raises(NotFoundError):
        load_judgements(session, "nobody")


def test_control_characters_in_a_note_do_not_reach_the_reader(database: Database, now: datetime, article: tuple[int, str]) -> None:
    with database.write() as session:
        record_judgement(session, "river", ruling(article, now, note="fine\x00\x1b[2J", judged_by="an\nna"))
        [found] = load_judgements(session, "river")
    assert "\x00" not in found.note
    assert "\n" not in found.judged_by


def changes(database: Database) -> list[tuple[ClaimChangeKind, str, int, tuple[str, ...], str]]:
    with database.read() as session:
        return [(item.change, item.claim_id, item.version, item.others, item.changed_by) for item in claim_history(session, "river")]


def test_every_change_of_a_claim_is_kept_with_who_made_it(database: Database, now: datetime, article: tuple[int, str]) -> None:
    added = [(ClaimChangeKind.ADDED, f"c0{number}", 1, (), "anna") for number in (1, 2, 3)]
    assert changes(database) == added
    with database.write() as session:
        save_report(session, REPORT, now + MINUTE, by="boris")
    assert changes(database) == added, "saving the same again is no change"
    with database.write() as session:
        edited = replace(REPORT, claims=(replace(ONE, text="Village 1 was dark."), THREE))
        save_report(session, edited, now + MINUTE, by="boris")
    assert changes(database)[3:] == [
        (ClaimChangeKind.REWORDED, "c01", 2, (), "boris"),
        (ClaimChangeKind.WITHDRAWN, "c02", 1, (), "boris"),
    ]
    with database.write() as session:
        save_report(session, replace(REPORT, claims=(replace(ONE, text="Village 1 was dark."), TWO, THREE)), now + 2 * MINUTE, by="anna")
    assert changes(database)[5:] == [(ClaimChangeKind.RESTORED, "c02", 2, (), "anna")]


def test_a_merge_and_a_split_name_their_parts(database: Database, now: datetime, article: tuple[int, str]) -> None:
    both = Claim(id="c04", text="Villages 1 and 2 had no power.")
    with database.write() as session:
        save_report(session, replace(REPORT, claims=(both, THREE)), now + MINUTE, by="boris", made_of={"c04": ("c01", "c02")})
    assert changes(database)[3:] == [
        (ClaimChangeKind.MERGED, "c04", 1, ("c01", "c02"), "boris"),
        (ClaimChangeKind.MERGED_INTO, "c01", 1, ("c04",), "boris"),
        (ClaimChangeKind.MERGED_INTO, "c02", 1, ("c04",), "boris"),
    ]
    left, right = Claim(id="c05", text="Village 1 was dark."), Claim(id="c06", text="Village 2 was dark.")
    with database.write() as session:
        parts = {"c05": ("c04",), "c06": ("c04",)}
        save_report(session, replace(REPORT, claims=(left, right, THREE)), now + 2 * MINUTE, by="boris", made_of=parts)
    assert changes(database)[6:] == [
        (ClaimChangeKind.SPLIT, "c05", 1, ("c04",), "boris"),
        (ClaimChangeKind.SPLIT, "c06", 1, ("c04",), "boris"),
        (ClaimChangeKind.SPLIT_INTO, "c04", 1, ("c05", "c06"), "boris"),
    ]


def test_old_versions_of_claims_can_be_read(database: Database, now: datetime, article: tuple[int, str]) -> None:
    with database.write() as session:
        save_report(session, replace(REPORT, claims=(replace(ONE, text="Village 1 was dark."),)), now + MINUTE)
        found = [(item.claim.id, item.claim.version, item.claim.text, item.current) for item in claim_versions(session, "river")]
    assert found == [
        ("c01", 1, "Village 1 had no power.", False),
        ("c01", 2, "Village 1 was dark.", True),
        ("c02", 1, "Village 2 had no power.", False),
        ("c03", 1, "Village 3 had no power.", False),
    ]


def test_a_month_is_all_that_is_known_of_some_reports(database: Database, now: datetime) -> None:
    given = replace(REPORT, published=PublishedTime(raw="2022-11", source="analyst"))
    with database.write() as session:
        save_report(session, given, now)
        assert load_report(session, "river").published == given.published


def test_shared_passages_are_those_of_the_last_comparison(database: Database, now: datetime, article: tuple[int, str]) -> None:
    one = SharedPassage(group=1, article_id=article[0], text_sha256="a" * 64, start=0, end=9, score=0.9312)
    two = SharedPassage(
        group=2, article_id=article[0], text_sha256="a" * 64, start=10, end=19, score=0.9, marks=((0, 2, "number"), (4, 9, "place"))
    )
    with database.write() as session:
        replace_shared_passages(session, "river", "m" * 64, [two, one])
        assert load_shared_passages(session, "river", "m" * 64) == [one, two]
        assert load_shared_passages(session, "river", "n" * 64) == []
        replace_shared_passages(session, "river", "n" * 64, [one])
        assert load_shared_passages(session, "river", "m" * 64) == []
        assert load_shared_passages(session, "river", "n" * 64) == [one]


def test_shared_passages_are_looked_for_again_only_when_what_they_were_found_in_changed(
    database: Database, now: datetime, article: tuple[int, str]
) -> None:
    def score(at: datetime) -> None:
        scored = Relevance(article_id=article[0], text_sha256="a" * 64, model_hash="m", score=3.0, related=True, parts={})
        with database.write() as session:
            save_relevance(session, "river", [scored], at)

    score(now)
    with database.write() as session:
        basis, is_done = shared_basis(session, "river", "setup")
        assert not is_done
        replace_shared_passages(session, "river", "m" * 64, [], basis)
        assert shared_basis(session, "river", "setup") == (basis, True)
        assert not shared_basis(session, "river", "another model")[1]
    score(now + MINUTE)
    with database.read() as session:
        assert not shared_basis(session, "river", "setup")[1]
