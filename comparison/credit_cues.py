"""The words by which news texts in four languages say whom they have something from, compiled from ``data/credits.toml``.

All patterns are for text folded by ``comparison.folding.fold``. ``report`` cues say that a medium reported; ``told`` cues say that
somebody told it something, or that it saw or asked for itself. Beside the outlet's own name the latter show its own reporting; beside
another's name either kind is a credit.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_GAP = r"(?:[ «»„“”‚‘\"'(\[/]*\w[\w.'-]*){{0,{words}}}[ «»„“”‚‘\"'(\[/]*$"
# Up to so many words between a cue and the name, within one clause: no comma, colon or spaced dash.
_LEAP = r"^[»”“\"')\]]*(?:'s)?(?: \([^)\n]{{1,60}}\))?(?: \w[\w.'-]*){{0,{words}}}? "
# The same between the name and a cue behind it; a bracket may stand between ("Current Hour (Текущий час) reports").


@dataclass(frozen=True, slots=True)
class Cues:
    """Compiled patterns of one language. ``*_before`` end at the name, ``*_after`` begin right behind it."""

    citing_before: re.Pattern[str]
    """The name behind it is where the report comes from, also when another medium passes it on."""
    report_before: re.Pattern[str]
    report_after: re.Pattern[str]
    told_before: re.Pattern[str]
    told_after: re.Pattern[str]
    said_after: re.Pattern[str]
    """Behind a Russian or Ukrainian name in another case than the first: somebody told that medium."""
    own: re.Pattern[str]
    """The outlet's own reporting without its name: "told our correspondent"."""
    unanswered: re.Pattern[str]
    """It asked, and nobody told it anything."""
    unnamed: re.Pattern[str]
    """A report by media that are not named."""
    rumour: re.Pattern[str]
    """What nobody in particular says: "one hears", "по Сети гуляет"."""
    hearsay: re.Pattern[str]
    """Words by which a writer keeps off what he tells: "reportedly", "soll … haben"."""
    office_before: re.Pattern[str]
    office_after: re.Pattern[str]
    """Beside a public body: it said or did what is told."""
    anaphora: re.Pattern[str]
    """A medium named before, called by its kind only: "the video says"."""
    medium: re.Pattern[str]
    """A noun for a kind of medium with its adjectives, and the space behind it."""
    medium_before: re.Pattern[str]
    """The same right before a name."""
    present_before: re.Pattern[str]
    present_after: re.Pattern[str]
    """The present tense of media ("пишет") right beside a name in quotation marks."""
    role: re.Pattern[str]
    """Public offices whose holders make statements."""
    statement: re.Pattern[str]
    """Verbs of a public statement."""
    platform: re.Pattern[str]
    """Where such statements are posted."""


def _compile(table: Mapping[str, Sequence[str]]) -> Cues:
    words = {name: "|".join(f"(?:{item})" for item in items) for name, items in table.items()}
    medium = rf"(?:(?:{words['quality']})[ -])*(?:{words['medium']})"
    return Cues(
        citing_before=re.compile(rf"\b(?:{words['citing']})" + _GAP.format(words=6)),
        report_before=re.compile(rf"\b(?:{words['report']})" + _GAP.format(words=5)),
        report_after=re.compile(_LEAP.format(words=3) + rf"(?:{words['report_then']})\b"),
        told_before=re.compile(rf"\b(?:{words['told']})" + _GAP.format(words=4)),
        told_after=re.compile(_LEAP.format(words=2) + rf"(?:{words['told_then']})\b|^'s? (?:\w+ )?(?:{words['told_then']})\b"),
        said_after=re.compile(_LEAP.format(words=2) + rf"(?:{words['said_then'] or '(?!)'})\b"),
        own=re.compile(rf"\b(?:{words['own']})"),
        unanswered=re.compile(rf"\b(?:{words['unanswered']})"),
        unnamed=re.compile(rf"(?:^|\b)(?:{words['unnamed']})"),
        rumour=re.compile(rf"(?:^|(?<!\w))(?:{words['rumour']})"),
        hearsay=re.compile(rf"(?<!\w)(?:{words['hearsay']})"),
        office_before=re.compile(rf"\b(?:{words['citing']}|{words['statement']})" + _GAP.format(words=4)),
        office_after=re.compile(_LEAP.format(words=4) + rf"(?:{words['statement']}|{words['act']})\b"),
        anaphora=re.compile(rf"\b(?:{words['anaphora']})"),
        medium=re.compile(rf"(?<!\w)(?:{medium}) "),
        medium_before=re.compile(rf"(?<!\w)(?:{medium}) [«„“\"]?$"),
        present_before=re.compile(rf"\b(?:{words['present']}) [«„“\"]$"),
        present_after=re.compile(rf"[»“”\"] (?:{words['present']})\b"),
        role=re.compile(rf"\b(?:{words['role']})"),
        statement=re.compile(rf"\b(?:{words['statement']})\b"),
        platform=re.compile(rf"\b(?:{words['platform']})"),
    )


@lru_cache(maxsize=8)
def cues_of(language: str) -> Cues:
    """The patterns of one of "en", "de", "ru", "uk".

    Raises: KeyError for another language; see ``comparison.folding.known_language``.
    """
    table = tomllib.loads(files("comparison").joinpath("data/credits.toml").read_text(encoding="utf-8"))
    return _compile(table[language])


PHOTO = re.compile(
    r"(?:фото|photos?|fotos?|bild|image|picture|video|відео|видео|иллюстраци\w+|ілюстраці\w+|скриншот|скріншот|screenshot|copyright)"
    r"(?: (?:by|von))?\s*[:/(©-]+\s*$|(?:photo|picture|image) by $|©\s*$"
)
"""A name right behind one of these is a picture credit, which says nothing about the text. "Video from Radio X" is a source."""

MEDIA_WORDS = re.compile(
    r"\b(?:times|post|herald|tribune|gazette|journal|news|radio|tv|press|chronicle|observer|telegraph|zeitung|nachrichten|rundschau|"
    r"anzeiger|kurier|tagblatt|tageblatt|rundfunk|presse|новости|газета|вести|известия|новини|вісті|телеграф|вестник|вісник|радио|радіо|"
    r"тв|курьер|кур'єр|today|wochenblatt)\b"
)
"""Words in a capitalised name by which an unknown medium is known to be one."""
