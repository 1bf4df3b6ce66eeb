"""The comparison over a large stored corpus (see tests.bench.scale_corpus), step by step, each in a process of its own.

    python -m tests.bench.scale [--articles 10000,100000] [--one-in 100] [--database sqlite|postgresql] [--keep FOLDER]
        [--steps "first look;…"]

One article in a hundred is on the report's subject, or in as many as ``--one-in`` says: with 60,000 articles and one in five it is seen in
minutes what 12,000 related articles cost. Encoding itself is measured on texts that have no vector; all other steps find
their vectors stored. "compare" is the whole command, in a new process, from its start to the written dossier: cold after the first
comparison (or after any change), then again with nothing changed. Seconds are of CPU and wall, memory is the process's peak; for
PostgreSQL the server's own is not counted. On a busy machine set OPENBLAS_NUM_THREADS=1. What is not said to be of a part of a step
includes the start of Python and of the models.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from config.settings import Settings
from storage.database import open_database, upgrade_database

REPORT = "luhansk-cellars"
NOW = datetime(2022, 12, 1, tzinfo=UTC)
ONE_IN = 100
"""Of so many articles one is about the report, unless told otherwise."""
ENCODED = {"use": 2000, "e5": 200}
"""Texts by which an encoder is measured."""


class Clock:
    """CPU seconds inside some functions of a step. What is inside another one counts in both."""

    def __init__(self) -> None:
        self.parts: dict[str, tuple[float, int]] = {}

    def watch(self, module: Any, function: str, name: str, count: Callable[..., int]) -> None:
        inner = getattr(module, function)

        def timed(*args: Any, **kwargs: Any) -> Any:
            started = time.process_time()
            found = inner(*args, **kwargs)
            seconds, done = self.parts.get(name, (0.0, 0))
            self.parts[name] = seconds + time.process_time() - started, done + count(*args)
            return found

        setattr(module, function, timed)

    def rates(self) -> dict[str, dict[str, float]]:
        """By name: how many, CPU seconds, and how many a CPU second."""
        return {
            name: {"n": done, "cpu_s": round(seconds, 2), "a_cpu_s": round(done / max(seconds, 1e-9))}
            for name, (seconds, done) in self.parts.items()
        }


def step_filling(settings: Settings) -> dict[str, Any]:
    """Make the corpus."""
    from tests.bench.scale_corpus import Corpus, fill, fill_vectors

    articles = int(os.environ["SCALE_ARTICLES"])
    with closing(open_database(settings.database)) as database:
        corpus = Corpus(articles, articles // int(os.environ["SCALE_ONE_IN"]))
        fill(database, corpus)
        fill_vectors(database, corpus)
    return {}


def step_encoding(_settings: Settings) -> dict[str, Any]:
    """Headlines with leads, and sentences, by each encoder; signatures of articles."""
    from comparison.encoders import load_encoders
    from comparison.leads import headline_and_lead, sign
    from storage.leads import Opening
    from tests.bench.scale_corpus import Corpus

    corpus, found = Corpus(100_000, 1_000), {}
    for encoder in load_encoders("auto").all:
        encoder.encode(["warm"])
        texts = [corpus.text(number) for number in range(ENCODED[encoder.short] // 2)]
        sentences = [line for text in texts for line in text.text.split("\n")][: ENCODED[encoder.short] // 2]
        for name, items in (("leads", [headline_and_lead(text.title, "", text.text) for text in texts]), ("sentences", sentences)):
            started = time.process_time()
            encoder.encode(items)
            found[f"{name}, {encoder.short}"] = round(len(items) / (time.process_time() - started), 1)
    openings = [Opening(0, 0, corpus.language(number), "", "", corpus.text(number).text, "") for number in range(500)]
    sign(openings[0])
    started = time.process_time()
    for opening in openings:
        sign(opening)
    found["signatures"] = round(len(openings) / (time.process_time() - started), 1)
    return {"a_cpu_s": found}


def step_first_look(settings: Settings) -> dict[str, Any]:
    from comparison.encoders import load_encoders
    from comparison.relevance import look_first

    with closing(open_database(settings.database)) as database:
        found = look_first(database, REPORT, load_encoders(settings.encoder), now=NOW)
    return {"scored": found.scored, "near": found.near, "encoded": found.encoded}


def step_look_closer(settings: Settings) -> dict[str, Any]:
    from comparison.closer_look import look_closer
    from comparison.encoders import load_encoders
    from storage import nearness

    with closing(open_database(settings.database)) as database:
        encoded = look_closer(database, REPORT, load_encoders(settings.encoder), now=NOW)
        with database.read() as session:
            return {"encoded": encoded, "related": len(nearness.related_articles(session, REPORT))}


def step_match(settings: Settings) -> dict[str, Any]:
    from comparison import candidates, windows
    from comparison.encoders import load_encoders

    clock = Clock()
    clock.watch(candidates, "Windowed", "sentences", lambda *_: 1)
    clock.watch(candidates, "score_windows", "vectors and scores", lambda _, windowed, __: sum(len(one.spans) for one in windowed))
    clock.watch(windows.Windowed, "weigh", "words", lambda one, *_: len(one.spans))
    clock.watch(candidates, "_choose", "candidates with their facts", lambda _, one, *__: len(one.spans))
    clock.watch(candidates, "compare_facts", "facts", lambda *_: 1)
    clock.watch(candidates, "judge", "near misses", lambda *_: 1)
    clock.watch(candidates, "find_passages", "articles", lambda _, articles: len(articles))
    with closing(open_database(settings.database)) as database:
        found = candidates.match_articles(database, REPORT, load_encoders(settings.encoder), now=NOW)
    return {"articles": found.articles, "passages": found.passages, "encoded": found.encoded, "parts": clock.rates()}


def step_derive(settings: Settings) -> dict[str, Any]:
    from comparison import derivation
    from comparison.encoders import load_encoders

    clock = Clock()
    clock.watch(derivation, "credits_of", "credits", lambda *_: 1)
    clock.watch(derivation, "_views", "vectors", lambda _, __, articles, ___: len(articles))
    clock.watch(derivation, "derivations_of", "alignments", lambda articles, *_: len(articles))
    with closing(open_database(settings.database)) as database:
        found = derivation.derive(database, REPORT, load_encoders(settings.encoder), now=NOW)
    return {"articles": found.articles, "derived": found.derived, "parts": clock.rates()}


def step_elsewhere(settings: Settings) -> dict[str, Any]:
    from comparison.elsewhere import find_elsewhere
    from comparison.encoders import load_encoders

    with closing(open_database(settings.database)) as database:
        return {"groups": find_elsewhere(database, REPORT, load_encoders(settings.encoder), now=NOW)}


STEPS: dict[str, Callable[[Settings], dict[str, Any]] | None] = {
    "filling": step_filling,
    "encoding": step_encoding,
    "first look": step_first_look,
    "partial matrix": None,
    "reading the promising": step_look_closer,
    "matching": step_match,
    "origins": step_derive,
    "elsewhere": step_elsewhere,
    "compare, cold": None,
    "compare, nothing changed": None,
}
"""None: the command itself."""

COMMANDS = {"partial matrix": ["--stored"], "compare, cold": [], "compare, nothing changed": []}


def run(name: str, database: str, folder: Path, articles: int, one_in: int) -> dict[str, Any]:
    """One step in a new process, with what it took.

    This process stays small, and loads nothing of the product's: a child's peak counts from the size of its parent on.
    """
    if name in COMMANDS:
        out = folder / "dossier.json"
        arguments = ["interfaces.cli.main", "--database", database, "compare", REPORT, "--out", str(out), *COMMANDS[name]]
    else:
        out = folder / "step.json"
        arguments = ["tests.bench.scale", "--step", name, "--url", database, "--out", str(out)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    environment |= {"SCALE_ARTICLES": str(articles), "SCALE_ONE_IN": str(one_in)}
    started = time.monotonic()
    child = os.posix_spawn(sys.executable, [sys.executable, "-P", "-m", *arguments], environment)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"{name} ended with {os.waitstatus_to_exitcode(status)}")
    took = {
        "process_s": round(time.monotonic() - started, 2),
        "process_cpu_s": round(usage.ru_utime + usage.ru_stime, 2),
        "peak_rss_mb": usage.ru_maxrss // 1024,
    }
    found = json.loads(out.read_text())
    if name in COMMANDS:
        found = {
            "related": found["related"],
            "articles": found["articles"],
            "notes": found["notes"],
            "dossier_kb": out.stat().st_size >> 10,
        }
    return {**took, **found}


@contextmanager
def new_database(kind: str, folder: Path, name: str, keep: Path | None) -> Iterator[tuple[str, bool]]:
    """The URL of a database, and whether it is filled already."""
    if kind == "postgresql":
        from tests.postgres import Server

        server = Server.create()
        try:
            upgrade_database(server.url("postgres"))
            yield server.url("postgres"), False
        finally:
            server.remove()
    else:
        file = (keep or folder) / f"scale-{name}.db"
        is_filled = file.exists()
        if not is_filled:
            upgrade_database(f"sqlite:///{file}")
        yield f"sqlite:///{file}", is_filled


def measure(articles: int, options: argparse.Namespace) -> dict[str, Any]:
    """All steps over one corpus."""
    rows: dict[str, Any] = {"articles": articles, "one_in": options.one_in}
    kept_as = f"{articles}" if options.one_in == ONE_IN else f"{articles}-{options.one_in}"
    with tempfile.TemporaryDirectory() as name, new_database(options.database, Path(name), kept_as, options.keep) as (url, is_filled):
        steps = options.steps.split(";") if options.steps else [name for name in STEPS if name != "filling"]
        for step in steps if is_filled else ["filling", *steps]:
            rows[step] = run(step, url, Path(name), articles, options.one_in)
            print(f"{articles:9} {step:26} {rows[step]}", file=sys.stderr, flush=True)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", default="10000", help="sizes, with commas between")
    parser.add_argument("--one-in", type=int, default=ONE_IN, help="of how many articles one is about the report (2 or more)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", type=Path, help="keep the filled SQLite files here, or use the ones that are there")
    parser.add_argument("--steps", help="only these, with semicolons between; they go on from where a kept file stands")
    parser.add_argument("--step", help="used by itself: one step in this process")
    parser.add_argument("--url", help="used by itself: its database")
    parser.add_argument("--out", type=Path, help="used by itself: where its figures go")
    options = parser.parse_args()
    if options.step:
        step = STEPS[options.step]
        assert step is not None
        started = time.process_time()
        found = step(Settings(database=options.url))
        options.out.write_text(json.dumps({"cpu_s": round(time.process_time() - started, 2), **found}))
        return 0
    results = [measure(int(size), options) for size in options.articles.split(",")]
    print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
