"""The HTML that people are served: articles, video pages, front and section pages, and the pages that say no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jinja2

from interfaces.demo import formats
from interfaces.demo.documents import AddressKind, Document, DocumentKind, Newsroom
from interfaces.demo.structured_data import describe

SECTION_PATHS = {
    "pangea": "/z/{n}",
    "ippen": "/thema-{n}/",
    "wordpress": "/category/{n}/",
    "legacy": "/rubric.php?id={n}",
    "perehuk": "/rozdil/{n}/",
    "ukrvisti": "/block/{n}",
    "harbour": "/section/{n}",
    "dw": "themen/s-{n}",
}
"""Where a site's n-th section is, by template; without a slash it is under the site's prefix."""


def make_environment() -> jinja2.Environment:
    """Templates of this package; everything printed is escaped unless a template says otherwise."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("interfaces.demo", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(formats.FILTERS)
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": True}
    return environment


class Pages:
    """Renders what a site shows to people in a given world. Pure: same arguments, same page."""

    def __init__(self, newsroom: Newsroom, environment: jinja2.Environment) -> None:
        self._newsroom = newsroom
        self._environment = environment

    def article(self, document: Document, world: int, address: AddressKind | None = None) -> str:
        """The page of ``document`` (as it stands in ``world``); the AMP form for an AMP address."""
        site = self._newsroom.sites[document.site]
        outlet = self._newsroom.outlets[document.site]
        others = [other for other in self._newsroom.of_site(document.site, world) if other.id != document.id]
        same_section = [other for other in others if other.section == document.section]
        related = (same_section + [other for other in others if other not in same_section])[:3]
        template = "amp" if address is AddressKind.AMP else site.template
        return self._render(
            f"{template}.html.j2",
            document.site,
            doc=document,
            structured=describe(document, outlet, "ippen" if template == "amp" else site.template),
            related=related,
            newest=others[:5],
            sources=_video_sources(document),
        )

    def listing(self, site_id: str, world: int, *, heading: str = "", section: str = "", tag: str = "") -> str:
        """A front page, or the pages of one section or tag."""
        documents = [
            document
            for document in self._newsroom.of_site(site_id, world)
            if (not section or document.section == section) and (not tag or tag in document.tags)
        ]
        site = self._newsroom.sites[site_id]
        return self._render(
            "index.html.j2",
            site_id,
            heading=heading or section or tag or self._newsroom.labels[self._newsroom.outlets[site_id].language]["newest"],
            documents=documents,
            feeds=[listing for listing in site.listings if listing.dialect.value in ("rss", "atom", "rdf")],
            address=self._newsroom.outlets[site_id].homepage,
        )

    def not_found(self, site_id: str) -> str:
        labels = self._labels(site_id)
        return self._render("message.html.j2", site_id, kind="error404", heading=labels["not_found"], text=labels["not_found_text"], ray="")

    def gone(self, site_id: str) -> str:
        return self._render("message.html.j2", site_id, kind="error410", heading=self._labels(site_id)["gone"], text="", ray="")

    def bot_wall(self, site_id: str, ray: str) -> str:
        labels = self._labels(site_id)
        return self._render("message.html.j2", site_id, kind="challenge", heading=labels["checking"], text=labels["checking_text"], ray=ray)

    def section_path(self, site_id: str, number: int) -> str:
        """Path of the ``number``-th section of the site, from 1."""
        site = self._newsroom.sites[site_id]
        path = SECTION_PATHS[site.template].format(n=number)
        return path if path.startswith("/") else site.prefix + path

    def _labels(self, site_id: str) -> Mapping[str, Any]:
        return self._newsroom.labels[self._newsroom.outlets[site_id].language]

    def _render(self, template: str, site_id: str, **values: Any) -> str:
        return self._environment.get_template(template).render(
            site=self._newsroom.sites[site_id],
            outlet=self._newsroom.outlets[site_id],
            t=self._labels(site_id),
            section_path=lambda number: self.section_path(site_id, number),
            **values,
        )


def _video_sources(document: Document) -> list[dict[str, str]]:
    """What Pangea writes into ``video[data-sources]``: one entry a resolution."""
    if document.kind is not DocumentKind.VIDEO:
        return []
    return [
        {"AmpSrc": "", "Src": f"http://{document.host}/media/{document.number}_{lines}.mp4", "Type": "video/mp4", "DataInfo": lines}
        for lines in ("240p", "360p", "720p")
    ]
