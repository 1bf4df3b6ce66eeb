"""The documentation keeps up with the code: settings, outcomes, exit codes, card keys, queries, links."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel
from sqlalchemy import text

from config.outlet import Archive, Endpoint, EndpointKind, EndpointStatus, Expectations, Identity, Outlet, Politeness
from config.settings import CrawlSettings, ExtractSettings, Settings
from storage.database import open_reader, upgrade_database
from storage.records import Outcome

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
GENERATED = {"schema.md", "cli.md"}
LATER: set[str] = set()
"""Not written yet; to be emptied by whoever writes them."""


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", page(name), re.MULTILINE | re.DOTALL)


def settings_rows() -> list[tuple[str, str, object]]:
    rows: list[tuple[str, str, object]] = []
    sections: dict[str, type[BaseModel]] = {"crawl": CrawlSettings, "extract": ExtractSettings}
    for name, field in Settings.model_fields.items():
        if name in sections:
            for key, inner in sections[name].model_fields.items():
                rows.append((f"{name}.{key}", f"SECONDSOURCE_{name}__{key}".upper(), inner.default))
        else:
            rows.append((name, f"SECONDSOURCE_{name}".upper(), field.default))
    return rows


@pytest.mark.parametrize(("key", "variable", "default"), settings_rows(), ids=lambda value: str(value)[:40])
def test_every_setting_stands_in_the_table_with_its_variable_and_default(key: str, variable: str, default: object) -> None:
    found = re.search(rf"^\| `{re.escape(key)}` \| `{variable}` \| (.+?) \| .+ \|$", page("operations.md"), re.MULTILINE)
    assert found is not None
    if isinstance(default, float | int) and not isinstance(default, bool):
        assert float(found[1].strip("`")) == default


def test_the_example_of_a_configuration_is_valid() -> None:
    (example,) = blocks("operations.md", "toml")
    assert Settings.model_validate(tomllib.loads(example)).contact


def test_the_example_of_a_card_is_valid() -> None:
    (example,) = blocks("adding-an-outlet.md", "toml")
    card = Outlet.model_validate(tomllib.loads(example))
    assert len(card.live_endpoints) == 1


@pytest.mark.parametrize(
    ("prefix", "part"),
    [
        ("", Outlet),
        ("identity.", Identity),
        ("politeness.", Politeness),
        ("expectations.", Expectations),
        ("endpoints[].", Endpoint),
        ("archives[].", Archive),
    ],
)
def test_every_key_of_a_card_is_explained(prefix: str, part: type[BaseModel]) -> None:
    parts = ("identity", "politeness", "expectations", "endpoints", "archives")
    names = {name for name in part.model_fields if prefix or name not in parts}
    table = page("adding-an-outlet.md").partition("## The keys")[2].partition("## Status")[0]
    missing = {name for name in names if f"`{prefix}{name}`" not in table and f", `{name}`" not in table}
    assert missing == set()


def test_every_status_and_kind_of_an_end_point_is_explained() -> None:
    shown = page("adding-an-outlet.md")
    assert [value for value in (*EndpointStatus, *EndpointKind) if f"`{value}`" not in shown] == []


def test_every_outcome_is_in_the_glossary_and_no_other() -> None:
    table = page("glossary.md").partition("## Outcomes")[2]
    assert re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) == [outcome.value for outcome in Outcome]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('docs')}/docs.db"
    upgrade_database(url)
    return url


@pytest.mark.parametrize("query", blocks("querying.md", "sql"), ids=lambda query: " ".join(query.split())[:50])
def test_every_query_runs(database: str, query: str) -> None:
    opened = open_reader(database)
    try:
        with opened.read() as session:
            assert session.execute(text(query)).all() == []
    finally:
        opened.close()


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_links_between_pages_lead_somewhere(file: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", file.read_text(encoding="utf-8")):
        assert Path(target).name in GENERATED | LATER or (file.parent / target).exists(), target


def test_the_generated_pages_are_those_that_the_code_makes() -> None:
    from interfaces.cli import reference
    from storage import schema_doc

    assert page("cli.md") == reference.render(), "run `make docs`"
    assert page("schema.md") == schema_doc.render(), "run `make docs`"
