"""The same kills for a plain Scrapy project with JOBDIR, as its documentation shows it: how many of the pages does it keep?

    python -m tests.bench.jobdir [--kills 10] [--pages 1500] [--seed 1] [--json]

The spider reads one feed and every page in it; items go to a JSON Lines feed. It is killed at random, started again each time, and
in the end left to finish by itself.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.outlet_site.bench import Bench

SPIDER = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess

feed, folder = sys.argv[1:]

class Plain(scrapy.Spider):
    name = "plain"
    start_urls = [feed]

    def parse(self, response):
        response.selector.remove_namespaces()
        for url in response.xpath("//item/link/text()").getall():
            yield scrapy.Request(url, self.parse_page)

    def parse_page(self, response):
        yield {"url": response.url, "title": response.css("h1::text").get(), "text": " ".join(response.css("p::text").getall())}

process = AsyncCrawlerProcess({
    "JOBDIR": f"{folder}/job", "FEEDS": {f"{folder}/items.jsonl": {"format": "jsonlines", "overwrite": False}},
    "LOG_LEVEL": "ERROR", "ROBOTSTXT_OBEY": True, "DOWNLOAD_DELAY": 0,
})
process.crawl(Plain)
process.start()
"""

LONGEST_S = 120.0


def run(folder: Path, *, pages: int, kills: int, seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    (folder / "spider.py").write_text(SPIDER)
    started = time.monotonic()
    spent = 0
    with closing(Bench(folder, "unused")) as bench:
        feed = f"http://127.0.0.1:{bench.ports['http']}/stack-{pages}/feed.xml"
        while True:
            child = subprocess.Popen([sys.executable, "-P", "spider.py", feed, str(folder)], cwd=folder)
            if spent < kills and await_requests(bench.log, child, rng.randint(1, pages // kills)):
                child.kill()
                child.wait()
                spent += 1
                continue
            # All kills are spent, or it came to its own end before.
            child.wait()
            break
        items = (folder / "items.jsonl").read_text(errors="replace").splitlines() if (folder / "items.jsonl").exists() else []
        requests = sum("/a/" in line["path"] for line in bench.requests())
    urls, broken = set(), 0
    for line in items:
        try:
            urls.add(json.loads(line)["url"])
        except ValueError:
            broken += 1
    return {
        "pages": pages, "kills": spent, "kept": len(urls), "rows": len(items), "broken_rows": broken, "page_requests": requests,
        "seconds": round(time.monotonic() - started),
    }  # fmt: skip


def await_requests(log: Path, child: subprocess.Popen[bytes], more: int) -> bool:
    """Wait for so many further requests. False: the crawl ended before."""
    wanted = log.read_bytes().count(b"\n") + more
    until = time.monotonic() + LONGEST_S
    while log.read_bytes().count(b"\n") < wanted:
        if child.poll() is not None or time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--pages", type=int, default=1500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jobdir-") as folder:
        result = run(Path(folder), pages=options.pages, kills=options.kills, seed=options.seed)
    print(json.dumps(result, indent=2) if options.json else ", ".join(f"{name} {value}" for name, value in result.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
