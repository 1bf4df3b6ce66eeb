"""The newsroom's documents written into a database as the crawl's writer would write them, without a crawl."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from interfaces.demo.documents import CHANGED_WORLD, Document, DocumentKind, Newsroom
from storage import nearness
from storage.database import Database
from storage.nearness import Relevance
from storage.records import ArticleKind, Extraction, PageClass, Precision, PublishedTime
from tests.integration.storage.builders import Writer


@dataclass(frozen=True)
class Store:
    """A filled database, and which article is which document."""

    database: Database
    articles: dict[str, int]
    """Document id -> article id."""

    def document_of(self, article_id: int | None) -> str | None:
        return {value: key for key, value in self.articles.items()}.get(article_id) if article_id is not None else None


def extraction_of(newsroom: Newsroom, document: Document) -> Extraction:
    """A faultless extraction: a video's text is its description."""
    is_video = document.kind is DocumentKind.VIDEO
    links = [piece.href for paragraph in document.paragraphs for piece in paragraph.pieces if piece.href]
    return Extraction(
        extractor="test",
        extractor_version="1",
        rules_version="1",
        page_class=PageClass.VIDEO if is_video else PageClass.ARTICLE,
        kind=ArticleKind.VIDEO if is_video else ArticleKind.ARTICLE,
        title=document.title,
        text=document.lead if is_video else document.text,
        description=document.lead,
        authors=document.authors,
        language=newsroom.outlets[document.site].language,
        published=PublishedTime(at=document.published, precision=Precision.SECOND, source="json-ld"),
        links=tuple(links),
        duration_s=document.duration_s,
    )


def fill(database: Database, newsroom: Newsroom, now: datetime, *, only: Collection[str] | None = None, world: int = 1) -> Store:
    """Store documents by id; those that ``world`` lacks are left out."""
    writer = Writer(database, list(newsroom.outlets.values()), now)
    articles: dict[str, int] = {}
    for document_id in sorted(newsroom.documents):
        document = newsroom.documents[document_id].in_world(min(world, CHANGED_WORLD))
        if document.removed or (only is not None and document_id not in only):
            continue
        written = writer.write(document.url, extraction_of(newsroom, document), now, outlet=document.site)
        articles[document_id] = written.change.article_id
    return Store(database, articles)


def relate(store: Store, report_key: str, document_ids: Collection[str], now: datetime) -> None:
    """Say that these documents are on the report's subject, whatever a model thinks of them."""
    with store.database.write() as session:
        nearness.save_relevance(
            session,
            report_key,
            [
                Relevance(article_id=store.articles[name], text_sha256="", model_hash="", score=9.0, related=True, parts={})
                for name in sorted(document_ids)
                if name in store.articles
            ],
            now,
        )
