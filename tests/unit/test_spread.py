"""The figure and the list of who published when; what others say and the report does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from comparison.elsewhere import Sentence, group_sentences, share_fact
from comparison.facts import find_numbers, find_places
from comparison.figure import LEFT, MAX_LANES, REST, Figure, draw_spread
from comparison.findings import Spread, SpreadLink, SpreadPoint
from comparison.likeness import E5_ALONE
from comparison.names import build_index
from comparison.origins import Evidence, chain_of, find_origins
from comparison.passages import Span
from comparison.places import is_town
from comparison.spread import MAX_POINTS, make_spread, shared_quotes
from storage.claim_records import Claim, Derivation, DerivationKind, Independence, Level, ReferenceReport, SharedPassage
from storage.records import Precision, PublishedTime, StoredArticle
from tests.comparison_builders import AT, CHAIN, INDEPENDENT, context_of, make_article, make_candidate

REPORT = ReferenceReport(key="r", title="R", language="en", chain=("radio",), claims=(Claim(id="c03", text="It happened."),))


def origins_of(*articles: StoredArticle):  # type: ignore[no-untyped-def]  # the room's own type, made by its own function
    index = build_index([], REPORT.chain)
    chain = chain_of(REPORT, index, [])
    evidence = [Evidence(article=article) for article in articles]
    return find_origins(evidence, chain=chain, outlets=[], names={})


def at(hours: float, precision: Precision = Precision.SECOND) -> PublishedTime:
    return PublishedTime(at=AT + timedelta(hours=hours), precision=precision)


def point(number: int, published: str | None = "2022-11-14T06:30:00Z", **fields: object) -> SpreadPoint:
    made = SpreadPoint(
        article=f"a:{number}",
        outlet_name=f"Outlet {number}",
        language="en",
        url="",
        title="",
        origin=f"o{number}",
        independence=INDEPENDENT,
        published=published,
        published_precision="second",
        claims=("c03",),
        rests_on=(),
        withdrawn=False,
    )
    return replace(made, **fields)  # type: ignore[arg-type]  # names of the record's fields


def drawn(*points: SpreadPoint, links: tuple[SpreadLink, ...] = (), report: str | None = None) -> Figure:
    figure = draw_spread(Spread(points=points, links=links), {}, report)
    assert figure is not None
    return figure


def test_articles_stand_in_the_order_of_their_publishers_times() -> None:
    late, early = make_article(1, "strela_ru", published=at(5)), make_article(2, "radio_ru", published=at(1))
    day, never = make_article(3, "listok_ru", published=at(0, Precision.DAY)), make_article(4, "perehuk_uk", published=PublishedTime())
    every = (late, early, day, never)
    kept = {"c03": [make_candidate(article) for article in every]}
    spread = make_spread(REPORT, kept, origins_of(*every), context_of(*every))
    assert [item.article for item in spread.points] == ["radio_ru:2", "strela_ru:1", "listok_ru:3", "perehuk_uk:4"]
    assert [item.independence for item in spread.points] == [CHAIN, INDEPENDENT, INDEPENDENT, INDEPENDENT]


def test_a_source_stands_in_the_figure_though_it_carries_no_claim() -> None:
    copy, source = make_article(1, "strela_ru", published=at(5)), make_article(2, "listok_ru", published=at(1))
    taken = Derivation(article_id=1, kind=DerivationKind.COPY, source_article_id=2, share=0.9)
    spread = make_spread(
        REPORT, {"c03": [make_candidate(copy)]}, origins_of(copy, source), context_of(copy, source, derivations={1: [taken]})
    )
    assert [(item.article, item.claims) for item in spread.points] == [("listok_ru:2", ()), ("strela_ru:1", ("c03",))]
    assert spread.links == (SpreadLink(source="listok_ru:2", target="strela_ru:1", kind="copy"),)


def test_without_close_passages_possible_ones_are_shown() -> None:
    close, possible = make_article(1, "strela_ru"), make_article(2, "listok_ru")
    both = {"c03": [make_candidate(close), make_candidate(possible, level=Level.POSSIBLE)]}
    origins, context = origins_of(close, possible), context_of(close, possible)
    assert [item.article for item in make_spread(REPORT, both, origins, context).points] == ["strela_ru:1"]
    only = {"c03": [make_candidate(possible, level=Level.POSSIBLE)]}
    assert [item.article for item in make_spread(REPORT, only, origins, context).points] == ["listok_ru:2"]


def test_more_articles_than_a_sheet_holds_are_counted() -> None:
    articles = [make_article(number, "strela_ru", published=at(number)) for number in range(1, MAX_POINTS + 6)]
    kept = {"c03": [make_candidate(article) for article in articles]}
    spread = make_spread(REPORT, kept, origins_of(*articles), context_of(*articles))
    assert (len(spread.points), spread.left_out) == (MAX_POINTS, 5)


def test_no_two_articles_stand_on_one_spot_and_all_stand_within_the_figure() -> None:
    points = [point(number, f"2022-11-{14 + number // 3:02d}T0{number % 3}:00:00Z") for number in range(12)] + [point(99, None)]
    figure = drawn(*points)
    assert len({dot.x for dot in figure.dots}) == len(points)
    assert [dot.x for dot in figure.dots] == sorted(dot.x for dot in figure.dots)
    assert all(LEFT <= dot.x <= figure.width and 0 < dot.y < figure.height for dot in figure.dots)
    assert [band.label for band in figure.bands] == ["14 Nov", "15 Nov", "16 Nov", "17 Nov", "no time"]
    assert all(left.x + left.width <= right.x for left, right in zip(figure.bands, figure.bands[1:], strict=False))


def test_the_chain_has_a_lane_an_outlet_and_every_other_origin_one() -> None:
    chain = [point(number, origin="radio", independence=CHAIN) for number in (1, 2)]
    others = [point(number, origin="strela") for number in (3, 4)]
    figure = drawn(*others, *chain)
    assert [lane.name for lane in figure.lanes] == ["Outlet 1", "Outlet 2", "strela"]


def test_many_origins_share_the_last_lane() -> None:
    figure = drawn(*(point(number) for number in range(MAX_LANES + 4)))
    assert len(figure.lanes) == MAX_LANES
    assert figure.lanes[-1].name == REST
    assert len([dot for dot in figure.dots if dot.y == figure.lanes[-1].y]) == 5


@pytest.mark.parametrize(
    ("published", "before"),
    [("2022-11-14T12:00:00Z", 1), ("2022-11-14", 2), ("2022-11", None), (None, None), ("2022-11-01", 0)],
)
def test_the_report_stands_behind_what_was_published_before_it(published: str | None, before: int | None) -> None:
    figure = drawn(point(1), point(2, "2022-11-14T15:00:00Z"), point(3, "2022-11-15T15:00:00Z"), report=published)
    if before is None:
        assert figure.report_x is None
    else:
        assert figure.report_x is not None
        assert sum(dot.x < figure.report_x for dot in figure.dots) == before


def test_one_article_is_no_figure() -> None:
    assert draw_spread(Spread(points=(point(1),)), {}, None) is None


# --- in other origins and not in the report -------------------------------------------------------------------------------------


def sentence(text: str, number: int, origin: str, language: str = "ru") -> Sentence:
    article = make_article(number, f"{origin}_{language}", text)
    towns = frozenset(place.key for place in find_places(text, language) if is_town(place.key))
    return Sentence(article, Span(0, len(text)), origin, find_numbers(text, language), towns)


def rows_with(cosine: float, count: int = 2) -> np.ndarray:  # type: ignore[type-arg]  # float32, (count, 3)
    """Unit vectors of which each two have this cosine."""
    matrix = np.full((count, count), cosine) + np.eye(count) * (1 - cosine)
    return np.linalg.cholesky(matrix).astype(np.float32)


SIXTEEN = sentence("Родные купили солдатам 16 матрасов.", 1, "strela")
SIXTY = sentence("У листопаді туди привезли 60 солдатів.", 2, "perehuk", "uk")
SIXTY_TOO = sentence("Шестьдесят солдат привезли в ноябре.", 3, "listok")
VILLAGE = sentence("Их видели в Мелитополе.", 4, "listok")
VILLAGE_TOO = sentence("Їх бачили у Мелітополі.", 5, "perehuk", "uk")


def test_sentences_that_share_a_telling_fact_are_one_thing_though_worded_apart() -> None:
    assert share_fact(SIXTY, SIXTY_TOO)
    assert share_fact(VILLAGE, VILLAGE_TOO)
    assert not share_fact(SIXTEEN, SIXTY_TOO)


@pytest.mark.parametrize(
    ("one", "other", "cosine", "found"),
    [
        (SIXTY, SIXTY_TOO, 0.91, True),
        (SIXTY, SIXTY_TOO, 0.84, False),
        (VILLAGE, VILLAGE_TOO, 0.89, True),
        # Near as vectors go, and nothing in common that a reader could check.
        (SIXTEEN, VILLAGE, 0.90, False),
        # As near as one text and its translation.
        (SIXTEEN, VILLAGE, 0.95, True),
    ],
)
def test_likeness_alone_is_not_enough_below_that_of_translations(one: Sentence, other: Sentence, cosine: float, found: bool) -> None:
    assert bool(group_sentences([one, other], rows_with(cosine), E5_ALONE)) is found


def test_one_origin_alone_says_nothing_twice() -> None:
    again = replace(SIXTY_TOO, origin=SIXTY.origin)
    assert group_sentences([SIXTY, again], rows_with(0.99), E5_ALONE) == []


def test_shared_sentences_are_shown_once_an_origin_and_only_as_they_stand() -> None:
    articles = {item.article.article_id: item.article for item in (SIXTY, SIXTY_TOO)}
    origins = origins_of(*articles.values())
    rows = [
        SharedPassage(group=1, article_id=item.article.article_id, text_sha256=item.article.text_sha256, start=0, end=20, score=0.93)
        for item in (SIXTY, SIXTY_TOO)
    ]
    [found] = shared_quotes(rows, articles, origins)
    assert found.origins == ("listok", "perehuk")
    assert [one.passage for one in found.passages] == [item.article.text[:20] for item in (SIXTY, SIXTY_TOO)]
    changed = {**articles, SIXTY.article.article_id: replace(SIXTY.article, text_sha256="f" * 64)}
    assert shared_quotes(rows, changed, origins) == ()
    gone = {**articles, SIXTY.article.article_id: replace(SIXTY.article, gone_at=datetime.fromisoformat("2022-11-20T00:00:00Z"))}
    assert shared_quotes(rows, gone, origins) == ()


def test_what_the_chain_says_is_not_said_elsewhere() -> None:
    chain = make_article(6, "radio_ru", "Шестьдесят солдат привезли в ноябре.")
    articles = {SIXTY.article.article_id: SIXTY.article, 6: chain}
    rows = [
        SharedPassage(group=1, article_id=key, text_sha256=article.text_sha256, start=0, end=20, score=0.93)
        for key, article in articles.items()
    ]
    origins = origins_of(*articles.values())
    assert origins.of_article(6).independence is Independence.REPORT_CHAIN
    assert shared_quotes(rows, articles, origins) == ()
