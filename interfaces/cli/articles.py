"""``search``, ``show`` and ``clusters``."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import click

from comparison.chronology import place_first
from interfaces.cli.context import Until, When, json_option, read_settings, reading
from interfaces.cli.output import as_json, day, line, paragraphs, print_json, print_json_line, say, table
from storage import citations, copies, queries
from storage import search as index
from storage.errors import NotFoundError
from storage.near_duplicates import MIN_PASSAGE, shared_spans
from storage.records import ArticleKind, StoredArticle
from storage.reports import find_report


@click.command()
@click.argument("query")
@click.option("--lang", "languages", multiple=True, help="Only this language; may be given more than once.")
@click.option("--outlet", "outlets", multiple=True, help="Only this outlet; may be given more than once.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice([kind.value for kind in ArticleKind]), help="Only this kind.")
@click.option("--since", type=When(), help="Published on or after.")
@click.option("--until", type=Until(), help="Published before or on; a day is included to its end.")
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
    if not index.holds_word(query):
        raise click.UsageError(f"{query!r} holds no word to look for; NOT and - only take away from what other words find")
    with reading(settings) as session:
        if report is not None and find_report(session, report) is None:
            raise NotFoundError("report", report)
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
        unknown = [] if found.hits else index.unknown_filters(session, languages, outlets)
    for filtered in unknown:
        say(f"note: no article of {filtered} is stored")
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
    """ARTICLE (its key) as it stands in its newest revision, with the copies and the passages that it shares with others."""
    with reading(read_settings(ctx)) as session:
        found = queries.load_article(session, article)
        kin = _kin(session, found)
        cited = citations.list_citations(session, found.article_id)
    if json_:
        print_json({**as_json(found), "copies": kin, "citations": [as_json(citation) for citation in cited]})
        return
    line(found.title)
    line(f"{found.outlet_name} ({found.language}), published {day(found.published.at)} ({found.published.precision or 'no precision'})")
    line(f"{found.url}")
    line(f"revision {found.revision}, first seen {day(found.first_seen_at)}, capture sha256 {found.capture_sha256}")
    if found.gone_at:
        line(f"withdrawn by its publisher, noticed {day(found.gone_at)}")
    if found.partial:
        line("partial: the publisher served only a part of the text")
    for other in kin:
        words = sum(span["words"] for span in other["spans"])
        shared = f"{other['jaccard']:.0%} alike" if other["kind"] == "near" else f"{words} words in a row" if words else ""
        line(f"{other['kind']}: {other['article']}{', ' + shared if shared else ''}")
    for citation in cited:
        line(f"links to: {citation.article or citation.url} ({citation.outlet})")
    line()
    if found.entries:
        for start, end, at in _pieces(found):
            if at is not None:
                line(f"— {at:%Y-%m-%d %H:%M} UTC")
            paragraphs(found.text[start:end].strip("\n"))
    else:
        paragraphs(found.text or found.description)


def _pieces(article: StoredArticle) -> Iterator[tuple[int, int, datetime | None]]:
    """The text of a live blog, entry by entry, with each one's own time; what stands before the first has none."""
    starts = [entry.start for entry in article.entries]
    if starts[0] > 0:
        yield 0, starts[0], None
    for entry, end in zip(article.entries, [*starts[1:], len(article.text)], strict=True):
        yield entry.start, end, entry.at


def _kin(session: Any, article: StoredArticle) -> list[dict[str, Any]]:
    """Same-language texts of other outlets that share this one's words, with the runs of words that both have."""
    pairs = copies.copies_of(session, article.article_id)
    numbers = [pair.article_b if pair.article_a == article.article_id else pair.article_a for pair in pairs]
    others = {other.article_id: other for other in queries.load_articles(session, numbers)}
    kin = []
    for number, pair in zip(numbers, pairs, strict=True):
        shares = (pair.containment_a, pair.containment_b)
        kin.append(
            {
                "article": others[number].key,
                "kind": pair.kind.value,
                "jaccard": pair.jaccard,
                "share": shares[0 if pair.article_a == article.article_id else 1],
                "spans": [
                    {"start": span.a_start, "end": span.a_end, "other_start": span.b_start, "other_end": span.b_end, "words": span.words}
                    for span in shared_spans(article.text, others[number].text, MIN_PASSAGE)
                ],
            }
        )
    return kin


@click.group()
def clusters() -> None:
    """Groups of same-language copies."""


@clusters.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, json_: bool) -> None:
    """All clusters, the largest first."""
    with reading(read_settings(ctx)) as session:
        found = copies.clusters(session)
    if json_:
        print_json([_as_placed(cluster) for cluster in found])
        return
    for cluster in found:
        line(f"{cluster.cluster_id}  {len(cluster.articles)} articles  first: {_first_words(cluster)}  {cluster.title}")


@clusters.command("show")
@click.argument("cluster", type=int)
@json_option
@click.pass_context
def show_cluster(ctx: click.Context, cluster: int, json_: bool) -> None:
    """One cluster's articles, each with when it was published, first seen here, and last modified."""
    with reading(read_settings(ctx)) as session:
        found = next((item for item in copies.clusters(session) if item.cluster_id == cluster), None)
    if found is None:
        raise NotFoundError("cluster", str(cluster))
    if json_:
        print_json(_as_placed(found))
        return
    line(f"first: {_first_words(found)}")
    table(
        ["article", "published", "precision", "first seen", "modified"],
        [
            (member.article, day(member.published.at), member.published.precision, day(member.first_seen_at), day(member.modified.at))
            for member in found.members
        ],
    )


def _first_publisher(cluster: copies.ClusterRecord) -> str | None:
    """Key of the article that was published first; None where the publishers' times cannot tell, or one of them gives none."""
    placing = place_first([member.published for member in cluster.members])
    return None if placing.first is None or placing.undated else cluster.members[placing.first].article


def _first_words(cluster: copies.ClusterRecord) -> str:
    return _first_publisher(cluster) or f"cannot be told from the publishers' times (earliest: {cluster.first})"


def _as_placed(cluster: copies.ClusterRecord) -> dict[str, Any]:
    return {**as_json(cluster), "first_publisher": _first_publisher(cluster)}
