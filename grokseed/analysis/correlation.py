"""Rank correlation within groups of runs, pooled over the groups. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, rankdata

from grokseed.analysis.significance import detectable

LEAST_RUNS = 10
"""Smaller groups are left out: the error of their correlation is not known well."""


@dataclass(frozen=True)
class Correlation:
    """A rank correlation pooled over groups.

    Attributes:
        rho: Spearman's, -1 to 1; NaN if no group is large enough.
        low, high: limits of its 95 % interval.
        p: two-sided, of no correlation; NaN if rho is.
        detectable: the smallest correlation, of either sign, that is found with 80 % power.
        n: runs in the groups that count.
    """

    rho: float
    low: float
    high: float
    p: float
    detectable: float
    n: int


def pooled_ranks(
    x: ArrayLike, y: ArrayLike, groups: ArrayLike, given: ArrayLike | None = None
) -> Correlation:
    """Spearman's correlation of x and y within groups, such as splits, pooled by Fisher's z.

    Differences between groups have no influence. The variance of a group's z is 1.06 / (n - 3):
    Fieller, Hartley and Pearson, Biometrika 44 (1957), 470. Ties get their mean rank, so that runs
    censored at the same last step are equally late.

    With `given` it is the partial correlation: that of what the ranks of a third quantity, in a
    straight line, leave of the ranks of x and of y. It costs one degree of freedom: Fisher,
    Metron 3 (1924), 329.

    Args:
        x, y, groups: (n,), one a run; runs with a NaN are left out.
        given: (n,), what is held fixed; nothing by default.
    """
    a, b = np.asarray(x, np.float64), np.asarray(y, np.float64)
    fixed = np.zeros(a.shape) if given is None else np.asarray(given, np.float64)
    lost = 3 if given is None else 4
    of = np.asarray(groups)
    known = ~np.isnan(a) & ~np.isnan(b) & ~np.isnan(fixed)
    scores, weights, n = [], [], 0
    for group in np.unique(of[known]):
        own = known & (of == group)
        size = int(own.sum())
        if size < LEAST_RUNS:
            continue
        left = [_left(values[own], fixed[own]) for values in (a, b)]
        if any(np.ptp(values) < 1e-6 for values in left):  # ranks are at least a half apart
            continue
        rho = np.corrcoef(left)[0, 1]
        scores.append(np.arctanh(np.clip(rho, -1 + 1e-12, 1 - 1e-12)))
        weights.append((size - lost) / 1.06)
        n += size
    if not scores:
        return Correlation(np.nan, -1.0, 1.0, np.nan, np.nan, 0)
    z, error = float(np.average(scores, weights=weights)), float(sum(weights)) ** -0.5
    half = float(norm.ppf(0.975)) * error
    p = float(2 * norm.sf(abs(z) / error))
    least = float(np.tanh(detectable(error, np.inf)))
    low, high = float(np.tanh(z - half)), float(np.tanh(z + half))
    return Correlation(float(np.tanh(z)), low, high, p, least, n)


def _left(values: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """The ranks of some values, about their mean, without what the ranks of others explain."""
    ranks, others = (rankdata(some) - (len(some) + 1) / 2 for some in (values, fixed))
    explained = others @ others
    return ranks - others * (ranks @ others / explained) if explained else ranks
