"""The comparison over a large stored corpus: first look, reading and matching from stored vectors, origins, matrix; each in a process of
its own.

    python -m tests.bench.scale [--articles 100000] [--related 1000] [--json]

The corpus is synthetic: sentences of the bundled backgrounds with names and numbers changed, so that no two texts are equal, and for the
related ones sentences about the report's claims. Their vectors are synthetic too (a claim's direction and noise), and stored as the
encoders' own would be: what is measured is everything but encoding. No figure here says anything about accuracy.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from comparison.background import background_sentences, claim_text
from comparison.encoders import Encoder, load_encoders, text_key
from comparison.kernels import kernel
from comparison.leads import NAME_BITS, first_encoder, headline_and_lead, signature_hash
from comparison.lexicon import concept_names
from comparison.passages import pairs, sentences
from comparison.reference import bundled_reports
from config.settings import Settings
from storage import leads, vectors
from storage.database import Database, open_database, upgrade_database
from storage.dialects import add_rows
from storage.models import ArticleRow, CaptureRow, ExtractionRow, PageRow, RevisionRow, VisitRow
from storage.outlets import sync_outlets
from storage.records import ReferenceReport
from storage.reports import save_report
from tests.integration.storage.builders import make_outlet

NOW = datetime(2022, 12, 1, tzinfo=UTC)
LANGUAGES = ("en", "de", "ru", "uk")
OUTLETS = 40
CHUNK = 5_000
SENTENCES = 12


def report() -> ReferenceReport:
    return next(item for item in bundled_reports() if item.key == "luhansk-cellars")


class Corpus:
    """Article ``number`` is always the same text. The first ``related`` are about the report."""

    def __init__(self, articles: int, related: int) -> None:
        self.articles, self.related = articles, related
        self._pools = {language: background_sentences(language) for language in LANGUAGES}
        self._claims = [claim.text for claim in report().claims]

    def language(self, number: int) -> str:
        return LANGUAGES[number % len(LANGUAGES)]

    def text(self, number: int) -> tuple[str, str]:
        """Headline and text."""
        draw = random.Random(number)
        pool = self._pools[self.language(number)]
        lines = [f"{draw.choice(pool).rstrip('.')} ({draw.randrange(10**6)})." for _ in range(SENTENCES)]
        title = f"{draw.choice(pool)[:60]} {number}"
        if number < self.related:
            for place in draw.sample(range(SENTENCES), 3):
                lines[place] = f"{draw.choice(self._claims).rstrip('.')} ({draw.randrange(10**6)})."
        return title, "\n".join(lines)


def fill(database: Database, corpus: Corpus) -> None:
    cards = [make_outlet(f"outlet{number}", LANGUAGES[number % 4]) for number in range(OUTLETS)]
    with database.write() as session:
        sync_outlets(session, cards, NOW)
        save_report(session, report(), NOW)
    for start in range(0, corpus.articles, CHUNK):
        rows = [_rows(corpus, number) for number in range(start, min(start + CHUNK, corpus.articles))]
        with database.write() as session:
            for place, table in enumerate((PageRow, CaptureRow, ExtractionRow, ArticleRow, RevisionRow, VisitRow)):
                add_rows(session, table, [row[place] for row in rows])
        print(f"{start + len(rows)} articles stored", file=sys.stderr, flush=True)


def _rows(corpus: Corpus, number: int) -> tuple[dict[str, Any], ...]:
    key = number + 1
    title, text = corpus.text(number)
    outlet, language = f"outlet{number % OUTLETS}", corpus.language(number)
    url = f"http://{outlet}.example/{number}"
    digest = hashlib.sha256(text.encode()).hexdigest()
    at = NOW - timedelta(minutes=number % 40_000)
    columns = {
        table: {column.name for column in table.__table__.columns}
        for table in (PageRow, CaptureRow, ExtractionRow, ArticleRow, RevisionRow, VisitRow)
    }
    values: dict[str, Any] = {
        "id": key, "outlet_id": outlet, "url": url, "url_sha256": hashlib.sha256(url.encode()).hexdigest(), "kind": "article",
        "language": language, "page_id": key, "run_id": None, "requested_url": url, "final_url": url, "hops": [], "status": 200,
        "headers": [], "content_type": "text/html", "body_sha256": digest, "size": 1, "fetched_at": at, "user_agent": "bench",
        "provenance": "crawl", "capture_id": key, "extractor": "bench", "extractor_version": "1", "rules_version": "1",
        "page_class": "article", "title": title, "text": text, "text_sha256": digest, "description": "", "authors": [],
        "canonical_url": "", "image_url": "", "site_name": "", "links": [], "charset": "utf-8", "partial": False, "noarchive": False,
        "sanitised": False, "cpu_ms": 0.0, "key": f"{outlet}:{number}", "identity_space": outlet, "identity": str(number),
        "current_revision_id": key, "published_at": at, "published_precision": "minute", "published_source": "feed",
        "published_raw": None, "first_seen_at": at, "last_checked_at": at, "gone_at": None, "pending_match": True, "article_id": key,
        "number": 1, "extraction_id": key, "normal_sha256": digest, "captured_at": at, "state": "done", "outcome": "stored", "detail": "",
        "reason": "asked", "priority": 0.0, "planned_at": at, "finished_at": at, "discovered_at": at,
        "host_key": f"http://{outlet}.example:80",
    }  # fmt: skip
    made = []
    for table, names in columns.items():
        row = {name: values[name] for name in names if name in values}
        if table is PageRow:
            row["article_id"] = None  # Pages are stored before their articles.
        for column in table.__table__.columns:
            if column.name not in row and not column.nullable and column.default is not None and column.default.is_scalar:
                row[column.name] = column.default.arg  # type: ignore[attr-defined]
        made.append(row)
    return tuple(made)


def fill_vectors(database: Database, corpus: Corpus) -> None:
    """Leads and signatures of all articles, and the windows of the related ones."""
    encoders = load_encoders("auto")
    claims = {encoder.model_hash: encoder.encode([claim_text(claim, "en") for claim in report().claims]) for encoder in encoders.all}
    noise = np.random.default_rng(7)
    for language in LANGUAGES:
        numbers = [number for number in range(corpus.articles) if corpus.language(number) == language]
        first = first_encoder(encoders, language)
        for start in range(0, len(numbers), leads.BLOCK):
            part = numbers[start : start + leads.BLOCK]
            ids = [number + 1 for number in part]
            texts = [hashlib.sha256(corpus.text(number)[1].encode()).hexdigest() for number in part]
            concepts = (len(concept_names()) + 7) // 8
            bits = np.zeros((len(part), concepts + NAME_BITS // 8), dtype=np.uint8)
            for row in range(len(part)):
                # Three concepts, as an unrelated text has, and the bits of some eighty names.
                bits[row, noise.integers(0, concepts, 3)] |= np.uint8(1) << noise.integers(0, 8, 3, dtype=np.uint8)
                names = noise.integers(0, NAME_BITS, 300)
                np.bitwise_or.at(bits[row], concepts + names // 8, np.uint8(1) << (names % 8).astype(np.uint8))
            with database.write() as session:
                leads.save_bits(session, signature_hash(), language, ids, texts, bits, NOW)
                if first is not None:
                    rows = _mixed(noise, claims[first.model_hash], [number < corpus.related for number in part])
                    leads.save_vectors(session, first.model_hash, language, ids, texts, *vectors.quantise(rows), NOW)
    for encoder in encoders.all:
        _fill_windows(database, corpus, encoder, claims[encoder.model_hash], noise)


def _fill_windows(database: Database, corpus: Corpus, encoder: Encoder, claims: NDArray[np.float32], noise: np.random.Generator) -> None:
    for language in LANGUAGES:
        if encoder.languages is not None and language not in encoder.languages:
            continue
        for chunk in _chunks([number for number in range(corpus.related) if corpus.language(number) == language], 200):
            texts: dict[bytes, bool] = {}
            for number in chunk:
                title, text = corpus.text(number)
                single = sentences(text, language)
                for span in (*single, *pairs(single)):
                    window = text[span.start : span.end]
                    texts[text_key(kernel(window, language))] = noise.random() < 0.1
                texts[text_key(headline_and_lead(title, "", text))] = True
            rows = _mixed(noise, claims, list(texts.values()))
            with database.write() as session:
                vectors.save_vectors(session, encoder.model_hash, language, list(texts), rows, NOW)


def _mixed(noise: np.random.Generator, claims: NDArray[np.float32], near: Sequence[bool]) -> NDArray[np.float32]:
    rows = noise.normal(size=(len(near), claims.shape[1])).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    chosen = claims[noise.integers(0, len(claims), len(near))]
    weight = np.where(np.array(near), 0.9, 0.0).astype(np.float32)[:, None]
    rows = (1 - weight) * rows + weight * chosen
    found: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return found


def _chunks(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


# --- the steps, each in its own process ----------------------------------------------------------------------------------------------


def step_first_look(settings: Settings) -> dict[str, Any]:
    from comparison.relevance import look_first

    with closing(open_database(settings.database)) as database:
        found = look_first(database, report().key, load_encoders("auto"), now=NOW)
    return {"scored": found.scored, "near": found.near, "encoded": found.encoded}


def step_look_closer(settings: Settings) -> dict[str, Any]:
    from comparison.relevance import look_closer
    from storage import nearness

    with closing(open_database(settings.database)) as database:
        encoded = look_closer(database, report().key, load_encoders("auto"), now=NOW)
        with database.read() as session:
            return {"encoded": encoded, "related": len(nearness.related_articles(session, report().key))}


def step_match(settings: Settings) -> dict[str, Any]:
    from comparison.candidates import match_articles

    with closing(open_database(settings.database)) as database:
        found = match_articles(database, report().key, load_encoders("auto"), now=NOW)
    return {"articles": found.articles, "passages": found.passages, "encoded": found.encoded}


def step_derive(settings: Settings) -> dict[str, Any]:
    from comparison.derivation import derive

    with closing(open_database(settings.database)) as database:
        found = derive(database, report().key, load_encoders("auto"), now=NOW)
    return {"articles": found.articles, "derived": found.derived}


def step_compare(settings: Settings) -> dict[str, Any]:
    from scheduler import jobs

    matrix = jobs.compare(settings, report().key)
    return {"related": matrix.related, "articles": matrix.articles, "origins": len(matrix.origins)}


def step_update(settings: Settings) -> dict[str, Any]:
    from scheduler import jobs

    jobs.update_comparison(settings)
    return {}


STEPS: dict[str, Callable[[Settings], dict[str, Any]]] = {
    "first look": step_first_look,
    "reading the promising": step_look_closer,
    "matching": step_match,
    "origins": step_derive,
    "compare, cold": step_compare,
    "update, nothing changed": step_update,
    "compare, nothing changed": step_compare,
}


def run_step(name: str, database: str) -> dict[str, Any]:
    started, cpu = time.monotonic(), time.process_time()
    settings = Settings(database=database)
    found = STEPS[name](settings)
    return {
        "seconds": round(time.monotonic() - started, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        **found,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--related", type=int, default=1_000)
    parser.add_argument("--database", type=Path, help="keep the filled database here, or use the one that is there")
    parser.add_argument("--step", help="used by itself: one step in this process")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.step:
        print(json.dumps(run_step(options.step, f"sqlite:///{options.database}")))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        file = options.database or Path(folder) / "scale.db"
        url = f"sqlite:///{file}"
        if not file.exists():
            upgrade_database(url)
            with closing(open_database(url)) as database:
                corpus = Corpus(options.articles, options.related)
                fill(database, corpus)
                fill_vectors(database, corpus)
        rows = {}
        for name in STEPS:
            arguments = [sys.executable, "-P", "-m", "tests.bench.scale", "--step", name, "--database", str(file)]
            started = time.monotonic()
            ended = subprocess.run(
                arguments, stdout=subprocess.PIPE, check=False, env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
            )
            if ended.returncode:
                return ended.returncode
            rows[name] = {**json.loads(ended.stdout), "process_s": round(time.monotonic() - started, 2)}
            if not options.json:
                print(f"{name:26} {rows[name]}", flush=True)
        if options.json:
            print(
                json.dumps(
                    {"articles": options.articles, "related": options.related, "database_mb": file.stat().st_size >> 20, **rows}, indent=2
                )
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
