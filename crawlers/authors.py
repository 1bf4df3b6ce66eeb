"""Bylines to names: no "By", no addresses, no doubles, lists split only where they are lists."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crawlers.markup import plain_text

MAX_AUTHORS = 20
MAX_NAME = 100
"""Characters; longer ones are biographies or the whole first paragraph."""

_PREFIX = re.compile(
    r"^(?:(?:written|words|story|text|photos?|report(?:ed|ing)?|analysis|posted|published|interview|edited|video)\s+by|by|from|autor(?:in|en)?|quelle|source|источник|джерело|"
    r"von|text|bericht|foto|author|автор[ыи]?|текст|фото|подготовил[аи]?|підготував|підготувала|журналист(?:ка)?|журналіст(?:ка)?|par|por|di)"
    r"(?:\s*:\s*|\s+)(?=\S)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\S+@\S+\.\S+|(?:https?://|www\.)\S+|(?<!\w)@\w+")
_SPLIT = re.compile(r"\s*(?:;|\||\n|\s/\s|•|·)\s*")
_AND = re.compile(r"\s+(?:and|und|y|et|i|и|та|й|&)\s+", re.IGNORECASE)
_TITLES = re.compile(
    r"^(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|m\.?a|mba|esq|prof|dr|"
    r".*\b(?:editor|correspondent|reporter|producer|staff writer|columnist|analyst|chief|redakteur(?:in)?|korrespondent(?:in)?|"
    r"журналист|журналистка|корреспондент|корреспондентка|редактор|журналіст|журналістка|кореспондент|кореспондентка|редакторка)\b.*)\.?$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"^(?:admin|administrator|root|editor|redaktion|redaction|null|none|undefined|unknown|guest|user|web ?master|"
    r"(?:twitter|facebook|telegram|whatsapp|instagram|vk|x|e-?mail|share|print|link|copy|\s)+|"
    r"view (?:all )?posts.*|posted.*|share.*|follow.*|updated?.*|published.*|n/?a|-+)$",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    ["de", "da", "di", "du", "del", "della", "van", "von", "der", "den", "dos", "la", "le", "el", "al", "bin", "ibn", "ben", "ter", "zu"]
)


def clean_authors(raw: Iterable[str]) -> tuple[str, ...]:
    """Names in the order given, each once. Agencies and desks stay as they are credited; addresses, roles and CMS users go.

    >>> clean_authors(["By Jane Roe and Max Doe", "jane roe", "Max Doe, Political Editor"])
    ('Jane Roe', 'Max Doe')
    >>> clean_authors(["Roe, Jane", "Ministry of Trade and Industry", "https://paper.example/staff"])
    ('Jane Roe', 'Ministry of Trade and Industry')
    """
    names: list[str] = []
    for text in raw:
        for name in _names(text):
            folded = _folded(name)
            if folded and all(folded != _folded(known) for known in names):
                names.append(name)
    # "J. Roe" beside "Jane Roe" may be two people; "Jane" beside "Jane Roe" is a fragment of one.
    return tuple(name for name in names if " " in name or not any(_contains(other, name) for other in names))[:MAX_AUTHORS]


def _names(text: str) -> list[str]:
    text = _ADDRESS.sub(" ", plain_text(text, 2000))
    text = re.sub(r"[\u200b\u200e\u200f\ufeff]", "", text)
    found = []
    for piece in _SPLIT.split(text):
        for part in _split_list(_without_prefix(piece)):
            name = _without_prefix(part.strip(" \t,:.–—-*•|/\"'«»“”")).strip()
            name = re.sub(r"\s*\((?:[^()]*)\)\s*$", "", name).strip()
            name = " ".join(name.split())
            if _is_name(name):
                found.append(name)
    return found


def _without_prefix(text: str) -> str:
    stripped = _PREFIX.sub("", text.strip(), count=1)
    return stripped if stripped else text


def _split_list(text: str) -> list[str]:
    """Split at commas and "and" where the parts can stand alone; "Roe, Jane" is one name turned round."""
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) == 2 and all(len(part.split()) == 1 and part[:1].isupper() and not part.isupper() for part in parts):
        return [f"{parts[1]} {parts[0]}"]
    parts = [part for index, part in enumerate(parts) if index == 0 or not _TITLES.match(part)]
    result = []
    for part in parts:
        sides = [side.strip() for side in _AND.split(part) if side.strip()]
        if len(sides) > 1 and all(_is_personal(side) for side in sides):
            result.extend(sides)
        else:
            result.append(part)
    return result


def _is_personal(text: str) -> bool:
    """Two to five words that begin with capitals, particles aside: enough to be a person's full name."""
    words = text.split()
    return 2 <= len(words) <= 5 and all(word[:1].isupper() or word.lower() in _PARTICLES for word in words)


def _is_name(name: str) -> bool:
    if not 2 <= len(name) <= MAX_NAME or len(name.split()) > 10 or not any(ch.isalpha() for ch in name):
        return False
    return not _NO_NAME.match(name) and not re.fullmatch(r"[\W\d_]+|\S+\.(?:html?|php)", name)


def _folded(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _contains(longer: str, fragment: str) -> bool:
    return longer != fragment and fragment.casefold() in longer.casefold().split()
