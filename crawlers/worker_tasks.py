"""What runs inside a worker: the entry into the process, and the tasks. Imported by parent and worker; light to import."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import multiprocessing
import os
import resource
import signal
import sys
import threading
import zlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from config.outlet import EndpointKind
from crawlers.inflate import Inflated, inflate, try_inflate
from storage.records import Entry, Extraction, Fingerprint, Listing

T = TypeVar("T")

MAX_FILE_BYTES = 50 * 1024 * 1024
"""Bytes of one page file after inflation."""

MAX_HEAD_BYTES = 4096
"""Bytes of a file from which its kind is told."""

_PR_SET_PDEATHSIG = 1
"""prctl(2), linux/prctl.h."""


class ParserFault(Exception):
    """A parser raised what it should not have; carries one line, since not every exception can be pickled back."""


def enter_worker(max_memory_bytes: int) -> None:
    """Run once in each new worker: bind its life to its owner's, limit its memory, and import what tasks need.

    The imports are free where the fork server has made them; elsewhere they belong here and not into the first task's time.
    """
    # An interrupt at the terminal goes to the whole process group; the owner decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent()
    # Loaded before the limit is set: numpy reserves a gigabyte of address space and more, by the number of cores, and never uses it.
    importlib.import_module("py3langid")
    importlib.import_module("trafilatura")
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_CORE):
        value = _reserved_bytes() + max_memory_bytes if limit == resource.RLIMIT_AS else 0
        # macOS refuses RLIMIT_AS; there the time limit alone has to do.
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(limit)
            resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    importlib.import_module("crawlers.worker_preload")


def warm_up(language: str) -> None:
    """Load what the language's lemmas need."""
    from storage.lemmas import lemmatise

    lemmatise("a", language)


def _reserved_bytes() -> int:
    """Address space in use now; 0 where the system does not tell (not Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def _die_with_parent() -> None:
    """Two ways, since neither is enough: the kernel's (Linux only, the fork server's death) and a thread that waits."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait_for_end() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait_for_end, name="ends with its owner", daemon=True).start()


def run_guarded(function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    """The item border of the workers: whatever a parser raises becomes one line that names it.

    Raises: ParserFault, MemoryError.
    """
    try:
        return function(*args, **kwargs)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - one of the three borders: a bad item must not be more than a bad item
        raise ParserFault(" ".join(f"{type(error).__name__}: {error}".split())[:500]) from None


def unpack(body: bytes, codings: Sequence[str], limit: int) -> Inflated:
    """A response's body without its content coding."""
    return try_inflate(body, codings, limit)


def extract_and_fingerprint(
    body: bytes,
    *,
    url: str,
    content_type: str,
    headers: Sequence[tuple[str, str]],
    outlet_language: str,
    cms: str,
    entry: Entry | None,
    now: datetime,
) -> tuple[Extraction, Fingerprint]:
    """One page, and what the writer would otherwise have to compute from it."""
    from crawlers.extraction import extract_page
    from crawlers.transcripts import extract_words
    from storage.near_duplicates import fingerprint

    extraction = extract_words(body, content_type=content_type, language=outlet_language, entry=entry) or extract_page(
        body,
        url=url,
        content_type=content_type,
        headers=headers,
        outlet_language=outlet_language,
        cms=cms,
        entry=entry,
        now=now,
    )
    return extraction, fingerprint(extraction.title, extraction.text, extraction.language)


def extract_only(body: bytes, *, url: str, now: datetime) -> Extraction:
    """One page without a fingerprint, as the ``extract`` command wants it; saved pages are often gzipped."""
    from crawlers.extraction import extract_page

    if body.startswith(b"\x1f\x8b\x08"):
        body = inflate(body, ("gzip",), MAX_FILE_BYTES)
    return extract_page(body, url=url, now=now)


def unpack_head(head: bytes) -> bytes:
    """The first bytes of a gzipped file as they are inside; what tells a WARC from a page."""
    return zlib.decompressobj(wbits=31).decompress(head, MAX_HEAD_BYTES)


def read_listing(
    body: bytes,
    *,
    url: str,
    content_type: str,
    kind: EndpointKind | None,
    links: str,
    next_page: str,
    max_entries: int,
    now: datetime,
) -> Listing:
    """One feed, sitemap or page of links."""
    from crawlers.discovery import listing

    return listing.read_listing(
        body, url=url, content_type=content_type, kind=kind, links=links, next_page=next_page, max_entries=max_entries, now=now
    )
