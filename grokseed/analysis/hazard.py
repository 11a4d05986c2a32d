"""Cox's hazard ratio of two sets of runs, and the log-rank test. Both ignore which runs match."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import CensoredData, chi2, logrank

from grokseed.analysis.paired import LEVEL, Arms
from grokseed.analysis.profile import root

FURTHEST = 20.0
"""A log hazard ratio beyond this counts as infinite: all events of one set came first."""


@dataclass(frozen=True)
class Hazard:
    """The rate at which runs of B reach the landmark, per run that has not, over the rate of A.

    Attributes:
        ratio: above 1, B is sooner; infinite or 0 if the likelihood has no maximum. All is NaN if
            one set had ended before the first event of the other.
        low, high: its interval, from the likelihood ratio; NaN where runs share seeds.
        p: of the log-rank test, two-sided; NaN where runs share seeds.
    """

    ratio: float
    low: float
    high: float
    p: float


def hazard(arms: Arms) -> Hazard:
    """Cox's proportional hazards with one covariate, whether a run is B's, ties by Efron.

    Every run counts as independent of all others. If matched runs are similar, the interval is
    wider and the p-value larger than a matched analysis would give. If runs of a set share seeds,
    both would be too small, and there are none.

    Source: Cox, J. R. Stat. Soc. B 34 (1972), 187; Efron, J. Am. Stat. Assoc. 72 (1977), 557.

    Raises:
        ValueError: no run reached the landmark.
    """
    if not sum(arms.events):
        raise ValueError("no run reached the landmark")
    counts = _counts(arms)
    if not np.any((counts[0] > 0) & (counts[1] > 0)):
        return Hazard(*[np.nan] * 4)
    top = _root(lambda beta: _score(beta, counts))
    most = _log_likelihood(top, counts)
    limit = chi2.ppf(LEVEL, 1)

    def short(beta: float) -> float:
        return float(2 * (most - _log_likelihood(beta, counts)) - limit)

    edges = (-FURTHEST, FURTHEST)
    low, high = (edge if short(edge) <= 0 else root(short, top, edge) for edge in edges)
    ratios = [
        0.0 if x <= edges[0] else np.inf if x >= edges[1] else np.exp(x) for x in (top, low, high)
    ]
    found = Hazard(*map(float, ratios), p=_log_rank(arms))
    return replace(found, low=np.nan, high=np.nan, p=np.nan) if arms.shared else found


def _counts(arms: Arms) -> tuple[np.ndarray, ...]:
    """For each event in order of time (events,): runs at risk of A and B at its step, events of A
    and B at that step, and the share of those that come before it among ties."""
    ran_a, ran_b = ~np.isnan(arms.a), ~np.isnan(arms.b)
    at = np.concatenate([arms.a[arms.a_reached], arms.b[arms.b_reached]])
    steps, ties = np.unique(at, return_counts=True)
    risk, events = [], []
    for time, reached in (
        (arms.a[ran_a], arms.a_reached[ran_a]),
        (arms.b[ran_b], arms.b_reached[ran_b]),
    ):
        risk.append(len(time) - np.searchsorted(np.sort(time), steps, "left"))
        events.append([int(np.sum(time[reached] == step)) for step in steps])
    share = np.concatenate([np.arange(k) / k for k in ties])
    return (*(np.repeat(column, ties) for column in (*risk, *events)), share)


def _log_likelihood(beta: float, counts: tuple[np.ndarray, ...]) -> float:
    risk_a, risk_b, events_a, events_b, share = counts
    total = risk_a - share * events_a + np.exp(beta) * (risk_b - share * events_b)
    return float(np.sum(beta * events_b / (events_a + events_b) - np.log(total)))


def _score(beta: float, counts: tuple[np.ndarray, ...]) -> float:
    risk_a, risk_b, events_a, events_b, share = counts
    b = np.exp(beta) * (risk_b - share * events_b)
    total = risk_a - share * events_a + b
    return float(np.sum(events_b / (events_a + events_b) - b / total))


def _root(score: Callable[[float], float]) -> float:
    if score(-FURTHEST) <= 0:
        return -FURTHEST
    return FURTHEST if score(FURTHEST) >= 0 else root(score, -FURTHEST, FURTHEST)


def _log_rank(arms: Arms) -> float:
    samples = []
    for time, reached in ((arms.a, arms.a_reached), (arms.b, arms.b_reached)):
        ran = ~np.isnan(time)
        samples.append(CensoredData.right_censored(time[ran], ~reached[ran]))
    return float(logrank(*samples).pvalue)
