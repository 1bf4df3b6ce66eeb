"""A set's articles written into a database as the crawl's writer would write them, and which stored article is which.

The printed name of an outlet is not part of a set; where an origin bears the outlet's owner (``o-strela``), its name is the outlet's,
as a card would have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from config.outlet import Outlet
from storage.database import Database
from storage.records import ArticleKind, Extraction, PageClass, Precision, PublishedTime
from tests.eval.sets import Article, EvaluationSet, Label
from tests.integration.storage.builders import Writer

_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Stored:
    """Which article of a set is which stored one. Ids are unique over all sets."""

    keys: dict[str, str]
    """Id in the set -> public key."""
    ids: dict[str, int]
    """Id in the set -> internal id."""
    texts: dict[str, str]
    """Id in the set -> stored text, into which passages are offsets."""

    @property
    def by_key(self) -> dict[str, str]:
        return {key: name for name, key in self.keys.items()}


def stored_text(article: Article) -> str:
    """The article's paragraphs as an extraction gives them: one a line."""
    return "\n".join(line.strip() for line in article.body.splitlines() if line.strip())


def stored_span(article: Article, label: Label) -> tuple[int, int] | None:
    """Where a label's quote stands in the stored text; None for one that stands in the headline only."""
    words = [re.escape(word) for word in label.quote.split()]
    found = re.search(r"\s+".join(words), stored_text(article))
    return found.span() if found is not None else None


def make_outlets(sets: Iterable[EvaluationSet]) -> list[Outlet]:
    """The outlets of all articles, by id, each with the hosts it publishes on."""
    cards: dict[str, dict[str, object]] = {}
    for one in sets:
        names = {origin.id.removeprefix("o-"): re.split(r"[,:;(]", origin.name)[0].strip() for origin in one.origins}
        for article in one.articles:
            host = urlsplit(article.url).hostname or ""
            card = cards.setdefault(
                article.outlet,
                {
                    "name": names.get(article.owner) or article.owner.replace("-", " ").replace("_", " ").title(),
                    "language": article.language,
                    "owner": article.owner.replace("-", "_"),
                    "domains": [],
                },
            )
            domains = card["domains"]
            assert isinstance(domains, list)
            if host not in domains:
                domains.append(host)
    outlets = []
    for outlet_id, card in sorted(cards.items()):
        domains = card["domains"]
        assert isinstance(domains, list)
        outlets.append(
            Outlet.model_validate(
                {
                    **card,
                    "id": outlet_id,
                    "homepage": f"http://{domains[0]}/",
                    "endpoints": [{"url": f"http://{domains[0]}/feed.xml", "status": "verified"}],
                }
            )
        )
    return outlets


def extraction_of(article: Article) -> Extraction:
    """A faultless extraction; a video's text is its description."""
    is_video = article.kind == "video"
    text = stored_text(article)
    return Extraction(
        extractor="test",
        extractor_version="1",
        rules_version="1",
        page_class=PageClass.VIDEO if is_video else PageClass.ARTICLE,
        kind=ArticleKind.VIDEO if is_video else ArticleKind.ARTICLE,
        title=article.title,
        text=text,
        description=text if is_video else "",
        language=article.language,
        published=PublishedTime(at=article.published, precision=Precision.SECOND, source="json-ld"),
    )


def fill(database: Database, sets: Sequence[EvaluationSet], articles: Iterable[Article], now: datetime) -> Stored:
    """Store ``articles`` (of ``sets``) in the order of their publication."""
    writer = Writer(database, make_outlets(sets), now)
    stored = Stored({}, {}, {})
    for article in sorted(articles, key=lambda item: (item.published, item.id)):
        extraction = extraction_of(article)
        written = writer.write(article.url, extraction, now, outlet=article.outlet)
        stored.keys[article.id] = written.change.key
        stored.ids[article.id] = written.change.article_id
        stored.texts[article.id] = extraction.text
    return stored
