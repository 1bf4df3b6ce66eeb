"""One frozen ``Settings`` from one TOML file and the environment. The only reader of ``os.environ``.

Order of precedence, highest first: what the command line gives, ``SECONDSOURCE_<NAME>`` variables, the file, the defaults.
A nested setting's variable joins the names with two underscores: ``SECONDSOURCE_CRAWL__DELAY_S=2``.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from config.faults import ConfigError, Fault, faults_of

PREFIX = "SECONDSOURCE_"
VERSION = "0.0.1"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CrawlSettings(_Section):
    """Limits of every crawl; an outlet card may be stricter for its own hosts, never laxer."""

    delay_s: float = Field(default=2.0, ge=0, le=3600)
    """Seconds between the starts of two requests to one host, before jitter."""
    concurrency: int = Field(default=16, ge=1, le=256)
    """Requests in flight over all hosts; one host never has more than one."""
    timeout_s: float = Field(default=30.0, gt=0, le=300)
    """Seconds from the request to the last byte of its response."""
    max_body_bytes: int = Field(default=10 * 1024 * 1024, ge=1024)
    """Bytes on the wire, and again after inflation, of one response."""
    max_hops: int = Field(default=5, ge=0, le=20)
    """Redirects followed for one visit."""
    retries: int = Field(default=2, ge=0, le=10)
    """Further tries after a network failure or a 5xx."""
    max_retry_after_s: float = Field(default=24 * 3600, ge=0)
    """A longer Retry-After is cut to this."""
    robots_ttl_s: float = Field(default=24 * 3600, ge=0)
    """Age at which a stored robots.txt is fetched again (RFC 9309, 2.4)."""
    lease_s: float = Field(default=60.0, gt=0)
    """Seconds after which a crawl process that stopped renewing loses its hosts and visits."""
    max_entries: int = Field(default=5000, ge=1)
    """Entries read from one feed or sitemap; the rest is counted as truncated."""
    max_sitemap_depth: int = Field(default=3, ge=0, le=5)
    max_listings: int = Field(default=500, ge=1)
    """Feeds and sitemaps read of one outlet in one run; a sitemap that makes up more ends with ``trap_limit``."""


class ExtractSettings(_Section):
    """Limits of the worker pool that parses all foreign bytes."""

    workers: int = Field(default=2, ge=1, le=64)
    timeout_s: float = Field(default=20.0, gt=0)
    """Wall seconds of one task; then its worker is killed and the outcome is ``extract_timeout``."""
    max_memory_bytes: int = Field(default=1536 * 1024 * 1024, ge=128 * 1024 * 1024)
    """Memory of one worker beyond what its libraries reserve at start; the dictionaries of four languages take 350 MB of it."""
    tasks_per_worker: int = Field(default=2000, ge=1)
    """Tasks after which a worker is replaced, so that a leak in a parser stays small. Over 1,900 real pages none was seen, and a new
    worker reads dictionaries anew for a second and more wherever an outlet also writes in another language than its card says."""


class Settings(_Section):
    """All settings of one process. Frozen; passed as an argument, never imported."""

    database: str
    """SQLAlchemy URL: ``sqlite:///…`` or ``postgresql://…``."""
    contact: str | None = None
    """Address at which a publisher reaches the operator; part of the user agent. Needed to crawl other than loopback."""
    outlets_dir: Path | None = None
    """The user's own outlet cards; a card there replaces the bundled one of the same id."""
    bundled_outlets: bool = True
    """False leaves the bundled cards out (the demo and the tests do)."""
    connect_to: dict[str, str] = Field(default_factory=dict)
    """``{"radio.example:80": "127.0.0.1:8080"}``, as curl's --connect-to: the only way a private address is reached."""
    encoder: Literal["auto", "none", "hub"] = "auto"
    """``auto`` takes the packaged encoders where they are installed, ``none`` the model-free signals, ``hub`` the model in
    ``encoder_folder``."""
    encoder_folder: Path | None = Field(default=None, validate_default=True)
    """A model of the user's own: its folder, or its ONNX file where the folder holds several. Read with ``encoder = "hub"`` only."""
    encoder_prompt: str | None = None
    """What is put before every text for that model; None: the model's own prompt for similar sentences, where it has one."""
    recheck_s: float = Field(default=900.0, ge=0)
    """Age of a young article's last visit at which the daemon looks at it again."""
    feed_interval_s: float = Field(default=900.0, gt=0)
    """Seconds between two readings of a feed."""
    keep_captures_days: int = Field(default=30, ge=0)
    """After so many days the bytes of pages that no report needs are dropped; their texts, hashes and provenance stay. 0: never."""
    keep_quarantine_days: int = Field(default=90, ge=0)
    """After so many days bytes that could not be read are dropped. 0: never."""
    min_free_bytes: int = Field(default=500_000_000, ge=0)
    """Bytes that stay free on the disk of an SQLite database: below them no crawl begins, and one under way ends in order. 0: no floor."""
    log_format: Literal["text", "json"] = "text"
    crawl: CrawlSettings = CrawlSettings()
    extract: ExtractSettings = ExtractSettings()

    @field_validator("contact")
    @classmethod
    def _is_address(cls, value: str | None) -> str | None:
        if value is not None and not ("@" in value or value.startswith(("http://", "https://"))):
            raise ValueError("must be an e-mail address or an http(s) address at which you can be reached")
        if value is not None and any(ch in value for ch in "\r\n\0"):
            raise ValueError("must be one line")
        return value

    @field_validator("connect_to")
    @classmethod
    def _host_port_pairs(cls, value: dict[str, str]) -> dict[str, str]:
        for side in (*value.keys(), *value.values()):
            host, _, port = side.rpartition(":")
            if not host or not port.isdigit() or not 0 < int(port) < 65536:
                raise ValueError(f"{side!r} is not HOST:PORT")
        return value

    @field_validator("encoder_folder")
    @classmethod
    def _is_named(cls, value: Path | None, info: ValidationInfo) -> Path | None:
        if value is None and info.data.get("encoder") == "hub":
            raise ValueError('must name the folder of your model, since encoder = "hub"')
        return value

    @property
    def user_agent(self) -> str:
        """Our own name and how to reach whoever runs this; never a browser's."""
        return f"secondsource/{VERSION} (+{self.contact})" if self.contact else f"secondsource/{VERSION}"

    def to_json(self) -> str:
        """The whole of the settings, for handing them to a child process."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Settings:
        return cls.model_validate_json(text)


def default_database() -> str:
    """URL of the embedded database: ``$XDG_DATA_HOME/secondsource/secondsource.db``, absolute."""
    base = os.environ.get("XDG_DATA_HOME", "")
    folder = Path(base) if base.startswith("/") else Path.home() / ".local" / "share"
    return f"sqlite:///{folder / 'secondsource' / 'secondsource.db'}"


def colour_is_refused() -> bool:
    """Whether the person, or their terminal, wants no colours (https://no-color.org)."""
    return bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"


def child_environment() -> dict[str, str]:
    """The environment for a child process: this one's, without our own variables (the child gets whole settings instead)."""
    return {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}


def load_settings(file: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and validate the settings once.

    ``file`` is a TOML file, else ``SECONDSOURCE_CONFIG``, else ``$XDG_CONFIG_HOME/secondsource/config.toml`` where it exists.
    ``overrides`` are top-level values from the command line; None means "not given".

    Raises: ConfigError with every fault found.
    """
    if file is None and os.environ.get(PREFIX + "CONFIG"):
        file = Path(os.environ[PREFIX + "CONFIG"])
    if file is None:
        base = os.environ.get("XDG_CONFIG_HOME", "")
        folder = Path(base) if base.startswith("/") else Path.home() / ".config"
        candidate = folder / "secondsource" / "config.toml"
        file = candidate if candidate.is_file() else None
    values: dict[str, Any] = {}
    where = "settings"
    if file is not None:
        where = str(file)
        values = _read_toml(file)
        for key in ("outlets_dir", "encoder_folder"):
            if isinstance(values.get(key), str):
                # A relative folder in the file is meant from the file, not from wherever the command was typed.
                values[key] = str(file.parent / values[key])
    _apply_environment(values)
    values.update({key: value for key, value in (overrides or {}).items() if value is not None})
    values.setdefault("database", default_database())
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise ConfigError(faults_of(error, where)) from error


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([Fault(where=str(file), key="", message=f"cannot be read: {error.strerror}")]) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError([Fault(where=str(file), key="", message=f"is not valid TOML: {error}")]) from error


def _apply_environment(values: dict[str, Any]) -> None:
    """Lay ``SECONDSOURCE_*`` over ``values``. Unknown names are faults, so that a typo does not silently do nothing."""
    faults = []
    for name, text in sorted(os.environ.items()):
        if not name.startswith(PREFIX) or name == PREFIX + "CONFIG":
            continue
        path = name.removeprefix(PREFIX).lower().split("__")
        section: type[BaseModel] = Settings
        target = values
        known = True
        for part in path[:-1]:
            field = section.model_fields.get(part)
            if field is None or not (isinstance(field.annotation, type) and issubclass(field.annotation, _Section)):
                known = False
                break
            section = field.annotation
            inner = target.setdefault(part, {})
            # Where the file has something else than a table, that stays, and the validation names it.
            target = inner if isinstance(inner, dict) else {}
        if not known or path[-1] not in section.model_fields:
            faults.append(Fault(where=name, key="", message="no such setting; see docs/operations.md for their names"))
        else:
            target[path[-1]] = _parse_variable(text)
    if faults:
        raise ConfigError(faults)


def _parse_variable(text: str) -> Any:
    """A variable that looks like a TOML table or list is read as one; everything else stays text for pydantic to convert."""
    if text[:1] in "{[":
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            return text
    return text
