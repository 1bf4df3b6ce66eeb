"""``explain`` and ``judge``."""

from __future__ import annotations

import click

from interfaces.cli.context import json_option, login_name, read_settings, reading
from interfaces.cli.output import line, print_json, say


@click.command()
@click.argument("report")
@click.argument("article")
@click.option("--all", "all_", is_flag=True, help="Claims without any passage too.")
@json_option
@click.pass_context
def explain(ctx: click.Context, report: str, article: str, all_: bool, json_: bool) -> None:
    """Why ARTICLE (its key) is, or is not, a match for REPORT: subject, passages, facts, thresholds and origin."""
    from scheduler import judging
    from storage.claim_records import Level

    settings = read_settings(ctx)
    with reading(settings):
        pass
    found = judging.explain(settings, report, article)
    if json_:
        print_json(found)
        return
    line(found.notice)
    line(f"{found.outlet_name} ({found.language}), {(found.published or 'no date')[:16].replace('T', ' ')}: {found.title}")
    line(found.url)
    line("")
    line(found.summary)
    line(f"On the subject? {found.relevance_words}")
    line(f"Origin: {found.origin_words}")
    line(f"Scores: {found.thresholds}")
    hidden = 0
    for view in found.claims:
        if view.level is Level.NONE and not view.near_miss and view.judgement is None and not all_:
            hidden += 1
            continue
        line("")
        line(f"{view.id}  {view.text}")
        if view.passage:
            line(f"     “{view.passage}”")
        line(f"     {view.words}")
    if hidden:
        line("")
        line(f"{hidden} claims without a passage are not listed; --all lists them with the nearest sentence.")


@click.command()
@click.argument("report")
@click.argument("claim")
@click.argument("article")
@click.argument("ruling", type=click.Choice(["confirm", "reject", "same-origin-as", "unclear"]))
@click.argument("other", metavar="[X]", required=False, default="")
@click.option("--note", default="", help="Why.")
@click.option("--quote", default="", help="The words that are judged, as the article has them; default: the passage that was found.")
@click.option("--by", default=None, help="Who judges; default: the name you are logged in by.")
@json_option
@click.pass_context
def judge(
    ctx: click.Context, report: str, claim: str, article: str, ruling: str, other: str, note: str, quote: str, by: str | None, json_: bool
) -> None:
    """Record what a person says of ARTICLE for CLAIM. It overrides the counts and is shown beside what the program says.

    same-origin-as takes X: another article, an outlet, an owner, an origin of the matrix, or "report" for the report's own chain.
    """
    from comparison.wording import ruling_words
    from scheduler import judging
    from storage.claim_records import Ruling

    if (ruling == Ruling.SAME_ORIGIN_AS) != bool(other):
        raise click.UsageError("same-origin-as takes one more argument, and only that: whose source it shares")
    settings = read_settings(ctx)
    found = judging.judge(settings, report, claim, article, Ruling(ruling), by=by or login_name(), same_as=other, note=note, quote=quote)
    if json_:
        print_json(found)
        return
    line(f"{found.claim}  {found.article}  {ruling_words(found)}")
    if found.quote:
        line(f"     “{found.quote}”")
    else:
        say("the article as a whole was judged: no passage of it was found for this claim")
