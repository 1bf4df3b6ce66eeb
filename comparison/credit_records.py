"""What a text shows of where it has something from, one record a trace."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class CreditKind(StrEnum):
    MEDIUM = "medium"
    """Another medium reported it."""
    OWN = "own"
    """The outlet's own reporting: somebody told it, it saw, it asked."""
    VOICE = "voice"
    """A person's or an institution's public statement, which any medium can quote."""
    UNNAMED = "unnamed"
    """Media that are not named: a common source is neither shown nor excluded."""
    RUMOUR = "rumour"
    """What is said, written or passed round by nobody in particular: the same."""
    HEARSAY = "hearsay"
    """Told as hearsay in its own paragraph."""
    MENTION = "mention"
    """Another medium is named without a word of crediting: it may be where the piece has it from."""
    SPEAKER = "speaker"
    """Somebody whose name stands beside a verb of saying. Compared with those of other pieces, never shown or counted by itself."""


FOR_THE_WHOLE = frozenset({CreditKind.MEDIUM, CreditKind.UNNAMED, CreditKind.RUMOUR, CreditKind.MENTION})
"""What is meant for the whole piece where it stands in the lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """One credit. ``start`` and ``end`` are the span of the words in ``text``; both are -1 for one in headline, description or links."""

    kind: CreditKind
    key: str
    """What origins are grouped by: an owner id, ``named:…`` for an unknown name, ``statement:…`` for a speaker, ``office:…`` for a kind of
    public body; empty for OWN, UNNAMED, RUMOUR, HEARSAY."""
    label: str
    """The name as the text gives it, or as the card does."""
    start: int
    end: int
    whole: bool
    """Meant for the whole piece, not for its own paragraph only."""
    citing: bool = False
    """Named as the source behind another medium ("TASS reports, citing Baza")."""
    outlets: frozenset[str] = frozenset()
    evidence: str = ""


def shows_own_reporting(found: Collection[Credit]) -> bool:
    """Whether the text shows that the outlet asked, saw or was told itself."""
    return any(credit.kind is CreditKind.OWN for credit in found)
