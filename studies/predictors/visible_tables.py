"""How well the signals of a run tell winners from others at a step: each one, and all together."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata

from common.between_points import on_curve, points_of
from experiments.commitment_plan import STEPS
from grokseed.analysis.survival import numbers
from grokseed.analysis.verdicts import area
from predictors.visible_figure import TOGETHER

SEEN = 0.9
"""The area from which on a signal is said to show who wins."""


def within_splits(values: np.ndarray, splits: np.ndarray) -> np.ndarray:
    """Ranks within a split as shares of its runs, float64 (runs,)."""
    ranks = pd.Series(values).groupby(splits).transform(lambda x: rankdata(x) / len(x))
    return ranks.to_numpy(np.float64)


def together(ranks: np.ndarray, won: np.ndarray, splits: np.ndarray) -> np.ndarray:
    """A score of each run from all its signals, fitted on the runs of the other splits.

    It is Fisher's linear discriminant (Annals of Eugenics 7 (1936), 179), whose direction is that
    of the least-squares fit of the outcome on the signals.

    Args:
        ranks: (runs, signals).
        won: bool (runs,).
        splits: (runs,).
    """
    score = np.zeros(len(won))
    inputs = np.column_stack([np.ones(len(won)), ranks])
    for split in np.unique(splits):
        own = splits == split
        fitted = np.linalg.lstsq(inputs[~own], won[~own].astype(np.float64), rcond=None)[0]
        score[own] = inputs[own] @ fitted
    return score


def table(runs: pd.DataFrame, trajectories: pd.DataFrame) -> pd.DataFrame:
    """Areas by step and signal.

    Args:
        runs: with `won`, indexed by a run's number.
        trajectories: their points: `run`, `step`, and a column a signal.

    Returns:
        Columns `step`, `signal`, `sense` (which side is taken for that of winners), `n` (runs not
        at t98 by then), `winners` among them, and the area: `auc`, `low`, `high`. The signals
        together need two splits. A signal without any value has no row.
    """
    names = list(trajectories.drop(columns=["run", "step"]).dropna(axis="columns", how="all"))
    t98, rows = numbers(runs, "t98_step"), []
    last = numbers(trajectories, "step").max()
    for step in (s for s in STEPS[1:] if s <= last):  # at step 0 train signals have no value
        some = runs.loc[~(t98 <= step)]
        won, splits = some["won"].to_numpy(bool), some["split_seed"].to_numpy()
        points = points_of(some, trajectories)
        ranks = {
            name: sign(name)
            * within_splits(np.array([float(on_curve(p, name, step)) for p in points]), splits)
            for name in names
        }
        if len(set(splits)) > 1:
            score = together(np.column_stack(list(ranks.values())), won, splits)
            ranks[TOGETHER] = within_splits(score, splits)
        for name, own in ranks.items():
            found = area(own, won)
            sense = "" if name == TOGETHER else "higher" if sign(name) > 0 else "lower"
            n = len(won), int(won.sum())
            rows.append((step, name, sense, *n, found.auc, found.low, found.high))
    columns = ["step", "signal", "sense", "n", "winners", "auc", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def sign(signal: str) -> int:
    """The side of winners: a higher accuracy, a lower loss, a lower norm."""
    return 1 if signal.endswith("accuracy") else -1


def together_at(found: pd.DataFrame, step: int) -> dict:
    """The row of all signals together at a step of study E."""
    return found.loc[(found["step"] == step) & (found["signal"] == TOGETHER)].iloc[0].to_dict()


def first_seen(found: pd.DataFrame) -> tuple[int, str] | None:
    """The first step at which a signal's area is `SEEN` or more, and the signal with the largest;
    None if there is none."""
    seen = found.loc[found["auc"] >= SEEN]
    if seen.empty:
        return None
    row = seen.sort_values(["step", "auc"], ascending=[True, False]).iloc[0]
    return int(row["step"]), str(row["signal"])
