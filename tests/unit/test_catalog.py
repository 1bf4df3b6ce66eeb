"""The catalogue: bundled cards, the user's own over them, all faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.catalog import Catalog, load_catalog, other_outlet
from config.faults import ConfigError
from config.outlet import Endpoint, EndpointStatus, Outlet
from config.settings import Settings

CARD = """
id = "radio_en"
name = "Radio"
language = "en"
owner = "radio"
homepage = "http://www.radio.example/"
domains = ["radio.example"]
endpoints = [{ url = "http://www.radio.example/rss", status = "verified" }]
"""


def load(folder: Path, *, bundled: bool = False) -> Catalog:
    return load_catalog(Settings(database="sqlite://", bundled_outlets=bundled, outlets_dir=folder))


def faults(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load(folder)
    return [str(fault).removeprefix(f"{folder}/") for fault in caught.value.faults]


def write(folder: Path, **cards: str) -> Path:
    for name, text in cards.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def card(**values: object) -> Outlet:
    base = {"id": "radio_en", "name": "Radio", "language": "en", "owner": "radio", "homepage": "http://www.radio.example/"}
    return Outlet.model_validate({**base, "domains": ["radio.example"], **values})


def test_a_folder_of_cards_is_a_catalogue_in_the_order_of_the_ids(tmp_path: Path) -> None:
    write(tmp_path, radio_en=CARD, amt_de=CARD.replace("radio_en", "amt_de").replace('"en"', '"de"'))
    (tmp_path / "notes.txt").write_text("not a card")
    catalog = load(tmp_path)
    assert [outlet.id for outlet in catalog] == ["amt_de", "radio_en"]
    assert catalog.enabled() == tuple(catalog)


def test_a_card_of_the_users_replaces_the_bundled_one_of_the_same_id(tmp_path: Path) -> None:
    before = load_catalog(Settings(database="sqlite://"))
    write(tmp_path, rferl_en=CARD.replace("radio_en", "rferl_en"))
    after = load(tmp_path, bundled=True)
    assert after.outlets["rferl_en"].name == "Radio"
    assert set(after.outlets) == set(before.outlets)
    assert after.outlets["svoboda_ru"] == before.outlets["svoboda_ru"]


def test_all_faults_of_all_cards_are_reported_at_once_with_file_and_key(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_en="id = ",
        b_en=CARD.replace("radio_en", "b_en").replace('"en"', '"english"') + 'colour = "red"\n',
        c_en=CARD,
        d_en=CARD.replace("radio_en", "d_en").replace('owner = "radio"\n', "") + 'identity = { id_pattern = "/(a)(b)" }\n',
        e_en=CARD.replace("radio_en", "e_en") + "enabled = false\n",
        f_en=CARD.replace("radio_en", "f_en").replace("http://www.radio.example/rss", "http://www.radio.example/{n}.xml"),
        g_en=CARD.replace("radio_en", "g_en"),
    )
    found = faults(tmp_path)
    assert [fault.partition(":")[0] for fault in found] == [
        "a_en.toml",
        *["b_en.toml"] * 2,
        "c_en.toml",
        *["d_en.toml"] * 2,
        "e_en.toml",
        "f_en.toml",
    ]
    text = "\n".join(found)
    assert "a_en.toml: is not valid TOML" in text
    assert "b_en.toml: language: " in text
    assert "b_en.toml: colour: unknown key" in text
    assert "c_en.toml: id: is 'radio_en', must be the file's name" in text
    assert "d_en.toml: owner: is missing" in text
    assert "d_en.toml: identity.id_pattern: " in text
    assert "exactly one group, has 2" in text
    assert "say why the outlet is off" in text
    assert "f_en.toml: endpoints.0.url: " in text


def test_a_card_in_another_encoding_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "radio_en.toml").write_bytes(CARD.replace('"Radio"', '"Радио"').encode("cp1251"))
    (fault,) = faults(tmp_path)
    assert fault.startswith("radio_en.toml: is not valid TOML")


def test_an_outlets_dir_that_is_no_folder_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="outlets_dir is not a folder"):
        load(tmp_path / "nowhere")


@pytest.mark.parametrize("key", ["id_pattern", "article_pattern"])
def test_a_pattern_that_does_not_compile_is_a_fault(tmp_path: Path, key: str) -> None:
    line = f'{key} = "("\n' if key == "article_pattern" else f'identity = {{ {key} = "(" }}\n'
    (fault,) = faults(write(tmp_path, radio_en=CARD + line))
    assert key in fault
    assert "is not a regular expression" in fault


def test_every_unknown_id_of_a_selection_is_named(tmp_path: Path) -> None:
    catalog = load(write(tmp_path, radio_en=CARD))
    assert [outlet.id for outlet in catalog.select(["radio_en", "radio_en"])] == ["radio_en"]
    with pytest.raises(ConfigError) as caught:
        catalog.select(["radio_en", "nope", "nor_this"])
    assert [fault.key for fault in caught.value.faults] == ["nope", "nor_this"]


@pytest.mark.parametrize(
    ("status", "switch", "live"),
    [
        (EndpointStatus.VERIFIED, None, True),
        (EndpointStatus.LISTED, None, True),
        (EndpointStatus.TEMPLATE, None, False),
        (EndpointStatus.LEGACY, None, False),
        (EndpointStatus.UNVERIFIED, None, False),
        (EndpointStatus.BLOCKED, None, False),
        (EndpointStatus.DEAD, None, False),
        (EndpointStatus.TEMPLATE, True, True),
        (EndpointStatus.VERIFIED, False, False),
    ],
)
def test_an_end_point_is_on_when_it_is_known_to_work_or_switched_on(status: EndpointStatus, switch: bool | None, live: bool) -> None:
    endpoint = Endpoint(url="http://radio.example/rss", status=status, enabled=switch)
    assert card(endpoints=[endpoint]).live_endpoints == ((endpoint,) if live else ())


@pytest.mark.parametrize(
    ("host", "url", "expected"),
    [
        ("www.radio.example", "", "radio_en"),
        ("radio.example", "", "radio_en"),
        ("uk.radio.example", "", "radio_uk"),  # The longer domain is the closer one.
        ("mirror.example", "", "radio_uk"),
        ("myradio.example", "", "other:myradio.example"),  # Ends alike, but is another name.
        ("welle.example", "http://welle.example/ru/a-1", "welle_ru"),  # One host, two editions: the address decides.
        ("welle.example", "http://welle.example/de/a-1", "welle_de"),
        ("old.example", "http://old.example/1", "new_en"),  # Nothing tells them apart but which one is on.
    ],
)
def test_an_address_finds_its_card(host: str, url: str, expected: str) -> None:
    welle = {"homepage": "http://welle.example/", "domains": ["welle.example"]}
    old = {"homepage": "http://old.example/", "domains": ["old.example"]}
    cards = [
        card(),
        card(id="radio_uk", domains=["uk.radio.example"], homepage="http://uk.radio.example/", identity={"mirrors": ["mirror.example"]}),
        card(id="welle_de", article_pattern="/de/", **welle),
        card(id="welle_ru", article_pattern="/ru/", **welle),
        card(id="closed_en", enabled=False, reason="closed", **old),
        card(id="new_en", **old),
    ]
    assert Catalog({outlet.id: outlet for outlet in cards}).outlet_at(host, url).id == expected


def test_a_host_that_no_card_knows_owns_itself_and_is_not_crawled_by_itself() -> None:
    made_up = other_outlet("blog.example")
    assert (made_up.id, made_up.owner, made_up.enabled) == ("other:blog.example", "other:blog.example", False)
    assert Catalog({}).select(["other:blog.example"]) == (made_up,)


def test_the_id_space_is_the_familys_where_there_is_one() -> None:
    assert card().identity_space == "radio_en"
    assert card(family="meridian").identity_space == "meridian"
