"""A person's word over the program's: what it changes, when it still holds, and how often the program was right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from comparison.cells import Candidate, count_cells, make_cell
from comparison.findings import Judged, Standing
from comparison.judgements import Applied, apply_judgements, judged_record, locate, standing_of
from comparison.near_misses import Reason
from comparison.origins import Placed
from comparison.passages import Span
from comparison.scorecard import score_rulings, wilson
from comparison.wording import ruling_words
from storage.claim_records import Claim, FactVerdict, Independence, Judgement, Level, MachineView, Number, Ruling
from storage.records import StoredArticle
from tests.comparison_builders import AT, CHAIN, INDEPENDENT, context_of, hand_made_matrix, make_article, make_candidate

CLAIM = Claim(
    id="c03",
    text="About 250 people are held there.",
    numbers=(Number(low=250, high=250, approximate=True, unit="person", text="About 250 people", start=0, end=16),),
)
TEXT = "Мы приехали утром. Внизу около 300 человек. Потом нас увезли. Внизу около 300 человек. Так сказала мать."
PASSAGE = "Внизу около 300 человек."
FIRST, SECOND = Span(19, 43), Span(62, 86)


def article_with(text: str = TEXT, **fields: object) -> StoredArticle:
    return make_article(2, "strela_ru", text, **fields)


def candidate_of(article: StoredArticle, **fields: object) -> Candidate:
    values: dict[str, object] = {"start": FIRST.start, "end": FIRST.end, "verdict": FactVerdict.DIFFERS}
    return make_candidate(article, **(values | fields))  # type: ignore[arg-type]  # fields of a match


def ruling(kind: Ruling = Ruling.CONFIRM, **fields: object) -> Judgement:
    article = article_with()
    made = Judgement(
        claim_id="c03",
        claim_text=CLAIM.text,
        article_id=2,
        article=article.key,
        ruling=kind,
        text_sha256=article.text_sha256,
        revision=1,
        quote=PASSAGE,
        before=TEXT[: FIRST.start],
        after=TEXT[FIRST.end :],
        machine=MachineView(level=Level.STRONG, verdict=FactVerdict.DIFFERS, origin="strela", independence=INDEPENDENT),
        judged_by="anna",
        judged_at=AT,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # names of the record's fields


def apply(
    given: Judgement,
    kept: Sequence[Candidate],
    misses: Sequence[Candidate] = (),
    *,
    article: StoredArticle | None = None,
    claim: Claim = CLAIM,
) -> Applied:
    shown = article or article_with()

    def place(_article: StoredArticle, _span: Span) -> Placed:
        return Placed(label="strela", independence=INDEPENDENT)

    def resolve(name: str, _others: Sequence[Candidate]) -> Placed:
        return Placed(
            label=name, independence=CHAIN if name == "radio" else INDEPENDENT, reason=f"a person says: the same source as {name}"
        )

    return apply_judgements(claim, kept, misses, [given], {shown.key: shown}, place, resolve)


def test_a_confirmed_passage_is_close_and_its_fact_does_not_differ() -> None:
    applied = apply(ruling(), [candidate_of(article_with(), level=Level.POSSIBLE)])
    [item] = applied.kept
    assert (item.match.level, item.match.verdict) == (Level.STRONG, FactVerdict.AGREES)
    assert item.judged is not None
    assert item.judged.machine.level is Level.STRONG
    counts, second = count_cells([make_cell("strela", applied.kept, context_of(item.article))])
    assert (counts.same_fact.low, counts.other_fact.high, second.low) == (1, 0, 1)


def test_a_confirmed_near_miss_comes_back_into_the_matrix() -> None:
    miss = candidate_of(article_with(), near_miss=Reason("place", "set elsewhere", excludes=True))
    applied = apply(ruling(), [], [miss])
    assert applied.misses == []
    assert [item.near_miss for item in applied.kept] == [None]


def test_a_rejected_passage_counts_nowhere_and_is_still_listed() -> None:
    applied = apply(ruling(Ruling.REJECT), [candidate_of(article_with())])
    assert (applied.kept, applied.misses) == ([], [])
    assert [(item.ruling, item.counts, item.quote) for item in applied.judged] == [(Ruling.REJECT, True, PASSAGE)]


def test_an_unclear_passage_counts_for_nothing_sure() -> None:
    applied = apply(ruling(Ruling.UNCLEAR), [candidate_of(article_with(), verdict=FactVerdict.AGREES)])
    _, second = count_cells([make_cell("strela", applied.kept, context_of(article_with()))])
    assert (second.low, second.high) == (0, 1)


def test_the_same_source_as_the_report_is_no_second_source() -> None:
    applied = apply(ruling(Ruling.SAME_ORIGIN_AS, same_as="radio"), [candidate_of(article_with(), verdict=FactVerdict.AGREES)])
    [item] = applied.kept
    assert (item.placed.label, item.placed.independence) == ("radio", Independence.REPORT_CHAIN)
    _, second = count_cells([make_cell("radio", applied.kept, context_of(item.article))])
    assert second.high == 0


def test_words_that_no_comparison_found_are_named_by_a_person() -> None:
    """Re-matching may lose a passage: the ruling does not hang on it."""
    [item] = apply(ruling(), []).kept
    assert (item.match.start, item.match.end, item.match.door) == (FIRST.start, FIRST.end, "person")
    assert [(pair.field, pair.verdict) for pair in item.match.facts] == [("number", FactVerdict.DIFFERS)], "the fact stays as it was read"


def test_of_two_equal_sentences_the_one_in_the_judged_surroundings_is_meant() -> None:
    assert locate(ruling(), TEXT) == FIRST
    assert locate(ruling(before=TEXT[: SECOND.start], after=TEXT[SECOND.end :]), TEXT) == SECOND
    moved = "Исправлено. " + TEXT
    assert locate(ruling(), moved) == Span(FIRST.start + 12, FIRST.end + 12)


@pytest.mark.parametrize(
    ("text", "claim", "standing", "counts"),
    [
        (TEXT, CLAIM, Standing.HOLDS, True),
        ("Исправлено. " + TEXT, CLAIM, Standing.HOLDS_IN_CHANGED_TEXT, True),
        # One changed figure is another sentence.
        (TEXT.replace("300", "280"), CLAIM, Standing.TEXT_CHANGED, False),
        (TEXT, replace(CLAIM, text="About 300 people are held there."), Standing.CLAIM_CHANGED, False),
        # Another reading of the same words, or another speaker, changes nothing.
        (TEXT, replace(CLAIM, version=4, speaker="a sister", hearsay=True), Standing.HOLDS, True),
    ],
    ids=["as it was", "text changed elsewhere", "figure changed", "claim reworded", "claim annotated"],
)
def test_a_ruling_holds_as_long_as_its_words_do(text: str, claim: Claim, standing: Standing, counts: bool) -> None:
    article = article_with(text, text_sha256="f" * 64) if text != TEXT else article_with()
    record = judged_record(ruling(), claim, article)
    assert (record.standing, record.counts) == (standing, counts)


def test_a_ruling_that_no_longer_holds_changes_nothing_and_is_shown() -> None:
    changed = article_with(TEXT.replace("300", "280"), text_sha256="f" * 64)
    before = candidate_of(changed)
    applied = apply(ruling(Ruling.REJECT), [before], article=changed)
    [item] = applied.kept
    assert item.match == before.match
    assert item.judged is not None
    assert "judge it again" in ruling_words(item.judged)


def test_a_ruling_on_a_withdrawn_claim_is_flagged() -> None:
    assert standing_of(ruling(), None, article_with()) is Standing.CLAIM_CHANGED


def test_what_a_publisher_withdrew_is_not_quoted_by_a_ruling() -> None:
    assert judged_record(ruling(), CLAIM, article_with(gone_at=AT)).quote == ""


def judged(kind: Ruling, level: Level, **fields: object) -> Judged:
    return judged_record(ruling(kind, machine=MachineView(level=level), **fields), CLAIM, article_with())


def test_the_score_counts_what_persons_said_of_each_level() -> None:
    rulings = [
        *[judged(Ruling.CONFIRM, Level.STRONG)] * 9,
        judged(Ruling.REJECT, Level.STRONG),
        judged(Ruling.UNCLEAR, Level.STRONG),
        judged(Ruling.REJECT, Level.POSSIBLE),
        judged(Ruling.CONFIRM, Level.NONE),
    ]
    card = score_rulings("r", rulings, hand_made_matrix())
    close = card.then["strong"]
    assert (close.confirmed, close.rejected, close.unclear, close.share) == (9, 1, 1, 0.9)
    assert (close.low, close.high) == tuple(round(end, 4) for end in wilson(9, 10))
    assert (card.then["possible"].share, card.then["none"].confirmed) == (0.0, 1)
    assert card.by_language["ru"].confirmed == 9
    # Today the program says the same of all of them: the hand-made matrix has that article as a close passage.
    assert (card.now["strong"].confirmed, card.now["strong"].rejected) == (10, 2)
    assert "Of 10 close passages judged, 9 carry the claim (90%; 95 % interval 60% to 98%)." in card.summary


def test_nothing_judged_is_no_score() -> None:
    card = score_rulings("r", [], hand_made_matrix())
    assert (card.judged, card.then["strong"].share) == (0, None)
    assert "Nothing was judged yet" in card.summary


def test_lapsed_rulings_count_for_then_and_not_for_now() -> None:
    lapsed = judged(Ruling.CONFIRM, Level.STRONG, claim_text="Another wording.")
    card = score_rulings("r", [lapsed], hand_made_matrix())
    assert (card.lapsed, card.then["strong"].confirmed, card.now["strong"].confirmed) == (1, 1, 0)
