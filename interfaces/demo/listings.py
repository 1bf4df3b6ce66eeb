"""What a site serves to machines: feeds, sitemaps, robots.txt."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from urllib.parse import urlsplit

import jinja2

from interfaces.demo.documents import Dialect, Document, Listing, Newsroom

CONTENT_TYPES = {
    Dialect.RSS: "application/rss+xml",
    Dialect.ATOM: "application/atom+xml",
    Dialect.RDF: "application/rdf+xml",
}
"""Sitemaps of every kind are ``application/xml``."""


@dataclass(frozen=True, slots=True)
class Announced:
    """One line of a listing: a document at one of its addresses."""

    doc: Document
    url: str

    @property
    def guid(self) -> str:
        """Stays the same whatever address the entry links to."""
        return f"http://{self.doc.host}/?p={sum(self.doc.path.encode()) * 7}" if not self.doc.number else self.doc.url


class Listings:
    """Writes a site's listings as they stand in a given world. Pure."""

    def __init__(self, newsroom: Newsroom, environment: jinja2.Environment) -> None:
        self._newsroom = newsroom
        self._environment = environment

    def announced(self, site_id: str, listing: Listing, world: int) -> tuple[Announced, ...]:
        """The entries of ``listing``, newest first; a page's own address comes before its others."""
        if listing.dialect is Dialect.SITEMAP_INDEX:
            return ()
        channel = listing.dialect.channel
        found: list[Announced] = []
        for document in self._newsroom.of_site(site_id, world):
            if listing.section and document.section != listing.section:
                continue
            if channel in document.announced_in:
                found.append(Announced(document, document.url))
            found.extend(Announced(document, other.url) for other in document.also_at if channel in other.announced_in)
        return tuple(found[: listing.limit])

    def write(self, site_id: str, listing: Listing, world: int) -> bytes:
        """The listing's bytes; gzip for an address that ends in .gz."""
        site = self._newsroom.sites[site_id]
        outlet = self._newsroom.outlets[site_id]
        text = self._environment.get_template(f"{listing.dialect.value}.xml.j2").render(
            site=site,
            outlet=outlet,
            t=self._newsroom.labels[outlet.language],
            listing=listing,
            entries=self.announced(site_id, listing, world),
            built=self._newsroom.listings_edited_at(site_id, world),
            # WordPress core's own sitemaps carry no dates.
            with_lastmod="wp-sitemap" not in listing.url,
        )
        charset = site.charset if listing.dialect is Dialect.RSS else "utf-8"
        body = text.encode(charset, "xmlcharrefreplace")
        # A fixed time in the gzip header: the same world gives the same bytes.
        return gzip.compress(body, mtime=0) if listing.url.endswith(".gz") else body

    def content_type(self, site_id: str, listing: Listing) -> str:
        if listing.url.endswith(".gz"):
            return "application/x-gzip"
        charset = self._newsroom.sites[site_id].charset if listing.dialect is Dialect.RSS else "utf-8"
        return f"{CONTENT_TYPES.get(listing.dialect, 'application/xml')}; charset={charset}"

    def robots(self, host: str) -> str:
        """One robots.txt a host, also where two sites share it."""
        sites = [site for site_id, site in self._newsroom.sites.items() if self._newsroom.host_of(site_id) == host]
        sitemaps = [
            listing.url
            for site in sites
            for listing in site.listings
            if urlsplit(listing.url).netloc == host and listing.dialect in (Dialect.SITEMAP_INDEX, Dialect.VIDEO_SITEMAP)
        ]
        delays = [site.crawl_delay_s for site in sites if site.crawl_delay_s is not None]
        return self._environment.get_template("robots.txt.j2").render(
            host=host,
            disallow=list(dict.fromkeys(path for site in sites for path in site.disallow)),
            sitemaps=sitemaps,
            crawl_delay_s=max(delays) if delays else None,
        )
