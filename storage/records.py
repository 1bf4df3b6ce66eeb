"""What packages hand to each other: frozen, keyword-only, standard library only.

All times are aware UTC. All spans are half-open ``[start, end)`` in Unicode code points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    video_url: str = ""
    """Of a published subtitle track: the page of its video."""


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
class LiveEntry:
    """One entry of a live blog: it begins at ``start``, a code point of the text, and ends where the next one begins."""

    start: int
    at: datetime


def time_at(entries: Sequence[LiveEntry], offset: int) -> datetime | None:
    """When the entry was published that a place in the text belongs to; None before the first one, and where there are none."""
    times = [entry.at for entry in entries if entry.start <= offset]
    return times[-1] if times else None


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
    tracks: tuple[str, ...] = ()
    """Of a video, the address of its published subtitles in the page's language, at most one. Not stored."""
    entries: tuple[LiveEntry, ...] = ()
    """Of a live blog, in the order of the text; entries whose time is not known are missing."""
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
    section: str = ""
    """The part of the outlet; see storage.yields."""
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
    nearness: float | None = None
    """How surely the page is on a followed report's subject, 0..1, guessed; None: no report is followed."""
    listing: Listing | None = None
    priorities: tuple[float, ...] = ()
    """One per entry of ``listing``."""
    etag: str = ""
    last_modified: str = ""
    retry_after_s: float | None = None
    elapsed_ms: float = 0.0


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
    entries: tuple[LiveEntry, ...] = ()
    duration_s: int | None = None

    def said_at(self, offset: int) -> datetime | None:
        """When what stands at a place of the text was published: an entry of a live blog has a time of its own."""
        return time_at(self.entries, offset) or self.published.at


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
