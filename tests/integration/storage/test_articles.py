"""Stored, revised, unchanged, alias: and never two articles made one."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from storage.articles import mark_gone
from storage.clusters import cluster_of
from storage.database import Database
from storage.issues import list_issues
from storage.models import AliasRow, ArticleRow, CaptureBodyRow, ExtractionRow, PageRow, RevisionRow
from storage.pages import plan_rechecks
from storage.queries import history, load_article
from storage.records import Outcome, Precision, PublishedTime
from tests.integration.storage.builders import Writer, Written, make_extraction, make_outlet, published
from tests.integration.storage.texts import EMBEDDED, INDEPENDENT, OTHER_DAY, WIRE

MINUTE = timedelta(minutes=1)
ID_CARD = make_outlet("radio", family="group", identity={"id_pattern": r"/(\d{4,})\.html", "mirrors": ["mirror.test"]})
URL = "http://radio.example/a/1234.html"


@pytest.fixture
def writer(database: Database, now: datetime) -> Writer:
    return Writer(
        database, [ID_CARD, make_outlet("paper"), make_outlet("sister", family="group", identity={"id_pattern": r"/(\d{4,})\.html"})], now
    )


def test_first_sight_then_the_same_again(writer: Writer, now: datetime) -> None:
    first = writer.write(URL, make_extraction("Power cut", WIRE, published=published(now - MINUTE)), now)
    assert (first.change.outcome, first.change.key, first.change.revision) == (Outcome.STORED, "radio:1234", 1)
    again = writer.write(
        URL, make_extraction("Power  cut", WIRE.replace("'", "’").replace(" - ", " – ")), now + MINUTE, body=b"other bytes"
    )
    assert (again.change.outcome, again.change.revision, again.change.text_changed) == (Outcome.UNCHANGED, 1, False)
    with writer.database.read() as session:
        article = load_article(session, "radio:1234")
        assert (article.title, article.text, article.owner, article.published.at) == ("Power cut", WIRE, "radio", now - MINUTE)
        assert session.scalars(select(ArticleRow.last_checked_at)).one() == now + MINUTE


@pytest.mark.rows(67)
@pytest.mark.parametrize(
    ("title", "text"),
    [("Power cut", WIRE.replace("1,400", "1,500")), ("Power cut, three hurt", WIRE), ("Power cut", WIRE.replace("no injured", "injured"))],
)
def test_a_changed_number_or_word_is_a_revision(writer: Writer, now: datetime, title: str, text: str) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE), now)
    with writer.database.write() as session:
        session.scalars(select(ArticleRow)).one().pending_match = False
    changed = writer.write(URL, make_extraction(title, text), now + MINUTE)
    assert (changed.change.outcome, changed.change.revision, changed.change.text_changed) == (Outcome.REVISED, 2, True)
    with writer.database.read() as session:
        assert [(item.number, item.title, item.text) for item in history(session, "radio:1234")] == [
            (1, "Power cut", WIRE),
            (2, title, text),
        ]
        assert session.scalars(select(ArticleRow.pending_match)).one()


def test_stamps_counters_and_boxes_make_no_revision_and_a_number_beside_them_does(writer: Writer, now: datetime) -> None:
    writer.write(URL, make_extraction("Power cut", f"Updated 14:35\n{WIRE}\n12 comments"), now)
    furnished = f"Updated 16:05\n{WIRE}\nRead also: Nine people left\n345 comments"
    quiet = writer.write(URL, make_extraction("UPDATED: Power cut", furnished), now + MINUTE)
    assert (quiet.change.outcome, quiet.change.text_changed) == (Outcome.UNCHANGED, False)
    edited = writer.write(URL, make_extraction("UPDATED: Power cut", furnished.replace("1,400", "1,500")), now + 2 * MINUTE)
    assert (edited.change.outcome, edited.change.revision) == (Outcome.REVISED, 2)


def test_rules_for_trivial_edits_may_change_without_making_revisions(writer: Writer, now: datetime) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE), now)
    with writer.database.write() as session:
        session.scalars(select(RevisionRow)).one().normal_sha256 = "0" * 64
    again = writer.write(URL, make_extraction("Power cut", f"{WIRE}\n12 comments"), now + MINUTE)
    assert (again.change.outcome, again.change.revision) == (Outcome.UNCHANGED, 1)
    with writer.database.read() as session:
        assert session.scalars(select(RevisionRow.normal_sha256)).one() != "0" * 64


@pytest.mark.parametrize(
    "url",
    [
        "http://radio.example/amp/1234.html",
        "https://m.radio.example/a/some-slug/1234.html",
        "http://mirror.test/a/other/1234.html?page=1",
    ],
)
def test_another_address_is_an_alias_and_never_a_revision(writer: Writer, now: datetime, url: str) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE), now)
    same = writer.write(url, make_extraction("Power cut", WIRE, canonical_url=URL), now + MINUTE)
    assert (same.change.outcome, same.change.key, same.change.text_changed) == (Outcome.ALIAS, "radio:1234", False)
    shorter = writer.write(url, make_extraction("Power cut", WIRE[:400], canonical_url=URL), now + 2 * MINUTE)
    assert (shorter.change.outcome, shorter.change.revision) == (Outcome.ALIAS, 1)
    with writer.database.read() as session:
        assert len(session.scalars(select(AliasRow.url)).all()) == 1
        assert session.scalar(select(func.count()).select_from(ArticleRow)) == 1


def test_tracking_parameters_and_schemes_make_no_alias(writer: Writer, now: datetime) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE), now)
    again = writer.write(URL.replace("http:", "https:") + "?utm_source=rss&fbclid=1#top", make_extraction("Power cut", WIRE), now + MINUTE)
    assert again.change.outcome is Outcome.UNCHANGED
    with writer.database.read() as session:
        assert session.scalars(select(AliasRow.url)).all() == []
        assert session.scalar(select(func.count()).select_from(PageRow)) == 1


def test_a_redirect_to_the_article_is_an_alias(writer: Writer, now: datetime) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE), now)
    short = writer.write("http://radio.example/s/xyz", make_extraction("Power cut", WIRE), now + MINUTE, final_url=URL)
    assert (short.change.outcome, short.change.key) == (Outcome.ALIAS, "radio:1234")
    # What was read behind the redirect is the article's own page, so an edit seen there counts.
    edited = writer.write("http://radio.example/s/xyz", make_extraction("Power back", WIRE), now + 2 * MINUTE, final_url=URL)
    assert (edited.change.outcome, edited.change.revision) == (Outcome.REVISED, 2)


def test_a_redirect_to_a_page_that_declares_itself_is_read_at_its_own_address(writer: Writer, now: datetime) -> None:
    home = "http://paper.example/story"
    writer.write(home, make_extraction("Power cut", WIRE, canonical_url=home), now, outlet="paper")
    moved = writer.write(
        "http://paper.example/?p=9", make_extraction("Power back", WIRE, canonical_url=home), now, outlet="paper", final_url=home
    )
    assert (moved.change.outcome, moved.change.revision) == (Outcome.REVISED, 2)


def test_the_own_address_replaces_what_an_amp_form_gave(writer: Writer, now: datetime) -> None:
    amp = writer.write("http://radio.example/amp/1234.html", make_extraction("Power cut", WIRE[:400], canonical_url=URL), now)
    assert (amp.change.outcome, amp.change.revision) == (Outcome.STORED, 1)
    own = writer.write(URL, make_extraction("Power cut", WIRE, canonical_url=URL), now + MINUTE)
    assert (own.change.outcome, own.change.revision, own.change.text_changed) == (Outcome.UNCHANGED, 1, True)
    with writer.database.read() as session:
        article = load_article(session, "radio:1234")
        assert (article.url, article.text, article.revision) == (URL, WIRE, 1)
    edited = writer.write(URL, make_extraction("Power cut", WIRE + "\nUpdate: all lights are on.", canonical_url=URL), now + 2 * MINUTE)
    assert (edited.change.outcome, edited.change.revision) == (Outcome.REVISED, 2)


def test_an_edit_at_a_renamed_address_is_a_revision(writer: Writer, now: datetime) -> None:
    writer.write("http://radio.example/a/old-slug/1234.html", make_extraction("Power cut", WIRE), now)
    renamed = "http://radio.example/a/new-slug/1234.html"
    edited = writer.write(renamed, make_extraction("Power is back", WIRE, canonical_url=renamed), now + MINUTE)
    assert (edited.change.outcome, edited.change.revision) == (Outcome.REVISED, 2)


def test_one_id_in_a_family_is_one_article(writer: Writer, now: datetime) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE), now)
    sister = writer.write("http://sister.example/a/1234.html", make_extraction("Power cut", WIRE), now + MINUTE, outlet="sister")
    assert (sister.change.outcome, sister.change.key) == (Outcome.ALIAS, "radio:1234")


def test_an_outlet_that_joins_a_family_keeps_its_articles(database: Database, now: datetime) -> None:
    alone = make_outlet("radio", identity={"id_pattern": r"/(\d{4,})\.html"})
    assert Writer(database, [alone], now).write(URL, make_extraction("Power cut", WIRE), now).change.outcome is Outcome.STORED
    joined = Writer(database, [ID_CARD], now).write(URL, make_extraction("Power cut", WIRE), now + MINUTE)
    assert (joined.change.outcome, joined.change.key) == (Outcome.UNCHANGED, "radio:1234")


def test_another_outlet_s_same_text_is_always_stored(writer: Writer, now: datetime) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE), now)
    paper = writer.write("http://paper.example/x", make_extraction("Lights out", WIRE, canonical_url=URL), now, outlet="paper")
    assert paper.change.outcome is Outcome.STORED
    assert [pair.kind for pair in paper.copies] == ["exact"]


def test_a_template_that_declares_one_address_everywhere_merges_nothing(writer: Writer, now: datetime) -> None:
    declared = "http://paper.example/news"
    texts = [WIRE, OTHER_DAY, EMBEDDED[:500], INDEPENDENT]
    for number, text in enumerate(texts):
        written = writer.write(
            f"http://paper.example/{number}", make_extraction(f"Title {number}", text, canonical_url=declared), now, outlet="paper"
        )
        assert written.change.outcome is Outcome.STORED, number
    again = [
        writer.write(
            f"http://paper.example/{number}", make_extraction(f"Title {number}", text, canonical_url=declared), now + MINUTE, outlet="paper"
        )
        for number, text in enumerate(texts)
    ]
    assert {item.change.outcome for item in again} <= {Outcome.UNCHANGED, Outcome.ALIAS}
    assert len({item.change.article_id for item in again}) == 4
    with writer.database.read() as session:
        assert {issue.kind for issue in list_issues(session)} == {"canonical_conflict"}


@pytest.mark.rows(51)
def test_a_page_that_called_itself_by_another_s_address_is_read_again_and_becomes_its_own(writer: Writer, now: datetime) -> None:
    first, second = "http://paper.example/one", "http://paper.example/two"
    writer.write(first, make_extraction("One", WIRE, canonical_url=second), now, outlet="paper")
    writer.write(second, make_extraction("Two", INDEPENDENT, canonical_url=first), now, outlet="paper")
    with writer.database.write() as session:
        assert plan_rechecks(session, ["paper"], now=now) == 1
    again = writer.write(first, make_extraction("One", WIRE, canonical_url=second), now + MINUTE, outlet="paper")
    assert again.change.outcome is Outcome.STORED
    with writer.database.read() as session:
        assert len(list(session.scalars(select(ArticleRow.id)))) == 2


def test_a_declared_address_joins_what_has_the_same_text(writer: Writer, now: datetime) -> None:
    own = "http://paper.example/story"
    writer.write(own, make_extraction("Power cut", WIRE), now, outlet="paper")
    print_version = writer.write(
        "http://paper.example/print?id=9", make_extraction("Power cut", WIRE, canonical_url=own), now, outlet="paper"
    )
    assert print_version.change.outcome is Outcome.ALIAS
    teaser = writer.write("http://paper.example/mobile/9", make_extraction("Power cut", WIRE[:500], canonical_url=own), now, outlet="paper")
    assert teaser.change.outcome is Outcome.ALIAS


def test_alternating_texts_end_in_an_issue(writer: Writer, now: datetime) -> None:
    outcomes: list[Written] = []
    for step in range(8):
        title = ("One headline", "Another headline")[step % 2]
        outcomes.append(writer.write(URL, make_extraction(title, WIRE), now + step * 5 * MINUTE))
    found = [item.change.outcome.value for item in outcomes]
    # There, back once, and then no more.
    assert found == ["stored", "revised", "revised", "unchanged", "unchanged", "unchanged", "unchanged", "unchanged"]
    with writer.database.read() as session:
        [issue] = list_issues(session)
        assert (issue.kind, issue.outlet_id) == ("flipping_text", "radio")
        assert issue.count == 3
    # A text that was not there before is a revision at once, and so is the old one after a day.
    assert writer.write(URL, make_extraction("A third headline", WIRE), now + 41 * MINUTE).change.outcome is Outcome.REVISED
    assert writer.write(URL, make_extraction("One headline", WIRE), now + timedelta(days=1)).change.outcome is Outcome.REVISED


def test_new_rules_on_the_same_bytes_are_no_revision(writer: Writer, now: datetime) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE + "\nSubscribe!"), now, body=b"same bytes")
    better = writer.write(URL, make_extraction("Power cut", WIRE), now + MINUTE, body=b"same bytes", rules_version="2")
    assert (better.change.outcome, better.change.revision, better.change.text_changed) == (Outcome.UNCHANGED, 1, True)
    with writer.database.read() as session:
        assert load_article(session, "radio:1234").text == WIRE
        assert session.scalar(select(func.count()).select_from(ExtractionRow)) == 2
        assert session.scalar(select(func.count()).select_from(RevisionRow)) == 1
        assert session.scalar(select(func.count()).select_from(CaptureBodyRow)) == 1


@pytest.mark.rows(61)
@pytest.mark.parametrize(
    ("given", "raw"),
    [
        (datetime.fromisoformat("2099-01-01T00:00:00+00:00"), "2099-01-01T00:00:00+00:00"),
        (datetime.fromisoformat("1970-01-01T00:00:00+00:00"), "1970-01-01T00:00:00+00:00"),
        (datetime.fromisoformat("2026-11-23T12:00:01+00:00"), "2026-11-23T12:00:01+00:00"),
    ],
)
def test_an_unbelievable_date_is_kept_as_written_only(writer: Writer, now: datetime, given: datetime, raw: str) -> None:
    writer.write(URL, make_extraction("Power cut", WIRE, published=published(given)), now)
    with writer.database.read() as session:
        found = load_article(session, "radio:1234").published
    assert (found.at, found.precision, found.raw) == (None, None, raw)


@pytest.mark.rows(62)
def test_a_time_comes_back_in_utc_whatever_its_offset(writer: Writer, now: datetime) -> None:
    given = datetime.fromisoformat("2026-11-22T12:00:00+03:00")
    writer.write(URL, make_extraction("Power cut", WIRE, published=published(given, precision=Precision.MINUTE)), now)
    with writer.database.read() as session:
        found = load_article(session, "radio:1234").published
    assert (found.at, found.precision) == (given, Precision.MINUTE)
    assert found.at is not None
    assert found.at.isoformat() == "2026-11-22T09:00:00+00:00"


def test_a_coarser_date_does_not_replace_a_finer_one(writer: Writer, now: datetime) -> None:
    fine = published(now - 60 * MINUTE, precision=Precision.SECOND)
    writer.write(URL, make_extraction("Power cut", WIRE, published=fine), now)
    day = PublishedTime(at=now.replace(hour=0), precision=Precision.DAY, source="url")
    writer.write(URL, make_extraction("Power cut", WIRE + " More.", published=day), now + MINUTE)
    with writer.database.read() as session:
        assert load_article(session, "radio:1234").published.at == now - 60 * MINUTE


@pytest.mark.rows(67, 104)
def test_a_gone_article_is_marked_and_can_come_back(writer: Writer, now: datetime) -> None:
    written = writer.write(URL, make_extraction("Power cut", WIRE), now)
    alias = writer.write("http://radio.example/amp/1234.html", make_extraction("Power cut", WIRE), now)
    with writer.database.write() as session:
        assert mark_gone(session, alias.visit.page_id, now + MINUTE) is None
        assert load_article(session, "radio:1234").gone_at is None
        assert mark_gone(session, written.visit.page_id, now + MINUTE) == "radio:1234"
        mark_gone(session, written.visit.page_id, now + 9 * MINUTE)
    with writer.database.read() as session:
        gone = load_article(session, "radio:1234")
        assert (gone.gone_at, gone.text) == (now + MINUTE, WIRE)
    writer.write(URL, make_extraction("Power cut", WIRE), now + 10 * MINUTE)
    with writer.database.read() as session:
        assert load_article(session, "radio:1234").gone_at is None


@pytest.mark.rows(55, 56, 60)
def test_hostile_text_gives_the_same_row_on_both_databases(writer: Writer, now: datetime) -> None:
    extraction = make_extraction(
        "Head\x00line \x1b]0;x\x07\u202eevil\u202c " + "z" * 10_000_000,
        "One\x00 \ud83d\ude00 \ud800 two\r\nthree \U0001f3f4\U000e0067\U000e007f",
        authors=("A\x00B", "\udfff"),
        links=("http://radio.example/\x00" + "l" * 9000,) * 300,
        canonical_url="http://radio.example/\ud800",
        duration_s=10**12,
        site_name="s" * 5000,
    )
    writer.write(URL + "?q=" + "u" * 100_000, extraction, now)
    with writer.database.read() as session:
        article = load_article(session, "radio:1234")
        row = session.scalars(select(ExtractionRow)).one()
    assert article.title == "Headline ]0;xevil " + "z" * (1000 - 18)
    assert article.text == "One \U0001f600 \ufffd two\nthree \U0001f3f4\U000e0067\U000e007f"
    assert article.authors == ("AB", "\ufffd")
    assert (len(article.links), len(article.links[0]), article.duration_s, row.sanitised) == (200, 4000, None, True)
    assert len(article.url) > 100_000


def test_copies_of_an_earlier_text_are_forgotten(writer: Writer, now: datetime) -> None:
    first = writer.write(URL, make_extraction("Power cut", WIRE), now)
    second = writer.write("http://paper.example/x", make_extraction("Lights out", WIRE), now, outlet="paper")
    with writer.database.read() as session:
        assert cluster_of(session, first.change.article_id) == [first.change.article_id, second.change.article_id]
    writer.write("http://paper.example/x", make_extraction("Derailed", OTHER_DAY), now + MINUTE, outlet="paper")
    with writer.database.read() as session:
        assert cluster_of(session, first.change.article_id) == []
