"""Where one run's time stands among those of other runs, and what the best of n runs shows.

A run that did not reach the landmark counts as later than any step up to which it was seen, and as
later than any run that reached it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import binom

from grokseed.analysis.dependence import share_of
from grokseed.analysis.paired import LEVEL


@dataclass(frozen=True)
class Standing:
    """The share of runs that are sooner than one run.

    Attributes:
        n: other runs.
        sooner: of them, those that were sooner.
        tied: those at the same step; if the run did not reach the landmark, those that did not
            either.
        unknown: those that ended before this step without the landmark, so that they may be sooner
            or later.
        share: (sooner + tied / 2) / n; NaN if some are unknown.
        low: lower limit of the share that is sooner.
        high: upper limit of the share that is sooner, tied or unknown.
    """

    n: int
    sooner: int
    tied: int
    unknown: int
    share: float
    low: float
    high: float


def standing(
    times: ArrayLike, time: float, ends: ArrayLike = np.inf, seeds: pd.DataFrame | None = None
) -> Standing:
    """The standing of a time among others.

    Source of the limits: `dependence.share_of`, exact ones unless runs share seeds.

    Args:
        times: (runs,), steps of the other runs, infinite for those that did not reach the landmark.
        time: the run's, infinite if it did not reach the landmark.
        ends: (runs,) or one number, the step up to which each run is known; by default for ever.
        seeds: a row each, as `share_of` takes them; by default no runs share seeds.

    Raises:
        ValueError: there are no other runs.
    """
    others = np.asarray(times, np.float64)
    n = len(others)
    if not n:
        raise ValueError("there are no other runs to stand among")
    shared = pd.DataFrame(index=range(n)) if seeds is None else seeds
    unknown = np.isinf(others) & (np.asarray(ends) < time) & np.isfinite(time)
    sooner, tied = int(np.sum(others < time)), int(np.sum(others == time))
    low = share_of(others < time, shared).low
    high = share_of((others <= time) | unknown, shared).high
    share = float("nan") if unknown.any() else (sooner + tied / 2) / n
    return Standing(n, sooner, tied, int(unknown.sum()), share, low, high)


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
