"""How often a run of B is sooner than one of A, on the same seed and on different seeds.

A pair of runs counts 1 if B's is known to be sooner, 0 if A's is, and a half if neither is known:
both at one step, both censored, or one censored before the other reached the landmark. This is
Gehan's scoring (Biometrika 52 (1965), 203), halved. If all runs end at one step, the mean is the
probability that B wins by that step plus half the probability of no winner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import norm

from grokseed.analysis.dependence import limits_over
from grokseed.analysis.over_seeds import FEWEST
from grokseed.analysis.paired import LEVEL, Arms
from grokseed.analysis.profile import root


@dataclass(frozen=True)
class Win:
    """The probability that B wins.

    Attributes:
        n: pairs of runs, or for unmatched seeds runs of A and B together.
        sooner, later, undecided: pairs in which B wins, loses, or neither is known.
        share: (sooner + undecided / 2) / pairs; NaN without pairs.
        low, high: its interval; 0 to 1 without pairs, NaN if there are no limits as runs share
            seeds.
    """

    n: int
    sooner: int
    later: int
    undecided: int
    share: float
    low: float
    high: float


def matched(arms: Arms) -> Win:
    """The win probability on a matched seed.

    The interval is Wilson's (J. Am. Stat. Assoc. 22 (1927), 209). Scores of a half make the
    variance smaller than that of a share, so the interval is rather too wide than too narrow. Where
    runs of a set share seeds, it is that of `limits_over` these; over too few there is none.
    """
    both = arms.matched
    score = _scores(arms.a[both], arms.a_reached[both], arms.b[both], arms.b_reached[both])
    n = len(score)
    found = _win(score, n, lambda share: share * (1 - share) / n)
    if not arms.shared or not n:
        return found
    axes = arms.axes(both)
    few = min(len(np.unique(axis)) for axis in axes) < FEWEST
    low, high = (np.nan, np.nan) if few else limits_over(score / 2, axes)
    return replace(found, low=low, high=high)


def unmatched(arms: Arms) -> Win:
    """The win probability of any run of B over any of A on another seed.

    The interval is Newcombe's fifth (Statistics in Medicine 25 (2006), 559), for independent sets.
    If matched runs are similar, it is rather too wide than too narrow. If runs of a set share
    seeds, it would be too narrow, and there is none.
    """
    ran_a, ran_b = ~np.isnan(arms.a), ~np.isnan(arms.b)
    first = (arms.a[ran_a, None], arms.a_reached[ran_a, None])
    second = (arms.b[None, ran_b], arms.b_reached[None, ran_b])
    others = np.flatnonzero(ran_a)[:, None] != np.flatnonzero(ran_b)[None, :]
    score = _scores(*first, *second)[others]
    n_a, n_b = arms.n
    each = (n_a + n_b) / 2 - 1

    def variance(share: float) -> float:
        more = (1 - share) / (2 - share) + share / (1 + share)
        return share * (1 - share) * (1 + each * more) / (n_a * n_b)

    found = _win(score, n_a + n_b, variance)
    return replace(found, low=np.nan, high=np.nan) if arms.shared and found.n else found


def _scores(
    a: np.ndarray, a_reached: np.ndarray, b: np.ndarray, b_reached: np.ndarray
) -> np.ndarray:
    """2 if B is sooner, 0 if A is, else 1. A run censored at a step had not reached it by then."""
    b_wins = b_reached & ((b < a) | ((b == a) & ~a_reached))
    a_wins = a_reached & ((a < b) | ((a == b) & ~b_reached))
    return 1 + b_wins.astype(int) - a_wins.astype(int)


def _win(score: np.ndarray, n: int, variance: Callable[[float], float]) -> Win:
    if not len(score):
        return Win(0, 0, 0, 0, float("nan"), 0.0, 1.0)
    share = float(score.mean() / 2)
    z = norm.ppf((1 + LEVEL) / 2)

    def beyond(limit: float) -> float:
        return float((share - limit) ** 2 - z * z * variance(limit))

    inside = float(np.clip(share, 1e-9, 1 - 1e-9))  # at 0 and 1 themselves the variance is 0
    low = 0.0 if share == 0 else root(beyond, 0.0, inside)
    high = 1.0 if share == 1 else root(beyond, inside, 1.0)
    sooner, later, undecided = (int(np.sum(score == s)) for s in (2, 0, 1))
    return Win(n, sooner, later, undecided, share, low, high)
