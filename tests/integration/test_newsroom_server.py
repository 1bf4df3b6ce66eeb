"""The newsroom as it is served: a real child process on loopback, asked with a plain HTTP client."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from interfaces.demo.documents import CHANGED_WORLD, FIRST_WORLD, AddressKind, Dialect, Document, DocumentKind, Newsroom, SiteFault
from interfaces.demo.newsroom import read_newsroom
from interfaces.demo.server_process import ServerProcess, ServerStartError

NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "rss1": "http://purl.org/rss/1.0/",
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "video": "http://www.google.com/schemas/sitemap-video/1.1",
}


class Client:
    """Keeps one connection open, as a crawler does."""

    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def get(self, url: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        asked = {"Host": parts.netloc, **{name.replace("_", "-"): value for name, value in headers.items()}}
        self.connection.request(method, target, headers=asked)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


@pytest.fixture(scope="module")
def newsroom() -> Newsroom:
    return read_newsroom()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with ServerProcess(tmp_path_factory.mktemp("server")) as process:
        yield process


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    server.show_world(FIRST_WORLD)
    made = Client(server.port)
    yield made
    made.connection.close()


def _words(text: str) -> str:
    return " ".join(text.split())


def _expected_status(newsroom: Newsroom, document: Document) -> int:
    faults = newsroom.sites[document.site].faults
    if SiteFault.UNAVAILABLE in faults:
        return 503
    return 403 if SiteFault.BOT_WALL in faults else 200


def test_every_document_answers_at_all_its_addresses_with_its_whole_text(newsroom: Newsroom, client: Client) -> None:
    lxml_html = pytest.importorskip("lxml.html")
    for document in newsroom.documents.values():
        for url in (document.url, *(other.url for other in document.also_at)):
            status, headers, body = client.get(url)
            assert status == _expected_status(newsroom, document), url
            if status != 200:
                continue
            charset = newsroom.sites[document.site].charset
            assert headers["content-type"] == f"text/html; charset={charset}"
            shown = _words(lxml_html.fromstring(body.decode(charset)).text_content())
            for paragraph in document.paragraphs:
                assert _words(paragraph.text) in shown, (url, paragraph.text)
            assert _words(document.title) in shown
            assert _words(document.lead) in shown


def test_pages_carry_the_clutter_that_an_extraction_has_to_leave_out(newsroom: Newsroom, client: Client) -> None:
    for site_id, site in newsroom.sites.items():
        document = newsroom.of_site(site_id)[-1]
        if site.faults:
            continue
        _, _, body = client.get(document.url)
        text = body.decode(site.charset)
        labels = newsroom.labels[newsroom.outlets[site_id].language]
        others = [other for other in newsroom.of_site(site_id) if other.id != document.id]
        # Neither the agency nor the broadcaster has comments under its pages.
        assert (labels["readers"][0] in text) is (site.template not in ("ukrvisti", "dw"))
        assert labels["cookies"] in text or site.template == "legacy"
        assert any(other.path in text.replace("&amp;", "&") for other in others)


def test_machine_readable_dates_are_the_documents(newsroom: Newsroom, client: Client) -> None:
    by_template = {newsroom.sites[d.site].template: d for d in newsroom.documents.values() if d.kind is DocumentKind.ARTICLE}
    seen = {
        template: client.get(document.url)[2].decode(newsroom.sites[document.site].charset) for template, document in by_template.items()
    }
    pangea = by_template["pangea"].published
    assert f'datetime="{pangea.isoformat().replace("+", "&#x2B;")}"' in seen["pangea"]
    assert f'article:published_time" content="{by_template["ippen"].published.isoformat()}"' in seen["ippen"]
    assert f'itemprop="datePublished" content="{by_template["ukrvisti"].published.isoformat()}"' in seen["ukrvisti"]
    assert by_template["legacy"].published.strftime("%d.%m.%Y") in seen["legacy"]
    assert "datePublished" not in seen["legacy"] and "<time" not in seen["legacy"].lower()


def test_a_video_page_has_no_body_and_names_its_sources(newsroom: Newsroom, client: Client) -> None:
    video = next(d for d in newsroom.documents.values() if d.kind is DocumentKind.VIDEO)
    _, _, body = client.get(video.url)
    text = body.decode()
    assert 'class="wsw"' not in text
    sources = json.loads(text.split('data-sources="')[1].split('"')[0].replace("&#34;", '"').replace("&quot;", '"'))
    assert {source["Type"] for source in sources} == {"video/mp4"}


def _entries(body: bytes, dialect: Dialect) -> list[str]:
    root = ET.fromstring(body)
    paths = {
        Dialect.RSS: "channel/item/link",
        Dialect.RDF: "rss1:item/rss1:link",
        Dialect.SITEMAP_INDEX: "s:sitemap/s:loc",
        Dialect.SITEMAP: "s:url/s:loc",
        Dialect.NEWS_SITEMAP: "s:url/s:loc",
        Dialect.VIDEO_SITEMAP: "s:url/s:loc",
    }
    if dialect is Dialect.ATOM:
        return [link.attrib["href"] for link in root.findall("atom:entry/atom:link", NAMESPACES)]
    return [element.text or "" for element in root.findall(paths[dialect], NAMESPACES)]


@pytest.mark.parametrize("world", [FIRST_WORLD, CHANGED_WORLD])
def test_listings_are_well_formed_and_complete(newsroom: Newsroom, server: ServerProcess, client: Client, world: int) -> None:
    server.show_world(world)
    for site_id, site in newsroom.sites.items():
        for listing in site.listings:
            status, _, body = client.get(listing.url)
            if SiteFault.UNAVAILABLE in site.faults:
                assert status == 503
                continue
            assert status == 200, listing.url
            announced = _entries(gzip.decompress(body) if listing.url.endswith(".gz") else body, listing.dialect)
            if listing.dialect is Dialect.SITEMAP_INDEX:
                assert announced == list(listing.parts)
                continue
            expected = set()
            for document in newsroom.of_site(site_id, world):
                if listing.section and document.section != listing.section:
                    continue
                if listing.dialect.channel in document.announced_in:
                    expected.add(document.url)
                expected |= {other.url for other in document.also_at if listing.dialect.channel in other.announced_in}
            if listing.limit < len(expected):
                assert set(announced) < expected and len(announced) == listing.limit
            else:
                assert set(announced) == expected, listing.url


def test_every_document_of_a_working_site_is_announced_by_an_enabled_end_point(newsroom: Newsroom) -> None:
    for document in newsroom.documents.values():
        channels = set(document.announced_in)
        site = newsroom.sites[document.site]
        reachable = {endpoint.url for endpoint in newsroom.outlets[document.site].live_endpoints}
        reachable |= {part for listing in site.listings if listing.url in reachable for part in listing.parts}
        assert any(listing.url in reachable and listing.dialect.channel in channels and not listing.section for listing in site.listings)


def test_news_and_video_sitemaps_carry_what_they_are_for(newsroom: Newsroom, client: Client) -> None:
    _, _, news = client.get("http://www.mainblatt.example/news.xml")
    assert ET.fromstring(news).find("s:url/news:news/news:publication_date", NAMESPACES) is not None
    _, _, videos = client.get("http://www.meridian.example/sitemap_meridian_videos.xml")
    video = ET.fromstring(videos).find("s:url/video:video", NAMESPACES)
    assert video is not None
    duration = video.findtext("video:duration", namespaces=NAMESPACES)
    assert duration is not None and int(duration) > 0
    assert video.findtext("video:description", namespaces=NAMESPACES)
    assert video.findtext("video:thumbnail_loc", namespaces=NAMESPACES)


def test_conditional_requests_are_answered_without_a_body(newsroom: Newsroom, client: Client) -> None:
    for site_id, site in newsroom.sites.items():
        if site.faults:
            continue
        for url in (newsroom.of_site(site_id)[0].url, site.listings[0].url):
            _, headers, body = client.get(url)
            assert ("etag" in headers) is ("etag" in site.validators)
            assert ("last-modified" in headers) is ("last_modified" in site.validators)
            if "etag" in headers:
                status, _, empty = client.get(url, If_None_Match=headers["etag"])
                assert (status, empty) == (304, b"")
                # The tag goes before the date.
                status, _, _ = client.get(url, If_None_Match='"other"', If_Modified_Since="Fri, 01 Jan 2027 00:00:00 GMT")
                assert status == 200
            if "last-modified" in headers:
                assert client.get(url, If_Modified_Since=headers["last-modified"])[0] == 304
            if not site.validators:
                assert client.get(url, If_None_Match="*", If_Modified_Since="Fri, 01 Jan 2027 00:00:00 GMT")[2] == body


def test_a_changed_page_is_new_to_a_client_that_has_the_old_one(newsroom: Newsroom, server: ServerProcess, client: Client) -> None:
    for document in newsroom.documents.values():
        if document.changed is None or document.changed.removed:
            continue
        server.show_world(FIRST_WORLD)
        _, headers, before = client.get(document.url)
        asked = {}
        if "etag" in headers:
            asked["If_None_Match"] = headers["etag"]
        if "last-modified" in headers:
            asked["If_Modified_Since"] = headers["last-modified"]
        server.show_world(CHANGED_WORLD)
        status, _, after = client.get(document.url, **asked)
        assert status == 200 and after != before, document.id
        listing = newsroom.sites[document.site].listings[0].url
        server.show_world(FIRST_WORLD)
        _, headers, _ = client.get(listing)
        if "last-modified" in headers:
            server.show_world(CHANGED_WORLD)
            assert client.get(listing, If_Modified_Since=headers["last-modified"])[0] == 200


def test_a_removed_page_is_gone_at_all_its_addresses_and_announced_no_more(
    newsroom: Newsroom, server: ServerProcess, client: Client
) -> None:
    removed = [d for d in newsroom.documents.values() if d.changed and d.changed.removed]
    assert removed
    for document in removed:
        assert client.get(document.url)[0] == 200
    server.show_world(CHANGED_WORLD)
    for document in removed:
        for url in (document.url, *(other.url for other in document.also_at)):
            assert client.get(url)[0] == 410
        for listing in newsroom.sites[document.site].listings:
            body = client.get(listing.url)[2]
            assert document.path.encode() not in (gzip.decompress(body) if listing.url.endswith(".gz") else body)


def test_robots_txt_names_sitemaps_and_what_is_disallowed(newsroom: Newsroom, client: Client) -> None:
    for host in newsroom.hosts():
        status, headers, body = client.get(f"http://{host}/robots.txt")
        assert status == 200 and headers["content-type"].startswith("text/plain")
        assert body.decode().count("User-agent: *") == 1
    text = client.get("http://www.techas.example/robots.txt")[2].decode()
    assert "Disallow: /api/*" in text and "Sitemap: http://www.techas.example/sitemap.xml" in text
    assert "Crawl-delay: 0.1" in client.get("http://perehuk.example/robots.txt")[2].decode()
    # Two sites share this host: what either disallows is disallowed.
    assert client.get("http://www.welle-europa.example/robots.txt")[2].decode().count("Disallow: /search/") == 1


def test_the_failing_sites_fail_as_they_should(client: Client) -> None:
    assert client.get("http://zaslon.example/feed/")[0] == 503
    assert client.get("http://zaslon.example/")[0] == 503
    assert client.get("http://zaslon.example/robots.txt")[0] == 200
    assert client.get("http://www.thecourier.example/feed/")[0] == 200
    status, _, body = client.get("http://www.thecourier.example/2022/11/20/russian-lawyers-refusal-letters/")
    assert status == 403 and b"Checking your browser" in body
    assert client.get("http://www.thecourier.example/")[0] == 403


def test_amp_mirror_tracking_and_short_addresses_name_the_canonical_one(newsroom: Newsroom, client: Client) -> None:
    kinds = set()
    for document in newsroom.documents.values():
        for other in document.also_at:
            kinds.add(other.kind)
            _, _, body = client.get(other.url)
            text = body.decode(newsroom.sites[document.site].charset)
            assert f'href="{document.url}"' in text, other.url
            assert ("<html amp" in text) is (other.kind is AddressKind.AMP)
    assert kinds == set(AddressKind)
    assert client.get("http://www.techas.example/a/40232318.html")[0] == 200
    assert client.get("http://www.techas.example/amp/40232318.html")[0] == 200
    assert client.get("http://www.gorlistok.example/news.php?id=18642&print=1")[0] == 200
    assert client.get("http://meridian-mirror.example/a/russian-refusers-cellar-zaitseve/40234105.html")[0] == 200


def test_people_find_front_section_and_tag_pages_and_an_error_page(newsroom: Newsroom, client: Client) -> None:
    for site_id, site in newsroom.sites.items():
        if site.faults:
            continue
        home = newsroom.outlets[site_id].homepage
        status, _, body = client.get(home)
        text = body.decode(site.charset)
        assert status == 200
        assert newsroom.of_site(site_id)[0].path.replace("&", "&amp;") in text
        assert 'og:type" content="website"' in text
        assert client.get(home + "no-such-page-here")[0] == 404
    assert client.get("http://www.techas.example/z/1")[0] == 200
    assert client.get("http://www.techas.example/tag/%D0%BE%D1%82%D0%BA%D0%B0%D0%B7%D0%BD%D0%B8%D0%BA%D0%B8/")[0] == 200


def test_gzip_is_sent_to_those_who_ask_for_it(client: Client) -> None:
    url = "http://www.mainblatt.example/rssfeed.rdf"
    _, plain_headers, plain = client.get(url)
    _, headers, packed = client.get(url, Accept_Encoding="gzip, deflate")
    assert "content-encoding" not in plain_headers
    assert headers["content-encoding"] == "gzip" and gzip.decompress(packed) == plain
    assert client.get(url, If_None_Match=headers["etag"])[0] == 304


def test_an_unknown_host_is_refused_and_head_has_no_body(client: Client) -> None:
    assert client.get("http://elsewhere.example/")[0] == 421
    status, headers, body = client.get("http://www.techas.example/", "HEAD")
    assert (status, body) == (200, b"") and int(headers["content-length"]) > 0


def test_the_access_log_has_every_request_before_its_answer(server: ServerProcess, client: Client) -> None:
    before = len(server.requests())
    client.get("http://strela.example/feed/", User_Agent="tester/1", If_Modified_Since="Fri, 01 Jan 2027 00:00:00 GMT")
    line = server.requests()[before:]
    assert len(line) == 1
    assert {key: line[0][key] for key in ("host", "path", "status", "user_agent", "conditional", "world")} == {
        "host": "strela.example",
        "path": "/feed/",
        "status": 304,
        "user_agent": "tester/1",
        "conditional": True,
        "world": FIRST_WORLD,
    }


def test_a_port_that_is_taken_is_said_in_one_line(server: ServerProcess, tmp_path: Path) -> None:
    with pytest.raises(ServerStartError, match="Address already in use"), ServerProcess(tmp_path, port=server.port):
        pass


PARENT = """
import sys
from pathlib import Path
from interfaces.demo.server_process import ServerProcess
process = ServerProcess(Path(sys.argv[1])).__enter__()
print(process.pid, flush=True)
sys.stdin.read()
"""


def test_the_server_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None and parent.stdin is not None
    pid = int(parent.stdout.readline())
    # The server holds the other end of this pipe's twin: its standard output. Its end is seen as the end of the file.
    watched = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    parent.stdin.close()
    parent.stdout.close()
    if watched is None:
        pytest.skip("needs pidfd to wait for a process that is not a child")
    import select

    poll = select.poll()
    poll.register(watched, select.POLLIN)
    assert poll.poll(10_000), "the server outlived its parent by ten seconds"
    os.close(watched)


def test_no_product_room_reads_the_ground_truth() -> None:
    """What checks the product must not feed it."""
    top = Path(__file__).parents[2]
    for room in ("config", "storage", "crawlers", "comparison", "scheduler"):
        for file in (top / room).rglob("*.py"):
            assert "ground_truth" not in file.read_text(encoding="utf-8"), file
