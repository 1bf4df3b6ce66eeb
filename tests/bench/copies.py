"""Which copies the store finds, on versions of real pages and on texts whose kinship is known.

    python -m tests.bench.copies [--data DIR] [--json]

Every text is stored as the crawl's writer does, each at an outlet of its own kind; what is found is read from the stored pairs. What
should be found is measured here by other code: words as ``\\w+``, five in a row, over all pairs. DIR holds ``wiki_versions/``; without
it only the known texts are measured.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path

from sqlalchemy import select

from storage.clusters import MIN_EXACT
from storage.database import open_database, upgrade_database
from storage.models import CopyRow
from storage.near_duplicates import MIN_PASSAGE, shared_spans
from storage.records import CopyKind
from tests.bench.known_copies import Text, known_texts, originals
from tests.bench.revisions import read_versions
from tests.eval.figures import Share
from tests.integration.storage.builders import Writer, make_extraction, make_outlet

START = datetime(2026, 1, 1, tzinfo=UTC)
NEAR = 0.7
COPY = frozenset({CopyKind.EXACT, CopyKind.NEAR})

Pairs = dict[tuple[int, int], CopyKind]


def grams(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold().replace("ё", "е"))
    return frozenset(tuple(words[start : start + 5]) for start in range(len(words) - 4))


def likenesses(texts: Sequence[Text]) -> dict[tuple[int, int], float]:
    """Jaccard similarity of all pairs of different outlets that share five words in a row."""
    sets = [grams(item.text) for item in texts]
    having: dict[tuple[str, ...], list[int]] = defaultdict(list)
    common: Counter[tuple[int, int]] = Counter()
    for number, found in enumerate(sets):
        for gram in found:
            common.update((other, number) for other in having[gram])
            having[gram].append(number)
    return {(a, b): count / (len(sets[a]) + len(sets[b]) - count) for (a, b), count in common.items() if texts[a].outlet != texts[b].outlet}


def stored_pairs(texts: Sequence[Text]) -> Pairs:
    """What a new database holds after these texts, by their numbers."""
    outlets = [make_outlet(name) for name in sorted({item.outlet for item in texts})]
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/copies.db"
        upgrade_database(url)
        with closing(open_database(url)) as database:
            writer = Writer(database, outlets, START)
            numbers = {}
            for number, item in enumerate(texts):
                address = f"http://{item.outlet}.example/{number}"
                extraction = make_extraction(f"Headline {number}", item.text, item.language)
                numbers[writer.write(address, extraction, START, outlet=item.outlet).change.article_id] = number
            with database.read() as session:
                rows = session.scalars(select(CopyRow)).all()
                return {
                    (min(a, b), max(a, b)): CopyKind(row.kind)
                    for row in rows
                    for a, b in [(numbers[row.article_a], numbers[row.article_b])]
                }


@dataclass(frozen=True, slots=True)
class Found:
    """How well what is alike was found."""

    recall: Share
    """Of the pairs with a similarity of .7 and more whose texts have at least ten runs of five words."""
    precision: Share
    """Of the pairs that were called exact or near."""
    too_short: int
    """Such pairs with fewer runs, about which the store says nothing on purpose."""


def compare(texts: Sequence[Text], pairs: Pairs, alike: dict[tuple[int, int], float]) -> Found:
    lengths = [len(grams(item.text)) for item in texts]
    wanted = {pair for pair, jaccard in alike.items() if jaccard >= NEAR}
    judged = {(a, b) for a, b in wanted if min(lengths[a], lengths[b]) >= MIN_EXACT}
    called = {pair for pair, kind in pairs.items() if kind in COPY}
    return Found(
        recall=Share(len(judged & called), len(judged)),
        precision=Share(len(called & wanted), len(called)),
        too_short=len(wanted - judged),
    )


def wiki_texts(folder: Path) -> list[Text]:
    return [
        Text(f"outlet{place}", "en", version, page.name, "version")
        for page in sorted(folder.iterdir())
        if page.is_dir()
        for place, version in enumerate(read_versions(page))
    ]


def coverage(part: str, source: str, spans: Sequence[tuple[int, int]]) -> float:
    """Share of the part's characters in ``source`` that lie in the spans."""
    start = source.index(part)
    inside = sum(max(0, min(end, start + len(part)) - max(begin, start)) for begin, end in spans)
    return inside / len(part)


def measure_known(texts: Sequence[Text]) -> dict[str, object]:
    pairs = stored_pairs(texts)
    alike = likenesses(texts)
    found = compare(texts, pairs, alike)
    source = {item.family: number for number, item in enumerate(texts) if item.kind == "original"}
    partial: Counter[tuple[str, bool]] = Counter()
    covered: dict[str, list[float]] = defaultdict(list)
    for number, item in enumerate(texts):
        if not item.part:
            continue
        original = source[item.family]
        kind = pairs.get((min(original, number), max(original, number)))
        right = kind is not None and (item.kind == "quoting" or kind is not CopyKind.PASSAGE)
        partial[item.kind, right] += 1
        if right:
            spans = [(span.b_start, span.b_end) for span in shared_spans(item.text, texts[original].text, MIN_PASSAGE)]
            covered[item.kind].append(coverage(item.part, texts[original].text, spans))
    copies = {pair for pair, kind in pairs.items() if kind is not CopyKind.PASSAGE}
    quoters = {number for number, item in enumerate(texts) if item.kind == "quoting"}
    strangers = [(a, b) for a, b in copies if texts[a].family != texts[b].family and not {a, b} & quoters]
    independents = sum(
        1 for a, b in combinations(source.values(), 2) if texts[a].language == texts[b].language and texts[a].outlet != texts[b].outlet
    )
    told_apart = sum(1 for a, b in copies if a in source.values() and b in source.values())
    return {
        "texts": len(texts),
        "pairs of .7 and more found": str(found.recall),
        "precision of exact and near": str(found.precision),
        "too short to say": found.too_short,
        "teasers found": str(Share(partial["teaser", True], partial["teaser", True] + partial["teaser", False])),
        "quoted passages found": str(Share(partial["quoting", True], partial["quoting", True] + partial["quoting", False])),
        "share of a found part inside its spans, least": {kind: round(min(shares), 3) for kind, shares in covered.items()},
        "independent articles taken for copies": str(Share(told_apart, independents)),
        "copies between texts of different originals": len(strangers),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, help="folder with wiki_versions/")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    results: dict[str, object] = {"known texts": measure_known(known_texts(originals()))}
    folder = None if options.data is None else options.data / "wiki_versions"
    if folder is None or not folder.is_dir():
        print("no wiki_versions/: versions of real pages are not measured", file=sys.stderr)
    else:
        texts = wiki_texts(folder)
        found = compare(texts, stored_pairs(texts), likenesses(texts))
        results["versions of real pages"] = {
            "texts": len(texts),
            "pairs of .7 and more found": str(found.recall),
            "precision of exact and near": str(found.precision),
            "too short to say": found.too_short,
        }
    print(json.dumps(results, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
