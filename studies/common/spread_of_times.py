"""How far apart the times to t98 of equal runs lie, as factors."""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from grokseed.analysis.seeds_needed import Spread, smallest_ratio

EARLY, LATE, DRAWS = 0.1, 0.9, 2000
LIMITS = 0.025, 0.975


def apart(runs: pd.DataFrame, seeds: int) -> float:
    """The factor between times of two settings that as many seeds each tell in 80 % of studies, if
    logs of times spread as those of these runs, and runs that did not reach t98 did at their end.
    """
    logs = np.log(runs["t98_step"].fillna(runs["steps"]).to_numpy(np.float64))
    return 1 / smallest_ratio(Spread(float(2**0.5 * np.std(logs, ddof=1)), matched=False), seeds)


def factor(runs: pd.DataFrame) -> tuple[float, float, float]:
    """The 90th percentile of the time to t98 over the 10th, with limits by bootstrap over runs.

    A run that never reached t98 counts as later than all: such runs must end after the 90th
    percentile.
    """
    found = _factors(runs["t98_step"].fillna(np.inf))
    low, high = np.quantile(found[1:], LIMITS)
    return float(found[0]), float(low), float(high)


def log_factor_ratio(steps: ArrayLike, than: ArrayLike) -> tuple[float, float, float]:
    """The log of `factor` of some times over that of others of the same seeds, with limits by a
    paired bootstrap: a sample has the same seeds in both. Below 1 the first lie closer together.

    Args:
        steps, than: (seeds,) each, steps to t98 in the same order of seeds; inf for runs that did
            not reach it, which must be few, as in `factor`.
    """
    one, other = (np.log(_factors(some)) for some in (steps, than))
    with np.errstate(invalid="ignore"):  # both percentiles of a sample may be unknown
        ratios = one / other
    low, high = np.nanquantile(ratios[1:], LIMITS)
    return float(ratios[0]), float(low), float(high)


def _factors(times: ArrayLike) -> np.ndarray:
    """The factor of some times, and after it those of bootstrap samples. Of as many times the
    samples are of the same places."""
    steps = np.asarray(times, np.float64)
    drawn = np.random.default_rng(0).integers(len(steps), size=(DRAWS, len(steps)))
    samples = np.sort(np.concatenate((steps[None], steps[drawn])), axis=1)
    early, late = (samples[:, int(np.ceil(q * len(steps))) - 1] for q in (EARLY, LATE))
    return late / early
