"""How many seeds a claim of a given size needs, with matched seeds and with different ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import nct
from scipy.stats import t as student

from grokseed.analysis.paired import LEVEL, Paired
from grokseed.analysis.profile import root

POWER = 0.8
MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class Spread:
    """The spread that decides how many seeds a time ratio needs.

    Attributes:
        sd: standard deviation of a difference of two log times, with the cost of censoring
            included: the standard error of the log ratio with n seeds is sd / sqrt(n).
        matched: whether the two times have the same seed.
    """

    sd: float
    matched: bool

    def freedom(self, n: ArrayLike) -> np.ndarray:
        """Degrees of freedom of Student's t with n seeds a set."""
        return (np.asarray(n, np.float64) - 1) * (1 if self.matched else 2)


def spreads(found: Paired) -> dict[str, Spread]:
    """The spread of `matched` seeds, if there are any, and of `unmatched` ones.

    Both are given the cost of censoring: the fit's squared standard error over that of the same
    runs, matched as they are, without any censored.
    """
    alone = found.sd_a**2 + found.sd_b**2
    cost = found.se**2 / _variance(found)
    unmatched = {"unmatched": Spread(float(np.sqrt(cost * alone)), False)}
    if not found.matched:
        return unmatched
    together = alone * (1 - found.removed[0])
    return {"matched": Spread(float(np.sqrt(cost * together)), True), **unmatched}


def own_spread(found: Paired) -> Spread:
    """The spread with which the smaller set's number of seeds has the fit's own standard error."""
    return Spread(found.se * found.n**0.5, found.matched == found.n)


def _variance(found: Paired) -> float:
    """The variance of the log ratio if all runs reached the landmark, by maximum likelihood.

    The information on the two means is that of the matched pairs and of each set's other runs.
    """
    sd, m = np.array([found.sd_a, found.sd_b]), found.matched
    information = np.diag((np.array(found.runs) - m) / sd**2)
    if m:
        shared = found.correlation * sd[0] * sd[1]
        covariance = np.array([[sd[0] ** 2, shared], [shared, sd[1] ** 2]])
        information += m * np.linalg.inv(covariance)
    difference = np.array([-1.0, 1.0])
    return float(difference @ np.linalg.inv(information) @ difference)


def power(spread: Spread, ratio: float, n: ArrayLike) -> np.ndarray:
    """The power of a two-sided t-test of n seeds a set to tell this time ratio from 1.

    Source: the noncentral t distribution; Cohen, Statistical Power Analysis (1988), 2.

    Args:
        n: seeds in each set, at least 2, any shape.
    """
    n = np.asarray(n, np.float64)
    freedom = spread.freedom(n)
    away = np.abs(np.log(ratio)) * np.sqrt(n) / spread.sd
    limit = student.ppf((1 + LEVEL) / 2, freedom)
    with np.errstate(all="ignore"):  # far tails, where the answer is 0 or 1
        above = np.nan_to_num(nct.sf(limit, freedom, away), nan=1.0)
        below = np.nan_to_num(nct.cdf(-limit, freedom, away), nan=0.0)
    return np.clip(above + below, 0.0, 1.0)


def seeds_needed(spread: Spread, ratio: float) -> int | None:
    """The fewest seeds a set that tell this ratio from 1 with a power of 80 %; None for more than a
    million."""
    low, high = 1, 2
    while power(spread, ratio, high) < POWER:
        low, high = high, 2 * high
        if low > MOST_SEEDS:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(spread, ratio, middle) >= POWER else (middle, high)
    return high


def smallest_ratio(spread: Spread, n: int) -> float:
    """The ratio nearest to 1, below it, that n seeds tell from 1 with a power of 80 %. Its inverse
    is as hard to tell."""
    most = 20 * spread.sd / np.sqrt(n) + 20 * spread.sd  # certain to be found, whatever n
    found = root(lambda log: float(power(spread, np.exp(-log), n)) - POWER, 1e-9, most)
    return float(np.exp(-found))
