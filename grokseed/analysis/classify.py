"""Records to super, fast or normal, by one of two rules. A class is derived, never stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pandas as pd

from grokseed.analysis.dependence import share_of, why_no_limits
from grokseed.analysis.early import has_stopped, share
from grokseed.analysis.rates import Rate
from grokseed.analysis.survival import numbers, time_to

Rule = Literal["screen", "speedup"]
CLASSES = ("super", "fast", "normal")
SUPER, FAST, NORMAL, UNKNOWN = 0, 1, 2, -1

LEAST_RUNS = 20
"""The speedup rule needs this many runs: in a scan of one known winner it would be its own
median."""


@dataclass(frozen=True)
class Thresholds:
    """The limits between the classes.

    Args:
        super_accuracy: screen: validation accuracy above this is super.
        normal_accuracy: screen: validation accuracy below this is normal.
        super_speedup: speedup: at least this many times sooner than the median is super.
        fast_speedup: speedup: at least this many times sooner than the median is fast.

    Raises:
        ValueError: cuts out of order or out of range.
    """

    super_accuracy: float = 0.98
    normal_accuracy: float = 0.25
    super_speedup: float = 3.0
    fast_speedup: float = 1.5

    def __post_init__(self) -> None:
        if not 0 <= self.normal_accuracy <= self.super_accuracy <= 1:
            raise ValueError(
                "thresholds must have 0 <= normal_accuracy <= super_accuracy <= 1, not "
                f"{self.normal_accuracy} and {self.super_accuracy}"
            )
        if not 1 <= self.fast_speedup <= self.super_speedup < float("inf"):
            raise ValueError(
                "thresholds must have 1 <= fast_speedup <= super_speedup, not "
                f"{self.fast_speedup} and {self.super_speedup}"
            )


DIARY = Thresholds()


def classify(
    runs: pd.DataFrame, rule: Rule, thresholds: Thresholds = DIARY, least_runs: int = LEAST_RUNS
) -> pd.Series:
    """The class of every run, empty for a run that crashed, diverged or cannot be decided.

    `screen`: the whole validation set's accuracy at the screen step. A run that ended before that
    step is super if it had reached t98, and undecided if not. A run that an early verdict stopped
    after that step has its class; all others that were stopped have none.

    `speedup`: the scan's own Kaplan-Meier median of t98 over the run's t98. A run censored at
    step c reaches t98 after c, so it is normal once median / c is no more than
    `fast_speedup`, and undecided before. If the median is not reached, it lies beyond the last step
    seen: a run is super if that step is already `super_speedup` times its time, and all others are
    undecided. With fewer than `least_runs` runs all are undecided.

    Args:
        runs: one row a run, with columns `status`, `steps`, `t98_step` and
            `screen_val_accuracy`, empty where unknown.

    Returns:
        An ordered categorical named `class` over `CLASSES`, with the index of `runs`.

    Raises:
        ValueError: no such rule.
    """
    if rule not in get_args(Rule):
        raise ValueError(f"rule must be one of {', '.join(get_args(Rule))}, not {rule!r}")
    if rule == "screen":
        codes = _screen(runs, thresholds)
    elif len(runs) >= least_runs:
        codes = _speedup(runs, thresholds)
    else:
        codes = np.full(len(runs), UNKNOWN)
    status = runs["status"].to_numpy(object)
    known = status == "done"
    if rule == "screen":
        known |= (status == "stopped") & ~np.isnan(numbers(runs, "screen_val_accuracy"))
    codes[~known] = UNKNOWN
    classes = pd.Categorical.from_codes(codes, categories=list(CLASSES), ordered=True)
    return pd.Series(classes, index=runs.index, name="class")


def counts(runs: pd.DataFrame, classes: pd.Series, excluded: Collection[int] = ()) -> pd.DataFrame:
    """The number of runs of each class, and their shares of the completed runs with limits.

    The limits are exact. Where runs share seeds they are over those seeds, or there are none, see
    `dependence.share_of`.

    Undecided runs stay in the denominator, so that a class's share is a lower bound if there are
    any. Diverged and crashed runs are counted but are in no share. For runs that an early verdict
    stopped before they had a class the spared runs stand in the shares, see `early.share`.

    Args:
        runs: one row a run, with column `status`.
        classes: what `classify` gave for them.
        excluded: model seeds that were chosen by hand. They are no random sample, so no rate counts
            them. `runs` then needs a column `model_seed`.

    Returns:
        Rows super, fast, normal, undecided, diverged, crashed and, where there are any, stopped;
        columns `n` (runs), `share`, `low` and `high` (shares; NaN for those after undecided).
    """
    runs = without(runs, excluded)
    classes = classes.loc[runs.index]
    status = runs["status"].to_numpy(object)
    label = classes.astype(object).where(classes.notna(), "undecided").to_numpy()
    rows = {}
    # Runs that were stopped later than their class was read are known, as done ones are.
    status = np.where((status == "stopped") & (label != "undecided"), "done", status)
    known = runs.assign(status=status)
    stopped = has_stopped(known)
    for name in (*CLASSES, "undecided"):
        exact = share_in_class(known, label == name)
        rows[name] = (exact.k, exact.share, exact.low, exact.high)
    for name in ("diverged", "crashed", *(["stopped"] if stopped else [])):
        rows[name] = (int(np.sum(status == name)), np.nan, np.nan, np.nan)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["n", "share", "low", "high"])
    return table.rename_axis("class")


def share_in_class(runs: pd.DataFrame, member: np.ndarray) -> Rate:
    """The share of completed runs that are in some classes, with the limits of `counts`.

    Where an early verdict stopped runs, it is the share of completed and stopped ones, as
    `early.share` has it. A stopped run of a known class counts as stopped here, see `counts`.

    Args:
        runs: one row a run, with column `status`.
        member: bool (runs,), whether a run is known to be in one of the classes.

    Returns:
        `k` runs seen in the classes, of `n`. With stopped runs the share is not k / n.
    """
    if not has_stopped(runs):
        done = runs["status"].to_numpy(object) == "done"
        return share_of(member[done], runs.loc[done])
    found = share(runs, member)
    return replace(found, low=np.nan, high=np.nan) if why_no_limits(runs) else found


def without(runs: pd.DataFrame, excluded: Collection[int]) -> pd.DataFrame:
    """The runs whose model seeds were not chosen by hand; only these are a random sample.

    Args:
        runs: one row a run, with column `model_seed` if any seed is excluded.
        excluded: the model seeds that were.
    """
    return runs.loc[~runs["model_seed"].isin(list(excluded))] if excluded else runs


def _screen(runs: pd.DataFrame, cut: Thresholds) -> np.ndarray:
    accuracy = numbers(runs, "screen_val_accuracy")
    read = ~np.isnan(accuracy)
    reached = ~np.isnan(numbers(runs, "t98_step"))
    return np.select(
        [
            (accuracy > cut.super_accuracy) | (~read & reached),
            accuracy < cut.normal_accuracy,
            read,
        ],
        [SUPER, NORMAL, FAST],
        UNKNOWN,
    )


def _speedup(runs: pd.DataFrame, cut: Thresholds) -> np.ndarray:
    curve = time_to("t98", runs)
    time, steps = numbers(runs, "t98_step"), numbers(runs, "steps")
    if np.isnan(curve.median):
        return np.where(curve.last >= cut.super_speedup * time, SUPER, UNKNOWN)
    return np.select(
        [
            curve.median >= cut.super_speedup * time,
            curve.median >= cut.fast_speedup * time,
            ~np.isnan(time) | (curve.median <= cut.fast_speedup * steps),
        ],
        [SUPER, FAST, NORMAL],
        UNKNOWN,
    )
