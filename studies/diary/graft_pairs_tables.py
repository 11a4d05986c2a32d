"""Accuracies of losers with a winner's layers and with another loser's, over whole pairs.

At step 3,000 the accuracy of a run is either near 0 or high, so that limits of a mean over a few
pairs say nothing. So the pairs are counted in which the winner's layers gain much, with the exact
limits of a share.
"""

from itertools import product

import pandas as pd

from common.verdict import Number, mostly, share, within
from grokseed.analysis.classify import DIARY
from grokseed.analysis.differences import mean_difference
from grokseed.analysis.rates import Rate, rate
from grokseed.records.row import SEEDS

SPLITS = ("loser", "winner")
OWN, WINNERS, GRAFT, SHAM = "loser", "winner", "winner's layers", "another loser's layers"
WEIGHTS = OWN, WINNERS, GRAFT, SHAM
CLAIMED = 0.5, 0.7
"""The diary's accuracies of 56 with these layers of 42, where it has 0.01 itself."""
MUCH = CLAIMED[0] / 2
"""From here on a gain, or an accuracy, is nearer to the diary's lowest than to 0."""
CHANGED = "rule changed after 3 pairs had been seen; by the planned one: {}"
"""What is said beside the verdict, with that of `planned`."""


def cells(planned: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The rows of the plan with `accuracy`, of the pairs of which all 8 runs are there."""
    graft = runs["graft"].fillna("") if "graft" in runs else ""
    seen = runs.assign(graft=graft, accuracy=runs["screen_val_accuracy"].astype(float))
    done = pd.merge(planned, seen[[*SEEDS, "accuracy"]], on=SEEDS).dropna(subset=["accuracy"])
    whole = done.groupby("pair")["accuracy"].transform("size") == len(SPLITS) * len(WEIGHTS)
    return done.loc[whole].reset_index(drop=True)


def table(done: pd.DataFrame) -> pd.DataFrame:
    """A row for each split and weights.

    Returns:
        Columns `split`, `weights`, `pairs`, `accuracy` (mean over pairs), `least`, `most` (of any
        pair), `high` (pairs with `MUCH` or more), and their `share` with exact limits `share_low`
        and `share_high`.
    """
    rows = []
    for split, weights in product(SPLITS, WEIGHTS):
        own = done.loc[(done["split"] == split) & (done["weights"] == weights), "accuracy"]
        many = rate(int((own >= MUCH).sum()), len(own))
        spread = own.mean(), own.min(), own.max()
        rows.append((split, weights, many.n, *spread, many.k, many.share, many.low, many.high))
    columns = ["split", "weights", "pairs", "accuracy", "least", "most", "high"]
    return pd.DataFrame(rows, columns=[*columns, "share", "share_low", "share_high"])


def gains(done: pd.DataFrame, split: str) -> pd.Series:
    """The accuracy with the winner's layers minus that with the other loser's, one a pair."""
    own = done.loc[done["split"] == split]
    wide = own.pivot_table("accuracy", "pair", "weights").reindex(columns=list(WEIGHTS))
    return (wide[GRAFT] - wide[SHAM]).dropna()


def gained(done: pd.DataFrame, split: str) -> Rate:
    """In how many pairs the winner's layers gain `MUCH` or more over the other loser's."""
    found = gains(done, split)
    return rate(int((found >= MUCH).sum()), len(found))


def donors(done: pd.DataFrame) -> tuple[int, int]:
    """How many winners there are, none of them normal, and how many are super: by the screen rule,
    by the run with their own split."""
    own = done.loc[(done["split"] == "winner") & (done["weights"] == WINNERS), "accuracy"]
    return len(own), int((own > DIARY.super_accuracy).sum())


def planned(found: pd.Series) -> str:
    """What the planned rule says: whether the mean gain over pairs, with Student's limits, is one
    of the diary's accuracies."""
    mean = mean_difference(found)
    return within(Number(mean.mean, mean.low, mean.high), *CLAIMED)


def verdict(found: Rate) -> str:
    """Whether the layers give what the diary saw, as a rule."""
    return mostly(share(found.k, found.n))
