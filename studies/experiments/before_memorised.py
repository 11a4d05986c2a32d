"""Runs that have half of the validation answers right before they have memorised (found by
looking)."""

from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.base_tables import own_weights
from grokseed.analysis.dependence import share_of
from grokseed.analysis.rates import Rate
from grokseed.analysis.survival import numbers, time_to


class Before(NamedTuple):
    """How many runs reach t50 before they have memorised.

    Attributes:
        rate: of all runs, with limits over the seeds that runs share.
        t50, memorised: median steps, Kaplan-Meier; NaN where fewer than half get there.
    """

    rate: Rate
    t50: float
    memorised: float

    @property
    def most(self) -> bool:
        """Whether more than half of the runs do."""
        return self.rate.share > 0.5


def half_before(runs: pd.DataFrame) -> Before:
    """Count the runs whose t50 is before the step at which they have memorised; a run that reaches
    t50 and never memorises is one of them. Runs with grafts, such as twins, are left out.

    Args:
        runs: one row a run.
    """
    own = own_weights(runs)
    t50, memorised = (numbers(own, f"{name}_step") for name in ("t50", "memorised"))
    first = t50 < np.where(np.isnan(memorised), np.inf, memorised)
    medians = (time_to(landmark, own).median for landmark in ("t50", "memorised"))
    return Before(share_of(first, own), *medians)
