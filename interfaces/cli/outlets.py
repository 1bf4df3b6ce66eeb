"""``outlets list``, ``show``, ``check``, ``test``, ``add`` and ``mute``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from config.catalog import load_catalog
from config.outlet import Outlet
from interfaces.cli.context import When, json_option, login_name, read_settings, writable
from interfaces.cli.output import day, line, print_json, say, table


@click.group()
def outlets() -> None:
    """The registry of outlets."""


@outlets.command("list")
@click.option("--lang", "language", help="Only outlets of this language.")
@click.option("--enabled", is_flag=True, help="Only outlets that are on.")
@json_option
@click.pass_context
def list_(ctx: click.Context, language: str | None, enabled: bool, json_: bool) -> None:
    """All outlets, one a line."""
    catalog = load_catalog(read_settings(ctx, database=False))
    chosen = [o for o in catalog if (not language or o.language == language) and (o.enabled or not enabled)]
    if json_:
        print_json([outlet_keys(outlet) for outlet in chosen])
        return
    table(
        ["id", "lang", "owner", "on", "end points", "name"],
        [
            (o.id, o.language, o.owner, "yes" if o.enabled else "no", f"{len(o.live_endpoints)} of {len(o.endpoints)}", o.name)
            for o in chosen
        ],
    )


@outlets.command()
@click.argument("outlet")
@json_option
@click.pass_context
def show(ctx: click.Context, outlet: str, json_: bool) -> None:
    """One outlet's card as it is understood."""
    from storage.run_records import EndpointCheck

    settings = read_settings(ctx, database=False)
    found = load_catalog(settings).select([outlet])[0]
    checks: dict[str, EndpointCheck] = {check.url: check for check in _last_checks(settings, outlet)}
    if json_:
        print_json({**outlet_keys(found), "checks": list(checks.values())})
        return
    line(f"{found.id}: {found.name} ({found.language}, {found.country or 'country unknown'})")
    line(f"owner {found.owner}, family {found.family or '-'}, {'on' if found.enabled else 'off'} {found.reason}".rstrip())
    line(f"domains {', '.join(found.domains)}")
    for endpoint in found.endpoints:
        line(f"  {'on ' if endpoint.is_enabled else 'off'} {endpoint.kind:<13} {endpoint.status:<10} {endpoint.url}")
        if endpoint.url in checks:
            check = checks[endpoint.url]
            line(f"      {check.verdict.value.replace('_', ' ')} on {day(check.checked_at)} {check.detail}".rstrip())


def _last_checks(settings: Any, outlet: str) -> list[Any]:
    """What ``outlets check`` last found; nothing where there is no database yet."""
    from contextlib import closing

    from storage import endpoints
    from storage.database import open_reader
    from storage.errors import DatabaseUnusableError

    try:
        with closing(open_reader(settings.database)) as database, database.read() as session:
            return endpoints.load_checks(session, [outlet])
    except DatabaseUnusableError:
        return []


@outlets.command()
@click.argument("names", nargs=-1, metavar="[OUTLET]...")
@json_option
@click.pass_context
def check(ctx: click.Context, names: tuple[str, ...], json_: bool) -> int:
    """Ask every end point of OUTLETS once (of all enabled ones when none is named): robots, delays and guard hold, no page is fetched.

    Says alive, empty, stale, blocked, moved, not a feed, dead, or unchecked; `outlets show` repeats it later.
    """
    from scheduler.probing import check_outlets

    settings = writable(read_settings(ctx))
    found = check_outlets(settings, names, progress=say)
    if json_:
        print_json(found)
    else:
        rows = [
            (
                result.outlet,
                c.verdict.value.replace("_", " "),
                c.status,
                c.entries,
                day(c.newest_at) if c.newest_at else "",
                c.url,
                c.detail,
            )
            for result in found
            for c in result.endpoints
        ]
        table(["outlet", "verdict", "status", "entries", "newest", "end point", "detail"], rows)
        for result in found:
            if result.needs_attention:
                line(f"needs attention: {result.outlet}")
            elif result.known:
                line(f"known: {result.outlet}: {result.known}")
    return 1 if any(result.needs_attention for result in found) else 0


@outlets.command("test")
@click.argument("outlet")
@click.option("--sample", type=click.IntRange(min=1, max=100), default=5, show_default=True, help="Pages to read.")
@json_option
@click.pass_context
def test_(ctx: click.Context, outlet: str, sample: int, json_: bool) -> int:
    """What OUTLET's card gives, field by field: its feeds and some pages are read as a crawl would, and nothing is stored."""
    from scheduler.sampling import sample_outlet

    found = sample_outlet(writable(read_settings(ctx)), outlet, sample, progress=say)
    if json_:
        print_json({"outlet": found.outlet, "feeds": found.feeds, "pages": found.pages, "coverage": found.coverage})
    else:
        _print_sample(found)
    return 0 if any(page.article for page in found.pages) else 1


@outlets.command()
@click.argument("url")
@click.option("--sample", type=click.IntRange(min=1, max=20), default=3, show_default=True, help="Articles to read for language and date.")
@json_option
@click.pass_context
def add(ctx: click.Context, url: str, sample: int, json_: bool) -> int:
    """Draft a card for the site at URL into your outlets_dir: its feeds and sitemaps, language, content system, form of addresses.

    At most ten end points and some pages are asked for, under robots, delays and guard. Nothing but the card is stored.
    """
    from scheduler.drafting import draft_card

    found = draft_card(writable(read_settings(ctx)), url, sample, progress=say)
    if json_:
        tried = [{"url": address, "verdict": verdict, "detail": detail} for address, verdict, detail in found.tried]
        card = {**outlet_keys(found.outlet), "article_pattern": found.outlet.article_pattern, "cms": found.outlet.cms}
        print_json({"file": found.file, "outlet": card, "tried": tried, "pages": found.sample.pages, "coverage": found.sample.coverage})
        return 0 if any(page.article for page in found.sample.pages) else 1
    table(["end point", "verdict", "detail"], [(address, v.value.replace("_", " "), detail) for address, v, detail in found.tried])
    line()
    _print_sample(found.sample)
    line()
    line(f"wrote {found.file}: look at it, above all at its owner; then `secondsource crawl {found.outlet.id} --max-pages 20`")
    if any(page.article for page in found.sample.pages):
        return 0
    line(f"needs attention: none of the {len(found.sample.pages)} pages gave an article, see above why")
    return 1


def _print_sample(found: Any) -> None:
    for reading in found.feeds:
        line(
            f"{reading.outcome}  {reading.entries if reading.entries is not None else '-'} entries  {reading.url} {reading.detail}".rstrip()
        )
    for page in found.pages:
        line()
        line(f"{page.outcome}  {page.url} {page.detail}".rstrip())
        if page.article is None:
            continue
        published = f"{day(page.published_at)} ({page.published_precision} from {page.published_source})" if page.published_at else "none"
        rows = [
            ("key", page.article),
            ("kind", page.kind + (", partial" if page.partial else "") + (", no archive" if page.noarchive else "")),
            ("title", page.title or "none"),
            ("published", published),
            ("authors", ", ".join(page.authors) or "none"),
            ("language", page.language or "none"),
            ("text", f"{page.text_chars} characters: {page.opening}"),
        ]
        for name, value in rows:
            line(f"    {name:<10} {value}")
    line()
    line("found on " + ", ".join(f"{name} {share:.0%}" for name, share in found.coverage.items()) + f" of {len(found.pages)} pages")


@outlets.command()
@click.argument("outlet")
@click.option("--note", default="", help="Why its failure is accepted; needed unless --end.")
@click.option("--until", type=When(), help="When that ends by itself.")
@click.option("--end", is_flag=True, help="Count its failures again.")
@json_option
@click.pass_context
def mute(ctx: click.Context, outlet: str, note: str, until: datetime | None, end: bool, json_: bool) -> None:
    """Accept that OUTLET fails: it is still crawled and listed, but counts neither for exit codes nor for `health`."""
    from scheduler.jobs import now
    from storage import mutes
    from storage.database import open_database

    if not end and not note.strip():
        raise click.UsageError("say why with --note, or end a mute with --end")
    if until is not None and until <= now():
        raise click.UsageError(f"--until {day(until)} is past")
    settings = writable(read_settings(ctx))
    load_catalog(settings).select([outlet])
    database = open_database(settings.database)
    try:
        with database.write() as session:
            if end:
                was = mutes.unmute_outlet(session, outlet, now())
            else:
                made = mutes.Mute(outlet_id=outlet, note=note, muted_by=login_name(), muted_at=now(), until=until)
                mutes.mute_outlet(session, made)
    finally:
        database.close()
    if json_:
        print_json({"outlet": outlet, "muted": not end, "note": note, "until": until})
    elif end:
        line(f"{outlet} counts again" if was else f"{outlet} was not muted")
    else:
        line(f"{outlet} is muted{f' until {day(until)}' if until else ''}: {note}")


def outlet_keys(outlet: Outlet) -> dict[str, object]:
    return {
        "id": outlet.id,
        "name": outlet.name,
        "language": outlet.language,
        "owner": outlet.owner,
        "family": outlet.family,
        "country": outlet.country,
        "homepage": outlet.homepage,
        "enabled": outlet.enabled,
        "reason": outlet.reason,
        "state_media": outlet.state_media,
        "endpoints": [
            {"url": e.url, "kind": e.kind, "status": e.status, "enabled": e.is_enabled, "title": e.title} for e in outlet.endpoints
        ],
    }
