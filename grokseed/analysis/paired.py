"""Differences between two sides of pairs, such as winners' and losers' rates of wins. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import binom
from scipy.stats import t as student

from grokseed.analysis.rates import rate
from grokseed.analysis.significance import detectable

LEAST_DIFFERING = 6
"""Pairs that must differ, all the same way, for a two-sided sign test at 5 %: 2 / 2^6 = 0.031."""


@dataclass(frozen=True)
class Difference:
    """A mean difference over pairs.

    Attributes:
        mean: in the unit of the values; NaN without pairs.
        low, high: limits of its 95 % interval; infinite where fewer than two pairs are known.
        p: two-sided, of the truth being 0; NaN with fewer than two pairs.
        detectable: the smallest true mean that this test would have found with 80 % power.
        n: pairs.
    """

    mean: float
    low: float
    high: float
    p: float
    detectable: float
    n: int

    def excludes(self, value: float) -> bool:
        """Whether the interval does not hold a value."""
        return value < self.low or value > self.high


def mean_difference(values: ArrayLike) -> Difference:
    """The mean of differences with Student's interval and test.

    Differences that are all alike, as where nobody won, have no spread to reckon with. The limits
    are then those of a share that was seen in none of so many pairs (Clopper and Pearson), and the
    test is the sign test; both suit differences of rates, which lie within -1 to 1.

    Args:
        values: (n,), one a pair or an independent seed; NaN where it is not known.
    """
    y = np.asarray(values, np.float64)
    y = y[~np.isnan(y)]
    n = len(y)
    mean = float(y.mean()) if n else np.nan
    if n < 2:
        return Difference(mean, -np.inf, np.inf, np.nan, np.nan, n)
    error = float(y.std(ddof=1)) / n**0.5
    if error > 1e-12 * abs(y).max():
        half = float(student.ppf(0.975, n - 1)) * error
        p = float(2 * student.sf(abs(mean) / error, n - 1))
        return Difference(mean, mean - half, mean + half, p, detectable(error, n - 1), n)
    unseen = rate(0, n).high
    low, high = max(mean - unseen, -1.0), min(mean + unseen, 1.0)
    p = 1.0 if mean == 0 else 2 * 0.5**n
    return Difference(mean, low, high, p, _found_by_signs(n), n)


def rates_apart(won: ArrayLike, pair: ArrayLike, treated: ArrayLike) -> pd.Series:
    """In each pair the share of treated runs that won, less that of the others.

    Args:
        won: 0 or 1 (n,), one a run.
        pair: (n,), each run's pair.
        treated: bool (n,), on which side of its pair each run is.

    Returns:
        By pair, of those that have runs on both sides.
    """
    runs = pd.DataFrame({"won": np.asarray(won, np.float64), "pair": np.asarray(pair)})
    shares = runs.groupby(["pair", np.asarray(treated, bool)])["won"].mean().unstack()
    if not {True, False} <= set(shares.columns):
        return pd.Series(dtype=np.float64)
    return (shares[True] - shares[False]).dropna()


def _found_by_signs(n: int) -> float:
    """The share of pairs that must differ for a sign test to find it with 80 % power; 1 if none."""
    if n < LEAST_DIFFERING:
        return 1.0
    return float(
        brentq(lambda share: binom.sf(LEAST_DIFFERING - 1, n, share) - 0.8, 1e-9, 1 - 1e-9)
    )
