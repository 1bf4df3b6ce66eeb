"""How much of what looks related was read: until all of it was, a silence is no absence. Pure."""

from __future__ import annotations

from comparison.findings import Reading


def reading_of(*, is_scored: bool, related: int, unread: int, uncompared: int, new: int) -> Reading:
    """Where a comparison stands. ``unread`` articles look related and were not read; of the ``related`` ones ``uncompared`` wait for a
    comparison of their passages; ``new`` ones no look was taken at. ``is_scored`` is False before a first look with today's claims and
    models.

    >>> reading_of(is_scored=True, related=217, unread=100, uncompared=17, new=0).text[:65]
    'Incomplete: 200 of 317 articles that look related were read and c'
    """
    if not is_scored:
        text = "Incomplete: the articles were not compared with these claims, or not by this encoder, yet."
        return Reading(complete=False, read=0, promising=0, new=new, text=text)
    read, promising, parts = related - uncompared, related + unread, []
    if unread or uncompared:
        parts.append(f"{read:,} of {promising:,} articles that look related were read and compared")
    if new:
        parts.append(f"{new:,} articles are new or changed and were not looked at")
    text = f"Incomplete: {'; '.join(parts)}. Where nothing is found yet, nothing is known." if parts else ""
    return Reading(complete=not parts, read=read, promising=promising, new=new, text=text)
