"""Origins, independence, counts and the sentences made of them: what a second source is, as tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from comparison.cells import count_cells, make_cell, settle
from comparison.columns import make_columns
from comparison.credits import find_credits
from comparison.findings import Cell, Range
from comparison.names import build_index
from comparison.origins import Chain, DisjointSets, Evidence, Origins, chain_of, find_origins
from comparison.sources import derivations_of
from comparison.wording import claim_summary, overall_summary
from storage.claim_records import Derivation, DerivationKind, FactVerdict, Independence, Level, ReferenceReport
from storage.queries import OutletRecord
from storage.records import CopyKind, CopyPair, Precision, PublishedTime, StoredArticle
from tests.comparison_builders import (
    AT,
    CHAIN,
    INDEPENDENT,
    NOT_ESTABLISHED,
    context_of,
    make_article,
    make_candidate,
    number_fact,
)

AGREES, DIFFERS, NOT_STATED, NO_KEY_FACT = FactVerdict.AGREES, FactVerdict.DIFFERS, FactVerdict.NOT_STATED, FactVerdict.NO_KEY_FACT
STRONG, POSSIBLE = Level.STRONG, Level.POSSIBLE


def outlet(id_: str, name: str, language: str = "ru", *also: str, owner: str = "") -> OutletRecord:
    return OutletRecord(
        id=id_,
        name=name,
        language=language,
        country="",
        owner=owner or id_.partition("_")[0],
        family=None,
        state_media=False,
        also_known_as=also,
    )


OUTLETS = [
    outlet("radio_ru", "Текущий час", "ru", "Current Hour", owner="radio"),
    outlet("radio_en", "Radio Meridian", "en", owner="radio"),
    outlet("strela_ru", "Стрела", "ru", "Strela"),
    outlet("listok_ru", "Городской листок"),
    outlet("perehuk_uk", "Перегук", "uk"),
    outlet("harbour_en", "Harbour News", "en"),
    outlet("welle_ru", "Welle Europa"),
    outlet("police_en", "Wexshire Police", "en"),
]
INDEX = build_index(OUTLETS, ("Radio Meridian",))
REPORT = ReferenceReport(key="r", title="R", language="en", chain=("radio", "Radio Meridian", "mainverlag"), url="http://paper.example/1")


def place(
    *articles: StoredArticle, derivations: dict[int, list[Derivation]] | None = None, linked: dict[int, tuple[int, ...]] | None = None
) -> Origins:
    evidence = [
        Evidence(
            article=article,
            credits=find_credits(article.text, article.language, INDEX, outlet_id=article.outlet_id, title=article.title),
            derivations=tuple((derivations or {}).get(article.article_id, ())),
            linked=(linked or {}).get(article.article_id, ()),
        )
        for article in articles
    ]
    return find_origins(evidence, chain=chain_of(REPORT, INDEX, OUTLETS), outlets=OUTLETS, names={})


OWN = "Отец солдата рассказал «Стреле», что внизу около 300 человек."
LONG = "\nДо войны здесь была амбулатория, вывеска ещё висит.\nХлеб спускают раз в сутки.\nСтарухи носят к забору картошку."


@pytest.mark.parametrize(
    ("why", "outlet_id", "text", "label", "independence"),
    [
        ("the chain's own house", "radio_ru", "Там человек 250.", "radio", CHAIN),
        ("credits the chain at the top", "harbour_en", "Current Hour reports that 250 men are held there.", "radio", CHAIN),
        ("its own reporting", "strela_ru", OWN, "strela", INDEPENDENT),
        ("own wording, nobody credited", "listok_ru", "Сорок три человека заперты в погребе.", "listok", INDEPENDENT),
        ("media that are not named", "welle_ru", "По сообщениям СМИ, там 250 человек.", "welle", NOT_ESTABLISHED),
        ("another medium whose piece is not here", "listok_ru", "Как сообщает «Медуза», там 250 человек.", "meduza", NOT_ESTABLISHED),
        ("a name that nobody knows", "listok_ru", "Как сообщает издание «Новая жизнь», там 250 человек.", None, NOT_ESTABLISHED),
        ("nobody in particular", "listok_ru", "По Сети гуляют рассказы о сорока запертых в погребе.", "listok", NOT_ESTABLISHED),
        ("names the chain at the top", "harbour_en", "Current Hour has given an evening to the 250 men.", "harbour", NOT_ESTABLISHED),
        ("names the chain, has its own", "strela_ru", f"{OWN}\nГостей позвал и «Текущий час».", "strela", INDEPENDENT),
        ("a public statement", "welle_ru", "Об этом сообщил глава администрации Остап Гринчишин.", "statement:grncsn", INDEPENDENT),
    ],
)
def test_where_a_piece_belongs(why: str, outlet_id: str, text: str, label: str | None, independence: Independence) -> None:
    placed = place(make_article(1, outlet_id, text)).of_article(1)
    assert placed.independence is independence, why
    assert label is None or placed.label == label, why


def test_two_outlets_that_quote_one_statement_are_one_origin() -> None:
    russian = make_article(1, "welle_ru", "Об этом сообщил глава администрации Остап Гринчишин.")
    english = make_article(2, "harbour_en", "Fuel has run out, governor Ostap Hrynchyshyn said in a post on Telegram.")
    origins = place(russian, english)
    assert origins.of_article(1).label == origins.of_article(2).label


def test_two_outlets_that_credit_one_unknown_name_are_one_origin() -> None:
    origins = place(
        make_article(1, "listok_ru", "Как сообщает издание «Новая жизнь», там 250 человек."),
        make_article(2, "strela_ru", "Об этом пишет «Новая жизнь»."),
    )
    assert origins.of_article(1).label == origins.of_article(2).label


def test_a_credit_of_another_collected_origin_is_that_origin() -> None:
    origins = place(make_article(1, "strela_ru", OWN), make_article(2, "harbour_en", "Strela reports that 300 men are held there."))
    assert origins.of_article(2).label == "strela"
    assert origins.of_article(2).independence is INDEPENDENT


def test_a_copy_of_a_copy_rests_on_the_first() -> None:
    derivations = {
        2: [Derivation(article_id=2, kind=DerivationKind.TRANSLATION, source_article_id=1)],
        3: [Derivation(article_id=3, kind=DerivationKind.COPY, source_article_id=2)],
    }
    origins = place(make_article(1, "radio_ru"), make_article(2, "listok_ru"), make_article(3, "strela_ru"), derivations=derivations)
    assert {origins.of_article(number).label for number in (1, 2, 3)} == {"radio"}
    assert origins.of_article(3).independence is CHAIN


def test_two_texts_that_point_at_each_other_end_somewhere() -> None:
    derivations = {
        1: [Derivation(article_id=1, kind=DerivationKind.COPY, source_article_id=2)],
        2: [Derivation(article_id=2, kind=DerivationKind.COPY, source_article_id=1)],
    }
    origins = place(make_article(1, "listok_ru"), make_article(2, "strela_ru"), derivations=derivations)
    assert origins.of_article(1).label == origins.of_article(2).label


PASSAGES: list[tuple[str, str, str, str, str, Independence]] = [
    # why, outlet, text, the passage, label, independence
    (
        "a paragraph on unnamed media",
        "welle_ru",
        f"Родные пишут уполномоченной.{LONG}\nПо сообщениям СМИ, там 250 человек.",
        "там 250 человек",
        "welle",
        NOT_ESTABLISHED,
    ),
    (
        "the rest of that piece",
        "welle_ru",
        f"Родные пишут уполномоченной.{LONG}\nПо сообщениям СМИ, там 250 человек.",
        "Родные пишут",
        "welle",
        INDEPENDENT,
    ),
    (
        "a late paragraph that credits the chain",
        "listok_ru",
        f"Зима пришла рано.{LONG}\nТекущий час сообщал о 250 людях.",
        "о 250 людях",
        "radio",
        CHAIN,
    ),
    (
        "elsewhere in it, without a source of its own",
        "listok_ru",
        f"Зима пришла рано.{LONG}\nТекущий час сообщал о 250 людях.",
        "Хлеб спускают",
        "listok",
        NOT_ESTABLISHED,
    ),
    (
        "elsewhere in it, with its own reporting",
        "strela_ru",
        f"{OWN}{LONG}\nРанее Текущий час сообщал о 250 людях.",
        "Хлеб спускают",
        "strela",
        INDEPENDENT,
    ),
    (
        "own reporting in a piece that credits the chain at the top",
        "strela_ru",
        f"Текущий час сообщил о 250 людях.{LONG}\n{OWN}",
        "около 300 человек",
        "strela",
        INDEPENDENT,
    ),
    ("what cannot be separated in it", "strela_ru", f"Текущий час сообщил о 250 людях.{LONG}\n{OWN}", "Хлеб спускают", "radio", CHAIN),
    (
        "an institution in its own paragraph",
        "harbour_en",
        "Snow fell.\nRoads froze.\nTrains stood.\nRussia uses barrier units, British military intelligence said.",
        "barrier units",
        "uk_defence_ministry",
        INDEPENDENT,
    ),
]


@pytest.mark.parametrize(("why", "outlet_id", "text", "passage", "label", "independence"), PASSAGES, ids=[case[0] for case in PASSAGES])
def test_where_a_passage_belongs(why: str, outlet_id: str, text: str, passage: str, label: str, independence: Independence) -> None:
    start = text.index(passage)
    placed = place(make_article(1, outlet_id, text)).of_passage(1, start, start + len(passage))
    assert (placed.label, placed.independence) == (label, independence), why


def test_a_link_to_the_chain_leaves_independence_open() -> None:
    chain, other = make_article(1, "radio_ru"), make_article(2, "listok_ru", "Сорок три человека заперты в погребе.")
    assert place(chain, other, linked={2: (1,)}).of_passage(2, 0, 10).independence is NOT_ESTABLISHED


def test_sentences_that_follow_another_text_are_that_texts() -> None:
    source = make_article(1, "strela_ru", OWN)
    text = "Первое наше.\nВторое взято дословно у других.\nТретье наше."
    partly = [Derivation(article_id=2, kind=DerivationKind.PARTIAL, source_article_id=1, evidence="Второе взято дословно у других.")]
    origins = place(source, make_article(2, "listok_ru", text), derivations={2: partly})
    start = text.index("Второе")
    assert origins.of_passage(2, start, start + 10).label == "strela"
    assert origins.of_passage(2, 0, 10).label == "listok"


def test_the_chain_is_named_after_what_the_report_rests_on() -> None:
    outlets = [*OUTLETS, outlet("paper_de", "Mainblatt", "de", owner="mainverlag")]
    report = ReferenceReport(key="r", title="R", language="en", outlet="paper_de", chain=("mainverlag", "Текущий час", "Nobody Knows"))
    chain = chain_of(report, build_index(outlets, report.chain), outlets)
    assert chain.label == "radio"
    assert {"mainverlag", "radio"} <= chain.keys


def test_families_are_one_origin() -> None:
    origins = place(make_article(1, "listok_ru", family="printers"), make_article(2, "strela_ru", family="printers"))
    assert origins.of_article(1).label == origins.of_article(2).label


def test_sets_are_named_by_their_smallest_member_whatever_the_order() -> None:
    for order in (("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")):
        sets = DisjointSets()
        for one, other in pairwise(order):
            sets.join(one, other)
        assert {sets.find(name) for name in order} == {"a"}


# --- copies ---------------------------------------------------------------------------------------------------------------------


def copies_of(*articles: StoredArticle) -> dict[int, int | None]:
    pairs = [
        CopyPair(
            article_a=one.article_id, article_b=other.article_id, kind=CopyKind.NEAR, jaccard=0.9, containment_a=0.95, containment_b=0.95
        )
        for number, one in enumerate(articles)
        for other in articles[number + 1 :]
    ]
    credits = {
        article.article_id: find_credits(article.text, article.language, INDEX, outlet_id=article.outlet_id, title=article.title)
        for article in articles
    }
    found = derivations_of(articles, credits, pairs)
    return {item.article_id: item.source_article_id for item in found if item.kind is DerivationKind.COPY}


def later(hours: int) -> PublishedTime:
    return PublishedTime(at=AT + timedelta(hours=hours), precision=Precision.SECOND)


@pytest.mark.parametrize(
    ("why", "articles", "copies"),
    [
        (
            "the earlier one is the original",
            [make_article(1, "strela_ru", published=later(2)), make_article(2, "listok_ru", published=later(0))],
            {1: 2},
        ),
        (
            "whom the other credits is the original, though printed later",
            [
                make_article(1, "strela_ru", published=later(2)),
                make_article(2, "listok_ru", "Об этом сообщает «Стрела».", published=later(0)),
            ],
            {2: 1},
        ),
        (
            "without times the first key is taken",
            [make_article(1, "strela_ru", published=PublishedTime()), make_article(2, "listok_ru", published=PublishedTime())],
            {1: 2},
        ),
    ],
)
def test_the_direction_of_a_copy(why: str, articles: list[StoredArticle], copies: dict[int, int]) -> None:
    assert copies_of(*articles) == copies, why


def test_a_copy_whose_order_nobody_knows_says_so() -> None:
    undated = [make_article(1, "strela_ru", published=PublishedTime()), make_article(2, "listok_ru", published=PublishedTime())]
    pair = CopyPair(article_a=1, article_b=2, kind=CopyKind.EXACT, jaccard=1.0, containment_a=1.0, containment_b=1.0)
    [copy] = [item for item in derivations_of(undated, {}, [pair]) if item.kind is DerivationKind.COPY]
    assert "cannot be told" in copy.evidence


# --- counts and sentences -------------------------------------------------------------------------------------------------------


def cell(
    owner: str,
    level: Level = STRONG,
    verdict: FactVerdict = AGREES,
    independence: Independence = INDEPENDENT,
    value: str = "",
    **fields: Any,
) -> Cell:
    article = make_article(sum(map(ord, owner)), f"{owner}_ru", **fields)
    facts = (number_fact(value, verdict),) if value else ()
    candidate = make_candidate(article, owner, independence, level=level, verdict=verdict, facts=facts)
    return make_cell(owner, [candidate], context_of(article))


def none(owner: str, level: Level = Level.NONE) -> Cell:
    return Cell(origin=owner, level=level, independence=INDEPENDENT)


COUNTS: list[tuple[str, list[Cell], tuple[int, ...], str]] = [
    # why, cells, (same low, high, other low, high, silent low, high, unsettled low, high), summary
    (
        "three origins, one agrees, two give other figures",
        [
            cell("radio", independence=CHAIN),
            cell("perehuk"),
            cell("strela", verdict=DIFFERS, value="около 300 человек"),
            cell("listok", verdict=DIFFERS, value="43 человека"),
        ],
        (1, 1, 2, 2, 0, 0, 0, 0),
        "carried by three origins outside the report's own chain; one agrees, two give rival figures (300, 43)",
    ),
    (
        "possible passages make ranges",
        [cell("perehuk"), cell("strela", level=POSSIBLE), cell("listok", level=POSSIBLE, verdict=DIFFERS, value="43 человека")],
        (1, 2, 0, 1, 0, 0, 0, 0),
        "carried by one origin outside the report's own chain, possibly by two more; one agrees; possible passages give 43",
    ),
    (
        "only possible ones",
        [cell("strela", level=POSSIBLE), none("listok")],
        (0, 1, 0, 0, 0, 0, 0, 0),
        "possibly carried by one origin outside the report's own chain; one agrees",
    ),
    (
        "the chain alone is no second source",
        [cell("radio", independence=CHAIN), none("strela"), none("zaslon", Level.UNSEEN)],
        (0, 0, 0, 0, 0, 0, 0, 0),
        "no passage found outside the report's own chain in 142 collected articles of 16 outlets",
    ),
    (
        "unknown independence is never counted as independent",
        [cell("welle", independence=NOT_ESTABLISHED)],
        (0, 0, 0, 0, 0, 0, 1, 1),
        "carried by one origin whose independence is not established; no other passage found outside the report's own chain "
        "in 142 collected articles of 16 outlets",
    ),
    (
        "a fact that is left out",
        [cell("strela", verdict=NOT_STATED)],
        (0, 0, 0, 0, 1, 1, 0, 0),
        "carried by one origin outside the report's own chain; one does not state the fact",
    ),
    (
        "a claim without a fact to compare",
        [cell("strela", verdict=NO_KEY_FACT), cell("listok", verdict=NO_KEY_FACT)],
        (2, 2, 0, 0, 0, 0, 0, 0),
        "carried by two origins outside the report's own chain",
    ),
    (
        "a withdrawn page counts for nothing sure",
        [cell("strela", gone_at=AT)],
        (0, 1, 0, 0, 0, 0, 0, 0),
        "carried by one origin outside the report's own chain; one agrees",
    ),
]


@pytest.mark.parametrize(("why", "cells", "expected", "summary"), COUNTS, ids=[case[0] for case in COUNTS])
def test_counts_and_their_sentence(why: str, cells: list[Cell], expected: tuple[int, ...], summary: str) -> None:
    counts, _ = count_cells(cells)
    ranges = (counts.same_fact, counts.other_fact, counts.fact_not_stated, counts.independence_not_established)
    assert tuple(end for item in ranges for end in (item.low, item.high)) == expected, why
    assert claim_summary(cells, 142, 16) == summary, why


def test_a_rival_figure_is_no_second_source_and_a_silent_passage_perhaps_one() -> None:
    _, second = count_cells([cell("strela", verdict=DIFFERS, value="300"), cell("perehuk"), cell("listok", verdict=NOT_STATED)])
    assert second == Range(low=1, high=2)


def test_an_origin_that_says_both_is_counted_as_neither_for_sure() -> None:
    one, other = make_article(1, "strela_ru"), make_article(2, "strela_ru")
    both = make_cell(
        "strela",
        [make_candidate(one), make_candidate(other, verdict=DIFFERS, facts=(number_fact("280 солдат", DIFFERS),))],
        context_of(one, other),
    )
    assert both.mixed
    counts, _ = count_cells([both])
    assert (counts.same_fact, counts.other_fact) == (Range(low=0, high=1), Range(low=0, high=1))


def test_a_close_passage_of_unknown_independence_lends_nothing_to_a_possible_one() -> None:
    one, other = make_article(1, "welle_ru"), make_article(2, "welle_ru")
    mixed = make_cell(
        "welle", [make_candidate(one, "welle", NOT_ESTABLISHED), make_candidate(other, "welle", level=POSSIBLE)], context_of(one, other)
    )
    assert (mixed.level, mixed.independence) == (POSSIBLE, INDEPENDENT)


def test_what_credits_another_carrier_elsewhere_is_not_established() -> None:
    text = f"Зима пришла рано.{LONG}\n«Стрела» писала об этом в среду."
    origins = place(make_article(1, "strela_ru", OWN), make_article(2, "listok_ru", text))
    rest = origins.of_passage(2, 0, 10)
    assert (rest.independence, rest.depends_on) == (INDEPENDENT, frozenset({"strela"}))
    alone = make_candidate(make_article(2, "listok_ru", text))
    waiting = replace(alone, placed=rest)
    carrier = make_candidate(make_article(1, "strela_ru", OWN))
    assert settle([waiting])[0].placed.independence is INDEPENDENT
    assert settle([waiting, carrier])[0].placed.independence is NOT_ESTABLISHED


def test_what_names_another_carrier_elsewhere_is_not_established() -> None:
    text = f"Зима пришла рано.{LONG}\nВ среду о том же был вечер у «Медузы»."
    placed = place(make_article(2, "listok_ru", text)).of_passage(2, 0, 10)
    assert (placed.independence, placed.depends_on) == (INDEPENDENT, frozenset({"meduza"}))


def test_of_two_origins_that_quote_one_person_the_better_passage_is_established() -> None:
    russian = make_article(1, "listok_ru", "Внизу около 300 человек, рассказал Тимур Алиханов.")
    english = make_article(2, "harbour_en", "Some 300 men are down there, says Tymur Alikhanov.")
    other = make_article(3, "welle_ru", "Внизу около 300 человек, рассказала Жанна Ревякина.")
    origins = place(russian, english, other)
    waiting = [
        replace(make_candidate(article, score=score), placed=origins.of_passage(article.article_id, 0, 10))
        for article, score in ((russian, 9.0), (english, 12.0), (other, 8.0))
    ]
    settled = {candidate.article.article_id: candidate.placed for candidate in settle(waiting)}
    assert [settled[number].independence for number in (1, 2, 3)] == [NOT_ESTABLISHED, INDEPENDENT, INDEPENDENT]
    assert settled[1].reason == "quotes somebody whom harbour quotes for the claim too"


def test_what_a_body_publishes_itself_and_what_others_pass_on_is_one_origin() -> None:
    release = make_article(1, "police_en", "The shed was searched on Monday. Nobody was found.")
    passed_on = make_article(2, "harbour_en", "The shed was searched on Monday, police said.")
    origins = place(release, passed_on)
    assert {origins.of_passage(number, 0, 10).label for number in (1, 2)} == {"police"}


def test_a_public_body_that_publishes_nothing_itself_is_a_column_of_its_statement() -> None:
    article = make_article(1, "harbour_en", "Snow fell.\nRoads froze.\nNobody was hurt, the fire brigade said.")
    origins = place(article)
    start = article.text.index("Nobody")
    candidate = replace(make_candidate(article), placed=origins.of_passage(1, start, start + 10))
    columns = make_columns(REPORT, [article], origins, {"c01": [candidate]}, {})
    assert [column.name for column in columns if column.origin == "office:emergency"] == ["fire and rescue service (statement)"]


def test_the_whole_report_in_one_sentence() -> None:
    rows = [
        count_cells([cell("strela"), cell("listok")]),
        count_cells([cell("strela", verdict=DIFFERS, value="300")]),
        count_cells([none("strela")]),
    ]
    text = overall_summary(rows)
    assert text.startswith("Of three event claims, 1 has at least one second source")
    assert "For one claim an origin outside the chain gives a rival figure." in text
    assert text.endswith("For one claim no passage was found outside the chain.")


def test_a_chain_without_a_known_name_still_has_a_label() -> None:
    assert chain_of(ReferenceReport(key="r", title="R", language="en"), INDEX, OUTLETS) == Chain(label="report_chain", keys=frozenset())
