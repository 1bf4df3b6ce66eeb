"""The evaluation sets as frozen records. README.md defines every word and verdict used here.

Reads TOML and checks nothing beyond types and closed sets; what must hold between files stands in ``tests/unit/test_eval_sets.py``.
Imports nothing of the product, so that a set can be read, checked and labelled again without it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

SETS = Path(__file__).parent / "sets"
LANGUAGES = ("en", "de", "ru", "uk")
TEST_SETS = frozenset({"shakhta-vybukh", "filtration-school"})
"""Keys of the reports whose sets are of the test part as a whole, whatever the language. No threshold may be set on those."""
TEST_LANGUAGES = {"en": frozenset({"uk"}), "de": frozenset({"ru"}), "ru": frozenset[str]()}
"""Of every other set: language of its report -> languages of its articles that are the test part. No threshold may be set on those."""

BENCH_SETS = ("fluss_einleitung", "luhansk_cellars", "shakhta_vybukh")
"""Folders the benches draw their texts from: a set that comes later does not move the figures they gave."""


class Group(StrEnum):
    CARRYING = "carrying"
    COPY = "copy"
    SAME_TOPIC = "same-topic"
    UNRELATED = "unrelated"


class CopyKind(StrEnum):
    VERBATIM = "verbatim"
    EDITED = "edited"
    SPUN = "spun"
    TRANSLATED = "translated"
    TEASER = "teaser"


class Verdict(StrEnum):
    CARRIES = "carries"
    PARTLY = "partly"
    DIFFERS = "differs"
    ABSENT = "absent"
    """Never written in a file: what an article without a label for the claim says about it."""


class Field(StrEnum):
    """The key fact that is another one, where the verdict is ``differs``."""

    NUMBER = "number"
    PLACE = "place"
    DATE = "date"
    ACTOR = "actor"
    DURATION = "duration"
    OTHER = "other"


class Independence(StrEnum):
    ESTABLISHED = "established"
    NOT_ESTABLISHED = "not-established"


class Part(StrEnum):
    TUNING = "tuning"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    id: str
    text: str
    kind: str
    context: str
    speaker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    id: str
    name: str
    chain: bool
    """The report itself, what it derives from or credits, and their owners: the first source."""
    independence: Independence


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    claim: str
    verdict: Verdict
    fields: tuple[Field, ...]
    quote: str
    """Occurs exactly once in the article's ``text``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    id: str
    group: Group
    outlet: str
    owner: str
    language: str
    published: datetime
    url: str
    kind: str
    origin: str
    """Who gathered what it tells; "" where the article is unrelated."""
    copy_of: str
    """Id of the article it was made from; "" unless the group is ``copy``."""
    copy_kind: CopyKind | None
    credits: tuple[str, ...]
    title: str
    body: str
    labels: tuple[Label, ...]

    @property
    def text(self) -> str:
        """What quotes are offsets into: the title, an empty line, the body."""
        return f"{self.title}\n\n{self.body}"

    def labels_of(self, claim: str) -> tuple[Label, ...]:
        """The labels of one claim, best passage first; empty = absent."""
        return tuple(label for label in self.labels if label.claim == claim)

    def verdict_of(self, claim: str) -> Verdict:
        """The article's verdict on a claim: its first label's."""
        return next((label.verdict for label in self.labels if label.claim == claim), Verdict.ABSENT)

    def span_of(self, label: Label) -> tuple[int, int]:
        """``[start, end)`` of the label's quote in ``text``, in code points."""
        start = self.text.index(label.quote)
        return start, start + len(label.quote)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationSet:
    key: str
    folder: Path
    language: str
    """The report's."""
    claims: tuple[Claim, ...]
    origins: tuple[Origin, ...]
    articles: tuple[Article, ...]
    """In the order of their ids."""

    def part_of(self, article: Article) -> Part:
        """Raises: KeyError for a set that is not of the test part and whose report's language has no test languages yet."""
        is_test = self.key in TEST_SETS or article.language in TEST_LANGUAGES[self.language]
        return Part.TEST if is_test else Part.TUNING

    def article(self, article_id: str) -> Article:
        return next(article for article in self.articles if article.id == article_id)

    def origin(self, origin_id: str) -> Origin:
        return next(origin for origin in self.origins if origin.id == origin_id)


def find_sets(root: Path = SETS) -> list[Path]:
    """The folders of all sets, in the order of their names."""
    return sorted(file.parent for file in root.glob("*/report.toml"))


def bench_sets(*more: str) -> list[Path]:
    """The folders of ``BENCH_SETS`` and of ``more``, in the order of their names."""
    return [SETS / name for name in sorted({*BENCH_SETS, *more})]


def read_set(folder: Path) -> EvaluationSet:
    """One set.

    Raises: ValueError, KeyError, TypeError (with a note naming the file) for a file that is not in the format.
    """
    report = _read_toml(folder / "report.toml")
    origins = _read_toml(folder / "origins.toml")
    return EvaluationSet(
        key=report["key"],
        folder=folder,
        language=report["language"],
        claims=tuple(_claim(row) for row in report["claim"]),
        origins=tuple(
            Origin(id=row["id"], name=row["name"], chain=row["chain"], independence=Independence(row["independence"]))
            for row in origins["origins"]
        ),
        articles=tuple(read_article(file) for file in sorted((folder / "articles").glob("*.toml"))),
    )


def read_article(file: Path) -> Article:
    try:
        row = _read_toml(file)
        labels = tuple(_label(label) for label in row.pop("labels", []))
        copy_kind = row.pop("copy_kind")
        return Article(
            **{
                **row,
                "group": Group(row["group"]),
                "copy_kind": CopyKind(copy_kind) if copy_kind else None,
                "credits": tuple(row["credits"]),
                "body": row["body"].strip(),
                "labels": labels,
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        error.add_note(f"in {file}")
        raise


def _claim(row: dict[str, str]) -> Claim:
    return Claim(
        id=row["id"], text=row["text"], kind=row.get("kind", "event"), context=row.get("context", ""), speaker=row.get("speaker", "")
    )


def _label(row: dict[str, object]) -> Label:
    fields = row.get("fields", [])
    assert isinstance(fields, list)
    return Label(
        claim=str(row["claim"]), verdict=Verdict(str(row["verdict"])), fields=tuple(Field(item) for item in fields), quote=str(row["quote"])
    )


def _read_toml(file: Path) -> dict[str, Any]:
    with file.open("rb") as stream:
        return tomllib.load(stream)
