"""The runs of study A (studies/anatomy.py), and which of its levels are complete."""

from dataclasses import astuple, replace
from itertools import product

import numpy as np
import pandas as pd

from common.part import seeds_of
from grokseed.seeds import Seeds

LEVELS, FIRST = 12, 8
SPLITS, MODELS, LOADERS = range(1, 13), range(5000, 5012), range(100, 112)
MAX_STEPS, TWIN = 22_000, "ulp=1"

STUDIES = {
    "anatomy": {},
    "anatomy_add": {"operation": "x+y"},
    "anatomy_wide": {"d_model": 96},
}
"""Folder below results/, and what its config changes about `mini`."""


def design(levels: int) -> list[Seeds]:
    """All runs on the first levels of each factor, cells and twins, in the order to train them."""
    random = np.random.default_rng(0)
    cells = [c for c in product(range(LEVELS), repeat=3) if max(c) < levels]
    blocks = [[c for c in cells if (max(c) < FIRST) == first] for first in (True, False)]
    runs = []
    for block in blocks:
        own = [_run(*cell) for cell in block]
        own += [replace(_run(*cell), graft=TWIN) for cell in block if has_twin(*cell)]
        runs += [own[i] for i in random.permutation(len(own))]
    return runs


def has_twin(i: int, j: int, k: int) -> bool:
    """Whether a cell has a twin: a third of all do, spread evenly over each factor's levels."""
    return (i + j + k) % 3 == 0


def _run(i: int, j: int, k: int) -> Seeds:
    return Seeds(SPLITS[i], MODELS[j], LOADERS[k], LOADERS[k] + 1)


def complete(runs: pd.DataFrame) -> int:
    """The most levels of each factor of which no run is missing, or else the first ones."""
    return max((n for n in (FIRST, LEVELS) if not missing(runs, n)), default=FIRST)


def missing(runs: pd.DataFrame, levels: int) -> set[tuple]:
    """The seeds of the cells and twins of the design that the runs lack."""
    return {astuple(run) for run in design(levels)} - set(seeds_of(runs))


def of_complete(runs: pd.DataFrame) -> pd.DataFrame:
    """The runs of the levels that are complete: those that the components are of. Further ones were
    stored when they ended, early ones first."""
    return of_levels(runs, complete(runs))


def of_levels(runs: pd.DataFrame, levels: int) -> pd.DataFrame:
    """The runs of the design's first levels."""
    wanted = {astuple(run) for run in design(levels)}
    return runs.loc[[seeds in wanted for seeds in seeds_of(runs)]]
