"""The runs of the base scans: fresh initial weights on each of 4 splits, and winners' twins."""

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

import grokseed
from common.part import counted
from experiments.base_tables import TWINS, has_won, own_weights
from experiments.bases import OWN, SPLITS
from grokseed.seeds import Seeds

LOADER = 100
EACH, SEARCH, MAX_STEPS = 64, 128, 22_000


def run(split: int, number: int, graft: str = "") -> Seeds:
    """The run with a number on a split. No two splits share model seeds."""
    return Seeds(split, 10_000 * split + number, LOADER, LOADER + 1, graft)


EACH_IN_F = 256
"""Seeds a split of study F, those of the base scan included."""


def design(first: int = 0, end: int = EACH) -> list[Seeds]:
    """The runs with some numbers on every split, shuffled so that a part is a fair sample."""
    runs = [run(split, number) for split in SPLITS for number in range(first, end)]
    return [runs[i] for i in np.random.default_rng(0).permutation(len(runs))]


def short(cuts: Mapping[int, float], operation: str = OWN.operation) -> grokseed.Config:
    """The config of runs that only have to show whether they win."""
    steps = 25 * math.ceil(max(cuts.values()) / 25)
    return grokseed.preset("mini", operation=operation, max_steps=steps, stop_when="t98")


def twins_of(runs: pd.DataFrame, cuts: Mapping[int, float]) -> list[Seeds]:
    """The twins of all winners, in the order in which they are trained."""
    winners = runs.loc[has_won(runs, cuts)].sort_values(by=["split_seed", "model_seed"])
    return [
        Seeds(row["split_seed"], row["model_seed"], LOADER, LOADER + 1, twin)
        for row in winners.to_dict("records")
        for twin in TWINS
    ]


def fresh(further: pd.DataFrame, search: int = SEARCH) -> pd.DataFrame:
    """The search's own seeds that count, without twins."""
    return counted(own_weights(further), design(EACH, EACH + search))
