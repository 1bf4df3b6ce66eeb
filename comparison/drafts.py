"""A report as a text that an analyst edits: TOML out, TOML in, every fault with its line. Pure.

Ids are stable: a claim keeps its id whatever becomes of its words, a new one without an id gets the next that was never used. ``from``
says of which claims one was made: two or more, a merge; one of which several were made, a split. What is left out is withdrawn.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from comparison.claims import annotate
from comparison.reference import read_published, reading_date
from config.faults import ConfigError, Fault, faults_of
from storage.claim_records import Claim, ClaimKind, ReferenceReport
from storage.records import Precision, PublishedTime

_HEAD = """\
# Edit, save and close. Nothing is stored when a fault is found: each is named with its line.
# - A claim keeps its id whatever you do to its words. Leave the id out for a new claim.
# - Merge: keep one claim, or write a new one, with   from = ["c03", "c04"]   and delete the others.
# - Split: write the parts, each with   from = ["c03"]   and delete c03, or keep it as one of the parts.
# - A claim that you delete is withdrawn: kept in the history, compared no more.
# - kind: event (what happened; only these are counted), context (anybody carries it), about-source (on the medium itself).
# - without: facts that were read in the text and are not to be compared, as printed behind "read in it".
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """An edited report, and of which claims its claims were made."""

    report: ReferenceReport
    made_of: Mapping[str, tuple[str, ...]]


class _ClaimDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")
    id: Annotated[str, Field(pattern=r"^([a-z][a-z0-9-]{0,19})?$")] = ""
    kind: ClaimKind = ClaimKind.EVENT
    text: Annotated[str, Field(min_length=3, max_length=2000)]
    context: Annotated[str, Field(max_length=2000)] = ""
    speaker: Annotated[str, Field(max_length=300)] = ""
    hearsay: bool | None = None
    without: tuple[str, ...] = ()
    made_of: tuple[str, ...] = Field(default=(), alias="from")


class _ReportDraft(BaseModel):
    model_config = ConfigDict(extra="forbid")
    key: str
    base: str = ""
    title: Annotated[str, Field(min_length=1, max_length=500)]
    language: Literal["en", "de", "ru", "uk"]
    translated_from: Literal["", "en", "de", "ru", "uk"] = ""
    url: Annotated[str, Field(pattern=r"^(https?://\S+)?$", max_length=4000)] = ""
    outlet: str = ""
    published: datetime | date | str | None = None
    chain: tuple[str, ...] = ()
    claim: Annotated[tuple[_ClaimDraft, ...], Field(min_length=1)]


def write_draft(report: ReferenceReport) -> str:
    """The report as TOML. ``read_draft`` of it gives the same report."""
    lines = [_HEAD]
    pairs: list[tuple[str, object]] = [
        ("key", report.key),
        ("base", fingerprint(report)),
        ("title", report.title),
        ("language", report.language),
        ("translated_from", report.translated_from),
        ("url", report.url),
        ("outlet", report.outlet),
        ("published", _published_text(report.published)),
        ("chain", list(report.chain)),
    ]
    lines += [f"{key} = {_value(value)}" for key, value in pairs]
    for claim in report.claims:
        lines += ["", "[[claim]]"]
        lines += [
            f"{key} = {_value(value)}"
            for key, value in (
                ("id", claim.id),
                ("kind", claim.kind.value),
                ("text", claim.text),
                ("context", claim.context),
                ("speaker", claim.speaker),
                ("hearsay", claim.hearsay),
            )
        ]
        read = annotate(claim, report.language, reading_date(report.published), hearsay=claim.hearsay)
        if left_out := sorted(set(_facts(read)) - set(_facts(claim))):
            lines.append(f"without = {_value(left_out)}")
        if facts := _facts(claim):
            lines.append(f"# read in it: {_comment(' · '.join(facts))}")
    return "\n".join(lines) + "\n"


def fingerprint(report: ReferenceReport) -> str:
    """Twelve hex digits that change with the report: a draft made of an older state is refused, not laid over a newer one."""
    state = [report.title, report.language, report.url, report.outlet, *report.chain, *(f"{c.id}@{c.version}" for c in report.claims)]
    return hashlib.sha256("\0".join(state).encode()).hexdigest()[:12]


def read_draft(text: str, where: str, report: ReferenceReport, used_ids: Iterable[str]) -> Draft:
    """The edited report. ``used_ids`` are all that its claims ever had; the report's own text is kept, it is no part of a draft.

    Raises: ConfigError with every fault, each with its line.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Fault(where=where, key="", message=f"is not valid TOML: {error}")]) from error
    lines = _Lines(text)
    try:
        draft = _ReportDraft.model_validate(document)
    except ValidationError as error:
        found = faults_of(error, where)
        locations = [item["loc"] for item in error.errors(include_url=False, include_context=False)]
        raise ConfigError(
            [replace(fault, where=f"{where}:{lines.of(location)}") for fault, location in zip(found, locations, strict=True)]
        ) from error
    faults = _faults(draft, report, where, lines)
    published = PublishedTime()
    try:
        published = read_published(draft.published)
    except ValueError as error:
        faults.append(Fault(where=f"{where}:{lines.of(('published',))}", key="published", message=str(error)))
    if faults:
        raise ConfigError(faults)
    ids = _number(draft.claim, set(used_ids) | {claim.id for claim in report.claims})
    claims = tuple(_claim(item, claim_id, draft.language, published) for item, claim_id in zip(draft.claim, ids, strict=True))
    versions = {claim.id: claim.version for claim in report.claims}
    edited = replace(
        report,
        title=draft.title,
        language=draft.language,
        translated_from=draft.translated_from,
        url=draft.url,
        outlet=draft.outlet,
        published=report.published if _published_text(report.published) == draft.published else published,
        chain=draft.chain,
        claims=tuple(replace(claim, version=versions.get(claim.id, 1)) for claim in claims),
    )
    made_of = {claim_id: item.made_of for item, claim_id in zip(draft.claim, ids, strict=True) if item.made_of}
    return Draft(edited, made_of)


def _faults(draft: _ReportDraft, report: ReferenceReport, where: str, lines: _Lines) -> list[Fault]:
    """What the shape alone does not tell."""
    found: list[Fault] = []

    def fault(location: tuple[str | int, ...], message: str) -> None:
        found.append(Fault(where=f"{where}:{lines.of(location)}", key=".".join(str(part) for part in location), message=message))

    if draft.key != report.key:
        fault(("key",), f"is {draft.key!r}; a report keeps its key, here {report.key!r}")
    if draft.base and draft.base != fingerprint(report):
        fault(("base",), "the report was changed since this draft was made; begin again with `secondsource report edit`")
    known = {claim.id for claim in report.claims}
    seen: set[str] = set()
    for number, claim in enumerate(draft.claim):
        if claim.id and claim.id in seen:
            fault(("claim", number, "id"), f"{claim.id!r} is given more than once")
        seen.add(claim.id)
        for other in claim.made_of:
            if other not in known:
                fault(("claim", number, "from"), f"{other!r} is no claim of this report")
    for number, claim in enumerate(draft.claim):
        if claim.id and claim.made_of == (claim.id,):
            fault(("claim", number, "from"), "a claim is not made of itself alone; leave it out")
    return found


def _number(claims: Iterable[_ClaimDraft], used: set[str]) -> list[str]:
    """Each claim's id; those without one get the next number that no claim of the report ever had."""
    taken = used | {claim.id for claim in claims if claim.id}
    highest = max((int(match[1]) for claim_id in taken if (match := re.fullmatch(r"c(\d{1,6})", claim_id))), default=0)
    ids = []
    for claim in claims:
        if not claim.id:
            highest += 1
        ids.append(claim.id or f"c{highest:02d}")
    return ids


def _claim(item: _ClaimDraft, claim_id: str, language: str, published: PublishedTime) -> Claim:
    plain = Claim(id=claim_id, kind=item.kind, text=item.text, context=item.context, speaker=item.speaker)
    read = annotate(plain, language, reading_date(published), hearsay=item.hearsay)
    left_out = set(item.without)
    return replace(
        read,
        numbers=tuple(number for number in read.numbers if number.text not in left_out),
        places=tuple(place for place in read.places if place.text not in left_out),
        dates=tuple(value for value in read.dates if value not in left_out),
        quotes=tuple(quote for quote in read.quotes if quote not in left_out),
    )


def _facts(claim: Claim) -> list[str]:
    """Every fact of a claim, as ``without`` names it."""
    return [*(number.text for number in claim.numbers), *(place.text for place in claim.places), *claim.dates, *claim.quotes]


def _published_text(published: PublishedTime) -> str:
    if published.at is None:
        return published.raw or ""
    at = published.at.astimezone(UTC)
    return f"{at:%Y-%m-%d}" if published.precision in (Precision.DAY, None) else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _value(value: object) -> str:
    """A TOML value. JSON's strings are TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


class _Lines:
    """Where the keys of a draft stand, from line 1."""

    def __init__(self, text: str) -> None:
        self._top: dict[str, int] = {}
        self._claims: list[tuple[int, dict[str, int]]] = []
        keys = self._top
        closing = ""
        for number, line in enumerate(text.splitlines(), 1):
            if closing:
                # Within a string of several lines nothing is a key.
                closing = "" if closing in line else closing
                continue
            if re.match(r"\s*\[\[\s*claim\s*\]\]", line):
                keys = {}
                self._claims.append((number, keys))
            elif match := re.match(r"\s*([A-Za-z0-9_-]+)\s*=\s*(.*)", line):
                keys.setdefault(match[1], number)
                closing = next((mark for mark in ('"""', "'''") if match[2].startswith(mark) and mark not in match[2][3:]), "")

    def of(self, location: tuple[Any, ...]) -> int:
        """The line of a key, else of the claim that it is in, else 1."""
        if not location or location[0] != "claim":
            return self._top.get(str(location[0]), 1) if location else 1
        if len(location) < 2 or not isinstance(location[1], int) or location[1] >= len(self._claims):
            return 1
        header, keys = self._claims[location[1]]
        return keys.get(str(location[2]), header) if len(location) > 2 else header
