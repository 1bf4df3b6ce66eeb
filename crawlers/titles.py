"""The headline among what a page offers as one, without the site's name behind it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

_SEPARATOR = re.compile(r"\s+[|\-–—·•:»«*~⁄/]+\s+|\s*\|\s*|：|\s+::\s+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleCandidates:
    """Headlines as found, plain text, possibly empty, possibly with a site's name behind."""

    structured: str = ""
    """JSON-LD ``headline`` (or a video's ``name``)."""
    open_graph: str = ""
    headings: Sequence[str] = ()
    """All ``<h1>`` in document order."""
    twitter: str = ""
    document: str = ""
    """The ``<title>``."""
    announced: str = ""
    """What the feed or sitemap called it."""


def choose_title(candidates: TitleCandidates, site_names: Sequence[str]) -> str:
    """The page's headline: the one meant for machines, then the one handed on, then the one readers see; never a site's name.

    A ``<h1>`` can be the site's logo, so of several the one is taken that the rest of the page agrees with.
    """
    known = [name for name in map(fold, site_names) if name]
    structured = without_site(candidates.structured, known)
    open_graph = without_site(candidates.open_graph, known)
    others = [without_site(text, known) for text in (candidates.twitter, candidates.document, candidates.announced)]
    headings = [text for text in candidates.headings if text and fold(text) not in known]
    heading = _main_heading(headings, [structured, open_graph, *others])
    if heading:
        # What stands behind a separator is a section's or a site's name if the heading lacks it.
        structured, open_graph = _cut_at(structured, heading), _cut_at(open_graph, heading)
    if fold(open_graph) == fold(heading) != fold(structured) == fold(others[1]):
        # The headline for machines is the <title> for search engines, and readers are shown and handed on another.
        structured = open_graph
    for text in (structured, open_graph, heading, *others):
        if text and fold(text) not in known:
            return text
    return structured or open_graph or heading or candidates.document


def fold(text: str) -> str:
    """Words only, lower case: headlines that differ in quotes, dashes and spaces are the same."""
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def without_site(text: str, site_names: Sequence[str]) -> str:
    """``text`` without trailing parts that are one of the (folded) site names; empty only if nothing stood before them."""
    if text[:1] == "|" or (text[:1] in "-–—·•:" and fold(text) in site_names):
        # " | Harbour Radio": the template's place for the headline was left empty. (A quote may well begin with a dash.)
        return ""
    for _ in range(3):
        matches = list(_SEPARATOR.finditer(text))
        if not matches:
            return text
        head, tail = text[: matches[-1].start()].strip(), fold(text[matches[-1].end() :])
        if not head or not any(_names_site(tail, name) for name in site_names):
            return text
        text = head
    return text


def _names_site(tail: str, name: str) -> bool:
    if not tail:
        return False
    compact_tail, compact_name = tail.replace(" ", ""), name.replace(" ", "")
    return compact_tail == compact_name or (len(compact_name) >= 4 and len(tail.split()) <= 5 and compact_name in compact_tail)


def _main_heading(headings: Sequence[str], others: Sequence[str]) -> str:
    """The ``<h1>`` that shares most words with what else names the page; the only one, if there is one."""
    if not headings:
        return ""
    wanted = {word for text in others for word in fold(text).split()}
    if not wanted or len(headings) == 1:
        return headings[0]

    def share(text: str) -> float:
        words = set(fold(text).split())
        return len(words & wanted) / len(words) * min(len(words), 8) if words else 0.0

    return max(headings, key=share)


def _cut_at(text: str, heading: str) -> str:
    """``text`` without what follows ``heading`` behind a separator."""
    for match in _SEPARATOR.finditer(text):
        head = text[: match.start()].strip()
        if fold(head) == fold(heading):
            return head
    return text
