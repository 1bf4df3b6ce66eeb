"""``outlets add``: from an address to a card that works, with what a person must still decide marked in it."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from config.card_text import render_card
from config.catalog import load_catalog
from config.faults import ConfigError, Fault
from config.outlet import Endpoint, EndpointKind, EndpointStatus, Outlet, Politeness
from config.settings import ExtractSettings, Settings
from crawlers.discovery.site import SiteFacts, article_pattern, candidates, declared_sitemaps, read_site
from crawlers.errors import TaskCrashError, TaskTimeoutError
from crawlers.request import CrawlRequest
from crawlers.workers import WorkerPool
from scheduler import jobs
from scheduler.errors import AlreadyRunningError
from scheduler.readings import judge_reading
from scheduler.rehearsal import Rehearsal, rehearse
from scheduler.sampling import Sample, take_sample
from storage import endpoints, hosts
from storage.identity import host_key
from storage.records import Capture, Outcome
from storage.run_records import EndpointVerdict

MAX_CANDIDATES = 10
"""End points asked for at one site."""

ANNOUNCED = 300
"""Addresses looked at for their common form."""

ARCHIVE_PAGES = 200
"""Pages a run for a card that nobody has looked at yet: its sitemap may list an archive of decades."""

NOTES = {
    "owner": "Check: who decides what is printed? Outlets of one owner count as one origin.",
    "language": "As the site and most of the sampled articles say.",
    "cms": "It chooses dated extraction rules. Take it out if the texts below came out wrong.",
    "article_pattern": "Nearly all announced addresses have this form, and hardly any other link of the site.",
    "endpoints": "Each of these answered; see its evidence.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A card that was written, and what it rests on."""

    outlet: Outlet
    file: Path
    tried: tuple[tuple[str, EndpointVerdict, str], ...]
    """Each end point that was asked, what was found, and in a few words why."""
    sample: Sample


def draft_card(settings: Settings, url: str, sample: int, *, progress: jobs.Progress = jobs.quiet) -> Draft:
    """Look at a site, keep what answers, sample its articles, and write a card into ``outlets_dir``. Nothing else is stored.

    Raises: ConfigError when there is no ``outlets_dir``, a card of this id or host exists, or the site shows nothing to read;
    AlreadyRunningError, CrawlProcessError.
    """
    host = urlsplit(url).hostname or ""
    if urlsplit(url).scheme not in ("http", "https") or not host:
        raise _fault(url, "is no http or https address; write it whole, as https://www.thecourier.example/")
    if settings.outlets_dir is None:
        raise ConfigError([Fault(where="settings", key="outlets_dir", message="is not set; name the folder where your own cards are kept")])
    known = load_catalog(settings).outlet_at(host, url)
    if not known.id.startswith("other:"):
        raise _fault(url, f"is an address of {known.id}, which has a card; see `secondsource outlets show {known.id}`")
    stem = re.sub(r"[^a-z0-9]+", "_", host.removeprefix("www.").rpartition(".")[0].lower()).strip("_")[:30] or "outlet"
    outlet = Outlet(id=f"{stem}_new", name=host, language="en", owner=stem, homepage=url, domains=(host.removeprefix("www."),))
    jobs.require_contact(settings, [outlet], [url])
    with rehearse(settings, [outlet], urls=[url], max_sitemap_depth=1, max_entries=500) as rehearsal:
        progress(f"{url}: front page")
        front, robots = _fetch_front(rehearsal, outlet, url)
        facts = _read(front, settings.extract)
        points = candidates(facts, declared_sitemaps(robots, url), front.final_url, MAX_CANDIDATES)
        progress(f"{url}: {len(points)} end points to ask")
        tried, alive = _probe(rehearsal, outlet, points)
        if not alive:
            raise _fault(url, "no feed, sitemap or listing was found: " + "; ".join(f"{a} {v.value} {d}" for a, v, d in tried))
        outlet = outlet.model_copy(update={"endpoints": alive, "cms": facts.cms, "name": facts.name or host})
        rehearsal.set_card(outlet)
        progress(f"{url}: {sample} pages to read")
        found = take_sample(rehearsal, outlet.id, sample, progress)
        with rehearsal.database.read() as session:
            announced = endpoints.announced_pages(session, limit=ANNOUNCED)
    outlet = _complete(outlet, facts, found, [page for page in announced if page.rstrip("/") != url.rstrip("/")], stem)
    file = settings.outlets_dir / f"{outlet.id}.toml"
    if file.exists():
        raise _fault(str(file), "exists already; nothing was written")
    file.write_text(render_card(outlet, NOTES), encoding="utf-8")
    return Draft(outlet=outlet, file=file, tried=tuple(tried), sample=_renamed(found, outlet.id))


def _fetch_front(rehearsal: Rehearsal, outlet: Outlet, url: str) -> tuple[Capture, bytes]:
    """The front page as it was served, and its host's robots.txt.

    Raises: ConfigError when there is none to read, AlreadyRunningError.
    """
    summary = rehearsal.crawl(CrawlRequest(outlets=(outlet.id,), urls=(url,), feeds=False, rechecks=False))
    if summary is None:
        raise AlreadyRunningError("its host", next(iter(rehearsal.busy.values()), "another process"))
    with rehearsal.database.read() as session:
        visit, capture = endpoints.fetched_page(session, summary.run_id, url)
        state = hosts.load_host(session, host_key(url))
    if visit.outcome is Outcome.ROBOTS_DENIED:
        raise _fault(url, "is disallowed by its robots.txt; nothing was drafted")
    if visit.outcome is Outcome.BLOCKED:
        # Neither the name nor the links of a challenge page are the site's.
        raise _fault(url, f"refuses us ({visit.detail}); nothing was drafted. Ask the publisher, or write a card by hand")
    if capture is None or not capture.body:
        raise _fault(url, f"gave no page: {visit.outcome.value.replace('_', ' ')}: {visit.detail}".rstrip(": "))
    return capture, (state.robots_body or b"") if state is not None else b""


def _read(front: Capture, limits: ExtractSettings) -> SiteFacts:
    async def read() -> SiteFacts:
        async with WorkerPool(limits) as pool:
            return await pool.run(partial(read_site, front.body, url=front.final_url, content_type=front.content_type))

    try:
        return asyncio.run(read())
    except (TaskTimeoutError, TaskCrashError) as error:
        raise _fault(front.final_url, f"its front page cannot be read: {error}") from error


def _probe(
    rehearsal: Rehearsal, outlet: Outlet, points: tuple[Endpoint, ...]
) -> tuple[list[tuple[str, EndpointVerdict, str]], tuple[Endpoint, ...]]:
    """What each end point is, and those worth keeping: alive ones; the front page only where nothing else is."""
    rehearsal.set_card(outlet.model_copy(update={"endpoints": tuple(p.model_copy(update={"enabled": True}) for p in points)}))
    summary = rehearsal.crawl(CrawlRequest(outlets=(outlet.id,), max_pages=0, rechecks=False))
    if summary is None:
        raise AlreadyRunningError("its host", next(iter(rehearsal.busy.values()), "another process"))
    with rehearsal.database.read() as session:
        readings = {reading.url: reading for reading in endpoints.feed_readings(session, summary.run_id)}
    now = jobs.now()
    tried: list[tuple[str, EndpointVerdict, str]] = []
    alive: list[Endpoint] = []
    for point in points:
        reading = readings.get(point.url)
        if reading is None:
            tried.append((point.url, EndpointVerdict.UNCHECKED, "not asked"))
            continue
        verdict, detail = judge_reading(reading, point.kind, now)
        tried.append((point.url, verdict, detail))
        if verdict is EndpointVerdict.ALIVE or (verdict is EndpointVerdict.STALE and point.evidence.startswith("named")):
            evidence = f"{verdict.value} on {now:%Y-%m-%d}, {reading.entries} entries; {point.evidence}"
            alive.append(point.model_copy(update={"status": EndpointStatus.VERIFIED, "evidence": evidence}))
    others = [point for point in alive if point.kind is not EndpointKind.LISTING]
    return tried, tuple(others or alive)


def _complete(outlet: Outlet, facts: SiteFacts, sample: Sample, announced: list[str], stem: str) -> Outlet:
    languages = Counter(page.language for page in sample.pages if page.language)
    language = (languages.most_common(1)[0][0] if languages else "") or facts.language or "en"
    values = outlet.model_dump(exclude_defaults=True)
    values |= {
        "id": f"{stem}_{language}",
        "language": language,
        "also_known_as": [facts.name] if facts.name else [],
        "article_pattern": article_pattern(announced, facts.others),
        "politeness": Politeness(max_pages_per_run=ARCHIVE_PAGES).model_dump(exclude_defaults=True),
    }
    return Outlet.model_validate(values)


def _renamed(sample: Sample, outlet_id: str) -> Sample:
    """The sample with the keys that its pages will have under the card's own id; it was taken before the language was known."""
    pages = (replace(page, article=f"{outlet_id}:{page.article.partition(':')[2]}" if page.article else None) for page in sample.pages)
    return Sample(outlet=outlet_id, feeds=sample.feeds, pages=tuple(pages))


def _fault(where: str, message: str) -> ConfigError:
    return ConfigError([Fault(where=where, key="", message=message)])
