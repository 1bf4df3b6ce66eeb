"""A synthetic corpus for tests.bench.scale: as many stored articles as wanted, some of them about the bundled report.

Rows are written straight into the tables, past the write path (which tests.bench.storing measures), so that a million take minutes:
pages, captures, extractions, articles, revisions and visits; no search index, fingerprints or bodies. An article that is not about the
report is one of 1,200 texts of bundled background sentences with its number in it; one that is has sentences of the demo's articles on
the report's events among them, each made unique by an invented word. Their vectors are made, not encoded: background vectors and noise,
and for the windows of the related ones a claim's direction, one in ten as near as real passages are, half of the others as near as what
else is written on a subject. They are stored as the encoders' own would be, for every window that any step may ask for. As many articles
as are related have a headline that looks near and a text that is not. No figure that is measured with it says anything about accuracy.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Table, update

from comparison.background import background_sentences, claim_text, kernels
from comparison.encoders import Encoder, bundled_vectors, load_encoders, text_key
from comparison.kernels import kernel
from comparison.leads import first_encoder, headline_and_lead, sign, signature_hash
from comparison.passages import pairs, sentences
from comparison.reference import bundled_reports
from interfaces.demo.newsroom import read_newsroom
from storage import leads, vectors
from storage.claim_records import ReferenceReport
from storage.database import Database
from storage.leads import Opening
from storage.models import ArticleRow, CaptureRow, ExtractionRow, PageRow, RevisionRow, VisitRow
from storage.outlets import sync_outlets
from storage.reports import save_report
from tests.integration.storage.builders import make_outlet

NOW = datetime(2022, 12, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
"""The articles are published over two years before NOW."""
LANGUAGES = ("en", "de", "ru", "uk")
OUTLETS = 40
CHUNK = 10_000
SENTENCES = 12
BODIES = 300
"""Unrelated texts of one language."""
ON_SUBJECT = 3
"""Sentences of a related article that are about the report."""
NEAR, ON_IT = 0.1, 0.5
"""Shares of a related article's windows: those that carry a claim, and others on the subject."""
NEAR_Z, ON_IT_Z = 4.5, 3.0
"""How far above the background these lie."""
LEAD_Z = 7.5
"""The same of headline and lead, towards one claim: three claims are then near enough to call most of the articles related."""

Vectors = NDArray[np.float32]


def report() -> ReferenceReport:
    return next(item for item in bundled_reports() if item.key == "luhansk-cellars")


@dataclass(frozen=True, slots=True)
class Text:
    title: str
    text: str


class Corpus:
    """Article ``number`` is always the same text. Related ones, and those that only look so, are spread evenly."""

    def __init__(self, articles: int, related: int) -> None:
        self.articles, self.stride = articles, articles // related
        self._backgrounds = {language: background_sentences(language) for language in LANGUAGES}

    @cached_property
    def _on_subject(self) -> dict[str, list[str]]:
        """By language: sentences of the demo's articles on the report's events."""
        newsroom, found = read_newsroom(), {language: list[str]() for language in LANGUAGES}
        for document in newsroom.documents.values():
            if not document.group.startswith("background"):
                language = newsroom.outlets[document.site].language
                found[language] += [document.text[span.start : span.end] for span in sentences(document.text, language)]
        return found

    @cached_property
    def bodies(self) -> dict[str, list[Text]]:
        """By language: the texts of which every unrelated article is one."""
        made = {}
        for language, pool in self._backgrounds.items():
            draw = random.Random(language)
            made[language] = [Text(draw.choice(pool)[:70], "\n".join(draw.sample(pool, SENTENCES))) for _ in range(BODIES)]
        return made

    def is_related(self, number: int) -> bool:
        return number % self.stride == 0

    def looks_related(self, number: int) -> bool:
        return number % self.stride <= 1

    def language(self, number: int) -> str:
        return LANGUAGES[(number % self.stride + number // self.stride) % len(LANGUAGES)]

    def body(self, number: int) -> int:
        return number * 7919 % BODIES

    def text(self, number: int) -> Text:
        language = self.language(number)
        if not self.is_related(number):
            body = self.bodies[language][self.body(number)]
            return Text(f"{body.title} {number}", f"{body.text}\n{number}.")
        draw = random.Random(number)
        lines = draw.sample(self._backgrounds[language], SENTENCES - ON_SUBJECT) + draw.sample(self._on_subject[language], ON_SUBJECT)
        draw.shuffle(lines)
        return Text(f"{draw.choice(self._on_subject[language])[:70]} {number}", "\n".join(self._unique(draw, line) for line in lines))

    def _unique(self, draw: random.Random, line: str) -> str:
        word = "".join(draw.choices("bdfgklmnoprstuv", k=7))
        return f"{line[:-1]} {word}{line[-1]}"

    def windows(self, number: int, text: Text) -> Iterator[str]:
        """All that may be encoded of an article that looks related: kernels of sentences and pairs, headline and lead."""
        language = self.language(number)
        single = sentences(text.text, language)
        for span in (*single, *pairs(single)):
            yield kernel(text.text[span.start : span.end], language)
        yield headline_and_lead(text.title, "", text.text)


# --- rows ---------------------------------------------------------------------------------------------------------------------------


def fill(database: Database, corpus: Corpus) -> None:
    """Outlets, the report, and every article's rows."""
    cards = [make_outlet(f"outlet{number}", LANGUAGES[number % 4]) for number in range(OUTLETS)]
    with database.write() as session:
        sync_outlets(session, cards, NOW)
        save_report(session, report(), NOW)
    writers = [_RowWriter(database, table.__table__) for table in (PageRow, CaptureRow, ExtractionRow, ArticleRow, RevisionRow, VisitRow)]
    for part in _chunks(range(corpus.articles), CHUNK):
        with database.write() as session:
            values = [_values(corpus, number) for number in part]
            for writer in writers:
                session.connection().exec_driver_sql(writer.statement, writer.rows(values))
            # Articles are stored before their revisions: SQLite would look through all articles at every revision that one waits for.
            here = ArticleRow.id.between(part[0] + 1, part[-1] + 1)
            session.execute(update(ArticleRow).where(here).values(current_revision_id=ArticleRow.id))
        print(f"{part[-1] + 1} articles stored", file=sys.stderr, flush=True)


CONSTANT: dict[str, Any] = {
    "run_id": None, "kind": "article", "hops": [], "status": 200, "headers": [], "content_type": "text/html", "size": 1,
    "user_agent": "bench", "provenance": "crawl", "extractor": "bench", "extractor_version": "1", "rules_version": "1",
    "page_class": "article", "published_precision": "minute", "published_source": "feed", "first_seen_at": NOW, "last_checked_at": NOW,
    "pending_match": True, "number": 1, "state": "done", "outcome": "stored", "reason": "asked", "planned_at": NOW, "finished_at": NOW,
    "discovered_at": NOW, "fetched_at": NOW, "captured_at": NOW, "current_revision_id": None,
}  # fmt: skip
"""Columns that are the same in every row; of the others those without a value here or below take their default, or none."""


def _values(corpus: Corpus, number: int) -> dict[str, Any]:
    text, key, language = corpus.text(number), number + 1, corpus.language(number)
    outlet = f"outlet{LANGUAGES.index(language) + 4 * (number // 4 % (OUTLETS // 4))}"
    url = f"http://{outlet}.example/{number}"
    digest = hashlib.sha256(text.text.encode()).hexdigest()
    return {
        "id": key, "outlet_id": outlet, "url": url, "url_sha256": hashlib.sha256(url.encode()).hexdigest(), "language": language,
        "page_id": key, "requested_url": url, "final_url": url, "body_sha256": digest, "capture_id": key, "title": text.title,
        "text": text.text, "text_sha256": digest, "key": f"{outlet}:{number}", "identity_space": outlet, "identity": str(number),
        "published_at": NOW - SPAN * (number / corpus.articles), "extraction_id": key,
        "normal_sha256": digest, "host_key": f"http://{outlet}.example:80",
    }  # fmt: skip


class _RowWriter:
    """Makes a table's rows for the driver: SQLAlchemy converts the constant columns once and not a million times."""

    def __init__(self, database: Database, table: Any) -> None:
        assert isinstance(table, Table)
        dialect = database.writer.dialect
        given = _values(Corpus(100, 1), 0)
        # Pages are stored before their articles.
        names = [column.name for column in table.columns if not (table.name == "pages" and column.name == "article_id")]
        self._varying = [name for name in names if name in given or name == "article_id"]
        constant = [name for name in names if name not in self._varying]
        self._processors = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in self._varying]
        self._constants = tuple(self._constant(table, name, dialect) for name in constant)
        columns = [dialect.identifier_preparer.quote(name) for name in (*self._varying, *constant)]
        mark = "?" if dialect.name == "sqlite" else "%s"
        self.statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"

    def rows(self, values: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
        return [
            (
                *(
                    processor(value) if processor is not None else value
                    for name, processor in zip(self._varying, self._processors, strict=True)
                    for value in [row["id" if name == "article_id" else name]]
                ),
                *self._constants,
            )
            for row in values
        ]

    @staticmethod
    def _constant(table: Table, name: str, dialect: Any) -> Any:
        column = table.c[name]
        value = CONSTANT.get(name)
        if name not in CONSTANT and column.default is not None:
            value = column.default.arg if column.default.is_scalar else column.default.arg(None)  # type: ignore[attr-defined]
        elif name not in CONSTANT and not column.nullable:
            value = ""
        processor = column.type.dialect_impl(dialect).bind_processor(dialect)
        return processor(value) if processor is not None else value


# --- vectors and bits -----------------------------------------------------------------------------------------------------------------


def fill_vectors(database: Database, corpus: Corpus) -> None:
    """Vectors and bits of all headlines and leads, and the windows of the articles that look related."""
    encoders = load_encoders("auto")
    claims = {encoder.model_hash: encoder.encode([claim_text(claim, "en") for claim in report().claims]) for encoder in encoders.all}
    noise = np.random.default_rng(7)
    for language in LANGUAGES:
        far = np.array([_sign(language, body) for body in corpus.bodies[language]])
        near = np.array([_sign(language, corpus.text(number)) for number in range(0, 200 * corpus.stride, corpus.stride)])
        first = first_encoder(encoders, language)
        maker = _VectorMaker(first, claims[first.model_hash], language, noise) if first is not None else None
        numbers = [number for number in range(corpus.articles) if corpus.language(number) == language]
        for part in _chunks(numbers, 16 * leads.BLOCK):
            ids = [number + 1 for number in part]
            texts = [hashlib.sha256(corpus.text(number).text.encode()).hexdigest() for number in part]
            bits = far[[corpus.body(number) for number in part]]
            related = np.array([corpus.is_related(number) for number in part])
            bits[related] = near[noise.integers(0, len(near), int(related.sum()))]
            with database.write() as session:
                leads.save_bits(session, signature_hash(), language, ids, texts, bits, NOW)
                if first is not None and maker is not None:
                    rows = maker.make(np.array([LEAD_Z * corpus.looks_related(number) for number in part]), far_is_noise=True)
                    leads.save_vectors(session, first.model_hash, language, ids, texts, *vectors.quantise(rows), NOW)
    for encoder in encoders.all:
        _fill_windows(database, corpus, encoder, claims[encoder.model_hash], noise)


def _sign(language: str, text: Text) -> NDArray[np.uint8]:
    return sign(Opening(0, 0, language, text.title, "", text.text, ""))


def _fill_windows(database: Database, corpus: Corpus, encoder: Encoder, claims: Vectors, noise: np.random.Generator) -> None:
    for language in LANGUAGES:
        if encoder.languages is not None and language not in encoder.languages:
            continue
        maker = _VectorMaker(encoder, claims, language, noise)
        looking = [
            number
            for start in range(0, corpus.articles, corpus.stride)
            for number in range(start, min(start + 2, corpus.articles))
            if corpus.language(number) == language
        ]
        for chunk in _chunks(looking, 200):
            keys: dict[bytes, float] = {}
            for number in chunk:
                text = corpus.text(number)
                # Those that only look so may pass as related, and are then read like the others.
                shares = (NEAR, ON_IT) if corpus.is_related(number) else (0.0, 0.0)
                keys |= {text_key(window): _nearness(noise.random(), *shares) for window in corpus.windows(number, text)}
                keys[text_key(headline_and_lead(text.title, "", text.text))] = LEAD_Z if corpus.is_related(number) else 0.0
            with database.write() as session:
                vectors.save_vectors(session, encoder.model_hash, language, list(keys), maker.make(np.array(list(keys.values()))), NOW)


class _VectorMaker:
    """Vectors of one encoder and language, as likely as its own: background sentences, and directions between them and the claims."""

    def __init__(self, encoder: Encoder, claims: Vectors, language: str, noise: np.random.Generator) -> None:
        bundled = bundled_vectors(encoder.model_hash)
        known = [text_key(text) for text in kernels(background_sentences(language), language)]
        self._background = np.array([bundled[key] for key in known if key in bundled])
        self._claims, self._noise = claims, noise
        likeness = claims @ self._background.T
        mean, deviation = likeness.mean(axis=1), likeness.std(axis=1)
        self._weights = {0.0: 0.0}
        for wanted in (ON_IT_Z, NEAR_Z, LEAD_Z):
            # The least weight of a claim with which half of what is made lies so many deviations above the background.
            for weight in np.arange(0.05, 1.0, 0.01):
                self._weights[wanted] = float(weight)
                rows, chosen = self._mix(np.full(500, wanted))
                found = ((rows * claims[chosen]).sum(axis=1) - mean[chosen]) / deviation[chosen]
                if np.median(found) >= wanted:
                    break

    def make(self, near: NDArray[np.float64], *, far_is_noise: bool = False) -> Vectors:
        """One a row, so many deviations above the background. Those at 0 are background, or noise that leads away from the claims."""
        rows, _ = self._mix(near)
        if far_is_noise:
            is_far = near == 0
            far = self._noise.standard_normal((int(is_far.sum()), rows.shape[1]), dtype=np.float32)
            rows[is_far] = _unit(_unit(far) - _unit(self._claims.mean(axis=0, keepdims=True)))
        return rows

    def _mix(self, near: NDArray[np.float64]) -> tuple[Vectors, NDArray[np.int64]]:
        weight = np.array([self._weights[z] for z in near], dtype=np.float32)[:, None]
        chosen = self._noise.integers(0, len(self._claims), len(near))
        rows = (1 - weight) * self._background[self._noise.integers(0, len(self._background), len(near))] + weight * self._claims[chosen]
        return _unit(rows + 0.35 * _unit(self._noise.standard_normal(rows.shape, dtype=np.float32))), chosen


def _nearness(drawn: float, carrying: float, on_it: float) -> float:
    return NEAR_Z if drawn < carrying else ON_IT_Z if drawn < carrying + on_it else 0.0


def _unit(rows: Vectors) -> Vectors:
    found: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return found


def _chunks(items: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
