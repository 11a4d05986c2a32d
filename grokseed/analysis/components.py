"""Which seed carries the luck: shares of the variance of a crossed design, with intervals. No
torch."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import f

DRAWS = 20_000
ROUNDING = "rounding"


def components(
    values: ArrayLike,
    factors: tuple[str, str, str] = ("split", "model", "loader"),
    twins: ArrayLike | None = None,
    level: float = 0.95,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Shares of the variance of a three-way crossed design of random factors, one run a cell.

    Components come from the mean squares of the analysis of variance. Intervals are generalised
    confidence intervals: each mean square divided by a draw of its chi-squared distribution gives a
    draw of its expectation, and so of every share; the limits are percentiles of the draws.
    Tests of interactions are exact F tests, those of main effects Satterthwaite's quasi F.

    By chance a mean square may be smaller than its expectation without the term. The upper limit
    would then be near 0. So no upper limit is below the one that this expectation would give (a
    power-constrained limit; it covers more than `level` of small shares).

    Sources: Searle, Casella and McCulloch, Variance Components (1992), chapter 4; Weerahandi,
    Journal of the American Statistical Association 88 (1993), 899; Satterthwaite, Biometrics
    Bulletin 2 (1946), 110; Cowan, Cranmer, Gross and Vitells, arXiv 1105.3166 (2011).

    Args:
        values: (a, b, c), an outcome such as log t98; each axis is a factor with at least two
            levels.
        factors: names of the three axes.
        twins: (m, 2), outcomes of pairs of runs that differ in rounding alone. Without them the
            highest interaction and rounding share one row.
        level: coverage of the intervals.
        draws: number of draws that the limits are percentiles of.

    Returns:
        A row for each factor, each interaction (`split:model`, ...) and `rounding`: `variance`,
        `share` of the total with `low` and `high`, `freedom`, and `p` of the F test that it is 0
        (NaN if there is no test).

    Raises:
        ValueError: not three axes, an axis of one level, or values that are not finite.
    """
    y = np.asarray(values, np.float64)
    pairs = np.empty((0, 2)) if twins is None else np.asarray(twins, np.float64)
    if y.ndim != 3 or min(y.shape) < 2:
        raise ValueError(f"values must have three axes of at least two levels, not {y.shape}")
    if not (np.isfinite(y).all() and np.isfinite(pairs).all()):
        raise ValueError("values must be finite: a design with missing cells has no mean squares")
    terms = [term for size in (1, 2, 3) for term in combinations(range(3), size)]
    squares, freedom = zip(*(_mean_square(y, term) for term in terms), strict=True)
    squares, freedom = list(squares), list(freedom)
    if len(pairs):
        squares.append(float(np.mean((pairs[:, 0] - pairs[:, 1]) ** 2) / 2))
        freedom.append(len(pairs))
    random = np.random.default_rng(0)
    chi = np.stack([random.chisquare(df, draws) / df for df in freedom])
    one = np.array(squares)[:, None]
    found = _variances(one, y.shape, bool(len(pairs)))[:, 0]
    drawn = _variances(one / chi, y.shape, bool(len(pairs)))
    tails = (1 - level) / 2, (1 + level) / 2
    low, high = np.quantile(drawn / drawn.sum(0), tails, axis=1)
    for i, expected in enumerate(_without(squares, bool(len(pairs)))):
        if squares[i] < expected:
            even = one.copy()
            even[i] = expected
            drawn = _variances(even / chi, y.shape, bool(len(pairs)))
            high[i] = max(high[i], float(np.quantile(drawn[i] / drawn.sum(0), tails[1])))
    names = [":".join(factors[axis] for axis in term) for term in terms]
    names = [*names, ROUNDING] if len(pairs) else [*names[:-1], f"{names[-1]} and {ROUNDING}"]
    return pd.DataFrame(
        {
            "term": names,
            "variance": found,
            "share": found / found.sum(),
            "low": low,
            "high": high,
            "freedom": freedom,
            "p": _p_values(squares, freedom, bool(len(pairs))),
        }
    )


def _mean_square(y: np.ndarray, term: tuple[int, ...]) -> tuple[float, int]:
    """The mean square of a factor or interaction, and its degrees of freedom."""
    others = tuple(axis for axis in range(y.ndim) if axis not in term)
    effect = y.mean(others, keepdims=True)
    for axis in term:
        effect = effect - effect.mean(axis, keepdims=True)
    freedom = int(np.prod([y.shape[axis] - 1 for axis in term]))
    return float((effect**2).sum() * y.size / effect.size / freedom), freedom


def _variances(squares: np.ndarray, shape: tuple[int, ...], twins: bool) -> np.ndarray:
    """Variance components (terms, draws) from mean squares in the order A B C AB AC BC ABC (e)."""
    a, b, c = shape
    s_a, s_b, s_c, s_ab, s_ac, s_bc, s_abc, *rounding = squares
    found = [
        (s_a - s_ab - s_ac + s_abc) / (b * c),
        (s_b - s_ab - s_bc + s_abc) / (a * c),
        (s_c - s_ac - s_bc + s_abc) / (a * b),
        (s_ab - s_abc) / c,
        (s_ac - s_abc) / b,
        (s_bc - s_abc) / a,
        s_abc - rounding[0] if twins else s_abc,
        *rounding,
    ]
    return np.maximum(found, 0)


def _without(squares: list[float], twins: bool) -> list[float]:
    """What each mean square would be, given the others, if its term had no variance."""
    _, _, _, ab, ac, bc, abc, *rounding = squares
    pairs = [ab + ac - abc, ab + bc - abc, ac + bc - abc]
    return [*pairs, abc, abc, abc, *(rounding if twins else [])]


def _p_values(squares: list[float], freedom: list[int], twins: bool) -> list[float]:
    """F tests: an interaction of two against that of three, that of three against rounding."""
    s, df = squares, freedom
    pairs_of = ((3, 4), (3, 5), (4, 5))  # the interactions of two that hold each factor
    tests = [_quasi_f(s[i], df[i], s[6], df[6], *pairs_of[i], s, df) for i in range(3)]
    tests += [float(f.sf(s[i] / s[6], df[i], df[6])) for i in (3, 4, 5)]
    return [*tests, float(f.sf(s[6] / s[7], df[6], df[7])), np.nan] if twins else [*tests, np.nan]


def _quasi_f(
    own: float, own_df: int, abc: float, abc_df: int, i: int, j: int, s: list, df: list
) -> float:
    above = (own + abc) ** 2 / (own**2 / own_df + abc**2 / abc_df)
    below = (s[i] + s[j]) ** 2 / (s[i] ** 2 / df[i] + s[j] ** 2 / df[j])
    return float(f.sf((own + abc) / (s[i] + s[j]), above, below))
