"""The part of a page that is read: it holds all of the article, little else, and where it gives too little the whole page is read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawlers.body import MAX_ELEMENTS, read_body
from crawlers.extraction import extract_page
from crawlers.markup import MAX_ATTRIBUTES, parse_page
from crawlers.prose import cut_out, find_prose
from tests.fixtures.pages import BANNER, PARAGRAPHS, article, html, listing, text_of

P = [f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS["en"]]
LINKS = "".join(f'<li><a href="/{number}">Another headline of another page, number {number}</a></li>' for number in range(30))
TEXT = text_of("en")
NOW = datetime(2026, 11, 1, tzinfo=UTC)

PARTS = [
    # Page body, id of the part that is read.
    (f'<div id="a"><div id="b">{"".join(P)}</div><div id="c"><ul>{LINKS}</ul></div></div>', "b"),
    # Two columns of one text are one part.
    (f'<div id="a"><div id="b">{"".join(P[:3])}</div><div id="c">{"".join(P[3:])}</div></div>', "a"),
    # Text without paragraphs, as old systems write it.
    (f'<div id="a"><div id="b">{"<br>".join(PARAGRAPHS["en"])}</div><div id="c">{LINKS}</div></div>', "b"),
    # A table is not taken apart.
    (f'<div id="a"><table id="b">{"".join(f"<tr><td>{line}</td></tr>" for line in P)}</table></div>', "a"),
    # Readers' comments and consent texts may be longer than the article.
    (f'<div id="a">{P[0]}{P[1]}</div><div id="c" class="comments-area">{"".join(P)}</div>', "a"),
    (f'<div id="a">{P[0]}{P[1]}</div><div id="onetrust-banner-sdk">{"".join(P)}</div>', "a"),
    (f'<div id="a">{P[0]}{P[1]}</div><aside>{"".join(P)}</aside><footer>{"".join(P)}</footer>', "a"),
]


@pytest.mark.parametrize(("inner", "part"), PARTS)
def test_the_part_is_the_smallest_that_holds_the_prose(inner: str, part: str) -> None:
    tree = parse_page(html(inner, chrome=False).decode())
    assert tree is not None
    prose = find_prose(tree)
    assert prose is not None
    assert prose.element.get("id") == part


def test_a_page_without_prose_has_no_such_part() -> None:
    for body in (listing(chrome_banner := "en"), html(f'<div class="cookie-banner"><p>{BANNER[chrome_banner]}</p></div>')):
        tree = parse_page(body.decode())
        assert tree is not None
        assert find_prose(tree) is None


def test_what_stands_between_the_headline_and_the_part_comes_along_and_what_stands_before_does_not() -> None:
    inner = (
        f'<div class="top"><p>{PARAGRAPHS["en"][4]} Yesterday.</p></div><header><h1>Bridge</h1></header><div class="intro">{P[0]}</div>'
        f'<div class="article-body">{"".join(P[1:] * 7)}</div>'
    )
    tree = parse_page(html(f"<main>{inner}</main>", chrome=False).decode())
    assert tree is not None
    prose = find_prose(tree)
    assert prose is not None
    assert prose.element.get("class") == "article-body"
    text = cut_out(tree, prose).text_content()
    assert PARAGRAPHS["en"][0] in text
    assert "Yesterday" not in text


def test_boxes_of_links_are_left_out_and_short_lines_are_kept() -> None:
    boxes = f'<div><p>“No.”</p></div><div class="x"><ul>{LINKS}</ul></div>tail'
    inner = f"<article><h1>Bridge</h1>{P[0]}{boxes}{''.join(P[1:])}<div> </div></article>"
    tree = parse_page(html(inner).decode())
    assert tree is not None
    prose = find_prose(tree)
    assert prose is not None
    page = cut_out(tree, prose)
    assert "Another headline" not in page.text_content()
    assert "“No.”" in page.text_content()
    assert "tail" in page.text_content()
    assert "“No.”" in read_body(tree).text


def test_the_tree_stays_as_it_was() -> None:
    tree = parse_page(article("en", after=f"<ul>{LINKS}</ul><script>x</script><form><input></form>").decode())
    assert tree is not None
    before = [(element.tag, dict(element.attrib), element.text, element.tail) for element in tree.iter()]
    assert read_body(tree).text
    assert [(element.tag, dict(element.attrib), element.text, element.tail) for element in tree.iter()] == before


def test_where_the_part_gives_too_little_the_whole_page_is_read() -> None:
    # Nothing but the JSON-LD has the text.
    script = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{" ".join(PARAGRAPHS["en"])}"}}</script>'
    tree = parse_page(html(f"<div><p>{BANNER['en']}</p></div>", head=script).decode())
    assert tree is not None
    assert PARAGRAPHS["en"][3] in read_body(tree).text


def test_names_that_no_element_may_have_do_no_harm() -> None:
    inner = f'<div a:b<="1" class="x"><x"y>{"".join(P)}</x"y></div><div>{LINKS}</div>'
    assert PARAGRAPHS["en"][0] in extract_page(html(inner), url="http://radio.example/a/1.html", now=NOW).text


def test_a_tag_with_thousands_of_attributes_loses_them_before_they_cost_anything() -> None:
    many = " ".join(f'a{number}="{number}"' for number in range(20 * MAX_ATTRIBUTES))
    tree = parse_page(f"<html><body><div id=x {many}>{''.join(P)}</div></body></html>")
    assert tree is not None
    assert [len(element.attrib) for element in tree.iter("div")] == [0]
    assert read_body(tree).text == TEXT


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_long_attribute_is_no_hostile_one(quote: str) -> None:
    value = "some words of a page that a script shows > later, " * 2_000
    tree = parse_page(f"<html><body><div class=x data-page={quote}{value}{quote} id=y>{''.join(P)}</div></body></html>")
    assert tree is not None
    assert [(element.get("id"), element.get("data-page")) for element in tree.iter("div")] == [("y", value)]


def test_a_page_of_more_elements_than_the_extractor_can_read_in_time_is_read_line_by_line() -> None:
    tree = parse_page(f"<html><body><article>{''.join(f'<p>Line {number} is short.' for number in range(MAX_ELEMENTS))}</article>")
    assert tree is not None
    found = read_body(tree)
    assert (found.extractor, found.text.count("\n")) == ("plain", MAX_ELEMENTS - 1)
