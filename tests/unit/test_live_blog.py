"""The entries of a live blog keep their own times, and what one says is dated by its own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from comparison.cells import make_finding
from comparison.claims import annotate
from comparison.facts import compare_facts
from comparison.findings import iso
from comparison.inert import shown_moment
from comparison.origins import Chain, Evidence, find_origins
from comparison.reference import bundled_reports
from comparison.spread import make_spread
from comparison.timeline import first_of
from crawlers.extraction import extract_page
from storage.claim_records import Claim, ClaimKind
from storage.extractions import sanitise_extraction
from storage.records import (
    ArticleKind,
    Extraction,
    LiveEntry,
    PageClass,
    Precision,
    PublishedTime,
    StoredArticle,
    time_at,
)
from tests.comparison_builders import context_of, make_article, make_candidate

NOW = datetime(2022, 11, 25, tzinfo=UTC)
ENTRIES = [
    (
        "2022-11-21T18:40:00+01:00",
        "Families speak of 250 men in one cellar",
        "Relatives told our reporter that 250 men are held in one cellar, and that no officer answers.",
    ),
    (
        "2022-11-20T12:05:00+01:00",
        "Officials confirm detentions",
        "The regional office confirmed that soldiers who refused orders are detained, and gave no number.",
    ),
    (
        "2022-11-19T08:30:00+01:00",
        "First reports from the village",
        "The first reports spoke of a few dozen men, seen by villagers as they were led away at night.",
    ),
]


def read(body: str, head: str = "") -> Extraction:
    head = f"<head><title>Live blog: the cellars</title>{head}</head>"
    page = f"<html lang='en'>{head}<body><main><h1>Live blog: the cellars</h1>{body}</main></body></html>"
    return extract_page(page.encode(), url="http://radio.example/live", outlet_language="en", now=NOW)


def texts_by_time(extraction: Extraction) -> dict[str, str]:
    starts = [entry.start for entry in extraction.entries] + [len(extraction.text)]
    return {
        entry.at.isoformat(): extraction.text[start:end] for entry, start, end in zip(extraction.entries, starts, starts[1:], strict=False)
    }


def assert_each_says_its_own(extraction: Extraction) -> None:
    assert extraction.kind is ArticleKind.LIVE_BLOG
    found = texts_by_time(extraction)
    assert len(found) == 3, extraction.text
    for time, _, body in ENTRIES:
        assert body[:40] in found[datetime.fromisoformat(time).astimezone(UTC).isoformat()]


def test_times_come_from_the_updates_that_the_page_declares() -> None:
    updates = [{"@type": "BlogPosting", "headline": head, "articleBody": text, "datePublished": time} for time, head, text in ENTRIES]
    data = {"@context": "https://schema.org", "@type": "LiveBlogPosting", "headline": "Live blog: the cellars", "liveBlogUpdate": updates}
    body = "".join(f"<article><h2>{head}</h2><p>{text}</p></article>" for _, head, text in ENTRIES)
    assert_each_says_its_own(read(body, f"<script type='application/ld+json'>{json.dumps(data)}</script>"))


def test_failing_that_from_the_time_in_each_entry() -> None:
    quiet = "<p>More soon, when we know more about the men and the place where they are.</p>"
    data = '<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "Live blog: the cellars"}</script>'
    body = "".join(
        f"<article><time datetime='{time}'>{time[11:16]}</time><h2>{head}</h2><p>{text}</p></article>" for time, head, text in ENTRIES
    )
    assert_each_says_its_own(read(body + quiet, data))


def test_a_page_with_one_time_has_no_entries() -> None:
    time, head, text = ENTRIES[0]
    data = '<script type="application/ld+json">{"@type": "LiveBlogPosting"}</script>'
    assert read(f"<time datetime='{time}'></time><h2>{head}</h2><p>{text}</p><p>{text[::-1]}</p>", data).entries == ()


def test_entries_outside_the_text_or_after_the_capture_are_not_stored() -> None:
    entries = (LiveEntry(start=0, at=NOW), LiveEntry(start=3, at=NOW + timedelta(days=2)), LiveEntry(start=99, at=NOW))
    extraction = Extraction(
        extractor="t", extractor_version="", rules_version="", page_class=PageClass.LIVE_BLOG, text="ten letter", entries=entries
    )
    assert sanitise_extraction(extraction, NOW).entries == entries[:1]


def test_a_place_in_the_text_has_the_time_of_its_entry() -> None:
    early, late = NOW - timedelta(days=5), NOW - timedelta(days=1)
    entries = (LiveEntry(start=10, at=late), LiveEntry(start=50, at=early))
    assert [time_at(entries, offset) for offset in (0, 10, 49, 50, 500)] == [None, late, late, early, early]


def test_yesterday_in_an_entry_is_the_day_before_that_entry() -> None:
    text = "Late news.\nThe men were led away yesterday, their families say."
    published, entry_at = datetime(2022, 11, 19, 8, tzinfo=UTC), datetime(2022, 11, 21, 17, tzinfo=UTC)
    article = StoredArticle(
        article_id=1, key="radio:1", outlet_id="radio", outlet_name="Radio", owner="radio", family=None, url="http://radio.example/live",
        kind=ArticleKind.LIVE_BLOG, title="Live", text=text, language="en", published=PublishedTime(at=published), first_seen_at=NOW,
        captured_at=NOW, revision=1, revision_id=1, text_sha256="", capture_id=1, capture_sha256="",
        entries=(LiveEntry(start=11, at=entry_at),),
    )  # fmt: skip
    claim = annotate(Claim(id="c1", text="The men were led away on 20 November 2022.", kind=ClaimKind.EVENT), "en")
    said = [compare_facts(claim, text[11:], "en", time)[0].value for time in (article.said_at(11), article.published.at)]
    assert said == ["agrees", "differs"]


def test_the_dossier_gives_a_passage_the_time_of_its_entry() -> None:
    morning, noon, evening = NOW.replace(hour=6), NOW.replace(hour=12, minute=5), NOW.replace(hour=18, minute=30)
    text = "Live: the day.\nAt noon 40 men were held.\nIn the evening 40 men were free."
    blog = make_article(
        1,
        "east_en",
        text,
        published=PublishedTime(at=morning, precision=Precision.MINUTE),
        entries=(LiveEntry(start=15, at=noon), LiveEntry(start=41, at=evening)),
    )
    news = make_article(2, "west_en", "40 men were held.", published=PublishedTime(at=noon.replace(minute=0), precision=Precision.MINUTE))
    late, early = make_candidate(blog, start=41, end=72), make_candidate(blog, start=15, end=40)
    head = make_candidate(blog, start=0, end=14)
    finding = make_finding([early], context_of(blog))
    assert (finding.published, finding.entry_at) == (iso(morning), iso(noon))
    assert shown_moment(finding) == "entry of 25 Nov 2022, 12:05 UTC in a live blog of 25 Nov 2022, 06:00 UTC"
    # Before the first entry the blog's own time counts; the news was first, though the page of the blog is older.
    assert make_finding([head], context_of(blog)).entry_at is None
    assert first_of([early, late, make_candidate(news)]).article == news.key
    assert first_of([late, early]).published == iso(noon)
    assert first_of([head, make_candidate(news)]).article == blog.key


def test_the_spread_places_a_live_blog_by_its_entry() -> None:
    morning, noon = NOW.replace(hour=6), NOW.replace(hour=12, minute=5)
    blog = make_article(
        1,
        "east_en",
        "Live.\n40 men were held.",
        published=PublishedTime(at=morning, precision=Precision.MINUTE),
        entries=(LiveEntry(start=6, at=noon),),
    )
    news = make_article(2, "west_en", "40 men were held.", published=PublishedTime(at=noon.replace(minute=0), precision=Precision.MINUTE))
    report = replace(bundled_reports()[0], claims=(Claim(id="c03", text="40 men were held."),))
    origins = find_origins(
        [Evidence(article=blog), Evidence(article=news)], chain=Chain(label="own", keys=frozenset()), outlets=(), names={}
    )
    candidates = [make_candidate(blog, start=6, end=23), make_candidate(news)]
    spread = make_spread(report, {"c03": candidates}, origins, context_of(blog, news))
    assert [point.article for point in spread.points] == [news.key, blog.key]
    assert [point.said for point in spread.points] == [iso(noon.replace(minute=0)), iso(noon)]
