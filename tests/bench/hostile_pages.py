"""CPU seconds that one page made to be slow costs the extraction: python -m tests.bench.hostile_pages [--json]

The pages are of 0.6 to 18 MB, each far beyond real ones in one respect. A worker gives a page 20 s;
ends with exit code 1 if one needs more.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from datetime import UTC, datetime

from crawlers.extraction import extract_page
from tests.fixtures.pages import PARAGRAPHS

NOW = datetime(2026, 11, 1, tzinfo=UTC)
LIMIT_S = 20.0
LINE = PARAGRAPHS["en"][0]
ATTRIBUTES = " ".join(f'a{number}="{number}"' for number in range(50_000))

PAGES = {
    "50,000 attributes on one div": f"<html><body><div {ATTRIBUTES}>" + f"<p>{LINE}</p>" * 5,
    "50,000 attributes on the html element": f"<html {ATTRIBUTES}><body>" + f"<p>{LINE}</p>" * 5,
    "200,000 nested divs": "<html><body>" + "<div>" * 200_000 + LINE,
    "20,000 divs side by side": "<html><body>" + f"<div>{LINE}</div>" * 20_000,
    "200,000 paragraphs": "<html><body><article>" + f"<p>{LINE[:40]}</p>" * 200_000,
    "one text node of 17 MB": "<html><body><p>" + "a word " * 2_500_000,
    "2,000 classes of 1,500 characters": "<html><body>" + f'<div class="{"ab " * 500}"><p>{LINE}</p></div>' * 2_000,
    "60,000 links": "<html><body>" + f'<a href="/x">{LINE}</a>' * 60_000,
    "50,000 line breaks": "<html><body><p>" + f"{LINE}<br>" * 50_000,
    "300,000 in-line elements": "<html><body><p>" + "<b>a</b> " * 300_000,
    "50,000 headlines": "<html><body>" + f"<h1>{LINE}</h1>" * 50_000,
    "300 lists, 100 deep": "<html><body>" + ("<ul><li>" * 100 + LINE + "</ul>" * 100) * 300,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = {}
    for name, page in PAGES.items():
        started = time.process_time()
        found = extract_page(page.encode(), url="http://page.example/a", now=NOW)
        seconds = round(time.process_time() - started, 2)
        result[name] = {"cpu_s": seconds, "page_class": found.page_class, "characters": len(found.text), "extractor": found.extractor}
        if not options.json:
            print(f"{name:40} {seconds:6.2f} s  {found.page_class:9} {len(found.text):8} {found.extractor}", flush=True)
    if options.json:
        print(json.dumps(result, indent=2))
    return 0 if all(row["cpu_s"] < LIMIT_S for row in result.values()) else 1


if __name__ == "__main__":
    logging.disable(logging.ERROR)
    sys.exit(main())
