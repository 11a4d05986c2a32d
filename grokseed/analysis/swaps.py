"""Do two sides differ in the mean over many outcomes? By swaps of each unit's sides. No torch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class MeanApart(NamedTuple):
    """The mean difference of two sides over outcomes.

    Attributes:
        mean: the first side minus the second; NaN if no outcome has a value on both.
        low, high: limits of its 95 % interval, by a bootstrap over units; NaN if all resamples are
            alike, as these say nothing of the error.
        p: two-sided, of sides that are interchangeable in each unit; NaN without a mean.
        units: number of them.
    """

    mean: float
    low: float
    high: float
    p: float
    units: int


def mean_apart(
    first: np.ndarray, second: np.ndarray, random: np.random.Generator, draws: int = 10_000
) -> MeanApart:
    """The difference of two sides' means over units, averaged over outcomes.

    If the sides do the same, each unit's could as well be the other way round. So p is the share of
    draws in which the mean is no nearer to 0, where each draw swaps the sides of a random half of
    the units; the data themselves count as one draw. A unit keeps all of its outcomes together in
    both the draws and the resamples, as these may depend on each other.

    Source: Phipson and Smyth, Statistical Applications in Genetics 9 (2010), 39, for the one draw.

    Args:
        first: (n, k), a row a unit, a column an outcome; NaN if unknown.
        second: (n, k), the same of the other side.
        random: makes the draws.
        draws: number of resamples, and of swaps.
    """
    units = len(first)
    sides = np.stack((np.asarray(first, np.float64), np.asarray(second, np.float64)))

    def means(own: np.ndarray, swapped: np.ndarray) -> np.ndarray:
        """The mean for each row of numbers of times that a unit counts, as it is and swapped."""
        values, known = np.nan_to_num(sides), (~np.isnan(sides)).astype(np.float64)
        with np.errstate(invalid="ignore"):
            one, two = (
                (own @ values[side] + swapped @ values[1 - side])
                / (own @ known[side] + swapped @ known[1 - side])
                for side in (0, 1)
            )
            apart = one - two
            there = ~np.isnan(apart)
            return np.where(there, apart, 0).sum(axis=1) / there.sum(axis=1)

    once = np.ones((1, units))
    mean = float(means(once, 0 * once)[0])
    if np.isnan(mean):
        return MeanApart(np.nan, np.nan, np.nan, np.nan, units)
    times = random.multinomial(units, np.full(units, 1 / units), draws).astype(np.float64)
    resampled = means(times, 0 * times)
    low, high = map(float, np.nanquantile(resampled, [0.025, 0.975]))
    if low == high:
        low = high = np.nan
    flips = random.integers(0, 2, (draws, units)).astype(np.float64)
    nearer = np.abs(means(1 - flips, flips)) < abs(mean) - 1e-12  # as near but for rounding is not
    return MeanApart(mean, low, high, float((1 + (~nearer).sum()) / (1 + draws)), units)
