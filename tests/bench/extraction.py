"""How well pages nobody here wrote are read: body, title, date, authors and page class, beside trafilatura alone.

    python -m tests.bench.extraction --data DIR [--json] [--set fundus|aeb] [--worst N]

DIR holds ``fundus_html/`` (pages with ``gold.json``) and ``aeb/`` (article-extraction-benchmark; full-text gold only). Both are
other people's and are not part of this repository; without them this says so and ends with exit code 2.

Measures, all per page and then averaged: body F1 over 4-word shingles (as the article-extraction-benchmark does); title equal after
folding case and punctuation, where the gold may keep up to three words of the site's name behind it; published day equal to the
gold's in the gold's own zone; authors as F1 over names; page class right when it is one of the article classes, since every page
of both sets is an article.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import sys
import time
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trafilatura

from crawlers.extraction import extract_page
from storage.records import PageClass

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ARTICLES = {PageClass.ARTICLE, PageClass.VIDEO, PageClass.LIVE_BLOG, PageClass.PAYWALL_STUB}


@dataclass(kw_only=True)
class Page:
    name: str
    html: bytes
    url: str
    body: str
    title: str | None = None
    authors: list[str] | None = None
    published: datetime | None = None


@dataclass(kw_only=True)
class Scores:
    body: list[float] = field(default_factory=list)
    title: list[bool] = field(default_factory=list)
    day: list[bool] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    empty: int = 0
    alarms: int = 0
    cpu_s: float = 0.0
    notes: list[tuple[float, str]] = field(default_factory=list)

    def summary(self) -> dict[str, Any]:
        def mean(values: list[Any]) -> float | None:
            return round(sum(values) / len(values), 4) if values else None

        count = max(len(self.body), 1)
        return {
            "pages": len(self.body),
            "body_f1": mean(self.body),
            "title": mean(self.title),
            "published_day": mean(self.day),
            "authors_f1": mean(self.authors),
            "extract_empty": round(self.empty / count, 4),
            "page_class_false_alarms": round(self.alarms / count, 4),
            "cpu_ms_per_page": round(self.cpu_s / count * 1000, 1),
        }


def fundus_pages(folder: Path) -> Iterator[Page]:
    for row in json.loads((folder / "gold.json").read_text("utf-8")):
        published = row.get("publishing_date")
        yield Page(
            name=row["html"],
            html=gzip.decompress((folder / row["html"]).read_bytes()),
            url=row["url"],
            body=row["body"],
            title=row["title"],
            authors=row.get("authors"),
            published=datetime.fromisoformat(published) if published else None,
        )


def aeb_pages(folder: Path) -> Iterator[Page]:
    for key, row in json.loads((folder / "ground-truth.json").read_text("utf-8")).items():
        html = gzip.decompress((folder / "html" / f"{key}.html.gz").read_bytes())
        yield Page(name=key[:12], html=html, url=row.get("url", ""), body=row["articleBody"])


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    if len(words) < 4:
        return Counter([tuple(words)] if words else [])
    return Counter(tuple(words[index : index + 4]) for index in range(len(words) - 3))


def f1(found: Counter[Any], gold: Counter[Any]) -> float:
    if not found and not gold:
        return 1.0
    common = sum((found & gold).values())
    return 2 * common / max(sum(found.values()) + sum(gold.values()), 1)


def folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def same_title(found: str, gold: str) -> bool:
    return found == gold or (gold.startswith(f"{found} ") and len(gold[len(found) :].split()) <= 3 and len(found) > 0.6 * len(gold))


def score(scores: Scores, page: Page, *, title: str, text: str, authors: list[str], published: datetime | None) -> None:
    body = f1(shingles(text), shingles(page.body))
    scores.body.append(body)
    scores.empty += not text
    notes = []
    if page.title:
        scores.title.append(same_title(folded(title), folded(page.title)))
        if not scores.title[-1]:
            notes.append(f"title {title!r} != {page.title!r}")
    if page.published is not None:
        zone = page.published.tzinfo or UTC
        scores.day.append(published is not None and published.astimezone(zone).date() == page.published.date())
        if not scores.day[-1]:
            notes.append(f"date {published} != {page.published}")
    if page.authors is not None:
        names = f1(Counter(map(folded, authors)), Counter(map(folded, page.authors)))
        scores.authors.append(names)
        if names < 1:
            notes.append(f"authors {authors} != {page.authors}")
    scores.notes.append((body, f"{page.name} {body:.3f} {'; '.join(notes)}"))


def ours(page: Page, scores: Scores) -> None:
    started = time.process_time()
    found = extract_page(page.html, url=page.url, now=NOW)
    scores.cpu_s += time.process_time() - started
    score(scores, page, title=found.title, text=found.text, authors=list(found.authors), published=found.published.at)
    if found.page_class not in ARTICLES:
        scores.alarms += 1
        body, note = scores.notes[-1]
        scores.notes[-1] = (body, f"{note}; ALARM {found.page_class.value}")


def baseline(page: Page, scores: Scores) -> None:
    started = time.process_time()
    document = trafilatura.bare_extraction(page.html, url=page.url or None, include_comments=False, deduplicate=False, with_metadata=True)
    scores.cpu_s += time.process_time() - started
    if document is None:
        score(scores, page, title="", text="", authors=[], published=None)
        return
    published = datetime.fromisoformat(document.date).replace(tzinfo=UTC) if document.date else None
    if published is not None and page.published is not None:
        # It gives a day without a time; read in the gold's zone it is that day.
        published = published.replace(tzinfo=page.published.tzinfo or UTC)
    authors = [name for name in (document.author or "").split("; ") if name]
    score(scores, page, title=document.title or "", text=document.text or "", authors=authors, published=published)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--set", choices=("fundus", "aeb"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--worst", type=int, default=0, help="list this many pages whose body scored lowest, and all other misses")
    parser.add_argument("--ours-only", action="store_true")
    options = parser.parse_args()
    sets = {"fundus": ("fundus_html", fundus_pages), "aeb": ("aeb", aeb_pages)}
    result: dict[str, Any] = {}
    for name, (folder, reader) in sets.items():
        if options.set not in (None, name):
            continue
        if not (options.data / folder).is_dir():
            print(f"{options.data / folder} is absent: nothing to measure", file=sys.stderr)
            return 2
        found, other = Scores(), Scores()
        for number, page in enumerate(reader(options.data / folder)):
            # Whoever comes second finds trafilatura's caches filled with this page's lines, so they take turns.
            if number % 2 and not options.ours_only:
                baseline(page, other)
            ours(page, found)
            if not number % 2 and not options.ours_only:
                baseline(page, other)
        result[name] = {"ours": found.summary()} | ({} if options.ours_only else {"trafilatura": other.summary()})
        if options.worst:
            for rank, (_, note) in enumerate(sorted(found.notes)):
                if rank < options.worst or ";" in note or "!=" in note:
                    print(note, file=sys.stderr)
    if options.json:
        print(json.dumps(result, indent=2))
        return 0
    for name, rows in result.items():
        for who, figures in rows.items():
            print(f"{name:7} {who:12} " + "  ".join(f"{key} {value}" for key, value in figures.items()))
    return 0


if __name__ == "__main__":
    logging.disable(logging.ERROR)
    sys.exit(main())
