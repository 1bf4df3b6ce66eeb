"""The guard's decisions as tables. Nothing here resolves a name or opens a socket."""

from __future__ import annotations

import pytest

from config.outlet import Endpoint, EndpointStatus, Outlet
from config.settings import Settings
from crawlers.guard import Target, is_loopback, is_on_site, judge_address, judge_url, needs_contact, read_target
from storage.records import Outcome

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "100.63.255.255",  # just below carrier-grade NAT
    "100.128.0.0",  # just above it
    "172.15.255.255",
    "172.32.0.1",
    "192.0.1.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",  # the last unicast address
    "2606:2800:220:1:248:1893:25c8:1946",
    "2a00:1450:4001:80b::200e",
    "64:ff9b::5db8:d822",  # NAT64 of a public address, as networks without IPv4 resolve
    "::ffff:93.184.216.34",
    "2002:5db8:d822::1",  # 6to4 of a public address
]

REFUSED = [
    ("0.0.0.0", "this network"),
    ("0.1.2.3", "this network"),
    ("10.0.0.1", "private"),
    ("10.255.255.255", "private"),
    ("100.64.0.1", "carrier-grade NAT"),
    ("100.127.255.255", "carrier-grade NAT"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("169.254.169.254", "the clouds' metadata"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.8", "protocol assignments; is_global in Python 3.11"),
    ("192.0.0.170", "NAT64 discovery"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "6to4 relay"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmarks"),
    ("198.19.255.255", "benchmarks"),
    ("198.51.100.7", "documentation"),
    ("203.0.113.9", "documentation"),
    ("224.0.0.1", "multicast; is_global in Python 3.11"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::127.0.0.1", "IPv4-compatible"),
    ("::93.184.216.34", "IPv4-compatible, deprecated also when public"),
    ("::ffff:127.0.0.1", "IPv4-mapped"),
    ("::ffff:10.0.0.1", "IPv4-mapped"),
    ("::ffff:0:127.0.0.1", "IPv4-translated"),
    ("64:ff9b::7f00:1", "NAT64 of loopback; is_global in Python 3.11"),
    ("64:ff9b::a00:1", "NAT64 of a private address"),
    ("64:ff9b:1::1", "NAT64 of local use"),
    ("64:ff9b:1:abcd::5db8:d822", "NAT64 of local use, whatever it carries"),
    ("100::1", "discard"),
    ("2001::1", "Teredo without a server"),
    ("2001:0:7f00:1::5247:27dd", "Teredo, server on loopback"),
    ("2001:0:5db8:d822:0:0:80ff:fffe", "Teredo, client on loopback"),
    ("2001:2::1", "benchmarks"),
    ("2001:10::1", "ORCHID"),
    ("2001:20::1", "ORCHIDv2"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::", "6to4 of loopback; is_global in Python 3.11"),
    ("2002:a00:1::1", "6to4 of a private address"),
    ("3fff::1", "documentation"),
    ("2a00:1450::5efe:127.0.0.1", "ISATAP of loopback"),
    ("2a00:1450::200:5efe:10.0.0.1", "ISATAP of a private address"),
    ("4000::1", "not given out by IANA"),
    ("5f00::1", "segment routing"),
    ("fc00::1", "unique local"),
    ("fd12:3456::1", "unique local"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local with an interface"),
    ("2a00:1450::1%eth0", "bound to an interface"),
    ("fec0::1", "site-local; is_global in Python 3.11"),
    ("ff02::1", "multicast"),
    ("", "nothing"),
    ("localhost", "a name, not an address"),
    ("127.1", "odd notation"),
    ("0x7f000001", "odd notation"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_global_address_may_be_connected(address: str) -> None:
    assert judge_address(address) is None


@pytest.mark.rows(20, 21)
@pytest.mark.parametrize(("address", "why"), REFUSED)
def test_an_address_that_is_not_global_is_refused(address: str, why: str) -> None:
    refusal = judge_address(address)
    assert refusal is not None, why
    assert refusal.outcome is Outcome.BLOCKED_ADDRESS
    assert refusal.detail


GOOD_URLS = [
    "http://radio.example/",
    "https://radio.example/a/b?c=d#e",
    "HTTP://RADIO.EXAMPLE/",
    "http://radio.example:80/",
    "https://radio.example:443/",
    "http://radio.example:8080/",
    "https://radio.example:8443/x",
    "http://radio.example./",  # fully qualified
    "http://r_1.radio.example/",  # underscores are no host names, and are in use
    "http://пример.рф/новости",
    "http://xn--e1afmkfd.xn--p1ai/",
    "http://93.184.216.34/",
    "http://[2606:2800:220:1:248:1893:25c8:1946]/",
    "http://radio.example?x=1",
    "http://radio.example#top",
    "http://radio.example/a@b",  # an @ in the path is no user name
    "http://radio.example/?mail=a@b.example",
    "http://radio.example/a\\b",  # a backslash in the path is only ugly
    "http://1radio.example/",
    "http://radio.example/" + "a" * 3000,
]


@pytest.mark.parametrize("url", GOOD_URLS)
def test_a_plain_web_address_is_accepted(url: str) -> None:
    assert judge_url(url, {}) is None


BAD_URLS = [
    # (address, outcome, why)
    ("file:///etc/passwd", Outcome.BLOCKED_SCHEME, "another scheme"),
    ("ftp://radio.example/", Outcome.BLOCKED_SCHEME, "another scheme"),
    ("gopher://radio.example/", Outcome.BLOCKED_SCHEME, "another scheme"),
    ("data:text/html,hello", Outcome.BLOCKED_SCHEME, "another scheme"),
    ("javascript:alert(1)", Outcome.BLOCKED_SCHEME, "another scheme"),
    ("ws://radio.example/", Outcome.BLOCKED_SCHEME, "another scheme"),
    ("radio.example/x", Outcome.BLOCKED_SCHEME, "no scheme"),
    ("", Outcome.BLOCKED_SCHEME, "nothing"),
    ("//radio.example/", Outcome.BLOCKED_SCHEME, "relative"),
    ("http:radio.example", Outcome.BLOCKED_ADDRESS, "no slashes"),
    ("http:/radio.example", Outcome.BLOCKED_ADDRESS, "one slash; browsers see a host"),
    ("http:///radio.example", Outcome.BLOCKED_ADDRESS, "three slashes; browsers see a host"),
    ("http:\\\\radio.example\\", Outcome.BLOCKED_ADDRESS, "backslashes for slashes"),
    ("http://", Outcome.BLOCKED_ADDRESS, "no host"),
    ("http://:80/", Outcome.BLOCKED_ADDRESS, "no host"),
    ("http://user@radio.example/", Outcome.BLOCKED_ADDRESS, "user name"),
    ("http://user:word@radio.example/", Outcome.BLOCKED_ADDRESS, "password"),
    ("http://radio.example@10.0.0.1/", Outcome.BLOCKED_ADDRESS, "the host is the part after the @"),
    ("http://a@b@c.example/", Outcome.BLOCKED_ADDRESS, "two @"),
    ("http://good.example\\@bad.example/", Outcome.BLOCKED_ADDRESS, "browsers end the host at the backslash"),
    ("http://good.example\\.bad.example/", Outcome.BLOCKED_ADDRESS, "backslash"),
    ("http://a@b#@c.example/", Outcome.BLOCKED_ADDRESS, "parsers differ"),
    ("http://good.example:80@bad.example/", Outcome.BLOCKED_ADDRESS, "a port as a user name"),
    ("http://radio.example%00.bad.example/", Outcome.BLOCKED_ADDRESS, "percent sign in the host"),
    ("http://127.0.0.1%2f@radio.example/", Outcome.BLOCKED_ADDRESS, "percent sign in the host"),
    ("http://radio.example\t/", Outcome.BLOCKED_ADDRESS, "tab, which parsers drop"),
    ("http://radio.exa\nmple/", Outcome.BLOCKED_ADDRESS, "newline, which parsers drop"),
    ("http://radio.example/\r\nHost: bad", Outcome.BLOCKED_ADDRESS, "header injection"),
    ("http://radio.example/\x00", Outcome.BLOCKED_ADDRESS, "NUL"),
    (" http://radio.example/", Outcome.BLOCKED_ADDRESS, "leading space"),
    ("http://radio example/", Outcome.BLOCKED_ADDRESS, "space in the host"),
    ("http://radio.example:22/", Outcome.BLOCKED_ADDRESS, "SSH"),
    ("http://radio.example:25/", Outcome.BLOCKED_ADDRESS, "SMTP"),
    ("http://radio.example:6379/", Outcome.BLOCKED_ADDRESS, "Redis"),
    ("http://radio.example:0/", Outcome.BLOCKED_ADDRESS, "port 0"),
    ("http://radio.example:65536/", Outcome.BLOCKED_ADDRESS, "no port"),
    ("http://radio.example:x/", Outcome.BLOCKED_ADDRESS, "no port"),
    ("http://radio.example:-1/", Outcome.BLOCKED_ADDRESS, "no port"),
    ("http://-radio.example/", Outcome.BLOCKED_ADDRESS, "not a name"),
    ("http://radio..example/", Outcome.BLOCKED_ADDRESS, "empty label"),
    ("http://.radio.example/", Outcome.BLOCKED_ADDRESS, "empty label"),
    ("http://" + "a" * 64 + ".example/", Outcome.BLOCKED_ADDRESS, "label too long"),
    ("http://" + "a." * 130 + "example/", Outcome.BLOCKED_ADDRESS, "name too long"),
    ("http://radio!.example/", Outcome.BLOCKED_ADDRESS, "not a name"),
    ("http://127.0.0.1/", Outcome.BLOCKED_ADDRESS, "loopback"),
    ("http://127.0.0.1./", Outcome.BLOCKED_ADDRESS, "loopback with a dot"),
    ("http://127.1/", Outcome.BLOCKED_ADDRESS, "short form"),
    ("http://127.0.1/", Outcome.BLOCKED_ADDRESS, "short form"),
    ("http://2130706433/", Outcome.BLOCKED_ADDRESS, "one number"),
    ("http://0x7f000001/", Outcome.BLOCKED_ADDRESS, "hexadecimal"),
    ("http://0x7f.1/", Outcome.BLOCKED_ADDRESS, "mixed"),
    ("http://0x7f.0x0.0x0.0x1/", Outcome.BLOCKED_ADDRESS, "hexadecimal parts"),
    ("http://0177.0.0.1/", Outcome.BLOCKED_ADDRESS, "octal, or is it"),
    ("http://017700000001/", Outcome.BLOCKED_ADDRESS, "octal"),
    ("http://1.1.1.1.1/", Outcome.BLOCKED_ADDRESS, "five parts"),
    ("http://93.184.216.0x22/", Outcome.BLOCKED_ADDRESS, "odd notation, though public"),
    ("http://①②⑦.⓪.⓪.①/", Outcome.BLOCKED_ADDRESS, "circled digits"),
    ("http://１２７.０.０.１/", Outcome.BLOCKED_ADDRESS, "full-width digits"),
    ("http://127。0。0。1/", Outcome.BLOCKED_ADDRESS, "ideographic full stops"),
    ("http://[::1]/", Outcome.BLOCKED_ADDRESS, "IPv6 loopback"),
    ("http://[::ffff:127.0.0.1]/", Outcome.BLOCKED_ADDRESS, "mapped loopback"),
    ("http://[0:0:0:0:0:ffff:7f00:1]/", Outcome.BLOCKED_ADDRESS, "mapped loopback written out"),
    ("http://[fe80::1%25eth0]/", Outcome.BLOCKED_ADDRESS, "interface"),
    ("http://[::1/", Outcome.BLOCKED_ADDRESS, "no closing bracket"),
    ("http://[radio.example]/", Outcome.BLOCKED_ADDRESS, "a name in brackets"),
    ("http://[::1]radio.example/", Outcome.BLOCKED_ADDRESS, "something after the bracket"),
    ("http://169.254.169.254/latest/meta-data/", Outcome.BLOCKED_ADDRESS, "the clouds' metadata"),
    ("http://10.0.0.1:8080/", Outcome.BLOCKED_ADDRESS, "private"),
    ("http://radio.example/" + "a" * 5000, Outcome.TRAP_LIMIT, "absurdly long"),
]


@pytest.mark.rows(20, 22, 52)
@pytest.mark.parametrize(("url", "outcome", "why"), BAD_URLS)
def test_an_address_that_could_mislead_is_refused(url: str, outcome: Outcome, why: str) -> None:
    refusal = judge_url(url, {})
    assert refusal is not None, why
    assert refusal.outcome is outcome, why


CONNECT_TO = {"radio.example:80": "127.0.0.1:9000", "radio.example:9999": "[::1]:9000", "away.example:80": "93.184.216.34:80"}


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("http://radio.example/", True),
        ("http://radio.example:9999/", True),  # an odd port is the operator's own choice
        ("http://radio.example:9998/", False),
        ("http://user@radio.example/", False),  # the syntax is refused all the same
        ("http://127.0.0.1:9000/", False),  # the target itself is not thereby reachable
    ],
)
def test_connect_to_opens_exactly_what_it_names(url: str, accepted: bool) -> None:
    assert (judge_url(url, CONNECT_TO) is None) is accepted


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://Radio.Example/", Target(host="radio.example", port=80)),
        ("https://radio.example./", Target(host="radio.example", port=443)),
        ("http://пример.рф/", Target(host="xn--e1afmkfd.xn--p1ai", port=80)),
        ("http://[2606:2800:0220:1:248:1893:25c8:1946]:8080/", Target(host="2606:2800:220:1:248:1893:25c8:1946", port=8080)),
    ],
)
def test_a_target_is_read_in_the_form_in_which_it_is_resolved(url: str, target: Target) -> None:
    assert read_target(url) == target


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://radio.example/x", True),
        ("http://radio.example:9999/", True),
        ("http://away.example/", False),  # sent elsewhere, but not to loopback
        ("https://radio.example/", False),
        ("http://other.example/", False),
        ("http://127.0.0.1/", False),
        ("nonsense", False),
    ],
)
def test_loopback_is_only_what_connect_to_sends_there(url: str, loopback: bool) -> None:
    assert is_loopback(url, CONNECT_TO) is loopback


def make_outlet(url: str = "http://radio.example/feed", **values: object) -> Outlet:
    fields: dict[str, object] = {
        "id": "radio",
        "name": "Radio",
        "language": "en",
        "owner": "radio",
        "homepage": "http://radio.example/",
        "domains": ("www.radio.example",),
        "endpoints": (Endpoint(url=url, status=EndpointStatus.VERIFIED),) if url else (),
    }
    return Outlet.model_validate({**fields, **values})


@pytest.mark.parametrize(
    ("host", "on_site"),
    [
        ("www.radio.example", True),
        ("radio.example", True),  # "www." is no difference
        ("WWW.RADIO.EXAMPLE.", True),
        ("news.radio.example", True),
        ("mirror.example", True),
        ("eu.mirror.example", True),
        ("badradio.example", False),  # ends alike, is another domain
        ("radio.example.bad.example", False),
        ("example", False),
        ("", False),
    ],
)
def test_a_host_is_on_site_by_whole_labels(host: str, on_site: bool) -> None:
    assert is_on_site(host, make_outlet(identity={"mirrors": ("mirror.example",)})) is on_site


@pytest.mark.parametrize(
    ("contact", "endpoint", "urls", "needed"),
    [
        (None, "http://radio.example/feed", (), False),  # loopback disturbs nobody
        (None, "https://radio.example/feed", (), True),
        (None, "http://radio.example/feed", ("http://other.example/a",), True),
        (None, "", (), False),  # no end points: its domain is on loopback
        ("desk@your.org", "https://radio.example/feed", (), False),
    ],
)
def test_a_crawl_beyond_loopback_needs_a_contact(contact: str | None, endpoint: str, urls: tuple[str, ...], needed: bool) -> None:
    settings = Settings(database="sqlite://", contact=contact, connect_to={**CONNECT_TO, "www.radio.example:80": "127.0.0.1:9000"})
    assert needs_contact([make_outlet(endpoint)], settings, urls) is needed
