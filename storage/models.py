"""The tables. Nothing else: functions that use them stand one noun a file beside this one.

Internal keys are BIGINT; people, JSON and dossiers see public keys. The picture is in docs/schema.md, made from this file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

SHA256_HEX = 64
OUTLET_ID = 300
"""A card's id has at most 41 characters; ``other:`` and a host (see config.catalog) up to 260."""


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored as UTC on both databases.

    SQLAlchemy's own ``DateTime(timezone=True)`` drops the offset on SQLite without converting. Here SQLite gets
    fixed-width ISO text ending in Z, which sorts as the times do; PostgreSQL gets ``timestamptz``.
    """

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive time {value!r}: give an aware one")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else f"{value.isoformat(timespec='microseconds')[:26]}Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        # Ten times as fast as strptime, and a million rows have six times each; the form is the one written above.
        return datetime.fromisoformat(value)


Key = BigInteger().with_variant(Integer, "sqlite")
"""SQLite aliases only INTEGER PRIMARY KEY to its row id."""

Json = JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcTime(),
        int: Key,
        dict[str, Any]: Json,
        list[Any]: Json,
        str: Text(),
        bytes: LargeBinary(),
    }


class OutletRow(Base):
    """The outlets as their cards said at the last run, so that views can name them."""

    __tablename__ = "outlets"
    id: Mapped[str] = mapped_column(String(OUTLET_ID), primary_key=True)
    name: Mapped[str]
    language: Mapped[str] = mapped_column(String(2))
    country: Mapped[str] = mapped_column(String(2), default="")
    owner: Mapped[str] = mapped_column(String(OUTLET_ID))
    family: Mapped[str | None] = mapped_column(String(41))
    homepage: Mapped[str]
    state_media: Mapped[bool] = mapped_column(default=False)
    also_known_as: Mapped[list[Any]] = mapped_column(default=list)
    card_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    updated_at: Mapped[datetime]


class RunRow(Base):
    """One crawl (or import): what was asked, what came of it."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    holder: Mapped[str] = mapped_column(default="")
    """"host:pid" of the process that runs it."""
    user_agent: Mapped[str] = mapped_column(default="")
    request: Mapped[dict[str, Any]] = mapped_column(default=dict)
    discovered: Mapped[int] = mapped_column(default=0)
    claimed: Mapped[int] = mapped_column(default=0)
    released: Mapped[int] = mapped_column(default=0)
    failed_outlets: Mapped[list[Any]] = mapped_column(default=list)
    detail: Mapped[str] = mapped_column(default="")


class HostRow(Base):
    """Politeness towards one (scheme, host, port), over all processes and restarts."""

    __tablename__ = "hosts"
    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    lease_holder: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    next_request_at: Mapped[datetime | None]
    retry_after_until: Mapped[datetime | None]
    delay_s: Mapped[float] = mapped_column(Float, default=0.0)
    robots_body: Mapped[bytes | None]
    robots_status: Mapped[int | None] = mapped_column(Integer)
    robots_fetched_at: Mapped[datetime | None]


class PageRow(Base):
    """One canonical address and what is known of it. Feeds and sitemaps are pages too."""

    __tablename__ = "pages"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str]
    url_sha256: Mapped[str] = mapped_column(String(SHA256_HEX), unique=True)
    outlet_id: Mapped[str] = mapped_column(ForeignKey("outlets.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    host_key: Mapped[str] = mapped_column(String(300))
    depth: Mapped[int] = mapped_column(SmallInteger, default=0)
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"), index=True)
    etag: Mapped[str] = mapped_column(default="")
    last_modified: Mapped[str] = mapped_column(default="")
    first_seen_at: Mapped[datetime]
    last_visit_at: Mapped[datetime | None]
    last_outcome: Mapped[str | None] = mapped_column(String(20))
    next_due_at: Mapped[datetime | None] = mapped_column(index=True)
    """None: not to be visited again unless asked for by name."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """Failed visits since the last good one."""
    body_sha256: Mapped[str | None] = mapped_column(String(SHA256_HEX))
    """Of the last whole answer."""
    unmodified: Mapped[int] = mapped_column(Integer, default=0)
    """Answers "not modified" since the last whole one."""
    validators_lie: Mapped[bool] = mapped_column(default=False)
    """The same validators once came with other bytes: the page is asked for without any."""
    gone_at: Mapped[datetime | None]


class VisitRow(Base):
    """One planned fetch of a page. ``outcome`` is null while it is pending or claimed, and is then set once."""

    __tablename__ = "visits"
    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"))
    outlet_id: Mapped[str] = mapped_column(String(OUTLET_ID))
    host_key: Mapped[str] = mapped_column(String(300))
    section: Mapped[str] = mapped_column(String(60), default="")
    """The part of the outlet that the page belongs to; see ``storage.yields``."""
    reason: Mapped[str] = mapped_column(String(12))
    """"feed", "new", "recheck", "asked", "cited", "backfill", "transcript", "import"."""
    priority: Mapped[float] = mapped_column(Float, default=0.0)
    state: Mapped[str] = mapped_column(String(8))
    """"pending", "claimed", "done"."""
    planned_at: Mapped[datetime]
    not_before: Mapped[datetime | None]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    """The run that holds or finished it."""
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(default="")
    status: Mapped[int | None] = mapped_column(Integer)
    hops: Mapped[list[Any]] = mapped_column(default=list)
    entries: Mapped[int | None] = mapped_column(Integer)
    """Feeds only: entries read."""
    truncated: Mapped[int] = mapped_column(Integer, default=0)
    capture_id: Mapped[int | None] = mapped_column(ForeignKey("captures.id"))
    article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    elapsed_ms: Mapped[float] = mapped_column(Float, default=0.0)
    cpu_ms: Mapped[float] = mapped_column(Float, default=0.0)
    __table_args__ = (
        Index(
            "uq_visits_open_page_id", "page_id", unique=True, sqlite_where=text("state <> 'done'"), postgresql_where=text("state <> 'done'")
        ),
        Index(
            "ix_visits_open",
            "state",
            "outlet_id",
            "priority",
            sqlite_where=text("state <> 'done'"),
            postgresql_where=text("state <> 'done'"),
        ),
        CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="outcome_when_done"),
    )


OPEN = VisitRow.state != literal_column("'done'")
"""A visit that is planned or claimed. Written out and not given as a value: only so do the databases see that their indices over open
visits serve, and do not look through every visit that was ever made. Stands beside any narrower condition on the state."""


class SightingRow(Base):
    """A page was announced by a feed. Listed again, only ``last_seen_at`` moves."""

    __tablename__ = "sightings"
    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"))
    feed_page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"), index=True)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    title: Mapped[str] = mapped_column(default="")
    headline: Mapped[int | None] = mapped_column(BigInteger)
    """Of the normalised title: equal for headlines that differ trivially. None where the title is too short to be that of one piece."""
    description: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str | None] = mapped_column(String(6))
    published_raw: Mapped[str | None]
    modified_at: Mapped[datetime | None]
    modified_raw: Mapped[str | None]
    entry: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """The rest of the entry: guid, duration, thumbnail, language, kind."""
    __table_args__ = (
        UniqueConstraint("page_id", "feed_page_id"),
        Index(
            "ix_sightings_headline", "headline", sqlite_where=text("headline IS NOT NULL"), postgresql_where=text("headline IS NOT NULL")
        ),
    )


class YieldRow(Base):
    """How many pages of one part of an outlet were read while reports were followed, and how near they were to any of them."""

    __tablename__ = "yields"
    outlet_id: Mapped[str] = mapped_column(String(OUTLET_ID), primary_key=True)
    section: Mapped[str] = mapped_column(String(60), primary_key=True)
    pages: Mapped[int]
    near: Mapped[float] = mapped_column(Float)
    """Sum over the pages, each 0..1."""


class CitationRow(Base):
    """An article on a report's subject links to a page of an outlet that has a card."""

    __tablename__ = "citations"
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"), primary_key=True, index=True)
    first_seen_at: Mapped[datetime]


class CaptureBodyRow(Base):
    """Bytes of responses, compressed, one row for identical bodies. Loaded only by name."""

    __tablename__ = "capture_bodies"
    sha256: Mapped[str] = mapped_column(String(SHA256_HEX), primary_key=True)
    codec: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    """Bytes before compression."""
    bytes: Mapped[bytes]


class CaptureRow(Base):
    """The provenance of one response. Stays when retention drops its body."""

    __tablename__ = "captures"
    id: Mapped[int] = mapped_column(primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("pages.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    requested_url: Mapped[str]
    final_url: Mapped[str]
    hops: Mapped[list[Any]] = mapped_column(default=list)
    status: Mapped[int] = mapped_column(Integer)
    headers: Mapped[list[Any]] = mapped_column(default=list)
    content_type: Mapped[str] = mapped_column(default="")
    body_sha256: Mapped[str] = mapped_column(String(SHA256_HEX), index=True)
    """Not a foreign key: the body may be dropped, the hash stays."""
    size: Mapped[int]
    fetched_at: Mapped[datetime] = mapped_column(index=True)
    user_agent: Mapped[str]
    provenance: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(default="")
    """Of a file imported by hand: its name, and what was said about it."""


class SealRow(Base):
    """The Merkle root (RFC 6962) of what one run captured, chained to the seal before."""

    __tablename__ = "seals"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), unique=True)
    capture_ids: Mapped[list[Any]] = mapped_column(default=list)
    leaves: Mapped[bytes]
    """32 bytes a capture, in the order of ``capture_ids``; a leaf stays when its capture is erased on request."""
    root: Mapped[str] = mapped_column(String(SHA256_HEX))
    previous: Mapped[str] = mapped_column(String(SHA256_HEX))
    digest: Mapped[str] = mapped_column(String(SHA256_HEX))
    """Of number, run, root and ``previous``: what is published stands for all before it."""
    sealed_at: Mapped[datetime]


_PARTIAL = text("partial")
"""Said here, since ``text`` is a column below."""


class ExtractionRow(Base):
    """What one version of the rules read out of one capture. Immutable."""

    __tablename__ = "extractions"
    id: Mapped[int] = mapped_column(primary_key=True)
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"))
    extractor: Mapped[str] = mapped_column(String(40))
    extractor_version: Mapped[str] = mapped_column(String(40))
    rules_version: Mapped[str] = mapped_column(String(40))
    page_class: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str]
    text: Mapped[str]
    text_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    """Of ``text`` as stored: what passages and vectors index."""
    description: Mapped[str] = mapped_column(default="")
    authors: Mapped[list[Any]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(String(8), default="")
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str | None] = mapped_column(String(6))
    published_source: Mapped[str | None] = mapped_column(String(16))
    published_raw: Mapped[str | None]
    modified_at: Mapped[datetime | None]
    modified_precision: Mapped[str | None] = mapped_column(String(6))
    modified_source: Mapped[str | None] = mapped_column(String(16))
    modified_raw: Mapped[str | None]
    canonical_url: Mapped[str] = mapped_column(default="")
    image_url: Mapped[str] = mapped_column(default="")
    site_name: Mapped[str] = mapped_column(default="")
    duration_s: Mapped[int | None] = mapped_column(Integer)
    links: Mapped[list[Any]] = mapped_column(default=list)
    entries: Mapped[list[Any]] = mapped_column(default=list)
    """Of a live blog: pairs of an offset in the text, and the time of the entry that begins there."""
    charset: Mapped[str] = mapped_column(default="")
    partial: Mapped[bool] = mapped_column(default=False)
    noarchive: Mapped[bool] = mapped_column(default=False)
    sanitised: Mapped[bool] = mapped_column(default=False)
    cpu_ms: Mapped[float] = mapped_column(Float, default=0.0)
    __table_args__ = (
        UniqueConstraint("capture_id", "extractor", "extractor_version", "rules_version", name="uq_extractions_capture_id_version"),
        Index("ix_extractions_partial", "id", sqlite_where=_PARTIAL, postgresql_where=_PARTIAL),
    )


class ArticleRow(Base):
    """One piece at one outlet, one identity. Headline, text and dates are those of its current revision."""

    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    """Public: outlet id, colon, identity."""
    outlet_id: Mapped[str] = mapped_column(ForeignKey("outlets.id"))
    identity_space: Mapped[str] = mapped_column(String(OUTLET_ID))
    identity: Mapped[str] = mapped_column(String(200))
    """The publisher's own id, or ``u-`` and a digest of the canonical address."""
    url: Mapped[str]
    kind: Mapped[str] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(8))
    current_revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("revisions.id", use_alter=True, deferrable=True, initially="DEFERRED")
    )
    published_at: Mapped[datetime | None] = mapped_column(index=True)
    published_precision: Mapped[str | None] = mapped_column(String(6))
    published_source: Mapped[str | None] = mapped_column(String(16))
    published_raw: Mapped[str | None]
    first_seen_at: Mapped[datetime]
    last_checked_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    pending_match: Mapped[bool] = mapped_column(default=True)
    """The current revision has not been scored against the reports yet."""
    __table_args__ = (
        UniqueConstraint("identity_space", "identity"),
        # What a coverage asks of every outlet, without the rows themselves.
        Index("ix_articles_outlet_id", "outlet_id", "kind", "published_at"),
        Index("ix_articles_pending_match", "id", sqlite_where=text("pending_match"), postgresql_where=text("pending_match")),
    )


class AliasRow(Base):
    """Another address of an article."""

    __tablename__ = "aliases"
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    url: Mapped[str]
    url_sha256: Mapped[str] = mapped_column(String(SHA256_HEX), unique=True)
    first_seen_at: Mapped[datetime]


class RevisionRow(Base):
    """A change made by the publisher. ``extraction_id`` may be switched by a re-extraction, which makes no revision."""

    __tablename__ = "revisions"
    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    number: Mapped[int] = mapped_column(Integer)
    capture_id: Mapped[int] = mapped_column(ForeignKey("captures.id"))
    extraction_id: Mapped[int] = mapped_column(ForeignKey("extractions.id"), index=True)
    normal_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    """Of normalised headline and text: equal when an edit was trivial."""
    captured_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("article_id", "number"),)


class SearchRow(Base):
    """Lemmas of each article's current revision; the full-text index is built over this table."""

    __tablename__ = "search_lemmas"
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    tags: Mapped[str]
    """Outlet, language, kind and days of the article, by which the index answers filters (see storage.search_tags)."""
    lemmatiser: Mapped[str] = mapped_column(String(40))


class SignatureRow(Base):
    """MinHash of each article's current revision."""

    __tablename__ = "signatures"
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    version: Mapped[str] = mapped_column(String(40))
    normal_sha256: Mapped[str] = mapped_column(String(SHA256_HEX), index=True)
    """Of the normalised text without headline: equal for exact copies."""
    shingle_count: Mapped[int] = mapped_column(Integer)
    signature: Mapped[bytes]
    anchors: Mapped[bytes]
    """Little-endian int64 each. With the signature they say which rows of ``signature_bands`` are the article's."""


class BandRow(Base):
    """16 bands of 8 MinHash values each, and anchors: articles that share one are candidates for copies.

    Forty rows an article, and nothing else has so many: no reference that is checked for each of them and no second index. The
    rows of an article are known from its signature, and written and deleted together with it.
    """

    __tablename__ = "signature_bands"
    band: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    hash: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    article_id: Mapped[int] = mapped_column(primary_key=True)
    # All of a row is its key: with a row id SQLite would keep it twice.
    __table_args__ = ({"sqlite_with_rowid": False},)


class CopyRow(Base):
    """A confirmed pair of same-language texts. The truth; clusters are derived from it."""

    __tablename__ = "copies"
    article_a: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    article_b: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(String(10))
    jaccard: Mapped[float] = mapped_column(Float)
    containment_a: Mapped[float] = mapped_column(Float)
    containment_b: Mapped[float] = mapped_column(Float)
    confirmed_at: Mapped[datetime]
    __table_args__ = (CheckConstraint("article_a < article_b", name="ordered"),)


class ClusterMemberRow(Base):
    """Connected articles; the cluster's id is the smallest article id in it."""

    __tablename__ = "cluster_members"
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    cluster_id: Mapped[int] = mapped_column(index=True)


class QuarantineRow(Base):
    """Bytes that could not be read, with the reason; ``db replay`` tries them again."""

    __tablename__ = "quarantine"
    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), unique=True)
    reason: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str] = mapped_column(default="")
    codec: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    bytes: Mapped[bytes]
    kept_at: Mapped[datetime]


class TombstoneRow(Base):
    """What was erased on request, as salted digests: it is known again, never fetched, and cannot be read from here."""

    __tablename__ = "tombstones"
    digest: Mapped[str] = mapped_column(String(SHA256_HEX), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    """The same for the whole database."""
    note: Mapped[str] = mapped_column(default="")
    buried_at: Mapped[datetime]


class IssueRow(Base):
    """A warning as a row, one a key."""

    __tablename__ = "issues"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    kind: Mapped[str] = mapped_column(String(40))
    outlet_id: Mapped[str | None] = mapped_column(String(OUTLET_ID), index=True)
    message: Mapped[str]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(Integer, default=1)
    resolved_at: Mapped[datetime | None]


class EndpointCheckRow(Base):
    """What the last check of one end point found. The card says what should be there; this says what was."""

    __tablename__ = "endpoint_checks"
    id: Mapped[int] = mapped_column(primary_key=True)
    outlet_id: Mapped[str] = mapped_column(String(OUTLET_ID))
    url: Mapped[str]
    url_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    verdict: Mapped[str] = mapped_column(String(12))
    """"alive", "empty", "stale", "blocked", "moved", "not_a_feed", "dead", "unchecked"."""
    detail: Mapped[str] = mapped_column(default="")
    status: Mapped[int | None] = mapped_column(Integer)
    entries: Mapped[int | None] = mapped_column(Integer)
    newest_at: Mapped[datetime | None]
    """The newest date among its entries; None when they have none."""
    checked_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("outlet_id", "url_sha256"),)


class ReportRow(Base):
    """A reference report. Its claims are rows of their own, versioned."""

    __tablename__ = "reports"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    translated_from: Mapped[str] = mapped_column(String(8), default="")
    url: Mapped[str] = mapped_column(default="")
    outlet: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    published_precision: Mapped[str | None] = mapped_column(String(6))
    published_raw: Mapped[str] = mapped_column(default="")
    """As the analyst wrote it: "2022-11" is all that is known of some reports, and is no day."""
    text: Mapped[str] = mapped_column(default="")
    chain: Mapped[list[Any]] = mapped_column(default=list)
    shared_basis: Mapped[str] = mapped_column(String(SHA256_HEX), default="")
    """Digest of what its shared passages were found in; empty before they were looked for."""
    derived_basis: Mapped[str] = mapped_column(String(SHA256_HEX), default="")
    """The same of its derivations."""
    scored_setup: Mapped[str] = mapped_column(String(SHA256_HEX), default="")
    """Claims, models and background for which every article was scored that is not marked ``pending_match``; empty: not yet."""
    background: Mapped[int] = mapped_column(Integer, default=0)
    """Number of the background in use; 0 for the bundled one."""
    added_at: Mapped[datetime]


class ClaimRow(Base):
    """One version of one claim; only the newest version that is not withdrawn is compared."""

    __tablename__ = "claims"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    claim_id: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(14))
    text: Mapped[str]
    context: Mapped[str] = mapped_column(default="")
    speaker: Mapped[str] = mapped_column(default="")
    hearsay: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    current: Mapped[bool] = mapped_column(default=True)
    added_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("report_id", "claim_id", "version"),)


class ClaimChangeRow(Base):
    """What became of a claim, when and by whom: the history of a report. Written once, never changed."""

    __tablename__ = "claim_changes"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), index=True)
    change: Mapped[str] = mapped_column(String(12))
    claim_id: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    """Of the claim, after the change."""
    others: Mapped[list[Any]] = mapped_column(default=list)
    """Claim ids that it was made of, or that were made of it."""
    changed_by: Mapped[str]
    changed_at: Mapped[datetime]


class JudgementRow(Base):
    """What a person says of one article for one claim. Written once; the newest of a claim and an article counts.

    Holds the words that were judged: it survives every re-matching, and is found again by them when the text changes.
    """

    __tablename__ = "judgements"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    claim_id: Mapped[str] = mapped_column(String(20))
    claim_text: Mapped[str]
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    ruling: Mapped[str] = mapped_column(String(14))
    same_as: Mapped[str] = mapped_column(default="")
    """The origin, outlet or article that it shares its source with; empty for other rulings."""
    note: Mapped[str] = mapped_column(default="")
    text_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    revision: Mapped[int] = mapped_column(Integer)
    quote: Mapped[str] = mapped_column(default="")
    """Empty when the article as a whole was judged, since nothing in it carries the claim."""
    before: Mapped[str] = mapped_column(default="")
    after: Mapped[str] = mapped_column(default="")
    machine: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the program had said at that moment: level, verdict, origin, independence, model."""
    judged_by: Mapped[str]
    judged_at: Mapped[datetime]
    __table_args__ = (Index("ix_judgements_report_id_claim_id", "report_id", "claim_id"),)


class BackgroundRow(Base):
    """A frozen sample of unrelated sentences of one language with each claim's mean and deviation against it."""

    __tablename__ = "backgrounds"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    language: Mapped[str] = mapped_column(String(8))
    model_hash: Mapped[str] = mapped_column(String(SHA256_HEX))
    number: Mapped[int] = mapped_column(Integer)
    """Counts a report's backgrounds of the user's own articles; 0 for the bundled one."""
    sample_size: Mapped[int] = mapped_column(Integer)
    sample: Mapped[list[Any]] = mapped_column(default=list)
    """Hex keys of the sentences' vectors, of a background of the user's own: no text is kept for it."""
    claims: Mapped[dict[str, Any]]
    """Claim id, "@" and version -> [mean, standard deviation]."""
    made_at: Mapped[datetime]


class DossierRow(Base):
    """The newest rendered dossier of a report in one format, good as long as nothing changes. Quotes articles: erased with any of them."""

    __tablename__ = "dossiers"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    format: Mapped[str] = mapped_column(String(8))
    basis: Mapped[str] = mapped_column(String(SHA256_HEX))
    """Digest of options, versions and program."""
    mark: Mapped[str] = mapped_column(String(80))
    """The state of the database that it shows; see storage.dossiers."""
    body: Mapped[bytes]
    """zlib."""
    __table_args__ = (UniqueConstraint("report_id", "format"),)


class RelevanceRow(Base):
    """How near an article is to a report's subject."""

    __tablename__ = "relevance"
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, index=True)
    extraction_id: Mapped[int]
    """The text that was scored, and its headline."""
    revision: Mapped[int] = mapped_column(Integer)
    text_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    model_hash: Mapped[str] = mapped_column(String(SHA256_HEX))
    score: Mapped[float] = mapped_column(Float)
    related: Mapped[bool]
    looked: Mapped[bool]
    """False: near by a first look only; the text was not read yet."""
    matched: Mapped[bool]
    """True: its passages were compared with the claims, or it has none to compare."""
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scored_at: Mapped[datetime]
    __table_args__ = (
        Index(
            "ix_relevance_open",
            "report_id",
            "article_id",
            sqlite_where=text("NOT matched OR related"),
            postgresql_where=text("NOT matched OR related"),
        ),
    )


class LeadBlockRow(Base):
    """What is known of the headlines and openings of about 1,024 articles of one language, by one model, immutable; independent of
    reports, so that a new report is compared with all articles without reading one."""

    __tablename__ = "lead_blocks"
    id: Mapped[int] = mapped_column(primary_key=True)
    model_hash: Mapped[str] = mapped_column(String(SHA256_HEX))
    language: Mapped[str] = mapped_column(String(8))
    count: Mapped[int] = mapped_column(Integer)
    dimensions: Mapped[int] = mapped_column(Integer)
    """Bytes a row."""
    extraction_ids: Mapped[bytes]
    """``count`` little-endian int64."""
    text_keys: Mapped[bytes]
    """``count`` times 32 bytes: sha256 of each article's text."""
    scales: Mapped[bytes]
    """``count`` little-endian float32; empty for bits."""
    rows: Mapped[bytes]
    """``count`` times ``dimensions`` bytes: int8 vectors, or bits (concepts, and a Bloom filter of names)."""
    made_at: Mapped[datetime]
    __table_args__ = (Index("ix_lead_blocks_model", "model_hash", "language"),)


class VectorBlockRow(Base):
    """About 1,024 vectors of one model and language, immutable. Keys are sha256 digests of the encoded texts."""

    __tablename__ = "vector_blocks"
    id: Mapped[int] = mapped_column(primary_key=True)
    model_hash: Mapped[str] = mapped_column(String(SHA256_HEX))
    language: Mapped[str] = mapped_column(String(8))
    count: Mapped[int] = mapped_column(Integer)
    dimensions: Mapped[int] = mapped_column(Integer)
    keys: Mapped[bytes]
    """``count`` times 32 bytes."""
    scales: Mapped[bytes]
    """``count`` little-endian float32: multiply the int8 vector by it."""
    vectors: Mapped[bytes]
    """``count`` times ``dimensions`` int8, row by row."""
    made_at: Mapped[datetime]
    __table_args__ = (Index("ix_vector_blocks_model", "model_hash", "language"),)


class MatchRow(Base):
    """A passage that may carry a claim. Names the hash of the text it indexes."""

    __tablename__ = "matches"
    id: Mapped[int] = mapped_column(primary_key=True)
    claim_row_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"))
    text_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    model_hash: Mapped[str] = mapped_column(String(SHA256_HEX))
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    level: Mapped[str] = mapped_column(String(8))
    score: Mapped[float] = mapped_column(Float)
    parts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    verdict: Mapped[str] = mapped_column(String(12))
    facts: Mapped[list[Any]] = mapped_column(default=list)
    door: Mapped[str] = mapped_column(String(10))
    near_miss: Mapped[dict[str, Any] | None] = mapped_column(Json)
    """``field``, ``text``, ``excludes``: why it is, or may be, of something else; empty for a passage of the claim's own subject."""
    marks: Mapped[list[Any] | None] = mapped_column(Json)
    """[start, end, kind] of what is marked in the shown passage."""
    made_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("claim_row_id", "article_id", "text_sha256", "model_hash", "start", "end", name="uq_matches_passage"),
    )


class SharedPassageRow(Base):
    """A sentence that says what sentences of other origins say and the report does not. Made anew by each comparison."""

    __tablename__ = "shared_passages"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    model_hash: Mapped[str] = mapped_column(String(SHA256_HEX))
    text_sha256: Mapped[str] = mapped_column(String(SHA256_HEX))
    group: Mapped[int] = mapped_column(Integer)
    """Sentences of one number say one thing."""
    start: Mapped[int] = mapped_column(Integer)
    end: Mapped[int] = mapped_column(Integer)
    score: Mapped[float] = mapped_column(Float)
    marks: Mapped[list[Any] | None] = mapped_column(Json)
    """[start, end, kind] of what is marked in the shown passage."""
    __table_args__ = (Index("ix_shared_passages_report_id_model_hash", "report_id", "model_hash"),)


class CreditsRow(Base):
    """Whom an article credits, as read for one report: reading it takes longer than all the rest of a matrix."""

    __tablename__ = "article_credits"
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), primary_key=True, index=True)
    basis: Mapped[str] = mapped_column(String(SHA256_HEX))
    """Digest of headline, description and text, and of the names that were looked for."""
    credits: Mapped[list[Any]] = mapped_column(default=list)


class DerivationRow(Base):
    """What an article rests on, as far as its text shows; per report, since only related articles are compared."""

    __tablename__ = "derivations"
    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id"))
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    source_article_id: Mapped[int | None] = mapped_column(ForeignKey("articles.id"))
    credited: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(default="")
    share: Mapped[float] = mapped_column(Float, default=0.0)
    __table_args__ = (Index("ix_derivations_report_id_article_id", "report_id", "article_id"),)
