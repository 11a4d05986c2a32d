"""How far from a point an effect reaches: a logistic curve over radii, with a bootstrap over seeds.

No torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import least_squares
from scipy.special import expit

DRAWS = 1000
BEYOND = 4.0
"""The fitted radius lies at most this many times outside the range of radii that were tried."""


@dataclass(frozen=True)
class Radius:
    """Where a curve crosses half of its height.

    Attributes:
        radius: in the unit of the radii. Outside the range that was tried it is an extrapolation.
        low, high: its 95 % interval.
        slope: of the logistic curve, per unit of log radius.
        n: seeds of the smaller side.
    """

    radius: float
    low: float
    high: float
    slope: float
    n: int


def half_radius(
    radii: ArrayLike, treated: ArrayLike, others: ArrayLike, height: float, draws: int = DRAWS
) -> Radius:
    """The radius at which half of an effect is left.

    The effect at a radius is the mean over treated seeds minus that over other seeds. The curve is
    height / (1 + (r / radius)^slope), fitted to it by least squares. The interval is the
    percentiles of a bootstrap over the seeds of both sides (Efron and Tibshirani, An Introduction
    to the Bootstrap (1993), chapter 13).

    Args:
        radii: (k,), above 0.
        treated: (n, k), a seed's value at each radius; NaN where it is not known.
        others: (m, k), the same of the other side.
        height: the effect at radius 0.
        draws: number of bootstrap samples.

    Raises:
        ValueError: arrays that do not fit, a radius not above 0, or a radius without a seed of
            either side.
    """
    r = np.asarray(radii, np.float64)
    sides = [np.asarray(side, np.float64) for side in (treated, others)]
    for y in sides:
        if y.ndim != 2 or y.shape[1:] != r.shape or not len(y):
            raise ValueError(f"both sides must be (seeds, {r.size}), not {y.shape}")
        if np.isnan(y).all(0).any():
            raise ValueError("every radius must have a seed of each side")
    if not np.all(r > 0):
        raise ValueError("radii must be above 0")
    starts = [(middle, 0.5) for middle in np.quantile(np.log(r), [0.1, 0.5, 0.9])]
    radius, slope = _fitted(r, sides, height, starts)
    random = np.random.default_rng(0)
    drawn = []
    for _ in range(draws):
        some = [y[random.integers(0, len(y), len(y))] for y in sides]
        if not any(np.isnan(y).all(0).any() for y in some):
            # Start from the fit of all seeds: it is close, and three starts are slow.
            drawn.append(_fitted(r, some, height, [(np.log(radius), np.log(slope))])[0])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Radius(radius, float(low), float(high), slope, min(map(len, sides)))


def curve(radii: ArrayLike, found: Radius, height: float) -> np.ndarray:
    """The fitted effect at some radii, in their shape."""
    log = np.log(np.asarray(radii, np.float64) / found.radius)
    return height * expit(-found.slope * log)


def _fitted(
    radii: np.ndarray, sides: list[np.ndarray], height: float, starts: list[tuple[float, float]]
) -> tuple[float, float]:
    """Radius and slope, from the best of the starts, which are pairs of logarithms."""
    treated, others = (np.nanmean(side, axis=0) for side in sides)
    means, weights = treated - others, sum(1 / np.sum(~np.isnan(y), axis=0) for y in sides) ** -0.5
    log, edge = np.log(radii), np.log(BEYOND)

    def residuals(at: np.ndarray) -> np.ndarray:
        return weights * (means - height * expit(-np.exp(at[1]) * (log - at[0])))

    def slopes(at: np.ndarray) -> np.ndarray:
        """Derivatives of the residuals by both logarithms."""
        slope = np.exp(at[1])
        place = -slope * (log - at[0])
        change = -weights * height * expit(place) * expit(-place)
        return np.stack([change * slope, change * place], axis=1)

    bounds = ([log.min() - edge, -1.5], [log.max() + edge, 3.0])
    inside = np.clip(
        starts, *(np.array(limit) + pad for limit, pad in zip(bounds, (1e-6, -1e-6), strict=True))
    )
    how: dict[str, Any] = {"jac": slopes, "bounds": bounds}  # the stubs know no function for jac
    fits = [least_squares(residuals, start, **how) for start in inside]
    best = min(fits, key=lambda fit: fit.cost).x
    return float(np.exp(best[0])), float(np.exp(best[1]))
