"""Pages by their addresses: one row for all the addresses of one page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from config.outlet import Outlet
from storage.batches import waits
from storage.dialects import add_new, run, run_past, table_of
from storage.errors import ForgottenError
from storage.identity import canonical_url, clean_url, host_key, page_key
from storage.models import OPEN, PageRow, VisitRow
from storage.records import PageKind
from storage.tombstones import find_buried, page_mark

_pages = table_of(PageRow)
_BY_KEY = select(_pages.c.id, _pages.c.url).where(_pages.c.url_sha256 == bindparam("key"))


def record_page(session: Session, *, url: str, outlet: Outlet, kind: PageKind, now: datetime, depth: int = 0) -> int:
    """The page behind an address, made if it is new; its id.

    A page that was first seen under a mirror's, a mobile or an AMP address is fetched from its canonical one once that is seen.

    Raises: ValueError when ``url`` is no usable http(s) address; ForgottenError when it was erased.
    """
    key = page_key(url, outlet)
    if find_buried(session, [page_mark(key)]):
        raise ForgottenError
    ask = run if waits(session, _pages, key) else run_past
    found = ask(session, _BY_KEY, key=key).one_or_none()
    if found is None:
        values = page_values(url, key=key, outlet=outlet, kind=kind, now=now, depth=depth)
        made = add_new(session, PageRow, values, keys=[key])
        if made is not None:
            return made
        found = run(session, _BY_KEY, key=key).one()
    clean = clean_url(url, outlet)
    if clean != found.url and clean == canonical_url(url, outlet) and found.url != canonical_url(found.url, outlet):
        move_page(session, found.id, clean)
    return int(found.id)


def page_values(url: str, *, key: str, outlet: Outlet, kind: PageKind, now: datetime, depth: int) -> dict[str, Any]:
    clean = clean_url(url, outlet)
    return {
        "url": clean,
        "url_sha256": key,
        "outlet_id": outlet.id,
        "kind": kind,
        "host_key": host_key(clean),
        "depth": depth,
        "first_seen_at": now,
        "etag": "",
        "last_modified": "",
        "failures": 0,
        "unmodified": 0,
        "validators_lie": False,
    }


def move_page(session: Session, page_id: int, url: str) -> None:
    """Fetch the page from another of its addresses from now on. Validators belong to an address and are dropped."""
    key = host_key(url)
    session.execute(update(PageRow).where(PageRow.id == page_id).values(url=url, host_key=key, etag="", last_modified=""))
    session.execute(update(VisitRow).where(OPEN, VisitRow.page_id == page_id, VisitRow.state == "pending").values(host_key=key))
