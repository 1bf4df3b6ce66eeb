"""The whole schema. Editable until version 0.1.0, then frozen: afterwards every change is a migration of its own."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from storage.models import UtcTime
from storage.views import create_views

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
TIME = UtcTime(27)


def upgrade() -> None:
    _create_tables()
    if op.get_context().dialect.name == "postgresql":
        # The two tables name each other; SQLite knows no ALTER for it and gets the key with the table.
        op.create_foreign_key(
            "fk_articles_current_revision_id_revisions",
            "articles",
            "revisions",
            ["current_revision_id"],
            ["id"],
            deferrable=True,
            initially="DEFERRED",
        )
    _create_search_index()
    create_views(op.get_bind())


def _create_search_index() -> None:
    """The full-text index over ``search_lemmas``. Written by storage.search_index in the same transaction: batch mode drops triggers."""
    if op.get_context().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE search_index (article_id BIGINT PRIMARY KEY REFERENCES search_lemmas (article_id) ON DELETE CASCADE, "
            "lexemes TSVECTOR NOT NULL, is_clipped BOOLEAN NOT NULL)"
        )
        op.execute("CREATE INDEX ix_search_index_is_clipped ON search_index (article_id) WHERE is_clipped")
        # The list of what is not sorted in yet is read by every search, and sorting it in costs less the longer it is: of an article .57 ms
        # of the server's CPU with the 4 MB that are usual, .63 with 1 MB, 1.1 without a list.
        op.execute("CREATE INDEX ix_search_index_lexemes ON search_index USING gin (lexemes) WITH (gin_pending_list_limit = 1024)")
    else:
        # The lemmas are folded already: no diacritics are removed here, or й would become и. The signs are those of tags.
        op.execute(
            "CREATE VIRTUAL TABLE search_index USING fts5(title, body, tags, content='search_lemmas', content_rowid='article_id', "
            "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_.:-'\")"
        )


def _column(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _nullable(name: str, kind: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=True)


def _create_tables() -> None:
    op.create_table(
        "capture_bodies",
        _column("sha256", sa.String(64)),
        _column("codec", sa.String(8)),
        _column("size", KEY),
        _column("bytes", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("sha256", name="pk_capture_bodies"),
    )
    op.create_table(
        "hosts",
        _column("key", sa.String(300)),
        _nullable("lease_holder", sa.Text()),
        _nullable("lease_until", TIME),
        _nullable("next_request_at", TIME),
        _nullable("retry_after_until", TIME),
        _column("delay_s", sa.Float()),
        _nullable("robots_body", sa.LargeBinary()),
        _nullable("robots_status", sa.Integer()),
        _nullable("robots_fetched_at", TIME),
        sa.PrimaryKeyConstraint("key", name="pk_hosts"),
    )
    op.create_table(
        "endpoint_checks",
        _column("id", KEY),
        _column("outlet_id", sa.String(300)),
        _column("url", sa.Text()),
        _column("url_sha256", sa.String(64)),
        _column("verdict", sa.String(12)),
        _column("detail", sa.Text()),
        _nullable("status", sa.Integer()),
        _nullable("entries", sa.Integer()),
        _nullable("newest_at", TIME),
        _column("checked_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_endpoint_checks"),
        sa.UniqueConstraint("outlet_id", "url_sha256", name="uq_endpoint_checks_outlet_id_url_sha256"),
    )
    op.create_table(
        "issues",
        _column("id", KEY),
        _column("key", sa.String(200)),
        _column("kind", sa.String(40)),
        _nullable("outlet_id", sa.String(300)),
        _column("message", sa.Text()),
        _column("data", JSON),
        _column("first_seen_at", TIME),
        _column("last_seen_at", TIME),
        _column("count", sa.Integer()),
        _nullable("resolved_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_issues"),
        sa.UniqueConstraint("key", name="uq_issues_key"),
    )
    op.create_index("ix_issues_outlet_id", "issues", ["outlet_id"])
    op.create_table(
        "outlets",
        _column("id", sa.String(300)),
        _column("name", sa.Text()),
        _column("language", sa.String(2)),
        _column("country", sa.String(2)),
        _column("owner", sa.String(300)),
        _nullable("family", sa.String(41)),
        _column("homepage", sa.Text()),
        _column("state_media", sa.Boolean()),
        _column("also_known_as", JSON),
        _column("card_sha256", sa.String(64)),
        _column("updated_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_outlets"),
    )
    op.create_table(
        "reports",
        _column("id", KEY),
        _column("key", sa.String(60)),
        _column("title", sa.Text()),
        _column("language", sa.String(8)),
        _column("translated_from", sa.String(8)),
        _column("url", sa.Text()),
        _column("outlet", sa.Text()),
        _nullable("published_at", TIME),
        _nullable("published_precision", sa.String(6)),
        _column("published_raw", sa.Text()),
        _column("text", sa.Text()),
        _column("chain", JSON),
        _column("shared_basis", sa.String(64)),
        _column("derived_basis", sa.String(64)),
        _column("scored_setup", sa.String(64)),
        _column("background", sa.Integer()),
        _column("added_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        sa.UniqueConstraint("key", name="uq_reports_key"),
    )
    op.create_table(
        "dossiers",
        _column("id", KEY),
        _column("report_id", KEY),
        _column("format", sa.String(8)),
        _column("basis", sa.String(64)),
        _column("mark", sa.String(80)),
        _column("body", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_dossiers_report_id_reports"),
        sa.PrimaryKeyConstraint("id", name="pk_dossiers"),
        sa.UniqueConstraint("report_id", "format", name="uq_dossiers_report_id_format"),
    )
    op.create_table(
        "runs",
        _column("id", KEY),
        _column("kind", sa.String(20)),
        _column("state", sa.String(20)),
        _column("started_at", TIME),
        _nullable("finished_at", TIME),
        _nullable("heartbeat_at", TIME),
        _column("holder", sa.Text()),
        _column("user_agent", sa.Text()),
        _column("request", JSON),
        _column("discovered", KEY),
        _column("claimed", KEY),
        _column("released", KEY),
        _column("failed_outlets", JSON),
        _column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
    )
    op.create_table(
        "vector_blocks",
        _column("id", KEY),
        _column("model_hash", sa.String(64)),
        _column("language", sa.String(8)),
        _column("count", sa.Integer()),
        _column("dimensions", sa.Integer()),
        _column("keys", sa.LargeBinary()),
        _column("scales", sa.LargeBinary()),
        _column("vectors", sa.LargeBinary()),
        _column("made_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_vector_blocks"),
    )
    op.create_index("ix_vector_blocks_model", "vector_blocks", ["model_hash", "language"])
    op.create_table(
        "lead_blocks",
        _column("id", KEY),
        _column("model_hash", sa.String(64)),
        _column("language", sa.String(8)),
        _column("count", sa.Integer()),
        _column("dimensions", sa.Integer()),
        _column("extraction_ids", sa.LargeBinary()),
        _column("text_keys", sa.LargeBinary()),
        _column("scales", sa.LargeBinary()),
        _column("rows", sa.LargeBinary()),
        _column("made_at", TIME),
        sa.PrimaryKeyConstraint("id", name="pk_lead_blocks"),
    )
    op.create_index("ix_lead_blocks_model", "lead_blocks", ["model_hash", "language"])
    op.create_table(
        "articles",
        _column("id", KEY),
        _column("key", sa.Text()),
        _column("outlet_id", sa.String(300)),
        _column("identity_space", sa.String(300)),
        _column("identity", sa.String(200)),
        _column("url", sa.Text()),
        _column("kind", sa.String(10)),
        _column("language", sa.String(8)),
        _nullable("current_revision_id", KEY),
        _nullable("published_at", TIME),
        _nullable("published_precision", sa.String(6)),
        _nullable("published_source", sa.String(16)),
        _nullable("published_raw", sa.Text()),
        _column("first_seen_at", TIME),
        _column("last_checked_at", TIME),
        _nullable("gone_at", TIME),
        _column("pending_match", sa.Boolean()),
        sa.ForeignKeyConstraint(
            ["current_revision_id"],
            ["revisions.id"],
            name="fk_articles_current_revision_id_revisions",
            initially="DEFERRED",
            deferrable=True,
            use_alter=True,
        ),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_articles_outlet_id_outlets"),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.UniqueConstraint("identity_space", "identity", name="uq_articles_identity_space_identity"),
        sa.UniqueConstraint("key", name="uq_articles_key"),
    )
    op.create_index("ix_articles_outlet_id", "articles", ["outlet_id", "kind", "published_at"])
    op.create_index(
        "ix_articles_pending_match",
        "articles",
        ["id"],
        unique=False,
        sqlite_where=sa.text("pending_match"),
        postgresql_where=sa.text("pending_match"),
    )
    op.create_index("ix_articles_published_at", "articles", ["published_at"])
    op.create_table(
        "backgrounds",
        _column("id", KEY),
        _column("report_id", KEY),
        _column("language", sa.String(8)),
        _column("model_hash", sa.String(64)),
        _column("number", sa.Integer()),
        _column("sample_size", sa.Integer()),
        _column("sample", JSON),
        _column("claims", JSON),
        _column("made_at", TIME),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_backgrounds_report_id_reports"),
        sa.PrimaryKeyConstraint("id", name="pk_backgrounds"),
    )
    op.create_table(
        "claims",
        _column("id", KEY),
        _column("report_id", KEY),
        _column("claim_id", sa.String(20)),
        _column("version", sa.Integer()),
        _column("position", sa.Integer()),
        _column("kind", sa.String(14)),
        _column("text", sa.Text()),
        _column("context", sa.Text()),
        _column("speaker", sa.Text()),
        _column("hearsay", sa.Boolean()),
        _column("facts", JSON),
        _column("current", sa.Boolean()),
        _column("added_at", TIME),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_claims_report_id_reports"),
        sa.PrimaryKeyConstraint("id", name="pk_claims"),
        sa.UniqueConstraint("report_id", "claim_id", "version", name="uq_claims_report_id_claim_id_version"),
    )
    op.create_table(
        "claim_changes",
        _column("id", KEY),
        _column("report_id", KEY),
        _column("change", sa.String(12)),
        _column("claim_id", sa.String(20)),
        _column("version", sa.Integer()),
        _column("others", JSON),
        _column("changed_by", sa.Text()),
        _column("changed_at", TIME),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_claim_changes_report_id_reports"),
        sa.PrimaryKeyConstraint("id", name="pk_claim_changes"),
    )
    op.create_index("ix_claim_changes_report_id", "claim_changes", ["report_id"])
    op.create_table(
        "aliases",
        _column("id", KEY),
        _column("article_id", KEY),
        _column("url", sa.Text()),
        _column("url_sha256", sa.String(64)),
        _column("first_seen_at", TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_aliases_article_id_articles"),
        sa.PrimaryKeyConstraint("id", name="pk_aliases"),
        sa.UniqueConstraint("url_sha256", name="uq_aliases_url_sha256"),
    )
    op.create_index("ix_aliases_article_id", "aliases", ["article_id"])
    op.create_table(
        "cluster_members",
        _column("article_id", KEY),
        _column("cluster_id", KEY),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_cluster_members_article_id_articles"),
        sa.PrimaryKeyConstraint("article_id", name="pk_cluster_members"),
    )
    op.create_index("ix_cluster_members_cluster_id", "cluster_members", ["cluster_id"])
    op.create_table(
        "copies",
        _column("article_a", KEY),
        _column("article_b", KEY),
        _column("kind", sa.String(10)),
        _column("jaccard", sa.Float()),
        _column("containment_a", sa.Float()),
        _column("containment_b", sa.Float()),
        _column("confirmed_at", TIME),
        sa.CheckConstraint("article_a < article_b", name="ck_copies_ordered"),
        sa.ForeignKeyConstraint(["article_a"], ["articles.id"], name="fk_copies_article_a_articles"),
        sa.ForeignKeyConstraint(["article_b"], ["articles.id"], name="fk_copies_article_b_articles"),
        sa.PrimaryKeyConstraint("article_a", "article_b", name="pk_copies"),
    )
    op.create_index("ix_copies_article_b", "copies", ["article_b"])
    op.create_table(
        "derivations",
        _column("id", KEY),
        _column("report_id", KEY),
        _column("article_id", KEY),
        _column("kind", sa.String(12)),
        _nullable("source_article_id", KEY),
        _column("credited", sa.Text()),
        _column("evidence", sa.Text()),
        _column("share", sa.Float()),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_derivations_article_id_articles"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_derivations_report_id_reports"),
        sa.ForeignKeyConstraint(["source_article_id"], ["articles.id"], name="fk_derivations_source_article_id_articles"),
        sa.PrimaryKeyConstraint("id", name="pk_derivations"),
    )
    op.create_index("ix_derivations_article_id", "derivations", ["article_id"])
    op.create_index("ix_derivations_report_id_article_id", "derivations", ["report_id", "article_id"])
    op.create_table(
        "judgements",
        _column("id", KEY),
        _column("report_id", KEY),
        _column("claim_id", sa.String(20)),
        _column("claim_text", sa.Text()),
        _column("article_id", KEY),
        _column("ruling", sa.String(14)),
        _column("same_as", sa.Text()),
        _column("note", sa.Text()),
        _column("text_sha256", sa.String(64)),
        _column("revision", sa.Integer()),
        _column("quote", sa.Text()),
        _column("before", sa.Text()),
        _column("after", sa.Text()),
        _column("machine", JSON),
        _column("judged_by", sa.Text()),
        _column("judged_at", TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_judgements_article_id_articles"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_judgements_report_id_reports"),
        sa.PrimaryKeyConstraint("id", name="pk_judgements"),
    )
    op.create_index("ix_judgements_article_id", "judgements", ["article_id"])
    op.create_index("ix_judgements_report_id_claim_id", "judgements", ["report_id", "claim_id"])
    op.create_table(
        "shared_passages",
        _column("id", KEY),
        _column("report_id", KEY),
        _column("article_id", KEY),
        _column("model_hash", sa.String(64)),
        _column("text_sha256", sa.String(64)),
        _column("group", sa.Integer()),
        _column("start", sa.Integer()),
        _column("end", sa.Integer()),
        _column("score", sa.Float()),
        _nullable("marks", JSON),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_shared_passages_article_id_articles"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_shared_passages_report_id_reports"),
        sa.PrimaryKeyConstraint("id", name="pk_shared_passages"),
    )
    op.create_index("ix_shared_passages_article_id", "shared_passages", ["article_id"])
    op.create_index("ix_shared_passages_report_id_model_hash", "shared_passages", ["report_id", "model_hash"])
    op.create_table(
        "pages",
        _column("id", KEY),
        _column("url", sa.Text()),
        _column("url_sha256", sa.String(64)),
        _column("outlet_id", sa.String(300)),
        _column("kind", sa.String(10)),
        _column("host_key", sa.String(300)),
        _column("depth", sa.SmallInteger()),
        _nullable("article_id", KEY),
        _column("etag", sa.Text()),
        _column("last_modified", sa.Text()),
        _column("first_seen_at", TIME),
        _nullable("last_visit_at", TIME),
        _nullable("last_outcome", sa.String(20)),
        _nullable("next_due_at", TIME),
        _column("failures", sa.Integer()),
        _nullable("body_sha256", sa.String(64)),
        _column("unmodified", sa.Integer()),
        _column("validators_lie", sa.Boolean()),
        _nullable("gone_at", TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_pages_article_id_articles"),
        sa.ForeignKeyConstraint(["outlet_id"], ["outlets.id"], name="fk_pages_outlet_id_outlets"),
        sa.PrimaryKeyConstraint("id", name="pk_pages"),
        sa.UniqueConstraint("url_sha256", name="uq_pages_url_sha256"),
    )
    op.create_index("ix_pages_article_id", "pages", ["article_id"])
    op.create_index("ix_pages_next_due_at", "pages", ["next_due_at"])
    op.create_index("ix_pages_outlet_id", "pages", ["outlet_id"])
    op.create_table(
        "relevance",
        _column("report_id", KEY),
        _column("article_id", KEY),
        _column("extraction_id", KEY),
        _column("revision", sa.Integer()),
        _column("text_sha256", sa.String(64)),
        _column("model_hash", sa.String(64)),
        _column("score", sa.Float()),
        _column("related", sa.Boolean()),
        _column("looked", sa.Boolean()),
        _column("matched", sa.Boolean()),
        _column("parts", JSON),
        _column("scored_at", TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_relevance_article_id_articles"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_relevance_report_id_reports"),
        sa.PrimaryKeyConstraint("report_id", "article_id", name="pk_relevance"),
    )
    op.create_index("ix_relevance_article_id", "relevance", ["article_id"])
    op.create_index(
        "ix_relevance_open",
        "relevance",
        ["report_id", "article_id"],
        sqlite_where=sa.text("NOT matched OR related"),
        postgresql_where=sa.text("NOT matched OR related"),
    )
    op.create_table(
        "search_lemmas",
        _column("article_id", KEY),
        _column("title", sa.Text()),
        _column("body", sa.Text()),
        _column("tags", sa.Text()),
        _column("lemmatiser", sa.String(40)),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_search_lemmas_article_id_articles"),
        sa.PrimaryKeyConstraint("article_id", name="pk_search_lemmas"),
    )
    op.create_table(
        "signature_bands",
        _column("band", sa.SmallInteger()),
        _column("hash", sa.BigInteger()),
        _column("article_id", KEY),
        sa.PrimaryKeyConstraint("band", "hash", "article_id", name="pk_signature_bands"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "signatures",
        _column("article_id", KEY),
        _column("version", sa.String(40)),
        _column("normal_sha256", sa.String(64)),
        _column("shingle_count", sa.Integer()),
        _column("signature", sa.LargeBinary()),
        _column("anchors", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_signatures_article_id_articles"),
        sa.PrimaryKeyConstraint("article_id", name="pk_signatures"),
    )
    op.create_index("ix_signatures_normal_sha256", "signatures", ["normal_sha256"])
    op.create_table(
        "captures",
        _column("id", KEY),
        _column("page_id", KEY),
        _nullable("run_id", KEY),
        _column("requested_url", sa.Text()),
        _column("final_url", sa.Text()),
        _column("hops", JSON),
        _column("status", sa.Integer()),
        _column("headers", JSON),
        _column("content_type", sa.Text()),
        _column("body_sha256", sa.String(64)),
        _column("size", KEY),
        _column("fetched_at", TIME),
        _column("user_agent", sa.Text()),
        _column("provenance", sa.String(16)),
        _column("note", sa.Text()),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="fk_captures_page_id_pages"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_captures_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_captures"),
    )
    op.create_table(
        "seals",
        _column("number", KEY),
        _column("run_id", KEY),
        _column("capture_ids", JSON),
        _column("leaves", sa.LargeBinary()),
        _column("root", sa.String(64)),
        _column("previous", sa.String(64)),
        _column("digest", sa.String(64)),
        _column("sealed_at", TIME),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_seals_run_id_runs"),
        sa.PrimaryKeyConstraint("number", name="pk_seals"),
        sa.UniqueConstraint("run_id", name="uq_seals_run_id"),
    )
    op.create_index("ix_captures_body_sha256", "captures", ["body_sha256"])
    op.create_index("ix_captures_fetched_at", "captures", ["fetched_at"])
    op.create_index("ix_captures_page_id", "captures", ["page_id"])
    op.create_table(
        "sightings",
        _column("id", KEY),
        _column("page_id", KEY),
        _column("feed_page_id", KEY),
        _column("first_seen_at", TIME),
        _column("last_seen_at", TIME),
        _column("title", sa.Text()),
        _nullable("headline", sa.BigInteger()),
        _column("description", sa.Text()),
        _nullable("published_at", TIME),
        _nullable("published_precision", sa.String(6)),
        _nullable("published_raw", sa.Text()),
        _nullable("modified_at", TIME),
        _nullable("modified_raw", sa.Text()),
        _column("entry", JSON),
        sa.ForeignKeyConstraint(["feed_page_id"], ["pages.id"], name="fk_sightings_feed_page_id_pages"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="fk_sightings_page_id_pages"),
        sa.PrimaryKeyConstraint("id", name="pk_sightings"),
        sa.UniqueConstraint("page_id", "feed_page_id", name="uq_sightings_page_id_feed_page_id"),
    )
    op.create_index("ix_sightings_feed_page_id", "sightings", ["feed_page_id"])
    op.create_index(
        "ix_sightings_headline",
        "sightings",
        ["headline"],
        sqlite_where=sa.text("headline IS NOT NULL"),
        postgresql_where=sa.text("headline IS NOT NULL"),
    )
    op.create_table(
        "yields",
        _column("outlet_id", sa.String(300)),
        _column("section", sa.String(60)),
        _column("pages", KEY),
        _column("near", sa.Float()),
        sa.PrimaryKeyConstraint("outlet_id", "section", name="pk_yields"),
    )
    op.create_table(
        "citations",
        _column("article_id", KEY),
        _column("page_id", KEY),
        _column("first_seen_at", TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_citations_article_id_articles"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="fk_citations_page_id_pages"),
        sa.PrimaryKeyConstraint("article_id", "page_id", name="pk_citations"),
    )
    op.create_index("ix_citations_page_id", "citations", ["page_id"])
    op.create_table(
        "extractions",
        _column("id", KEY),
        _column("capture_id", KEY),
        _column("extractor", sa.String(40)),
        _column("extractor_version", sa.String(40)),
        _column("rules_version", sa.String(40)),
        _column("page_class", sa.String(16)),
        _column("kind", sa.String(10)),
        _column("title", sa.Text()),
        _column("text", sa.Text()),
        _column("text_sha256", sa.String(64)),
        _column("description", sa.Text()),
        _column("authors", JSON),
        _column("language", sa.String(8)),
        _nullable("published_at", TIME),
        _nullable("published_precision", sa.String(6)),
        _nullable("published_source", sa.String(16)),
        _nullable("published_raw", sa.Text()),
        _nullable("modified_at", TIME),
        _nullable("modified_precision", sa.String(6)),
        _nullable("modified_source", sa.String(16)),
        _nullable("modified_raw", sa.Text()),
        _column("canonical_url", sa.Text()),
        _column("image_url", sa.Text()),
        _column("site_name", sa.Text()),
        _nullable("duration_s", sa.Integer()),
        _column("links", JSON),
        _column("entries", JSON),
        _column("charset", sa.Text()),
        _column("partial", sa.Boolean()),
        _column("noarchive", sa.Boolean()),
        _column("sanitised", sa.Boolean()),
        _column("cpu_ms", sa.Float()),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_extractions_capture_id_captures"),
        sa.PrimaryKeyConstraint("id", name="pk_extractions"),
        sa.UniqueConstraint("capture_id", "extractor", "extractor_version", "rules_version", name="uq_extractions_capture_id_version"),
    )
    op.create_index("ix_extractions_partial", "extractions", ["id"], sqlite_where=sa.text("partial"), postgresql_where=sa.text("partial"))
    op.create_table(
        "visits",
        _column("id", KEY),
        _column("page_id", KEY),
        _column("outlet_id", sa.String(300)),
        _column("host_key", sa.String(300)),
        _column("section", sa.String(60)),
        _column("reason", sa.String(12)),
        _column("priority", sa.Float()),
        _column("state", sa.String(8)),
        _column("planned_at", TIME),
        _nullable("not_before", TIME),
        _nullable("run_id", KEY),
        _nullable("lease_until", TIME),
        _nullable("finished_at", TIME),
        _nullable("outcome", sa.String(20)),
        _column("detail", sa.Text()),
        _nullable("status", sa.Integer()),
        _column("hops", JSON),
        _nullable("entries", sa.Integer()),
        _column("truncated", sa.Integer()),
        _nullable("capture_id", KEY),
        _nullable("article_id", KEY),
        _column("elapsed_ms", sa.Float()),
        _column("cpu_ms", sa.Float()),
        sa.CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="ck_visits_outcome_when_done"),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_visits_article_id_articles"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_visits_capture_id_captures"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="fk_visits_page_id_pages"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name="fk_visits_run_id_runs"),
        sa.PrimaryKeyConstraint("id", name="pk_visits"),
    )
    op.create_index(
        "ix_visits_open",
        "visits",
        ["state", "outlet_id", "priority"],
        unique=False,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_index("ix_visits_run_id", "visits", ["run_id"])
    op.create_index(
        "uq_visits_open_page_id",
        "visits",
        ["page_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'done'"),
        postgresql_where=sa.text("state <> 'done'"),
    )
    op.create_table(
        "tombstones",
        _column("digest", sa.String(64)),
        _column("salt", sa.String(32)),
        _column("note", sa.Text()),
        _column("buried_at", TIME),
        sa.PrimaryKeyConstraint("digest", name="pk_tombstones"),
    )
    op.create_table(
        "quarantine",
        _column("id", KEY),
        _column("visit_id", KEY),
        _column("reason", sa.String(20)),
        _column("detail", sa.Text()),
        _column("codec", sa.String(8)),
        _column("size", KEY),
        _column("bytes", sa.LargeBinary()),
        _column("kept_at", TIME),
        sa.ForeignKeyConstraint(["visit_id"], ["visits.id"], name="fk_quarantine_visit_id_visits"),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("visit_id", name="uq_quarantine_visit_id"),
    )
    op.create_table(
        "revisions",
        _column("id", KEY),
        _column("article_id", KEY),
        _column("number", sa.Integer()),
        _column("capture_id", KEY),
        _column("extraction_id", KEY),
        _column("normal_sha256", sa.String(64)),
        _column("captured_at", TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_revisions_article_id_articles"),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name="fk_revisions_capture_id_captures"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extractions.id"], name="fk_revisions_extraction_id_extractions"),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.UniqueConstraint("article_id", "number", name="uq_revisions_article_id_number"),
    )
    op.create_index("ix_revisions_extraction_id", "revisions", ["extraction_id"])
    op.create_table(
        "matches",
        _column("id", KEY),
        _column("claim_row_id", KEY),
        _column("article_id", KEY),
        _column("revision_id", KEY),
        _column("text_sha256", sa.String(64)),
        _column("model_hash", sa.String(64)),
        _column("start", sa.Integer()),
        _column("end", sa.Integer()),
        _column("level", sa.String(8)),
        _column("score", sa.Float()),
        _column("parts", JSON),
        _column("verdict", sa.String(12)),
        _column("facts", JSON),
        _column("door", sa.String(10)),
        _nullable("near_miss", JSON),
        _nullable("marks", JSON),
        _column("made_at", TIME),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_matches_article_id_articles"),
        sa.ForeignKeyConstraint(["claim_row_id"], ["claims.id"], name="fk_matches_claim_row_id_claims"),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name="fk_matches_revision_id_revisions"),
        sa.PrimaryKeyConstraint("id", name="pk_matches"),
        sa.UniqueConstraint("claim_row_id", "article_id", "text_sha256", "model_hash", "start", "end", name="uq_matches_passage"),
    )
    op.create_index("ix_matches_article_id", "matches", ["article_id"])
    op.create_table(
        "article_credits",
        _column("report_id", KEY),
        _column("article_id", KEY),
        _column("basis", sa.String(64)),
        _column("credits", JSON),
        sa.ForeignKeyConstraint(["article_id"], ["articles.id"], name="fk_article_credits_article_id_articles"),
        sa.ForeignKeyConstraint(["report_id"], ["reports.id"], name="fk_article_credits_report_id_reports"),
        sa.PrimaryKeyConstraint("report_id", "article_id", name="pk_article_credits"),
    )
    op.create_index("ix_article_credits_article_id", "article_credits", ["article_id"])
    # ### end Alembic commands ###
