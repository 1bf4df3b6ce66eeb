"""http(s) addresses taken apart and put together again in one spelling. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from storage.sanitise import sanitise_url

DEFAULT_PORTS = {"http": 80, "https": 443}

_JUNK_END = " \t\r\n\"'<>`,"
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")
_ILLEGAL = re.compile(r"[^\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]")
_HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """One address; two of one page differ at most in what storage.identity maps."""

    scheme: str
    host: str
    port: int
    path: str
    query: tuple[str, ...]
    """Raw ``name=value`` strings in the order given."""
    bang: str = ""
    """A fragment that starts with "!": such sites tell pages apart only by it."""

    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}{'#' + self.bang if self.bang else ''}"

    @property
    def authority(self) -> str:
        return self.host if self.port == DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    @property
    def target(self) -> str:
        return self.path + ("?" + "&".join(self.query) if self.query else "")

    def key(self) -> str:
        """One text for http and https and for any order of the parameters."""
        query = "&".join(sorted(self.query))
        return f"//{self.authority}{self.path}{'?' + query if query else ''}{'#' + self.bang if self.bang else ''}"


@lru_cache(maxsize=4096)
def parse_url(url: str) -> Address:
    """Raises: ValueError when it is no usable http(s) address, or one whose host is ambiguous."""
    parts = urlsplit(_without_junk(sanitise_url(url)))
    scheme = parts.scheme.lower()
    if scheme not in DEFAULT_PORTS:
        raise ValueError(f"not an http(s) address: {url[:200]!r}")
    if "\\" in parts.netloc or parts.netloc.count("@") > 1:
        # Browsers and libraries disagree about which host such an address names.
        raise ValueError(f"ambiguous host in {url[:200]!r}")
    host = _ascii_host((parts.hostname or "").rstrip("."))
    port = parts.port or DEFAULT_PORTS[scheme]
    path = _dot_free(_percent(_SESSION_IN_PATH.sub("", parts.path))) or "/"
    query = tuple(_percent(pair) for pair in parts.query.split("&") if pair)
    found = Address(scheme, host, port, path, query, _percent(parts.fragment) if parts.fragment.startswith("!") else "")
    # What is left out above may uncover junk: "…/page);jsessionid=1".
    bare = _without_junk(found.url())
    return found if bare == found.url() else parse_url(bare)


def try_url(url: str) -> Address | None:
    """The same with None for an unusable one."""
    try:
        return parse_url(url)
    except ValueError:
        return None


def _ascii_host(host: str) -> str:
    if ":" in host:
        host = f"[{host}]"
    elif not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise ValueError(f"not a host name: {host[:200]!r}") from error
    if not _HOST.fullmatch(host):
        raise ValueError(f"not a host name: {host[:200]!r}")
    return host


def _without_junk(url: str) -> str:
    """Drop what sloppy templates and people leave around an address: quotes, commas, spaces, an unpaired bracket, and a fragment that
    only scrolls; also what one of them hides from another ("…/page)#")."""
    before = ""
    while url != before:
        before = url
        url = url.strip(_JUNK_END)
        if url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1]
        whole, _, fragment = url.partition("#")
        if not fragment.startswith("!"):
            url = whole.rstrip("?&") if "?" in whole else whole
    return url


def _percent(text: str) -> str:
    """Percent signs in upper case, needless ones undone, missing ones added: RFC 3986, 6.2.2.1 and 6.2.2.2."""

    def shortest(match: re.Match[str]) -> str:
        char = chr(int(match[1], 16))
        return char if char in _UNRESERVED else f"%{match[1].upper()}"

    text = _ILLEGAL.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace")), text)
    return _PERCENT.sub(shortest, text)


def _dot_free(path: str) -> str:
    """Resolve ``.`` and ``..`` segments (RFC 3986, 5.2.4)."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for position, segment in enumerate(segments):
        last = position == len(segments) - 1
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
            if last:
                kept.append("")
        elif segment == ".":
            if last:
                kept.append("")
        else:
            kept.append(segment)
    return "/".join(kept)
