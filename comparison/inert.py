"""The text of others made harmless for a page, a table or a terminal, and what several formats of a dossier say alike. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from comparison.findings import ChainLink, Finding, Mark, NearMiss, Revised, SharedQuote, SpreadPoint

# C0 and C1 controls but tab and newline, odd line breaks, and the marks that turn text around: they hide what is written.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_STEERING = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What JSON lets stand in a string although a terminal, or the eye, obeys it."""


def inert(text: str) -> str:
    """Text of others without control characters and without marks that reorder it.

    >>> inert("a\\u202eb\\x07c")
    'abc'
    """
    return _CONTROLS.sub("", text)


def inert_json(document: str) -> str:
    """A JSON document with the same values, whose steering characters are written as escapes."""
    return _STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", document)


def safe_url(url: str) -> str:
    """An http(s) address as it stands; empty for anything else ("javascript:", "data:")."""
    return inert(url) if re.match(r"https?://[^\s<>\"']+$", url, re.IGNORECASE) else ""


def shown_time(value: str | None, precision: str | None = "second") -> str:
    """ "14 Nov 2022, 06:30 UTC"; the day alone where the publisher gave no clock; "time unknown".

    >>> shown_time("2022-11-14T06:30:00Z", "minute"), shown_time("2022-11-14T00:00:00Z", "day"), shown_time(None)
    ('14 Nov 2022, 06:30 UTC', '14 Nov 2022 (day only)', 'time unknown')
    """
    if value is None:
        return "time unknown"
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        # A report may be known by its month or year only.
        return inert(value)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    if at.tzinfo is not None:
        at = at.astimezone(UTC)
    day = f"{at.day} {months[at.month - 1]} {at.year}"
    if len(value) <= 10:
        return day
    return f"{day} (day only)" if precision in ("day", None) else f"{day}, {at:%H:%M} UTC"


def shown_moment(item: Finding | SharedQuote | SpreadPoint) -> str:
    """When a passage was published: the time of its article, or of the live blog's entry that it stands in, with the blog's beside it."""
    published = shown_time(item.published, item.published_precision)
    return published if item.entry_at is None else f"entry of {shown_time(item.entry_at)} in a live blog of {published}"


def revised_text(change: Revised) -> str:
    """What became of one fact of a passage, in words.

    >>> change = Revised(field="number", old="25", new="43", revision=2, before="2022-11-14T06:30:00Z", captured="2022-11-15T08:00:00Z")
    >>> revised_text(change)
    'number “25” became “43” in revision 2, between 14 Nov 2022, 06:30 UTC and 15 Nov 2022, 08:00 UTC'
    """
    if change.old and change.new:
        what = f"“{change.old}” became “{change.new}”"
    else:
        what = f"“{change.new}” was added" if change.new else f"“{change.old}” was taken out"
    between = f"between {shown_time(change.before)} and {shown_time(change.captured)}"
    return inert(f"{change.field} {what} in revision {change.revision}, {between}")


def pieces(text: str, marks: Sequence[Mark]) -> list[tuple[str, str]]:
    """(text, field) in order; the field is empty between marks."""
    found, at = [], 0
    for mark in marks:
        if mark.start > at:
            found.append((text[at : mark.start], ""))
        found.append((text[mark.start : mark.end], mark.field))
        at = mark.end
    if at < len(text):
        found.append((text[at:], ""))
    return [(inert(part), field) for part, field in found]


def rests_text(finding: Finding | ChainLink | SpreadPoint) -> list[str]:
    """What an article rests on, in words; empty for an original."""
    lines = []
    for item in finding.rests_on:
        source = item.source_outlet or item.credited_name
        doubt = "; which came first cannot be told" if item.evidence.endswith("cannot be told") else ""
        if item.kind == "copy":
            of_what = "sentences, reworded and in order" if item.evidence.startswith("reworded") else "words, five by five"
            lines.append(f"Copy of {source}: {item.share:.0%} of its {of_what}{doubt}" if item.share else f"Copy of {source}{doubt}")
        elif item.kind == "translation":
            lines.append(f"Translation of {source}: {item.share:.0%} of its sentences, in order{doubt}")
        elif item.kind == "partial":
            lines.append(f"Partly follows {source}: {item.share:.0%} of its sentences, in order")
        elif item.kind == "credits":
            linked = item.evidence.startswith("links to ")
            lines.append(f"Links to {source}" if linked else f"Credits {item.credited_name}: “{item.evidence}”")
    return [inert(line) for line in lines]


def grouped_misses(misses: Iterable[NearMiss]) -> list[list[NearMiss]]:
    """Near misses of one article together, those near most claims first."""
    by_article: dict[str, list[NearMiss]] = {}
    for miss in misses:
        by_article.setdefault(miss.finding.article, []).append(miss)
    return sorted(by_article.values(), key=lambda group: (-len(group), group[0].finding.article))


def miss_reasons(group: Sequence[NearMiss]) -> list[tuple[str, str]]:
    """(claims, reason) of one article's near misses: claims with one reason together."""
    by_reason: dict[str, list[str]] = {}
    for miss in group:
        shown = " (shown as possible)" if miss.counted else ""
        by_reason.setdefault(f"{miss.field}: {miss.reason}{shown}", []).append(miss.claim)
    return [(inert(", ".join(claims)), inert(reason)) for reason, claims in by_reason.items()]
