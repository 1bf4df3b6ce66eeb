"""Templates of the past, windows of ids, and the answers of a capture index."""

from __future__ import annotations

from datetime import date

import pytest

from config.outlet import Archive, Identity, Outlet
from crawlers.discovery.archives import ArchivedPage, expand_archive, id_window, index_query, is_in_window, read_index, replay_address

TEMPLATES = [
    # Template, first day, last day, what is asked for.
    ("/{year}/{month}/{day}", date(2022, 10, 31), date(2022, 11, 1), ["/2022/10/31", "/2022/11/01"]),
    ("/{year}-{month}.xml.gz", date(2022, 10, 31), date(2022, 12, 1), ["/2022-10.xml.gz", "/2022-11.xml.gz", "/2022-12.xml.gz"]),
    # ISO weeks: 1 January 2023 is a day of week 52 of 2022.
    ("/{week_year}/{week}.xml", date(2022, 12, 31), date(2023, 1, 2), ["/2022/52.xml", "/2023/01.xml"]),
    ("/{year}/{month1}/{day1}", date(2022, 3, 4), date(2022, 3, 4), ["/2022/3/4"]),
    ("/sitemap_{year}.xml", date(2022, 1, 1), date(2022, 12, 31), ["/sitemap_2022.xml"]),
    ("/posts?after={since}&before={until}", date(2022, 11, 1), date(2022, 11, 9), ["/posts?after=2022-11-01&before=2022-11-09"]),
]


@pytest.mark.parametrize(("template", "since", "until", "expected"), TEMPLATES)
def test_a_template_expands_to_what_covers_the_time(template: str, since: date, until: date, expected: list[str]) -> None:
    found = expand_archive(Archive(url=f"http://a.example{template}"), since, until)
    assert [listing.url.removeprefix("http://a.example") for listing in found] == expected
    assert (found[0].first, found[-1].last) == (since, until)


def test_an_archive_is_not_asked_for_days_that_it_has_not() -> None:
    archive = Archive(url="http://a.example/{year}-{month}-{day}.xml", first=date(2022, 11, 2), last=date(2022, 11, 3))
    assert [found.url[-12:-4] for found in expand_archive(archive, date(2022, 1, 1), date(2023, 1, 1))] == ["22-11-02", "22-11-03"]
    assert expand_archive(archive, date(2023, 1, 1), date(2023, 2, 1)) == []


CARD = Outlet(
    id="radio_en", name="Radio", language="en", owner="radio", homepage="http://radio.example/", domains=("radio.example",),
    identity=Identity(
        id_pattern=r"/a/(?:[^/]+/)?(\d+)\.html",
        id_dates=((32110000, date(2022, 11, 1)), (32120000, date(2022, 11, 8)), (32130000, date(2022, 11, 14))),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("since", "until", "window"),
    [
        # 5 November is 4/7 of the way to the 8th; 12 November is 4/6 of the way to the 14th.
        (date(2022, 11, 8), date(2022, 11, 8), (32115714, 32126667)),
        # Nothing is known before the first pair and after the last: nothing is ruled out there.
        (date(2022, 11, 2), date(2022, 11, 4), (0, 32120000)),
        (date(2022, 11, 13), date(2022, 11, 13), (32123333, 10**18)),
        (date(2019, 1, 1), date(2019, 1, 2), (0, 10**18)),
    ],
)
def test_ids_tell_days_between_known_pairs(since: date, until: date, window: tuple[int, int]) -> None:
    assert id_window(CARD, since, until) == window


def test_only_an_id_outside_the_window_rules_a_page_out() -> None:
    window = (32115714, 32126667)
    assert is_in_window("http://radio.example/a/slug/32120000.html", CARD, window)
    assert not is_in_window("http://radio.example/a/32130000.html", CARD, window)
    assert is_in_window("http://radio.example/live/32130000", CARD, window)


def test_without_pairs_ids_tell_nothing() -> None:
    bare = CARD.model_copy(update={"identity": Identity(id_pattern=r"(\d+)")})
    assert id_window(bare, date(2022, 11, 8), date(2022, 11, 8)) is None


def test_the_index_of_a_web_archive_is_asked_in_its_own_words() -> None:
    query = index_query("https://web-archive.example/", "radio.example", date(2022, 11, 1), date(2022, 11, 2), limit=5, resume="a b")
    assert query == (
        "https://web-archive.example/cdx/search/cdx?url=radio.example&matchType=domain&output=json&fl=timestamp%2Coriginal"
        "&from=20221101&to=20221102&filter=statuscode%3A200&filter=mimetype%3Atext%2Fhtml&collapse=urlkey&limit=5&showResumeKey=true"
        "&resumeKey=a+b"
    )


ROWS = b'[["timestamp","original"],["20221101000000","http://radio.example:80/a"],["2022","x"],["20229901000000","http://radio.example/b"]'


@pytest.mark.parametrize(
    ("body", "resume"), [(ROWS + b"]", ""), (ROWS + b',[],["com,radio)/b 20221103"]]', "com,radio)/b 20221103"), (b"[]", ""), (b"", "")]
)
def test_an_answer_of_the_index_gives_captures_and_the_key_for_more(body: bytes, resume: str) -> None:
    found, key = read_index(body)
    assert key == resume
    assert found == ([ArchivedPage(original="http://radio.example/a", timestamp="20221101000000")] if body.startswith(ROWS) else [])


@pytest.mark.parametrize("body", [b"<html>blocked</html>", b'{"error": 1}', b"[" * 100_000])
def test_another_answer_is_named(body: bytes) -> None:
    with pytest.raises(ValueError, match="CDX"):
        read_index(body)


def test_a_capture_is_asked_for_as_it_was_received() -> None:
    page = ArchivedPage(original="http://radio.example/a?b=1", timestamp="20221101000000")
    assert replay_address("https://x.example", page) == "https://x.example/web/20221101000000id_/http://radio.example/a?b=1"
