"""Publishers that nothing is wrong with, each with another way of announcing its pages; dated by the hour at which they are asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.outlet_site import pages

PIECES = 12


@dataclass(frozen=True, slots=True)
class Answered:
    body: str = ""
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(host: str, path: str) -> Answered | None:
    """What the publisher at ``host`` says; None for a host that is none of ours."""
    site = _SITES.get(host)
    return None if site is None else site(host, path)


def _dates(count: int = PIECES) -> list[datetime]:
    now = datetime.now(UTC).replace(microsecond=0)
    return [now - timedelta(hours=number) for number in range(count)]


def rss(host: str, paths: list[str]) -> str:
    items = "".join(
        f"<item><title>About {escape(path)}</title><link>http://{host}{path}</link>"
        f"<pubDate>{format_datetime(at, usegmt=True)}</pubDate></item>"
        for path, at in zip(paths, _dates(len(paths)), strict=True)
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title><language>en</language>{items}</channel></rss>'


def sitemap(host: str, paths: list[str], *, index: bool = False) -> str:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    rows = "".join(
        f"<{inner}><loc>http://{host}{path}</loc><lastmod>{at.isoformat()}</lastmod></{inner}>"
        for path, at in zip(paths, _dates(len(paths)), strict=True)
    )
    return f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</{outer}>'


def _front(name: str, *, head: str = "", links: list[str], language: str = "en", generator: str = "") -> str:
    made_with = f'<meta name="generator" content="{generator}">' if generator else ""
    rows = "".join(f'<article class="teaser"><h2><a href="{path}">About {path}</a></h2></article>' for path in links)
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{name} - News from the region</title>'
        f'<meta property="og:site_name" content="{name}">{made_with}{head}</head><body><nav><a href="/about">About</a>'
        f'<a href="/search?q=">Search</a></nav><main>{rows}</main></body></html>'
    )


def _gone(_path: str) -> Answered:
    return Answered("<html><body><h1>Not found</h1></body></html>", status=404)


def _moved_feed(host: str, path: str) -> Answered:
    """Its feed has moved for good."""
    if path == "/feed.xml":
        return Answered(status=301, headers={"Location": f"http://{host}/new.xml"})
    if path == "/new.xml":
        return Answered(rss(host, [f"/a/{n}" for n in range(PIECES)]), kind="application/rss+xml")
    return _gone(path) if path == "/robots.txt" else Answered(pages.article(host + path))


def _fresh(host: str, path: str) -> Answered:
    if path == "/robots.txt":
        return _gone(path)
    if path == "/feed.xml":
        return Answered(rss(host, [f"/a/{n}" for n in range(PIECES)]), kind="application/rss+xml")
    return Answered(pages.article(host + path))


def _courier(host: str, path: str) -> Answered:
    """A WordPress site: feed in the head, sitemaps in robots.txt, the API open."""
    pieces = [f"/2026/11/{n:02}/bridge-and-market-{n}/" for n in range(1, PIECES + 1)]
    head = f'<link rel="alternate" type="application/rss+xml" title="The Courier" href="http://{host}/feed/">'
    head += f'<link rel="alternate" type="application/rss+xml" title="Comments" href="http://{host}/comments/feed/">'
    head += f'<link rel="https://api.w.org/" href="http://{host}/wp-json/">'
    match urlsplit(path).path:
        case "/":
            return Answered(_front("The Courier", head=head, links=pieces, generator="WordPress 6.6"))
        case "/robots.txt":
            return Answered(f"User-agent: *\nDisallow: /search\n\nSitemap: http://{host}/wp-sitemap.xml\n", kind="text/plain")
        case "/feed/":
            return Answered(rss(host, pieces), kind="application/rss+xml")
        case "/comments/feed/":
            return Answered(pages.feed(host, ()), kind="application/rss+xml")
        case "/wp-sitemap.xml":
            return Answered(sitemap(host, ["/wp-sitemap-posts-post-1.xml"], index=True), kind="application/xml")
        case "/wp-sitemap-posts-post-1.xml":
            return Answered(sitemap(host, pieces), kind="application/xml")
        case "/wp-json/wp/v2/posts":
            number = int(parse_qs(urlsplit(path).query).get("page", ["1"])[0])
            posts = [
                {"id": n, "link": f"http://{host}{piece}", "date_gmt": at.strftime("%Y-%m-%dT%H:%M:%S"),
                 "title": {"rendered": f"About {n} &amp; more"}, "excerpt": {"rendered": "<p>In short.</p>"}}
                for n, (piece, at) in enumerate(zip(pieces, _dates(), strict=True))
            ]  # fmt: skip
            return Answered(json.dumps(posts if number == 1 else []), kind="application/json")
        case other if other in pieces:
            return Answered(pages.article(host + other))
    return _gone(path)


def _herald(host: str, path: str) -> Answered:
    """A site with a JSON feed and nothing else."""
    pieces = [f"/story-{10_000 + n}.html" for n in range(PIECES)]
    match path:
        case "/":
            head = '<link rel="alternate" type="application/feed+json" href="/feed.json">'
            return Answered(_front("Harbour Herald", head=head, links=pieces))
        case "/feed.json":
            items = [
                {"id": str(n), "url": f"http://{host}{piece}", "title": f"About {n}", "date_published": at.isoformat()}
                for n, (piece, at) in enumerate(zip(pieces, _dates(), strict=True))
            ]
            feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Harbour Herald", "language": "en", "items": items}
            return Answered(json.dumps(feed), kind="application/feed+json")
        case other if other in pieces:
            return Answered(pages.article(host + other))
    return _gone(path)


def _gazette(host: str, path: str) -> Answered:
    """A site without any feed: section pages with teasers and a next page."""
    split = urlsplit(path)
    number = int(parse_qs(split.query).get("page", ["1"])[0])
    if split.path in ("/", "/news/"):
        links = [f"/news/{20_000 + 100 * number + n}-quarry-and-ferry" for n in range(PIECES)]
        head = f'<link rel="next" href="/news/?page={number + 1}">' if number < 4 else ""
        return Answered(_front("Quarry Gazette", head=head, links=links))
    if split.path == "/robots.txt":
        return Answered("User-agent: *\nDisallow: /search\n", kind="text/plain")
    if split.path.startswith("/news/") and split.path.endswith("-quarry-and-ferry"):
        return Answered(pages.article(host + split.path))
    return _gone(path)


def _film(host: str, path: str) -> Answered:
    """Two videos with subtitles, one of them where robots.txt forbids it."""
    if path == "/robots.txt":
        return Answered("User-agent: *\nDisallow: /closed/\n", kind="text/plain")
    if path == "/videos.xml":
        rows = "".join(
            f"<url><loc>http://{host}/v/{number}.html</loc><video:video><video:title>Held in cellars, part {number}</video:title>"
            f"<video:description>Relatives speak, part {number}.</video:description></video:video></url>"
            for number in (1, 2)
        )
        space = 'xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"'
        return Answered(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" {space}>{rows}</urlset>', kind="application/xml")
    if path.startswith("/v/"):
        number = path[3:-5]
        track = "/subs/1.vtt" if number == "1" else "/closed/2.vtt"
        return Answered(
            f'<html lang="en"><head><title>Held in cellars, part {number}</title><meta property="og:type" content="video.other"></head>'
            f"<body><h1>Held in cellars, part {number}</h1><p>Relatives speak, part {number}.</p>"
            f'<video src="/{number}.mp4"><track src="{track}" srclang="en"></video></body></html>'
        )
    if path == "/subs/1.vtt":
        return Answered("WEBVTT\n\n00:01.000 --> 00:04.000\nThey were kept in a lighthouse basement.\n", kind="text/plain")
    return _gone(path)


ANNALS = [32110000 + 1000 * number for number in range(30)]
"""Numbers of the articles of November 2022, some 1,000 in 18 hours."""


def _annals(host: str, path: str) -> Answered:
    """A publisher whose sitemap of November 2022 says only that everything was edited later."""
    if path == "/map-2022-11.xml":
        rows = "".join(f"<url><loc>http://{host}/a/{number}.html</loc><lastmod>2023-06-01T00:00:00Z</lastmod></url>" for number in ANNALS)
        return Answered(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>', kind="application/xml")
    return Answered(pages.article(host + path)) if path.startswith("/a/") else _gone(path)


ARCHIVED = [("20221110120000", "http://annals.example:80/a/32121000.html"), ("20221111120000", "http://annals.example/a/32122000.html"),
            ("20221112120000", "http://annals.example/tag/town"), ("20221112130000", "http://annals.example/a/32123000.html")]  # fmt: skip


def _web_archive(_host: str, path: str) -> Answered:
    """A CDX server that gives two captures at a time, and replays them; one that it lists it has lost."""
    split = urlsplit(path)
    if split.path == "/cdx/search/cdx":
        query = parse_qs(split.query)
        if query.get("filter") != ["statuscode:200", "mimetype:text/html"] or query.get("matchType") != ["domain"]:
            return Answered("bad request", status=400)
        if query["from"] == ["20230101"]:
            return Answered("slow down", status=429, headers={"Retry-After": "86400"})
        inside = [row for row in ARCHIVED if query["from"][0] <= row[0][:8] <= query["to"][0]]
        start = int(query.get("resumeKey", ["0"])[0])
        rows: list[object] = [["timestamp", "original"], *inside[start : start + 2]]
        if start + 2 < len(inside):
            rows += [[], [str(start + 2)]]
        return Answered(json.dumps(rows), kind="application/json")
    for stamp, original in ARCHIVED[:3]:
        if path == f"/web/{stamp}id_/{original.replace(':80', '')}":
            return Answered(pages.article(original.replace(":80", "").removeprefix("http://")))
    return _gone(path)


_SITES: dict[str, Callable[[str, str], Answered]] = {
    "fresh.example": _fresh,
    "moved-feed.example": _moved_feed,
    "courier.example": _courier,
    "herald.example": _herald,
    "gazette.example": _gazette,
    "film.example": _film,
    "annals.example": _annals,
    "web-archive.example": _web_archive,
}
