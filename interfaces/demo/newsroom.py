"""The bundled newsroom, read once from TOML: outlet cards, sites, labels, documents. All faults are reported at once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints
from urllib.parse import urlsplit

from pydantic import ValidationError

from config.faults import ConfigError, Fault, faults_of
from config.outlet import Outlet
from interfaces.demo.documents import Change, Document, DocumentKind, Listing, Newsroom, OtherAddress, Site

Part = TypeVar("Part")


def bundled_folder() -> Traversable:
    """The folder of texts that this package carries."""
    return resources.files("interfaces.demo") / "newsroom"


def read_newsroom(folder: Traversable | Path | None = None) -> Newsroom:
    """Read cards, sites, labels and documents.

    Raises: ConfigError with every fault, each naming its file and key.
    """
    folder = folder or bundled_folder()
    reader = _Reader(folder)
    newsroom = reader.read()
    if reader.faults:
        raise ConfigError(reader.faults)
    return newsroom


class _Reader:
    """Collects faults while it reads, so that somebody who writes twenty documents sees all their slips together."""

    def __init__(self, folder: Traversable | Path) -> None:
        self.folder = folder
        self.faults: list[Fault] = []

    def read(self) -> Newsroom:
        outlets = self._read_outlets()
        sites = self._read_sites(outlets)
        labels = self._load(self.folder / "labels.toml", "labels.toml")
        documents: dict[str, Document] = {}
        taken: dict[str, str] = {}
        for group in sorted((self.folder / "documents").iterdir(), key=lambda item: item.name):
            if not group.is_dir():
                continue
            for file in sorted(group.iterdir(), key=lambda item: item.name):
                if not file.name.endswith(".toml"):
                    continue
                where = f"documents/{group.name}/{file.name}"
                document = self._read_document(self._load(file, where), where, outlets)
                if document is None:
                    continue
                document = replace(document, group=group.name)
                if document.id in documents:
                    self._fault(where, "id", f"{document.id!r} is used twice")
                for url in (document.url, *(other.url for other in document.also_at)):
                    if url in taken:
                        self._fault(where, "path", f"{url} is {taken[url]}'s too")
                    taken[url] = document.id
                documents[document.id] = document
        return Newsroom(outlets=outlets, sites=sites, documents=documents, labels=labels)

    def _fault(self, where: str, key: str, message: str) -> None:
        self.faults.append(Fault(where=where, key=key, message=message))

    def _load(self, file: Traversable | Path, where: str) -> dict[str, Any]:
        try:
            return tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            self._fault(where, "", f"is not valid TOML: {error}")
            return {}

    def _read_outlets(self) -> dict[str, Outlet]:
        outlets: dict[str, Outlet] = {}
        for file in sorted((self.folder / "outlets").iterdir(), key=lambda item: item.name):
            if not file.name.endswith(".toml"):
                continue
            where = f"outlets/{file.name}"
            try:
                outlet = Outlet.model_validate(self._load(file, where))
            except ValidationError as error:
                self.faults.extend(faults_of(error, where))
                continue
            outlets[outlet.id] = outlet
        return outlets

    def _read_sites(self, outlets: Mapping[str, Outlet]) -> dict[str, Site]:
        sites: dict[str, Site] = {}
        for site_id, table in self._load(self.folder / "sites.toml", "sites.toml").items():
            if site_id not in outlets:
                self._fault("sites.toml", site_id, "has no card in outlets/")
                continue
            values = dict(table)
            listings = [self._build(Listing, entry, "sites.toml", f"{site_id}.listings") for entry in values.pop("listings", [])]
            site = self._build(Site, values | {"id": site_id}, "sites.toml", site_id)
            if site is not None:
                sites[site_id] = replace(site, listings=tuple(listing for listing in listings if listing is not None))
        for outlet_id in outlets.keys() - sites.keys():
            self._fault("sites.toml", outlet_id, "is missing, but has a card")
        return sites

    def _read_document(self, table: dict[str, Any], where: str, outlets: Mapping[str, Outlet]) -> Document | None:
        if not table:
            return None
        values = dict(table)
        others = [self._build(OtherAddress, entry, where, "also_at") for entry in values.pop("also_at", [])]
        changed = values.pop("changed", None)
        if values.get("site") not in outlets:
            self._fault(where, "site", f"{values.get('site')!r} has no card in outlets/")
            return None
        values["host"] = urlsplit(outlets[values["site"]].homepage).netloc
        document = self._build(Document, values, where, "")
        if document is None:
            return None
        if where.rpartition("/")[2] != f"{document.id}.toml":
            self._fault(where, "id", f"is {document.id!r}, must be the file's name")
        if not document.path.startswith("/"):
            self._fault(where, "path", "must begin with /")
        if (document.kind is DocumentKind.VIDEO) == bool(document.body.strip()):
            self._fault(where, "body", "a video has none, everything else has one")
        change = None if changed is None else self._build(Change, changed, where, "changed")
        return replace(document, also_at=tuple(other for other in others if other is not None), changed=change)

    def _build(self, kind: type[Part], table: dict[str, Any], where: str, key: str) -> Part | None:
        """A dataclass from a TOML table: every key known, of the right type; enums and tuples converted."""
        hints = get_type_hints(kind)
        values: dict[str, Any] = {}
        fine = True
        for name, value in table.items():
            dotted = f"{key}.{name}" if key else name
            if name not in hints:
                self._fault(where, dotted, "unknown key; remove it or correct its spelling")
                fine = False
                continue
            try:
                values[name] = _convert(value, hints[name])
            except ValueError as error:
                self._fault(where, dotted, str(error))
                fine = False
        if not fine:
            return None
        try:
            return kind(**values)
        except TypeError as error:
            self._fault(where, key, str(error).rpartition(") ")[2] or str(error))
            return None


def _convert(value: Any, hint: Any) -> Any:
    """Bring a TOML value to the type of a dataclass field.

    Raises: ValueError saying what was expected.
    """
    choices = [choice for choice in get_args(hint) if choice is not type(None)]
    if getattr(hint, "__origin__", None) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"must be a list, is {value!r}")
        return tuple(_convert(item, choices[0]) for item in value)
    kind = hint if isinstance(hint, type) else choices[0]
    if issubclass(kind, StrEnum):
        return kind(value)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise ValueError(f"must be {kind.__name__}, is {value!r}")
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("must have a UTC offset")
    return value
