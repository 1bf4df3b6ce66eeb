"""What packages hand to each other: frozen, keyword-only, standard library only.

All times are aware UTC. All spans are half-open ``[start, end)`` in Unicode code points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """How a visit ended. Closed: every visit ends with exactly one of these; there is no "other"."""

    # A page was read.
    STORED = "stored"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    ALIAS = "alias"
    NOT_MODIFIED = "not_modified"
    NOT_AN_ARTICLE = "not_an_article"
    METADATA_ONLY = "metadata_only"
    # A feed or sitemap was read.
    FEED_READ = "feed_read"
    FEED_EMPTY = "feed_empty"
    NOT_A_FEED = "not_a_feed"
    BAD_FEED = "bad_feed"
    # The publisher said no.
    BLOCKED = "blocked"
    ROBOTS_DENIED = "robots_denied"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    GONE = "gone"
    HTTP_ERROR = "http_error"
    SERVER_ERROR = "server_error"
    # We said no.
    BLOCKED_ADDRESS = "blocked_address"
    BLOCKED_SCHEME = "blocked_scheme"
    OFF_SITE = "off_site"
    REDIRECT_LOOP = "redirect_loop"
    TOO_LARGE = "too_large"
    TRAP_LIMIT = "trap_limit"
    FORGOTTEN = "forgotten"
    BUDGET = "budget"
    # The network failed.
    TIMEOUT = "timeout"
    TLS_ERROR = "tls_error"
    DNS_ERROR = "dns_error"
    CONNECT_ERROR = "connect_error"
    TRUNCATED = "truncated"
    PROTOCOL_ERROR = "protocol_error"
    # The bytes could not be read.
    BAD_ENCODING = "bad_encoding"
    EXTRACT_EMPTY = "extract_empty"
    EXTRACT_TIMEOUT = "extract_timeout"
    EXTRACT_CRASH = "extract_crash"
    QUARANTINED = "quarantined"


KEPT_BYTES = frozenset(
    {
        Outcome.NOT_A_FEED,
        Outcome.BAD_FEED,
        Outcome.BAD_ENCODING,
        Outcome.EXTRACT_EMPTY,
        Outcome.EXTRACT_TIMEOUT,
        Outcome.EXTRACT_CRASH,
        Outcome.QUARANTINED,
    }
)
"""Outcomes whose bytes are kept in quarantine with the reason, so that they can be tried again."""

ALARMING = frozenset(
    {
        Outcome.FEED_EMPTY,
        Outcome.NOT_A_FEED,
        Outcome.BAD_FEED,
        Outcome.BLOCKED,
        Outcome.ROBOTS_UNREACHABLE,
        Outcome.SERVER_ERROR,
        Outcome.TIMEOUT,
        Outcome.TLS_ERROR,
        Outcome.DNS_ERROR,
        Outcome.CONNECT_ERROR,
        Outcome.TRUNCATED,
        Outcome.PROTOCOL_ERROR,
        Outcome.EXTRACT_CRASH,
        Outcome.EXTRACT_TIMEOUT,
    }
)
"""Outcomes that, on an outlet's feed or on most of its pages, mean that the outlet failed in this run."""


TRANSCRIPT = "transcript"
"""The extractor of subtitles. Their words are attached to the video they belong to, which makes no revision."""


class PageKind(StrEnum):
    """What is expected at a page's address."""

    ARTICLE = "article"
    VIDEO = "video"
    FEED = "feed"
    SITEMAP = "sitemap"


class ArticleKind(StrEnum):
    """What an article turned out to be."""

    ARTICLE = "article"
    VIDEO = "video"
    LIVE_BLOG = "live_blog"


class PageClass(StrEnum):
    """What an HTML page is, judged by structure and wording before it is called an article."""

    ARTICLE = "article"
    VIDEO = "video"
    LIVE_BLOG = "live_blog"
    PAYWALL_STUB = "paywall_stub"
    CHALLENGE = "challenge"
    CONSENT_WALL = "consent_wall"
    LOGIN_WALL = "login_wall"
    SOFT_404 = "soft_404"
    LISTING = "listing"
    SCRIPT_SHELL = "script_shell"
    EMPTY = "empty"


class Precision(StrEnum):
    """How finely a publisher gave a time. A day never decides who was first."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


class CopyKind(StrEnum):
    """How two same-language texts relate: the same after normalisation, alike, or one inside the other."""

    EXACT = "exact"
    NEAR = "near"
    CONTAINED = "contained"
    PASSAGE = "passage"
    """They share a run of some sentences, word for word: one quotes the other, or both quote a third. No copy, and in no cluster."""


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    FAILED = "failed"


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
class PublishedTime:
    """A time as a publisher gave it. ``at`` is None when ``raw`` could not be believed (1970, the future, no date)."""

    at: datetime | None = None
    precision: Precision | None = None
    source: str | None = None
    """Where it was read: "json-ld", "meta", "time", "feed", "sitemap", "url", "page" (written by the headline), "trafilatura", "hand"."""
    raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One page that a feed or sitemap announces, as it says it; nothing here is trusted."""

    url: str
    kind: PageKind = PageKind.ARTICLE
    """SITEMAP for a child of a sitemap index."""
    title: str = ""
    description: str = ""
    published: PublishedTime = PublishedTime()
    modified: PublishedTime = PublishedTime()
    """A sitemap's ``lastmod`` is the last edit, not the publication."""
    guid: str = ""
    duration_s: int | None = None
    thumbnail_url: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What one reading of a feed or sitemap gave."""

    dialect: str
    """"rss", "atom", "rdf", "sitemap", "news_sitemap", "video_sitemap", "sitemap_index"; empty when it is none of them."""
    entries: tuple[Entry, ...] = ()
    outcome: Outcome = Outcome.FEED_READ
    """FEED_READ, FEED_EMPTY, NOT_A_FEED, BAD_FEED, TOO_LARGE."""
    fault: str = ""
    """What was wrong with it, also when entries could be read (an ill-formed feed)."""
    truncated: int = 0
    """Entries left unread because of the limit."""
    dropped: int = 0
    """Entries without a usable http(s) address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What was read out of one capture. Immutable; another version of the rules makes another one."""

    extractor: str
    """"trafilatura" or the name of the dated rule that decided the text."""
    extractor_version: str
    rules_version: str
    page_class: PageClass
    kind: ArticleKind = ArticleKind.ARTICLE
    title: str = ""
    text: str = ""
    """Paragraphs separated by one newline; sanitised; the offsets of all passages point into it."""
    authors: tuple[str, ...] = ()
    description: str = ""
    language: str = ""
    published: PublishedTime = PublishedTime()
    modified: PublishedTime = PublishedTime()
    canonical_url: str = ""
    image_url: str = ""
    site_name: str = ""
    duration_s: int | None = None
    links: tuple[str, ...] = ()
    """http(s) addresses linked from within the text, absolute, at most 200; citations are found among them."""
    charset: str = ""
    partial: bool = False
    """A paywall stub or teaser: the whole text was not served."""
    noarchive: bool = False
    """The publisher asked for no copy (robots meta, X-Robots-Tag, TDM reservation): title, date and address only."""
    sanitised: bool = False
    cpu_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """What the worker computes from an extraction so that the writer need not: see storage.lemmas and near_duplicates."""

    text_sha256: str
    """Hex digest of the normalised text (see storage.identity.normalise_text); equal for texts that differ trivially."""
    normal_sha256: str
    """The same of headline and text: a reading with another one is a revision."""
    title_lemmas: str = ""
    body_lemmas: str = ""
    """With the keys of names behind them: see storage.lemmas.index_words."""
    lemmatiser: str = ""
    """Name and version."""
    signature: bytes = b""
    """MinHash, 128 little-endian uint32; empty for texts with fewer than 5 shingles."""
    signature_version: str = ""
    shingle_count: int = 0
    anchors: tuple[int, ...] = ()
    """A sample of the shingles themselves, by which a short text is found inside a long one; see storage.near_duplicates."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request of a visit and what answered."""

    url: str
    status: int | None = None
    location: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One HTTP response as received (WARC's term), or a file imported by hand."""

    requested_url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = ""
    body: bytes = b""
    """Inflated. Stored compressed, shared by identical bodies."""
    fetched_at: datetime
    user_agent: str = ""
    provenance: str = "crawl"
    """"crawl", or "imported by hand"."""
    note: str = ""
    """Of an imported file: its name, and what whoever imported it said about it."""
    hops: tuple[Hop, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedVisit:
    """A planned fetch that a run has claimed, with all that is needed to make it."""

    visit_id: int
    page_id: int
    url: str
    kind: PageKind
    outlet_id: str
    host_key: str
    priority: float = 0.0
    """Higher is fetched first; 0..1 for pages, 2 for feeds."""
    depth: int = 0
    """How many sitemap indexes lie above this page."""
    etag: str = ""
    last_modified: str = ""
    capture_id: int | None = None
    """Set when an interrupted run had stored the capture but not its extraction: extract that, fetch nothing."""
    entry: Entry | None = None
    """What the newest sighting announced; None for feeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitResult:
    """What the crawl found at a page; the writer turns it into rows and the visit's one outcome.

    ``outcome`` is None when an extraction decides it (stored, revised, unchanged, alias).
    """

    visit: ClaimedVisit
    finished_at: datetime
    outcome: Outcome | None = None
    detail: str = ""
    """The class of a non-article, the reason of a block, the size of what was too large."""
    status: int | None = None
    hops: tuple[Hop, ...] = ()
    capture: Capture | None = None
    extraction: Extraction | None = None
    fingerprint: Fingerprint | None = None
    listing: Listing | None = None
    priorities: tuple[float, ...] = ()
    """One per entry of ``listing``."""
    etag: str = ""
    last_modified: str = ""
    retry_after_s: float | None = None
    elapsed_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """Politeness towards one (scheme, host, port); the one truth of it, over all processes."""

    key: str
    """"http://host:port", port always given."""
    delay_s: float = 0.0
    next_request_at: datetime | None = None
    retry_after_until: datetime | None = None
    robots_body: bytes | None = None
    """At most 512 KiB; empty for "everything is allowed"; None when it was never fetched."""
    robots_status: int | None = None
    """HTTP status of the last robots.txt; 0 for a network failure."""
    robots_fetched_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """What one crawl did. ``claimed == sum(outcomes.values()) + released``; ``unexplained`` is the difference."""

    run_id: int
    state: RunState
    outlets: tuple[str, ...]
    discovered: int = 0
    """Pages seen for the first time."""
    claimed: int = 0
    released: int = 0
    new: int = 0
    revised: int = 0
    unchanged: int = 0
    aliases: int = 0
    copies: int = 0
    """Articles stored by this run that are copies of another outlet's."""
    outcomes: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    failed_outlets: tuple[str, ...] = ()
    """Outlets none of whose end points could be read, or most of whose pages failed, and that should have worked."""

    @property
    def unexplained(self) -> int:
        return self.claimed - sum(self.outcomes.values()) - self.released


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """One article with its current revision."""

    article_id: int
    key: str
    """Public key: outlet id, a colon, and the identity: ``techas_ru:40230117``."""
    outlet_id: str
    outlet_name: str
    owner: str
    family: str | None
    url: str
    kind: ArticleKind
    title: str
    description: str = ""
    text: str
    language: str
    authors: tuple[str, ...] = ()
    published: PublishedTime
    modified: PublishedTime = PublishedTime()
    first_seen_at: datetime
    captured_at: datetime
    revision: int
    """Number of the current revision, from 1."""
    revision_id: int
    text_sha256: str
    """Of ``text`` as it stands here, not normalised: what passages index."""
    capture_id: int
    capture_sha256: str
    partial: bool = False
    noarchive: bool = False
    gone_at: datetime | None = None
    cluster_id: int | None = None
    links: tuple[str, ...] = ()
    duration_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionRecord:
    number: int
    captured_at: datetime
    modified: PublishedTime
    title: str
    text: str
    text_sha256: str
    capture_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPair:
    """Two articles of different outlets with the same words, confirmed on exact shingles. ``article_a < article_b``."""

    article_a: int
    article_b: int
    kind: CopyKind
    jaccard: float
    containment_a: float
    """Share of a's shingles found in b, 0..1."""
    containment_b: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    article: str
    outlet: str
    language: str
    title: str
    published_at: datetime | None
    url: str
    score: float
    snippet: str
    """From the original text; matches between U+27E6 and U+27E7, which the printer replaces."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRecord:
    """A warning as a row: one a key, counted when it comes again."""

    key: str
    kind: str
    message: str
    outlet_id: str | None = None
    first_seen_at: datetime
    last_seen_at: datetime
    count: int = 1


class EndpointVerdict(StrEnum):
    """What a check of an end point found."""

    ALIVE = "alive"
    EMPTY = "empty"
    STALE = "stale"
    BLOCKED = "blocked"
    MOVED = "moved"
    NOT_A_FEED = "not_a_feed"
    DEAD = "dead"
    UNCHECKED = "unchecked"
    """Not asked: another process holds its host, or the host wants no request yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointCheck:
    """One end point at one time. The card says what should be there; this says what was."""

    outlet_id: str
    url: str
    verdict: EndpointVerdict
    detail: str = ""
    status: int | None = None
    entries: int | None = None
    newest_at: datetime | None = None
    """The newest date among its entries; None when they have none, and for indexes."""
    checked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReading:
    """One finished visit of a feed or sitemap."""

    outlet_id: str
    url: str
    outcome: Outcome
    detail: str = ""
    status: int | None = None
    hops: tuple[Hop, ...] = ()
    entries: int | None = None
    newest_at: datetime | None = None


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
