"""Settings: read once, validated whole, every fault named by file and key or by variable."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.faults import ConfigError
from config.settings import PREFIX, Settings, child_environment, default_database, load_settings


@pytest.fixture(autouse=True)
def _only_our_own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def faults_of(file: Path | None = None, **overrides: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(file, overrides)
    return [str(fault) for fault in caught.value.faults]


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    settings = load_settings()
    assert settings.database == f"sqlite:///{tmp_path}/data/secondsource/secondsource.db"
    assert settings.contact is None
    assert settings.crawl.delay_s == 2.0
    assert settings.bundled_outlets is True


def test_a_relative_data_home_is_not_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # The XDG rules call a relative one invalid; the database would move with the working folder.
    monkeypatch.setenv("XDG_DATA_HOME", "data")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_database() == f"sqlite:///{tmp_path}/.local/share/secondsource/secondsource.db"


def test_the_file_in_the_configuration_folder_is_found(tmp_path: Path) -> None:
    write(tmp_path / "config" / "secondsource" / "config.toml", 'contact = "desk@second.example"')
    assert load_settings().contact == "desk@second.example"


def test_command_line_beats_variable_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.toml", 'contact = "file@second.example"\ndatabase = "sqlite:////file.db"\n[crawl]\ndelay_s = 3\nretries = 1\n'
    )
    monkeypatch.setenv("SECONDSOURCE_CONTACT", "variable@second.example")
    monkeypatch.setenv("SECONDSOURCE_DATABASE", "sqlite:////variable.db")
    monkeypatch.setenv("SECONDSOURCE_CRAWL__DELAY_S", "4.5")
    settings = load_settings(file, {"database": "sqlite:////line.db", "log_format": None})
    assert settings.database == "sqlite:////line.db"
    assert settings.contact == "variable@second.example"
    assert settings.crawl.delay_s == 4.5
    assert settings.crawl.retries == 1
    assert settings.crawl.timeout_s == 30.0
    assert settings.log_format == "text"


def test_the_variable_names_the_file_and_the_command_line_names_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECONDSOURCE_CONFIG", str(write(tmp_path / "a.toml", 'contact = "a@second.example"')))
    assert load_settings().contact == "a@second.example"
    assert load_settings(write(tmp_path / "b.toml", 'contact = "b@second.example"')).contact == "b@second.example"


@pytest.mark.parametrize(
    ("name", "text", "path", "value"),
    [
        ("ENCODER", "none", "encoder", "none"),
        ("BUNDLED_OUTLETS", "false", "bundled_outlets", False),
        ("FEED_INTERVAL_S", "60", "feed_interval_s", 60.0),
        ("EXTRACT__WORKERS", "4", "extract.workers", 4),
        ("CRAWL__MAX_BODY_BYTES", "2048", "crawl.max_body_bytes", 2048),
        ("CONNECT_TO", '{"radio.example:80" = "127.0.0.1:8080"}', "connect_to", {"radio.example:80": "127.0.0.1:8080"}),
    ],
)
def test_every_kind_of_setting_can_be_a_variable(monkeypatch: pytest.MonkeyPatch, name: str, text: str, path: str, value: object) -> None:
    monkeypatch.setenv(PREFIX + name, text)
    found: object = load_settings()
    for part in path.split("."):
        found = getattr(found, part)
    assert found == value


@pytest.mark.rows(101)
def test_all_faults_of_a_file_are_reported_at_once_with_file_and_key(tmp_path: Path) -> None:
    file = write(
        tmp_path / "s.toml",
        'contact = "nobody"\nencoder = "best"\nspeed = 9\n[crawl]\ndelay_s = -1\ndely_s = 2\n[extract]\nworkers = "many"\n',
    )
    found = faults_of(file)
    assert len(found) == 6
    assert all(fault.startswith(f"{file}: ") for fault in found)
    keys = {fault.removeprefix(f"{file}: ").partition(":")[0] for fault in found}
    assert keys == {"contact", "encoder", "speed", "crawl.delay_s", "crawl.dely_s", "extract.workers"}
    assert f"{file}: speed: unknown key; remove it or correct its spelling" in found


def test_a_file_that_is_no_toml_is_named_with_the_line(tmp_path: Path) -> None:
    file = write(tmp_path / "s.toml", 'contact = "a@b.example"\ncrawl = = 3\n')
    (fault,) = faults_of(file)
    assert fault.startswith(f"{file}: is not valid TOML: ")
    assert "line 2" in fault


def test_a_file_in_another_encoding_is_no_traceback(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_bytes('contact = "Я@b.example"'.encode("cp1251"))
    (fault,) = faults_of(file)
    assert fault.startswith(f"{file}: is not valid TOML: ")


def test_an_absent_file_that_was_asked_for_is_a_fault(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path / "no.toml")
    assert fault == f"{tmp_path}/no.toml: cannot be read: No such file or directory"


@pytest.mark.parametrize("name", ["CONTCAT", "CRAWL__DELAY", "CRAWLER__DELAY_S", "CONTACT__X"])
def test_an_unknown_variable_is_a_fault_that_names_it(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # A typo that silently does nothing would leave a limit at its default.
    monkeypatch.setenv(PREFIX + name, "1")
    (fault,) = faults_of()
    assert fault.startswith(f"{PREFIX}{name}: no such setting")


def test_all_unknown_variables_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "ONE", "1")
    monkeypatch.setenv(PREFIX + "TWO", "2")
    assert [fault.partition(":")[0] for fault in faults_of()] == [PREFIX + "ONE", PREFIX + "TWO"]


def test_a_bad_value_of_a_variable_is_a_fault_of_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PREFIX + "CRAWL__RETRIES", "some")
    (fault,) = faults_of()
    assert "crawl.retries: " in fault


@pytest.mark.parametrize("contact", ["desk@second.example", "https://second.example/about-our-crawler", "http://second.example/"])
def test_a_contact_is_an_address_and_stands_in_the_user_agent(contact: str) -> None:
    settings = Settings(database="sqlite://", contact=contact)
    assert settings.user_agent.startswith("secondsource/")
    assert settings.user_agent.endswith(f"(+{contact})")


@pytest.mark.parametrize("contact", ["", "desk", "second.example", "ftp://second.example/", "a@b.example\r\nX-Header: 1", "a@b.example\0"])
def test_what_reaches_nobody_or_forges_a_header_is_no_contact(contact: str) -> None:
    with pytest.raises(ValidationError):
        Settings(database="sqlite://", contact=contact)


@pytest.mark.parametrize(
    "pairs",
    [
        {"radio.example": "127.0.0.1:8080"},
        {"radio.example:80": "127.0.0.1"},
        {":80": "127.0.0.1:8080"},
        {"radio.example:0": "127.0.0.1:8080"},
        {"radio.example:http": "127.0.0.1:8080"},
        {"radio.example:80": "127.0.0.1:65536"},
    ],
)
def test_connect_to_maps_host_and_port_to_host_and_port(pairs: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="is not HOST:PORT"):
        Settings(database="sqlite://", connect_to=pairs)


def test_folders_in_the_file_are_meant_from_the_file(tmp_path: Path) -> None:
    file = write(tmp_path / "deep" / "s.toml", 'outlets_dir = "cards"\n')
    settings = load_settings(file)
    assert settings.outlets_dir == tmp_path / "deep" / "cards"


def test_a_model_of_ones_own_is_named_from_the_file_and_must_be_named(tmp_path: Path) -> None:
    file = write(tmp_path / "deep" / "s.toml", 'encoder = "hub"\nencoder_folder = "model"\nencoder_prompt = ""\n')
    settings = load_settings(file)
    assert (settings.encoder_folder, settings.encoder_prompt) == (tmp_path / "deep" / "model", "")
    assert Settings.from_json(settings.to_json()) == settings
    with pytest.raises(ConfigError) as caught:
        load_settings(write(tmp_path / "s.toml", 'encoder = "hub"\n'))
    assert [(fault.key, "name the folder of your model" in fault.message) for fault in caught.value.faults] == [("encoder_folder", True)]


def test_a_folder_in_a_variable_or_on_the_command_line_is_meant_from_where_it_was_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = write(tmp_path / "deep" / "s.toml", 'outlets_dir = "cards"\n')
    monkeypatch.setenv("SECONDSOURCE_OUTLETS_DIR", "mine")
    assert load_settings(file, {"outlets_dir": None}).outlets_dir == Path("mine")
    assert load_settings(file, {"outlets_dir": "typed"}).outlets_dir == Path("typed")


def test_a_section_that_is_no_table_is_a_fault_beside_a_variable_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECONDSOURCE_CRAWL__DELAY_S", "3")
    (fault,) = faults_of(write(tmp_path / "s.toml", "crawl = 3\n"))
    assert fault.startswith(f"{tmp_path}/s.toml: crawl: ")


def test_settings_do_not_change() -> None:
    settings = Settings(database="sqlite://")
    with pytest.raises(ValidationError):
        settings.contact = "a@b.example"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        settings.crawl.delay_s = 0  # type: ignore[misc]


def test_a_child_process_gets_whole_settings_and_none_of_our_variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECONDSOURCE_CONTACT", "a@b.example")
    monkeypatch.setenv("SECONDSOURCE_CRAWL__RETRIES", "7")
    monkeypatch.setenv("SECONDSOURCE_OUTLETS_DIR", str(tmp_path))
    settings = load_settings()
    assert Settings.from_json(settings.to_json()) == settings
    assert json.loads(settings.to_json())["crawl"]["retries"] == 7
    assert not [name for name in child_environment() if name.startswith(PREFIX)]
    assert "PATH" in child_environment()
