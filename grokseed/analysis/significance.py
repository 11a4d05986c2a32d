"""The smallest effect that a test could have found, and p-values of several tests. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.stats import nct, norm
from scipy.stats import t as student

MOST_FREEDOM = 1e6
"""Stands for infinitely many degrees of freedom, as scipy's noncentral t needs a number."""


def detectable(error: float, freedom: float) -> float:
    """The smallest effect that a two-sided t test at 5 % would have found with 80 % power.

    If a test found nothing, the effect is unlikely to be larger than this. The power of the t test
    is a tail of the noncentral t distribution: Johnson and Welch, Biometrika 31 (1940), 362.

    Args:
        error: standard error of the effect, in its unit.
        freedom: degrees of freedom of the standard error.

    Returns:
        The effect, in the unit of the error; NaN if error or freedom is.
    """
    if np.isnan(error) or np.isnan(freedom):
        return np.nan
    freedom = min(freedom, MOST_FREEDOM)
    cut = float(student.isf(0.025, freedom))

    def short(ratio: float) -> float:
        # Finding an effect of the wrong sign is too rare to count.
        return float(nct.sf(cut, freedom, ratio)) - 0.8

    high = cut
    while short(high) < 0:
        high *= 1.5
    return error * brentq(short, 0.0, high, full_output=True)[0]


def detectable_by_limits(low: float, high: float) -> float:
    """The smallest effect for which 95 % limits as wide as these would leave out 0 in 80 % of
    studies, by the normal approximation; NaN if a limit is.

    For exact limits of a share of 50 runs or more it is 77 to 93 %.

    Args:
        low, high: the limits, in the unit of the effect.
    """
    return float(1 + norm.isf(0.2) / norm.isf(0.025)) * (high - low) / 2


def least_ratio(error: float, freedom: float) -> float:
    """The ratio below 1 that a test of its log would have found with 80 % power; one above 1 is its
    inverse.

    Args:
        error: standard error of the log ratio.
        freedom: as `detectable` takes it.
    """
    return float(np.exp(-detectable(error, freedom)))


def holm(p_values: ArrayLike) -> np.ndarray:
    """p-values adjusted for several tests: they bound the probability of any false positive.

    Source: Holm, Scandinavian Journal of Statistics 6 (1979), 65.

    Args:
        p_values: (m,); NaN means not tested, and does not count.

    Returns:
        float64 (m,), in the same order, at most 1; NaN where there was no test.

    Raises:
        ValueError: a p-value outside 0 to 1.
    """
    p = np.asarray(p_values, np.float64)
    tested = np.flatnonzero(~np.isnan(p))
    if np.any((p[tested] < 0) | (p[tested] > 1)):
        raise ValueError("p-values must lie between 0 and 1")
    rising = tested[np.argsort(p[tested], kind="stable")]
    adjusted = np.full(p.shape, np.nan)
    still = np.arange(len(rising), 0, -1)  # tests that are no smaller
    adjusted[rising] = np.minimum(np.maximum.accumulate(still * p[rising]), 1)
    return adjusted
