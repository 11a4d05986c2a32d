"""Two designs of the diary's own sizes, compared with its scan: further loader seeds of model seed
42, and one split for all models. The rules are those of `studies/plan.md`."""

import numpy as np
import pandas as pd

from common.verdict import FAILS, HOLDS, UNKNOWN
from diary.known_seeds import BY_HAND, KNOWN_LOADERS
from experiments.looks import coverage
from grokseed.analysis.classify import classify, without
from grokseed.analysis.differences import Difference, shares_apart

LOADERS, ONE_SPLIT, CONTROL = "loaders_of_42", "models_of_split_0", "diary_scan"
"""Folders; those for a card have other names, and are judged by the same rules."""

LOOKED_AT: dict[str, tuple[int, ...]] = {LOADERS: (50,), ONE_SPLIT: (53,)}
"""Seeds that were there when a rule was asked. With more of them it is asked once more."""

NO_MORE, NO_MATTER = 0.1, 0.05
"""A difference of shares that is too small to count: for loader seeds of 42, and for one split."""


def sample(runs: pd.DataFrame, name: str) -> pd.DataFrame:
    """The runs of seeds whose fate was not known."""
    if name == LOADERS:
        own = runs.loc[runs["model_seed"] == BY_HAND]
        return own.loc[~own["loader_seed"].isin(KNOWN_LOADERS)]
    return without(runs, {BY_HAND})


def early(runs: pd.DataFrame) -> np.ndarray:
    """Which of the runs whose class is known are not normal at the screen."""
    return (classify(runs, "screen").dropna() != "normal").to_numpy()


def apart(runs: pd.DataFrame, control: pd.DataFrame, name: str) -> Difference:
    """The share of runs that are not normal, less that of the control.

    Args:
        runs, control: samples of a design and of the diary's scan.
        name: of the design, one of `LOOKED_AT`.
    """
    own = early(runs)
    looks = len({*LOOKED_AT[name], len(own)})
    return shares_apart(own, early(control), level=1 - coverage(looks))


def more_often(found: Difference) -> str:
    """Whether 42 is not normal more often than other model seeds, with other loader seeds."""
    if found.low > 0:
        return HOLDS
    return FAILS if found.high < NO_MORE else UNKNOWN


def matters(found: Difference) -> str:
    """Whether one split for all changes how often model seeds are not normal."""
    if found.low > 0 or found.high < 0:
        return HOLDS
    return FAILS if max(-found.low, found.high) < NO_MATTER else UNKNOWN
