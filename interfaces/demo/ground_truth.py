"""What is true of the bundled newsroom, as its writers noted it beside their texts. Read by the demo and the tests only.

No room of the product may read it: what checks the product must not feed it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from config.faults import ConfigError, Fault
from interfaces.demo.documents import Newsroom
from interfaces.demo.newsroom import bundled_folder

CHAIN = "_chain"
"""Beside the origins of a claim: documents of the report's own chain that carry it."""
UNESTABLISHED = "_unestablished"
KNOWN_WRONG = "_known_wrong"
"""Beside the origins of a claim: documents that carry it without saying where they have it from."""

OUTCOMES = frozenset({"stored", "blocked", "unseen"})
"""``unseen``: its outlet announces it nowhere that can be read, so no visit may exist."""
LATER = frozenset({"unchanged", "revised", "gone"})
FACTS = frozenset({"same", "other", "not_stated"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What must become of one document."""

    outcome: str
    kind: str
    related: bool
    near_miss: bool = False
    cluster: str | None = None
    origin: str | None = None
    """Owner whose reporting it rests on; None where that cannot be told."""
    derived_from: str | None = None
    derivation: str = ""
    revisions: int
    """Revisions stored after the second look, the first text included."""
    later: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedCell:
    """What the matrix must show of one claim at one origin outside the report's chain."""

    claim: str
    origin: str
    level: str
    fact: str
    """``same``, ``other`` or ``not_stated``, against the claim's key fact."""
    values: tuple[str, ...] = ()
    document: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundTruth:
    documents: Mapping[str, Expected]
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other address -> document id."""
    cells: tuple[ExpectedCell, ...] = ()
    chain: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Claim -> documents of the chain that carry it."""
    unestablished: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Claim -> documents that carry it and whose independence cannot be established."""
    known_wrong: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Claim -> documents that do not carry it and are known to be shown as if they did: a fault of the matcher that is told, not hidden."""

    @property
    def judged_claims(self) -> tuple[str, ...]:
        """Claims whose every origin is noted; of the others nothing is said."""
        return tuple(sorted({*self.chain, *(cell.claim for cell in self.cells)}))


def read_ground_truth(newsroom: Newsroom, folder: Traversable | Path | None = None) -> GroundTruth:
    """Read and merge the files of all groups.

    Raises: ConfigError with every fault: a file that does not parse, a document that is not there or listed twice or missing.
    """
    folder = (folder or bundled_folder()) / "ground_truth"
    faults: list[Fault] = []
    documents: dict[str, Expected] = {}
    aliases: dict[str, str] = {}
    cells: list[ExpectedCell] = []
    beside: dict[str, dict[str, tuple[str, ...]]] = {CHAIN: {}, UNESTABLISHED: {}, KNOWN_WRONG: {}}
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".toml"):
            continue
        where = f"ground_truth/{file.name}"
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            faults.append(Fault(where=where, key="", message=f"is not valid TOML: {error}"))
            continue
        for document_id, table in content.get("documents", {}).items():
            if document_id in documents:
                faults.append(Fault(where=where, key=document_id, message="is listed twice"))
            expected = _expected(table, where, document_id, faults)
            if expected is not None:
                documents[document_id] = expected
        aliases.update(content.get("aliases", {}))
        for claim, origins in content.get("cells", {}).items():
            for origin, table in origins.items():
                if origin in beside:
                    beside[origin][claim] = tuple(table["documents"])
                else:
                    cells.append(_cell(claim, origin, table, where, faults))
    faults += _unknown(newsroom, documents, aliases, cells, beside)
    if faults:
        raise ConfigError(faults)
    return GroundTruth(
        documents=documents,
        aliases=aliases,
        cells=tuple(cells),
        chain=beside[CHAIN],
        unestablished=beside[UNESTABLISHED],
        known_wrong=beside[KNOWN_WRONG],
    )


def _expected(table: Mapping[str, Any], where: str, document_id: str, faults: list[Fault]) -> Expected | None:
    try:
        expected = Expected(**table)
    except TypeError as error:
        faults.append(Fault(where=where, key=document_id, message=str(error).partition(" ")[2]))
        return None
    for name, value, allowed in (("outcome", expected.outcome, OUTCOMES), ("later", expected.later, LATER)):
        if value not in allowed:
            faults.append(Fault(where=where, key=f"{document_id}.{name}", message=f"{value!r} is none of {', '.join(sorted(allowed))}"))
    return expected


def _cell(claim: str, origin: str, table: Mapping[str, Any], where: str, faults: list[Fault]) -> ExpectedCell:
    fact = table["fact"]
    if fact not in FACTS:
        faults.append(Fault(where=where, key=f"cells.{claim}.{origin}.fact", message=f"{fact!r} is none of {', '.join(sorted(FACTS))}"))
    return ExpectedCell(
        claim=claim,
        origin=origin,
        level=table["level"],
        fact=fact,
        values=tuple(table.get("values", ())),
        document=table.get("document", ""),
        passage=table.get("passage", ""),
    )


def _unknown(
    newsroom: Newsroom,
    documents: Mapping[str, Expected],
    aliases: Mapping[str, str],
    cells: list[ExpectedCell],
    beside: Mapping[str, Mapping[str, tuple[str, ...]]],
) -> list[Fault]:
    """Names that lead nowhere, and documents that nobody judged."""
    named = [("documents", name) for name in documents]
    named += [(f"documents.{name}.derived_from", expected.derived_from) for name, expected in documents.items() if expected.derived_from]
    named += [(f"aliases.{url}", name) for url, name in aliases.items()]
    named += [(f"cells.{cell.claim}.{cell.origin}.document", cell.document) for cell in cells if cell.document]
    named += [(f"cells.{claim}.{group}", name) for group, claims in beside.items() for claim, names in claims.items() for name in names]
    faults = [
        Fault(where="ground_truth", key=key, message=f"no document is called {name!r}")
        for key, name in named
        if name not in newsroom.documents
    ]
    faults += [
        Fault(where="ground_truth", key=name, message="is missing, but there is such a document")
        for name in sorted(newsroom.documents.keys() - documents.keys())
    ]
    return faults
