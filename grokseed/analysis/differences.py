"""Differences between two sides, such as winners' and losers' rates of wins, in pairs or not.

No torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import binom, norm
from scipy.stats import t as student

from grokseed.analysis.rates import rate
from grokseed.analysis.significance import detectable

LEAST_DIFFERING = 6
"""Pairs that must differ, all in one direction, for a two-sided sign test at 5 %: 2 / 2^6 =
0.031."""


@dataclass(frozen=True)
class Difference:
    """A mean difference over pairs.

    Attributes:
        mean: in the unit of the values; NaN without pairs.
        low, high: limits of its 95 % interval, or of that of another level if one was given; with
            fewer than two pairs the widest possible.
        p: two-sided, of a true mean of 0; NaN if the pairs do not determine it.
        detectable: the smallest true mean that this test would have found with 80 % power.
        n: pairs.
    """

    mean: float
    low: float
    high: float
    p: float
    detectable: float
    n: int


def mean_difference(values: ArrayLike, most: float = np.inf) -> Difference:
    """The mean of differences with Student's interval and test.

    If all differences are equal, for example because no run won, their spread is 0 and says
    nothing. The limits are then those of a share of 0 in this many pairs (Clopper and Pearson), and
    the test is the sign test.

    Args:
        values: (n,), one a pair or an independent seed; NaN if unknown.
        most: the largest possible difference, 1 for rates; the limits stay within it.
    """
    y = np.asarray(values, np.float64)
    y = y[~np.isnan(y)]
    n = len(y)
    mean = float(y.mean()) if n else np.nan
    error = float(y.std(ddof=1)) / n**0.5 if n > 1 else np.nan
    if n > 1 and error > 1e-12 * abs(y).max():
        half = float(student.ppf(0.975, n - 1)) * error
        p = float(2 * student.sf(abs(mean) / error, n - 1))
        least = min(detectable(error, n - 1), most)
        return Difference(mean, max(mean - half, -most), min(mean + half, most), p, least, n)
    if n < 2 or np.isinf(most):
        return Difference(mean, -most, most, np.nan, np.nan, n)
    unseen = most * rate(0, n).high
    low, high = max(mean - unseen, -most), min(mean + unseen, most)
    p = 1.0 if mean == 0 else 2 * 0.5**n
    return Difference(mean, low, high, p, most * _found_by_signs(n), n)


def shares_apart(treated: ArrayLike, others: ArrayLike, *, level: float = 0.05) -> Difference:
    """The mean of some shares of wins minus that of others, which are not in pairs.

    Limits are Newcombe's, from Wilson's of both means, each value taken as one run; so they are
    rather too wide than too narrow where it is the mean of several. The test inverts them. At 5 %
    it finds a difference where there is none in at most 9.3 % of studies of 5 to 48 runs a side,
    6.7 % from 20 runs a side on, and 6.3 % where at most a fifth of runs win. At a thirtieth of 5 %
    it does so in at most 1.4 times the level, of studies of 12 to 48 runs a side.

    Source: Newcombe, Statistics in Medicine 17 (1998), 873, method 10.

    Args:
        treated: (m,), shares of 0 to 1, one an independent seed; NaN if unknown.
        others: (n,), the same of the other side.
        level: of the test. The limits cover 1 - level, and `detectable` is what the test finds at
            this level. With 0.05 / k the limits of k differences hold at once in 95 % of studies,
            and the test is the first step of Holm's.

    Returns:
        The difference; its `n` is the number of seeds of the smaller side.
    """
    one, two = (y[~np.isnan(y)] for y in (np.asarray(v, np.float64) for v in (treated, others)))
    m, n = len(one), len(two)
    if not m or not n:
        return Difference(np.nan, -1.0, 1.0, np.nan, np.nan, 0)
    k, j = float(one.sum()), float(two.sum())
    z = float(norm.isf(level / 2))
    low, high = newcombe(k, m, j, n, z)
    mean = k / m - j / n
    p, least = _p(k, m, j, n), _found_apart(m, n, j / n, z)
    return Difference(mean, float(low), float(high), p, least, min(m, n))


def newcombe(
    k: ArrayLike, m: int, j: ArrayLike, n: int, z: float
) -> tuple[np.ndarray | float, np.ndarray | float]:
    """The limits of k / m - j / n at z standard errors, for numbers or arrays that broadcast."""
    (low, high), (least, most) = _wilson(k, m, z), _wilson(j, n, z)
    p, q = np.asarray(k) / m, np.asarray(j) / n
    return p - q - np.hypot(p - low, most - q), p - q + np.hypot(high - p, q - least)


def _wilson(k: ArrayLike, n: int, z: float) -> tuple[np.ndarray, np.ndarray]:
    p, square = np.asarray(k, np.float64) / n, z * z / n
    middle, half = p + square / 2, np.sqrt(square * (p * (1 - p) + square / 4))
    return (middle - half) / (1 + square), (middle + half) / (1 + square)


def _p(k: float, m: int, j: float, n: int) -> float:
    """The level at which the interval ends at 0."""

    def beyond(z: float) -> float:
        low, high = newcombe(k, m, j, n, z)
        return float(low if k / m > j / n else -high)

    if k / m == j / n:
        return 1.0
    z = brentq(beyond, 1e-9, 40.0, full_output=True)[0] if beyond(40.0) < 0 else 40.0
    return float(2 * norm.sf(z))


def _found_apart(m: int, n: int, base: float, z: float) -> float:
    """The smallest difference to a base rate, up or down, that limits at z standard errors find
    with 80 % power; 1 if they find none."""
    k, j = np.arange(m + 1)[:, None], np.arange(n + 1)
    limits = newcombe(k, m, j, n, z)
    least = 1.0
    for limit, sign, end in zip(limits, (1, -1), (1.0, 0.0), strict=True):
        found = (sign * np.asarray(limit) > 0) @ binom.pmf(j, n, base)

        def short(rate: float, found: np.ndarray = found) -> float:
            return float(binom.pmf(k[:, 0], m, rate) @ found) - 0.8

        if short(end) > 0:
            least = min(least, abs(brentq(short, base, end, full_output=True)[0] - base))
    return least


def _found_by_signs(n: int) -> float:
    """The share of pairs that must differ for a sign test to find it with 80 % power; 1 if none."""
    if n < LEAST_DIFFERING:
        return 1.0

    def short(share: float) -> float:
        return float(binom.sf(LEAST_DIFFERING - 1, n, share)) - 0.8

    return brentq(short, 0.0, 1.0, full_output=True)[0]
