"""Is a search for a lucky seed worth its steps? Restarts, and several runs side by side. No torch.

To restart is to abandon a run at some step and start the next seed. The time to the landmark is
then the run time of a Las Vegas algorithm, for which one fixed step to abandon at is best (Luby,
Sinclair and Zuckerman, Information Processing Letters 47 (1993), 173).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from grokseed.analysis.survival import Survival, curve_alone, kaplan_meier

DRAWS = 1000


@dataclass(frozen=True)
class Gain:
    """Expected steps of plain runs over those of a search; above 1 the search is worth it.

    Attributes:
        n: runs that the curve is of.
        best: step to abandon runs at, or number of runs side by side, with the fewest expected
            steps.
        plain: expected steps until a run reaches the landmark if runs are abandoned only at the
            last step that any was seen.
        searched: the same with `best`.
        gain: `plain` over `searched`.
        low: lower limit of the gain.
        high: upper limit of the gain.
    """

    n: int
    best: float
    plain: float
    searched: float
    gain: float
    low: float
    high: float


def expected_steps(curve: Survival) -> tuple[np.ndarray, np.ndarray]:
    """Expected steps until a run reaches its landmark, for every step at which to abandon.

    With T a run's time and c the step at which it is abandoned, this is E[min(T, c)] / P(T <= c);
    the numerator is the area under the survival curve up to c (Luby, Sinclair and Zuckerman, eq.
    1). Between two events only the area grows, so only events need to be tried.

    Returns:
        The steps at which there was an event, float64 (events,), and the expectation there. If runs
        are seen after the last event, the last step seen is the last entry.

    Raises:
        ValueError: no run reached the landmark.
    """
    if not len(curve.times):
        raise ValueError("no run reached the landmark: nothing is known about restarts")
    cutoffs, reached = curve.times, 1 - curve.survival
    if curve.last > cutoffs[-1]:
        cutoffs, reached = np.append(cutoffs, curve.last), np.append(reached, reached[-1])
    return cutoffs, area(curve, cutoffs, 1) / reached


def best_restart(times: ArrayLike, reached: ArrayLike, draws: int = DRAWS) -> Gain:
    """The gain of restarts at the best step, with a percentile interval by bootstrap over runs.

    The best step is chosen and judged on the same runs, again in every draw. So the gain is at
    least 1 and biased upwards: a small upper limit is conclusive, a small gain is not.

    Args:
        times: (runs,), steps to the landmark, or to the last step of a run that did not reach it.
        reached: bool (runs,), whether the time is the landmark's.
        draws: bootstrap samples.

    Raises:
        ValueError: no run reached the landmark.
    """
    curve = kaplan_meier(times, reached)
    cutoffs, steps = expected_steps(curve)
    best = int(np.argmin(steps))
    gains = _gains(times, reached, draws, _restarted)
    low, high = _limits(gains)
    gain = float(steps[-1] / steps[best])
    return Gain(
        curve.n, float(cutoffs[best]), float(steps[-1]), float(steps[best]), gain, low, high
    )


def judged_restart(
    times: ArrayLike,
    reached: ArrayLike,
    passes: ArrayLike,
    step: float,
    draws: int = DRAWS,
    runs: int = 1,
) -> Gain:
    """The gain of restarting the runs that fail a check, with a percentile interval by bootstrap.

    A run that fails is abandoned at the check's step, unless it reached the landmark before; one
    that passes goes on to its end, and is abandoned there if it did not reach the landmark. Several
    runs may start side by side: then all end when the first reaches the landmark, and where none
    does, as many start again. With L(u) the share of runs that are still trained at step u, and
    G(u) the share that have not reached the landmark by then as runs that are kept, k runs take k
    times the integral of L G^(k - 1), and one of them reaches it with probability 1 - G^k at the
    end; the expected steps are the first over the second (Wald's identity). `plain` is the same of
    single runs without the check, `best` the step. The rule must come from other runs; nothing is
    chosen here, so the gain may be below 1.

    Args:
        times, reached, draws: as `best_restart`'s.
        passes: bool (runs,), whether each run passes the check.
        step: of the check.
        runs: how many start together.

    Raises:
        ValueError: no run reached the landmark, or fewer than one run starts.
    """
    t, event, good = np.asarray(times, np.float64), np.asarray(reached, bool), np.asarray(passes)
    if not event.any():
        raise ValueError("no run reached the landmark: nothing is known about restarts")
    if runs < 1:
        raise ValueError(f"at least one run must be trained, not {runs}")
    ends = ~good.astype(bool) & (t > step)
    life, kept = np.where(ends, step, t), event & ~ends

    def steps(some: np.ndarray) -> tuple[float, float]:
        with np.errstate(divide="ignore"):
            searched = _first_kept(life[some], kept[some], runs)
        return float(t[some].sum() / event[some].sum()), searched

    plain, searched = steps(np.arange(len(t)))
    random = np.random.default_rng(0)
    drawn = (random.integers(len(t), size=len(t)) for _ in range(draws))
    gains = [np.divide(*steps(some)) for some in drawn if event[some].any()]
    return Gain(len(t), step, plain, searched, plain / searched, *_limits(np.array(gains)))


def _first_kept(life: np.ndarray, kept: np.ndarray, runs: int) -> float:
    """Expected steps until one of several runs, started again and again, is kept to its landmark;
    infinite if none ever is.

    Args:
        life: (runs,), steps at which each run ends.
        kept: bool (runs,), whether it ends at the landmark.
    """
    order = np.argsort(life, kind="stable")
    n, wide = len(life), np.diff(life[order], prepend=0.0)
    trained = 1 - np.arange(n) / n  # before each end
    none = 1 - np.cumsum(kept[order]) / n
    before = np.concatenate(([1.0], none[:-1]))
    spent = runs * np.sum(wide * trained * before ** (runs - 1))
    return float(spent / np.float64(1 - none[-1] ** runs))


def side_by_side(curve: Survival, runs: int) -> float:
    """Expected total steps of several runs until the first of them reaches its landmark.

    The first of k is later than t with probability S(t)^k, and k runs take k times its steps: k
    times the area under S^k. With censored runs the area ends at the last step seen, as if the
    first run reached the landmark there.

    Raises:
        ValueError: fewer than one run.
    """
    if runs < 1:
        raise ValueError(f"at least one run must be trained, not {runs}")
    return runs * float(area(curve, np.array([curve.last]), runs)[0])


def best_of(times: ArrayLike, reached: ArrayLike, runs: int, draws: int = DRAWS) -> Gain:
    """The gain of training several runs side by side, in total steps, with a bootstrap interval.

    As `side_by_side`; `plain` is one run alone, `best` the number of runs.

    Args:
        times, reached, draws: as `best_restart`'s.
        runs: how many start together.

    Raises:
        ValueError: fewer than one run, or none that reached the landmark.
    """
    curve = kaplan_meier(times, reached)
    if not len(curve.times):
        raise ValueError("no run reached the landmark: nothing is known about the first of some")
    plain, searched = side_by_side(curve, 1), side_by_side(curve, runs)

    def gain(t: np.ndarray, event: np.ndarray) -> float:
        steps, survival = curve_alone(t, event)
        before = np.concatenate(([1.0], survival[:-1]))
        wide = np.diff(steps, prepend=0.0)
        return float(np.sum(before * wide) / (runs * np.sum(before**runs * wide)))

    low, high = _limits(_gains(times, reached, draws, gain))
    return Gain(curve.n, runs, plain, searched, plain / searched, low, high)


def area(curve: Survival, until: np.ndarray, power: int) -> np.ndarray:
    """Area under a power of the curve, from 0 to each step of `until`, which is in rising order."""
    knots = np.concatenate(([0.0], curve.times))
    heights = np.concatenate(([1.0], curve.survival)) ** power
    areas = np.concatenate(([0.0], np.cumsum(heights[:-1] * np.diff(knots))))
    last = np.searchsorted(knots, until, side="right") - 1
    return areas[last] + heights[last] * (until - knots[last])


def _gains(
    times: ArrayLike,
    reached: ArrayLike,
    draws: int,
    gain: Callable[[np.ndarray, np.ndarray], float],
) -> np.ndarray:
    """The gain in bootstrap samples of runs, without samples in which no run reaches the
    landmark."""
    t, event = np.asarray(times, np.float64), np.asarray(reached, bool)
    random = np.random.default_rng(0)
    drawn = (random.integers(len(t), size=len(t)) for _ in range(draws))
    return np.array([gain(t[some], event[some]) for some in drawn if event[some].any()])


def _limits(gains: np.ndarray) -> tuple[float, float]:
    low, high = np.quantile(gains, [0.025, 0.975])
    return float(low), float(high)


def _restarted(times: np.ndarray, reached: np.ndarray) -> float:
    steps = _quick(times, reached)
    return float(steps[-1] / steps.min())


def _quick(times: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """`expected_steps` of runs at every distinct time, from the curve without its band."""
    steps, survival = curve_alone(times, reached)
    before = np.concatenate(([1.0], survival[:-1]))
    area = np.cumsum(before * np.diff(steps, prepend=0.0))
    there = survival < 1
    return area[there] / (1 - survival[there])
