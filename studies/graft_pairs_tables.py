"""Accuracies of losers with a winner's layers and with another loser's, over whole pairs."""

from itertools import product

import pandas as pd
from diary_claims.verdict import Number, within

from grokseed.analysis.differences import Difference, mean_difference
from grokseed.records.row import SEEDS

SPLITS = ("loser", "winner")
OWN, WINNERS, GRAFT, SHAM = "loser", "winner", "winner's layers", "another loser's layers"
WEIGHTS = OWN, WINNERS, GRAFT, SHAM
CLAIMED = 0.5, 0.7
"""The diary's accuracies of 56 with these layers of 42, where it has 0.01 itself."""


def cells(planned: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The rows of the plan with `accuracy`, of the pairs of which all 8 runs are there."""
    graft = runs["graft"].fillna("") if "graft" in runs else ""
    seen = runs.assign(graft=graft, accuracy=runs["screen_val_accuracy"].astype(float))
    done = pd.merge(planned, seen[[*SEEDS, "accuracy"]], on=SEEDS).dropna(subset=["accuracy"])
    whole = done.groupby("pair")["accuracy"].transform("size") == len(SPLITS) * len(WEIGHTS)
    return done.loc[whole].reset_index(drop=True)


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row for each split and weights: the mean accuracy over pairs, with Student's interval."""
    rows = []
    for split, weights in product(SPLITS, WEIGHTS):
        own = done.loc[(done["split"] == split) & (done["weights"] == weights), "accuracy"]
        found = mean_difference(own, most=1)
        limits = found.mean, max(found.low, 0.0), found.high
        rows.append((split, weights, found.n, *limits))
    return pd.DataFrame(rows, columns=["split", "weights", "pairs", "accuracy", "low", "high"])


def gain(done: pd.DataFrame, split: str) -> Difference:
    """The accuracy with the winner's layers minus that with the other loser's, over pairs."""
    own = done.loc[done["split"] == split]
    wide = own.pivot_table("accuracy", "pair", "weights").reindex(columns=list(WEIGHTS))
    return mean_difference(wide[GRAFT] - wide[SHAM], most=1)


def verdict(found: Difference) -> str:
    """Whether the layers give what the diary saw."""
    return within(Number(found.mean, found.low, found.high), *CLAIMED)
