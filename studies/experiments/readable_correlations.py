"""Study F's correlations (studies/readable.py): characters and times."""

import numpy as np
import pandas as pd

from experiments.base_runs import MAX_STEPS
from grokseed.analysis.correlation import Correlation, pooled_ranks
from grokseed.config import Config
from grokseed.model.edits import characters
from grokseed.model.graft import initial_weights
from grokseed.seeds import Seeds
from grokseed.streams import generators
from grokseed.vocabulary import RESIDUE

ORDERS = (2, 3)
EARLY_STEP = 1750
"""The step of the lead's own outcome, the accuracy at the screen of mini_screen."""


def shares(config: Config, runs: pd.DataFrame) -> pd.DataFrame:
    """The share of each order in the squared norm of each run's token embedding of residues."""
    bases = {order: characters(config, order) for order in ORDERS}
    rows = []
    for row in runs.to_dict("records"):
        streams = ("split", "model", "loader", "val")
        seeds = Seeds(*(row[f"{stream}_seed"] for stream in streams))
        stream = generators(seeds, config.scheme, config.n_examples).model
        weights = initial_weights(config, seeds, stream)["token_embedding.weight"]
        residues = weights[RESIDUE : RESIDUE + config.p].double()
        whole = float(residues.square().sum())
        rows.append([float((b @ residues).square().sum()) / whole for b in bases.values()])
    return pd.DataFrame(rows, index=runs.index, columns=[f"order_{order}" for order in ORDERS])


def log_time(runs: pd.DataFrame) -> pd.Series:
    """log t98; log MAX_STEPS if a run did not reach it, empty if it crashed."""
    time = runs["t98_step"].astype(float).fillna(MAX_STEPS)
    return pd.Series(np.log(time), runs.index).where(runs["steps"].notna())


def correlations(runs: pd.DataFrame) -> dict[int, Correlation]:
    """Each order's rank correlation with log t98 within splits.

    Args:
        runs: with `split_seed`, `t98_step`, `steps`, `order_2` and `order_3`.
    """
    time = log_time(runs)
    return {o: pooled_ranks(runs[f"order_{o}"], time, runs["split_seed"]) for o in ORDERS}


def lead(looked_at: pd.DataFrame) -> dict[int, Correlation]:
    """Each order's rank correlation with luck in the runs looked at before, as one with times.

    Luck there is the screen's validation accuracy. A higher one is an earlier run, so its sign is
    turned. How large the correlation with t98 itself is, these runs do not say.

    Args:
        looked_at: with `split_seed`, `screen_val_accuracy`, `order_2` and `order_3`.
    """
    late = -looked_at["screen_val_accuracy"].astype(float)
    split = looked_at["split_seed"]
    return {o: pooled_ranks(looked_at[f"order_{o}"], late, split) for o in ORDERS}


def stronger(fresh: dict[int, Correlation]) -> int:
    """The order that correlates more with the times of the fresh seeds."""
    return max(ORDERS, key=lambda o: abs(np.nan_to_num(fresh[o].rho)))
