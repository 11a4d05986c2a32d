"""The error of what two or more sets of runs estimate, over seeds that runs share. No torch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from grokseed.analysis.crossed import Estimate, crossed
from grokseed.analysis.seed_shares import least_evenness

FEWEST = 4
"""With fewer seeds on an axis there are no limits: they would say nothing."""


def over_seeds(
    mean: float, influence: ArrayLike, axes: Sequence[ArrayLike], sets: ArrayLike
) -> Estimate:
    """An estimate with its error over the seeds of one or two axes.

    The error is that of the sum of what all rows add, by `crossed`. What a seed adds in all sets is
    one number, so that sets are paired on it. The degrees of freedom are fewer where seeds have
    unequal numbers of rows.

    If no row is in two sets, a row's score is taken from the mean of its set; else from the mean of
    all rows. In the second case the correction for few seeds is that of the set with the fewest.

    Args:
        mean: the estimate.
        influence: (n,), what each row adds to it, to first order.
        axes: (n,) each, each row's seed on an axis.
        sets: bool (sets, n), whether each set has the row.

    Returns:
        The estimate; its `seeds` are those of the set with the fewest. Its error is NaN if these
        are fewer than `FEWEST` on an axis, or no row adds anything.
    """
    adds, ran = np.asarray(influence, np.float64), np.asarray(sets, bool)
    named = [np.asarray(axis) for axis in axes]
    seeds = tuple(min(len(np.unique(axis[own])) for own in ran) for axis in named)
    if min(seeds) < FEWEST:
        return Estimate(mean, np.nan, np.nan, seeds)
    even = min(least_evenness([axis[own] for axis in named]) for own in ran)
    if ran.sum(axis=0).max() == 1:
        found = _summed(adds, named, ran.argmax(axis=0))
        return replace(found, mean=mean, freedom=even * found.freedom, seeds=seeds)
    found = _summed(adds, named, np.zeros(len(adds), int))
    counts = [(m, len(np.unique(axis))) for m, axis in zip(seeds, named, strict=True)]
    larger = max(m / (m - 1) / (k / (k - 1)) for m, k in counts)
    fewer = min((m - 1) / (k - 1) for m, k in counts)
    return Estimate(mean, found.error * larger**0.5, even * fewer * found.freedom, seeds)


def enough(shared: Mapping[str, int]) -> bool:
    """Whether the seeds that runs share, by source, are enough for limits over them, or none is."""
    return min(shared.values(), default=FEWEST) >= FEWEST


def widened(
    over: Estimate, profile: tuple[float, float, float], limited: bool, level: float
) -> tuple[float, float, float]:
    """Limits of a ratio and its p-value, where runs share seeds.

    They are Student's over the seeds, but never closer than those of the profile likelihood, nor is
    the p-value smaller. Equal times have no error over seeds.

    Args:
        over: the log ratio.
        profile: the limits and the p-value of the profile, which takes rows as independent.
        limited: whether there are seeds enough; else all three are NaN.
        level: coverage.
    """
    if not limited:
        return np.nan, np.nan, np.nan
    with np.errstate(over="ignore"):  # a limit of infinity is right
        low, high = np.exp(over.interval(level))
    first, last, p = profile
    return float(np.fmin(low, first)), float(np.fmax(high, last)), float(np.fmax(over.p, p))


def _summed(adds: np.ndarray, axes: Sequence[np.ndarray], group: np.ndarray) -> Estimate:
    """The error of a sum whose terms have a mean of their own in each group."""
    sizes = np.bincount(group)
    values = adds * sizes[group]  # so that the groups' means sum to the rows' sum
    first, second, *_ = (*axes, np.zeros(len(adds)))
    return crossed(values, first, second, group, np.ones(len(sizes)))
