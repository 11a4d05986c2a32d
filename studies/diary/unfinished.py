"""Runs that have not completed when a scan ends, winners beside the others (found by looking)."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import fisher_exact

from diary.signatures_tables import kinds_of_runs
from grokseed.analysis.dependence import share_of
from grokseed.analysis.rates import Rate
from grokseed.analysis.survival import numbers


class Unfinished(NamedTuple):
    """The share of winners, and of the others, of which some validation answer was never right.

    Attributes:
        winners, others: exact limits where runs share no seeds.
        p: Fisher's, two-sided, that both shares are the same.
        never: of the others that have not completed, how many are not at t98 either.
        last: the step at which runs that have not completed end.
    """

    winners: Rate
    others: Rate
    p: float
    never: int
    last: int


def unfinished(runs: pd.DataFrame) -> Unfinished:
    """Count the runs that have not completed; winners reach t98 in half of the median or sooner.

    Args:
        runs: one row a run, of a scan whose runs end when they are completed, or at its last step.
    """
    won, _, _ = kinds_of_runs(runs)
    left = np.isnan(numbers(runs, "completed_step"))
    winners, others = (share_of(left[some], runs.loc[some]) for some in (won, ~won))
    counts = [[rate.k, rate.n - rate.k] for rate in (winners, others)]
    never = int(np.sum(left & np.isnan(numbers(runs, "t98_step"))))
    last = int(np.nanmax(numbers(runs, "steps")))
    return Unfinished(winners, others, float(np.asarray(fisher_exact(counts))[1]), never, last)
