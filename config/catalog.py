"""All outlet cards together: the bundled ones, overridden by id by the user's own. All faults are reported at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import ValidationError

from config.faults import ConfigError, Fault, faults_of
from config.outlet import Outlet
from config.settings import Settings

OTHER = "other:"
"""Prefix of the ids of outlets that no card describes: single pages fetched or imported from elsewhere."""


def other_outlet(host: str) -> Outlet:
    """An outlet for a host that no card knows. Its owner is the host: nothing else is known, so nothing else is assumed."""
    # Built without validation: no card may use such an id, and its language is unknown until a page has been read.
    return Outlet.model_construct(
        id=OTHER + host, name=host, language="", owner=OTHER + host, homepage=f"https://{host}/", domains=(host,), enabled=False
    )


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every known outlet by id, in the order of the ids."""

    outlets: Mapping[str, Outlet]

    def __iter__(self) -> Iterator[Outlet]:
        return iter(self.outlets.values())

    def enabled(self) -> tuple[Outlet, ...]:
        return tuple(outlet for outlet in self if outlet.enabled)

    def select(self, ids: Iterable[str]) -> tuple[Outlet, ...]:
        """The named outlets, enabled or not.

        Raises: ConfigError naming every id that no card has.
        """
        wanted = list(dict.fromkeys(ids))
        unknown = [name for name in wanted if name not in self.outlets and not name.startswith(OTHER)]
        if unknown:
            raise ConfigError(
                Fault(where="outlets", key=name, message="no card has this id; see `secondsource outlets list`") for name in unknown
            )
        return tuple(other_outlet(name.removeprefix(OTHER)) if name.startswith(OTHER) else self.outlets[name] for name in wanted)

    def outlet_at(self, host: str, url: str = "") -> Outlet:
        """The outlet whose domains cover ``host``, the most specific one; else one made up for that host alone.

        Editions that share a host are told apart by their ``article_pattern`` when ``url`` is given, then by whose front page
        the host serves, then by which is on.
        """
        found = [
            ((len(domain), *_closeness(outlet, host, url)), outlet)
            for outlet in self
            for domain in (*outlet.domains, *outlet.identity.mirrors, *outlet.identity.former_mirrors)
            if host == domain or host.endswith("." + domain)
        ]
        return max(found, key=lambda item: item[0])[1] if found else other_outlet(host)


def _closeness(outlet: Outlet, host: str, url: str) -> tuple[int, bool, bool]:
    """How well a card fits an address on one of its hosts; larger is closer. A card without a pattern neither fits nor fails."""
    pattern = outlet.article_pattern
    fits = 1 if pattern is None or not url else 2 if re.search(pattern, url) else 0
    front = urlsplit(outlet.homepage).hostname or ""
    return fits, front.removeprefix("www.") == host.removeprefix("www."), outlet.enabled


def load_catalog(settings: Settings) -> Catalog:
    """Read every card once.

    Raises: ConfigError with every fault of every card.
    """
    faults: list[Fault] = []
    outlets: dict[str, Outlet] = {}
    if settings.bundled_outlets:
        bundled = resources.files("config") / "outlets"
        _read_cards(bundled, "config/outlets", outlets, faults)
    if settings.outlets_dir is not None:
        if not settings.outlets_dir.is_dir():
            faults.append(Fault(where=str(settings.outlets_dir), key="", message="outlets_dir is not a folder"))
        else:
            _read_cards(settings.outlets_dir, str(settings.outlets_dir), outlets, faults)
    if faults:
        raise ConfigError(faults)
    return Catalog(dict(sorted(outlets.items())))


def _read_cards(folder: Traversable | Path, shown: str, outlets: dict[str, Outlet], faults: list[Fault]) -> None:
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        where = f"{shown}/{file.name}"
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            faults.append(Fault(where=where, key="", message=f"is not valid TOML: {error}"))
            continue
        try:
            outlet = Outlet.model_validate(values)
        except ValidationError as error:
            faults.extend(faults_of(error, where))
            continue
        if outlet.id != file.name.removesuffix(".toml"):
            faults.append(Fault(where=where, key="id", message=f"is {outlet.id!r}, must be the file's name"))
            continue
        outlets[outlet.id] = outlet
