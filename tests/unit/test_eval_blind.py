"""The sheet of a second annotator shows texts and claims, and nothing that gives the first labels away."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.eval.blind import SAMPLE_SIZE, format_sheet, sample_articles
from tests.eval.sets import SETS, EvaluationSet, Group, Verdict, find_sets, read_set

SECOND = sorted((SETS.parent / "second").glob("*.toml"))


@pytest.fixture(scope="module", params=find_sets(), ids=lambda folder: folder.name)
def evaluation_set(request: pytest.FixtureRequest) -> EvaluationSet:
    return read_set(request.param)


def test_a_seed_always_draws_the_same_articles_and_none_twice(evaluation_set: EvaluationSet) -> None:
    drawn = [article.id for article in sample_articles(evaluation_set, seed=7)]
    assert drawn == [article.id for article in sample_articles(evaluation_set, seed=7)]
    assert len(set(drawn)) == len(drawn) <= SAMPLE_SIZE


def test_unrelated_articles_are_not_drawn(evaluation_set: EvaluationSet) -> None:
    drawn = sample_articles(evaluation_set, size=len(evaluation_set.articles))
    assert {article.group for article in drawn} <= {Group.CARRYING, Group.COPY, Group.SAME_TOPIC}
    assert len(drawn) == sum(article.group is not Group.UNRELATED for article in evaluation_set.articles)


def test_the_sheet_holds_the_texts_and_the_claims_and_nothing_else_of_an_article(evaluation_set: EvaluationSet) -> None:
    articles = sample_articles(evaluation_set)
    sheet = format_sheet(evaluation_set, articles)
    rest = sheet
    for part in [text for article in articles for text in (article.title, article.body)] + [claim.text for claim in evaluation_set.claims]:
        assert part in sheet
        rest = rest.replace(part, "")
    for article in articles:
        for word in (article.id, article.origin, article.url, article.outlet):
            assert word not in rest
    for word in ("carries", "partly", "differs", "same-topic", "verbatim", "translated"):
        assert word not in rest


@pytest.mark.parametrize("file", SECOND, ids=lambda file: file.stem)
def test_second_labels_name_sampled_articles_and_claims_of_their_set_once(file: Path) -> None:
    second = tomllib.loads(file.read_text(encoding="utf-8"))
    # One set may be labelled by several people, each in a file of their own.
    evaluation_set = read_set(SETS / second["set"])
    assert file.stem.startswith(second["set"])
    assert len(set(second["articles"])) == len(second["articles"])
    assert set(second["articles"]) <= {article.id for article in evaluation_set.articles}
    pairs = [(label["article"], label["claim"]) for label in second["labels"]]
    assert len(set(pairs)) == len(pairs)
    assert {article for article, _ in pairs} <= set(second["articles"])
    assert {claim for _, claim in pairs} <= {claim.id for claim in evaluation_set.claims}
    assert {label["verdict"] for label in second["labels"]} <= set(Verdict) - {Verdict.ABSENT}
