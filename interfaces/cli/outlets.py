"""``outlets list`` and ``outlets show``."""

from __future__ import annotations

import click

from config.catalog import load_catalog
from config.outlet import Outlet
from interfaces.cli.context import json_option, read_settings
from interfaces.cli.output import line, print_json, table


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
    found = load_catalog(read_settings(ctx, database=False)).select([outlet])[0]
    if json_:
        print_json(outlet_keys(found))
        return
    line(f"{found.id}: {found.name} ({found.language}, {found.country or 'country unknown'})")
    line(f"owner {found.owner}, family {found.family or '-'}, {'on' if found.enabled else 'off'} {found.reason}".rstrip())
    line(f"domains {', '.join(found.domains)}")
    for endpoint in found.endpoints:
        line(f"  {'on ' if endpoint.is_enabled else 'off'} {endpoint.kind:<13} {endpoint.status:<10} {endpoint.url}")


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
