"""Tables of studies of rates and times made by hand, for the tests of their figures."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from diary.coins_figure import spreads
from diary.rates_figure import by_seed
from diary.weight_decay_figure import times
from experiments.commitment_plan import STEPS
from predictors.visible_figure import DRAWN, settled_and_seen


def cells() -> pd.DataFrame:
    """Spreads of a cell, of a smaller one, and of one that is not known, as `studies/coins.py`."""
    table = pd.DataFrame({"cell": ["mini", "p_71", "all_larger"], "n": [300, 34, 8]})
    table = table.assign(spread=[0.6, 0.4, np.nan], ratio=[np.nan, 0.67, np.nan])
    spread = table["spread"]
    return table.assign(spread_low=spread - 0.2, spread_high=spread + 0.3, p_holm=[np.nan, 1, 1])


def shares() -> pd.DataFrame:
    """Rates of all runs, of a split and of a loader seed, as `studies/rates.py` counts them."""
    rows = [("", pd.NA, 1024), ("split", 21, 128), ("loader", 120, 512)]
    table = pd.DataFrame(rows, columns=["axis", "seed", "n"]).astype({"seed": "Int64"})
    table = table.assign(k=table["n"] // 5, share=0.2, low=0.15, high=0.26)
    return table.assign(**{"class": "not normal"})


def decay() -> pd.DataFrame:
    """Times with four values of weight decay; with one no run arrives, as `weight_decay.table`."""
    table = pd.DataFrame({"weight_decay": [0, 0.05, 0.2, 1.0], "reached": [64, 64, 64, 0], "n": 64})
    median = np.array([60_000, 9000, 3000, np.nan])
    table = table.assign(median=median, median_low=0.9 * median, median_high=1.1 * median)
    return table.assign(ratio=median / 9000, p_holm=[0.001, np.nan, 0.001, np.nan])


def areas() -> pd.DataFrame:
    """Areas of the drawn signals at each step, as `studies/visible.py` counts them."""
    rows = [(step, name, 512, 42) for step in STEPS[1:] for name in DRAWN]
    table = pd.DataFrame(rows, columns=["step", "signal", "n", "winners"])
    return table.assign(auc=0.5 + table["step"] / 8000, low=0.4, high=0.98)


def of_seeds(branches: pd.DataFrame) -> dict[str, Callable[[], Figure]]:
    """What draws each figure.

    Args:
        branches: rates of study E, by step.
    """
    changes = {"mini": {}, "p_71": {"p": 71}, "all_larger": {"p": 127, "d_model": 96}}
    return {
        "coins": lambda: spreads(cells(), "mini", changes),
        "rates": lambda: by_seed(shares(), 3100, 4096),
        "weight_decay": lambda: times(decay(), 8, 0.05, (22_000, 100_000)),
        "visible": lambda: settled_and_seen(areas(), branches, 440, (1760, "sample_loss"), 0.9),
        "visible at no step": lambda: settled_and_seen(areas(), branches, 440, None, 0.9),
    }
