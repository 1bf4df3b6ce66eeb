"""The same job as one would write it in an afternoon: Scrapy, trafilatura, SQLAlchemy; what the product is measured beside.

    python -m tests.bench.plain_pipeline DATABASE.db|- FEED…        "-" downloads only, and stores nothing

Each of its parts as its documentation has it: robots.txt obeyed, one commit an item, an address stored once.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import scrapy
import trafilatura
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response, TextResponse
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Article(Base):
    __tablename__ = "articles"
    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str | None]
    text: Mapped[str]
    author: Mapped[str | None]
    published: Mapped[str | None]
    html: Mapped[bytes]
    fetched_at: Mapped[datetime]


class Store:
    def open_spider(self) -> None:
        engine = create_engine(f"sqlite:///{DATABASE}")
        Base.metadata.create_all(engine)
        self.session = Session(engine)

    def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
        if self.session.scalar(select(Article.id).where(Article.url == item["url"])) is None:
            self.session.add(Article(**item))
            self.session.commit()
        return item


class Plain(scrapy.Spider):
    name = "plain"

    async def start(self) -> AsyncIterator[scrapy.Request]:
        for feed in FEEDS:
            yield scrapy.Request(feed, self.parse_feed)

    def parse_feed(self, response: TextResponse) -> Iterator[scrapy.Request]:
        for url in response.xpath("//item/link/text()").getall():
            yield scrapy.Request(url, self.parse_page)

    def parse_page(self, response: Response) -> Iterator[dict[str, Any]]:
        if DATABASE == "-":
            return
        found = trafilatura.bare_extraction(response.body, url=response.url, with_metadata=True, include_comments=False)
        if found is not None and found.text:
            values = {"title": found.title, "text": found.text, "author": found.author, "published": found.date}
            yield {"url": response.url, "html": response.body, "fetched_at": datetime.now(UTC), **values}


if __name__ == "__main__":
    DATABASE, *FEEDS = sys.argv[1:]
    settings = {"ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 0, "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 1,
                "LOG_LEVEL": "ERROR", "ITEM_PIPELINES": {} if DATABASE == "-" else {Store: 300}}  # fmt: skip
    process = AsyncCrawlerProcess(settings)
    process.crawl(Plain)
    process.start()
