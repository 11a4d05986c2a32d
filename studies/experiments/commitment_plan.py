"""The runs of study E: 8 pairs in 16 fresh orders, and 24 further winners in 4 (plan.md)."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from experiments.base_runs import LOADER
from experiments.study_of_pairs import planned
from grokseed.seeds import Seeds

OUT, MORE = Path("results/commitment"), Path("results/commitment_more")
PAIRS, ORDERS = 8, range(3000, 3016)
WINNERS, MORE_ORDERS = 32, range(3000, 3004)
LOOKED_AT = (272, 657, 1_425)
"""Numbers of runs of both parts at which the rule was asked. The plan was one time, of all runs."""

STEPS = (0, 220, 440, 880, 1320, 1760, 2640, 3520)
"""Multiples of an epoch's 22 steps: a new order begins with an epoch."""

Rows = Iterator[tuple[Seeds, dict[str, object]]]


def plan(pairs: pd.DataFrame) -> pd.DataFrame:
    """The runs of the pairs, each with its `pair`, `role`, `branch` step and `order`."""
    roles = [(pair, role) for pair in pairs.to_dict("records") for role in ("winner", "loser")]
    return planned([row for pair, role in roles for row in _branches(pair, role, ORDERS)])


def further(pairs: pd.DataFrame) -> pd.DataFrame:
    """The runs of the winners of the pairs after the first 8, as `plan` gives them."""
    rest = pairs.loc[pairs["pair"] >= PAIRS].to_dict("records")
    return planned([row for pair in rest for row in _branches(pair, "winner", MORE_ORDERS)])


def _branches(pair: dict, role: str, orders: range) -> Rows:
    for step in STEPS:
        for order in orders:
            graft = f"branch-{step}={order}"
            labels = {"pair": pair["pair"], "role": role, "branch": step, "order": order}
            yield Seeds(pair["split_seed"], pair[role], LOADER, LOADER + 1, graft), labels
