"""The cases by which google/robotstxt (Apache-2.0) shows how RFC 9309 is meant, in our own words, against what we do.

Where it does what the RFC does not ask for, and we do not, the case stands in OTHERWISE.
"""

from __future__ import annotations

import re

import pytest

from crawlers.discovery.site import declared_sitemaps
from crawlers.robots import PRODUCT, parse_rules

ME, OTHER = PRODUCT, "otherbot"

PATTERNS = [
    # (the pattern, paths that it covers, paths that it does not)
    ("/fish", "/fish /fish.html /fish/salmon.html /fishheads /fishheads/yummy.html /fish.html?id=anything", "/Fish.asp /catfish /?id=fish"),
    (
        "/fish*",
        "/fish /fish.html /fish/salmon.html /fishheads /fishheads/yummy.html /fish.html?id=anything",
        "/Fish.asp /catfish /?id=fish",
    ),
    ("/fish/", "/fish/ /fish/salmon /fish/?salmon /fish/salmon.html /fish/?id=anything", "/fish /fish.html /Fish/Salmon.html"),
    (
        "/*.php",
        "/filename.php /folder/filename.php /folder/filename.php?parameters //folder/any.php.file.html /filename.php/ "
        "/index?f=filename.php/",
        "/php/ /index?php /windows.PHP",
    ),
    (
        "/*.php$",
        "/filename.php /folder/filename.php",
        "/filename.php?parameters /filename.php/ /filename.php5 /php/ /filename?php /aaaphpaaa //windows.PHP",
    ),
    ("/fish*.php", "/fish.php /fishheads/catfish.php?parameters", "/Fish.PHP"),
    ("/foo/*/qux", "/foo/bar/qux /foo//qux /foo/a/b/qux/c", "/foo/qux /foo/bar/quz"),
    ("/foo/bar$", "/foo/bar", "/foo/bar/ /foo/bar/qux /foo/bar/baz /foo/barn"),
    ("/foo/bar/quz", "/foo/bar/quz", "/foo/quz /foo//quz /foo/bax/quz"),
    ("/x/", "/x/y", "/X/y /x"),
    ("/foo/quz#qux", "/foo/quz", "/foo/bar"),
    ("/foo/bar?qux=taz&baz=http://foo.bar?tar&par", "/foo/bar?qux=taz&baz=http://foo.bar?tar&par", "/foo/bar?qux=taz"),
    ("/foo/bar/ツ", "/foo/bar/%E3%83%84", "/foo/bar/%E3%83%85"),
    ("/foo/bar/%E3%83%84", "/foo/bar/%E3%83%84 /foo/bar/%e3%83%84", "/foo/bar/%E3%83%85"),
    ("/á", "/%C3%A1", "/a"),
    ("/%aa", "/%AA /%aa", "/aa"),
    ("/foo/bar/%62%61%7A", "/foo/bar/%62%61%7A", "/foo/bar/62617A"),
    # What of an address is compared: path, parameters and query; no fragment.
    ("/a/b?c=http://d.e/$", "/a/b?c=http://d.e/ /a/b?c=http://d.e/#fragment", "/a/b?c=http://d.e/x"),
    ("/a;b$", "/a;b /a;b#c", "/a /a;bc"),
    ("/?a$", "/?a ?a", "/?b /"),
]


@pytest.mark.parametrize(("pattern", "covered", "free"), PATTERNS)
def test_a_pattern_covers_what_it_should_and_nothing_else(pattern: str, covered: str, free: str) -> None:
    denied = parse_rules(f"user-agent: {ME}\ndisallow: {pattern}\n".encode())
    allowed = parse_rules(f"user-agent: {ME}\ndisallow: /\nallow: {pattern}\n".encode())
    for path in covered.split():
        assert not denied.allows(f"http://radio.example{path}"), path
        assert allowed.allows(f"http://radio.example{path}"), path
    for path in free.split():
        assert denied.allows(f"http://radio.example{path}"), path
        assert not allowed.allows(f"http://radio.example{path}"), path


_MISSPELT = ("dissallow", "dissalow", "disalow", "diasllow", "disallaw")
GROUPS = (
    "allow: /foo/bar/\n\n"
    "user-agent: {0}\ndisallow: /\nallow: /x/\n"
    "user-agent: {1}\ndisallow: /\nallow: /y/\n\n\n"
    "allow: /w/\nuser-agent: bazbot\n\n"
    "user-agent: {0}\nallow: /z/\ndisallow: /\n"
)

CASES = [
    # (what it shows, robots.txt, allowed paths, denied paths)
    ("no file", "", "/ /x/y", ""),
    ("a plain prohibition", f"user-agent: {ME}\ndisallow: /\n", "", "/x/y"),
    ("an address without a path is the front page", f"user-agent: {ME}\ndisallow: /$\n", "/x", "#top /"),
    (
        "a name without rules of its own shares the next one's",
        f"user-agent: {ME}\n\nuser-agent: {OTHER}\nallow: /z/\ndisallow: /\n",
        "/z/d",
        "/x/b",
    ),
    ("lines end with CR and LF", f"user-agent: {OTHER}\r\nallow: /\r\nuser-agent: {ME}\r\n\r\n\r\ndisallow: /\r\n", "", "/x"),
    ("lines end with CR", f"user-agent: {OTHER}\rallow: /\ruser-agent: {ME}\r\r\rdisallow: /\r", "", "/x"),
    ("the last line does not end", f"user-agent: {OTHER}\nallow: /\nuser-agent: {ME}\n\n\ndisallow: /", "", "/x"),
    ("lines end now so, now otherwise", f"user-agent: {OTHER}\nallow: /\r\nuser-agent: {ME}\n\r\n\ndisallow: /", "", "/x"),
    ("keys that nobody knows", f"foo: {ME}\nbar: /\n", "/x/y", ""),
    (
        "rules before any group count for nobody, groups of one name are joined",
        GROUPS.format(ME, OTHER),
        "/x/b /z/d",
        "/y/c /foo/bar/ /w/a",
    ),
    ("a blank line ends no group", GROUPS.format(OTHER, ME), "/y/c /w/a", "/x/b /z/d /foo/bar/"),
    (
        "a sitemap line between names ends no group",
        f"User-agent: {OTHER}\nSitemap: http://x.example/s\nUser-agent: *\nDisallow: /\n",
        "",
        "/a",
    ),
    ("an unknown line between names ends no group", f"User-agent: {ME}\nInvalid: x\nUser-agent: *\nDisallow: /\n", "", "/a"),
    ("the case of keys", f"USER-AGENT: {ME}\nALLOW: /x/\nDISALLOW: /\n", "/x/y", "/a/b"),
    ("the mixed case of keys", f"uSeR-aGeNt: {ME}\nAlLoW: /x/\ndIsAlLoW: /\n", "/x/y", "/a/b"),
    ("the case of names", f"User-Agent: {ME.upper()}\nAllow: /x/\nDisallow: /\n", "/x/y", "/a/b"),
    ("a name that only begins like ours is another's", f"User-Agent: {ME[:6]}\nAllow: /\n\nUser-agent: *\nDisallow: /\n", "", "/x"),
    ("the star is for those who are not named", f"user-agent: *\nallow: /\nuser-agent: {ME}\ndisallow: /\n", "", "/x/y"),
    ("and only for those", f"user-agent: *\ndisallow: /\nuser-agent: {ME}\nallow: /\n", "/x/y", ""),
    ("others' groups are not ours", f"user-agent: {OTHER}\ndisallow: /\nuser-agent: bazbot\ndisallow: /\n", "/x/y", ""),
    ("a named group replaces the star", f"user-agent: *\ndisallow: /x/\nuser-agent: {ME}\ndisallow: /y/\n", "/x/page", "/y/page"),
    ("the longest rule wins: disallow", f"user-agent: {ME}\ndisallow: /x/page.html\nallow: /x/\n", "/x/", "/x/page.html"),
    ("the longest rule wins: allow", f"user-agent: {ME}\nallow: /x/page.html\ndisallow: /x/\n", "/x/page.html", "/x/"),
    ("empty rules", f"user-agent: {ME}\ndisallow: \nallow: \n", "/x/page.html", ""),
    ("a tie is allowed", f"user-agent: {ME}\ndisallow: /\nallow: /\n", "/x/page.html", ""),
    ("a slash more", f"user-agent: {ME}\ndisallow: /x\nallow: /x/\n", "/x/", "/x"),
    ("a tie of long ones", f"user-agent: {ME}\ndisallow: /x/page.html\nallow: /x/page.html\n", "/x/page.html", ""),
    ("a star counts as one character", f"user-agent: {ME}\nallow: /page\ndisallow: /*.html\n", "/page", "/page.html"),
    ("and may be outdone", f"user-agent: {ME}\nallow: /x/page.\ndisallow: /*.html\n", "/x/page.html", "/x/y.html"),
    ("allow what begins so", f"user-agent: {ME}\nallow: /p\ndisallow: /\n", "/page", "/"),
    ("the same folder twice", f"user-agent: {ME}\nallow: /folder\ndisallow: /folder\n", "/folder/page", ""),
    ("longer by one", f"user-agent: {ME}\nallow: /page\ndisallow: /*.htm\n", "/page", "/page.htm"),
    ("the front page only", f"user-agent: {ME}\nallow: /$\ndisallow: /\n", "/", "/page.html"),
    ("a byte order mark", f"\ufeffUser-Agent: {ME}\nDisallow: /\n", "", "/x"),
    ("a comment", f"User-agent: {ME}\n# Disallow: /\nDisallow: /foo/quz#qux\nAllow: /\n", "/foo/bar", "/foo/quz"),
    ("a colon that is missing", f"user-agent {ME}\ndisallow /\n", "", "/x"),
    *((f"misspelt: {word}", f"user-agent: {ME}\n{word}: /\n", "", "/x") for word in _MISSPELT),
    *((f"misspelt: {word}", f"{word}: {ME}\ndisallow: /\n", "", "/x") for word in ("useragent", "user agent")),
    (
        "words that are no rule",
        f"user-agent: {ME}\nabsolutely random\nunicorns: /a\nnoarchive: /b\nError #c\ndisallow: /d\n",
        "/a /b /c",
        "/d",
    ),
    ("a colon that is missing before a comment", f"user-agent {ME} # no\ndisallow: /\n", "", "/x"),
    ("the file name of a folder's page", f"user-agent: {ME}\nallow: /a/index.html\ndisallow: /\n", "/a/ /a/index.html", "/b/ /a/index.htm"),
    ("a byte order mark in the middle is rubbish", f"user-agent: {ME}\n\ufeffdisallow: /\n", "/x", ""),
    ("a version after the name", f"user-agent: {ME}/2.0\ndisallow: /\n", "", "/x"),
    ("a word after the name", f"user-agent: *\ndisallow: /\nuser-agent: {ME} bar\nallow: /x/\ndisallow: /\n", "/x/y", "/y"),
    ("a word after the star", "user-agent: * bar\ndisallow: /\n", "", "/y"),
    ("a name that begins with ours is another's", f"user-agent: {ME}-news\ndisallow: /\n", "/y", ""),
]


@pytest.mark.parametrize(("why", "body", "allowed", "denied"), CASES, ids=[case[0] for case in CASES])
def test_the_published_cases(why: str, body: str, allowed: str, denied: str) -> None:
    rules = parse_rules(body.encode())
    assert [path for path in allowed.split() if not rules.allows(f"http://radio.example{path}")] == []
    assert [path for path in denied.split() if rules.allows(f"http://radio.example{path}")] == []


OTHERWISE = [
    # (what google/robotstxt does and the RFC does not ask for, robots.txt, path, what we do)
    ("percent signs for plain letters are not undone", f"user-agent: {ME}\ndisallow: /\nallow: /foo/bar/%62%61%7A\n", "/foo/bar/baz", True),
    ("an address that is not encoded fits no pattern that is", f"user-agent: {ME}\ndisallow: /foo/ツ\n", "/foo/ツ", False),
    ("two of a byte order mark's three bytes are passed over", f"\xef\xbbuser-agent: {ME}\ndisallow: /\n".encode("latin-1"), "/x", True),
    ("one of a byte order mark's three bytes is passed over", f"\xefuser-agent: {ME}\ndisallow: /\n".encode("latin-1"), "/x", True),
    ("lines of more than 16,664 bytes are cut", f"user-agent: {ME}\ndisallow: /{'a' * 20_000}\n", "/" + "a" * 18_000, True),
]
"""Its other cases that have no equal here: an empty user agent and addresses without a host (we have a name, and whole addresses), and
its reports on numbers of lines and on how it read them."""


@pytest.mark.parametrize(("why", "body", "path", "allowed"), OTHERWISE, ids=[case[0] for case in OTHERWISE])
def test_where_we_follow_the_rfc_and_not_that_library(why: str, body: str | bytes, path: str, allowed: bool) -> None:
    written = body.encode() if isinstance(body, str) else body
    assert parse_rules(written).allows(f"http://radio.example{path}") is allowed


def test_a_broken_byte_order_mark_costs_its_own_line_only() -> None:
    body = f"\xef\x11\xbfuser-agent: {OTHER}\nuser-agent: {ME}\ndisallow: /x\n".encode("latin-1")
    assert not parse_rules(body).allows("http://radio.example/x")


def test_our_name_is_one_that_a_file_can_name() -> None:
    assert re.fullmatch("[a-zA-Z_-]+", PRODUCT)


@pytest.mark.parametrize("place", [0, 1, 4])
def test_a_sitemap_line_counts_wherever_it_stands(place: int) -> None:
    lines = ["User-Agent: foo", "Allow: /some/path", "User-Agent: bar", "", ""]
    lines.insert(place, "Sitemap: http://radio.example/news/map.xml")
    body = "\n".join(lines).encode()
    for ending in (b"\n", b"\r\n", b"\r"):
        found = declared_sitemaps(body.replace(b"\n", ending), "http://radio.example/robots.txt")
        assert found == ("http://radio.example/news/map.xml",)
