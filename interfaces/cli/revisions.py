"""``history`` and ``diff``: what a publisher made of an article."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import click

from interfaces.cli.context import json_option, read_settings, reading
from interfaces.cli.output import Ink, as_json, day, line, print_json, styled_line
from storage import queries
from storage.errors import NotFoundError
from storage.records import RevisionRecord, StoredArticle

if TYPE_CHECKING:
    from comparison.edit_facts import FactChange
    from comparison.edits import Edit


@click.command()
@click.argument("article")
@click.option("--facts", "facts", is_flag=True, help="With what each revision changed in numbers, dates, places, names and quotations.")
@json_option
@click.pass_context
def history(ctx: click.Context, article: str, facts: bool, json_: bool) -> None:
    """The revisions of ARTICLE, oldest first, and its withdrawal."""
    with reading(read_settings(ctx)) as session:
        revisions = queries.history(session, article)
        found = queries.load_article(session, article)
    changed: dict[int, tuple[FactChange, ...]] = {}
    if facts:
        for before, after in pairwise(revisions):
            changed[after.number] = _compare(found, before, after)[1]
    if json_:
        rows = [as_json(revision) for revision in revisions]
        print_json([row | {"facts": changed.get(row["number"], ())} for row in rows] if facts else rows)
        return
    for revision in revisions:
        line(f"{revision.number}  {day(revision.captured_at)}  {len(revision.text)} characters  {revision.title}")
        for change in changed.get(revision.number, ()):
            line(f"    {change}")
    if found.gone_at:
        line(f"withdrawn by its publisher, noticed {day(found.gone_at)}")


@click.command()
@click.argument("article")
@click.argument("first", type=int)
@click.argument("second", type=int)
@json_option
@click.pass_context
def diff(ctx: click.Context, article: str, first: int, second: int, json_: bool) -> None:
    """What changed in ARTICLE between revisions FIRST and SECOND, word by word.

    First what it means for numbers, dates, places, names and quotations; then every sentence that was changed, moved, added or taken
    out. On a terminal in colour (unless NO_COLOR is set), elsewhere as [-taken out-] and {+put in+}.
    """
    from comparison.edits import word_changes

    with reading(read_settings(ctx)) as session:
        revisions = {revision.number: revision for revision in queries.history(session, article)}
        found = queries.load_article(session, article)
    for number in (first, second):
        if number not in revisions:
            raise NotFoundError("revision", f"{article} {number}")
    edits, facts = _compare(found, revisions[first], revisions[second])
    changes = list(word_changes(edits))
    edits = tuple(edit for edit in edits if edit.kind != "kept")
    if json_:
        print_json({"article": article, "from": first, "to": second, "changes": changes, "facts": facts, "sentences": edits})
        return
    for number in (first, second):
        line(f"revision {number}, captured {day(revisions[number].captured_at)}: {revisions[number].title}")
    for change in facts:
        styled_line([(str(change), Ink.BOLD)])
    for edit in edits:
        _show(edit)
    if not edits:
        line("no word changed")


def _compare(article: StoredArticle, before: RevisionRecord, after: RevisionRecord) -> tuple[tuple[Edit, ...], tuple[FactChange, ...]]:
    from comparison.edit_facts import fact_changes
    from comparison.edits import find_edits

    edits = find_edits(before.title, before.text, after.title, after.text, article.language)
    return edits, fact_changes(edits, article.language, article.published.at)


def _show(edit: Edit) -> None:
    where = "headline" if 0 in (edit.old_paragraph, edit.new_paragraph) else f"paragraph {edit.new_paragraph or edit.old_paragraph}"
    if edit.kind == "moved":
        where = f"paragraph {edit.old_paragraph} -> {edit.new_paragraph}"
    ink = {"kept": Ink.PLAIN, "removed": Ink.REMOVED, "added": Ink.ADDED}
    styled_line([(f"{edit.kind}, {where}: ", Ink.FAINT), *((piece.text, ink[piece.kind]) for piece in edit.pieces)])
