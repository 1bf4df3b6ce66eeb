"""Real pages with gold, and how a reading of one is scored. The sets are other people's and are not part of this repository.

``fundus_html/`` has pages with ``gold.json`` (title, authors, time, body), ``aeb/`` is the article-extraction-benchmark (body only).
Each set is split by publisher into two halves: ``look`` is what rules may be written for, ``verify`` says whether they hold elsewhere.
"""

from __future__ import annotations

import gzip
import json
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any


@dataclass(kw_only=True)
class Page:
    name: str
    html: bytes
    url: str
    body: str
    title: str | None = None
    authors: list[str] | None = None
    published: datetime | None = None

    @property
    def half(self) -> str:
        """By a checksum of the publisher (fundus: ``de/Paper_2024_04_22``) or of the page's own name (aeb)."""
        publisher = re.sub(r"_\d{4}_.*", "", self.name)
        return "verify" if zlib.crc32(publisher.encode()) % 2 else "look"


@dataclass(kw_only=True)
class Reading:
    """What a program read out of a page, and the CPU seconds it took."""

    title: str = ""
    text: str = ""
    authors: list[str] = field(default_factory=list)
    published: datetime | None = None
    cpu_s: float = 0.0
    false_alarm: str = ""
    """The class of no article that the page was given."""
    by_trafilatura: bool = True


@dataclass(kw_only=True)
class Scores:
    body: list[float] = field(default_factory=list)
    title: list[bool] = field(default_factory=list)
    day: list[bool] = field(default_factory=list)
    time: list[bool] = field(default_factory=list)
    authors: list[float] = field(default_factory=list)
    empty: int = 0
    alarms: int = 0
    others: int = 0
    cpu_s: float = 0.0
    notes: list[tuple[float, str]] = field(default_factory=list)

    def add(self, page: Page, found: Reading) -> None:
        body = f1(shingles(found.text), shingles(page.body))
        self.body.append(body)
        self.empty += not found.text
        self.alarms += bool(found.false_alarm)
        self.others += not found.by_trafilatura
        self.cpu_s += found.cpu_s
        notes = [f"ALARM {found.false_alarm}"] if found.false_alarm else []
        if page.title:
            self.title.append(same_title(folded(found.title), folded(page.title)))
            if not self.title[-1]:
                notes.append(f"title {found.title!r} != {page.title!r}")
        if page.published is not None:
            zone = page.published.tzinfo or UTC
            self.day.append(found.published is not None and found.published.astimezone(zone).date() == page.published.date())
            if not self.day[-1]:
                notes.append(f"date {found.published} != {page.published}")
            if (page.published.hour, page.published.minute) != (0, 0) and page.published.tzinfo is not None:
                self.time.append(found.published is not None and abs(found.published - page.published) <= timedelta(minutes=1))
                if not self.time[-1]:
                    notes.append(f"time {found.published} != {page.published}")
        if page.authors is not None:
            names = f1(Counter(map(folded, found.authors)), Counter(map(folded, page.authors)))
            self.authors.append(names)
            if names < 1:
                notes.append(f"authors {found.authors} != {page.authors}")
        self.notes.append((body, f"{page.name} {body:.3f} {'; '.join(notes)}"))

    def summary(self) -> dict[str, Any]:
        def mean(values: list[Any]) -> float | None:
            return round(sum(values) / len(values), 4) if values else None

        count = max(len(self.body), 1)
        return {
            "pages": len(self.body),
            "body_f1": mean(self.body),
            "title": mean(self.title),
            "published_day": mean(self.day),
            "published_time": mean(self.time),
            "authors_f1": mean(self.authors),
            "extract_empty": round(self.empty / count, 4),
            "page_class_false_alarms": round(self.alarms / count, 4),
            "not_by_trafilatura": round(self.others / count, 4),
            "cpu_ms_per_page": round(self.cpu_s / count * 1000, 1),
            "pages_per_cpu_s": round(count / self.cpu_s, 1) if self.cpu_s else None,
        }


def read_sets(data: Path) -> dict[str, list[Page]]:
    """Both sets. Raises FileNotFoundError with the folder that is absent."""
    for folder in (data / "fundus_html", data / "aeb"):
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder} is absent: nothing to measure")
    return {"fundus": list(fundus_pages(data / "fundus_html")), "aeb": list(aeb_pages(data / "aeb"))}


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
