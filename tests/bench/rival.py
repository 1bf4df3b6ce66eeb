"""One rival program over pages from standard input; run by the interpreter of the rivals' own environment, so it imports nothing of ours.

    RIVALS/bin/python tests/bench/rival.py newspaper4k|news-please < pages.jsonl > readings.jsonl

A line in is ``{"url", "html" (base64)}``, a line out ``{"title", "text", "authors", "published", "cpu_s"}``, or ``{"error"}``.
"""

from __future__ import annotations

import base64
import json
import logging
import sys
import time
import warnings


def newspaper4k(html: bytes, url: str) -> dict[str, object]:
    import newspaper

    article = newspaper.Article(url or "http://page.example/a", fetch_images=False)
    article.download(input_html=html)
    article.parse()
    published = article.publish_date.isoformat() if article.publish_date else None
    return {"title": article.title, "text": article.text, "authors": article.authors, "published": published}


def news_please(html: bytes, url: str) -> dict[str, object]:
    from newsplease import NewsPlease

    article = NewsPlease.from_html(html, url=url or "http://page.example/a", fetch_images=False)
    published = article.date_publish.isoformat() if article.date_publish else None
    return {"title": article.title or "", "text": article.maintext or "", "authors": article.authors or [], "published": published}


def main() -> int:
    read = {"newspaper4k": newspaper4k, "news-please": news_please}[sys.argv[1]]
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    out = sys.stdout
    sys.stdout = sys.stderr
    for line in sys.stdin:
        page = json.loads(line)
        html = base64.b64decode(page["html"])
        started = time.process_time()
        try:
            reading = read(html, page["url"])
        except Exception as error:  # noqa: BLE001 - a rival that fails on a page has read nothing from it, and goes on
            reading = {"error": f"{type(error).__name__}: {error}"[:200]}
        reading["cpu_s"] = time.process_time() - started
        out.write(json.dumps(reading) + "\n")
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
