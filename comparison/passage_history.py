"""What a publisher's edits changed in the facts of one passage: a figure that was another one yesterday. Pure.

By the same rules as ``history --facts``: what one sentence loses and another gains has only moved. A sentence that an edit put in whole
has no earlier facts, and none is told of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from comparison.edit_facts import FactChange, fact_changes
from comparison.edits import find_edits
from comparison.findings import Revised, capped, iso
from comparison.passages import sentences
from storage.records import RevisionRecord, StoredArticle

FIELDS = ("number", "place", "date")


def changes_of(article: StoredArticle, revisions: Sequence[RevisionRecord], start: int, end: int) -> tuple[Revised, ...]:
    """The facts of ``article.text[start:end]`` that had another value in an earlier one of ``revisions``, the newest change first.

    ``revisions`` are the article's own, by time of capture; those after the article's current one are not looked at.
    """
    numbers = [revision.number for revision in revisions]
    known = revisions[: numbers.index(article.revision) + 1] if article.revision in numbers else ()
    passage = article.text[start:end]
    # Most edits are made elsewhere in the text: comparing it sentence by sentence takes a thousand times as long as this.
    if all(passage in revision.text for revision in known):
        return ()
    wanted = {
        article.text[span.start : span.end] for span in sentences(article.text, article.language) if span.start < end and start < span.end
    }
    found: list[Revised] = []
    for before, after in reversed(list(pairwise(known))):
        if before.text == after.text:
            continue
        edits = find_edits(before.title, before.text, after.title, after.text, article.language)
        own = [edit for edit in edits if edit.new in wanted and edit.new_paragraph and edit.old_paragraph]
        changed = set(fact_changes(edits, article.language, article.published.at)) if own else set()
        here = fact_changes(own, article.language, article.published.at)
        found += [_revised(change, before, after) for change in here if change.field in FIELDS and change in changed]
        wanted = {edit.old for edit in own} | {text for text in wanted if text in before.text}
    return tuple(found)


def _revised(change: FactChange, before: RevisionRecord, after: RevisionRecord) -> Revised:
    return Revised(
        field=change.field,
        old=capped(change.old),
        new=capped(change.new),
        revision=after.number,
        before=iso(before.captured_at) or "",
        captured=iso(after.captured_at) or "",
    )
