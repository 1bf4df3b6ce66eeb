"""From a request to a response, without a socket: routing by host and path, conditional requests, the sites' faults."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from interfaces.demo.documents import AddressKind, Document, DocumentKind, Listing, Newsroom, SiteFault
from interfaces.demo.formats import http_date
from interfaces.demo.listings import Listings
from interfaces.demo.pages import Pages, make_environment

PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 9"><rect width="16" height="9" fill="#cfd8dc"/></svg>'


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    host: str
    """Without the port."""
    target: str
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    status: int
    content_type: str = "text/html; charset=utf-8"
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands at an address: a document, by its own or another address."""

    document_id: str
    address: AddressKind | None = None


class Responder:
    """Answers for every site of the newsroom. Pure but for a cache of rendered pages."""

    def __init__(self, newsroom: Newsroom) -> None:
        environment = make_environment()
        self._newsroom = newsroom
        self._pages = Pages(newsroom, environment)
        self._listings = Listings(newsroom, environment)
        self._places = {
            (urlsplit(url).netloc, _target(url)): place for document in newsroom.documents.values() for url, place in _addresses(document)
        }
        self._served: dict[tuple[str, str], tuple[str, Listing]] = {
            (urlsplit(listing.url).netloc, _target(listing.url)): (site_id, listing)
            for site_id, site in newsroom.sites.items()
            for listing in site.listings
        }
        self._mirrors = {mirror: newsroom.host_of(outlet.id) for outlet in newsroom.outlets.values() for mirror in outlet.identity.mirrors}
        self._hosts = frozenset(newsroom.hosts())
        self._rendered: dict[tuple[int, str, str], Response] = {}

    def respond(self, request: Request, world: int) -> Response:
        """The answer of the site that ``request.host`` names, as of ``world``."""
        if request.host not in self._hosts:
            return Response(status=421, content_type="text/plain", body=b"no site of this newsroom has this name\n")
        key = (world, request.host, request.target)
        response = self._rendered.get(key)
        if response is None:
            response = self._answer(request.host, request.target, world)
            self._rendered[key] = response
        return _compressed(_conditional(response, request.headers), request.headers)

    def _answer(self, host: str, target: str, world: int) -> Response:
        path = urlsplit(target).path
        if path == "/robots.txt":
            body = self._listings.robots(self._mirrors.get(host, host)).encode()
            return Response(status=200, content_type="text/plain; charset=utf-8", body=body)
        site_id = self._site_at(host, path)
        site = self._newsroom.sites[site_id]
        if SiteFault.UNAVAILABLE in site.faults:
            body = b"<html><head><title>503 Service Temporarily Unavailable</title></head><body><h1>503</h1></body></html>"
            return Response(status=503, content_type="text/html", body=body)
        if (host, target) in self._served:
            owner, listing = self._served[(host, target)]
            return self._listing(owner, listing, world)
        if SiteFault.BOT_WALL in site.faults:
            ray = hashlib.sha256(target.encode()).hexdigest()[:16]
            return self._html(site_id, 403, self._pages.bot_wall(site_id, ray), (("Cache-Control", "no-store"),))
        if path.startswith("/media/"):
            return Response(status=200, content_type="image/svg+xml", body=PICTURE)
        main_host = self._mirrors.get(host, host)
        place = self._places.get((host, target)) or self._places.get((main_host, target)) or self._lenient_place(main_host, target)
        if place is not None:
            return self._page(place, world)
        return self._index(site_id, target, world)

    def _site_at(self, host: str, path: str) -> str:
        """The site a host belongs to; where several share it, the one whose prefix the path has."""
        owned = [listed[0] for (listed_host, _), listed in self._served.items() if listed_host == host]
        host = self._mirrors.get(host, host)
        shared = [site_id for site_id in self._newsroom.sites if self._newsroom.host_of(site_id) == host]
        fitting = [site_id for site_id in shared if path.startswith(self._newsroom.sites[site_id].prefix)]
        return (fitting or shared or owned)[0]

    def _lenient_place(self, host: str, target: str) -> _Place | None:
        """Parameters a site does not know are ignored, except where the query is the address."""
        path, _, query = target.partition("?")
        if not query:
            return None
        bare = self._places.get((host, path))
        if bare is not None:
            return bare
        identity = parse_qs(query).get("id")
        return self._places.get((host, f"{path}?id={identity[0]}")) if identity else None

    def _page(self, place: _Place, world: int) -> Response:
        document = self._newsroom.documents[place.document_id].in_world(world)
        if document.removed:
            return self._html(document.site, 410, self._pages.gone(document.site))
        site = self._newsroom.sites[document.site]
        response = self._html(document.site, 200, self._pages.article(document, world, place.address))
        return _with_validators(response, site.validators, self._newsroom.edited_at(document.id, world))

    def _listing(self, site_id: str, listing: Listing, world: int) -> Response:
        body = self._listings.write(site_id, listing, world)
        response = Response(status=200, content_type=self._listings.content_type(site_id, listing), body=body)
        site = self._newsroom.sites[site_id]
        if site.compress and not listing.url.endswith(".gz"):
            response = replace(response, headers=(("Vary", "Accept-Encoding"),))
        return _with_validators(response, site.validators, self._newsroom.listings_edited_at(site_id, world))

    def _index(self, site_id: str, target: str, world: int) -> Response:
        site = self._newsroom.sites[site_id]
        path = unquote(urlsplit(target).path)
        if target in ("/", site.prefix):
            return self._html(site_id, 200, self._pages.listing(site_id, world))
        for number, name in enumerate(site.sections, 1):
            if target == self._pages.section_path(site_id, number):
                return self._html(site_id, 200, self._pages.listing(site_id, world, section=name))
        if path.startswith("/tag/"):
            tag = path.removeprefix("/tag/").strip("/")
            if any(tag in document.tags for document in self._newsroom.of_site(site_id, world)):
                return self._html(site_id, 200, self._pages.listing(site_id, world, tag=tag))
        return self._html(site_id, 404, self._pages.not_found(site_id))

    def _html(self, site_id: str, status: int, text: str, headers: tuple[tuple[str, str], ...] = ()) -> Response:
        site = self._newsroom.sites[site_id]
        if site.compress:
            headers = (*headers, ("Vary", "Accept-Encoding"))
        # What a charset lacks is written as a character reference, as old CMSs do.
        body = text.encode(site.charset, "xmlcharrefreplace")
        return Response(status=status, content_type=f"text/html; charset={site.charset}", body=body, headers=headers)


def _target(url: str) -> str:
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _addresses(document: Document) -> list[tuple[str, _Place]]:
    """Every address a document answers at: its own, its declared others, and the short and AMP ones its CMS adds."""
    found = [(document.url, _Place(document.id))]
    found += [(other.url, _Place(document.id, other.kind)) for other in document.also_at]
    if document.path.startswith("/a/") and document.kind is not DocumentKind.VIDEO:
        found.append((f"http://{document.host}/amp/{document.number}.html", _Place(document.id, AddressKind.AMP)))
    if document.path.startswith("/a/") and document.path.count("/") == 3:
        found.append((f"http://{document.host}/a/{document.number}.html", _Place(document.id)))
    return found


def _with_validators(response: Response, validators: tuple[str, ...], edited_at: datetime) -> Response:
    headers = list(response.headers)
    if "etag" in validators:
        headers.append(("ETag", f'"{hashlib.sha256(response.body).hexdigest()[:20]}"'))
    if "last_modified" in validators:
        headers.append(("Last-Modified", http_date(edited_at)))
    return replace(response, headers=tuple(headers))


def _conditional(response: Response, asked: Mapping[str, str]) -> Response:
    """304 where the client's copy is current; If-None-Match goes before If-Modified-Since (RFC 9110, 13.2.2)."""
    if response.status != 200:
        return response
    has = {name.lower(): value for name, value in response.headers}
    if "if-none-match" in asked and "etag" in has:
        tags = {tag.strip().removeprefix("W/") for tag in asked["if-none-match"].split(",")}
        fresh = has["etag"] in tags or "*" in tags
    elif "if-modified-since" in asked and "last-modified" in has:
        fresh = _is_since(has["last-modified"], asked["if-modified-since"])
    else:
        return response
    return Response(status=304, headers=response.headers) if fresh else response


def _is_since(changed: str, asked: str) -> bool:
    try:
        return parsedate_to_datetime(changed) <= parsedate_to_datetime(asked)
    except ValueError:
        return False


def _compressed(response: Response, asked: Mapping[str, str]) -> Response:
    if ("Vary", "Accept-Encoding") not in response.headers or not response.body or "gzip" not in asked.get("accept-encoding", ""):
        return response
    # The tag names the bytes of one coding; a weak one is right for both.
    headers = tuple((name, f"W/{value}" if name == "ETag" else value) for name, value in response.headers)
    return replace(response, body=gzip.compress(response.body, 6, mtime=0), headers=(*headers, ("Content-Encoding", "gzip")))


Respond = Callable[[Request, int], Response]
"""What a server asks: a request and the state of the world."""
