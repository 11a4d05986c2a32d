"""The Kaplan-Meier curve of runs that stand for several, with its pointwise limits. No torch."""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student


def weighted_curve(t: np.ndarray, event: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, ...]:
    """Event times, survival, lower and upper 95 % limit; four empty arrays without an event.

    The formulas are named in `survival.kaplan_meier`.

    Args:
        t: (runs,), steps to the event, or to the last step of a run without it.
        event: bool (runs,), whether the time is the event's.
        weight: (runs,), how many runs each stands for.

    Raises:
        ValueError: weights that do not fit the runs, or are below 1.
    """
    if weight.shape != t.shape or not np.all(weight >= 1):
        raise ValueError("weights must be one a run, and at least 1")
    if not event.any():
        return tuple(np.empty(0) for _ in range(4))
    steps = np.unique(t[event])
    order = np.argsort(t, kind="stable")
    t, event, weight = t[order], event[order], weight[order]
    behind = np.concatenate((np.cumsum(weight[::-1])[::-1], [0.0]))
    total = behind[np.searchsorted(t, steps)]
    left = 1 - np.bincount(np.searchsorted(steps, t[event]), weight[event]) / total
    survival = np.cumprod(left).clip(0)
    survival[survival < 1e-12] = 0
    low, high = np.zeros(len(steps)), np.ones(len(steps))
    some = survival > 0
    variance, freedom = _variance(t, event, weight, steps[some], left[some], total[some])
    error = student.ppf(0.975, freedom) * np.sqrt(variance)
    half = error / np.log(survival[some])
    low[some], high[some] = survival[some] ** np.exp(-half), survival[some] ** np.exp(half)
    high[~some] = high[some][-1] if some.any() else 1
    return steps, survival, low, high


def _variance(
    t: np.ndarray,
    event: np.ndarray,
    weight: np.ndarray,
    steps: np.ndarray,
    left: np.ndarray,
    total: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of log survival after each event time, and its degrees of freedom (Satterthwaite).

    A run's influence on it grows until the run's own time, and is constant after it.

    Args:
        t, event, weight: (runs,), by rising time.
        steps, left, total: (events,), event times, the share without an event at each, and the
            weight at risk.
    """
    rise = np.concatenate(([0.0], np.cumsum((1 - left) / (total * left))))
    passed = np.searchsorted(steps, t, side="right")
    jump = np.concatenate(([0.0], 1 / (total * left)))
    lasting = jump[passed] * event - rise[passed]  # after the run's own time
    gone = np.searchsorted(t, steps, side="right")
    rise = rise[1:]

    def summed(counts: np.ndarray, power: int) -> np.ndarray:
        ended = np.concatenate(([0.0], np.cumsum(counts * lasting**power)))[gone]
        still = counts.sum() - np.concatenate(([0.0], np.cumsum(counts)))[gone]
        return ended + still * (-rise) ** power

    variance = summed(weight, 2)
    unsure = np.zeros(len(steps))
    for w in np.unique(weight[weight > 1]):
        own = (weight == w).astype(np.float64)
        n = own.sum()
        squares = summed(own, 2) - (summed(own, 1) ** 2 / n if n > 1 else 0)
        added = n * w * (w - 1) * squares / max(n - 1, 1)
        variance += added
        unsure += added**2 / max(n - 1, 1)
    freedom = np.full(len(steps), np.inf)
    np.divide(variance**2, unsure, out=freedom, where=unsure > 0)
    return variance, freedom
