"""Which changes of a text become a revision, over the ordered versions of real pages.

    python -m tests.bench.revisions --data DIR [--json]

DIR holds ``wiki_versions/PAGE/N.txt``. Every version is written to a store as the crawl's writer does, two hours after the one before.
What a change is, is told by another rule than the store's: the words (letters and digits) of both versions in order. Then each
page's last version comes again with other furniture around and inside it (stamps, counters, boxes in four languages), and once more
with one number changed beside it.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tempfile
import unicodedata
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from storage.database import open_database, upgrade_database
from storage.records import Outcome
from tests.eval.figures import Share
from tests.fixtures.furniture import FURNITURE
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

START = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(hours=2)
LINES = 3


def words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())


def change_of(before: str, after: str) -> str:
    if before == after:
        return "same bytes"
    old, new = words(before), words(after)
    if old == new:
        return "marks and spaces only"
    if [word for word in old if any(map(str.isdigit, word))] != [word for word in new if any(map(str.isdigit, word))]:
        return "a number"
    return "words, no number"


def furnished(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    for line in draw.sample(FURNITURE, LINES):
        # A box takes the headlines under it; put before a line of the text it could take that for one, as a reader might.
        place = len(lines) if "\n" in line else draw.choice((0, len(lines)))
        lines.insert(place, line)
    return "\n".join(lines)


def with_another_number(text: str, draw: random.Random) -> str:
    found = list(re.finditer(r"\d+", text))
    if not found:
        return f"{text} There were 7."
    chosen = draw.choice(found)
    return f"{text[: chosen.start()]}{int(chosen[0]) + draw.randint(1, 9)}{text[chosen.end() :]}"


def measure(folder: Path) -> dict[str, object]:
    pages = {page.name: read_versions(page) for page in sorted(folder.iterdir()) if page.is_dir()}
    draw = random.Random(1)
    changes: Counter[tuple[str, bool]] = Counter()
    furniture: Counter[bool] = Counter()
    numbers: Counter[bool] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        url = f"sqlite:///{temporary}/revisions.db"
        upgrade_database(url)
        with closing(open_database(url)) as database:
            writer = Writer(database, [make_outlet("paper")], START)
            for number, versions in enumerate(pages.values()):
                now, address = START, f"http://paper.example/{number}"

                def is_revised(text: str, now: datetime, address: str = address) -> bool:
                    return writer.write(address, make_extraction("Page", text), now, outlet="paper").change.outcome is Outcome.REVISED

                is_revised(versions[0], now)
                for before, after in pairwise(versions):
                    now += STEP
                    changes[change_of(before, after), is_revised(after, now)] += 1
                last = versions[-1]
                furniture[is_revised(furnished(last, draw), now + STEP)] += 1
                furniture[is_revised(furnished(last, draw), now + 2 * STEP)] += 1
                numbers[is_revised(furnished(with_another_number(last, draw), draw), now + 3 * STEP)] += 1
    kinds = ("same bytes", "marks and spaces only", "words, no number", "a number")
    return {
        "pages": len(pages),
        "versions": sum(map(len, pages.values())),
        "revisions by kind of change": {
            kind: str(Share(changes[kind, True], changes[kind, True] + changes[kind, False])) for kind in kinds
        },
        "revisions for furniture alone": str(Share(furniture[True], furniture.total())),
        "revisions for a number beside furniture": str(Share(numbers[True], numbers.total())),
    }


def read_versions(page: Path) -> list[str]:
    files = sorted(page.glob("*.txt"), key=lambda file: int(file.stem))
    return [file.read_text(encoding="utf-8", errors="replace") for file in files]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with wiki_versions/")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = options.data / "wiki_versions"
    if not folder.is_dir():
        print(f"{folder} is absent: nothing is measured", file=sys.stderr)
        return 1
    found = measure(folder)
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
