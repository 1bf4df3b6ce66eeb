"""What makes two addresses one page, two pages one article, two texts the same. Pure.

Three keys, each a little bolder than the one before:

- the *clean* address is safe to fetch: no fragment, no tracking parameters;
- the *canonical* address also maps hosts and AMP forms, as far as the outlet's card vouches for it: one page each;
- the *identity* names the article: the publisher's own id where the card has a pattern for it, else a digest of the
  canonical address. Two articles are never merged: a parameter that is not known to be tracking stays.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING

from storage.tracking import is_tracking
from storage.urls import Address, parse_url, try_url

if TYPE_CHECKING:
    import tldextract

    from config.outlet import Outlet

MIN_HEADLINE = 20
"""Characters of a title by which pages are said to bear the same."""
MAX_IDENTITY = 180
"""Code points of a publisher's id; a longer one is hashed. The column holds 200."""
MAX_HOST_KEY = 300
RESERVED_TLDS = frozenset({"example", "test", "invalid", "localhost"})
"""RFC 2606 and 6761: never in the public suffix list, used by tests and the demo."""
SAME_SITE_LABELS = frozenset({"www", "m", "mobile", "touch"})
"""First labels under which publishers serve the same pages for other screens."""

_AMP_VALUES = frozenset({"", "1", "true", "amp", "yes"})


@lru_cache(maxsize=1)
def _suffixes() -> tldextract.TLDExtract:
    # Imported here: with its HTTP client, which is never used, it takes a twentieth of a crawl that finds nothing new.
    import tldextract

    # No list is downloaded and no cache folder written: the bundled list decides, also on a machine without network.
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str:
    """The part of a host that somebody registered: ``news.bbc.co.uk`` gives ``bbc.co.uk``.

    The last two labels for reserved names (``www.radio.example``), the host itself for an IP address or a single label.
    """
    host = host.strip("[]").rstrip(".").lower()
    if _is_ip(host):
        return host
    labels = host.split(".")
    if labels[-1] in RESERVED_TLDS:
        return ".".join(labels[-2:])
    found = _suffixes().extract_str(host)
    return found.top_domain_under_public_suffix or (host if found.suffix == host else ".".join(labels[-2:]))


def host_key(url: str) -> str:
    """The politeness key ``scheme://host:port`` of an http(s) address, port always given.

    Raises: ValueError when it is not one.
    """
    address = parse_url(url)
    key = f"{address.scheme}://{address.host}:{address.port}"
    return key if len(key) <= MAX_HOST_KEY else f"{key[:200]}~{_digest(key)}"


def clean_url(url: str, outlet: Outlet | None = None) -> str:
    """The address to fetch: no fragment, default port, user, session or tracking parameter; percent signs normalised (RFC 3986, 6.2.2).

    An address on one of the card's former mirrors is asked at the front page's host.

    Raises: ValueError when it is no usable http(s) address.

    >>> clean_url("HTTP://Radio.Example:80/a/%7Eb/../c?utm_source=x&id=2#top")
    'http://radio.example/a/c?id=2'
    """
    return _clean(parse_url(url), outlet).url()


def canonical_url(url: str, outlet: Outlet | None) -> str:
    """The address under which a page is known. Mirrors, ``www.``, ``m.`` and AMP forms are mapped where the card vouches for it.

    A mirror must be named by the card; ``www.``/``m.``/``mobile.`` must lie under one of its domains; an AMP form is mapped only
    when the card's ``id_pattern`` finds the same id in both forms. The scheme stays as it was.

    Raises: ValueError when it is no usable http(s) address.
    """
    return _canonical(parse_url(url), outlet).url()


def page_key(url: str, outlet: Outlet | None) -> str:
    """Hex sha256 that is equal for two addresses of one page: of the canonical address, http and https alike, parameters sorted."""
    return sha256_hex(_canonical(parse_url(url), outlet).key().encode())


def same_page(first: str, second: str, outlet: Outlet | None) -> bool:
    return page_key(first, outlet) == page_key(second, outlet)


def article_identity(outlet: Outlet, *urls: str, declared: str = "") -> tuple[str, str]:
    """The id space and the identity of the article behind ``urls``, which are given in order of trust.

    ``declared`` names the one that only the page itself claims (``rel=canonical``, ``og:url``); it stands among ``urls`` once more
    when it was also fetched. It counts only on the
    registrable domain of the addresses that were fetched or on a host of the card, when it is no front page, and when it
    does not give another id than they do: a template that declares the same address everywhere must not merge articles.

    Raises: ValueError when none of ``urls`` is an http(s) address.
    """
    others = list(urls)
    if declared in others:
        # Once only: a page that declares its own address has been fetched there, too.
        others.remove(declared)
    fetched = [address for url in others if (address := try_url(url)) is not None]
    claimed = try_url(declared) if declared else None
    if claimed is not None and fetched and not _is_acceptable(claimed, fetched[0], outlet):
        claimed = None
    ordered = [*fetched, claimed] if claimed is not None else fetched
    if not ordered:
        raise ValueError("no http(s) address among " + repr(urls[:3])[:300])
    for address in ordered:
        clean = _clean(address, outlet)
        own = _publisher_id(clean, outlet)
        if own is None:
            # Most cards' patterns describe the plain form only; the id is the publisher's in the AMP form, too.
            own = _publisher_id(_without_amp(clean, outlet), outlet)
        if own is not None:
            return outlet.identity_space, own
    best = claimed if claimed is not None else fetched[0]
    return outlet.identity_space, _digest_identity(best, outlet)


def own_identity(outlet: Outlet, url: str) -> str:
    """The identity of an address for itself alone, whatever id or canonical address it shares with others."""
    return _digest_identity(parse_url(url), outlet)


@lru_cache(maxsize=8)
def normalise_text(text: str) -> str:
    """Text for telling an edit from a trivial change: NFKC, case, quotes, dashes and white space folded, invisible marks dropped.

    No digit is ever dropped or changed: "5²" and "52" stay different. Remembered for a moment: a text is normalised for its own
    digest and, nearly always the same, without its furniture.

    >>> normalise_text("„Ja“ –  sagte\\u00a0er, 25²") == normalise_text('"ja" - sagte er, 25^2')
    True
    """
    text = _replace_all(text, _BEFORE)
    text = _replace_all(unicodedata.normalize("NFKC", text).casefold(), _AFTER)
    text = " ".join(text.split())
    return _LOOSE_MARK.sub("", text) if any(mark in text for mark in _LOOSE) else text


def text_sha256(text: str) -> str:
    """Hex digest of the normalised text: equal for texts that differ trivially."""
    return sha256_hex(normalise_text(text).encode("utf-8", "replace"))


def piece_sha256(title: str, text: str) -> str:
    """Hex digest of headline and text, normalised, without furniture: another one is a revision."""
    # Imported here: its patterns take a fiftieth of the start of a crawl, whose texts are read in the workers.
    from storage.furniture import substance

    return sha256_hex(f"{normalise_text(substance(title))}\n{normalise_text(substance(text))}".encode("utf-8", "replace"))


def headline_mark(title: str) -> int | None:
    """64 bits, signed, of a normalised headline, by which pages that bear it are found. None for one that is too short: "News in brief"
    is no headline of one piece."""
    if len(title) < MIN_HEADLINE:
        return None
    return int.from_bytes(hashlib.sha256(normalise_text(title).encode("utf-8", "replace")).digest()[:8], "big", signed=True)


def exact_sha256(text: str) -> str:
    """Hex digest of the text as it stands: what passages, vectors and matches index."""
    return sha256_hex(text.encode("utf-8", "replace"))


def sha256_hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))
# NFKC would glue a raised or lowered digit to the number before it.
_BEFORE = {**{k: "^" + v for k, v in _SUPERSCRIPTS.items()}, **{k: "_" + v for k, v in _SUBSCRIPTS.items()}}
_LOOSE_MARK = re.compile(r"(?<![\d ]) (?=[,.;:!?](?!\d))")
"""A space before a mark, except beside a digit."""
_LOOSE = tuple(f" {mark}" for mark in ",.;:!?")
_AFTER = {
    **dict.fromkeys("«»„“”‟‹›〝〞", '"'),
    **dict.fromkeys("‘’‚‛`´ʼʹ′", "'"),
    **dict.fromkeys("‐‑‒–—―−﹘﹣", "-"),
    **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""),
}


def _replace_all(text: str, table: dict[str, str]) -> str:
    """As ``str.translate`` for a table whose values hold none of its keys; twenty times as fast, since a text has few of them."""
    for char, other in table.items():
        if char in text:
            text = text.replace(char, other)
    return text


def _digest(text: str) -> str:
    return sha256_hex(text.encode())[:40]


def _digest_identity(address: Address, outlet: Outlet) -> str:
    # AMP forms and a closing slash are folded here although no card vouches for it: an article is recognised at another
    # address only when its text agrees too (see storage.articles).
    address = _without_amp(_canonical(address, outlet), outlet)
    if len(address.path) > 1:
        address = replace(address, path=address.path.rstrip("/") or "/")
    return "u-" + _digest(address.key())


def _clean(address: Address, outlet: Outlet | None) -> Address:
    if address.query:
        keep: Iterable[str] = outlet.identity.query_keys if outlet is not None else ()
        query = tuple(pair for pair in address.query if not is_tracking(*_pair(pair), keep=keep))
        address = replace(address, query=query)
    if outlet is not None and address.host in outlet.identity.former_mirrors and (front := try_url(outlet.homepage)) is not None:
        return replace(address, scheme=front.scheme, host=front.host, port=front.port)
    return address


def _pair(raw: str) -> tuple[str, str]:
    name, _, value = raw.partition("=")
    return name, value


def _canonical(address: Address, outlet: Outlet | None) -> Address:
    address = _clean(address, outlet)
    if outlet is None:
        return address
    home = _same_site(address, outlet)
    plain = _without_amp(home, outlet)
    if plain != home:
        before, after = _publisher_id(address, outlet), _publisher_id(plain, outlet)
        if before is not None and before == after:
            return plain
    return home


def _same_site(address: Address, outlet: Outlet) -> Address:
    """Map a mirror and the hosts for other screens to the host of the outlet's front page."""
    front = try_url(outlet.homepage)
    if front is None:
        return address
    if address.host in outlet.identity.mirrors and address.host != front.host:
        return replace(address, scheme=front.scheme, host=front.host, port=front.port)
    bare = _bare_host(address.host, outlet)
    if bare == _bare_host(front.host, outlet):
        bare = front.host
    return address if bare == address.host else replace(address, host=bare)


def _bare_host(host: str, outlet: Outlet) -> str:
    label, _, rest = host.partition(".")
    return rest if label in SAME_SITE_LABELS and _is_covered(rest, outlet.domains) else host


def _is_covered(host: str, domains: Iterable[str]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def _without_amp(address: Address, outlet: Outlet) -> Address:
    """The plain form of an AMP address: ``/slug/amp/``, ``/amp/slug``, ``slug.amp.html``, ``?amp=1``, ``amp.host``."""
    path = address.path
    segments = [segment for segment in path.split("/") if segment]
    if len(segments) > 1 and segments[-1] == "amp":
        path = path[: path.rstrip("/").rfind("/") + 1]
    elif len(segments) > 1 and segments[0] == "amp":
        # RFE/RL's system (pangea) serves /amp/slug/ID.html beside /a/slug/ID.html (seen November 2026).
        path = ("/a" if outlet.cms == "pangea" else "") + path.removeprefix("/amp")
    elif path.endswith(".amp.html"):
        path = path.removesuffix(".amp.html") + ".html"
    elif path.endswith(".amp"):
        path = path.removesuffix(".amp")
    query = tuple(pair for pair in address.query if not _is_amp_pair(*_pair(pair)))
    label, _, rest = address.host.partition(".")
    plain = address if (path, query) == (address.path, address.query) else replace(address, path=path, query=query)
    if label == "amp" and _is_covered(rest, outlet.domains):
        return _same_site(replace(plain, host=rest), outlet)
    return plain


def _is_amp_pair(name: str, value: str) -> bool:
    return (name.lower() == "amp" and value.lower() in _AMP_VALUES) or (name.lower() == "outputtype" and value.lower() == "amp")


def _publisher_id(address: Address, outlet: Outlet) -> str | None:
    pattern = outlet.identity.id_pattern
    if pattern is None or not (_is_covered(address.host, outlet.domains) or address.host in outlet.identity.mirrors):
        return None
    found = re.search(pattern, address.target)
    if found is None or not found[1]:
        return None
    own = found[1]
    return own if len(own) <= MAX_IDENTITY else "h-" + _digest(own)


def _is_acceptable(claimed: Address, fetched: Address, outlet: Outlet) -> bool:
    ours = (*outlet.domains, *outlet.identity.mirrors, *outlet.identity.former_mirrors)
    same_site = registrable_domain(claimed.host) == registrable_domain(fetched.host) or (
        _is_covered(claimed.host, ours) and _is_covered(fetched.host, ours)
    )
    is_front = claimed.path == "/" and not claimed.query and not claimed.bang
    was_front = fetched.path == "/" and not fetched.query and not fetched.bang
    return same_site and (was_front or not is_front)


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
