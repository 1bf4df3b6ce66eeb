"""Real pages through the whole product: served from loopback as a dozen outlets, crawled, and read back from the database.

    python -m tests.bench.real_pages --data DIR [--json] [--keep DIR]

DIR is as for tests.bench.extraction. Half of the outlets announce their pages in an RSS feed, half in a sitemap (some gzipped).
Beside the accuracy of what was stored stands trafilatura's own default over the same bytes in the same run. Everything is
checked against the server's access log: each page was asked for once, and every visit has one outcome. Pages whose publishers
reserve archiving are measured too, by the outlet card's override; without it their texts would not be kept (``reserved`` counts them).
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import closing
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from storage import queries
from storage.database import open_reader
from tests.bench.article_pages import Page, Reading, Scores, read_sets
from tests.bench.extraction import library
from tests.bench.process_tree import watch

OUTLETS = 12
UNREAD = ("quarantined", "extract_empty", "protocol_error", "extract_crash", "extract_timeout", "bad_encoding")


class Site:
    """All outlets on one port, told apart by the Host header; remembers every request."""

    def __init__(self, pages: dict[str, tuple[str, Page]]) -> None:
        self.pages = {page_path: page for page_path, (_, page) in pages.items()}
        self.hosts = {page_path: host for page_path, (host, _) in pages.items()}
        self.log: list[tuple[str, str, int]] = []
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                host = self.headers.get("Host", "").split(":")[0]
                status, kind, body = site.answer(host, self.path)
                site.log.append((host, self.path, status))
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server.server_address[1])

    def answer(self, host: str, path: str) -> tuple[int, str, bytes]:
        if path in self.pages and self.hosts[path] == host:
            return 200, "text/html", self.pages[path].html
        mine = [page_path for page_path, owner in self.hosts.items() if owner == host]
        if path == "/rss.xml":
            items = "".join(f"<item><title>{escape(self.pages[p].name)}</title><link>http://{host}{p}</link></item>" for p in mine)
            return 200, "application/rss+xml", f"<rss version='2.0'><channel><title>{host}</title>{items}</channel></rss>".encode()
        if path in ("/sitemap.xml", "/sitemap.xml.gz"):
            urls = "".join(f"<url><loc>http://{host}{p}</loc></url>" for p in mine)
            body = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode()
            return (200, "application/gzip", gzip.compress(body)) if path.endswith("gz") else (200, "application/xml", body)
        return 404, "text/plain", b"not here"


def write_cards(folder: Path, number: int) -> str:
    host = f"outlet{number:02}.example"
    address, kind = [("rss.xml", "feed"), ("sitemap.xml", "sitemap"), ("sitemap.xml.gz", "sitemap")][number % 3]
    (folder / f"outlet{number:02}.toml").write_text(
        f'id = "outlet{number:02}"\nname = "Outlet {number}"\nlanguage = "en"\nowner = "outlet{number:02}"\n'
        f'homepage = "http://{host}/"\ndomains = ["{host}"]\n'
        'keep_reserved = "a measurement on this machine, deleted afterwards"\n[politeness]\ndelay_s = 0\n'
        f'[[endpoints]]\nurl = "http://{host}/{address}"\nkind = "{kind}"\nstatus = "verified"\n',
        encoding="utf-8",
    )
    return host


def run(data: Path, folder: Path) -> dict[str, Any]:
    sets = read_sets(data)
    cards = folder / "outlets"
    cards.mkdir()
    hosts = [write_cards(cards, number) for number in range(OUTLETS)]
    pages: dict[str, tuple[str, Page]] = {}
    in_set: dict[str, str] = {}
    for name, members in sets.items():
        for number, page in enumerate(members):
            path = f"/{name}/{number}/{''.join(c if c.isalnum() else '-' for c in page.name)[:60]}.html"
            pages[path] = (hosts[len(pages) % OUTLETS], page)
            in_set[path] = name
    site = Site(pages)
    connect = ", ".join(f'"{host}:80" = "127.0.0.1:{site.port}"' for host in hosts)
    config = folder / "config.toml"
    config.write_text(
        f'database = "sqlite:///{folder / "pages.db"}"\noutlets_dir = "{cards}"\nbundled_outlets = false\nencoder = "none"\n'
        f"connect_to = {{ {connect} }}\n[crawl]\ndelay_s = 0\n",
        encoding="utf-8",
    )
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "interfaces.cli.main", "--config", str(config), "crawl", "--all", "--json"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    seen = watch(process)
    seconds = time.monotonic() - started
    summary = json.loads(process.stdout.read())
    ours = {name: Scores() for name in sets}
    with closing(open_reader(f"sqlite:///{folder / 'pages.db'}")) as database, database.read() as session:
        stored = {article.url: article for article in queries.load_articles(session)}
        extraction_ms = queries.extraction_cpu_ms(session)
        reserved = sum(article.noarchive for article in stored.values())
    missing = []
    for path, (host, page) in pages.items():
        article = stored.get(f"http://{host}{path}")
        if article is None:
            missing.append(path)
            ours[in_set[path]].add(page, Reading())
        else:
            found = Reading(title=article.title, text=article.text, authors=list(article.authors), published=article.published.at)
            ours[in_set[path]].add(page, found)
    plain = {name: Scores() for name in sets}
    for name, members in sets.items():
        for page in members:
            plain[name].add(page, library(page))
    asked = Counter((host, path) for host, path, _ in site.log)
    outcomes = summary["outcomes"]
    unread = sum(outcomes.get(name, 0) for name in UNREAD)
    return {
        "pages": len(pages),
        "stored": len(stored),
        "not_stored": missing,
        "outcomes": outcomes,
        "reserved": reserved,
        "unread_share": round(unread / len(pages), 4),
        "unexplained": summary["unexplained"],
        "pages_never_asked_for": sum(asked[(host, path)] == 0 for path, (host, _) in pages.items()),
        "pages_asked_for_twice": sum(asked[(host, path)] > 1 for path, (host, _) in pages.items()),
        "visits_equal_requests": summary["claimed"] == sum(n for (_, path), n in asked.items() if path != "/robots.txt"),
        "seconds": round(seconds, 1),
        "pages_per_second": round(len(pages) / seconds, 2),
        "cpu_ms_per_page": round(seen.cpu_s / len(pages) * 1000, 1),
        "extraction_cpu_ms_per_page": round(extraction_ms / len(pages), 1),
        "peak_mb": round(seen.peak_bytes / 1e6),
        "accuracy": {name: {"secondsource": ours[name].summary(), "trafilatura": plain[name].summary()} for name in sets},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, help="an empty folder for the database and the configuration")
    options = parser.parse_args()
    if not (options.data / "fundus_html").is_dir() or not (options.data / "aeb").is_dir():
        print(f"{options.data} does not hold fundus_html/ and aeb/: nothing to measure", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        result = run(options.data, options.keep or Path(scratch))
    print(json.dumps(result, indent=2))
    accurate = all(rows["secondsource"]["body_f1"] >= rows["trafilatura"]["body_f1"] for rows in result["accuracy"].values())
    sound = (
        result["unread_share"] <= 0.01
        and result["unexplained"] == 0
        and result["pages_never_asked_for"] == 0
        and result["visits_equal_requests"]
    )
    return 0 if accurate and sound else 1


if __name__ == "__main__":
    sys.exit(main())
