"""Read-only views for whoever queries the database with other tools. Made anew by every migration.

``COLUMNS`` documents them; docs/schema.md is made from it. Times are UTC: ``timestamptz`` on PostgreSQL, ISO text ending in Z on SQLite.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

_STATEMENTS = {
    "v_articles": """
        SELECT a.key AS article, a.outlet_id AS outlet, o.name AS outlet_name, o.owner AS owner, o.country AS country,
               a.url AS url, a.kind AS kind, a.language AS language, e.title AS title, e.text AS text,
               a.published_at AS published_at, a.published_precision AS published_precision, a.published_raw AS published_raw,
               a.first_seen_at AS first_seen_at, a.last_checked_at AS last_checked_at, a.gone_at AS gone_at,
               r.number AS revision, r.captured_at AS captured_at, e.text_sha256 AS text_sha256, c.body_sha256 AS capture_sha256,
               e.partial AS partial, e.noarchive AS noarchive, m.cluster_id AS cluster_id
        FROM articles a
        JOIN outlets o ON o.id = a.outlet_id
        JOIN revisions r ON r.id = a.current_revision_id
        JOIN extractions e ON e.id = r.extraction_id
        JOIN captures c ON c.id = r.capture_id
        LEFT JOIN cluster_members m ON m.article_id = a.id
    """,
    "v_revisions": """
        SELECT a.key AS article, r.number AS revision, r.captured_at AS captured_at, e.modified_at AS modified_at, e.title AS title,
               e.text AS text, e.text_sha256 AS text_sha256, c.body_sha256 AS capture_sha256, c.final_url AS captured_url,
               e.extractor AS extractor, e.extractor_version AS extractor_version, e.rules_version AS rules_version
        FROM revisions r
        JOIN articles a ON a.id = r.article_id
        JOIN extractions e ON e.id = r.extraction_id
        JOIN captures c ON c.id = r.capture_id
    """,
    "v_clusters": """
        SELECT m.cluster_id AS cluster_id, a.key AS article, a.outlet_id AS outlet, o.owner AS owner, a.language AS language,
               a.published_at AS published_at, a.first_seen_at AS first_seen_at
        FROM cluster_members m
        JOIN articles a ON a.id = m.article_id
        JOIN outlets o ON o.id = a.outlet_id
    """,
    "v_sightings": """
        SELECT f.url AS feed, f.outlet_id AS outlet, p.url AS page, p.kind AS kind, s.title AS title, s.published_at AS published_at,
               s.first_seen_at AS first_seen_at, s.last_seen_at AS last_seen_at, p.last_outcome AS last_outcome, a.key AS article
        FROM sightings s
        JOIN pages p ON p.id = s.page_id
        JOIN pages f ON f.id = s.feed_page_id
        LEFT JOIN articles a ON a.id = p.article_id
    """,
    "v_outcomes": """
        SELECT v.run_id AS run, v.outlet_id AS outlet, p.url AS page, p.kind AS kind, v.reason AS reason, v.planned_at AS planned_at,
               v.finished_at AS finished_at, v.outcome AS outcome, v.detail AS detail, v.status AS status,
               v.elapsed_ms AS elapsed_ms, a.key AS article
        FROM visits v
        JOIN pages p ON p.id = v.page_id
        LEFT JOIN articles a ON a.id = v.article_id
        WHERE v.state = 'done'
    """,
    "v_claim_matrix": """
        SELECT rep.key AS report, cl.claim_id AS claim, cl.kind AS claim_kind, cl.text AS claim_text, o.id AS outlet, o.owner AS owner,
               a.key AS article, a.language AS language, a.published_at AS published_at, r.number AS revision, m.level AS level,
               m.score AS score, m.verdict AS verdict, m.start AS passage_start, m."end" AS passage_end, m.text_sha256 AS text_sha256,
               m.model_hash AS model_hash, m.door AS door
        FROM matches m
        JOIN claims cl ON cl.id = m.claim_row_id AND cl.current
        JOIN reports rep ON rep.id = cl.report_id
        JOIN articles a ON a.id = m.article_id AND a.current_revision_id = m.revision_id
        JOIN revisions r ON r.id = m.revision_id
        JOIN outlets o ON o.id = a.outlet_id
    """,
    "v_outlet_health": """
        SELECT o.id AS outlet, o.name AS name, o.language AS language, o.owner AS owner,
               (SELECT count(*) FROM articles a WHERE a.outlet_id = o.id) AS articles,
               (SELECT min(a.published_at) FROM articles a WHERE a.outlet_id = o.id) AS first_published_at,
               (SELECT max(a.published_at) FROM articles a WHERE a.outlet_id = o.id) AS last_published_at,
               (SELECT max(a.first_seen_at) FROM articles a WHERE a.outlet_id = o.id) AS last_article_seen_at,
               (SELECT max(p.last_visit_at) FROM pages p WHERE p.outlet_id = o.id AND p.kind IN ('feed', 'sitemap')) AS last_feed_visit_at,
               (SELECT count(*) FROM pages p WHERE p.outlet_id = o.id AND p.kind IN ('feed', 'sitemap')
                   AND p.failures > 0) AS failing_feeds,
               (SELECT count(*) FROM pages p WHERE p.outlet_id = o.id AND p.kind IN ('feed', 'sitemap')) AS feeds,
               (SELECT count(*) FROM visits v WHERE v.outlet_id = o.id AND v.state <> 'done') AS open_visits,
               (SELECT count(*) FROM issues i WHERE i.outlet_id = o.id AND i.resolved_at IS NULL) AS open_issues
        FROM outlets o
    """,
}

ABOUT = {
    "v_articles": "One row an article: its current revision.",
    "v_revisions": "One row for each text that a publisher gave an article.",
    "v_clusters": "One row for each article that shares its text with another outlet's.",
    "v_sightings": "One row for each page that a feed or sitemap announced.",
    "v_outcomes": "One row for each visit that has ended: the ledger.",
    "v_claim_matrix": "One row for each passage that may carry a claim of a report.",
    "v_outlet_health": "One row an outlet: what came in and what is wrong.",
}
"""View -> what a row of it is."""

_ARTICLE = "public key: outlet id, colon, identity"
_OUTLET = "outlet id, as in its card"
_OWNER = "whoever decides what is printed; one origin"
_FIRST_SEEN = "when a crawl first stored it"
_PUBLISHED = "as the publisher says; empty when not said or not believable"
_TEXT_HASH = "of the text as it stands; what passages index"
_CAPTURE_HASH = "of the response's bytes"

COLUMNS: dict[str, dict[str, str]] = {
    "v_articles": {
        "article": _ARTICLE,
        "outlet": _OUTLET,
        "outlet_name": "the outlet's name",
        "owner": _OWNER,
        "country": "ISO 3166-1 code of the outlet's seat; may be empty",
        "url": "its own address",
        "kind": "article, video, live_blog",
        "language": "ISO 639-1",
        "title": "headline of the current revision",
        "text": "text of the current revision; paragraphs end in a newline",
        "published_at": _PUBLISHED,
        "published_precision": "day, minute, second; a day never decides who was first",
        "published_raw": "the date as it was written",
        "first_seen_at": _FIRST_SEEN,
        "last_checked_at": "when it was last read again",
        "gone_at": "when its page was first found gone; empty while it stands",
        "revision": "number of the current revision, from 1",
        "captured_at": "when the current revision's response was fetched",
        "text_sha256": _TEXT_HASH,
        "capture_sha256": _CAPTURE_HASH,
        "partial": "only a teaser or paywall stub was served",
        "noarchive": "the publisher asked for no copy",
        "cluster_id": "equal for copies of one text; empty when it has none",
    },
    "v_revisions": {
        "article": _ARTICLE,
        "revision": "from 1",
        "captured_at": "when its response was fetched",
        "modified_at": "as the publisher says",
        "title": "headline",
        "text": "text",
        "text_sha256": _TEXT_HASH,
        "capture_sha256": _CAPTURE_HASH,
        "captured_url": "the address that answered",
        "extractor": "what read the text out of the page",
        "extractor_version": "its version",
        "rules_version": "version of our own rules",
    },
    "v_clusters": {
        "cluster_id": "smallest internal id in the cluster; changes when clusters join",
        "article": _ARTICLE,
        "outlet": _OUTLET,
        "owner": _OWNER,
        "language": "ISO 639-1",
        "published_at": _PUBLISHED,
        "first_seen_at": _FIRST_SEEN,
    },
    "v_sightings": {
        "feed": "address of the feed or sitemap",
        "outlet": _OUTLET,
        "page": "address it announced",
        "kind": "article, video, feed, sitemap",
        "title": "headline in the feed",
        "published_at": "as the feed says",
        "first_seen_at": "when the feed first listed it",
        "last_seen_at": "when the feed last listed it",
        "last_outcome": "how the page's last visit ended; empty when it has had none",
        "article": "public key of the article found there; may be empty",
    },
    "v_outcomes": {
        "run": "number of the run",
        "outlet": _OUTLET,
        "page": "address",
        "kind": "article, video, feed, sitemap",
        "reason": "feed, new, recheck, asked",
        "planned_at": "when the visit was planned",
        "finished_at": "when it ended",
        "outcome": "how it ended; see docs/glossary.md",
        "detail": "the reason in words",
        "status": "HTTP status; empty when nothing answered",
        "elapsed_ms": "milliseconds from the first request to the last byte",
        "article": "public key of the article found there; may be empty",
    },
    "v_claim_matrix": {
        "report": "key of the reference report",
        "claim": "id of the claim within the report",
        "claim_kind": "event, context, about-source",
        "claim_text": "the claim's sentence",
        "outlet": _OUTLET,
        "owner": _OWNER,
        "article": _ARTICLE,
        "language": "ISO 639-1",
        "published_at": _PUBLISHED,
        "revision": "the revision that was compared, always the current one",
        "level": "strong, possible, none",
        "score": "its scale depends on model_hash",
        "verdict": "agrees, differs, not_stated, no_key_fact",
        "passage_start": "first code point of the passage in the article's text",
        "passage_end": "one past its last",
        "text_sha256": _TEXT_HASH,
        "model_hash": "of the encoders that found it",
        "door": "how the passage became a candidate: encoder, place, lexicon",
    },
    "v_outlet_health": {
        "outlet": _OUTLET,
        "name": "its name",
        "language": "ISO 639-1",
        "owner": _OWNER,
        "articles": "stored so far",
        "first_published_at": "oldest publication",
        "last_published_at": "newest publication",
        "last_article_seen_at": "when its last new article was stored",
        "last_feed_visit_at": "when one of its feeds was last asked",
        "failing_feeds": "feeds whose last visits failed",
        "feeds": "feeds and sitemaps known",
        "open_visits": "planned or under way",
        "open_issues": "warnings not resolved",
    },
}
"""View -> column -> what it holds."""


def create_views(connection: Connection) -> None:
    """Make all views; drop the ones that are there."""
    drop_views(connection)
    for name, statement in _STATEMENTS.items():
        connection.execute(text(f"CREATE VIEW {name} AS {statement}"))


def drop_views(connection: Connection) -> None:
    """A migration calls this before it changes a table: SQLite renames no table under a view, PostgreSQL drops no column."""
    for name in reversed(_STATEMENTS):
        connection.execute(text(f"DROP VIEW IF EXISTS {name}"))
