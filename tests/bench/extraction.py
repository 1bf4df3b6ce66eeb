"""How well and how fast pages nobody here wrote are read, beside the programs that others would use. One run, one machine.

    python -m tests.bench.extraction --data DIR [--rivals PYTHON] [--half look|verify] [--json] [--worst N] [--ours-only]

DIR holds ``fundus_html/`` and ``aeb/`` (see ``tests.bench.article_pages``); without them this says so and ends with exit code 2.
PYTHON is the interpreter of an environment with ``tests/bench/rivals.txt``; without it newspaper4k and news-please are left out.
Ours and trafilatura's two ways run in this process and take turns page by page, after a dozen pages that nobody is measured on: among
them one without a text and one with a date in its text only, for which the libraries load word lists (half a second, once a process).

Measures, per page and then averaged: body F1 over 4-word shingles (as the article-extraction-benchmark does); title equal after
folding case and punctuation, where the gold may keep up to three words of the site's name behind it; published day equal to the
gold's in the gold's own zone, and the time within a minute where the gold has one; authors as F1 over names; page class right when
it is one of the article classes, since every page is an article; CPU time from bytes to result, metadata included.

Ends with exit code 1 when ours is below a floor of ``tests/eval/floors.toml`` or reads a body worse than trafilatura's default.
"""

from __future__ import annotations

import argparse
import base64
import json
import logging
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trafilatura

from crawlers.extraction import READABLE, extract_page
from tests.bench.article_pages import Page, Reading, Scores, read_sets

NOW = datetime(2026, 11, 1, tzinfo=UTC)
WARM_UP = 10
RARE = tuple(
    Page(name="warm-up", url="http://page.example/a", body="", html=f"<html><body><div><p>{text}</p></div></body></html>".encode())
    for text in ("We use cookies.", "About this page. " * 6 + "Published on the 21st of November, 2022, in the evening.")
)
RIVALS = ("newspaper4k", "news-please")
FLOORS = Path(__file__).parents[1] / "eval" / "floors.toml"


def ours(page: Page) -> Reading:
    started = time.process_time()
    found = extract_page(page.html, url=page.url, now=NOW)
    cpu_s = time.process_time() - started
    return Reading(
        title=found.title,
        text=found.text,
        authors=list(found.authors),
        published=found.published.at,
        cpu_s=cpu_s,
        false_alarm="" if found.page_class in READABLE else found.page_class.value,
        by_trafilatura=found.extractor == "trafilatura",
    )


def library(page: Page, *, fast: bool = False) -> Reading:
    """trafilatura as its documentation has it, with metadata and without readers' comments."""
    started = time.process_time()
    document = trafilatura.bare_extraction(
        page.html, url=page.url or None, include_comments=False, deduplicate=False, with_metadata=True, fast=fast
    )
    cpu_s = time.process_time() - started
    if document is None:
        return Reading(cpu_s=cpu_s)
    return Reading(
        title=document.title or "",
        text=document.text or "",
        authors=[name for name in (document.author or "").split("; ") if name],
        published=_in_zone_of(page, document.date),
        cpu_s=cpu_s,
    )


def _in_zone_of(page: Page, date: str | None) -> datetime | None:
    """A time without a zone is read in the gold's: the day it names is that day."""
    if not date:
        return None
    try:
        found = datetime.fromisoformat(date)
    except ValueError:
        return None
    zone = page.published.tzinfo if page.published is not None else None
    return found if found.tzinfo else found.replace(tzinfo=zone or UTC)


IN_PROCESS: dict[str, Callable[[Page], Reading]] = {
    "second source": ours,
    "trafilatura": library,
    "trafilatura fast": lambda page: library(page, fast=True),
}


def rival(name: str, python: Path, pages: Iterable[Page]) -> list[Reading]:
    """All pages through one rival. Raises subprocess.CalledProcessError when it cannot run at all."""
    pages = list(pages)
    lines = "".join(json.dumps({"url": page.url, "html": base64.b64encode(page.html).decode()}) + "\n" for page in pages)
    script = Path(__file__).with_name("rival.py")
    done = subprocess.run([python, "-P", script, name], input=lines.encode(), stdout=subprocess.PIPE, check=True)
    readings = []
    for page, line in zip(pages, done.stdout.splitlines(), strict=True):
        row = json.loads(line)
        published = _in_zone_of(page, row.get("published"))
        authors = row.get("authors") or []
        readings.append(
            Reading(title=row.get("title") or "", text=row.get("text") or "", authors=authors, published=published, cpu_s=row["cpu_s"])
        )
    return readings


def measure(pages: list[Page], python: Path | None, ours_only: bool) -> dict[str, list[Reading]]:
    """The readings of each program, in the order of ``pages``."""
    programs = {"second source": ours} if ours_only else IN_PROCESS
    for page in (*RARE, *pages[:WARM_UP]):
        for read in programs.values():
            read(page)
    found: dict[str, list[Reading]] = {name: [] for name in programs}
    for number, page in enumerate(pages):
        # Whoever comes second finds trafilatura's caches filled with this page's lines, so they take turns.
        names = list(programs)
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found[name].append(programs[name](page))
    if python is not None and not ours_only:
        for name in RIVALS:
            try:
                found[name] = rival(name, python, [*pages[:WARM_UP], *pages])[min(WARM_UP, len(pages)) :]
            except (OSError, subprocess.CalledProcessError, ValueError) as error:
                print(f"{name} is left out: {error}", file=sys.stderr)
    return found


def score(pages: list[Page], readings: dict[str, list[Reading]], half: str | None) -> dict[str, Scores]:
    scores = {}
    for name, found in readings.items():
        scores[name] = Scores()
        for page, reading in zip(pages, found, strict=True):
            if half in (None, page.half):
                scores[name].add(page, reading)
    return scores


def shortfalls(name: str, scores: dict[str, Scores]) -> list[str]:
    """Where ours is below its floors, or below trafilatura's default in the same run."""
    found = scores["second source"].summary()
    floors = tomllib.loads(FLOORS.read_text("utf-8"))["extraction"][name]
    faults = [f"{name} {key}: {found[key]} < {floor}" for key, floor in floors.items() if key in found and (found[key] or 0) < floor]
    if found["page_class_false_alarms"] > 0.01:
        faults.append(f"{name} page_class_false_alarms: {found['page_class_false_alarms']} > 0.01")
    if "trafilatura" in scores:
        default = scores["trafilatura"].summary()
        ratio = default["cpu_ms_per_page"] / found["cpu_ms_per_page"]
        if found["body_f1"] < default["body_f1"]:
            faults.append(f"{name} body_f1: {found['body_f1']} < trafilatura's {default['body_f1']}")
        if ratio < floors["times_as_fast"]:
            faults.append(f"{name} times_as_fast: {ratio:.2f} < {floors['times_as_fast']}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--rivals", type=Path, help="the interpreter of the rivals' environment")
    parser.add_argument("--set", choices=("fundus", "aeb"))
    parser.add_argument("--half", choices=("look", "verify"), help="only the pages of these publishers")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worst", type=int, default=0, help="list this many pages whose body scored lowest, and all other misses")
    parser.add_argument("--ours-only", action="store_true")
    options = parser.parse_args()
    try:
        sets = read_sets(options.data)
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    if options.rivals is None and not options.ours_only:
        print("no --rivals: newspaper4k and news-please are not measured", file=sys.stderr)
    result: dict[str, Any] = {}
    faults: list[str] = []
    for name, members in sets.items():
        if options.set not in (None, name):
            continue
        pages = [page for page in members if options.half in (None, page.half)]
        readings = measure(pages, options.rivals, options.ours_only)
        scores = score(pages, readings, None)
        result[name] = {program: found.summary() for program, found in scores.items()}
        if options.half is None:
            faults += shortfalls(name, scores)
            for half in ("look", "verify"):
                result[f"{name}, {half}"] = {program: found.summary() for program, found in score(pages, readings, half).items()}
        for rank, (_, note) in enumerate(sorted(scores["second source"].notes)):
            if options.worst and (rank < options.worst or ";" in note or "!=" in note):
                print(note, file=sys.stderr)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        for name, rows in result.items():
            for program, figures in rows.items():
                print(f"{name:15} {program:17} " + "  ".join(f"{key} {value}" for key, value in figures.items()))
    for fault in faults:
        print(f"below its floor: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    logging.disable(logging.ERROR)
    sys.exit(main())
