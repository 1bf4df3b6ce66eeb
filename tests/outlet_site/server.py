"""The server: raw asyncio, because most of what it does no HTTP library would let it do.

Every request is logged before it is answered, as one line of JSON: time, host, path, headers. Hosts are told apart by their name;
the crawl reaches all of them through ``connect_to``.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import struct
import sys
import time
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import cache, partial
from pathlib import Path

import brotli
import zstandard

from tests.outlet_site import pages, publishers
from tests.outlet_site.cases import CASES
from tests.outlet_site.certificates import Authority

BOMB_BYTES = 16_000_000
"""Of zeros, packed small; more than the limit of any crawl."""
ELSEWHERE = "http://elsewhere.example/announced"
"""A page on somebody else's site."""
PRIVATE = "http://10.0.0.5/inside"
CYRILLIC = "<html><head><title>Город</title></head><body><article><h1>Город</h1>" + "".join(
    f"<p>Совет решил в {n} году, что мост и рынок откроют снова после ремонта.</p>" for n in range(1990, 2010)
) + "</article></body></html>"  # fmt: skip
HOSTILE_TITLE = b"One\x00 \x1b]0;owned\x07two \xed\xa0\x80 \xe2\x80\xaethree"
"""NUL, a terminal's title, a lone surrogate and an override of direction."""
EMOJI = "Flags 🏴󠁧󠁢󠁳󠁣󠁴󠁿 and families 👨‍👩‍👧"


@dataclass(slots=True)
class Request:
    host: str
    path: str
    headers: dict[str, str]


@dataclass(slots=True)
class Site:
    """The state of the server: how often each address was asked for, and where that is written."""

    log: Path
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def note(self, request: Request) -> int:
        line = {"time": time.time(), "host": request.host, "path": request.path, "headers": request.headers}
        with self.log.open("a") as file:
            file.write(json.dumps(line) + "\n")
        self.counts[request.host, request.path] += 1
        return self.counts[request.host, request.path]

    async def answer(self, request: Request, out: asyncio.StreamWriter) -> bool:
        """Answer; whether the connection may be used again."""
        number = self.note(request)
        handler = _HANDLERS.get(request.path.partition("?")[0])
        name = request.host.partition(":")[0]
        if name in _HOSTS:
            return await _HOSTS[name](request, out, number)
        if name.startswith("canary"):
            return canary(request, out, int(self.log.with_name("canary").read_text()), number)
        if name.startswith("stack-") or request.path.startswith("/stack-"):
            return await stack(request, out, number)
        published = publishers.answer(name, request.path)
        if published is not None:
            body = published.body.encode()
            return send(out, body, status=published.status, kind=published.kind, headers=dict(published.headers))
        if handler is not None:
            return await handler(request, out, number)
        if request.path == "/robots.txt":
            return send(out, b"\xef\xbb\xbfUser-agent: *\nDisallow: /robots-denied/\n", kind="text/plain")
        if request.path == "/feed.xml":
            return send(out, pages.feed(name, [*(case.path for case in CASES), ELSEWHERE]).encode(), kind="application/rss+xml")
        return send(out, pages.article(request.path).encode(), etag=f'"{request.path}"', conditional=request)


def send(
    out: asyncio.StreamWriter,
    body: bytes,
    *,
    status: int = 200,
    kind: str = "text/html; charset=utf-8",
    headers: dict[str, str] | None = None,
    etag: str = "",
    conditional: Request | None = None,
) -> bool:
    extra = dict(headers or {})
    if etag:
        extra["ETag"] = etag
        if conditional is not None and conditional.headers.get("if-none-match") == etag:
            status, body = 304, b""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in extra.items()]
    out.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return True


async def sent(out: asyncio.StreamWriter, body: bytes, headers: dict[str, str]) -> bool:
    return send(out, body, headers=headers)


def move(out: asyncio.StreamWriter, location: str | None, status: int = 302) -> bool:
    return send(out, b"", status=status, headers={} if location is None else {"Location": location})


Handler = Callable[[Request, asyncio.StreamWriter, int], Awaitable[bool]]


async def hang(_request: Request, _out: asyncio.StreamWriter, _number: int) -> bool:
    await asyncio.sleep(30)
    return False


async def drip(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(600):
        out.write(b".")
        await out.drain()
        await asyncio.sleep(0.05)
    return False


async def neverend(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    out.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    for _ in range(10_000):
        out.write(b"<p>" + b"endless " * 1000)
        await out.drain()
    return False


def coded(name: str, body: bytes) -> Handler:
    async def handler(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        return send(out, body, headers={"Content-Encoding": name})

    return handler


def bomb(name: str, pack: Callable[[bytes], bytes]) -> Handler:
    """Packed when it is first asked for: most sites of the tests never are."""
    made = cache(lambda: pack(bytes(BOMB_BYTES)))

    async def handler(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        return send(out, made(), headers={"Content-Encoding": name})

    return handler


def raw(data: bytes) -> Handler:
    async def handler(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        out.write(data)
        return False

    return handler


def status(number: int) -> Handler:
    async def handler(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        return send(out, b"<p>no</p>", status=number)

    return handler


def redirect(location: str | None) -> Handler:
    async def handler(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        return move(out, location)

    return handler


def page(body: bytes, kind: str = "text/html; charset=utf-8") -> Handler:
    async def handler(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        return send(out, body, kind=kind)

    return handler


def titled(path: str, title: bytes) -> bytes:
    """A good page with another headline."""
    whole = pages.article(path).encode()
    for mark in (b"title", b"h1"):
        before, _, rest = whole.partition(b"<%s>" % mark)
        whole = before + b"<%s>" % mark + title + rest[rest.index(b"</%s>" % mark) :]
    return whole


def with_headers(path: str, headers: dict[str, str]) -> Handler:
    async def handler(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        return send(out, pages.article(path).encode(), headers=headers)

    return handler


async def reset(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    # Lingering for no time makes the kernel send RST instead of FIN.
    out.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    out.transport.abort()
    return False


async def loop(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    turn = int(request.path.partition("?n=")[2] or 0)
    return move(out, f"/loop?n={turn + 1}")


async def circle(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    return move(out, "/circle" if request.path.endswith("?back") else "/circle?back")


async def flaky(_request: Request, out: asyncio.StreamWriter, number: int) -> bool:
    return send(out, b"later", status=503) if number == 1 else move(out, PRIVATE)


async def recovers(request: Request, out: asyncio.StreamWriter, number: int) -> bool:
    return send(out, b"later", status=502) if number == 1 else send(out, pages.article(request.path).encode())


def pausing(retry_after: Callable[[], str], code: int) -> Handler:
    """A host whose feed works and whose first page asks for a pause."""

    async def handler(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        if request.path == "/robots.txt":
            return send(out, b"", status=404)
        if request.path == "/feed.xml":
            return send(out, pages.feed(request.host.partition(":")[0], [f"/p/{n}" for n in range(6)]).encode(), kind="text/xml")
        return send(out, b"slow down", status=code, headers={"Retry-After": retry_after()})

    return handler


def robots(answer: Handler) -> Handler:
    """A host that differs from a good one by its robots.txt only."""

    async def handler(request: Request, out: asyncio.StreamWriter, number: int) -> bool:
        if request.path == "/robots.txt":
            return await answer(request, out, number)
        if request.path == "/feed.xml":
            return send(out, pages.feed(request.host.partition(":")[0], ["/a/x", "/secret/y"]).encode(), kind="text/xml")
        return send(out, pages.article(request.host + request.path).encode())

    return handler


def feeding(body: bytes, kind: str = "application/rss+xml") -> Handler:
    """A host whose feed is this."""

    async def handler(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
        if request.path == "/robots.txt":
            return send(out, b"", status=404)
        if request.path == "/feed.xml":
            return send(out, body, kind=kind)
        return send(out, pages.article(request.host + request.path).encode())

    return handler


INSIDE = (
    "127.0.0.1", "localhost", "127.1", "127.0.1", "0x7f000001", "0x7f.0.0.1", "2130706433", "017700000001", "0177.0.0.1", "127.0.0.1.",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "0.0.0.0",
    "①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "canary-feed.example@127.0.0.1", "canary-feed.example%40127.0.0.1",
    "canary-feed.example\\@127.0.0.1", "LOCALHOST", "localhost.",
)  # fmt: skip
"""Ways to write this machine's own address."""


def canary(request: Request, out: asyncio.StreamWriter, port: int, number: int) -> bool:
    """Hosts that lead, in every way that a document or an answer can, to a server of this machine that nobody may ask."""
    places = [f"http://{host}:{port}/canary" for host in INSIDE]
    own = f"http://{request.host}"
    name, path = request.host.partition(":")[0], request.path
    if path == "/robots.txt":
        return move(out, places[0]) if name == "canary-robots.example" else send(out, b"", status=404)
    if path == "/feed.xml":
        if name == "canary-moved.example":
            return move(out, places[0], 301)
        if name == "canary-map.example":
            return send(out, pages.sitemap([*places, f"{own}/map.xml"], index=True).encode(), kind="text/xml")
        ways = [f"{own}/{way}/{index}" for way in ("to", "later", "page") for index in range(len(INSIDE))]
        return send(out, pages.feed(name, [*places, *ways]).encode(), kind="text/xml")
    if path == "/map.xml":
        return move(out, places[1])
    way, index = path.strip("/").split("/")
    place = places[int(index)]
    if way == "later" and number == 1:
        return send(out, b"later", status=503)
    if way in ("to", "later"):
        return move(out, place)
    head = "".join(
        (
            f'<meta http-equiv="refresh" content="0;url={place}"><base href="{place}">',
            f'<link rel="canonical" href="{place}"><meta property="og:url" content="{place}">',
            f'<link rel="stylesheet" href="{place}"><link rel="preload" href="{place}" as="image">',
        )
    )
    return send(out, pages.article(name + path, head=head, extra=f'<img src="{place}"><iframe src="{place}"></iframe>').encode())


def misbehaving(handler: Handler) -> Handler:
    """A host of eight pages, all of which are this."""

    async def answer(request: Request, out: asyncio.StreamWriter, number: int) -> bool:
        if request.path == "/robots.txt":
            return send(out, b"", status=404)
        if request.path == "/feed.xml":
            return send(out, pages.feed(request.host, [f"/x/{n}" for n in range(8)]).encode(), kind="text/xml")
        return await handler(request, out, number)

    return answer


async def heavy(_request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """One element with so many attributes that parsers have taken half a minute for it."""
    attributes = " ".join(f'a{n}="{n}"' for n in range(50_000)).encode()
    return send(out, b"<html><body><article><p %s>text</p></article></body></html>" % attributes)


@cache
def inflated() -> bytes:
    """Prose that fills nine of the ten megabytes that a page may have, packed to a few hundred kilobytes."""
    paragraphs = (pages.article(f"/inflated/{number}").partition("<main>")[2].encode() for number in range(100))
    return gzip.compress((b"<html><body>" + b"".join(paragraphs) * 60)[:9_000_000], 6)


async def crowded(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """A host with long rules, whose feed announces twenty thousand pages of somebody else."""
    if request.path == "/robots.txt":
        rules = "".join(f"Disallow: /no/{number}/*.php$\n" for number in range(2_500))
        return send(out, f"User-agent: *\n{rules}".encode(), kind="text/plain")
    if request.path == "/feed.xml":
        return send(
            out, pages.feed(request.host, [f"http://elsewhere.example/a/{number}" for number in range(20_000)]).encode(), kind="text/xml"
        )
    return send(out, pages.article(request.host + request.path).encode())


async def slow_robots(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """A host of four pages that asks for a delay."""
    if request.path == "/robots.txt":
        return send(out, b"User-agent: *\nCrawl-delay: 0.6\n", kind="text/plain")
    if request.path == "/feed.xml":
        return send(out, pages.feed(request.host, [f"/a/{n}" for n in range(4)]).encode(), kind="text/xml")
    return send(out, pages.article(request.host + request.path).encode())


async def same(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """A host that answers every address with one friendly page."""
    if request.path == "/robots.txt":
        return send(out, b"", status=404)
    if request.path == "/feed.xml":
        return send(out, pages.feed("same.example", [f"/s/{n}" for n in range(12)]).encode(), kind="text/xml")
    return send(out, pages.article("/always").encode())


PLENTY = 30


async def plenty(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """A host with many good pages, each of which takes its time."""
    name = request.host.partition(":")[0]
    if request.path == "/robots.txt":
        return send(out, b"", status=404)
    if request.path == "/feed.xml":
        return send(out, pages.feed(name, [f"/a/{n}" for n in range(PLENTY)]).encode(), kind="text/xml")
    await asyncio.sleep(0.03)
    return send(out, pages.article(name + request.path).encode())


async def stack(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """A host with as many good pages as its name says (``stack-300-a.example``), or the feed's folder (``/stack-300/feed.xml``)."""
    if request.path == "/robots.txt":
        return send(out, b"", status=404)
    await asyncio.sleep(0.005)
    if request.path.endswith("/feed.xml"):
        count = int((request.path if request.path.startswith("/stack-") else request.host).split("-")[1].split("/")[0])
        return send(out, pages.feed(request.host, [f"/a/{n}" for n in range(count)]).encode(), kind="text/xml")
    return send(out, pages.article(request.host.partition(":")[0] + request.path).encode())


async def mapped(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """A host with an index of two sitemaps, one of them an index that names itself."""
    base = f"http://{request.host.partition(':')[0]}"
    body = {
        "/robots.txt": "User-agent: *\nDisallow:\n",
        "/feed.xml": pages.sitemap([f"{base}/map-1.xml", f"{base}/feed.xml", f"{base}/deep.xml"], index=True),
        "/map-1.xml": pages.sitemap([f"{base}/m/{n}" for n in range(3)]),
        "/deep.xml": pages.sitemap([f"{base}/deep.xml", f"{base}/deeper.xml"], index=True),
        "/deeper.xml": pages.sitemap([f"{base}/deepest.xml"], index=True),
        "/deepest.xml": pages.sitemap([f"{base}/m/deep"]),
    }.get(request.path)
    return send(out, (body or pages.article(request.host + request.path)).encode(), kind="text/xml" if body else "text/html")


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE rss [<!ENTITY l0 "lol">{entities}]><rss version="2.0"><channel><title>&l9;</title></channel></rss>'.encode()


XXE = (
    b'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel><title>&x;</title>'
    b"<item><title>&x;</title><link>/a/xxe</link></item></channel></rss>"
)


def items(host: str, links: list[str], *, guid: str, title: str = "About it") -> bytes:
    """A feed whose items share a guid and a title, which stand there as they are given."""
    made = "".join(
        f"<item><title>{title}</title><link>{link if ':' in link else f'http://{host}{link}'}</link><guid>{guid}</guid></item>"
        for link in links
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{host}</title>{made}</channel></rss>'.encode()


async def endless(request: Request, out: asyncio.StreamWriter, _number: int) -> bool:
    """A host whose sitemap index names twelve more, each of which is another index."""
    base = f"http://{request.host.partition(':')[0]}"
    if request.path == "/robots.txt":
        return send(out, b"", status=404)
    folder = request.path.removesuffix(".xml").removesuffix("/feed")
    return send(out, pages.sitemap([f"{base}{folder}/{n}.xml" for n in range(12)], index=True).encode(), kind="text/xml")


_HANDLERS: dict[str, Handler] = {
    "/hang": hang,
    "/drip": drip,
    "/neverend": neverend,
    "/gzip-bomb": bomb("gzip", partial(gzip.compress, compresslevel=1)),
    "/deflate-bomb": bomb("deflate", partial(zlib.compress, level=1)),
    "/br-bomb": bomb("br", partial(brotli.compress, quality=1)),
    "/zstd-bomb": bomb("zstd", zstandard.ZstdCompressor().compress),
    "/nested": coded("gzip, gzip", gzip.compress(gzip.compress(b"inner"))),
    "/badgz": coded("gzip", b"\x1f\x8b this is not gzip"),
    "/cutgz": coded("gzip", gzip.compress(pages.article("/cutgz").encode())[:-200]),
    "/unkenc": coded("x-future", b"whatever"),
    "/short": raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n<p>half of it"),
    "/bighdr": raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200_000 + b"\r\n\r\nbody"),
    "/garble": raw(b"\x00\x01\x02 this is no HTTP at all\r\n\r\n"),
    "/reset": reset,
    "/loop": loop,
    "/circle": circle,
    "/selfloop": redirect("/selfloop"),
    "/refile": redirect("file:///etc/passwd"),
    "/redata": redirect("data:text/html,hello"),
    "/reint": redirect(PRIVATE),
    "/renone": redirect(None),
    "/reoff": redirect("http://elsewhere.example/page"),
    "/reuser": redirect("http://faults.example@10.0.0.5/"),
    "/remeta": page(pages.article("/remeta", head=f'<meta http-equiv="refresh" content="0;url={PRIVATE}">').encode()),
    "/flaky": flaky,
    "/recovers": recovers,
    "/moved": redirect("/a/one-new-home"),
    **{f"/{number}": status(number) for number in (401, 403, 404, 410, 418, 451, 500, 600)},
    "/empty": page(b""),
    "/big": page(b"<p>" + b"big " * 600_000),
    "/bigheader": raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 99999999999\r\n\r\n"),
    "/liar": page(CYRILLIC.encode("cp1251")),
    "/cp1251": page(CYRILLIC.replace("мост", "сад").encode("cp1251"), "text/html"),
    "/koi8": page(CYRILLIC.replace("мост", "дом").encode("koi8-r"), "text/html"),
    "/reftp": redirect("ftp://faults.example/page"),
    "/remetadata": redirect("http://169.254.169.254/latest/meta-data/"),
    "/redecimal": redirect("http://2130706433/"),
    "/rehex": redirect("http://0x7f000001/"),
    "/recircled": redirect("http://%E2%91%A0%E2%91%A1%E2%91%A6.%E2%93%AA.%E2%93%AA.%E2%91%A0/"),
    "/remapped": redirect("http://[::ffff:127.0.0.1]/"),
    "/renat64": redirect("http://[64:ff9b::7f00:1]/"),
    "/reslash": redirect("http://faults.example\\@10.0.0.5/"),
    "/cookie": with_headers("/cookie", {"Set-Cookie": "session=secret; Path=/"}),
    "/policy": with_headers("/policy", {"Referrer-Policy": "sys.exit"}),
    "/canonical-away": page(pages.article("/away", head='<link rel="canonical" href="http://elsewhere.example/page">').encode()),
    "/nul": page(titled("/nul", HOSTILE_TITLE)),
    "/emoji": page(titled("/emoji", EMOJI.encode())),
    "/long-title": page(titled("/long-title", b"long " * 50_000)),
    "/from-2099": page(pages.article("/from-2099").replace("2024-05-01", "2099-05-01").replace("1 May 2024", "").encode()),
    "/offset": page(pages.article("/offset").replace("10:00:00+00:00", "12:00:00+03:00").encode()),
    "/checking": page(b"<html><head><title>Just a moment...</title></head><body><h1>Checking your browser before accessing this site</h1>"
                      b"<form id='challenge-form' action='/cdn-cgi/l/chk'></form><p>DDoS protection. Ray ID: 7f00</p></body></html>"),
    "/consent": page(b"<html><head><title>Before you continue</title></head><body><div id='consent-wall'><h1>Your privacy</h1>"
                     b"<p>We and our 842 partners store and access cookies on your device. Please accept to continue reading.</p>"
                     b"<button>Accept all</button><button>Manage settings</button></div></body></html>"),
    "/attributes": heavy,
    "/deep": page(b"<html><body>" + b"<div>" * 100_000 + b"x"),
    "/none.xml": page(pages.feed("secure.example", ()).encode(), "text/xml"),
    "/noarchive": page(pages.article("/noarchive", head='<meta name="robots" content="noarchive">').encode()),
    "/reserved": with_headers("/reserved", {"TDM-Reservation": "1"}),
}  # fmt: skip

_HOSTS: dict[str, Handler] = {
    "busy.example": pausing(lambda: "3600", 429),
    "later.example": pausing(lambda: formatdate(time.time() + 7200, usegmt=True), 503),
    "endless-pause.example": pausing(lambda: "9" * 400, 429),
    "garbled-pause.example": pausing(lambda: "soon, perhaps", 429),
    "no-robots.example": robots(status(404)),
    "down-robots.example": robots(status(503)),
    "hung-robots.example": robots(hang),
    "denying.example": robots(page("\ufeffUser-agent: SecondSource\nDisallow: /secret/\n".encode(), "text/plain")),
    "wide-robots.example": robots(page("\ufeffUser-agent: *\r\nDisallow: /secret/\r\n".encode("utf-16-le"), "text/plain")),
    "huge-robots.example": robots(
        page(b"User-agent: *\nDisallow: /secret/\n" + b"".join(b"Disallow: /x/%d\n" % n for n in range(40_000)), "text/plain")
    ),
    "moved-robots.example": robots(redirect("http://faults.example/elsewhere/robots.txt")),
    "bad-hang.example": misbehaving(hang),
    "bad-drip.example": misbehaving(drip),
    "bad-neverend.example": misbehaving(neverend),
    "bad-bomb.example": misbehaving(bomb("gzip", gzip.compress)),
    "bad-inflated.example": misbehaving(lambda _request, out, _number: sent(out, inflated(), {"Content-Encoding": "gzip"})),
    "bad-feed.example": crowded,
    "bad-heavy.example": misbehaving(heavy),
    "bad-deep.example": misbehaving(page(b"<html><body>" + b"<div>" * 300_000 + b"x")),
    "slow-robots.example": slow_robots,
    "short-pause.example": pausing(lambda: "7200", 503),
    "delaying.example": robots(page(b"User-agent: *\nCrawl-delay: 0.4\n", "text/plain")),
    "html-feed.example": feeding(pages.article("/front").encode(), "text/html"),
    "broken-feed.example": feeding(b'<?xml version="1.0"?><rss><channel><item><title>&undefined;<'),
    "path-feed.example": feeding(b"/dev/zero", "text/xml"),
    "laughing-feed.example": feeding(laughs()),
    "xxe-feed.example": feeding(XXE),
    "same-guid.example": feeding(items("same-guid.example", [f"/g/{n}" for n in range(3)], guid="one")),
    "ill-formed.example": feeding(
        items("ill-formed.example", ["/i/1"], guid="1", title="Fish & chips <b>").replace(b"</channel>", b"</chanel>")
    ),
    "script-feed.example": feeding(
        items(
            "script-feed.example",
            ["/s/1", "javascript:alert(1)", "/" + "x" * 100_000],
            guid="",
            title="&lt;script&gt;alert(1)&lt;/script&gt; news",
        )
    ),
    "gzip-sitemap.example": feeding(gzip.compress(b"<urlset>") + 60 * gzip.compress(bytes(1_000_000)), "application/gzip"),
    "trap.example": endless,
    "empty-feed.example": feeding(pages.feed("empty-feed.example", ()).encode()),
    "mapped.example": mapped,
    "same.example": same,
    **{f"plenty-{number}.example": plenty for number in range(3)},
}
_HANDLERS["/elsewhere/robots.txt"] = page(b"User-agent: *\nDisallow: /secret/\n", "text/plain")


async def serve(log: Path) -> None:
    """Serve on two free ports of loopback, plain and TLS, until stdin is closed."""
    site = Site(log)
    open_connections: set[asyncio.Task[None]] = set()

    async def connection(incoming: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_connections.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                request = await _read(incoming)
                again = await site.answer(request, out)
                await out.drain()
                if not again:
                    break
        out.close()
        open_connections.discard(task)

    authority = Authority(log.with_name("authority.pem"))
    plain = await asyncio.start_server(connection, "127.0.0.1", 0)
    tls = await asyncio.start_server(connection, "127.0.0.1", 0, ssl=authority.context())
    ports = {"http": plain.sockets[0].getsockname()[1], "https": tls.sockets[0].getsockname()[1]}
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for task in list(open_connections):
        task.cancel()


async def _read(incoming: asyncio.StreamReader) -> Request:
    head = (await incoming.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:]) if name}
    return Request(host=headers.get("host", ""), path=head[0].split(" ")[1], headers=headers)
