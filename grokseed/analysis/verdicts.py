"""How well signals tell early runs from others, and rules that keep the early ones. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata
from scipy.stats import t as student

from grokseed.analysis.rates import Rate, rate
from grokseed.early import SHARE_SPARED, Check

MISSED = 0.03
"""Share of early runs that a cut is allowed to miss."""


@dataclass(frozen=True)
class Area:
    """The area under the ROC curve: how often an early run's signal is above another run's.

    Attributes:
        auc: 0 to 1; NaN without runs of both kinds.
        low, high: its 95 % interval.
    """

    auc: float
    low: float
    high: float


def area(signal: np.ndarray, early: np.ndarray) -> Area:
    """The area under the ROC curve with its interval on the logit scale.

    Sources: DeLong, DeLong and Clarke-Pearson, Biometrics 44 (1988), 837; Pepe, The Statistical
    Evaluation of Medical Tests (2003), 5.2; with Student's t for the smaller group of runs, as
    normal limits are too narrow for few. An area of 0 or 1, one of equal signals and one
    with a single run on a side have the exact limits of a share of the smaller group.

    Args:
        signal: (runs,).
        early: bool (runs,).
    """
    yes, no = signal[early], signal[~early]
    m, n = len(yes), len(no)
    if not m or not n:
        return Area(np.nan, 0.0, 1.0)
    ranks = rankdata(np.concatenate((yes, no)))
    above = (ranks[:m] - rankdata(yes)) / n  # for each early run the share of others below it
    below = 1 - (ranks[m:] - rankdata(no)) / m
    auc = float(above.mean())
    fewer = min(m, n)
    variance = float(np.var(above, ddof=1) / m + np.var(below, ddof=1) / n) if fewer > 1 else 0.0
    if auc in (0, 1) or not variance:
        exact = rate(round(auc * fewer), fewer)
        return Area(auc, exact.low, exact.high)
    error = variance**0.5 / (auc * (1 - auc))
    middle, half = np.log(auc / (1 - auc)), float(student.ppf(0.975, fewer - 1)) * error
    low, high = (1 / (1 + np.exp(-(middle + side * half))) for side in (-1, 1))
    return Area(auc, float(low), float(high))


@dataclass(frozen=True)
class Whole:
    """Runs that went to their end.

    Attributes:
        model: (runs,), seeds.
        steps: (runs,), that each took.
        early: bool (runs,).
        signals: by signal and step, values (runs,).
    """

    model: np.ndarray
    steps: np.ndarray
    early: np.ndarray
    signals: dict[str, dict[int, np.ndarray]]

    def of(self, some: np.ndarray) -> Whole:
        """Some of them."""
        signals = {k: {s: v[some] for s, v in by.items()} for k, by in self.signals.items()}
        return Whole(self.model[some], self.steps[some], self.early[some], signals)

    def fails(self, check: Check) -> np.ndarray:
        """Whether each run reaches a check and fails it, bool (runs,)."""
        value = self.signals[check.signal][check.step]
        below = value < check.cut if check.side == "<" else value > check.cut
        return ~below & (self.steps > check.step)


def judged(runs: Whole, checks: Sequence[Check]) -> tuple[Rate, float]:
    """Recall of early runs under a rule, and the factor by which it reduces the steps of all runs.

    A tenth of those that fail goes on to its end, and is not counted as kept.

    Args:
        checks: in the order of their steps.
    """
    taken, kept = under(runs, checks)
    recall = rate(int(np.sum(kept & runs.early)), int(np.sum(runs.early)))
    return recall, float(runs.steps.sum() / taken.sum())


def under(runs: Whole, checks: Sequence[Check]) -> tuple[np.ndarray, np.ndarray]:
    """The steps that each run takes under a rule, on average, and whether it is kept, (runs,)."""
    taken, kept = runs.steps.astype(np.float64), np.ones(len(runs.steps), bool)
    for check in checks:
        stops = kept & runs.fails(check)
        taken[stops] += (1 - 1 / SHARE_SPARED) * (check.step - taken[stops])
        kept &= ~stops
    return taken, kept


def fitted_check(runs: Whole, signal: str, step: int) -> Check:
    """The check at a step that is expected to miss a share `MISSED` of new early runs.

    Of new early runs, an expected share of k / (n + 1) lies below the k-th lowest of n. So k is the
    largest number for which this share is at most `MISSED`, but at least 1, and the cut lies just
    below the k-th lowest. If early runs have a low signal, the same holds from above.

    Raises:
        ValueError: no run is early.
    """
    value = runs.signals[signal][step]
    if not runs.early.any():
        raise ValueError("no run is early")
    above = area(value, runs.early).auc >= 0.5
    sign = 1 if above else -1
    lowest = np.sort(sign * value[runs.early])
    least = lowest[max(int(MISSED * (len(lowest) + 1)), 1) - 1]
    # A relative margin at 0 would be none, and a check fails a value that equals its cut.
    margin = 1e-4 * (abs(least) or float(np.ptp(lowest)) or 1.0)
    cut = sign * (least - margin)
    return Check(step, signal, ">" if above else "<", float(f"{cut:.5g}"))
