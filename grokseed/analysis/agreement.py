"""How often two trainings of the same runs agree where their bits may differ. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from grokseed.analysis.rates import Rate, rate

LANDMARKS = ("memorised_step", "t50_step", "t98_step", "completed_step")


def agreement(
    there: pd.DataFrame, here: pd.DataFrame, names: Sequence[str] = ("class", *LANDMARKS)
) -> dict[str, Rate]:
    """For each column, the share of runs with the same value. Two empty values are the same.

    Args:
        there, here: two tables of the same runs in the same order, a row a run.
        names: of columns. A column that is empty in all of `there` is left out: it may not have
            been recorded.

    Raises:
        ValueError: the tables have different numbers of runs.
    """
    if len(there) != len(here):
        raise ValueError(f"{len(there)} runs cannot be compared with {len(here)}")
    found = {}
    for name in names:
        ours, theirs = pd.Series(there.get(name, [])), pd.Series(here.get(name, []))
        if ours.isna().all():
            continue
        missing = zip(ours.isna(), theirs.isna(), strict=True)
        values = zip(ours.to_list(), theirs.to_list(), strict=True)
        same = sum(a == b or all(gone) for (a, b), gone in zip(values, missing, strict=True))
        found[name] = rate(same, len(there))
    return found
