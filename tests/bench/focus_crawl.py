"""A small newsroom of ``tests.bench.focus_corpus`` over HTTP, crawled by the installed command with a report and a budget."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from config.card_text import render_card
from storage.database import open_database, upgrade_database
from storage.reports import save_report
from tests.bench.focus_corpus import Document, Newsroom

ROOT = Path(__file__).parents[2]


def crawl_small(newsroom: Newsroom, budget: int) -> dict[str, Any]:
    """What share of the related pages the server was asked for, and when."""
    asked: list[str] = []
    by_url = {document.entry.url: document for document in newsroom.documents}
    by_feed: dict[str, list[Document]] = defaultdict(list)
    for document in newsroom.documents:
        by_feed[document.feed].append(document)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            url = f"http://{self.headers.get('Host', '').split(':')[0]}{self.path}"
            status, kind, body = 404, "text/plain", b""
            if url in by_url:
                asked.append(url)
                status, kind, body = 200, "text/html; charset=utf-8", _page(by_url[url])
            elif urlsplit(url).path.endswith(".xml"):
                status, kind, body = 200, "application/xml", _listing(by_feed.get(url, []))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "cards").mkdir()
        for outlet in newsroom.outlets:
            (folder / "cards" / f"{outlet.id}.toml").write_text(render_card(outlet), encoding="utf-8")
        connect = ", ".join(f'"{outlet.id}.example:80" = "127.0.0.1:{server.server_address[1]}"' for outlet in newsroom.outlets)
        config = folder / "config.toml"
        config.write_text(
            f'database = "sqlite:///{folder / "focus.db"}"\noutlets_dir = "{folder / "cards"}"\nbundled_outlets = false\n'
            f'encoder = "none"\nconnect_to = {{ {connect} }}\n[crawl]\ndelay_s = 0\n'
        )
        upgrade_database(f"sqlite:///{folder / 'focus.db'}")
        with closing(open_database(f"sqlite:///{folder / 'focus.db'}")) as database, database.write() as session:
            for report in newsroom.reports:
                save_report(session, report, datetime.now(UTC))
        command = [
            sys.executable,
            "-P",
            "-m",
            "interfaces.cli.main",
            "--config",
            str(config),
            "crawl",
            "--max-pages",
            str(budget),
            "--json",
        ]
        ended = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    server.shutdown()
    if ended.returncode not in (0, 1):
        raise RuntimeError(ended.stderr.decode("utf-8", "replace")[-2000:])
    related = sum(document.related for document in newsroom.documents)
    found = [by_url[url].related for url in asked]
    return {
        "pages": len(newsroom.documents),
        "fetched": len(asked),
        "related_found": sum(found),
        "share": round(sum(found) / related, 4),
        "share_after_half": round(sum(found[: len(found) // 2]) / related, 4),
        "outcomes": json.loads(ended.stdout)["outcomes"],
    }


def _page(document: Document) -> bytes:
    extraction = document.extraction
    text = "".join(f"<p>{escape(line)}</p>" for line in extraction.text.split("\n"))
    links = "".join(f'<a href="{escape(link)}">more</a> ' for link in extraction.links)
    published = extraction.published.at.isoformat() if extraction.published.at else ""
    return (
        f"<html lang='{extraction.language}'><head><title>{escape(extraction.title)}</title>"
        f"<meta property='article:published_time' content='{published}'></head><body><article><h1>{escape(extraction.title)}</h1>"
        f"{text}<p>{links}</p></article></body></html>"
    ).encode()


def _listing(documents: list[Document]) -> bytes:
    """A feed where there are headlines, else a sitemap."""
    if any(document.entry.title for document in documents):
        items = "".join(
            f"<item><title>{escape(d.entry.title)}</title><link>{escape(d.entry.url)}</link>"
            f"<description>{escape(d.entry.description)}</description>"
            f"<pubDate>{format_datetime(d.entry.published.at) if d.entry.published.at else ''}</pubDate></item>"
            for d in documents
        )
        return f"<rss version='2.0'><channel><title>news</title>{items}</channel></rss>".encode()
    urls = "".join(
        f"<url><loc>{escape(d.entry.url)}</loc><lastmod>{d.entry.modified.at.isoformat() if d.entry.modified.at else ''}</lastmod></url>"
        for d in documents
    )
    return f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()
