"""How far apart the times to t98 of equal runs lie, as factors."""

import numpy as np
import pandas as pd

from grokseed.analysis.seeds_needed import Spread, smallest_ratio

EARLY, LATE, DRAWS = 0.1, 0.9, 2000


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
    steps = runs["t98_step"].fillna(np.inf).to_numpy(np.float64)
    drawn = np.random.default_rng(0).integers(len(steps), size=(DRAWS, len(steps)))
    samples = np.sort(np.concatenate((steps[None], steps[drawn])), axis=1)
    early, late = (samples[:, int(np.ceil(q * len(steps))) - 1] for q in (EARLY, LATE))
    low, high = np.quantile(late[1:] / early[1:], [0.025, 0.975])
    return float(late[0] / early[0]), float(low), float(high)
