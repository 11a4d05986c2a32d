"""Where one run's time stands among those of other runs, and what the best of n runs shows.

A run that did not reach the landmark counts as later than any that did, whenever it ended.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import binom

from grokseed.analysis.paired import LEVEL
from grokseed.analysis.rates import rate


@dataclass(frozen=True)
class Standing:
    """The share of runs that are sooner than one run.

    Attributes:
        n: other runs.
        sooner: of them, those that were sooner.
        tied: those at the same step; if the run did not reach the landmark, those that did not
            either.
        share: (sooner + tied / 2) / n.
        low: exact lower limit of the share that is sooner.
        high: exact upper limit of the share that is sooner or tied.
    """

    n: int
    sooner: int
    tied: int
    share: float
    low: float
    high: float


def standing(times: ArrayLike, time: float) -> Standing:
    """The standing of a time among others.

    Source: `rates.rate`, Clopper and Pearson's interval, of each of the two shares.

    Args:
        times: (runs,), steps of the other runs, infinite for those that did not reach the landmark.
        time: the run's, infinite if it did not reach the landmark.

    Raises:
        ValueError: there are no other runs.
    """
    others = np.asarray(times, np.float64)
    n = len(others)
    if not n:
        raise ValueError("there are no other runs to stand among")
    sooner, tied = int(np.sum(others < time)), int(np.sum(others == time))
    low, high = rate(sooner, n).low, rate(sooner + tied, n).high
    return Standing(n, sooner, tied, (sooner + tied / 2) / n, low, high)


@dataclass(frozen=True)
class Quantile:
    """The time by which a share of the runs reached the landmark, infinite if fewer did.

    Attributes:
        step: the first step by which this share had reached it.
        low, high: the interval, whose limits are times of two runs; 0 if it begins before the first
            run, and infinite if it ends after the last.
    """

    step: float
    low: float
    high: float


def quantile(times: ArrayLike, share: float) -> Quantile:
    """A quantile of times, with an interval that is valid for any distribution.

    Source: David and Nagaraja, Order Statistics (2003), 7.1.

    Args:
        times: (runs,), infinite for those that did not reach the landmark.
        share: between 0 and 1.
    """
    ordered = np.concatenate([[0.0], np.sort(np.asarray(times, np.float64)), [np.inf]])
    n = len(ordered) - 2
    low = int(binom.ppf((1 - LEVEL) / 2, n, share))
    high = int(binom.ppf((1 + LEVEL) / 2, n, share)) + 1
    middle = max(int(np.ceil(share * n - 1e-9)), 1)
    return Quantile(float(ordered[middle]), float(ordered[low]), float(ordered[high]))


def best_of(times: ArrayLike, n: int, share: float = 0.5) -> Quantile:
    """A quantile of the first of n runs, by default its median.

    The probability that the first of n is later than a step is the n-th power of that for one run.
    """
    return quantile(times, 1 - (1 - share) ** (1 / n))


def runs_for(share: float) -> float:
    """How many runs it takes until the first of them is among the first `share` of all with
    probability 1/2; infinite for a share of 0."""
    if share <= 0:
        return float("inf")
    return 1.0 if share >= 1 else max(1.0, float(np.log(0.5) / np.log1p(-share)))
