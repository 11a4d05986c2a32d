"""Does a seed with which one run won help other runs as well? No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student


@dataclass(frozen=True)
class Lift:
    """How many times likelier another run wins if one with the same loader seed won.

    Attributes:
        n: runs.
        ratio: the probability given a winner with the same loader seed, over that given a winner
            with another; 1 if loader seeds do not matter. NaN if no two runs can be compared.
        low: lower 95 % limit.
        high: upper 95 % limit.
    """

    n: int
    ratio: float
    low: float
    high: float


def lift(won: ArrayLike, across: bool = False, level: float = 0.95) -> Lift:
    """Compare pairs of winners that share a loader seed with pairs that do not.

    The two runs of a pair have different initial weights and, by default, the same split, so that
    easy splits do not count as good loader seeds. If a loader seed's runs win at a rate p, the
    ratio is E[p²] / E[p]² over loader seeds. Interval: delete-one jackknife of the log ratio over
    splits with Student's t (Efron and Tibshirani, An Introduction to the Bootstrap (1993), 11).

    Args:
        won: 0 or 1, (splits, models, loaders), one run a cell.
        across: pairs of two splits instead of one.
        level: coverage.

    Raises:
        ValueError: not three axes with at least two seeds each, or values other than 0 and 1.
    """
    y = np.asarray(won, np.float64)
    if y.ndim != 3 or min(y.shape) < 2 or not np.isin(y, (0, 1)).all():
        raise ValueError("won must be 0 or 1, with two splits, models and loaders or more")
    counts = y.sum(1)
    own = np.einsum("sml,tmk->sltk", y, y)
    pairs = counts[:, :, None, None] * counts[None, None] - own  # (s, l, t, k): different weights
    same, other = _sums(pairs, across)
    ratio = _ratio(same.sum(), other.sum())
    splits = len(y)
    kept = [np.delete(np.arange(splits), i) for i in range(splits)]
    left = [
        _ratio(same[np.ix_(some, some)].sum(), other[np.ix_(some, some)].sum()) for some in kept
    ]
    if not np.isfinite([ratio, *left]).all() or min(ratio, *left) <= 0:
        return Lift(y.size, ratio, float("nan"), float("nan"))
    logs = np.log(left)
    error = float(np.sqrt((splits - 1) / splits * np.sum((logs - logs.mean()) ** 2)))
    half = float(student.ppf((1 + level) / 2, splits - 1)) * error
    return Lift(y.size, ratio, float(ratio * np.exp(-half)), float(ratio * np.exp(half)))


def _sums(pairs: np.ndarray, across: bool) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of winners per pair of loaders, with the same loader seed or not: (splits, splits)."""
    splits, loaders = pairs.shape[:2]
    same = np.einsum("sltl->st", pairs) / loaders
    other = (pairs.sum((1, 3)) - same * loaders) / (loaders * (loaders - 1))
    counted = ~np.eye(splits, dtype=bool) if across else np.eye(splits, dtype=bool)
    return same * counted, other * counted


def _ratio(same: float, other: float) -> float:
    return float(same / other) if other > 0 else float("nan")
