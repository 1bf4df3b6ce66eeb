"""The bundled newsroom as data: everything parses, nothing is listed twice, the ground truth leaves nobody out."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta, timezone
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.catalog import load_catalog
from config.faults import ConfigError
from config.outlet import EndpointKind
from config.settings import Settings
from interfaces.demo import formats
from interfaces.demo.documents import CHANGED_WORLD, FIRST_WORLD, Dialect, DocumentKind, Newsroom, read_paragraphs
from interfaces.demo.ground_truth import read_ground_truth
from interfaces.demo.newsroom import bundled_folder, read_newsroom


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return read_newsroom()


def _copy(tmp_path: Path) -> Path:
    with resources.as_file(bundled_folder()) as folder:
        return Path(shutil.copytree(folder, tmp_path / "newsroom"))


def test_every_document_parses_and_every_site_has_some(newsroom: Newsroom) -> None:
    assert len(newsroom.documents) >= 140
    assert len(newsroom.sites) == 18
    assert {document.site for document in newsroom.documents.values()} == set(newsroom.sites)


def test_all_hosts_are_reserved_names(newsroom: Newsroom) -> None:
    assert all(host.endswith(".example") for host in newsroom.hosts())
    links = [piece.href for d in newsroom.documents.values() for p in d.paragraphs for piece in p.pieces if piece.href]
    assert links
    assert all((urlsplit(link).hostname or "").endswith(".example") for link in links)


def test_pangea_ids_are_unique_over_the_family(newsroom: Newsroom) -> None:
    family = [d.number for d in newsroom.documents.values() if newsroom.outlets[d.site].family == "meridian"]
    assert len(family) == len(set(family))


def test_ground_truth_lists_each_document_once_and_no_other(newsroom: Newsroom) -> None:
    truth = read_ground_truth(newsroom)
    assert set(truth.documents) == set(newsroom.documents)


def test_ground_truth_names_every_other_address(newsroom: Newsroom) -> None:
    truth = read_ground_truth(newsroom)
    declared = {other.url: document.id for document in newsroom.documents.values() for other in document.also_at}
    assert dict(truth.aliases) == declared


def test_ground_truth_agrees_with_what_the_documents_say_they_become(newsroom: Newsroom) -> None:
    truth = read_ground_truth(newsroom)
    for document in newsroom.documents.values():
        said = truth.documents[document.id]
        if document.changed is None:
            assert said.later == "unchanged", document.id
        if said.later == "gone":
            assert document.changed is not None and document.changed.removed, document.id
        assert said.revisions == {"stored": 1 + (said.later == "revised")}.get(said.outcome, 0), document.id


def test_cards_are_valid_and_list_only_what_is_served(newsroom: Newsroom, tmp_path: Path) -> None:
    catalog = load_catalog(Settings(database="sqlite:///x", bundled_outlets=False, outlets_dir=_copy(tmp_path) / "outlets"))
    assert set(catalog.outlets) == set(newsroom.sites)
    fitting = {
        EndpointKind.FEED: {Dialect.RSS, Dialect.ATOM, Dialect.RDF},
        EndpointKind.SITEMAP: {Dialect.SITEMAP, Dialect.SITEMAP_INDEX},
        EndpointKind.NEWS_SITEMAP: {Dialect.NEWS_SITEMAP},
        EndpointKind.VIDEO_SITEMAP: {Dialect.VIDEO_SITEMAP},
    }
    for outlet in catalog:
        served = {listing.url: listing.dialect for listing in newsroom.sites[outlet.id].listings}
        for endpoint in outlet.endpoints:
            assert served[endpoint.url] in fitting[endpoint.kind], endpoint.url


def test_every_announced_document_is_within_its_listings_limits(newsroom: Newsroom) -> None:
    for site_id, site in newsroom.sites.items():
        for document in newsroom.of_site(site_id):
            for channel in document.announced_in:
                carriers = [listing for listing in site.listings if listing.dialect.channel is channel and not listing.section]
                # A site without sitemaps announces everything in its feed.
                assert carriers or channel.value == "sitemap", (document.id, channel)
                assert all(listing.limit >= 100 or listing.dialect is Dialect.NEWS_SITEMAP for listing in carriers)


def test_a_video_has_a_duration_and_is_announced_as_video_only(newsroom: Newsroom) -> None:
    videos = [document for document in newsroom.documents.values() if document.kind is DocumentKind.VIDEO]
    assert videos
    assert all(video.duration_s and [c.value for c in video.announced_in] == ["video_sitemap"] for video in videos)


def test_the_second_world_applies_changes_and_takes_removed_pages_away(newsroom: Newsroom) -> None:
    changed = [document for document in newsroom.documents.values() if document.changed]
    assert len(changed) >= 10
    for document in changed:
        later = document.in_world(CHANGED_WORLD)
        assert document.in_world(FIRST_WORLD) is document
        assert later != document
        standing = {other.id for other in newsroom.of_site(document.site, CHANGED_WORLD)}
        assert (document.id in standing) is not later.removed
        assert newsroom.edited_at(document.id, CHANGED_WORLD) > newsroom.edited_at(document.id, FIRST_WORLD)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("One.\n\nTwo.", [("One.", False), ("Two.", False)]),
        # A line break inside a paragraph is only how the file was wrapped.
        ("One\nand a half.", [("One and a half.", False)]),
        # A heading of a live blog stands on the line above its text.
        ("## 14:05 News\nText.", [("14:05 News", True), ("Text.", False)]),
        ("Say [[http://a.example/x|linked words]] here.", [("Say linked words here.", False)]),
        ("", []),
    ],
)
def test_a_body_is_split_into_paragraphs(body: str, expected: list[tuple[str, bool]]) -> None:
    assert [(p.text, p.is_heading) for p in read_paragraphs(body)] == expected


def test_all_faults_are_reported_at_once_with_file_and_key(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    documents = folder / "documents" / "chain"
    first = documents / "techas-podval.toml"
    first.write_text(first.read_text(encoding="utf-8").replace("section =", "sektion ="), encoding="utf-8")
    (documents / "broken.toml").write_text("title = ", encoding="utf-8")
    second = documents / "volga-podval.toml"
    second.write_text(second.read_text(encoding="utf-8").replace("+03:00", ""), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_newsroom(folder)
    shown = [str(fault) for fault in caught.value.faults]
    assert any("chain/techas-podval.toml: sektion: unknown key" in line for line in shown)
    assert any("chain/broken.toml: is not valid TOML" in line for line in shown)
    assert any("chain/volga-podval.toml: published: must have a UTC offset" in line for line in shown)


def test_an_address_used_twice_is_a_fault(tmp_path: Path) -> None:
    folder = _copy(tmp_path)
    original = folder / "documents" / "chain" / "techas-podval.toml"
    text = original.read_text(encoding="utf-8").replace('id = "techas-podval"', 'id = "second"')
    (original.parent / "second.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match="is second's too"):
        read_newsroom(folder)


AT = datetime(2022, 11, 14, 9, 30, tzinfo=timezone(timedelta(hours=3)))


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (formats.iso, "2022-11-14T09:30:00+03:00"),
        (formats.utc, "2022-11-14T06:30:00+00:00"),
        (formats.utc_z, "2022-11-14T06:30:00Z"),
        (formats.utc_space, "2022-11-14 06:30:00Z"),
        (formats.utc_minute, "2022-11-14T06:30Z"),
        (formats.rfc822, "Mon, 14 Nov 2022 09:30:00 +0300"),
        (formats.http_date, "Mon, 14 Nov 2022 06:30:00 GMT"),
        (formats.day, "14.11.2022"),
    ],
)
def test_times_are_written_as_the_sites_write_them(write, expected: str) -> None:  # type: ignore[no-untyped-def]
    assert write(AT) == expected


def test_long_days_use_the_words_of_the_language(newsroom: Newsroom) -> None:
    shown = {language: formats.long_day(AT, labels) for language, labels in newsroom.labels.items()}
    assert shown == {"en": "November 14, 2022", "de": "14. November 2022", "ru": "14 ноября 2022", "uk": "14 листопада 2022"}
