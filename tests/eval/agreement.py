"""``python -m tests.eval.agreement [SET …]``: how far a second, blind labelling agrees with the first.

Judged is every pair of a sampled article and a claim of its report, with the four verdicts of ``sets.Verdict``. Most pairs are absent on
both sides, so the share of agreement says little alone: Cohen's kappa (1960) takes off what chance would give, and the last column
leaves out the pairs that both call absent.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.eval.sets import SETS, EvaluationSet, Verdict, read_set

SECOND = SETS.parent / "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPair:
    article: str
    claim: str
    first: Verdict
    second: Verdict


def read_pairs(file: Path, evaluation_set: EvaluationSet) -> tuple[JudgedPair, ...]:
    """Every claim of every sampled article under both labellings, in the order of the sample and of the claims."""
    with file.open("rb") as stream:
        second = tomllib.load(stream)
    verdicts = {(row["article"], row["claim"]): Verdict(row["verdict"]) for row in second["labels"]}
    return tuple(
        JudgedPair(
            article=article_id,
            claim=claim.id,
            first=evaluation_set.article(article_id).verdict_of(claim.id),
            second=verdicts.get((article_id, claim.id), Verdict.ABSENT),
        )
        for article_id in second["articles"]
        for claim in evaluation_set.claims
    )


def find_set(file: Path) -> EvaluationSet:
    """The set that the second labelling in ``file`` names; one set may be labelled by several people, each in a file of their own."""
    with file.open("rb") as stream:
        return read_set(SETS / tomllib.load(stream)["set"])


def share_agreed(pairs: Sequence[JudgedPair]) -> float:
    """0 to 1.

    Raises: ZeroDivisionError where nothing was judged.
    """
    return sum(pair.first is pair.second for pair in pairs) / len(pairs)


def cohens_kappa(pairs: Sequence[JudgedPair]) -> float:
    """At most 1; 0 is what chance gives two annotators with these frequencies, and 1 where both used one and the same verdict only."""
    first, second = Counter(pair.first for pair in pairs), Counter(pair.second for pair in pairs)
    by_chance = sum(first[verdict] * second[verdict] for verdict in Verdict) / len(pairs) ** 2
    return 1.0 if by_chance == 1 else (share_agreed(pairs) - by_chance) / (1 - by_chance)


def leave_out_absent(pairs: Sequence[JudgedPair]) -> list[JudgedPair]:
    """The pairs that at least one of the two does not call absent."""
    return [pair for pair in pairs if {pair.first, pair.second} != {Verdict.ABSENT}]


def format_row(name: str, pairs: Sequence[JudgedPair]) -> str:
    found = leave_out_absent(pairs)
    return (
        f"{name:22} {len(pairs):5} pairs  agree {share_agreed(pairs):6.1%}  kappa {cohens_kappa(pairs):.3f}"
        f"  without absent {len(found):4} pairs  agree {share_agreed(found):6.1%}"
    )


def main() -> int:
    everything: list[JudgedPair] = []
    for file in sorted(SECOND.glob("*.toml")):
        evaluation_set = find_set(file)
        if sys.argv[1:] and evaluation_set.folder.name not in sys.argv[1:]:
            continue
        pairs = read_pairs(file, evaluation_set)
        everything.extend(pairs)
        print(format_row(file.stem, pairs))
        for pair in pairs:
            if pair.first is not pair.second:
                print(f"    {pair.article} {pair.claim}  first {pair.first}, second {pair.second}")
    if not everything:
        print(f"no second labelling of {', '.join(sys.argv[1:]) or 'any set'} in {SECOND}", file=sys.stderr)
        return 1
    print(format_row("all", everything))
    return 0


if __name__ == "__main__":
    sys.exit(main())
