"""What the full-text index knows of an article beside its words: outlet, language, kind, day. Pure.

A filter that the index answers costs what its own hits cost. Asked of each hit's row instead, it costs every hit of the words: a word
of one in ten articles at one of sixty outlets is met 300,000 times before 5,000 hits pass.

Tags stand in a column of their own, which weighs nothing in the rank. Each begins with a colon, which stands in no word of a text and
in none of a query: no query can name a tag, or be the beginning of one.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

from storage.records import ArticleKind

FIRST_DAY = date(1996, 1, 1)
SIZES = (1024, 256, 64, 16, 4, 1)
"""Days of a block. An article has a tag for its block of each size, so that some ten tags cover any span of time."""
LAST = 24 * SIZES[0] - 1
"""Days after FIRST_DAY that are told apart, in 2063; what is dated before or after counts as the first or last."""
COARSE = 8
"""A span is covered with blocks of at most this fraction of it, so that little beyond it is covered, too."""

# The signs are those that the index keeps in a word (migrations, v0001).
_PLAIN = re.compile(r"[a-z0-9_.:-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TagFilter:
    """What the tags of an article must be for a filter to let it pass."""

    all_of: tuple[tuple[str, ...], ...] = ()
    """Of each group at least one. Never an empty group."""
    none_of: tuple[str, ...] = ()
    is_exact: bool = True
    """False where articles pass whose time lies a little outside of the span."""


def make_tags(*, outlet_id: str, language: str, kind: str, at: datetime) -> str:
    """An article's tags; ``at`` is its time of publication, or of first sight where that is unknown.

    >>> make_tags(outlet_id="radio_uk", language="uk", kind="video", at=datetime(2025, 3, 1, tzinfo=UTC))
    ':o.radio_uk :l.uk :k.video :d1024.10 :d256.41 :d64.166 :d16.665 :d4.2663 :d1.10652'
    """
    day = _day(at)
    # Nearly every article is of the kind "article": what is asked of it is that it is of no other.
    kinds = [_kind(kind)] if kind != ArticleKind.ARTICLE else []
    return " ".join([_outlet(outlet_id), _language(language), *kinds, *(_block(size, day) for size in SIZES)])


def filter_tags(
    *,
    languages: Collection[str] = (),
    outlets: Collection[str] = (),
    kinds: Collection[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> TagFilter | None:
    """What the filters of a search ask of the tags; None where no article can pass."""
    groups = [tuple(_outlet(name) for name in outlets), tuple(_language(name) for name in languages)]
    none_of: tuple[str, ...] = ()
    if ArticleKind.ARTICLE in kinds:
        none_of = tuple(_kind(kind) for kind in ArticleKind if kind not in kinds)
    else:
        groups.append(tuple(_kind(kind) for kind in kinds))
    is_exact = True
    if since is not None or until is not None:
        first, last = _day(since) if since is not None else 0, _day(until) if until is not None else LAST
        if first > last:
            return None
        step = next(size for size in SIZES if size * COARSE <= last - first + 1 or size == 1) if since and until else 1
        first, last = first - first % step, last - last % step + step - 1
        groups.append(cover(first, last))
        is_exact = (since is None or (first > 0 and since == _start(first))) and (
            until is None or (last < LAST and until == _start(last + 1) - timedelta.resolution)
        )
    return TagFilter(all_of=tuple(group for group in groups if group), none_of=none_of, is_exact=is_exact)


def cover(first: int, last: int) -> tuple[str, ...]:
    """The fewest blocks that cover the days from ``first`` to ``last``, both included, and no other.

    >>> cover(3, 24)
    (':d1.3', ':d4.1', ':d4.2', ':d4.3', ':d4.4', ':d4.5', ':d1.24')
    """
    blocks = []
    day = first
    while day <= last:
        size = next(size for size in SIZES if day % size == 0 and day + size - 1 <= last)
        blocks.append(_block(size, day))
        day += size
    return tuple(blocks)


def _block(size: int, day: int) -> str:
    return f":d{size}.{day // size}"


def _day(at: datetime) -> int:
    return min(max((at.astimezone(UTC).date() - FIRST_DAY).days, 0), LAST)


def _start(day: int) -> datetime:
    return datetime.combine(FIRST_DAY + timedelta(days=day), datetime.min.time(), UTC)


def _outlet(name: str) -> str:
    return f":o.{_plain(name)}"


def _language(name: str) -> str:
    return f":l.{_plain(name)}"


def _kind(name: str) -> str:
    return f":k.{_plain(name)}"


def _plain(name: str) -> str:
    """A name as the index can hold it. One with other characters, which a host may have, stays told apart by its hash."""
    return name if _PLAIN.fullmatch(name) else sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
