"""How well place names are recognised across scripts, on a table of real places.

    python tests/bench/places.py --data FOLDER    # FOLDER holds places.tsv

Columns needed: name, latin_names, cyrillic_names (joined by "|"). Prints the share of Cyrillic names that one of the same
place's Latin names is recognised as, and how often names of different places are taken for one.
"""

from __future__ import annotations

import argparse
import csv
import random
import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from comparison.place_keys import place_key, same_name

LATIN = re.compile(r"[A-Za-zÀ-žʼ’' -]+")


def measure(path: Path) -> dict[str, float]:
    """Shares 0..1 and counts, by name."""
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t") if row["cyrillic_names"]]
    names = []
    for row in rows:
        latin = [name for name in {row["name"], *row["latin_names"].split("|")} if LATIN.fullmatch(name)]
        names.append((row["name"], latin, row["cyrillic_names"].split("|")))
    started = time.process_time()
    any_latin = main_name = key_only = total = 0
    for name, latin, cyrillic in names:
        for word in cyrillic:
            total += 1
            main_name += any(same_name(word, name, right_language=language) for language in ("", "de"))
            any_latin += any(same_name(word, other, right_language=language) for other in latin for language in ("", "de"))
            key_only += any(place_key(word) == place_key(other, language) for other in latin for language in ("", "de"))
    seconds = time.process_time() - started
    # A place counts as found when any of its Cyrillic names is: the others are often historical names of another root.
    found = sum(any(same_name(word, name, right_language=lang) for word in cyrillic for lang in ("", "de")) for name, _, cyrillic in names)
    draw = random.Random(7)
    wrong = tried = 0
    while tried < 200_000:
        (left, _, _), (_, _, right) = draw.sample(names, 2)
        tried += 1
        wrong += same_name(right[0], left)
    by_key = defaultdict(list)
    for name, _, cyrillic in names:
        by_key[place_key(name)].append((name, cyrillic[0]))
    blocked = confused = 0
    for bucket in by_key.values():
        for name, own in bucket:
            for _, other in bucket:
                if place_key(other) == place_key(own) and other != own:
                    blocked += 1
                    confused += same_name(other, name)
    return {
        "places": len(names),
        "cyrillic names": total,
        "key, any latin name": key_only / total,
        "recognised, any latin name": any_latin / total,
        "recognised, main latin name": main_name / total,
        "places found by main latin name": found / len(names),
        "false, random pairs (of 200000)": wrong,
        "different names that share a key": blocked,
        "of these taken for one": confused / max(1, blocked),
        "cpu s": seconds,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with places.tsv")
    path = parser.parse_args().data / "places.tsv"
    if not path.is_file():
        print(f"no {path}: nothing measured", file=sys.stderr)
        return 2
    for name, value in measure(path).items():
        print(f"{name}: {value:.4f}" if isinstance(value, float) else f"{name}: {value}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
