"""Whether times of several sets of runs show any luck, of which limits could be made. No torch."""

from __future__ import annotations

import numpy as np

NEAR = 1e-9
"""Logs of times that are no further apart are equal."""


def varies(times: np.ndarray, reached: np.ndarray) -> bool:
    """Whether times vary by more than the sets and seeds.

    They do not if all times of a set are equal, in each set; nor if seeds with several runs all
    have the same ratios between sets. A fit would then have limits of width zero, which say that
    luck is known to be nothing. A run that ended before it was due agrees with that.

    Args:
        times: float64 (seeds, sets), steps to a landmark, or to the last step of a run that did not
            reach it; NaN where there is no run.
        reached: bool (seeds, sets), whether the time is the landmark's.

    Returns:
        True also where times are too few to tell.
    """
    ran = ~np.isnan(times)
    logs, censored = np.log(np.where(ran, times, 1.0)), ran & ~reached
    several = ran.sum(axis=1) > 1
    together = np.zeros(len(times), int)
    return not (
        _are_sums(logs, reached, censored, together)
        or _are_sums(logs[several], reached[several], censored[several], np.arange(several.sum()))
    )


def _are_sums(
    logs: np.ndarray, reached: np.ndarray, censored: np.ndarray, group: np.ndarray
) -> bool:
    """Whether logs of times are a number of the row's group plus one of the column."""
    row, column = np.nonzero(reached)
    if len(row) < 2:
        return False
    # The groups' numbers are eliminated: they are as many as seeds.
    own, both = group[row], np.column_stack([np.eye(logs.shape[1])[column], logs[reached]])
    sums = np.zeros((group.max() + 1, both.shape[1]))
    np.add.at(sums, own, both)
    means = sums / np.maximum(np.bincount(own, minlength=len(sums)), 1)[:, None]
    within = both - means[own]
    of_sets, _, rank, _ = np.linalg.lstsq(within[:, :-1], within[:, -1])
    if len(row) - len(np.unique(own)) - rank < 1:
        return False
    if np.abs(within[:, -1] - within[:, :-1] @ of_sets).max() > NEAR:
        return False
    due = (means[:, -1] - means[:, :-1] @ of_sets)[group][:, None] + of_sets
    known = censored & np.isin(group, own)[:, None] & reached.any(axis=0)
    return not np.any(logs[known] > due[known] + NEAR)
