"""One crawl of publishers that announce their pages in four ways, judged by what was stored and by what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.outlet_site.bench import Bench
from tests.outlet_site.publishers import PIECES


@pytest.fixture
def bench(tmp_path: Path, sqlite_url: str) -> Iterator[Bench]:
    opened = Bench(tmp_path, sqlite_url)
    yield opened
    opened.close()


def test_json_feeds_wordpress_and_listings_with_next_pages_are_ways_in(bench: Bench) -> None:
    bench.add("herald.example", path="/feed.json")
    bench.add("courier.example", path="/wp-json/wp/v2/posts")
    bench.add("gazette.example", path="/news/", kind="listing", point="pages = 3")
    bench.add("film.example", path="/videos.xml", kind="video_sitemap")
    summary = bench.crawl()
    # Subtitles that a video's page publishes are read in the same crawl, where robots.txt allows it.
    tracks = {row.url.removeprefix("http://film.example"): row.outcome for row in bench.visits() if row.url.endswith(".vtt")}
    assert tracks == {"/subs/1.vtt": "unchanged", "/closed/2.vtt": "robots_denied"}
    said = bench.rows(
        "SELECT e.text FROM articles a JOIN revisions r ON r.id = a.current_revision_id JOIN extractions e ON e.id = r.extraction_id "
        "WHERE a.outlet_id = 'film' ORDER BY a.url"
    )
    assert ["lighthouse basement" in text for (text,) in said] == [True, False]
    stored = Counter(row.url.split("/")[2] for row in bench.visits() if row.outcome == "stored")
    assert stored.pop("film.example") == 2
    assert stored == {"herald.example": PIECES, "courier.example": PIECES, "gazette.example": 3 * PIECES}
    assert summary["unexplained"] == 0
    listings = {address for address in bench.asked() if address.startswith("http://gazette.example/news/?") or address.endswith("/news/")}
    # Three pages as the card says, although there is a fourth.
    assert listings == {"http://gazette.example/news/", "http://gazette.example/news/?page=2", "http://gazette.example/news/?page=3"}
    before = bench.asked()
    bench.crawl()
    again = bench.asked() - before
    # Nothing new on the first page: further ones are not asked for, and no article is fetched again.
    feeds = {"http://herald.example/feed.json", "http://courier.example/wp-json/wp/v2/posts", "http://gazette.example/news/"}
    assert set(again) <= feeds | {"http://film.example/videos.xml"}
