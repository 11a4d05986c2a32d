"""One kind of runs or two? Normal, skew-normal and two-component fits, some values censored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, logsumexp, owens_t

from grokseed.analysis.bivariate import LOG_2PI
from grokseed.analysis.profile import Bounds, best

LEAST_SPREAD = 0.05
"""Least spread of a component, as a share of the spread of all values: around a single value, or
several equal ones, its likelihood would be unbounded."""

DECIDES = 10.0
"""A difference of BIC that decides: odds of e^5 = 150 (Kass and Raftery, Journal of the American
Statistical Association 90 (1995), 773: "very strong")."""

_MEAN, _SPREAD, _SHAPE = (-9.0, 9.0), (float(np.log(LEAST_SPREAD)), 3.0), (-50.0, 50.0)
BOUNDS: dict[int, Bounds] = {
    2: [_MEAN, _SPREAD],
    3: [_MEAN, _SPREAD, _SHAPE],
    5: [(-9.0, 9.0), _MEAN, _MEAN, _SPREAD, _SPREAD],
}
"""Bounds of the parameters of the three fits, whose values are in units of the spread of all."""

Density = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Kinds:
    """Three fits of the same values; a smaller BIC is a better one.

    Attributes:
        n: values, including censored ones.
        normal: BIC of one normal distribution (2 parameters).
        skewed: BIC of one skew-normal distribution (3 parameters), which has one peak.
        mixed: BIC of two normal distributions (5 parameters).
        share: of the component with the lower mean.
        means: of the two components, rising.
        spreads: standard deviations of the two components, in the order of `means`.
    """

    n: int
    normal: float
    skewed: float
    mixed: float
    share: float
    means: tuple[float, float]
    spreads: tuple[float, float]

    @property
    def gain(self) -> float:
        """BIC of the better one of the two single fits minus that of two components."""
        return min(self.normal, self.skewed) - self.mixed


def kinds(values: ArrayLike, seen: ArrayLike | None = None) -> Kinds:
    """Fit one normal, one skew-normal and two normal distributions by maximum likelihood.

    BIC = k log n - 2 log likelihood (Schwarz, Annals of Statistics 6 (1978), 461). A skewed
    distribution of one peak is fitted better by two components than by one normal, so a claim of
    two kinds must beat the skew-normal as well (Azzalini, Scandinavian Journal of Statistics 12
    (1985), 171). Each fit starts from several points and the best is kept.

    Args:
        values: (n,), such as log times.
        seen: bool (n,), whether a value is exact; if not, the true one is larger. By default all
            are exact.

    Raises:
        ValueError: arrays of different lengths, values that are not finite, or fewer than ten
            different exact ones.
    """
    y = np.asarray(values, np.float64)
    exact = np.ones(len(y), bool) if seen is None else np.asarray(seen, bool)
    if exact.shape != y.shape or not np.isfinite(y).all():
        raise ValueError("values must be finite, and seen as long as they")
    if len(np.unique(y[exact])) < 10:
        raise ValueError("a fit of two components needs ten different values")
    centre, scale = float(y[exact].mean()), float(y[exact].std())
    z = (y - centre) / scale
    fits = [
        _best(density, starts, z, exact)
        for density, starts in (
            (_normal, [[0.0, 0.0]]),
            (_skewed, [[*_at_mean_0(skew), skew] for skew in (-10.0, -3.0, -1.0, 1.0, 3.0, 10.0)]),
            (_mixed, [_start(z[exact], share) for share in (0.05, 0.2, 0.5, 0.8, 0.95)]),
        )
    ]
    penalty = np.log(len(y))
    shift = 2 * float(exact.sum()) * np.log(scale)  # densities of y, not of z
    bic = [2 * loss + shift + len(x) * penalty for loss, x in fits]
    weight, means, spreads = _components(fits[2][1])
    order = np.argsort(means)
    return Kinds(
        n=len(y),
        normal=float(bic[0]),
        skewed=float(bic[1]),
        mixed=float(bic[2]),
        share=float(weight[order[0]]),
        means=_two(centre + scale * means[order]),
        spreads=_two(scale * spreads[order]),
    )


def _two(pair: np.ndarray) -> tuple[float, float]:
    return float(pair[0]), float(pair[1])


def _best(
    density: Density, starts: list[list[float]], z: np.ndarray, exact: np.ndarray
) -> tuple[float, np.ndarray]:
    """The lowest negative log likelihood that was found, and its parameters."""

    def loss(x: np.ndarray) -> float:
        log_density, log_beyond = density(x, z)
        return -float(np.where(exact, log_density, log_beyond).sum())

    found = [best(loss, start, BOUNDS[len(start)]) for start in starts]
    least = min(found, key=lambda fit: fit.loss)
    return least.loss, least.x


def _normal(x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    at = (z - x[0]) / np.exp(x[1])
    return -0.5 * at**2 - x[1] - LOG_2PI / 2, log_ndtr(-at)


def _skewed(x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`x`: location, log scale, shape."""
    at = (z - x[0]) / np.exp(x[1])
    inside = -0.5 * at**2 - x[1] - LOG_2PI / 2 + np.log(2) + log_ndtr(x[2] * at)
    beyond = np.exp(log_ndtr(-at)) + 2 * owens_t(at, x[2])
    return inside, np.log(np.maximum(beyond, np.finfo(float).tiny))


def _at_mean_0(shape: float) -> tuple[float, float]:
    """Location and log scale of the skew-normal of a shape that has mean 0 and spread 1.

    At shape 0 the likelihood is stationary (Azzalini 1985), so that a search from a start far from
    the values may end there.
    """
    lean = (2 / np.pi) ** 0.5 * shape / (1 + shape**2) ** 0.5
    scale = (1 - lean**2) ** -0.5
    return float(-lean * scale), float(np.log(scale))


def _mixed(x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`x`: log odds of the first component, two means, two log spreads."""
    weight, means, spreads = _components(x)
    parts = [
        _normal(np.array([mean, np.log(spread)]), z)
        for mean, spread in zip(means, spreads, strict=True)
    ]
    log_weight = np.log(weight)[:, None]
    inside, beyond = (np.stack(some) + log_weight for some in zip(*parts, strict=True))
    return np.asarray(logsumexp(inside, axis=0)), np.asarray(logsumexp(beyond, axis=0))


def _components(x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first = 1 / (1 + np.exp(-x[0]))
    return np.array([first, 1 - first]), x[1:3], np.exp(x[3:5])


def _start(z: np.ndarray, share: float) -> list[float]:
    """The lower part of the sorted values as one component, the rest as the other."""
    ordered = np.sort(z)
    cut = min(max(round(share * len(z)), 2), len(z) - 2)
    low, high = ordered[:cut], ordered[cut:]
    spreads = [float(np.log(max(part.std(), 2 * LEAST_SPREAD))) for part in (low, high)]
    return [float(np.log(share / (1 - share))), float(low.mean()), float(high.mean()), *spreads]
