"""Which tags an article has and which a filter asks for: an article that a filter lets pass always has them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from storage.lemmas import LANGUAGES, index_words
from storage.query import parse_query, wanted_terms
from storage.records import ArticleKind
from storage.search_tags import COARSE, LAST, SIZES, TagFilter, cover, filter_tags, make_tags

days = st.integers(0, LAST)
times = st.integers(0, 40_000 * 24).map(lambda hours: datetime(1980, 1, 1, tzinfo=UTC) + timedelta(hours=hours))
ends = st.none() | times


def passes(tags: str, asked: TagFilter) -> bool:
    has = set(tags.split())
    return all(has & set(group) for group in asked.all_of) and not has & set(asked.none_of)


def tags_at(at: datetime) -> str:
    return make_tags(outlet_id="radio", language="en", kind="article", at=at)


@given(first=days, length=st.integers(0, 3000))
def test_a_cover_is_of_these_days_only_and_of_few_blocks(first: int, length: int) -> None:
    last = min(first + length, LAST)
    blocks = [tuple(map(int, tag[2:].split("."))) for tag in cover(first, last)]
    covered = [day for size, number in blocks for day in range(size * number, size * (number + 1))]
    assert covered == list(range(first, last + 1))
    assert len(blocks) <= 3 * 2 * (len(SIZES) - 1) + length // SIZES[0]


@given(at=times, since=ends, until=ends)
@example(at=datetime(1980, 1, 1, tzinfo=UTC), since=datetime(1985, 1, 1, tzinfo=UTC), until=None)
@example(at=datetime(2080, 1, 1, tzinfo=UTC), since=None, until=datetime(2075, 1, 1, tzinfo=UTC))
def test_whatever_lies_in_a_span_has_its_tags_and_an_exact_one_has_no_others(
    at: datetime, since: datetime | None, until: datetime | None
) -> None:
    lies_in = (since is None or since <= at) and (until is None or at <= until)
    asked = filter_tags(since=since, until=until)
    if asked is None:
        assert not lies_in
    elif lies_in or asked.is_exact:
        assert passes(tags_at(at), asked) == lies_in


@given(since=times, days=st.integers(1, 2000), beyond=st.integers(1, 4000))
def test_little_beyond_a_span_is_covered(since: datetime, days: int, beyond: int) -> None:
    since = max(since, datetime(1996, 1, 1, tzinfo=UTC))
    until = min(since + timedelta(days=days), datetime(2063, 1, 1, tzinfo=UTC))
    if since > until:
        return
    asked = filter_tags(since=since, until=until)
    assert asked is not None
    if beyond > 1 + days / COARSE * 1.5:
        assert not passes(tags_at(until + timedelta(days=beyond)), asked)


def test_whole_days_are_answered_exactly() -> None:
    first, end = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 3, 8, tzinfo=UTC)
    whole = filter_tags(since=first, until=end - timedelta.resolution)
    assert whole is not None and whole.is_exact
    for since, until in ((first + timedelta.resolution, end - timedelta.resolution), (first, end), (first, end - timedelta(seconds=1))):
        part = filter_tags(since=since, until=until)
        assert part is not None and not part.is_exact
    assert filter_tags(since=end, until=first) is None


def test_kinds_names_and_languages() -> None:
    for kind in ArticleKind:
        tags = make_tags(outlet_id="other:xn--e1afmkfd.example", language="uk", kind=kind, at=datetime(2024, 3, 1, tzinfo=UTC))
        for kinds in ((), ("article",), ("video",), ("article", "video"), ("video", "live_blog"), tuple(ArticleKind)):
            asked = filter_tags(kinds=kinds, outlets=["other:xn--e1afmkfd.example", "radio"], languages=["uk"])
            assert asked is not None
            assert passes(tags, asked) == (not kinds or kind in kinds), (kind, kinds)
        for filters in ({"outlets": ["other"]}, {"outlets": ['x" OR "y']}, {"languages": ["UK"]}, {"languages": [""]}):
            asked = filter_tags(**filters)
            assert asked is not None
            assert not passes(tags, asked)


@given(text=st.text(alphabet="ol:kd14-_.1 *aя", max_size=30))
def test_no_word_of_a_text_or_a_query_is_a_tag_or_begins_like_one(text: str) -> None:
    tags = tags_at(datetime(2024, 3, 1, tzinfo=UTC)).split()
    asked = {term for node in [parse_query(text, LANGUAGES).root] for term in wanted_terms(node)}
    words = [*index_words(text, "en", 100), *(word for term in asked for phrase in term.phrases for word in phrase)]
    assert not [word for word in words for tag in tags if tag.startswith(word)]
