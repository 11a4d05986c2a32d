"""Kaplan-Meier curves of the steps to a landmark, with band and median. No torch."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import CensoredData, ecdf

from grokseed.analysis.dependence import why_no_limits
from grokseed.analysis.early import has_stopped, weights
from grokseed.analysis.weighted_survival import weighted_curve

Landmark = Literal["memorised", "t50", "t98", "completed"]

UNKNOWN = "runs end at their t98 here, so that it is not known when they would be completed"


@dataclass(frozen=True, eq=False)
class Survival:
    """A Kaplan-Meier curve: the share of runs without the event so far.

    Attributes:
        n: runs in all.
        censored: runs that ended before the event.
        times: float64 (events,), steps at which there was an event, rising.
        survival: float64 (events,), share without the event after each time.
        low: float64 (events,), pointwise lower limit of `survival`; NaN where there is none.
        high: float64 (events,), pointwise upper limit of `survival`; NaN where there is none.
        censor_times: float64 (censored,), last steps of the censored runs, rising.
        last: last step at which any run was seen; NaN without runs.
        median: first step at which `survival` is at most a half; NaN where it never is.
        median_low: first step at which `low` is at most a half; NaN where it never is.
        median_high: first step at which `high` is below a half; inf where it never is, and NaN
            where there is no `high`.
    """

    n: int
    censored: int
    times: np.ndarray
    survival: np.ndarray
    low: np.ndarray
    high: np.ndarray
    censor_times: np.ndarray
    last: float
    median: float
    median_low: float
    median_high: float

    def quantile(self, share: float) -> float:
        """The first step by which this share of runs had the event; NaN if not known.

        Raises:
            ValueError: the share does not lie in 0..1.
        """
        if not 0 <= share <= 1:
            raise ValueError(f"a share must lie in 0..1, not {share}")
        return _first(self.times, self.survival <= 1 - share + 1e-12, float("nan"))

    def at(self, steps: ArrayLike) -> np.ndarray:
        """The share without the event after each of `steps`, in their shape."""
        before = np.searchsorted(self.times, steps, side="right")
        return np.concatenate(([1.0], self.survival))[before]


def kaplan_meier(
    times: ArrayLike, reached: ArrayLike, weights: ArrayLike | None = None
) -> Survival:
    """The survival curve of times to an event, some censored, with 95 % band and median.

    The band is pointwise, from Greenwood's variance on the log(-log) scale, so it stays in 0..1:
    Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data (2002), 1.4. When no run
    is left the variance is undefined: the lower limit is 0 and the upper one the last known. The
    median is the first time at which survival is at most a half, and its interval is where the band
    contains a half: Brookmeyer and Crowley, Biometrics 38 (1982), 29. If ties make the whole band
    jump past a half at one time, that time is both limits. With weights the variance is that of
    two-phase sampling, Breslow and Wellner, Scandinavian Journal of Statistics 34 (2007), 86:
    Greenwood's for all runs, plus the variance from sampling those that stand for several. In
    simulations 90 % of the median's 95 % intervals covered it with 15 such runs, and nearly 95 %
    with 50.

    Args:
        times: (runs,), steps to the event, or to the last step of a run without it.
        reached: bool (runs,), whether the time is the event's.
        weights: (runs,), how many runs each stands for, at least 1; by default 1. Runs of equal
            weight above 1 are a random sample of those that they stand for.

    Raises:
        ValueError: shapes that differ, or times that are negative or not finite.
    """
    t = np.asarray(times, np.float64)
    event = np.asarray(reached, bool)
    if t.ndim != 1 or t.shape != event.shape:
        raise ValueError(f"times and reached must be equally long, not {t.shape} and {event.shape}")
    if not np.all(np.isfinite(t) & (t >= 0)):
        raise ValueError("times must be finite and at least 0")
    if weights is None:
        steps, survival, low, high = _curve(t, event)
    else:
        steps, survival, low, high = weighted_curve(t, event, np.asarray(weights, np.float64))
    # Survival is a product of fractions: rounding may put a half one ulp too high.
    half = 0.5 + 1e-12
    return Survival(
        n=len(t),
        censored=int(np.sum(~event)),
        times=steps,
        survival=survival,
        low=low,
        high=high,
        censor_times=np.sort(t[~event]),
        last=float(t.max()) if len(t) else float("nan"),
        median=_first(steps, survival <= half, float("nan")),
        median_low=_first(steps, low <= half, float("nan")),
        median_high=_first(steps, high < 0.5, float("inf")),
    )


def curve_alone(times: np.ndarray, reached: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Every distinct time, rising, and the share of runs without the event after it: the curve of
    `kaplan_meier` without its band, for samples that are drawn by the thousand.

    Args:
        times, reached: as in `kaplan_meier`, not checked.
    """
    steps, inverse, at = np.unique(times, return_inverse=True, return_counts=True)
    at_risk = at[::-1].cumsum()[::-1]
    return steps, np.cumprod(1 - np.bincount(inverse, weights=reached) / at_risk)


def time_to(landmark: Landmark, runs: pd.DataFrame) -> Survival:
    """The survival curve of the steps to a landmark.

    A run that did not reach it is censored at its last step, also if it diverged. Crashed runs have
    no last step and are left out: `n` is the number of runs with one.

    A run that an early verdict stopped before the landmark is left out too, as it was not censored
    at random; the spared runs stand for it, by `early.weights`. If none was spared, all runs are
    censored at the first step at which the verdict stopped such a run, as nothing is known beyond
    it.

    Band and median's interval take the runs as independent. There are none (NaN) where runs share
    seeds or have grafts, see `dependence.why_no_limits`.

    Args:
        landmark: `memorised` (train accuracy of at least 0.99), `t50` or `t98` (first evaluation of
            the whole validation set at such an accuracy), or `completed` (every validation answer
            right).
        runs: one row a run, with columns `<landmark>_step` and `steps`, empty where unknown, and
            those that `dependence.shared_sources` takes.

    Raises:
        ValueError: nothing is known of this landmark, as `known_landmarks` has it.
    """
    curve = _curve_to(landmark, runs)
    if not why_no_limits(runs):
        return curve
    unknown, nan = np.full(len(curve.times), np.nan), float("nan")
    return replace(curve, low=unknown, high=unknown, median_low=nan, median_high=nan)


def observed_times(landmark: Landmark, runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Steps to a landmark, or to the last step of a run that did not reach it, float64 (seen,), and
    whether they are the landmark's, bool (seen,).

    Crashed runs have no last step and are left out.

    Args:
        runs: one row a run, with columns `<landmark>_step` and `steps`, empty where unknown.

    Raises:
        ValueError: as for `time_to`.
    """
    times, event = _times(landmark, runs)
    seen = ~np.isnan(times)
    return times[seen], event[seen]


def known_landmarks(runs: pd.DataFrame) -> list[Landmark]:
    """The landmarks whose times the runs tell.

    Runs that end at their t98 tell nothing of `completed`: those that end soonest are the early
    ones, and censored times of early runs beside seen ones of late runs give a median of late runs.

    Args:
        runs: one row a run, with columns `t98_step`, `completed_step` and `steps`.
    """
    every: list[Landmark] = list(get_args(Landmark))
    if not {"t98_step", "completed_step", "steps"} <= set(runs):
        return every
    t98, steps = numbers(runs, "t98_step"), numbers(runs, "steps")
    ended = (t98 == steps) & np.isnan(numbers(runs, "completed_step"))
    if np.any(steps[ended] < np.nanmax(steps, initial=0)):
        every.remove("completed")
    return every


def _times(landmark: Landmark, runs: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """As `observed_times`, with NaN for crashed runs."""
    if landmark not in known_landmarks(runs):
        raise ValueError(UNKNOWN)
    reached = numbers(runs, f"{landmark}_step")
    event = ~np.isnan(reached)
    return np.where(event, reached, numbers(runs, "steps")), event


def _curve_to(landmark: Landmark, runs: pd.DataFrame) -> Survival:
    times, event = _times(landmark, runs)
    seen = ~np.isnan(times)
    if not has_stopped(runs):
        return kaplan_meier(times[seen], event[seen])
    weight = weights(runs, np.where(event, times, np.nan))
    if weight is None:
        stopped = (runs["status"] == "stopped").to_numpy() & ~event
        until = times[stopped].min()
        return kaplan_meier(np.minimum(times[seen], until), event[seen] & (times[seen] <= until))
    seen &= weight > 0
    return kaplan_meier(times[seen], event[seen], weight[seen])


def numbers(runs: pd.DataFrame, column: str) -> np.ndarray:
    """A column of records as float64 (runs,), NaN for empty cells, whatever type pandas chose."""
    return runs[column].to_numpy(np.float64, na_value=np.nan)


def _curve(t: np.ndarray, event: np.ndarray) -> tuple[np.ndarray, ...]:
    """Event times, survival, lower and upper limit; four empty arrays without an event."""
    if not event.any():
        return tuple(np.empty(0) for _ in range(4))
    curve = ecdf(CensoredData(uncensored=t[event], right=t[~event])).sf
    with warnings.catch_warnings():
        # scipy warns that the band is undefined where survival is 0 or 1: filled in below.
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        band = curve.confidence_interval(0.95, method="log-log")
    steps = np.unique(t[event])
    here = np.searchsorted(curve.quantiles, steps)
    survival = curve.probabilities[here]
    low, high = (np.array(limit.probabilities[here]) for limit in (band.low, band.high))
    none = survival == 0
    low[none], high[none] = 0, 1 if none.all() else high[~none][-1]
    return steps, survival, low, high


def _first(steps: np.ndarray, here: np.ndarray, otherwise: float) -> float:
    return float(steps[np.argmax(here)]) if here.any() else otherwise
