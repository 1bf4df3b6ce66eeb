"""``search``, ``show``, ``history``, ``diff`` and ``clusters``."""

from __future__ import annotations

import difflib
import re
from datetime import datetime

import click

from interfaces.cli.context import When, json_option, read_settings, reading
from interfaces.cli.output import day, line, paragraphs, print_json, print_json_line, say
from storage import queries
from storage import search as index
from storage.errors import NotFoundError
from storage.records import ArticleKind, RevisionRecord


@click.command()
@click.argument("query")
@click.option("--lang", "languages", multiple=True, help="Only this language; may be given more than once.")
@click.option("--outlet", "outlets", multiple=True, help="Only this outlet; may be given more than once.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in ArticleKind]), help="Only this kind.")
@click.option("--since", type=When(), help="Published on or after.")
@click.option("--until", type=When(), help="Published before or on.")
@click.option("--report", help="Only articles related to this report.")
@click.option("--sort", type=click.Choice(["relevance", "date"]), default="relevance", show_default=True, help="date: the newest first.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
@click.pass_context
def search(
    ctx: click.Context,
    query: str,
    languages: tuple[str, ...],
    outlets: tuple[str, ...],
    kinds: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    report: str | None,
    sort: str,
    limit: int,
    json_: bool,
) -> None:
    """Articles that hold all words of QUERY, in any inflected form; names in any script and spelling (Swatowe finds Сватове).

    "in quotes": words in this order, as written. -word: not this one. word*: what begins so. AND, OR and NOT, in capitals, and
    parentheses combine; OR binds least. Everything else is a word.
    """
    settings = read_settings(ctx)
    with reading(settings) as session:
        found = index.search(
            session,
            query,
            languages=languages,
            outlets=outlets,
            kinds=kinds,
            since=since,
            until=until,
            report=report,
            sort="newest" if sort == "date" else "relevance",
            limit=limit,
        )
    if found.is_cut:
        say(f"note: many hits; the {index.RANKED} stored last were put in order of relevance. --sort date orders all of them")
    for hit in found.hits:
        if json_:
            print_json_line(hit)
        else:
            line(f"{hit.article}  {hit.language}  {day(hit.published_at)}  {hit.title}")
            line(f"    {hit.snippet.replace(chr(0x27E6), '[').replace(chr(0x27E7), ']')}")
            line(f"    {hit.url}")
    if not found.hits and not json_:
        line("nothing found")


@click.command()
@click.argument("article")
@json_option
@click.pass_context
def show(ctx: click.Context, article: str, json_: bool) -> None:
    """ARTICLE (its key) as it stands in its newest revision."""
    with reading(read_settings(ctx)) as session:
        found = queries.load_article(session, article)
    if json_:
        print_json(found)
        return
    line(found.title)
    line(f"{found.outlet_name} ({found.language}), published {day(found.published.at)} ({found.published.precision or 'no precision'})")
    line(f"{found.url}")
    line(f"revision {found.revision}, first seen {day(found.first_seen_at)}, capture sha256 {found.capture_sha256}")
    if found.gone_at:
        line(f"withdrawn by its publisher, noticed {day(found.gone_at)}")
    if found.partial:
        line("partial: the publisher served only a part of the text")
    line()
    paragraphs(found.text or found.description)


@click.command()
@click.argument("article")
@json_option
@click.pass_context
def history(ctx: click.Context, article: str, json_: bool) -> None:
    """The revisions of ARTICLE, oldest first."""
    with reading(read_settings(ctx)) as session:
        revisions = queries.history(session, article)
    if json_:
        print_json(revisions)
        return
    for revision in revisions:
        line(f"{revision.number}  {day(revision.captured_at)}  {len(revision.text)} characters  {revision.title}")


@click.command()
@click.argument("article")
@click.argument("first", type=int)
@click.argument("second", type=int)
@json_option
@click.pass_context
def diff(ctx: click.Context, article: str, first: int, second: int, json_: bool) -> None:
    """What changed in ARTICLE between revisions FIRST and SECOND, word by word."""
    with reading(read_settings(ctx)) as session:
        revisions = {revision.number: revision for revision in queries.history(session, article)}
    for number in (first, second):
        if number not in revisions:
            raise NotFoundError("revision", f"{article} {number}")
    changes = word_changes(revisions[first], revisions[second])
    if json_:
        print_json({"article": article, "from": first, "to": second, "changes": changes})
        return
    for change in changes:
        line(f"- {change['old']}" if change["old"] else "-")
        line(f"+ {change['new']}" if change["new"] else "+")
    if not changes:
        line("no word changed")


def word_changes(old: RevisionRecord, new: RevisionRecord) -> list[dict[str, str]]:
    """The changed runs of words, each with three words of context on both sides, headline first."""
    before = re.findall(r"\S+", f"{old.title}\n{old.text}")
    after = re.findall(r"\S+", f"{new.title}\n{new.text}")
    changes = []
    for operation, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if operation != "equal":
            changes.append(
                {
                    "old": " ".join(before[max(0, i1 - 3) : i2 + 3]),
                    "new": " ".join(after[max(0, j1 - 3) : j2 + 3]),
                    "removed": " ".join(before[i1:i2]),
                    "added": " ".join(after[j1:j2]),
                }
            )
    return changes


@click.group()
def clusters() -> None:
    """Groups of same-language copies."""


@clusters.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, json_: bool) -> None:
    """All clusters, the largest first."""
    with reading(read_settings(ctx)) as session:
        found = queries.clusters(session)
    if json_:
        print_json(found)
        return
    for cluster in found:
        line(f"{cluster.cluster_id}  {len(cluster.articles)} articles  first: {cluster.first}  {cluster.title}")


@clusters.command("show")
@click.argument("cluster", type=int)
@json_option
@click.pass_context
def show_cluster(ctx: click.Context, cluster: int, json_: bool) -> None:
    """One cluster's articles."""
    with reading(read_settings(ctx)) as session:
        found = next((item for item in queries.clusters(session) if item.cluster_id == cluster), None)
    if found is None:
        raise NotFoundError("cluster", str(cluster))
    if json_:
        print_json(found)
        return
    for key in found.articles:
        line(key)
