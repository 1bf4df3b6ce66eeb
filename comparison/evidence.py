"""How much speaks for a passage carrying a claim: likeness of meaning, shared words, and whether it is this claim rather than another.

The weights (``comparison.thresholds``) are a logistic regression over the tuning part of the evaluation sets (1,127 windows that carry a
claim or a rival figure among 45,000), told in units of the encoders' z-score. Fitted on one set and tried on the other they keep their
order and sign; against the z-score alone the first passage of a claim is right for 81 instead of 67 of 100 claims.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from comparison.scoring import Scores
from comparison.thresholds import PACKAGED, Thresholds

Rivals = NDArray[np.bool_]

BEST_CLAIMS = 3
COMPANIONS = 2
"""Other claims with a close passage in an article, of which fewer make one lonely."""
CLAIMS_A_COMPANION = 4
"""Of a short report less is asked: one companion for every so many other claims."""


def weigh(meaning: Scores, words: Scores, sentences: int, rivals: Rivals | None = None, by: Thresholds = PACKAGED) -> Scores:
    """(claims, windows): ``meaning`` and ``words`` of one article's windows in one number; the first ``sentences`` columns are sentences.

    ``rivals``: see :func:`find_rivals`; None makes every other claim one.

    >>> weigh(np.array([[6.0, 1.0], [2.0, 2.0]]), np.zeros((2, 2)), 2).round(1).tolist()
    [[10.4, -0.6], [-3.2, 2.8]]
    """
    if not meaning.size:
        return meaning
    best = np.sort(meaning[:, :sentences].max(axis=1, initial=-np.inf)) if sentences else np.sort(meaning.max(axis=1))
    article = float(best[-BEST_CLAIMS:].mean())
    found: Scores = meaning + by.words * words + by.margin * margin(meaning, rivals) + by.article * (article - by.usual_article)
    return found


def find_lonely(evidence: Scores, close: float) -> NDArray[np.bool_]:
    """(claims,): whether too few of an article's other claims have a passage of the evidence ``close`` in it.

    >>> find_lonely(np.array([[9.0, 1.0], [2.0, 3.0]] * 5), 9.0)[:2].tolist()
    [False, False]
    >>> find_lonely(np.array([[9.0], [2.0], [9.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0]]), 9.0)[:2].tolist()
    [True, False]
    """
    if not evidence.size:
        return np.zeros(len(evidence), dtype=np.bool_)
    near = evidence.max(axis=1) >= close
    wanted = min(COMPANIONS, (len(evidence) - 1) // CLAIMS_A_COMPANION)
    lonely: NDArray[np.bool_] = near.sum() - near < wanted
    return lonely


def find_rivals(of_claims: Scores, sibling: float = PACKAGED.sibling) -> Rivals:
    """(claims, claims): whether the second claim is another matter than the first.

    ``of_claims`` are the scores of the claims' own words for each claim, as those of a passage. Where one claim's words would nearly
    carry another ("a soldier is held in a cellar in Zaitseve", "soldiers are held in cellars in the region"), a passage that is nearer
    to the one is not therefore on something else than the other.
    """
    found: Rivals = of_claims < sibling
    np.fill_diagonal(found, False)
    return found


def margin(meaning: Scores, rivals: Rivals | None = None) -> Scores:
    """What a window's score for a claim is above, or below, the best of its rivals; 0 for a claim without any."""
    if rivals is None:
        rivals = ~np.eye(len(meaning), dtype=np.bool_)
    found = np.zeros_like(meaning)
    for claim, others in enumerate(rivals):
        if others.any():
            found[claim] = meaning[claim] - meaning[others].max(axis=0)
    return found
