"""The records of a matrix: what is found, where it stands, and what may be said of it. All values are ready for JSON.

Times are ISO 8601 in UTC with a Z, or None. Spans are half-open, in code points of the stored text. ``asdict`` of a record is its JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from storage.claim_records import ClaimKind, FactVerdict, Independence, Level, Ruling

NOTICE = "Finds passages to read. Does not decide whether a claim is true."

QUOTE_LIMIT = 400
"""Code points of a passage that are shown; the offsets always name the whole of it."""


def iso(at: datetime | None) -> str | None:
    """ "2022-11-14T06:30:00Z"; None stays None."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else None


def capped(text: str) -> str:
    """``text`` cut to what may be quoted."""
    return text if len(text) <= QUOTE_LIMIT else text[: QUOTE_LIMIT - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number, place, date or quotation in a shown text, by its place there."""

    start: int
    end: int
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One fact of the claim beside one of the passage."""

    field: str
    claim_value: str
    passage_value: str
    verdict: FactVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Rests:
    """What an article rests on, as far as its text shows."""

    kind: str
    source: str | None
    """Key of the article it was taken from or links to."""
    source_outlet: str
    """Name of that article's outlet; empty when there is none."""
    credited: str
    """Owner id, or the name as the text gives it."""
    credited_name: str
    evidence: str
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPassage:
    """A further passage of the same article for the same claim."""

    passage: str
    start: int
    end: int
    level: Level
    score: float
    verdict: FactVerdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A fact of the passage that its publisher changed, between two captures."""

    field: str
    """"number", "place", "date"."""
    old: str
    """As the earlier revision has it; empty where the fact was added."""
    new: str
    """Empty where the fact was taken out."""
    revision: int
    """The first that has it so."""
    before: str
    """When the revision before it was captured."""
    captured: str
    """When that revision was captured."""


class Standing(StrEnum):
    """Whether a person's ruling still holds."""

    HOLDS = "holds"
    HOLDS_IN_CHANGED_TEXT = "holds_in_changed_text"
    """The article was revised; the judged words stand in it as they stood."""
    TEXT_CHANGED = "text_changed"
    """The judged words are no longer in the article: the ruling counts for nothing until someone rules again."""
    CLAIM_CHANGED = "claim_changed"
    """The claim was reworded or withdrawn since: the ruling counts for nothing until someone rules again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineSaid:
    """What the program had said when a person ruled."""

    level: Level
    verdict: FactVerdict | None
    origin: str
    independence: Independence | None
    near_miss: str
    """Why it had set the passage aside; empty when it had not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A person's ruling on one article for one claim, beside what the program had said."""

    claim: str
    article: str
    outlet_name: str
    language: str
    title: str
    url: str
    ruling: Ruling
    same_as: str
    note: str
    by: str
    at: str
    standing: Standing
    counts: bool
    """True: it overrides the program in the counts."""
    quote: str
    """The judged words, at most 400 code points; empty when the article as a whole was judged, or was withdrawn."""
    machine: MachineSaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One article's best passage for one claim, with all that is needed to check it."""

    outlet: str
    outlet_name: str
    owner: str
    language: str
    article: str
    url: str
    title: str
    published: str | None
    published_precision: str | None
    entry_at: str | None = None
    """When the entry of a live blog was published that the passage stands in; None where it stands in none whose time is known, and
    the article's time is the passage's."""
    first_seen: str
    captured: str
    revision: int
    capture_sha256: str
    text_sha256: str
    passage: str
    """At most 400 code points; empty for a withdrawn page."""
    cut: bool
    start: int
    end: int
    marks: tuple[Mark, ...] = ()
    level: Level
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)
    door: str = ""
    verdict: FactVerdict
    facts: tuple[Fact, ...] = ()
    independence: Independence
    reason: str = ""
    """Why it belongs to this origin, or why its independence is not established; empty for an outlet's own original."""
    rests_on: tuple[Rests, ...] = ()
    withdrawn: bool = False
    revised: tuple[Revised, ...] = ()
    """Facts of the passage that had another value in an earlier revision, the newest change first."""
    more: tuple[OtherPassage, ...] = ()
    judgement: Judged | None = None
    """A person's ruling on it. Where it counts, ``level``, ``verdict`` and ``independence`` are the person's, and the program's
    stand in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One claim at one origin."""

    origin: str
    level: Level
    independence: Independence
    verdict: FactVerdict | None = None
    """Of its best passages; None when there is none."""
    mixed: bool = False
    """One passage agrees and another differs: counted as neither for sure."""
    differs_in: str = ""
    """As ``FactPair.field``: the field of the first fact that differs."""
    values: tuple[str, ...] = ()
    """The differing values of that field: figures as digits, other facts as the passages print them."""
    articles: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """At least ``low`` and at most ``high``."""

    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Origins outside the report's own chain. ``low`` counts close passages, ``high`` possible ones too."""

    same_fact: Range = Range()
    other_fact: Range = Range()
    fact_not_stated: Range = Range()
    independence_not_established: Range = Range()

    @property
    def carrying(self) -> Range:
        parts = (self.same_fact, self.other_fact, self.fact_not_stated)
        return Range(low=sum(part.low for part in parts), high=sum(part.high for part in parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class First:
    """Who was first, as far as the publishers' times tell."""

    article: str | None = None
    """None when it cannot be placed."""
    outlet: str | None = None
    origin: str | None = None
    published: str | None = None
    candidates: tuple[str, ...] = ()
    """Articles of which any may have been first."""
    undated: tuple[str, ...] = ()
    """Articles without a time; nothing is said of them."""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A passage that reads like the claim and is of something else, or may be."""

    claim: str
    origin: str
    field: str
    """"place", "date", "count"."""
    reason: str
    counted: bool
    """True: it also stands in the matrix, as a possible passage."""
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFindings:
    """One claim with its row of the matrix."""

    id: str
    version: int
    kind: ClaimKind
    text: str
    context: str
    speaker: str
    hearsay: bool
    marks: tuple[Mark, ...]
    """In ``text``."""
    summary: str
    counts: Counts
    second_sources: Range
    """Origins outside the chain whose passage carries the claim and whose key fact does not differ."""
    first: First
    cells: tuple[Cell, ...]
    judgements: tuple[Judged, ...] = ()
    """Every ruling on this claim, also those that took a passage out and those that no longer count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginColumn:
    """One origin: a column of the matrix."""

    origin: str
    name: str
    independence: Independence
    outlets: tuple[str, ...]
    articles: int
    """Related articles that rest on it."""
    seen: bool
    """False: its outlets could not be looked at."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """One article of the report's own chain."""

    article: str
    outlet: str
    outlet_name: str
    language: str
    url: str
    title: str
    published: str | None
    published_precision: str | None
    withdrawn: bool
    rests_on: tuple[Rests, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What could not be looked at of one outlet, so that silence is not read as denial."""

    outlet: str
    outlet_name: str
    articles: int
    first_published: str | None
    last_published: str | None
    looked_at: bool
    """False: nothing of it could be read."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadPoint:
    """One article in the order of publication."""

    article: str
    outlet_name: str
    language: str
    url: str
    title: str
    origin: str
    independence: Independence
    published: str | None
    published_precision: str | None
    entry_at: str | None = None
    """Of a live blog: when the earliest entry was published that holds one of those passages. It is what the order goes by."""
    claims: tuple[str, ...]
    """Event claims of which it has a close passage; without an encoder, possible ones."""
    rests_on: tuple[Rests, ...]
    withdrawn: bool

    @property
    def said(self) -> str | None:
        """The time by which it stands in the order."""
        return self.entry_at or self.published


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadLink:
    """One article that rests on another. Both are points."""

    source: str
    target: str
    kind: str
    """"copy", "translation", "partial", "credits"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Who published when, and who took it from whom, as far as the texts show."""

    points: tuple[SpreadPoint, ...] = ()
    """By time, those without one last; ties by key."""
    links: tuple[SpreadLink, ...] = ()
    left_out: int = 0
    """Articles beyond the most that are shown, those with fewest claims."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedQuote:
    """One passage that says what others say and the report does not."""

    origin: str
    outlet_name: str
    language: str
    article: str
    url: str
    title: str
    published: str | None
    published_precision: str | None
    entry_at: str | None = None
    """When the entry of a live blog was published that the passage stands in."""
    passage: str
    """At most 400 code points."""
    start: int
    end: int
    text_sha256: str
    marks: tuple[Mark, ...]
    score: float
    """Likeness to the nearest of the others, 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Something that at least two origins outside the chain say and the report does not."""

    origins: tuple[str, ...]
    passages: tuple[SharedQuote, ...]
    """One an origin, the nearest first."""


def cell_of(cells: Sequence[Cell], origin: str) -> Cell:
    """The cell of one origin. Every row has one for each column."""
    return next(cell for cell in cells if cell.origin == origin)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How far the comparison has come. Until it is complete no silence is shown as absence."""

    complete: bool
    read: int
    """Related articles whose passages were compared with the claims."""
    promising: int
    """Articles that are related, or may be and wait to be read: ``read`` of them is what the matrix rests on."""
    new: int
    """Articles, new or changed, that no look was taken at yet."""
    text: str
    """For people; empty when complete."""
