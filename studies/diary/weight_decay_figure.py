"""The figure of studies/weight_decay.py, and what its table says of each value, in words."""

from collections.abc import Collection
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from grokseed.analysis.rates import rate
from grokseed.figures.rows import Row, rows_with_intervals


def against(found: pd.DataFrame, own: float) -> str:
    """With which values runs are sooner or later than with `own` after Holm, and with which none
    arrived.

    Args:
        found: as `weight_decay.table` gives it.
        own: the value that the others are compared with.
    """
    rows = found.loc[found["weight_decay"] != own]
    sets = {
        f"sooner than with {own:g}": (rows["ratio"] < 1) & (rows["p_holm"] < 0.05),
        f"later than with {own:g}": (rows["ratio"] > 1) & (rows["p_holm"] < 0.05),
        "at t98 in no run": rows["reached"] == 0,
    }
    named = {
        what: ", ".join(f"{value:g}" for value in rows.loc[here, "weight_decay"])
        for what, here in sets.items()
    }
    return "; ".join(f"{what}: {values}" for what, values in named.items() if values)


def soonest(found: pd.DataFrame) -> dict[str, Any] | None:
    """The row with the soonest median of those at which all runs reach t98; None if there is none.

    Args:
        found: as `weight_decay.table` gives it.
    """
    whole = found.loc[found["reached"] == found["n"]]
    return whole.loc[whole["median"].idxmin()].to_dict() if len(whole) else None


def ends(found: pd.DataFrame, left_out: Collection[float]) -> dict[str, Any]:
    """Between which values the `trend` lies, the `soonest` row as `best`, and the share of runs
    that reach t98 `without` any.

    Args:
        found: as `weight_decay.table` gives it.
        left_out: values that are not in the trend.
    """
    values = [v for v in found["weight_decay"] if v and v not in left_out]
    without = found.loc[found["weight_decay"] == 0]
    share = rate(*map(int, without.iloc[0][["reached", "n"]])) if len(without) else None
    return {"trend": values, "best": soonest(found), "without": share}


def times(found: pd.DataFrame, values: int, own: float, last: tuple[int, int]) -> Figure:
    """Median steps to t98 by weight decay.

    Args:
        found: as `weight_decay.table` gives it.
        values: how many there will be.
        own: the value that the others are compared with.
        last: the last step of a run with weight decay, and of one without any.
    """
    rows = [
        Row(
            f"{r['weight_decay']:g} ({r['reached']} of {r['n']} at t98)",
            *(r[name] for name in ("median", "median_low", "median_high")),
            missing="less than half at t98" if 2 * r["reached"] < r["n"] else "not known yet",
        )
        for r in found.to_dict("records")
    ]
    what = "What weight decay does to the steps to t98 is not known yet"
    if said := against(found, own):
        what = f"Weight decay: {said}"
    title = (
        f"mini, {len(found)} of {values} values, {sum(found['n'])} runs to step {last[0]:,}; at 0 "
        f"to step {last[1]:,}"
    )
    axis = "median steps to t98, Kaplan-Meier (log scale)"
    return rows_with_intervals(what, title, rows, axis, log=True)
