"""A small database of every kind of thing, kept of each release, so that every later schema is proved on it.

    python -m tests.golden_database tests/fixtures/releases/VERSION

makes VERSION.db.gz (the SQLite file) and VERSION.postgresql.gz (a JSON document: the schema's revision and every table as COPY writes it).
``fill`` writes by this version's own write path; ``check`` reads, after an upgrade, what any version must still be able to read. What
``check`` asks for is never taken out again: kept files hold it.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from alembic import command
from psycopg import sql
from sqlalchemy import create_engine

from storage import queries, reports, runs, search
from storage.articles import mark_gone
from storage.claim_records import Claim, ReferenceReport
from storage.clusters import cluster_of
from storage.database import alembic_config, open_database, open_reader, upgrade_database
from storage.issues import list_issues, record_issue
from storage.records import PublishedTime
from storage.run_records import RunState
from storage.verification import verify_database
from tests.integration.storage.builders import Writer, make_extraction, make_outlet
from tests.integration.storage.texts import EDITED, INDEPENDENT, WIRE
from tests.postgres import Server

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "http://radio.example/power-cut"
REPORT = ReferenceReport(
    key="river-power",
    title="Power cut at the river",
    language="en",
    published=PublishedTime(),
    text="Four villages had no power.",
    claims=(Claim(id="c01", text="Four villages had no power."),),
)


def fill(url: str) -> None:
    """Into an empty database of the current schema."""
    with closing(open_database(url)) as database:
        writer = Writer(database, [make_outlet("radio"), make_outlet("paper")], NOW)
        writer.write(URL, make_extraction("Power cut", WIRE), NOW)
        writer.write(URL, make_extraction("Power cut", WIRE.replace("1,400", "1,500")), NOW + timedelta(hours=1))
        writer.write(f"{URL}?print=1", make_extraction("Power cut", WIRE, canonical_url=URL), NOW)
        writer.write("http://paper.example/copy", make_extraction("Lights out", EDITED), NOW, outlet="paper")
        gone = writer.write("http://paper.example/other", make_extraction("In other words", INDEPENDENT), NOW, outlet="paper")
        with database.write() as session:
            mark_gone(session, gone.visit.page_id, NOW + timedelta(days=1))
            reports.save_report(session, REPORT, NOW)
            record_issue(session, key="golden", kind="test", message="one open issue", outlet_id="radio", now=NOW)
            runs.close_run(session, writer.run_id, RunState.DONE, now=NOW + timedelta(days=1))


def check(url: str) -> None:
    """That all of it is there in a database that has been upgraded."""
    assert verify_database(url) == []
    with closing(open_reader(url)) as database, database.read() as session:
        keys = {article.url: article for article in queries.load_articles(session)}
        power, other = keys[URL], keys["http://paper.example/other"]
        assert [("1,400" in revision.text, "1,500" in revision.text) for revision in queries.history(session, power.key)] == [
            (True, False),
            (False, True),
        ]
        assert len(cluster_of(session, power.article_id)) == 2
        assert other.gone_at == NOW + timedelta(days=1)
        assert {hit.article for hit in search.search(session, '"ferry runs again"').hits} >= {power.key}
        assert queries.counts(session)["aliases"] == 1
        assert [claim.text for claim in reports.load_report(session, REPORT.key).claims] == ["Four villages had no power."]
        assert [issue.message for issue in list_issues(session)] == ["one open issue"]


def dump_postgresql(url: str) -> bytes:
    """The revision and all rows, by table, compressed."""
    with psycopg.connect(url) as connection:
        [(revision,)] = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        tables = {}
        for (name,) in connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1"
        ).fetchall():
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as copy:
                tables[name] = b"".join(copy).decode()
    return _compress(json.dumps({"revision": revision, "tables": tables}).encode())


def load_postgresql(url: str, kept: bytes) -> None:
    """Into an empty database: the schema of that revision by our own migrations, then the rows. Needs the rights of a superuser."""
    dump = json.loads(gzip.decompress(kept))
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), dump["revision"])
    engine.dispose()
    with psycopg.connect(url) as connection:
        # References hold as a whole, not in the order of the tables' names.
        connection.execute("SET session_replication_role = replica")
        connection.execute("DELETE FROM alembic_version")
        for name, rows in dump["tables"].items():
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))) as copy:
                copy.write(rows.encode())


def dump_sqlite(url: str) -> bytes:
    """The file, whose last connection is closed, so that its write-ahead log is in it."""
    return _compress(Path(url.removeprefix("sqlite:///")).read_bytes())


def _compress(data: bytes) -> bytes:
    # No time in the header: the same bytes give the same file.
    return gzip.compress(data, 9, mtime=0)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    server = Server.create()
    try:
        with tempfile.TemporaryDirectory() as folder:
            server.execute("CREATE DATABASE golden")
            for url, suffix in ((f"sqlite:///{folder}/golden.db", "db"), (server.url("golden"), "postgresql")):
                upgrade_database(url)
                fill(url)
                check(url)
                kept = dump_sqlite(url) if suffix == "db" else dump_postgresql(url)
                target.with_name(f"{target.name}.{suffix}.gz").write_bytes(kept)
    finally:
        server.stop()
        server.remove()
    return 0


if __name__ == "__main__":
    sys.exit(main())
