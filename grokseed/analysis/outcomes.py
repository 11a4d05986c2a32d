"""Each run's time to a landmark, and whether it got there, to rank and compare runs. No torch."""

from __future__ import annotations

import numpy as np
import pandas as pd

from grokseed.analysis.early import has_stopped
from grokseed.analysis.survival import UNKNOWN, Landmark, known_landmarks, numbers
from grokseed.seeds import STREAMS


def outcome(runs: pd.DataFrame, landmark: Landmark) -> pd.DataFrame:
    """Each run's `time` in steps and whether it `reached` the landmark, indexed by its four seeds.

    A run that did not is censored at its last step, also if it diverged. Crashed runs are left out.
    A time may be 0: a run may have the accuracy of a landmark before its first step.

    Raises:
        ValueError: the table lacks the landmark's column, has the same seeds twice, or holds runs
            that an early verdict stopped, or that ended at a landmark before this one: these were
            not censored by chance.
    """
    if has_stopped(runs):
        n = int(np.sum(runs["status"] == "stopped"))
        raise ValueError(
            f"--keep stopped {n:,} of {len(runs):,} runs that looked slow. Their times are not "
            "known, and the rest are too early a sample to rank or compare; the same scan without "
            "--keep trains them to the end"
        )
    if f"{landmark}_step" not in runs:
        raise ValueError(f"the table of runs has no column {landmark}_step")
    if landmark not in known_landmarks(runs):
        raise ValueError(UNKNOWN)
    step = numbers(runs, f"{landmark}_step")
    reached = ~np.isnan(step)
    seeds = runs[[f"{stream}_seed" for stream in STREAMS]]
    found = seeds.assign(time=np.where(reached, step, numbers(runs, "steps")), reached=reached)
    found = found[found["time"].notna()].set_index(list(seeds.columns))
    if found.index.has_duplicates:
        raise ValueError("two runs have the same four seeds")
    return found


def with_logarithms(found: pd.DataFrame, first: float) -> pd.DataFrame:
    """A table of `outcome` with half of the first evaluation step in place of a time of 0, which
    has no logarithm: all that is known is that the run was there before that step.

    Args:
        first: the first step after 0 at which runs are evaluated.
    """
    return found.assign(time=found["time"].where(found["time"] > 0, first / 2))


def check_logarithms(times: np.ndarray) -> None:
    """Raise ValueError if a time has no logarithm."""
    if np.any(times <= 0):
        raise ValueError("a time of 0 has no logarithm: see with_logarithms")
