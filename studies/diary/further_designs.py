"""Two designs of the diary's own sizes, compared with its scan: further loader seeds of model seed
42, and one split for all models. The rules are those of `studies/plan.md`."""

import numpy as np
import pandas as pd

from common.verdict import FAILS, HOLDS, UNKNOWN
from diary.known_seeds import BY_HAND, KNOWN_LOADERS
from experiments.looks import coverage, looks_at
from grokseed.analysis.classify import classify, without
from grokseed.analysis.differences import Difference, shares_apart

LOADERS, ONE_SPLIT, CONTROL = "loaders_of_42", "models_of_split_0", "diary_scan"
"""Folders; those of a card's runs have other names, and are judged by the same rules."""

LOOKED_AT: dict[str, tuple[tuple[int, int], ...]] = {LOADERS: ((50, 702),), ONE_SPLIT: ((53, 702),)}
"""Seeds of a design and of the control that were there when its rule was asked. With more of either
it is asked once more."""

SMALL = {LOADERS: 0.1, ONE_SPLIT: 0.05}
"""A difference of shares that is too small to count."""


def sample(runs: pd.DataFrame, name: str) -> pd.DataFrame:
    """The runs of seeds whose fate was not known."""
    if name == LOADERS:
        own = runs.loc[runs["model_seed"] == BY_HAND]
        return own.loc[~own["loader_seed"].isin(KNOWN_LOADERS)]
    return without(runs, {BY_HAND})


def early(runs: pd.DataFrame) -> np.ndarray:
    """Which of the runs whose class is known are not normal at the screen."""
    return (classify(runs, "screen").dropna() != "normal").to_numpy()


def looks(runs: pd.DataFrame, control: pd.DataFrame, name: str) -> int:
    """How many times a design's rule has been asked, once it is asked of these samples."""
    return looks_at(LOOKED_AT[name], (len(early(runs)), len(early(control))))


def apart(runs: pd.DataFrame, control: pd.DataFrame, looks: int = 1) -> Difference:
    """The share of runs that are not normal, less that of the control. Runs without a class, such
    as those that an early verdict stopped, are in neither.

    Args:
        runs, control: samples of a design and of the diary's scan.
        looks: how many times a rule is asked of such limits; they are of 95 % for one.
    """
    return shares_apart(early(runs), early(control), level=1 - coverage(looks))


def more_often(found: Difference) -> str:
    """Whether 42 is not normal more often than other model seeds, with other loader seeds."""
    if found.low > 0:
        return HOLDS
    return FAILS if found.high < SMALL[LOADERS] else UNKNOWN


def matters(found: Difference) -> str:
    """Whether one split for all changes how often model seeds are not normal."""
    if found.low > 0 or found.high < 0:
        return HOLDS
    return FAILS if max(-found.low, found.high) < SMALL[ONE_SPLIT] else UNKNOWN


RULES = {LOADERS: more_often, ONE_SPLIT: matters}
