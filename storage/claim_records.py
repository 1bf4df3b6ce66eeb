"""The records of comparing: reports and their claims, facts, matches, derivations, judgements. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from storage.records import PublishedTime


class ClaimKind(StrEnum):
    """Anybody carries context; summaries count events only."""

    EVENT = "event"
    CONTEXT = "context"
    ABOUT_SOURCE = "about-source"


class Level(StrEnum):
    """How closely the best passage of an origin carries a claim."""

    STRONG = "strong"
    POSSIBLE = "possible"
    NONE = "none"
    UNSEEN = "unseen"


class FactVerdict(StrEnum):
    """A claim's facts beside a passage's. Never "contradicts", never "true"."""

    AGREES = "agrees"
    DIFFERS = "differs"
    NOT_STATED = "not_stated"
    """The claim states a fact and the passage does not."""
    NO_KEY_FACT = "no_key_fact"
    """The claim states no number, date or place that could be compared."""


class Independence(StrEnum):
    """Whether an origin is outside the report's own chain. Unknown is never counted as independent."""

    REPORT_CHAIN = "report_chain"
    INDEPENDENT = "independent"
    NOT_ESTABLISHED = "not_established"


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number in a text. ``low == high`` for a plain one; None on one side for "more than" and "fewer than"."""

    low: float | None
    high: float | None
    approximate: bool = False
    unit: str = ""
    """Normalised: "person", "day", "percent", "km", a currency; empty when none was recognised."""
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place named in a text. ``key`` is equal across scripts and spellings; not a claim of which homonym is meant."""

    key: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One statement of a report, as the analyst edits it. Versioned: another wording is another version."""

    id: str
    """Stable within the report: "c03"."""
    version: int = 1
    kind: ClaimKind = ClaimKind.EVENT
    text: str
    context: str = ""
    """What must be added to the sentence for it to stand alone (who "he" is)."""
    speaker: str = ""
    hearsay: bool = False
    numbers: tuple[Number, ...] = ()
    places: tuple[Place, ...] = ()
    dates: tuple[str, ...] = ()
    quotes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceReport:
    """The report under test, with its own chain: what it derives from or credits is its first source, never its second."""

    key: str
    title: str
    language: str
    translated_from: str = ""
    url: str = ""
    outlet: str = ""
    published: PublishedTime = PublishedTime()
    text: str = ""
    chain: tuple[str, ...] = ()
    """Owner ids and credited names of the report's own chain; matched against Outlet.owner and Outlet.also_known_as."""
    claims: tuple[Claim, ...] = ()
    background: int = 0
    """Number of the background that its scores are measured against; 0 for the bundled one."""


class ClaimChangeKind(StrEnum):
    ADDED = "added"
    REWORDED = "reworded"
    """Another wording, context, kind, speaker or fact: another version."""
    MERGED = "merged"
    """Made of others."""
    MERGED_INTO = "merged_into"
    """Gone into another."""
    SPLIT = "split"
    """Made of one of which others were made too, or which stays."""
    SPLIT_INTO = "split_into"
    """Gone into several."""
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimChange:
    """One entry of a report's history."""

    change: ClaimChangeKind
    claim_id: str
    version: int
    """After the change."""
    others: tuple[str, ...] = ()
    """Claims that it was made of, or that were made of it."""
    changed_by: str
    changed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimVersion:
    """One version of a claim as it was, current or not."""

    claim: Claim
    current: bool
    added_at: datetime


class Ruling(StrEnum):
    """A person's word on one article for one claim."""

    CONFIRM = "confirm"
    """It carries the claim, and its key fact does not differ."""
    REJECT = "reject"
    """It does not carry the claim."""
    SAME_ORIGIN_AS = "same-origin-as"
    """It carries the claim from the same source as another."""
    UNCLEAR = "unclear"
    """It counts for nothing sure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineView:
    """What the program said of an article for a claim."""

    level: Level
    verdict: FactVerdict | None = None
    """None where it had no passage."""
    origin: str = ""
    independence: Independence | None = None
    near_miss: str = ""
    """Why it had set the passage aside; empty when it had not."""
    model_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A person's ruling, with the words that were judged and what the program had said."""

    claim_id: str
    claim_text: str
    article_id: int
    article: str
    """Public key."""
    ruling: Ruling
    same_as: str = ""
    note: str = ""
    text_sha256: str
    revision: int
    quote: str = ""
    before: str = ""
    after: str = ""
    machine: MachineView
    judged_by: str
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FactPair:
    """One fact of a claim beside one of a passage."""

    field: str
    """What it is about: "number", "duration", "place", "date", "unit" (a numbered regiment), "quote"."""
    claim_value: str
    passage_value: str
    verdict: FactVerdict


@dataclass(frozen=True, slots=True)
class NearMissReason:
    """Why a passage that reads like a claim is of something else."""

    field: str
    """"place", "date", "count"."""
    text: str
    excludes: bool
    """True: the passage is of something else and stands in no cell. False: it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A passage that may carry a claim."""

    claim_id: str
    article_id: int
    revision: int
    text_sha256: str
    start: int
    end: int
    level: Level
    score: float
    """Rounded to 4 decimals; its scale depends on ``method``."""
    parts: Mapping[str, float] = field(default_factory=dict)
    verdict: FactVerdict = FactVerdict.NO_KEY_FACT
    facts: tuple[FactPair, ...] = ()
    door: str = "encoder"
    """How the candidate was found: "encoder", "place", "lexicon"."""
    weighed: bool = False
    """Whether it was asked if this is a near miss."""
    near_miss: NearMissReason | None = None
    """Why it is, or may be, of something else; None for a passage of the claim's own subject."""
    marks: tuple[tuple[int, int, str], ...] | None = None
    """Start, end and kind of what is marked in the passage as it is shown; None: not looked for yet. Finding it takes longer than all the
    rest of showing a passage."""


class DerivationKind(StrEnum):
    ORIGINAL = "original"
    COPY = "copy"
    TRANSLATION = "translation"
    PARTIAL = "partial"
    CREDITS = "credits"
    """Own wording, but it names its source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What one article rests on, as far as its text shows."""

    article_id: int
    kind: DerivationKind
    source_article_id: int | None = None
    credited: str = ""
    """The name as credited in the text ("Current Hour"), or the owner id it was resolved to."""
    evidence: str = ""
    """The words or the measured share that show it."""
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPassage:
    """A sentence that says what sentences of other origins say and a report does not."""

    group: int
    """Passages of one number say one thing."""
    article_id: int
    text_sha256: str
    start: int
    end: int
    score: float
    """Highest cosine with another of its group, 0..1, rounded to 4 decimals."""
    marks: tuple[tuple[int, int, str], ...] | None = None
    """(start, end, kind) of the numbers, places and dates in what is shown of it; None where they were not looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchNews:
    """A passage that was lately found to carry, or possibly carry, a claim."""

    report: str
    claim: str
    claim_text: str
    article: str
    outlet_name: str
    url: str
    title: str
    revision: int
    level: Level
    verdict: FactVerdict
    start: int
    passage: str
    """Empty when its publisher has withdrawn the page or wants no copy of it."""
    published_at: datetime | None
    made_at: datetime
