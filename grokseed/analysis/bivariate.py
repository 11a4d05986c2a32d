"""The likelihood of pairs of censored times whose logs are bivariate normal. No torch."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import log_ndtr, ndtr

from grokseed.analysis.profile import Best, best, held, influence, profile_interval

LOG_2PI = float(np.log(2 * np.pi))
MOST_CORRELATION = 4.0
"""Bound of atanh(correlation): 0.9993. With equal times the likelihood would be unbounded."""
NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


def upper_orthant(h: ArrayLike, k: ArrayLike, correlation: float) -> np.ndarray:
    """The probability that two standard normals with a correlation lie above h and k.

    Source: Drezner and Wesolowsky, J. Statist. Comput. Simul. 35 (1990), 101: Plackett's integral
    over the angle whose sine is the correlation, by Gauss and Legendre.
    """
    h, k = np.asarray(h, np.float64)[..., None], np.asarray(k, np.float64)[..., None]
    half = np.arcsin(correlation) / 2
    angle = half * (NODES + 1)
    power = -(h * h + k * k - 2 * h * k * np.sin(angle)) / (2 * np.cos(angle) ** 2)
    together = half / (2 * np.pi) * (np.exp(power) @ WEIGHTS)
    return np.maximum(ndtr(-h[..., 0]) * ndtr(-k[..., 0]) + together, 1e-300)


class Likelihood:
    """Parameters: A's mean, B's mean minus A's, log of both spreads, atanh of the correlation.

    In units of the spread of all times about their mean, so that the search's step sizes suit any
    scan.
    """

    def __init__(
        self, a: np.ndarray, a_reached: np.ndarray, b: np.ndarray, b_reached: np.ndarray
    ) -> None:
        """Takes the times of `paired.Arms`, field by field."""
        a, b = np.log(a), np.log(b)
        seen = np.concatenate([a[~np.isnan(a)], b[~np.isnan(b)]])
        self.scale = max(float(seen.std()), 1e-3)
        a, b = (a - seen.mean()) / self.scale, (b - seen.mean()) / self.scale
        self.n, both = len(a), ~np.isnan(a) & ~np.isnan(b)
        kinds = [both & x & y for x in (a_reached, ~a_reached) for y in (b_reached, ~b_reached)]
        self.pairs = [(a[kind], b[kind]) for kind in kinds]
        single_a, single_b = ~np.isnan(a) & ~both, ~np.isnan(b) & ~both
        single = [single_a & a_reached, single_a & ~a_reached]
        single += [single_b & b_reached, single_b & ~b_reached]
        self.alone = [(a[single[0]], a[single[1]]), (b[single[2]], b[single[3]])]
        self.rows = [np.flatnonzero(some) for some in (kinds[0], *kinds, *single)]
        most = MOST_CORRELATION if both.any() else 0.0
        self.bounds = [(-50.0, 50.0), (None, None), (-6.0, 4.0), (-6.0, 4.0), (-most, most)]
        self.start = np.array([np.nanmean(a), np.nanmean(b) - np.nanmean(a), 0.0, 0.0, most / 10])

    def top(self) -> Best:
        return best(self.loss, self.start, self.bounds)

    def at(self, difference: float, top: Best) -> Best:
        return held(self.loss, top, self.bounds, 1, difference)

    def share_interval(self, top: Best, limit: float) -> tuple[float, float]:
        """Limits of the share of the variance of a difference of two logs that matching removes:
        twice their covariance over the sum of their variances.

        Without censored times, and of pairs alone, it follows from the interval of Pitman
        (Biometrika 31 (1939), 9) and Morgan (13) of a ratio of two variances, here of the sum and
        of the difference of the logs, which is exact.

        Args:
            top: the best point.
            limit: as `profile.correlation_limit` gives it.
        """
        start = Best(_of_sums(top.x), top.loss)
        bounds = [*self.bounds[:3], (-MOST_CORRELATION, MOST_CORRELATION)]
        bounds.append(bounds[-1])
        step = 2 / np.sqrt(self.n)
        found = profile_interval(lambda y: self.loss(_of_pairs(y)), start, bounds, 3, step, limit)
        return float(np.tanh(found[0])), float(np.tanh(found[1]))

    def influence(self, top: Best) -> np.ndarray:
        """What each row adds to the difference of the means, as `profile.influence`.

        Args:
            top: the best point.
        """
        sds, r = np.exp(top.x[2:4]), np.tanh(top.x[4])
        error = float(np.sqrt((np.sum(sds**2) - 2 * r * np.prod(sds)) / self.n))
        return influence(self.of_rows, top, self.bounds, 1, error)

    def loss(self, x: np.ndarray) -> float:
        """Minus the log-likelihood."""
        return -float(sum(term.sum() for term in self._terms(x)))

    def of_rows(self, x: np.ndarray) -> np.ndarray:
        """The log-likelihood of each row, float64 (rows,)."""
        found = np.zeros(self.n)
        for rows, term in zip(self.rows, self._terms(x), strict=True):
            found[rows] += term
        return found

    def _terms(self, x: np.ndarray) -> list[np.ndarray]:
        """Parts of the log-likelihood, each of the rows of `self.rows`. Most scans lack rows of
        some kinds; these parts are empty, as they are where nothing is computed."""
        means, logs, r = (x[0], x[0] + x[1]), (x[2], x[3]), np.tanh(x[4])
        sds, rest = (np.exp(logs[0]), np.exp(logs[1])), 1 - r * r
        root = np.sqrt(rest)
        z = [[(v - means[i]) / sds[i] for i, v in enumerate(p)] for p in self.pairs]
        (a, b), (c, d), (e, f), (g, h) = z
        terms = [
            _normal(a, logs[0]) if len(a) else a,
            _normal((b - r * a) / root, logs[1] + np.log(rest) / 2) if len(a) else a,
            _normal(c, logs[0]) + log_ndtr((r * c - d) / root) if len(c) else c,
            _normal(f, logs[1]) + log_ndtr((r * f - e) / root) if len(f) else f,
            np.log(upper_orthant(g, h, r)) if len(g) else g,
        ]
        for (reached, censored), mean, sd, log in zip(self.alone, means, sds, logs, strict=True):
            terms.append(_normal((reached - mean) / sd, log) if len(reached) else reached)
            terms.append(log_ndtr((mean - censored) / sd) if len(censored) else censored)
        return terms


def _normal(z: np.ndarray, log_sd: float) -> np.ndarray:
    return -(z * z + LOG_2PI) / 2 - log_sd


def _of_sums(x: np.ndarray) -> np.ndarray:
    """Both means, mean log spread of the sum and the difference of the two, half the log of the
    ratio of their variances, which is atanh(share), and atanh of their correlation.

    Args:
        x: the parameters of `Likelihood`.
    """
    a, b = np.exp(x[2:4])
    twice = 2 * np.tanh(x[4]) * a * b
    total, left = a * a + b * b + twice, a * a + b * b - twice
    alike = np.arctanh((a * a - b * b) / np.sqrt(total * left))
    return np.array([x[0], x[1], np.log(total * left) / 4, np.log(total / left) / 2, alike])


def _of_pairs(y: np.ndarray) -> np.ndarray:
    """The inverse of `_of_sums`."""
    both = np.cosh(y[3]), np.tanh(y[4])
    logs = y[2] + np.log([(both[0] + both[1]) / 2, (both[0] - both[1]) / 2]) / 2
    return np.array([y[0], y[1], *logs, np.arcsinh(np.sinh(y[3]) * np.cosh(y[4]))])
