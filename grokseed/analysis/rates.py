"""Shares of runs with exact intervals. No torch."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.special import betaincinv


@dataclass(frozen=True)
class Rate:
    """A share of runs and its exact interval.

    Attributes:
        k: runs that count.
        n: runs in all.
        share: k / n, or NaN without runs.
        low: lower limit of the interval, a share.
        high: upper limit of the interval, a share.
    """

    k: int
    n: int
    share: float
    low: float
    high: float


def rate(k: int, n: int, level: float = 0.95) -> Rate:
    """The share k / n with its exact interval, which is 0 to 1 without runs.

    Source: Clopper and Pearson, Biometrika 26 (1934), 404, as quantiles of the beta distribution.

    Raises:
        ValueError: k does not lie in 0..n, or level not between 0 and 1.
    """
    if not 0 <= k <= n:
        raise ValueError(f"k must lie in 0..n, not {k} of {n}")
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, not {level}")
    if n == 0:
        return Rate(0, 0, float("nan"), 0.0, 1.0)
    tail = (1 - level) / 2
    low = float(betaincinv(k, n - k + 1, tail)) if k else 0.0
    high = float(betaincinv(k + 1, n - k, 1 - tail)) if k < n else 1.0
    return Rate(k, n, k / n, low, high)
