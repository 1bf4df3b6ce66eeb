"""What is one page, one article, one text; and what must never be."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.outlet import Outlet
from storage.identity import (
    article_identity,
    canonical_url,
    clean_url,
    host_key,
    normalise_text,
    page_key,
    registrable_domain,
    text_sha256,
)

RADIO = Outlet.model_validate(
    {
        "id": "techas_ru",
        "name": "Current Hour",
        "language": "ru",
        "owner": "techas",
        "family": "techas_group",
        "homepage": "https://www.radio.example/",
        "domains": ["radio.example"],
        "cms": "pangea",
        "identity": {"id_pattern": r"/(\d{6,})\.html", "mirrors": ["d1a2b3.cdn.example", "mirror.test"]},
    }
)
PAPER = Outlet.model_validate(
    {
        "id": "paper",
        "name": "Paper",
        "language": "de",
        "owner": "paper",
        "homepage": "http://paper.example/",
        "domains": ["paper.example"],
        "identity": {"query_keys": ["ref", "utm_id"]},
    }
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        # Host, port, fragment, empty path.
        ("HTTP://Radio.EXAMPLE:80", "http://radio.example/"),
        ("https://radio.example:443/a#top", "https://radio.example/a"),
        ("https://radio.example:8443/a", "https://radio.example:8443/a"),
        ("https://radio.example./a", "https://radio.example/a"),
        ("https://user:secret@radio.example/a", "https://radio.example/a"),
        ("https://пример.рф/а", "https://xn--e1afmkfd.xn--p1ai/%D0%B0"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        # A fragment that is the address.
        ("https://radio.example/#!/a/1", "https://radio.example/#!/a/1"),
        ("https://radio.example/#!/я", "https://radio.example/#!/%D1%8F"),
        # Percent signs and dots.
        ("https://radio.example/%7ejoe/%d0%b0", "https://radio.example/~joe/%D0%B0"),
        ("https://radio.example/новости?q=да", "https://radio.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8?q=%D0%B4%D0%B0"),
        ("https://radio.example/a/./b/../c", "https://radio.example/a/c"),
        ("https://radio.example/../../a", "https://radio.example/a"),
        ("https://radio.example/a%2Fb", "https://radio.example/a%2Fb"),
        # Tracking goes, the order of the rest stays.
        ("https://radio.example/a?b=2&utm_source=rss&a=1&fbclid=x", "https://radio.example/a?b=2&a=1"),
        ("https://radio.example/a?at_medium=RSS&at_campaign=KARANGA", "https://radio.example/a"),
        ("https://radio.example/a?xtor=AL-72&ns_mchannel=social&mc_cid=1", "https://radio.example/a"),
        ("https://radio.example/a?maca=en-rss-en-all-1573-rdf", "https://radio.example/a"),
        ("https://radio.example/a;jsessionid=AB12?x=1", "https://radio.example/a?x=1"),
        ("https://radio.example/a?ref=rss", "https://radio.example/a"),
        # What may carry identity stays.
        ("https://radio.example/a?ref=12345", "https://radio.example/a?ref=12345"),
        ("https://radio.example/?p=17", "https://radio.example/?p=17"),
        ("https://radio.example/story?cid=99&source=tass", "https://radio.example/story?cid=99&source=tass"),
        ("https://radio.example/a?", "https://radio.example/a"),
        # Junk of templates and people.
        ("  <https://radio.example/a>,\n", "https://radio.example/a"),
        ('https://radio.example/a"', "https://radio.example/a"),
        ("https://radio.example/a_(b)", "https://radio.example/a_(b)"),
        ("https://radio.example/a)", "https://radio.example/a"),
        ("https://radio.example/a\u200b", "https://radio.example/a"),
    ],
)
def test_clean_url(raw: str, clean: str) -> None:
    cleaned = clean_url(raw.lstrip(" <"), RADIO)
    assert cleaned == clean
    assert clean_url(cleaned, RADIO) == cleaned


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://",
        "http://a b/",
        "http://host:99999/",
        "http://[::1",
        "/a/1.html",
        "http://a\\b@c/",
    ],
)
def test_an_unusable_address_is_refused(bad: str) -> None:
    with pytest.raises(ValueError):
        clean_url(bad)


def test_query_keys_of_the_card_are_never_taken_for_tracking() -> None:
    assert clean_url("http://paper.example/x?utm_id=5&ref=a&utm_source=b", PAPER) == "http://paper.example/x?utm_id=5&ref=a"


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        # The card's domain covers its subdomains, so these hosts are one site.
        ("http://m.radio.example/a/123456.html", "http://www.radio.example/a/123456.html"),
        ("https://radio.example/a/123456.html", "https://www.radio.example/a/123456.html"),
        ("https://mobile.radio.example/x", "https://www.radio.example/x"),
        # Another edition under a subdomain is not another screen.
        ("https://ua.radio.example/x", "https://ua.radio.example/x"),
        # Mirrors named by the card, and only those.
        ("https://d1a2b3.cdn.example/a/123456.html", "https://www.radio.example/a/123456.html"),
        ("https://d9.cdn.example/a/123456.html", "https://d9.cdn.example/a/123456.html"),
        ("https://m.elsewhere.example/x", "https://m.elsewhere.example/x"),
        # AMP is mapped when the publisher's id is the same in both forms.
        ("https://www.radio.example/amp/slug/123456.html", "https://www.radio.example/a/slug/123456.html"),
        ("https://www.radio.example/a/123456.html?amp=1", "https://www.radio.example/a/123456.html"),
        ("https://amp.radio.example/a/123456.html", "https://www.radio.example/a/123456.html"),
        ("https://www.radio.example/about/amp/", "https://www.radio.example/about/amp/"),
    ],
)
def test_canonical_url(raw: str, canonical: str) -> None:
    assert canonical_url(raw, RADIO) == canonical


def test_without_a_card_no_host_is_mapped() -> None:
    assert canonical_url("http://m.radio.example/a?utm_source=x", None) == "http://m.radio.example/a"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("http://paper.example/a", "https://paper.example/a", True),
        ("http://paper.example/a?x=1&y=2", "http://paper.example/a?y=2&x=1", True),
        ("http://paper.example/a?x=1", "http://paper.example/a?x=2", False),
        ("http://paper.example/a?page=2", "http://paper.example/a", False),
        ("http://paper.example/a", "http://paper.example/A", False),
        ("http://paper.example/a", "http://paper.example:8080/a", False),
        ("http://paper.example/a", "http://www.paper.example/a", True),
        ("http://paper.example/a/amp/", "http://paper.example/a", False),
    ],
)
def test_one_page(first: str, second: str, same: bool) -> None:
    assert (page_key(first, PAPER) == page_key(second, PAPER)) is same


@pytest.mark.parametrize(
    "urls",
    [
        ("https://www.radio.example/a/123456.html",),
        ("https://www.radio.example/a/slug/123456.html",),
        ("http://m.radio.example/amp/slug/123456.html?utm_source=x",),
        ("https://mirror.test/a/123456.html",),
        # A redirect: the address that answered counts.
        ("https://www.radio.example/a/new/123456.html", "https://www.radio.example/old"),
    ],
)
def test_the_publishers_id_is_the_identity(urls: tuple[str, ...]) -> None:
    assert article_identity(RADIO, *urls) == ("techas_group", "123456")


def test_an_id_on_a_foreign_host_is_not_the_publishers() -> None:
    assert article_identity(RADIO, "https://video.example/watch/123456.html")[1].startswith("u-")


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("http://paper.example/slug/amp/", "http://paper.example/slug/"),
        ("http://paper.example/amp/slug", "http://paper.example/slug"),
        ("http://paper.example/slug.amp.html", "http://paper.example/slug.html"),
        ("http://paper.example/slug?amp=1", "https://www.paper.example/slug/"),
        ("http://amp.paper.example/slug", "http://paper.example/slug"),
        ("http://paper.example/slug?outputType=amp", "http://m.paper.example/slug"),
    ],
)
def test_forms_of_one_article_have_one_digest(url: str, other: str) -> None:
    assert article_identity(PAPER, url) == article_identity(PAPER, other)


@pytest.mark.parametrize(
    ("declared", "accepted"),
    [
        ("http://paper.example/real-slug", True),
        ("http://news.paper.example/real-slug", True),
        # Elsewhere: a republished piece, or a lie.
        ("http://elsewhere.example/real-slug", False),
        # A template that declares the front page on every page.
        ("http://paper.example/", False),
        ("", False),
        ("not an address", False),
        ("javascript:void(0)", False),
    ],
)
def test_a_declared_address_counts_on_the_same_domain_only(declared: str, accepted: bool) -> None:
    fetched = "http://paper.example/x?id=7"
    found = article_identity(PAPER, declared, fetched, declared=declared)
    assert found == article_identity(PAPER, declared if accepted else fetched)


def test_a_declared_id_never_overrules_the_fetched_one() -> None:
    fetched, declared = "https://www.radio.example/a/111111.html", "https://www.radio.example/a/222222.html"
    assert article_identity(RADIO, declared, fetched, declared=declared)[1] == "111111"


def test_a_declared_id_names_an_article_whose_address_has_none() -> None:
    fetched, declared = "https://www.radio.example/live", "https://www.radio.example/a/222222.html"
    assert article_identity(RADIO, declared, fetched, declared=declared)[1] == "222222"


def test_long_things_become_short_keys() -> None:
    long = "http://paper.example/" + "x" * 100_000
    assert len(article_identity(PAPER, long)[1]) < 50
    assert len(page_key(long, PAPER)) == 64
    digits = "https://www.radio.example/" + "7" * 5000 + ".html"
    assert len(article_identity(RADIO, digits)[1]) < 50
    assert len(host_key("http://" + "a." * 400 + "example/")) <= 300


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://radio.example/a", "http://radio.example:80"),
        ("https://Radio.Example/a", "https://radio.example:443"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]:80"),
    ],
)
def test_host_key(url: str, key: str) -> None:
    assert host_key(url) == key


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.bbc.co.uk", "bbc.co.uk"),
        ("radio.example", "radio.example"),
        ("a.b.radio.example", "radio.example"),
        ("x.y.test", "y.test"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("localhost", "localhost"),
        # Customers of one provider are not one publisher.
        ("joe.github.io", "joe.github.io"),
        ("www.xn--80aaa.xn--p1ai", "xn--80aaa.xn--p1ai"),
    ],
)
def test_registrable_domain(host: str, domain: str) -> None:
    assert registrable_domain(host) == domain


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("„Wir waren 250“, sagte er –  leise.", '"Wir waren 250", sagte er - leise.', True),
        ("Er\u00a0kam\u00ad.", "er kam.", True),
        ("5–10 Tage", "5-10 Tage", True),
        ("П’ять людей", "п'ять людей", True),
        ("He came , and left .", "He came, and left.", True),
        ("5 , 10", "5, 10", False),
        # A number is never trivial, however small the change.
        ("250 people", "300 people", False),
        ("250 people", "25 people", False),
        ("25² km", "252 km", False),
        ("H₂O", "H2O", False),
        ("1.5 million", "15 million", False),
        ("He came.", "He did not come.", False),
    ],
)
def test_trivial_and_real_edits(before: str, after: str, same: bool) -> None:
    assert (normalise_text(before) == normalise_text(after)) is same
    assert (text_sha256(before) == text_sha256(after)) is same


@pytest.mark.parametrize("junk", [")", ")#", ")?", ")#top", ")?&", ");jsessionid=1", '"),', ")#)#"])
def test_junk_behind_junk_is_dropped_too(junk: str) -> None:
    assert clean_url(f"http://radio.example/a/1{junk}", RADIO) == "http://radio.example/a/1"


@given(st.text(max_size=300))
@example(")#")
@example(")?")
def test_any_text_is_an_address_or_refused(raw: str) -> None:
    for url in (raw, f"http://radio.example/{raw}", f"http://{raw}/"):
        try:
            clean = clean_url(url, RADIO)
        except ValueError:
            continue
        assert clean.isascii()
        assert clean_url(clean, RADIO) == clean
        assert page_key(clean, RADIO) == page_key(url, RADIO)
        assert canonical_url(canonical_url(url, RADIO), RADIO) == canonical_url(url, RADIO)


@given(st.text(max_size=300))
def test_any_text_can_be_normalised(raw: str) -> None:
    once = normalise_text(raw)
    assert len(text_sha256(raw)) == 64
    # What a reader sees as digits stays.
    assert sum(char.isdecimal() for char in once) >= sum(char.isdecimal() for char in raw)
