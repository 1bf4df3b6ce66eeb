"""``report``: add, list, show, edit, score."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from interfaces.cli.context import When, json_option, login_name, read_settings, reading, writable
from interfaces.cli.output import day, line, paragraphs, print_json, say, table
from storage import reports as stored
from storage.claim_records import ClaimChange, ClaimChangeKind, ReferenceReport
from storage.records import Precision

if TYPE_CHECKING:
    from comparison.scorecard import Tally
    from config.settings import Settings


@click.group()
def report() -> None:
    """Reference reports and their claims."""


@report.command()
@click.argument("source")
@click.option("--key", help="A short name for it; made from the title when not given.")
@click.option("--published", type=When(), help="When the report was published.")
@click.option("--url", help="Where it was published.")
@click.option("--outlet", help="Who published it; joins the report's own chain.")
@click.option("--language", type=click.Choice(["en", "de", "ru", "uk"]), help="Language of the text at hand.")
@click.option("--translated-from", help="Language it was translated from, if it was.")
@click.option(
    "--chain",
    multiple=True,
    help="A name or owner that the report derives from, beside the media that its text credits; may be given more than once.",
)
@json_option
@click.pass_context
def add(
    ctx: click.Context,
    source: str,
    key: str | None,
    published: datetime | None,
    url: str | None,
    outlet: str | None,
    language: str | None,
    translated_from: str | None,
    chain: tuple[str, ...],
    json_: bool,
) -> None:
    """Add a report from SOURCE: a TOML file with claims, a text or HTML file, or an address. Any text is split into claims."""
    from scheduler import reporting

    settings = writable(read_settings(ctx))
    found = reporting.read_source(
        settings,
        source,
        key=key,
        published=published,
        url=url,
        outlet=outlet,
        language=language,
        translated_from=translated_from,
        chain=chain,
        progress=say,
    )
    from_claims = source.lower().endswith(".toml")
    say(f"{found.key}: {reporting.add_report(settings, found, from_claims=from_claims, by=login_name())}")
    with reading(settings) as session:
        kept = stored.load_report(session, found.key)
    if not kept.chain:
        say(f"note: whom it rests on is not known, so that its own sources would be counted as second ones: report edit {found.key}")
    elif not from_claims:
        say(f"note: its own chain, which is never a second source, has the media that it credits: report edit {found.key} to correct it")
    _print(kept, json_)


@report.command("list")
@json_option
@click.pass_context
def list_(ctx: click.Context, json_: bool) -> None:
    """All reports."""
    with reading(read_settings(ctx)) as session:
        found = stored.list_reports(session)
    if json_:
        print_json([_keys(item) for item in found])
        return
    for item in found:
        line(f"{item.key}  {item.language}  {_published(item)}  {len(item.claims)} claims  {item.title}")


@report.command()
@click.argument("key", metavar="REPORT")
@click.option("--history", is_flag=True, help="What became of its claims: who changed, merged, split or withdrew what, and when.")
@json_option
@click.pass_context
def show(ctx: click.Context, key: str, history: bool, json_: bool) -> None:
    """One report with its claims."""
    with reading(read_settings(ctx)) as session:
        found = stored.load_report(session, key)
        changes = stored.claim_history(session, key)
        versions = stored.claim_versions(session, key)
    if json_:
        print_json({**_keys(found), "history": changes, "versions": versions} if history else _keys(found))
        return
    _print(found, json_)
    if history:
        texts = {(item.claim.id, item.claim.version): item.claim.text for item in versions}
        line("")
        line("history:")
        for change in changes:
            line(f"{day(change.changed_at)}  {change_words(change)}: {texts.get((change.claim_id, change.version), '')}")


@report.command()
@click.argument("key", metavar="REPORT")
@click.option(
    "--file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="An edited draft; without it the editor is opened."
)
@click.option("--draft", is_flag=True, help="Print the draft and change nothing.")
@click.option("--by", default=None, help="Who edits; default: the name you are logged in by.")
@json_option
@click.pass_context
def edit(ctx: click.Context, key: str, file: Path | None, draft: bool, by: str | None, json_: bool) -> None:
    """Edit the claims of REPORT as TOML in $EDITOR. Ids stay; merges, splits and deletions are kept in its history."""
    from comparison.drafts import write_draft
    from scheduler import reporting

    settings = read_settings(ctx)
    with reading(settings) as session:
        found = stored.load_report(session, key)
    text = write_draft(found)
    if draft:
        paragraphs(text)
        return
    who = by or login_name()
    if file is not None:
        changes = reporting.apply_draft(settings, key, _read_draft(file), str(file), by=who)
    else:
        edited = click.edit(text, extension=".toml", require_save=False)
        if edited is None or edited == text:
            say("nothing was changed")
            changes = []
        else:
            changes = _apply_or_keep(settings, key, edited, who)
    with reading(settings) as session:
        after = stored.load_report(session, key)
    if json_:
        print_json({**_keys(after), "changes": changes})
        return
    for change in changes:
        line(change_words(change))
    if changes:
        say("the next comparison reads the articles again for this report")


def _read_draft(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{file} cannot be read as UTF-8 text") from error


def _apply_or_keep(settings: Settings, key: str, edited: str, by: str) -> list[ClaimChange]:
    """Store an edit; one with faults is opened again on a terminal, and else kept in a file, so that nobody's work is lost."""
    import sys
    import tempfile

    from config.faults import ConfigError
    from scheduler import reporting

    while True:
        try:
            return reporting.apply_draft(settings, key, edited, "draft", by=by)
        except ConfigError as error:
            for fault in error.faults:
                say(f"error: {fault}")
            if sys.stdin.isatty() and sys.stderr.isatty() and click.confirm("Edit again?", default=True, err=True):
                edited = click.edit(edited, extension=".toml", require_save=False) or edited
                continue
            with tempfile.NamedTemporaryFile("w", prefix=f"{key}-", suffix=".toml", delete=False, encoding="utf-8") as kept:
                kept.write(edited)
            say(f"your edit is kept in {kept.name}; mend it and run: secondsource report edit {key} --file {kept.name}")
            raise


CHANGE_WORDS = {
    ClaimChangeKind.ADDED: "added",
    ClaimChangeKind.REWORDED: "changed",
    ClaimChangeKind.MERGED: "merged from",
    ClaimChangeKind.MERGED_INTO: "merged into",
    ClaimChangeKind.SPLIT: "split from",
    ClaimChangeKind.SPLIT_INTO: "split into",
    ClaimChangeKind.WITHDRAWN: "withdrawn",
    ClaimChangeKind.RESTORED: "brought back",
}


def change_words(change: ClaimChange) -> str:
    """ "c08@1 merged from c01, c07 by anna": the number behind @ is the version."""
    others = f" {', '.join(change.others)}" if change.others else ""
    by = f" by {change.changed_by}" if change.changed_by else ""
    return f"{change.claim_id}@{change.version} {CHANGE_WORDS[change.change]}{others}{by}"


@report.command()
@click.argument("key", metavar="REPORT")
@click.option("--own", "which", flag_value="own", help="Measure against a new sample of your own articles that are not on its subject.")
@click.option("--bundled", "which", flag_value="bundled", help="Go back to the sentences that come with the program.")
@json_option
@click.pass_context
def background(ctx: click.Context, key: str, which: str | None, json_: bool) -> None:
    """What unrelated sentences REPORT is measured against; another sample scores everything anew in the next comparison."""
    from scheduler import reporting

    settings = read_settings(ctx)
    if which is not None:
        counts = reporting.change_background(settings, key, own=which == "own", progress=say)
        for language, count in counts.items():
            say(f"{language}: {count or 'too few found, the bundled'} sentences")
    with reading(settings) as session:
        number = stored.load_report(session, key).background
    if json_:
        print_json({"report": key, "background": number})
        return
    line(f"{key}: measured against {f'background {number}, of your own articles' if number else 'the bundled background'}")


@report.command()
@click.argument("key", metavar="REPORT")
@json_option
@click.pass_context
def score(ctx: click.Context, key: str, json_: bool) -> None:
    """How often the program was right, by what persons judged."""
    from scheduler import judging

    settings = read_settings(ctx)
    with reading(settings):
        pass
    found = judging.score(settings, key)
    if json_:
        print_json(found)
        return
    line(found.summary)
    if not found.judged:
        return
    headings = ("the program said", "carries it", "does not", "unclear", "share", "95 % interval")
    for title, tallies in (("when judged", found.then), ("today", found.now), ("close passages, by language", found.by_language)):
        line("")
        line(f"{title}:")
        table(headings, [(LEVEL_NAMES.get(name, name), *_tally_cells(tally)) for name, tally in tallies.items()])
    if found.origins_agreed or found.origins_missed:
        line(f"same origin: seen by the program too {found.origins_agreed}, not seen {found.origins_missed}")
    if found.lapsed:
        line(f"{found.lapsed} judgements are on words that have changed since; judge them again")


LEVEL_NAMES = {"strong": "close passage", "possible": "possible passage", "none": "no passage"}


def _tally_cells(tally: Tally) -> tuple[object, ...]:
    share = f"{tally.share:.0%}" if tally.share is not None else "–"
    interval = f"{tally.low:.0%} – {tally.high:.0%}" if tally.low is not None and tally.high is not None else "–"
    return tally.confirmed, tally.rejected, tally.unclear, share, interval


def _print(found: ReferenceReport, json_: bool) -> None:
    if json_:
        print_json(_keys(found))
        return
    line(f"{found.key}: {found.title} ({found.language}{', translated from ' + found.translated_from if found.translated_from else ''})")
    line(f"published {_published(found)}; own chain: {', '.join(found.chain) or 'unknown'}")
    for claim in found.claims:
        marks = ", ".join([claim.kind.value, *(["hearsay"] if claim.hearsay else []), *([claim.speaker] if claim.speaker else [])])
        line(f"{claim.id}  [{marks}] {claim.text}")
        facts = [number.text for number in claim.numbers] + [place.text for place in claim.places] + list(claim.dates)
        if facts:
            line(f"     facts: {', '.join(facts)}")


def _published(found: ReferenceReport) -> str:
    """A report may be known by its month alone."""
    if found.published.at is None:
        return found.published.raw or "no date"
    return f"{found.published.at:%Y-%m-%d}" if found.published.precision is Precision.DAY else day(found.published.at)


def _keys(found: ReferenceReport) -> dict[str, object]:
    return {
        "report": found.key,
        "title": found.title,
        "language": found.language,
        "translated_from": found.translated_from,
        "url": found.url,
        "outlet": found.outlet,
        "published_at": found.published.at,
        "published": found.published.raw if found.published.at is None else found.published.at,
        "chain": found.chain,
        "claims": found.claims,
    }
