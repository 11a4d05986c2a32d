"""The value of a run's signal at a step, between the points of the run that git keeps.

Git keeps about 40 points a run (`grokseed/records/points.py`). So in runs that end at t98 they are
the further apart the longer the run, and a value before step 1,000 carries the run's length with
it, by whichever function. The rank correlation of the norm with t98 over the 300 runs of
results/mini_generalise shows how much: at step 620 it is 0.04 on a line and 0.03 on a curve, and
0.18 where all points are there; at step 1,000 it is 0.10 and 0.16, and 0.16 with all points.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.interpolate import PchipInterpolator


def points_of(runs: pd.DataFrame, trajectories: pd.DataFrame) -> list[pd.DataFrame]:
    """Each run's points, in the order of the runs.

    Args:
        runs: indexed by a run's number.
        trajectories: a row a point, with the number as `run`.

    Raises:
        KeyError: a run has no points.
    """
    by_run = dict(iter(trajectories.groupby("run")))
    return [by_run[number] for number in runs.index]


def on_line(points: Mapping | pd.DataFrame, signal: str, steps: ArrayLike) -> np.ndarray:
    """A signal at some steps, float64 in their shape, on straight lines between a run's points.

    Before its first point it is that point's value, after its last point that one's. A line lies
    below a signal that rises ever more slowly, such as the norm, the more so the longer the run:
    see above for how much.

    Args:
        points: rising `step`, and the signal; NaN at the points where it has no value.
    """
    return np.interp(np.asarray(steps, np.float64), points["step"], points[signal])


def at_step(signal: str, step: int, runs: pd.DataFrame, trajectories: pd.DataFrame) -> np.ndarray:
    """A signal of every run at a step, float64 (runs,), on lines; its last value in a run that
    ended before.

    Args:
        runs, trajectories: as `points_of` takes them.
    """
    own = points_of(runs, trajectories)
    return np.array([float(on_line(points, signal, step)) for points in own])


def on_curve(points: pd.DataFrame, signal: str, steps: ArrayLike) -> np.ndarray:
    """A signal at some steps, float64 in their shape, on a cubic curve through a run's points; NaN
    outside of them and at a step that is NaN.

    The curve keeps their rises and falls (Fritsch and Carlson, SIAM Journal on Numerical Analysis
    17 (1980), 238), so that it is nearer to a bent signal than lines are. Where the points of slow
    runs are further apart than the signal takes to bend, before step 1,000, it helps no more than
    they do: see above.

    Args:
        points: rising `step`, and the signal; points where that is NaN are left out.
    """
    at = np.asarray(steps, np.float64)
    step, value = points["step"].to_numpy(), points[signal].to_numpy()
    there = ~np.isnan(value)
    if there.sum() < 2 or np.isnan(at).all():
        return np.full(at.shape, np.nan)
    return PchipInterpolator(step[there], value[there], extrapolate=False)(at)
