"""Ranks within a split, and the score that all signals of a run have together."""

import numpy as np
import pandas as pd
from scipy.stats import rankdata


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
