"""How fast real pages go through the whole product, beside what else one would use. One run, one machine, the same pages.

    python -m tests.bench.throughput --data DIR [--pages 3000] [--rivals PYTHON] [--rival-pages 300] [--json]

DIR is as for tests.bench.extraction. The pages (see ``tests.bench.repeated_pages``) are served from loopback as twelve outlets, one feed
each, with delays off. In turns, each with an empty database:

- the product: the installed command, ``crawl --all``, and the same again with nothing new;
- a plain pipeline of Scrapy, trafilatura and SQLAlchemy (``tests/bench/plain_pipeline.py``), and the same only downloading;
- news-please, by the interpreter PYTHON of an environment with ``tests/bench/rivals.txt``, over ``--rival-pages`` pages, since it is slow.

Rates are stored articles over wall seconds from typing the command to its end. CPU is that of all its processes, the server's not counted.
Ends with exit code 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from storage import queries
from storage.database import open_reader
from tests.bench.article_pages import read_sets
from tests.bench.process_tree import Cost, watch
from tests.bench.repeated_pages import OUTLETS, Site, outlet_languages, write_site

ROOT = Path(__file__).parents[2]
BARS = {"news-please": 15.0, "plain pipeline": 3.0}
"""How many times as many articles a second."""
AGAIN = 50.0
"""How many times less CPU a second crawl takes that finds nothing new."""


def role(command: str) -> str:
    return "workers" if "multiprocessing" in command else "crawl"


def write_config(folder: Path, port: int, languages: Sequence[str]) -> Path:
    cards = folder / "outlets"
    cards.mkdir()
    connect = []
    for number in range(OUTLETS):
        name = f"outlet{number:02}"
        (cards / f"{name}.toml").write_text(
            f'id = "{name}"\nname = "Outlet {number}"\nlanguage = "{languages[number]}"\nowner = "{name}"\nhomepage = "http://{name}.example/"\n'
            f'domains = ["{name}.example"]\nkeep_reserved = "a measurement on this machine, deleted afterwards"\n'
            f'politeness = {{ delay_s = 0 }}\nendpoints = [ {{ url = "http://{name}.example/rss.xml", status = "verified" }} ]\n'
        )
        connect.append(f'"{name}.example:80" = "127.0.0.1:{port}"')
    config = folder / "config.toml"
    config.write_text(
        f'database = "sqlite:///{folder / "pages.db"}"\noutlets_dir = "{cards}"\nbundled_outlets = false\nencoder = "none"\n'
        f"connect_to = {{ {', '.join(connect)} }}\n[crawl]\ndelay_s = 0\n"
    )
    return config


def run(command: list[str], folder: Path, name: str) -> tuple[Cost, bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (folder / f"{name}.out").open("wb") as out, (folder / f"{name}.err").open("wb") as err:
        cost = watch(subprocess.Popen(command, stdout=out, stderr=err, env=environment), role)
    return cost, (folder / f"{name}.out").read_bytes()


def figures(cost: Cost, articles: int) -> dict[str, Any]:
    return {
        "articles": articles,
        "seconds": round(cost.seconds, 2),
        "articles_per_second": round(articles / cost.seconds, 2),
        "cpu_s": round(cost.cpu_s, 2),
        "cpu_ms_per_article": round(1000 * cost.cpu_s / articles, 1) if articles else None,
        "peak_mb": round(cost.peak_bytes / 1e6),
    }


def product(site: Site, folder: Path, languages: Sequence[str]) -> dict[str, Any]:
    """The first crawl, and the second."""
    config = write_config(folder, site.port, languages)
    command = [sys.executable, "-P", "-m", "interfaces.cli.main", "--config", str(config), "crawl", "--all", "--json"]
    site.take_requests()
    cost, output = run(command, folder, "first")
    summary = json.loads(output)
    asked = site.take_requests()
    with closing(open_reader(f"sqlite:///{folder / 'pages.db'}")) as database, database.read() as session:
        extraction_s = queries.extraction_cpu_ms(session) / 1000
    stages = {
        "extraction": extraction_s,
        "workers, the rest": cost.by_part.pop("workers", 0.0) + cost.by_part.pop("workers threads", 0.0) - extraction_s,
        "start and event loop": cost.by_part.pop("crawl", 0.0),
        "writer": cost.by_part.pop("crawl threads", 0.0),
    }
    again, output = run(command, folder, "second")
    return {
        **figures(cost, summary["new"]),
        "outcomes": summary["outcomes"],
        "unexplained": summary["unexplained"],
        "requests": asked,
        "database_mb": round((folder / "pages.db").stat().st_size / 1e6),
        "cpu_ms_per_article_by_stage": {name: round(1000 * spent / summary["new"], 1) for name, spent in stages.items()},
        "again": {
            **figures(again, json.loads(output)["new"]),
            "requests": site.take_requests(),
            "times_cheaper": round(cost.cpu_s / again.cpu_s, 1),
            "times_quicker": round(cost.seconds / again.seconds, 1),
        },
    }


def plain(site: Site, folder: Path, *, only_download: bool) -> dict[str, Any]:
    database = folder / "plain.db"
    feeds = [f"http://127.0.0.{number + 1}:{site.port}/rss.xml" for number in range(OUTLETS)]
    command = [sys.executable, "-P", "-m", "tests.bench.plain_pipeline", "-" if only_download else str(database), *feeds]
    site.take_requests()
    cost, _ = run(command, folder, "download" if only_download else "plain")
    if only_download:
        return figures(cost, site.take_requests()["page 200"])
    with closing(sqlite3.connect(database)) as connection:
        return figures(cost, connection.execute("SELECT count(*) FROM articles").fetchone()[0])


def news_please(site: Site, folder: Path, python: Path, urls: Sequence[str]) -> dict[str, Any]:
    """Its own program with its own crawler, told the pages by name, since it reads no feed by address. One process a core."""
    place = folder / "news-please"
    place.mkdir()
    script = "import newsplease, os; print(os.path.dirname(newsplease.__file__))"
    found = subprocess.run([python, "-c", script], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()
    config = (Path(found) / "config" / "config.cfg").read_text()
    for key, value in {
        "number_of_parallel_crawlers": "2",
        "relative_to_start_processes_file": "False",
        "working_path": str(place),
        "LOG_LEVEL": "ERROR",
    }.items():
        config = re.sub(rf"(?m)^{key}\s*=.*$", f"{key} = {value}", config)
    (place / "config.cfg").write_text(config)
    half = len(urls) // 2
    sites = [{"url": list(part), "crawler": "Download"} for part in (urls[:half], urls[half:])]
    (place / "sitelist.hjson").write_text(json.dumps({"base_urls": sites}))
    cost, _ = run([str(python), "-m", "newsplease", "-c", str(place)], folder, "news-please")
    stored = [file for file in place.rglob("*.json") if "maintext" in file.read_text()]
    return figures(cost, len(stored))


def shortfalls(result: dict[str, Any]) -> list[str]:
    """The bars that were missed; the ratios are added to ``result``."""
    ours = result["second source"]
    faults = [] if not ours["unexplained"] else [f"{ours['unexplained']} visits are unexplained"]
    for name, bar in BARS.items():
        if name in result:
            ratio = result["times as fast as"] = result.get("times as fast as", {})
            ratio[name] = round(ours["articles_per_second"] / result[name]["articles_per_second"], 2)
            if ratio[name] < bar:
                faults.append(f"{ratio[name]} times as fast as {name}, not {bar}")
    if ours["again"]["times_cheaper"] < AGAIN:
        faults.append(f"the second crawl is {ours['again']['times_cheaper']} times cheaper, not {AGAIN}")
    return faults


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=3000)
    parser.add_argument("--rivals", type=Path, help="the interpreter of the rivals' environment")
    parser.add_argument("--rival-pages", type=int, default=300)
    parser.add_argument("--ours-only", action="store_true")
    parser.add_argument("--keep", type=Path, help="an empty folder for databases and logs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    try:
        pages = [page for members in read_sets(options.data).values() for page in members]
    except FileNotFoundError as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        site_folder = Path(scratch) / "site"
        site_folder.mkdir()
        sizes = write_site(site_folder, pages, options.pages)
        result: dict[str, Any] = {"pages": len(sizes), "mean_bytes": sum(sizes.values()) // len(sizes)}
        with closing(Site(site_folder)) as site:
            result["second source"] = product(site, folder, outlet_languages(pages, options.pages))
            if not options.ours_only:
                result["plain pipeline"] = plain(site, folder, only_download=False)
                result["Scrapy, only downloading"] = plain(site, folder, only_download=True)
                if options.rivals is not None:
                    paths = list(sizes)[:: max(1, len(sizes) // options.rival_pages)][: options.rival_pages]
                    urls = [f"http://127.0.0.1:{site.port}{path}" for path in paths]
                    result["news-please"] = news_please(site, folder, options.rivals, urls)
        shutil.rmtree(site_folder)
    faults = shortfalls(result)
    print(json.dumps(result, indent=2))
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
