"""The one decision on where a request may go: address text, host, port, and the address that is really connected.

Pure: nothing here resolves, connects or logs. ``crawlers.connector`` asks it before every connection, ``crawlers.hops`` before
every redirect. The lists are our own: ``ipaddress.is_global`` of Python 3.11 calls 64:ff9b::/96, 2002::/16, fec0::/10 and
multicast global.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from config.outlet import Outlet
from config.settings import Settings
from storage.records import Outcome

MAX_URL = 4096
"""Characters. Longer addresses are session ids and traps; PostgreSQL could not index them either."""

_TURNING = re.compile(r"(/[^/?#]+)\1{3,}(?:[/?#]|$)")
"""The same folder four times running: a relative link that leads ever deeper, as in ``/a/a/a/a/``."""

PORTS = frozenset({80, 443, 8080, 8443})
"""Ports on which publishers serve pages. Everything else is somebody's mail server, database or printer."""

_V4_REFUSED = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network (RFC 791)
        "10.0.0.0/8",  # private (RFC 1918)
        "100.64.0.0/10",  # carrier-grade NAT (RFC 6598)
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the clouds' metadata service
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments (RFC 6890)
        "192.0.2.0/24",  # documentation (RFC 5737)
        "192.88.99.0/24",  # 6to4 relays, deprecated (RFC 7526)
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and 255.255.255.255
    )
)

_V6_GLOBAL = ipaddress.IPv6Network("2000::/3")
"""The only block from which global unicast addresses are given out (IANA); all else is refused without a list."""

_V6_REFUSED = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001:2::/48",  # benchmarks (RFC 5180)
        "2001:10::/28",  # ORCHID (RFC 4843)
        "2001:20::/28",  # ORCHIDv2 (RFC 7343)
        "2001:db8::/32",  # documentation (RFC 3849)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_TEREDO = ipaddress.IPv6Network("2001::/32")
_SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")

_HOST_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_LOOKS_NUMERIC = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request is not made: the outcome for the ledger, and one line for people."""

    outcome: Outcome
    """BLOCKED_ADDRESS, BLOCKED_SCHEME or TRAP_LIMIT."""
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Host and port as the guard read them. The connector compares them with what its own parser read."""

    host: str
    """Lower case; punycode for international names; without brackets for IPv6."""
    port: int

    @property
    def key(self) -> str:
        """``host:port`` as ``connect_to`` names it."""
        return f"{self.host}:{self.port}"


def judge_url(url: str, connect_to: Mapping[str, str]) -> Refusal | None:
    """Whether the text of an address is acceptable. None: it is. The connected address is judged again later.

    Refused are other schemes than http and https, user names, what parsers read differently (backslashes, control characters,
    several @), unusual ports, odd notations of addresses, and literal addresses that are not global. A ``host:port`` of
    ``connect_to`` may be anything that the syntax allows.
    """
    result = read_target(url)
    if isinstance(result, Refusal):
        return result
    if result.key in connect_to:
        return None
    if result.port not in PORTS:
        return Refusal(outcome=Outcome.BLOCKED_ADDRESS, detail=f"port {result.port}")
    address = _literal(result.host)
    return judge_address(str(address)) if address is not None else None


def read_target(url: str) -> Target | Refusal:
    """Host and port of an address, or why they cannot be told beyond doubt."""
    if len(url) > MAX_URL:
        return Refusal(outcome=Outcome.TRAP_LIMIT, detail=f"address of {len(url)} characters")
    if _TURNING.search(url):
        return Refusal(outcome=Outcome.TRAP_LIMIT, detail="the same folder again and again")
    if _CONTROL.search(url):
        return _blocked("control character or space in the address")
    scheme, separator, rest = url.partition(":")
    if not separator or scheme.lower() not in ("http", "https"):
        return Refusal(outcome=Outcome.BLOCKED_SCHEME, detail=(scheme if separator else "none")[:40])
    if not rest.startswith("//"):
        return _blocked("no host")
    # Browsers read a backslash as a slash, RFC 3986 does not: http://good\@bad has two hosts, so it has none.
    authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
    if "\\" in authority:
        return _blocked("backslash in the host")
    if "@" in authority:
        return _blocked("user name in the address")
    if "%" in authority:
        return _blocked("percent sign in the host")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return _blocked("host or port cannot be read")
    if not host:
        return _blocked("no host")
    if parts.netloc != authority:
        return _blocked("host is read differently by different parsers")
    port = port if port is not None else (443 if scheme.lower() == "https" else 80)
    return _name(host, port, bracketed=authority.startswith("["))


def _name(host: str, port: int, *, bracketed: bool) -> Target | Refusal:
    """Check the syntax of a host and bring it to the form in which it is resolved."""
    if bracketed:
        try:
            return Target(host=str(ipaddress.IPv6Address(host)), port=port)
        except ValueError:
            return _blocked("not an IPv6 address")
    if not host.isascii():
        try:
            # The codec also folds full-width and circled digits, so that odd notations are seen below as what they are.
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return _blocked("host is not a valid international name")
    name = host.removesuffix(".")
    labels = name.split(".")
    if len(name) > 253 or not all(_HOST_LABEL.fullmatch(label) for label in labels):
        return _blocked("host is not a valid name")
    if _LOOKS_NUMERIC.fullmatch(labels[-1]):
        # Whatever ends in a number is an address (WHATWG URL, host parsing); only the plain dotted form is accepted.
        try:
            return Target(host=str(ipaddress.IPv4Address(name)), port=port)
        except ValueError:
            return _blocked("odd notation of an address")
    return Target(host=name, port=port)


def judge_address(address: str) -> Refusal | None:
    """Whether a resolved or literal address may be connected. None: it may.

    Addresses that carry an IPv4 address (mapped, NAT64, 6to4, Teredo, ISATAP) are judged by what they carry.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return _blocked(f"not an address: {address[:60]!r}")
    if isinstance(parsed, ipaddress.IPv4Address):
        for block in _V4_REFUSED:
            if parsed in block:
                return _blocked(f"{parsed} is in {block}")
        return None
    if parsed.scope_id is not None:
        return _blocked(f"{parsed} is bound to an interface")
    for carried in _carried(parsed):
        refusal = judge_address(str(carried))
        if refusal is not None:
            return _blocked(f"{parsed} carries {carried}")
    if parsed in _NAT64 or parsed.ipv4_mapped is not None:
        return None
    if parsed not in _V6_GLOBAL:
        return _blocked(f"{parsed} is not a global address")
    for v6_block in _V6_REFUSED:
        if parsed in v6_block:
            return _blocked(f"{parsed} is in {v6_block}")
    return None


def _carried(address: ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """The IPv4 addresses inside an IPv6 one."""
    value = int(address)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address in _NAT64:
        return (ipaddress.IPv4Address(value & 0xFFFFFFFF),)
    if address in _SIX_TO_FOUR:
        return (ipaddress.IPv4Address((value >> 80) & 0xFFFFFFFF),)
    if address in _TEREDO:
        # RFC 4380, 4: the server's address in clear, the client's with every bit inverted.
        return (ipaddress.IPv4Address((value >> 64) & 0xFFFFFFFF), ipaddress.IPv4Address(~value & 0xFFFFFFFF))
    if (value >> 32) & 0xFFFFFFFF in (0x00005EFE, 0x02005EFE):
        return (ipaddress.IPv4Address(value & 0xFFFFFFFF),)
    return ()


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _blocked(detail: str) -> Refusal:
    return Refusal(outcome=Outcome.BLOCKED_ADDRESS, detail=detail)


def is_on_site(host: str, outlet: Outlet) -> bool:
    """Whether a host belongs to an outlet: one of its domains (or a subdomain), or a mirror. A leading "www." is no difference."""
    host = host.lower().removesuffix(".")
    names = {name.removeprefix("www.") for name in (*outlet.domains, *outlet.identity.mirrors)}
    return any(host == name or host.endswith(f".{name}") for name in names)


def is_loopback(url: str, connect_to: Mapping[str, str]) -> bool:
    """Whether ``connect_to`` sends this address to loopback: then no publisher is disturbed, whatever the delay."""
    target = read_target(url)
    if isinstance(target, Refusal) or target.key not in connect_to:
        return False
    host = connect_to[target.key].rpartition(":")[0].strip("[]")
    address = _literal(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def needs_contact(outlets: Iterable[Outlet], settings: Settings, urls: Iterable[str] = ()) -> bool:
    """Whether a crawl of these would reach a publisher while ``contact`` is not set. The caller then exits 2.

    ``urls`` are pages that were asked for by name.
    """
    if settings.contact:
        return False
    connect_to = settings.connect_to
    for outlet in outlets:
        places = [endpoint.url for endpoint in outlet.live_endpoints]
        if places:
            if any(not is_loopback(url, connect_to) for url in places):
                return True
        elif not any(is_loopback(f"{scheme}://{host}/", connect_to) for host in outlet.domains for scheme in ("http", "https")):
            return True
    return any(not is_loopback(url, connect_to) for url in urls)
