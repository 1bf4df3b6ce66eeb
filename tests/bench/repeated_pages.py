"""A large site of real pages, made of a few hundred by repetition, and a small quick server for it.

    python -m tests.bench.repeated_pages FOLDER      serves what ``write_site`` has written there, until stdin is closed

Page ``n`` of the site is one of the real pages with the words of four and more letters in its text exchanged for others of the same page,
by a rule that depends on ``n``; so are those of the attribute that repeats the headline. Its address is new, and it names no other. Sizes,
markup, scripts and languages stay what they were, and no two pages are copies.

The server answers for every outlet on one port; which one is asked shows in the Host header: ``outlet03.example``, or 127.0.0.4 for
programs that know of no names. Feeds have an honest ETag. Each answer is a line of ``access.log``.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache
from html import escape
from pathlib import Path

from crawlers.language import detect_language
from tests.bench.article_pages import Page

OUTLETS = 12
_TEXT = re.compile(r">([^<>]{3,})<")
_UNREAD = re.compile(r"<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{4,}")
_OWN_ADDRESS = re.compile(r"<(?:link[^>]*\brel=[\"']?canonical|meta[^>]*\bog:url)[^>]*>", re.IGNORECASE)


def change_page(page: Page, number: int) -> bytes:
    """The page with other words in its text and without the address that it names as its own."""
    try:
        markup, charset = page.html.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        # Whatever the charset is, ASCII words are what they look like, and all other bytes come back as they were.
        markup, charset = page.html.decode("latin-1"), "latin-1"
    word = _WORD if charset == "utf-8" else re.compile(r"[A-Za-z]{4,}")
    markup = _OWN_ADDRESS.sub("", markup)
    parts, start = [], 0
    for unread in _UNREAD.finditer(markup):
        parts += [(markup[start : unread.start()], True), (unread.group(), False)]
        start = unread.end()
    parts.append((markup[start:], True))
    known = sorted({found for part, is_text in parts if is_text for text in _TEXT.findall(part) for found in word.findall(text)})
    others = known[:]
    random.Random(number).shuffle(others)
    exchanged = dict(zip(known, others, strict=True))

    def change(match: re.Match[str]) -> str:
        return f">{word.sub(lambda found: exchanged.get(found.group(), found.group()), match.group(1))}<"

    return "".join(_TEXT.sub(change, part) if is_text else part for part, is_text in parts).encode(charset)


def write_site(folder: Path, pages: Sequence[Page], count: int) -> dict[str, int]:
    """Write ``count`` pages below ``folder``; path -> size in bytes."""
    sizes = {}
    # An outlet has pages of one language, as real ones have.
    order = sorted(range(count), key=lambda number: (language_of(pages[number % len(pages)]), number))
    for number in order:
        page = pages[number % len(pages)]
        slug = "".join(char if char.isascii() and char.isalnum() else "-" for char in page.name).strip("-").lower()[:50]
        path = f"{slug}-{1_000_000 + number}.html"
        body = change_page(page, number) if number >= len(pages) else _OWN_ADDRESS.sub("", page.html.decode("latin-1")).encode("latin-1")
        (folder / path).write_bytes(body)
        sizes[f"/{path}"] = len(body)
    (folder / "site.json").write_text(json.dumps(list(sizes)))
    return sizes


@cache
def _language(text: str) -> str:
    return detect_language(text, ["en"])


def language_of(page: Page) -> str:
    return _language(page.body[:1000])


def outlet_languages(pages: Sequence[Page], count: int) -> list[str]:
    """The language of most pages of each outlet of such a site."""
    found = sorted(language_of(pages[number % len(pages)]) for number in range(count))
    return [Counter(found[number * count // OUTLETS : (number + 1) * count // OUTLETS]).most_common(1)[0][0] for number in range(OUTLETS)]


def outlet_of(host: str) -> int | None:
    """Which outlet a Host header means."""
    name = host.partition(":")[0]
    if name.startswith("127.0.0.") and name[8:].isdigit():
        return int(name[8:]) - 1
    found = re.fullmatch(r"outlet(\d\d)\.example", name)
    return int(found.group(1)) if found else None


class Site:
    """Running in a process of its own. Close it."""

    def __init__(self, folder: Path) -> None:
        self._log = folder / "access.log"
        command = [sys.executable, "-P", "-m", "tests.bench.repeated_pages", str(folder)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def take_requests(self) -> Counter[str]:
        """What was asked for since the last call: "feed", "page", "other", each with its status."""
        lines = self._log.read_text().splitlines()
        self._log.write_text("")
        return Counter(lines)

    def close(self) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()


async def serve(folder: Path) -> None:
    paths: list[str] = json.loads((folder / "site.json").read_text())
    known = set(paths)
    log = (folder / "access.log").open("a", buffering=1)

    def answer(path: str, host: str, tag: str) -> tuple[int, str, bytes, str]:
        outlet = outlet_of(host)
        if path in known:
            return 200, "text/html", (folder / path[1:]).read_bytes(), ""
        if path == "/rss.xml" and outlet is not None:
            mine = paths[outlet * len(paths) // OUTLETS : (outlet + 1) * len(paths) // OUTLETS]
            items = "".join(f"<item><title>{escape(p[1:-13])}</title><link>http://{host}{p}</link></item>" for p in mine)
            body = f"<rss version='2.0'><channel><title>{host}</title>{items}</channel></rss>".encode()
            etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            return (304, "", b"", etag) if tag == etag else (200, "application/rss+xml", body, etag)
        return 404, "text/plain", b"not here", ""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
                path = lines[0].split(" ")[1]
                status, kind, body, etag = answer(path, headers.get("host", ""), headers.get("if-none-match", ""))
                writer.write(
                    f"HTTP/1.1 {status} -\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                    f"{f'ETag: {etag}' if etag else 'Server: bench'}\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
                log.write(f"{'feed' if path == '/rss.xml' else 'page' if path in known else 'other'} {status}\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    first = await asyncio.start_server(converse, "127.0.0.1", 0)
    port = first.sockets[0].getsockname()[1]
    # The other addresses of the loopback are there on Linux without being set up.
    others = [await asyncio.start_server(converse, f"127.0.0.{number + 1}", port) for number in range(1, OUTLETS)]
    print(port, flush=True)
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    for server in (first, *others):
        server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
