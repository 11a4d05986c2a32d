"""How often two trainings of the same runs agree where their bits may differ. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from grokseed.analysis.rates import Rate, rate

LANDMARKS = ("memorised_step", "t50_step", "t98_step", "completed_step")


def agreement(
    there: pd.DataFrame, here: pd.DataFrame, names: Sequence[str] = ("class", *LANDMARKS)
) -> dict[str, Rate]:
    """For each column, the share of runs with the same value, empty in both among these.

    Args:
        there, here: the same runs in the same order, a row a run.
        names: of columns; those that are empty in all of `there` are left out, as nobody may have
            looked.

    Raises:
        ValueError: unlike numbers of runs.
    """
    if len(there) != len(here):
        raise ValueError(f"{len(there)} runs cannot be compared with {len(here)}")
    found = {}
    for name in names:
        if name not in there or there[name].isna().all():
            continue
        a, b = (table[name].astype(object).reset_index(drop=True) for table in (there, here))
        same = (a == b) | (a.isna() & b.isna())
        found[name] = rate(int(same.sum()), len(there))
    return found
