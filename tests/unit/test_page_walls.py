"""Pages of the makers of walls, errors, lists and shells: told apart from articles, in four languages."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawlers.extraction import extract_page
from storage.records import PageClass
from tests.fixtures.pages import PARAGRAPHS, TITLES
from tests.fixtures.walls import Wall, walls
from tests.fixtures.walls_apart import walls_apart

NOW = datetime(2026, 11, 1, tzinfo=UTC)
PAGES = [*walls(), *walls_apart()]
FLOORS = tomllib.loads((Path(__file__).parents[1] / "eval" / "floors.toml").read_text(encoding="utf-8"))["page_class"]


def classify(page: Wall) -> PageClass:
    return extract_page(page.body, url=page.url, now=NOW).page_class


@pytest.mark.parametrize("page", [page for page in PAGES if not page.is_held_out], ids=lambda page: page.name)
def test_a_page_that_rules_were_written_for_has_its_class(page: Wall) -> None:
    assert classify(page) is page.expected


def test_pages_of_other_makers_are_recognised_by_the_same_rules() -> None:
    held_out = [page for page in PAGES if page.is_held_out]
    missed = [f"{page.name}: {found}" for page in held_out if (found := classify(page)) is not page.expected]
    assert 1 - len(missed) / len(held_out) >= FLOORS["recall_held_out"], missed


def test_the_set_is_large_and_its_halves_are_alike() -> None:
    assert len(PAGES) >= 180
    assert len({page.name for page in PAGES}) == len(PAGES)
    assert 0.45 < sum(page.is_held_out for page in PAGES) / len(PAGES) < 0.55
    kinds = Counter(page.expected for page in PAGES)
    for kind in set(PageClass) - {PageClass.ARTICLE, PageClass.EMPTY}:
        assert kinds[kind] >= 4
    shapes = {half: {page.name.rpartition("/")[0] for page in PAGES if page.is_held_out is half} for half in (True, False)}
    assert not shapes[True] & shapes[False]


@pytest.mark.parametrize("page", [page for page in PAGES if page.expected is PageClass.PAYWALL_STUB], ids=lambda page: page.name)
def test_a_paywall_stub_keeps_headline_date_and_first_lines_and_says_that_it_is_partial(page: Wall) -> None:
    found = extract_page(page.body, url=page.url, now=NOW)
    language = page.name.rpartition("/")[2]
    assert found.partial
    assert found.title == TITLES[language]
    assert found.published.at is not None
    assert found.published.at.date().isoformat() == "2022-11-21"
    assert any(paragraph[:60] in found.text for paragraph in PARAGRAPHS[language])
