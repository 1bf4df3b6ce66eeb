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
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from config.outlet import EndpointKind
from storage.records import Entry, Extraction, Fingerprint, Listing

T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
"""prctl(2), linux/prctl.h."""


class ParserFault(Exception):
    """A parser raised what it should not have; carries one line, since not every exception can be pickled back."""


def enter_worker(owner: int, max_memory_bytes: int) -> None:
    """Run once in each new worker: bind its life to its owner's, and limit its memory.

    ``owner`` is the process id of whoever uses the worker (its parent is the fork server).
    """
    # An interrupt at the terminal goes to the whole process group; the owner decides what to do about it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _die_with_parent(owner)
    # Loaded before the limit is set: numpy reserves a gigabyte of address space and more, by the number of cores, and never uses it.
    importlib.import_module("py3langid")
    importlib.import_module("trafilatura")
    for limit in (resource.RLIMIT_AS, resource.RLIMIT_CORE):
        value = _reserved_bytes() + max_memory_bytes if limit == resource.RLIMIT_AS else 0
        # macOS refuses RLIMIT_AS; there the time limit alone has to do.
        with contextlib.suppress(ValueError, OSError):
            _, hard = resource.getrlimit(limit)
            resource.setrlimit(limit, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


def _reserved_bytes() -> int:
    """Address space in use now; 0 where the system does not tell (not Linux)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def _die_with_parent(owner: int) -> None:
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

    threading.Thread(target=wait_for_end, name=f"ends with {owner}", daemon=True).start()


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
    from crawlers.extraction import extract_page
    from storage.near_duplicates import fingerprint

    def work() -> tuple[Extraction, Fingerprint]:
        extraction = extract_page(
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

    return _guarded(work)


def extract_only(body: bytes, *, url: str, now: datetime) -> Extraction:
    from crawlers.extraction import extract_page

    return _guarded(lambda: extract_page(body, url=url, now=now))


def read_listing(body: bytes, *, url: str, content_type: str, kind: EndpointKind | None, max_entries: int, now: datetime) -> Listing:
    from crawlers.discovery import listing

    return _guarded(lambda: listing.read_listing(body, url=url, content_type=content_type, kind=kind, max_entries=max_entries, now=now))


def _guarded(work: Callable[[], T]) -> T:
    """The item border of the workers: whatever a parser raises becomes one line that names it."""
    try:
        return work()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - one of the three borders: a bad item must not be more than a bad item
        raise ParserFault(f"{type(error).__name__}: {error}"[:500]) from None
