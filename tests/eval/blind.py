"""``python -m tests.eval.blind SET [SEED]``: a sample of a set's articles to label a second time, without the first labels.

Prints the claims, then title and body of each sampled article under a number: what an annotator may see. Group, origin, copies and labels
are left out, and so is the id, whose letter tells the group: each of them gives a verdict away. ``--ids`` prints which
article each number stands for, once the labels are written. They go to ``second/SET.toml``: the sampled ids in ``articles``, and one
``[[labels]]`` row (``article``, ``claim``, ``verdict``) for every claim that is not absent there.
"""

from __future__ import annotations

import random
import sys

from tests.eval.sets import SETS, Article, EvaluationSet, Group, read_set

SAMPLE_SIZE = 20
DEFAULT_SEED = 3


def sample_articles(evaluation_set: EvaluationSet, seed: int = DEFAULT_SEED, size: int = SAMPLE_SIZE) -> tuple[Article, ...]:
    """``size`` articles of the set in the order of a seeded shuffle; unrelated ones are no candidates, since they agree by themselves."""
    candidates = [article for article in evaluation_set.articles if article.group is not Group.UNRELATED]
    return tuple(random.Random(seed).sample(candidates, min(size, len(candidates))))


def format_sheet(evaluation_set: EvaluationSet, articles: tuple[Article, ...]) -> str:
    """The claims with their context, then the articles by number (from 1), language, date, title and body."""
    claims = [f"{claim.id}  {claim.text}" + (f"  [{claim.context}]" if claim.context else "") for claim in evaluation_set.claims]
    texts = [
        f"=== {number}  {article.language}  {article.published.date()}\n{article.text}" for number, article in enumerate(articles, start=1)
    ]
    return "\n".join(claims) + "\n\n" + "\n\n".join(texts) + "\n"


def main() -> int:
    words = [word for word in sys.argv[1:] if word != "--ids"]
    evaluation_set = read_set(SETS / words[0])
    articles = sample_articles(evaluation_set, int(words[1]) if len(words) > 1 else DEFAULT_SEED)
    if "--ids" in sys.argv:
        print("\n".join(f"{number}  {article.id}" for number, article in enumerate(articles, start=1)))
    else:
        print(format_sheet(evaluation_set, articles), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
