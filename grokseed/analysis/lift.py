"""Does a seed with which one run won help other runs as well? No torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from grokseed.analysis.significance import detectable


@dataclass(frozen=True)
class Lift:
    """How many times likelier another run wins if one with the same loader seed won.

    Attributes:
        n: runs whose outcome is known.
        ratio: the probability given a winner with the same loader seed, over that given a winner
            with another; 1 if loader seeds do not matter. NaN if no two runs can be compared.
        low: lower 95 % limit.
        high: upper 95 % limit.
        detectable: the smallest ratio above 1 that would have been found with 80 % power.
    """

    n: int
    ratio: float
    low: float
    high: float
    detectable: float


def lift(won: ArrayLike, across: bool = False, level: float = 0.95) -> Lift:
    """Compare pairs of winners that share a loader seed with pairs that do not.

    The two runs of a pair have different initial weights and, by default, the same split, so that
    easy splits do not count as good loader seeds. If a loader seed's runs win at a rate p, the
    ratio is E[p²] / E[p]² over loader seeds. Interval: delete-one jackknife of the log ratio over
    splits with Student's t (Efron and Tibshirani, An Introduction to the Bootstrap (1993), 11).

    Args:
        won: 0 or 1, (splits, models, loaders), one run a cell; NaN if missing, by chance.
        across: pairs of two splits instead of one.
        level: coverage.

    Raises:
        ValueError: not three axes with at least two seeds each, or values other than 0 and 1.
    """
    y = np.asarray(won, np.float64)
    known = ~np.isnan(y)
    if y.ndim != 3 or min(y.shape) < 2 or not np.isin(y[known], (0, 1)).all():
        raise ValueError("won must be 0 or 1, with two splits, models and loaders or more")
    won_both, ran_both = (_sums(_pairs(v), across) for v in (np.where(known, y, 0.0), known * 1.0))
    n, splits = int(known.sum()), len(y)

    def ratio_of(some: np.ndarray) -> float:
        square = np.ix_(some, some)
        same, other = (
            _ratio(won[square].sum(), ran[square].sum())
            for won, ran in zip(won_both, ran_both, strict=True)
        )
        return _ratio(same, other)

    ratio = ratio_of(np.arange(splits))
    left = [ratio_of(np.delete(np.arange(splits), i)) for i in range(splits)]
    if not np.isfinite([ratio, *left]).all() or min(ratio, *left) <= 0:
        return Lift(n, ratio, *(float("nan"),) * 3)
    logs = np.log(left)
    error = float(np.sqrt((splits - 1) / splits * np.sum((logs - logs.mean()) ** 2)))
    half = float(student.ppf((1 + level) / 2, splits - 1)) * error
    least = float(np.exp(detectable(error, splits - 1))) if error else float("nan")
    return Lift(n, ratio, float(ratio * np.exp(-half)), float(ratio * np.exp(half)), least)


def _pairs(values: np.ndarray) -> np.ndarray:
    """Sums of products over two different models: (split, loader, split, loader)."""
    sums = values.sum(1)
    return sums[:, :, None, None] * sums[None, None] - np.einsum("sml,tmk->sltk", values, values)


def _sums(pairs: np.ndarray, across: bool) -> tuple[np.ndarray, np.ndarray]:
    """Pairs with the same loader seed, and with two: (splits, splits)."""
    splits = len(pairs)
    same = np.einsum("sltl->st", pairs)
    other = pairs.sum((1, 3)) - same
    counted = ~np.eye(splits, dtype=bool) if across else np.eye(splits, dtype=bool)
    return same * counted, other * counted


def _ratio(same: float, other: float) -> float:
    return float(same / other) if other > 0 else float("nan")
