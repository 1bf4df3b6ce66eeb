"""Every evaluation set is in its format, its labels point at what they say, and nothing moved since it was pinned."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.eval import pin
from tests.eval.sets import (
    LANGUAGES,
    TEST_LANGUAGES,
    TEST_SETS,
    EvaluationSet,
    Field,
    Group,
    Independence,
    Part,
    Verdict,
    find_sets,
    read_set,
)

FOLDERS = find_sets()
FEWEST = {Group.CARRYING: 15, Group.COPY: 10, Group.SAME_TOPIC: 15, Group.UNRELATED: 20}
INVENTED_HOST = re.compile(r"https?://([a-z0-9-]+\.)+example/\S*")


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def evaluation_set(request: pytest.FixtureRequest) -> EvaluationSet:
    return read_set(request.param)


def test_there_are_sets_and_each_has_a_report_of_its_own() -> None:
    sets = [read_set(folder) for folder in FOLDERS]
    assert sets
    assert [each.key.replace("-", "_") for each in sets] == [folder.name for folder in FOLDERS]
    assert len({each.key for each in sets}) == len(sets)
    assert {each.language for each in sets} <= set(LANGUAGES)
    assert {each.key for each in sets} >= TEST_SETS


def test_article_ids_are_unique_over_all_sets_and_equal_their_file_names() -> None:
    files = [file for folder in FOLDERS for file in sorted((folder / "articles").iterdir())]
    ids = [article.id for folder in FOLDERS for article in read_set(folder).articles]
    assert [file.name for file in files] == [f"{article_id}.toml" for article_id in ids]
    assert len(set(ids)) == len(ids)


def test_a_set_named_as_test_is_so_as_a_whole_and_another_in_its_test_languages_alone(evaluation_set: EvaluationSet) -> None:
    parts = {evaluation_set.part_of(article) for article in evaluation_set.articles if article.group is not Group.UNRELATED}
    tuned = {Part.TUNING, Part.TEST} if TEST_LANGUAGES.get(evaluation_set.language) else {Part.TUNING}
    assert parts == ({Part.TEST} if evaluation_set.key in TEST_SETS else tuned)


def test_every_article_has_text_a_known_language_an_invented_host_and_a_zone(evaluation_set: EvaluationSet) -> None:
    urls = [article.url for article in evaluation_set.articles]
    assert len(set(urls)) == len(urls)
    for article in evaluation_set.articles:
        assert article.title.strip() and article.body, article.id
        assert article.language in LANGUAGES, article.id
        assert article.kind in {"article", "video"}, article.id
        assert article.outlet and article.owner, article.id
        assert INVENTED_HOST.fullmatch(article.url), article.id
        assert article.published.tzinfo is not None, article.id


def test_origins_are_known_and_unique(evaluation_set: EvaluationSet) -> None:
    ids = [origin.id for origin in evaluation_set.origins]
    assert len(set(ids)) == len(ids)
    assert any(origin.chain for origin in evaluation_set.origins)
    for article in evaluation_set.articles:
        if article.group is Group.UNRELATED:
            assert article.origin == "" and article.labels == (), article.id
        else:
            assert article.origin in ids, article.id


def test_copies_name_an_article_of_the_set_and_its_origin(evaluation_set: EvaluationSet) -> None:
    by_id = {article.id: article for article in evaluation_set.articles}
    for article in evaluation_set.articles:
        assert (article.group is Group.COPY) == bool(article.copy_of) == bool(article.copy_kind), article.id
        if article.copy_of:
            source = by_id[article.copy_of]
            assert source is not article and source.origin == article.origin, article.id
            assert source.published <= article.published, article.id


def test_claims_exist_and_have_unique_ids(evaluation_set: EvaluationSet) -> None:
    claims = {claim.id for claim in evaluation_set.claims}
    assert len(claims) == len(evaluation_set.claims)
    assert {label.claim for article in evaluation_set.articles for label in article.labels} <= claims


def test_every_quote_occurs_exactly_once(evaluation_set: EvaluationSet) -> None:
    wrong = [
        (article.id, label.claim, article.text.count(label.quote))
        for article in evaluation_set.articles
        for label in article.labels
        if not label.quote.strip() or article.text.count(label.quote) != 1
    ]
    assert wrong == []


def test_only_a_differing_claim_names_fields(evaluation_set: EvaluationSet) -> None:
    for article in evaluation_set.articles:
        for label in article.labels:
            assert label.verdict is not Verdict.ABSENT, (article.id, label.claim)
            assert (label.verdict is Verdict.DIFFERS) == bool(label.fields), (article.id, label.claim)
            assert set(label.fields) <= set(Field)


def test_an_article_has_one_verdict_a_claim(evaluation_set: EvaluationSet) -> None:
    """A further row of a claim is another passage of the same verdict; a contradiction would make the gold depend on the order."""
    for article in evaluation_set.articles:
        for claim in {label.claim for label in article.labels}:
            assert len({(label.verdict, label.fields) for label in article.labels_of(claim)}) == 1, (article.id, claim)


def test_a_set_is_large_enough_in_every_group_and_language(evaluation_set: EvaluationSet) -> None:
    groups = Counter(article.group for article in evaluation_set.articles)
    languages = Counter(article.language for article in evaluation_set.articles if article.group is not Group.UNRELATED)
    carrying = Counter(article.language for article in evaluation_set.articles if article.group is Group.CARRYING)
    assert len(evaluation_set.articles) >= 60
    assert {group: groups[group] for group in Group if groups[group] < FEWEST[group]} == {}
    assert {language: languages[language] for language in LANGUAGES if languages[language] < 8} == {}
    assert set(carrying) == set(LANGUAGES)


def test_independents_come_from_several_origins_and_not_only_from_the_chain(evaluation_set: EvaluationSet) -> None:
    chain = {origin.id for origin in evaluation_set.origins if origin.chain}
    carrying = {article.origin for article in evaluation_set.articles if article.group is Group.CARRYING}
    assert len(carrying - chain) >= 7
    assert carrying & chain
    assert {origin.independence for origin in evaluation_set.origins} == set(Independence)


def test_what_carries_and_what_only_resembles_are_told_apart(evaluation_set: EvaluationSet) -> None:
    for article in evaluation_set.articles:
        verdicts = {label.verdict for label in article.labels}
        if article.group is Group.CARRYING:
            assert Verdict.CARRIES in verdicts or Verdict.PARTLY in verdicts, article.id


def test_pins_match_the_files() -> None:
    assert pin.PINS.read_text(encoding="utf-8") == pin.format_pins(pin.hash_files()), "run `python -m tests.eval.pin`, read what it names"


def test_a_changed_label_is_seen_by_the_pins(tmp_path: Path) -> None:
    file = tmp_path / "sets" / "one" / "report.toml"
    file.parent.mkdir(parents=True)
    file.write_text("verdict = 'partly'\n")
    before = pin.hash_files(tmp_path / "sets")
    file.write_text("verdict = 'carries'\n")
    assert pin.hash_files(tmp_path / "sets") != before
    assert list(before) == ["sets/one/report.toml"]
