"""Shares of runs that share seeds along three crossed axes: split, weights and order. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike

from grokseed.analysis.crossed import share_limits


def three_way_share(
    won: ArrayLike, axes: Sequence[ArrayLike], level: float = 0.95
) -> tuple[float, float, float]:
    """The share of runs that won, with an interval over the seeds of all axes.

    Let S of some axes be the squared error of the mean that their cells alone would give: the sum
    of squared scores by cell, times cells / (cells - 1). The squared error is the sum of S over
    single axes, less that over pairs of axes, plus S of all axes together, as each part of the
    variance must count once. It is taken as at least the smallest S of a single axis, and its
    degrees of freedom (Satterthwaite) as at least those of the axis with fewest seeds: the true
    values satisfy both. Limits are those of `crossed.share_limits`.

    Nominal 95 % intervals covered the truth in 91 to 99 % of simulated designs of 4 to 64 seeds an
    axis at rates of 20 and 1.3 %, and in more with 2 seeds on one axis. The exception is a rate of
    1.3 % with a third of the variance in 8 splits: 84 to 87 %, as most samples then miss the
    splits on which runs win, and the upper limit is too low.

    Source: Cameron, Gelbach and Miller, Journal of Business and Economic Statistics 29 (2011), 238.

    Args:
        won: 0 or 1 (n,), one a run.
        axes: (n,) each, each run's seed on an axis with several seeds.
        level: coverage.

    Returns:
        The share and its lower and upper limit.
    """
    y = np.asarray(won, np.float64)
    codes = [np.unique(np.asarray(axis), return_inverse=True)[1].ravel() for axis in axes]
    score = (y - y.mean()) / len(y)
    square = spread = 0.0
    single, freedoms = [], []
    for size in range(1, len(codes) + 1):
        for some in combinations(codes, size):
            own, cells = _square(score, some)
            square -= (-1) ** size * own
            spread += own**2 / (cells - 1)
            if size == 1:
                single.append(own)
                freedoms.append(cells - 1)
    square, least = max(square, min(single)), min(freedoms)
    freedom = max(square**2 / spread, least) if spread else least
    share = float(y.mean())
    return share, *share_limits(share, len(y), square**0.5, freedom, level)


def _square(score: np.ndarray, axes: Sequence[np.ndarray]) -> tuple[float, int]:
    """S of some axes, and the number of their cells."""
    cell = np.unique(np.stack(axes), axis=1, return_inverse=True)[1].ravel()
    sums = np.bincount(cell, score)
    n = len(sums)
    return float(np.sum(sums**2)) * n / (n - 1), n
